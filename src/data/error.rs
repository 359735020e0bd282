//! What can be wrong with a data set on disk.

use super::mat::MatError;
use crate::file_kind::WrongKind;
use std::fmt;
use std::path::PathBuf;

/// One part of the official layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The photographs.
    Photos,
    /// The class of every image.
    Labels,
    /// The captions, one text file an image.
    Captions,
    /// The segmented pictures with a blue background.
    Segmentations,
    /// The data set's own split.
    SetId,
}

impl Part {
    /// The file or folder of this part, below the root.
    pub fn entry(self) -> &'static str {
        match self {
            Part::Photos => "jpg",
            Part::Labels => "imagelabels.mat",
            Part::Captions => "text_c10",
            Part::Segmentations => "segmim",
            Part::SetId => "setid.mat",
        }
    }

    fn layout(self) -> &'static str {
        match self {
            Part::Photos => "the photographs, jpg/image_00001.jpg and on (from 102flowers.tgz)",
            Part::Labels => "imagelabels.mat, whose variable `labels` holds the class of every image",
            Part::Captions => "the captions, text_c10/class_00001/image_00001.txt and on, one caption a line",
            Part::Segmentations => "the segmented pictures, segmim/segmim_00001.jpg and on, with a blue background",
            Part::SetId => "setid.mat, whose variables `trnid`, `valid` and `tstid` part the images",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.entry())
    }
}

/// What can be wrong inside `imagelabels.mat`.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// There is no such vector in the file, or it is no file of MATLAB.
    #[error(transparent)]
    Mat(#[from] MatError),
    /// Labels count from 0.
    #[error("labels run 0 to {last}, jem needs 1 to 102")]
    FromZero {
        /// The last one.
        last: u32,
    },
    /// A split numbers images from 0.
    #[error("its lists number images from 0 to {last}, jem needs 1 to {images}")]
    ImagesFromZero {
        /// The last number.
        last: u32,
        /// How many images there are.
        images: u32,
    },
    /// A list of a split names an image that the data set does not have.
    #[error("`{list}` lists image {image}, but there are {images}")]
    NoSuchImage {
        /// The variable's name.
        list: &'static str,
        /// The number as it was read.
        image: f64,
        /// How many images there are.
        images: u32,
    },
    /// An image is in two lists of a split, or in one twice.
    #[error("image {image} is listed twice")]
    Twice {
        /// The image.
        image: u32,
    },
    /// A label outside the 102 classes.
    #[error("image {image} has label {label}, outside 1..=102")]
    OutOfRange {
        /// The image's number, from 1.
        image: u32,
        /// The label as it was read.
        label: f64,
    },
}

impl LabelError {
    /// What to do about it, where more can be said than what the file should hold.
    pub(super) fn help(&self) -> Option<&'static str> {
        match self {
            LabelError::Mat(error) => error.help(),
            LabelError::FromZero { .. } => Some("add 1 to every label, and save the file again"),
            LabelError::ImagesFromZero { .. } => Some("add 1 to every number of its lists, and save the file again"),
            LabelError::NoSuchImage { .. } | LabelError::Twice { .. } | LabelError::OutOfRange { .. } => None,
        }
    }
}

/// An error of the data layer.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// No folder is named.
    #[error("`data.root` is not set")]
    NoRootNamed,
    /// The root folder is not there.
    #[error("{}: no such folder", .path.display())]
    NoRoot {
        /// The folder that was asked for.
        path: PathBuf,
    },
    /// A part of the layout is not there.
    #[error("{}: missing", .path.display())]
    NoPart {
        /// Where the part should be.
        path: PathBuf,
        /// Which part.
        part: Part,
    },
    /// A file could not be read.
    #[error("{}: cannot be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file is of another kind than it should be.
    #[error("{}: {source}", .path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What it is.
        source: WrongKind,
    },
    /// The label file is not as it should be.
    #[error("{}: bad label file", .path.display())]
    Labels {
        /// The label file.
        path: PathBuf,
        /// What is wrong in it.
        source: LabelError,
    },
    /// The file of the data set's own split is not as it should be.
    #[error("{}: no split of the images", .path.display())]
    SetId {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        source: LabelError,
    },
    /// A file or folder could not be written.
    #[error("{}: cannot be written", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A picture could not be encoded.
    #[error("{}: the picture cannot be encoded", .path.display())]
    Encode {
        /// The file it was meant for.
        path: PathBuf,
        /// What the encoder said.
        source: image::ImageError,
    },
    /// `data.classes` leaves nothing.
    #[error("no image is of the classes {classes}")]
    NoImages {
        /// The classes asked for.
        classes: String,
    },
    /// Every line of a caption file is blank, or of control characters.
    #[error("{}: no caption, every line is blank", .path.display())]
    NoCaption {
        /// The caption file.
        path: PathBuf,
    },
    /// A picture's bytes are not a whole picture.
    #[error("{}: not a readable picture", .path.display())]
    Picture {
        /// The picture file.
        path: PathBuf,
        /// What the decoder said.
        source: image::ImageError,
    },
    /// A JPEG whose end is missing. (The decoder alone would fill the rest with grey.)
    #[error("{}: the JPEG ends before its end marker", .path.display())]
    Truncated {
        /// The picture file.
        path: PathBuf,
    },
    /// An image number that the set does not have.
    #[error("no image {id}: the data set has images 1..={images}")]
    NoImage {
        /// The number that was asked for.
        id: u32,
        /// How many images there are.
        images: u32,
    },
    /// A subset larger than what it is drawn from.
    #[error("{asked} images asked for, but there are {available}")]
    TooFew {
        /// The size asked for.
        asked: usize,
        /// How many there are.
        available: usize,
    },
}

impl DataError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            DataError::NoRoot { .. } | DataError::NoRootNamed => Some(
                "`data.root` names the folder that holds jpg/, imagelabels.mat and text_c10/ of Oxford-102 Flowers: \
                 --set data.root=<folder>. `jem data fetch oxford-102` brings it, and --set data.source=drawn needs no files"
                    .into(),
            ),
            DataError::SetId { source, .. } => Some(expected(source, Part::SetId)),
            DataError::NoImages { .. } => Some("name classes of the data set in `data.classes`, or \"all\"".into()),
            DataError::NoPart { part, .. } => Some(format!("the official layout has here {}", part.layout())),
            DataError::Read { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
                Some(format!("the labels list this image, so {} has to be there", path.display()))
            }
            DataError::Labels { source, .. } => Some(expected(source, Part::Labels)),
            DataError::WrongKind { source, .. } => Some(source.help().into()),
            DataError::Picture { .. } | DataError::Truncated { .. } => {
                Some("the file is damaged: fetch or copy it again".into())
            }
            DataError::TooFew { available, .. } => Some(format!("ask for at most {available}, or 0 for all")),
            DataError::Write { .. } => Some("is the folder yours to write, and is the disk full?".into()),
            DataError::Read { .. }
            | DataError::Encode { .. }
            | DataError::NoCaption { .. }
            | DataError::NoImage { .. } => None,
        }
    }
}

/// The remedy for a table that cannot be used.
fn expected(error: &LabelError, part: Part) -> String {
    error.help().map_or_else(|| format!("expected {}", part.layout()), str::to_owned)
}
