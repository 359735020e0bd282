use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use crate::data::drawn::Arrangement;
use crate::data::{DataError, DrawnFlowers};
use crate::screen::note;

use super::super::format::print;
use super::super::progress::bar;
use super::{CliError, Global};

#[derive(Args)]
pub struct DrawArgs {
    /// The folder to write, which must be empty or not there yet
    folder: PathBuf,
    /// How many flowers, of 102 species in turn
    #[arg(long, default_value_t = 2040, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    images: u32,
    /// Width and height in pixels
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u32).range(32..=256))]
    side: u32,
    /// What they are drawn by
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where flowers stand in a picture: varied or portrait
    #[arg(long, default_value = "varied", value_parser = ["varied", "portrait"])]
    arrangement: String,
}

/// Writes drawn flowers in the official layout, with masks and the truth about each.
pub fn run(global: &Global, args: &DrawArgs) -> Result<ExitCode, CliError> {
    empty(&args.folder)?;
    let started = Instant::now();
    let flowers = DrawnFlowers::new(args.images, args.side, args.seed).arranged(Arrangement::of(&args.arrangement));
    let bar = bar(global.quiet, "draw", "images", u64::from(args.images));
    flowers.write_official(&args.folder, || bar.inc(1))?;
    bar.finish_and_clear();
    if !global.quiet {
        note(format!("draw: {} images in {:.1} s", args.images, started.elapsed().as_secs_f64()));
    }
    print(&format!("{}\n", args.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Drawn flowers are never mixed with what a folder holds already.
fn empty(folder: &Path) -> Result<(), CliError> {
    let failed = |source| CliError::Data(DataError::Read { path: folder.into(), source });
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(CliError::Usage {
                what: format!("{}: the folder is not empty", folder.display()),
                help: "name a folder that is not there yet".to_owned(),
            }),
        },
    }
}
