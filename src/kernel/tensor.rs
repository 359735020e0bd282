//! Burn's CPU tensors as slices of channels-last values, and back.

use std::borrow::Cow;

use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{DType, Shape};

use super::buffer;
use super::layout;
use super::matrix::Matrix;

/// The values of a tensor in row-major order.
pub(super) fn row_major(tensor: &FlexTensor) -> Cow<'_, [f32]> {
    match tensor.as_slice() {
        Some(values) => Cow::Borrowed(values),
        None => Cow::Owned(tensor.to_contiguous().storage::<f32>().to_vec()),
    }
}

/// A tensor of rank 2 as a matrix, in the order in which it is stored.
pub(super) fn matrix(tensor: &FlexTensor) -> Option<Matrix<'_>> {
    let layout = tensor.layout();
    let &[rows, columns] = layout.shape().as_slice() else { return None };
    let &[row, column] = layout.strides() else { return None };
    let steps = [usize::try_from(row).ok()?, usize::try_from(column).ok()?];
    Some(Matrix::with_steps(&tensor.storage::<f32>()[layout.start_offset()..], [rows, columns], steps))
}

/// A tensor of any rank, from values in row-major order.
pub(super) fn from_row_major(values: Vec<f32>, shape: Shape) -> FlexTensor {
    FlexTensor::new(buffer::bytes(values), Layout::contiguous(shape), DType::F32)
}

/// The sizes of a tensor `[n, c, h, w]`, or of one of rank 2, `[n, c]`, which has maps of 1×1.
pub(super) fn sizes(tensor: &FlexTensor) -> [usize; 4] {
    let shape = tensor.layout().shape();
    match shape.num_dims() {
        2 => [shape[0], shape[1], 1, 1],
        4 => [shape[0], shape[1], shape[2], shape[3]],
        rank => unreachable!("the layers take maps of rank 4 and vectors of rank 2, not of rank {rank}"),
    }
}

/// The values of a tensor `[n, c, h, w]` in the order `[n, h, w, c]`: without a copy if they are stored so.
pub(super) fn channels_last(tensor: &FlexTensor) -> Cow<'_, [f32]> {
    let [batch, channels, height, width] = sizes(tensor);
    let strides = tensor.layout().strides();
    let expected = [height * width * channels, 1, width * channels, channels];
    // The stride of a side of length 1 does not matter.
    let is_stored_so = tensor.layout().num_dims() == 2 && tensor.is_contiguous()
        || strides.len() == 4
            && ([batch, channels, height, width].into_iter().zip(strides).zip(expected))
                .all(|((size, &stride), expected)| size == 1 || usize::try_from(stride) == Ok(expected));
    let length = batch * channels * height * width;
    if is_stored_so {
        let start = tensor.layout().start_offset();
        return Cow::Borrowed(&tensor.storage::<f32>()[start..start + length]);
    }
    Cow::Owned(layout::to_channels_last(&row_major(tensor), batch, channels, height * width))
}

/// A tensor `[n, c, h, w]`, or `[n, c]` where `like` has rank 2, from values in the order `[n, h, w, c]`, which stay so.
pub(super) fn from_channels_last(
    values: Vec<f32>,
    [batch, channels, height, width]: [usize; 4],
    rank: usize,
) -> FlexTensor {
    if rank == 2 {
        return from_row_major(values, Shape::from([batch, channels]));
    }
    let signed = |stride: usize| isize::try_from(stride).expect("a tensor has at most isize::MAX bytes");
    let strides = [height * width * channels, 1, width * channels, channels].map(signed).to_vec();
    let layout = Layout::new(Shape::from([batch, channels, height, width]), strides, 0);
    FlexTensor::new(buffer::bytes(values), layout, DType::F32)
}

/// Maps `[n, c, h, w]` of the same sizes but for the channels, joined along these.
pub(super) fn joined_channels(maps: &[FlexTensor]) -> FlexTensor {
    let [batch, _, height, width] = sizes(&maps[0]);
    let channels: Vec<usize> = maps.iter().map(|map| sizes(map)[1]).collect();
    let total: usize = channels.iter().sum();
    let mut values = buffer::overwritten(batch * height * width * total);
    let mut first = 0;
    for (map, channels) in maps.iter().zip(channels) {
        for (pixel, from) in values.chunks_mut(total).zip(channels_last(map).chunks(channels)) {
            pixel[first..first + channels].copy_from_slice(from);
        }
        first += channels;
    }
    from_channels_last(values, [batch, total, height, width], 4)
}
