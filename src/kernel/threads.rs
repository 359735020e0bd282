//! How work is split over threads: always into the same parts, whatever the number of threads, so that results do not
//! depend on it.

use rayon::prelude::*;

/// Runs `work` with the widest vectors that the processor has. What is inlined into `work` is compiled for each of
/// AVX-512, AVX2 and portable code, and chosen at run time.
pub(super) fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// Calls `work` for each part, on all threads.
pub(super) fn for_each<P: Send>(parts: Vec<P>, work: impl Fn(P) + Sync + Send) {
    match parts.len() {
        0 | 1 => parts.into_iter().for_each(work),
        _ => parts.into_par_iter().with_max_len(1).for_each(work),
    }
}

/// Operations that are worth handing to another thread, at least.
const PART: usize = 1 << 15;

/// `count` items divided into at most `parts` parts of equal length but for the last one; the length of a part, at least
/// 1. Each item takes about `operations`; parts that take too few are joined.
pub(super) fn part_length(count: usize, parts: usize, operations: usize) -> usize {
    count.div_ceil(parts).max(PART.div_ceil(operations.max(1)))
}

/// Adds parts of `length` values each, in their order: the total is in the first part.
pub(super) fn total_of_parts(parts: &mut [f32], length: usize) -> &[f32] {
    let (total, others) = parts.split_at_mut(length);
    for other in others.chunks(length.max(1)) {
        total.iter_mut().zip(other).for_each(|(total, value)| *total += value);
    }
    total
}
