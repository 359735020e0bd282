//! Which images are read, which of their masks, and which layer looks at them.

use std::collections::BTreeSet;

use image::{GrayImage, Luma};
use jem::data::DrawnFlowers;

use super::{cached, guided, ids, made, plain, refused, said, train, with, write};
use crate::lab::Lab;

#[test]
fn flowers_are_trained_on_from_memory_and_from_a_folder() {
    let lab = guided();
    train(&lab, &[]);
    let answer = lab.succeed(&["data", "draw", "on-disk", "--images", "204", "--side", "32"]);
    assert_eq!(answer.trim(), "on-disk");
    let folder = ["data.source=oxford-102", "data.root=on-disk"];
    let masks = ["data.source=oxford-102", "data.root=on-disk", "segment.source=masks", "segment.masks=on-disk/masks"];
    assert_eq!(made(&train(&lab, &folder)).len(), 5, "a JPEG is not what was drawn");
    // The photos and sentences are those of before; only what shows masks is made again.
    assert_eq!(made(&train(&lab, &masks)), ["127 segmentations", "127 guide features", "3 guide pictures"]);
    let all: BTreeSet<String> = [&[][..], &folder, &masks].into_iter().flat_map(|sets| ids(&lab, sets)).collect();
    assert_eq!(all.len(), 3, "each is a cell of its own");
}

#[test]
fn drawn_flowers_on_disk_are_without_error_and_are_not_drawn_over() {
    let lab = Lab::new();
    lab.succeed(&["data", "draw", "on-disk", "--images", "204", "--side", "64"]);
    let answer = lab.succeed(&["data", "check", "on-disk"]);
    assert!(answer.contains("204 images, 102 classes, 2040 captions") && answer.contains("; 0 errors"), "{answer}");
    let before = std::fs::read(lab.path("on-disk/truth.json")).unwrap();
    let error = lab.fail(2, &["data", "draw", "on-disk", "--images", "102", "--side", "64"]);
    assert!(error.contains("on-disk: the folder is not empty"), "{error}");
    assert_eq!(before, std::fs::read(lab.path("on-disk/truth.json")).unwrap());
    // Another folder with a photo that is cut short is found out.
    let photo = lab.path("on-disk/jpg/image_00007.jpg");
    let bytes = std::fs::read(&photo).unwrap();
    std::fs::write(&photo, &bytes[..bytes.len() / 2]).unwrap();
    let output = lab.run(&["data", "check", "on-disk"]);
    let answer = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3));
    assert!(answer.contains("jpg/image_00007.jpg") && answer.contains("; 1 error,"), "{answer}");
}

#[test]
fn every_split_trains_on_its_own_images() {
    let lab = plain();
    // Three of each species, so that the flowers' own split has one of each to choose by and one to test with.
    let three = "data.drawn.images=306";
    for (split, images) in [("reed", 62 * 3), ("paper", 70 * 3), ("official", 102)] {
        let split = format!("data.split={split}");
        let told = train(&lab, &[three, &split]);
        assert_eq!(made(&told)[0], format!("{} photos", images + 3), "{split}");
    }
}

#[test]
fn a_draw_of_classes_says_which_it_leaves_out() {
    let lab = plain();
    let told = said(&with(&lab, &["prepare"], &["data.split=paper"]));
    let warning = told.lines().find(|line| line.starts_with("warning: ")).unwrap();
    let listed = warning.strip_prefix("warning: the draw of classes leaves out ").unwrap();
    let left: Vec<u16> = listed.split(" and ").map(|class| class.parse().unwrap()).collect();
    assert_eq!(left.len(), 2, "{warning}");
    // What is left when all others are left out is nothing.
    let these = format!("data.classes={},{}", left[0], left[1]);
    let error = refused(&with(&lab, &["prepare"], &["data.split=paper", &these]), 3);
    assert!(error.contains("no image is of the classes"), "{error}");
    let told = said(&with(&lab, &["prepare"], &["data.split=reed"]));
    assert!(!told.contains("leaves out"), "{told}");
}

#[test]
fn classes_are_chosen_and_val_is_joined_to_train_where_test_is_looked_at() {
    let lab = plain();
    let told = train(&lab, &["data.train=train+val", "eval.split=test"]);
    // Of the split of Reed et al., 82 classes train and 20 test.
    assert_eq!(made(&told)[0], "167 photos");
    let told = train(&lab, &["data.train=train+val", "eval.split=test", "data.classes=1-20,41-60"]);
    assert_eq!(made(&told)[0], "43 photos");
    let error = refused(&with(&lab, &["run"], &["data.classes=1-20,41-60"]), 3);
    assert!(error.contains("the val part has 0 images") && error.contains("eval.items"), "{error}");
    let error = refused(&with(&lab, &["run"], &["data.train=train+val", "eval.split=val"]), 2);
    assert!(error.contains("`eval.split` is \"val\"") && error.contains("data.train = \"train+val\""), "{error}");
    assert!(error.contains("eval.split = \"test\""), "{error}");
    let error = refused(&with(&lab, &["run"], &["data.classes=1-20,141"]), 2);
    assert!(error.contains("data.classes") && error.contains("141"), "{error}");
}

#[test]
fn an_image_whose_mask_is_empty_is_named_and_counted_and_used() {
    let lab = guided();
    lab.succeed(&["data", "draw", "on-disk", "--images", "204", "--side", "32"]);
    let folder = ["data.source=oxford-102", "data.root=on-disk", "segment.source=masks", "segment.masks=on-disk/masks"];
    let told = said(&with(&lab, &["prepare"], &folder));
    assert!(!told.contains("segmentation shows no flower"), "{told}");
    // Two that train: those of classes from 41 on.
    let flowers = DrawnFlowers::new(204, 32, 1);
    let mut training = flowers.ids().filter(|&id| flowers.class(id) > 40);
    let (none, all) = (training.next().unwrap(), training.next().unwrap());
    let mask = |id: u32| lab.path(&format!("on-disk/masks/image_{id:05}.png"));
    GrayImage::new(32, 32).save(mask(none)).unwrap();
    GrayImage::from_pixel(32, 32, Luma([1])).save(mask(all)).unwrap();
    let told = train(&lab, &folder);
    for warning in [
        format!("warning: image {none}: its segmentation shows no flower\n"),
        format!("warning: image {all}: its segmentation is all flower\n"),
        "warning: 2 of 127 segmentations failed, and are used as they are\n".to_owned(),
    ] {
        assert!(told.contains(&warning), "{warning}{told}");
    }
}

#[test]
fn a_mask_that_is_missing_or_of_another_size_is_named() {
    let lab = guided();
    lab.succeed(&["data", "draw", "on-disk", "--images", "204", "--side", "32"]);
    let folder = ["data.source=oxford-102", "data.root=on-disk", "segment.source=masks", "segment.masks=on-disk/masks"];
    let flowers = DrawnFlowers::new(204, 32, 1);
    let id = flowers.ids().find(|&id| flowers.class(id) > 40).unwrap();
    let (name, mask) = (format!("image_{id:05}.png"), lab.path(&format!("on-disk/masks/image_{id:05}.png")));
    GrayImage::new(32, 33).save(&mask).unwrap();
    let error = refused(&with(&lab, &["run"], &folder), 3);
    assert!(error.contains(&name) && error.contains("32×33") && error.contains("32×32"), "{error}");
    std::fs::remove_file(&mask).unwrap();
    let error = refused(&with(&lab, &["run"], &folder), 3);
    assert!(error.contains(&name) && error.contains("cannot be read"), "{error}");
}

#[test]
fn features_are_taken_of_the_layer_that_is_asked_for() {
    let lab = guided();
    said(&with(&lab, &["prepare"], &[]));
    let told = train(&lab, &["guide.layer=pool5"]);
    assert_eq!(made(&told), ["127 guide features"], "the rest is there");
    let lengths: BTreeSet<usize> = cached(&lab)
        .iter()
        .filter(|((stage, _), _)| stage == "features")
        .map(|(_, bytes)| safetensors::SafeTensors::deserialize(bytes).unwrap().tensor("values").unwrap().shape()[2])
        .collect();
    // 2 % of conv5's 256 channels and of fc7's 4,096, each rounded up to eights.
    assert_eq!(lengths, [8, 88].into());
}

#[test]
fn a_layer_of_the_other_network_is_refused_at_its_line() {
    let lab = Lab::new();
    let more = "[[method]]\nname = \"JEM\"\nguide.network = \"alexnet\"\nguide.layer = \"conv5_3\"\n";
    write(&lab, more);
    let text = std::fs::read_to_string(lab.path("drawn.toml")).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("conv5_3")).unwrap();
    let error = refused(&with(&lab, &["plan"], &[]), 2);
    let place = format!("drawn.toml:{line}: `method.guide.layer` is \"conv5_3\", which alexnet does not have");
    assert!(error.contains(&place), "{error}");
    assert!(error.contains("alexnet has conv1, pool1"), "{error}");
}
