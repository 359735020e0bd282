use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::corpus::at_white_space;
use super::super::recipe::{Direction, changed};
use super::*;
use crate::random::Random;

/// Documents that each speak of one thing, in sentences whose form is drawn.
fn corpus(documents: usize) -> Corpus {
    let things = ["fox", "rose", "boat", "lamp", "stone", "cloud"];
    let traits = ["red", "wild", "slow", "bright", "heavy", "white"];
    let document = |place: usize| {
        let mut random = Random::named(5, &format!("document {place}"));
        let of = random.below(things.len());
        let (thing, quality) = (things[of], traits[of]);
        let sentence = move |_| match random.below(3) {
            0 => format!("the {thing} is {quality}"),
            1 => format!("a {quality} {thing} stands over there"),
            _ => format!("look at the {quality} {quality} {thing}"),
        };
        (0..5).map(sentence).collect::<Vec<String>>()
    };
    Corpus::of_groups((0..documents).map(document), &at_white_space)
}

fn recipe(change: impl FnOnce(&mut SkipThoughtRecipe)) -> SkipThoughtRecipe {
    changed(|recipe| {
        let fit = &mut recipe.fit;
        (fit.embedding, fit.hidden, fit.batch) = (10, 16, 16);
        (fit.rate, fit.epochs, fit.held_out) = (2e-2, 4, 0.2);
        change(recipe);
    })
}

/// Whether it is to be cut off.
type Here = fn(&Training) -> bool;

struct Lab {
    folder: tempfile::TempDir,
    corpus: Corpus,
}

impl Lab {
    fn new(documents: usize) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), corpus: corpus(documents) }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn train(&self, recipe: &SkipThoughtRecipe, name: &str, tell: &dyn Fn(Training)) -> Result<Trained, FitError> {
        let material = (&self.corpus, "whitespace", "a recipe");
        train(recipe, material, &self.folder(name), &Device::flex(), tell)
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn neighbours_are_told_far_better_than_by_the_frequencies_of_words() {
    let lab = Lab::new(60);
    for direction in [Direction::Uni, Direction::Bi] {
        let recipe = recipe(|recipe| (recipe.direction, recipe.fit.epochs) = (direction, 12));
        let trained = lab.train(&recipe, direction.as_str(), &|_| {}).unwrap();
        // Of a drawn form, whose three are as likely, everything else follows: about 1.2 nats in 5 to 7 words.
        assert!(trained.score.held_out < 1.8 && trained.unigram > 15.0, "{trained:?}");
        assert_eq!((trained.sentences, trained.learned, trained.held_out, trained.left_out), (240, 240, 60, 0));
        assert_eq!((trained.unknown, trained.history.len()), (0.0, 12));
        let folder = lab.folder(direction.as_str());
        assert_eq!(names(&folder), ["encoder.safetensors", "lock", "record.json"]);
        let file = EncoderFile::read(&Trained::encoder(&folder)).unwrap();
        assert_eq!((file.sha256.as_str(), file.words.len()), (trained.sha256.as_str(), trained.words));
        assert_eq!((file.hidden(), file.backward.is_some()), (16, direction == Direction::Bi));
        assert_eq!(Trained::read(&folder).unwrap().unwrap(), trained);
    }
}

#[test]
fn training_that_was_cut_off_comes_out_as_if_it_had_not_been() {
    let lab = Lab::new(40);
    let recipe = recipe(|recipe| recipe.direction = Direction::Bi);
    let undisturbed = lab.train(&recipe, "undisturbed", &|_| {}).unwrap();
    let cuts: [(&str, Here); 2] = [
        ("after an epoch", |at| matches!(at, Training::Epoch { epoch: 2, .. })),
        ("within an epoch", |at| matches!(at, Training::Step { epoch: 3, step: 5, .. })),
    ];
    for (name, is_here) in cuts {
        let cut = catch_unwind(AssertUnwindSafe(|| {
            lab.train(&recipe, name, &|at| assert!(!is_here(&at), "cut off")).map(|_| ())
        }));
        assert!(cut.is_err());
        assert_eq!(names(&lab.folder(name)), ["lock", "state-2"]);
        let epochs = AtomicU32::new(0);
        let count = |at| _ = matches!(at, Training::Epoch { .. }).then(|| epochs.fetch_add(1, Ordering::SeqCst));
        assert_eq!(lab.train(&recipe, name, &count).unwrap(), undisturbed);
        assert_eq!(epochs.load(Ordering::SeqCst), 2);
        let bytes = |name: &str| std::fs::read(Trained::encoder(&lab.folder(name))).unwrap();
        assert_eq!(bytes(name), bytes("undisturbed"));
    }
}

#[test]
fn several_that_want_the_same_encoder_get_it_from_the_one_that_trains_it() {
    let (lab, recipe, epochs) = (Lab::new(20), recipe(|_| {}), AtomicU32::new(0));
    let tell = |at| _ = matches!(at, Training::Epoch { .. }).then(|| epochs.fetch_add(1, Ordering::SeqCst));
    let want = || lab.train(&recipe, "it", &tell).unwrap().sha256;
    let found: Vec<String> = std::thread::scope(|scope| {
        let wanting: Vec<_> = (0..3).map(|_| scope.spawn(want)).collect();
        wanting.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(found.iter().all(|sha256| *sha256 == found[0]));
    assert_eq!(epochs.load(Ordering::SeqCst), 4);
}

#[test]
fn it_stops_when_it_gets_no_better_and_keeps_its_best_epoch() {
    let lab = Lab::new(12);
    let mut recipe = recipe(|recipe| (recipe.fit.epochs, recipe.fit.patience, recipe.fit.rate) = (60, 2, 5e-2));
    let trained = lab.train(&recipe, "it", &|_| {}).unwrap();
    assert!(trained.epochs < 60 && trained.epochs == trained.epoch + 2, "{trained:?}");
    let best = trained.history.iter().map(|score| score.held_out).fold(f64::INFINITY, f64::min);
    assert_eq!(trained.score.held_out, best);
    // The weights are those of that epoch: trained no further, it comes out the same.
    recipe.fit.epochs = trained.epoch;
    assert_eq!(lab.train(&recipe, "shorter", &|_| {}).unwrap().sha256, trained.sha256);
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let lab = Lab::new(8);
    let none = lab.train(&recipe(|recipe| recipe.fit.held_out = 0.01), "it", &|_| {}).unwrap_err();
    assert!(matches!(none, FitError::Triplets { held_out: 0, documents: 8, .. }), "{none}");
    let long = lab.train(&recipe(|recipe| recipe.fit.max_length = 2), "it", &|_| {}).unwrap_err();
    assert!(matches!(long, FitError::Triplets { learned: 0, left_out: 40, .. }), "{long}");
    let wild = lab.train(&recipe(|recipe| recipe.fit.rate = 1e30), "wild", &|_| {}).unwrap_err();
    assert!(matches!(wild, FitError::Diverged { epoch: 1, step: 2.., .. }), "{wild}");
    assert!(wild.help().unwrap().contains("text.fit.rate"));
}
