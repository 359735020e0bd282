//! How far generated pictures are from real ones, by features of a frozen network.

mod answer;
mod error;
mod fid;
mod inception_score;
mod kid;
mod lpips;
mod name;
mod network;
mod observer;
mod pair;
mod pictures;
mod prdc;
mod reference;
mod runs;
mod shown;
mod source;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{CliError, DeviceArgs, Global};

pub use error::EvaluateError;
pub use network::NetworkArgs;
pub use observer::Observer;
pub use pictures::{PictureFolder, passed_over};

/// Compares pictures. Each side is a folder of pictures, a file of their features by `jem features`, a file of their mean and
/// covariance, or a run's.
#[derive(Args)]
pub struct EvalArgs {
    #[command(subcommand)]
    measure: Measure,
}

#[derive(Subcommand)]
enum Measure {
    /// Fréchet distance of generated from real pictures: FID with the published Inception, else FD
    Fid(fid::FidArgs),
    /// Kernel distance of generated from real pictures: KID with the published Inception, else KD
    Kid(kid::KidArgs),
    /// Inception score of generated pictures
    Is(inception_score::InceptionScoreArgs),
    /// Precision, recall, density and coverage of generated pictures among real ones
    Prdc(prdc::PrdcArgs),
    /// Learned perceptual distance (LPIPS) of pictures in pairs of equal names
    Lpips(lpips::LpipsArgs),
}

/// What is compared with what.
#[derive(Args)]
struct SidesArgs {
    /// Generated pictures: a folder of them, a file of features (.safetensors, .npy), or a run's samples:
    /// run:<number>, run:<number>@best, run:<number>@<epoch>
    #[arg(value_name = "GENERATED")]
    generated: String,
    /// Real pictures, or others to hold them against: the same, photos:<number>, those that a run is held against, or for `fid`
    /// an .npz file of mean and covariance (`mu`, `sigma`) as pytorch-fid saves them
    /// [default: the photos of the run whose samples are compared]
    #[arg(value_name = "REAL")]
    real: Option<String>,
    /// How many samples a run draws [default: its eval.samples]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000_000))]
    samples: Option<u32>,
}

impl SidesArgs {
    /// What the generated side is held against.
    fn real(&self) -> Result<String, CliError> {
        let of_run = || Some(format!("photos:{}", runs::number(&self.generated)?));
        self.real.clone().or_else(of_run).ok_or_else(|| CliError::Usage {
            what: format!("{} is held against nothing", self.generated),
            help: "name the real pictures behind it: a folder, a file of features, or photos:<number of a run>".into(),
        })
    }
}

/// Takes one measure.
pub fn run(global: &Global, args: &EvalArgs) -> Result<ExitCode, CliError> {
    match &args.measure {
        Measure::Fid(args) => fid::run(global, args),
        Measure::Kid(args) => kid::run(global, args),
        Measure::Is(args) => inception_score::run(global, args),
        Measure::Prdc(args) => prdc::run(global, args),
        Measure::Lpips(args) => lpips::run(global, args),
    }
}

/// "1 picture", "2 pictures".
pub fn pictures(count: usize) -> String {
    format!("{count} {}", if count == 1 { "picture" } else { "pictures" })
}
