//! Times one training step of jem on random data and prints a JSON line for each: {"step_s": 3.1}.
//!
//! It has the same sizes, options and defaults as `step_torch.py`, so that `compare_steps.py` can compare the two.

use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use jem::device::DeviceSpec;
use jem::gan::{Batch, Gan, Mismatched, Recipe};
use jem::random::Random;
use jem::spec::{Settings, Value};

/// The value of an option, or its default.
fn number(name: &str, default: i64) -> i64 {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    match arguments.nth(1) {
        Some(text) => text.parse().expect("the value of an option is an integer"),
        None => default,
    }
}

fn size(name: &str, default: i64) -> usize {
    usize::try_from(number(name, default)).expect("a size is not negative")
}

fn random<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values = Random::named(1, name).normals(shape.iter().product());
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn main() {
    let interpolates = std::env::args().any(|argument| argument == "--int");
    let (n, resolution, sentence) = (size("--batch", 64), size("--resolution", 64), size("--sentence", 2400));
    let guide = Some(size("--guide", 4096)).filter(|&length| length > 0);
    let kind = if interpolates { "gan-cls-int" } else { "gan-cls" };
    let width = Value::Integer(number("--width", 64));
    let values = [
        ("image.resolution", Value::Integer(number("--resolution", 64))),
        ("generator.width", width.clone()),
        ("discriminator.width", width),
        ("objective.kind", Value::Text(kind.to_owned())),
    ];
    let values = values.iter().map(|(key, value)| (*key, value));
    let settings = Settings::from_values(values).expect("the sizes fit the settings");
    let recipe = Recipe::new(&settings, None);
    let requested = std::env::var("JEM_DEVICE").unwrap_or_else(|_| "cpu".to_owned());
    let device = requested.parse::<DeviceSpec>().and_then(DeviceSpec::open).expect("JEM_DEVICE names a device");
    let device = device.autodiff();

    let noises = if interpolates { 2 * n } else { n };
    let real = random("real", [n, 3, resolution, resolution], &device).tanh();
    let guides = guide.map(|length| random("guide", [n, length], &device).abs());
    let batch = Batch {
        mismatched: Some(Mismatched::Text(random("wrong", [n, sentence], &device))),
        real,
        text: random("text", [n, sentence], &device),
        partner: interpolates.then(|| random("partner", [n, sentence], &device)),
        guide: guides,
        other_guide: None,
        target: None,
        noise: vec![random("noise", [noises, settings.generator.noise], &device)],
    };
    let mut pair = Gan::new(&settings, sentence, guide, 1, &device);
    let warmup = size("--warmup", 1);
    for step in 0..warmup + size("--steps", 5) {
        let started = Instant::now();
        let (after, report) = pair.step(&recipe, 1, batch.clone());
        // Reading the losses waits for the end of the step.
        let losses = report.read();
        pair = after;
        assert!(losses.iter().all(|(_, loss)| loss.is_finite()), "a loss is not finite");
        if step >= warmup {
            println!("{{\"step_s\": {:.4}}}", started.elapsed().as_secs_f64());
        }
    }
}
