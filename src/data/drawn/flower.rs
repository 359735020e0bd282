//! A flower: petals around a middle, with light on them.

use super::arithmetic::{decay, floor, mix, sin_cos, step, turns};
use super::canvas::{Canvas, Frame};
use super::colour::{Light, blend, lifted, scaled};
use super::petal::{Petal, Place};
use super::species::Pattern;

/// A flower as it stands in a scene.
#[derive(Clone, Debug)]
pub(super) struct Flower {
    /// Its middle, in shares of the side.
    pub(super) centre: [f32; 2],
    /// From the middle to the tip of a petal of length 1, in shares of the side.
    pub(super) radius: f32,
    /// Direction of the first petal's axis, in turns from +x towards +y.
    pub(super) turn: f32,
    /// It is seen from aside: shorter by `squeeze` along `tilt`.
    pub(super) squeeze: f32,
    pub(super) tilt: [f32; 2],
    /// Petals of the upper whorl, evenly around.
    pub(super) petals: Vec<Petal>,
    /// Those of the lower whorl, if there is one; they lie between the upper ones.
    pub(super) lower: Vec<Petal>,
    pub(super) paint: Paint,
    pub(super) middle: Middle,
    /// Out of focus by this much, in shares of the side.
    pub(super) soft: f32,
}

/// The paint of its petals.
#[derive(Clone, Debug)]
pub(super) struct Paint {
    pub(super) main: Light,
    pub(super) second: Option<(Pattern, Light)>,
    pub(super) dome: f32,
    pub(super) veins: f32,
}

/// The middle of a flower: a dome or a hollow, and dots on threads.
#[derive(Clone, Debug)]
pub(super) struct Middle {
    pub(super) radius: f32,
    pub(super) light: Light,
    pub(super) hollow: bool,
    pub(super) dots: Vec<Dot>,
}

/// A floret or an anther, in units of the flower's radius.
#[derive(Clone, Debug)]
pub(super) struct Dot {
    pub(super) at: [f32; 2],
    pub(super) size: f32,
    pub(super) light: Light,
    /// The light of the thread that bears it.
    pub(super) thread: Option<Light>,
}

impl Flower {
    /// A place of the picture in the flower's own units, seen from straight above.
    fn local(&self, x: f32, y: f32) -> [f32; 2] {
        let (dx, dy) = ((x - self.centre[0]) / self.radius, (y - self.centre[1]) / self.radius);
        let stretch = (dx * self.tilt[0] + dy * self.tilt[1]) * (1.0 / self.squeeze - 1.0);
        [dx + stretch * self.tilt[0], dy + stretch * self.tilt[1]]
    }

    /// The other way round.
    fn placed(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let shrink = (x * self.tilt[0] + y * self.tilt[1]) * (self.squeeze - 1.0);
        [
            self.centre[0] + self.radius * (x + shrink * self.tilt[0]),
            self.centre[1] + self.radius * (y + shrink * self.tilt[1]),
        ]
    }

    /// Darkens what lies beneath.
    pub(super) fn shadow(&self, canvas: &mut Canvas, sun: [f32; 3], strength: f32) {
        let offset =
            [self.centre[0] - 0.2 * self.radius * sun[0], self.centre[1] + self.radius * (0.16 - 0.12 * sun[1])];
        let reach = 1.3 * self.radius;
        canvas.paint(Frame::around(offset, reach), |x, y, light| {
            let (dx, dy) = ((x - offset[0]) / self.radius, (y - offset[1]) / self.radius);
            let r = (dx * dx + dy * dy).sqrt();
            *light = scaled(*light, 1.0 - strength * step(1.28, 0.55, r));
        });
    }

    /// Paints the flower and labels its pixels.
    pub(super) fn draw(&self, canvas: &mut Canvas, label: u8, sun: [f32; 3]) {
        let pixel = canvas.pixel / self.radius;
        let view = View { pixel, half: 0.5 * pixel + self.soft / self.radius, sun };
        let reach = 1.22 + view.half;
        canvas.label(Frame::around(self.centre, reach * self.radius), label, |x, y, light| {
            let at = self.local(x, y);
            let r2 = at[0] * at[0] + at[1] * at[1];
            if r2 > reach * reach {
                return false;
            }
            let mut over = Over { light: [0.0; 3], share: 0.0 };
            let angle = turns(at[1], at[0]) - self.turn;
            if !self.lower.is_empty() {
                self.whorl(&self.lower, angle - 0.5 / self.petals.len() as f32, at, view, &mut over);
                over.light = scaled(over.light, mix(0.45, 0.8, step(0.25, 0.95, r2.sqrt())));
            }
            self.whorl(&self.petals, angle, at, view, &mut over);
            self.dome(at, r2.sqrt(), view, &mut over);
            if over.share > 0.0 {
                *light = [
                    mix(light[0], over.light[0] / over.share, over.share),
                    mix(light[1], over.light[1] / over.share, over.share),
                    mix(light[2], over.light[2] / over.share, over.share),
                ];
            }
            over.share > 0.5
        });
        self.dots(canvas);
    }

    /// Lays the petals near a direction over what is there. Each lies over the next one around, as in a twisted bud,
    /// so that there is no first and no last.
    fn whorl(&self, petals: &[Petal], angle: f32, at: [f32; 2], view: View, over: &mut Over) {
        let count = petals.len() as i32;
        let nearest = floor(angle * count as f32 + 0.5);
        let near = [1, 0, -1].map(|aside| {
            let petal = &petals[(nearest + aside).rem_euclid(count) as usize];
            let place = petal.place(at[0], at[1])?;
            Some((petal, place, (0.5 - 0.5 * place.distance / view.half).clamp(0.0, 1.0)))
        });
        // What a petal hides wholly need not be painted.
        let first = near.iter().rposition(|one| one.is_some_and(|(.., inside)| inside >= 1.0)).unwrap_or(0);
        for (petal, place, inside) in near[first..].iter().flatten().copied() {
            if inside < 1.0 && over.share > 0.0 {
                // The petal above throws a soft shade on the one below.
                let shade = 1.0 - 0.5 * decay(place.distance.max(0.0) * 22.0);
                over.light = scaled(over.light, shade);
            }
            if inside > 0.0 {
                let light = scaled(self.paint.at(petal, place, view), petal.shade);
                over.lay(light, inside);
            }
        }
    }

    fn dome(&self, at: [f32; 2], r: f32, view: View, over: &mut Over) {
        let sun = view.sun;
        let radius = self.middle.radius;
        // The petals darken towards the middle, which lies deeper or stands above them.
        if r < 2.4 * radius {
            over.light = scaled(over.light, 1.0 - 0.42 * decay((r - radius).max(0.0) * 9.0 / (radius * 4.0)));
        }
        let inside = (0.5 - 0.5 * (r - radius) / view.half).clamp(0.0, 1.0);
        if inside <= 0.0 {
            return;
        }
        let t = (r / radius).min(1.0);
        let light = if self.middle.hollow {
            // The wall of a throat: bright where it faces the sun, dark in the depth.
            let facing = -(at[0] * sun[0] + at[1] * sun[1]) / radius;
            scaled(self.middle.light, mix(0.12, 0.95, t * t) * (1.0 + 0.35 * facing))
        } else {
            let normal_z = (1.0 - 0.8 * t * t).max(0.05).sqrt();
            let facing = 0.9 * (at[0] * sun[0] + at[1] * sun[1]) / radius + normal_z * sun[2];
            scaled(self.middle.light, 0.35 + 0.75 * facing.max(0.0))
        };
        over.lay(light, inside);
    }

    fn dots(&self, canvas: &mut Canvas) {
        let inner = 0.55 * self.middle.radius;
        for dot in &self.middle.dots {
            let to = self.placed(dot.at);
            if let Some(thread) = dot.thread {
                let length = (dot.at[0] * dot.at[0] + dot.at[1] * dot.at[1]).sqrt().max(1e-3);
                let from = self.placed(dot.at.map(|x| x * inner / length));
                canvas.line(from, to, 0.012 * self.radius, 0.85, thread);
            }
            let size = dot.size * self.radius;
            // A dark seat, the dot, and a spark on it.
            canvas.spot([to[0] + 0.25 * size, to[1] + 0.4 * size], size * 1.15, 0.0, 0.4, scaled(dot.light, 0.12));
            canvas.spot(to, size, self.soft, 1.0, dot.light);
            let spark = [to[0] - 0.3 * size, to[1] - 0.35 * size];
            canvas.spot(spark, size * 0.4, 0.0, 0.55, blend(dot.light, [1.0; 3], 0.6));
        }
    }
}

/// How it is looked at: size of a pixel and half the blur of an edge, in units of the flower's radius, and the sun.
#[derive(Clone, Copy)]
struct View {
    pixel: f32,
    half: f32,
    sun: [f32; 3],
}

/// Light laid over nothing so far: already weighed by the share of the pixel that is covered.
struct Over {
    light: Light,
    share: f32,
}

impl Over {
    fn lay(&mut self, light: Light, share: f32) {
        self.light = blend(self.light, light, share);
        self.share += (1.0 - self.share) * share;
    }
}

impl Paint {
    /// The light that comes from a place of a petal.
    fn at(&self, petal: &Petal, place: Place, View { pixel, sun, .. }: View) -> Light {
        let Place { distance, along, across } = place;
        // Detail finer than a pixel fades out.
        let fine = step(1.2, 0.4, pixel / (0.22 * petal.width));
        let mut light = scaled(self.main, mix(0.8, 1.0, step(0.1, 0.75, along)));
        if let Some((pattern, second)) = self.second {
            light = blend(light, second, share(pattern, place, fine));
        }
        // Fine lines fan out from the base: darker, and fainter towards the edge.
        let lines = sin_cos(across * 2.5 + petal.phase).0;
        light = scaled(light, 1.0 - self.veins * fine * (0.5 + 0.5 * lines) * (1.0 - along * along));
        let crease = decay(across.abs() * 7.0) * (1.0 - along);
        light = scaled(light, 1.0 - 0.22 * crease);
        // A petal is domed across, rises from the middle and bends back at its tip.
        let (nu, nv) = (0.95 * (along - 0.52), self.dome * across);
        let nx = petal.axis[0] * nu - petal.axis[1] * nv;
        let ny = petal.axis[1] * nu + petal.axis[0] * nv;
        let length = (1.0 + nx * nx + ny * ny).sqrt();
        let facing = ((nx * sun[0] + ny * sun[1] + sun[2]) / length).max(0.0);
        light = scaled(light, 0.36 + 0.78 * facing);
        // Light from above and within: the thin edge is seen through.
        let rim = step(-0.035, 0.0, distance);
        light = scaled(light, 1.0 - 0.16 * rim);
        let f2 = facing * facing;
        let f8 = f2 * f2 * f2 * f2;
        lifted(light, 0.09 * f8 * f8 * f8 * step(0.0, 0.4, along))
    }
}

/// The share of the second colour.
fn share(pattern: Pattern, Place { distance, along, across }: Place, fine: f32) -> f32 {
    match pattern {
        Pattern::Base => step(0.56, 0.2, along),
        Pattern::Tip => 0.95 * step(0.66, 0.97, along),
        Pattern::Stripe => 0.9 * step(0.34, 0.12, across.abs()) * step(1.0, 0.7, along),
        Pattern::Edge => 0.9 * step(-0.075, -0.03, distance),
        Pattern::Veins => {
            let lines = sin_cos(across * 2.0).0;
            let sharp = mix(0.25, step(0.35, 0.85, lines), fine);
            0.8 * sharp * step(0.95, 0.4, along)
        }
    }
}
