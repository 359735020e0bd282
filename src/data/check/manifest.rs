//! The digests of all files in the format of `sha256sum -c`.

use super::CheckReport;

impl CheckReport {
    /// One line per file, `<SHA-256>  <path below the root>`, sorted by path. To verify: `cd <root> && sha256sum -c
    /// <manifest>`.
    pub fn manifest(&self) -> String {
        self.digests.iter().map(|(path, digest)| line(path, &hex::encode(digest))).collect()
    }
}

/// If a name has characters that must be escaped, coreutils puts a backslash at the start of the line.
fn line(path: &str, digest: &str) -> String {
    let escaped = path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == path { "" } else { "\\" };
    format!("{mark}{digest}  {escaped}\n")
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_line_equals_that_of_sha256sum() {
        assert_eq!(line("jpg/image_00001.jpg", "00ff"), "00ff  jpg/image_00001.jpg\n");
        // coreutils 9: printf a > $'a\nb\\' && sha256sum *
        assert_eq!(line("a\nb\\", "00ff"), "\\00ff  a\\nb\\\\\n");
    }
}
