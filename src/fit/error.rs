use std::path::PathBuf;

use crate::text::TextError;
use crate::vision::VisionError;

/// An error of fitting a network or a text encoder.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// The network cannot be created, or its initial weights cannot be used.
    #[error("cannot create the network")]
    Vision(#[from] VisionError),
    /// The network has no fully connected layers that can be fitted.
    #[error("{network} cannot be fitted")]
    Network {
        /// The name of the network.
        network: String,
    },
    /// There are fewer than two classes.
    #[error("fitting needs at least 2 classes, but the {images} training images have {classes}")]
    Classes {
        /// The number of classes.
        classes: usize,
        /// The number of training images.
        images: usize,
    },
    /// There are no held-out images.
    #[error("no image is held out: `guide.fit.held_out` rounds to 0 images in each class")]
    NoHeldOut,
    /// The loss is not finite.
    #[error("the loss is not finite in epoch {epoch}, step {step}")]
    Diverged {
        /// The epoch, from 1.
        epoch: u32,
        /// The step in the epoch, from 1.
        step: usize,
        /// The setting of the learning rate.
        rate: &'static str,
    },
    /// The text encoder cannot be created.
    #[error("cannot create the text encoder")]
    Text(#[from] TextError),
    /// A line of a corpus is not UTF-8.
    #[error("{}: line {line} is not UTF-8", path.display())]
    Line {
        /// The corpus.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// There are no training triplets or no held-out triplets.
    #[error(
        "training a text encoder needs training triplets and held-out triplets, but {documents} documents have {train} \
         and {held_out}; {left_out} triplets are left out because a sentence is too long"
    )]
    Triplets {
        /// The number of training triplets.
        train: usize,
        /// The number of held-out triplets.
        held_out: usize,
        /// The number of documents that have triplets.
        documents: usize,
        /// The number of triplets with a sentence that is too long.
        left_out: usize,
    },
    /// A file cannot be read or written.
    #[error("{}: cannot be read or written", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A file is damaged or has been changed.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl FitError {
    /// The remedy.
    pub fn help(&self) -> Option<String> {
        match self {
            FitError::Vision(error) => error.help(),
            FitError::Network { .. } => Some("fit alexnet, vgg16 or vgg19, or use a file of weights".to_owned()),
            FitError::Classes { .. } => {
                Some("raise guide.fit.limit, or select more classes in data.classes".to_owned())
            }
            FitError::NoHeldOut => Some("raise guide.fit.held_out or guide.fit.limit".to_owned()),
            FitError::Diverged { rate, .. } => Some(format!("lower {rate}")),
            FitError::Text(error) => error.help(),
            FitError::Line { .. } => Some("write the corpus as UTF-8, one sentence a line".to_owned()),
            FitError::Triplets { .. } => Some(
                "a triplet is three consecutive sentences of a document, or is formed from a group of at least two \
                 captions; blank lines separate documents; add documents, or raise text.fit.held_out or \
                 text.fit.max_length"
                    .to_owned(),
            ),
            FitError::Damaged { path, .. } => Some(format!("remove {}; jem recreates it", path.display())),
            FitError::File { .. } => None,
        }
    }
}
