use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::fetch::weights::{self, WEIGHTS, Weights};
use crate::fetch::{FetchError, Folder, RetryPolicy, Source};

use super::super::fetch_progress::{FetchProgress, warn_of_mirror};
use super::super::format::print;
use super::{CliError, Global};

#[derive(Args)]
pub struct FetchArgs {
    /// The networks
    #[arg(required = true, value_parser = names())]
    networks: Vec<String>,
    /// The folder to write to
    #[arg(long, default_value = "weights", value_name = "FOLDER")]
    to: PathBuf,
    /// The URL of a mirror, which has every file under its name; checksums that differ are only a warning [default: the
    /// official URLs]
    #[arg(long, value_name = "BASE-URL")]
    from: Option<String>,
}

fn names() -> PossibleValuesParser {
    WEIGHTS.map(|weights| PossibleValue::new(weights.name).help(weights.description)).into()
}

/// Downloads missing files, and prints the settings that use them.
pub fn run(global: &Global, args: &FetchArgs) -> Result<ExitCode, CliError> {
    warn_of_mirror(args.from.as_deref());
    let progress = FetchProgress::new(global.quiet);
    let mut complete = Vec::new();
    let result = unique(&args.networks).into_iter().try_for_each(|weights| {
        let (to, from) = (weights.folder_in(&args.to), args.from.clone());
        let mut folder = Folder::open(&to, from, RetryPolicy::default(), &weights::LOCK)?;
        let one = |source: &Source| weights::fetch(&mut folder, source, &|event| progress.report(source.name, &event));
        let files = weights.sources.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        complete.push((weights, files));
        Ok::<_, FetchError>(())
    });
    // Files that were complete before an error can be used.
    for (weights, files) in &complete {
        for file in files {
            print(&format!("{}: SHA-256 {}\n", file.path.display(), file.sha256))?;
        }
        let path = toml::Value::from(weights.path_in(&args.to).display().to_string());
        print(&format!("  {} = {path}\n", weights.setting))?;
    }
    result?;
    progress.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Each network once, in the order of the command line.
fn unique(names: &[String]) -> Vec<&'static Weights> {
    let mut all: Vec<&Weights> = Vec::new();
    for weights in names.iter().filter_map(|name| Weights::named(name)) {
        if all.iter().all(|other| other.name != weights.name) {
            all.push(weights);
        }
    }
    all
}
