//! Oxford-102 on disk: photographs, captions, labels and splits.
//!
//! The official layout is read as it is, and nothing is written. A smaller folder with the same layout works
//! the same way: `imagelabels.mat` says how many images there are.

mod caption;
mod error;
mod fingerprint;
#[cfg(test)]
pub(crate) mod fixture;
mod label;
mod oxford;
mod picture;
mod resample;
mod split;
mod truncation;

pub use caption::{Captions, Warning};
pub use error::{DataError, LabelError, Part};
pub use fingerprint::fingerprint;
pub use oxford::{Oxford102, Photo};
pub use picture::{decode, squash};
pub use split::{Split, reed, subset};
