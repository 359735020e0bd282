use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::fetch::weights::{self, WEIGHTS, Weights};
use crate::fetch::{FetchError, Folder, Patience, Source};

use super::super::fetching::{Shown, warn_of_mirror};
use super::super::format::print;
use super::{CliError, Global};

#[derive(Args)]
pub struct FetchArgs {
    /// Which ones
    #[arg(required = true, value_parser = names())]
    networks: Vec<String>,
    /// The folder to bring them to
    #[arg(long, default_value = "weights", value_name = "FOLDER")]
    to: PathBuf,
    /// Fetch every file from this mirror, by its name; published checksums are compared, but not enforced
    #[arg(long, value_name = "BASE-URL")]
    from: Option<String>,
}

fn names() -> PossibleValuesParser {
    WEIGHTS.map(|weights| PossibleValue::new(weights.name).help(weights.what)).into()
}

/// Brings what is not there yet, and says how to use it.
pub fn run(global: &Global, args: &FetchArgs) -> Result<ExitCode, CliError> {
    warn_of_mirror(args.from.as_deref());
    let shown = Shown::new(global.quiet);
    let mut placed = Vec::new();
    let ended = wanted(&args.networks).into_iter().try_for_each(|weights| {
        let (to, from) = (weights.folder_in(&args.to), args.from.clone());
        let mut folder = Folder::open(&to, from, Patience::default(), &weights::LOCK)?;
        let one = |source: &Source| weights::fetch(&mut folder, source, &|event| shown.tell(source.name, &event));
        let files = weights.sources.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        placed.push((weights, files));
        Ok::<_, FetchError>(())
    });
    // What came before an error is there to be used.
    for (weights, files) in &placed {
        for file in files {
            print(&format!("{}: SHA-256 {}\n", file.path.display(), file.sha256))?;
        }
        let path = toml::Value::from(weights.path_in(&args.to).display().to_string());
        print(&format!("  {} = {path}\n", weights.setting))?;
    }
    ended?;
    shown.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Each one once, in the order of the command line.
fn wanted(names: &[String]) -> Vec<&'static Weights> {
    let mut all: Vec<&Weights> = Vec::new();
    for weights in names.iter().filter_map(|name| Weights::named(name)) {
        if all.iter().all(|other| other.name != weights.name) {
            all.push(weights);
        }
    }
    all
}
