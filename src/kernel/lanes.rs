//! Values of neighbouring channels that are computed together, in one or two vectors of the processor.
//!
//! Sums and differences of arrays of this fixed length become vector instructions. (Selections and products do not
//! reliably: for those, see [`super::vector`].) All functions are inlined, so that they are compiled for the
//! instructions of [`super::threads::vectorized`].

/// Channels in a [`Lanes`].
pub(super) const LANES: usize = 8;

/// Values of neighbouring channels.
pub(super) type Lanes = [f32; LANES];

/// All 0.
pub(super) const ZERO: Lanes = [0.0; LANES];

/// Values in groups of [`LANES`], without those left over.
#[inline(always)]
pub(super) fn lanes(values: &[f32]) -> &[Lanes] {
    values.as_chunks().0
}

/// As [`lanes`], mutable.
#[inline(always)]
pub(super) fn lanes_mut(values: &mut [f32]) -> &mut [Lanes] {
    values.as_chunks_mut().0
}

#[inline(always)]
pub(super) fn add(mut a: Lanes, b: Lanes) -> Lanes {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b;
    }
    a
}

#[inline(always)]
pub(super) fn sub(mut a: Lanes, b: Lanes) -> Lanes {
    for (a, b) in a.iter_mut().zip(b) {
        *a -= b;
    }
    a
}

#[inline(always)]
pub(super) fn neg(mut a: Lanes) -> Lanes {
    for a in &mut a {
        *a = -*a;
    }
    a
}
