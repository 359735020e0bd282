//! From TOML to a checked plan: settings, methods, the grid, and the identity of its cells.

mod catalogue;
mod classes;
mod embedded;
mod file;
mod identity;
mod kind;
mod layer;
mod manual;
mod network;
mod place;
mod plan;
mod schema;
mod setting;
mod settings;
mod value;
mod violation;

pub use catalogue::SETTINGS;
pub use classes::{Classes, NoClasses};
pub use embedded::{EMBEDDED, Embedded, embedded};
pub use file::ExperimentSpec;
pub use identity::{Fingerprints, canonical, cell_id};
pub use kind::Kind;
pub use layer::Resolved;
pub use manual::comments;
pub use network::layers_of;
pub use plan::{Plan, PlannedCell};
pub use schema::schema;
pub use setting::{Active, Default, Setting};
pub use settings::*;
pub use value::Value;
pub use violation::{SpecError, Violation};

#[cfg(test)]
mod tests;
