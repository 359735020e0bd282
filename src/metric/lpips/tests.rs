use super::*;
use crate::vision::{save, stored};
use image::Rgb;
use std::path::PathBuf;

type State = Vec<(String, Vec<usize>, Vec<f32>)>;

/// Values that follow from their places alone, as tests/reference/vision_narrow.py makes them.
fn pattern(shape: &[usize]) -> Vec<f32> {
    let fan_in: usize = shape[1..].iter().product();
    let value = |place: usize| match shape.len() {
        1 => ((place * 5 % 11) as f64 - 5.0) / 50.0,
        _ => (((place * place * 7 + 3 * place) % 17) as f64 - 8.0) / 8.0 * (6.0 / fan_in as f64).sqrt(),
    };
    (0..shape.iter().product()).map(|place| value(place) as f32).collect()
}

fn linear() -> State {
    let shape = vec![1, 8, 1, 1];
    let values: Vec<f32> = pattern(&shape).into_iter().map(f32::abs).collect();
    (0..5).map(|index| (format!("lin{index}.model.1.weight"), shape.clone(), values.clone())).collect()
}

fn saved(folder: &tempfile::TempDir, name: &str, state: &State) -> PathBuf {
    let path = folder.path().join(format!("{name}.safetensors"));
    save(state, &path);
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
    Lpips::sized(network, config, &weights, &saved(&folder, "linear", linear), &device)
}

fn picture(width: u32, height: u32, seed: u32) -> RgbImage {
    let level = |x: u32, y: u32, c: u32| ((x * x * 3 + y * 7 + x * y * seed + c * 91) % 256) as u8;
    RgbImage::from_fn(width, height, |x, y| Rgb([0, 1, 2].map(|c| level(x, y, c))))
}

#[test]
fn distances_are_those_of_the_published_package() {
    // tests/reference/vision_narrow.py: lpips 0.1.4 in double precision, its backbone and linear layers narrowed to 8
    // channels, with the values above.
    let a = [picture(90, 64, 1), picture(70, 75, 3)];
    let b = [picture(90, 64, 2), picture(70, 75, 4)];
    for (network, expected) in
        [(Network::AlexNet, [2.550_196, 2.376_704_3]), (Network::Vgg16, [3.019_898, 3.009_698_4])]
    {
        let found = narrow(network, &linear()).unwrap().distance(&a, &b).unwrap();
        let near = found.iter().zip(expected).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-5 * b);
        assert!(found.len() == 2 && near, "{network}: {found:?}");
    }
}

#[test]
fn equal_pictures_are_not_apart_and_sides_may_be_exchanged() {
    let lpips = narrow(Network::AlexNet, &linear()).unwrap();
    let (a, b) = (vec![picture(64, 64, 1); BATCH + 2], vec![picture(64, 64, 5); BATCH + 2]);
    assert_eq!(lpips.distance(&a, &a).unwrap(), vec![0.0; BATCH + 2]);
    let (there, back) = (lpips.distance(&a, &b).unwrap(), lpips.distance(&b, &a).unwrap());
    assert!(there.iter().zip(&back).all(|(there, back)| *there > 0.0 && (there - back).abs() < 1e-6));
    assert!(lpips.distance(&[], &[]).unwrap().is_empty());
}

#[test]
fn pictures_without_a_partner_or_of_another_size_are_named() {
    let lpips = narrow(Network::AlexNet, &linear()).unwrap();
    let wrong = |a: &[RgbImage], b: &[RgbImage]| lpips.distance(a, b).unwrap_err().to_string();
    let square = picture(64, 64, 1);
    let two = [square.clone(), square.clone()];
    assert_eq!(wrong(&two, &two[..1]), "2 pictures cannot be paired with 1");
    assert_eq!(wrong(&two, &[square.clone(), picture(64, 65, 1)]), "pair 1 is 64×64 and 64×65");
    let small = [picture(80, 62, 1)];
    assert_eq!(wrong(&small, &small), "alexnet cannot look at 62×62 pixels: at least 63×63");
}

#[test]
fn linear_weights_are_read_strictly_and_two_networks_have_them() {
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
fn distances_at_full_width_are_those_of_the_package_with_its_own_linear_weights() {
    let Some(fixtures) = std::env::var_os("JEM_TEST_VISION") else {
        eprintln!("skipped: JEM_TEST_VISION names no folder (tests/reference/vision.py makes one for each network)");
        return;
    };
    for network in [Network::AlexNet, Network::Vgg16] {
        let folder = Path::new(&fixtures).join(network.as_str());
        let weights = Weights::File { path: folder.join(format!("{network}.safetensors")) };
        let lpips = Lpips::load(network, &weights, &folder.join("lpips.pth"), &Device::flex()).unwrap();
        let made = folder.join("lpips.safetensors");
        let expected = stored(&made, "distance").1;
        let side = |name: &str| -> Vec<RgbImage> {
            let one = |index| {
                let (shape, levels) = stored(&made, &format!("{name}_{index}"));
                let levels = levels.into_iter().map(|level| level as u8).collect();
                RgbImage::from_raw(shape[1] as u32, shape[0] as u32, levels).unwrap()
            };
            (0..expected.len()).map(one).collect()
        };
        let found = lpips.distance(&side("a"), &side("b")).unwrap();
        let largest = expected.iter().fold(0.0, |largest, &value| f64::max(largest, f64::from(value)));
        let off = found.iter().zip(&expected).fold(0.0, |off, (a, &b)| f64::max(off, (a - f64::from(b)).abs()));
        eprintln!("{network}: LPIPS {found:?} differs by at most {:e} of the largest", off / largest);
        assert!(off < 1e-4 * largest, "{network}: {off} of {largest}");
    }
}
