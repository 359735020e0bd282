//! Drawing of a flower: petals around a centre, with shading.

use super::arithmetic::{atan2, decay, floor, mix, sin_cos, smoothstep};
use super::canvas::{Bounds, Canvas};
use super::colour::{LinearRgb, blend, lightened, scaled};
use super::petal::{Petal, PetalPoint};
use super::species::Pattern;

/// A flower in a scene.
#[derive(Clone, Debug)]
pub(super) struct Flower {
    /// The position of its centre, as fractions of the side.
    pub(super) position: [f32; 2],
    /// The distance from the centre to the tip of a petal of length 1, as a fraction of the side.
    pub(super) radius: f32,
    /// The direction of the axis of the first petal, in turns from +x towards +y.
    pub(super) turn: f32,
    /// The perspective: the flower is scaled by `squeeze` in the direction `tilt`.
    pub(super) squeeze: f32,
    pub(super) tilt: [f32; 2],
    /// The petals of the upper whorl, at equal angles.
    pub(super) petals: Vec<Petal>,
    /// The petals of the lower whorl, between those of the upper whorl; empty if there is none.
    pub(super) lower: Vec<Petal>,
    pub(super) paint: Paint,
    pub(super) centre: Centre,
    /// The blur of edges, as a fraction of the side.
    pub(super) soft: f32,
}

/// The colours of the petals.
#[derive(Clone, Debug)]
pub(super) struct Paint {
    pub(super) main: LinearRgb,
    pub(super) second: Option<(Pattern, LinearRgb)>,
    pub(super) dome: f32,
    pub(super) veins: f32,
}

/// The centre of a flower: a dome or a hollow, and dots, which may be on filaments.
#[derive(Clone, Debug)]
pub(super) struct Centre {
    pub(super) radius: f32,
    pub(super) light: LinearRgb,
    pub(super) hollow: bool,
    pub(super) dots: Vec<Dot>,
}

/// A floret or an anther, in units of the flower's radius.
#[derive(Clone, Debug)]
pub(super) struct Dot {
    pub(super) at: [f32; 2],
    pub(super) size: f32,
    pub(super) light: LinearRgb,
    /// The colour of the filament, if there is one.
    pub(super) filament: Option<LinearRgb>,
}

impl Flower {
    /// Converts a point of the image to the units of the flower, without perspective.
    fn local(&self, x: f32, y: f32) -> [f32; 2] {
        let (dx, dy) = ((x - self.position[0]) / self.radius, (y - self.position[1]) / self.radius);
        let stretch = (dx * self.tilt[0] + dy * self.tilt[1]) * (1.0 / self.squeeze - 1.0);
        [dx + stretch * self.tilt[0], dy + stretch * self.tilt[1]]
    }

    /// Converts a point in the units of the flower to the image; the inverse of [`Self::local`].
    fn global(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let shrink = (x * self.tilt[0] + y * self.tilt[1]) * (self.squeeze - 1.0);
        [
            self.position[0] + self.radius * (x + shrink * self.tilt[0]),
            self.position[1] + self.radius * (y + shrink * self.tilt[1]),
        ]
    }

    /// Draws the shadow of the flower.
    pub(super) fn shadow(&self, canvas: &mut Canvas, sun: [f32; 3], strength: f32) {
        let offset =
            [self.position[0] - 0.2 * self.radius * sun[0], self.position[1] + self.radius * (0.16 - 0.12 * sun[1])];
        let reach = 1.3 * self.radius;
        canvas.paint(Bounds::around(offset, reach), |x, y, light| {
            let (dx, dy) = ((x - offset[0]) / self.radius, (y - offset[1]) / self.radius);
            let r = (dx * dx + dy * dy).sqrt();
            *light = scaled(*light, 1.0 - strength * smoothstep(1.28, 0.55, r));
        });
    }

    /// Draws the flower and labels its pixels.
    pub(super) fn draw(&self, canvas: &mut Canvas, label: u8, sun: [f32; 3]) {
        let pixel = canvas.pixel / self.radius;
        let shading = Shading { pixel, half: 0.5 * pixel + self.soft / self.radius, sun };
        let reach = 1.22 + shading.half;
        canvas.label(Bounds::around(self.position, reach * self.radius), label, |x, y, light| {
            let at = self.local(x, y);
            let r2 = at[0] * at[0] + at[1] * at[1];
            if r2 > reach * reach {
                return false;
            }
            let mut layer = Composite { light: [0.0; 3], alpha: 0.0 };
            let angle = atan2(at[1], at[0]) - self.turn;
            if !self.lower.is_empty() {
                self.whorl(&self.lower, angle - 0.5 / self.petals.len() as f32, at, shading, &mut layer);
                layer.light = scaled(layer.light, mix(0.45, 0.8, smoothstep(0.25, 0.95, r2.sqrt())));
            }
            self.whorl(&self.petals, angle, at, shading, &mut layer);
            self.dome(at, r2.sqrt(), shading, &mut layer);
            if layer.alpha > 0.0 {
                *light = [
                    mix(light[0], layer.light[0] / layer.alpha, layer.alpha),
                    mix(light[1], layer.light[1] / layer.alpha, layer.alpha),
                    mix(light[2], layer.light[2] / layer.alpha, layer.alpha),
                ];
            }
            layer.alpha > 0.5
        });
        self.dots(canvas);
    }

    /// Composites the petals near an angle. Each petal covers the next one around the centre, as in a twisted bud, so
    /// no petal is on top of all others.
    fn whorl(&self, petals: &[Petal], angle: f32, at: [f32; 2], shading: Shading, layer: &mut Composite) {
        let count = petals.len() as i32;
        let nearest = floor(angle * count as f32 + 0.5);
        let near = [1, 0, -1].map(|aside| {
            let petal = &petals[(nearest + aside).rem_euclid(count) as usize];
            let point = petal.locate(at[0], at[1])?;
            Some((petal, point, (0.5 - 0.5 * point.distance / shading.half).clamp(0.0, 1.0)))
        });
        // Petals below a petal that covers the pixel completely are not drawn.
        let first = near.iter().rposition(|one| one.is_some_and(|(.., inside)| inside >= 1.0)).unwrap_or(0);
        for (petal, point, inside) in near[first..].iter().flatten().copied() {
            if inside < 1.0 && layer.alpha > 0.0 {
                // The upper petal casts a soft shadow on the lower one.
                let shade = 1.0 - 0.5 * decay(point.distance.max(0.0) * 22.0);
                layer.light = scaled(layer.light, shade);
            }
            if inside > 0.0 {
                let light = scaled(self.paint.at(petal, point, shading), petal.shade);
                layer.draw_over(light, inside);
            }
        }
    }

    fn dome(&self, at: [f32; 2], r: f32, shading: Shading, layer: &mut Composite) {
        let sun = shading.sun;
        let radius = self.centre.radius;
        // The petals are darker near the centre, which is lower or higher than they are.
        if r < 2.4 * radius {
            layer.light = scaled(layer.light, 1.0 - 0.42 * decay((r - radius).max(0.0) * 9.0 / (radius * 4.0)));
        }
        let inside = (0.5 - 0.5 * (r - radius) / shading.half).clamp(0.0, 1.0);
        if inside <= 0.0 {
            return;
        }
        let t = (r / radius).min(1.0);
        let light = if self.centre.hollow {
            // The wall of a tube: bright where it faces the sun, dark at the bottom.
            let facing = -(at[0] * sun[0] + at[1] * sun[1]) / radius;
            scaled(self.centre.light, mix(0.12, 0.95, t * t) * (1.0 + 0.35 * facing))
        } else {
            let normal_z = (1.0 - 0.8 * t * t).max(0.05).sqrt();
            let facing = 0.9 * (at[0] * sun[0] + at[1] * sun[1]) / radius + normal_z * sun[2];
            scaled(self.centre.light, 0.35 + 0.75 * facing.max(0.0))
        };
        layer.draw_over(light, inside);
    }

    fn dots(&self, canvas: &mut Canvas) {
        let inner = 0.55 * self.centre.radius;
        for dot in &self.centre.dots {
            let to = self.global(dot.at);
            if let Some(filament) = dot.filament {
                let length = (dot.at[0] * dot.at[0] + dot.at[1] * dot.at[1]).sqrt().max(1e-3);
                let from = self.global(dot.at.map(|x| x * inner / length));
                canvas.line(from, to, 0.012 * self.radius, 0.85, filament);
            }
            let size = dot.size * self.radius;
            // A dark base, the dot and a highlight.
            canvas.spot([to[0] + 0.25 * size, to[1] + 0.4 * size], size * 1.15, 0.0, 0.4, scaled(dot.light, 0.12));
            canvas.spot(to, size, self.soft, 1.0, dot.light);
            let highlight = [to[0] - 0.3 * size, to[1] - 0.35 * size];
            canvas.spot(highlight, size * 0.4, 0.0, 0.55, blend(dot.light, [1.0; 3], 0.6));
        }
    }
}

/// The size of a pixel and half the blur of an edge, in units of the radius of the flower, and the direction of the
/// sun.
#[derive(Clone, Copy)]
struct Shading {
    pixel: f32,
    half: f32,
    sun: [f32; 3],
}

/// A pixel of a layer: the premultiplied colour and the covered fraction of the pixel.
struct Composite {
    light: LinearRgb,
    alpha: f32,
}

impl Composite {
    /// Draws a colour over the layer.
    fn draw_over(&mut self, light: LinearRgb, alpha: f32) {
        self.light = blend(self.light, light, alpha);
        self.alpha += (1.0 - self.alpha) * alpha;
    }
}

impl Paint {
    /// The colour at a point of a petal.
    fn at(&self, petal: &Petal, point: PetalPoint, Shading { pixel, sun, .. }: Shading) -> LinearRgb {
        let PetalPoint { distance, along, across } = point;
        // Details finer than a pixel are faded out.
        let fine = smoothstep(1.2, 0.4, pixel / (0.22 * petal.width));
        let mut light = scaled(self.main, mix(0.8, 1.0, smoothstep(0.1, 0.75, along)));
        if let Some((pattern, second)) = self.second {
            light = blend(light, second, second_fraction(pattern, point, fine));
        }
        // Fine dark lines from the base, which fade towards the edge.
        let lines = sin_cos(across * 2.5 + petal.phase).0;
        light = scaled(light, 1.0 - self.veins * fine * (0.5 + 0.5 * lines) * (1.0 - along * along));
        let crease = decay(across.abs() * 7.0) * (1.0 - along);
        light = scaled(light, 1.0 - 0.22 * crease);
        // A petal is curved across its axis, rises from the centre and bends down at its tip.
        let (nu, nv) = (0.95 * (along - 0.52), self.dome * across);
        let nx = petal.axis[0] * nu - petal.axis[1] * nv;
        let ny = petal.axis[1] * nu + petal.axis[0] * nv;
        let length = (1.0 + nx * nx + ny * ny).sqrt();
        let facing = ((nx * sun[0] + ny * sun[1] + sun[2]) / length).max(0.0);
        light = scaled(light, 0.36 + 0.78 * facing);
        // The thin edge is darker.
        let rim = smoothstep(-0.035, 0.0, distance);
        light = scaled(light, 1.0 - 0.16 * rim);
        let f2 = facing * facing;
        let f8 = f2 * f2 * f2 * f2;
        lightened(light, 0.09 * f8 * f8 * f8 * smoothstep(0.0, 0.4, along))
    }
}

/// The fraction of the second colour.
fn second_fraction(pattern: Pattern, PetalPoint { distance, along, across }: PetalPoint, fine: f32) -> f32 {
    match pattern {
        Pattern::Base => smoothstep(0.56, 0.2, along),
        Pattern::Tip => 0.95 * smoothstep(0.66, 0.97, along),
        Pattern::Stripe => 0.9 * smoothstep(0.34, 0.12, across.abs()) * smoothstep(1.0, 0.7, along),
        Pattern::Edge => 0.9 * smoothstep(-0.075, -0.03, distance),
        Pattern::Veins => {
            let lines = sin_cos(across * 2.0).0;
            let sharp = mix(0.25, smoothstep(0.35, 0.85, lines), fine);
            0.8 * sharp * smoothstep(0.95, 0.4, along)
        }
    }
}
