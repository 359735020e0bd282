use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::random::Random;
use crate::spec::{Settings, Value};

const SENTENCE: usize = 6;

/// The settings of small networks.
pub(super) const SMALL: [(&str, Value); 6] = [
    ("image.resolution", Value::Integer(32)),
    ("generator.width", Value::Integer(4)),
    ("discriminator.width", Value::Integer(4)),
    ("generator.noise", Value::Integer(5)),
    ("text.projected", Value::Integer(8)),
    ("guide.projected", Value::Integer(8)),
];

fn settings(pairs: &[(&str, Value)]) -> Settings {
    Settings::from_values(SMALL.iter().chain(pairs).map(|(key, value)| (*key, value))).unwrap()
}

fn kind(word: &str) -> (&'static str, Value) {
    ("objective.kind", Value::Text(word.to_owned()))
}

fn recipe(settings: &Settings) -> Recipe {
    Recipe::new(settings, None)
}

fn random_tensor<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values = Random::named(9, name).normals(shape.iter().product());
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn batch(settings: &Settings, guide: Option<usize>, device: &Device) -> Batch {
    let n = 4;
    let real = random_tensor("real", [n, 3, 32, 32], device).tanh();
    let guide = guide.map(|length| random_tensor("guide", [n, length], device));
    let other = guide.as_ref().map(|guide| guide.clone().flip([0]));
    let partners = interpolated_texts(settings, n);
    let noises = noise_rows(settings, n).into_iter().enumerate();
    Batch {
        mismatched: Some(Mismatched::Text(random_tensor("wrong", [n, SENTENCE], device))),
        real,
        text: random_tensor("text", [n, SENTENCE], device),
        partner: (partners > 0).then(|| random_tensor("partner", [partners, SENTENCE], device)),
        target: guide.clone(),
        guide,
        other_guide: other.filter(|_| settings.guide.has_mismatched_guides()),
        noise: noises
            .map(|(i, rows)| random_tensor(&format!("noise {i}"), [rows, settings.generator.noise], device))
            .collect(),
    }
}

fn step(settings: &Settings, guide: Option<usize>) -> (Gan, Vec<(&'static str, f64)>) {
    let device = Device::flex().autodiff();
    let gan = Gan::new(settings, SENTENCE, guide, 1, &device);
    let (gan, report) = gan.step(&recipe(settings), 1, batch(settings, guide, &device));
    (gan, report.read())
}

#[test]
fn images_have_the_requested_resolution_and_values_from_minus_one_to_one() {
    let device = Device::flex();
    for resolution in [32, 64, 128, 256] {
        let config = GeneratorConfig {
            body: Body::Dcgan,
            resolution,
            width: 4,
            noise: 5,
            sentence: SENTENCE,
            text: 8,
            guide: Some((7, 8)),
            stages: false,
        };
        let generator = init_weights(config.init(&device), 1, "generator");
        let images = generator.forward(
            random_tensor("noise", [2, 5], &device),
            random_tensor("text", [2, SENTENCE], &device),
            Some(random_tensor("guide", [2, 7], &device)),
        );
        assert_eq!(images.dims(), [2, 3, resolution, resolution]);
        let config =
            DiscriminatorConfig { body: Body::Dcgan, resolution, width: 4, sentence: SENTENCE, text: 8, guide: None };
        let discriminator = init_weights(config.init(&device), 1, "discriminator");
        let logits = discriminator.forward(images.clone(), random_tensor("text", [2, SENTENCE], &device), None);
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
fn losses_of_large_logits_are_finite() {
    let logits = || Tensor::<2>::from_data(TensorData::new(vec![-500.0f32, 500.0], [2, 1]), &Device::flex());
    assert!((real_loss(logits()).into_scalar::<f32>() - 250.0).abs() < 1e-3);
    assert!((fake_loss(logits()).into_scalar::<f32>() - 250.0).abs() < 1e-3);
}

#[test]
fn each_objective_has_its_own_terms_with_the_weights_of_reed() {
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
    let other = Gan::new(&settings, SENTENCE, Some(7), 2, &device);
    let same = Gan::new(&settings, SENTENCE, Some(7), 1, &device);
    assert_ne!(hash(&other.generator.valid()), hash(&same.generator.valid()));
    assert_ne!(hash(&first.generator.valid()), hash(&same.generator.valid()), "a step changes the weights");
}

#[test]
fn methods_with_and_without_a_guide_have_equal_weights_in_common_layers() {
    let settings = settings(&[]);
    let device = Device::flex().autodiff();
    let guided = Gan::new(&settings, SENTENCE, Some(7), 1, &device);
    let plain = Gan::new(&settings, SENTENCE, None, 1, &device);
    assert_eq!(hash(&guided.discriminator.valid()), hash(&plain.discriminator.valid()));
    assert_eq!(hash(&guided.generator.text.valid()), hash(&plain.generator.text.valid()));
    assert_eq!(hash(&guided.generator.up.valid()), hash(&plain.generator.up.valid()));
}

#[test]
fn the_guide_changes_the_samples() {
    let settings = settings(&[]);
    let device = Device::flex();
    let gan = Gan::new(&settings, SENTENCE, Some(7), 1, &device);
    let draw = |guide: &str| {
        let generator = &gan.generator;
        let inputs = (random_tensor("noise", [2, 5], &device), random_tensor("text", [2, SENTENCE], &device));
        generator.forward(inputs.0, inputs.1, Some(random_tensor(guide, [2, 7], &device)))
    };
    let difference = (draw("a") - draw("b")).abs().max().into_scalar::<f32>();
    assert!(difference > 0.0);
}

#[test]
fn weights_are_finite_after_a_step_and_nonfinite_ones_are_found() {
    let (gan, _) = step(&settings(&[]), None);
    assert!(nonfinite(&gan.generator.valid()).is_empty());
    let broken = gan.generator.text.valid().map(&mut DivideByZero);
    assert_eq!(nonfinite(&broken), ["weight", "bias"]);
}

struct DivideByZero;

impl burn::module::ModuleMapper for DivideByZero {
    fn map_float<const D: usize>(&mut self, param: burn::module::Param<Tensor<D>>) -> burn::module::Param<Tensor<D>> {
        param.map(|tensor| tensor.div_scalar(0.0))
    }
}

/// The gradients of a first step, of the discriminator and of the generator.
fn gradients(settings: &Settings, guide: Option<usize>, change: impl Fn(&mut Batch)) -> [Vec<Vec<f32>>; 2] {
    let device = Device::flex().autodiff();
    let gan = Gan::new(settings, SENTENCE, guide, 1, &device);
    let mut batch = batch(settings, guide, &device);
    change(&mut batch);
    let (discriminator, generator) = gan.gradients(&recipe(settings), batch);
    [values_of(&gan.discriminator, &discriminator), values_of(&gan.generator, &generator)]
}

fn values_of<M: Module>(module: &M, gradients: &burn::optim::GradientsParams) -> Vec<Vec<f32>> {
    struct Collect<'a>(&'a burn::optim::GradientsParams, Vec<Vec<f32>>);
    impl burn::module::ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            self.1.extend(self.0.get::<D>(param.id).map(|gradient| gradient.into_data().try_to_vec::<f32>().unwrap()));
        }
    }
    let mut collect = Collect(gradients, Vec::new());
    module.visit(&mut collect);
    collect.1
}

fn number(key: &'static str, value: f64) -> (&'static str, Value) {
    (key, Value::Number(value))
}

fn text(key: &'static str, word: &str) -> (&'static str, Value) {
    (key, Value::Text(word.to_owned()))
}

#[test]
fn each_setting_changes_only_the_expected_gradients() {
    let guided = text("guide.network", "alexnet");
    let int = kind("gan-cls-int");
    // Two groups of settings, and whether the discriminator's and the generator's gradients differ between them.
    let cases: Vec<(Vec<_>, Vec<_>, [bool; 2])> = vec![
        (vec![], vec![number("objective.reconstruction", 1.0)], [false, true]),
        (vec![], vec![number("objective.smoothing", 0.1)], [true, true]),
        (vec![], vec![number("objective.fake_share", 0.3)], [true, true]),
        (vec![int.clone()], vec![int.clone(), number("objective.int_weight", 0.5)], [false, true]),
        (vec![int.clone()], vec![int.clone(), text("objective.int_mean", "joined")], [false, true]),
        (vec![int.clone()], vec![int.clone(), number("objective.int_beta", 0.3)], [true, true]),
        (vec![guided.clone()], vec![guided.clone(), text("guide.discriminator", "joined")], [true, true]),
        (vec![guided.clone()], vec![guided.clone(), text("guide.inject", "stages")], [true, true]),
        // Learning rate decay and the moving average do not change the gradient.
        (vec![], vec![("optimizer.decay_every", Value::Integer(1))], [false, false]),
        (vec![], vec![number("generator.ema", 0.9)], [false, false]),
    ];
    for (before, after, changes) in cases {
        let guide = before.contains(&guided).then_some(7);
        let compute = |pairs: &[(&str, Value)]| gradients(&settings(pairs), guide, |_| {});
        let (one, other) = (compute(&before), compute(&after));
        for (i, network) in ["discriminator", "generator"].into_iter().enumerate() {
            assert_eq!(one[i] != other[i], changes[i], "{network}: {after:?}");
        }
    }
}

#[test]
fn the_discriminator_uses_the_guide_only_if_it_is_joined() {
    let guided = text("guide.network", "alexnet");
    let negate = |batch: &mut Batch| batch.other_guide = batch.other_guide.take().map(|guide| guide.neg());
    for (word, changes) in [("none", false), ("joined", true)] {
        let settings = settings(&[guided.clone(), text("guide.discriminator", word)]);
        let one = gradients(&settings, Some(7), |_| {});
        let other = gradients(&settings, Some(7), negate);
        assert_eq!(one[0] != other[0], changes, "{word}");
        let (_, terms) = step(&settings, Some(7));
        assert_eq!(terms.iter().any(|(name, _)| *name == "d_loss_guide"), changes, "{word}");
    }
}

#[test]
fn a_zero_guide_has_the_parameters_of_a_guide() {
    let device = Device::flex().autodiff();
    let count = |pairs: &[(&str, Value)], guide| {
        let gan = Gan::new(&settings(pairs), SENTENCE, guide, 1, &device);
        gan.generator.num_params() + gan.discriminator.num_params()
    };
    let guided = text("guide.network", "alexnet");
    let own = count(std::slice::from_ref(&guided), Some(7));
    assert_eq!(count(&[guided, text("guide.source", "zero")], Some(7)), own);
    assert!(count(&[], None) < own);
}

#[test]
fn every_layer_of_the_largest_networks_of_the_paper_gets_gradients() {
    // 128 pixels and full width, with a batch of 2.
    let device = Device::flex().autodiff();
    let wide = ["generator.width", "discriminator.width", "image.resolution"].map(|key| (key, Value::Integer(128)));
    let settings = Settings::from_values(
        wide.iter().chain(&[kind("gan-cls-int"), ("train.batch", Value::Integer(2))]).map(|(key, value)| (*key, value)),
    )
    .unwrap();
    let gan = Gan::new(&settings, SENTENCE, None, 1, &device);
    let real = random_tensor("real", [2, 3, 128, 128], &device).tanh();
    let sentence = |name: &str| random_tensor(name, [2, SENTENCE], &device);
    let batch = Batch {
        mismatched: Some(Mismatched::Text(sentence("wrong"))),
        real,
        text: sentence("text"),
        partner: Some(sentence("partner")),
        guide: None,
        other_guide: None,
        target: None,
        noise: vec![random_tensor("noise", [4, 100], &device)],
    };
    let (discriminator, generator) = gan.gradients(&recipe(&settings), batch);
    for (network, gradients) in [
        ("discriminator", values_of(&gan.discriminator, &discriminator)),
        ("generator", values_of(&gan.generator, &generator)),
    ] {
        assert!(gradients.iter().flatten().all(|value| value.is_finite()), "{network}");
        assert!(gradients.iter().all(|gradient| gradient.iter().any(|value| *value != 0.0)), "{network}");
    }
}

#[test]
fn the_norm_of_a_clipped_gradient_is_at_most_the_maximum() {
    let norm = |gradients: &[Vec<f32>]| gradients.iter().flatten().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    let device = Device::flex().autodiff();
    let gan = Gan::new(&settings(&[]), SENTENCE, None, 1, &device);
    let gradients = || gan.gradients(&recipe(&settings(&[])), batch(&settings(&[]), None, &device)).0;
    let before = norm(&values_of(&gan.discriminator, &gradients()));
    for max_norm in [before / 3.0, before * 3.0] {
        let after =
            norm(&values_of(&gan.discriminator, &clip::clip_gradients(gradients(), &gan.discriminator, max_norm)));
        assert!((after - before.min(max_norm)).abs() < 1e-4 * before, "{before} {max_norm} {after}");
    }
}

#[test]
fn the_moving_average_follows_the_weights_with_its_own_statistics() {
    let settings = settings(&[number("generator.ema", 0.75)]);
    let device = Device::flex().autodiff();
    let begin = Gan::new(&settings, SENTENCE, None, 1, &device);
    let first = |generator: &Generator| generator.text.weight.val().into_data().try_to_vec::<f32>().unwrap()[0];
    let start = first(&begin.generator.valid());
    let (after, _) = begin.step(&recipe(&settings), 1, batch(&settings, None, &device));
    let (now, mean) = (first(&after.generator.valid()), first(after.sampling_generator()));
    assert!((mean - (0.75 * start + 0.25 * now)).abs() < 1e-7, "{start} {now} {mean}");
    let statistics = |generator: &Generator| generator.valid().seed_norm.running_mean.value().into_data();
    assert_eq!(statistics(after.sampling_generator()), statistics(&after.generator));
    let (later, _) = after.step(&recipe(&settings), 1, batch(&settings, None, &device));
    assert_ne!(hash(later.sampling_generator()), hash(&later.generator.valid()));
}
