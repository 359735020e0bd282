use burn::tensor::Tensor;

/// The inputs of a step, on the training device. `n` is the batch.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Real images `[n, 3, s, s]` in [−1, 1].
    pub real: Tensor<4>,
    /// Their sentences `[n, sentence]`.
    pub text: Tensor<2>,
    /// A mismatched pair each, where the objective has them.
    pub wrong: Option<Shown>,
    /// Sentences of other images in the batch, to interpolate the first ones with `[m, sentence]`; none without INT.
    pub partner: Option<Tensor<2>>,
    /// Guide features that the networks are given `[n, features]`.
    pub guide: Option<Tensor<2>>,
    /// Another image's guide each `[n, features]`, where the discriminator is to reject it.
    pub other_guide: Option<Tensor<2>>,
    /// Features of the images' own guide pictures `[n, features]`, where fakes are held to them.
    pub target: Option<Tensor<2>>,
    /// The noise of each of the generator's passes `[rows, noise]`: see [`super::passes`].
    pub noise: Vec<Tensor<2>>,
}

/// What the discriminator is shown at once; `n` of each.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Images `[n, 3, s, s]`.
    pub image: Tensor<4>,
    /// Sentences `[n, sentence]`.
    pub text: Tensor<2>,
    /// Guides `[n, features]`, where there are any.
    pub guide: Option<Tensor<2>>,
}
