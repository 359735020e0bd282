//! The options that choose a network for feature extraction.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::evaluate::{EvaluateError, ExtractionSettings};
use crate::vision::{Network, NetworkConfig, Resizer, Weights};

use super::{CliError, DeviceArgs};

/// The network that extracts features.
#[derive(Args)]
pub struct NetworkArgs {
    /// The network that extracts features
    #[arg(long, default_value = "inception-fid", value_name = "NETWORK",
          value_parser = PossibleValuesParser::new(Network::ALL.map(Network::as_str)))]
    network: String,
    /// Its weights: a file, or random:<seed> [default: its published file in weights/]
    #[arg(long, value_name = "FILE|random:SEED")]
    weights: Option<String>,
    /// The layer whose output is extracted [default: pool3 of Inception networks, else fc7]
    #[arg(long, value_name = "LAYER")]
    layer: Option<String>,
    /// The side of its input, in pixels [default: 299 of Inception networks, else 224]
    #[arg(long, value_name = "PIXELS")]
    input: Option<usize>,
    /// Its width; 1 is the published width
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR")]
    width: f64,
    /// How images are resized to the input: clean as in clean-fid, legacy as in pytorch-fid
    #[arg(long, default_value = "clean", value_name = "RESIZER",
          value_parser = PossibleValuesParser::new(Resizer::ALL.map(Resizer::as_str)))]
    resizer: String,
    /// How many images are decoded at once
    #[arg(long, default_value_t = 32, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    batch: u16,
    /// Leave out files that cannot be read, and list them on standard error
    #[arg(long)]
    skip_unreadable: bool,
    #[command(flatten)]
    pub device: DeviceArgs,
}

impl NetworkArgs {
    /// The settings that the options give.
    ///
    /// # Errors
    ///
    /// If the network has no such layer, the weights file does not exist, or the device is not available.
    pub fn settings(&self, quiet: bool) -> Result<ExtractionSettings, CliError> {
        let network: Network = self.network.parse().expect("the parser accepts only networks");
        let published = NetworkConfig::published(network);
        let layer = self.layer.as_deref().unwrap_or(network.default_layer());
        let layer = network.layer(layer).map_err(|error| CliError::Usage {
            what: error.to_string(),
            help: "name one of its layers with --layer".to_owned(),
        })?;
        Ok(ExtractionSettings {
            network,
            layer,
            config: NetworkConfig { input: self.input.unwrap_or(published.input), width: self.width },
            weights: weights(self.weights.as_deref(), network)?,
            resizer: self.resizer.parse().expect("the parser accepts only resizers"),
            batch: usize::from(self.batch),
            skip_unreadable: self.skip_unreadable,
            device: self.device.choose(quiet)?,
        })
    }
}

/// The weights that an option names, or the published file of the network.
///
/// # Errors
///
/// If the option names no weights, or their file does not exist.
pub fn weights(option: Option<&str>, network: Network) -> Result<Weights, CliError> {
    let name = network.as_str();
    let weights = match option {
        Some(text) => Weights::parse(text)?,
        None => Weights::File { path: published(name) },
    };
    match &weights {
        Weights::File { path } if !path.exists() => {
            Err(EvaluateError::NoWeights { path: path.clone(), name: name.to_owned(), option: "--weights" }.into())
        }
        _ => Ok(weights),
    }
}

/// Where `jem weights fetch` saves the file of that name.
pub fn published(name: &str) -> PathBuf {
    let known = crate::fetch::weights::Weights::named(name).expect("the weights of every network are published");
    known.path_in(Path::new("weights"))
}
