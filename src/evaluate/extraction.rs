//! Feature extraction from the images of a source.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::mpsc;

use burn::tensor::Device;

use crate::data::{DataError, DigestCache};
use crate::device::DeviceSpec;
use crate::error_chain::error_chain;
use crate::metric::{FeatureOrigin, FeatureSet, MetricError};
use crate::vision::{
    FeatureNet, INCEPTION_SCORE_LAYER, Layer, Network, NetworkConfig, Resizer, Weights, resized_features,
};

use super::error::{EvaluateError, listed};
use super::event::{Event, OnEvent};
use super::image_source::ImageSource;

/// Settings of a feature extraction.
#[derive(Clone, Debug)]
pub struct ExtractionSettings {
    /// The network.
    pub network: Network,
    /// The layer whose output is extracted.
    pub layer: Layer,
    /// Input side and width of the network.
    pub config: NetworkConfig,
    /// The weights of the network.
    pub weights: Weights,
    /// How images are resized to the input.
    pub resizer: Resizer,
    /// How many images are decoded at once.
    pub batch: usize,
    /// Whether images that cannot be read are left out.
    pub skip_unreadable: bool,
    /// Where the network runs.
    pub device: DeviceSpec,
}

/// Extracts features. The network is loaded at its first use.
pub struct FeatureExtraction<'a> {
    settings: ExtractionSettings,
    origin: FeatureOrigin,
    on_event: OnEvent<'a>,
    loaded: OnceCell<(FeatureNet, Device)>,
}

/// The features of the images of a source.
pub struct ExtractedFeatures {
    /// The features of every image that could be read.
    pub features: FeatureSet,
    /// The number of images that could not be read.
    pub skipped: usize,
}

/// Results of the batches so far.
struct Extracted {
    names: Vec<String>,
    /// One matrix for each layer, row by row.
    matrices: Vec<Vec<f32>>,
    errors: Vec<String>,
}

impl<'a> FeatureExtraction<'a> {
    /// Hashes the weights; the network is not loaded yet.
    ///
    /// # Errors
    ///
    /// If the weights file cannot be read.
    pub fn new(
        settings: ExtractionSettings,
        digests: &DigestCache,
        on_event: OnEvent<'a>,
    ) -> Result<Self, EvaluateError> {
        let origin = FeatureOrigin {
            network: settings.network.to_string(),
            layer: settings.layer.to_string(),
            weights: weights_digest(&settings.weights, digests)?,
            input: settings.config.input,
            width: settings.config.width,
            resizer: settings.resizer.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Ok(Self { settings, origin, on_event, loaded: OnceCell::new() })
    }

    /// How the features are extracted.
    pub fn origin(&self) -> &FeatureOrigin {
        &self.origin
    }

    /// The dimensions of the features.
    pub fn dimension(&self) -> usize {
        self.settings.layer.length(self.settings.config)
    }

    /// Whether the network has the layer of the inception score.
    pub fn has_logits(&self) -> bool {
        self.settings.network.layer(INCEPTION_SCORE_LAYER).is_ok()
    }

    /// Reports an event.
    pub(super) fn report(&self, event: Event) {
        (self.on_event)(event);
    }

    /// Extracts the features of all images of a source. While the network processes a batch, the next batch is decoded;
    /// beside two batches only the features are in memory. With `logits`, the unbiased logits are extracted too, if the
    /// network and its weights have them.
    ///
    /// # Errors
    ///
    /// If the network cannot be loaded, a feature is not finite, or images cannot be read and are not to be skipped;
    /// the error lists all of these images.
    pub fn extract(&self, images: &dyn ImageSource, logits: bool) -> Result<ExtractedFeatures, EvaluateError> {
        let ExtractionSettings { layer, config, skip_unreadable, .. } = self.settings;
        let (net, device) = self.loaded()?;
        let mut layers = vec![layer];
        if logits
            && let Ok(more) = self.settings.network.layer(INCEPTION_SCORE_LAYER)
            && more != layer
            && net.reaches(more)
        {
            layers.push(more);
        }
        let Extracted { names, matrices, errors } = self.extract_batches(images, net, device, &layers);
        let (total, skipped, path) = (images.count(), errors.len(), images.path().to_owned());
        if skipped > 0 && (!skip_unreadable || skipped == total) {
            return Err(EvaluateError::Unreadable { path, total, may_skip: skipped < total, errors });
        }
        if skipped > 0 {
            let lines = listed(&errors);
            self.report(Event::Note(format!("skipped: {skipped} of {total} images in {}:{lines}", path.display())));
        }
        let mut matrices = layers.iter().zip(matrices);
        let (_, values) = matrices.next().expect("there is at least one layer");
        let with_image = |layer: &Layer, error| match error {
            MetricError::NotFinite { row, column } => {
                let (tensor, image) = (layer.to_string(), names[row].clone());
                MetricError::NotFiniteIn { path: path.clone(), tensor, row, image, column }
            }
            other => other,
        };
        let features = FeatureSet::new(values, layer.length(config), names.clone(), Some(self.origin.clone()));
        let mut features = features.map_err(|error| with_image(&layer, error))?;
        for (layer, values) in matrices {
            let extended = features.with_layer(&layer.to_string(), values, layer.length(config));
            features = extended.map_err(|error| with_image(layer, error))?;
        }
        Ok(ExtractedFeatures { features, skipped })
    }

    fn extract_batches(
        &self,
        images: &dyn ImageSource,
        net: &FeatureNet,
        device: &Device,
        layers: &[Layer],
    ) -> Extracted {
        let ExtractionSettings { batch, skip_unreadable, resizer, .. } = self.settings;
        let total = images.count();
        let names = Vec::with_capacity(total);
        let mut extracted = Extracted { names, matrices: vec![Vec::new(); layers.len()], errors: Vec::new() };
        let progress = |done| self.report(Event::Progress { source: images.path(), done, total });
        progress(0);
        std::thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(1);
            scope.spawn(move || {
                for start in (0..total).step_by(batch) {
                    let range = start..total.min(start + batch);
                    if send.send((range.clone(), images.load(range))).is_err() {
                        return;
                    }
                }
            });
            for (range, decoded) in receive {
                let done = range.end;
                let readable = extracted.sort_out(images, range, decoded);
                // After an error that ends the extraction, the other images are only decoded, so that the error lists
                // all that cannot be read.
                if skip_unreadable || extracted.errors.is_empty() {
                    let features = resized_features(net, layers, &readable, resizer, device);
                    for (matrix, rows) in extracted.matrices.iter_mut().zip(features) {
                        rows.iter().for_each(|row| matrix.extend_from_slice(row));
                    }
                }
                progress(done);
            }
        });
        extracted
    }

    fn loaded(&self) -> Result<&(FeatureNet, Device), EvaluateError> {
        if self.loaded.get().is_none() {
            let ExtractionSettings { network, layer, config, ref weights, device, .. } = self.settings;
            let device = device.open()?;
            let net = FeatureNet::load_for(network, config, weights, &[layer], &device)?;
            for text in FeatureNet::notes(network, config, weights, &[layer])? {
                self.report(Event::Note(format!("note: {text}")));
            }
            // The cell is empty: this thread has just checked it, and no other has a reference to it.
            let _ = self.loaded.set((net, device));
        }
        Ok(self.loaded.get().expect("it was set above"))
    }
}

impl Extracted {
    /// Records the names and errors of a batch; returns the images that could be read.
    fn sort_out(
        &mut self,
        images: &dyn ImageSource,
        range: Range<usize>,
        decoded: Vec<Result<image::RgbImage, DataError>>,
    ) -> Vec<image::RgbImage> {
        let mut readable = Vec::with_capacity(decoded.len());
        for (index, decoded) in range.zip(decoded) {
            match decoded {
                Ok(image) => {
                    self.names.push(images.name(index));
                    readable.push(image);
                }
                Err(error) => self.errors.push(error_chain(&error)),
            }
        }
        readable
    }
}

/// What identifies weights: `random:<seed>`, or the SHA-256 of the file in hexadecimal digits.
///
/// # Errors
///
/// If the file cannot be read.
pub fn weights_digest(weights: &Weights, digests: &DigestCache) -> Result<String, DataError> {
    Ok(match weights {
        Weights::File { path } => hex::encode(digests.sha256(path)?),
        Weights::Random { .. } => weights.to_string(),
    })
}
