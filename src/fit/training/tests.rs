use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::spec::Settings;
use crate::vision::NetworkConfig;

/// A narrow AlexNet that looks at 64 pixels.
fn recipe(change: impl Fn(&mut crate::spec::FitSettings)) -> Recipe {
    let mut guide = Settings::from_values([]).unwrap().guide;
    (guide.network, guide.weights, guide.input, guide.width) = ("alexnet".into(), "fit".into(), 64, 0.02);
    (guide.fit.epochs, guide.fit.batch, guide.fit.augment) = (4, 8, false);
    change(&mut guide.fit);
    Recipe::of_guide(&guide).unwrap()
}

/// Pictures of `count` noisy colours of `kinds`, one kind after another.
fn pictures(count: usize, kinds: usize, seed: u64) -> Vec<(Vec<u8>, usize)> {
    let picture = |i: usize| {
        let (kind, mut random) = (i % kinds, Random::named(seed, &format!("picture {i}")));
        let plane = |channel: usize| if channel == kind { 170 } else { 40 };
        let bytes = (0..3 * 64 * 64).map(|place| (plane(place / 4096) + random.below(60)) as u8).collect();
        (bytes, kind)
    };
    (0..count).map(picture).collect()
}

fn photos(pictures: &[(Vec<u8>, usize)]) -> Photos<'_> {
    Photos {
        side: 64,
        planes: pictures.iter().map(|(bytes, _)| bytes.as_slice()).collect(),
        classes: pictures.iter().map(|(_, kind)| *kind).collect(),
    }
}

struct Lab {
    folder: tempfile::TempDir,
    learned: Vec<(Vec<u8>, usize)>,
    held_out: Vec<(Vec<u8>, usize)>,
}

impl Lab {
    fn new() -> Self {
        let (learned, held_out) = (pictures(24, 3, 1), pictures(9, 3, 2));
        Self { folder: tempfile::tempdir().unwrap(), learned, held_out }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn fit(&self, recipe: &Recipe, name: &str, tell: &dyn Fn(FitEpoch)) -> Result<Fitted, FitError> {
        let (learned, held_out) = (photos(&self.learned), photos(&self.held_out));
        let (folder, device) = (self.folder(name), Device::flex());
        fit(recipe, (&[41, 42, 43], "a recipe"), (&learned, &held_out), &folder, &device, tell)
    }
}

#[test]
fn a_network_learns_to_tell_colours_apart_and_is_read_as_any_file_of_weights() {
    let lab = Lab::new();
    let recipe = recipe(|fit| (fit.epochs, fit.rate, fit.dropout) = (30, 3e-3, 0.2));
    let fitted = lab.fit(&recipe, "it", &|_| {}).unwrap();
    assert!(fitted.score.top1 > 0.9, "{fitted:?}");
    assert_eq!((fitted.learned, fitted.held_out, fitted.score.top5), (24, 9, 1.0));
    let path = Fitted::weights(&lab.folder("it"));
    let (config, device) = (NetworkConfig { input: 64, width: 0.02 }, Device::flex());
    let net = FeatureNet::load(recipe.network, config, &Weights::File { path }, &device).unwrap();
    let drawn = FeatureNet::load(recipe.network, config, &Weights::Random { seed: 1 }, &device).unwrap();
    let see = |net: &FeatureNet| {
        let image = photos(&lab.held_out).whole(&[0], &recipe, &device);
        net.forward(image, recipe.network.layer("fc7").unwrap()).into_data()
    };
    assert_ne!(see(&net), see(&drawn));
    let left: Vec<_> = std::fs::read_dir(lab.folder("it")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "the weights, the record and the lock: {left:?}");
}

#[test]
fn a_fit_that_was_cut_off_comes_out_as_if_it_had_not_been() {
    let lab = Lab::new();
    let recipe = recipe(|fit| fit.augment = false);
    let undisturbed = lab.fit(&recipe, "undisturbed", &|_| {}).unwrap();
    let cut = catch_unwind(AssertUnwindSafe(|| {
        lab.fit(&recipe, "cut", &|epoch| assert!(epoch.epoch < 2, "cut off")).map(|_| ())
    }));
    assert!(cut.is_err());
    let epochs = AtomicU32::new(0);
    let resumed = lab.fit(&recipe, "cut", &|_| _ = epochs.fetch_add(1, Ordering::SeqCst)).unwrap();
    assert_eq!(resumed, undisturbed);
    assert_eq!(epochs.load(Ordering::SeqCst), 2);
}

#[test]
fn several_that_want_the_same_weights_get_them_from_the_one_that_fits_them() {
    let (lab, recipe, epochs) = (Lab::new(), recipe(|_| {}), AtomicU32::new(0));
    let tell = |_: FitEpoch| _ = epochs.fetch_add(1, Ordering::SeqCst);
    let want = || lab.fit(&recipe, "it", &tell).unwrap().sha256;
    let found: Vec<String> = std::thread::scope(|scope| {
        let wanting: Vec<_> = (0..3).map(|_| scope.spawn(want)).collect();
        wanting.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(found.iter().all(|sha256| *sha256 == found[0]));
    assert_eq!(epochs.load(Ordering::SeqCst), 4);
}

#[test]
fn fitting_goes_on_from_weights_that_are_given() {
    let lab = Lab::new();
    lab.fit(&recipe(|_| {}), "first", &|_| {}).unwrap();
    let path = Fitted::weights(&lab.folder("first"));
    let again = recipe(|fit| (fit.from, fit.rate, fit.epochs) = (path.clone(), 1e-5, 1));
    let (first, _) = (lab.fit(&recipe(|_| {}), "first", &|_| {}).unwrap(), ());
    let second = lab.fit(&again, "second", &|_| {}).unwrap();
    assert_ne!(first.sha256, second.sha256);
    let broken = recipe(|fit| fit.from = "nowhere.pth".into());
    let error = lab.fit(&broken, "third", &|_| {}).unwrap_err();
    assert!(matches!(error, FitError::Vision(_)), "{error}");
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let lab = Lab::new();
    let (learned, none) = (photos(&lab.learned), photos(&[]));
    let (recipe, device) = (recipe(|_| {}), Device::flex());
    let of = |classes: &[u16], held_out: &Photos| {
        fit(&recipe, (classes, "it"), (&learned, held_out), &lab.folder("it"), &device, &|_| {}).unwrap_err()
    };
    assert!(matches!(of(&[41], &learned), FitError::Classes { classes: 1, images: 24 }));
    assert!(matches!(of(&[41, 42, 43], &none), FitError::NoneHeldOut));
    let wild = Recipe { fit: crate::spec::FitSettings { rate: 1e30, ..recipe.fit.clone() }, ..recipe.clone() };
    let error = lab.fit(&wild, "wild", &|_| {}).unwrap_err();
    assert!(matches!(error, FitError::Diverged { .. }), "{error}");
    assert!(error.help().unwrap().contains("guide.fit.rate"));
}

#[test]
fn the_best_epoch_is_kept_and_worse_ones_tire() {
    let score = |top1: f64, loss: f64| Score { loss, top1, top5: 1.0 };
    let mut progress = Progress::default();
    assert!(progress.note(score(0.2, 2.0)));
    assert!(progress.note(score(0.2, 1.9)), "as many told apart, with less doubt");
    assert!(!progress.note(score(0.1, 1.0)));
    assert!(!progress.is_tired(2));
    assert!(!progress.note(score(0.2, 1.9)));
    assert!(progress.is_tired(2));
    assert_eq!((progress.best, progress.epochs()), (2, 4));
}
