/// The form of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Radford et al. 2016, in the sizes of the JEM paper: 5×5 kernels.
    Dcgan,
    /// The networks of the code that Reed et al. released (github.com/reedscot/icml2016, `main_cls_int.lua`): 4×4
    /// kernels, residual bottlenecks on the small maps, no bias in any convolution.
    Reed,
}

impl Body {
    /// The form that a setting names: `dcgan` or `reed`.
    pub fn of(word: &str) -> Self {
        if word == "reed" { Body::Reed } else { Body::Dcgan }
    }

    /// The side of the kernels that halve and double.
    pub(super) fn kernel(self) -> usize {
        match self {
            Body::Dcgan => 5,
            Body::Reed => 4,
        }
    }

    /// Whether the outermost layers, which no norm follows, have a bias.
    pub(super) fn has_bias(self) -> bool {
        self == Body::Dcgan
    }
}
