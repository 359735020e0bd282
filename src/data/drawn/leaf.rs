//! Drawing of stems and leaves.

use super::arithmetic::{decay, mix, sin_cos, smoothstep};
use super::canvas::{Bounds, Canvas};
use super::colour::{LinearRgb, blend, lightened, scaled};
use super::petal::Petal;

/// A leaf, with the geometry of a petal.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// The position of its base, as fractions of the side.
    pub(super) base: [f32; 2],
    /// Its length, as a fraction of the side.
    pub(super) size: f32,
    pub(super) outline: Petal,
    pub(super) light: LinearRgb,
    pub(super) soft: f32,
}

/// A stem: a parabola from a flower down to its foot.
#[derive(Clone, Debug)]
pub(super) struct Stem {
    pub(super) head: [f32; 2],
    pub(super) foot: [f32; 2],
    /// The sideways displacement in the middle.
    pub(super) bow: f32,
    pub(super) half_width: f32,
    pub(super) light: LinearRgb,
    pub(super) soft: f32,
}

impl Leaf {
    /// Draws the leaf and its shadow.
    pub(super) fn draw(&self, canvas: &mut Canvas, sun: [f32; 3], strength: f32) {
        let half = (0.5 * canvas.pixel + self.soft) / self.size;
        let tip = [self.base[0] + self.size * self.outline.axis[0], self.base[1] + self.size * self.outline.axis[1]];
        let reach = self.size * (self.outline.width + self.outline.bend.abs() + 0.06) + self.soft + canvas.pixel;
        let bounds = Bounds {
            left: self.base[0].min(tip[0]) - reach,
            top: self.base[1].min(tip[1]) - reach,
            right: self.base[0].max(tip[0]) + reach,
            bottom: self.base[1].max(tip[1]) + reach,
        };
        let fine = smoothstep(0.12, 0.04, canvas.pixel / self.size);
        let down = 0.1;
        canvas.paint(bounds, |x, y, light| {
            let at = [(x - self.base[0]) / self.size, (y - self.base[1]) / self.size];
            if let Some(below) = self.outline.locate(at[0] + 0.06 * sun[0], at[1] - down + 0.06 * sun[1]) {
                *light = scaled(*light, 1.0 - 0.8 * strength * smoothstep(0.09, -0.09, below.distance));
            }
            let Some(point) = self.outline.locate(at[0], at[1]) else { return };
            let inside = (0.5 - 0.5 * point.distance / half).clamp(0.0, 1.0);
            if inside <= 0.0 {
                return;
            }
            // The leaf is folded along the midrib, so its halves face the sun at different angles.
            let side = if point.across < 0.0 { -1.0 } else { 1.0 };
            let fold = side * 0.5 + 0.35 * point.across;
            let nx = -self.outline.axis[1] * fold + self.outline.axis[0] * 0.5 * (point.along - 0.4);
            let ny = self.outline.axis[0] * fold + self.outline.axis[1] * 0.5 * (point.along - 0.4);
            let facing = ((nx * sun[0] + ny * sun[1] + sun[2]) / (1.0 + nx * nx + ny * ny).sqrt()).max(0.0);
            let mut paint = scaled(self.light, 0.3 + 0.85 * facing);
            // Side veins run from the midrib towards the tip.
            let vein = sin_cos(7.0 * (point.along - 0.35 * point.across.abs())).0;
            paint = scaled(paint, 1.0 - 0.10 * fine * smoothstep(0.5, 1.0, vein));
            let rib = decay(point.across.abs() * 12.0) * (1.0 - point.along);
            paint = blend(paint, lightened(scaled(paint, 1.3), 0.04), rib * mix(0.4, 1.0, fine));
            paint = scaled(paint, 1.0 - 0.25 * smoothstep(-0.05, 0.0, point.distance));
            *light = blend(*light, paint, inside);
        });
    }
}

impl Stem {
    /// The point at the fraction `t` of the way from head to foot.
    pub(super) fn at(&self, t: f32) -> [f32; 2] {
        [mix(self.head[0], self.foot[0], t) + 4.0 * self.bow * t * (1.0 - t), mix(self.head[1], self.foot[1], t)]
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, sun: [f32; 3]) {
        let height = (self.foot[1] - self.head[1]).max(1e-3);
        let drawn = self.half_width.max(0.4 * canvas.pixel);
        let half = 0.5 * canvas.pixel + self.soft;
        canvas.sweep([self.head[1], self.foot[1]], |y| {
            let t = ((y - self.head[1]) / height).clamp(0.0, 1.0);
            let slope = (self.foot[0] - self.head[0] + 4.0 * self.bow * (1.0 - 2.0 * t)) / height;
            let steep = (1.0 + slope * slope).sqrt();
            let (middle, reach) = (self.at(t)[0], (drawn + half) * steep);
            // Darker under the flower.
            let light = scaled(self.light, mix(0.6, 1.05, smoothstep(0.0, 0.35, t)));
            (middle - reach, middle + reach, move |x: f32, into: &mut LinearRgb| {
                let off = (x - middle) / steep;
                let inside = (0.5 - 0.5 * (off.abs() - drawn) / half).clamp(0.0, 1.0);
                let across = (off / drawn).clamp(-1.0, 1.0);
                let paint = scaled(light, 0.75 + 0.4 * across * sun[0] - 0.3 * across * across);
                *into = blend(*into, paint, inside);
            })
        });
    }
}
