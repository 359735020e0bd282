use std::process::ExitCode;

use burn::train::Interrupter;
use clap::Args;
use rustix::process::{Signal, set_parent_process_death_signal};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::measure::{Epoch, metric};
use crate::store::{Ending, Hold, RunId};
use crate::train::EpochReport;
use crate::train::worker::{Workplace, train};

use super::progress::Preparing;
use super::{CliError, DeviceArgs, Global};

#[derive(Args)]
pub struct TrainRunArgs {
    /// run:attempt:fence, as the supervisor claimed it
    hold: String,
    #[command(flatten)]
    device: DeviceArgs,
}

pub fn run(global: &Global, args: &TrainRunArgs) -> Result<ExitCode, CliError> {
    // A supervisor that is killed takes its run's process with it: nobody would wait for it.
    set_parent_process_death_signal(Some(Signal::TERM)).map_err(|error| CliError::Signals(error.into()))?;
    let hold = parse(&args.hold)?;
    let interrupter = Interrupter::new();
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).map_err(CliError::Signals)?;
    let told = interrupter.clone();
    std::thread::spawn(move || {
        for _signal in signals.forever() {
            told.stop(Some("a signal"));
        }
    });
    let store = global.open()?;
    let label = label(&store, hold.run)?;
    let preparing = Preparing::new(global.quiet);
    let place = Workplace {
        device: args.device.choose(true)?,
        cache: &global.cache(),
        progress: &|stage, done, total| preparing.tell(stage, done, total),
        epochs: &|report, horizon| {
            if !global.quiet {
                eprintln!("{label}: {}", describe(report, horizon));
            }
        },
        interrupter,
    };
    match train(&store, hold, &place)? {
        Ending::Finished { .. } => Ok(ExitCode::SUCCESS),
        Ending::Diverged { what } => {
            eprintln!("{label}: diverged: {what}");
            Ok(ExitCode::SUCCESS)
        }
        Ending::Failed { .. } => Ok(ExitCode::from(1)),
        Ending::Interrupted => Ok(ExitCode::from(130)),
    }
}

fn label(store: &crate::store::Store, run: RunId) -> Result<String, CliError> {
    Ok(match store.run(run)? {
        Some(record) => format!("run {run}, {}, seed {}", record.method, record.seed),
        None => format!("run {run}"),
    })
}

fn describe(report: &EpochReport, horizon: Epoch) -> String {
    let mut text = format!("epoch {}/{horizon}", report.epoch);
    for (name, value) in report.training.iter().chain(&report.evaluation) {
        if ["d_loss", "g_loss", "images_per_second", "colour_distance", "ssim"].contains(name) {
            let title = metric(name).map_or(*name, |metric| metric.title);
            text.push_str(&format!(", {} {value:.3}", title.to_lowercase()));
        }
    }
    text
}

fn parse(hold: &str) -> Result<Hold, CliError> {
    let numbers: Option<Vec<i64>> = hold.split(':').map(|number| number.parse().ok()).collect();
    match numbers.as_deref() {
        Some([run, attempt, fence]) => Ok(Hold { run: RunId(*run), attempt: *attempt, fence: *fence }),
        _ => Err(CliError::Usage {
            what: format!("`{hold}` is no hold on a run"),
            help: "`jem work` starts this command".to_owned(),
        }),
    }
}
