//! Changes between `[n, c, h, w]`, Burn's and PyTorch's order, and `[n, h, w, c]`, channels-last.

use super::buffer;
use super::threads::for_each;

/// Side of the squares in which an image is transposed, so that both orders stay in the cache.
const SQUARE: usize = 16;

/// `[n, c, pixels]` → `[n, pixels, c]`.
pub(super) fn to_channels_last(values: &[f32], batch: usize, channels: usize, pixels: usize) -> Vec<f32> {
    transpose_each(values, batch, channels, pixels)
}

fn transpose_each(values: &[f32], batch: usize, rows: usize, columns: usize) -> Vec<f32> {
    let mut result = buffer::overwritten(batch * rows * columns);
    let length = (rows * columns).max(1);
    let parts = result.chunks_mut(length).zip(values.chunks(length)).collect();
    for_each(parts, |(to, from): (&mut [f32], &[f32])| transpose(from, to, rows, columns));
    result
}

/// `[rows, columns]` → `[columns, rows]`.
pub(super) fn transpose(from: &[f32], to: &mut [f32], rows: usize, columns: usize) {
    for top in (0..rows).step_by(SQUARE) {
        for left in (0..columns).step_by(SQUARE) {
            for row in top..rows.min(top + SQUARE) {
                for column in left..columns.min(left + SQUARE) {
                    to[column * rows + row] = from[row * columns + column];
                }
            }
        }
    }
}
