use super::*;
use crate::vision::{read_tensor, save_tensors};
use image::Rgb;
use std::path::PathBuf;

type State = Vec<(String, Vec<usize>, Vec<f32>)>;

/// Values that depend only on their index, as in tests/reference/vision_narrow.py.
fn pattern(shape: &[usize]) -> Vec<f32> {
    let fan_in: usize = shape[1..].iter().product();
    let value = |index: usize| match shape.len() {
        1 => ((index * 5 % 11) as f64 - 5.0) / 50.0,
        _ => (((index * index * 7 + 3 * index) % 17) as f64 - 8.0) / 8.0 * (6.0 / fan_in as f64).sqrt(),
    };
    (0..shape.iter().product()).map(|index| value(index) as f32).collect()
}

fn linear() -> State {
    let shape = vec![1, 8, 1, 1];
    let values: Vec<f32> = pattern(&shape).into_iter().map(f32::abs).collect();
    (0..5).map(|index| (format!("lin{index}.model.1.weight"), shape.clone(), values.clone())).collect()
}

fn saved(folder: &tempfile::TempDir, name: &str, state: &State) -> PathBuf {
    let path = folder.path().join(format!("{name}.safetensors"));
    save_tensors(state, &path);
    path
}

fn narrow(network: Network, linear: &State) -> Result<Lpips, VisionError> {
    let (device, folder) = (Device::flex(), tempfile::tempdir().unwrap());
    let config = NetworkConfig { input: 64, width: 0.01 };
    let drawn = FeatureNet::load(network, config, &Weights::Random { seed: 1 }, &device)?.state();
    let patterned = drawn.into_iter().map(|(name, shape, _)| {
        let values = pattern(&shape);
        (name, shape, values)
    });
    let weights = Weights::File { path: saved(&folder, "net", &patterned.collect()) };
    Lpips::load_sized(network, config, &weights, &saved(&folder, "linear", linear), &device)
}

fn image(width: u32, height: u32, seed: u32) -> RgbImage {
    let level = |x: u32, y: u32, c: u32| ((x * x * 3 + y * 7 + x * y * seed + c * 91) % 256) as u8;
    RgbImage::from_fn(width, height, |x, y| Rgb([0, 1, 2].map(|c| level(x, y, c))))
}

#[test]
fn distances_equal_those_of_the_published_package() {
    // tests/reference/vision_narrow.py: lpips 0.1.4 in double precision, with 8 channels and the values above.
    let a = [image(90, 64, 1), image(70, 75, 3)];
    let b = [image(90, 64, 2), image(70, 75, 4)];
    for (network, expected) in
        [(Network::AlexNet, [2.550_196, 2.376_704_3]), (Network::Vgg16, [3.019_898, 3.009_698_4])]
    {
        let found = narrow(network, &linear()).unwrap().distance(&a, &b).unwrap();
        let near = found.iter().zip(expected).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-5 * b);
        assert!(found.len() == 2 && near, "{network}: {found:?}");
    }
}

#[test]
fn equal_images_have_distance_zero_and_the_distance_is_symmetric() {
    let lpips = narrow(Network::AlexNet, &linear()).unwrap();
    let (a, b) = (vec![image(64, 64, 1); BATCH + 2], vec![image(64, 64, 5); BATCH + 2]);
    assert_eq!(lpips.distance(&a, &a).unwrap(), vec![0.0; BATCH + 2]);
    let (forward, backward) = (lpips.distance(&a, &b).unwrap(), lpips.distance(&b, &a).unwrap());
    assert!(forward.iter().zip(&backward).all(|(a, b)| *a > 0.0 && (a - b).abs() < 1e-6));
    assert!(lpips.distance(&[], &[]).unwrap().is_empty());
}

#[test]
fn images_without_a_partner_or_of_another_size_are_errors() {
    let lpips = narrow(Network::AlexNet, &linear()).unwrap();
    let wrong = |a: &[RgbImage], b: &[RgbImage]| lpips.distance(a, b).unwrap_err().to_string();
    let square = image(64, 64, 1);
    let two = [square.clone(), square.clone()];
    assert_eq!(wrong(&two, &two[..1]), "2 images cannot be paired with 1");
    assert_eq!(wrong(&two, &[square.clone(), image(64, 65, 1)]), "pair 1 is 64×64 and 64×65");
    let small = [image(80, 62, 1)];
    assert_eq!(wrong(&small, &small), "alexnet cannot process 62×62 pixels: it requires at least 63×63");
}

#[test]
fn linear_weights_must_fit_and_exist_for_two_networks() {
    let mut list = linear();
    list[1].1 = vec![1, 4, 2, 1];
    list[4].0 = "lin5.model.1.weight".into();
    let error = narrow(Network::Vgg16, &list).unwrap_err();
    let shown = error.to_string();
    let problems = "not LPIPS's linear weights for vgg16:\
                    \n  lin1.model.1.weight is [1, 4, 2, 1], not [1, 8, 1, 1]\
                    \n  missing lin4.model.1.weight [1, 8, 1, 1]\
                    \n  unused lin5.model.1.weight";
    assert!(shown.ends_with(problems), "{shown}");
    assert_eq!(narrow(Network::Vgg19, &linear()).unwrap_err().to_string(), "LPIPS is not defined on vgg19");
}

#[test]
fn distances_at_full_width_equal_those_of_the_package() {
    let Some(fixtures) = std::env::var_os("JEM_TEST_VISION") else {
        eprintln!("skipped: JEM_TEST_VISION names no folder (tests/reference/vision.py creates one for each network)");
        return;
    };
    for network in [Network::AlexNet, Network::Vgg16] {
        let folder = Path::new(&fixtures).join(network.as_str());
        let weights = Weights::File { path: folder.join(format!("{network}.safetensors")) };
        let lpips = Lpips::load(network, &weights, &folder.join("lpips.pth"), &Device::flex()).unwrap();
        let reference = folder.join("lpips.safetensors");
        let expected = read_tensor(&reference, "distance").1;
        let images = |name: &str| -> Vec<RgbImage> {
            let one = |index| {
                let (shape, levels) = read_tensor(&reference, &format!("{name}_{index}"));
                let levels = levels.into_iter().map(|level| level as u8).collect();
                RgbImage::from_raw(shape[1] as u32, shape[0] as u32, levels).unwrap()
            };
            (0..expected.len()).map(one).collect()
        };
        let found = lpips.distance(&images("a"), &images("b")).unwrap();
        let largest = expected.iter().fold(0.0, |largest, &value| f64::max(largest, f64::from(value)));
        let off = found.iter().zip(&expected).fold(0.0, |off, (a, &b)| f64::max(off, (a - f64::from(b)).abs()));
        eprintln!("{network}: LPIPS {found:?} differs by at most {:e} of the largest", off / largest);
        assert!(off < 1e-4 * largest, "{network}: {off} of {largest}");
    }
}
