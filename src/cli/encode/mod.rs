//! Sentences as vectors: written to a file, looked up, or judged by their classes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use safetensors::tensor::{Dtype, TensorView};

use crate::fit::FitError;
use crate::metric::{Rows, agreement, agreement_by_chance, nearest};
use crate::prepare::{CaptionSet, PrepareError, Resolved, TextEncoder, fit_alone};
use crate::spec::Settings;

use super::format::{Field, FormatArgs, Sheet};
use super::progress::Preparing;
use super::{CliError, DeviceArgs, Global, experiment};

#[derive(Args)]
pub struct EncodeArgs {
    /// A text file, one sentence a line, whose vectors are written to --out. Without it --out is given those of the whole data
    /// set, as text.vectors reads them
    #[arg(long, value_name = "FILE", requires = "out")]
    captions: Option<PathBuf>,
    /// The file to write, which ends in .safetensors
    #[arg(long, value_name = "FILE.safetensors", required_unless_present_any = ["nearest", "agreement"])]
    out: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Show the captions of the data set that are nearest to a sentence
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["captions", "out"])]
    nearest: Option<String>,
    /// How many of them
    #[arg(long, default_value_t = 10, value_name = "N", requires = "nearest")]
    count: usize,
    /// Say how often a caption's nearest one among those of other images is of its own class, in a part of the split
    #[arg(long, value_name = "PART", value_parser = ["train", "val", "test"],
          conflicts_with_all = ["captions", "out", "nearest"])]
    agreement: Option<String>,
    /// The encoder: a folder of published skip-thought files, a file of `jem weights fit skip-thought`, or fit
    #[arg(long, value_name = "PATH|fit")]
    weights: Option<String>,
    /// Change a setting, as in `--set text.variant=combine --set data.root=flowers`; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// Encodes sentences by the encoder that the settings name.
pub fn run(global: &Global, args: &EncodeArgs) -> Result<ExitCode, CliError> {
    if let Some(out) = &args.out {
        super::features::fits(out, args.force)?;
    }
    let sentences = args.captions.as_deref().map(lines).transpose()?;
    let mut sets = args.set.clone();
    sets.extend(args.weights.iter().map(|weights| format!("text.weights={weights}")));
    let plan = experiment::scratch("[text]\nencoder = \"skip-thought\"\n", &sets)?;
    let (cache, device) = (global.cache(), args.device.choose(global.quiet)?.open()?);
    let preparing = Preparing::new(global.quiet);
    let tell = |stage, done, total| preparing.tell(stage, done, total);
    let resolved = fit_alone(&experiment::settings(&plan.cells[0]), &cache, &device, &tell)?;
    let settings = &resolved.settings;
    let set = |part: Option<&str>| CaptionSet::prepare(settings, part, &cache, &device, &tell);
    let sheet = if let Some(text) = &args.nearest {
        let vector = TextEncoder::of(settings, &cache, &device)?.encode_all(&[text])?.remove(0);
        looked_up(&set(None)?, &vector, args.count)?
    } else if let Some(part) = &args.agreement {
        judged(&set(Some(part))?, part, settings)?
    } else {
        let out = args.out.as_deref().expect("the options require it");
        let (vectors, places) = match &sentences {
            Some(sentences) => {
                let lines: Vec<&str> = sentences.iter().map(String::as_str).collect();
                (TextEncoder::of(settings, &cache, &device)?.encode_all(&lines)?, None)
            }
            None => of_set(&set(None)?),
        };
        write(out, &vectors, places.as_deref(), &resolved)?;
        let mut sheet = Sheet::new(&["file", "sentences", "numbers"]);
        let integer = |count: usize| Field::integer(i64::try_from(count).ok());
        let length = vectors.first().map_or(0, Vec::len);
        sheet.push(vec![Field::text(out.display().to_string()), integer(vectors.len()), integer(length)]);
        sheet
    };
    sheet.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

/// The lines of a text file. An empty one is a sentence without words.
fn lines(path: &Path) -> Result<Vec<String>, CliError> {
    let read = |source| CliError::from(PrepareError::from(FitError::File { path: path.to_owned(), source }));
    let bytes = std::fs::read(path).map_err(read)?;
    let whole = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(whole.split(|&byte| byte == b'\n')) {
        let line = std::str::from_utf8(line)
            .map_err(|_| CliError::from(PrepareError::from(FitError::Line { path: path.to_owned(), line: number })))?;
        lines.push(line.trim_end_matches('\r').to_owned());
    }
    Ok(lines)
}

type Places = Vec<(u32, u32)>;

fn of_set(set: &CaptionSet) -> (Vec<Vec<f32>>, Option<Places>) {
    let row = |at: usize| {
        let mut vector = Vec::new();
        set.vectors.extend_from_row(at, &mut vector);
        vector
    };
    let places = set.captions.iter().map(|caption| (caption.image, caption.line)).collect();
    ((0..set.captions.len()).map(row).collect(), Some(places))
}

fn whole(set: &CaptionSet) -> Vec<f32> {
    let mut values = Vec::new();
    (0..set.captions.len()).for_each(|at| set.vectors.extend_from_row(at, &mut values));
    values
}

fn looked_up(set: &CaptionSet, vector: &[f32], count: usize) -> Result<Sheet, CliError> {
    let values = whole(set);
    let rows = Rows::new(&values, vector.len())?;
    let mut sheet = Sheet::new(&["cosine", "image", "line", "class", "caption"]);
    for (at, cosine) in nearest(&rows, vector, count) {
        let caption = &set.captions[at];
        sheet.push(vec![
            Field::Number(f64::from(cosine)),
            Field::Integer(caption.image.into()),
            Field::Integer(caption.line.into()),
            Field::Integer(caption.class.into()),
            Field::text(&caption.text),
        ]);
    }
    Ok(sheet)
}

fn judged(set: &CaptionSet, part: &str, settings: &Settings) -> Result<Sheet, CliError> {
    let values = whole(set);
    let rows = Rows::new(&values, set.vectors.row_length())?;
    let groups: Vec<u32> = set.captions.iter().map(|caption| caption.image).collect();
    let classes: Vec<u16> = set.captions.iter().map(|caption| caption.class).collect();
    let mut sheet = Sheet::new(&["encoder", "part", "captions", "numbers", "agreement", "by_chance"]);
    let integer = |count: usize| Field::integer(i64::try_from(count).ok());
    sheet.push(vec![
        Field::text(&settings.text.encoder),
        Field::text(part),
        integer(groups.len()),
        integer(rows.dimension()),
        Field::Number(agreement(&rows, &groups, &classes)),
        Field::Number(agreement_by_chance(&groups, &classes)),
    ]);
    Ok(sheet)
}

/// `vectors` `[sentences, numbers]`, and of a data set `image` and `caption`, from 1; how they were made is in the head.
fn write(
    path: &Path,
    vectors: &[Vec<f32>],
    places: Option<&[(u32, u32)]>,
    resolved: &Resolved,
) -> Result<(), CliError> {
    let numbers: Vec<u8> = vectors.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
    let integers = |of: &dyn Fn(&(u32, u32)) -> u32| -> Vec<u8> {
        places.unwrap_or_default().iter().flat_map(|place| i64::from(of(place)).to_le_bytes()).collect()
    };
    let (images, captions) = (integers(&|place| place.0), integers(&|place| place.1));
    let view = |dtype, shape, bytes| TensorView::new(dtype, shape, bytes).expect("as many bytes as the shape says");
    let count = vectors.len();
    let mut tensors = vec![("vectors", view(Dtype::F32, vec![count, vectors.first().map_or(0, Vec::len)], &numbers))];
    if places.is_some() {
        tensors.push(("image", view(Dtype::I64, vec![count], &images)));
        tensors.push(("caption", view(Dtype::I64, vec![count], &captions)));
    }
    let text = &resolved.settings.text;
    let about = match text.encoder.as_str() {
        "skip-thought" => serde_json::json!({
            "encoder": "skip-thought", "variant": text.variant, "use_eos": text.use_eos, "weights": resolved.prints.get("text.weights"),
        }),
        other => serde_json::json!({ "encoder": other, "dimension": text.dimension, "seed": text.seed }),
    };
    let failed = |source| CliError::Prepare(PrepareError::Cache { path: path.to_owned(), source });
    let head = Some(HashMap::from([("jem".to_owned(), about.to_string())]));
    let bytes = safetensors::serialize(tensors, head).map_err(|error| failed(std::io::Error::other(error)))?;
    crate::whole::write(path, &bytes).map_err(failed)
}
