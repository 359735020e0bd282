//! Tests of the binary on small data sets: correct use and errors.

mod converging;
mod environment;
mod evaluating;
mod fetching;
mod files_of_others;
mod fitting;
mod help;
mod inputs;
mod lab;
mod language;
mod lost_checkpoint;
mod many_cells;
mod measures;
mod names;
mod noise_floor;
mod preemption;
mod printing;
mod provenance;
mod queue;
mod reading;
mod record;
mod resuming;
mod sampling;
#[path = "../../src/fetch/server.rs"]
mod server;
mod shared_runs;
mod skip_thought;
mod superseded;
mod training;
mod upgrade;
mod weights;
