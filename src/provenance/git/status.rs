//! What git says has changed, from the output that is made for programs.

use std::collections::HashMap;

/// What a commit has under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its mode.
    pub mode: String,
    /// The id of its object.
    pub id: String,
}

impl Entry {
    /// Of a submodule.
    pub fn is_submodule(&self) -> bool {
        self.mode == "160000"
    }
}

/// A tracked file that differs from the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its name from the root of the repository.
    pub name: Vec<u8>,
    /// What the commit has; `None` if it has nothing under the name.
    pub before: Option<Entry>,
    /// Its mode now; zeros if it is gone.
    pub mode: String,
    /// Whether it is a repository of its own now.
    pub submodule: bool,
    /// Whether it is in conflict. What the commit has is then not known from the status.
    pub conflict: bool,
}

/// The changes in what `git status --porcelain=v2 -z` prints without looking for renames.
///
/// # Errors
///
/// The record that is not understood.
pub fn changes(output: &[u8]) -> Result<Vec<Changed>, String> {
    let records = output.split(|byte| *byte == 0).filter(|record| !record.is_empty());
    let tracked = records.filter(|record| !matches!(record[0], b'#' | b'?' | b'!'));
    tracked.map(|record| change(record).ok_or_else(|| String::from_utf8_lossy(record).into_owned())).collect()
}

fn change(record: &[u8]) -> Option<Changed> {
    // Fields before the name, and which of them are the mode in the working tree, and the commit's mode and object.
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
    let before = before.map(|(mode, id)| Entry { mode: text(mode), id: text(id) });
    let submodule = head[2].starts_with(b"S");
    Some(Changed {
        name: name.to_vec(),
        before: before.filter(|entry| entry.mode != "000000"),
        mode: text(now),
        submodule,
        conflict,
    })
}

/// What `git ls-tree -z` prints, by name.
pub fn entries(output: &[u8]) -> HashMap<Vec<u8>, Entry> {
    let records = output.split(|byte| *byte == 0);
    let entry = |record: &[u8]| {
        let tab = record.iter().position(|byte| *byte == b'\t')?;
        let text = std::str::from_utf8(&record[..tab]).ok()?;
        let mut fields = text.split(' ');
        let (mode, _, id) = (fields.next()?, fields.next()?, fields.next()?);
        Some((record[tab + 1..].to_vec(), Entry { mode: mode.to_owned(), id: id.to_owned() }))
    };
    records.filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_they_are() {
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
        let before = Entry { mode: "100644".to_owned(), id: "12".to_owned() };
        assert_eq!((changes[0].before.as_ref(), changes[0].mode.as_str()), (Some(&before), "100755"));
        assert_eq!((&changes[1].before, changes[2].submodule, changes[3].conflict), (&None, true, true));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
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
