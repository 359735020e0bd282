//! The batches of an epoch: every draw keyed by (seed, stream, epoch, step), so that nothing depends on the past.

use burn::tensor::{Device, Tensor, TensorData};

use crate::gan::Batch;
use crate::prepare::Inputs;
use crate::random::{Random, Stream};
use crate::spec::Settings;

/// The batches of one epoch of one run.
pub struct Batches<'a> {
    settings: &'a Settings,
    inputs: &'a Inputs,
    seed: u64,
    epoch: u64,
    order: Vec<usize>,
}

impl<'a> Batches<'a> {
    /// The batches of `epoch`, from 1.
    pub fn new(settings: &'a Settings, inputs: &'a Inputs, seed: u64, epoch: u32) -> Self {
        let epoch = u64::from(epoch);
        let order = Random::keyed(seed, Stream::Order, epoch, 0).permutation(inputs.train.len());
        Self { settings, inputs, seed, epoch, order }
    }

    /// How many there are: the last partial batch is dropped.
    pub fn len(&self) -> usize {
        self.order.len() / self.settings.train.batch
    }

    /// Batch `step` of the epoch, from 0, on `device`.
    pub fn batch(&self, step: usize, device: &Device) -> Batch {
        let n = self.settings.train.batch;
        let items = &self.order[step * n..(step + 1) * n];
        let draw = |stream| Random::keyed(self.seed, stream, self.epoch, step as u64);
        let mirrored = self.mirrored(&mut draw(Stream::Flip), n);
        let own = self.captions(&mut draw(Stream::Caption), items);
        let mut mismatch = draw(Stream::Mismatch);
        let wrong_items = self.of_other_classes(&mut mismatch, items);
        let wrong = self.captions(&mut mismatch, &wrong_items);
        // The partner of each caption is the caption of another image in the batch: a rotation has no fixed point.
        let turn = 1 + draw(Stream::Partner).below(n - 1);
        let partner: Vec<usize> = (0..n).map(|i| own[(i + turn) % n]).collect();
        let noises = if self.settings.objective.kind.interpolates() { 2 * n } else { n };
        let length = self.settings.generator.noise;
        let noise = draw(Stream::Noise).normals(noises * length);
        Batch {
            real: self.images(items, &mirrored, device),
            text: self.sentences(&own, device),
            wrong: self.sentences(&wrong, device),
            partner: self.sentences(&partner, device),
            guide: self.guides(items, &mirrored, device),
            noise: tensor(noise, [noises, length], device),
        }
    }

    fn mirrored(&self, random: &mut Random, n: usize) -> Vec<bool> {
        (0..n).map(|_| self.settings.image.flip && random.uniform() < 0.5).collect()
    }

    /// One caption's row for each item, drawn among the item's own.
    fn captions(&self, random: &mut Random, items: &[usize]) -> Vec<usize> {
        let of = |&item: &usize| self.inputs.train[item].captions.clone();
        items.iter().map(of).map(|rows| rows.start + random.below(rows.len())).collect()
    }

    /// For each item, an image of another class, drawn among all of the training set.
    fn of_other_classes(&self, random: &mut Random, items: &[usize]) -> Vec<usize> {
        let class = |item: usize| self.inputs.train[item].class;
        let single = self.inputs.train.iter().all(|item| item.class == self.inputs.train[0].class);
        let mut other = |item: usize| loop {
            let drawn = random.below(self.inputs.train.len());
            // With one class there is no other; preparing refuses that where wrong pairs count.
            if single || class(drawn) != class(item) {
                return drawn;
            }
        };
        items.iter().map(|&item| other(item)).collect()
    }

    fn images(&self, items: &[usize], mirrored: &[bool], device: &Device) -> Tensor<4> {
        let side = self.settings.image.resolution;
        let mut values = Vec::with_capacity(items.len() * 3 * side * side);
        for (&item, &mirror) in items.iter().zip(mirrored) {
            for line in self.inputs.pixels.row(item).chunks(side) {
                match mirror {
                    true => values.extend(line.iter().rev().map(|&byte| signed(byte))),
                    false => values.extend(line.iter().map(|&byte| signed(byte))),
                }
            }
        }
        tensor(values, [items.len(), 3, side, side], device)
    }

    fn guides(&self, items: &[usize], mirrored: &[bool], device: &Device) -> Option<Tensor<2>> {
        let features = self.inputs.features.as_ref()?;
        let length = features.row_length() / 2;
        let mut values = Vec::with_capacity(items.len() * length);
        let mut both = Vec::with_capacity(2 * length);
        for (&item, &mirror) in items.iter().zip(mirrored) {
            both.clear();
            features.extend_from_row(item, &mut both);
            values.extend(if mirror { &both[length..] } else { &both[..length] });
        }
        Some(tensor(values, [items.len(), length], device))
    }

    fn sentences(&self, rows: &[usize], device: &Device) -> Tensor<2> {
        let mut values = Vec::new();
        for &row in rows {
            self.inputs.sentences.extend_from_row(row, &mut values);
        }
        tensor(values, [rows.len(), self.inputs.sentences.row_length()], device)
    }
}

/// 0..=255 → −1..=1, the range of tanh.
fn signed(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}
