//! Errors of data sets on disk.

use super::layout::LayoutPart;
use super::mat::MatError;
use crate::file_error::FileError;
use std::path::PathBuf;

/// An error in the contents of `imagelabels.mat` or `setid.mat`.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file is not a MATLAB file or has no such vector.
    #[error(transparent)]
    Mat(#[from] MatError),
    /// Labels count from 0.
    #[error("labels count from 0 to {last}; jem requires 1 to 102")]
    LabelsFromZero {
        /// The greatest label.
        last: u32,
    },
    /// A split counts images from 0.
    #[error("the lists count images from 0 to {last}; jem requires 1 to {images}")]
    ImagesFromZero {
        /// The greatest number.
        last: u32,
        /// The number of images in the data set.
        images: u32,
    },
    /// A list of a split contains an image that the data set does not have.
    #[error("`{list}` lists image {image}, but the images are 1 to {images}")]
    NoSuchImage {
        /// The variable.
        list: &'static str,
        /// The value in the file.
        image: f64,
        /// The number of images in the data set.
        images: u32,
    },
    /// An image is in two lists of a split, or twice in one list.
    #[error("image {image} is listed twice")]
    ListedTwice {
        /// The image.
        image: u32,
    },
    /// A label outside the 102 classes.
    #[error("image {image} has label {label}, outside 1 to 102")]
    OutOfRange {
        /// The number of the image, from 1.
        image: u32,
        /// The value in the file.
        label: f64,
    },
}

impl TableError {
    /// What to do about it, if there is more to say than what the file should contain.
    pub(super) fn help(&self) -> Option<&'static str> {
        match self {
            TableError::Mat(error) => error.help(),
            TableError::LabelsFromZero { .. } => Some("add 1 to every label and save the file again"),
            TableError::ImagesFromZero { .. } => Some("add 1 to every image number and save the file again"),
            TableError::NoSuchImage { .. } | TableError::ListedTwice { .. } | TableError::OutOfRange { .. } => None,
        }
    }
}

/// An error of the data layer.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// `data.root` is empty.
    #[error("`data.root` is not set")]
    RootNotSet,
    /// The root folder does not exist.
    #[error("{}: no such folder", .path.display())]
    NoRoot {
        /// The folder.
        path: PathBuf,
    },
    /// A part of the official layout does not exist.
    #[error("{}: missing", .path.display())]
    MissingPart {
        /// The path where the part should be.
        path: PathBuf,
        /// The part.
        part: LayoutPart,
    },
    /// A file cannot be read or written, or has another format than expected.
    #[error(transparent)]
    File(#[from] FileError),
    /// `imagelabels.mat` has invalid contents.
    #[error("{}: invalid label file", .path.display())]
    Labels {
        /// The label file.
        path: PathBuf,
        /// The error in its contents.
        source: TableError,
    },
    /// `setid.mat` has invalid contents.
    #[error("{}: not a split of the images", .path.display())]
    Split {
        /// The file.
        path: PathBuf,
        /// The error in its contents.
        source: TableError,
    },
    /// An image cannot be encoded.
    #[error("{}: the image cannot be encoded", .path.display())]
    Encode {
        /// The file to write.
        path: PathBuf,
        /// The error of the encoder.
        source: image::ImageError,
    },
    /// `data.classes` excludes every image.
    #[error("no image has one of the classes {classes}")]
    NoImages {
        /// The selected classes.
        classes: String,
    },
    /// Every line of a caption file is blank or has only control characters.
    #[error("{}: no caption: no line has text", .path.display())]
    NoCaption {
        /// The caption file.
        path: PathBuf,
    },
    /// An image file cannot be decoded.
    #[error("{}: not a readable image", .path.display())]
    Decode {
        /// The image file.
        path: PathBuf,
        /// The error of the decoder.
        source: image::ImageError,
    },
    /// The end of a JPEG is missing. (The decoder would fill the missing part with grey.)
    #[error("{}: the JPEG is truncated: it has no end marker", .path.display())]
    Truncated {
        /// The image file.
        path: PathBuf,
    },
    /// An image number that the data set does not have.
    #[error("no image {id}: the data set has images 1 to {images}")]
    NoImage {
        /// The requested number.
        id: u32,
        /// The number of images in the data set.
        images: u32,
    },
    /// A subset larger than the set.
    #[error("{requested} images requested, but only {available} available")]
    TooFewImages {
        /// The requested size.
        requested: usize,
        /// The number of images available.
        available: usize,
    },
}

impl DataError {
    /// What to do about it, if there is a remedy.
    pub fn help(&self) -> Option<String> {
        match self {
            DataError::NoRoot { .. } | DataError::RootNotSet => Some(
                "set `data.root` to the folder with jpg/, imagelabels.mat and text_c10/ of Oxford-102 Flowers: \
                 --set data.root=<folder>. `jem data fetch oxford-102` downloads it; --set data.source=drawn needs no \
                 files"
                    .into(),
            ),
            DataError::Split { source, .. } => Some(table_help(source, LayoutPart::Split)),
            DataError::NoImages { .. } => {
                Some("set `data.classes` to classes of the data set, or to \"all\" for every class".into())
            }
            DataError::MissingPart { part, .. } => Some(format!("expected here: {}", part.description())),
            DataError::File(FileError::Read { path, source }) if source.kind() == std::io::ErrorKind::NotFound => {
                Some(format!("the labels list this image, so {} must exist", path.display()))
            }
            DataError::Labels { source, .. } => Some(table_help(source, LayoutPart::Labels)),
            DataError::Decode { .. } | DataError::Truncated { .. } => {
                Some("the file is damaged: fetch or copy it again".into())
            }
            DataError::TooFewImages { available, .. } => {
                Some(format!("request at most {available} images, or 0 for all"))
            }
            DataError::File(FileError::Write { .. }) => {
                Some("check that you may write to the folder and that the disk is not full".into())
            }
            DataError::File(error) => error.help().map(str::to_owned),
            DataError::Encode { .. } | DataError::NoCaption { .. } | DataError::NoImage { .. } => None,
        }
    }
}

/// The remedy for an invalid table.
fn table_help(error: &TableError, part: LayoutPart) -> String {
    error.help().map_or_else(|| format!("expected {}", part.description()), str::to_owned)
}
