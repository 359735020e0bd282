//! The batches of an epoch: every draw keyed by (seed, stream, epoch, step), so that nothing depends on the past.

use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};

use burn::tensor::{Device, Tensor, TensorData};

use crate::gan::Batch;
use crate::prepare::Inputs;
use crate::random::{Random, Stream};
use crate::spec::Settings;

/// Batches that are made ahead of the step that takes them.
const AHEAD: usize = 2;

/// A shape and its numbers.
type Numbers<const D: usize> = ([usize; D], Vec<f32>);

/// A batch in the host's memory.
pub struct HostBatch {
    real: Numbers<4>,
    text: Numbers<2>,
    wrong: Numbers<2>,
    partner: Numbers<2>,
    guide: Option<Numbers<2>>,
    noise: Numbers<2>,
}

impl HostBatch {
    /// The batch on `device`.
    pub fn on(self, device: &Device) -> Batch {
        let flat = |(shape, values)| tensor(values, shape, device);
        let (shape, values) = self.real;
        Batch {
            real: tensor(values, shape, device),
            text: flat(self.text),
            wrong: flat(self.wrong),
            partner: flat(self.partner),
            guide: self.guide.map(flat),
            noise: flat(self.noise),
        }
    }
}

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

    /// Makes the batches of `steps` on a thread of their own, a few ahead of `train`, which takes them one by one.
    /// Draws are keyed, so that it makes no difference when they are made.
    pub fn ahead<T>(&self, steps: Range<usize>, train: impl FnOnce(&Receiver<HostBatch>) -> T) -> T {
        std::thread::scope(|scope| {
            let (made, taken) = sync_channel(AHEAD);
            // Sending fails when training has stopped: then nobody needs more.
            scope.spawn(move || steps.map(|step| self.batch(step)).all(|batch| made.send(batch).is_ok()));
            train(&taken)
        })
    }

    /// Batch `step` of the epoch, from 0.
    pub fn batch(&self, step: usize) -> HostBatch {
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
        HostBatch {
            real: self.images(items, &mirrored),
            text: self.sentences(&own),
            wrong: self.sentences(&wrong),
            partner: self.sentences(&partner),
            guide: self.guides(items, &mirrored),
            noise: ([noises, length], noise),
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

    fn images(&self, items: &[usize], mirrored: &[bool]) -> Numbers<4> {
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
        ([items.len(), 3, side, side], values)
    }

    fn guides(&self, items: &[usize], mirrored: &[bool]) -> Option<Numbers<2>> {
        let features = self.inputs.features.as_ref()?;
        let length = features.row_length() / 2;
        let mut values = Vec::with_capacity(items.len() * length);
        let mut both = Vec::with_capacity(2 * length);
        for (&item, &mirror) in items.iter().zip(mirrored) {
            both.clear();
            features.extend_from_row(item, &mut both);
            values.extend(if mirror { &both[length..] } else { &both[..length] });
        }
        Some(([items.len(), length], values))
    }

    fn sentences(&self, rows: &[usize]) -> Numbers<2> {
        let mut values = Vec::new();
        for &row in rows {
            self.inputs.sentences.extend_from_row(row, &mut values);
        }
        ([rows.len(), self.inputs.sentences.row_length()], values)
    }
}

/// 0..=255 → −1..=1, the range of tanh.
fn signed(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}
