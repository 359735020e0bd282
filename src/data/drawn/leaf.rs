//! Stems and leaves.

use super::arithmetic::{decay, mix, sin_cos, step};
use super::canvas::{Canvas, Frame};
use super::colour::{Light, blend, lifted, scaled};
use super::petal::Petal;

/// A leaf: the geometry of a petal, set anywhere.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Where it starts, in shares of the side.
    pub(super) base: [f32; 2],
    /// Its length, in shares of the side.
    pub(super) size: f32,
    pub(super) outline: Petal,
    pub(super) light: Light,
    pub(super) soft: f32,
}

/// A stem: a parabola from a flower down to a foot.
#[derive(Clone, Debug)]
pub(super) struct Stem {
    pub(super) head: [f32; 2],
    pub(super) foot: [f32; 2],
    /// How far it bows aside half-way.
    pub(super) bow: f32,
    pub(super) half_width: f32,
    pub(super) light: Light,
    pub(super) soft: f32,
}

impl Leaf {
    /// Draws it with a shadow of `strength`.
    pub(super) fn draw(&self, canvas: &mut Canvas, sun: [f32; 3], strength: f32) {
        let half = (0.5 * canvas.pixel + self.soft) / self.size;
        let tip = [self.base[0] + self.size * self.outline.axis[0], self.base[1] + self.size * self.outline.axis[1]];
        let reach = self.size * (self.outline.width + self.outline.bend.abs() + 0.06) + self.soft + canvas.pixel;
        let frame = Frame {
            left: self.base[0].min(tip[0]) - reach,
            top: self.base[1].min(tip[1]) - reach,
            right: self.base[0].max(tip[0]) + reach,
            bottom: self.base[1].max(tip[1]) + reach,
        };
        let fine = step(0.12, 0.04, canvas.pixel / self.size);
        let down = 0.1;
        canvas.paint(frame, |x, y, light| {
            let at = [(x - self.base[0]) / self.size, (y - self.base[1]) / self.size];
            if let Some(below) = self.outline.place(at[0] + 0.06 * sun[0], at[1] - down + 0.06 * sun[1]) {
                *light = scaled(*light, 1.0 - 0.8 * strength * step(0.09, -0.09, below.distance));
            }
            let Some(place) = self.outline.place(at[0], at[1]) else { return };
            let inside = (0.5 - 0.5 * place.distance / half).clamp(0.0, 1.0);
            if inside <= 0.0 {
                return;
            }
            // The two halves fold along the midrib and face the sun differently.
            let side = if place.across < 0.0 { -1.0 } else { 1.0 };
            let fold = side * 0.5 + 0.35 * place.across;
            let nx = -self.outline.axis[1] * fold + self.outline.axis[0] * 0.5 * (place.along - 0.4);
            let ny = self.outline.axis[0] * fold + self.outline.axis[1] * 0.5 * (place.along - 0.4);
            let facing = ((nx * sun[0] + ny * sun[1] + sun[2]) / (1.0 + nx * nx + ny * ny).sqrt()).max(0.0);
            let mut paint = scaled(self.light, 0.3 + 0.85 * facing);
            // Side veins run from the midrib towards the tip.
            let vein = sin_cos(7.0 * (place.along - 0.35 * place.across.abs())).0;
            paint = scaled(paint, 1.0 - 0.10 * fine * step(0.5, 1.0, vein));
            let rib = decay(place.across.abs() * 12.0) * (1.0 - place.along);
            paint = blend(paint, lifted(scaled(paint, 1.3), 0.04), rib * mix(0.4, 1.0, fine));
            paint = scaled(paint, 1.0 - 0.25 * step(-0.05, 0.0, place.distance));
            *light = blend(*light, paint, inside);
        });
    }
}

impl Stem {
    /// Where it is a share `t` of the way down.
    pub(super) fn at(&self, t: f32) -> [f32; 2] {
        [mix(self.head[0], self.foot[0], t) + 4.0 * self.bow * t * (1.0 - t), mix(self.head[1], self.foot[1], t)]
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, sun: [f32; 3]) {
        let height = (self.foot[1] - self.head[1]).max(1e-3);
        let seen = self.half_width.max(0.4 * canvas.pixel);
        let half = 0.5 * canvas.pixel + self.soft;
        canvas.sweep([self.head[1], self.foot[1]], |y| {
            let t = ((y - self.head[1]) / height).clamp(0.0, 1.0);
            let slope = (self.foot[0] - self.head[0] + 4.0 * self.bow * (1.0 - 2.0 * t)) / height;
            let steep = (1.0 + slope * slope).sqrt();
            let (middle, reach) = (self.at(t)[0], (seen + half) * steep);
            // Darker under the flower.
            let light = scaled(self.light, mix(0.6, 1.05, step(0.0, 0.35, t)));
            (middle - reach, middle + reach, move |x: f32, into: &mut Light| {
                let off = (x - middle) / steep;
                let inside = (0.5 - 0.5 * (off.abs() - seen) / half).clamp(0.0, 1.0);
                let across = (off / seen).clamp(-1.0, 1.0);
                let paint = scaled(light, 0.75 + 0.4 * across * sun[0] - 0.3 * across * across);
                *into = blend(*into, paint, inside);
            })
        });
    }
}
