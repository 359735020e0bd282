//! Fetching published files, such as data sets and weights.
//!
//! ```text
//! URL ─ download ─ <name>.part ─ verify ─ <name>
//!        resumable                  │ with the published digest or the lock file
//!                                   └ wrong: <name>.rejected
//! ```
//!
//! A file gets its final name only when it is complete and verified. A published digest is enforced at the official
//! URL. Without one, the first download is trusted: the lock file of the folder records its SHA-256, and a later file
//! that differs is rejected.

mod client;
mod digest;
mod download;
mod error;
mod event;
mod file_fetch;
mod folder;
mod head;
mod lock;
mod part;
#[cfg(test)]
pub(crate) mod server;
mod source;
#[cfg(test)]
mod tests;
pub mod weights;

pub use digest::{Digests, PublishedDigest, compute_digests};
pub use download::RetryPolicy;
pub use error::{Changed, DigestMismatch, FetchError, FormatError, WrongFile, io_error};
pub use event::Event;
pub use file_fetch::FileFetch;
pub use folder::Folder;
pub use head::head;
pub use lock::LockFile;
pub use source::Source;
