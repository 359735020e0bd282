use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::fetch::weights::{self, Placed, WEIGHTS, Weights};
use crate::fetch::{FetchError, Folder, Patience};

use super::super::fetching::{Shown, warn_of_mirror};
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
    let mut folder = Folder::open(&args.to, args.from.clone(), Patience::default(), &weights::LOCK)?;
    let shown = Shown::new(global.quiet);
    let mut placed = Vec::new();
    let ended = wanted(&args.networks).into_iter().try_for_each(|wanted| {
        let source = &wanted.source;
        placed.push((wanted, weights::fetch(&mut folder, source, &|event| shown.tell(source.name, &event))?));
        Ok::<_, FetchError>(())
    });
    // What came before an error is there to be used.
    for (wanted, placed) in &placed {
        print(wanted, placed);
    }
    ended?;
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

fn print(weights: &Weights, placed: &Placed) {
    let path = placed.path.display().to_string();
    println!("{path}: SHA-256 {}", placed.sha256);
    println!("  {} = {}", weights.setting, toml::Value::from(path));
}
