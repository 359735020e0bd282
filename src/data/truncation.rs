//! Detection of truncated JPEG files. The decoder fills the missing part with grey and reports no error, which would
//! put half-grey flowers into the training set.

/// Whether a JPEG has its end marker after the scans (ITU-T T.81, annex B). An embedded thumbnail has an end marker
/// too, so the function parses the segments instead of searching for the marker.
pub(super) fn jpeg_is_complete(bytes: &[u8]) -> bool {
    const FIRST: usize = 2; // after the start marker
    let mut at = FIRST;
    // In each iteration, `at` is the offset of a byte that may begin a marker.
    while let Some(&[mark, code]) = bytes.get(at..at + 2).and_then(|pair| pair.first_chunk()) {
        at += match (mark, code) {
            (0xff, 0xd9) => return true,
            // A fill byte: the second byte may be the 0xff of a marker.
            (0xff, 0xff) => 1,
            // A stuffed 0xff in a scan, a temporary or a restart marker: a marker without a segment.
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8) => 2,
            (0xff, _) => match bytes.get(at + 2..at + 4).and_then(|length| length.first_chunk()) {
                Some(&length) => 2 + usize::from(u16::from_be_bytes(length)),
                None => return false,
            },
            _ => 1,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_marker_is_searched_after_the_segments() {
        let start = [0xff, 0xd8];
        let thumbnail = [0xff, 0xe1, 0, 4, 0xff, 0xd9];
        let scan = [0xff, 0xda, 0, 3, 1, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56];
        let end = [0xff, 0xff, 0xd9];
        assert!(jpeg_is_complete(&[&start[..], &thumbnail, &scan, &end].concat()));
        assert!(!jpeg_is_complete(&[&start[..], &thumbnail, &scan].concat()));
        assert!(!jpeg_is_complete(&[&start[..], &thumbnail[..3]].concat()));
        assert!(!jpeg_is_complete(&[]));
    }
}
