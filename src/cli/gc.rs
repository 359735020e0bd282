use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;

use crate::prepare::CacheFile;

use super::format::print;
use super::size::Size;
use super::{CliError, Global};

#[derive(Args)]
pub struct GcArgs {
    /// Also clear away what has not been used for so many days
    #[arg(long, value_name = "DAYS")]
    unused_for: Option<u64>,
    /// Say what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// Half-made arrays are gone on with when they are needed again; after a day nobody seems to need them.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Clears prepared inputs away: what was left half made, and what was unused for longest beyond the cache's limit.
pub fn run(global: &Global, args: &GcArgs) -> Result<ExitCode, CliError> {
    let cache = global.cache();
    let files = cache.files()?;
    let beyond = cache.superfluous()?;
    let now = SystemTime::now();
    let age = |file: &CacheFile| now.duration_since(file.used).unwrap_or_default();
    let unused = args.unused_for.map(|days| Duration::from_secs(days.saturating_mul(24 * 3600)));
    let goes = |file: &CacheFile| {
        let old = file.partial && age(file) > ABANDONED || unused.is_some_and(|unused| age(file) >= unused);
        (old || beyond.iter().any(|other| other.path == file.path)) && !file.is_held()
    };
    let (mut gone, mut freed) = (0, 0);
    for file in files.iter().filter(|file| goes(file)) {
        // Somebody may have begun to use it since.
        if args.dry_run || file.remove()? {
            let days = age(file).as_secs() / (24 * 3600);
            print(&format!("{}  {}  unused for {days} days\n", file.path.display(), Size(file.bytes)))?;
            (gone, freed) = (gone + 1, freed + file.bytes);
        }
    }
    let verb = if args.dry_run { "would go" } else { "are gone" };
    let held = Size(files.iter().map(|file| file.bytes).sum::<u64>() - freed);
    let limit = Size(cache.limit());
    print(&format!("{gone} of {} files {verb}, {}; {held} of {limit} stay\n", files.len(), Size(freed)))?;
    Ok(ExitCode::SUCCESS)
}
