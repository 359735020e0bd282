use std::process::ExitCode;

use clap::Args;

use crate::label;
use crate::store::Change;

use super::change::{SelectArgs, change, no_selection};
use super::{CliError, Global};

/// The maximum length of a tag, in characters.
const MAX_LENGTH: usize = 50;

#[derive(Args)]
pub struct TagArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// Add this tag; may be repeated
    #[arg(long, value_name = "TAG")]
    add: Vec<String>,
    /// Remove this tag; may be repeated
    #[arg(long, value_name = "TAG")]
    remove: Vec<String>,
}

/// Adds and removes tags.
pub fn run(global: &Global, args: &TagArgs) -> Result<ExitCode, CliError> {
    if args.select.is_empty() {
        return Err(no_selection("tag"));
    }
    if args.add.is_empty() && args.remove.is_empty() {
        return Err(CliError::Usage {
            what: "`jem tag` requires a tag".to_owned(),
            help: "give --add TAG or --remove TAG; --tag only selects runs".to_owned(),
        });
    }
    let add = args.add.iter().map(|tag| checked(tag)).collect::<Result<Vec<String>, CliError>>()?;
    // A tag that an earlier version of jem stored may have another Unicode normal form.
    let mut remove = args.remove.clone();
    remove.extend(args.remove.iter().map(|tag| label::normalize(tag)).filter(|tag| !args.remove.contains(tag)));
    if let Some(tag) = add.iter().find(|tag| remove.contains(tag)) {
        let help = "give the tag to one of --add and --remove".to_owned();
        return Err(CliError::Usage { what: format!("`{tag}` cannot be both added and removed"), help });
    }
    let tags = Change::Tag { add, remove };
    change(global, &args.select, |_| {}, &tags, "tagged")?;
    Ok(ExitCode::SUCCESS)
}

/// The normal form of a tag. Tags contain no commas, since lists of tags are separated by commas.
fn checked(tag: &str) -> Result<String, CliError> {
    if tag.contains(|c: char| c == ',' || c.is_whitespace()) {
        return Err(CliError::Usage {
            what: format!("{tag:?} is not a valid tag"),
            help: "a tag is one word without spaces and commas; use `jem note` for sentences".to_owned(),
        });
    }
    label::validate(tag, MAX_LENGTH).map_err(|error| CliError::Usage {
        what: match error {
            label::LabelError::TooLong { .. } => format!("the tag {error}"),
            _ => format!("the tag {tag:?} {error}"),
        },
        help: format!("{}; use `jem note` for sentences", error.help()),
    })
}
