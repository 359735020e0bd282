//! What can go wrong while files are fetched.

use super::digest::OtherDigest;
use crate::file_kind::FileKind;
use std::path::{Path, PathBuf};

/// An error of fetching a file.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file or folder cannot be read or written.
    #[error("{}: cannot be read or written", .path.display())]
    Disk {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Another process fetches into the same folder.
    #[error("{}: another jem fetches into this folder", .path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The server answers, but not with the file.
    #[error("{url}: the server answers {status}")]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server cannot be asked.
    #[error("{url}: cannot be fetched: {why}")]
    Refused {
        /// The address.
        url: String,
        /// What the client said.
        why: String,
    },
    /// The connection broke again and again.
    #[error("{url}: given up after {attempts} attempts without a byte more than {held}: {why}")]
    Cut {
        /// The address.
        url: String,
        /// How many attempts in a row brought nothing.
        attempts: u32,
        /// How many bytes are held for the next time.
        held: u64,
        /// What happened last.
        why: String,
    },
    /// More bytes come than the file can have.
    #[error("{url}: more than the {at_most} bytes that it could have")]
    Long {
        /// The address.
        url: String,
        /// The limit.
        at_most: u64,
    },
    /// What came is not the file.
    #[error("{name}: not the right file{}", set_aside(.aside))]
    Wrong {
        /// The file's name.
        name: String,
        /// Where it was put, if it was fetched.
        aside: Option<PathBuf>,
        /// Why it is not.
        source: WrongFile,
    },
    /// What is in the folder already is not what would be fetched.
    #[error("{}: is there already, and is another file", .path.display())]
    There {
        /// The file.
        path: PathBuf,
        /// Why it is not.
        source: WrongFile,
    },
    /// The lock file cannot be understood.
    #[error("{}: not a lock file", .path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What is wrong in it.
        source: toml::de::Error,
    },
}

fn set_aside(path: &Option<PathBuf>) -> String {
    path.as_ref().map_or_else(String::new, |path| format!(", set aside as {}", path.display()))
}

/// Why a file does not look from within like what it should be.
pub type Unfit = Box<dyn std::error::Error + Send + Sync>;

/// Why a file is not the one that it should be.
#[derive(Debug, thiserror::Error)]
pub enum WrongFile {
    /// Its digest is not the published one.
    #[error(transparent)]
    Digest(#[from] OtherDigest),
    /// It is not the one that was trusted before.
    #[error(transparent)]
    Changed(Box<Changed>),
    /// A page for people came instead, a message of the server, or a pointer to the file.
    #[error("{0} came instead of the file")]
    Kind(FileKind),
    /// It is not of the kind that it should be.
    #[error(transparent)]
    Unfit(Unfit),
}

/// A file that is not the one that was trusted before.
#[derive(Debug, thiserror::Error)]
#[error("its SHA-256 is {found}, that of {date} was {expected}")]
pub struct Changed {
    /// The SHA-256 in the lock file, in hex.
    pub expected: String,
    /// The file's, in hex.
    pub found: String,
    /// When the first one was fetched.
    pub date: String,
    /// The lock file's name.
    pub lock: &'static str,
}

impl FetchError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            FetchError::Disk { .. } => Some("choose a folder that you may write to, with --to FOLDER".into()),
            FetchError::Busy { .. } => Some("wait for it, or fetch into another folder with --to".into()),
            FetchError::Status { status: 404 | 410, .. } => {
                Some("the file is not there any more: name a mirror with --from BASE-URL".into())
            }
            FetchError::Status { .. } => Some("try later, or name a mirror with --from BASE-URL".into()),
            FetchError::Refused { .. } | FetchError::Cut { held: 0, .. } => {
                Some("is there a network? HTTPS_PROXY names a proxy, and --from BASE-URL a mirror".into())
            }
            FetchError::Cut { .. } => Some("the same command goes on where it stopped".into()),
            FetchError::Long { .. } => Some("see with a browser what is at this address; --from names a mirror".into()),
            FetchError::Wrong { name, source, .. } => Some(remedy(name, source)),
            FetchError::There { path, .. } => {
                Some(format!("move {} away, or fetch into another folder with --to", path.display()))
            }
            FetchError::Lock { .. } => Some("mend it, or remove it to trust what comes next".into()),
        }
    }
}

fn remedy(name: &str, why: &WrongFile) -> String {
    match why {
        WrongFile::Kind(FileKind::WebPage) => {
            "open the address in a browser: a network may want a login, and a server may have moved \
                            the file; --from names a mirror"
                .into()
        }
        WrongFile::Kind(FileKind::LfsPointer) => {
            "the server holds a pointer to the file and not the file itself: --from names a mirror that holds it".into()
        }
        WrongFile::Changed(changed) => {
            format!("if the new file is right, remove the entry `{name}` from {} and fetch again", changed.lock)
        }
        _ => "fetch again; if it comes out the same, the server has another file: --from names a mirror".into(),
    }
}

/// The error about a file that cannot be read or written.
pub fn disk(path: &Path) -> impl FnOnce(std::io::Error) -> FetchError {
    let path = path.to_owned();
    move |source| FetchError::Disk { path, source }
}
