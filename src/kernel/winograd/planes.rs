//! Where the values of each point are in a buffer.

use std::ops::Range;

use super::POINTS;
use crate::kernel::buffer::{self, Temporary};
use crate::kernel::layout::transpose;
use crate::kernel::threads::for_each;

/// One buffer per point: `[rows, counts[point] · width]`.
pub(super) struct Planes {
    pub starts: [usize; POINTS * POINTS + 1],
    pub lengths: [usize; POINTS * POINTS],
}

impl Planes {
    pub fn new(rows: usize, widths: [usize; POINTS * POINTS]) -> Self {
        let mut starts = [0; POINTS * POINTS + 1];
        for point in 0..POINTS * POINTS {
            starts[point + 1] = starts[point] + rows * widths[point];
        }
        Self { starts, lengths: widths }
    }

    pub fn len(&self) -> usize {
        self.starts[POINTS * POINTS]
    }

    pub fn range(&self, point: usize) -> Range<usize> {
        self.starts[point]..self.starts[point + 1]
    }

    /// The part of each point, as slices of their own.
    pub fn split<'a>(&self, mut values: &'a mut [f32]) -> Vec<&'a mut [f32]> {
        let mut planes = Vec::with_capacity(POINTS * POINTS);
        for point in 0..POINTS * POINTS {
            let (plane, rest) = values.split_at_mut(self.range(point).len());
            planes.push(plane);
            values = rest;
        }
        planes
    }

    /// The rows of every point as columns.
    pub fn transpose(&self, values: &[f32], rows: usize) -> Temporary {
        let mut result = buffer::temporary(values.len());
        let parts = self.split(&mut result).into_iter().enumerate().collect();
        for_each(parts, |(point, to): (usize, &mut [f32])| {
            transpose(&values[self.range(point)], to, rows, self.lengths[point]);
        });
        result
    }

    /// Parts of `rows` rows of every point, in order.
    pub fn split_rows<'a>(&self, values: &'a mut [f32], rows: usize) -> Vec<Vec<&'a mut [f32]>> {
        let mut parts: Vec<Vec<&mut [f32]>> = Vec::new();
        for (plane, length) in self.split(values).into_iter().zip(self.lengths) {
            let mut chunks = plane.chunks_mut((rows * length).max(1));
            let count = parts.len();
            for part in &mut parts {
                part.push(chunks.next().unwrap_or_default());
            }
            if count == 0 {
                parts = chunks.map(|chunk| vec![chunk]).collect();
            }
        }
        parts
    }
}
