//! Linear layers: products of few rows with a large matrix of weights.

use super::buffer::{self, Temporary};
use super::matrix::{Matrix, Onto, product};
use super::threads::{for_each, part_length};

/// Into how many parts the columns of a product are split.
const PARTS: usize = 16;
/// Products that take as long as another operation.
const PRODUCTS: usize = 16;

/// `left · right`, row by row. The columns of the result are split over the threads.
pub(super) fn few_rows(left: Matrix<'_>, right: Matrix<'_>) -> Vec<f32> {
    let (rows, columns) = (left.rows, right.columns);
    let length = part_length(columns, PARTS, rows * left.columns / PRODUCTS);
    let mut parts: Vec<Temporary> = (0..columns.div_ceil(length))
        .map(|part| buffer::temporary(rows * length.min(columns - part * length)))
        .collect();
    for_each(parts.iter_mut().enumerate().collect(), |(part, values): (usize, &mut Temporary)| {
        let columns = length.min(columns - part * length);
        product(values, left, right.columns(part * length, columns), Onto::Replace);
    });
    let mut result = buffer::overwritten(rows * columns);
    for (part, values) in parts.iter().enumerate() {
        let width = length.min(columns - part * length);
        for (to, from) in result.chunks_mut(columns).zip(values.chunks(width)) {
            to[part * length..][..width].copy_from_slice(from);
        }
    }
    result
}

/// `leftᵀ · right`: the gradient of the weights, from the inputs and the gradient of the outputs. The rows of the result
/// are split over the threads.
pub(super) fn weight_gradient(left: Matrix<'_>, right: Matrix<'_>) -> Vec<f32> {
    let (rows, columns) = (left.columns, right.columns);
    let mut result = buffer::overwritten(rows * columns);
    let length = part_length(rows, PARTS, left.rows * columns / PRODUCTS);
    for_each(result.chunks_mut(length * columns).enumerate().collect(), |(part, values): (usize, &mut [f32])| {
        let left = left.columns(part * length, values.len() / columns);
        product(values, left.transposed(), right, Onto::Replace);
    });
    result
}
