//! Collects the outputs of selected layers during a forward pass.

use super::layer::LayerPosition;
use burn::tensor::Tensor;

/// The selected layers, and the outputs collected so far.
pub(super) struct OutputCollector<T> {
    positions: Vec<LayerPosition>,
    outputs: Vec<Option<T>>,
    from_map: fn(Tensor<4>) -> T,
    from_vector: fn(Tensor<2>) -> T,
}

impl OutputCollector<Tensor<2>> {
    /// Collects features: of a feature map `[n, channels, height, width]`, the mean of each channel.
    pub(super) fn features(positions: Vec<LayerPosition>) -> Self {
        Self::new(positions, channel_means, |vector| vector)
    }

    /// Collects nothing: the forward pass runs to its end.
    pub(super) fn none() -> Self {
        Self::features(Vec::new())
    }
}

impl OutputCollector<Tensor<4>> {
    /// Collects feature maps; a vector becomes a map of 1×1.
    pub(super) fn maps(positions: Vec<LayerPosition>) -> Self {
        let to_map = |vector: Tensor<2>| {
            let [n, length] = vector.dims();
            vector.reshape([n, length, 1, 1])
        };
        Self::new(positions, |map| map, to_map)
    }
}

impl<T> OutputCollector<T> {
    fn new(positions: Vec<LayerPosition>, from_map: fn(Tensor<4>) -> T, from_vector: fn(Tensor<2>) -> T) -> Self {
        let outputs = positions.iter().map(|_| None).collect();
        Self { positions, outputs, from_map, from_vector }
    }

    /// Collects a feature map if its layer is selected. Returns whether all outputs are collected.
    pub(super) fn collect_map(&mut self, position: LayerPosition, map: &Tensor<4>) -> bool {
        self.collect(position, |collector| (collector.from_map)(map.clone()))
    }

    /// Collects a vector if its layer is selected. Returns whether all outputs are collected.
    pub(super) fn collect_vector(&mut self, position: LayerPosition, vector: &Tensor<2>) -> bool {
        self.collect(position, |collector| (collector.from_vector)(vector.clone()))
    }

    fn collect(&mut self, position: LayerPosition, output: impl Fn(&Self) -> T) -> bool {
        for index in 0..self.positions.len() {
            if self.positions[index] == position {
                self.outputs[index] = Some(output(self));
            }
        }
        !self.outputs.is_empty() && self.outputs.iter().all(Option::is_some)
    }

    /// The outputs, in the order of the selected layers.
    pub(super) fn into_outputs(self) -> Vec<T> {
        let outputs = self.outputs.into_iter();
        outputs.map(|output| output.expect("a forward pass reaches every layer of the network")).collect()
    }
}

/// The mean of each channel of a feature map.
pub(super) fn channel_means(map: Tensor<4>) -> Tensor<2> {
    map.mean_dim(3).mean_dim(2).flatten(1, 3)
}
