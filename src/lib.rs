//! jem: an experiment-tracking research harness for text-to-image GANs.

#![warn(clippy::unwrap_used)]

pub mod data;
pub mod device;
pub mod gan;
pub mod measure;
pub mod metric;
pub mod prepare;
pub mod random;
pub mod report;
pub mod segment;
pub mod spec;
pub mod stats;
pub mod store;
pub mod text;
pub mod train;
pub mod vision;
