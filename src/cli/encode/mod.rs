//! Sentence vectors: write them to a file, find the nearest captions, or evaluate the encoder.

mod encoded_file;
mod sentences;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};

use crate::metric::{Rows, agreement, agreement_by_chance, nearest};
use crate::prepare::{
    CaptionSet, Event, OnEvent, PrepareError, Resolved, Stage, TextEncoder, bytes_of, encoder_fingerprints,
    fit_networks,
};
use crate::spec::Settings;

use encoded_file::EncodedFile;
pub use sentences::SentencesError;
use sentences::sentences;

use super::format::{Field, FormatArgs, Records};
use super::prepare_progress::PrepareProgress;
use super::words::vector_of;
use super::{CliError, DeviceArgs, Global, SetArgs, experiment};

#[derive(Args)]
#[command(group(ArgGroup::new("answer").required(true).args(["out", "nearest", "agreement"])))]
pub struct EncodeArgs {
    /// A text file, one sentence per line, to encode to --out [default: all captions of the data set, in the format of
    /// text.vectors]
    #[arg(long, value_name = "FILE", requires = "out")]
    captions: Option<PathBuf>,
    /// Write the vectors to this file, which must end in .safetensors
    #[arg(long, value_name = "FILE.safetensors")]
    out: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    /// Show the captions of the data set with the highest cosine similarity to this sentence
    #[arg(long, value_name = "TEXT")]
    nearest: Option<String>,
    /// The number of captions to show
    #[arg(long, default_value_t = 10, value_name = "N", requires = "nearest")]
    count: usize,
    /// Compute how often the nearest caption of another image has the same class, in this part of the split
    #[arg(long, value_name = "PART", value_parser = ["train", "val", "test"])]
    agreement: Option<String>,
    /// The encoder: a folder of published skip-thought files, a file that `jem weights fit skip-thought` wrote, or fit
    /// [default: the setting text.weights]
    #[arg(long, value_name = "PATH|fit")]
    weights: Option<String>,
    #[command(flatten)]
    overrides: SetArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// The number of sentences per batch.
const BATCH: usize = 2048;

/// Encodes sentences with the encoder of the settings.
pub fn run(global: &Global, args: &EncodeArgs) -> Result<ExitCode, CliError> {
    if let Some(out) = &args.out {
        super::features::check_out(out, args.force)?;
    }
    let sentences = args.captions.as_deref().map(sentences).transpose()?;
    let mut sets = args.overrides.set.clone();
    sets.extend(args.weights.iter().map(|weights| format!("text.weights={weights}")));
    let plan = experiment::scratch("[text]\nencoder = \"skip-thought\"\n", &sets)?;
    let (cache, device) = (global.cache(), args.device.choose(global.quiet)?.open()?);
    let progress = PrepareProgress::new(global.quiet);
    let on_event = |event| progress.report(event);
    let mut resolved = fit_networks(&experiment::settings(&plan.cells[0]), &cache, &device, &on_event)?;
    let digests = cache.digests();
    resolved.prints.extend(encoder_fingerprints(&resolved.settings, &digests)?);
    // If digests cannot be saved, the files are hashed again next time.
    let _ = digests.save();
    let settings = &resolved.settings;
    let set = |part: Option<&str>| CaptionSet::prepare(settings, part, &cache, &device, &on_event);
    let records = if let Some(text) = &args.nearest {
        let encoder = TextEncoder::load(settings, &cache, &device)?;
        let error_texts = ("the text encoder", "use words of its captions");
        let vector = vector_of(&encoder, text, error_texts, global.quiet)?;
        nearest_captions(&set(None)?, &vector, args.count)?
    } else if let Some(part) = &args.agreement {
        class_agreement(&set(Some(part))?, part, settings)?
    } else {
        let out = args.out.as_deref().expect("the group of options requires one");
        let (count, length) = match &sentences {
            Some(sentences) => {
                let encoder = TextEncoder::load(settings, &cache, &device)?;
                write_lines(out, sentences, &encoder, &resolved, &on_event)?
            }
            None => write_set(out, &set(None)?, &resolved)?,
        };
        let mut records = Records::new(&["file", "sentences", "numbers"]);
        let integer = |count: usize| Field::integer(i64::try_from(count).ok());
        records.push(vec![Field::text(out.display().to_string()), integer(count), integer(length)]);
        records
    };
    records.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

/// The vectors of all captions.
fn all_vectors(set: &CaptionSet) -> Vec<f32> {
    let mut values = Vec::new();
    (0..set.captions.len()).for_each(|at| set.vectors.extend_from_row(at, &mut values));
    values
}

fn nearest_captions(set: &CaptionSet, vector: &[f32], count: usize) -> Result<Records, CliError> {
    let values = all_vectors(set);
    let rows = Rows::new(&values, vector.len())?;
    let mut records = Records::new(&["cosine", "image", "line", "class", "caption"]);
    for (at, cosine) in nearest(&rows, vector, count) {
        let caption = &set.captions[at];
        records.push(vec![
            Field::Number(cosine),
            Field::Integer(caption.image.into()),
            Field::Integer(caption.line.into()),
            Field::Integer(caption.class.into()),
            Field::text(&caption.text),
        ]);
    }
    Ok(records)
}

fn class_agreement(set: &CaptionSet, part: &str, settings: &Settings) -> Result<Records, CliError> {
    let values = all_vectors(set);
    let rows = Rows::new(&values, set.vectors.row_length())?;
    let groups: Vec<u32> = set.captions.iter().map(|caption| caption.image).collect();
    let classes: Vec<u16> = set.captions.iter().map(|caption| caption.class).collect();
    let mut records = Records::new(&["encoder", "part", "captions", "numbers", "agreement", "by_chance"]);
    let integer = |count: usize| Field::integer(i64::try_from(count).ok());
    records.push(vec![
        Field::text(&settings.text.encoder),
        Field::text(part),
        integer(groups.len()),
        integer(rows.dimension()),
        Field::Number(agreement(&rows, &groups, &classes)),
        Field::Number(agreement_by_chance(&groups, &classes)),
    ]);
    Ok(records)
}

/// Writes the vectors of sentences. Returns their number and their dimension.
fn write_lines(
    out: &Path,
    sentences: &[String],
    encoder: &TextEncoder,
    resolved: &Resolved,
    on_event: OnEvent,
) -> Result<(usize, usize), CliError> {
    let failed = |source| CliError::Prepare(PrepareError::Cache { path: out.to_owned(), source });
    let (total, length) = (sentences.len(), encoder.length());
    let mut file = EncodedFile::create(out, (total, length), None, origin(resolved)).map_err(failed)?;
    let mut done = 0;
    let progress = |done| on_event(Event::Progress { stage: Stage::Sentences, done, total });
    progress(done);
    for sentences in sentences.chunks(BATCH) {
        let lines: Vec<&str> = sentences.iter().map(String::as_str).collect();
        file.vectors(&bytes_of(&encoder.encode_all(&lines)?)).map_err(failed)?;
        done += lines.len();
        progress(done);
    }
    file.finish().map_err(failed)?;
    Ok((total, length))
}

/// Writes the vectors of the captions of a data set, with their images and lines.
fn write_set(out: &Path, set: &CaptionSet, resolved: &Resolved) -> Result<(usize, usize), CliError> {
    let failed = |source| CliError::Prepare(PrepareError::Cache { path: out.to_owned(), source });
    let places: Vec<(u32, u32)> = set.captions.iter().map(|caption| (caption.image, caption.line)).collect();
    let shape = (places.len(), set.vectors.row_length());
    let mut file = EncodedFile::create(out, shape, Some(&places), origin(resolved)).map_err(failed)?;
    (0..places.len()).try_for_each(|row| file.vectors(set.vectors.row(row))).map_err(failed)?;
    file.finish().map_err(failed)?;
    Ok(shape)
}

/// The origin of the vectors, as JSON.
fn origin(resolved: &Resolved) -> String {
    let text = &resolved.settings.text;
    let origin = match text.encoder.as_str() {
        "skip-thought" => serde_json::json!({
            "encoder": "skip-thought", "variant": text.variant, "use_eos": text.use_eos,
            "weights": resolved.prints.get("text.weights"),
        }),
        other => serde_json::json!({ "encoder": other, "dimension": text.dimension, "seed": text.seed }),
    };
    origin.to_string()
}
