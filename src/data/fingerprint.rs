//! A digest of files: what was it made from?

use super::digests::Digests;
use super::error::DataError;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// The SHA-256, as hex, over the name and the SHA-256 of the contents of each file, in the order given.
///
/// Names are relative to `root`, so a moved folder keeps its fingerprint; a changed byte, name or order does not.
///
/// # Errors
///
/// The first file, in the order given, that cannot be read.
pub fn fingerprint(root: &Path, files: &[String], digests: &Digests) -> Result<String, DataError> {
    let digests: Vec<_> = files.par_iter().map(|name| digests.of(&root.join(name))).collect();
    let mut whole = Sha256::new();
    for (name, digest) in files.iter().zip(digests) {
        // The length keeps the end of a name from being read as the start of a digest.
        whole.update((name.len() as u64).to_le_bytes());
        whole.update(name.as_bytes());
        whole.update(digest?);
    }
    Ok(hex::encode(whole.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(files: &[(&str, &str)], order: &[&str]) -> Result<String, DataError> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let digests = Digests::open(folder.path());
        fingerprint(folder.path(), &order.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), &digests)
    }

    #[test]
    fn a_fingerprint_is_of_names_contents_and_order_and_not_of_the_place() {
        let files = [("a", "one"), ("b", "two")];
        let expected = print(&files, &["a", "b"]).unwrap();
        assert_eq!(expected, print(&files, &["a", "b"]).unwrap());
        assert_ne!(expected, print(&files, &["b", "a"]).unwrap());
        assert_ne!(expected, print(&[("a", "two"), ("b", "one")], &["a", "b"]).unwrap());
        assert_ne!(expected, print(&[("a", "one"), ("c", "two")], &["a", "c"]).unwrap());
    }

    #[test]
    fn a_fingerprint_is_the_documented_digest() {
        // python: h = hashlib.sha256; h((1).to_bytes(8, "little") + b"a" + h(b"one").digest()).hexdigest()
        assert_eq!(
            print(&[("a", "one")], &["a"]).unwrap(),
            "a50cd69a68102583d9b288f9be871bd2ef4c129f224d999621fac6ea3885f152"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = print(&[("a", "one")], &["a", "gone"]).unwrap_err();
        assert!(error.to_string().ends_with("gone: cannot be read"), "{error}");
        assert!(error.help().unwrap().contains("has to be there"));
    }
}
