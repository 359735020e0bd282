use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::data::DrawnFlowers;
use crate::data::drawn::Arrangement;
use crate::file_error::FileError;

use super::super::format::print;
use super::super::progress::{StageProgress, Unit};
use super::{CliError, Global};

#[derive(Args)]
pub struct DrawArgs {
    /// The folder to write to, which must be empty or missing
    folder: PathBuf,
    /// The number of images, with 102 species in turn
    #[arg(long, default_value_t = 2040, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    images: u32,
    /// The side of the images in pixels
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u32).range(32..=256))]
    side: u32,
    /// The random seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The position of the flowers in an image: varied or portrait
    #[arg(long, default_value = "varied", value_parser = ["varied", "portrait"])]
    arrangement: String,
}

/// Writes drawn flowers in the layout of Oxford-102, with masks and the parameters of each image.
pub fn run(global: &Global, args: &DrawArgs) -> Result<ExitCode, CliError> {
    check_empty(&args.folder)?;
    let flowers = DrawnFlowers::new(args.images, args.side, args.seed)
        .with_arrangement(Arrangement::from_setting(&args.arrangement));
    let progress = StageProgress::new(global.quiet, "draw", Unit::Items("images"), Some(u64::from(args.images)));
    flowers.write_official(&args.folder, || progress.advance())?;
    progress.finish();
    print(&format!("{}\n", args.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Checks that the folder is empty or missing, so that drawn flowers are not mixed with other files.
fn check_empty(folder: &Path) -> Result<(), CliError> {
    let failed = |source| CliError::Data(FileError::read(folder)(source).into());
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(CliError::Usage {
                what: format!("{}: the folder is not empty", folder.display()),
                help: "choose a folder that does not exist".to_owned(),
            }),
        },
    }
}
