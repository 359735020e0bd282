//! The loss of a batch of triplets, and the gradients of all weights.

use burn::module::ParamId;
use burn::optim::GradientsParams;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, IndexingUpdateOp, Tensor};

use super::batch::Batch;
use super::network::{Decoder, SkipThoughtNet};
use super::packed::{Packed, places};
use super::recurrence::{Seen, Three, Walk, WalkGradients, apart, joined};
use crate::text::skip_thought::Gru;

/// PyTorch's guard in `clip_grad_norm_`.
const GUARD: f64 = 1e-6;
/// Logits that are held at once: 64 MiB.
const LOGITS: usize = 1 << 24;

/// What was told, and how well.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// The sum of the words' negative log-likelihoods, in nats.
    pub nats: f64,
    /// How many words, each sentence's `<eos>` among them.
    pub words: usize,
}

/// Gradients, each with its parameter.
#[derive(Clone, Default)]
pub(super) struct Gradients {
    matrices: Vec<(ParamId, Tensor<2>)>,
    vectors: Vec<(ParamId, Tensor<1>)>,
}

impl Gradients {
    /// For the optimizer: times min(1, most / (norm + 1e-6)), where the norm is over all of them together.
    pub fn clipped(self, most: f64) -> GradientsParams {
        let squares = self.matrices.iter().map(|(_, gradient)| gradient.clone().square().sum());
        let squares = squares.chain(self.vectors.iter().map(|(_, gradient)| gradient.clone().square().sum()));
        let norm = f64::from(Tensor::cat(squares.collect(), 0).sum().sqrt().into_scalar::<f32>());
        let factor = (most / (norm + GUARD)).min(1.0);
        let mut gradients = GradientsParams::new();
        for (id, gradient) in self.matrices {
            gradients.register(id, if factor < 1.0 { gradient.mul_scalar(factor) } else { gradient });
        }
        for (id, gradient) in self.vectors {
            gradients.register(id, if factor < 1.0 { gradient.mul_scalar(factor) } else { gradient });
        }
        gradients
    }

    fn gru(&mut self, gru: &Gru, inputs: Tensor<2>, walk: WalkGradients) {
        let [reset, update, candidate] = walk.given.clone().map(|gradient| gradient.sum_dim(0).squeeze_dim::<1>(0));
        self.vectors.push((gru.b.id, Tensor::cat(vec![reset, update], 0)));
        self.vectors.push((gru.bx.id, candidate));
        let (w, wx) = joined(walk.given.map(|gradient| inputs.clone().transpose().matmul(gradient)));
        let (u, ux) = joined(walk.recurrent);
        self.matrices.extend([(gru.w.id, w), (gru.wx.id, wx), (gru.u.id, u), (gru.ux.id, ux)]);
    }
}

/// A unit that has gone over its words.
struct Gone<'a> {
    gru: &'a Gru,
    /// `[m, e]`
    inputs: Tensor<2>,
    walk: Walk,
}

impl<'a> Gone<'a> {
    /// Over `inputs`, `[m, e]`, with what `more` adds within gates and candidate.
    fn over(gru: &'a Gru, inputs: Tensor<2>, counts: &[usize], more: Option<Three<Tensor<2>>>) -> Self {
        let [reset, update] = [0, 1].map(|gate| gru.b.val().narrow(0, gate * gru.hidden(), gru.hidden()));
        let biases = [reset, update, gru.bx.val()];
        let mut given = apart(gru.w.val(), gru.wx.val()).map(|weights| inputs.clone().matmul(weights));
        for (part, bias) in given.iter_mut().zip(biases) {
            *part = part.clone() + bias.unsqueeze();
        }
        if let Some(more) = more {
            for (part, more) in given.iter_mut().zip(more) {
                *part = part.clone() + more;
            }
        }
        Self { gru, inputs, walk: Walk::over(gru, given, counts) }
    }

    /// Notes the gradients of its weights; gives those of its inputs and of what was added within.
    fn back(self, seen: &Seen, gradients: &mut Gradients) -> (Tensor<2>, Three<Tensor<2>>) {
        let walk = self.walk.back(seen);
        let given = walk.given.clone();
        gradients.gru(self.gru, self.inputs, walk);
        (through(&given, apart(self.gru.w.val(), self.gru.wx.val())), given)
    }
}

/// The gradient of what was multiplied by three weights.
fn through(given: &Three<Tensor<2>>, weights: Three<Tensor<2>>) -> Tensor<2> {
    let [reset, update, candidate] = weights.map(Tensor::transpose);
    let [r, u, x] = given.clone();
    r.matmul(reset) + u.matmul(update) + x.matmul(candidate)
}

/// One decoder on its way.
struct Telling<'a> {
    decoder: &'a Decoder,
    gone: Gone<'a>,
    /// The sentences' vectors in the decoder's order, `[n, v]`.
    vectors: Tensor<2>,
    words: &'a Packed,
    /// The row of the encoder that each row's vector is from.
    from: Vec<usize>,
}

impl<'a> Telling<'a> {
    fn new(
        net: &SkipThoughtNet,
        decoder: &'a Decoder,
        words: &'a Packed,
        from: Vec<usize>,
        vectors: &Tensor<2>,
    ) -> Self {
        let device = vectors.device();
        let vectors = vectors.clone().select(0, places(&from, &device));
        let rows = places(&words.rows, &device);
        let more = apart(decoder.c.val(), decoder.cx.val())
            .map(|weights| vectors.clone().matmul(weights).select(0, rows.clone()));
        let none = Tensor::zeros([words.counts[0], net.embedding.dims()[1]], &device);
        let before = words.before();
        let inputs = match before.is_empty() {
            true => none,
            false => Tensor::cat(vec![none, net.embedding.val().select(0, places(&before, &device))], 0),
        };
        let gone = Gone::over(&decoder.gru, inputs, &words.counts, Some(more));
        Self { decoder, gone, vectors, words, from }
    }

    /// Notes the gradients of its weights; gives those of the words it was given, and of the vectors in the encoder's
    /// order.
    fn back(self, states: Tensor<2>, gradients: &mut Gradients) -> (Tensor<2>, Tensor<2>) {
        let (device, decoder) = (states.device(), self.decoder);
        let (inputs, given) = self.gone.back(&Seen::All(states), gradients);
        let n = self.from.len();
        let rows = places(&self.words.rows, &device);
        let context = given.map(|given| {
            let zeros = Tensor::zeros([n, given.dims()[1]], &device);
            zeros.select_assign(0, rows.clone(), given, IndexingUpdateOp::Add)
        });
        let (c, cx) = joined(context.clone().map(|context| self.vectors.clone().transpose().matmul(context)));
        gradients.matrices.extend([(decoder.c.id, c), (decoder.cx.id, cx)]);
        let vectors = through(&context, apart(decoder.c.val(), decoder.cx.val()));
        let mut back = vec![0; n];
        for (row, &from) in self.from.iter().enumerate() {
            back[from] = row;
        }
        let (m, first) = (inputs.dims()[0], self.words.counts[0]);
        (inputs.narrow(0, first, m - first), vectors.select(0, places(&back, &device)))
    }
}

/// How well the neighbours of a batch are told; and, where they are `wanted`, the gradients of the loss: the sum of both
/// neighbours' negative log-likelihoods, in the mean over the batch's sentences.
pub(super) fn told(net: &SkipThoughtNet, batch: &Batch, wanted: bool, device: &Device) -> (Told, Option<Gradients>) {
    let embedding = net.embedding.val();
    let read = |packed: &Packed| embedding.clone().select(0, places(&packed.words, device));
    let forward = Gone::over(&net.forward, read(&batch.this), &batch.this.counts, None);
    let backward =
        net.backward.as_ref().map(|gru| Gone::over(gru, read(&batch.reversed), &batch.reversed.counts, None));
    let mut halves = vec![forward.walk.last()];
    halves.extend(backward.as_ref().map(|gone| gone.walk.last()));
    let vectors = Tensor::cat(halves, 1);

    let from = |words: &Packed| words.rows_in(&batch.this);
    let previous = Telling::new(net, &net.previous, &batch.previous, from(&batch.previous), &vectors);
    let next = Telling::new(net, &net.next, &batch.next, from(&batch.next), &vectors);
    let states = Tensor::cat(vec![previous.gone.walk.all(), next.gone.walk.all()], 0);
    let words = [batch.previous.words.as_slice(), &batch.next.words].concat();
    let mut gradients = wanted.then(Gradients::default);
    let share = 1.0 / batch.this.order.len() as f64;
    let (told, states) = words_told(net, &states, &words, share, gradients.as_mut());
    let (Some(mut gradients), Some(states)) = (gradients, states) else { return (told, None) };

    let (m, all) = (batch.previous.words.len(), words.len());
    let (previous_inputs, to_vectors) = previous.back(states.clone().narrow(0, 0, m), &mut gradients);
    let (next_inputs, more) = next.back(states.narrow(0, m, all - m), &mut gradients);
    let to_vectors = to_vectors + more;
    let h = net.forward.hidden();
    let (inputs, _) = forward.back(&Seen::Last(to_vectors.clone().narrow(1, 0, h)), &mut gradients);
    let mut words = [batch.this.words.clone(), batch.previous.before(), batch.next.before()].concat();
    let mut rows = vec![inputs, previous_inputs, next_inputs];
    if let Some(backward) = backward {
        let (inputs, _) = backward.back(&Seen::Last(to_vectors.narrow(1, h, h)), &mut gradients);
        words.extend_from_slice(&batch.reversed.words);
        rows.push(inputs);
    }
    let zeros = Tensor::zeros(embedding.dims(), device);
    let of_embedding = zeros.select_assign(0, places(&words, device), Tensor::cat(rows, 0), IndexingUpdateOp::Add);
    gradients.matrices.push((net.embedding.id, of_embedding));
    (told, Some(gradients))
}

/// How likely `words` are after `states`, `[m, h]`; with gradients (times `share`), also that of the states.
fn words_told(
    net: &SkipThoughtNet,
    states: &Tensor<2>,
    words: &[usize],
    share: f64,
    gradients: Option<&mut Gradients>,
) -> (Told, Option<Tensor<2>>) {
    let (device, output) = (states.device(), net.output.val());
    let [_, vocabulary] = output.dims();
    let at_once = (LOGITS / vocabulary).max(1);
    let mut told = Told { nats: 0.0, words: words.len() };
    let (mut of_output, mut of_bias) = (None::<Tensor<2>>, None::<Tensor<1>>);
    let mut of_states = Vec::new();
    for (chunk, words) in words.chunks(at_once).enumerate() {
        let states = states.clone().narrow(0, chunk * at_once, words.len());
        let logits = states.clone().matmul(output.clone()) + net.bias.val().unsqueeze();
        let own = places(words, &device).unsqueeze_dim::<2>(1);
        let (most, logit) = (logits.clone().max_dim(1), logits.clone().gather(1, own.clone()));
        let likely = softmax(logits, 1);
        // The likeliest word's logit and likelihood give the logarithm of the sum: its likelihood is never nought, as that
        // of the word itself may be.
        let nats = most - likely.clone().max_dim(1).log() - logit;
        told.nats += f64::from(nats.sum().into_scalar::<f32>());
        if gradients.is_none() {
            continue;
        }
        let ones = Tensor::full([words.len(), 1], -1.0, &device);
        let of_logits = likely.scatter(1, own, ones, IndexingUpdateOp::Add).mul_scalar(share);
        of_states.push(of_logits.clone().matmul(output.clone().transpose()));
        let bias = of_logits.clone().sum_dim(0).squeeze_dim::<1>(0);
        let weights = states.transpose().matmul(of_logits);
        of_bias = Some(of_bias.map_or(bias.clone(), |sum| sum + bias));
        of_output = Some(of_output.map_or(weights.clone(), |sum| sum + weights));
    }
    let (Some(gradients), Some(weights), Some(bias)) = (gradients, of_output, of_bias) else { return (told, None) };
    gradients.matrices.push((net.output.id, weights));
    gradients.vectors.push((net.bias.id, bias));
    (told, Some(Tensor::cat(of_states, 0)))
}
