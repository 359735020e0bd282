use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::testing::{assert_same_in_threads, interrupt};
use super::*;
use crate::spec::Settings;
use crate::vision::NetworkConfig;

/// A narrow AlexNet with an input of 64 pixels.
fn recipe(change: impl Fn(&mut crate::spec::GuideFitSettings)) -> Recipe {
    let mut guide = Settings::from_values([]).unwrap().guide;
    (guide.network, guide.weights, guide.input, guide.width) = ("alexnet".into(), "fit".into(), 64, 0.02);
    (guide.fit.epochs, guide.fit.batch, guide.fit.augment) = (4, 8, false);
    change(&mut guide.fit);
    Recipe::from_settings(&guide).unwrap()
}

/// `count` noisy images of one colour, and their classes. Each class has its own colour.
fn generate(count: usize, classes: usize, seed: u64) -> Vec<(Vec<u8>, usize)> {
    let image = |i: usize| {
        let (class, mut random) = (i % classes, Random::named(seed, &format!("picture {i}")));
        let plane = |channel: usize| if channel == class { 170 } else { 40 };
        let bytes = (0..3 * 64 * 64).map(|at| (plane(at / 4096) + random.below(60)) as u8).collect();
        (bytes, class)
    };
    (0..count).map(image).collect()
}

fn labelled(images: &[(Vec<u8>, usize)]) -> LabelledImages<'_> {
    LabelledImages {
        side: 64,
        planes: images.iter().map(|(bytes, _)| bytes.as_slice()).collect(),
        classes: images.iter().map(|(_, class)| *class).collect(),
    }
}

struct Lab {
    folder: tempfile::TempDir,
    train: Vec<(Vec<u8>, usize)>,
    held_out: Vec<(Vec<u8>, usize)>,
}

impl Lab {
    fn new() -> Self {
        let (train, held_out) = (generate(24, 3, 1), generate(9, 3, 2));
        Self { folder: tempfile::tempdir().unwrap(), train, held_out }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn fit(&self, recipe: &Recipe, name: &str, report: &dyn Fn(FitEpoch)) -> Result<FittedWeights, FitError> {
        let (train, held_out) = (labelled(&self.train), labelled(&self.held_out));
        let (folder, device) = (self.folder(name), Device::flex());
        fit(recipe, (&[41, 42, 43], "a recipe"), (&train, &held_out), &folder, &device, report)
    }
}

#[test]
fn a_network_learns_to_classify_colours_and_its_weights_can_be_loaded() {
    let lab = Lab::new();
    let recipe = recipe(|fit| (fit.epochs, fit.rate, fit.dropout) = (30, 3e-3, 0.2));
    let fitted = lab.fit(&recipe, "it", &|_| {}).unwrap();
    assert!(fitted.score.top1 > 0.9, "{fitted:?}");
    assert_eq!((fitted.train_images, fitted.held_out_images, fitted.score.top5), (24, 9, 1.0));
    let path = FittedWeights::path(&lab.folder("it"));
    let (config, device) = (NetworkConfig { input: 64, width: 0.02 }, Device::flex());
    let net = FeatureNet::load(recipe.network, config, &Weights::File { path }, &device).unwrap();
    let random = FeatureNet::load(recipe.network, config, &Weights::Random { seed: 1 }, &device).unwrap();
    let features = |net: &FeatureNet| {
        let image = labelled(&lab.held_out).evaluation_batch(&[0], &recipe, &device);
        net.forward(image, recipe.network.layer("fc7").unwrap()).into_data()
    };
    assert_ne!(features(&net), features(&random));
    let files: Vec<_> = std::fs::read_dir(lab.folder("it")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files.len(), 3, "the weights, the record and the lock: {files:?}");
}

#[test]
fn the_record_keeps_its_json_keys() {
    let lab = Lab::new();
    let fitted = lab.fit(&recipe(|fit| fit.epochs = 1), "it", &|_| {}).unwrap();
    let json = serde_json::to_value(&fitted).unwrap();
    assert_eq!((&json["learned"], &json["held_out"]), (&24.into(), &9.into()), "{json}");
    assert!(json["score"]["top1"].is_f64() && json["history"][0]["loss"].is_f64(), "{json}");
}

#[test]
fn an_interrupted_fit_resumes_with_the_same_result() {
    let lab = Lab::new();
    let recipe = recipe(|fit| fit.augment = false);
    let undisturbed = lab.fit(&recipe, "undisturbed", &|_| {}).unwrap();
    interrupt(|| lab.fit(&recipe, "cut", &|epoch| assert!(epoch.epoch < 2, "interrupted")).map(|_| ()));
    let epochs = AtomicU32::new(0);
    let resumed = lab.fit(&recipe, "cut", &|_| _ = epochs.fetch_add(1, Ordering::SeqCst)).unwrap();
    assert_eq!(resumed, undisturbed);
    assert_eq!(epochs.load(Ordering::SeqCst), 2);
}

#[test]
fn concurrent_fits_of_the_same_weights_fit_them_once() {
    let (lab, recipe, epochs) = (Lab::new(), recipe(|_| {}), AtomicU32::new(0));
    let report = |_: FitEpoch| _ = epochs.fetch_add(1, Ordering::SeqCst);
    assert_same_in_threads(|| lab.fit(&recipe, "it", &report).unwrap().sha256);
    assert_eq!(epochs.load(Ordering::SeqCst), 4);
}

#[test]
fn fitting_starts_from_given_weights() {
    let lab = Lab::new();
    lab.fit(&recipe(|_| {}), "first", &|_| {}).unwrap();
    let path = FittedWeights::path(&lab.folder("first"));
    let again = recipe(|fit| (fit.from, fit.rate, fit.epochs) = (path.clone(), 1e-5, 1));
    let first = lab.fit(&recipe(|_| {}), "first", &|_| {}).unwrap();
    let second = lab.fit(&again, "second", &|_| {}).unwrap();
    assert_ne!(first.sha256, second.sha256);
    let broken = recipe(|fit| fit.from = "nowhere.pth".into());
    let error = lab.fit(&broken, "third", &|_| {}).unwrap_err();
    assert!(matches!(error, FitError::Vision(_)), "{error}");
}

#[test]
fn invalid_fits_are_rejected() {
    let lab = Lab::new();
    let (train, none) = (labelled(&lab.train), labelled(&[]));
    let (recipe, device) = (recipe(|_| {}), Device::flex());
    let error = |classes: &[u16], held_out: &LabelledImages| {
        fit(&recipe, (classes, "it"), (&train, held_out), &lab.folder("it"), &device, &|_| {}).unwrap_err()
    };
    assert!(matches!(error(&[41], &train), FitError::Classes { classes: 1, images: 24 }));
    assert!(matches!(error(&[41, 42, 43], &none), FitError::NoHeldOut));
    let diverging =
        Recipe { fit: crate::spec::GuideFitSettings { rate: 1e30, ..recipe.fit.clone() }, ..recipe.clone() };
    let error = lab.fit(&diverging, "wild", &|_| {}).unwrap_err();
    assert!(matches!(error, FitError::Diverged { .. }), "{error}");
    assert!(error.help().unwrap().contains("guide.fit.rate"));
}

#[test]
fn the_best_epoch_is_recorded_and_worse_epochs_stop_training() {
    let score = |top1: f64, loss: f64| ValidationScore { loss, top1, top5: 1.0 };
    let mut progress = Progress::default();
    assert!(progress.push(score(0.2, 2.0)));
    assert!(progress.push(score(0.2, 1.9)), "the same accuracy, a lower loss");
    assert!(!progress.push(score(0.1, 1.0)));
    assert!(!progress.is_stalled(2));
    assert!(!progress.push(score(0.2, 1.9)));
    assert!(progress.is_stalled(2));
    assert_eq!((progress.best, progress.epochs()), (2, 4));
}
