//! Values of neighbouring channels that are computed together, in one or two vectors of the processor.
//!
//! Loops over arrays of this fixed length become vector instructions; loops over several slices often do not, since the
//! compiler cannot know that these do not overlap. All functions are inlined, so that they are compiled for the
//! instructions of [`super::threads::vectorized`].

/// Channels in a [`Lanes`].
pub(super) const LANES: usize = 8;
const HALF: usize = LANES / 2;

/// Values of neighbouring channels.
pub(super) type Lanes = [f32; LANES];

/// All 0.
pub(super) const ZERO: Lanes = [0.0; LANES];

/// `LANES` values from `at`; those after the end of the slice are 0.
#[inline(always)]
pub(super) fn load(values: &[f32], at: usize) -> Lanes {
    let values = values.get(at..).unwrap_or_default();
    match values.first_chunk() {
        Some(lanes) => *lanes,
        None => {
            // Half of the lanes at once: widths are often multiples of 4.
            let mut lanes = ZERO;
            let mut done = 0;
            if let (Some(to), Some(from)) = (lanes.first_chunk_mut::<HALF>(), values.first_chunk::<HALF>()) {
                *to = *from;
                done = HALF;
            }
            for (lane, value) in lanes[done..].iter_mut().zip(&values[done..]) {
                *lane = *value;
            }
            lanes
        }
    }
}

/// Stores the values from `at` on; those after the end of the slice are dropped.
#[inline(always)]
pub(super) fn store(lanes: Lanes, values: &mut [f32], at: usize) {
    let values = &mut values[at..];
    match values.first_chunk_mut() {
        Some(to) => *to = lanes,
        None => {
            let mut done = 0;
            if let (Some(to), Some(from)) = (values.first_chunk_mut::<HALF>(), lanes.first_chunk::<HALF>()) {
                *to = *from;
                done = HALF;
            }
            for (to, value) in values[done..].iter_mut().zip(&lanes[done..]) {
                *to = *value;
            }
        }
    }
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
pub(super) fn mul(mut a: Lanes, b: Lanes) -> Lanes {
    for (a, b) in a.iter_mut().zip(b) {
        *a *= b;
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

/// `a` where `sign` is above 0, and `slope` · `a` elsewhere.
#[inline(always)]
pub(super) fn scale_below_zero(mut a: Lanes, sign: Lanes, slope: f32) -> Lanes {
    for (a, sign) in a.iter_mut().zip(sign) {
        *a *= if sign > 0.0 { 1.0 } else { slope };
    }
    a
}
