//! The transforms of the tiles of a block, and back, on one thread or on all.

use super::planes::Planes;
use super::tile::{self, Columns, Places};
use super::{Block, OUTPUTS, POINTS, Phase, PlanePhase, Winograd};
use crate::kernel::geometry::Geometry;
use crate::kernel::lanes::{LANES, Lanes, ZERO, lanes, lanes_mut};
use crate::kernel::threads::{part_length, vectorized};

/// The points of some rows of tiles, each in a slice of its own.
type Points<'a> = [&'a mut [Lanes]; POINTS * POINTS];

impl Winograd {
    /// The image of a row of tiles, and its row in the image.
    fn position(&self, row: usize) -> [usize; 2] {
        [row / self.tiles[0], row % self.tiles[0]]
    }

    /// The rows, in the large side, of the four pixels of a phase that a tile uses; `None` in the padding.
    #[inline(always)]
    fn pixels(&self, tile: usize, phase: Phase) -> [Option<usize>; POINTS] {
        let Geometry { stride, padding, large, .. } = self.geometry;
        let first = stride[0] * OUTPUTS * tile + phase.first;
        let mut pixels = [None; POINTS];
        for (i, pixel) in pixels.iter_mut().enumerate() {
            let at = first + stride[0] * i;
            if at >= padding[0] && at - padding[0] < large[0] {
                *pixel = Some(at - padding[0]);
            }
        }
        pixels
    }

    #[inline(always)]
    fn columns(&self, phase: Phase) -> Columns {
        let Geometry { stride, padding, large, .. } = self.geometry;
        Columns { stride: stride[1], first: phase.first, padding: padding[1], width: large[1] }
    }

    /// Where the points of a phase are, for the tiles from `tile` on, if the planes start at `starts`.
    #[inline(always)]
    fn places(&self, phase: &PlanePhase, planes: &Planes, tile: usize, starts: [usize; POINTS * POINTS + 1]) -> Places {
        let steps = planes.lengths.map(|length| length / LANES);
        let mut places = Places { tiles: self.tiles[1], starts: [0; POINTS * POINTS], steps };
        for (point, start) in places.starts.iter_mut().enumerate() {
            let place = phase.place[point] * self.geometry.large_channels;
            *start = (starts[point] + tile * planes.lengths[point] + place) / LANES;
        }
        places
    }

    /// Rows of tiles in a part of a pass over a block whose maps have `channels`.
    fn part_rows(&self, block: Block, channels: usize) -> usize {
        part_length(block.rows, block.spread.parts(), self.tiles[1] * POINTS * POINTS * channels)
    }

    /// Calls `transform` for each row of tiles of a block, whose maps have `channels`: with its image, its row in the
    /// image, the points of its part of `result`, and its row there.
    fn for_each_row(
        &self,
        block: Block,
        channels: usize,
        result: &mut [f32],
        planes: &Planes,
        transform: impl Fn([usize; 2], &mut Points<'_>, usize) + Sync + Send,
    ) {
        let rows = self.part_rows(block, channels);
        let parts = planes.split_rows(result, rows * self.tiles[1]).into_iter().enumerate().collect();
        block.spread.for_each(parts, |(index, part): (usize, Vec<&mut [f32]>)| {
            let mut points = points(part);
            vectorized(
                #[inline(always)]
                || {
                    for row in 0..rows.min(block.rows - index * rows) {
                        transform(self.position(block.first + index * rows + row), &mut points, row);
                    }
                },
            );
        });
    }

    /// The large side → its points.
    pub(super) fn transform_large(&self, values: &[f32], block: Block, result: &mut [f32], planes: &Planes) {
        let Geometry { large, large_channels, .. } = self.geometry;
        let channels = large_channels / LANES;
        let zeros = vec![ZERO; large[1] * channels];
        self.for_each_row(
            block,
            large_channels,
            result,
            planes,
            #[inline(always)]
            |[image, y], points, row| {
                let image = lanes(&values[image * self.geometry.large_image()..][..self.geometry.large_image()]);
                for phase in &self.phases {
                    let mut lines: [&[Lanes]; POINTS] = [&zeros; POINTS];
                    for (line, y) in lines.iter_mut().zip(self.pixels(y, phase.rows)) {
                        if let Some(y) = y {
                            *line = &image[y * zeros.len()..(y + 1) * zeros.len()];
                        }
                    }
                    let places = self.places(phase, planes, row * self.tiles[1], [0; POINTS * POINTS + 1]);
                    let columns = self.columns(phase.columns);
                    match [phase.rows.points(), phase.columns.points()] {
                        [4, 4] => tile::transform_inputs::<4, 4>(lines, columns, points, &places, channels),
                        [4, _] => tile::transform_inputs::<4, 3>(lines, columns, points, &places, channels),
                        [_, 4] => tile::transform_inputs::<3, 4>(lines, columns, points, &places, channels),
                        _ => tile::transform_inputs::<3, 3>(lines, columns, points, &places, channels),
                    }
                }
            },
        );
    }

    /// The gradient of the small side → that of its points.
    pub(super) fn transform_small(&self, values: &[f32], block: Block, result: &mut [f32], planes: &Planes) {
        let Geometry { small, small_channels, .. } = self.geometry;
        let channels = small_channels / LANES;
        let zeros = vec![ZERO; channels];
        self.for_each_row(
            block,
            small_channels,
            result,
            planes,
            #[inline(always)]
            |[image, y], points, row| {
                let image = lanes(&values[image * self.geometry.small_image()..][..self.geometry.small_image()]);
                for x in 0..self.tiles[1] {
                    let mut cells: [[&[Lanes]; OUTPUTS]; OUTPUTS] = [[&zeros; OUTPUTS]; OUTPUTS];
                    for (i, cells) in cells.iter_mut().enumerate() {
                        for (j, cell) in cells.iter_mut().enumerate() {
                            let (y, x) = (OUTPUTS * y + i, OUTPUTS * x + j);
                            if y < small[0] && x < small[1] {
                                *cell = &image[(y * small[1] + x) * channels..][..channels];
                            }
                        }
                    }
                    let start = (row * self.tiles[1] + x) * channels;
                    tile::transform_output_gradient(cells, points, start, channels);
                }
            },
        );
    }

    /// The products → the small side.
    pub(super) fn inverse_small(&self, products: &[f32], planes: &Planes, block: Block, result: &mut [f32]) {
        let Geometry { small, small_channels, .. } = self.geometry;
        let channels = small_channels / LANES;
        let products = lanes(products);
        let row_length = small[1] * small_channels;
        let zeros = vec![ZERO; channels];
        // Rows of tiles as slices of the result; the last one of an image may have one row of pixels.
        let mut bands = Vec::new();
        for image in result.chunks_mut(self.geometry.small_image()) {
            bands.extend(image.chunks_mut(OUTPUTS * row_length));
        }
        let bands = bands.into_iter().enumerate().skip(block.first).take(block.rows);
        let mut parts: Vec<Vec<(usize, &mut [f32])>> = Vec::new();
        let rows = self.part_rows(block, small_channels);
        for (index, band) in bands {
            match parts.last_mut().filter(|part| part.len() < rows) {
                Some(part) => part.push((index - block.first, band)),
                None => parts.push(vec![(index - block.first, band)]),
            }
        }
        block.spread.for_each(parts, |part: Vec<(usize, &mut [f32])>| {
            vectorized(
                #[inline(always)]
                || {
                    for (row, band) in part {
                        let band = lanes_mut(band);
                        for x in 0..self.tiles[1] {
                            let start = (row * self.tiles[1] + x) * channels;
                            let mut cells: [&[Lanes]; POINTS * POINTS] = [&zeros; POINTS * POINTS];
                            for (point, cell) in cells.iter_mut().enumerate() {
                                if planes.lengths[point] > 0 {
                                    *cell = &products[planes.starts[point] / LANES + start..][..channels];
                                }
                            }
                            let columns = OUTPUTS.min(small[1] - OUTPUTS * x);
                            let at = OUTPUTS * x * channels;
                            tile::inverse_output(cells, band, at, small[1] * channels, columns, channels);
                        }
                    }
                },
            );
        });
    }

    /// The products → the large side, to which they are added.
    pub(super) fn inverse_large(&self, products: &[f32], planes: &Planes, block: Block, result: &mut [f32]) {
        let Geometry { large, large_channels, stride, padding, .. } = self.geometry;
        let channels = large_channels / LANES;
        let products = lanes(products);
        let row_length = large[1] * large_channels;
        // The pixels of every second row of tiles do not overlap: first the even rows, then the odd ones.
        for parity in 0..2 {
            let mut parts = Vec::new();
            for (image, values) in result.chunks_mut(self.geometry.large_image()).enumerate() {
                let mut rest = values;
                let mut next = 0;
                for y in (parity..self.tiles[0]).step_by(2) {
                    let row = image * self.tiles[0] + y;
                    let first = (stride[0] * OUTPUTS * y).saturating_sub(padding[0]).min(large[0]);
                    let end = (stride[0] * (OUTPUTS * y + POINTS)).saturating_sub(padding[0]).min(large[0]);
                    let (_, after) = rest.split_at_mut((first - next) * row_length);
                    let (band, after) = after.split_at_mut((end - first) * row_length);
                    rest = after;
                    next = end;
                    if (block.first..block.first + block.rows).contains(&row) {
                        parts.push((row - block.first, y, first, band));
                    }
                }
            }
            block.spread.for_each(parts, |(row, y, first, band): (usize, usize, usize, &mut [f32])| {
                let band = lanes_mut(band);
                vectorized(
                    #[inline(always)]
                    || {
                        for phase in &self.phases {
                            let mut rows = self.pixels(y, phase.rows);
                            rows.iter_mut().flatten().for_each(|y| *y = (*y - first) * large[1] * channels);
                            let places = self.places(phase, planes, row * self.tiles[1], planes.starts);
                            let columns = self.columns(phase.columns);
                            match [phase.rows.points(), phase.columns.points()] {
                                [4, 4] => {
                                    tile::inverse_inputs::<4, 4>(products, &places, band, rows, columns, channels)
                                }
                                [4, _] => {
                                    tile::inverse_inputs::<4, 3>(products, &places, band, rows, columns, channels)
                                }
                                [_, 4] => {
                                    tile::inverse_inputs::<3, 4>(products, &places, band, rows, columns, channels)
                                }
                                _ => tile::inverse_inputs::<3, 3>(products, &places, band, rows, columns, channels),
                            }
                        }
                    },
                );
            });
        }
    }
}

/// The slices of a part, one for each point.
fn points(part: Vec<&mut [f32]>) -> Points<'_> {
    let mut points: Points<'_> = std::array::from_fn(|_| Default::default());
    for (point, values) in points.iter_mut().zip(part) {
        *point = lanes_mut(values);
    }
    points
}
