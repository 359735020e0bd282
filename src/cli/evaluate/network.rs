//! Which network looks at pictures, as options say it.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::vision::{Network, Resizer, VisionError, Weights};

use super::DeviceArgs;
use super::error::EvaluateError;

/// The network that features are taken of.
#[derive(Args)]
pub struct NetworkArgs {
    /// The network that looks at pictures
    #[arg(long, default_value = "inception-fid", value_name = "NETWORK",
          value_parser = PossibleValuesParser::new(Network::ALL.map(Network::as_str)))]
    network: String,
    /// Its weights: a file, or random:<seed> [default: its published file in weights/]
    #[arg(long, value_name = "FILE|random:SEED")]
    weights: Option<String>,
    /// The layer that features are taken of [default: pool3 of inceptions, else fc7]
    #[arg(long, value_name = "LAYER")]
    pub layer: Option<String>,
    /// The side of the pictures that it is shown, in pixels [default: 299 of inceptions, else 224]
    #[arg(long, value_name = "PIXELS")]
    pub input: Option<usize>,
    /// Its width, 1 as published
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR")]
    pub width: f64,
    /// How pictures are brought to that side: clean as clean-fid does, legacy as pytorch-fid does
    #[arg(long, default_value = "clean", value_name = "RESIZER",
          value_parser = PossibleValuesParser::new(Resizer::ALL.map(Resizer::as_str)))]
    resizer: String,
    /// How many pictures are decoded at once
    #[arg(long, default_value_t = 32, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub batch: u16,
    /// Leave out files that cannot be read, and list them on standard error
    #[arg(long)]
    pub skip_unreadable: bool,
    #[command(flatten)]
    pub device: DeviceArgs,
}

impl NetworkArgs {
    /// The network.
    pub fn network(&self) -> Network {
        self.network.parse().expect("the parser lets only networks through")
    }

    /// How pictures are resized.
    pub fn resizer(&self) -> Resizer {
        self.resizer.parse().expect("the parser lets only resizers through")
    }

    /// The weights, checked to be there.
    ///
    /// # Errors
    ///
    /// If the words name no weights, or their file is not there.
    pub fn weights(&self) -> Result<Result<Weights, EvaluateError>, VisionError> {
        weights(self.weights.as_deref(), self.network())
    }
}

/// The weights that are asked for, or the network's published file.
///
/// # Errors
///
/// If the words name no weights; within, if their file is not there.
pub fn weights(asked: Option<&str>, network: Network) -> Result<Result<Weights, EvaluateError>, VisionError> {
    let name = network.as_str();
    let weights = match asked {
        Some(text) => Weights::parse(text)?,
        None => Weights::File { path: published(name) },
    };
    Ok(match &weights {
        Weights::File { path } if !path.exists() => {
            Err(EvaluateError::NoWeights { path: path.clone(), name: name.to_owned(), option: "--weights" })
        }
        _ => Ok(weights),
    })
}

/// Where `jem weights fetch` puts the file of that name.
pub fn published(name: &str) -> PathBuf {
    let known = crate::fetch::weights::Weights::named(name).expect("every network's weights are published");
    known.path_in(Path::new("weights"))
}
