//! The transforms of one tile, for all channels.

use super::{OUTPUTS, POINTS};
use crate::kernel::lanes::{LANES, Lanes, ZERO, add, load, neg, store, sub};

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

/// The tiles of a row, and where they have their points: point p of tile t and channel c is at `starts[p] + t · steps[p] + c` in plane p.
pub(super) struct Places {
    pub tiles: usize,
    pub starts: [usize; POINTS * POINTS],
    pub steps: [usize; POINTS * POINTS],
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

/// Transforms a row of tiles of a phase, from four rows of pixels, and stores each point at its place.
///
/// Neighbouring tiles share two of their four columns, which are transformed once.
#[inline(always)]
pub(super) fn transform_inputs(
    rows: [&[f32]; POINTS],
    columns: Columns,
    points: [usize; 2],
    planes: &mut [&mut [f32]],
    places: &Places,
    channels: usize,
) {
    for at in (0..channels).step_by(LANES) {
        let mut left =
            [transform_column(rows, columns, 0, at, channels), transform_column(rows, columns, 1, at, channels)];
        for tile in 0..places.tiles {
            let right = [
                transform_column(rows, columns, OUTPUTS * tile + 2, at, channels),
                transform_column(rows, columns, OUTPUTS * tile + 3, at, channels),
            ];
            for i in 0..points[0] {
                let row = input([left[0][i], left[1][i], right[0][i], right[1][i]]);
                for (j, lanes) in row.into_iter().enumerate().take(points[1]) {
                    let point = i * POINTS + j;
                    let start = places.starts[point] + tile * places.steps[point];
                    store(lanes, &mut planes[point][start..start + channels], at);
                }
            }
            left = right;
        }
    }
}

/// The transform of a column of four pixels.
#[inline(always)]
fn transform_column(
    rows: [&[f32]; POINTS],
    columns: Columns,
    index: usize,
    at: usize,
    channels: usize,
) -> [Lanes; POINTS] {
    let Some(pixel) = columns.pixel(index) else { return [ZERO; POINTS] };
    let pixel = pixel * channels;
    input(four(
        #[inline(always)]
        |i| load(&rows[i][pixel..pixel + channels], at),
    ))
}

/// Adds values to the four pixels of a column, from channel `at` on; `None` is in the padding.
#[inline(always)]
fn add_column(
    sums: [Lanes; POINTS],
    band: &mut [f32],
    rows: [Option<usize>; POINTS],
    pixel: Option<usize>,
    at: usize,
    channels: usize,
) {
    let Some(pixel) = pixel else { return };
    for (row, sum) in rows.into_iter().zip(sums) {
        let Some(row) = row else { continue };
        let start = row + pixel * channels;
        let pixel = &mut band[start..start + channels];
        store(add(load(pixel, at), sum), pixel, at);
    }
}

/// Adds the transposed transform of a row of tiles of a phase to four rows of pixels, which are in `band`; `None` is in
/// the padding.
///
/// `products` has the points at their places. What neighbouring tiles have in common is added up first.
#[inline(always)]
pub(super) fn inverse_inputs(
    products: &[f32],
    places: &Places,
    points: [usize; 2],
    band: &mut [f32],
    rows: [Option<usize>; POINTS],
    columns: Columns,
    channels: usize,
) {
    for at in (0..channels).step_by(LANES) {
        // For each row of pixels, what the tile before adds to the first two columns of this one.
        let mut carried = [[ZERO; 2]; POINTS];
        for tile in 0..places.tiles {
            // The transform of the columns, then that of the rows.
            let vertical = four(
                #[inline(always)]
                |j| {
                    input_transposed(four(
                        #[inline(always)]
                        |i| match i < points[0] && j < points[1] {
                            true => {
                                let start = places.starts[i * POINTS + j] + tile * places.steps[i * POINTS + j];
                                load(&products[start..start + channels], at)
                            }
                            false => ZERO,
                        },
                    ))
                },
            );
            let mut pixels = four(
                #[inline(always)]
                |i| {
                    input_transposed(four(
                        #[inline(always)]
                        |j| vertical[j][i],
                    ))
                },
            );
            for (pixels, carried) in pixels.iter_mut().zip(carried) {
                pixels[0] = add(pixels[0], carried[0]);
                pixels[1] = add(pixels[1], carried[1]);
            }
            let first = four(
                #[inline(always)]
                |i| pixels[i][0],
            );
            let second = four(
                #[inline(always)]
                |i| pixels[i][1],
            );
            add_column(first, band, rows, columns.pixel(OUTPUTS * tile), at, channels);
            add_column(second, band, rows, columns.pixel(OUTPUTS * tile + 1), at, channels);
            carried = four(
                #[inline(always)]
                |i| [pixels[i][2], pixels[i][3]],
            );
        }
        let first = four(
            #[inline(always)]
            |i| carried[i][0],
        );
        let second = four(
            #[inline(always)]
            |i| carried[i][1],
        );
        add_column(first, band, rows, columns.pixel(OUTPUTS * places.tiles), at, channels);
        add_column(second, band, rows, columns.pixel(OUTPUTS * places.tiles + 1), at, channels);
    }
}

/// The products of a tile → its outputs, in a band of two rows of pixels (or one, at the end of an image).
#[inline(always)]
pub(super) fn inverse_output(
    cells: [&[f32]; POINTS * POINTS],
    band: &mut [f32],
    at_pixel: usize,
    row_length: usize,
    columns: usize,
    channels: usize,
) {
    for at in (0..channels).step_by(LANES) {
        let sums = four(
            #[inline(always)]
            |j| {
                output(four(
                    #[inline(always)]
                    |i| load(cells[i * POINTS + j], at),
                ))
            },
        );
        let first = output(four(
            #[inline(always)]
            |j| sums[j][0],
        ));
        let second = output(four(
            #[inline(always)]
            |j| sums[j][1],
        ));
        for (i, row) in [first, second].into_iter().enumerate().take(band.len() / row_length) {
            for (j, lanes) in row.into_iter().enumerate().take(columns) {
                let start = i * row_length + at_pixel + j * channels;
                store(lanes, &mut band[start..start + channels], at);
            }
        }
    }
}

/// The gradients of a tile's outputs → those of its products, each stored at `start` in its plane.
#[inline(always)]
pub(super) fn transform_output_gradient(
    cells: [[&[f32]; OUTPUTS]; OUTPUTS],
    planes: &mut [&mut [f32]],
    start: usize,
    channels: usize,
) {
    for at in (0..channels).step_by(LANES) {
        let [[first, second], [third, fourth]] = cells;
        let columns = [
            output_transposed([load(first, at), load(third, at)]),
            output_transposed([load(second, at), load(fourth, at)]),
        ];
        for i in 0..POINTS {
            let row = output_transposed([columns[0][i], columns[1][i]]);
            for (j, lanes) in row.into_iter().enumerate() {
                let plane = &mut planes[i * POINTS + j];
                if !plane.is_empty() {
                    store(lanes, &mut plane[start..start + channels], at);
                }
            }
        }
    }
}
