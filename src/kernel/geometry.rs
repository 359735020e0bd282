//! The sizes of a convolution.

/// The sizes of a convolution of `input` feature maps (`large`) to `output` feature maps (`small`).
///
/// A transposed convolution is the same with the roles exchanged: its input is the small side. Maps are stored
/// channels-last, `[batch, height, width, channels]`, and weights as `[small channels, large channels, height, width]`,
/// which is the order of Burn's and PyTorch's convolutions and transposed convolutions alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    /// Images.
    pub batch: usize,
    /// Height and width of the large side, in pixels.
    pub large: [usize; 2],
    /// Height and width of the small side, in pixels.
    pub small: [usize; 2],
    /// Channels of the large side.
    pub large_channels: usize,
    /// Channels of the small side.
    pub small_channels: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Zeros above and left of the large side; below and right of it there are as many as the small side needs.
    pub padding: [usize; 2],
}

impl Geometry {
    /// Values of one image on the large side.
    pub fn large_image(&self) -> usize {
        self.large[0] * self.large[1] * self.large_channels
    }

    /// Values of one image on the small side.
    pub fn small_image(&self) -> usize {
        self.small[0] * self.small[1] * self.small_channels
    }

    /// Values of the large side.
    pub fn large_len(&self) -> usize {
        self.batch * self.large_image()
    }

    /// Values of the small side.
    pub fn small_len(&self) -> usize {
        self.batch * self.small_image()
    }

    /// Values of the weights.
    pub fn weight_len(&self) -> usize {
        self.small_channels * self.large_channels * self.kernel[0] * self.kernel[1]
    }

    /// The side that a convolution makes of `large`.
    ///
    /// # Panics
    ///
    /// If the kernel is larger than the padded side.
    pub fn small_side(large: usize, kernel: usize, stride: usize, padding: usize) -> usize {
        let padded = large + 2 * padding;
        assert!(kernel <= padded, "a kernel of {kernel} does not fit into {large} pixels with padding {padding}");
        (padded - kernel) / stride + 1
    }
}

/// Maps and weights of a convolution, values or gradients; those that are not needed are `None`.
#[derive(Clone, Copy, Default)]
pub(super) struct Operands<'a> {
    /// The large side, channels-last.
    pub large: Option<&'a [f32]>,
    /// The small side, channels-last.
    pub small: Option<&'a [f32]>,
    /// The weights.
    pub weight: Option<&'a [f32]>,
}

/// Which sides of the relation `small = large ∗ weight` are computed from the other two.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The transposed convolution of `small` with the weights: the gradient of a convolution's input.
    pub large: bool,
    /// The convolution of `large` with the weights.
    pub small: bool,
    /// The gradient of the weights, from `large` and the gradient of `small`.
    pub weight: bool,
}

/// The results that were [`Wanted`]; the others are empty.
#[derive(Default)]
pub(super) struct Results {
    pub large: Vec<f32>,
    pub small: Vec<f32>,
    pub weight: Vec<f32>,
}
