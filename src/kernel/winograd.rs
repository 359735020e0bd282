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

use super::buffer;
use super::geometry::{Geometry, Operands, Results, Wanted};
use super::lanes::LANES;
use super::matrix::{Matrix, Onto, product};
use super::threads::{for_each, part_length, total_of_parts};
use planes::Planes;

mod filter;
mod passes;
mod planes;
mod tile;

/// The points in each direction; a product belongs to a pair of them.
const POINTS: usize = 4;
/// Pixels of the largest kernel: three taps for each of nine phases.
const PIXELS: usize = 81;
/// Outputs of a tile in each direction.
const OUTPUTS: usize = 2;
/// Bytes of transformed tiles that a thread keeps at a time when it works alone; they are meant to stay in its cache.
const BLOCK: usize = 384 << 10;
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

impl Winograd {
    /// The convolution in tiles, if its kernel and stride permit it, its channels are [`Lanes`](super::lanes::Lanes), and
    /// there are enough of them to gain by it.
    pub fn new(geometry: Geometry) -> Option<Self> {
        let channels = [geometry.large_channels, geometry.small_channels];
        if channels.iter().any(|channels| *channels < CHANNELS || !channels.is_multiple_of(LANES)) {
            return None;
        }
        if geometry.kernel[0] * geometry.kernel[1] > PIXELS {
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
        let weight = operands.weight.filter(|_| wanted.small || wanted.large);
        let mut filter = buffer::temporary(if weight.is_some() { filters.len() } else { 0 });
        if let Some(weight) = weight {
            self.transform_filter(weight, &mut filter, &filters);
        }
        let mut results = Results {
            large: buffer::zeros(if wanted.large { self.geometry.large_len() } else { 0 }),
            small: buffer::overwritten(if wanted.small { self.geometry.small_len() } else { 0 }),
            weight: Vec::new(),
        };
        // With small filters each thread works on images of its own; large ones are better read by all threads at once.
        let images = match 4 * filters.len() <= SMALL_FILTERS {
            true => part_length(batch, GROUPS, self.tiles[0] * self.tiles[1] * filters.len() / PRODUCTS),
            false => batch,
        };
        let groups = batch.div_ceil(images.max(1));
        // Many small products read rows faster than columns; a large one copies the columns once.
        let transposed = match wanted.small && groups > 1 {
            true => Some(filters.transpose(&filter, small_channels)),
            false => None,
        };
        let mut gradients = buffer::temporary(if wanted.weight { groups * filters.len() } else { 0 });
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
        let filters = Filters { planes: &filters, values: &filter, transposed: transposed.as_deref() };
        for_each(parts.collect(), |group| self.run_group(group, operands, wanted, filters, spread));
        let filters = filters.planes;
        if wanted.weight {
            results.weight = self.inverse_filter(total_of_parts(&mut gradients, filters.len()), filters);
        }
        results
    }

    fn run_group(
        &self,
        mut group: Group<'_>,
        operands: Operands<'_>,
        wanted: Wanted,
        filters: Filters<'_>,
        spread: Spread,
    ) {
        let (large_image, small_image) = (self.geometry.large_image(), self.geometry.small_image());
        let operands = Operands {
            large: operands.large.map(|values| &values[group.first * large_image..][..group.images * large_image]),
            small: operands.small.map(|values| &values[group.first * small_image..][..group.images * small_image]),
            weight: None,
        };
        let rows = group.images * self.tiles[0];
        let step = self.block_rows(filters.planes.len(), spread).min(rows.max(1));
        for first in (0..rows).step_by(step) {
            let block = Block { first, rows: step.min(rows - first), spread };
            self.run_block(block, operands, wanted, filters, &mut group);
        }
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
        filters: Filters<'_>,
        group: &mut Group<'_>,
    ) {
        let Geometry { large_channels, small_channels, .. } = self.geometry;
        let tiles = block.rows * self.tiles[1];
        let large = Planes::new(tiles, self.counts.map(|count| count * large_channels));
        let small = Planes::new(tiles, self.counts.map(|count| if count > 0 { small_channels } else { 0 }));
        let large_values = operands.large.filter(|_| wanted.small || wanted.weight).map(|values| {
            let mut points = buffer::temporary(large.len());
            self.transform_large(values, block, &mut points, &large);
            points
        });
        let small_values = operands.small.filter(|_| wanted.large || wanted.weight).map(|values| {
            let mut points = buffer::temporary(small.len());
            self.transform_small(values, block, &mut points, &small);
            points
        });
        if let (true, Some(large_values), Some(small_values)) = (wanted.weight, &large_values, &small_values) {
            let parts = filters.planes.split(group.gradient).into_iter().enumerate().collect();
            block.spread.for_each(parts, |(point, gradient): (usize, &mut [f32])| {
                let left = Matrix::new(&small_values[small.range(point)], tiles, small.lengths[point]).transposed();
                let right = Matrix::new(&large_values[large.range(point)], tiles, large.lengths[point]);
                product(gradient, left, right, if block.first == 0 { Onto::Replace } else { Onto::Add });
            });
        }
        if let (true, Some(values)) = (wanted.small, &large_values) {
            let mut products = buffer::temporary(small.len());
            let parts = small.split(&mut products).into_iter().enumerate().collect();
            block.spread.for_each(parts, |(point, result): (usize, &mut [f32])| {
                let left = Matrix::new(&values[large.range(point)], tiles, large.lengths[point]);
                let [inputs, outputs] = [large.lengths[point], small.lengths[point]];
                let right = match filters.transposed {
                    Some(values) => Matrix::new(&values[filters.planes.range(point)], inputs, outputs),
                    None => Matrix::new(&filters.values[filters.planes.range(point)], outputs, inputs).transposed(),
                };
                product(result, left, right, Onto::Replace);
            });
            self.inverse_small(&products, &small, block, group.small);
        }
        // No longer needed: the next products get its memory.
        drop(large_values);
        if let (true, Some(values)) = (wanted.large, &small_values) {
            let mut products = buffer::temporary(large.len());
            let parts = large.split(&mut products).into_iter().enumerate().collect();
            block.spread.for_each(parts, |(point, result): (usize, &mut [f32])| {
                let left = Matrix::new(&values[small.range(point)], tiles, small.lengths[point]);
                let filter = &filters.values[filters.planes.range(point)];
                product(result, left, Matrix::new(filter, small.lengths[point], large.lengths[point]), Onto::Replace);
            });
            self.inverse_large(&products, &large, block, group.large);
        }
    }
}

/// The transformed filters: per point `[small, phases · large]`, and `[phases · large, small]` where that is needed.
#[derive(Clone, Copy)]
struct Filters<'a> {
    planes: &'a Planes,
    values: &'a [f32],
    transposed: Option<&'a [f32]>,
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
