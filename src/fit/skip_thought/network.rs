//! The networks: an encoder, and two decoders that predict the neighbours of a sentence from its vector.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::recipe::{Direction, SkipThoughtRecipe};
use crate::random::Random;
use crate::text::skip_thought::{Gru, GruParts};

/// A recurrent unit that is conditioned on the vector v of a sentence at every step (Kiros et al. 2015, eq. 5–8): v·C
/// is added in both gates, and v·Cx in the candidate.
#[derive(Module, Debug)]
pub(super) struct Decoder {
    pub gru: Gru,
    /// `[v, 2h]`
    pub c: Param<Tensor<2>>,
    /// `[v, h]`
    pub cx: Param<Tensor<2>>,
}

/// All trained parameters.
#[derive(Module, Debug)]
pub(super) struct SkipThoughtNet {
    /// `[words, e]`, shared by the encoder and the decoders.
    pub embedding: Param<Tensor<2>>,
    pub forward: Gru,
    /// Reads the sentence backward; `None` for uni-skip.
    pub backward: Option<Gru>,
    /// Predicts the previous sentence.
    pub previous: Decoder,
    /// Predicts the next sentence.
    pub next: Decoder,
    /// `[h, words]`, shared by both decoders.
    pub output: Param<Tensor<2>>,
    /// `[words]`
    pub bias: Param<Tensor<1>>,
}

impl SkipThoughtNet {
    /// Random weights, determined by the seed and the name of each parameter: U is orthogonal (Saxe et al. 2014,
    /// arXiv 1312.6120), the other weights are uniform in [−0.1, 0.1), and biases are 0.
    pub fn new(recipe: &SkipThoughtRecipe, words: usize, device: &Device) -> Self {
        let init = Initialiser { seed: recipe.fit.seed, device };
        let (e, h) = (recipe.fit.embedding, recipe.fit.hidden);
        let is_bi = recipe.direction == Direction::Bi;
        let unit = if is_bi { h / 2 } else { h };
        let encoder = || (init.gru("forward", e, unit), is_bi.then(|| init.gru("backward", e, unit)));
        let decoders = || rayon::join(|| init.decoder("previous", e, h), || init.decoder("next", e, h));
        // At the published width each of the nine orthogonal matrices takes seconds.
        let ((forward, backward), (previous, next)) = rayon::join(encoder, decoders);
        Self {
            embedding: init.matrix("embedding", words, e),
            forward,
            backward,
            previous,
            next,
            output: init.matrix("output", h, words),
            bias: Param::from_data(TensorData::zeros::<f32, _>([words]), device),
        }
    }
}

/// Creates parameters with random values.
struct Initialiser<'a> {
    seed: u64,
    device: &'a Device,
}

impl Initialiser<'_> {
    fn random(&self, name: &str) -> Random {
        Random::named(self.seed, &format!("skip-thought/{name}"))
    }

    fn uniform(&self, name: &str, count: usize) -> Vec<f32> {
        self.random(name).uniforms(count).into_iter().map(|value| 0.1 * value).collect()
    }

    fn matrix(&self, name: &str, rows: usize, columns: usize) -> Param<Tensor<2>> {
        Param::from_data(TensorData::new(self.uniform(name, rows * columns), [rows, columns]), self.device)
    }

    fn gru(&self, name: &str, d: usize, h: usize) -> Gru {
        let square = |part: &str| orthogonal(&mut self.random(&format!("{name}.{part}")), h);
        let (candidate, (reset, update)) =
            rayon::join(|| square("ux"), || rayon::join(|| square("u/reset"), || square("u/update")));
        let rows = reset.chunks_exact(h).zip(update.chunks_exact(h));
        let parts = GruParts {
            input: d,
            hidden: h,
            w: self.uniform(&format!("{name}.w"), d * 2 * h),
            u: rows.flat_map(|(reset, update)| [reset, update].concat()).collect(),
            b: vec![0.0; 2 * h],
            wx: self.uniform(&format!("{name}.wx"), d * h),
            ux: candidate,
            bx: vec![0.0; h],
        };
        Gru::from_parts(&parts, self.device).expect("each array has its shape")
    }

    fn decoder(&self, name: &str, d: usize, h: usize) -> Decoder {
        Decoder {
            gru: self.gru(name, d, h),
            c: self.matrix(&format!("{name}.c"), h, 2 * h),
            cx: self.matrix(&format!("{name}.cx"), h, h),
        }
    }
}

/// A random orthogonal matrix `[n, n]`, row-major: normally distributed rows, orthonormalised by the modified
/// Gram–Schmidt process, so that the distribution is uniform. The result is bit-identical on all machines and numbers
/// of threads.
fn orthogonal(random: &mut Random, n: usize) -> Vec<f32> {
    let mut done: Vec<Vec<f64>> = Vec::with_capacity(n);
    for _ in 0..n {
        let mut row: Vec<f64> = random.normals(n).into_iter().map(f64::from).collect();
        for other in &done {
            let along = dot(&row, other);
            row.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let length = dot(&row, &row).sqrt();
        row.iter_mut().for_each(|a| *a /= length);
        done.push(row);
    }
    done.into_iter().flatten().map(|value| value as f32).collect()
}

/// The dot product. Eight partial sums are independent of each other, which is faster than one sum.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, rest), (b, other)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest.iter().zip(other).map(|(a, b)| a * b).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::super::recipe::changed;
    use super::*;

    #[test]
    fn recurrent_weights_are_orthogonal_and_other_weights_uniform() {
        let n = 43;
        let matrix = orthogonal(&mut Random::named(3, "it"), n);
        for i in 0..n {
            for j in 0..n {
                let dot: f32 = (0..n).map(|k| matrix[i * n + k] * matrix[j * n + k]).sum();
                assert!((dot - f32::from(u8::from(i == j))).abs() < 1e-5, "{i} {j} {dot}");
            }
        }
        let recipe = changed(|recipe| (recipe.fit.embedding, recipe.fit.hidden) = (30, 20));
        let net = SkipThoughtNet::new(&recipe, 50, &Device::flex());
        let embedding = net.embedding.val().into_data().try_to_vec::<f32>().unwrap();
        let largest = embedding.iter().fold(0f32, |largest, x| largest.max(x.abs()));
        assert!((0.09..=0.1).contains(&largest), "{largest}");
        let parts = net.forward.parts();
        assert!(parts.b.iter().chain(&parts.bx).all(|&bias| bias == 0.0));
        // The reset gate and the update gate have separate orthogonal matrices in U.
        let length = |range: &[f32]| range.iter().map(|x| x * x).sum::<f32>();
        assert!((length(&parts.u[..20]) - 1.0).abs() < 1e-5 && (length(&parts.u[20..40]) - 1.0).abs() < 1e-5);
        let (reset, update, candidate) = (&parts.u[..20], &parts.u[20..40], &parts.ux[..20]);
        assert!(reset != update && reset != candidate && update != candidate, "the matrices are independent");
        assert_ne!(net.previous.gru.parts(), net.next.gru.parts());
    }
}
