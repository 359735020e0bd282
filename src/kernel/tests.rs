//! Tests of the kernels, against plain loops in `f64` and against Burn's own operations.

mod activation;
mod convolution;
mod convolution_layers;
mod layers;
mod linear;
mod matrix;
mod modules;
mod norm;
mod optimizer;
mod pool;
mod support;
mod tensors;
mod threads;
