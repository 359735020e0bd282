//! The two MATLAB files: labels and official split.

use super::finding::{Finding, Kind};
use super::picture::unreadable;
use crate::data::row;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The official split's file, and its rows: training, validation, test (Nilsback and Zisserman 2008).
pub(super) const SPLIT: &str = "setid.mat";
const LISTS: [&str; 3] = ["trnid", "valid", "tstid"];
const LABELS: &str = "imagelabels.mat";

/// A file as it was read.
#[derive(Debug, Default)]
pub(super) struct Table<T> {
    /// Its SHA-256; none if it cannot be read.
    pub digest: Option<[u8; 32]>,
    pub rows: T,
    pub findings: Vec<Finding>,
}

/// The label of every image, `None` where it is no class; nothing at all if there is no label file.
pub(super) fn labels(root: &Path) -> Table<Option<Vec<Option<u16>>>> {
    let mut table = Table::default();
    let bytes = match std::fs::read(root.join(LABELS)) {
        Ok(bytes) => bytes,
        Err(error) => return Table { findings: vec![unreadable(LABELS, &error)], ..table },
    };
    table.digest = Some(Sha256::digest(&bytes).into());
    let labels = match row::row(&bytes, "labels") {
        Ok(labels) => labels,
        Err(error) => {
            table.findings.push(Finding::error(LABELS, Kind::Label, error.to_string()));
            return table;
        }
    };
    let mut classes = Vec::with_capacity(labels.len());
    for (image, &label) in (1u32..).zip(&labels) {
        let class = ((1.0..=102.0).contains(&label) && label.fract() == 0.0).then_some(label as u16);
        if class.is_none() {
            let what = format!("image {image} has label {label}, outside 1..=102");
            table.findings.push(Finding::error(LABELS, Kind::Label, what));
        }
        classes.push(class);
    }
    table.rows = Some(classes);
    table
}

/// Whether the official split has each of `images` images once.
pub(super) fn split(root: &Path, images: usize) -> Table<()> {
    let mut table = Table::default();
    let bytes = match std::fs::read(root.join(SPLIT)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let what = "missing: only the official split asks for it";
            return Table { findings: vec![Finding::warning(SPLIT, Kind::Missing, what)], ..table };
        }
        Err(error) => return Table { findings: vec![unreadable(SPLIT, &error)], ..table },
    };
    table.digest = Some(Sha256::digest(&bytes).into());
    let mut lists: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let error = |what: String| Finding::error(SPLIT, Kind::Split, what);
    for list in LISTS {
        let ids = match row::row(&bytes, list) {
            Ok(ids) => ids,
            Err(why) => {
                table.findings.push(error(why.to_string()));
                continue;
            }
        };
        for id in ids {
            match id.fract() == 0.0 && (1.0..=images as f64).contains(&id) {
                true => lists.entry(id as u32).or_default().push(list),
                false => table.findings.push(error(format!("`{list}` names image {id}, outside 1..={images}"))),
            }
        }
    }
    for (id, lists) in lists.iter().filter(|(_, lists)| lists.len() > 1) {
        table.findings.push(error(format!("image {id} is there {} times: {}", lists.len(), lists.join(", "))));
    }
    // A list that cannot be read would make all of its images missing.
    if table.findings.is_empty() && lists.len() < images {
        let missing = (1..=images as u32).filter(|id| !lists.contains_key(id));
        let warn = |id| Finding::warning(SPLIT, Kind::Split, format!("image {id} is in none of the lists"));
        table.findings.extend(missing.map(warn));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::mat;

    fn said<T>(table: &Table<T>) -> Vec<String> {
        table.findings.iter().map(Finding::to_string).collect()
    }

    #[test]
    fn every_label_out_of_range_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LABELS), mat("labels", &[0, 5, 103, 102])).unwrap();
        let table = labels(folder.path());
        let expected = [1, 3].map(|image| {
            format!(
                "error: imagelabels.mat: image {image} has label {}, outside 1..=102",
                if image == 1 { 0 } else { 103 }
            )
        });
        assert_eq!(said(&table), expected);
        assert_eq!(table.rows, Some(vec![None, Some(5), None, Some(102)]));
    }

    fn split_of(lists: &[(&str, &[u8])], images: usize) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = mat(lists[0].0, lists[0].1);
        for (name, ids) in &lists[1..] {
            bytes.extend(&mat(name, ids)[128..]);
        }
        std::fs::write(folder.path().join(SPLIT), bytes).unwrap();
        said(&split(folder.path(), images))
    }

    #[test]
    fn a_split_has_each_image_once() {
        let whole: [(&str, &[u8]); 3] = [("trnid", &[2, 1]), ("valid", &[3]), ("tstid", &[4])];
        assert!(split_of(&whole, 4).is_empty());
        assert_eq!(split_of(&whole, 5), ["warning: setid.mat: image 5 is in none of the lists"]);
        assert_eq!(split_of(&whole, 3), ["error: setid.mat: `tstid` names image 4, outside 1..=3"]);
        let twice = split_of(&[("trnid", &[2, 1, 2]), ("valid", &[3]), ("tstid", &[3])], 3);
        assert_eq!(
            twice,
            [
                "error: setid.mat: image 2 is there 2 times: trnid, trnid",
                "error: setid.mat: image 3 is there 2 times: valid, tstid"
            ]
        );
        assert_eq!(split_of(&whole[..2], 4), ["error: setid.mat: no numeric variable `tstid`"]);
    }

    #[test]
    fn a_split_that_is_not_there_is_a_warning_and_labels_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(said(&split(folder.path(), 3))[0].starts_with("warning: setid.mat: missing"));
        assert_eq!(said(&labels(folder.path())), ["error: imagelabels.mat: missing"]);
    }
}
