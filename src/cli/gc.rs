use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;

use crate::prepare::CacheFile;

use super::format::print;
use super::size::Size;
use super::{CliError, Global};

#[derive(Args)]
pub struct GcArgs {
    /// Also delete files that were not used for this many days [default: no limit of age]
    #[arg(long, value_name = "DAYS")]
    unused_for: Option<u64>,
    /// Print what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

/// An incomplete array is continued when it is needed again. After a day, nobody seems to need it.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Deletes prepared inputs: old incomplete arrays, and the least recently used files above the limit of the cache.
pub fn run(global: &Global, args: &GcArgs) -> Result<ExitCode, CliError> {
    let cache = global.cache();
    let files = cache.files()?;
    let above_limit = cache.above_limit()?;
    let now = SystemTime::now();
    let age = |file: &CacheFile| now.duration_since(file.last_used).unwrap_or_default();
    let unused = args.unused_for.map(|days| Duration::from_secs(days.saturating_mul(24 * 3600)));
    let is_unneeded = |file: &CacheFile| {
        let old = file.partial && age(file) > ABANDONED || unused.is_some_and(|unused| age(file) >= unused);
        (old || above_limit.iter().any(|other| other.path == file.path)) && !file.is_in_use()
    };
    let (mut deleted, mut freed) = (0, 0);
    for file in files.iter().filter(|file| is_unneeded(file)) {
        // Another process may use it by now. Then it stays.
        if args.dry_run || file.remove()? {
            let days = age(file).as_secs() / (24 * 3600);
            print(&format!("{}  {}  unused for {days} days\n", file.path.display(), Size(file.bytes)))?;
            (deleted, freed) = (deleted + 1, freed + file.bytes);
        }
    }
    let verb = if args.dry_run { "would be deleted" } else { "deleted" };
    let left = Size(files.iter().map(|file| file.bytes).sum::<u64>() - freed);
    let limit = Size(cache.limit());
    print(&format!("{deleted} of {} files {verb} ({}); {left} of {limit} in use\n", files.len(), Size(freed)))?;
    Ok(ExitCode::SUCCESS)
}
