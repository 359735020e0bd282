//! Comparison of gradients and training steps with PyTorch. `tests/reference/skip_thought_steps.py` computes the
//! expected values, in double precision and one sentence at a time.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;

use super::batch::{Batch, encoder_inputs};
use super::gradient::{Gradients, loss_and_gradients};
use super::network::SkipThoughtNet;
use super::packed::Packed;
use super::recipe::{Direction, SkipThoughtRecipe, changed};
use crate::kernel::Adam;
use crate::random::formula;

const REFERENCE: &str = include_str!("../../../tests/reference/skip_thought_steps.json");
const TRIPLETS: usize = 7;
const WORDS: usize = 11;

#[derive(Deserialize)]
struct Reference {
    steps: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    direction: String,
    use_eos: bool,
    clip: f64,
    rate: f64,
    losses: Vec<f64>,
    gradients: BTreeMap<String, Vec<f64>>,
    norms: BTreeMap<String, f64>,
}

impl Case {
    fn recipe(&self) -> SkipThoughtRecipe {
        changed(|recipe| {
            recipe.direction = if self.direction == "bi" { Direction::Bi } else { Direction::Uni };
            recipe.use_eos = self.use_eos;
            let fit = &mut recipe.fit;
            (fit.embedding, fit.hidden, fit.clip, fit.rate) = (3, 4, self.clip, self.rate);
        })
    }

    fn batch(&self, step: usize) -> Batch {
        let sentences =
            |which: &str| (0..TRIPLETS).map(|i| sentence(&format!("{step}/{i}/{which}"))).collect::<Vec<_>>();
        let targets = |which: &str| {
            let targets = sentences(which).into_iter().map(|words| [words, vec![0]].concat());
            Packed::new(&targets.collect::<Vec<_>>())
        };
        let (current, reversed) = encoder_inputs(sentences("this"), &self.recipe());
        Batch { current, reversed, previous: targets("previous"), next: targets("next") }
    }
}

fn sentence(name: &str) -> Vec<u32> {
    let integer = |value: f32, below: usize| ((f64::from(value) + 1.0) / 2.0 * below as f64) as usize;
    let length = 1 + integer(formula(&format!("length/{name}"), 1)[0], 6);
    formula(&format!("words/{name}"), length).into_iter().map(|value| 1 + integer(value, WORDS - 1) as u32).collect()
}

/// Sets every parameter to the values of the formula.
struct Formula(Vec<String>);

impl ModuleMapper for Formula {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.0.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.0.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.lazy_shape();
        let values: Vec<f32> = formula(&self.0.join("."), shape.num_elements()).iter().map(|x| 0.6 * x).collect();
        let tensor = Tensor::from_data(TensorData::new(values, shape), &param.lazy_device());
        let id = param.id;
        param.transform_for_load(tensor, id)
    }
}

/// Collects every parameter, or its gradient, by path.
struct Collector<'a> {
    path: Vec<String>,
    gradients: Option<&'a GradientsParams>,
    values: BTreeMap<String, Vec<f32>>,
}

impl ModuleVisitor for Collector<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = match self.gradients {
            None => param.val(),
            Some(gradients) => gradients.get::<D>(param.id).unwrap_or_else(|| panic!("no gradient of {:?}", self.path)),
        };
        assert_eq!(tensor.dims(), param.val().dims());
        self.values.insert(self.path.join("."), tensor.into_data().try_to_vec().unwrap());
    }
}

fn collect(net: &SkipThoughtNet, gradients: Option<&GradientsParams>) -> BTreeMap<String, Vec<f32>> {
    let mut collector = Collector { path: Vec::new(), gradients, values: BTreeMap::new() };
    net.visit(&mut collector);
    collector.values
}

fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn gradients_and_steps_equal_pytorch() {
    let reference: Reference = serde_json::from_str(REFERENCE).unwrap();
    assert_eq!((reference.steps, reference.cases.len()), (20, 2));
    let device = Device::flex();
    for case in &reference.cases {
        let recipe = case.recipe();
        let mut net = SkipThoughtNet::new(&recipe, WORDS, &device.clone().autodiff()).map(&mut Formula(Vec::new()));
        let mut adam: ModuleOptimizer = Adam::new(0.9, 0.999, 1e-8).into();
        let (mut gradient, mut loss) = (0f64, 0f64);
        for (step, &expected) in case.losses.iter().enumerate() {
            let (batch_loss, gradients) = loss_and_gradients(&net.valid(), &case.batch(step), true, &device);
            loss = loss.max((batch_loss.nats / TRIPLETS as f64 - expected).abs() / expected);
            let gradients: Gradients = gradients.unwrap();
            if step == 0 {
                let found = collect(&net.valid(), Some(&gradients.clone().clipped(f64::INFINITY)));
                assert!(found.keys().eq(case.gradients.keys()), "{:?}", found.keys());
                for (path, expected) in &case.gradients {
                    let largest = expected.iter().fold(0f64, |largest, x| largest.max(x.abs()));
                    assert!(largest > 0.0, "{path}");
                    let errors = found[path].iter().zip(expected).map(|(&x, y)| (f64::from(x) - y).abs());
                    gradient = gradient.max(errors.fold(0.0, f64::max) / largest);
                }
            }
            net = adam.step(case.rate, net, gradients.clipped(case.clip));
        }
        let weights = collect(&net.valid(), None);
        let errors = case.norms.iter().map(|(path, norm)| (self::norm(&weights[path]) - norm).abs() / norm);
        let weight = errors.fold(0f64, f64::max);
        eprintln!("{}: gradients {gradient:.1e}, losses {loss:.1e}, weights {weight:.1e}", case.name);
        assert!(gradient < 2e-6 && loss < 1e-6 && weight < 1e-5, "{}", case.name);
    }
}
