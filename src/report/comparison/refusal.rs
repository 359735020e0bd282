use super::{Measure, title};

/// Why two cells are not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Both sides are the same runs under two labels.
    SameRuns,
    /// No seed has ended in both cells.
    NoPairs,
    /// No finished run has a value of the metric.
    NotMeasured {
        /// The name of the metric.
        metric: &'static str,
    },
    /// There is no protocol that all finished runs share.
    Protocols {
        /// The name of the metric.
        metric: &'static str,
        /// The protocols of each side.
        sides: String,
    },
    /// The runs were not evaluated at the same epochs.
    Cadences {
        /// The cadences of each side.
        sides: String,
    },
}

impl Refusal {
    /// The reason as the end of a sentence: `cannot be compared: …`.
    pub fn reason(&self) -> String {
        match self {
            Refusal::SameRuns => "both sides are the same runs, under two labels".to_owned(),
            Refusal::NoPairs => "no seed has ended in both".to_owned(),
            Refusal::NotMeasured { metric } => format!("no finished run has a value of `{metric}`"),
            Refusal::Protocols { metric, sides } => format!(
                "the values of `{metric}` were computed under different protocols, which are never compared ({sides})"
            ),
            Refusal::Cadences { sides } => format!(
                "the runs were evaluated at different intervals, so their epochs of convergence have different \
                 precision ({sides})"
            ),
        }
    }

    /// The reason with what was to be compared: `Colour distance cannot be compared: …`.
    pub fn sentence(&self, measure: Measure) -> String {
        format!("{} cannot be compared: {}.", title(measure), self.reason())
    }
}
