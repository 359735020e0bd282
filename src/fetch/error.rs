//! Errors of fetching files.

use crate::file_kind::FileKind;
use std::path::{Path, PathBuf};

/// An error of fetching a file.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file or folder cannot be read or written.
    #[error("{}: cannot be read or written", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// Another process fetches into the same folder.
    #[error("{}: another jem process fetches into this folder", .path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The server returned an error.
    #[error("{url}: the server returned HTTP status {status}")]
    Status {
        /// The URL.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The request cannot be sent.
    #[error("{url}: the request failed: {reason}")]
    Request {
        /// The URL.
        url: String,
        /// The error of the HTTP client.
        reason: String,
    },
    /// The connection failed too often.
    #[error("{url}: the download stopped at {bytes} bytes after {attempts} failed attempts: {reason}")]
    Interrupted {
        /// The URL.
        url: String,
        /// The number of consecutive attempts without new bytes.
        attempts: u32,
        /// The number of bytes that exist and will be used by the next download.
        bytes: u64,
        /// The last error.
        reason: String,
    },
    /// The server sends more bytes than the file can have.
    #[error("{url}: larger than the limit of {max_bytes} bytes")]
    TooLarge {
        /// The URL.
        url: String,
        /// The limit.
        max_bytes: u64,
    },
    /// The downloaded file is not the expected one.
    #[error("{name}: not the expected file{}", move_note(.moved_to))]
    WrongFile {
        /// The name of the file.
        name: String,
        /// Where the file was moved, if jem downloaded it.
        moved_to: Option<PathBuf>,
        /// The difference.
        source: WrongFile,
    },
    /// An existing file in the folder is not the expected one.
    #[error("{}: the file exists and is not the expected file", .path.display())]
    ExistingFile {
        /// The file.
        path: PathBuf,
        /// The difference.
        source: WrongFile,
    },
    /// The lock file is invalid.
    #[error("{}: invalid lock file", .path.display())]
    InvalidLock {
        /// The lock file.
        path: PathBuf,
        /// The syntax error.
        source: toml::de::Error,
    },
}

fn move_note(path: &Option<PathBuf>) -> String {
    path.as_ref().map_or_else(String::new, |path| format!(", moved to {}", path.display()))
}

/// Why a file does not have the expected format.
pub type FormatError = Box<dyn std::error::Error + Send + Sync>;

/// Why a file is not the expected one.
#[derive(Debug, thiserror::Error)]
pub enum WrongFile {
    /// Its digest differs from the published one.
    #[error(transparent)]
    Digest(#[from] DigestMismatch),
    /// Its digest differs from the one in the lock file.
    #[error(transparent)]
    Changed(Box<Changed>),
    /// It is a web page, an error message of a server, or a pointer to the file.
    #[error("it is {0}")]
    Kind(FileKind),
    /// It does not have the expected format.
    #[error(transparent)]
    Format(FormatError),
}

/// A digest that differs from the published one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestMismatch {
    /// The MD5 differs.
    #[error("its MD5 is {found}, the published MD5 is {expected}")]
    Md5 {
        /// The published one, in hex.
        expected: &'static str,
        /// The MD5 of the file, in hex.
        found: String,
    },
    /// The SHA-256 differs.
    #[error("its SHA-256 is {found}, the published SHA-256 is {}", abbreviated(.expected))]
    Sha256 {
        /// The published one or its first digits, in hex.
        expected: &'static str,
        /// The SHA-256 of the file, in hex.
        found: String,
    },
}

/// A SHA-256. If only the first digits are known, an ellipsis follows them.
pub(super) fn abbreviated(sha256: &str) -> String {
    let ellipsis = if sha256.len() < 64 { "…" } else { "" };
    format!("{sha256}{ellipsis}")
}

/// A file that differs from the one recorded in the lock file.
#[derive(Debug, thiserror::Error)]
#[error("its SHA-256 is {found}; the file fetched on {date} had {expected}")]
pub struct Changed {
    /// The SHA-256 in the lock file, in hex.
    pub expected: String,
    /// The SHA-256 of the file, in hex.
    pub found: String,
    /// The date on which the recorded file was fetched.
    pub date: String,
    /// The name of the lock file.
    pub lock: &'static str,
}

impl FetchError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            FetchError::Io { .. } => Some("choose a folder with write access, with --to FOLDER".into()),
            FetchError::Busy { .. } => Some("wait for it, or fetch into another folder with --to".into()),
            FetchError::Status { status: 404 | 410, .. } => {
                Some("the file no longer exists: name a mirror with --from BASE-URL".into())
            }
            FetchError::Status { .. } => Some("try later, or name a mirror with --from BASE-URL".into()),
            FetchError::Request { .. } | FetchError::Interrupted { bytes: 0, .. } => {
                Some("check the network; set a proxy with HTTPS_PROXY, or name a mirror with --from BASE-URL".into())
            }
            FetchError::Interrupted { .. } => Some("run the same command again to resume the download".into()),
            FetchError::TooLarge { .. } => {
                Some("open the URL in a browser to see what it contains; name a mirror with --from BASE-URL".into())
            }
            FetchError::WrongFile { name, source, .. } => Some(remedy(name, source)),
            FetchError::ExistingFile { path, .. } => {
                Some(format!("move {} away, or fetch into another folder with --to", path.display()))
            }
            FetchError::InvalidLock { .. } => Some("correct it, or delete it to trust the files fetched next".into()),
        }
    }
}

fn remedy(name: &str, reason: &WrongFile) -> String {
    match reason {
        WrongFile::Kind(FileKind::WebPage) => {
            "open the URL in a browser: the network may require a login, or the file may have been moved; name a \
             mirror with --from BASE-URL"
                .into()
        }
        WrongFile::Kind(FileKind::LfsPointer) => {
            "the server has a pointer to the file, not the file: name a mirror with --from BASE-URL".into()
        }
        WrongFile::Changed(changed) => {
            format!("if the new file is right, remove the entry `{name}` from {} and fetch again", changed.lock)
        }
        _ => "fetch again; if the result is the same, name a mirror with --from BASE-URL".into(),
    }
}

/// Converts an error of reading or writing `path`.
pub fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> FetchError {
    let path = path.to_owned();
    move |source| FetchError::Io { path, source }
}
