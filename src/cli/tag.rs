use std::process::ExitCode;

use clap::Args;

use crate::label;
use crate::store::Change;

use super::change::{SelectArgs, change, nothing_chosen};
use super::{CliError, Global};

/// The most letters of a tag.
const LONGEST: usize = 50;

#[derive(Args)]
pub struct TagArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// A tag that the runs are to have; may be repeated
    #[arg(long, value_name = "TAG")]
    add: Vec<String>,
    /// A tag that the runs are not to have; may be repeated
    #[arg(long, value_name = "TAG")]
    remove: Vec<String>,
}

/// Adds and removes tags.
pub fn run(global: &Global, args: &TagArgs) -> Result<ExitCode, CliError> {
    if args.select.is_empty() {
        return Err(nothing_chosen("tag"));
    }
    if args.add.is_empty() && args.remove.is_empty() {
        return Err(CliError::Usage {
            what: "`jem tag` needs a tag".to_owned(),
            help: "--add TAG or --remove TAG; --tag chooses runs that have one".to_owned(),
        });
    }
    let add = args.add.iter().map(|tag| checked(tag)).collect::<Result<Vec<String>, CliError>>()?;
    // A tag of an earlier jem may be in another normal form.
    let mut remove = args.remove.clone();
    remove.extend(args.remove.iter().map(|tag| label::normal(tag)).filter(|tag| !args.remove.contains(tag)));
    if let Some(tag) = add.iter().find(|tag| remove.contains(tag)) {
        let help = "name it once".to_owned();
        return Err(CliError::Usage { what: format!("`{tag}` is to be added and removed"), help });
    }
    let tags = Change::Tag { add, remove };
    change(global, &args.select, |_| {}, &tags, "tagged")?;
    Ok(ExitCode::SUCCESS)
}

/// A tag as it is kept. Lists of tags are written with commas between them.
fn checked(tag: &str) -> Result<String, CliError> {
    if tag.contains(|c: char| c == ',' || c.is_whitespace()) {
        return Err(CliError::Usage {
            what: format!("{tag:?} cannot be a tag"),
            help: "a tag is one word without spaces and commas; `jem note` takes sentences".to_owned(),
        });
    }
    label::checked(tag, LONGEST).map_err(|error| CliError::Usage {
        what: match error {
            label::BadLabel::TooLong { .. } => format!("the tag {error}"),
            _ => format!("the tag {tag:?} {error}"),
        },
        help: format!("{}; `jem note` takes sentences", error.help()),
    })
}
