//! The order of resources in a PDF file.

/// The prefixes of the names that the converter gives to resources.
const PREFIXES: [&str; 6] = ["xo", "gs", "po", "sh", "fo", "cs"];

/// The file with the entries of each dictionary of resources sorted. The converter writes them in the order of a hash
/// map, which differs from call to call. The entries of a dictionary are on successive lines, so the objects keep their
/// lengths and their places.
pub fn in_order(pdf: Vec<u8>) -> Vec<u8> {
    let mut sorted: Vec<u8> = Vec::with_capacity(pdf.len());
    let mut entries: Vec<&[u8]> = Vec::new();
    let (mut at, mut length) = (0, 0);
    while at < pdf.len() {
        let end = pdf[at..].iter().position(|byte| *byte == b'\n').map_or(pdf.len(), |line| at + line + 1);
        let line = &pdf[at..end];
        at = end;
        if is_entry(line) {
            entries.push(line);
            continue;
        }
        // By length first: /xo9 is before /xo10.
        entries.sort_by_key(|entry| (entry.iter().position(|byte| byte.is_ascii_digit()), entry.len(), *entry));
        entries.drain(..).for_each(|entry| sorted.extend_from_slice(entry));
        sorted.extend_from_slice(line);
        if let Some(found) = length_of_stream(line) {
            length = found;
        }
        if line.trim_ascii() == b"stream" {
            let end = (at + length).min(pdf.len());
            sorted.extend_from_slice(&pdf[at..end]);
            (at, length) = (end, 0);
        }
    }
    sorted.extend(entries.concat());
    sorted
}

/// Whether a line is an entry such as `/xo7 21 0 R`.
fn is_entry(line: &[u8]) -> bool {
    let Some(name) = std::str::from_utf8(line).ok().and_then(|line| line.trim_start().strip_prefix('/')) else {
        return false;
    };
    PREFIXES
        .iter()
        .filter_map(|prefix| name.strip_prefix(prefix))
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The number of a line `/Length 123`.
fn length_of_stream(line: &[u8]) -> Option<usize> {
    std::str::from_utf8(line).ok()?.trim().strip_prefix("/Length ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_sorted_and_streams_stay() {
        let pdf =
            b"1 0 obj\n<<\n  /xo10 4 0 R\n  /xo9 3 0 R\n>>\n<<\n  /gs2 1 0 R\n  /gs1 2 0 R\n  /Length 24\n>>\nstream\n\
            /xo2 1 0 R\n/xo1 1 0 R\nx\nendstream\n";
        let text = String::from_utf8(in_order(pdf.to_vec())).unwrap();
        assert!(text.contains("<<\n  /xo9 3 0 R\n  /xo10 4 0 R\n>>"), "{text}");
        assert!(text.contains("<<\n  /gs1 2 0 R\n  /gs2 1 0 R\n  /Length"), "{text}");
        assert!(text.contains("stream\n/xo2 1 0 R\n/xo1 1 0 R\nx\nendstream\n"), "{text}");
        assert_eq!(text.len(), pdf.len());
    }
}
