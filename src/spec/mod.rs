//! Experiments: reading TOML, checking the settings, expanding the grid into cells, and the ids of the cells.

mod catalogue;
mod classes;
mod condition;
mod embedded;
mod file;
mod identity;
mod kind;
mod layer;
mod list;
mod location;
mod manual;
mod measures;
mod network;
mod plan;
mod schema;
mod setting;
mod settings;
mod value;
mod violation;

pub use catalogue::SETTINGS;
pub use classes::{Classes, InvalidClasses};
pub use condition::condition;
pub use embedded::{EMBEDDED, EmbeddedFile, embedded};
pub use file::ExperimentSpec;
pub use identity::{Fingerprints, canonical, cell_id};
pub use kind::Kind;
pub use layer::Resolved;
pub use location::Lines;
pub use manual::comments;
pub use network::layers_of;
pub use plan::{Plan, PlannedCell};
pub use schema::{condition_schema, schema, setting_definitions};
pub use setting::{ActiveWhen, DefaultValue, Setting};
pub use settings::*;
pub use value::Value;
pub use violation::{SpecError, Violation};

#[cfg(test)]
mod tests;
