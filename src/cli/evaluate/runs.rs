//! Sources that are named by a run: `run:3`, `run:3@best`, `images:3`.

use std::path::Path;

use crate::evaluate::{FeatureSource, ImageSource, RunImages};
use crate::prepare::ReferenceImages;
use crate::store::RunId;
use crate::train::{GeneratorVersion, RunSamples, Sampler};

use super::super::prepare_progress::PrepareProgress;
use super::super::sample::{generator_version, not_saved};
use super::super::selection::unknown_runs;
use super::{CliError, DeviceArgs, Global};

/// The prefixes of the real images of a run. The first is the one that help shows.
const IMAGES: [&str; 2] = ["images:", "photos:"];

/// Opens sources, among them those of runs.
pub struct RunSources<'a> {
    global: &'a Global,
    device: &'a DeviceArgs,
    samples: Option<u32>,
}

/// The number in `run:<number>` or `run:<number>@<generator>`.
pub fn run_number(text: &str) -> Option<i64> {
    let (number, _) = split(text.strip_prefix("run:")?);
    number.parse().ok()
}

fn split(text: &str) -> (&str, &str) {
    text.split_once('@').unwrap_or((text, "last"))
}

impl<'a> RunSources<'a> {
    /// Sources of the database, with `samples` samples each, or as many as the settings of a run say.
    pub fn new(global: &'a Global, device: &'a DeviceArgs, samples: Option<u32>) -> Self {
        Self { global, device, samples }
    }

    /// Opens a folder, a file of features or moments, or samples or real images of a run. A path that exists takes
    /// precedence.
    ///
    /// # Errors
    ///
    /// If it does not exist, the file is of another kind, or the generator of the run cannot be loaded.
    pub fn open(&self, text: &str) -> Result<FeatureSource, CliError> {
        let path = Path::new(text);
        if !path.exists()
            && let Some(images) = self.open_run(text)?
        {
            return Ok(FeatureSource::Images(images));
        }
        Ok(FeatureSource::open(path)?)
    }

    fn open_run(&self, text: &str) -> Result<Option<Box<dyn ImageSource>>, CliError> {
        let usage = |what: String| CliError::Usage {
            what: format!("{text}: {what}"),
            help:
                "run:<number>, run:<number>@best or run:<number>@<epoch> names samples of a run, and images:<number> \
                   its held-out images; `jem list` shows the numbers"
                    .to_owned(),
        };
        let number = |text: &str| text.parse().map_err(|_| usage(format!("`{text}` is not a run number")));
        if let Some(rest) = text.strip_prefix("run:") {
            let (run, generator) = split(rest);
            let (sampler, set) = self.sampler(number(run)?, generator_version(generator).map_err(usage)?)?;
            let count = self.samples.map_or(sampler.settings().eval.samples, |samples| samples as usize);
            let path = format!("run:{run}@{}", sampler.epoch()).into();
            return Ok(Some(Box::new(RunSamples::new(path, count, set, sampler))));
        }
        let Some(run) = IMAGES.iter().find_map(|prefix| text.strip_prefix(prefix)) else { return Ok(None) };
        let (_, set) = self.sampler(number(run)?, GeneratorVersion::Epoch(crate::measure::Epoch::ZERO))?;
        Ok(Some(Box::new(RunImages::new(text.into(), set))))
    }

    fn sampler(&self, number: i64, which: GeneratorVersion) -> Result<(Sampler, ReferenceImages), CliError> {
        let (store, id) = (self.global.open_to_read()?, RunId(number));
        let Some(run) = store.run(id)? else { return Err(unknown_runs(&store, &[id])) };
        let (progress, cache) = (PrepareProgress::new(self.global.quiet), self.global.cache());
        let on_event = |event| progress.report(event);
        // Quiet: the device is named when features are extracted.
        let sampler = Sampler::open(&store, &run, which, &cache, self.device.choose(true)?, &on_event)?;
        let Some(sampler) = sampler else { return Err(not_saved(&store, &run, which)?) };
        let set = sampler.reference_images(&cache, &on_event)?;
        Ok((sampler, set))
    }
}
