//! The text of a report: its parts, and their form in each format.

mod build;
mod caption;
mod caveats;
mod html;
mod latex;
mod markdown;
mod model;
pub mod names;
mod reading;
mod sources;

pub use build::{Items, build};
pub use html::html;
pub use latex::{latex, latex_table};
pub use markdown::markdown;
pub use model::{Block, Document};

#[cfg(test)]
mod tests;
