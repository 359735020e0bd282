//! A run's samples, and the photos that they are held against.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::RgbImage;
use sha2::{Digest as _, Sha256};

use crate::data::{DataError, Digests};
use crate::prepare::PhotoSet;
use crate::store::RunId;
use crate::train::{Sampler, Which};

use super::super::progress::Preparing;
use super::super::sample::{not_kept, which};
use super::super::selection::unknown_runs;
use super::pictures::Pictures;
use super::{CliError, DeviceArgs, Global};

/// Pictures that are drawn together: as many as evaluations do, so that they come out the same.
const TOGETHER: usize = 32;

/// What sides may name of runs.
pub struct Runs<'a> {
    global: &'a Global,
    device: &'a DeviceArgs,
    samples: Option<u32>,
}

/// Samples that a run's generator draws of the captions of its held-out part in turn.
struct Samples {
    path: PathBuf,
    count: usize,
    set: PhotoSet,
    // The networks are not made for two threads at once.
    sampler: Mutex<Sampler>,
}

/// The photos that a run's samples are held against, at the size of these.
struct Photos {
    path: PathBuf,
    set: PhotoSet,
}

/// The number in `run:<number>` or `run:<number>@<which>`.
pub fn number(text: &str) -> Option<i64> {
    let (number, _) = parted(text.strip_prefix("run:")?);
    number.parse().ok()
}

fn parted(text: &str) -> (&str, &str) {
    text.split_once('@').unwrap_or((text, "last"))
}

impl<'a> Runs<'a> {
    /// Runs of the database, which draw `samples` samples each, or as many as their settings say.
    pub fn new(global: &'a Global, device: &'a DeviceArgs, samples: Option<u32>) -> Self {
        Self { global, device, samples }
    }

    /// The pictures that a side names as a run's; `None` if it names something else.
    ///
    /// # Errors
    ///
    /// If there is no such run, its generator is not kept, or what it reads has changed.
    pub fn open(&self, text: &str) -> Result<Option<Box<dyn Pictures>>, CliError> {
        let usage = |what: String| CliError::Usage {
            what: format!("{text}: {what}"),
            help: "run:<number> names a run as `jem list` numbers them; run:<number>@best its best generator, and \
                   run:<number>@<epoch> that of an epoch; photos:<number> its photos"
                .to_owned(),
        };
        let run = |text: &str| text.parse().map_err(|_| usage(format!("`{text}` is no number of a run")));
        if let Some(rest) = text.strip_prefix("run:") {
            let (number, word) = parted(rest);
            let (sampler, set) = self.sampler(run(number)?, which(word).map_err(usage)?)?;
            let count = self.samples.map_or(sampler.settings().eval.samples, |samples| samples as usize);
            let path = format!("run:{number}@{}", sampler.epoch()).into();
            return Ok(Some(Box::new(Samples { path, count, set, sampler: Mutex::new(sampler) })));
        }
        let Some(number) = text.strip_prefix("photos:") else { return Ok(None) };
        let (_, set) = self.sampler(run(number)?, Which::At(crate::measure::Epoch::ZERO))?;
        Ok(Some(Box::new(Photos { path: text.into(), set })))
    }

    fn sampler(&self, number: i64, which: Which) -> Result<(Sampler, PhotoSet), CliError> {
        let (store, id) = (self.global.open_to_read()?, RunId(number));
        let Some(run) = store.run(id)? else { return Err(unknown_runs(&store, &[id])) };
        let (preparing, cache) = (Preparing::new(self.global.quiet), self.global.cache());
        let tell = |news| preparing.tell(news);
        // What the network that looks at pictures takes has been said already.
        let sampler = Sampler::open(&store, &run, which, &cache, self.device.choose(true)?, &tell)?;
        let Some(sampler) = sampler else { return Err(not_kept(&store, &run, which)?) };
        let set = sampler.photos(&cache, &tell)?;
        Ok((sampler, set))
    }
}

impl Pictures for Samples {
    fn path(&self) -> &Path {
        &self.path
    }

    fn kind(&self) -> &'static str {
        "samples"
    }

    fn count(&self) -> usize {
        self.count
    }

    fn name(&self, at: usize) -> String {
        let (photo, sentence) = self.set.from.source(at);
        let caption = sentence - self.set.from.captions[photo].start + 1;
        format!("sample {} of caption {caption} of image {}", at + 1, self.set.ids[photo])
    }

    fn load(&self, places: Range<usize>) -> Vec<Result<RgbImage, DataError>> {
        let sampler = self.sampler.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers: Vec<usize> = places.collect();
        numbers.chunks(TOGETHER).flat_map(|numbers| sampler.samples(&self.set.from, numbers)).map(Ok).collect()
    }

    fn digest(&self, _: &Digests) -> Result<Option<[u8; 32]>, DataError> {
        Ok(None)
    }
}

impl Pictures for Photos {
    fn path(&self) -> &Path {
        &self.path
    }

    fn kind(&self) -> &'static str {
        "photos"
    }

    fn count(&self) -> usize {
        self.set.ids.len()
    }

    fn name(&self, at: usize) -> String {
        format!("image {}", self.set.ids[at])
    }

    fn load(&self, places: Range<usize>) -> Vec<Result<RgbImage, DataError>> {
        places.map(|at| Ok(self.set.picture(at))).collect()
    }

    fn digest(&self, _: &Digests) -> Result<Option<[u8; 32]>, DataError> {
        let mut hash = Sha256::new();
        (0..self.count()).for_each(|at| hash.update(self.set.pixels.row(at)));
        Ok(Some(hash.finalize().into()))
    }
}
