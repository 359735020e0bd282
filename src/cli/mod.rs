//! The command line: one file a command. Nothing outside this folder prints to standard output, and what it prints
//! goes through [`format`].

mod cancel;
mod change;
mod compare;
mod data;
mod db;
mod encode;
mod error;
mod evaluate;
mod experiment;
mod features;
mod fetching;
mod format;
mod gc;
mod init;
mod list;
mod logs;
mod main;
mod note;
mod plan;
mod prepare;
mod progress;
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

/// Compares text-to-image GANs: a TOML experiment in; a trained grid, its record, and tables and figures out.
#[derive(Parser)]
#[command(version, max_term_width = 110)]
pub struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Where things are kept.
#[derive(Args)]
struct Global {
    /// The database of runs and measurements
    #[arg(long, global = true, env = "JEM_DATABASE", default_value = "jem.db", value_name = "FILE")]
    database: PathBuf,
    /// The folder of prepared inputs [default: <database>.files/cache]
    #[arg(long, global = true, env = "JEM_CACHE", value_name = "FOLDER")]
    cache: Option<PathBuf>,
    /// How large that folder may grow, such as 20GB: what was unused for longest is cleared away
    #[arg(long, global = true, env = "JEM_CACHE_LIMIT", default_value = "50GB", value_name = "SIZE")]
    cache_limit: Size,
    /// Say less on standard error
    #[arg(short, long, global = true)]
    quiet: bool,
}

impl Global {
    fn cache(&self) -> Cache {
        let beside = || sibling(&self.database, ".files").join("cache");
        Cache::new(self.cache.clone().unwrap_or_else(beside), self.cache_limit.0)
    }

    /// Opens the database to write, and makes one where there is none.
    fn create(&self) -> Result<Store, CliError> {
        Ok(Store::create(&self.database)?)
    }

    /// Opens the database to write.
    fn open(&self) -> Result<Store, CliError> {
        Ok(Store::open(&self.database)?)
    }

    fn open_to_read(&self) -> Result<Store, CliError> {
        Ok(Store::open_to_read(&self.database)?)
    }
}

/// An experiment and what is changed about it.
#[derive(Args)]
struct ExperimentArgs {
    /// A file, or the name of one: experiments/<NAME>.toml here, or one that comes with jem
    experiment: String,
    /// Change a setting or an axis, as in `--set train.batch=32`; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// Where networks run.
#[derive(Args)]
struct DeviceArgs {
    /// Where networks run: auto, cpu or cuda:<number>
    #[arg(long, default_value = "auto", env = "JEM_DEVICE", value_name = "DEVICE")]
    device: String,
}

impl DeviceArgs {
    /// The device, checked to be there; says what `auto` takes.
    fn choose(&self, quiet: bool) -> Result<DeviceSpec, CliError> {
        let asked: DeviceSpec = self.device.parse()?;
        let chosen = asked.choose()?;
        if asked == DeviceSpec::Auto && chosen == DeviceSpec::Cpu && !quiet {
            let why =
                if cfg!(feature = "cuda") { "no CUDA device was found" } else { "this jem was built without CUDA" };
            note(format!("device: the CPU, since {why}"));
        }
        Ok(chosen)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Write the experiments and reports that come with jem to a folder
    Init(init::InitArgs),
    /// Fetch and check data sets
    Data(data::DataArgs),
    /// Fetch the weights of frozen networks
    Weights(weights::WeightsArgs),
    /// Plan, prepare, queue, train and report: the whole thing
    Run(run::RunArgs),
    /// Show the grid of an experiment, or everything that is wrong with it
    Plan(plan::PlanArgs),
    /// Make the inputs of an experiment ahead of training: photos, segmentations, guide features, sentence vectors
    Prepare(prepare::PrepareArgs),
    /// Queue the runs of an experiment; those that exist are kept
    Queue(queue::QueueArgs),
    /// Train queued runs until there are none left
    Work(work::WorkArgs),
    /// Show how many runs stand where
    Status(status::StatusArgs),
    /// List runs with their last and best values: filtered, sorted
    List(list::ListArgs),
    /// Show one run: what it is, what happened to it, and its measurements
    Show(show::ShowArgs),
    /// Print what a run has logged
    Logs(logs::LogsArgs),
    /// Set runs or cells side by side: only the settings that differ, and every metric
    Compare(compare::CompareArgs),
    /// Put failed, cancelled and stale runs back into the queue
    Retry(retry::RetryArgs),
    /// Take runs out of the queue, or out of their workers' hands
    Cancel(cancel::CancelArgs),
    /// Mark runs with words of your own
    Tag(tag::TagArgs),
    /// Note something about a run
    Note(note::NoteArgs),
    /// Draw pictures with a generator of a run: for given texts, or on the way between two
    Sample(sample::SampleArgs),
    /// Write what a frozen network sees of a folder's pictures
    Features(features::FeaturesArgs),
    /// Turn sentences into vectors: into a file, to look for near captions, or to judge an encoder
    Encode(encode::EncodeArgs),
    /// Compare generated pictures with real ones: FID, KID, inception score, precision and recall, LPIPS
    Eval(evaluate::EvalArgs),
    /// Clear away prepared inputs that nobody needs
    Gc(gc::GcArgs),
    /// Check or copy the database
    Db(db::DbArgs),
    /// Write tables and figures from the database alone
    Report(report::ReportArgs),
    /// Train one run that a supervisor holds
    #[command(hide = true)]
    TrainRun(train_run::TrainRunArgs),
}

impl Command {
    /// Whether it trains or makes what training needs: then it has signals of its own to listen for.
    fn trains(&self) -> bool {
        matches!(self, Command::Run(_) | Command::Prepare(_) | Command::Work(_) | Command::TrainRun(_))
    }
}

/// Carries out a command.
///
/// # Errors
///
/// Whatever kept it from being carried out, with the exit code that it ends in.
pub fn run(mut arguments: Arguments) -> Result<ExitCode, CliError> {
    // Once, so that the cache and what training processes are told are of the same file.
    arguments.global.database = resolve(&arguments.global.database)?;
    let global = &arguments.global;
    if !arguments.command.trains() {
        signals::close_before_the_end().map_err(CliError::Signals)?;
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
        Command::TrainRun(args) => train_run::run(global, args),
    }
}
