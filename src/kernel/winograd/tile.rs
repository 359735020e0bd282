//! The transforms of one tile, for all channels.

use super::{OUTPUTS, POINTS};
use crate::kernel::lanes::{Lanes, ZERO, add, neg, sub};

/// The results of `of` for 0 to 3. (`std::array::from_fn` is not inlined, and what is not inlined is not compiled for
/// the processor's vectors.)
#[inline(always)]
pub(super) fn four<T>(of: impl Fn(usize) -> T) -> [T; POINTS] {
    [of(0), of(1), of(2), of(3)]
}

/// Bᵀ d: the transform of four inputs.
#[inline(always)]
fn input(d: [Lanes; 4]) -> [Lanes; 4] {
    [sub(d[0], d[2]), add(d[1], d[2]), sub(d[2], d[1]), sub(d[1], d[3])]
}

/// B v: its transpose.
#[inline(always)]
fn input_transposed(v: [Lanes; 4]) -> [Lanes; 4] {
    let difference = sub(v[1], v[2]);
    [v[0], add(difference, v[3]), sub(add(v[1], v[2]), v[0]), neg(v[3])]
}

/// Aᵀ m: two outputs from the products.
#[inline(always)]
fn output(m: [Lanes; 4]) -> [Lanes; 2] {
    [add(m[0], add(m[1], m[2])), sub(sub(m[1], m[2]), m[3])]
}

/// A y: its transpose.
#[inline(always)]
fn output_transposed(y: [Lanes; 2]) -> [Lanes; 4] {
    [y[0], add(y[0], y[1]), sub(y[0], y[1]), neg(y[1])]
}

/// The tiles of a row, and where they have their points: point p of tile t and lanes c is at `starts[p] + t · steps[p] + c`
/// in plane p.
pub(super) struct Places {
    pub tiles: usize,
    pub starts: [usize; POINTS * POINTS],
    pub steps: [usize; POINTS * POINTS],
}

impl Places {
    /// Where the points of the next tile are.
    #[inline(always)]
    fn advance(&self, places: &mut [usize; POINTS * POINTS]) {
        for (place, step) in places.iter_mut().zip(self.steps) {
            *place += step;
        }
    }
}

/// The columns of a phase in a row of pixels.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    /// Pixels from one column to the next.
    pub stride: usize,
    /// The first column, in pixels from the left end of the padding.
    pub first: usize,
    /// Pixels of padding.
    pub padding: usize,
    /// Pixels of the row.
    pub width: usize,
}

impl Columns {
    /// The pixel of column `index`; `None` in the padding.
    #[inline(always)]
    fn pixel(self, index: usize) -> Option<usize> {
        let pixel = (self.stride * index + self.first).wrapping_sub(self.padding);
        (pixel < self.width).then_some(pixel)
    }
}

/// Transforms a row of tiles of a phase, from four rows of pixels of `channels` [`Lanes`] each, and stores each point
/// at its place. The phase has `ROWS` × `COLUMNS` points, 3 or 4 in each direction.
///
/// Neighbouring tiles share two of their four columns, which are transformed once.
#[inline(always)]
pub(super) fn transform_inputs<const ROWS: usize, const COLUMNS: usize>(
    rows: [&[Lanes]; POINTS],
    columns: Columns,
    planes: &mut [&mut [Lanes]; POINTS * POINTS],
    places: &Places,
    channels: usize,
) {
    for channel in 0..channels {
        let mut left = [
            transform_column(rows, columns, 0, channel, channels),
            transform_column(rows, columns, 1, channel, channels),
        ];
        let mut at = places.starts;
        for tile in 0..places.tiles {
            let right = [
                transform_column(rows, columns, OUTPUTS * tile + 2, channel, channels),
                transform_column(rows, columns, OUTPUTS * tile + 3, channel, channels),
            ];
            for i in 0..ROWS {
                let row = input([left[0][i], left[1][i], right[0][i], right[1][i]]);
                for (j, value) in row.into_iter().enumerate().take(COLUMNS) {
                    let point = i * POINTS + j;
                    planes[point][at[point] + channel] = value;
                }
            }
            places.advance(&mut at);
            left = right;
        }
    }
}

/// The transform of a column of four pixels.
#[inline(always)]
fn transform_column(
    rows: [&[Lanes]; POINTS],
    columns: Columns,
    index: usize,
    channel: usize,
    channels: usize,
) -> [Lanes; POINTS] {
    let Some(pixel) = columns.pixel(index) else { return [ZERO; POINTS] };
    let at = pixel * channels + channel;
    input([rows[0][at], rows[1][at], rows[2][at], rows[3][at]])
}

/// Adds values to the four pixels of a column; `None` is in the padding.
#[inline(always)]
fn add_column(
    sums: [Lanes; POINTS],
    band: &mut [Lanes],
    rows: [Option<usize>; POINTS],
    pixel: Option<usize>,
    channel: usize,
    channels: usize,
) {
    let Some(pixel) = pixel else { return };
    for (row, sum) in rows.into_iter().zip(sums) {
        let Some(row) = row else { continue };
        let pixel = &mut band[row + pixel * channels + channel];
        *pixel = add(*pixel, sum);
    }
}

/// Adds the transposed transform of a row of tiles of a phase to four rows of pixels, which are in `band`; `None` is in
/// the padding. The phase has `ROWS` × `COLUMNS` points, as in [`transform_inputs`].
///
/// `products` has the points at their places. What neighbouring tiles have in common is added up first.
#[inline(always)]
pub(super) fn inverse_inputs<const ROWS: usize, const COLUMNS: usize>(
    products: &[Lanes],
    places: &Places,
    band: &mut [Lanes],
    rows: [Option<usize>; POINTS],
    columns: Columns,
    channels: usize,
) {
    for channel in 0..channels {
        // For each row of pixels, what the tile before adds to the first two columns of this one.
        let mut carried = [[ZERO; POINTS]; 2];
        let mut at = places.starts;
        for tile in 0..places.tiles {
            // The transform of the columns, then that of the rows.
            let mut vertical = [[ZERO; POINTS]; POINTS];
            for (j, column) in vertical.iter_mut().enumerate().take(COLUMNS) {
                let mut points = [ZERO; POINTS];
                for (i, value) in points.iter_mut().enumerate().take(ROWS) {
                    *value = products[at[i * POINTS + j] + channel];
                }
                *column = input_transposed(points);
            }
            let mut pixels = [[ZERO; POINTS]; POINTS];
            for i in 0..POINTS {
                let row = input_transposed([vertical[0][i], vertical[1][i], vertical[2][i], vertical[3][i]]);
                for (j, value) in row.into_iter().enumerate() {
                    pixels[j][i] = value;
                }
            }
            for (column, carried) in pixels.iter_mut().zip(carried) {
                for (value, carried) in column.iter_mut().zip(carried) {
                    *value = add(*value, carried);
                }
            }
            add_column(pixels[0], band, rows, columns.pixel(OUTPUTS * tile), channel, channels);
            add_column(pixels[1], band, rows, columns.pixel(OUTPUTS * tile + 1), channel, channels);
            carried = [pixels[2], pixels[3]];
            places.advance(&mut at);
        }
        add_column(carried[0], band, rows, columns.pixel(OUTPUTS * places.tiles), channel, channels);
        add_column(carried[1], band, rows, columns.pixel(OUTPUTS * places.tiles + 1), channel, channels);
    }
}

/// The products of a tile → its outputs, in a band of two rows of pixels (or one, at the end of an image).
#[inline(always)]
pub(super) fn inverse_output(
    cells: [&[Lanes]; POINTS * POINTS],
    band: &mut [Lanes],
    at_pixel: usize,
    row_length: usize,
    columns: usize,
    channels: usize,
) {
    for channel in 0..channels {
        let mut rows = [[ZERO; POINTS]; OUTPUTS];
        for j in 0..POINTS {
            let mut column = [ZERO; POINTS];
            for (i, value) in column.iter_mut().enumerate() {
                *value = cells[i * POINTS + j][channel];
            }
            [rows[0][j], rows[1][j]] = output(column);
        }
        for (i, row) in rows.into_iter().enumerate().take(band.len() / row_length) {
            for (j, value) in output(row).into_iter().enumerate().take(columns) {
                band[i * row_length + at_pixel + j * channels + channel] = value;
            }
        }
    }
}

/// The gradients of a tile's outputs → those of its products, each stored at `start` in its plane.
#[inline(always)]
pub(super) fn transform_output_gradient(
    cells: [[&[Lanes]; OUTPUTS]; OUTPUTS],
    planes: &mut [&mut [Lanes]; POINTS * POINTS],
    start: usize,
    channels: usize,
) {
    for channel in 0..channels {
        let [[first, second], [third, fourth]] = cells;
        let columns = [
            output_transposed([first[channel], third[channel]]),
            output_transposed([second[channel], fourth[channel]]),
        ];
        for i in 0..POINTS {
            let row = output_transposed([columns[0][i], columns[1][i]]);
            for (j, value) in row.into_iter().enumerate() {
                let plane = &mut planes[i * POINTS + j];
                if !plane.is_empty() {
                    plane[start + channel] = value;
                }
            }
        }
    }
}
