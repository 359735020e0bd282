//! The two MATLAB files: labels and official split.

use super::finding::{Finding, Kind};
use super::picture::unreadable;
use crate::data::label::{LISTS, class, from_zero, labels_from_zero};
use crate::data::mat::{self, MatError};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The official split's file.
pub(super) const SPLIT: &str = "setid.mat";
const LABELS: &str = "imagelabels.mat";
/// Up to so many labels that are no class, or numbers that are no image, are named one by one.
const FEW: usize = 10;

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
    let error = |what: String| Finding::error(LABELS, Kind::Label, what);
    let bytes = match mat::read_file(&root.join(LABELS)) {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(why)) => return Table { findings: vec![error(with_remedy(&why))], ..table },
        Err(error) => return Table { findings: vec![unreadable(LABELS, &error)], ..table },
    };
    table.digest = Some(Sha256::digest(&bytes).into());
    let mut labels = match mat::vector(&bytes, "labels") {
        Ok(labels) => labels,
        Err(why) => {
            table.findings.push(error(with_remedy(&why)));
            return table;
        }
    };
    if let Some(last) = labels_from_zero(&labels) {
        let rest = "add 1 to every label; the rest is checked as if that were done";
        table.findings.push(error(format!("labels run 0 to {last}, jem needs 1 to 102: {rest}")));
        labels.iter_mut().for_each(|label| *label += 1.0);
    }
    let classes: Vec<Option<u16>> = labels.iter().map(|&label| class(label)).collect();
    let wrong = (1u32..).zip(&labels).zip(&classes).filter(|(_, class)| class.is_none()).map(|(of, _)| of);
    table.findings.extend(
        few(
            wrong.map(|(image, label)| format!("image {image} has label {label}, outside 1..=102")),
            "labels are outside 1..=102",
        )
        .into_iter()
        .map(error),
    );
    table.rows = Some(classes);
    table
}

/// What is wrong with a file and what to do about it: a finding has no other place for a remedy.
fn with_remedy(error: &MatError) -> String {
    error.help().map_or_else(|| error.to_string(), |help| format!("{error}: {help}"))
}

/// The mistakes; of many the first few, and how many there are of `what`.
fn few(mistakes: impl Iterator<Item = String>, what: &str) -> Vec<String> {
    let mut mistakes: Vec<String> = mistakes.collect();
    let count = mistakes.len();
    if count > FEW {
        mistakes.truncate(FEW);
        mistakes.push(format!("{count} {what}, of which {FEW} are named"));
    }
    mistakes
}

/// Whether the official split has each of `images` images once.
pub(super) fn split(root: &Path, images: usize) -> Table<()> {
    let mut table = Table::default();
    let error = |what: String| Finding::error(SPLIT, Kind::Split, what);
    let bytes = match mat::read_file(&root.join(SPLIT)) {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(why)) => return Table { findings: vec![error(with_remedy(&why))], ..table },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let what = "missing: only the official split asks for it";
            return Table { findings: vec![Finding::warning(SPLIT, Kind::Missing, what)], ..table };
        }
        Err(error) => return Table { findings: vec![unreadable(SPLIT, &error)], ..table },
    };
    table.digest = Some(Sha256::digest(&bytes).into());
    let mut rows: Vec<(&str, Vec<f64>)> = Vec::new();
    for list in LISTS {
        match mat::vector(&bytes, list) {
            Ok(ids) => rows.push((list, ids)),
            // What is no file of MATLAB is none for every list.
            Err(why @ MatError::NoVariable { .. }) => table.findings.push(error(why.to_string())),
            Err(why) => {
                table.findings.push(error(with_remedy(&why)));
                return table;
            }
        }
    }
    let count = u32::try_from(images).unwrap_or(u32::MAX);
    if let Some(last) = from_zero(rows.iter().flat_map(|(_, ids)| ids), count) {
        let rest = "add 1 to every number; the rest is checked as if that were done";
        table
            .findings
            .push(error(format!("the lists number images from 0 to {last}, jem needs 1 to {images}: {rest}")));
        rows.iter_mut().flat_map(|(_, ids)| ids).for_each(|id| *id += 1.0);
    }
    let mut lists: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (list, ids) in rows {
        for id in ids {
            match id.fract() == 0.0 && (1.0..=images as f64).contains(&id) {
                true => lists.entry(id as u32).or_default().push(list),
                false => unknown.push(format!("`{list}` names image {id}, outside 1..={images}")),
            }
        }
    }
    table
        .findings
        .extend(few(unknown.into_iter(), &format!("numbers are outside 1..={images}")).into_iter().map(error));
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

    #[test]
    fn labels_from_zero_are_one_finding_and_read_as_they_were_meant() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LABELS), mat("labels", &[0, 101, 5])).unwrap();
        let table = labels(folder.path());
        let found = said(&table);
        assert!(found.len() == 1 && found[0].contains("labels run 0 to 101, jem needs 1 to 102"), "{found:?}");
        assert_eq!(table.rows, Some(vec![Some(1), Some(102), Some(6)]));
    }

    #[test]
    fn many_wrong_labels_are_counted_behind_the_first() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LABELS), mat("labels", &[200; 25])).unwrap();
        let found = said(&labels(folder.path()));
        assert_eq!(found.len(), 11);
        assert!(
            found[9].contains("image 10 has label 200") && found[10].contains("25 labels are outside 1..=102"),
            "{found:?}"
        );
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
        let from_zero = split_of(&[("trnid", &[1, 0]), ("valid", &[2]), ("tstid", &[3])], 4);
        assert!(from_zero.len() == 1 && from_zero[0].contains("from 0 to 3, jem needs 1 to 4"), "{from_zero:?}");
        let twice = split_of(&[("trnid", &[2, 1, 2]), ("valid", &[3]), ("tstid", &[3])], 3);
        assert_eq!(
            twice,
            [
                "error: setid.mat: image 2 is there 2 times: trnid, trnid",
                "error: setid.mat: image 3 is there 2 times: valid, tstid"
            ]
        );
        assert_eq!(split_of(&whole[..2], 4), ["error: setid.mat: no variable `tstid` among trnid, valid"]);
    }

    #[test]
    fn a_split_that_is_not_there_is_a_warning_and_labels_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(said(&split(folder.path(), 3))[0].starts_with("warning: setid.mat: missing"));
        assert_eq!(said(&labels(folder.path())), ["error: imagelabels.mat: missing"]);
    }
}
