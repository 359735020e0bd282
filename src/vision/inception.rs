//! Inception-v3 in its two forms.

mod build;
mod table;

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};

use super::layer::Place;
use super::stops::{Stops, means};
use table::Step;

pub(super) use build::{inception, state};
pub(super) use table::{SMALLEST_INPUT, Table, fid, torchvision};

/// Inception-v3 as it is evaluated: each batch norm is folded into the convolution before it.
#[derive(Module, Debug)]
pub struct Inception {
    /// The convolutions in the order of the table's steps.
    pub convolutions: Vec<Conv2d>,
    /// The scores of the classes.
    pub fc: Linear,
}

impl Inception {
    /// Takes normalised images `[n, 3, height, width]` as far as something is wanted (dropout off).
    pub(super) fn walk<T>(&self, table: &Table, images: Tensor<4>, stops: &mut Stops<T>) {
        let Some(mean) = self.convolve(table, images, stops) else { return };
        if stops.at_vector(Place::Mean, &mean) {
            return;
        }
        let unbiased = mean.matmul(self.fc.weight.val());
        if stops.at_vector(Place::Unbiased, &unbiased) {
            return;
        }
        let bias = self.fc.bias.as_ref().expect("it is built with a bias").val();
        stops.at_vector(Place::Logits, &(unbiased + bias.unsqueeze()));
    }

    /// The mean of the last map, with `drop` where torchvision has its dropout.
    pub(super) fn forward_dropped(
        &self,
        table: &Table,
        images: Tensor<4>,
        drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let mean = self.convolve(table, images, &mut Stops::nowhere());
        drop(mean.expect("where nothing is wanted, the way goes to the end"))
    }

    /// The mean of the last map, unless all that is wanted was found on the way.
    fn convolve<T>(&self, table: &Table, images: Tensor<4>, stops: &mut Stops<T>) -> Option<Tensor<2>> {
        let mut convolutions = self.convolutions.iter();
        let mut next = || convolutions.next().expect("there is a convolution for every one of the table");
        let mut map = images;
        for (index, stage) in table.stages.iter().enumerate() {
            let take = |steps: &Vec<Step>| {
                steps.iter().fold(map.clone(), |map, step| match step {
                    Step::Convolution(_) => relu(next().forward(map)),
                    Step::Fork(units) => {
                        let join = units.iter().map(|_| relu(next().forward(map.clone()))).collect();
                        Tensor::cat(join, 1)
                    }
                    Step::Average { padding_counts } => {
                        let options = AvgPoolOptions::new([3, 3]).with_stride([1, 1]).with_padding([1, 1]);
                        avg_pool2d(map, options.with_count_include_pad(*padding_counts))
                    }
                    Step::Max { stride, padding } => {
                        let options = MaxPoolOptions::new([3, 3]).with_stride([*stride; 2]);
                        max_pool2d(map, options.with_padding([*padding; 2]))
                    }
                })
            };
            let branches: Vec<Tensor<4>> = stage.branches.iter().map(take).collect();
            map = Tensor::cat(branches, 1);
            if stops.at_map(Place::Stage(index), &map) {
                return None;
            }
        }
        Some(means(map))
    }
}
