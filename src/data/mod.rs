//! What experiments read: Oxford-102 on disk, or drawn flowers; photographs, captions, labels and splits.
//!
//! The official layout is read as it is, and nothing in it is written. A smaller folder with the same layout works
//! the same way: `imagelabels.mat` says how many images there are.

mod caption;
mod caption_line;
pub mod check;
mod digests;
pub mod drawn;
mod error;
pub mod fetch;
mod fingerprint;
#[cfg(test)]
pub(crate) mod fixture;
mod label;
mod mat;
mod oxford;
mod picture;
mod resample;
mod set;
mod split;
mod square;
mod truncation;

pub use caption::{Caption, Captions, Warning};
pub use caption_line::LineFault;
pub use digests::{Digest, Digests};
pub use drawn::DrawnFlowers;
pub use error::{DataError, LabelError, Part};
pub use fingerprint::fingerprint;
pub use mat::MatError;
pub use oxford::{Oxford102, Photo};
pub use picture::decode;
pub use resample::bilinear_weights;
pub use set::DataSet;
pub use split::{Split, subset};
pub use square::Square;
