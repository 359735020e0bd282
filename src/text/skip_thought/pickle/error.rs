//! What can be wrong with a pickle.

/// What can be wrong with a pickle; `at` is the byte of the file.
#[derive(Debug, thiserror::Error)]
pub enum PickleError {
    /// It could not be read.
    #[error("cannot be read at byte {at}")]
    Read {
        /// Where.
        at: u64,
        /// Why.
        source: std::io::Error,
    },
    /// What was read could not be put down.
    #[error("its rows cannot be written")]
    Write(#[source] std::io::Error),
    /// The file stops within it.
    #[error("it ends at byte {at}, within the pickle")]
    Ends {
        /// Where.
        at: u64,
    },
    /// An opcode that such a file does not need.
    #[error("opcode {name} at byte {at} is refused")]
    Opcode {
        /// Its name in pickletools, or its number.
        name: String,
        /// Where it stands.
        at: u64,
    },
    /// A global that such a file does not need.
    #[error("global `{name}` at byte {at} is refused")]
    Global {
        /// Its module and name.
        name: String,
        /// Where the opcode that asks for it stands.
        at: u64,
    },
    /// More of something than such a file has.
    #[error("{what} at byte {at}: {found}, where {limit} is the limit")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How much.
        found: u64,
        /// The limit.
        limit: u64,
        /// Where.
        at: u64,
    },
    /// It does not say what such a file says.
    #[error("{what} at byte {at}")]
    Malformed {
        /// What is wrong.
        what: String,
        /// Where.
        at: u64,
    },
}
