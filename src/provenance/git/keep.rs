//! What of the changes goes into a record: as much as there is room for, and nothing private.

use crate::provenance::secret::{Scan, scan_bytes, scan_patch};

use super::{Repository, lossy, patch};

/// Bytes of changes that are kept. A file whose patch is beyond is left out as a whole.
pub const CAP: usize = 256 << 10;

/// Lines of `withheld`; the others are counted.
const LINES: usize = 200;

/// Repositories within a repository that are looked at.
const REPOSITORIES: usize = 100;

/// The room that is left in a record, with the repositories within.
pub struct Room {
    bytes: usize,
    repositories: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { bytes: CAP, repositories: REPOSITORIES }
    }
}

impl Room {
    /// Takes the room for one more repository, if there is any.
    pub fn repository(&mut self) -> bool {
        self.repositories.checked_sub(1).inspect(|left| self.repositories = *left).is_some()
    }

    fn bytes(&mut self, count: usize) -> bool {
        self.bytes.checked_sub(count).inspect(|left| self.bytes = *left).is_some()
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.bytes
    }
}

impl Repository {
    /// Keeps the patch of a file, which is UTF-8: as it is, or without what looks like a secret. `contents` is what a
    /// binary patch encodes.
    pub(super) fn keep(&mut self, name: &[u8], part: &[u8], contents: &[&[u8]], room: &mut Room) {
        let shown = lossy(name);
        if contents.iter().any(|content| scan_bytes(content)) {
            return self.withhold(&shown, "holds what looks like a secret");
        }
        let part = match std::str::from_utf8(part) {
            Ok(part) => part,
            Err(_) => return self.withhold(&shown, "is no text, and has no patch of another form"),
        };
        // Encoded bytes are no text in which something could be found.
        let scan = match patch::is_binary(part.as_bytes()) {
            true => Scan::Clean(part.to_owned()),
            false => scan_patch(part, &shown),
        };
        match scan {
            Scan::Key => self.withhold(&shown, "holds a private key"),
            Scan::Clean(text) if room.bytes(text.len()) => self.diff.push_str(&text),
            Scan::Redacted(text) if room.bytes(text.len()) => {
                self.redacted.push_str(&text);
                self.withhold(
                    &shown,
                    "what looks like a secret was taken out; its patch, which does not apply, is in `redacted`",
                );
            }
            Scan::Clean(_) | Scan::Redacted(_) => self.beyond(&shown),
        }
    }

    /// Says that a file is left out because it is too much.
    pub(super) fn beyond(&mut self, name: &str) {
        self.cut = true;
        self.withhold(name, &format!("beyond the {} KiB of changes that are kept", CAP >> 10));
    }

    /// Says that a file is left out.
    pub(super) fn withhold(&mut self, name: &str, why: &str) {
        match self.withheld.len() < LINES {
            true => self.withheld.push(format!("{name}: {why}")),
            false => self.unlisted += 1,
        }
    }

    /// Says how much more was left out than is listed.
    pub(super) fn finish_list(&mut self) {
        if self.unlisted > 0 {
            self.withheld.push(format!("and {} more", self.unlisted));
        }
    }
}
