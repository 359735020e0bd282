//! Queries: experiments, runs, series and image grids, lists of runs, and what lists and comparisons show of a run.

mod activity;
mod axes;
mod code;
mod detail;
mod experiment;
mod filter;
mod json;
mod list;
mod picture;
mod record;
mod series;
mod speed;
mod summary;

pub use activity::RunActivity;
pub use axes::AxisValues;
pub use code::Code;
pub use detail::{AttemptRecord, EventRecord, RunDetail, StoredSetting};
pub use filter::{Condition, ConditionError, Filter, Operator, RunKey, nearest, unknown_metric};
pub use list::ListedRun;
pub use record::{ExperimentRecord, ImageGrid, RunRecord, Series};
pub use speed::TrainingSpeed;
pub use summary::MetricSummary;

pub(super) use json::settings;
pub(super) use list::{distinct, select};
