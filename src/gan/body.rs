//! The architectures.

/// The architecture of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Radford et al. 2016, with the sizes of the JEM paper: 5×5 kernels.
    Dcgan,
    /// The code of Reed et al. (github.com/reedscot/icml2016, `main_cls_int.lua`): 4×4 kernels, residual bottlenecks on
    /// the small feature maps, and no bias in convolutions.
    Reed,
}

impl Body {
    /// Parses the setting: `dcgan` or `reed`.
    pub fn of(word: &str) -> Self {
        if word == "reed" { Body::Reed } else { Body::Dcgan }
    }

    /// Side of the kernels of downsampling and upsampling layers.
    pub(super) fn kernel(self) -> usize {
        match self {
            Body::Dcgan => 5,
            Body::Reed => 4,
        }
    }

    /// Whether the layers without batch norm (next to the image, and the logit) have a bias.
    pub(super) fn has_bias(self) -> bool {
        self == Body::Dcgan
    }
}
