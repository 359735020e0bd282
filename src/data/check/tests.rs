use super::*;
use crate::data::fixture;
use std::time::Instant;

fn checked(root: &Path) -> Checked {
    check(root, &|_, _| {}).unwrap()
}

fn said(root: &Path) -> Vec<String> {
    checked(root).findings.iter().map(Finding::to_string).collect()
}

/// A whole data set: three images and a split.
fn whole() -> tempfile::TempDir {
    let folder = fixture::oxford(&[77, 3, 3]);
    let mut split = fixture::mat("trnid", &[1]);
    for (name, id) in [("valid", 2), ("tstid", 3)] {
        split.extend(&fixture::mat(name, &[id])[128..]);
    }
    fixture::write(folder.path(), "setid.mat", split);
    for id in 1..=3 {
        let photo = image::RgbImage::from_pixel(6, 4, image::Rgb([60 * id, 100, 50]));
        photo.save(folder.path().join(format!("jpg/image_{id:05}.jpg"))).unwrap();
    }
    folder
}

#[test]
fn a_whole_set_has_no_finding_and_is_summed_up() {
    let folder = whole();
    let checked = checked(folder.path());
    assert_eq!(checked.findings, []);
    let summary = Summary { images: 3, classes: 2, captions: 6, blank_lines: 0, duplicates: 0 };
    assert_eq!(checked.summary, summary);
    let manifest = checked.manifest();
    assert_eq!(manifest.lines().count(), 3 * 3 + 2);
    assert!(manifest.lines().map(|line| &line[66..]).is_sorted(), "{manifest}");
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let folder = whole();
    let root = folder.path();
    let photo = std::fs::read(root.join("jpg/image_00001.jpg")).unwrap();
    fixture::write(root, "jpg/image_00001.jpg", &photo[..photo.len() / 2]);
    std::fs::remove_file(root.join("jpg/image_00002.jpg")).unwrap();
    image::RgbImage::new(5, 4).save(root.join("segmim/segmim_00003.jpg")).unwrap();
    std::fs::remove_file(root.join("segmim/segmim_00001.jpg")).unwrap();
    fixture::write(root, "text_c10/class_00077/image_00001.txt", "one\n\ntwo\n");
    fixture::write(root, "text_c10/class_00003/image_00002.txt", [0xff]);
    fixture::write(root, "text_c10/class_00003/image_00003.txt", "\n\n");
    fixture::write(root, "jpg/image_00004.jpg", &photo);
    let expected = [
        "error: jpg/image_00001.jpg: cut short: the JPEG ends before its end marker",
        "error: jpg/image_00002.jpg: missing",
        "error: segmim/segmim_00001.jpg: missing",
        "error: segmim/segmim_00003.jpg: 5×4, but its photo is 6×4",
        "error: text_c10/class_00003/image_00002.txt:1: not UTF-8",
        "error: text_c10/class_00003/image_00003.txt: no caption, every line is blank",
        "warning: jpg/image_00004.jpg: belongs to no image that the labels list",
        "warning: text_c10/class_00003/image_00003.txt: 2 lines, where most have 3",
        "warning: text_c10/class_00077/image_00001.txt:2: blank caption line",
    ];
    assert_eq!(said(root), expected);
    assert_eq!(checked(root).count(Severity::Error), 6);
}

#[test]
fn duplicates_name_their_twin_and_a_missing_part_is_said_once() {
    let folder = whole();
    let root = folder.path();
    std::fs::copy(root.join("jpg/image_00001.jpg"), root.join("jpg/image_00003.jpg")).unwrap();
    std::fs::remove_dir_all(root.join("segmim")).unwrap();
    std::fs::remove_file(root.join("setid.mat")).unwrap();
    let expected = [
        "warning: jpg/image_00003.jpg: the same file as jpg/image_00001.jpg",
        "warning: segmim: missing: only guides with segmentations ask for it",
        "warning: setid.mat: missing: only the official split asks for it",
    ];
    assert_eq!(said(root), expected);
    assert_eq!(checked(root).summary.duplicates, 1);
}

#[test]
fn pictures_and_labels_that_differ_in_number_are_counted() {
    let folder = whole();
    fixture::write(folder.path(), "imagelabels.mat", fixture::mat("labels", &[77, 3]));
    let expected = [
        "error: setid.mat: `tstid` names image 3, outside 1..=2",
        "warning: jpg: 3 pictures are there, and 2 images are listed",
        "warning: jpg/image_00003.jpg: belongs to no image that the labels list",
        "warning: segmim/segmim_00003.jpg: belongs to no image that the labels list",
        "warning: text_c10/class_00003/image_00003.txt: belongs to no image that the labels list",
    ];
    assert_eq!(said(folder.path()), expected);
}

#[test]
fn bad_labels_do_not_keep_the_pictures_from_being_checked() {
    let folder = whole();
    let root = folder.path();
    fixture::write(root, "jpg/image_00002.jpg", "flower");
    fixture::write(root, "imagelabels.mat", fixture::mat("labels", &[0, 3, 200]));
    let said_with = said(root);
    assert_eq!(said_with.len(), 3, "{said_with:?}");
    assert!(said_with[2].starts_with("error: jpg/image_00002.jpg: not a readable picture"), "{said_with:?}");
    fixture::write(root, "imagelabels.mat", "no labels");
    let said_without = said(root);
    assert!(said_without[0].starts_with("error: imagelabels.mat: not a MATLAB file"), "{said_without:?}");
    assert_eq!(said_without[1..], said_with[2..]);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(check(&folder.path().join("nowhere"), &|_, _| {}), Err(DataError::NoRoot { .. })));
    assert!(said(folder.path()).contains(&"error: imagelabels.mat: missing".to_owned()));
}

#[test]
fn the_real_set_has_thirteen_blank_lines_and_four_duplicates() {
    let Some(root) = fixture::real() else { return };
    let start = Instant::now();
    let checked = checked(&root);
    eprintln!("checked {} images in {:.1?}", checked.summary.images, start.elapsed());
    let summary = Summary { images: 8_189, classes: 102, captions: 81_877, blank_lines: 13, duplicates: 4 };
    assert_eq!(checked.summary, summary);
    assert_eq!(checked.count(Severity::Error), 0, "{:?}", checked.findings);
}
