use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::fit::FitError;
use crate::prepare::PrepareError;
use crate::text::TextError;
use crate::text::skip_thought::{EncoderFile, VectorFile, expand};

use super::super::CliError;
use super::super::features::fits;
use super::super::format::{Field, FormatArgs, Sheet};

#[derive(Args)]
pub struct ExpandArgs {
    /// A file of `jem weights fit skip-thought`
    encoder: PathBuf,
    /// Word vectors: GloVe's text, or word2vec's text or binary
    #[arg(long, value_name = "FILE")]
    vectors: PathBuf,
    /// Add those words alone that this text has, one sentence a line: all are kept in memory
    #[arg(long, value_name = "FILE")]
    words_of: Option<PathBuf>,
    /// The file to write, which ends in .safetensors
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// Gives an encoder the words of word vectors, by the linear map that takes shared words to its own.
pub fn run(args: &ExpandArgs) -> Result<ExitCode, CliError> {
    fits(&args.out, args.force)?;
    let encoder = EncoderFile::read(&args.encoder).map_err(PrepareError::from)?;
    let vectors = VectorFile::open(&args.vectors).map_err(text)?;
    let wanted = match &args.words_of {
        None => None,
        Some(path) => {
            let unread = |source| PrepareError::from(FitError::File { path: path.clone(), source });
            let bytes = std::fs::read(path).map_err(unread)?;
            let split = crate::text::skip_thought::tokens::tokens(&String::from_utf8_lossy(&bytes));
            Some(split.into_iter().collect::<std::collections::BTreeSet<String>>())
        }
    };
    let keep = |word: &str| wanted.as_ref().is_none_or(|wanted| wanted.contains(word));
    let (expanded, how) = expand(&encoder, &vectors, &keep).map_err(text)?;
    let sha256 = expanded.write(&args.out).map_err(PrepareError::from)?;
    let mut sheet = Sheet::new(&["file", "words", "added", "shared", "rank", "condition", "unexplained"]);
    sheet.keep("sha256");
    let integer = |count: usize| Field::integer(i64::try_from(count).ok());
    sheet.push(vec![
        Field::text(args.out.display().to_string()),
        integer(expanded.words.len()),
        integer(how.added),
        integer(how.shared),
        integer(how.rank),
        Field::Number(how.condition),
        Field::Number(how.unexplained),
        Field::text(sha256),
    ]);
    sheet.print(args.format.format)?;
    Ok(ExitCode::SUCCESS)
}

fn text(error: crate::text::skip_thought::SkipThoughtError) -> CliError {
    PrepareError::from(TextError::from(error)).into()
}
