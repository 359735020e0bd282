//! A step of Adam or AdamW in one pass over a parameter.

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

/// The factors of a step, as Burn's AdamW computes them, in `f32`.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdamWFactors {
    pub beta_1: f32,
    pub beta_2: f32,
    /// 1 − β₁ᵗ and 1 − β₂ᵗ.
    pub corrections: [f32; 2],
    pub epsilon: f32,
    /// 1 − rate · weight decay.
    pub kept: f32,
    pub rate: f32,
}

/// A parameter, the moments of its gradient, and the gradient.
pub(super) struct Update<'a> {
    pub parameter: &'a mut [f32],
    pub first: &'a mut [f32],
    pub second: &'a mut [f32],
    pub gradient: &'a [f32],
}

/// Updates a parameter and its moments (Kingma & Ba 2014, arXiv 1412.6980, algorithm 1, with the corrections moved into
/// the factor, as its section 2 proposes). The operations are those of Burn's Adam, in its order.
pub(super) fn adam(update: Update<'_>, factors: AdamFactors) {
    for_each_value(
        update,
        #[inline(always)]
        |p, m, v, g| {
            *m = *m * factors.beta_1 + g * (1.0 - factors.beta_1);
            *v = *v * factors.beta_2 + (g * g) * (1.0 - factors.beta_2);
            *p -= *m * factors.correction / (v.sqrt() + factors.epsilon) * factors.rate;
        },
    );
}

/// Updates a parameter and its moments with a decay of the parameter that does not pass through the moments (Loshchilov
/// & Hutter 2017, arXiv 1711.05101, algorithm 2). The operations are those of Burn's AdamW, in its order.
pub(super) fn adam_w(update: Update<'_>, factors: AdamWFactors) {
    for_each_value(
        update,
        #[inline(always)]
        |p, m, v, g| {
            *m = *m * factors.beta_1 + g * (1.0 - factors.beta_1);
            *v = *v * factors.beta_2 + (g * g) * (1.0 - factors.beta_2);
            let [first, second] = [*m / factors.corrections[0], *v / factors.corrections[1]];
            *p = *p * factors.kept - first / (second.sqrt() + factors.epsilon) * factors.rate;
        },
    );
}

/// Calls `step` for each value, its moments and its gradient.
fn for_each_value(update: Update<'_>, step: impl Fn(&mut f32, &mut f32, &mut f32, f32) + Sync + Send) {
    let Update { parameter, first, second, gradient } = update;
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
                    step(p, m, v, *g);
                }
            },
        );
    });
}
