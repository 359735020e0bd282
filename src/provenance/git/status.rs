//! Parsing the machine-readable output of `git status` and `git ls-tree`.

use std::collections::HashMap;

/// An entry in the tree of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Its mode.
    pub mode: String,
    /// The id of its object.
    pub id: String,
}

impl TreeEntry {
    /// Whether the entry is a submodule.
    pub fn is_submodule(&self) -> bool {
        self.mode == "160000"
    }
}

/// A tracked file that differs from the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackedChange {
    /// Its path, relative to the root of the repository.
    pub name: Vec<u8>,
    /// Its entry in the commit; `None` if there is none.
    pub before: Option<TreeEntry>,
    /// Its mode now; zeros if it was deleted.
    pub mode: String,
    /// Whether it is a submodule now.
    pub submodule: bool,
    /// Whether it has a merge conflict. The status then does not contain the entry in the commit.
    pub conflict: bool,
}

/// Parses the output of `git status --porcelain=v2 -z` without rename detection.
///
/// # Errors
///
/// The record that has an unknown format.
pub fn changes(output: &[u8]) -> Result<Vec<TrackedChange>, String> {
    let records = output.split(|byte| *byte == 0).filter(|record| !record.is_empty());
    let tracked = records.filter(|record| !matches!(record[0], b'#' | b'?' | b'!'));
    tracked.map(|record| change(record).ok_or_else(|| String::from_utf8_lossy(record).into_owned())).collect()
}

fn change(record: &[u8]) -> Option<TrackedChange> {
    // The number of fields before the name, and the positions of the mode now, and of the mode and object in the
    // commit.
    let conflict = record[0] == b'u';
    let (fields, now, before) = match record[0] {
        b'1' => (8, 5, Some((3, 6))),
        b'u' => (10, 6, None),
        _ => return None,
    };
    let split: Vec<&[u8]> = record.splitn(fields + 1, |byte| *byte == b' ').collect();
    let [head @ .., name] = &split[..] else { return None };
    if head.len() != fields {
        return None;
    }
    let text = |field: usize| String::from_utf8_lossy(head[field]).into_owned();
    let before = before.map(|(mode, id)| TreeEntry { mode: text(mode), id: text(id) });
    let submodule = head[2].starts_with(b"S");
    Some(TrackedChange {
        name: name.to_vec(),
        before: before.filter(|entry| entry.mode != "000000"),
        mode: text(now),
        submodule,
        conflict,
    })
}

/// Parses the output of `git ls-tree -z`, by name.
pub fn entries(output: &[u8]) -> HashMap<Vec<u8>, TreeEntry> {
    let records = output.split(|byte| *byte == 0);
    let entry = |record: &[u8]| {
        let tab = record.iter().position(|byte| *byte == b'\t')?;
        let text = std::str::from_utf8(&record[..tab]).ok()?;
        let mut fields = text.split(' ');
        let (mode, _, id) = (fields.next()?, fields.next()?, fields.next()?);
        Some((record[tab + 1..].to_vec(), TreeEntry { mode: mode.to_owned(), id: id.to_owned() }))
    };
    records.filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_unchanged() {
        let zeros = "0".repeat(40);
        let output = [
            b"1 .M N... 100644 100644 100755 12 34 a b\n.toml\0".to_vec(),
            [format!("1 A. N... 000000 100644 100644 {zeros} 34 ").as_bytes(), b"\xff\0"].concat(),
            b"1 .M SC.U 160000 160000 160000 12 34 lib\0".to_vec(),
            b"u UU N... 100644 100644 100644 100644 1 2 3 x y\0".to_vec(),
            b"? new file\0".to_vec(),
        ]
        .concat();
        let changes = changes(&output).unwrap();
        let names: Vec<&[u8]> = changes.iter().map(|change| &change.name[..]).collect();
        assert_eq!(names, [&b"a b\n.toml"[..], b"\xff", b"lib", b"x y"]);
        let before = TreeEntry { mode: "100644".to_owned(), id: "12".to_owned() };
        assert_eq!((changes[0].before.as_ref(), changes[0].mode.as_str()), (Some(&before), "100755"));
        assert_eq!((&changes[1].before, changes[2].submodule, changes[3].conflict), (&None, true, true));
    }

    #[test]
    fn an_unknown_record_is_an_error() {
        assert!(changes(b"3 new form\0").is_err());
        assert!(changes(b"1 .M N... name\0").is_err());
    }

    #[test]
    fn a_tree_is_read_by_name() {
        let entries = entries(b"100644 blob 12\ta b\x00160000 commit 34\tlib\n\0");
        assert_eq!(entries[&b"a b"[..]].id, "12");
        assert!(entries[&b"lib\n"[..]].is_submodule());
    }
}
