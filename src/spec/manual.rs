//! The comments of a base file, which document the settings.

use std::collections::BTreeMap;

/// The comment above each key of a base file, by dotted key, each joined to one line.
///
/// Comments from the first line up to the first blank line describe the file and are skipped. Any other comment without
/// a key below it is listed under the line where it ends, such as `line 12`, so that a test can find it. A key without
/// a comment has an empty one.
pub fn comments(text: &str) -> BTreeMap<String, String> {
    let mut comments = BTreeMap::new();
    let mut table = String::new();
    let mut above: Vec<&str> = Vec::new();
    let header = text.lines().take_while(|line| line.starts_with('#')).count();
    for (number, line) in text.lines().enumerate().skip(header) {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            above.push(comment.trim());
            continue;
        }
        let comment = std::mem::take(&mut above).join(" ");
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = name.to_owned();
        } else if let Some((key, _)) = line.split_once('=') {
            let key = if table.is_empty() { key.trim().to_owned() } else { format!("{table}.{}", key.trim()) };
            comments.insert(key, comment);
            continue;
        }
        if !comment.is_empty() {
            comments.insert(format!("line {number}"), comment);
        }
    }
    if !above.is_empty() {
        comments.insert("the end".to_owned(), above.join(" "));
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{SETTINGS, embedded};

    #[test]
    fn a_comment_belongs_to_the_key_below_it() {
        let text = "# About the file.\n\n[a]\n# One,\n# in two lines.\nb = 1\nc.d = 2\n# Of nothing.\n\n[e]\nf = 1\n";
        let found = comments(text);
        assert_eq!(found["a.b"], "One, in two lines.");
        assert_eq!(found["a.c.d"], "");
        assert_eq!(found["line 8"], "Of nothing.");
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn both_base_files_contain_exactly_every_setting_with_a_comment() {
        let settings: std::collections::BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        for base in ["base/jem.toml", "base/reed.toml"] {
            let comments = comments(embedded(base).unwrap().text);
            let keys: std::collections::BTreeSet<&str> = comments.keys().map(String::as_str).collect();
            assert_eq!(keys, settings, "{base}");
            let uncommented: Vec<&String> =
                comments.iter().filter(|(_, comment)| comment.is_empty()).map(|(key, _)| key).collect();
            assert!(uncommented.is_empty(), "{base}: no comment above {uncommented:?}");
        }
    }
}
