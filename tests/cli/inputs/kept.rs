//! The cache: reuse, repair of damage, and its size limit.

use super::{arrays, cached, executed, guided, messages, plain, refused, train, with, write};
use crate::lab::Lab;

#[test]
fn inputs_are_prepared_once_before_training() {
    let lab = guided();
    let first = executed(&messages(&with(&lab, &["prepare"], &[])));
    // Two training images of each class from 41 to 102 and three evaluation items, with ten captions each.
    let expected = [
        "resized images: 127 images",
        "segmentations: 127 images",
        "guide features: 127 images",
        "guide images: 3 images",
        "sentence vectors: 1270 captions",
    ];
    assert_eq!(first, expected);
    let before = cached(&lab);
    assert_eq!(before.len(), 5);
    assert_eq!(executed(&messages(&with(&lab, &["prepare"], &[]))), [""; 0]);
    assert_eq!(executed(&train(&lab, &[])), [""; 0]);
    assert_eq!(before, cached(&lab));
}

#[test]
fn a_damaged_chunk_is_recomputed() {
    let lab = guided();
    messages(&with(&lab, &["prepare"], &[]));
    let sound = cached(&lab);
    // The last byte is in the last chunk, and no other chunk is recomputed.
    let mended = [
        ("pixels", "resized images: 127 images (64 done earlier)"),
        ("features", "guide features: 127 images (96 done earlier)"),
    ];
    for (stage, printed) in mended {
        let ((_, name), bytes) = sound.iter().find(|((of, _), _)| of == stage).unwrap();
        let mut flipped = bytes.clone();
        *flipped.last_mut().unwrap() ^= 1;
        std::fs::write(lab.path("jem.db.files/cache").join(name), flipped).unwrap();
        assert_ne!(sound, cached(&lab));
        assert_eq!(executed(&train(&lab, &[])), [printed]);
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
fn deleted_inputs_are_recomputed_with_the_same_bytes() {
    let lab = guided();
    messages(&with(&lab, &["prepare"], &[]));
    let before = cached(&lab);
    let answer = lab.succeed(&["gc", "--dry-run"]);
    assert!(answer.starts_with("0 of 5 files would be deleted"), "{answer}");
    let answer = lab.succeed(&["gc", "--dry-run", "--unused-for", "0"]);
    assert!(before.keys().all(|(_, name)| answer.contains(name)), "{answer}");
    assert!(answer.contains("5 of 5 files would be deleted"), "{answer}");
    assert_eq!(before.len(), cached(&lab).len(), "nothing is removed");
    // A limit below the current size: only the least recently used files are deleted.
    let answer = lab.succeed(&["gc", "--dry-run", "--cache-limit", "400kB"]);
    let going = before.keys().filter(|(_, name)| answer.contains(name)).count();
    assert!((1..5).contains(&going), "{answer}");

    let answer = lab.succeed(&["gc", "--unused-for", "0"]);
    assert!(answer.contains("5 of 5 files deleted") && answer.contains("0 B of 50.0 GB in use"), "{answer}");
    assert!(cached(&lab).is_empty());
    assert_eq!(executed(&messages(&with(&lab, &["prepare"], &[]))).len(), 5);
    assert!(before == cached(&lab));
}

#[test]
fn the_least_recently_used_inputs_are_deleted() {
    let lab = plain();
    messages(&with(&lab, &["prepare"], &[]));
    let older = cached(&lab);
    let bytes: usize = older.values().map(Vec::len).sum();
    let limit = (bytes * 3 / 2).to_string();
    let newer = ["data.drawn.seed=2"];
    let prepare = ["prepare", "--cache-limit", &limit];
    assert_eq!(
        executed(&messages(&with(&lab, &prepare, &newer))),
        ["resized images: 127 images", "sentence vectors: 1270 captions"]
    );
    let both = cached(&lab);
    let left = older.keys().filter(|key| both.contains_key(*key)).count();
    assert!(left < older.len(), "the older file is unchanged");
    assert!(!both.contains_key(older.keys().find(|(stage, _)| stage == "pixels").unwrap()), "the longest unused goes");
    assert_eq!(executed(&messages(&with(&lab, &prepare, &newer))), [""; 0]);
    messages(&with(&lab, &["prepare"], &[]));
    let again = cached(&lab);
    assert!(older.iter().all(|(key, bytes)| again.get(key) == Some(bytes)));
}

#[test]
fn the_cache_folder_can_be_chosen() {
    let lab = plain();
    messages(&with(&lab, &["prepare", "--cache", "elsewhere"], &[]));
    assert_eq!(arrays(&lab.path("elsewhere")).len(), 2);
    assert!(cached(&lab).is_empty());
    let output = lab.jem(&["prepare", "drawn.toml", "--device", "cpu"]).env("JEM_CACHE", "elsewhere").output().unwrap();
    assert_eq!(executed(&messages(&output)), [""; 0]);
}

/// The stages for which the settings `two` need a new array in the lab `one`.
fn fresh(one: &Lab, two: &[&str]) -> Vec<String> {
    let before = cached(one);
    let printed = executed(&messages(&with(one, &["prepare"], two)));
    let after = cached(one);
    let stages: Vec<String> =
        after.keys().filter(|key| !before.contains_key(*key)).map(|(stage, _)| stage.clone()).collect();
    assert_eq!(printed.len(), stages.len(), "{printed:?}");
    for ((stage, name), bytes) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        for ((_, other), old) in before.iter().filter(|((of, _), _)| of == stage) {
            assert!(rows(bytes) != rows(old), "{stage}: {name} holds what {other} holds");
        }
    }
    stages
}

/// The values of an array, without its header.
fn rows(bytes: &[u8]) -> Vec<u8> {
    safetensors::SafeTensors::deserialize(bytes).unwrap().tensor("values").unwrap().data().to_vec()
}

#[test]
fn images_and_guide_images_have_their_own_crop_settings() {
    let lab = Lab::new();
    // The images of the lab are 41 to 56 pixels wide and 36 pixels high.
    write(&lab, "[[method]]\nname = \"JEM\"\nguide.network = \"alexnet\"\n");
    let photos = ["data.source=oxford-102", "data.root=flowers", "train.batch=4"];
    messages(&with(&lab, &["prepare"], &photos));
    assert_eq!(cached(&lab).len(), 5);
    assert_eq!(fresh(&lab, &[&photos[..], &["image.square=crop"]].concat()), ["pixels"]);
    assert_eq!(fresh(&lab, &[&photos[..], &["guide.square=crop"]].concat()), ["features", "guide-pictures"]);
    let neither: [&str; 0] = [];
    let both = [&photos[..], &["image.square=crop", "guide.square=crop"]].concat();
    assert_eq!(fresh(&lab, &both), neither);
}
