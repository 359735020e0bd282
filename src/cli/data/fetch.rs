use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::data::fetch::{Event, Fetch};
use crate::fetch::Patience;

use super::super::fetching::{Shown, warn_of_mirror};
use super::super::format::print;
use super::{CliError, Global, root};

#[derive(Args)]
pub struct FetchArgs {
    /// Which one
    set: Set,
    /// The folder to bring it to [default: oxford-102]
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// Fetch every file from this mirror, by its name; published checksums are compared, but not enforced
    #[arg(long, value_name = "BASE-URL")]
    from: Option<String>,
    /// The captions' archive (cvpr2016_flowers.tar.gz), where it was fetched by hand
    #[arg(long, value_name = "FILE")]
    captions: Option<PathBuf>,
    /// Keep the archives when they are unpacked
    #[arg(long)]
    keep_archives: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Set {
    /// Oxford-102 Flowers with the captions of Reed et al. (CVPR 2016)
    #[value(name = "oxford-102")]
    Oxford102,
}

/// Brings what is not there yet.
pub fn run(global: &Global, args: &FetchArgs) -> Result<ExitCode, CliError> {
    let to = root(&args.to);
    warn_of_mirror(args.from.as_deref());
    let fetch = Fetch {
        to: to.clone(),
        from: args.from.clone(),
        captions: args.captions.clone(),
        keep_archives: args.keep_archives,
        patience: Patience::default(),
    };
    let shown = Shown::new(global.quiet);
    match args.set {
        Set::Oxford102 => fetch.oxford_102(&|name, event| tell(&shown, name, &event))?,
    }
    shown.finish()?;
    print(&format!("{} is complete: jem data check {}\n", to.display(), to.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn tell(shown: &Shown, name: &str, event: &Event<'_>) {
    match *event {
        Event::File(ref event) => shown.tell(name, event),
        Event::Unpacked { done, total } => shown.unpacked(name, done, total),
        Event::PassedOver { entries, first } => {
            shown.warn(name, &format!("not unpacked, having no place in the layout: {entries}, first {first}"));
        }
    }
}
