use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::fit::FitError;
use crate::prepare::PrepareError;
use crate::text::TextError;
use crate::text::skip_thought::{EncoderFile, VectorFile, expand};

use super::super::CliError;
use super::super::features::check_out;
use super::super::format::{Field, FormatArgs, Records};

#[derive(Args)]
pub struct ExpandArgs {
    /// An encoder file that `jem weights fit skip-thought` wrote
    encoder: PathBuf,
    /// Word vectors: GloVe text, word2vec text or word2vec binary
    #[arg(long, value_name = "FILE")]
    vectors: PathBuf,
    /// Add only the words of this text, one sentence per line, which saves memory [default: all words]
    #[arg(long, value_name = "FILE")]
    words_of: Option<PathBuf>,
    /// The file to write, which must end in .safetensors
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// Adds the words of word vectors to an encoder, with the linear map that fits the shared words.
pub fn run(args: &ExpandArgs) -> Result<ExitCode, CliError> {
    check_out(&args.out, args.force)?;
    let encoder = EncoderFile::read(&args.encoder).map_err(PrepareError::from)?;
    let vectors = VectorFile::open(&args.vectors).map_err(text)?;
    let words = match &args.words_of {
        None => None,
        Some(path) => {
            let failed = |source| PrepareError::from(FitError::File { path: path.clone(), source });
            let bytes = std::fs::read(path).map_err(failed)?;
            let split = crate::text::skip_thought::tokens::tokens(&String::from_utf8_lossy(&bytes));
            Some(split.into_iter().collect::<std::collections::BTreeSet<String>>())
        }
    };
    let keep = |word: &str| words.as_ref().is_none_or(|words| words.contains(word));
    let (expanded, how) = expand(&encoder, &vectors, &keep).map_err(text)?;
    let sha256 = expanded.write(&args.out).map_err(PrepareError::from)?;
    let mut records = Records::new(&["file", "words", "added", "shared", "rank", "condition", "unexplained"]);
    records.add_data_column("sha256");
    let integer = |count: usize| Field::integer(i64::try_from(count).ok());
    records.push(vec![
        Field::text(args.out.display().to_string()),
        integer(expanded.words.len()),
        integer(how.added),
        integer(how.shared),
        integer(how.rank),
        Field::Number(how.condition),
        Field::Number(how.unexplained),
        Field::text(sha256),
    ]);
    records.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

fn text(error: crate::text::skip_thought::SkipThoughtError) -> CliError {
    PrepareError::from(TextError::from(error)).into()
}
