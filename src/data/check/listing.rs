//! Listing of the files of a data set.

use super::finding::{Finding, FindingKind};
use crate::data::LayoutPart;
use std::collections::BTreeSet;
use std::path::Path;

/// The image or caption files of one part, as paths below the root.
pub(super) type Files = BTreeSet<String>;

/// Lists the folder of a part. Only image files and text files are listed.
pub(super) fn list(root: &Path, part: LayoutPart, findings: &mut Vec<Finding>) -> Files {
    let mut files = Files::new();
    match part {
        LayoutPart::Captions => {
            for class in names(root, part.entry(), findings) {
                if root.join(&class).is_dir() {
                    files
                        .extend(names(root, &class, findings).into_iter().filter(|name| has_extension(name, &["txt"])));
                }
            }
        }
        _ => files.extend(
            names(root, part.entry(), findings).into_iter().filter(|name| has_extension(name, &["jpg", "jpeg", "png"])),
        ),
    }
    files
}

/// The image number in a name like `jpg/image_00001.jpg`, `segmim_00001.jpg` or `image_00001.txt`.
pub(super) fn image_number(name: &str) -> Option<u32> {
    let stem = name.rsplit('/').next()?.split('.').next()?;
    let digits = stem.strip_prefix("image_").or_else(|| stem.strip_prefix("segmim_"))?;
    let plain = digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten().filter(|&id| id > 0)
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    // Some systems add hidden files whose names begin with a dot.
    let last = name.rsplit('/').next().unwrap_or_default();
    !last.starts_with('.') && last.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
}

fn names(root: &Path, folder: &str, findings: &mut Vec<Finding>) -> Vec<String> {
    let entries = std::fs::read_dir(root.join(folder)).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    match entries {
        Ok(entries) => {
            entries.iter().map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())).collect()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            findings.push(Finding::error(folder, FindingKind::Damaged, format!("cannot be read: {error}")));
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_official_names_have_an_image_number() {
        assert_eq!(image_number("jpg/image_00012.jpg"), Some(12));
        assert_eq!(image_number("segmim/segmim_00001.jpg"), Some(1));
        assert_eq!(image_number("text_c10/class_00001/image_08189.txt"), Some(8189));
        for name in ["jpg/image_12.jpg", "jpg/image_00000.jpg", "jpg/flower.jpg", "jpg/image_+0012.jpg"] {
            assert_eq!(image_number(name), None, "{name}");
        }
    }
}
