//! The loss of a batch of triplets and its gradients.

use burn::module::ParamId;
use burn::optim::GradientsParams;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, IndexingUpdateOp, Tensor};

use super::batch::Batch;
use super::network::{Decoder, SkipThoughtNet};
use super::packed::{Packed, index_tensor};
use super::recurrence::{Gates, RecurrentGradients, RecurrentPass, StateGradients, concat_gates, split_gates};
use crate::text::skip_thought::Gru;

/// The ε of PyTorch's `clip_grad_norm_`.
const CLIP_EPSILON: f64 = 1e-6;
/// The largest number of logits in memory: 64 MiB.
const MAX_LOGITS: usize = 1 << 24;

/// The loss of predicted words.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Loss {
    /// The sum of the negative log-likelihoods of the words, in nats.
    pub nats: f64,
    /// The number of words, including the `<eos>` of each sentence.
    pub words: usize,
}

impl Loss {
    /// The exponential of the mean loss of a word.
    pub fn perplexity(self) -> f64 {
        (self.nats / self.words as f64).exp()
    }
}

impl std::ops::Add for Loss {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { nats: self.nats + other.nats, words: self.words + other.words }
    }
}

/// Gradients with the ids of their parameters.
#[derive(Clone, Default)]
pub(super) struct Gradients {
    matrices: Vec<(ParamId, Tensor<2>)>,
    vectors: Vec<(ParamId, Tensor<1>)>,
}

impl Gradients {
    /// The gradients for the optimizer, multiplied by min(1, max_norm / (norm + 1e-6)), where norm is the global norm.
    pub fn clipped(self, max_norm: f64) -> GradientsParams {
        let squares = self.matrices.iter().map(|(_, gradient)| gradient.clone().square().sum());
        let squares = squares.chain(self.vectors.iter().map(|(_, gradient)| gradient.clone().square().sum()));
        let norm = f64::from(Tensor::cat(squares.collect(), 0).sum().sqrt().into_scalar::<f32>());
        let factor = (max_norm / (norm + CLIP_EPSILON)).min(1.0);
        let mut gradients = GradientsParams::new();
        for (id, gradient) in self.matrices {
            gradients.register(id, if factor < 1.0 { gradient.mul_scalar(factor) } else { gradient });
        }
        for (id, gradient) in self.vectors {
            gradients.register(id, if factor < 1.0 { gradient.mul_scalar(factor) } else { gradient });
        }
        gradients
    }

    fn add_gru(&mut self, gru: &Gru, inputs: Tensor<2>, of: RecurrentGradients) {
        let [reset, update, candidate] = of.inputs.clone().map(|gradient| gradient.sum_dim(0).squeeze_dim::<1>(0));
        self.vectors.push((gru.b.id, Tensor::cat(vec![reset, update], 0)));
        self.vectors.push((gru.bx.id, candidate));
        let (w, wx) = concat_gates(of.inputs.map(|gradient| inputs.clone().transpose().matmul(gradient)));
        let (u, ux) = concat_gates(of.recurrent);
        self.matrices.extend([(gru.w.id, w), (gru.wx.id, wx), (gru.u.id, u), (gru.ux.id, ux)]);
    }
}

/// The forward pass of a unit over word vectors.
struct GruPass<'a> {
    gru: &'a Gru,
    /// `[m, e]`
    inputs: Tensor<2>,
    recurrence: RecurrentPass,
}

impl<'a> GruPass<'a> {
    /// Runs the unit over `inputs`, `[m, e]`. `context` is added in the gates and the candidate.
    fn forward(gru: &'a Gru, inputs: Tensor<2>, counts: &[usize], context: Option<Gates<Tensor<2>>>) -> Self {
        let [reset, update] = [0, 1].map(|gate| gru.b.val().narrow(0, gate * gru.hidden(), gru.hidden()));
        let biases = [reset, update, gru.bx.val()];
        let mut projected = split_gates(gru.w.val(), gru.wx.val()).map(|weights| inputs.clone().matmul(weights));
        for (part, bias) in projected.iter_mut().zip(biases) {
            *part = part.clone() + bias.unsqueeze();
        }
        if let Some(context) = context {
            for (part, context) in projected.iter_mut().zip(context) {
                *part = part.clone() + context;
            }
        }
        Self { gru, inputs, recurrence: RecurrentPass::forward(gru, projected, counts) }
    }

    /// Adds the gradients of the weights to `gradients`. Returns the gradients of the inputs and of the context.
    fn backward(self, of_states: &StateGradients, gradients: &mut Gradients) -> (Tensor<2>, Gates<Tensor<2>>) {
        let of_pass = self.recurrence.backward(of_states);
        let of_projected = of_pass.inputs.clone();
        gradients.add_gru(self.gru, self.inputs, of_pass);
        (product_gradient(&of_projected, split_gates(self.gru.w.val(), self.gru.wx.val())), of_projected)
    }
}

/// The gradient of a matrix that was multiplied by three weights.
fn product_gradient(of_products: &Gates<Tensor<2>>, weights: Gates<Tensor<2>>) -> Tensor<2> {
    let [reset, update, candidate] = weights.map(Tensor::transpose);
    let [r, u, x] = of_products.clone();
    r.matmul(reset) + u.matmul(update) + x.matmul(candidate)
}

/// The forward pass of a decoder.
struct DecoderPass<'a> {
    decoder: &'a Decoder,
    pass: GruPass<'a>,
    /// The sentence vectors in the decoder's order, `[n, v]`.
    vectors: Tensor<2>,
    words: &'a Packed,
    /// The encoder's row of each decoder row.
    encoder_rows: Vec<usize>,
}

impl<'a> DecoderPass<'a> {
    fn forward(
        net: &SkipThoughtNet,
        decoder: &'a Decoder,
        words: &'a Packed,
        encoder_rows: Vec<usize>,
        vectors: &Tensor<2>,
    ) -> Self {
        let device = vectors.device();
        let vectors = vectors.clone().select(0, index_tensor(&encoder_rows, &device));
        let rows = index_tensor(&words.rows, &device);
        let context = split_gates(decoder.c.val(), decoder.cx.val())
            .map(|weights| vectors.clone().matmul(weights).select(0, rows.clone()));
        // The input before the first word is 0.
        let zeros = Tensor::zeros([words.counts[0], net.embedding.dims()[1]], &device);
        let previous = words.previous_words();
        let inputs = match previous.is_empty() {
            true => zeros,
            false => Tensor::cat(vec![zeros, net.embedding.val().select(0, index_tensor(&previous, &device))], 0),
        };
        let pass = GruPass::forward(&decoder.gru, inputs, &words.counts, Some(context));
        Self { decoder, pass, vectors, words, encoder_rows }
    }

    /// Adds the gradients of the weights to `gradients`. Returns the gradients of the input words, and of the sentence
    /// vectors in the encoder's order.
    fn backward(self, of_states: Tensor<2>, gradients: &mut Gradients) -> (Tensor<2>, Tensor<2>) {
        let (device, decoder) = (of_states.device(), self.decoder);
        let (of_inputs, of_context) = self.pass.backward(&StateGradients::All(of_states), gradients);
        let n = self.encoder_rows.len();
        let rows = index_tensor(&self.words.rows, &device);
        let of_context = of_context.map(|gradient| {
            let zeros = Tensor::zeros([n, gradient.dims()[1]], &device);
            zeros.select_assign(0, rows.clone(), gradient, IndexingUpdateOp::Add)
        });
        let (c, cx) =
            concat_gates(of_context.clone().map(|gradient| self.vectors.clone().transpose().matmul(gradient)));
        gradients.matrices.extend([(decoder.c.id, c), (decoder.cx.id, cx)]);
        let of_vectors = product_gradient(&of_context, split_gates(decoder.c.val(), decoder.cx.val()));
        let mut decoder_rows = vec![0; n];
        for (row, &encoder_row) in self.encoder_rows.iter().enumerate() {
            decoder_rows[encoder_row] = row;
        }
        let (m, first) = (of_inputs.dims()[0], self.words.counts[0]);
        (of_inputs.narrow(0, first, m - first), of_vectors.select(0, index_tensor(&decoder_rows, &device)))
    }
}

/// The loss of a batch and, with `with_gradients`, its gradients. They are of the sum of the negative log-likelihoods
/// of both neighbours, averaged over the sentences of the batch.
pub(super) fn loss_and_gradients(
    net: &SkipThoughtNet,
    batch: &Batch,
    with_gradients: bool,
    device: &Device,
) -> (Loss, Option<Gradients>) {
    let embedding = net.embedding.val();
    let inputs = |packed: &Packed| embedding.clone().select(0, index_tensor(&packed.words, device));
    let forward = GruPass::forward(&net.forward, inputs(&batch.current), &batch.current.counts, None);
    let backward =
        net.backward.as_ref().map(|gru| GruPass::forward(gru, inputs(&batch.reversed), &batch.reversed.counts, None));
    let mut halves = vec![forward.recurrence.last()];
    halves.extend(backward.as_ref().map(|pass| pass.recurrence.last()));
    let vectors = Tensor::cat(halves, 1);

    let encoder_rows = |words: &Packed| words.rows_in(&batch.current);
    let previous = DecoderPass::forward(net, &net.previous, &batch.previous, encoder_rows(&batch.previous), &vectors);
    let next = DecoderPass::forward(net, &net.next, &batch.next, encoder_rows(&batch.next), &vectors);
    let states = Tensor::cat(vec![previous.pass.recurrence.all(), next.pass.recurrence.all()], 0);
    let words = [batch.previous.words.as_slice(), &batch.next.words].concat();
    let mut gradients = with_gradients.then(Gradients::default);
    let scale = 1.0 / batch.current.order.len() as f64;
    let (loss, of_states) = output_loss(net, &states, &words, scale, gradients.as_mut());
    let (Some(mut gradients), Some(of_states)) = (gradients, of_states) else { return (loss, None) };

    let (m, all) = (batch.previous.words.len(), words.len());
    let (of_previous_inputs, of_vectors) = previous.backward(of_states.clone().narrow(0, 0, m), &mut gradients);
    let (of_next_inputs, more) = next.backward(of_states.narrow(0, m, all - m), &mut gradients);
    let of_vectors = of_vectors + more;
    let h = net.forward.hidden();
    let (of_inputs, _) = forward.backward(&StateGradients::Last(of_vectors.clone().narrow(1, 0, h)), &mut gradients);
    let mut words =
        [batch.current.words.clone(), batch.previous.previous_words(), batch.next.previous_words()].concat();
    let mut rows = vec![of_inputs, of_previous_inputs, of_next_inputs];
    if let Some(backward) = backward {
        let (of_inputs, _) = backward.backward(&StateGradients::Last(of_vectors.narrow(1, h, h)), &mut gradients);
        words.extend_from_slice(&batch.reversed.words);
        rows.push(of_inputs);
    }
    let zeros = Tensor::zeros(embedding.dims(), device);
    let of_embedding =
        zeros.select_assign(0, index_tensor(&words, device), Tensor::cat(rows, 0), IndexingUpdateOp::Add);
    gradients.matrices.push((net.embedding.id, of_embedding));
    (loss, Some(gradients))
}

/// The loss of `words` predicted from `states`, `[m, h]`. If `gradients` is given, the gradients of the output layer,
/// times `scale`, are added to it, and the gradient of the states is returned.
fn output_loss(
    net: &SkipThoughtNet,
    states: &Tensor<2>,
    words: &[usize],
    scale: f64,
    gradients: Option<&mut Gradients>,
) -> (Loss, Option<Tensor<2>>) {
    let (device, output) = (states.device(), net.output.val());
    let [_, vocabulary] = output.dims();
    let chunk_length = (MAX_LOGITS / vocabulary).max(1);
    let mut loss = Loss { nats: 0.0, words: words.len() };
    let (mut of_output, mut of_bias) = (None::<Tensor<2>>, None::<Tensor<1>>);
    let mut of_states = Vec::new();
    for (chunk, words) in words.chunks(chunk_length).enumerate() {
        let states = states.clone().narrow(0, chunk * chunk_length, words.len());
        let logits = states.clone().matmul(output.clone()) + net.bias.val().unsqueeze();
        let own = index_tensor(words, &device).unsqueeze_dim::<2>(1);
        let (largest, logit) = (logits.clone().max_dim(1), logits.clone().gather(1, own.clone()));
        let probabilities = softmax(logits, 1);
        // The log-sum-exp follows from the largest logit and its probability, which is never 0; the probability of the
        // word itself may be 0.
        let nats = largest - probabilities.clone().max_dim(1).log() - logit;
        loss.nats += f64::from(nats.sum().into_scalar::<f32>());
        if gradients.is_none() {
            continue;
        }
        let ones = Tensor::full([words.len(), 1], -1.0, &device);
        let of_logits = probabilities.scatter(1, own, ones, IndexingUpdateOp::Add).mul_scalar(scale);
        of_states.push(of_logits.clone().matmul(output.clone().transpose()));
        let bias = of_logits.clone().sum_dim(0).squeeze_dim::<1>(0);
        let weights = states.transpose().matmul(of_logits);
        of_bias = Some(of_bias.map_or(bias.clone(), |sum| sum + bias));
        of_output = Some(of_output.map_or(weights.clone(), |sum| sum + weights));
    }
    let (Some(gradients), Some(weights), Some(bias)) = (gradients, of_output, of_bias) else { return (loss, None) };
    gradients.matrices.push((net.output.id, weights));
    gradients.vectors.push((net.bias.id, bias));
    (loss, Some(Tensor::cat(of_states, 0)))
}
