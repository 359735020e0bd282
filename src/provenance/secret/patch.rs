//! Looking through the patch of a file.

use super::assignment::{Kind, Lines};
use super::form;

/// What was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// Nothing; the text, which still applies.
    Clean(String),
    /// Secrets; the text without them.
    Redacted(String),
    /// A private key.
    Key,
}

/// Looks through the patch of the file at `path`, whose name says how its text is to be read.
pub fn scan_patch(patch: &str, path: &str) -> Scan {
    if form::holds_private_key(patch) {
        return Scan::Key;
    }
    let mut lines = Lines::new(Kind::of(path));
    let mut clean = String::with_capacity(patch.len());
    let mut found = false;
    let mut in_text = false;
    for line in patch.split_inclusive('\n') {
        if line.starts_with("diff --git ") {
            in_text = false;
        }
        if let Some(rest) = line.strip_prefix("@@ ") {
            in_text = true;
            lines = Lines::new(Kind::of(path));
            // A line of the file may stand after the numbers, for people: `git apply` needs the numbers alone.
            let (numbers, heading) = rest.split_once(" @@").unwrap_or((rest, ""));
            let heading = if redacted(heading, path) == heading { heading } else { "\n" };
            clean.push_str(&format!("@@ {numbers} @@{heading}"));
            continue;
        }
        if !in_text {
            clean.push_str(line);
            continue;
        }
        let (sign, text) = line.split_at(line.len().min(1));
        let assigned = lines.redacted(text);
        let redacted = form::redacted(&assigned);
        found |= redacted != text;
        clean.push_str(sign);
        clean.push_str(&redacted);
    }
    if found { Scan::Redacted(clean) } else { Scan::Clean(clean) }
}

/// One line of the file at `path` by itself.
fn redacted(line: &str, path: &str) -> String {
    form::redacted(&Lines::new(Kind::of(path)).redacted(line)).into_owned()
}

/// Whether bytes that are no text hold what looks like a secret. Text of two bytes a character is read as such.
pub fn scan_bytes(bytes: &[u8]) -> bool {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        // Keys and values are found in text alone: in other bytes, much looks like them.
        _ if bytes.contains(&0) => {
            let text = String::from_utf8_lossy(bytes);
            return form::holds_private_key(&text) || form::redacted(&text) != text;
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    form::holds_private_key(&text) || super::redacted(&text) != text
}

fn wide(bytes: &[u8], number: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| number([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
