//! The command line, with one file for each command. Nothing outside this folder prints to standard output; this folder
//! prints through [`format`].

mod cancel;
mod cells;
mod change;
mod compare;
mod completions;
mod data;
mod db;
mod encode;
mod error;
mod evaluate;
mod experiment;
mod features;
mod fetch_progress;
mod format;
mod gc;
mod help;
mod init;
mod list;
mod logs;
mod main;
mod man;
mod note;
mod plan;
mod power;
mod prepare;
mod prepare_progress;
mod progress;
mod quantity;
mod queue;
mod report;
mod retry;
mod run;
mod sample;
mod selection;
mod show;
mod signals;
mod size;
mod status;
mod stop;
mod superseded;
mod table;
mod tag;
mod train_run;
mod weights;
mod words;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use error::CliError;
pub use main::main;

use size::Size;

use crate::device::DeviceSpec;
use crate::prepare::Cache;
use crate::screen::note;
use crate::store::{Store, resolve, sibling};

/// Trains and compares text-to-image GANs, and writes reports of the results.
#[derive(Parser)]
#[command(name = "jem", version, max_term_width = 110)]
pub struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The options of every command.
#[derive(Args)]
struct Global {
    /// The database of runs and metrics
    #[arg(long, global = true, env = "JEM_DATABASE", default_value = "jem.db", value_name = "FILE",
        help_heading = help::GLOBAL_OPTIONS)]
    database: PathBuf,
    /// The folder of prepared inputs [default: <database>.files/cache]
    #[arg(long, global = true, env = "JEM_CACHE", value_name = "FOLDER", help_heading = help::GLOBAL_OPTIONS)]
    cache: Option<PathBuf>,
    /// The maximum size of that folder: the least recently used files are deleted first
    #[arg(long, global = true, env = "JEM_CACHE_LIMIT", default_value = "50GB", value_name = "SIZE",
        help_heading = help::GLOBAL_OPTIONS)]
    cache_limit: Size,
    /// Write only warnings and errors to standard error
    #[arg(short, long, global = true, help_heading = help::GLOBAL_OPTIONS)]
    quiet: bool,
}

impl Global {
    fn cache(&self) -> Cache {
        let default = || sibling(&self.database, ".files").join("cache");
        Cache::new(self.cache.clone().unwrap_or_else(default), self.cache_limit.0)
    }

    /// Opens the database to write. Creates it if it is missing.
    fn create(&self) -> Result<Store, CliError> {
        Ok(Store::create(&self.database)?)
    }

    /// Opens the database to write.
    fn open(&self) -> Result<Store, CliError> {
        Ok(Store::open(&self.database)?)
    }

    /// Opens the database to read.
    fn open_to_read(&self) -> Result<Store, CliError> {
        Ok(Store::open_to_read(&self.database)?)
    }
}

/// An experiment and the settings that the command line overrides.
#[derive(Args)]
struct ExperimentArgs {
    /// The path of an experiment file, or a name: experiments/<NAME>.toml in the current folder, or an experiment that
    /// comes with jem
    experiment: String,
    #[command(flatten)]
    overrides: SetArgs,
}

/// Settings that the command line overrides.
#[derive(Args, Clone)]
struct SetArgs {
    /// Override a setting or an axis, as in `--set train.batch=32`; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// The device that networks run on.
#[derive(Args)]
struct DeviceArgs {
    /// The device that networks run on: auto, cpu or cuda:<number>
    #[arg(long, default_value = "auto", env = "JEM_DEVICE", value_name = "DEVICE")]
    device: String,
}

impl DeviceArgs {
    /// The device, which exists. Unless `quiet`, writes why `auto` is the CPU.
    fn choose(&self, quiet: bool) -> Result<DeviceSpec, CliError> {
        let requested: DeviceSpec = self.device.parse()?;
        let device = requested.choose()?;
        if requested == DeviceSpec::Auto && device == DeviceSpec::Cpu && !quiet {
            let why =
                if cfg!(feature = "cuda") { "no CUDA device was found" } else { "this jem was built without CUDA" };
            note(format!("device: CPU ({why})"));
        }
        Ok(device)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Write the experiment and report files that come with jem to a folder
    Init(init::InitArgs),
    /// Download, generate and check data sets
    Data(data::DataArgs),
    /// Download, check and fit the weights of frozen networks and text encoders
    Weights(weights::WeightsArgs),
    /// Run an experiment: plan, prepare, queue, train and report
    Run(run::RunArgs),
    /// Show the grid of an experiment, or list all errors in its file
    Plan(plan::PlanArgs),
    /// Prepare the inputs of an experiment: images, segmentations, guide features, sentence vectors
    Prepare(prepare::PrepareArgs),
    /// Add the runs of an experiment to the queue; existing runs are kept
    Queue(queue::QueueArgs),
    /// Train queued runs until the queue is empty
    Work(work::WorkArgs),
    /// Show the number of runs in each state
    Status(status::StatusArgs),
    /// List runs with the last and best values of metrics
    List(list::ListArgs),
    /// Show one run: its settings, attempts, events and metrics
    Show(show::ShowArgs),
    /// Print the log of a run
    Logs(logs::LogsArgs),
    /// Compare methods with intervals and paired tests; or runs and cells: the settings that differ, and every metric
    Compare(compare::CompareArgs),
    /// Estimate how many seeds a difference between two methods would need, from finished runs
    Power(power::PowerArgs),
    /// Queue failed, cancelled and stale runs again
    Retry(retry::RetryArgs),
    /// Cancel queued and running runs
    Cancel(cancel::CancelArgs),
    /// Add tags to runs, or remove them
    Tag(tag::TagArgs),
    /// Set the note of a run
    Note(note::NoteArgs),
    /// Generate images with a generator of a run, for texts or interpolated between two
    Sample(sample::SampleArgs),
    /// Extract features of the images in a folder with a frozen network
    Features(features::FeaturesArgs),
    /// Encode sentences as vectors: write them, find the nearest captions, or evaluate an encoder
    Encode(encode::EncodeArgs),
    /// Evaluate generated images: FID, KID, inception score, precision and recall, LPIPS
    Eval(evaluate::EvalArgs),
    /// Delete prepared inputs that are not needed any more
    Gc(gc::GcArgs),
    /// Check or back up the database
    Db(db::DbArgs),
    /// Write the tables and figures of a report from the database
    Report(report::ReportArgs),
    /// Print the completion script of a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page jem(1), or write the pages of all commands
    Man(man::ManArgs),
    /// Train one run that a supervisor has claimed
    #[command(hide = true)]
    TrainRun(train_run::TrainRunArgs),
}

impl Command {
    /// Whether it trains or prepares inputs. Then it handles signals differently.
    fn trains(&self) -> bool {
        matches!(self, Command::Run(_) | Command::Prepare(_) | Command::Work(_) | Command::TrainRun(_))
    }
}

/// Runs a command.
///
/// # Errors
///
/// The error of the command, with its exit code.
pub fn run(mut arguments: Arguments) -> Result<ExitCode, CliError> {
    // Resolved once, so that the cache and the training processes use the same file.
    arguments.global.database = resolve(&arguments.global.database)?;
    let global = &arguments.global;
    if !arguments.command.trains() {
        signals::close_database_on_signals().map_err(CliError::Signals)?;
    }
    match &arguments.command {
        Command::Init(args) => init::run(args),
        Command::Data(args) => data::run(global, args),
        Command::Weights(args) => weights::run(global, args),
        Command::Run(args) => run::run(global, args),
        Command::Plan(args) => plan::run(global, args),
        Command::Prepare(args) => prepare::run(global, args),
        Command::Queue(args) => queue::run(global, args),
        Command::Work(args) => work::run(global, args),
        Command::Status(args) => status::run(global, args),
        Command::List(args) => list::run(global, args),
        Command::Show(args) => show::run(global, args),
        Command::Logs(args) => logs::run(global, args),
        Command::Compare(args) => compare::run(global, args),
        Command::Power(args) => power::run(global, args),
        Command::Retry(args) => retry::run(global, args),
        Command::Cancel(args) => cancel::run(global, args),
        Command::Tag(args) => tag::run(global, args),
        Command::Note(args) => note::run(global, args),
        Command::Sample(args) => sample::run(global, args),
        Command::Features(args) => features::run(global, args),
        Command::Encode(args) => encode::run(global, args),
        Command::Eval(args) => evaluate::run(global, args),
        Command::Gc(args) => gc::run(global, args),
        Command::Db(args) => db::run(global, args),
        Command::Report(args) => report::run(global, args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
        Command::TrainRun(args) => train_run::run(global, args),
    }
}
