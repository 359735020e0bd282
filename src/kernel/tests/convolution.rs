//! Convolutions against plain loops in `f64`.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::super::columns::Columns;
use super::super::convolution;
use super::super::geometry::{Geometry, Operands, Results, Wanted};
use super::super::lanes::LANES;
use super::super::winograd::Winograd;
use super::support::{self, bits, error, uniform};

/// The largest error found is a quarter of it.
const TOLERANCE: f64 = 3e-6;

/// Every choice of results but none.
fn choices() -> impl Iterator<Item = Wanted> {
    (1..8).map(|bits| Wanted { large: bits & 1 > 0, small: bits & 2 > 0, weight: bits & 4 > 0 })
}

/// The sizes of a convolution of `large` pixels.
pub(super) fn sizes(
    batch: usize,
    large: [usize; 2],
    [large_channels, small_channels]: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
) -> Geometry {
    let small = [0, 1].map(|i| Geometry::small_side(large[i], kernel[i], stride[i], padding[i]));
    Geometry { batch, large, small, large_channels, small_channels, kernel, stride, padding }
}

/// Values and weights of a convolution.
pub(super) struct Maps {
    pub large: Vec<f32>,
    pub small: Vec<f32>,
    pub weight: Vec<f32>,
}

impl Maps {
    pub fn new(geometry: &Geometry, seed: u64) -> Self {
        Self {
            large: uniform(geometry.large_len(), seed),
            small: uniform(geometry.small_len(), seed + 1),
            weight: uniform(geometry.weight_len(), seed + 2),
        }
    }

    /// The operands that `wanted` needs; the others are missing, as they are in the layers.
    pub fn operands(&self, wanted: Wanted) -> Operands<'_> {
        Operands {
            large: (wanted.small || wanted.weight).then_some(&self.large[..]),
            small: (wanted.large || wanted.weight).then_some(&self.small[..]),
            weight: (wanted.large || wanted.small).then_some(&self.weight[..]),
        }
    }
}

/// The largest error of all results, wanted alone and together; infinite if one appears that is not wanted.
fn largest_error(geometry: &Geometry, run: impl Fn(Operands<'_>, Wanted) -> Results) -> f64 {
    let maps = Maps::new(geometry, 1);
    let expected = support::convolution(geometry, &maps.large, &maps.small, &maps.weight);
    let mut largest = 0.0f64;
    for wanted in choices() {
        let found = run(maps.operands(wanted), wanted);
        for (is_wanted, found, expected) in [
            (wanted.large, found.large, &expected.large),
            (wanted.small, found.small, &expected.small),
            (wanted.weight, found.weight, &expected.weight),
        ] {
            largest = largest.max(error(&found, if is_wanted { expected } else { &[] }));
        }
    }
    largest
}

/// Sides of `large` pixels from 1 to 13, for each direction's kernel and stride, with padding up to the whole kernel.
fn geometries(
    steps: impl Strategy<Value = (usize, usize)> + Clone,
    channels: impl Strategy<Value = usize> + Clone,
) -> impl Strategy<Value = Geometry> {
    let direction = (1usize..=13, steps, 0usize..=7)
        .prop_map(|(large, (kernel, stride), padding)| (large, kernel, stride, padding % (kernel + 1)))
        .prop_filter("the kernel fits", |(large, kernel, _, padding)| *kernel <= large + 2 * padding);
    (1usize..=5, direction.clone(), direction, channels.clone(), channels).prop_map(
        |(batch, rows, columns, large_channels, small_channels)| {
            sizes(
                batch,
                [rows.0, columns.0],
                [large_channels, small_channels],
                [rows.1, columns.1],
                [rows.2, columns.2],
                [rows.3, columns.3],
            )
        },
    )
}

/// The number of channels on both sides from which on tiles are used.
fn fewest_channels_in_tiles() -> usize {
    let has_tiles = |count: &usize| Winograd::new(sizes(1, [4, 4], [*count; 2], [3, 3], [1, 1], [1, 1])).is_some();
    (1..=64).find(has_tiles).expect("64 channels are enough")
}

/// Checks `run` for 64 geometries, the same ones every time.
fn check(geometries: impl Strategy<Value = Geometry>, run: impl Fn(Geometry, Operands<'_>, Wanted) -> Results) {
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&geometries, |geometry| {
        let found = largest_error(&geometry, |operands, wanted| run(geometry, operands, wanted));
        prop_assert!(found < TOLERANCE, "the error is {found:e}");
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn convolutions_by_columns_equal_a_plain_loop() {
    check(geometries((1usize..=7, 1usize..=4), 1usize..=40), |geometry, operands, wanted| {
        Columns::new(geometry).run(operands, wanted)
    });
}

#[test]
fn convolutions_in_tiles_equal_a_plain_loop() {
    // Each phase of the kernel has two or three taps.
    let steps = prop::sample::select(vec![(2usize, 1usize), (3, 1), (4, 2), (5, 2), (6, 2), (6, 3), (7, 3)]);
    let fewest = fewest_channels_in_tiles();
    let channels = (0usize..4).prop_map(move |vectors| fewest + vectors * LANES);
    check(geometries(steps, channels), |geometry, operands, wanted| {
        Winograd::new(geometry).expect("the kernel permits tiles").run(operands, wanted)
    });
}

#[test]
fn convolutions_of_many_images_large_maps_or_many_channels_equal_a_plain_loop() {
    let few = fewest_channels_in_tiles();
    for geometry in [
        // More images than parts into which a batch is split.
        sizes(37, [5, 6], [few, few + 3], [3, 3], [1, 1], [1, 1]),
        sizes(37, [7, 5], [3, 5], [5, 4], [2, 1], [2, 1]),
        sizes(37, [7, 5], [few, few + LANES], [5, 4], [2, 1], [2, 1]),
        // A kernel that is too large for tiles.
        sizes(2, [23, 19], [few, few], [11, 11], [4, 4], [2, 2]),
        // Several blocks of an image.
        sizes(2, [61, 48], [few, few], [5, 5], [2, 2], [2, 2]),
        sizes(2, [61, 48], [5, 8], [5, 5], [2, 2], [2, 2]),
        sizes(2, [61, 48], [64, 3], [1, 1], [1, 1], [0, 0]),
        // Filters that threads share, and several blocks of the batch.
        sizes(5, [32, 32], [64, 96], [5, 5], [2, 2], [2, 2]),
        sizes(5, [19, 21], [96, 104], [3, 3], [1, 1], [1, 1]),
        // Channels that do not fill vectors.
        sizes(5, [19, 21], [98, 99], [3, 3], [1, 1], [1, 1]),
    ] {
        let found = largest_error(&geometry, |operands, wanted| convolution::run(geometry, operands, wanted));
        assert!(found < TOLERANCE, "the error is {found:e} for {geometry:?}");
        let found = largest_error(&geometry, |operands, wanted| Columns::new(geometry).run(operands, wanted));
        assert!(found < TOLERANCE, "the error is {found:e} by columns for {geometry:?}");
    }
}

#[test]
fn results_do_not_depend_on_what_an_earlier_convolution_left_in_memory() {
    let few = fewest_channels_in_tiles();
    for geometry in [
        sizes(3, [9, 8], [few, few + LANES], [5, 5], [2, 2], [2, 2]),
        sizes(3, [9, 8], [few + 1, few + 2], [5, 5], [2, 2], [2, 2]),
        sizes(3, [9, 8], [3, 5], [5, 5], [2, 2], [2, 2]),
        sizes(3, [9, 8], [64, 96], [5, 5], [2, 2], [2, 2]),
    ] {
        let maps = Maps::new(&geometry, 1);
        let mut spoilt = Maps::new(&geometry, 1);
        for values in [&mut spoilt.large, &mut spoilt.small, &mut spoilt.weight] {
            values.fill(f32::NAN);
        }
        for wanted in choices() {
            // One thread, so that both convolutions use the same memory.
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            pool.install(|| {
                let run = |maps: &Maps| convolution::run(geometry, maps.operands(wanted), wanted);
                let before = run(&maps);
                run(&spoilt);
                let after = run(&maps);
                assert_eq!(bits(&before.large), bits(&after.large));
                assert_eq!(bits(&before.small), bits(&after.small));
                assert_eq!(bits(&before.weight), bits(&after.weight));
            });
        }
    }
}

#[test]
fn padding_may_be_larger_than_the_kernel() {
    for geometry in [
        sizes(2, [3, 2], [3, 5], [1, 1], [1, 1], [2, 1]),
        sizes(2, [3, 2], [3, 5], [2, 3], [1, 2], [3, 5]),
        sizes(2, [3, 2], [64, 64], [3, 3], [1, 1], [4, 6]),
    ] {
        let found = largest_error(&geometry, |operands, wanted| convolution::run(geometry, operands, wanted));
        assert!(found < TOLERANCE, "the error is {found:e} for {geometry:?}");
    }
}

#[test]
#[should_panic(expected = "a kernel of 5 does not fit into 2 pixels with padding 1")]
fn a_kernel_that_does_not_fit_is_rejected() {
    Geometry::small_side(2, 5, 1, 1);
}
