//! What can be wrong with a network, its weights or its pictures.

use super::network::{Network, NetworkConfig};
use super::strict::listed;
use crate::file_kind::WrongKind;
use std::fmt;
use std::path::PathBuf;

/// One way in which a weights file is not what a network needs; names are torchvision's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The network needs it and the file does not hold it.
    Missing {
        /// The tensor's name.
        name: String,
        /// The shape the network needs.
        shape: Vec<usize>,
    },
    /// The file holds it and the network has no use for it.
    Unused {
        /// The tensor's name.
        name: String,
    },
    /// The file holds it in another shape.
    Shape {
        /// The tensor's name.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape the network needs.
        expected: Vec<usize>,
    },
    /// The file holds it, with a number that is not finite.
    NotFinite {
        /// The tensor's name.
        name: String,
    },
    /// The file holds it, but not as floating-point numbers.
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
            Problem::NotFinite { name } => write!(out, "{name} holds a number that is not finite"),
            Problem::Type { name, found } => write!(out, "{name} holds {found}, not floating-point numbers"),
        }
    }
}

/// An error of the vision layer.
#[derive(Debug, thiserror::Error)]
pub enum VisionError {
    /// Weights that are neither `random:<seed>` nor a file of a known kind.
    #[error("`{text}` names no weights")]
    Weights {
        /// What was written.
        text: String,
    },
    /// An input too small for the network.
    #[error("{network} cannot look at {input}×{input} pixels: at least {smallest}×{smallest}")]
    Input {
        /// The network.
        network: Network,
        /// The side asked for.
        input: usize,
        /// The smallest side.
        smallest: usize,
    },
    /// A width outside (0, 4].
    #[error("width {width} is outside (0, 4]")]
    Width {
        /// The width asked for.
        width: f64,
    },
    /// A weights file could not be read.
    #[error("{}: cannot be read", .path.display())]
    Read {
        /// The weights file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A weights file is not of the kind its name says.
    #[error("{}: not a readable weights file: {reason}", .path.display())]
    Format {
        /// The weights file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// A file is of another kind than its name says.
    #[error("{}: {source}", .path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What it is.
        source: WrongKind,
    },
    /// Tensors that are needed hold numbers that are not finite.
    #[error("{}: not finite in {}", .path.display(), listed(.names))]
    NotFinite {
        /// The weights file.
        path: PathBuf,
        /// The tensors, in the order of the layers.
        names: Vec<String>,
    },
    /// The file's tensors are not the network's.
    #[error(
        "{}: not the weights of {network} at width {}:{}",
        .path.display(),
        .config.width,
        .problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>()
    )]
    Mismatch {
        /// The weights file.
        path: PathBuf,
        /// The network that was to have them.
        network: Network,
        /// Its size.
        config: NetworkConfig,
        /// All that is wrong, in the order of the layers, what is unused last.
        problems: Vec<Problem>,
    },
    /// A file of other tensors is not what its reader needs.
    #[error("{}: not {what}:{}", .path.display(), .problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// What it was to be.
        what: String,
        /// All that is wrong, what is unused last.
        problems: Vec<Problem>,
    },
    /// A network that LPIPS has no linear weights for.
    #[error("LPIPS is not defined on {network}")]
    Lpips {
        /// The network.
        network: Network,
    },
    /// Pictures that were to be pairs.
    #[error("{first} pictures cannot be paired with {second}")]
    Pairs {
        /// How many on one side.
        first: usize,
        /// How many on the other.
        second: usize,
    },
    /// A pair of unequal sizes.
    #[error("pair {index} is {}×{} and {}×{}", .found.0, .found.1, .other.0, .other.1)]
    Pair {
        /// Its place among the pairs, from 0.
        index: usize,
        /// The first one's width and height.
        found: (u32, u32),
        /// The second one's.
        other: (u32, u32),
    },
    /// A picture of another size than the network's input.
    #[error("picture {index} is {}×{}, not {input}×{input}", .found.0, .found.1)]
    Picture {
        /// Its place among the pictures, from 0.
        index: usize,
        /// Its width and height.
        found: (u32, u32),
        /// The network's input.
        input: usize,
    },
}

impl VisionError {
    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<String> {
        match self {
            VisionError::Weights { .. } => {
                Some("write `random:<seed>`, or the path of a .pth, .pt or .safetensors file".into())
            }
            VisionError::Read { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
                let published = Network::ALL.into_iter().find(|network| path.ends_with(network.published_file()));
                let fetched = published.map_or("<network>", Network::as_str);
                Some(format!(
                    "bring published weights by `jem weights fetch {fetched}`, give the path of another file, or \
                     `random:<seed>` for weights that are drawn"
                ))
            }
            VisionError::WrongKind { source, .. } => Some(source.help().into()),
            VisionError::NotFinite { .. } => Some(
                "the training that wrote them diverged, or the file is damaged: take an earlier checkpoint, or fetch it again".into(),
            ),
            VisionError::Mismatch { network, config, .. } => {
                let file = network.published_file();
                let publisher = network.publisher();
                let published = format!("expected the state dict of {publisher}'s {network}, such as {file}");
                let narrow = " (width 1), or one of that width with the same names";
                Some(if config.width == 1.0 { published } else { published + narrow })
            }
            VisionError::Format { .. } => {
                Some("expected a state dict, by torch.save (.pth, .pt) or as .safetensors".into())
            }
            VisionError::Picture { .. } => Some("resize pictures to the network's input first".into()),
            VisionError::Tensors { .. } => {
                Some("expected the file as it was published, or one with the same names".into())
            }
            VisionError::Lpips { .. } => Some("use alexnet or vgg16".into()),
            VisionError::Pairs { .. } => Some("give as many pictures on one side as on the other".into()),
            VisionError::Pair { .. } => Some("resize both pictures of a pair to one size first".into()),
            VisionError::Input { .. } | VisionError::Width { .. } | VisionError::Read { .. } => None,
        }
    }
}
