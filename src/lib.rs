//! jem: an experiment-tracking research harness for text-to-image GANs.

#![warn(clippy::unwrap_used)]

pub mod measure;
pub mod random;
pub mod spec;
pub mod store;
