use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::random::Random;
use crate::spec::{Settings, Value};

const SENTENCE: usize = 6;

fn settings(pairs: &[(&str, Value)]) -> Settings {
    let small = [
        ("image.resolution", Value::Integer(32)),
        ("generator.width", Value::Integer(4)),
        ("discriminator.width", Value::Integer(4)),
        ("generator.noise", Value::Integer(5)),
        ("text.projected", Value::Integer(8)),
        ("guide.projected", Value::Integer(8)),
    ];
    Settings::from_values(small.iter().chain(pairs).map(|(key, value)| (*key, value))).unwrap()
}

fn kind(word: &str) -> (&'static str, Value) {
    ("objective.kind", Value::Text(word.to_owned()))
}

fn recipe(settings: &Settings) -> Recipe {
    Recipe { objective: settings.objective.clone(), optimizer: settings.optimizer.clone() }
}

fn drawn<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values = Random::named(9, name).normals(shape.iter().product());
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn batch(settings: &Settings, guide: Option<usize>, device: &Device) -> Batch {
    let n = 4;
    let noises = if settings.objective.kind.interpolates() { 2 * n } else { n };
    Batch {
        real: drawn("real", [n, 3, 32, 32], device).tanh(),
        text: drawn("text", [n, SENTENCE], device),
        wrong: drawn("wrong", [n, SENTENCE], device),
        partner: drawn("partner", [n, SENTENCE], device),
        guide: guide.map(|length| drawn("guide", [n, length], device)),
        noise: drawn("noise", [noises, settings.generator.noise], device),
    }
}

fn step(settings: &Settings, guide: Option<usize>) -> (Pair, Vec<(&'static str, f64)>) {
    let device = Device::flex().autodiff();
    let pair = Pair::new(settings, SENTENCE, guide, 1, &device);
    let (pair, report) = pair.step(&recipe(settings), batch(settings, guide, &device));
    (pair, report.read())
}

#[test]
fn images_have_the_resolution_asked_for_and_stay_between_minus_one_and_one() {
    let device = Device::flex();
    for resolution in [32, 64, 128, 256] {
        let config =
            GeneratorConfig { resolution, width: 4, noise: 5, sentence: SENTENCE, text: 8, guide: Some((7, 8)) };
        let generator = draw_initial(config.init(&device), 1, "generator");
        let images = generator.forward(
            drawn("noise", [2, 5], &device),
            drawn("text", [2, SENTENCE], &device),
            Some(drawn("guide", [2, 7], &device)),
        );
        assert_eq!(images.dims(), [2, 3, resolution, resolution]);
        let config = DiscriminatorConfig { resolution, width: 4, sentence: SENTENCE, text: 8 };
        let discriminator = draw_initial(config.init(&device), 1, "discriminator");
        let logits = discriminator.forward(images.clone(), drawn("text", [2, SENTENCE], &device));
        assert_eq!(logits.dims(), [2, 1]);
        let largest = images.abs().max().into_scalar::<f32>();
        assert!(largest <= 1.0, "{largest}");
    }
}

#[test]
fn losses_are_the_cross_entropies_of_the_logits() {
    let logits = || Tensor::<2>::from_data(TensorData::new(vec![0.0f32, 2.0], [2, 1]), &Device::flex());
    // −log σ(0) = ln 2, −log σ(2) = 0.126928; −log σ(−2) = 2.126928.
    let real = real_loss(logits()).into_scalar::<f32>();
    let fake = fake_loss(logits()).into_scalar::<f32>();
    assert!((real - (std::f32::consts::LN_2 + 0.126_928) / 2.0).abs() < 1e-5, "{real}");
    assert!((fake - (std::f32::consts::LN_2 + 2.126_928) / 2.0).abs() < 1e-5, "{fake}");
}

#[test]
fn losses_of_huge_logits_are_finite() {
    let logits = || Tensor::<2>::from_data(TensorData::new(vec![-500.0f32, 500.0], [2, 1]), &Device::flex());
    assert!((real_loss(logits()).into_scalar::<f32>() - 250.0).abs() < 1e-3);
    assert!((fake_loss(logits()).into_scalar::<f32>() - 250.0).abs() < 1e-3);
}

#[test]
fn each_objective_reports_its_own_situations_and_weighs_them_as_reed_does() {
    for (word, wrong, mixed) in
        [("gan", false, false), ("gan-cls", true, false), ("gan-int", false, true), ("gan-cls-int", true, true)]
    {
        let settings = settings(&[kind(word)]);
        let (_, terms) = step(&settings, None);
        let get = |name: &str| terms.iter().find(|(term, _)| *term == name).map(|(_, value)| *value);
        assert_eq!(get("d_loss_wrong").is_some(), wrong, "{word}");
        assert_eq!(get("g_loss_int").is_some(), mixed, "{word}");
        let fake_weight = if wrong { 0.5 } else { 1.0 };
        let expected = get("d_loss_real").unwrap()
            + get("d_loss_wrong").unwrap_or(0.0) * 0.5
            + get("d_loss_fake").unwrap() * fake_weight;
        assert!((get("d_loss").unwrap() - expected).abs() < 1e-5, "{word}");
        let expected = get("g_loss_cls").unwrap() + get("g_loss_int").unwrap_or(0.0);
        assert!((get("g_loss").unwrap() - expected).abs() < 1e-5, "{word}");
    }
}

#[test]
fn equal_seeds_give_equal_weights_and_another_seed_does_not() {
    let settings = settings(&[kind("gan-cls-int")]);
    let (first, _) = step(&settings, Some(7));
    let (second, _) = step(&settings, Some(7));
    assert_eq!(hash(&first.generator.valid()), hash(&second.generator.valid()));
    assert_eq!(hash(&first.discriminator.valid()), hash(&second.discriminator.valid()));
    let device = Device::flex().autodiff();
    let other = Pair::new(&settings, SENTENCE, Some(7), 2, &device);
    let same = Pair::new(&settings, SENTENCE, Some(7), 1, &device);
    assert_ne!(hash(&other.generator.valid()), hash(&same.generator.valid()));
    assert_ne!(hash(&first.generator.valid()), hash(&same.generator.valid()), "a step changes the weights");
}

#[test]
fn methods_with_and_without_a_guide_share_the_weights_of_shared_layers() {
    let settings = settings(&[]);
    let device = Device::flex().autodiff();
    let guided = Pair::new(&settings, SENTENCE, Some(7), 1, &device);
    let plain = Pair::new(&settings, SENTENCE, None, 1, &device);
    assert_eq!(hash(&guided.discriminator.valid()), hash(&plain.discriminator.valid()));
    assert_eq!(hash(&guided.generator.text.valid()), hash(&plain.generator.text.valid()));
    assert_eq!(hash(&guided.generator.up.valid()), hash(&plain.generator.up.valid()));
}

#[test]
fn the_guide_changes_what_is_drawn() {
    let settings = settings(&[]);
    let device = Device::flex();
    let pair = Pair::new(&settings, SENTENCE, Some(7), 1, &device);
    let draw = |guide: &str| {
        let generator = &pair.generator;
        let inputs = (drawn("noise", [2, 5], &device), drawn("text", [2, SENTENCE], &device));
        generator.forward(inputs.0, inputs.1, Some(drawn(guide, [2, 7], &device)))
    };
    let difference = (draw("a") - draw("b")).abs().max().into_scalar::<f32>();
    assert!(difference > 0.0);
}

#[test]
fn a_step_leaves_finite_weights_and_a_broken_one_is_seen() {
    let (pair, _) = step(&settings(&[]), None);
    assert!(is_finite(&pair.generator.valid()));
    let broken = pair.generator.text.valid().map(&mut Breaking);
    assert!(!is_finite(&broken));
}

struct Breaking;

impl burn::module::ModuleMapper for Breaking {
    fn map_float<const D: usize>(&mut self, param: burn::module::Param<Tensor<D>>) -> burn::module::Param<Tensor<D>> {
        param.map(|tensor| tensor.div_scalar(0.0))
    }
}
