//! The operations on tensors with gradients: what each keeps for its backward pass, and that pass.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend};

use super::{Activation, KernelGradients, KernelOps, Kind, NormState, Pooling, Steps};

impl<B: KernelOps + KernelGradients, C: CheckpointStrategy> KernelOps for Autodiff<B, C> {
    fn kernel_convolution(x: FloatTensor<Self>, weight: FloatTensor<Self>, steps: Steps) -> FloatTensor<Self> {
        convolve::<B, C>(x, weight, steps, Kind::Convolution)
    }

    fn kernel_transposed(x: FloatTensor<Self>, weight: FloatTensor<Self>, steps: Steps) -> FloatTensor<Self> {
        convolve::<B, C>(x, weight, steps, Kind::Transposed)
    }

    fn kernel_linear(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node()];
        let (x, weight) = (x.into_primitive(), weight.into_primitive());
        let output = B::kernel_linear(x.clone(), weight.clone());
        match Linear.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, weight), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn kernel_bias_activation(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), bias.node()];
        let output = B::kernel_bias_activation(x.into_primitive(), bias.into_primitive(), activation);
        match BiasActivation.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((output.clone(), activation), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn kernel_activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let nodes = [x.node()];
        let output = B::kernel_activation(x.into_primitive(), activation);
        match PlainActivation.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((output.clone(), activation), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn kernel_norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [x.node(), gamma.node(), beta.node()];
        let (x, gamma, beta) = (x.into_primitive(), gamma.into_primitive(), beta.into_primitive());
        let (output, mean, variance) = B::kernel_norm(x.clone(), gamma.clone(), beta.clone(), epsilon, activation);
        let (batch_mean, batch_variance) = (mean.clone(), variance.clone());
        let output = match Norm.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish(NormState { x, gamma, beta, mean, variance, epsilon, activation }, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(output),
        };
        (output, FloatTensor::<Self>::new(batch_mean), FloatTensor::<Self>::new(batch_variance))
    }

    fn kernel_fixed_norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        epsilon: f64,
        slope: f32,
    ) -> FloatTensor<Self> {
        let [x, gamma, beta, mean, variance] =
            [x, gamma, beta, mean, variance].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::kernel_fixed_norm(x, gamma, beta, mean, variance, epsilon, slope))
    }

    fn kernel_pool(x: FloatTensor<Self>, window: [usize; 2], steps: Steps, pooling: Pooling) -> FloatTensor<Self> {
        let nodes = [x.node()];
        let x = x.into_primitive();
        let output = B::kernel_pool(x.clone(), window, steps, pooling);
        match Pool.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, window, steps, pooling), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

fn convolve<B: KernelOps + KernelGradients, C: CheckpointStrategy>(
    x: FloatTensor<Autodiff<B, C>>,
    weight: FloatTensor<Autodiff<B, C>>,
    steps: Steps,
    kind: Kind,
) -> FloatTensor<Autodiff<B, C>> {
    let nodes = [x.node(), weight.node()];
    let (x, weight) = (x.into_primitive(), weight.into_primitive());
    let output = match kind {
        Kind::Convolution => B::kernel_convolution(x.clone(), weight.clone(), steps),
        Kind::Transposed => B::kernel_transposed(x.clone(), weight.clone(), steps),
    };
    match Convolution.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish((x, weight, steps, kind), output),
        OpsKind::UnTracked(prep) => prep.finish(output),
    }
}

/// Adds the gradients that were found to those of the tensors that want one.
fn register<B: Backend, const N: usize>(
    parents: [Option<NodeId>; N],
    found: [Option<FloatTensor<B>>; N],
    grads: &mut Gradients,
) {
    for (parent, gradient) in parents.into_iter().zip(found) {
        if let (Some(parent), Some(gradient)) = (parent, gradient) {
            grads.register::<B>(parent, gradient);
        }
    }
}

#[derive(Debug)]
struct Convolution;

impl<B: KernelGradients> Backward<B, 2> for Convolution {
    type State = (FloatTensor<B>, FloatTensor<B>, Steps, Kind);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (x, weight, steps, kind) = ops.state;
        let wanted = [ops.parents[0].is_some(), ops.parents[1].is_some()];
        let found = B::kernel_convolution_backward(x, weight, gradient, steps, kind, wanted);
        register::<B, 2>(ops.parents.map(|parent| Some(parent?.id)), found, grads);
    }
}

#[derive(Debug)]
struct Linear;

impl<B: KernelGradients> Backward<B, 2> for Linear {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (x, weight) = ops.state;
        let wanted = [ops.parents[0].is_some(), ops.parents[1].is_some()];
        let found = B::kernel_linear_backward(x, weight, gradient, wanted);
        register::<B, 2>(ops.parents.map(|parent| Some(parent?.id)), found, grads);
    }
}

#[derive(Debug)]
struct BiasActivation;

impl<B: KernelGradients> Backward<B, 2> for BiasActivation {
    type State = (FloatTensor<B>, Activation);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (output, activation) = ops.state;
        let wants_bias = ops.parents[1].is_some();
        let (x, bias) = B::kernel_activation_backward(output, gradient, activation, wants_bias);
        register::<B, 2>(ops.parents.map(|parent| Some(parent?.id)), [Some(x), bias], grads);
    }
}

#[derive(Debug)]
struct PlainActivation;

impl<B: KernelGradients> Backward<B, 1> for PlainActivation {
    type State = (FloatTensor<B>, Activation);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (output, activation) = ops.state;
        let (x, _) = B::kernel_activation_backward(output, gradient, activation, false);
        register::<B, 1>(ops.parents.map(|parent| Some(parent?.id)), [Some(x)], grads);
    }
}

#[derive(Debug)]
struct Norm;

impl<B: KernelGradients> Backward<B, 3> for Norm {
    type State = NormState<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        register::<B, 3>(
            ops.parents.map(|parent| Some(parent?.id)),
            B::kernel_norm_backward(ops.state, gradient).map(Some),
            grads,
        );
    }
}

#[derive(Debug)]
struct Pool;

impl<B: KernelGradients> Backward<B, 1> for Pool {
    type State = (FloatTensor<B>, [usize; 2], Steps, Pooling);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (x, window, steps, pooling) = ops.state;
        let found = B::kernel_pool_backward(x, gradient, window, steps, pooling);
        register::<B, 1>(ops.parents.map(|parent| Some(parent?.id)), [Some(found)], grads);
    }
}
