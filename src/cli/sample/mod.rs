//! Images that a generator of a run generates on request.

mod conditions;
mod files;
mod strips;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::measure::Epoch;
use crate::screen::note;
use crate::store::{RunId, RunRecord, Store};
use crate::train::{GeneratorVersion, Sampler, saved_epochs};

use super::format::{Field, FormatArgs, Records};
use super::prepare_progress::PrepareProgress;
use super::selection::unknown_runs;
use super::{CliError, DeviceArgs, Global};

use files::Target;
use strips::Strip;

#[derive(Args)]
pub struct SampleArgs {
    /// The number of the run, as in `jem list`
    run: i64,
    /// The generator: last, best, or the number of a saved epoch; 0 is before training
    #[arg(long, default_value = "last", value_parser = generator_version, value_name = "EPOCH")]
    epoch: GeneratorVersion,
    /// A text; may be repeated, with one row of images for each [default: captions of evaluation items]
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// The guide image, if the run has guides [default: the guide of each evaluation item]
    #[arg(long, value_name = "FILE", conflicts_with = "guide_image")]
    guide: Option<PathBuf>,
    /// The mask of the guide image, if guides are segmented: a grey PNG of its size, 0 outside of flowers [default:
    /// none]
    #[arg(long, value_name = "FILE", requires = "guide")]
    mask: Option<PathBuf>,
    /// An image of the run's data set as the guide image [default: the guide of each evaluation item]
    #[arg(long, value_name = "NUMBER")]
    guide_image: Option<u32>,
    /// The number of images for each text, of captions if no text is given, or of strips if interpolated
    /// [default: 8; 1 strip for each text if interpolated between noise vectors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    count: Option<u16>,
    /// The random seed of the noise vectors
    #[arg(long, default_value_t = 1, value_name = "SEED", value_parser = clap::value_parser!(u64).range(..=MAX_SEED))]
    seed: u64,
    /// Generate strips of images interpolated between two noise vectors or two texts [default: no interpolation]
    #[arg(long, value_enum, value_name = "WHAT")]
    interpolate: Option<Interpolation>,
    /// The number of images in a strip, with both ends
    #[arg(
        long, default_value_t = 8, value_name = "K", requires = "interpolate",
        value_parser = clap::value_parser!(u16).range(2..=64)
    )]
    steps: u16,
    /// A file that ends in .png for one image grid with texts; otherwise a folder with one file for each image
    #[arg(long, value_name = "FILE|FOLDER")]
    out: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// The maximum seed. The output has it as a signed integer.
const MAX_SEED: u64 = i64::MAX as u64;

/// What is interpolated along a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Interpolation {
    /// From one noise vector to the next
    Noise,
    /// From the first text to the second
    Text,
}

pub fn run(global: &Global, args: &SampleArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let id = RunId(args.run);
    let Some(run) = store.run(id)? else { return Err(unknown_runs(&store, &[id])) };
    let target = Target::new(&args.out, args.force)?;
    let device = args.device.choose(global.quiet)?;
    let progress = PrepareProgress::new(global.quiet);
    let on_event = |event| progress.report(event);
    let sampler = Sampler::open(&store, &run, args.epoch, &global.cache(), device, &on_event)?;
    let Some(sampler) = sampler else { return Err(not_saved(&store, &run, args.epoch)?) };
    let conditions = conditions::conditions(&sampler, args, id, &global.cache(), global.quiet)?;
    let strips = strips::strips(&sampler, &conditions, args);
    let names = target.names(&strips)?;
    let missing = target.missing_letters(strips.iter().map(|strip| strip.text.as_str()));
    if !missing.is_empty() && !global.quiet {
        let missing = missing.join(" ");
        note(format!("note: the font lacks {missing}: texts with these letters are called `text 1` and so on, by row"));
    }
    target.write(&names, &strips, |input| sampler.generate(input))?;
    records(&names, &strips, sampler.epoch(), args.seed).print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

/// Parses a generator of a run: `last`, `best` or an epoch.
pub fn generator_version(word: &str) -> Result<GeneratorVersion, String> {
    match word {
        "last" => Ok(GeneratorVersion::Last),
        "best" => Ok(GeneratorVersion::Best),
        _ => match word.parse() {
            Ok(epoch) => Ok(GeneratorVersion::Epoch(Epoch(epoch))),
            Err(_) => Err("give `last`, `best` or the number of an epoch".to_owned()),
        },
    }
}

/// The error for a generator that is not saved, with the saved ones.
pub fn not_saved(store: &Store, run: &RunRecord, which: GeneratorVersion) -> Result<CliError, CliError> {
    let id = run.id;
    let what = match which {
        GeneratorVersion::Last => format!("run {id} has no checkpoint yet"),
        GeneratorVersion::Best => {
            format!("run {id} has no saved best generator: the setting `keep.best` chooses its metric")
        }
        GeneratorVersion::Epoch(epoch) => format!("run {id} has no saved generator of epoch {epoch}"),
    };
    let epochs: Vec<String> = saved_epochs(store, run)?.iter().map(ToString::to_string).collect();
    let last = store.last_checkpoint(id)?.map_or(String::new(), |last| format!("; `last` is epoch {}", last.epoch));
    let help = format!("saved epochs: {}{last}; the setting `keep.every` saves more", epochs.join(", "));
    Ok(CliError::Usage { what, help })
}

fn records(names: &[Vec<PathBuf>], strips: &[Strip], epoch: Epoch, seed: u64) -> Records {
    let mut records = Records::new(&["file", "row", "column", "at", "text", "epoch", "seed", "guide"]);
    for ((row, strip), names) in (1i64..).zip(strips).zip(names) {
        for ((column, image), name) in (1i64..).zip(&strip.images).zip(names) {
            records.push(vec![
                Field::text(name.display().to_string()),
                Field::Integer(row),
                Field::Integer(column),
                Field::number(image.at),
                Field::text(&strip.text),
                Field::Integer(epoch.0.into()),
                Field::integer(i64::try_from(seed).ok()),
                strip.guide.as_ref().map_or(Field::None, Field::text),
            ]);
        }
    }
    records.hide_if_empty("at");
    records.hide_if_empty("guide");
    records
}
