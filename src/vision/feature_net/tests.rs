use super::*;
use crate::vision::parameter::Parameter;
use burn::tensor::TensorData;

/// Values that depend only on their index, so that torch can use the same ones.
fn patterned(parameter: Parameter) -> (Parameter, TensorData) {
    let value = |index: usize| match parameter.fan_in() {
        Some(fan_in) => (((index * index * 7 + 3 * index) % 17) as f64 - 8.0) / 8.0 * (6.0 / fan_in as f64).sqrt(),
        None => f64::from(parameter.initial()) + ((index * 5 % 11) as f64 - 5.0) / 50.0,
    };
    let data: Vec<f32> = (0..parameter.len()).map(|index| value(index) as f32).collect();
    let data = TensorData::new(data, parameter.shape.clone());
    (parameter, data)
}

fn size(network: Network) -> NetworkConfig {
    let width = if network.classes_layer() == "fc" { 0.1 } else { 0.01 };
    NetworkConfig { input: 90, width }
}

fn tiny(network: Network) -> FeatureNet {
    let config = size(network);
    FeatureNet::build(network, config, parameters(network, config).into_iter().map(patterned), &Device::flex())
}

/// `[1, 3, 90, 90]`: ((xy + 3x + 5y + 7c) mod 13 − 6) / 6.
fn image() -> Tensor<4> {
    let pixels = (0..3).flat_map(|c| (0..90).flat_map(move |y| (0..90).map(move |x| (c, y, x))));
    let data: Vec<f32> = pixels.map(|(c, y, x)| (((x * y + 3 * x + 5 * y + 7 * c) % 13) as f32 - 6.0) / 6.0).collect();
    Tensor::from_data(TensorData::new(data, [1, 3, 90, 90]), &Device::flex())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

// tests/reference/vision_narrow.py (torch 2.15.0, torchvision 0.29.2) prints the expected values of these tests. Its
// networks are torchvision's and pytorch-fid's in eval mode, with the widths of size(), the values of patterned() and
// the image above, in double precision: single precision has an error of 2e-5.

#[test]
fn features_equal_those_of_the_references() {
    // The first twelve features of the input of the classification layer, and the sum of all.
    let references = [
        (Network::AlexNet, "0.248438 0.688009 0.036105 0.0 0.0 0.28071 0.644409 0.0 0.0 0.0 0.11279 0.150993", 7.74591),
        (Network::Vgg16, "0.501939 0.0 0.0 0.0 1.629326 1.26669 0.0 0.0 0.0 0.705716 1.318703 0.215725", 21.76961),
        (
            Network::Vgg19,
            "0.407115 0.080489 0.573798 0.341317 0.0 0.0 1.606974 0.997147 0.0 0.0 0.0 1.566313",
            19.07094,
        ),
        (
            Network::Inception,
            "0.0 162.13351 304.68879 0.0 0.0 413.74464 0.0 0.0 248.84265 423.20282 0.0 0.0",
            16149.82987,
        ),
        (
            Network::InceptionFid,
            "58.144157 51.112232 388.12897 0.0 0.0 166.02975 0.0 0.0 0.0 349.69263 0.0 0.0",
            19675.89174,
        ),
    ];
    for (network, expected, sum) in references {
        let expected: Vec<f32> = expected.split(' ').map(|value| value.parse().unwrap()).collect();
        let layer = network.layer(if network.classes_layer() == "fc" { "pool3" } else { "fc7" }).unwrap();
        let features = tiny(network).forward(image(), layer);
        assert_eq!(features.dims(), [1, layer.length(size(network))]);
        let features = values(features);
        let largest = expected.iter().copied().fold(1.0, f32::max);
        let near = features.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 5e-5 * largest);
        assert!(near, "{network}: {features:?}");
        assert!((features.into_iter().map(f64::from).sum::<f64>() - sum).abs() < 1e-4 * sum, "{network}");
    }
}

#[test]
fn features_at_every_layer_equal_those_of_the_references() {
    // The sum of the features of each layer after its ReLU or pooling; those of maps are the means of the channels.
    let alexnet = [2.78773, 10.44803, 2.78353, 9.33255, 2.89826, 1.83855, 2.07316, 7.5042, 3.32963, 7.74591];
    let vgg16 = [
        4.27104, 3.90378, 7.91401, 4.58392, 5.13679, 10.86675, 7.46485, 5.31618, 5.30791, 12.779, 6.35241, 5.99753,
        5.55574, 14.22268, 6.199, 4.63277, 3.9157, 8.88273, 7.46559, 21.76961,
    ];
    let vgg19 = [
        4.27104, 3.90378, 7.91401, 4.58392, 5.13679, 10.86675, 7.46485, 5.31618, 5.30791, 5.14368, 11.79909, 6.44175,
        5.16748, 4.54761, 4.95725, 11.39333, 5.15549, 4.08172, 3.36072, 2.33086, 6.66476, 13.16074, 19.07094,
    ];
    let inception = [
        13.31594,
        195.71916,
        220.06436,
        292.59519,
        279.91177,
        1704.72639,
        964.85569,
        1602.81271,
        5285.89167,
        8693.66173,
        24260.56425,
        15811.76897,
        16149.82987,
        16149.82987,
        230.70772,
        230.68772,
    ];
    let fid = [
        13.31594,
        195.71916,
        227.27742,
        304.89409,
        302.99803,
        1810.75552,
        1349.4211,
        2490.26239,
        6777.63392,
        11633.73661,
        29633.67815,
        18538.80242,
        19675.89174,
        19675.89174,
        -363.86141,
        -363.78141,
    ];
    let all: [&[f64]; 5] = [&alexnet, &vgg16, &vgg19, &inception, &fid];
    for (network, sums) in Network::ALL.into_iter().zip(all) {
        let names = network.layers();
        let layers: Vec<Layer> = names.iter().map(|name| network.layer(name).unwrap()).collect();
        assert_eq!(layers.len(), sums.len());
        let found = tiny(network).forward_to(image(), &layers);
        for ((layer, features), &expected) in layers.iter().zip(found).zip(sums) {
            assert_eq!(features.dims(), [1, layer.length(size(network))], "{network} {layer}");
            let sum: f64 = values(features).into_iter().map(f64::from).sum();
            assert!(
                (sum - expected).abs() < 2e-4 * expected.abs().max(5.0),
                "{network} {layer}: {sum}, not {expected}"
            );
        }
    }
}

#[test]
fn several_layers_in_one_pass_give_the_same_as_each_alone() {
    for network in Network::ALL {
        let net = tiny(network);
        let names = network.layers();
        let last = names.len() - 1;
        // Not in order, and one of them twice.
        let layers = [last - 1, 0, last, 0].map(|index| network.layer(&names[index]).unwrap());
        let together = net.forward_to(image(), &layers);
        for (layer, features) in layers.into_iter().zip(together) {
            assert_eq!(values(features), values(net.forward(image(), layer)), "{network} {layer}");
        }
        assert!(net.forward_to(image(), &[]).is_empty());
    }
}

#[test]
fn features_of_a_map_are_the_means_of_its_channels() {
    for (network, name, dims) in
        [(Network::AlexNet, "conv1", [1, 8, 21, 21]), (Network::Inception, "Mixed_5b", [1, 40, 8, 8])]
    {
        let (net, layer) = (tiny(network), network.layer(name).unwrap());
        let map = net.maps(image(), &[layer]).remove(0);
        assert_eq!(map.dims(), dims);
        let means = map.mean_dim(3).mean_dim(2).flatten::<2>(1, 3);
        assert_eq!(values(means), values(net.forward(image(), layer)));
    }
}

#[test]
fn unbiased_logits_differ_from_logits_by_the_bias() {
    let network = Network::InceptionFid;
    let layers = ["logits_unbiased", "logits"].map(|name| network.layer(name).unwrap());
    let found: Vec<_> = tiny(network).forward_to(image(), &layers).into_iter().map(values).collect();
    assert_eq!(found[0].len(), 1008);
    for (index, (unbiased, logit)) in found[0].iter().zip(&found[1]).enumerate() {
        let bias = ((index * 5 % 11) as f32 - 5.0) / 50.0;
        assert!((logit - unbiased - bias).abs() < 1e-3, "{index}: {unbiased} {logit}");
    }
}

#[test]
#[should_panic(expected = "the layer `conv1` belongs to another network")]
fn a_layer_of_another_network_panics() {
    tiny(Network::Vgg16).forward(image(), Network::AlexNet.layer("conv1").unwrap());
}

#[test]
fn a_saved_network_is_loaded_bit_for_bit() {
    for network in Network::ALL {
        let net = tiny(network);
        let state = net.state();
        let needed = parameters(network, size(network));
        assert!(state.iter().map(|(name, shape, _)| (name, shape)).eq(needed.iter().map(|p| (&p.name, &p.shape))));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        crate::vision::save_tensors(&state, &path);
        let again = FeatureNet::load(network, size(network), &Weights::File { path }, &Device::flex()).unwrap();
        let names = network.layers();
        let layers: Vec<_> = names.iter().map(|name| network.layer(name).unwrap()).collect();
        let outputs = |net: &FeatureNet| net.forward_to(image(), &layers).into_iter().map(values).collect::<Vec<_>>();
        assert_eq!(outputs(&again), outputs(&net), "{network}");
        assert_eq!(again.state(), state, "{network}");
    }
}

#[test]
fn the_state_of_a_plain_network_has_its_parameters() {
    let given = parameters(Network::Vgg19, size(Network::Vgg19)).into_iter().map(patterned);
    let given = given.map(|(parameter, data)| (parameter.name, parameter.shape, data.try_to_vec::<f32>().unwrap()));
    assert_eq!(tiny(Network::Vgg19).state(), given.collect::<Vec<_>>());
}

#[test]
fn dropout_is_where_torchvision_has_it() {
    // AlexNet's classifier is dropout, fc6, ReLU, dropout, fc7, ReLU; VGG's fc6, ReLU, dropout, fc7, ReLU, dropout.
    let lengths = |network: Network| {
        let mut lengths = Vec::new();
        tiny(network).forward_dropped(image(), &mut |vector| {
            lengths.push(vector.dims()[1]);
            vector
        });
        lengths
    };
    assert_eq!(lengths(Network::AlexNet), [8 * 36, 48]);
    assert_eq!([lengths(Network::Vgg16), lengths(Network::Vgg19)], [[48, 48], [48, 48]]);
    let mean = Network::Inception.layer("pool3").unwrap().length(size(Network::Inception));
    assert_eq!(lengths(Network::Inception), [mean]);
}

#[test]
fn without_dropout_the_output_is_fc7_and_with_all_dropped_it_is_the_bias() {
    for network in [Network::AlexNet, Network::Vgg16, Network::Vgg19] {
        let net = tiny(network);
        let fc7 = values(net.forward(image(), network.layer("fc7").unwrap()));
        assert_eq!(values(net.forward_dropped(image(), &mut |vector| vector)), fc7);
        let dropped = values(net.forward_dropped(image(), &mut |vector| vector.mul_scalar(0.0)));
        let bias = net.state().pop().unwrap().2;
        let expected = match network {
            Network::AlexNet => bias.into_iter().map(|value| value.max(0.0)).collect(),
            _ => vec![0.0; 48],
        };
        assert_eq!(dropped, expected, "{network}");
    }
}

#[test]
fn gradients_flow_through_dropout_to_every_layer() {
    let network = Network::Vgg16;
    let device = Device::flex().autodiff();
    let net = FeatureNet::load(network, size(network), &Weights::Random { seed: 1 }, &device).unwrap();
    let images = Tensor::from_data(image().into_data(), &device);
    let loss = net.forward_dropped(images, &mut |vector| vector.mul_scalar(2.0)).sum();
    let gradients = loss.backward();
    let Body::Plain(body) = &net.body else { panic!("VGG-16 is plain") };
    for layer in &body.features {
        let gradient = values(layer.weight.val().grad(&gradients).unwrap());
        assert!(gradient.iter().any(|&value| value != 0.0));
    }
    for layer in &body.classifier {
        assert!(values(layer.weight.val().grad(&gradients).unwrap()).iter().any(|&value| value != 0.0));
    }
}
