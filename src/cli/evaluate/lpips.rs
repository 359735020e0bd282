//! `jem eval lpips`: the learned perceptual distance of images in pairs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::evaluate::{EvaluateError, ImagePairs, ImageSource as _, LpipsNetwork, SourceInfo, short_digest};
use crate::metric::Lpips;
use crate::screen::note;
use crate::vision::Network;

use super::super::format::{Field, FormatArgs, Records};
use super::network::{published, weights};
use super::result::{Details, EvalResult};
use super::{CliError, DeviceArgs, Global, show_event};

#[derive(Args)]
pub struct LpipsArgs {
    /// A folder of images
    #[arg(value_name = "FOLDER")]
    first: PathBuf,
    /// A folder with one image for each image of the first, of the same name without extension and of the same size
    #[arg(value_name = "OTHER")]
    second: PathBuf,
    /// The network
    #[arg(long, default_value = "alexnet", value_name = "NETWORK", value_parser = ["alexnet", "vgg16"])]
    network: String,
    /// Its weights: a file, or random:<seed> [default: its published file in weights/]
    #[arg(long, value_name = "FILE|random:SEED")]
    weights: Option<String>,
    /// The weights of the channels: a file of LPIPS v0.1 [default: weights/lpips-v0.1-alex.pth or -vgg.pth]
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

pub fn run(global: &Global, args: &LpipsArgs) -> Result<ExitCode, CliError> {
    let pairs = ImagePairs::open(&args.first, &args.second)?;
    let network: Network = args.network.parse().expect("the parser accepts only networks");
    let linear_name = format!("lpips-{network}");
    let linear = args.linear.clone().unwrap_or_else(|| published(&linear_name));
    let weights = weights(args.weights.as_deref(), network)?;
    if !linear.exists() {
        return Err(EvaluateError::NoWeights { path: linear, name: linear_name, option: "--linear" }.into());
    }
    let device = args.device.choose(global.quiet)?.open()?;
    let used = LpipsNetwork::new(network, &weights, &linear, &global.cache().digests())?;
    let lpips = Lpips::load(network, &weights, &linear, &device)?;
    lpips.notes(&weights)?.iter().for_each(|text| note(format!("note: {text}")));
    let found = pairs.distances(&lpips, usize::from(args.batch), &show_event(global.quiet))?;
    let mut result = result(&used);
    match found.deviation {
        None => result.value(used.measure_name(), found.mean),
        Some(deviation) => {
            result.uncertain_value(used.measure_name(), found.mean, deviation, "standard deviation over pairs");
        }
    }
    let [first, second] = pairs.folders();
    result.source("first", &SourceInfo::of_images(first));
    result.source("second", &SourceInfo::of_images(second));
    let records = records(&pairs, &found.distances);
    result.details(Details { key: "pairs", records, in_text: false, in_csv: true });
    result.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

fn result(used: &LpipsNetwork) -> EvalResult {
    let LpipsNetwork { network, weights, linear } = used;
    let [short_weights, short_linear] = [weights, linear].map(|digest| short_digest(digest, 12));
    let text = format!("{network}, weights {short_weights}, linear weights {short_linear}, images not resized");
    EvalResult::with_features(text, json!({ "network": network.as_str(), "weights": weights, "linear": linear }))
}

fn records(pairs: &ImagePairs, distances: &[f64]) -> Records {
    let mut records = Records::new(&["pair", "first", "second", "distance"]);
    let [first, second] = pairs.folders();
    for (pair, distance) in pairs.pairs().iter().zip(distances) {
        let names = [pair.name.clone(), first.name(pair.indices[0]), second.name(pair.indices[1])];
        let mut row: Vec<Field> = names.into_iter().map(Field::Text).collect();
        row.push(Field::Number(*distance));
        records.push(row);
    }
    records
}
