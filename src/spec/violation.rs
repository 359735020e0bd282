//! Errors of an experiment.

use std::fmt;

/// One error in an experiment: the location, the problem and a remedy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, environment variable or option that has the error.
    pub origin: String,
    /// The line in that file, from 1, if it is known.
    pub line: Option<usize>,
    /// The key with its section, such as `grid.train.batch`. Empty if the error concerns the whole file.
    pub key: String,
    /// The problem, as the end of a sentence that starts with the key.
    pub problem: String,
    /// How to correct it.
    pub help: Option<String>,
}

impl Violation {
    /// A violation without a line and a remedy.
    pub fn new(origin: impl Into<String>, key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { origin: origin.into(), line: None, key: key.into(), problem: problem.into(), help: None }
    }

    /// Adds a remedy.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match self.key.is_empty() {
            true => write!(f, ": {}", self.problem),
            false => write!(f, ": `{}` {}", self.key, self.problem),
        }
    }
}

/// Why an experiment cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file of the experiment cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// There is neither a file of that name nor an embedded experiment.
    #[error("no experiment `{name}`: neither a file nor an experiment that comes with jem")]
    Unknown {
        /// The name that was given.
        name: String,
        /// An experiment in the folder `experiments` with the same file name.
        similar: Option<String>,
        /// The names of the embedded experiments.
        known: Vec<&'static str>,
    },
    /// All violations, sorted.
    #[error("{}", list(.0))]
    Violations(Vec<Violation>),
}

impl SpecError {
    /// How to correct it, if that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            SpecError::Unknown { similar: Some(similar), .. } => Some(format!("did you mean `{similar}`?")),
            SpecError::Unknown { known, .. } => {
                Some(format!("the experiments that come with jem are {}", known.join(", ")))
            }
            SpecError::Read { .. } | SpecError::Violations(_) => None,
        }
    }
}

fn list(violations: &[Violation]) -> String {
    let mut text = String::new();
    for (i, violation) in violations.iter().enumerate() {
        if i > 0 {
            text.push_str("\nerror: ");
        }
        text.push_str(&violation.to_string());
        if let Some(help) = &violation.help {
            text.push_str("\n  help: ");
            text.push_str(help);
        }
    }
    text
}
