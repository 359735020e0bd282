//! What can be wrong with pictures that are to be compared.

use std::path::PathBuf;

use super::pictures::endings;

/// How many of many are listed.
const LISTED: usize = 10;

/// Why pictures cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// There is nothing of that name.
    #[error("{}: neither a folder of pictures nor a file of features", .path.display())]
    NotThere {
        /// What was named.
        path: PathBuf,
    },
    /// A file where pictures are needed.
    #[error("{}: not a folder of pictures", .path.display())]
    NoFolder {
        /// What was named.
        path: PathBuf,
    },
    /// A folder could not be listed.
    #[error("{}: cannot be read", .path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A folder without pictures.
    #[error("{}: no pictures: no file of its own ends in {} ({files} other file(s), {folders} folder(s))", .path.display(), endings())]
    NoPictures {
        /// The folder.
        path: PathBuf,
        /// How many other files it holds.
        files: usize,
        /// How many folders it holds.
        folders: usize,
    },
    /// Files that are no whole pictures.
    #[error("{}: {} of {total} pictures cannot be read:{}", .path.display(), .lost.len(), listed(.lost))]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// How many pictures it holds.
        total: usize,
        /// What is wrong with each that cannot be read.
        lost: Vec<String>,
        /// Whether the others would have been enough.
        may_skip: bool,
    },
    /// The weights are not there.
    #[error("{}: no such file of weights", .path.display())]
    NoWeights {
        /// Where they were looked for.
        path: PathBuf,
        /// What to fetch them by.
        name: String,
        /// The option that names them.
        option: &'static str,
    },
    /// Features that were made in different ways.
    #[error("{first} and {second} hold features that were made in different ways:{}", listed(.differences))]
    OtherOrigin {
        /// One side.
        first: String,
        /// The other side.
        second: String,
        /// What differs, and how.
        differences: Vec<String>,
    },
    /// Features of different lengths.
    #[error("{generated} has features of {first} numbers, and {real} of {second}")]
    Dimensions {
        /// The generated side.
        generated: String,
        /// Its numbers.
        first: usize,
        /// The real side.
        real: String,
        /// Its numbers.
        second: usize,
    },
    /// Moments where the features themselves are needed.
    #[error("{}: moments, not features of single pictures", .path.display())]
    OnlyMoments {
        /// The file.
        path: PathBuf,
    },
    /// Features without the scores of classes.
    #[error("{what}: no `logits_unbiased`, which the inception score is made of")]
    NoLogits {
        /// The file, or the network.
        what: String,
    },
    /// Two pictures of one folder that bear one name.
    #[error("{}: {first} and {second} are both `{stem}`", .path.display())]
    SameStem {
        /// The folder.
        path: PathBuf,
        /// Their name without its ending.
        stem: String,
        /// One file.
        first: String,
        /// The other file.
        second: String,
    },
    /// Pictures without a partner.
    #[error("{} picture(s) have no partner of the same name:{}", .alone.len(), listed(.alone))]
    Unpaired {
        /// The files.
        alone: Vec<String>,
    },
    /// Pictures of a pair that differ in size.
    #[error("{first} is {}×{} and {second} {}×{}", .sizes[0].0, .sizes[0].1, .sizes[1].0, .sizes[1].1)]
    Sizes {
        /// One file.
        first: String,
        /// The other file.
        second: String,
        /// Width and height of both.
        sizes: [(u32, u32); 2],
    },
}

impl EvaluateError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            EvaluateError::Read { .. } => return None,
            EvaluateError::NotThere { .. } => {
                "name a folder of pictures, a .safetensors or .npy file of features, or an .npz file of their mean and covariance".into()
            }
            EvaluateError::NoFolder { .. } => {
                "name a folder of pictures; `jem eval` takes a file of features as it is".into()
            }
            EvaluateError::NoPictures { folders: 0, .. } => "name a folder that holds pictures itself".into(),
            EvaluateError::NoPictures { .. } => {
                "pictures in folders below are not looked for: name the folder that holds them itself".into()
            }
            EvaluateError::Unreadable { may_skip: true, .. } => {
                "bring them again or take them away; --skip-unreadable goes on without them".into()
            }
            EvaluateError::Unreadable { .. } => "bring them again".into(),
            EvaluateError::NoWeights { name, option, .. } => {
                let drawn = if *option == "--weights" { ", and --weights random:<seed> draws some" } else { "" };
                format!("`jem weights fetch {name}` brings it; {option} names another file{drawn}")
            }
            EvaluateError::OtherOrigin { .. } => {
                "extract both with the same options: for a folder, give those that the other side was made with".into()
            }
            EvaluateError::Dimensions { .. } => {
                "compare features of one network and layer: --network, --layer and --width choose those of a folder".into()
            }
            EvaluateError::OnlyMoments { .. } => {
                "give the folder of the pictures, or features by `jem features`".into()
            }
            EvaluateError::NoLogits { .. } => {
                "take features of an inception by `jem features`, or name the folder of the pictures".into()
            }
            EvaluateError::SameStem { .. } => "give each a name of its own: pairs are found by it".into(),
            EvaluateError::Unpaired { .. } => {
                "a pair is two files that have one name but for its ending: complete the pairs, or take these away"
                    .into()
            }
            EvaluateError::Sizes { .. } => "bring both pictures of a pair to one size".into(),
        })
    }
}

/// A line for each of the first few.
pub fn listed(lines: &[String]) -> String {
    let mut text: String = lines.iter().take(LISTED).map(|line| format!("\n  {line}")).collect();
    if lines.len() > LISTED {
        text.push_str(&format!("\n  and {} more", lines.len() - LISTED));
    }
    text
}
