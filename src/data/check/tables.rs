//! Check of the two MATLAB files: labels and official split.

use super::finding::{Finding, FindingKind};
use super::image_file::unreadable;
use crate::data::LayoutPart;
use crate::data::mat::{self, MatError};
use crate::data::tables::{LISTS, class, last_from_zero, last_label_from_zero};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The most invalid labels or image numbers that are reported one by one.
const MAX_LISTED: usize = 10;

/// The result for a file.
#[derive(Debug, Default)]
pub(super) struct CheckedTable<T> {
    /// The SHA-256; `None` if the file cannot be read.
    pub digest: Option<[u8; 32]>,
    pub values: T,
    pub findings: Vec<Finding>,
}

/// Reads the class of every image, `None` for an invalid label. The value of the table is `None` if there are no
/// labels.
pub(super) fn check_labels(root: &Path) -> CheckedTable<Option<Vec<Option<u16>>>> {
    let mut table = CheckedTable::default();
    let name = LayoutPart::Labels.entry();
    let error = |message: String| Finding::error(name, FindingKind::Label, message);
    let bytes = match mat::read_file(&root.join(name)) {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(why)) => return CheckedTable { findings: vec![error(with_remedy(&why))], ..table },
        Err(error) => return CheckedTable { findings: vec![unreadable(name, &error)], ..table },
    };
    table.digest = Some(Sha256::digest(&bytes).into());
    let mut labels = match mat::vector(&bytes, "labels") {
        Ok(labels) => labels,
        Err(why) => {
            table.findings.push(error(with_remedy(&why)));
            return table;
        }
    };
    if let Some(last) = last_label_from_zero(&labels) {
        let remedy = "add 1 to every label; the other checks use the corrected labels";
        table.findings.push(error(format!("labels count from 0 to {last}; jem requires 1 to 102: {remedy}")));
        labels.iter_mut().for_each(|label| *label += 1.0);
    }
    let classes: Vec<Option<u16>> = labels.iter().map(|&label| class(label)).collect();
    let invalid = (1u32..).zip(&labels).zip(&classes).filter(|(_, class)| class.is_none()).map(|(of, _)| of);
    let messages = invalid.map(|(image, label)| format!("image {image} has label {label}, outside 1 to 102"));
    table.findings.extend(limited(messages, "labels are outside 1 to 102").into_iter().map(error));
    table.values = Some(classes);
    table
}

/// The error and its remedy: a finding has no field for the remedy.
fn with_remedy(error: &MatError) -> String {
    error.help().map_or_else(|| error.to_string(), |help| format!("{error}: {help}"))
}

/// The first [`MAX_LISTED`] messages, and the total number if there are more.
fn limited(messages: impl Iterator<Item = String>, summary: &str) -> Vec<String> {
    let mut messages: Vec<String> = messages.collect();
    let count = messages.len();
    if count > MAX_LISTED {
        messages.truncate(MAX_LISTED);
        messages.push(format!("{count} {summary}; the first {MAX_LISTED} are listed"));
    }
    messages
}

/// Checks that the official split lists each of `images` images once.
pub(super) fn check_split(root: &Path, images: usize) -> CheckedTable<()> {
    let mut table = CheckedTable::default();
    let name = LayoutPart::Split.entry();
    let error = |message: String| Finding::error(name, FindingKind::Split, message);
    let bytes = match mat::read_file(&root.join(name)) {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(why)) => return CheckedTable { findings: vec![error(with_remedy(&why))], ..table },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let message = "missing: required only for data.split = \"official\"";
            return CheckedTable { findings: vec![Finding::warning(name, FindingKind::Missing, message)], ..table };
        }
        Err(error) => return CheckedTable { findings: vec![unreadable(name, &error)], ..table },
    };
    table.digest = Some(Sha256::digest(&bytes).into());
    let mut lists: Vec<(&str, Vec<f64>)> = Vec::new();
    for list in LISTS {
        match mat::vector(&bytes, list) {
            Ok(ids) => lists.push((list, ids)),
            // Any other error is about the file and would be the same for every list.
            Err(why @ MatError::NoVariable { .. }) => table.findings.push(error(why.to_string())),
            Err(why) => {
                table.findings.push(error(with_remedy(&why)));
                return table;
            }
        }
    }
    let count = u32::try_from(images).unwrap_or(u32::MAX);
    if let Some(last) = last_from_zero(lists.iter().flat_map(|(_, ids)| ids), count) {
        let remedy = "add 1 to every number; the other checks use the corrected numbers";
        let message = format!("the lists count images from 0 to {last}; jem requires 1 to {images}: {remedy}");
        table.findings.push(error(message));
        lists.iter_mut().flat_map(|(_, ids)| ids).for_each(|id| *id += 1.0);
    }
    let mut lists_of_image: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (list, ids) in lists {
        for id in ids {
            match id.fract() == 0.0 && (1.0..=images as f64).contains(&id) {
                true => lists_of_image.entry(id as u32).or_default().push(list),
                false => unknown.push(format!("`{list}` lists image {id}, but the images are 1 to {images}")),
            }
        }
    }
    let summary = format!("image numbers are outside 1 to {images}");
    table.findings.extend(limited(unknown.into_iter(), &summary).into_iter().map(error));
    for (id, lists) in lists_of_image.iter().filter(|(_, lists)| lists.len() > 1) {
        table.findings.push(error(format!("image {id} is listed {} times: {}", lists.len(), lists.join(", "))));
    }
    // If a list cannot be read, all of its images would be reported as missing.
    if table.findings.is_empty() && lists_of_image.len() < images {
        let missing = (1..=images as u32).filter(|id| !lists_of_image.contains_key(id));
        let warn = |id| Finding::warning(name, FindingKind::Split, format!("image {id} is in no list"));
        table.findings.extend(missing.map(warn));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::mat;

    const LABELS: &str = "imagelabels.mat";
    const SPLIT: &str = "setid.mat";

    fn messages<T>(table: &CheckedTable<T>) -> Vec<String> {
        table.findings.iter().map(Finding::to_string).collect()
    }

    #[test]
    fn every_invalid_label_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LABELS), mat("labels", &[0, 5, 103, 102])).unwrap();
        let table = check_labels(folder.path());
        let expected = [1, 3].map(|image| {
            format!(
                "error: imagelabels.mat: image {image} has label {}, outside 1 to 102",
                if image == 1 { 0 } else { 103 }
            )
        });
        assert_eq!(messages(&table), expected);
        assert_eq!(table.values, Some(vec![None, Some(5), None, Some(102)]));
    }

    #[test]
    fn labels_from_zero_are_one_finding_and_are_corrected() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LABELS), mat("labels", &[0, 101, 5])).unwrap();
        let table = check_labels(folder.path());
        let found = messages(&table);
        assert!(
            found.len() == 1 && found[0].contains("labels count from 0 to 101; jem requires 1 to 102"),
            "{found:?}"
        );
        assert_eq!(table.values, Some(vec![Some(1), Some(102), Some(6)]));
    }

    #[test]
    fn of_many_invalid_labels_the_first_are_listed_and_all_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LABELS), mat("labels", &[200; 25])).unwrap();
        let found = messages(&check_labels(folder.path()));
        assert_eq!(found.len(), 11);
        assert!(
            found[9].contains("image 10 has label 200") && found[10].contains("25 labels are outside 1 to 102"),
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
        messages(&check_split(folder.path(), images))
    }

    #[test]
    fn a_split_must_list_each_image_once() {
        let complete: [(&str, &[u8]); 3] = [("trnid", &[2, 1]), ("valid", &[3]), ("tstid", &[4])];
        assert!(split_of(&complete, 4).is_empty());
        assert_eq!(split_of(&complete, 5), ["warning: setid.mat: image 5 is in no list"]);
        assert_eq!(split_of(&complete, 3), ["error: setid.mat: `tstid` lists image 4, but the images are 1 to 3"]);
        let from_zero = split_of(&[("trnid", &[1, 0]), ("valid", &[2]), ("tstid", &[3])], 4);
        assert!(from_zero.len() == 1 && from_zero[0].contains("from 0 to 3; jem requires 1 to 4"), "{from_zero:?}");
        let twice = split_of(&[("trnid", &[2, 1, 2]), ("valid", &[3]), ("tstid", &[3])], 3);
        assert_eq!(
            twice,
            [
                "error: setid.mat: image 2 is listed 2 times: trnid, trnid",
                "error: setid.mat: image 3 is listed 2 times: valid, tstid"
            ]
        );
        assert_eq!(split_of(&complete[..2], 4), ["error: setid.mat: no variable `tstid`; the file has trnid, valid"]);
    }

    #[test]
    fn a_missing_split_is_a_warning_and_missing_labels_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(messages(&check_split(folder.path(), 3))[0].starts_with("warning: setid.mat: missing"));
        assert_eq!(messages(&check_labels(folder.path())), ["error: imagelabels.mat: missing"]);
    }
}
