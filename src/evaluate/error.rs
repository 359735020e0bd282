//! Errors of evaluations.

use std::path::PathBuf;

use crate::data::DataError;
use crate::device::DeviceError;
use crate::file_error::FileError;
use crate::metric::MetricError;
use crate::vision::VisionError;

use super::image_folder::extensions;

/// The most lines that a message lists.
const MAX_LISTED: usize = 10;

/// Why images cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The path does not exist.
    #[error("{}: no such folder of images or file of features", .path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// A file where a folder is required.
    #[error("{}: not a folder of images", .path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// A folder cannot be listed.
    #[error(transparent)]
    Folder(#[from] FileError),
    /// A folder without images.
    #[error("{}: no images: no file in it ends in {} ({files} other file(s), {folders} folder(s))", .path.display(), extensions())]
    NoImages {
        /// The folder.
        path: PathBuf,
        /// The number of other files.
        files: usize,
        /// The number of subfolders.
        folders: usize,
    },
    /// Files that are not complete images.
    #[error("{}: {} of {total} images cannot be read:{}", .path.display(), .errors.len(), listed(.errors))]
    Unreadable {
        /// The source.
        path: PathBuf,
        /// The number of images.
        total: usize,
        /// The error of each image that cannot be read.
        errors: Vec<String>,
        /// Whether the other images could be used without these.
        may_skip: bool,
    },
    /// A weights file does not exist.
    #[error("{}: no such weights file", .path.display())]
    NoWeights {
        /// The path.
        path: PathBuf,
        /// The name for `jem weights fetch`.
        name: String,
        /// The option that names the file.
        option: &'static str,
    },
    /// Features that were extracted in different ways.
    #[error("{first} and {second} have features that were extracted in different ways:{}", listed(.differences))]
    DifferentOrigins {
        /// One source.
        first: String,
        /// The other source.
        second: String,
        /// The settings that differ, with both values.
        differences: Vec<String>,
    },
    /// Features of different lengths.
    #[error("{generated} has features of {first} dimensions, and {real} of {second}")]
    Dimensions {
        /// The generated images.
        generated: String,
        /// Their dimensions.
        first: usize,
        /// The real images.
        real: String,
        /// Their dimensions.
        second: usize,
    },
    /// Moments where the features of each image are required.
    #[error("{}: mean and covariance, not features of single images", .path.display())]
    OnlyMoments {
        /// The file.
        path: PathBuf,
    },
    /// Features without the class scores.
    #[error("{what}: no `logits_unbiased`, which the inception score requires")]
    NoLogits {
        /// The file, or the network.
        what: String,
    },
    /// Two images of one folder that have the same name.
    #[error("{}: {first} and {second} have the same name `{stem}`", .path.display())]
    SameStem {
        /// The folder.
        path: PathBuf,
        /// Their name without extension.
        stem: String,
        /// One file.
        first: String,
        /// The other file.
        second: String,
    },
    /// Images without a partner.
    #[error("{} image(s) have no partner of the same name:{}", .files.len(), listed(.files))]
    Unpaired {
        /// The files.
        files: Vec<String>,
    },
    /// Images of a pair that differ in size.
    #[error("{first} is {}×{} and {second} {}×{}", .sizes[0].0, .sizes[0].1, .sizes[1].0, .sizes[1].1)]
    Sizes {
        /// One file.
        first: String,
        /// The other file.
        second: String,
        /// Width and height of both.
        sizes: [(u32, u32); 2],
    },
    /// An image or its digest.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network or its weights.
    #[error(transparent)]
    Vision(#[from] VisionError),
    /// Features, or a distance between them.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The device.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl EvaluateError {
    /// A remedy, if there is one.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            EvaluateError::Folder(error) => error.help()?.into(),
            EvaluateError::Data(error) => return error.help(),
            EvaluateError::Vision(error) => return error.help(),
            EvaluateError::Metric(error) => return error.help(),
            EvaluateError::Device(error) => return error.help(),
            EvaluateError::Missing { .. } => {
                "name a folder of images, a file of features (.safetensors, .npy), or of mean and covariance (.npz)"
                    .into()
            }
            EvaluateError::NotAFolder { .. } => {
                "name a folder of images; only `jem eval` also accepts a file of features".into()
            }
            EvaluateError::NoImages { folders: 0, .. } => "name a folder that contains images".into(),
            EvaluateError::NoImages { .. } => "subfolders are not searched: name the subfolder with the images".into(),
            EvaluateError::Unreadable { may_skip: true, .. } => {
                "replace or remove these files, or leave them out with --skip-unreadable".into()
            }
            EvaluateError::Unreadable { .. } => "replace these files".into(),
            EvaluateError::NoWeights { name, option, .. } => {
                let random = if *option == "--weights" { "; --weights random:<seed> uses random weights" } else { "" };
                format!("`jem weights fetch {name}` downloads it; {option} names another file{random}")
            }
            EvaluateError::DifferentOrigins { .. } => {
                "extract both with the same options; for a folder, give the options that the other features have".into()
            }
            EvaluateError::Dimensions { .. } => {
                "compare features of one network and layer; --network, --layer and --width set those of a folder".into()
            }
            EvaluateError::OnlyMoments { .. } => {
                "give the folder of the images, or features that `jem features` extracted".into()
            }
            EvaluateError::NoLogits { .. } => {
                "give features that `jem features` extracted with an Inception network, or the folder of the images"
                    .into()
            }
            EvaluateError::SameStem { .. } => "rename one of them: images are paired by name without extension".into(),
            EvaluateError::Unpaired { .. } => {
                "images are paired by name without extension: add the missing files, or remove these".into()
            }
            EvaluateError::Sizes { .. } => "resize both images of a pair to the same size".into(),
        })
    }
}

/// The first lines of a list, each on its own line.
pub(super) fn listed(lines: &[String]) -> String {
    let mut text: String = lines.iter().take(MAX_LISTED).map(|line| format!("\n  {line}")).collect();
    if lines.len() > MAX_LISTED {
        text.push_str(&format!("\n  and {} more", lines.len() - MAX_LISTED));
    }
    text
}
