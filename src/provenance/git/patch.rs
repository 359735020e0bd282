//! Patches in git's format, as bytes: splitting them by file, and writing them for files that are new to git.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// The beginning of the first line of a file's patch.
const FIRST: &[u8] = b"diff --git ";

/// The mode of a symbolic link.
pub const LINK: &str = "120000";

/// The first line of the patch of a file. Git quotes a name with special characters; with `ascii`, non-ASCII bytes are
/// special too.
pub fn first_line(name: &[u8], ascii: bool) -> Vec<u8> {
    [FIRST, &quoted(b"a/", name, ascii), b" ", &quoted(b"b/", name, ascii)].concat()
}

/// A name as git writes it in a patch, quoted if necessary.
fn quoted(prefix: &[u8], name: &[u8], ascii: bool) -> Vec<u8> {
    let plain = |byte: &u8| !matches!(byte, 0..0x20 | 0x7f | b'"' | b'\\') && (byte.is_ascii() || !ascii);
    if name.iter().all(plain) {
        return [prefix, name].concat();
    }
    let mut text = [b"\"", prefix].concat();
    for byte in name {
        match byte {
            b'"' | b'\\' => text.extend([b'\\', *byte]),
            0x07..=0x0d => text.extend([b'\\', b"abtnvfr"[usize::from(byte - 7)]]),
            byte if plain(byte) => text.push(*byte),
            byte => text.extend(format!("\\{byte:03o}").bytes()),
        }
    }
    text.push(b'"');
    text
}

/// Splits the patch of several files into (first line, part) of each file. Content lines begin with a space, `+`, `-`
/// or `\`, so they are never taken for a first line.
pub fn parts(patch: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in patch.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(FIRST) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([patch.len()]);
    let part = |(start, end): (usize, usize)| {
        let part = without_notes(&patch[start..end]);
        let first = part.split(|byte| *byte == b'\n').next().unwrap_or(part);
        (first, part)
    };
    starts.iter().copied().zip(ends).map(part).collect()
}

/// Removes the lines at the end of a part in which git reports that the next file is in conflict.
fn without_notes(part: &[u8]) -> &[u8] {
    let mut end = part.len();
    for line in part.split_inclusive(|byte| *byte == b'\n').rev() {
        if !line.starts_with(b"* Unmerged path ") {
            break;
        }
        end -= line.len();
    }
    &part[..end]
}

/// Whether a part is a binary patch, with encoded bytes instead of lines.
pub fn is_binary(part: &[u8]) -> bool {
    header(part).ends_with(b"GIT binary patch\n")
}

/// The lines before the change, including the line that begins a binary patch.
fn header(part: &[u8]) -> &[u8] {
    let mut end = 0;
    for line in part.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"--- ") || line.starts_with(b"@@ ") {
            break;
        }
        end += line.len();
        if line == b"GIT binary patch\n" {
            break;
        }
    }
    &part[..end]
}

/// The object id of the file after the change.
pub fn id_afterwards(part: &[u8]) -> Option<String> {
    let lines = header(part).split(|byte| *byte == b'\n');
    let ids = lines.filter_map(|line| line.strip_prefix(b"index ")).next()?;
    let text = std::str::from_utf8(ids).ok()?;
    Some(text.split(' ').next()?.split_once("..")?.1.to_owned())
}

/// The change of a part with lines as a binary patch, for text that is not UTF-8. `content` is the new content.
pub fn as_binary(part: &[u8], content: &[u8]) -> Vec<u8> {
    [header(part), &binary(content)].concat()
}

/// The patch that creates a file. `id` computes the object id of the content; it is only called if the content is not
/// text.
///
/// # Errors
///
/// Those of `id`.
pub fn new_file<E>(
    name: &[u8],
    mode: &str,
    content: &[u8],
    id: impl FnOnce() -> Result<String, E>,
) -> Result<Vec<u8>, E> {
    let ascii = std::str::from_utf8(name).is_err();
    let mut patch = [&first_line(name, ascii), format!("\nnew file mode {mode}\n").as_bytes()].concat();
    if content.contains(&0) || std::str::from_utf8(content).is_err() {
        let id = id()?;
        patch.extend(format!("index {}..{id}\n", "0".repeat(id.len())).bytes());
        patch.extend(binary(content));
        return Ok(patch);
    }
    let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.is_empty() {
        return Ok(patch);
    }
    // Git ends a name that contains spaces with a tab.
    let end: &[u8] = if name.contains(&b' ') { b"\t\n" } else { b"\n" };
    patch.extend([b"--- /dev/null\n+++ ", &quoted(b"b/", name, ascii)[..], end].concat());
    patch.extend(match lines.len() {
        1 => b"@@ -0,0 +1 @@\n".to_vec(),
        count => format!("@@ -0,0 +1,{count} @@\n").into_bytes(),
    });
    for line in lines {
        patch.push(b'+');
        patch.extend(line);
    }
    if !content.ends_with(b"\n") {
        patch.extend(b"\n\\ No newline at end of file\n");
    }
    Ok(patch)
}

/// Encodes content as git does in a binary patch: zlib, then base 85 (five characters for four bytes), 52 bytes a line.
fn binary(content: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let mut patch = format!("GIT binary patch\nliteral {}\n", content.len()).into_bytes();
    for line in compressed(content).chunks(52) {
        let length = u8::try_from(line.len()).expect("a line has 52 bytes at most");
        patch.push(if length <= 26 { b'A' + length - 1 } else { b'a' + length - 27 });
        for group in line.chunks(4) {
            let mut bytes = [0; 4];
            bytes[..group.len()].copy_from_slice(group);
            let number = u32::from_be_bytes(bytes);
            let digits = [85_u32.pow(4), 85_u32.pow(3), 85_u32.pow(2), 85, 1];
            patch.extend(digits.map(|power| DIGITS[(number / power % 85) as usize]));
        }
        patch.push(b'\n');
    }
    patch.push(b'\n');
    patch
}

fn compressed(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_git_quotes_them() {
        let line = |name: &[u8], ascii| String::from_utf8(first_line(name, ascii)).unwrap();
        assert_eq!(line(b"a b.txt", false), "diff --git a/a b.txt b/a b.txt");
        assert_eq!(line("é".as_bytes(), false), "diff --git a/é b/é");
        assert_eq!(line("é".as_bytes(), true), r#"diff --git "a/\303\251" "b/\303\251""#);
        assert_eq!(line(b"a\n\"\\\x01\x7f", false), r#"diff --git "a/a\n\"\\\001\177" "b/a\n\"\\\001\177""#);
    }

    #[test]
    fn a_part_begins_at_a_first_line_and_not_at_similar_content() {
        let patch = b"* Unmerged path x\ndiff --git a/x b/x\n@@ -1 +1 @@\n-diff --git a/.env b/.env\n+b\n* Unmerged path y\ndiff --git a/y b/y\nold mode 100644\n";
        let parts = parts(patch);
        let first: Vec<&[u8]> = parts.iter().map(|(first, _)| *first).collect();
        assert_eq!(first, [b"diff --git a/x b/x", b"diff --git a/y b/y"]);
        assert!(parts[0].1.ends_with(b"+b\n"));
    }

    #[test]
    fn the_header_of_a_part_has_the_object_id_after_the_change() {
        let part = b"diff --git a/x b/x\nindex 12..34 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+index 5..6\n";
        assert_eq!(id_afterwards(part).unwrap(), "34");
        assert!(!is_binary(part) && is_binary(&as_binary(part, b"\xff")));
    }
}
