use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::data::fetch::{Event, Fetch};
use crate::fetch::RetryPolicy;

use super::super::fetch_progress::{FetchProgress, warn_of_mirror};
use super::super::format::print;
use super::{CliError, DEFAULT_ROOT, Global};

#[derive(Args)]
pub struct FetchArgs {
    /// The data set
    set: Set,
    /// The folder to write to
    #[arg(long, default_value = DEFAULT_ROOT, value_name = "FOLDER")]
    to: PathBuf,
    /// The URL of a mirror, which has every file under its name; checksums that differ are only a warning [default: the
    /// official URLs]
    #[arg(long, value_name = "BASE-URL")]
    from: Option<String>,
    /// A downloaded archive of the captions (cvpr2016_flowers.tar.gz) [default: download it]
    #[arg(long, value_name = "FILE")]
    captions: Option<PathBuf>,
    /// Keep the archives after they are unpacked
    #[arg(long)]
    keep_archives: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Set {
    /// Oxford-102 Flowers with the captions of Reed et al. (CVPR 2016)
    #[value(name = "oxford-102")]
    Oxford102,
}

/// Downloads and unpacks missing files.
pub fn run(global: &Global, args: &FetchArgs) -> Result<ExitCode, CliError> {
    let to = &args.to;
    warn_of_mirror(args.from.as_deref());
    let fetch = Fetch {
        to: to.clone(),
        from: args.from.clone(),
        captions: args.captions.clone(),
        keep_archives: args.keep_archives,
        retry: RetryPolicy::default(),
    };
    let progress = FetchProgress::new(global.quiet);
    match args.set {
        Set::Oxford102 => fetch.oxford_102(&|name, event| report(&progress, name, &event))?,
    }
    progress.finish()?;
    print(&format!("{} is complete; check it with: jem data check {}\n", to.display(), to.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn report(progress: &FetchProgress, name: &str, event: &Event<'_>) {
    match *event {
        Event::File(ref event) => progress.report(name, event),
        Event::Unpacked { done, total } => progress.unpacked(name, done, total),
        Event::Skipped { entries, first } => {
            progress.warn(name, &format!("skipped entries outside the layout: {entries}; the first is {first}"));
        }
    }
}
