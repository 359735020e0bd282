//! Fetching files from where they are published, whatever they are.
//!
//! ```text
//! address ─ download ─ <name>.part ─ examine ─ <name>
//!            goes on where it was cut   │ published digest, or the lock file
//!                                       └ wrong: <name>.rejected
//! ```
//!
//! Nothing gets its final name before it is whole and right. A digest that somebody published is enforced at the
//! official address. Where there is none, the file is trusted as it first came; the folder's lock file holds its
//! SHA-256, and one that differs later is refused.

mod client;
mod digest;
mod download;
mod error;
mod event;
mod folder;
mod lock;
mod look;
mod part;
#[cfg(test)]
pub(crate) mod server;
mod source;
mod wanted;
pub mod weights;

pub use digest::{Digests, OtherDigest, Published, digests};
pub use download::Patience;
pub use error::{Changed, FetchError, Unfit, WrongFile, disk};
pub use event::Event;
pub use folder::Folder;
pub use lock::LockFile;
pub use look::head;
pub use source::Source;
pub use wanted::Wanted;

#[cfg(test)]
mod tests;
