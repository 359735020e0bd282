//! The names of tables, figures and formats in a report file.

/// Defines an enum whose values are words, with the list of all of them.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// All of them, in the order in which a report shows them.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// Their words, in the same order.
            pub const WORDS: &[&str] = &[$($word),*];

            /// The word in report files.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }

            /// The value with this word.
            pub fn find(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

pub(super) use words;

words! {
    /// A table of a report.
    TableName {
        /// The claims of the report file, each with its verdict.
        Claims = "claims",
        /// Convergence by method: reached and censored runs, median and its interval, tests.
        Convergence = "convergence",
        /// The metrics of each cell: mean with interval over seeds, last and best.
        Results = "results",
        /// Each cell's runs and their spread.
        Summary = "summary",
        /// Every run with its state and values.
        Runs = "runs",
        /// Paired differences by seed, with tests.
        Differences = "differences",
        /// Settings that differ from the paper.
        Deviations = "deviations",
    }
}

words! {
    /// A figure of a report.
    FigureName {
        /// The pipeline, from the resolved settings.
        Pipeline = "pipeline",
        /// The layers and shapes of both networks.
        Networks = "networks",
        /// Images and their segmentations.
        Segmentations = "segmentations",
        /// The methods side by side: same captions, same noise.
        Methods = "methods",
        /// Each original beside its result.
        Originals = "originals",
        /// The foreground guide: the background replaced by white.
        Foreground = "foreground",
        /// The foreground guide against the full one.
        Backgrounds = "backgrounds",
        /// Different resolutions side by side.
        Resolutions = "resolutions",
        /// Training curves with a band over seeds.
        Curves = "curves",
        /// The epoch of convergence of every run.
        Convergence = "convergence",
        /// The fraction of runs that have converged by each epoch.
        Converged = "converged",
        /// Paired differences by seed.
        Differences = "differences",
        /// Controls: no guide, zero, shuffled, background only.
        Controls = "controls",
        /// As printed against conditioned guidance.
        Objectives = "objectives",
        /// Interpolation strips.
        Strips = "strips",
        /// Cost against quality.
        Cost = "cost",
        /// Samples beside the real images.
        Samples = "samples",
        /// Learning curves of fitted networks.
        Fits = "fits",
    }
}

words! {
    /// A format in which a report is written.
    OutputFormat {
        /// Figures as SVG.
        Svg = "svg",
        /// Figures as PNG.
        Png = "png",
        /// Figures as PDF.
        Pdf = "pdf",
        /// Tables, and the data of figures, as CSV.
        Csv = "csv",
        /// The text in Markdown.
        Markdown = "markdown",
        /// The text in LaTeX.
        Latex = "latex",
        /// The text as one HTML page.
        Html = "html",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_and_others_are_not() {
        assert_eq!(FigureName::find("backgrounds"), Some(FigureName::Backgrounds));
        assert_eq!(FigureName::find("background"), None);
        assert_eq!(TableName::ALL.iter().map(|name| name.as_str()).collect::<Vec<_>>(), TableName::WORDS);
        assert_eq!(OutputFormat::WORDS.len(), OutputFormat::ALL.len());
    }
}
