use std::fmt;

/// One thing that is wrong with an experiment: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, environment variable or flag that says it.
    pub origin: String,
    /// The line in that file, from 1, where it is known.
    pub line: Option<usize>,
    /// The key, under the part of the experiment that it stands in, such as `grid.train.batch`; empty when the whole file is meant.
    pub key: String,
    /// What is wrong, as the end of a sentence that starts with the key.
    pub problem: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Violation {
    /// A violation without a remedy of its own.
    pub fn new(origin: impl Into<String>, key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { origin: origin.into(), line: None, key: key.into(), problem: problem.into(), help: None }
    }

    /// The same violation with what to do about it.
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
    /// The experiment or the base that it extends cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// No file of that name, and no experiment that comes with jem.
    #[error("no experiment `{name}`: neither a file nor one of those that come with jem")]
    Unknown {
        /// The name as given.
        name: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// Everything that is wrong with it, at once and sorted.
    #[error("{}", list(.0))]
    Violations(Vec<Violation>),
}

impl SpecError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            SpecError::Unknown { known, .. } => {
                Some(format!("the experiments that come with jem: {}", known.join(", ")))
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
