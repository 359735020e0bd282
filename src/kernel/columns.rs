//! Convolutions of any kernel, stride and padding as matrix products: the pixels under the kernel become a row of a
//! matrix (im2col), or such rows are added up to pixels (col2im). With a kernel of one pixel there is nothing to copy.

use std::cell::RefCell;

use super::geometry::{Geometry, Operands, Results, Wanted};
use super::matrix::{Matrix, Onto, product};
use super::threads::{for_each, part_length, vectorized};

/// Bytes of columns that a thread keeps at a time; they are meant to stay in its cache.
const BLOCK: usize = 256 << 10;
/// Into how many parts a gradient of weights is summed; the parts are then added in order.
const SUMS: usize = 8;

/// Products that take as long as another operation.
const PRODUCTS: usize = 16;

thread_local! {
    /// The columns of the block that a thread works on.
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Calls `work` with `length` values of the thread's own; what they are does not matter.
fn with_scratch<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    // Taken out while it is used, so that a nested call gets a buffer of its own.
    let mut buffer = SCRATCH.take();
    if buffer.len() < length {
        buffer.resize(length, 0.0);
    }
    let result = work(&mut buffer[..length]);
    SCRATCH.set(buffer);
    result
}

/// A convolution by its columns.
pub(super) struct Columns {
    geometry: Geometry,
}

impl Columns {
    pub fn new(geometry: Geometry) -> Self {
        Self { geometry }
    }

    /// Values in a row of the matrix.
    fn row(&self) -> usize {
        self.geometry.kernel[0] * self.geometry.kernel[1] * self.geometry.large_channels
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
        let filter = match (wanted.large || wanted.small, operands.weight) {
            (true, Some(weight)) => self.reorder(weight),
            _ => Vec::new(),
        };
        if let Some(large) = operands.large.filter(|_| wanted.small) {
            results.small = self.small(large, &filter);
        }
        if let Some(small) = operands.small.filter(|_| wanted.large) {
            results.large = self.large(small, &filter);
        }
        if let (true, Some(large), Some(small)) = (wanted.weight, operands.large, operands.small) {
            results.weight = self.weight(large, small);
        }
        results
    }

    /// The weights `[small, large, height, width]` → `[small, height, width, large]`.
    fn reorder(&self, weight: &[f32]) -> Vec<f32> {
        let (channels, pixels) = (self.geometry.large_channels, self.geometry.kernel[0] * self.geometry.kernel[1]);
        let mut result = vec![0.0; weight.len()];
        for (to, from) in result.chunks_mut(self.row()).zip(weight.chunks(self.row())) {
            for (channel, from) in from.chunks(pixels).enumerate() {
                for (pixel, &value) in from.iter().enumerate() {
                    to[pixel * channels + channel] = value;
                }
            }
        }
        result
    }

    /// The reverse of [`Columns::reorder`].
    fn restore(&self, gradient: &[f32]) -> Vec<f32> {
        let (channels, pixels) = (self.geometry.large_channels, self.geometry.kernel[0] * self.geometry.kernel[1]);
        let mut result = vec![0.0; gradient.len()];
        for (to, from) in result.chunks_mut(self.row()).zip(gradient.chunks(self.row())) {
            for (pixel, from) in from.chunks(channels).enumerate() {
                for (channel, &value) in from.iter().enumerate() {
                    to[channel * pixels + pixel] = value;
                }
            }
        }
        result
    }

    fn small(&self, large: &[f32], filter: &[f32]) -> Vec<f32> {
        let Geometry { small, small_channels, .. } = self.geometry;
        let mut result = vec![0.0; self.geometry.small_len()];
        let rows = self.block_rows();
        let mut parts = Vec::new();
        for (image, values) in result.chunks_mut(self.geometry.small_image()).enumerate() {
            let bands = values.chunks_mut(rows * small[1] * small_channels).enumerate();
            parts.extend(bands.map(|(band, values)| (image, band * rows, values)));
        }
        let filter = Matrix::new(filter, small_channels, self.row()).transposed();
        for_each(parts, |(image, first, values): (usize, usize, &mut [f32])| {
            let rows = values.len() / (small[1] * small_channels);
            self.with_columns(large, image, first, rows, |columns| product(values, columns, filter, Onto::Replace));
        });
        result
    }

    fn large(&self, small: &[f32], filter: &[f32]) -> Vec<f32> {
        let Geometry { small: [height, width], small_channels, .. } = self.geometry;
        let mut result = vec![0.0; self.geometry.large_len()];
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
                with_scratch(rows * width * self.row(), |columns| {
                    product(columns, values, filter, Onto::Replace);
                    self.add_columns(columns, image, first);
                });
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
        let mut sums = vec![0.0; batch.div_ceil(images) * length];
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
        let mut parts = sums.chunks(length);
        let mut total = parts.next().map(<[f32]>::to_vec).unwrap_or_default();
        for part in parts {
            total.iter_mut().zip(part).for_each(|(total, value)| *total += value);
        }
        self.restore(&total)
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
        with_scratch(rows * width * row, |columns| {
            self.copy_columns(image, columns, first);
            work(Matrix::new(columns, rows * width, row))
        })
    }

    /// Rows and columns of the kernel that lie inside the image, for the output pixel `at` in one direction: the first
    /// pixel of the image, and the range of the kernel.
    fn window(&self, direction: usize, at: usize) -> (usize, std::ops::Range<usize>) {
        let Geometry { stride, padding, kernel, large, .. } = self.geometry;
        let start = at * stride[direction];
        let skipped = padding[direction].saturating_sub(start).min(kernel[direction]);
        let first = (start + skipped).saturating_sub(padding[direction]);
        let inside = large[direction].saturating_sub(first).min(kernel[direction] - skipped);
        // A window in the padding alone has no pixels; its place is the end of the image.
        (first.min(large[direction]), skipped..skipped + inside)
    }

    fn copy_columns(&self, image: &[f32], columns: &mut [f32], first: usize) {
        let Geometry { kernel, large_channels: channels, large, small, .. } = self.geometry;
        let line = kernel[1] * channels;
        vectorized(
            #[inline(always)]
            || {
                for (y, columns) in columns.chunks_mut(small[1] * self.row()).enumerate() {
                    let (top, ys) = self.window(0, first + y);
                    for (x, columns) in columns.chunks_mut(self.row()).enumerate() {
                        let (left, xs) = self.window(1, x);
                        for (i, columns) in columns.chunks_mut(line).enumerate() {
                            if !ys.contains(&i) {
                                columns.fill(0.0);
                                continue;
                            }
                            let start = ((top + i - ys.start) * large[1] + left) * channels;
                            let (before, rest) = columns.split_at_mut(xs.start * channels);
                            let (inside, after) = rest.split_at_mut(xs.len() * channels);
                            before.fill(0.0);
                            inside.copy_from_slice(&image[start..start + inside.len()]);
                            after.fill(0.0);
                        }
                    }
                }
            },
        );
    }

    fn add_columns(&self, columns: &[f32], image: &mut [f32], first: usize) {
        let Geometry { kernel, large_channels: channels, large, small, .. } = self.geometry;
        let line = kernel[1] * channels;
        vectorized(
            #[inline(always)]
            || {
                for (y, columns) in columns.chunks(small[1] * self.row()).enumerate() {
                    let (top, ys) = self.window(0, first + y);
                    for (x, columns) in columns.chunks(self.row()).enumerate() {
                        let (left, xs) = self.window(1, x);
                        for i in ys.clone() {
                            let start = ((top + i - ys.start) * large[1] + left) * channels;
                            let inside = &columns[i * line..][xs.start * channels..xs.end * channels];
                            let pixels = &mut image[start..start + inside.len()];
                            pixels.iter_mut().zip(inside).for_each(|(pixel, value)| *pixel += value);
                        }
                    }
                }
            },
        );
    }
}
