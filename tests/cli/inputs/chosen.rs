//! The selection of images, masks and feature layers.

use std::collections::BTreeSet;

use image::{GrayImage, Luma};
use jem::data::DrawnFlowers;

use super::{cached, executed, guided, ids, messages, plain, refused, train, with, write};
use crate::lab::Lab;

#[test]
fn drawn_flowers_in_memory_and_on_disk_train_equally() {
    let lab = guided();
    train(&lab, &[]);
    let answer = lab.succeed(&["data", "draw", "on-disk", "--images", "204", "--side", "32"]);
    assert_eq!(answer.trim(), "on-disk");
    let folder = ["data.source=oxford-102", "data.root=on-disk"];
    let masks = ["data.source=oxford-102", "data.root=on-disk", "segment.source=masks", "segment.masks=on-disk/masks"];
    assert_eq!(executed(&train(&lab, &folder)).len(), 5, "a JPEG differs from the drawn image");
    // Images and sentences are cached; only arrays that depend on masks are recomputed.
    assert_eq!(
        executed(&train(&lab, &masks)),
        ["segmentations: 127 images", "guide features: 127 images", "guide images: 3 images"]
    );
    let all: BTreeSet<String> = [&[][..], &folder, &masks].into_iter().flat_map(|sets| ids(&lab, sets)).collect();
    assert_eq!(all.len(), 3, "each is another cell");
}

#[test]
fn drawn_flowers_on_disk_are_valid_and_not_overwritten() {
    let lab = Lab::new();
    lab.succeed(&["data", "draw", "on-disk", "--images", "204", "--side", "64"]);
    let answer = lab.succeed(&["data", "check", "on-disk"]);
    assert!(answer.contains("204 images, 102 classes, 2040 captions") && answer.contains("; 0 errors"), "{answer}");
    let before = std::fs::read(lab.path("on-disk/truth.json")).unwrap();
    let error = lab.fail(2, &["data", "draw", "on-disk", "--images", "102", "--side", "64"]);
    assert!(error.contains("on-disk: the folder is not empty"), "{error}");
    assert_eq!(before, std::fs::read(lab.path("on-disk/truth.json")).unwrap());
    // A truncated image in another folder is reported.
    let file = lab.path("on-disk/jpg/image_00007.jpg");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let output = lab.run(&["data", "check", "on-disk"]);
    let answer = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3));
    assert!(answer.contains("jpg/image_00007.jpg") && answer.contains("; 1 error,"), "{answer}");
}

#[test]
fn every_split_trains_on_its_own_images() {
    let lab = plain();
    // Three images of each species, so that the official split has one for validation and one for testing.
    let three = "data.drawn.images=306";
    for (split, images) in [("reed", 62 * 3), ("paper", 70 * 3), ("official", 102)] {
        let split = format!("data.split={split}");
        let printed = train(&lab, &[three, &split]);
        assert_eq!(executed(&printed)[0], format!("resized images: {} images", images + 3), "{split}");
    }
}

#[test]
fn a_random_selection_of_classes_reports_the_held_out_ones() {
    let lab = plain();
    let printed = messages(&with(&lab, &["prepare"], &["data.split=paper"]));
    let warning = printed.lines().find(|line| line.starts_with("warning: ")).unwrap();
    let listed = warning.strip_prefix("warning: the random choice of classes leaves out ").unwrap();
    let left: Vec<u16> = listed.split(" and ").map(|class| class.parse().unwrap()).collect();
    assert_eq!(left.len(), 2, "{warning}");
    // If all classes are held out, no images are left.
    let these = format!("data.classes={},{}", left[0], left[1]);
    let error = refused(&with(&lab, &["prepare"], &["data.split=paper", &these]), 3);
    assert!(error.contains("no image has one of the classes"), "{error}");
    let printed = messages(&with(&lab, &["prepare"], &["data.split=reed"]));
    assert!(!printed.contains("leaves out"), "{printed}");
}

#[test]
fn classes_are_selected_and_val_is_added_to_train_for_test() {
    let lab = plain();
    let printed = train(&lab, &["data.train=train+val", "eval.split=test"]);
    // The split of Reed et al. has 82 classes for training and 20 for testing.
    assert_eq!(executed(&printed)[0], "resized images: 167 images");
    let printed = train(&lab, &["data.train=train+val", "eval.split=test", "data.classes=1-20,41-60"]);
    assert_eq!(executed(&printed)[0], "resized images: 43 images");
    let error = refused(&with(&lab, &["run"], &["data.classes=1-20,41-60"]), 3);
    assert!(error.contains("the val part has 0 images") && error.contains("eval.items"), "{error}");
    let error = refused(&with(&lab, &["run"], &["data.train=train+val", "eval.split=val"]), 2);
    assert!(error.contains("`eval.split` is \"val\"") && error.contains("data.train = \"train+val\""), "{error}");
    assert!(error.contains("eval.split = \"test\""), "{error}");
    let error = refused(&with(&lab, &["run"], &["data.classes=1-20,141"]), 2);
    assert!(error.contains("data.classes") && error.contains("141"), "{error}");
}

#[test]
fn an_image_with_an_empty_mask_is_reported_and_used() {
    let lab = guided();
    lab.succeed(&["data", "draw", "on-disk", "--images", "204", "--side", "32"]);
    let folder = ["data.source=oxford-102", "data.root=on-disk", "segment.source=masks", "segment.masks=on-disk/masks"];
    let printed = messages(&with(&lab, &["prepare"], &folder));
    assert!(!printed.contains("segmentation has no flower"), "{printed}");
    // Two training images: those of classes 41 and above.
    let flowers = DrawnFlowers::new(204, 32, 1);
    let mut training = flowers.ids().filter(|&id| flowers.class(id) > 40);
    let (none, all) = (training.next().unwrap(), training.next().unwrap());
    let mask = |id: u32| lab.path(&format!("on-disk/masks/image_{id:05}.png"));
    GrayImage::new(32, 32).save(mask(none)).unwrap();
    GrayImage::from_pixel(32, 32, Luma([1])).save(mask(all)).unwrap();
    let printed = train(&lab, &folder);
    for warning in [
        format!("warning: image {none}: its segmentation has no flower\n"),
        format!("warning: image {all}: its segmentation has no background\n"),
        "warning: 2 of 127 segmentations failed and are used unchanged\n".to_owned(),
    ] {
        assert!(printed.contains(&warning), "{warning}{printed}");
    }
}

#[test]
fn a_missing_mask_or_one_of_another_size_is_an_error() {
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
fn features_of_the_requested_layer_are_extracted() {
    let lab = guided();
    messages(&with(&lab, &["prepare"], &[]));
    let printed = train(&lab, &["guide.layer=pool5"]);
    assert_eq!(executed(&printed), ["guide features: 127 images"], "the rest is there");
    let lengths: BTreeSet<usize> = cached(&lab)
        .iter()
        .filter(|((stage, _), _)| stage == "features")
        .map(|(_, bytes)| safetensors::SafeTensors::deserialize(bytes).unwrap().tensor("values").unwrap().shape()[2])
        .collect();
    // 2 % of the 256 channels of conv5 and of the 4,096 of fc7, rounded up to multiples of eight.
    assert_eq!(lengths, [8, 88].into());
}

#[test]
fn a_layer_of_another_network_is_an_error_with_its_line() {
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
