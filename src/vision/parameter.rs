//! What a network's weights file has to hold.

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
