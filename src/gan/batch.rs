//! The inputs of a training step.

use burn::tensor::Tensor;

/// The inputs of a training step on its device. `n` is the batch size.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Real images `[n, 3, s, s]` in [−1, 1].
    pub real: Tensor<4>,
    /// Sentence vectors of the images `[n, sentence]`.
    pub text: Tensor<2>,
    /// Mismatched pairs, if the objective uses them.
    pub mismatched: Option<Mismatched>,
    /// Sentence vectors of other images `[m, sentence]`, to interpolate with the first `m` of `text`. `None` without
    /// INT.
    pub partner: Option<Tensor<2>>,
    /// Guides, the input of the networks `[n, features]`.
    pub guide: Option<Tensor<2>>,
    /// Guides of other images `[n, features]`, if the discriminator must reject them.
    pub other_guide: Option<Tensor<2>>,
    /// Features of the images' own guide images `[n, features]`, if generated images are compared with them.
    pub target: Option<Tensor<2>>,
    /// The noise of each forward pass of the generator `[rows, noise]`: see [`super::noise_rows`].
    pub noise: Vec<Tensor<2>>,
}

/// What is replaced in mismatched pairs of image and text; the rest is the batch's own.
#[derive(Clone, Debug)]
pub enum Mismatched {
    /// Sentence vectors of other images `[n, sentence]`.
    Text(Tensor<2>),
    /// Other images `[n, 3, s, s]`, with their own guides `[n, features]`, if there are any.
    Image(Box<Tensor<4>>, Option<Tensor<2>>),
}

/// Inputs of the discriminator; `n` of each.
#[derive(Clone, Debug)]
pub struct DiscriminatorInput {
    /// Images `[n, 3, s, s]`.
    pub image: Tensor<4>,
    /// Sentence vectors `[n, sentence]`.
    pub text: Tensor<2>,
    /// Guides `[n, features]`, if there are any.
    pub guide: Option<Tensor<2>>,
}
