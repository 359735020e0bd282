//! What a network sees of pictures, written to a file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::screen::note;

use super::evaluate::{NetworkArgs, Observer, PictureFolder, passed_over};
use super::format::{Field, FormatArgs, Sheet};
use super::{CliError, Global};

#[derive(Args)]
pub struct FeaturesArgs {
    /// A folder of pictures: its own files that end in .bmp, .gif, .jpeg, .jpg, .pbm, .pgm, .png, .pnm, .ppm, .tif, .tiff or
    /// .webp; what else it holds is passed over, and named. Grey counts as three equal channels, alpha is dropped, 16 bits are
    /// rounded to 8, and of several frames the first is taken
    folder: PathBuf,
    /// The file to write, which ends in .safetensors
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// Writes features of every picture; of inceptions also `logits_unbiased`, for the inception score.
pub fn run(global: &Global, args: &FeaturesArgs) -> Result<ExitCode, CliError> {
    fits(&args.out, args.force)?;
    let folder = PictureFolder::open(&args.folder)?;
    let digests = global.cache().digests();
    let observer = Observer::new(&args.network, &digests, global.quiet)?;
    // What cannot be remembered is hashed again next time.
    let _ = digests.save();
    if let Some(words) = passed_over(folder.passed_over()) {
        note(format!("features: {}: {words}", args.folder.display()));
    }
    let seen = observer.look(&folder, true)?;
    seen.features.save(&args.out)?;
    let mut sheet = Sheet::new(&["file", "pictures", "skipped", "numbers", "network", "layer"]);
    for key in ["weights", "input", "width", "resizer", "passed_over"] {
        sheet.keep(key);
    }
    let integer = |count: usize| Field::integer(i64::try_from(count).ok());
    let (rows, origin) = (seen.features.rows(), observer.origin());
    sheet.push(vec![
        Field::text(args.out.display().to_string()),
        integer(rows.count()),
        integer(seen.skipped),
        integer(rows.dimension()),
        Field::text(&origin.network),
        Field::text(&origin.layer),
        Field::text(&origin.weights),
        integer(origin.input),
        Field::Number(origin.width),
        Field::text(&origin.resizer),
        integer(folder.passed_over().len()),
    ]);
    sheet.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

/// That the file can be written, before hours of work.
pub fn fits(out: &Path, force: bool) -> Result<(), CliError> {
    let refuse = |what: &str, help: &str| {
        Err(CliError::Usage { what: format!("{}: {what}", out.display()), help: help.to_owned() })
    };
    if out.extension().is_none_or(|ending| ending != "safetensors") {
        return refuse("does not end in .safetensors", "name such a file: that is the format that is written");
    }
    if out.exists() && !force {
        return refuse("is there already", "name another --out, or write over it by --force");
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => refuse("its folder is not there", "make the folder first"),
        _ => Ok(()),
    }
}
