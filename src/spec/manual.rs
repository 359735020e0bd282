//! The comments of a base file: they are the manual of the settings.

use std::collections::BTreeMap;

/// The comment above each key of a base file, by dotted key, in one line each.
///
/// Comments at the head of the file, up to the first blank line, are about the file. Any other comment that no key
/// follows is listed under the line that it ends on, such as `line 12`, so that a test can refuse it; a key that no
/// comment stands above has an empty one.
pub fn comments(text: &str) -> BTreeMap<String, String> {
    let mut comments = BTreeMap::new();
    let mut group = String::new();
    let mut above: Vec<&str> = Vec::new();
    let head = text.lines().take_while(|line| line.starts_with('#')).count();
    for (number, line) in text.lines().enumerate().skip(head) {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            above.push(comment.trim());
            continue;
        }
        let comment = std::mem::take(&mut above).join(" ");
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            group = name.to_owned();
        } else if let Some((key, _)) = line.split_once('=') {
            let key = if group.is_empty() { key.trim().to_owned() } else { format!("{group}.{}", key.trim()) };
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
    fn a_comment_belongs_to_the_key_below_it_and_to_nothing_else() {
        let text = "# About the file.\n\n[a]\n# One,\n# in two lines.\nb = 1\nc.d = 2\n# Of nothing.\n\n[e]\nf = 1\n";
        let found = comments(text);
        assert_eq!(found["a.b"], "One, in two lines.");
        assert_eq!(found["a.c.d"], "");
        assert_eq!(found["line 8"], "Of nothing.");
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn both_base_files_hold_every_setting_and_nothing_else_with_a_comment_each() {
        let settings: std::collections::BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        for base in ["base/jem.toml", "base/reed.toml"] {
            let comments = comments(embedded(base).unwrap().text);
            let keys: std::collections::BTreeSet<&str> = comments.keys().map(String::as_str).collect();
            assert_eq!(keys, settings, "{base}");
            let bare: Vec<&String> =
                comments.iter().filter(|(_, comment)| comment.is_empty()).map(|(key, _)| key).collect();
            assert!(bare.is_empty(), "{base}: no comment above {bare:?}");
        }
    }
}
