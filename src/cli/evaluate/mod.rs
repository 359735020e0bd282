//! `jem eval`: compares generated with real images. It parses options and prints results; [`crate::evaluate`] computes
//! them.

mod fid;
mod inception_score;
mod kid;
mod lpips;
mod network;
mod prdc;
mod result;
mod runs;

use std::cell::RefCell;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::evaluate::{Comparison, Event, OnEvent};
use crate::prepare::Cache;
use crate::screen::note;

use super::progress::{StageProgress, Unit};
use super::{CliError, DeviceArgs, Global};

pub use network::NetworkArgs;
use runs::RunSources;

/// Compares images. Each set is a folder of images, a file of their features from `jem features`, a file of mean and
/// covariance, or samples or held-out images of a run.
#[derive(Args)]
pub struct EvalArgs {
    #[command(subcommand)]
    measure: Measure,
}

#[derive(Subcommand)]
enum Measure {
    /// Fréchet distance between generated and real images: FID with the published Inception network, else FD
    Fid(fid::FidArgs),
    /// Kernel distance between generated and real images: KID with the published Inception network, else KD
    Kid(kid::KidArgs),
    /// Inception score of generated images
    Is(inception_score::InceptionScoreArgs),
    /// Precision, recall, density and coverage of generated images
    Prdc(prdc::PrdcArgs),
    /// Learned perceptual distance (LPIPS) of images in pairs of equal names
    Lpips(lpips::LpipsArgs),
}

/// The two sets that are compared.
#[derive(Args)]
struct SourceArgs {
    /// Generated images: a folder, a file of features (.safetensors, .npy), or samples of a run: run:<number>,
    /// run:<number>@best, run:<number>@<epoch>
    #[arg(value_name = "GENERATED")]
    generated: String,
    /// Real images, or other images to compare with: a folder, a file of features, samples of a run, the held-out
    /// images of a run (images:<number>), or for `fid` an .npz file of mean and covariance (`mu`, `sigma`) as
    /// pytorch-fid saves them [default: the held-out images of the run in GENERATED]
    #[arg(value_name = "REAL")]
    real: Option<String>,
    /// The number of samples of a run [default: its eval.samples]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000_000))]
    samples: Option<u32>,
}

impl SourceArgs {
    /// Opens both sets.
    fn open<'a>(
        &self,
        global: &Global,
        network: &NetworkArgs,
        cache: &'a Cache,
        on_event: OnEvent<'a>,
    ) -> Result<Comparison<'a>, CliError> {
        let sources = RunSources::new(global, &network.device, self.samples);
        let (generated, real) = (sources.open(&self.generated)?, sources.open(&self.real()?)?);
        let extraction = match generated.is_images() || real.is_images() {
            true => Some(network.settings(global.quiet)?),
            false => None,
        };
        Ok(Comparison::new(generated, real, extraction, cache, on_event)?)
    }

    fn real(&self) -> Result<String, CliError> {
        let of_run = || Some(format!("photos:{}", runs::run_number(&self.generated)?));
        self.real.clone().or_else(of_run).ok_or_else(|| CliError::Usage {
            what: format!("{}: no images to compare it with", self.generated),
            help: "name the real images after it: a folder, a file of features, or images:<run number>".into(),
        })
    }
}

/// Computes and prints one measure.
pub fn run(global: &Global, args: &EvalArgs) -> Result<ExitCode, CliError> {
    match &args.measure {
        Measure::Fid(args) => fid::run(global, args),
        Measure::Kid(args) => kid::run(global, args),
        Measure::Is(args) => inception_score::run(global, args),
        Measure::Prdc(args) => prdc::run(global, args),
        Measure::Lpips(args) => lpips::run(global, args),
    }
}

/// A function that shows events on standard error.
pub fn show_event(quiet: bool) -> impl Fn(Event) {
    let current: RefCell<Option<StageProgress>> = RefCell::new(None);
    move |event| match event {
        Event::Progress { source, done, total } => {
            let stage = || {
                let name = format!("features: {}", source.display());
                StageProgress::new(quiet, name, Unit::Items("images"), Some(total as u64))
            };
            let mut current = current.borrow_mut();
            let progress = current.get_or_insert_with(stage);
            progress.set(done as u64);
            if done == total {
                progress.finish();
                *current = None;
            }
        }
        Event::CachedMoments { path } if !quiet => note(format!("moments from the cache: {}", path.display())),
        Event::CachedMoments { .. } => {}
        Event::Note(text) => note(text),
    }
}

/// Notes on how the features of both sets were extracted.
fn origin_notes(comparison: &Comparison) -> Vec<String> {
    let [generated, real] = comparison.origins();
    let sets = [("generated", generated), ("real", real)];
    let unknown = sets.into_iter().filter(|(_, origin)| origin.is_none()).map(|(set, _)| {
        format!(
            "the network and layer of the features of the {set} set are not known: check that both sets have the same"
        )
    });
    let versions = match [generated, real] {
        [Some(generated), Some(real)] if generated.version != real.version => {
            Some(format!("the features were extracted by jem {} and jem {}", generated.version, real.version))
        }
        _ => None,
    };
    unknown.chain(versions).collect()
}

/// `1 image`, `2 images`.
fn image_count(count: usize) -> String {
    format!("{count} {}", if count == 1 { "image" } else { "images" })
}

/// How many files and folders were ignored, and the first names; `None` if there are none.
pub fn other_files(names: &[String]) -> Option<String> {
    const FEW: usize = 5;
    let more = if names.len() > FEW { ", …" } else { "" };
    let first = names[..names.len().min(FEW)].join(", ");
    (!names.is_empty()).then(|| format!("{} ignored ({first}{more})", names.len()))
}
