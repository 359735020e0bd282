use super::*;
use crate::data::{DataSet, Oxford102, fixture};
use crate::spec::{DataSettings, Settings};

fn settings(change: impl Fn(&mut DataSettings)) -> DataSettings {
    let mut settings = Settings::from_values([]).unwrap().data;
    change(&mut settings);
    settings
}

fn small(labels: &[u8]) -> (tempfile::TempDir, DataSet) {
    let folder = fixture::oxford(labels);
    let set = DataSet::Oxford102(Oxford102::open(folder.path()).unwrap());
    (folder, set)
}

fn split(set: &DataSet, change: impl Fn(&mut DataSettings)) -> Split {
    set.split(&settings(change)).unwrap()
}

#[test]
fn the_boundaries_between_the_classes_are_correct() {
    let (_folder, set) = small(&[102, 41, 40, 21, 20, 1]);
    let expected = Split { train: vec![1, 2], val: vec![3, 4], test: vec![5, 6], unused: vec![] };
    assert_eq!(split(&set, |_| ()), expected);
}

#[test]
fn the_full_set_has_the_published_sizes_of_each_split() {
    let Some(root) = fixture::real() else { return };
    let set = DataSet::Oxford102(Oxford102::open(&root).unwrap());
    let sizes = |name: &str, train: &str| {
        let split = split(&set, |data| {
            data.split = name.to_owned();
            data.train = train.to_owned();
        });
        [split.train.len(), split.val.len(), split.test.len()]
    };
    assert_eq!(sizes("reed", "train"), [5_878, 1_156, 1_155]);
    assert_eq!(sizes("reed", "train+val"), [7_034, 0, 1_155]);
    assert_eq!(sizes("official", "train"), [1_020, 1_020, 6_149]);
    assert_eq!(sizes("official", "train+val"), [2_040, 0, 6_149]);
}

#[test]
fn the_split_of_the_paper_draws_80_and_20_classes_and_lists_the_two_unused_ones() {
    let (_folder, set) = small(&(1..=102).collect::<Vec<u8>>());
    let paper = |seed| {
        split(&set, |data| {
            data.split = "paper".to_owned();
            data.seed = seed;
        })
    };
    let one = paper(1);
    assert_eq!([one.train.len(), one.val.len(), one.test.len(), one.unused.len()], [70, 10, 20, 2]);
    assert_eq!(one, paper(1));
    assert_ne!(one, paper(2));
}

#[test]
fn the_official_split_is_read_from_its_file() {
    let (folder, set) = small(&[5, 5, 6, 6]);
    let lists: [(&str, &[u8]); 3] = [("trnid", &[4, 1]), ("valid", &[3]), ("tstid", &[2])];
    fixture::write(folder.path(), "setid.mat", fixture::mats(&lists));
    let official = split(&set, |data| data.split = "official".to_owned());
    assert_eq!(official, Split { train: vec![1, 4], val: vec![3], test: vec![2], unused: vec![] });
}

#[test]
fn an_invalid_official_split_is_an_error() {
    let (folder, set) = small(&[5, 5]);
    let error = |lists: &[(&str, &[u8])]| {
        fixture::write(folder.path(), "setid.mat", fixture::mats(lists));
        let error = set.split(&settings(|data| data.split = "official".to_owned())).unwrap_err();
        std::error::Error::source(&error).unwrap().to_string()
    };
    assert_eq!(error(&[("trnid", &[1]), ("valid", &[2])]), "no variable `tstid`; the file has trnid, valid");
    assert_eq!(error(&[("trnid", &[1]), ("valid", &[2]), ("tstid", &[1])]), "image 1 is listed twice");
    assert_eq!(
        error(&[("trnid", &[1]), ("valid", &[2]), ("tstid", &[3])]),
        "`tstid` lists image 3, but the images are 1 to 2"
    );
}

#[test]
fn selected_classes_are_split_like_the_full_set() {
    let (_folder, set) = small(&[102, 41, 40, 21, 20, 1]);
    let selected = |classes: &str| set.split(&settings(|data| data.classes = classes.parse().unwrap()));
    let expected = Split { train: vec![2], val: vec![], test: vec![5, 6], unused: vec![] };
    assert_eq!(selected("1-20, 41").unwrap(), expected);
    assert_eq!(selected("50").unwrap_err().to_string(), "no image has one of the classes 50");
}

#[test]
fn a_subset_is_drawn_by_its_seed_and_is_sorted() {
    let ids: Vec<u32> = (100..200).collect();
    let drawn = subset(&ids, 10, 1).unwrap();
    assert_eq!(drawn.len(), 10);
    assert!(drawn.is_sorted() && drawn.iter().all(|id| ids.contains(id)));
    assert_eq!(drawn, subset(&ids, 10, 1).unwrap());
    assert_ne!(drawn, subset(&ids, 10, 2).unwrap());
    assert_ne!(drawn, ids[..10]);
}

#[test]
fn a_larger_subset_includes_the_smaller_one() {
    let ids: Vec<u32> = (1..=50).collect();
    let larger = subset(&ids, 20, 7).unwrap();
    assert!(subset(&ids, 5, 7).unwrap().iter().all(|id| larger.contains(id)));
}

#[test]
fn limit_0_is_all_images_and_a_limit_above_the_number_of_images_is_an_error() {
    assert_eq!(subset(&[3, 1, 2], 0, 9).unwrap(), [1, 2, 3]);
    assert_eq!(subset(&[3, 1, 2], 3, 9).unwrap(), [1, 2, 3]);
    let error = subset(&[3, 1, 2], 4, 9).unwrap_err();
    assert_eq!(error.to_string(), "4 images requested, but only 3 available");
}
