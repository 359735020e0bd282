//! Mathematical functions with bit-identical results on every machine.
//!
//! The sine, arc tangent and exponential function of the standard library come from the platform, and platforms differ
//! in the last bit. These functions use only `+ − × ÷ √`, which IEEE 754 defines exactly.

/// The greatest integer that is not greater than `x`; it must fit in 32 bits. (`f32::floor` is a function call on most
/// targets and therefore slower.)
pub(super) fn floor(x: f32) -> i32 {
    let truncated = x as i32;
    truncated - i32::from((truncated as f32) > x)
}

/// Sine and cosine of an angle in turns, with an error below 2e-6.
pub(super) fn sin_cos(turns: f32) -> (f32, f32) {
    let quarter = floor(4.0 * turns + 0.5);
    // The rest is at most an eighth of a turn, for which a few terms of the Taylor series are enough.
    let x = (turns - quarter as f32 * 0.25) * std::f32::consts::TAU;
    let z = x * x;
    let sin = x * (1.0 - z * (1.0 / 6.0 - z * (1.0 / 120.0 - z / 5040.0)));
    let cos = 1.0 - z * (0.5 - z * (1.0 / 24.0 - z * (1.0 / 720.0 - z / 40320.0)));
    match quarter & 3 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// The sine of an angle in turns.
pub(super) fn sin(turns: f32) -> f32 {
    sin_cos(turns).0
}

/// The angle of (x, y) in turns, in `[-½, ½]`, with an error below 1e-5 (Hastings, Approximations for Digital
/// Computers, sheet 11).
pub(super) fn atan2(y: f32, x: f32) -> f32 {
    let (small, large) = (x.abs().min(y.abs()), x.abs().max(y.abs()));
    if large == 0.0 {
        return 0.0;
    }
    let a = small / large;
    let z = a * a;
    let arc = a * (0.999_866 + z * (-0.330_299_5 + z * (0.180_141 + z * (-0.085_133 + z * 0.020_835_1))));
    let first = arc / std::f32::consts::TAU;
    let upper = if y.abs() > x.abs() { 0.25 - first } else { first };
    let half = if x < 0.0 { 0.5 - upper } else { upper };
    if y < 0.0 { -half } else { half }
}

/// Decreases from 1 towards 0 as `x` increases from 0: the reciprocal of the exponential series up to the cubic term.
pub(super) fn decay(x: f32) -> f32 {
    let x = x.max(0.0);
    1.0 / (1.0 + x * (1.0 + x * (0.5 + x / 6.0)))
}

/// The smoothstep function: 0 up to `from`, 1 from `to` on, smooth in between. `from` may be greater than `to`.
pub(super) fn smoothstep(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Linear interpolation: `a` for `t` = 0, `b` for `t` = 1.
pub(super) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// The value of noise at a point and its slope to the right and downwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoiseSample {
    /// In `[0, 1]`.
    pub(super) value: f32,
    pub(super) slope: [f32; 2],
}

/// Smooth noise with features of size 1, determined by the point and the seed.
pub(super) fn noise(x: f32, y: f32, seed: u32) -> NoiseSample {
    let (i, j) = (floor(x), floor(y));
    let (x, y) = (x - i as f32, y - j as f32);
    let (tx, ty) = (x * x * (3.0 - 2.0 * x), y * y * (3.0 - 2.0 * y));
    let [a, b] = [lattice(i, j, seed), lattice(i + 1, j, seed)];
    let [c, d] = [lattice(i, j + 1, seed), lattice(i + 1, j + 1, seed)];
    let (above, below) = (mix(a, b, tx), mix(c, d, tx));
    let slope = [mix(b - a, d - c, ty) * 6.0 * x * (1.0 - x), (below - above) * 6.0 * y * (1.0 - y)];
    NoiseSample { value: mix(above, below, ty), slope }
}

/// Four octaves of noise, the coarsest with features of size 1. Octaves finer than `pixel` are replaced gradually by
/// their mean, so that an image of low resolution has the same contents without aliasing. The slope excludes the finest
/// octave.
pub(super) fn fractal_noise(x: f32, y: f32, pixel: f32, seed: u32) -> NoiseSample {
    let mut sum = NoiseSample { value: 0.5, slope: [0.0; 2] };
    let (mut weight, mut scale) = (0.5 / 0.9375, 1.0);
    for octave in 0..4 {
        let visible = weight * smoothstep(1.0, 0.35, pixel * scale);
        if visible > 0.0 {
            let sample = noise(x * scale, y * scale, seed + octave);
            sum.value += visible * (sample.value - 0.5);
            if octave < 3 {
                sum.slope = [0, 1].map(|k| sum.slope[k] + visible * scale * sample.slope[k]);
            }
        }
        weight *= 0.5;
        scale *= 2.03;
    }
    sum
}

/// A value in `[0, 1)` for a lattice point: the finaliser of MurmurHash3 applied to its coordinates.
fn lattice(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77) ^ seed;
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^= h >> 16;
    (h >> 8) as f32 * (1.0 / (1u32 << 24) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_are_close_to_the_exact_ones() {
        for i in -2000..2000 {
            let x = i as f32 / 500.0;
            let exact = f64::from(x) * std::f64::consts::TAU;
            let (sin, cos) = sin_cos(x);
            assert!((f64::from(sin) - exact.sin()).abs() < 2e-6, "sin {x}");
            assert!((f64::from(cos) - exact.cos()).abs() < 2e-6, "cos {x}");
            let back = atan2(sin, cos);
            let difference = (back - x) - (back - x).round();
            assert!(difference.abs() < 1e-5, "{x} {back}");
        }
        assert_eq!(atan2(0.0, 0.0), 0.0);
    }

    #[test]
    fn noise_is_in_its_range_and_continuous() {
        let mut before = fractal_noise(-3.0, 1.7, 0.01, 9).value;
        for i in 1..6000 {
            let here = fractal_noise(-3.0 + i as f32 / 1000.0, 1.7, 0.01, 9).value;
            assert!((0.0..=1.0).contains(&here) && (here - before).abs() < 0.02, "{i}: {before} {here}");
            before = here;
        }
    }

    #[test]
    fn slopes_are_differences_of_values() {
        for i in 0..500 {
            let (x, y) = (i as f32 * 0.037, i as f32 * 0.011 - 2.0);
            let (here, right, below) = (noise(x, y, 3), noise(x + 1e-2, y, 3).value, noise(x, y + 1e-2, 3).value);
            assert!((here.slope[0] - (right - here.value) / 1e-2).abs() < 0.05, "{i}");
            assert!((here.slope[1] - (below - here.value) / 1e-2).abs() < 0.05, "{i}");
        }
    }
}
