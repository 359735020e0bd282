//! Convolutions of any kernel, stride and padding as matrix products: the pixels under the kernel become a row of a
//! matrix (im2col), or such rows are added up to pixels (col2im). With a kernel of one pixel there is nothing to copy.

use std::ops::Range;

use super::buffer::{self, Temporary};
use super::geometry::{Geometry, Operands, Results, Wanted};
use super::lanes::{self, LANES};
use super::layout::transpose;
use super::matrix::{Matrix, Onto, product};
use super::threads::{for_each, part_length, total_of_parts, vectorized};

/// Bytes of columns that a thread keeps at a time; they are meant to stay in its cache.
const BLOCK: usize = 512 << 10;
/// Into how many parts a gradient of weights is summed; the parts are then added in order.
const SUMS: usize = 8;

/// Products that take as long as another operation.
const PRODUCTS: usize = 16;

/// A convolution by its columns.
pub(super) struct Columns {
    geometry: Geometry,
}

impl Columns {
    pub fn new(geometry: Geometry) -> Self {
        Self { geometry }
    }

    /// Pixels of the kernel.
    fn pixels(&self) -> usize {
        self.geometry.kernel[0] * self.geometry.kernel[1]
    }

    /// Values in a row of the matrix.
    fn row(&self) -> usize {
        self.pixels() * self.geometry.large_channels
    }

    /// Whether the rows are the pixels themselves.
    fn is_pointwise(&self) -> bool {
        let Geometry { kernel, stride, padding, .. } = self.geometry;
        (kernel, stride, padding) == ([1, 1], [1, 1], [0, 0])
    }

    /// Rows of output pixels in a block.
    fn block_rows(&self) -> usize {
        (BLOCK / (4 * self.row() * self.geometry.small[1]).max(1)).clamp(1, self.geometry.small[0])
    }

    /// Computes what is wanted from the other operands.
    pub fn run(&self, operands: Operands<'_>, wanted: Wanted) -> Results {
        let mut results = Results::default();
        if let (true, Some(large), Some(weight)) = (wanted.small, operands.large, operands.weight) {
            let filter = self.reorder(weight);
            // Row by row, so that the product of each block needs no copy of it.
            let mut transposed = buffer::temporary(filter.len());
            transpose(&filter, &mut transposed, self.geometry.small_channels, self.row());
            results.small = self.small(large, &transposed);
        }
        if let (true, Some(small), Some(weight)) = (wanted.large, operands.small, operands.weight) {
            results.large = self.large(small, &self.reorder(weight));
        }
        if let (true, Some(large), Some(small)) = (wanted.weight, operands.large, operands.small) {
            results.weight = self.weight(large, small);
        }
        results
    }

    /// The weights `[small, large, height, width]` → `[small, height, width, large]`.
    fn reorder(&self, weight: &[f32]) -> Temporary {
        let mut result = buffer::temporary(weight.len());
        for (to, from) in result.chunks_mut(self.row()).zip(weight.chunks(self.row())) {
            transpose(from, to, self.geometry.large_channels, self.pixels());
        }
        result
    }

    /// The reverse of [`Columns::reorder`].
    fn restore(&self, gradient: &[f32]) -> Vec<f32> {
        let mut result = buffer::overwritten(gradient.len());
        for (to, from) in result.chunks_mut(self.row()).zip(gradient.chunks(self.row())) {
            transpose(from, to, self.pixels(), self.geometry.large_channels);
        }
        result
    }

    /// The small side, with the filter `[height, width, large, small]`.
    fn small(&self, large: &[f32], filter: &[f32]) -> Vec<f32> {
        let Geometry { small, small_channels, .. } = self.geometry;
        let mut result = buffer::overwritten(self.geometry.small_len());
        let rows = self.block_rows();
        let mut parts = Vec::new();
        for (image, values) in result.chunks_mut(self.geometry.small_image()).enumerate() {
            let bands = values.chunks_mut(rows * small[1] * small_channels).enumerate();
            parts.extend(bands.map(|(band, values)| (image, band * rows, values)));
        }
        let filter = Matrix::new(filter, self.row(), small_channels);
        for_each(parts, |(image, first, values): (usize, usize, &mut [f32])| {
            let rows = values.len() / (small[1] * small_channels);
            self.with_columns(large, image, first, rows, |columns| product(values, columns, filter, Onto::Replace));
        });
        result
    }

    /// The large side, with the filter `[small, height, width, large]`.
    fn large(&self, small: &[f32], filter: &[f32]) -> Vec<f32> {
        let Geometry { small: [height, width], small_channels, .. } = self.geometry;
        let mut result = buffer::zeros(self.geometry.large_len());
        let rows = self.block_rows();
        let filter = Matrix::new(filter, small_channels, self.row());
        let images =
            result.chunks_mut(self.geometry.large_image().max(1)).zip(small.chunks(self.geometry.small_image()));
        for_each(images.collect(), |(image, small): (&mut [f32], &[f32])| {
            for first in (0..height).step_by(rows) {
                let rows = rows.min(height - first);
                let values = &small[first * width * small_channels..][..rows * width * small_channels];
                let values = Matrix::new(values, rows * width, small_channels);
                if self.is_pointwise() {
                    let start = first * width * self.row();
                    product(&mut image[start..start + rows * width * self.row()], values, filter, Onto::Replace);
                    continue;
                }
                let mut columns = buffer::temporary(rows * width * self.row());
                product(&mut columns, values, filter, Onto::Replace);
                self.add_columns(&columns, image, first);
            }
        });
        result
    }

    fn weight(&self, large: &[f32], small: &[f32]) -> Vec<f32> {
        let Geometry { small: [height, width], small_channels, batch, .. } = self.geometry;
        let rows = self.block_rows();
        let length = self.row() * small_channels;
        let image = height * width * length;
        let images = part_length(batch, SUMS, image / PRODUCTS);
        let mut sums = buffer::temporary(batch.div_ceil(images) * length);
        for_each(sums.chunks_mut(length).enumerate().collect(), |(part, sum): (usize, &mut [f32])| {
            for image in part * images..batch.min((part + 1) * images) {
                for first in (0..height).step_by(rows) {
                    let rows = rows.min(height - first);
                    let start = image * self.geometry.small_image() + first * width * small_channels;
                    let values = Matrix::new(&small[start..], rows * width, small_channels).transposed();
                    let onto = if (image, first) == (part * images, 0) { Onto::Replace } else { Onto::Add };
                    self.with_columns(large, image, first, rows, |columns| product(sum, values, columns, onto));
                }
            }
        });
        self.restore(total_of_parts(&mut sums, length))
    }

    /// Calls `work` with the columns of some rows of output pixels of an image.
    fn with_columns<R>(
        &self,
        large: &[f32],
        image: usize,
        first: usize,
        rows: usize,
        work: impl FnOnce(Matrix<'_>) -> R,
    ) -> R {
        let image = &large[image * self.geometry.large_image()..][..self.geometry.large_image()];
        let (width, row) = (self.geometry.small[1], self.row());
        if self.is_pointwise() {
            return work(Matrix::new(&image[first * width * row..], rows * width, row));
        }
        let mut columns = buffer::temporary(rows * width * row);
        self.copy_columns(image, &mut columns, first);
        work(Matrix::new(&columns, rows * width, row))
    }

    /// Rows and columns of the kernel that lie inside the image, for the output pixel `at` in one direction: the first
    /// pixel of the image, and the range of the kernel.
    fn window(&self, direction: usize, at: usize) -> (usize, Range<usize>) {
        let Geometry { stride, padding, kernel, large, .. } = self.geometry;
        let start = at * stride[direction];
        let skipped = padding[direction].saturating_sub(start).min(kernel[direction]);
        let first = (start + skipped).saturating_sub(padding[direction]);
        let inside = large[direction].saturating_sub(first).min(kernel[direction] - skipped);
        // A window in the padding alone has no pixels; its place is the end of the image.
        (first.min(large[direction]), skipped..skipped + inside)
    }

    /// The first pixel and the columns of the kernel inside the image, for each output pixel of a row.
    fn windows(&self) -> Vec<(usize, Range<usize>)> {
        (0..self.geometry.small[1]).map(|x| self.window(1, x)).collect()
    }

    fn copy_columns(&self, image: &[f32], columns: &mut [f32], first: usize) {
        let Geometry { kernel, large_channels: channels, large, small, .. } = self.geometry;
        let (row, line) = (self.row(), kernel[1] * channels);
        let windows = self.windows();
        vectorized(
            #[inline(always)]
            || {
                for (y, columns) in columns.chunks_mut(small[1] * row).enumerate() {
                    let (top, ys) = self.window(0, first + y);
                    for i in 0..kernel[0] {
                        if !ys.contains(&i) {
                            (0..small[1]).for_each(|x| columns[x * row + i * line..][..line].fill(0.0));
                            continue;
                        }
                        let pixels = &image[(top + i - ys.start) * large[1] * channels..][..large[1] * channels];
                        for (x, (left, xs)) in windows.iter().enumerate() {
                            let columns = &mut columns[x * row + i * line..][..line];
                            if xs.len() == kernel[1] {
                                copy(&pixels[left * channels..][..line], columns);
                                continue;
                            }
                            columns[..xs.start * channels].fill(0.0);
                            columns[xs.end * channels..].fill(0.0);
                            let inside = &mut columns[xs.start * channels..xs.end * channels];
                            inside.copy_from_slice(&pixels[left * channels..][..inside.len()]);
                        }
                    }
                }
            },
        );
    }

    fn add_columns(&self, columns: &[f32], image: &mut [f32], first: usize) {
        let Geometry { kernel, stride, large_channels: channels, large, small, .. } = self.geometry;
        let (row, line) = (self.row(), kernel[1] * channels);
        let windows = self.windows();
        // Windows of one round do not overlap: the processor waits where it reads what it has just written in parts.
        let rounds = kernel[1].div_ceil(stride[1]);
        vectorized(
            #[inline(always)]
            || {
                for (y, columns) in columns.chunks(small[1] * row).enumerate() {
                    let (top, ys) = self.window(0, first + y);
                    for i in ys.clone() {
                        let pixels = &mut image[(top + i - ys.start) * large[1] * channels..][..large[1] * channels];
                        for round in 0..rounds {
                            for (x, (left, xs)) in windows.iter().enumerate().skip(round).step_by(rounds) {
                                let inside = &columns[x * row + i * line..][xs.start * channels..xs.end * channels];
                                add(inside, &mut pixels[left * channels..][..inside.len()]);
                            }
                        }
                    }
                }
            },
        );
    }
}

/// Copies a row of the kernel. With few channels it is short: two chunks that overlap are faster than a call.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    match (from.first_chunk::<LANES>(), from.last_chunk::<LANES>()) {
        (Some(first), Some(last)) if from.len() <= 2 * LANES && to.len() == from.len() => {
            let (first, last) = (*first, *last);
            to[..LANES].copy_from_slice(&first);
            to[from.len() - LANES..].copy_from_slice(&last);
        }
        _ => to.copy_from_slice(from),
    }
}

/// Adds a row of the kernel. Of a short one two chunks overlap, as in [`copy`]: what both have is the same sum.
#[inline(always)]
fn add(from: &[f32], to: &mut [f32]) {
    if let (Some(first), Some(last)) = (from.first_chunk::<LANES>(), from.last_chunk::<LANES>())
        && let (Some(to_first), Some(to_last)) = (to.first_chunk::<LANES>(), to.last_chunk::<LANES>())
        && from.len() <= 2 * LANES
        && to.len() == from.len()
    {
        let (first, last) = (lanes::add(*to_first, *first), lanes::add(*to_last, *last));
        to[..LANES].copy_from_slice(&first);
        to[from.len() - LANES..].copy_from_slice(&last);
        return;
    }
    let (from, from_rest) = from.as_chunks::<LANES>();
    let (to, to_rest) = to.as_chunks_mut::<LANES>();
    for (to, from) in to.iter_mut().zip(from) {
        *to = lanes::add(*to, *from);
    }
    for (to, from) in to_rest.iter_mut().zip(from_rest) {
        *to += from;
    }
}
