//! The networks that learn together: an encoder, and two decoders that tell a sentence's neighbours from its vector.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::recipe::{Direction, SkipThoughtRecipe};
use crate::random::Random;
use crate::text::skip_thought::{Gru, GruParts};

/// A recurrent unit that the sentence's vector v acts on at every step (Kiros et al. 2015, eq. 5–8): v·C is added within
/// both gates, and v·Cx within the candidate.
#[derive(Module, Debug)]
pub(super) struct Decoder {
    pub gru: Gru,
    /// `[v, 2h]`
    pub c: Param<Tensor<2>>,
    /// `[v, h]`
    pub cx: Param<Tensor<2>>,
}

/// All that learns.
#[derive(Module, Debug)]
pub(super) struct SkipThoughtNet {
    /// `[words, e]`: of encoder and decoders.
    pub embedding: Param<Tensor<2>>,
    pub forward: Gru,
    /// Reads the sentence from its end.
    pub backward: Option<Gru>,
    /// Tells the sentence before.
    pub previous: Decoder,
    /// Tells the sentence after.
    pub next: Decoder,
    /// `[h, words]`: of both decoders.
    pub output: Param<Tensor<2>>,
    /// `[words]`
    pub bias: Param<Tensor<1>>,
}

impl SkipThoughtNet {
    /// Weights drawn by the seed and their names: U orthogonal (Saxe et al. 2014, arXiv 1312.6120), the rest uniform in
    /// [−0.1, 0.1), biases 0.
    pub fn new(recipe: &SkipThoughtRecipe, words: usize, device: &Device) -> Self {
        let drawing = Drawing { seed: recipe.fit.seed, device };
        let (e, h) = (recipe.fit.embedding, recipe.fit.hidden);
        let is_bi = recipe.direction == Direction::Bi;
        let of = if is_bi { h / 2 } else { h };
        let encoder = || (drawing.gru("forward", e, of), is_bi.then(|| drawing.gru("backward", e, of)));
        let decoders = || rayon::join(|| drawing.decoder("previous", e, h), || drawing.decoder("next", e, h));
        // At the published width an orthogonal matrix takes seconds, and there are nine.
        let ((forward, backward), (previous, next)) = rayon::join(encoder, decoders);
        Self {
            embedding: drawing.matrix("embedding", words, e),
            forward,
            backward,
            previous,
            next,
            output: drawing.matrix("output", h, words),
            bias: Param::from_data(TensorData::zeros::<f32, _>([words]), device),
        }
    }
}

struct Drawing<'a> {
    seed: u64,
    device: &'a Device,
}

impl Drawing<'_> {
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
        Gru::from_parts(&parts, self.device).expect("each array was made of its shape")
    }

    fn decoder(&self, name: &str, d: usize, h: usize) -> Decoder {
        Decoder {
            gru: self.gru(name, d, h),
            c: self.matrix(&format!("{name}.c"), h, 2 * h),
            cx: self.matrix(&format!("{name}.cx"), h, h),
        }
    }
}

/// An orthogonal matrix `[n, n]`, row-major: normal numbers, made orthonormal row by row (modified Gram–Schmidt), so that
/// all such matrices are as likely. It comes out to the same bits whatever the machine and its threads.
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

/// The product of two rows, in eight sums: one alone would wait for itself.
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
    fn recurrent_weights_are_orthogonal_and_others_uniform() {
        let n = 43;
        let drawn = orthogonal(&mut Random::named(3, "it"), n);
        for i in 0..n {
            for j in 0..n {
                let dot: f32 = (0..n).map(|k| drawn[i * n + k] * drawn[j * n + k]).sum();
                assert!((dot - f32::from(u8::from(i == j))).abs() < 1e-5, "{i} {j} {dot}");
            }
        }
        let recipe = changed(|recipe| (recipe.fit.embedding, recipe.fit.hidden) = (30, 20));
        let net = SkipThoughtNet::new(&recipe, 50, &Device::flex());
        let embedding = net.embedding.val().into_data().try_to_vec::<f32>().unwrap();
        let most = embedding.iter().fold(0f32, |most, x| most.max(x.abs()));
        assert!((0.09..=0.1).contains(&most), "{most}");
        let parts = net.forward.parts();
        assert!(parts.b.iter().chain(&parts.bx).all(|&bias| bias == 0.0));
        // The reset gate's columns of a row of U, and the update gate's, are each of a matrix of their own.
        let length = |range: &[f32]| range.iter().map(|x| x * x).sum::<f32>();
        assert!((length(&parts.u[..20]) - 1.0).abs() < 1e-5 && (length(&parts.u[20..40]) - 1.0).abs() < 1e-5);
        let (reset, update, candidate) = (&parts.u[..20], &parts.u[20..40], &parts.ux[..20]);
        assert!(reset != update && reset != candidate && update != candidate, "each drawn by itself");
        assert_ne!(net.previous.gru.parts(), net.next.gru.parts());
    }
}
