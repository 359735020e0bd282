//! The architecture of each network, and its parameters.

use super::inception::{self, InceptionLayout};
use super::layer::{Layer, LayerPosition};
use super::network::{Network, NetworkConfig};
use super::parameter::Parameter;
use super::plain_layout::{ALEXNET, PlainLayout, VGG16, VGG19};

/// The layers of a network.
pub(super) enum Architecture {
    Plain(&'static PlainLayout),
    Inception(&'static InceptionLayout),
}

impl Network {
    pub(super) fn architecture(self) -> Architecture {
        match self {
            Network::AlexNet => Architecture::Plain(&ALEXNET),
            Network::Vgg16 => Architecture::Plain(&VGG16),
            Network::Vgg19 => Architecture::Plain(&VGG19),
            Network::Inception => Architecture::Inception(inception::torchvision()),
            Network::InceptionFid => Architecture::Inception(inception::fid()),
        }
    }
}

/// Every parameter, layer by layer from the input, the weight of a layer before its bias.
pub(super) fn parameters(network: Network, config: NetworkConfig) -> Vec<Parameter> {
    match network.architecture() {
        Architecture::Plain(layout) => layout.parameters(config),
        Architecture::Inception(layout) => layout.parameters(config),
    }
}

/// How many of the [`parameters`], from the first, the features at these layers depend on; all of them for no layers.
pub(super) fn parameters_needed(network: Network, config: NetworkConfig, layers: &[Layer]) -> usize {
    let all = parameters(network, config).len();
    let needed = |layer: &Layer| match (network.architecture(), layer.position) {
        // Two for each convolution, and for fc6 and fc7 after them.
        (Architecture::Plain(_), LayerPosition::Convolution(index) | LayerPosition::Pool(index)) => 2 * (index + 1),
        (Architecture::Plain(layout), LayerPosition::Linear(index)) => 2 * (layout.convolutions.len() + index + 1),
        (Architecture::Inception(layout), LayerPosition::Stage(index)) => layout.parameters_to(index),
        (Architecture::Inception(layout), LayerPosition::Mean) => layout.parameters_to(layout.stages.len() - 1),
        // All but the bias of the last layer.
        (Architecture::Inception(_), LayerPosition::LogitsUnbiased) => all - 1,
        _ => all,
    };
    layers.iter().map(needed).max().unwrap_or(all)
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
    fn published_networks_have_the_published_numbers_of_parameters() {
        // torchvision: 61,100,840, 138,357,544 and 143,667,240 with the 1000-way layer's 4096 · 1000 + 1000.
        assert_eq!(count(Network::AlexNet) + 4_097_000, 61_100_840);
        assert_eq!(count(Network::Vgg16) + 4_097_000, 138_357_544);
        assert_eq!(count(Network::Vgg19) + 4_097_000, 143_667_240);
        // torchvision: 27,161,264 with the auxiliary head, which has convolutions of 768 · 128 and 128 · 768 · 25,
        // batch norms of 2 · (128 + 768) and a linear layer of 768 · 1000 + 1000. The FID network has 8 more classes of
        // 2048 + 1.
        let head = 768 * 128 + 128 * 768 * 25 + 2 * (128 + 768) + 769_000;
        assert_eq!(count(Network::Inception) + head, 27_161_264);
        assert_eq!(count(Network::InceptionFid), count(Network::Inception) + 8 * 2049);
    }

    #[test]
    fn a_layer_needs_the_parameters_up_to_its_own() {
        let last = |network: Network, word: &str| {
            let config = NetworkConfig::published(network);
            let count = parameters_needed(network, config, &[network.layer(word).unwrap()]);
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
    fn a_convolution_after_branches_has_the_channels_of_all_branches_as_inputs() {
        let narrow = parameters(Network::Inception, NetworkConfig { input: 75, width: 0.25 });
        let find = |name: &str| narrow.iter().find(|parameter| parameter.name == name).unwrap().shape.clone();
        // Inputs: a quarter of 64 + 64 + 96 + 32; of 64 · 2 + 96 + 64; of 384 + 96 and the pooled channels.
        assert_eq!(find("Mixed_5c.branch1x1.conv.weight"), [16, 64, 1, 1]);
        assert_eq!(find("Mixed_6a.branch3x3.conv.weight"), [96, 72, 3, 3]);
        assert_eq!(find("Mixed_6b.branch7x7_2.conv.weight"), [32, 32, 1, 7]);
        assert_eq!(find("Mixed_6b.branch_pool.conv.weight"), [48, 96 + 24 + 72, 1, 1]);
        assert_eq!(find("fc.weight"), [1000, 512]);
    }
}
