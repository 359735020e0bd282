//! The parameters of a network, as in its weights file.

/// A weight, bias or running statistic, with torchvision's name and shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    /// Such as `features.0.weight`.
    pub(super) name: String,
    /// `[out, in, height, width]` for the weight of a convolution, `[out, in]` for that of a linear layer, else
    /// `[out]`.
    pub(super) shape: Vec<usize>,
}

impl Parameter {
    /// The number of inputs of one output; `None` for biases and all parameters of a batch norm.
    pub(super) fn fan_in(&self) -> Option<usize> {
        (self.shape.len() > 1).then(|| self.shape[1..].iter().product())
    }

    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The initial value of a parameter that is not random: 1 for the weight and variance of a batch norm, else 0.
    pub(super) fn initial(&self) -> f32 {
        let is_one = self.name.ends_with(".bn.weight") || self.name.ends_with(".running_var");
        f32::from(u8::from(is_one))
    }
}
