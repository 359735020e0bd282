//! Pictures that a generator of a run draws for a person.

mod conditions;
mod files;
mod strips;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::measure::Epoch;
use crate::screen::note;
use crate::store::{RunId, RunRecord, Store};
use crate::train::{Sampler, Which, kept_epochs};

use super::format::{Field, FormatArgs, Sheet};
use super::progress::Preparing;
use super::selection::unknown_runs;
use super::{CliError, DeviceArgs, Global};

use files::Target;
use strips::Strip;

#[derive(Args)]
pub struct SampleArgs {
    /// The run's number, as `jem list` shows it
    run: i64,
    /// Which generator: last, best, or the number of an epoch that is kept; 0 is before training
    #[arg(long, default_value = "last", value_parser = which, value_name = "EPOCH")]
    epoch: Which,
    /// What to draw; may be repeated, a row for each [default: captions of evaluation items]
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// A photo that guides the drawing, where the run has guides
    #[arg(long, value_name = "FILE", conflicts_with = "guide_image")]
    guide: Option<PathBuf>,
    /// Where its flowers are, where guides are segmented: a grey PNG of its size, 0 where there is none
    #[arg(long, value_name = "FILE", requires = "guide")]
    mask: Option<PathBuf>,
    /// An image of the run's data set that guides the drawing
    #[arg(long, value_name = "NUMBER")]
    guide_image: Option<u32>,
    /// How many pictures for each text, how many captions without one, or how many strips between two texts
    /// [default: 8; 1 strip between noises for each text]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    count: Option<u16>,
    /// The seed of the noise
    #[arg(long, default_value_t = 1, value_name = "SEED", value_parser = clap::value_parser!(u64).range(..=MOST))]
    seed: u64,
    /// Draw strips of pictures on the way between two noises or two texts
    #[arg(long, value_enum, value_name = "WHAT")]
    interpolate: Option<Between>,
    /// Pictures in a strip, both ends among them
    #[arg(
        long, default_value_t = 8, value_name = "K", requires = "interpolate",
        value_parser = clap::value_parser!(u16).range(2..=64)
    )]
    steps: u16,
    /// A file that ends in .png for one grid with its texts; else a folder for a file each
    #[arg(long, value_name = "FILE|FOLDER")]
    out: PathBuf,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// The largest seed: answers hold it as a signed number.
const MOST: u64 = i64::MAX as u64;

/// What changes along a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Between {
    /// From one noise to the next
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
    let preparing = Preparing::new(global.quiet);
    let tell = |news| preparing.tell(news);
    let sampler = Sampler::open(&store, &run, args.epoch, &global.cache(), device, &tell)?;
    let Some(sampler) = sampler else { return Err(not_kept(&store, &run, args.epoch)?) };
    let conditions = conditions::conditions(&sampler, args, id, &global.cache(), global.quiet)?;
    let strips = strips::strips(&sampler, &conditions, args);
    let names = target.names(&strips)?;
    let missing = target.unwritable(strips.iter().map(|strip| strip.text.as_str()));
    if !missing.is_empty() && !global.quiet {
        let missing = missing.join(" ");
        note(format!("note: the font lacks {missing}: a text with such letters is `text 1` and so on, by its row"));
    }
    target.write(&names, &strips, |drawing| sampler.draw(drawing))?;
    sheet(&names, &strips, sampler.epoch(), args.seed).print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

/// Which generator of a run a word names.
pub fn which(word: &str) -> Result<Which, String> {
    match word {
        "last" => Ok(Which::Last),
        "best" => Ok(Which::Best),
        _ => match word.parse() {
            Ok(epoch) => Ok(Which::At(Epoch(epoch))),
            Err(_) => Err("an epoch is a number, `best` or `last`".to_owned()),
        },
    }
}

/// That a run has no such generator, and which it has.
pub fn not_kept(store: &Store, run: &RunRecord, which: Which) -> Result<CliError, CliError> {
    let id = run.id;
    let what = match which {
        Which::Last => format!("run {id} has no checkpoint yet"),
        Which::Best => format!("run {id} keeps no best generator: `keep.best` says by which measure it would"),
        Which::At(epoch) => format!("run {id} keeps no generator of epoch {epoch}"),
    };
    let epochs: Vec<String> = kept_epochs(store, run)?.iter().map(ToString::to_string).collect();
    let last = store.last_checkpoint(id)?.map_or(String::new(), |last| format!("; `last` is of epoch {}", last.epoch));
    let help = format!("the epochs that are kept: {}{last}; `keep.every` keeps more", epochs.join(", "));
    Ok(CliError::Usage { what, help })
}

fn sheet(names: &[Vec<PathBuf>], strips: &[Strip], epoch: Epoch, seed: u64) -> Sheet {
    let mut sheet = Sheet::new(&["file", "row", "column", "at", "text", "epoch", "seed", "guide"]);
    for ((row, strip), names) in (1i64..).zip(strips).zip(names) {
        for ((column, picture), name) in (1i64..).zip(&strip.pictures).zip(names) {
            sheet.push(vec![
                Field::text(name.display().to_string()),
                Field::Integer(row),
                Field::Integer(column),
                Field::number(picture.at),
                Field::text(&strip.text),
                Field::Integer(epoch.0.into()),
                Field::integer(i64::try_from(seed).ok()),
                strip.guide.as_ref().map_or(Field::None, Field::text),
            ]);
        }
    }
    sheet.hide_if_empty("at");
    sheet.hide_if_empty("guide");
    sheet
}
