use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::super::testing::{assert_same_in_threads, interrupt};
use super::super::corpus::whitespace_words;
use super::super::recipe::{Direction, changed};
use super::*;
use crate::random::Random;

/// Documents that each describe one thing, in sentences of random forms.
fn corpus(documents: usize) -> Corpus {
    let things = ["fox", "rose", "boat", "lamp", "stone", "cloud"];
    let traits = ["red", "wild", "slow", "bright", "heavy", "white"];
    let document = |index: usize| {
        let mut random = Random::named(5, &format!("document {index}"));
        let of = random.below(things.len());
        let (thing, quality) = (things[of], traits[of]);
        let sentence = move |_| match random.below(3) {
            0 => format!("the {thing} is {quality}"),
            1 => format!("a {quality} {thing} stands over there"),
            _ => format!("look at the {quality} {quality} {thing}"),
        };
        (0..5).map(sentence).collect::<Vec<String>>()
    };
    Corpus::of_groups((0..documents).map(document), &whitespace_words)
}

fn recipe(change: impl FnOnce(&mut SkipThoughtRecipe)) -> SkipThoughtRecipe {
    changed(|recipe| {
        let fit = &mut recipe.fit;
        (fit.embedding, fit.hidden, fit.batch) = (10, 16, 16);
        (fit.rate, fit.epochs, fit.held_out) = (2e-2, 4, 0.2);
        change(recipe);
    })
}

/// Whether training is interrupted at an event.
type InterruptAt = fn(&TrainingEvent) -> bool;

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

    fn train(
        &self,
        recipe: &SkipThoughtRecipe,
        name: &str,
        report: &dyn Fn(TrainingEvent),
    ) -> Result<TrainedEncoder, FitError> {
        let corpus = (&self.corpus, "whitespace", "a recipe");
        train(recipe, corpus, &self.folder(name), &Device::flex(), report)
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn perplexity_is_far_lower_than_that_of_the_unigram_model() {
    let lab = Lab::new(60);
    for direction in [Direction::Uni, Direction::Bi] {
        let recipe = recipe(|recipe| (recipe.direction, recipe.fit.epochs) = (direction, 12));
        let trained = lab.train(&recipe, direction.as_str(), &|_| {}).unwrap();
        // Only the form of a sentence is unpredictable, with three equally likely values: about 1.2 nats in 5 to 7
        // words.
        assert!(trained.score.held_out < 1.8 && trained.unigram > 15.0, "{trained:?}");
        let counts = (trained.sentences, trained.train_triplets, trained.held_out_triplets, trained.left_out);
        assert_eq!(counts, (240, 240, 60, 0));
        assert_eq!((trained.unknown, trained.history.len()), (0.0, 12));
        let folder = lab.folder(direction.as_str());
        assert_eq!(names(&folder), ["encoder.safetensors", "lock", "record.json"]);
        let file = EncoderFile::read(&TrainedEncoder::path(&folder)).unwrap();
        assert_eq!((file.sha256.as_str(), file.words.len()), (trained.sha256.as_str(), trained.words));
        assert_eq!((file.hidden(), file.backward.is_some()), (16, direction == Direction::Bi));
        assert_eq!(TrainedEncoder::read(&folder).unwrap().unwrap(), trained);
        let json = serde_json::to_value(&trained).unwrap();
        assert_eq!((&json["learned"], &json["held_out"]), (&240.into(), &60.into()), "the JSON keys are stable");
        assert!(json["score"]["learned"].is_f64() && json["score"]["held_out"].is_f64(), "{json}");
    }
}

#[test]
fn interrupted_training_resumes_with_the_same_result() {
    let lab = Lab::new(40);
    let recipe = recipe(|recipe| recipe.direction = Direction::Bi);
    let undisturbed = lab.train(&recipe, "undisturbed", &|_| {}).unwrap();
    let interrupts: [(&str, InterruptAt); 2] = [
        ("after an epoch", |at| matches!(at, TrainingEvent::Epoch { epoch: 2, .. })),
        ("within an epoch", |at| matches!(at, TrainingEvent::Step { epoch: 3, step: 5, .. })),
    ];
    for (name, is_here) in interrupts {
        interrupt(|| lab.train(&recipe, name, &|at| assert!(!is_here(&at), "interrupted")).map(|_| ()));
        assert_eq!(names(&lab.folder(name)), ["lock", "state-2"]);
        let epochs = AtomicU32::new(0);
        let count = |at| _ = matches!(at, TrainingEvent::Epoch { .. }).then(|| epochs.fetch_add(1, Ordering::SeqCst));
        assert_eq!(lab.train(&recipe, name, &count).unwrap(), undisturbed);
        assert_eq!(epochs.load(Ordering::SeqCst), 2);
        let bytes = |name: &str| std::fs::read(TrainedEncoder::path(&lab.folder(name))).unwrap();
        assert_eq!(bytes(name), bytes("undisturbed"));
    }
}

#[test]
fn concurrent_training_of_the_same_encoder_trains_it_once() {
    let (lab, recipe, epochs) = (Lab::new(20), recipe(|_| {}), AtomicU32::new(0));
    let report = |at| _ = matches!(at, TrainingEvent::Epoch { .. }).then(|| epochs.fetch_add(1, Ordering::SeqCst));
    assert_same_in_threads(|| lab.train(&recipe, "it", &report).unwrap().sha256);
    assert_eq!(epochs.load(Ordering::SeqCst), 4);
}

#[test]
fn training_stops_early_and_writes_the_best_epoch() {
    let lab = Lab::new(12);
    let mut recipe = recipe(|recipe| (recipe.fit.epochs, recipe.fit.patience, recipe.fit.rate) = (60, 2, 5e-2));
    let trained = lab.train(&recipe, "it", &|_| {}).unwrap();
    assert!(trained.epochs < 60 && trained.epochs == trained.epoch + 2, "{trained:?}");
    let best = trained.history.iter().map(|score| score.held_out).fold(f64::INFINITY, f64::min);
    assert_eq!(trained.score.held_out, best);
    // The weights are those of the best epoch: training up to that epoch gives the same file.
    recipe.fit.epochs = trained.epoch;
    assert_eq!(lab.train(&recipe, "shorter", &|_| {}).unwrap().sha256, trained.sha256);
}

#[test]
fn invalid_training_is_rejected() {
    let lab = Lab::new(8);
    let none = lab.train(&recipe(|recipe| recipe.fit.held_out = 0.01), "it", &|_| {}).unwrap_err();
    assert!(matches!(none, FitError::Triplets { held_out: 0, documents: 8, .. }), "{none}");
    let long = lab.train(&recipe(|recipe| recipe.fit.max_length = 2), "it", &|_| {}).unwrap_err();
    assert!(matches!(long, FitError::Triplets { train: 0, left_out: 40, .. }), "{long}");
    let diverging = lab.train(&recipe(|recipe| recipe.fit.rate = 1e30), "wild", &|_| {}).unwrap_err();
    assert!(matches!(diverging, FitError::Diverged { epoch: 1, step: 2.., .. }), "{diverging}");
    assert!(diverging.help().unwrap().contains("text.fit.rate"));
}
