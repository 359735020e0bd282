//! A network that looks at pictures.

use std::cell::OnceCell;
use std::sync::mpsc;

use burn::tensor::Device;

use crate::data::Digests;
use crate::device::DeviceSpec;
use crate::metric::{FeatureOrigin, FeatureSet, MetricError};
use crate::screen::note;
use crate::train::worker::chain;
use crate::vision::{FeatureNet, Layer, Network, NetworkConfig, Resizer, Weights, resized_features};

use super::super::CliError;
use super::error::{EvaluateError, listed};
use super::network::NetworkArgs;
use super::pictures::Pictures;
use super::shown::Shown;

/// The layer that the inception score is of.
pub const LOGITS: &str = "logits_unbiased";

/// A network, how it is shown pictures, and where it runs. It is loaded when it is first needed.
pub struct Observer {
    network: Network,
    layer: Layer,
    config: NetworkConfig,
    weights: Weights,
    resizer: Resizer,
    origin: FeatureOrigin,
    batch: usize,
    skips: bool,
    quiet: bool,
    device: DeviceSpec,
    loaded: OnceCell<(FeatureNet, Device)>,
}

/// What was seen of pictures.
pub struct Seen {
    /// The features of every picture that could be read.
    pub features: FeatureSet,
    /// How many could not.
    pub skipped: usize,
}

/// What is put together batch by batch.
struct Gathered {
    names: Vec<String>,
    matrices: Vec<Vec<f32>>,
    lost: Vec<String>,
}

impl Observer {
    /// What the options ask for. Nothing is loaded, but the weights are held to be there, and hashed.
    ///
    /// # Errors
    ///
    /// If the layer, the weights or the device are not there.
    pub fn new(args: &NetworkArgs, digests: &Digests, quiet: bool) -> Result<Self, CliError> {
        let network = args.network();
        let published = NetworkConfig::published(network);
        let config = NetworkConfig { input: args.input.unwrap_or(published.input), width: args.width };
        let usual = if network.layer("pool3").is_ok() && network.layer(LOGITS).is_ok() { "pool3" } else { "fc7" };
        let word = args.layer.as_deref().unwrap_or(usual);
        let layer = network.layer(word).map_err(|error| CliError::Usage {
            what: error.to_string(),
            help: "name one of its layers by --layer".to_owned(),
        })?;
        let weights = args.weights()??;
        let digest = match &weights {
            Weights::File { path } => hex::encode(digests.of(path)?),
            Weights::Random { .. } => weights.to_string(),
        };
        let origin = FeatureOrigin {
            network: network.to_string(),
            layer: layer.to_string(),
            weights: digest,
            input: config.input,
            width: config.width,
            resizer: args.resizer().to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Ok(Self {
            network,
            layer,
            config,
            weights,
            resizer: args.resizer(),
            origin,
            batch: usize::from(args.batch),
            skips: args.skip_unreadable,
            quiet,
            device: args.device.choose(quiet)?,
            loaded: OnceCell::new(),
        })
    }

    /// How its features are made.
    pub fn origin(&self) -> &FeatureOrigin {
        &self.origin
    }

    /// How many numbers its features have.
    pub fn length(&self) -> usize {
        self.layer.length(self.config)
    }

    /// Whether it says less on standard error.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether it has scores of classes.
    pub fn has_logits(&self) -> bool {
        self.network.layer(LOGITS).is_ok()
    }

    /// Looks at all of them, `batch` at a time while the next are decoded: memory grows with the features
    /// alone. With `logits` the unbiased logits are kept too, where the network has them.
    ///
    /// # Errors
    ///
    /// If the network cannot be loaded, or pictures cannot be read and are not to be skipped: then all such are named.
    pub fn look(&self, pictures: &dyn Pictures, logits: bool) -> Result<Seen, CliError> {
        let mut layers = vec![self.layer];
        let (net, device) = self.loaded()?;
        if logits
            && let Ok(more) = self.network.layer(LOGITS)
            && more != self.layer
            && net.reaches(more)
        {
            layers.push(more);
        }
        let Gathered { names, matrices, lost } = self.gather(pictures, net, device, &layers);
        let (total, path) = (pictures.count(), pictures.path().to_owned());
        if !lost.is_empty() && (!self.skips || lost.len() == total) {
            return Err(EvaluateError::Unreadable { path, total, may_skip: lost.len() < total, lost }.into());
        }
        if !lost.is_empty() {
            note(format!("skipped: {} of {total} pictures in {}:{}", lost.len(), path.display(), listed(&lost)));
        }
        let mut matrices = layers.iter().zip(matrices);
        let (_, values) = matrices.next().expect("features are taken of one layer at least");
        let named = |layer: &Layer, error| match error {
            MetricError::NotFinite { row, column } => {
                let (tensor, picture) = (layer.to_string(), names[row].clone());
                MetricError::NotFiniteIn { path: path.clone(), tensor, row, picture, column }
            }
            other => other,
        };
        let length = |layer: &Layer| layer.length(self.config);
        let features = FeatureSet::new(values, length(&self.layer), names.clone(), Some(self.origin.clone()));
        let mut features = features.map_err(|error| named(&self.layer, error))?;
        for (layer, values) in matrices {
            let with = features.with_layer(&layer.to_string(), values, length(layer));
            features = with.map_err(|error| named(layer, error))?;
        }
        Ok(Seen { features, skipped: lost.len() })
    }

    fn gather(&self, pictures: &dyn Pictures, net: &FeatureNet, device: &Device, layers: &[Layer]) -> Gathered {
        let count = pictures.count();
        let mut shown = Shown::new(self.quiet, pictures.path(), count);
        let mut all =
            Gathered { names: Vec::with_capacity(count), matrices: vec![Vec::new(); layers.len()], lost: Vec::new() };
        std::thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(1);
            let batch = self.batch;
            scope.spawn(move || {
                for from in (0..count).step_by(batch) {
                    let range = from..count.min(from + batch);
                    if send.send((range.clone(), pictures.load(range))).is_err() {
                        return;
                    }
                }
            });
            for (range, decoded) in receive {
                let done = range.end;
                let mut read = Vec::with_capacity(decoded.len());
                for (at, decoded) in range.zip(decoded) {
                    match decoded {
                        Ok(picture) => {
                            all.names.push(pictures.name(at));
                            read.push(picture);
                        }
                        Err(error) => all.lost.push(chain(&error)),
                    }
                }
                // Where nothing will come of it, the rest is only read, so that all that is wrong can be said.
                if self.skips || all.lost.is_empty() {
                    let seen = resized_features(net, layers, &read, self.resizer, device);
                    for (matrix, rows) in all.matrices.iter_mut().zip(seen) {
                        rows.iter().for_each(|row| matrix.extend_from_slice(row));
                    }
                }
                shown.tell(done);
            }
        });
        all
    }

    fn loaded(&self) -> Result<&(FeatureNet, Device), CliError> {
        if self.loaded.get().is_none() {
            let device = self.device.open()?;
            let layers = [self.layer];
            let net = FeatureNet::load_for(self.network, self.config, &self.weights, &layers, &device)?;
            for text in FeatureNet::notes(self.network, self.config, &self.weights, &layers)? {
                note(format!("note: {text}"));
            }
            // Nobody else has set it since.
            let _ = self.loaded.set((net, device));
        }
        Ok(self.loaded.get().expect("it has just been loaded"))
    }
}
