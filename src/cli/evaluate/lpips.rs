//! The learned perceptual distance of pictures in pairs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use image::RgbImage;
use serde_json::json;

use crate::data::Digests;
use crate::metric::Lpips;
use crate::screen::note;
use crate::train::worker::chain;
use crate::vision::{Network, Weights};

use super::super::format::{Field, FormatArgs, Sheet};
use super::answer::{Answer, Details, Party};
use super::error::EvaluateError;
use super::name::{digits, has_published_digest};
use super::network::{published, weights};
use super::pictures::{PictureFolder, Pictures as _};
use super::shown::Shown;
use super::{CliError, DeviceArgs, Global};

#[derive(Args)]
pub struct LpipsArgs {
    /// One folder of pictures
    #[arg(value_name = "FOLDER")]
    first: PathBuf,
    /// Another, with a picture of the same name but for its ending, and of the same size, for each of the first
    #[arg(value_name = "OTHER")]
    second: PathBuf,
    /// The network that looks at pictures
    #[arg(long, default_value = "alexnet", value_name = "NETWORK", value_parser = ["alexnet", "vgg16"])]
    network: String,
    /// Its weights: a file, or random:<seed> [default: its published file in weights/]
    #[arg(long, value_name = "FILE|random:SEED")]
    weights: Option<String>,
    /// How much each channel counts: a file of LPIPS v0.1 [default: weights/lpips-v0.1-alex.pth or -vgg.pth]
    #[arg(long, value_name = "FILE")]
    linear: Option<PathBuf>,
    /// How many pairs are decoded at once
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    batch: u16,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// What makes the distances.
struct Made {
    network: Network,
    /// A digest or a seed.
    weights: String,
    /// A digest.
    linear: String,
}

/// Pictures of one name: places in the one and the other folder.
struct Pair {
    name: String,
    places: [usize; 2],
}

pub fn run(global: &Global, args: &LpipsArgs) -> Result<ExitCode, CliError> {
    let folders = [PictureFolder::open(&args.first)?, PictureFolder::open(&args.second)?];
    let pairs = pairs(&folders)?;
    let network: Network = args.network.parse().expect("the parser lets only networks through");
    let linear_name = format!("lpips-{network}");
    let linear = args.linear.clone().unwrap_or_else(|| published(&linear_name));
    let weights = weights(args.weights.as_deref(), network)??;
    if !linear.exists() {
        return Err(EvaluateError::NoWeights { path: linear, name: linear_name, option: "--linear" }.into());
    }
    let device = args.device.choose(global.quiet)?.open()?;
    let made = Made::by(network, &weights, &linear, &global.cache().digests())?;
    let lpips = Lpips::load(network, &weights, &linear, &device)?;
    lpips.notes(&weights)?.iter().for_each(|text| note(format!("note: {text}")));
    let distances = distances(&lpips, &folders, &pairs, usize::from(args.batch), global.quiet)?;
    let mut answer = made.answer();
    let count = distances.len() as f64;
    let mean = distances.iter().sum::<f64>() / count;
    let squares: f64 = distances.iter().map(|distance| (distance - mean).powi(2)).sum();
    match distances.len() {
        1 => answer.value(made.name(), mean),
        _ => answer.spread(made.name(), mean, (squares / (count - 1.0)).sqrt(), "standard deviation over pairs"),
    }
    answer.party("first", &Party::of_folder(&folders[0]));
    answer.party("second", &Party::of_folder(&folders[1]));
    let sheet = sheet(&folders, &pairs, &distances);
    answer.details(Details { key: "pairs", sheet, for_people: false, for_csv: true });
    answer.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

impl Made {
    fn by(network: Network, weights: &Weights, linear: &Path, digests: &Digests) -> Result<Self, CliError> {
        let weights = match weights {
            Weights::File { path } => hex::encode(digests.of(path)?),
            Weights::Random { .. } => weights.to_string(),
        };
        let made = Self { network, weights, linear: hex::encode(digests.of(linear)?) };
        // What cannot be remembered is hashed again next time.
        let _ = digests.save();
        Ok(made)
    }

    /// LPIPS by published weights alone.
    fn name(&self) -> String {
        let network = self.network.as_str();
        let known = has_published_digest(network, &self.weights)
            && has_published_digest(&format!("lpips-{network}"), &self.linear);
        if known { "LPIPS".into() } else { format!("distance({network}:{})", digits(&self.weights, 8)) }
    }

    fn answer(&self) -> Answer {
        let Self { network, weights, linear } = self;
        let [seen, channels] = [weights, linear].map(|digest| digits(digest, 12));
        let words = format!("{network}, weights {seen}, channels weighed by {channels}, pictures as they are");
        Answer::by(words, json!({ "network": network.as_str(), "weights": weights, "linear": linear }))
    }
}

/// The pairs by name.
fn pairs(folders: &[PictureFolder; 2]) -> Result<Vec<Pair>, EvaluateError> {
    let [first, mut second] = [stems(&folders[0])?, stems(&folders[1])?];
    let (mut pairs, mut alone) = (Vec::new(), Vec::new());
    for (name, at) in first {
        match second.remove(&name) {
            Some(other) => pairs.push(Pair { name, places: [at, other] }),
            None => alone.push(folders[0].files()[at].display().to_string()),
        }
    }
    alone.extend(second.into_values().map(|at| folders[1].files()[at].display().to_string()));
    if alone.is_empty() { Ok(pairs) } else { Err(EvaluateError::Unpaired { alone }) }
}

/// Where each name without its ending is.
fn stems(folder: &PictureFolder) -> Result<BTreeMap<String, usize>, EvaluateError> {
    let mut stems = BTreeMap::new();
    for (at, file) in folder.files().iter().enumerate() {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(other) = stems.insert(stem.clone(), at) {
            let (first, second) = (folder.name(other), folder.name(at));
            return Err(EvaluateError::SameStem { path: folder.path().into(), stem, first, second });
        }
    }
    Ok(stems)
}

fn distances(
    lpips: &Lpips,
    folders: &[PictureFolder; 2],
    pairs: &[Pair],
    batch: usize,
    quiet: bool,
) -> Result<Vec<f64>, CliError> {
    let mut shown = Shown::new(quiet, folders[0].path(), pairs.len());
    let mut lost: [Vec<String>; 2] = Default::default();
    let mut distances = Vec::with_capacity(pairs.len());
    for batch in pairs.chunks(batch) {
        let mut sides: [Vec<RgbImage>; 2] = Default::default();
        for (side, folder) in folders.iter().enumerate() {
            for decoded in folder.decode(batch.iter().map(|pair| pair.places[side])) {
                match decoded {
                    Ok(picture) => sides[side].push(picture),
                    Err(error) => lost[side].push(chain(&error)),
                }
            }
        }
        // Where nothing will come of it, the rest is only read, so that all that is wrong can be said.
        if lost.iter().all(Vec::is_empty) {
            equal(folders, batch, &sides)?;
            distances.extend(lpips.distance(&sides[0], &sides[1])?);
        }
        shown.tell((distances.len() + lost[0].len() + lost[1].len()).min(pairs.len()));
    }
    match folders.iter().zip(lost).find(|(_, lost)| !lost.is_empty()) {
        None => Ok(distances),
        Some((folder, lost)) => {
            let (path, total) = (folder.path().into(), folder.count());
            Err(EvaluateError::Unreadable { path, total, lost, may_skip: false }.into())
        }
    }
}

/// That the pictures of each pair have one size.
fn equal(folders: &[PictureFolder; 2], batch: &[Pair], sides: &[Vec<RgbImage>; 2]) -> Result<(), EvaluateError> {
    for ((pair, first), second) in batch.iter().zip(&sides[0]).zip(&sides[1]) {
        let sizes = [first.dimensions(), second.dimensions()];
        if sizes[0] != sizes[1] {
            let file = |side: usize| folders[side].files()[pair.places[side]].display().to_string();
            return Err(EvaluateError::Sizes { first: file(0), second: file(1), sizes });
        }
    }
    Ok(())
}

fn sheet(folders: &[PictureFolder; 2], pairs: &[Pair], distances: &[f64]) -> Sheet {
    let mut sheet = Sheet::new(&["pair", "first", "second", "distance"]);
    for (pair, distance) in pairs.iter().zip(distances) {
        let [first, second] = pair.places;
        let names = [pair.name.clone(), folders[0].name(first), folders[1].name(second)];
        let mut row: Vec<Field> = names.into_iter().map(Field::Text).collect();
        row.push(Field::Number(*distance));
        sheet.push(row);
    }
    sheet
}
