//! Sentences as vectors: written to a file, looked up, or judged by their classes.

mod encoded_file;
mod sentences;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};

use crate::metric::{Rows, agreement, agreement_by_chance, nearest};
use crate::prepare::{
    CaptionSet, News, PrepareError, Progress, Resolved, Stage, TextEncoder, bytes_of, fit_alone, print_of_encoder,
};
use crate::spec::Settings;

use encoded_file::EncodedFile;
pub use sentences::SentencesError;
use sentences::sentences;

use super::format::{Field, FormatArgs, Sheet};
use super::progress::Preparing;
use super::words::vector_of;
use super::{CliError, DeviceArgs, Global, experiment};

#[derive(Args)]
#[command(group(ArgGroup::new("answer").required(true).args(["out", "nearest", "agreement"])))]
pub struct EncodeArgs {
    /// A text file, one sentence a line, whose vectors are written to --out. Without it --out is given those of the whole data
    /// set, as text.vectors reads them
    #[arg(long, value_name = "FILE", requires = "out")]
    captions: Option<PathBuf>,
    /// The file to write, which ends in .safetensors
    #[arg(long, value_name = "FILE.safetensors")]
    out: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Show the captions of the data set that are nearest to a sentence
    #[arg(long, value_name = "TEXT")]
    nearest: Option<String>,
    /// How many of them
    #[arg(long, default_value_t = 10, value_name = "N", requires = "nearest")]
    count: usize,
    /// Say how often a caption's nearest one among those of other images is of its own class, in a part of the split
    #[arg(long, value_name = "PART", value_parser = ["train", "val", "test"])]
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

/// Sentences that are encoded together.
const TOGETHER: usize = 2048;

/// Encodes sentences by the encoder that the settings name.
pub fn run(global: &Global, args: &EncodeArgs) -> Result<ExitCode, CliError> {
    if let Some(out) = &args.out {
        super::features::fits(out, args.force)?;
    }
    let sentences = args.captions.as_deref().map(sentences).transpose()?;
    let mut sets = args.set.clone();
    sets.extend(args.weights.iter().map(|weights| format!("text.weights={weights}")));
    let plan = experiment::scratch("[text]\nencoder = \"skip-thought\"\n", &sets)?;
    let (cache, device) = (global.cache(), args.device.choose(global.quiet)?.open()?);
    let preparing = Preparing::new(global.quiet);
    let tell = |news| preparing.tell(news);
    let mut resolved = fit_alone(&experiment::settings(&plan.cells[0]), &cache, &device, &tell)?;
    let digests = cache.digests();
    resolved.prints.extend(print_of_encoder(&resolved.settings, &digests)?);
    // What cannot be remembered is hashed again next time.
    let _ = digests.save();
    let settings = &resolved.settings;
    let set = |part: Option<&str>| CaptionSet::prepare(settings, part, &cache, &device, &tell);
    let sheet = if let Some(text) = &args.nearest {
        let encoder = TextEncoder::of(settings, &cache, &device)?;
        let whose = ("the text encoder", "use words that its captions have");
        let vector = vector_of(&encoder, text, whose, global.quiet)?;
        looked_up(&set(None)?, &vector, args.count)?
    } else if let Some(part) = &args.agreement {
        judged(&set(Some(part))?, part, settings)?
    } else {
        let out = args.out.as_deref().expect("the options require it");
        let (count, length) = match &sentences {
            Some(sentences) => {
                let encoder = TextEncoder::of(settings, &cache, &device)?;
                write_lines(out, sentences, &encoder, &resolved, &tell)?
            }
            None => write_set(out, &set(None)?, &resolved)?,
        };
        let mut sheet = Sheet::new(&["file", "sentences", "numbers"]);
        let integer = |count: usize| Field::integer(i64::try_from(count).ok());
        sheet.push(vec![Field::text(out.display().to_string()), integer(count), integer(length)]);
        sheet
    };
    sheet.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
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
            Field::Number(cosine),
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

/// Writes the vectors of sentences, and says how many there are and how long each is.
fn write_lines(
    out: &Path,
    sentences: &[String],
    encoder: &TextEncoder,
    resolved: &Resolved,
    tell: Progress,
) -> Result<(usize, usize), CliError> {
    let failed = |source| CliError::Prepare(PrepareError::Cache { path: out.to_owned(), source });
    let (total, length) = (sentences.len(), encoder.length());
    let mut file = EncodedFile::begin(out, (total, length), None, about(resolved)).map_err(failed)?;
    let mut done = 0;
    for sentences in sentences.chunks(TOGETHER) {
        let lines: Vec<&str> = sentences.iter().map(String::as_str).collect();
        file.vectors(&bytes_of(&encoder.encode_all(&lines)?)).map_err(failed)?;
        done += lines.len();
        tell(News::Done { stage: Stage::Sentences, done, total });
    }
    file.finish().map_err(failed)?;
    Ok((total, length))
}

/// Writes the vectors of a data set's captions, with their images and lines.
fn write_set(out: &Path, set: &CaptionSet, resolved: &Resolved) -> Result<(usize, usize), CliError> {
    let failed = |source| CliError::Prepare(PrepareError::Cache { path: out.to_owned(), source });
    let places: Vec<(u32, u32)> = set.captions.iter().map(|caption| (caption.image, caption.line)).collect();
    let shape = (places.len(), set.vectors.row_length());
    let mut file = EncodedFile::begin(out, shape, Some(&places), about(resolved)).map_err(failed)?;
    (0..places.len()).try_for_each(|row| file.vectors(set.vectors.row(row))).map_err(failed)?;
    file.finish().map_err(failed)?;
    Ok(shape)
}

/// How the vectors are made, as JSON.
fn about(resolved: &Resolved) -> String {
    let text = &resolved.settings.text;
    let about = match text.encoder.as_str() {
        "skip-thought" => serde_json::json!({
            "encoder": "skip-thought", "variant": text.variant, "use_eos": text.use_eos, "weights": resolved.prints.get("text.weights"),
        }),
        other => serde_json::json!({ "encoder": other, "dimension": text.dimension, "seed": text.seed }),
    };
    about.to_string()
}
