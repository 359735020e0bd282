use super::*;
use crate::vision::layout::Parameter;
use burn::tensor::TensorData;

/// Values that follow from their places alone, so that torch can be given the same ones.
fn patterned(parameter: Parameter) -> (Parameter, TensorData) {
    let value = |place: usize| match parameter.fan_in() {
        Some(fan_in) => (((place * place * 7 + 3 * place) % 17) as f64 - 8.0) / 8.0 * (6.0 / fan_in as f64).sqrt(),
        None => ((place * 5 % 11) as f64 - 5.0) / 50.0,
    };
    let values: Vec<f32> = (0..parameter.len()).map(|place| value(place) as f32).collect();
    let data = TensorData::new(values, parameter.shape.clone());
    (parameter, data)
}

fn tiny(network: Network) -> FeatureNet {
    let config = NetworkConfig { input: 90, width: 0.01 };
    let values = parameters(network, config).into_iter().map(patterned);
    FeatureNet::assemble(network, config, values, &Device::flex())
}

/// `[1, 3, 90, 90]`: ((xy + 3x + 5y + 7c) mod 13 − 6) / 6.
fn image() -> Tensor<4> {
    let places = (0..3).flat_map(|c| (0..90).flat_map(move |y| (0..90).map(move |x| (c, y, x))));
    let values: Vec<f32> =
        places.map(|(c, y, x)| (((x * y + 3 * x + 5 * y + 7 * c) % 13) as f32 - 6.0) / 6.0).collect();
    Tensor::from_data(TensorData::new(values, [1, 3, 90, 90]), &Device::flex())
}

#[test]
fn the_layers_are_joined_as_torchvisions() {
    // torch 2.15.0, torchvision 0.29.2: alexnet() and vgg16() in eval mode with every convolution replaced by one of
    // 8 channels, fc6 and fc7 by 48, values as patterned() in state-dict order, and the image above, computed in double
    // precision (in single, torch itself is off by 2e-5); the first twelve features and the sum of all.
    let alexnet = [0.248438, 0.688009, 0.036105, 0.0, 0.0, 0.28071, 0.644409, 0.0, 0.0, 0.0, 0.11279, 0.150993];
    let vgg16 = [0.501939, 0.0, 0.0, 0.0, 1.629326, 1.26669, 0.0, 0.0, 0.0, 0.705716, 1.318703, 0.215725];
    for (network, expected, sum) in [(Network::AlexNet, alexnet, 7.745_906), (Network::Vgg16, vgg16, 21.769_612)] {
        let net = tiny(network);
        let features = net.forward(image(), network.layer("fc7").unwrap());
        assert_eq!(features.dims(), [1, 48]);
        let features = features.into_data().try_to_vec::<f32>().unwrap();
        let near = features.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-4);
        assert!(near, "{network}: {features:?}");
        assert!((features.iter().sum::<f32>() - sum).abs() < 1e-3, "{network}");
    }
}

#[test]
fn every_layer_is_torchvisions_a_map_by_the_mean_of_each_channel() {
    // Made as above: the sum of each layer's features after its ReLU or pooling, of maps the sum of the channels' means.
    let alexnet = [2.78773, 10.44803, 2.78353, 9.33255, 2.89826, 1.83855, 2.07316, 7.5042, 3.32963, 7.74591];
    let vgg16 = [
        4.27104, 3.90378, 7.91401, 4.58392, 5.13679, 10.86675, 7.46485, 5.31618, 5.30791, 12.779, 6.35241, 5.99753,
        5.55574, 14.22268, 6.199, 4.63277, 3.9157, 8.88273, 7.46559, 21.76961,
    ];
    for (network, sums) in [(Network::AlexNet, &alexnet[..]), (Network::Vgg16, &vgg16)] {
        let net = tiny(network);
        assert_eq!(network.layers().len(), sums.len());
        for (name, expected) in network.layers().iter().zip(sums) {
            let layer = network.layer(name).unwrap();
            let features = net.forward(image(), layer);
            assert_eq!(
                features.dims(),
                [1, layer.length(NetworkConfig { input: 90, width: 0.01 })],
                "{network} {name}"
            );
            let sum: f32 = features.into_data().try_to_vec::<f32>().unwrap().iter().sum();
            assert!((sum - expected).abs() < 1e-3, "{network} {name}: {sum}, not {expected}");
        }
    }
}
