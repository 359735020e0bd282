use super::*;
use crate::data::fixture;
use std::time::{Duration, Instant};

#[test]
fn a_smaller_folder_is_a_valid_data_set() {
    let folder = fixture::oxford(&[77, 3]);
    let set = Oxford102::open(folder.path()).unwrap();
    assert_eq!(set.ids(), 1..=2);
    assert_eq!(set.class(1).unwrap(), 77);
    assert_eq!(set.caption_path(2).unwrap(), folder.path().join("text_c10/class_00003/image_00002.txt"));
    assert_eq!(set.image_path(2), folder.path().join("jpg/image_00002.jpg"));
    assert_eq!(set.segmentation_path(2), folder.path().join("segmim/segmim_00002.jpg"));
    let (records, warnings) = set.records(&[2]).unwrap();
    let caption = |line, text: &str| Caption { line, text: text.to_owned() };
    let captions = vec![caption(1, "flower 2 is red"), caption(2, "it has 2 petals")];
    assert_eq!(records, [ImageRecord { id: 2, class: 3, captions }]);
    assert!(warnings.is_empty());
}

#[test]
fn the_error_about_a_missing_root_or_part_describes_it() {
    let folder = fixture::oxford(&[1]);
    let nowhere = folder.path().join("nowhere");
    let error = Oxford102::open(&nowhere).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: no such folder", nowhere.display()));
    assert!(error.help().unwrap().contains("text_c10/"));
    for (part, expected) in [("jpg", "the images"), ("text_c10", "captions"), ("imagelabels.mat", "`labels`")] {
        let (path, moved) = (folder.path().join(part), folder.path().join("moved"));
        std::fs::rename(&path, &moved).unwrap();
        let error = Oxford102::open(folder.path()).unwrap_err();
        assert_eq!(error.to_string(), format!("{}: missing", path.display()));
        assert!(error.help().unwrap().contains(expected), "{:?}", error.help());
        std::fs::rename(&moved, &path).unwrap();
    }
}

#[test]
fn segmentations_are_optional_until_they_are_used() {
    let folder = fixture::oxford(&[1]);
    std::fs::remove_dir_all(folder.path().join("segmim")).unwrap();
    let set = Oxford102::open(folder.path()).unwrap();
    let digests = DigestCache::open(folder.path());
    assert!(set.fingerprint(&[1], &digests).is_ok());
    let error = set.segmentation_fingerprint(&[1], &digests).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: missing", folder.path().join("segmim").display()));
    assert!(error.help().unwrap().contains("blue background"));
}

#[test]
fn an_image_that_does_not_exist_is_an_error() {
    let folder = fixture::oxford(&[1, 2]);
    let set = Oxford102::open(folder.path()).unwrap();
    for id in [0, 3] {
        let error = set.captions(&[1, id]).unwrap_err();
        assert_eq!(error.to_string(), format!("no image {id}: the data set has images 1 to 2"));
    }
}

#[test]
fn warnings_are_in_the_order_of_the_requested_images() {
    let folder = fixture::oxford(&[1, 2]);
    fixture::write(folder.path(), "text_c10/class_00001/image_00001.txt", "\none\n");
    fixture::write(folder.path(), "text_c10/class_00002/image_00002.txt", "one\n\n");
    let set = Oxford102::open(folder.path()).unwrap();
    let (captions, warnings) = set.captions(&[2, 1]).unwrap();
    assert_eq!(captions.keys().copied().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(warnings.iter().map(|warning| warning.line).collect::<Vec<_>>(), [2, 1]);
    let shown = warnings[0].to_string();
    assert!(shown.ends_with("text_c10/class_00002/image_00002.txt:2: blank caption line, skipped"), "{shown}");
}

#[test]
fn a_changed_image_caption_or_label_changes_the_fingerprint() {
    let folder = fixture::oxford(&[1, 2]);
    let digests = DigestCache::open(folder.path());
    let print = || Oxford102::open(folder.path()).unwrap().fingerprint(&[1, 2], &digests).unwrap();
    let mut prints = vec![print()];
    assert_eq!(print(), prints[0]);
    fixture::write(folder.path(), "jpg/image_00002.jpg", "other bytes");
    prints.push(print());
    fixture::write(folder.path(), "text_c10/class_00002/image_00002.txt", "another caption");
    prints.push(print());
    std::fs::rename(folder.path().join("text_c10/class_00002"), folder.path().join("text_c10/class_00003")).unwrap();
    fixture::write(folder.path(), "imagelabels.mat", fixture::mat("labels", &[1, 3]));
    prints.push(print());
    let distinct: std::collections::BTreeSet<_> = prints.iter().collect();
    assert_eq!(distinct.len(), 4);
    let set = Oxford102::open(folder.path()).unwrap();
    assert_ne!(set.fingerprint(&[1], &digests).unwrap(), set.fingerprint(&[2], &digests).unwrap());
}

#[test]
fn the_real_captions_are_all_read_in_two_seconds() {
    let Some(root) = fixture::real() else { return };
    let start = Instant::now();
    let set = Oxford102::open(&root).unwrap();
    let ids: Vec<u32> = set.ids().collect();
    let (captions, warnings) = set.captions(&ids).unwrap();
    let duration = start.elapsed();
    assert_eq!(captions.len(), 8_189);
    assert_eq!(warnings.len(), 13);
    assert_eq!(captions.values().map(Vec::len).sum::<usize>(), 81_890 - 13);
    assert_eq!(captions[&6734][0].text, "the petals of the flower are pink in color and have a yellow center");
    eprintln!("opened and read 8,189 caption files in {duration:.2?}");
    assert!(duration < Duration::from_secs(2), "{duration:?}");
}
