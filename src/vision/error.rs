//! Errors of networks, weights and images.

use super::network::{Network, NetworkConfig};
use super::weights_file::listed;
use crate::file_error::FileError;
use std::fmt;
use std::path::PathBuf;

/// A reason why a weights file does not fit a network. Names are torchvision's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A required tensor that the file does not have.
    Missing {
        /// The tensor's name.
        name: String,
        /// The required shape.
        shape: Vec<usize>,
    },
    /// A tensor of the file that the network does not use.
    Unused {
        /// The tensor's name.
        name: String,
    },
    /// A tensor of another shape.
    Shape {
        /// The tensor's name.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The required shape.
        expected: Vec<usize>,
    },
    /// A tensor with a value that is not finite.
    NotFinite {
        /// The tensor's name.
        name: String,
    },
    /// A tensor whose values are not floats.
    Type {
        /// The tensor's name.
        name: String,
        /// The type in the file.
        found: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Missing { name, shape } => write!(out, "missing {name} {shape:?}"),
            Problem::Unused { name } => write!(out, "unused {name}"),
            Problem::Shape { name, found, expected } => write!(out, "{name} is {found:?}, not {expected:?}"),
            Problem::NotFinite { name } => write!(out, "{name} has a value that is not finite"),
            Problem::Type { name, found } => write!(out, "{name} has values of type {found}, not floats"),
        }
    }
}

/// An error of the vision layer.
#[derive(Debug, thiserror::Error)]
pub enum VisionError {
    /// Text that is neither `random:<seed>` nor the path of a weights file.
    #[error("`{text}` is neither random:<seed> nor a weights file")]
    Weights {
        /// The text.
        text: String,
    },
    /// An input too small for the network.
    #[error("{network} cannot process {input}×{input} pixels: it requires at least {smallest}×{smallest}")]
    Input {
        /// The network.
        network: Network,
        /// The requested side.
        input: usize,
        /// The smallest side.
        smallest: usize,
    },
    /// A width outside (0, 4].
    #[error("width {width} is outside (0, 4]")]
    Width {
        /// The requested width.
        width: f64,
    },
    /// A weights file cannot be read, or is of another kind than its extension.
    #[error(transparent)]
    File(#[from] FileError),
    /// A weights file is not in the format of its extension.
    #[error("{}: not a readable weights file: {reason}", .path.display())]
    Format {
        /// The weights file.
        path: PathBuf,
        /// The error of the reader.
        reason: String,
    },
    /// Required tensors have values that are not finite.
    #[error("{}: values are not finite in {}", .path.display(), listed(.names))]
    NotFinite {
        /// The weights file.
        path: PathBuf,
        /// The tensors, in the order of the layers.
        names: Vec<String>,
    },
    /// The tensors of the file do not fit the network.
    #[error(
        "{}: not the weights of {network} at width {}:{}",
        .path.display(),
        .config.width,
        .problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>()
    )]
    Mismatch {
        /// The weights file.
        path: PathBuf,
        /// The network.
        network: Network,
        /// Its size.
        config: NetworkConfig,
        /// All problems in the order of the layers; unused tensors last.
        problems: Vec<Problem>,
    },
    /// The tensors of a file that is not of a network do not fit.
    #[error("{}: not {what}:{}", .path.display(), .problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// What the file should be.
        what: String,
        /// All problems; unused tensors last.
        problems: Vec<Problem>,
    },
    /// A network without linear weights for LPIPS.
    #[error("LPIPS is not defined on {network}")]
    Lpips {
        /// The network.
        network: Network,
    },
    /// Different numbers of images to be paired.
    #[error("{first} images cannot be paired with {second}")]
    Pairs {
        /// The number of first images.
        first: usize,
        /// The number of second images.
        second: usize,
    },
    /// A pair of unequal sizes.
    #[error("pair {index} is {}×{} and {}×{}", .found.0, .found.1, .other.0, .other.1)]
    Pair {
        /// The index of the pair, from 0.
        index: usize,
        /// Width and height of the first image.
        found: (u32, u32),
        /// Width and height of the second image.
        other: (u32, u32),
    },
    /// An image of another size than the input.
    #[error("image {index} is {}×{}, not {input}×{input}", .found.0, .found.1)]
    ImageSize {
        /// Its index, from 0.
        index: usize,
        /// Its width and height.
        found: (u32, u32),
        /// The side of the input, in pixels.
        input: usize,
    },
}

impl VisionError {
    /// A remedy, if there is one.
    pub fn help(&self) -> Option<String> {
        match self {
            VisionError::Weights { .. } => {
                Some("give random:<seed>, or the path of a .pth, .pt or .safetensors file".into())
            }
            VisionError::File(FileError::Read { path, source }) if source.kind() == std::io::ErrorKind::NotFound => {
                let published = Network::ALL.into_iter().find(|network| path.ends_with(network.published_file()));
                let fetched = published.map_or("<network>", Network::as_str);
                Some(format!(
                    "download published weights with `jem weights fetch {fetched}`, or give another file or random:<seed>"
                ))
            }
            VisionError::File(error) => error.help().map(str::to_owned),
            VisionError::NotFinite { .. } => Some(
                "training diverged, or the file is damaged: use an earlier checkpoint, or fetch the file again".into(),
            ),
            VisionError::Mismatch { network, config, .. } => {
                let file = network.published_file();
                let publisher = network.publisher();
                let published = format!("expected the state dict of {publisher}'s {network}, such as {file}");
                let narrow = " (width 1), or a file of that width with the same names";
                Some(if config.width == 1.0 { published } else { published + narrow })
            }
            VisionError::Format { .. } => {
                Some("expected a state dict, saved by torch.save (.pth, .pt) or as .safetensors".into())
            }
            VisionError::ImageSize { .. } => Some("resize the images to the input of the network first".into()),
            VisionError::Tensors { .. } => {
                Some("expected the published file, or a file with the same tensor names".into())
            }
            VisionError::Lpips { .. } => Some("use alexnet or vgg16".into()),
            VisionError::Pairs { .. } => Some("give the same number of images for both".into()),
            VisionError::Pair { .. } => Some("resize both images of a pair to the same size first".into()),
            VisionError::Input { .. } | VisionError::Width { .. } => None,
        }
    }
}
