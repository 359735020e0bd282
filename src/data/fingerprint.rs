//! A digest over several files.

use super::digests::DigestCache;
use super::error::DataError;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// The SHA-256, in hex, over the name and the SHA-256 of the contents of each file, in the order of `files`.
///
/// Names are relative to `root`, so the fingerprint of a moved folder stays the same. It changes with a byte of a file,
/// a name or the order.
///
/// # Errors
///
/// The first file, in the order of `files`, that cannot be read.
pub fn fingerprint(root: &Path, files: &[String], digests: &DigestCache) -> Result<String, DataError> {
    let digests: Vec<_> = files.par_iter().map(|name| digests.sha256(&root.join(name))).collect();
    let mut hash = Sha256::new();
    for (name, digest) in files.iter().zip(digests) {
        // Without the length, the end of a name could be part of the digest that follows.
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(digest?);
    }
    Ok(hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(files: &[(&str, &str)], order: &[&str]) -> Result<String, DataError> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let digests = DigestCache::open(folder.path());
        fingerprint(folder.path(), &order.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), &digests)
    }

    #[test]
    fn a_fingerprint_depends_on_names_contents_and_order_and_not_on_the_root() {
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
    fn the_error_about_a_missing_file_names_it() {
        let error = print(&[("a", "one")], &["a", "missing"]).unwrap_err();
        assert!(error.to_string().ends_with("missing: cannot be read"), "{error}");
        assert!(error.help().unwrap().contains("must exist"));
    }
}
