//! Data sets: images, captions, labels and splits of Oxford-102 on disk or of drawn flowers.
//!
//! The official layout of Oxford-102 is read and never written. A smaller folder in the same layout works too: the
//! length of the variable in `imagelabels.mat` is the number of images.

mod caption;
mod caption_line;
pub mod check;
mod decode;
mod digests;
pub mod drawn;
mod error;
pub mod fetch;
mod fingerprint;
#[cfg(test)]
pub(crate) mod fixture;
mod layout;
mod mat;
mod oxford;
mod resample;
mod set;
mod split;
mod square;
mod tables;
mod truncation;

pub use caption::{Caption, CaptionWarning, Captions};
pub use caption_line::LineProblem;
pub use decode::decode;
pub use digests::{Digest, DigestCache};
pub use drawn::DrawnFlowers;
pub use error::{DataError, TableError};
pub use fingerprint::fingerprint;
pub use layout::LayoutPart;
pub use mat::MatError;
pub use oxford::{ImageRecord, Oxford102};
pub use resample::bilinear_weights;
pub use set::DataSet;
pub use split::{Split, SplitPart, subset};
pub use square::SquareMethod;
