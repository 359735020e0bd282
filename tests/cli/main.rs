//! The real binary on small flowers: what a user does, and what a user gets wrong.

mod environment;
mod evaluating;
mod fetching;
mod fitting;
mod inputs;
mod lab;
mod language;
mod many_cells;
mod measures;
mod names;
mod noise_floor;
mod printing;
mod provenance;
mod queue;
mod reading;
mod resuming;
mod sampling;
#[path = "../../src/fetch/server.rs"]
mod server;
mod shared_runs;
mod skip_thought;
mod training;
mod upgrade;
mod weights;
