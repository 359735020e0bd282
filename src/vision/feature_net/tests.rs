use super::*;
use crate::vision::parameter::Parameter;
use burn::tensor::TensorData;

/// Values that follow from their places alone, so that torch can be given the same ones.
fn patterned(parameter: Parameter) -> (Parameter, TensorData) {
    let value = |place: usize| match parameter.fan_in() {
        Some(fan_in) => (((place * place * 7 + 3 * place) % 17) as f64 - 8.0) / 8.0 * (6.0 / fan_in as f64).sqrt(),
        None => f64::from(parameter.start()) + ((place * 5 % 11) as f64 - 5.0) / 50.0,
    };
    let values: Vec<f32> = (0..parameter.len()).map(|place| value(place) as f32).collect();
    let data = TensorData::new(values, parameter.shape.clone());
    (parameter, data)
}

fn size(network: Network) -> NetworkConfig {
    let width = if network.classes_layer() == "fc" { 0.1 } else { 0.01 };
    NetworkConfig { input: 90, width }
}

fn tiny(network: Network) -> FeatureNet {
    let config = size(network);
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

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

// The numbers of these tests are printed by tests/reference/vision_narrow.py (torch 2.15.0, torchvision 0.29.2): its
// networks are torchvision's and pytorch-fid's in eval mode, narrowed as size() says, with values as patterned() makes
// them and the image above, computed in double precision (in single, torch itself is off by 2e-5).

#[test]
fn the_layers_are_joined_as_the_references() {
    // The first twelve features of the layer that classes are told from, and the sum of all.
    let references: [(Network, [f32; 12], f64); 5] = [
        (
            Network::AlexNet,
            [0.248438, 0.688009, 0.036105, 0.0, 0.0, 0.28071, 0.644409, 0.0, 0.0, 0.0, 0.11279, 0.150993],
            7.74591,
        ),
        (
            Network::Vgg16,
            [0.501939, 0.0, 0.0, 0.0, 1.629326, 1.26669, 0.0, 0.0, 0.0, 0.705716, 1.318703, 0.215725],
            21.76961,
        ),
        (
            Network::Vgg19,
            [0.407115, 0.080489, 0.573798, 0.341317, 0.0, 0.0, 1.606974, 0.997147, 0.0, 0.0, 0.0, 1.566313],
            19.07094,
        ),
        (
            Network::Inception,
            [0.0, 162.13351, 304.68879, 0.0, 0.0, 413.74464, 0.0, 0.0, 248.84265, 423.20282, 0.0, 0.0],
            16149.82987,
        ),
        (
            Network::InceptionFid,
            [58.144157, 51.112232, 388.12897, 0.0, 0.0, 166.02975, 0.0, 0.0, 0.0, 349.69263, 0.0, 0.0],
            19675.89174,
        ),
    ];
    for (network, expected, sum) in references {
        let layer = network.layer(if network.classes_layer() == "fc" { "pool3" } else { "fc7" }).unwrap();
        let features = tiny(network).forward(image(), layer);
        assert_eq!(features.dims(), [1, layer.length(size(network))]);
        let features = numbers(features);
        let largest = expected.into_iter().fold(1.0, f32::max);
        let near = features.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 5e-5 * largest);
        assert!(near, "{network}: {features:?}");
        assert!((features.into_iter().map(f64::from).sum::<f64>() - sum).abs() < 1e-4 * sum, "{network}");
    }
}

#[test]
fn every_layer_is_the_references_a_map_by_the_mean_of_each_channel() {
    // The sum of each layer's features after its ReLU or pooling, of maps the sum of the channels' means.
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
            let sum: f64 = numbers(features).into_iter().map(f64::from).sum();
            assert!(
                (sum - expected).abs() < 2e-4 * expected.abs().max(5.0),
                "{network} {layer}: {sum}, not {expected}"
            );
        }
    }
}

#[test]
fn several_layers_in_one_pass_are_each_what_it_is_alone() {
    for network in Network::ALL {
        let net = tiny(network);
        let names = network.layers();
        let last = names.len() - 1;
        // Out of order, and one of them twice.
        let layers = [last - 1, 0, last, 0].map(|place| network.layer(&names[place]).unwrap());
        let together = net.forward_to(image(), &layers);
        for (layer, features) in layers.into_iter().zip(together) {
            assert_eq!(numbers(features), numbers(net.forward(image(), layer)), "{network} {layer}");
        }
        assert!(net.forward_to(image(), &[]).is_empty());
    }
}

#[test]
fn the_means_of_a_map_are_its_features() {
    for (network, name, dims) in
        [(Network::AlexNet, "conv1", [1, 8, 21, 21]), (Network::Inception, "Mixed_5b", [1, 40, 8, 8])]
    {
        let (net, layer) = (tiny(network), network.layer(name).unwrap());
        let map = net.maps(image(), &[layer]).remove(0);
        assert_eq!(map.dims(), dims);
        let means = map.mean_dim(3).mean_dim(2).flatten::<2>(1, 3);
        assert_eq!(numbers(means), numbers(net.forward(image(), layer)));
    }
}

#[test]
fn scores_without_bias_differ_from_those_with_it_by_the_bias() {
    let network = Network::InceptionFid;
    let layers = ["logits_unbiased", "logits"].map(|name| network.layer(name).unwrap());
    let found: Vec<_> = tiny(network).forward_to(image(), &layers).into_iter().map(numbers).collect();
    assert_eq!(found[0].len(), 1008);
    for (place, (unbiased, logit)) in found[0].iter().zip(&found[1]).enumerate() {
        let bias = ((place * 5 % 11) as f32 - 5.0) / 50.0;
        assert!((logit - unbiased - bias).abs() < 1e-3, "{place}: {unbiased} {logit}");
    }
}

#[test]
#[should_panic(expected = "the layer `conv1` is of another network")]
fn a_layer_of_another_network_is_refused() {
    tiny(Network::Vgg16).forward(image(), Network::AlexNet.layer("conv1").unwrap());
}

/// Every number of the network by itself, written as a file and read as one.
#[test]
fn a_network_that_is_saved_and_loaded_is_the_same_bit_for_bit() {
    for network in Network::ALL {
        let net = tiny(network);
        let state = net.state();
        let needed = parameters(network, size(network));
        assert!(state.iter().map(|(name, shape, _)| (name, shape)).eq(needed.iter().map(|p| (&p.name, &p.shape))));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        crate::vision::save(&state, &path);
        let again = FeatureNet::load(network, size(network), &Weights::File { path }, &Device::flex()).unwrap();
        let names = network.layers();
        let layers: Vec<_> = names.iter().map(|name| network.layer(name).unwrap()).collect();
        let values = |net: &FeatureNet| net.forward_to(image(), &layers).into_iter().map(numbers).collect::<Vec<_>>();
        assert_eq!(values(&again), values(&net), "{network}");
        assert_eq!(again.state(), state, "{network}");
    }
}

#[test]
fn a_plain_networks_state_is_what_it_was_given() {
    let given = parameters(Network::Vgg19, size(Network::Vgg19)).into_iter().map(patterned);
    let given = given.map(|(parameter, data)| (parameter.name, parameter.shape, data.try_to_vec::<f32>().unwrap()));
    assert_eq!(tiny(Network::Vgg19).state(), given.collect::<Vec<_>>());
}

#[test]
fn dropout_stands_where_torchvision_has_it() {
    // AlexNet's classifier is dropout, fc6, ReLU, dropout, fc7, ReLU; VGG's fc6, ReLU, dropout, fc7, ReLU, dropout.
    let lengths = |network: Network| {
        let mut seen = Vec::new();
        tiny(network).forward_dropped(image(), &mut |vector| {
            seen.push(vector.dims()[1]);
            vector
        });
        seen
    };
    assert_eq!(lengths(Network::AlexNet), [8 * 36, 48]);
    assert_eq!([lengths(Network::Vgg16), lengths(Network::Vgg19)], [[48, 48], [48, 48]]);
    let mean = Network::Inception.layer("pool3").unwrap().length(size(Network::Inception));
    assert_eq!(lengths(Network::Inception), [mean]);
}

#[test]
fn nothing_dropped_is_fc7_and_all_dropped_is_its_bias() {
    for network in [Network::AlexNet, Network::Vgg16, Network::Vgg19] {
        let net = tiny(network);
        let fc7 = numbers(net.forward(image(), network.layer("fc7").unwrap()));
        assert_eq!(numbers(net.forward_dropped(image(), &mut |vector| vector)), fc7);
        let dropped = numbers(net.forward_dropped(image(), &mut |vector| vector.mul_scalar(0.0)));
        let bias = net.state().pop().unwrap().2;
        let expected = match network {
            Network::AlexNet => bias.into_iter().map(|value| value.max(0.0)).collect(),
            _ => vec![0.0; 48],
        };
        assert_eq!(dropped, expected, "{network}");
    }
}

#[test]
fn gradients_flow_to_every_layer_through_dropped_vectors() {
    let network = Network::Vgg16;
    let device = Device::flex().autodiff();
    let net = FeatureNet::load(network, size(network), &Weights::Random { seed: 1 }, &device).unwrap();
    let images = Tensor::from_data(image().into_data(), &device);
    let loss = net.forward_dropped(images, &mut |vector| vector.mul_scalar(2.0)).sum();
    let gradients = loss.backward();
    let Body::Plain(body) = &net.body else { panic!("VGG-16 is plain") };
    for layer in &body.features {
        let gradient = numbers(layer.weight.val().grad(&gradients).unwrap());
        assert!(gradient.iter().any(|&value| value != 0.0));
    }
    for layer in &body.classifier {
        assert!(numbers(layer.weight.val().grad(&gradients).unwrap()).iter().any(|&value| value != 0.0));
    }
}
