//! A step of Adam in one pass over a parameter.

use super::threads::{for_each, part_length, vectorized};

/// Into how many parts a parameter is split.
const PARTS: usize = 64;

/// The factors of a step, as Burn's Adam computes them, in `f32`.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdamFactors {
    pub beta_1: f32,
    pub beta_2: f32,
    /// √(1 − β₂ᵗ) / (1 − β₁ᵗ).
    pub correction: f32,
    /// ε · √(1 − β₂ᵗ).
    pub epsilon: f32,
    pub rate: f32,
}

/// Updates a parameter and its moments (Kingma & Ba 2014, arXiv 1412.6980, algorithm 1, with the corrections moved into
/// the factor, as its section 2 proposes). The operations are those of Burn's Adam, in its order.
pub(super) fn step(
    parameter: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
    gradient: &[f32],
    factors: AdamFactors,
) {
    let length = part_length(parameter.len(), PARTS, 1);
    let moments = first.chunks_mut(length).zip(second.chunks_mut(length));
    let parts = parameter.chunks_mut(length).zip(moments).zip(gradient.chunks(length)).collect();
    type Part<'a> = ((&'a mut [f32], (&'a mut [f32], &'a mut [f32])), &'a [f32]);
    for_each(parts, |((parameter, (first, second)), gradient): Part<'_>| {
        vectorized(
            #[inline(always)]
            || {
                let moments = first.iter_mut().zip(second);
                for ((p, (m, v)), g) in parameter.iter_mut().zip(moments).zip(gradient) {
                    *m = *m * factors.beta_1 + g * (1.0 - factors.beta_1);
                    *v = *v * factors.beta_2 + (g * g) * (1.0 - factors.beta_2);
                    *p -= *m * factors.correction / (v.sqrt() + factors.epsilon) * factors.rate;
                }
            },
        );
    });
}
