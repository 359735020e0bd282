//! Scanning the patch of a file for secrets.

use super::line_redactor::LineRedactor;
use super::text_kind::TextKind;
use super::token;

/// The result of scanning a text for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanResult {
    /// No secret was found; the unchanged patch.
    Clean(String),
    /// Secrets were found; the patch with `[redacted]` in their place, which does not apply.
    Redacted(String),
    /// A private key was found.
    PrivateKey,
}

/// Scans the patch of the file at `path`. The file name determines how values are found ([`TextKind`]).
pub fn scan_patch(patch: &str, path: &str) -> ScanResult {
    if token::contains_private_key(patch) {
        return ScanResult::PrivateKey;
    }
    let mut lines = LineRedactor::new(TextKind::of(path));
    let mut clean = String::with_capacity(patch.len());
    let mut found = false;
    let mut in_text = false;
    for line in patch.split_inclusive('\n') {
        if line.starts_with("diff --git ") {
            in_text = false;
        }
        if let Some(rest) = line.strip_prefix("@@ ") {
            in_text = true;
            lines = LineRedactor::new(TextKind::of(path));
            // A line of the file may follow the line numbers; `git apply` needs only the numbers.
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
        let redacted = token::redacted(&assigned);
        found |= redacted != text;
        clean.push_str(sign);
        clean.push_str(&redacted);
    }
    if found { ScanResult::Redacted(clean) } else { ScanResult::Clean(clean) }
}

/// Redacts a single line of the file at `path`.
fn redacted(line: &str, path: &str) -> String {
    token::redacted(&LineRedactor::new(TextKind::of(path)).redacted(line)).into_owned()
}

/// Whether bytes that are not UTF-8 text contain a likely secret. UTF-16 with a byte order mark is decoded.
pub fn scan_bytes(bytes: &[u8]) -> bool {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        // Keys and values are only searched in text: other bytes would give false matches.
        _ if bytes.contains(&0) => {
            let text = String::from_utf8_lossy(bytes);
            return token::contains_private_key(&text) || token::redacted(&text) != text;
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    token::contains_private_key(&text) || super::redacted(&text) != text
}

fn wide(bytes: &[u8], number: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| number([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
