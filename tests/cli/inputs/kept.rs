//! The cache: nothing is made twice, damage is mended, and limits are kept.

use super::{arrays, cached, guided, made, plain, refused, said, train, with, write};
use crate::lab::Lab;

#[test]
fn inputs_are_made_once_and_training_makes_none() {
    let lab = guided();
    let first = made(&said(&with(&lab, &["prepare"], &[])));
    // Classes 41 to 102 train: two of each, and three are looked at, of ten captions each.
    let expected = ["127 photos", "127 segmentations", "127 guide features", "3 guide pictures", "1270 sentences"];
    assert_eq!(first, expected);
    let before = cached(&lab);
    assert_eq!(before.len(), 5);
    assert_eq!(made(&said(&with(&lab, &["prepare"], &[]))), [""; 0]);
    assert_eq!(made(&train(&lab, &[])), [""; 0]);
    assert_eq!(before, cached(&lab));
}

#[test]
fn a_flipped_byte_is_noticed_and_mended_and_the_run_goes_on() {
    let lab = guided();
    said(&with(&lab, &["prepare"], &[]));
    let sound = cached(&lab);
    // The last byte lies in the last chunk, and no other chunk is made again.
    let mended = [("pixels", "127 photos, 64 of them before"), ("features", "127 guide features, 96 of them before")];
    for (stage, told) in mended {
        let ((_, name), bytes) = sound.iter().find(|((of, _), _)| of == stage).unwrap();
        let mut flipped = bytes.clone();
        *flipped.last_mut().unwrap() ^= 1;
        std::fs::write(lab.path("jem.db.files/cache").join(name), flipped).unwrap();
        assert_ne!(sound, cached(&lab));
        assert_eq!(made(&train(&lab, &[])), [told]);
        assert!(sound == cached(&lab), "{stage} is as it was");
    }
}

#[test]
fn a_cache_that_is_too_small_is_an_error_before_training() {
    let lab = guided();
    for command in ["prepare", "run"] {
        let error = refused(&with(&lab, &[command, "--cache-limit", "10kB"], &[]), 3);
        assert!(error.contains("the cache is full") && error.contains("the limit is 10000"), "{error}");
        assert!(error.contains("raise --cache-limit (JEM_CACHE_LIMIT)"), "{error}");
    }
    assert!(lab.store().runs("drawn").unwrap_or_default().is_empty(), "nothing is queued");
    assert!(cached(&lab).is_empty());
}

#[test]
fn what_is_cleared_away_is_made_again_with_the_same_bytes() {
    let lab = guided();
    said(&with(&lab, &["prepare"], &[]));
    let before = cached(&lab);
    let answer = lab.succeed(&["gc", "--dry-run"]);
    assert!(answer.starts_with("0 of 5 files would go"), "{answer}");
    let answer = lab.succeed(&["gc", "--dry-run", "--unused-for", "0"]);
    assert!(before.keys().all(|(_, name)| answer.contains(name)), "{answer}");
    assert!(answer.contains("5 of 5 files would go"), "{answer}");
    assert_eq!(before.len(), cached(&lab).len(), "nothing is removed");
    // Less than all that is there: the longest unused go, and the others stay.
    let answer = lab.succeed(&["gc", "--dry-run", "--cache-limit", "400kB"]);
    let going = before.keys().filter(|(_, name)| answer.contains(name)).count();
    assert!((1..5).contains(&going), "{answer}");

    let answer = lab.succeed(&["gc", "--unused-for", "0"]);
    assert!(answer.contains("5 of 5 files are gone") && answer.contains("0 B of 50.0 GB stay"), "{answer}");
    assert!(cached(&lab).is_empty());
    assert_eq!(made(&said(&with(&lab, &["prepare"], &[]))).len(), 5);
    assert!(before == cached(&lab));
}

#[test]
fn of_two_experiments_whose_inputs_do_not_both_fit_the_older_one_goes() {
    let lab = plain();
    said(&with(&lab, &["prepare"], &[]));
    let older = cached(&lab);
    let bytes: usize = older.values().map(Vec::len).sum();
    let limit = (bytes * 3 / 2).to_string();
    let newer = ["data.drawn.seed=2"];
    let prepare = ["prepare", "--cache-limit", &limit];
    assert_eq!(made(&said(&with(&lab, &prepare, &newer))), ["127 photos", "1270 sentences"]);
    let both = cached(&lab);
    let left = older.keys().filter(|key| both.contains_key(*key)).count();
    assert!(left < older.len(), "the older one stayed");
    assert!(!both.contains_key(older.keys().find(|(stage, _)| stage == "pixels").unwrap()), "the longest unused goes");
    assert_eq!(made(&said(&with(&lab, &prepare, &newer))), [""; 0]);
    said(&with(&lab, &["prepare"], &[]));
    let again = cached(&lab);
    assert!(older.iter().all(|(key, bytes)| again.get(key) == Some(bytes)));
}

#[test]
fn another_folder_can_hold_the_inputs() {
    let lab = plain();
    said(&with(&lab, &["prepare", "--cache", "elsewhere"], &[]));
    assert_eq!(arrays(&lab.path("elsewhere")).len(), 2);
    assert!(cached(&lab).is_empty());
    let output = lab.jem(&["prepare", "drawn.toml", "--device", "cpu"]).env("JEM_CACHE", "elsewhere").output().unwrap();
    assert_eq!(made(&said(&output)), [""; 0]);
}

/// The stages of which `two` has an array that `one` does not.
fn fresh(one: &Lab, two: &[&str]) -> Vec<String> {
    let before = cached(one);
    let told = made(&said(&with(one, &["prepare"], two)));
    let after = cached(one);
    let stages: Vec<String> =
        after.keys().filter(|key| !before.contains_key(*key)).map(|(stage, _)| stage.clone()).collect();
    assert_eq!(told.len(), stages.len(), "{told:?}");
    for ((stage, name), bytes) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        for ((_, other), old) in before.iter().filter(|((of, _), _)| of == stage) {
            assert!(rows(bytes) != rows(old), "{stage}: {name} holds what {other} holds");
        }
    }
    stages
}

/// The numbers of an array, without its header.
fn rows(bytes: &[u8]) -> Vec<u8> {
    safetensors::SafeTensors::deserialize(bytes).unwrap().tensor("values").unwrap().data().to_vec()
}

#[test]
fn a_photo_is_cropped_for_the_images_and_for_the_guide_each_by_its_own_setting() {
    let lab = Lab::new();
    // The photos of the lab are from 41 to 56 pixels wide, and 36 high.
    write(&lab, "[[method]]\nname = \"JEM\"\nguide.network = \"alexnet\"\n");
    let photos = ["data.source=oxford-102", "data.root=flowers", "train.batch=4"];
    said(&with(&lab, &["prepare"], &photos));
    assert_eq!(cached(&lab).len(), 5);
    assert_eq!(fresh(&lab, &[&photos[..], &["image.square=crop"]].concat()), ["pixels"]);
    assert_eq!(fresh(&lab, &[&photos[..], &["guide.square=crop"]].concat()), ["features", "guide-pictures"]);
    let neither: [&str; 0] = [];
    let both = [&photos[..], &["image.square=crop", "guide.square=crop"]].concat();
    assert_eq!(fresh(&lab, &both), neither);
}
