use std::path::PathBuf;

use crate::text::TextError;
use crate::vision::VisionError;

/// Why a backbone cannot be fitted.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// The network, or the weights that it starts from.
    #[error("the network cannot be made")]
    Vision(#[from] VisionError),
    /// A network that has no fully connected layers of its own to teach.
    #[error("{network} cannot be fitted")]
    Network {
        /// Its word.
        network: String,
    },
    /// One class alone, or none.
    #[error("there is nothing to tell apart: {classes} classes among {images} images")]
    Classes {
        /// Classes to learn.
        classes: usize,
        /// Images to learn from.
        images: usize,
    },
    /// No image is left to try it on.
    #[error("no image is held out: each class has so few that `guide.fit.held_out` rounds to none")]
    NoneHeldOut,
    /// The loss is no number any more.
    #[error("the loss is not finite in epoch {epoch}, at step {step}")]
    Diverged {
        /// The epoch, from 1.
        epoch: u32,
        /// The step within it, from 1.
        step: usize,
        /// The setting of the learning rate.
        rate: &'static str,
    },
    /// What a text encoder is made of.
    #[error("the text encoder cannot be made")]
    Text(#[from] TextError),
    /// A line of a corpus that is not UTF-8.
    #[error("{}: line {line} is not UTF-8", path.display())]
    Line {
        /// The corpus.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Nothing to train a text encoder on, or to try it on.
    #[error(
        "{learned} triplets of neighbours to learn from and {held_out} to try it on, in {documents} documents, of which \
         {left_out} triplets have a sentence that is too long"
    )]
    Triplets {
        /// Triplets to learn from.
        learned: usize,
        /// Triplets to try it on.
        held_out: usize,
        /// Documents that have triplets at all.
        documents: usize,
        /// Triplets with a sentence that is too long.
        left_out: usize,
    },
    /// A file cannot be written or read.
    #[error("{}: cannot be used", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what was written.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl FitError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            FitError::Vision(error) => error.help(),
            FitError::Network { .. } => Some("fit alexnet, vgg16 or vgg19, or name a file of weights".to_owned()),
            FitError::Classes { .. } => Some("raise guide.fit.limit, or leave more classes in data.classes".to_owned()),
            FitError::NoneHeldOut => Some("raise guide.fit.held_out or guide.fit.limit".to_owned()),
            FitError::Diverged { rate, .. } => Some(format!("lower {rate}")),
            FitError::Text(error) => error.help(),
            FitError::Line { .. } => Some("write the corpus as UTF-8, one sentence a line".to_owned()),
            FitError::Triplets { .. } => Some(
                "a triplet is three sentences in a row of a document, or of a group of at least two captions; documents \
                 are parted by blank lines, and a share of them is held out: give more of them, or raise the share or \
                 the greatest length"
                    .to_owned(),
            ),
            FitError::Damaged { path, .. } => Some(format!("remove {}: it is made again", path.display())),
            FitError::File { .. } => None,
        }
    }
}
