//! Adding patches to the record of a repository, up to a size limit and without private content.

use crate::provenance::secret::{ScanResult, scan_bytes, scan_patch};

use super::{Repository, lossy, patch};

/// Maximum bytes of patches in a record. A file whose patch does not fit is left out completely.
pub const MAX_BYTES: usize = 256 << 10;

/// Maximum lines in `withheld`; further ones are counted.
const MAX_LINES: usize = 200;

/// Maximum number of submodules and nested repositories that are recorded.
const MAX_REPOSITORIES: usize = 100;

/// What may still be added to a record, nested repositories included.
pub struct Budget {
    bytes: usize,
    repositories: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: MAX_BYTES, repositories: MAX_REPOSITORIES }
    }
}

impl Budget {
    /// Reserves one more repository; `false` if none is left.
    pub fn take_repository(&mut self) -> bool {
        self.repositories.checked_sub(1).inspect(|left| self.repositories = *left).is_some()
    }

    fn take_bytes(&mut self, count: usize) -> bool {
        self.bytes.checked_sub(count).inspect(|left| self.bytes = *left).is_some()
    }

    /// The remaining bytes.
    pub fn bytes_left(&self) -> usize {
        self.bytes
    }
}

impl Repository {
    /// Adds the patch of a file, with likely secrets redacted. The patch must be UTF-8. `contents` are the contents
    /// that a binary patch encodes.
    pub(super) fn add_patch(&mut self, name: &[u8], part: &[u8], contents: &[&[u8]], budget: &mut Budget) {
        let shown = lossy(name);
        if contents.iter().any(|content| scan_bytes(content)) {
            return self.withhold(&shown, "contains a likely secret");
        }
        let part = match std::str::from_utf8(part) {
            Ok(part) => part,
            Err(_) => return self.withhold(&shown, "is not UTF-8 text, and has no binary patch"),
        };
        // Encoded bytes cannot be scanned; their contents were scanned above.
        let scan = match patch::is_binary(part.as_bytes()) {
            true => ScanResult::Clean(part.to_owned()),
            false => scan_patch(part, &shown),
        };
        match scan {
            ScanResult::PrivateKey => self.withhold(&shown, "contains a private key"),
            ScanResult::Clean(text) if budget.take_bytes(text.len()) => self.diff.push_str(&text),
            ScanResult::Redacted(text) if budget.take_bytes(text.len()) => {
                self.redacted.push_str(&text);
                self.withhold(&shown, "a likely secret was removed; the patch is in `redacted` and does not apply");
            }
            ScanResult::Clean(_) | ScanResult::Redacted(_) => self.withhold_too_large(&shown),
        }
    }

    /// Records that a file is left out because its patch is too large.
    pub(super) fn withhold_too_large(&mut self, name: &str) {
        self.cut = true;
        self.withhold(name, &format!("exceeds the limit of {} KiB for all changes", MAX_BYTES >> 10));
    }

    /// Records that a file is left out.
    pub(super) fn withhold(&mut self, name: &str, why: &str) {
        match self.withheld.len() < MAX_LINES {
            true => self.withheld.push(format!("{name}: {why}")),
            false => self.unlisted += 1,
        }
    }

    /// Adds the number of files that are left out and not listed.
    pub(super) fn finish_withheld(&mut self) {
        if self.unlisted > 0 {
            self.withheld.push(format!("and {} more", self.unlisted));
        }
    }
}
