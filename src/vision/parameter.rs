//! What a network's weights file has to hold.

use super::layer::{Layer, Place};
use super::network::{Architecture, Network, NetworkConfig};

/// A weight, bias or running statistic, as torchvision names and shapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    /// Such as `features.0.weight`.
    pub(super) name: String,
    /// `[out, in, height, width]` of a convolution's weight, `[out, in]` of a linear one's, else `[out]`.
    pub(super) shape: Vec<usize>,
}

impl Parameter {
    /// How many inputs feed one output; `None` for a bias and all of a batch norm.
    pub(super) fn fan_in(&self) -> Option<usize> {
        (self.shape.len() > 1).then(|| self.shape[1..].iter().product())
    }

    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// What it is before training, where it is not drawn: 1 for a batch norm's weight and variance, else 0.
    pub(super) fn start(&self) -> f32 {
        let one = self.name.ends_with(".bn.weight") || self.name.ends_with(".running_var");
        f32::from(u8::from(one))
    }
}

/// Every parameter that features need, layer by layer from the input, each layer's weight before its bias.
pub(super) fn parameters(network: Network, config: NetworkConfig) -> Vec<Parameter> {
    match network.architecture() {
        Architecture::Plain(layout) => layout.parameters(config),
        Architecture::Inception(table) => table.parameters(config),
    }
}

/// How many of the [`parameters`], from the first on, the features at these layers follow from.
pub(super) fn reach(network: Network, config: NetworkConfig, layers: &[Layer]) -> usize {
    let last = parameters(network, config).len();
    let of = |layer: &Layer| match (network.architecture(), layer.place) {
        // A weight and a bias for each convolution, and for fc6 and fc7 behind them.
        (Architecture::Plain(_), Place::Convolution(index) | Place::Pool(index)) => 2 * (index + 1),
        (Architecture::Plain(layout), Place::Linear(index)) => 2 * (layout.convolutions.len() + index + 1),
        (Architecture::Inception(table), Place::Stage(index)) => table.parameters_to(index),
        (Architecture::Inception(table), Place::Mean) => table.parameters_to(table.stages.len() - 1),
        // The scores need the weight of the last layer, with their bias the whole of it.
        (Architecture::Inception(_), Place::Unbiased) => last - 1,
        _ => last,
    };
    layers.iter().map(of).max().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(network: Network) -> usize {
        let running = |parameter: &Parameter| parameter.name.contains(".running_");
        let list = parameters(network, NetworkConfig::published(network));
        list.iter().filter(|parameter| !running(parameter)).map(Parameter::len).sum()
    }

    #[test]
    fn the_published_sizes_have_the_published_numbers_of_parameters() {
        // torchvision: 61,100,840, 138,357,544 and 143,667,240 with the 1000-way layer's 4096 · 1000 + 1000.
        assert_eq!(count(Network::AlexNet) + 4_097_000, 61_100_840);
        assert_eq!(count(Network::Vgg16) + 4_097_000, 138_357_544);
        assert_eq!(count(Network::Vgg19) + 4_097_000, 143_667_240);
        // 27,161,264 with the second head's convolutions 768 · 128 and 128 · 768 · 25, their batch norms' 2 · (128 + 768)
        // and its 768 · 1000 + 1000; the other form has 8 more classes of 2048 + 1.
        let head = 768 * 128 + 128 * 768 * 25 + 2 * (128 + 768) + 769_000;
        assert_eq!(count(Network::Inception) + head, 27_161_264);
        assert_eq!(count(Network::InceptionFid), count(Network::Inception) + 8 * 2049);
    }

    #[test]
    fn a_layer_reaches_as_far_as_the_parameters_before_it() {
        let last = |network: Network, word: &str| {
            let config = NetworkConfig::published(network);
            let count = reach(network, config, &[network.layer(word).unwrap()]);
            parameters(network, config)[count - 1].name.clone()
        };
        for (word, name) in
            [("conv1", "features.0"), ("pool2", "features.3"), ("fc6", "classifier.1"), ("fc7", "classifier.4")]
        {
            assert_eq!(last(Network::AlexNet, word), format!("{name}.bias"));
        }
        assert_eq!(last(Network::Vgg16, "conv5_3"), "features.28.bias");
        for network in [Network::Inception, Network::InceptionFid] {
            let names =
                ["pool1", "Mixed_5b", "Mixed_7c", "pool3", "logits_unbiased", "logits"].map(|word| last(network, word));
            let unit = |name: &str| format!("{name}.bn.running_var");
            let expected = [
                unit("Conv2d_2b_3x3"),
                unit("Mixed_5b.branch_pool"),
                unit("Mixed_7c.branch_pool"),
                unit("Mixed_7c.branch_pool"),
                "fc.weight".into(),
                "fc.bias".into(),
            ];
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn a_narrow_network_has_the_same_names_and_fewer_channels() {
        let narrow = parameters(Network::AlexNet, NetworkConfig { input: 64, width: 0.125 });
        let find = |name: &str| narrow.iter().find(|parameter| parameter.name == name).unwrap();
        assert_eq!(find("features.3.weight").shape, [24, 8, 5, 5]);
        assert_eq!(find("classifier.1.weight").shape, [512, 32 * 36]);
        assert_eq!(find("classifier.1.weight").fan_in(), Some(1152));
        assert_eq!((find("classifier.4.bias").shape.clone(), find("classifier.4.bias").fan_in()), (vec![512], None));
    }

    #[test]
    fn what_a_joined_map_feeds_has_as_many_inputs_as_its_branches_have_outputs() {
        let narrow = parameters(Network::Inception, NetworkConfig { input: 75, width: 0.25 });
        let find = |name: &str| narrow.iter().find(|parameter| parameter.name == name).unwrap().shape.clone();
        // A quarter of 64, 64, 96 and 32; of 64 · 2 + 96 + 64; of 384 and 96, beside what is pooled.
        assert_eq!(find("Mixed_5c.branch1x1.conv.weight"), [16, 64, 1, 1]);
        assert_eq!(find("Mixed_6a.branch3x3.conv.weight"), [96, 72, 3, 3]);
        assert_eq!(find("Mixed_6b.branch7x7_2.conv.weight"), [32, 32, 1, 7]);
        assert_eq!(find("Mixed_6b.branch_pool.conv.weight"), [48, 96 + 24 + 72, 1, 1]);
        assert_eq!(find("fc.weight"), [1000, 512]);
    }
}
