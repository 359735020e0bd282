//! Errors of reading MATLAB files.

use crate::file_kind::WrongKind;

/// Why a vector cannot be read from a MATLAB file.
#[derive(Debug, thiserror::Error)]
pub enum MatError {
    /// The file has another format.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// The file is of MATLAB 7.3, which writes HDF5.
    #[error("a MATLAB 7.3 (HDF5) file, which jem does not read")]
    Level73,
    /// The file does not begin like a MATLAB file.
    #[error("not a MATLAB file")]
    NotMat,
    /// The file is truncated.
    #[error("it is truncated: {what} is incomplete")]
    Truncated {
        /// The incomplete element.
        what: &'static str,
    },
    /// The contents are invalid.
    #[error("it is damaged: {what}")]
    Damaged {
        /// The problem.
        what: String,
    },
    /// The file has no variable of this name.
    #[error("no variable `{name}`{}", list(.found))]
    NoVariable {
        /// The name.
        name: String,
        /// The variables in the file, in their order.
        found: Vec<String>,
    },
    /// The variable is not an array of real numbers.
    #[error("`{name}` is {class}, not an array of real numbers")]
    NotReal {
        /// The variable.
        name: String,
        /// The description of its class.
        class: &'static str,
    },
    /// The variable is not a row or a column.
    #[error("`{name}` is {}, not a row or column", format_size(.size))]
    NotAVector {
        /// The variable.
        name: String,
        /// Its dimensions.
        size: Vec<usize>,
    },
    /// A variable or file above the limit, which is larger than in any data set.
    #[error("{what}, more than the limit of {limit}")]
    TooLarge {
        /// The size, with its unit.
        what: String,
        /// The limit.
        limit: u64,
    },
}

impl MatError {
    /// What to do about it, if there is more to say than what the file should contain.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            MatError::WrongKind(error) => Some(error.help()),
            MatError::Level73 => Some(
                "save it in an older format: load it in MATLAB and use `save -v7`, or use scipy.io.savemat in Python",
            ),
            MatError::Truncated { .. } | MatError::Damaged { .. } => Some("fetch or copy the file again"),
            _ => None,
        }
    }
}

/// The first names of variables in the file.
fn list(found: &[String]) -> String {
    const MAX_NAMES: usize = 10;
    match found.len() {
        0 => String::new(),
        1..=MAX_NAMES => format!("; the file has {}", found.join(", ")),
        count => format!("; the file has {} and {} more", found[..MAX_NAMES].join(", "), count - MAX_NAMES),
    }
}

/// `3×4`.
fn format_size(size: &[usize]) -> String {
    size.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}
