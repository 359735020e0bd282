use super::*;
use crate::data::fixture;
use std::time::Instant;

fn report(root: &Path) -> CheckReport {
    check(root, &|_, _| {}).unwrap()
}

fn messages(root: &Path) -> Vec<String> {
    report(root).findings.iter().map(Finding::to_string).collect()
}

/// A complete data set: three images and a split.
fn complete() -> tempfile::TempDir {
    let folder = fixture::oxford(&[77, 3, 3]);
    let mut split = fixture::mat("trnid", &[1]);
    for (name, id) in [("valid", 2), ("tstid", 3)] {
        split.extend(&fixture::mat(name, &[id])[128..]);
    }
    fixture::write(folder.path(), "setid.mat", split);
    for id in 1..=3 {
        let image = image::RgbImage::from_pixel(6, 4, image::Rgb([60 * id, 100, 50]));
        image.save(folder.path().join(format!("jpg/image_{id:05}.jpg"))).unwrap();
    }
    folder
}

#[test]
fn a_complete_set_has_no_finding_and_is_counted() {
    let folder = complete();
    let report = report(folder.path());
    assert_eq!(report.findings, []);
    let summary = Summary { images: 3, classes: 2, captions: 6, blank_lines: 0, duplicates: 0 };
    assert_eq!(report.summary, summary);
    let manifest = report.manifest();
    assert_eq!(manifest.lines().count(), 3 * 3 + 2);
    assert!(manifest.lines().map(|line| &line[66..]).is_sorted(), "{manifest}");
}

#[test]
fn all_problems_are_reported_together() {
    let folder = complete();
    let root = folder.path();
    let image = std::fs::read(root.join("jpg/image_00001.jpg")).unwrap();
    fixture::write(root, "jpg/image_00001.jpg", &image[..image.len() / 2]);
    std::fs::remove_file(root.join("jpg/image_00002.jpg")).unwrap();
    image::RgbImage::new(5, 4).save(root.join("segmim/segmim_00003.jpg")).unwrap();
    std::fs::remove_file(root.join("segmim/segmim_00001.jpg")).unwrap();
    fixture::write(root, "text_c10/class_00077/image_00001.txt", "one\n\ntwo\n");
    fixture::write(root, "text_c10/class_00003/image_00002.txt", [0xff]);
    fixture::write(root, "text_c10/class_00003/image_00003.txt", "\n\n");
    fixture::write(root, "jpg/image_00004.jpg", &image);
    let expected = [
        "error: jpg/image_00001.jpg: truncated: the JPEG has no end marker",
        "error: jpg/image_00002.jpg: missing",
        "error: segmim/segmim_00001.jpg: missing",
        "error: segmim/segmim_00003.jpg: 5×4 pixels, but the image has 6×4",
        "error: text_c10/class_00003/image_00002.txt:1: not UTF-8",
        "error: text_c10/class_00003/image_00003.txt: no caption: no line has text",
        "warning: jpg/image_00004.jpg: not a file of an image that the labels list",
        "warning: text_c10/class_00003/image_00003.txt: 2 lines; most caption files have 3",
        "warning: text_c10/class_00077/image_00001.txt:2: blank caption line, skipped",
    ];
    assert_eq!(messages(root), expected);
    assert_eq!(report(root).count(Severity::Error), 6);
}

#[test]
fn a_duplicate_is_reported_with_the_first_file_and_a_missing_part_once() {
    let folder = complete();
    let root = folder.path();
    std::fs::copy(root.join("jpg/image_00001.jpg"), root.join("jpg/image_00003.jpg")).unwrap();
    std::fs::remove_dir_all(root.join("segmim")).unwrap();
    std::fs::remove_file(root.join("setid.mat")).unwrap();
    let expected = [
        "warning: jpg/image_00003.jpg: same contents as jpg/image_00001.jpg",
        "warning: segmim: missing: required only for guides with segmentations",
        "warning: setid.mat: missing: required only for data.split = \"official\"",
    ];
    assert_eq!(messages(root), expected);
    assert_eq!(report(root).summary.duplicates, 1);
}

#[test]
fn different_numbers_of_images_and_labels_are_reported() {
    let folder = complete();
    fixture::write(folder.path(), "imagelabels.mat", fixture::mat("labels", &[77, 3]));
    let expected = [
        "error: setid.mat: `tstid` lists image 3, but the images are 1 to 2",
        "warning: jpg: 3 image files, but the labels list 2 images",
        "warning: jpg/image_00003.jpg: not a file of an image that the labels list",
        "warning: segmim/segmim_00003.jpg: not a file of an image that the labels list",
        "warning: text_c10/class_00003/image_00003.txt: not a file of an image that the labels list",
    ];
    assert_eq!(messages(folder.path()), expected);
}

#[test]
fn images_are_checked_even_if_the_labels_are_invalid() {
    let folder = complete();
    let root = folder.path();
    fixture::write(root, "jpg/image_00002.jpg", "flower");
    fixture::write(root, "imagelabels.mat", fixture::mat("labels", &[0, 3, 200]));
    let with_labels = messages(root);
    assert_eq!(with_labels.len(), 3, "{with_labels:?}");
    assert!(with_labels[2].starts_with("error: jpg/image_00002.jpg: not a readable image"), "{with_labels:?}");
    fixture::write(root, "imagelabels.mat", "no labels");
    let without_labels = messages(root);
    assert!(without_labels[0].starts_with("error: imagelabels.mat: not a MATLAB file"), "{without_labels:?}");
    assert_eq!(without_labels[1..], with_labels[2..]);
}

#[test]
fn a_missing_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(check(&folder.path().join("nowhere"), &|_, _| {}), Err(DataError::NoRoot { .. })));
    assert!(messages(folder.path()).contains(&"error: imagelabels.mat: missing".to_owned()));
}

#[test]
fn the_real_set_has_thirteen_blank_lines_and_four_duplicates() {
    let Some(root) = fixture::real() else { return };
    let start = Instant::now();
    let report = report(&root);
    eprintln!("checked {} images in {:.1?}", report.summary.images, start.elapsed());
    let summary = Summary { images: 8_189, classes: 102, captions: 81_877, blank_lines: 13, duplicates: 4 };
    assert_eq!(report.summary, summary);
    assert_eq!(report.count(Severity::Error), 0, "{:?}", report.findings);
}
