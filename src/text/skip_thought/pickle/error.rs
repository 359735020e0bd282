//! Errors of reading a pickle.

/// An error of reading a pickle. `at` is the offset in the file in bytes.
#[derive(Debug, thiserror::Error)]
pub enum PickleError {
    /// The file cannot be read.
    #[error("cannot be read at byte {at}")]
    Read {
        /// The offset.
        at: u64,
        /// The reason.
        source: std::io::Error,
    },
    /// A row cannot be written.
    #[error("the rows cannot be written")]
    Write(#[source] std::io::Error),
    /// The file ends before the pickle does.
    #[error("the pickle is truncated at byte {at}")]
    Truncated {
        /// The offset.
        at: u64,
    },
    /// An opcode is not allowed.
    #[error("opcode {name} at byte {at} is not allowed")]
    Opcode {
        /// The name in pickletools, or the value of an unknown opcode.
        name: String,
        /// The offset.
        at: u64,
    },
    /// A global is not allowed.
    #[error("global `{name}` at byte {at} is not allowed")]
    Global {
        /// The module and the name.
        name: String,
        /// The offset of the opcode.
        at: u64,
    },
    /// A limit is exceeded.
    #[error("{what} at byte {at}: {found}, but the limit is {limit}")]
    Limit {
        /// The limited quantity.
        what: &'static str,
        /// The value.
        found: u64,
        /// The limit.
        limit: u64,
        /// The offset.
        at: u64,
    },
    /// The contents are invalid.
    #[error("{what} at byte {at}")]
    Malformed {
        /// What is wrong.
        what: String,
        /// The offset.
        at: u64,
    },
}
