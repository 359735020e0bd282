//! CPU kernels of the layers that jem's networks consist of, with their gradients.
//!
//! Burn's CPU backend computes these layers several times slower than PyTorch (`benches/README.md`). On every other
//! device the same functions are Burn's own operations. What is in here could be dropped when Burn has it: nothing outside
//! knows how a layer is computed.
//!
//! - Maps are channels-last inside: `[n, h, w, c]`, so that every pass is over whole vectors of channels. A tensor
//!   keeps Burn's shape `[n, c, h, w]`; its strides tell the order, and only the first layer copies.
//! - [`layers`] has the functions on tensors, [`extension`] the operations of the backend and their gradients, and the
//!   other files compute on slices.
//! - A convolution is computed in Winograd tiles ([`winograd`]) or as a product with the columns of the image
//!   ([`columns`]), around the `gemm` crate.
//! - Work is split into parts that depend on sizes alone, never on the number of threads, and sums of parts are added in
//!   order: results are the same bit for bit with every number of threads ([`threads`]).

mod activation;
mod adam;
mod buffer;
mod columns;
mod convolution;
mod extension;
mod geometry;
mod lanes;
mod layers;
mod layout;
mod linear;
mod matrix;
mod modules;
mod norm;
mod optimizer;
mod pool;
mod tensor;
#[cfg(test)]
mod tests;
mod threads;
mod vector;
mod winograd;

pub use activation::Activation;
pub use layers::{
    BatchNormOutput, activate, batch_norm, concat_channels, conv_transpose2d, conv2d, in_thread_pool, linear, pool2d,
};
pub(crate) use matrix::{Matrix, Onto, product};
pub use modules::{BatchStatistics, convolve, convolve_transposed, normalize, project, record_statistics};
pub use optimizer::{Adam, AdamW};
pub use pool::Pooling;
