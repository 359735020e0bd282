//! The geometry of one petal, in units of the flower's radius.

use super::arithmetic::wave;
use super::species::PetalShape;

/// A petal: its axis starts in the middle of the flower.
#[derive(Clone, Debug)]
pub(super) struct Petal {
    /// Unit vector of the axis.
    pub(super) axis: [f32; 2],
    /// From the middle to the tip.
    pub(super) length: f32,
    /// Half its greatest width.
    pub(super) width: f32,
    /// How far the axis curves aside at the tip.
    pub(super) bend: f32,
    /// Its own brightness, about 1.
    pub(super) shade: f32,
    /// Where its waves begin, in turns.
    pub(super) phase: f32,
    pub(super) shape: PetalShape,
}

/// Where a place lies in a petal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Signed distance to the outline, negative inside (to first order: value over gradient).
    pub(super) distance: f32,
    /// Along the axis: 0 in the middle of the flower, 1 at the tip.
    pub(super) along: f32,
    /// Across: −1 and 1 at the sides, 0 on the axis.
    pub(super) across: f32,
}

/// The squared half-width along the axis, 1 at the widest, and its derivative. A polynomial, so that the outline
/// `v² = w² P(s)` and its gradient are cheap and smooth.
fn profile(shape: PetalShape, s: f32) -> (f32, f32) {
    match shape {
        // Widest at two thirds; round because the root of (1 − s) meets the axis at a right angle.
        PetalShape::Round | PetalShape::Notched | PetalShape::Ruffled => {
            (6.75 * s * s * (1.0 - s), 6.75 * s * (2.0 - 3.0 * s))
        }
        // (1 − s)² meets the axis at a point; with a sign, so that it stays outside past the tip.
        PetalShape::Pointed => {
            (16.0 * s * s * (1.0 - s) * (1.0 - s).abs(), 32.0 * s * (1.0 - s).abs() * (1.0 - 2.0 * s))
        }
        PetalShape::Narrow | PetalShape::Ray => {
            // Between a strap and an obovate outline.
            let (t, t3) = (2.0 * s - 1.0, (2.0 * s - 1.0) * (2.0 * s - 1.0) * (2.0 * s - 1.0));
            let (strap, slope) = (1.0 - t3 * t, -8.0 * t3);
            let (egg, egg_slope) = (6.75 * s * s * (1.0 - s), 6.75 * s * (2.0 - 3.0 * s));
            (0.5 * (strap + egg), 0.5 * (slope + egg_slope))
        }
    }
}

impl Petal {
    /// Where (x, y) lies; `None` behind the base, well past the tip or far aside.
    pub(super) fn place(&self, x: f32, y: f32) -> Option<Place> {
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
        Some(Place { distance, along: s.min(1.0), across: (v / half).clamp(-1.0, 1.0) })
    }

    /// How far the edge is drawn in at a place near it.
    fn ripple(&self, s: f32, v: f32) -> f32 {
        match self.shape {
            PetalShape::Ruffled => 0.028 * s * s * wave(self.phase + 2.6 * v / self.width + 1.3 * s),
            _ => 0.004 * s * wave(self.phase + 0.9 * v / self.width + 1.1 * s),
        }
    }

    /// The signed distance to the cut in the tip, positive in the cut.
    fn notch(&self, u: f32, v: f32) -> f32 {
        // A V with its point at 84 % of the length that opens at twice the width for its depth.
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
    fn a_petal_holds_its_middle_and_not_what_is_beside_or_before_it() {
        use PetalShape::{Narrow, Pointed, Ray, Round, Ruffled};
        for shape in [Round, Pointed, Narrow, Ruffled, Ray] {
            let petal = petal(shape);
            assert!(petal.place(0.6, 0.0).unwrap().distance < -0.1, "{shape:?}");
            assert!(petal.place(0.6, 0.45).unwrap().distance > 0.05, "{shape:?}");
            assert!([1.05, 1.1, 1.25].iter().all(|&u| petal.place(u, 0.0).unwrap().distance > 0.0), "{shape:?}");
            assert!(petal.place(-0.1, 0.0).is_none());
        }
    }

    #[test]
    fn a_notched_petal_ends_early_on_its_axis_and_not_beside_it() {
        let petal = petal(PetalShape::Notched);
        assert!(petal.place(0.93, 0.0).unwrap().distance > 0.0);
        assert!(petal.place(0.9, 0.08).unwrap().distance < 0.0);
    }
}
