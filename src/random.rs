//! Keyed random numbers on the host: the only source of randomness in jem.
//!
//! A draw depends only on its key (seed, stream, epoch, step, or seed and name), not on earlier draws elsewhere. So
//! there is no generator state to save, two methods with one seed train on the same batches, and a resumed run draws
//! the same numbers as an uninterrupted one.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// The purpose of a draw. Different streams are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The order of the training images in an epoch.
    Order,
    /// The generator's input noise.
    Noise,
    /// Which caption of an image is used.
    Caption,
    /// Which other image's text makes a mismatched pair.
    Mismatch,
    /// Which caption is mixed in for interpolation (INT).
    Partner,
    /// Whether an image is mirrored.
    Flip,
    /// The position of the crop of an image.
    Crop,
    /// Whether the other image of a mismatched pair is mirrored.
    WrongFlip,
    /// The position of its crop.
    WrongCrop,
    /// Which other image's guide makes a mismatched pair.
    OtherGuide,
    /// The order of shuffled guides.
    Shuffle,
    /// Which colour word replaces that of a caption.
    Recolour,
    /// Which images belong to a subset.
    Subset,
    /// Which held-out items are evaluated, and the noise of their samples.
    Evaluation,
    /// The random projection of sentence vectors.
    Projection,
    /// Which classes are for training and which for testing, if they are drawn.
    Classes,
    /// The noise of samples requested by `jem sample`.
    Sample,
    /// The noise of samples that are compared as a set, and the other random choices of these measures.
    Sets,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Stream::Order => "order",
            Stream::Noise => "noise",
            Stream::Caption => "caption",
            Stream::Mismatch => "mismatch",
            Stream::Partner => "partner",
            Stream::Flip => "flip",
            Stream::Crop => "crop",
            Stream::WrongFlip => "wrong flip",
            Stream::WrongCrop => "wrong crop",
            Stream::OtherGuide => "other guide",
            Stream::Shuffle => "shuffle",
            Stream::Recolour => "recolour",
            Stream::Subset => "subset",
            Stream::Evaluation => "evaluation",
            Stream::Projection => "projection",
            Stream::Classes => "classes",
            Stream::Sample => "sample",
            Stream::Sets => "sets",
        }
    }
}

/// A ChaCha8 generator whose key is the hash of its purpose.
pub struct Random {
    chacha: ChaCha8Rng,
    spare: Option<f32>,
}

impl Random {
    /// The generator of `stream` at one step of one epoch of the run with `seed`.
    pub fn keyed(seed: u64, stream: Stream, epoch: u64, step: u64) -> Self {
        Self::from_key(&format!("{seed}/{}/{epoch}/{step}", stream.name()))
    }

    /// The generator of a named object, such as one parameter of a network.
    pub fn named(seed: u64, name: &str) -> Self {
        Self::from_key(&format!("{seed}/name/{name}"))
    }

    fn from_key(key: &str) -> Self {
        let digest = Sha256::digest(format!("jem/1/{key}").as_bytes());
        Self { chacha: ChaCha8Rng::from_seed(digest.into()), spare: None }
    }

    /// Uniform in `[0, 1)`, with 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.chacha.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal, by the Box–Muller transform.
    pub fn normal(&mut self) -> f32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        // 1 - u is in (0, 1], where the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let angle = std::f64::consts::TAU * self.uniform();
        self.spare = Some((radius * angle.sin()) as f32);
        (radius * angle.cos()) as f32
    }

    /// `n` standard normal values.
    pub fn normals(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.normal()).collect()
    }

    /// Uniform in `0..n`, without bias.
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "cannot draw from an empty range");
        let n = n as u64;
        // The largest multiple of n in the u64 range; a draw above it is repeated.
        let limit = u64::MAX - u64::MAX % n;
        loop {
            let draw = self.chacha.next_u64();
            if draw < limit {
                return (draw % n) as usize;
            }
        }
    }

    /// `n` values, uniform in `[-1, 1)`.
    pub fn uniforms(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| (2.0 * self.uniform() - 1.0) as f32).collect()
    }

    /// `n` values of a generator's noise: uniform in `[-1, 1)`, or standard normal.
    pub fn noise(&mut self, uniform: bool, n: usize) -> Vec<f32> {
        if uniform { self.uniforms(n) } else { self.normals(n) }
    }

    /// A permutation of `0..n` without fixed points, uniform among those with one cycle (Sattolo 1986). For `n` of 1 it
    /// is the identity.
    pub fn derangement(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i));
        }
        order
    }

    /// A uniform permutation of `0..n` (Fisher–Yates).
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

/// Values in [−1, 1) that a reference in another language can compute too (`values` in tests/reference/steps.py):
/// FNV-1a of the name seeds SplitMix64, of which the highest 24 bits are used.
#[cfg(test)]
pub(crate) fn formula(name: &str, count: usize) -> Vec<f32> {
    let seed = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let value = |i: u64| {
        let mut z = seed.wrapping_add((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 40) as f64 / f64::from(1u32 << 24) * 2.0 - 1.0) as f32
    };
    (0..count as u64).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_only_on_its_key() {
        let first = Random::keyed(1, Stream::Noise, 2, 3).normals(5);
        let mut other = Random::keyed(1, Stream::Order, 2, 3);
        let _ = other.permutation(100);
        assert_eq!(first, Random::keyed(1, Stream::Noise, 2, 3).normals(5));
        assert_ne!(first, Random::keyed(1, Stream::Noise, 3, 2).normals(5));
        assert_ne!(first, Random::keyed(2, Stream::Noise, 2, 3).normals(5));
        assert_ne!(first, Random::keyed(1, Stream::Partner, 2, 3).normals(5));
    }

    #[test]
    fn normals_have_mean_zero_and_variance_one() {
        let draws = Random::named(7, "test").normals(100_000);
        let mean = draws.iter().map(|&x| f64::from(x)).sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / draws.len() as f64;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
    }

    #[test]
    fn a_permutation_has_every_index_once() {
        let mut order = Random::keyed(1, Stream::Order, 0, 0).permutation(50);
        assert_ne!(order, (0..50).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn a_derangement_has_no_fixed_point() {
        for n in 2..40 {
            let mut order = Random::keyed(1, Stream::Shuffle, n as u64, 0).derangement(n);
            assert!(order.iter().enumerate().all(|(place, &item)| place != item), "{order:?}");
            order.sort_unstable();
            assert_eq!(order, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn small_draws_are_uniform() {
        let mut random = Random::named(3, "even");
        let mut counts = [0u32; 3];
        for _ in 0..30_000 {
            counts[random.below(3)] += 1;
        }
        assert!(counts.iter().all(|&c| (9_600..10_400).contains(&c)), "{counts:?}");
    }
}
