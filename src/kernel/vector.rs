//! Vectors of the processor, of whatever length it has: AVX-512, AVX2, or portable code.

use pulp::Simd;

/// As many values from the front of a slice as a vector has; 0 after its end.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, values: &[f32]) -> S::f32s {
    match S::as_simd_f32s(values).0.first() {
        Some(vector) => *vector,
        None => simd.partial_load_f32s(values),
    }
}

/// Stores a vector at the front of a slice; what does not fit is dropped.
#[inline(always)]
pub(super) fn store<S: Simd>(simd: S, values: &mut [f32], vector: S::f32s) {
    match S::as_mut_simd_f32s(values).0.first_mut() {
        Some(to) => *to = vector,
        None => simd.partial_store_f32s(values, vector),
    }
}

/// `x` where `sign` is above 0, and `slope` · `x` elsewhere.
#[inline(always)]
pub(super) fn scale_below_zero<S: Simd>(simd: S, x: S::f32s, sign: S::f32s, slope: S::f32s) -> S::f32s {
    let above = simd.greater_than_f32s(sign, simd.splat_f32s(0.0));
    simd.select_f32s(above, x, simd.mul_f32s(x, slope))
}
