//! Results with different numbers of threads.

use super::super::activation::{self, Activation};
use super::super::columns::Columns;
use super::super::convolution;
use super::super::geometry::{Geometry, Results, Wanted};
use super::super::layout::to_channels_last;
use super::super::norm;
use super::super::pool::{self, PoolGeometry, Pooling};
use super::convolution::{Maps, sizes};
use super::support::{bits, uniform};

/// Checks that `work` returns the same bits with 1, 2, 3 and 7 threads.
fn check(what: &str, work: impl Fn() -> Vec<Vec<f32>> + Sync) {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| work().iter().map(|values| bits(values)).collect::<Vec<_>>())
    };
    let expected = run(1);
    for threads in [2, 3, 7] {
        assert!(run(threads) == expected, "{what} with {threads} threads");
    }
}

/// Checks all three results, together and as the layers compute them.
fn check_convolution(geometry: Geometry, run: impl Fn(&Maps, Wanted) -> Results + Sync) {
    let maps = Maps::new(&geometry, 1);
    let all = Wanted { large: true, small: true, weight: true };
    let forward = Wanted { small: true, ..Wanted::default() };
    for wanted in [all, forward, Wanted { small: false, ..all }] {
        check(&format!("{geometry:?}, {wanted:?}"), || {
            let results = run(&maps, wanted);
            vec![results.large, results.small, results.weight]
        });
    }
}

#[test]
fn convolutions_are_equal_with_every_number_of_threads() {
    for geometry in [
        // Groups of images, each with several blocks.
        sizes(35, [8, 8], [24, 40], [5, 5], [2, 2], [2, 2]),
        sizes(3, [64, 48], [16, 16], [5, 5], [2, 2], [2, 2]),
        sizes(3, [31, 33], [16, 24], [3, 3], [1, 1], [1, 1]),
        // Filters that all threads work on together, in one block and in several.
        sizes(3, [8, 8], [64, 96], [5, 5], [2, 2], [2, 2]),
        sizes(9, [32, 32], [64, 96], [5, 5], [2, 2], [2, 2]),
        sizes(5, [21, 19], [98, 99], [3, 3], [1, 1], [1, 1]),
        // No tiles.
        sizes(19, [30, 31], [3, 16], [5, 5], [2, 2], [2, 2]),
        sizes(3, [40, 41], [64, 3], [1, 1], [1, 1], [0, 0]),
    ] {
        check_convolution(geometry, |maps, wanted| convolution::run(geometry, maps.operands(wanted), wanted));
    }
    let geometry = sizes(19, [17, 16], [24, 40], [5, 5], [2, 2], [2, 2]);
    check_convolution(geometry, |maps, wanted| Columns::new(geometry).run(maps.operands(wanted), wanted));
}

#[test]
fn normalisations_activations_poolings_and_copies_are_equal_with_every_number_of_threads() {
    let (batch, channels) = (9, 21);
    let [height, width, window, stride, padding] = [65, 64, 3, 2, 1];
    let count = batch * height * width;
    let (values, gradient) = (uniform(count * channels, 1), uniform(count * channels, 2));
    let (gamma, beta) = (uniform(channels, 3), uniform(channels, 4));
    check("normalisation", || {
        let moments = norm::moments(&values, channels);
        let output = norm::apply(&values, &gamma, &beta, &moments, 1e-5, 0.2);
        let gradients = norm::backward(&values, &gradient, &gamma, &beta, &moments, 1e-5, 0.2);
        vec![moments.mean, moments.variance, output, gradients.values, gradients.gamma, gradients.beta]
    });
    for kind in [Activation::LeakyRelu, Activation::Tanh] {
        check("activation", || {
            let mut output = values.clone();
            activation::forward(&mut output, channels, Some(&beta), kind);
            let (before, bias) = activation::backward(&output, &gradient, channels, kind, true);
            vec![output, before, bias]
        });
    }
    let output = [height, width].map(|side| (side + 2 * padding - window) / stride + 1);
    let geometry = PoolGeometry {
        batch,
        channels,
        input: [height, width],
        output,
        window: [window; 2],
        stride: [stride; 2],
        padding: [padding; 2],
    };
    let pooled = &gradient[..batch * output[0] * output[1] * channels];
    for pooling in [Pooling::Max, Pooling::Mean, Pooling::MeanWithPadding] {
        check("pooling", || {
            vec![pool::forward(&values, geometry, pooling), pool::backward(&values, pooled, geometry, pooling)]
        });
    }
    check("copy", || vec![to_channels_last(&values, batch, channels, height * width)]);
}
