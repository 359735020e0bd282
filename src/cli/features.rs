//! `jem features`: extracts features of images and saves them to a file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::evaluate::{FeatureExtraction, ImageFolder, ImageSource as _};
use crate::screen::note;

use super::evaluate::{NetworkArgs, other_files, show_event};
use super::format::{Field, FormatArgs, Records};
use super::{CliError, Global};

#[derive(Args)]
pub struct FeaturesArgs {
    /// A folder of images: files that end in .bmp, .gif, .jpeg, .jpg, .pbm, .pgm, .png, .pnm, .ppm, .tif, .tiff or
    /// .webp. Other files and subfolders are ignored and listed. Grey becomes three equal channels, alpha is dropped,
    /// 16 bits are rounded to 8, and only the first frame of an animation is read
    folder: PathBuf,
    /// The file to write; it must end in .safetensors
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// Saves the features of every image; for Inception networks also `logits_unbiased`, for the inception score.
pub fn run(global: &Global, args: &FeaturesArgs) -> Result<ExitCode, CliError> {
    check_out(&args.out, args.force)?;
    let folder = ImageFolder::open(&args.folder)?;
    let (digests, on_event) = (global.cache().digests(), show_event(global.quiet));
    let extraction = FeatureExtraction::new(args.network.settings(global.quiet)?, &digests, &on_event)?;
    // DigestCache that cannot be saved are computed again next time.
    let _ = digests.save();
    if let Some(text) = other_files(folder.other_files()) {
        note(format!("features: {}: {text}", args.folder.display()));
    }
    let extracted = extraction.extract(&folder, true)?;
    extracted.features.save(&args.out)?;
    let mut records = Records::new(&[]);
    for (key, title) in [
        ("file", "file"),
        ("pictures", "images"),
        ("skipped", "skipped"),
        ("numbers", "dimensions"),
        ("network", "network"),
        ("layer", "layer"),
    ] {
        records.add_column(key, title);
    }
    for key in ["weights", "input", "width", "resizer", "passed_over"] {
        records.add_data_column(key);
    }
    let integer = |count: usize| Field::integer(i64::try_from(count).ok());
    let (rows, origin) = (extracted.features.rows(), extraction.origin());
    records.push(vec![
        Field::text(args.out.display().to_string()),
        integer(rows.count()),
        integer(extracted.skipped),
        integer(rows.dimension()),
        Field::text(&origin.network),
        Field::text(&origin.layer),
        Field::text(&origin.weights),
        integer(origin.input),
        Field::Number(origin.width),
        Field::text(&origin.resizer),
        integer(folder.other_files().len()),
    ]);
    records.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

/// Checks that the output file can be written, before the work that may take hours.
///
/// # Errors
///
/// If the file does not end in .safetensors, exists and must not be overwritten, or its folder does not exist.
pub fn check_out(out: &Path, force: bool) -> Result<(), CliError> {
    let refuse = |what: &str, help: &str| {
        Err(CliError::Usage { what: format!("{}: {what}", out.display()), help: help.to_owned() })
    };
    if out.extension().is_none_or(|extension| extension != "safetensors") {
        return refuse("does not end in .safetensors", "name a .safetensors file: this is the format of the output");
    }
    if out.exists() && !force {
        return refuse("already exists", "name another --out, or overwrite it with --force");
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => refuse("its folder does not exist", "create the folder first"),
        _ => Ok(()),
    }
}
