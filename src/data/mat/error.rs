//! Why a MATLAB file cannot be used.

use crate::file_kind::WrongKind;

/// Why a vector cannot be read from a MATLAB file.
#[derive(Debug, thiserror::Error)]
pub enum MatError {
    /// It is something else.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// It is of MATLAB 7.3, whose files are HDF5.
    #[error("a MATLAB 7.3 (HDF5) file, which jem does not read")]
    Level73,
    /// The bytes do not begin as those of a MATLAB file do.
    #[error("not a MATLAB file")]
    NotMat,
    /// It ends early.
    #[error("it ends early: {what} is cut off")]
    Cut {
        /// What was being read.
        what: &'static str,
    },
    /// It contradicts itself.
    #[error("it is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: String,
    },
    /// It holds no variable of that name.
    #[error("no variable `{name}`{}", among(.found))]
    NoVariable {
        /// The name.
        name: String,
        /// The variables that it holds, in their order.
        found: Vec<String>,
    },
    /// The variable is not of real numbers.
    #[error("`{name}` is {class}, not an array of real numbers")]
    NotNumbers {
        /// The variable.
        name: String,
        /// What it is, in words.
        class: &'static str,
    },
    /// The variable is something else than one row or column.
    #[error("`{name}` is {}, not a row or column of numbers", sides(.size))]
    NotAVector {
        /// The variable.
        name: String,
        /// Its sides.
        size: Vec<usize>,
    },
    /// More numbers, or a larger file, than any data set has.
    #[error("{what}: at most {most} are read")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The limit.
        most: u64,
    },
}

impl MatError {
    /// What to do about it, where more can be said than what the file should hold.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            MatError::WrongKind(error) => Some(error.help()),
            MatError::Level73 => Some(
                "save it again in an older format: load it in MATLAB and `save -v7`, or scipy.io.savemat in Python",
            ),
            MatError::Cut { .. } | MatError::Damaged { .. } => Some("fetch or copy the file again"),
            _ => None,
        }
    }
}

/// The first few names.
fn among(found: &[String]) -> String {
    const FEW: usize = 10;
    match found.len() {
        0 => String::new(),
        1..=FEW => format!(" among {}", found.join(", ")),
        count => format!(" among {} and {} more", found[..FEW].join(", "), count - FEW),
    }
}

/// "3×4".
fn sides(size: &[usize]) -> String {
    size.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}
