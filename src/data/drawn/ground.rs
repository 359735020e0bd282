//! Drawing of the background.

use super::arithmetic::{fractal_noise, mix, noise, smoothstep};
use super::canvas::{Bounds, Canvas};
use super::colour::{LinearRgb, blend, linear, scaled};
use super::species::between;
use crate::random::Random;
use serde::Serialize;

/// The kind of a background.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// A blue sky with soft clouds, paler towards the bottom.
    Sky,
    /// Blades of grass.
    Grass,
    /// Brown soil with stones.
    Soil,
    /// Blurred plants.
    Blur,
}

impl Background {
    /// Every kind.
    pub const ALL: [Background; 4] = [Background::Sky, Background::Grass, Background::Soil, Background::Blur];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Background::Sky => "sky",
            Background::Grass => "grass",
            Background::Soil => "soil",
            Background::Blur => "blur",
        }
    }
}

/// A background with its objects.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) kind: Background,
    /// The seed of the noise.
    grain: u32,
    above: LinearRgb,
    below: LinearRgb,
    blades: Vec<Blade>,
    spots: Vec<Spot>,
}

/// A blade of grass: a parabola upwards from its foot.
#[derive(Clone, Debug)]
struct Blade {
    foot: [f32; 2],
    height: f32,
    lean: f32,
    half_width: f32,
    light: LinearRgb,
    soft: f32,
}

/// A blurred disc or a stone.
#[derive(Clone, Debug)]
struct Spot {
    at: [f32; 2],
    radius: f32,
    light: LinearRgb,
    alpha: f32,
}

impl Ground {
    pub(super) fn generate(kind: Background, random: &mut Random) -> Self {
        let grain = random.below(1 << 30) as u32;
        let warm = between(random, 0.0, 1.0);
        let (above, below) = match kind {
            Background::Sky => (
                blend(linear([70, 138, 208]), linear([104, 172, 230]), warm),
                blend(linear([196, 222, 240]), linear([232, 234, 228]), warm),
            ),
            Background::Grass => (
                blend(linear([112, 146, 58]), linear([84, 132, 72]), warm),
                blend(linear([34, 60, 20]), linear([26, 56, 28]), warm),
            ),
            Background::Soil => (
                blend(linear([112, 82, 58]), linear([96, 76, 62]), warm),
                blend(linear([78, 54, 36]), linear([70, 54, 44]), warm),
            ),
            Background::Blur => (
                blend(linear([112, 142, 76]), linear([74, 118, 84]), warm),
                blend(linear([34, 62, 30]), linear([24, 56, 44]), warm),
            ),
        };
        let (blades, spots) = match kind {
            Background::Sky => (Vec::new(), Vec::new()),
            Background::Grass => (blades(random), Vec::new()),
            Background::Soil => (Vec::new(), stones(random)),
            Background::Blur => (Vec::new(), bokeh(random)),
        };
        Self { kind, grain, above, below, blades, spots }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, sun: [f32; 3]) {
        let (pixel, grain) = (canvas.pixel, self.grain);
        let (above, below) = (self.above, self.below);
        match self.kind {
            Background::Sky => canvas.paint(Bounds::whole(), |x, y, into| {
                let sky = blend(above, below, y * y * 0.55 + y * 0.45);
                let cloud = fractal_noise(x * 2.1, y * 3.6, pixel * 3.6, grain);
                let facing = -(cloud.slope[0] * sun[0] + cloud.slope[1] * sun[1]);
                let white = blend(linear([232, 238, 246]), linear([255, 253, 248]), smoothstep(-0.5, 0.6, facing));
                *into = blend(sky, white, 0.85 * smoothstep(0.5, 0.78, cloud.value));
            }),
            Background::Grass => canvas.paint(Bounds::whole(), |x, y, into| {
                let patch = fractal_noise(x * 5.0, y * 3.0, pixel * 5.0, grain);
                *into = scaled(blend(above, below, y), 0.55 + 0.7 * patch.value);
            }),
            Background::Soil => canvas.paint(Bounds::whole(), |x, y, into| {
                let (u, v) = (x * 9.0, y * 9.0);
                let here = fractal_noise(u, v, pixel * 9.0, grain);
                // Relief: slopes that face the sun are brighter.
                let facing = -(here.slope[0] * sun[0] + here.slope[1] * sun[1]);
                let broad = noise(x * 2.5, y * 2.5, grain + 11).value;
                let earth = blend(below, above, broad);
                *into = scaled(earth, (0.45 + 0.75 * here.value + 0.22 * facing).max(0.12));
            }),
            Background::Blur => canvas.paint(Bounds::whole(), |x, y, into| {
                let broad = noise(x * 2.2, y * 2.2, grain).value;
                let other = noise(x * 3.1 + 7.0, y * 3.1, grain + 5).value;
                let green = blend(above, below, 0.75 * y + 0.5 * (broad - 0.5));
                *into = scaled(green, 0.6 + 0.65 * other);
            }),
        }
        for spot in &self.spots {
            match self.kind {
                Background::Soil => spot.stone(canvas, sun),
                _ => spot.disc(canvas),
            }
        }
        for blade in &self.blades {
            blade.draw(canvas);
        }
    }

    /// Darkens the corners of the image.
    pub(super) fn vignette(&self, canvas: &mut Canvas) {
        canvas.paint(Bounds::whole(), |x, y, into| {
            let (dx, dy) = (x - 0.5, y - 0.5);
            *into = scaled(*into, 1.0 - 0.26 * smoothstep(0.14, 0.66, dx * dx + dy * dy));
        });
    }
}

/// From far to near: far blades are dark and blurred, near ones bright and sharp.
fn blades(random: &mut Random) -> Vec<Blade> {
    (0..100)
        .map(|i| {
            let near = i as f32 / 100.0;
            let fresh = blend(linear([92, 134, 40]), linear([150, 178, 66]), between(random, 0.0, 1.0));
            Blade {
                foot: [between(random, -0.1, 1.1), mix(0.25, 1.12, near) + between(random, 0.0, 0.12)],
                height: between(random, 0.22, 0.48),
                lean: between(random, -0.16, 0.16),
                half_width: mix(0.007, 0.015, near) * between(random, 0.7, 1.2),
                light: scaled(fresh, mix(0.42, 0.82, near * near) * between(random, 0.7, 1.1)),
                soft: mix(0.012, 0.002, near),
            }
        })
        .collect()
}

fn stones(random: &mut Random) -> Vec<Spot> {
    (0..26)
        .map(|i| Spot {
            at: [between(random, 0.0, 1.0), between(random, 0.0, 1.0)],
            radius: mix(0.008, 0.034, {
                let u = between(random, 0.0, 1.0);
                u * u * u
            }) * if i < 3 { 1.3 } else { 1.0 },
            light: scaled(
                blend(linear([120, 96, 76]), linear([150, 138, 124]), between(random, 0.0, 1.0)),
                between(random, 0.5, 0.9),
            ),
            alpha: 1.0,
        })
        .collect()
}

fn bokeh(random: &mut Random) -> Vec<Spot> {
    let paints = [
        linear([158, 190, 92]),
        linear([206, 214, 128]),
        linear([92, 150, 76]),
        linear([40, 82, 44]),
        linear([226, 214, 160]),
        linear([120, 164, 120]),
        linear([186, 150, 108]),
    ];
    (0..30)
        .map(|_| Spot {
            at: [between(random, -0.05, 1.05), between(random, -0.05, 1.05)],
            radius: between(random, 0.035, 0.12),
            light: scaled(paints[random.below(paints.len())], between(random, 0.7, 1.0)),
            alpha: between(random, 0.12, 0.42),
        })
        .collect()
}

impl Blade {
    fn draw(&self, canvas: &mut Canvas) {
        let pixel = canvas.pixel;
        let half = 0.5 * pixel + self.soft;
        canvas.sweep([self.foot[1] - self.height, self.foot[1]], |y| {
            let t = ((self.foot[1] - y) / self.height).clamp(0.0, 1.0);
            let slope = 2.0 * self.lean * t / self.height;
            let steep = (1.0 + slope * slope).sqrt();
            let width = self.half_width * (1.0 - t * t);
            let drawn = width.max(0.3 * pixel);
            let (middle, reach) = (self.foot[0] + self.lean * t * t, (drawn + half) * steep);
            let paint = scaled(self.light, mix(0.35, 1.15, t));
            let alpha = width / drawn;
            (middle - reach, middle + reach, move |x: f32, into: &mut LinearRgb| {
                let off = (x - middle) / steep;
                let inside = (0.5 - 0.5 * (off.abs() - drawn) / half).clamp(0.0, 1.0);
                let side = if off < 0.0 { 1.12 } else { 0.85 };
                *into = blend(*into, scaled(paint, side), inside * alpha);
            })
        });
    }
}

impl Spot {
    fn disc(&self, canvas: &mut Canvas) {
        let soft = 0.18 * self.radius + 0.5 * canvas.pixel;
        canvas.paint(Bounds::around(self.at, self.radius + soft), |x, y, into| {
            let (dx, dy) = (x - self.at[0], y - self.at[1]);
            let r = (dx * dx + dy * dy).sqrt();
            let inside = smoothstep(self.radius + soft, self.radius - soft, r);
            // In a blurred photograph, discs are slightly brighter at their edge.
            let edge = 0.75 + 0.25 * smoothstep(0.4 * self.radius, self.radius, r);
            *into = blend(*into, self.light, self.alpha * inside * edge);
        });
    }

    fn stone(&self, canvas: &mut Canvas, sun: [f32; 3]) {
        let below = [self.at[0] - 0.35 * self.radius * sun[0], self.at[1] - 0.35 * self.radius * sun[1]];
        canvas.spot(below, self.radius, 0.4 * self.radius, 0.6, [0.01, 0.007, 0.005]);
        let half = 0.5 * canvas.pixel;
        let drawn = self.radius.max(half);
        let alpha = (self.radius / drawn) * (self.radius / drawn);
        canvas.paint(Bounds::around(self.at, drawn + half), |x, y, into| {
            let (dx, dy) = ((x - self.at[0]) / drawn, (y - self.at[1]) / (0.8 * drawn));
            let r2 = dx * dx + dy * dy;
            let inside = (0.5 - 0.5 * (r2.sqrt() - 1.0) * drawn / half).clamp(0.0, 1.0);
            let facing = (dx * sun[0] + dy * sun[1] + (1.0 - r2).max(0.0).sqrt() * sun[2]).max(0.0);
            *into = blend(*into, scaled(self.light, 0.25 + 0.9 * facing), alpha * inside);
        });
    }
}
