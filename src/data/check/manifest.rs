//! The digests of all files, as `sha256sum -c` reads them.

use super::Checked;

impl Checked {
    /// A line a file, `<SHA-256>  <path below the root>`, sorted by path: `cd <root> && sha256sum -c <manifest>`.
    pub fn manifest(&self) -> String {
        self.digests.iter().map(|(path, digest)| line(path, &hex::encode(digest))).collect()
    }
}

/// coreutils begins a line with a backslash where the name has characters that it escapes.
fn line(path: &str, digest: &str) -> String {
    let escaped = path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == path { "" } else { "\\" };
    format!("{mark}{digest}  {escaped}\n")
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_line_is_what_sha256sum_writes() {
        assert_eq!(line("jpg/image_00001.jpg", "00ff"), "00ff  jpg/image_00001.jpg\n");
        // coreutils 9: printf a > $'a\nb\\' && sha256sum *
        assert_eq!(line("a\nb\\", "00ff"), "\\00ff  a\\nb\\\\\n");
    }
}
