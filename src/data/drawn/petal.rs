//! The geometry of one petal, in units of the radius of the flower.

use super::arithmetic::sin;
use super::species::PetalShape;

/// A petal, whose axis starts at the centre of the flower.
#[derive(Clone, Debug)]
pub(super) struct Petal {
    /// The unit vector of the axis.
    pub(super) axis: [f32; 2],
    /// The distance from the centre to the tip.
    pub(super) length: f32,
    /// Half the maximum width.
    pub(super) width: f32,
    /// The sideways displacement of the axis at the tip.
    pub(super) bend: f32,
    /// The relative brightness, about 1.
    pub(super) shade: f32,
    /// The phase of the waves of its edge, in turns.
    pub(super) phase: f32,
    pub(super) shape: PetalShape,
}

/// A point in the coordinates of a petal.
#[derive(Clone, Copy, Debug)]
pub(super) struct PetalPoint {
    /// The signed distance to the outline, negative inside (to first order: value divided by gradient).
    pub(super) distance: f32,
    /// The position along the axis: 0 at the centre of the flower, 1 at the tip.
    pub(super) along: f32,
    /// The position across the axis: −1 and 1 at the sides, 0 on the axis.
    pub(super) across: f32,
}

/// The squared half-width along the axis, with a maximum of 1, and its derivative. It is a polynomial, so the outline
/// `v² = w² P(s)` and its gradient are smooth and need little computation.
fn profile(shape: PetalShape, s: f32) -> (f32, f32) {
    match shape {
        // The maximum is at two thirds. The tip is round, because the root of (1 − s) meets the axis at a right angle.
        PetalShape::Round | PetalShape::Notched | PetalShape::Ruffled => {
            (6.75 * s * s * (1.0 - s), 6.75 * s * (2.0 - 3.0 * s))
        }
        // The tip is a point, because of (1 − s)². The sign is that of (1 − s), so points beyond the tip are outside.
        PetalShape::Pointed => {
            (16.0 * s * s * (1.0 - s) * (1.0 - s).abs(), 32.0 * s * (1.0 - s).abs() * (1.0 - 2.0 * s))
        }
        PetalShape::Narrow | PetalShape::Ray => {
            // The mean of a strap-shaped and an obovate outline.
            let (t, t3) = (2.0 * s - 1.0, (2.0 * s - 1.0) * (2.0 * s - 1.0) * (2.0 * s - 1.0));
            let (strap, slope) = (1.0 - t3 * t, -8.0 * t3);
            let (obovate, obovate_slope) = (6.75 * s * s * (1.0 - s), 6.75 * s * (2.0 - 3.0 * s));
            (0.5 * (strap + obovate), 0.5 * (slope + obovate_slope))
        }
    }
}

impl Petal {
    /// The point (x, y) in the coordinates of the petal; `None` behind the base, far beyond the tip or far from the
    /// axis.
    pub(super) fn locate(&self, x: f32, y: f32) -> Option<PetalPoint> {
        let u = x * self.axis[0] + y * self.axis[1];
        let s = u / self.length;
        if s <= 0.0 || s > 1.3 {
            return None;
        }
        let v = y * self.axis[0] - x * self.axis[1] - self.bend * s * s;
        if v.abs() > self.width + 0.2 {
            return None;
        }
        let (p, slope) = profile(self.shape, s);
        let square = self.width * self.width;
        let value = v * v - square * p;
        let (across_slope, along_slope) = (2.0 * v, -square * slope / self.length);
        let gradient = (across_slope * across_slope + along_slope * along_slope).sqrt();
        let mut distance = value / gradient.max(0.35 * self.width);
        if distance.abs() < 0.12 {
            distance += self.ripple(s, v);
        }
        if self.shape == PetalShape::Notched {
            distance = distance.max(self.notch(u, v));
        }
        let half = (square * p.max(0.0)).sqrt().max(0.02 * self.width);
        Some(PetalPoint { distance, along: s.min(1.0), across: (v / half).clamp(-1.0, 1.0) })
    }

    /// The change of the distance by the waves of the edge.
    fn ripple(&self, s: f32, v: f32) -> f32 {
        match self.shape {
            PetalShape::Ruffled => 0.028 * s * s * sin(self.phase + 2.6 * v / self.width + 1.3 * s),
            _ => 0.004 * s * sin(self.phase + 0.9 * v / self.width + 1.1 * s),
        }
    }

    /// The signed distance to the notch in the tip, positive in the notch.
    fn notch(&self, u: f32, v: f32) -> f32 {
        // A V whose point is at 84 % of the length.
        let depth = u - 0.84 * self.length;
        (depth - 1.3 * v.abs()) * 0.61
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn petal(shape: PetalShape) -> Petal {
        Petal { axis: [1.0, 0.0], length: 1.0, width: 0.3, bend: 0.0, shade: 1.0, phase: 0.0, shape }
    }

    #[test]
    fn the_axis_of_a_petal_is_inside_and_points_around_it_are_outside() {
        use PetalShape::{Narrow, Pointed, Ray, Round, Ruffled};
        for shape in [Round, Pointed, Narrow, Ruffled, Ray] {
            let petal = petal(shape);
            assert!(petal.locate(0.6, 0.0).unwrap().distance < -0.1, "{shape:?}");
            assert!(petal.locate(0.6, 0.45).unwrap().distance > 0.05, "{shape:?}");
            assert!([1.05, 1.1, 1.25].iter().all(|&u| petal.locate(u, 0.0).unwrap().distance > 0.0), "{shape:?}");
            assert!(petal.locate(-0.1, 0.0).is_none());
        }
    }

    #[test]
    fn a_notched_petal_is_shorter_on_its_axis() {
        let petal = petal(PetalShape::Notched);
        assert!(petal.locate(0.93, 0.0).unwrap().distance > 0.0);
        assert!(petal.locate(0.9, 0.08).unwrap().distance < 0.0);
    }
}
