//! Convolutions with kernels of 2 to 6 pixels by Winograd's minimal filtering, for strides 1 and 2.
//!
//! Lavin & Gray 2015 (arXiv 1509.09308), F(2, 3) in each direction: two outputs of a filter with three taps take four
//! products instead of six, at the points 0, 1, −1 and ∞. A stride of 2 is first parted into phases: of the pixels with
//! even and with odd coordinates, each convolved with its own taps of the kernel, at stride 1. A 5×5 kernel gives 3×3,
//! 3×2, 2×3 and 2×2 taps. A filter with two taps is one with three whose last tap is 0, and its product at ∞ is 0 and
//! left out. So four outputs take 49 products a pair of channels instead of 100. The phases add up before the inverse
//! transform, as if they were more channels.
//!
//! The three transforms have factors 1 and ½ only, so that the rounding error is that of a direct sum within a small
//! factor. Input gradients and weight gradients are the transposed steps, in the same tiles.

use std::cell::RefCell;
use std::ops::Range;

use super::geometry::{Geometry, Operands, Results, Wanted};
use super::matrix::{Matrix, Onto, product};
use super::threads::{for_each, part_length};
use tile::{Columns, Places};

mod filter;
mod tile;

/// The points in each direction; a product belongs to a pair of them.
const POINTS: usize = 4;
/// Outputs of a tile in each direction.
const OUTPUTS: usize = 2;
/// Bytes of transformed tiles that a thread keeps at a time when it works alone; they are meant to stay in its cache.
const BLOCK: usize = 192 << 10;
/// Bytes of transformed tiles that all threads work on together, at least.
const SHARED_BLOCK: usize = 4 << 20;
/// Bytes of transformed filters up to which each thread works alone.
const SMALL_FILTERS: usize = 512 << 10;
/// Into how many groups of images the batch is split when threads work alone. The gradients of the filters are summed
/// for each group, and then in the order of the groups.
const GROUPS: usize = 16;
/// Products that take as long as another operation.
const PRODUCTS: usize = 16;
/// Channels on both sides from which on the transforms cost less than they save (`benches/README.md`).
const CHANNELS: usize = 16;
/// Into how many parts a pass over the tiles of a block is split.
const PARTS: usize = 32;

/// The taps of the kernel that belong to a phase, in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Phase {
    /// The first tap, and the offset of the phase's pixels.
    first: usize,
    /// 2 or 3.
    taps: usize,
}

impl Phase {
    /// The phases of a kernel, if each has 2 or 3 taps.
    fn all(kernel: usize, stride: usize) -> Option<Vec<Self>> {
        let phases = (0..stride).map(|first| Self { first, taps: kernel.saturating_sub(first).div_ceil(stride) });
        let phases: Vec<Self> = phases.collect();
        phases.iter().all(|phase| (2..=3).contains(&phase.taps)).then_some(phases)
    }

    /// Points with a product: the last one is for three taps alone.
    #[inline(always)]
    fn points(self) -> usize {
        self.taps + 1
    }
}

/// A phase in both directions, and its place among the phases of each point.
struct PlanePhase {
    rows: Phase,
    columns: Phase,
    /// For each point, the index of this phase among those that have a product there.
    place: [usize; POINTS * POINTS],
}

impl PlanePhase {
    #[inline(always)]
    fn has(&self, point: usize) -> bool {
        point / POINTS < self.rows.points() && point % POINTS < self.columns.points()
    }
}

/// A convolution in tiles of 2×2 outputs.
pub(super) struct Winograd {
    geometry: Geometry,
    phases: Vec<PlanePhase>,
    /// The number of phases at each point.
    counts: [usize; POINTS * POINTS],
    /// Rows and columns of tiles in an image.
    tiles: [usize; 2],
}

/// One buffer per point: `[rows, counts[point] · width]`.
struct Planes {
    starts: [usize; POINTS * POINTS + 1],
    lengths: [usize; POINTS * POINTS],
}

impl Planes {
    fn new(rows: usize, widths: [usize; POINTS * POINTS]) -> Self {
        let mut starts = [0; POINTS * POINTS + 1];
        for point in 0..POINTS * POINTS {
            starts[point + 1] = starts[point] + rows * widths[point];
        }
        Self { starts, lengths: widths }
    }

    fn len(&self) -> usize {
        self.starts[POINTS * POINTS]
    }

    fn range(&self, point: usize) -> Range<usize> {
        self.starts[point]..self.starts[point + 1]
    }

    /// The part of each point, as slices of their own.
    fn split<'a>(&self, mut values: &'a mut [f32]) -> Vec<&'a mut [f32]> {
        let mut planes = Vec::with_capacity(POINTS * POINTS);
        for point in 0..POINTS * POINTS {
            let (plane, rest) = values.split_at_mut(self.range(point).len());
            planes.push(plane);
            values = rest;
        }
        planes
    }

    /// Parts of `rows` rows of every point, in order.
    fn split_rows<'a>(&self, values: &'a mut [f32], rows: usize) -> Vec<Vec<&'a mut [f32]>> {
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

impl Winograd {
    /// The convolution in tiles, if its kernel and stride permit it and it has enough channels to gain by it.
    pub fn new(geometry: Geometry) -> Option<Self> {
        if geometry.large_channels < CHANNELS || geometry.small_channels < CHANNELS {
            return None;
        }
        let rows = Phase::all(geometry.kernel[0], geometry.stride[0])?;
        let columns = Phase::all(geometry.kernel[1], geometry.stride[1])?;
        let mut counts = [0; POINTS * POINTS];
        let mut phases = Vec::new();
        for &rows in &rows {
            for &columns in &columns {
                let mut phase = PlanePhase { rows, columns, place: counts };
                for (point, count) in counts.iter_mut().enumerate() {
                    phase.place[point] = *count;
                    *count += usize::from(phase.has(point));
                }
                phases.push(phase);
            }
        }
        let tiles = geometry.small.map(|side| side.div_ceil(OUTPUTS));
        Some(Self { geometry, phases, counts, tiles })
    }

    /// Computes what is wanted from the other operands.
    pub fn run(&self, operands: Operands<'_>, wanted: Wanted) -> Results {
        let Geometry { batch, large_channels, small_channels, .. } = self.geometry;
        let filters = Planes::new(small_channels, self.counts.map(|count| count * large_channels));
        let mut filter = Vec::new();
        if let (true, Some(weight)) = (wanted.small || wanted.large, operands.weight) {
            filter = vec![0.0; filters.len()];
            self.transform_filter(weight, &mut filter, &filters);
        }
        let mut results = Results {
            large: vec![0.0; if wanted.large { self.geometry.large_len() } else { 0 }],
            small: vec![0.0; if wanted.small { self.geometry.small_len() } else { 0 }],
            weight: Vec::new(),
        };
        // With small filters each thread works on images of its own; large ones are better read by all threads at once.
        let images = match 4 * filters.len() <= SMALL_FILTERS {
            true => part_length(batch, GROUPS, self.tiles[0] * self.tiles[1] * filters.len() / PRODUCTS),
            false => batch,
        };
        let groups = batch.div_ceil(images.max(1));
        let mut gradients = vec![0.0; if wanted.weight { groups * filters.len() } else { 0 }];
        let mut large = results.large.chunks_mut((images * self.geometry.large_image()).max(1));
        let mut small = results.small.chunks_mut((images * self.geometry.small_image()).max(1));
        let mut gradient = gradients.chunks_mut(filters.len().max(1));
        let parts = (0..groups).map(|group| Group {
            first: group * images,
            images: images.min(batch - group * images),
            large: large.next().unwrap_or_default(),
            small: small.next().unwrap_or_default(),
            gradient: gradient.next().unwrap_or_default(),
        });
        let spread = if groups > 1 { Spread::Alone } else { Spread::Threads };
        for_each(parts.collect(), |group| self.run_group(group, operands, wanted, (&filter, &filters), spread));
        if wanted.weight {
            let (total, others) = gradients.split_at_mut(filters.len());
            for other in others.chunks(filters.len().max(1)) {
                total.iter_mut().zip(other).for_each(|(total, value)| *total += value);
            }
            results.weight = self.inverse_filter(total, &filters);
        }
        results
    }

    fn run_group(
        &self,
        mut group: Group<'_>,
        operands: Operands<'_>,
        wanted: Wanted,
        filters: (&[f32], &Planes),
        spread: Spread,
    ) {
        let (large_image, small_image) = (self.geometry.large_image(), self.geometry.small_image());
        let operands = Operands {
            large: operands.large.map(|values| &values[group.first * large_image..][..group.images * large_image]),
            small: operands.small.map(|values| &values[group.first * small_image..][..group.images * small_image]),
            weight: None,
        };
        let rows = group.images * self.tiles[0];
        let step = self.block_rows(filters.1.len(), spread).min(rows.max(1));
        let mut scratch = SCRATCH.take();
        for first in (0..rows).step_by(step) {
            let block = Block { first, rows: step.min(rows - first), spread };
            self.run_block(block, operands, wanted, filters, &mut group, &mut scratch);
        }
        SCRATCH.set(scratch);
    }

    /// Rows of tiles in a block.
    fn block_rows(&self, filters: usize, spread: Spread) -> usize {
        let Geometry { large_channels, small_channels, .. } = self.geometry;
        let phases: usize = self.counts.iter().sum();
        let tile = 4 * (phases * large_channels + POINTS * POINTS * small_channels);
        let bytes = match spread {
            Spread::Alone => BLOCK,
            Spread::Threads => SHARED_BLOCK.max((4 * filters).min(8 * SHARED_BLOCK)),
        };
        (bytes / (tile * self.tiles[1])).max(1)
    }

    fn run_block(
        &self,
        block: Block,
        operands: Operands<'_>,
        wanted: Wanted,
        (filter, filters): (&[f32], &Planes),
        group: &mut Group<'_>,
        scratch: &mut Scratch,
    ) {
        let Geometry { large_channels, small_channels, .. } = self.geometry;
        let tiles = block.rows * self.tiles[1];
        let large = Planes::new(tiles, self.counts.map(|count| count * large_channels));
        let small = Planes::new(tiles, self.counts.map(|count| if count > 0 { small_channels } else { 0 }));
        if let Some(values) = operands.large.filter(|_| wanted.small || wanted.weight) {
            self.transform_large(values, block, Scratch::take(&mut scratch.large, large.len()), &large);
        }
        if let Some(values) = operands.small.filter(|_| wanted.large || wanted.weight) {
            self.transform_small(values, block, Scratch::take(&mut scratch.small, small.len()), &small);
        }
        if wanted.weight {
            let parts = filters.split(group.gradient).into_iter().enumerate().collect();
            let (large_values, small_values) = (&scratch.large, &scratch.small);
            block.spread.for_each(parts, |(point, gradient): (usize, &mut [f32])| {
                let left = Matrix::new(&small_values[small.range(point)], tiles, small.lengths[point]).transposed();
                let right = Matrix::new(&large_values[large.range(point)], tiles, large.lengths[point]);
                product(gradient, left, right, if block.first == 0 { Onto::Replace } else { Onto::Add });
            });
        }
        if wanted.small {
            let result = Scratch::take(&mut scratch.product, small.len());
            let parts = small.split(result).into_iter().enumerate().collect();
            let values = &scratch.large;
            block.spread.for_each(parts, |(point, result): (usize, &mut [f32])| {
                let left = Matrix::new(&values[large.range(point)], tiles, large.lengths[point]);
                let right = Matrix::new(&filter[filters.range(point)], small.lengths[point], filters.lengths[point]);
                product(result, left, right.transposed(), Onto::Replace);
            });
            self.inverse_small(&scratch.product, &small, block, group.small);
        }
        if wanted.large {
            // The transformed large side is no longer needed.
            let result = Scratch::take(&mut scratch.large, large.len());
            let parts = large.split(result).into_iter().enumerate().collect();
            let values = &scratch.small;
            block.spread.for_each(parts, |(point, result): (usize, &mut [f32])| {
                let left = Matrix::new(&values[small.range(point)], tiles, small.lengths[point]);
                let right = Matrix::new(&filter[filters.range(point)], small.lengths[point], filters.lengths[point]);
                product(result, left, right, Onto::Replace);
            });
            self.inverse_large(&scratch.large, &large, block, group.large);
        }
    }

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

    /// Where the points of a phase are, for the tiles from `tile`, if the planes start at `starts`.
    #[inline(always)]
    fn places(&self, phase: &PlanePhase, planes: &Planes, tile: usize, starts: [usize; POINTS * POINTS + 1]) -> Places {
        let mut places = Places { tiles: self.tiles[1], starts: [0; POINTS * POINTS], steps: planes.lengths };
        for (point, start) in places.starts.iter_mut().enumerate() {
            let place = phase.place[point] * self.geometry.large_channels;
            *start = starts[point] + tile * planes.lengths[point] + place;
        }
        places
    }

    fn transform_large(&self, values: &[f32], block: Block, result: &mut [f32], planes: &Planes) {
        let Geometry { large, large_channels, .. } = self.geometry;
        let rows = part_length(block.rows, block.spread.parts(), self.tiles[1] * POINTS * POINTS * large_channels);
        let parts = planes.split_rows(result, rows * self.tiles[1]).into_iter().enumerate().collect();
        let zeros = vec![0.0; large[1] * large_channels];
        block.spread.for_each(parts, |(index, mut part): (usize, Vec<&mut [f32]>)| {
            super::threads::vectorized(
                #[inline(always)]
                || {
                    for row in 0..rows.min(block.rows - index * rows) {
                        let [image, y] = self.position(block.first + index * rows + row);
                        let image = &values[image * self.geometry.large_image()..][..self.geometry.large_image()];
                        for phase in &self.phases {
                            let pixels = self.pixels(y, phase.rows);
                            let mut lines: [&[f32]; POINTS] = [&zeros; POINTS];
                            for (line, y) in lines.iter_mut().zip(pixels) {
                                if let Some(y) = y {
                                    *line = &image[y * zeros.len()..(y + 1) * zeros.len()];
                                }
                            }
                            tile::transform_inputs(
                                lines,
                                self.columns(phase.columns),
                                [phase.rows.points(), phase.columns.points()],
                                &mut part,
                                &self.places(phase, planes, row * self.tiles[1], [0; POINTS * POINTS + 1]),
                                large_channels,
                            );
                        }
                    }
                },
            );
        });
    }

    fn transform_small(&self, values: &[f32], block: Block, result: &mut [f32], planes: &Planes) {
        let Geometry { small, small_channels, .. } = self.geometry;
        let rows = part_length(block.rows, block.spread.parts(), self.tiles[1] * POINTS * POINTS * small_channels);
        let parts = planes.split_rows(result, rows * self.tiles[1]).into_iter().enumerate().collect();
        let zeros = vec![0.0; small_channels];
        block.spread.for_each(parts, |(index, mut part): (usize, Vec<&mut [f32]>)| {
            super::threads::vectorized(
                #[inline(always)]
                || {
                    for row in 0..rows.min(block.rows - index * rows) {
                        let [image, y] = self.position(block.first + index * rows + row);
                        let image = &values[image * self.geometry.small_image()..][..self.geometry.small_image()];
                        for x in 0..self.tiles[1] {
                            let mut cells: [[&[f32]; OUTPUTS]; OUTPUTS] = [[&zeros; OUTPUTS]; OUTPUTS];
                            for (i, cells) in cells.iter_mut().enumerate() {
                                for (j, cell) in cells.iter_mut().enumerate() {
                                    let (y, x) = (OUTPUTS * y + i, OUTPUTS * x + j);
                                    if y < small[0] && x < small[1] {
                                        *cell = &image[(y * small[1] + x) * small_channels..][..small_channels];
                                    }
                                }
                            }
                            let start = (row * self.tiles[1] + x) * small_channels;
                            tile::transform_output_gradient(cells, &mut part, start, small_channels);
                        }
                    }
                },
            );
        });
    }

    fn inverse_small(&self, products: &[f32], planes: &Planes, block: Block, result: &mut [f32]) {
        let Geometry { small, small_channels, .. } = self.geometry;
        let row_length = small[1] * small_channels;
        let zeros = vec![0.0; small_channels];
        // Rows of tiles as slices of the result; the last one of an image may have one row of pixels.
        let mut bands = Vec::new();
        for image in result.chunks_mut(self.geometry.small_image()) {
            bands.extend(image.chunks_mut(OUTPUTS * row_length));
        }
        let bands = bands.into_iter().enumerate().skip(block.first).take(block.rows);
        let mut parts: Vec<Vec<(usize, &mut [f32])>> = Vec::new();
        let rows = part_length(block.rows, block.spread.parts(), self.tiles[1] * POINTS * POINTS * small_channels);
        for (index, band) in bands {
            match parts.last_mut().filter(|part| part.len() < rows) {
                Some(part) => part.push((index - block.first, band)),
                None => parts.push(vec![(index - block.first, band)]),
            }
        }
        block.spread.for_each(parts, |part: Vec<(usize, &mut [f32])>| {
            super::threads::vectorized(
                #[inline(always)]
                || {
                    for (row, band) in part {
                        for x in 0..self.tiles[1] {
                            let start = (row * self.tiles[1] + x) * small_channels;
                            let mut cells: [&[f32]; POINTS * POINTS] = [&zeros; POINTS * POINTS];
                            for (point, cell) in cells.iter_mut().enumerate() {
                                if planes.lengths[point] > 0 {
                                    *cell = &products[planes.starts[point] + start..][..small_channels];
                                }
                            }
                            let columns = OUTPUTS.min(small[1] - OUTPUTS * x);
                            let at = OUTPUTS * x * small_channels;
                            tile::inverse_output(cells, band, at, row_length, columns, small_channels);
                        }
                    }
                },
            );
        });
    }

    fn inverse_large(&self, products: &[f32], planes: &Planes, block: Block, result: &mut [f32]) {
        let Geometry { large, large_channels, stride, padding, .. } = self.geometry;
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
                super::threads::vectorized(
                    #[inline(always)]
                    || {
                        for phase in &self.phases {
                            let mut rows = self.pixels(y, phase.rows);
                            rows.iter_mut().flatten().for_each(|y| *y = (*y - first) * row_length);
                            tile::inverse_inputs(
                                products,
                                &self.places(phase, planes, row * self.tiles[1], planes.starts),
                                [phase.rows.points(), phase.columns.points()],
                                band,
                                rows,
                                self.columns(phase.columns),
                                large_channels,
                            );
                        }
                    },
                );
            });
        }
    }
}

/// Images that are computed together, and their results.
struct Group<'a> {
    first: usize,
    images: usize,
    large: &'a mut [f32],
    small: &'a mut [f32],
    /// The gradient of the transformed filters.
    gradient: &'a mut [f32],
}

/// A range of rows of tiles, counted over all images of a group.
#[derive(Clone, Copy)]
struct Block {
    first: usize,
    rows: usize,
    spread: Spread,
}

/// Which threads work on a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spread {
    /// The calling thread.
    Alone,
    /// All threads.
    Threads,
}

impl Spread {
    fn for_each<P: Send>(self, parts: Vec<P>, work: impl Fn(P) + Sync + Send) {
        match self {
            Spread::Alone => parts.into_iter().for_each(work),
            Spread::Threads => for_each(parts, work),
        }
    }

    /// Into how many parts a pass over the tiles of a block is split.
    fn parts(self) -> usize {
        match self {
            Spread::Alone => 1,
            Spread::Threads => PARTS,
        }
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Buffers that blocks and calls share.
#[derive(Default)]
struct Scratch {
    large: Vec<f32>,
    small: Vec<f32>,
    product: Vec<f32>,
}

impl Scratch {
    /// The first `length` values; what they are does not matter.
    fn take(buffer: &mut Vec<f32>, length: usize) -> &mut [f32] {
        if buffer.len() < length {
            buffer.resize(length, 0.0);
        }
        &mut buffer[..length]
    }
}
