//! Which files are there.

use super::finding::{Finding, Kind};
use crate::data::Part;
use std::collections::BTreeSet;
use std::path::Path;

/// The pictures or caption files of one part, as paths below the root.
pub(super) type Files = BTreeSet<String>;

/// Lists a part's folder. Other files than pictures and texts are no business of ours.
pub(super) fn list(root: &Path, part: Part, findings: &mut Vec<Finding>) -> Files {
    let mut files = Files::new();
    match part {
        Part::Captions => {
            for class in names(root, part.entry(), findings) {
                if root.join(&class).is_dir() {
                    files.extend(names(root, &class, findings).into_iter().filter(|name| ends(name, &["txt"])));
                }
            }
        }
        _ => files
            .extend(names(root, part.entry(), findings).into_iter().filter(|name| ends(name, &["jpg", "jpeg", "png"]))),
    }
    files
}

/// The image number in a name like `jpg/image_00001.jpg`, whatever else is in it.
pub(super) fn number(name: &str) -> Option<u32> {
    let stem = name.rsplit('/').next()?.split('.').next()?;
    let digits = stem.strip_prefix("image_").or_else(|| stem.strip_prefix("segmim_"))?;
    let plain = digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten().filter(|&id| id > 0)
}

fn ends(name: &str, endings: &[&str]) -> bool {
    // Other systems leave companions of files whose names begin with a dot.
    let last = name.rsplit('/').next().unwrap_or_default();
    !last.starts_with('.') && last.rsplit_once('.').is_some_and(|(_, end)| endings.contains(&end))
}

fn names(root: &Path, folder: &str, findings: &mut Vec<Finding>) -> Vec<String> {
    let entries = std::fs::read_dir(root.join(folder)).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    match entries {
        Ok(entries) => {
            entries.iter().map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())).collect()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            findings.push(Finding::error(folder, Kind::Damaged, format!("cannot be read: {error}")));
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_official_names_alone() {
        assert_eq!(number("jpg/image_00012.jpg"), Some(12));
        assert_eq!(number("segmim/segmim_00001.jpg"), Some(1));
        assert_eq!(number("text_c10/class_00001/image_08189.txt"), Some(8189));
        for name in ["jpg/image_12.jpg", "jpg/image_00000.jpg", "jpg/flower.jpg", "jpg/image_+0012.jpg"] {
            assert_eq!(number(name), None, "{name}");
        }
    }
}
