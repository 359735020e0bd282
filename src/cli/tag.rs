use std::process::ExitCode;

use clap::Args;

use crate::store::Change;

use super::change::{SelectArgs, change, nothing_chosen};
use super::{CliError, Global};

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
    // Lists of tags are written with commas between them.
    let unfit =
        |tag: &&String| tag.is_empty() || tag.contains(|c: char| c == ',' || c.is_whitespace() || c.is_control());
    if let Some(tag) = args.add.iter().find(unfit) {
        return Err(CliError::Usage {
            what: format!("`{tag}` cannot be a tag"),
            help: "a tag is one word without spaces and commas; `jem note` takes sentences".to_owned(),
        });
    }
    if let Some(tag) = args.add.iter().find(|tag| args.remove.contains(tag)) {
        let help = "name it once".to_owned();
        return Err(CliError::Usage { what: format!("`{tag}` is to be added and removed"), help });
    }
    let tags = Change::Tag { add: args.add.clone(), remove: args.remove.clone() };
    change(global, &args.select, |_| {}, &tags, "tagged")?;
    Ok(ExitCode::SUCCESS)
}
