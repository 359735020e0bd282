//! The batches of an epoch. Every random number is keyed by (seed, stream, epoch, step), not by earlier ones.

use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};

use burn::tensor::{Device, Tensor, TensorData};

use crate::gan::{Batch, Mismatched, interpolated_texts, noise_rows};
use crate::prepare::{Array, GuideInput, Inputs};
use crate::random::{Random, Stream};
use crate::spec::Settings;

/// Batches that are prefetched.
const PREFETCHED: usize = 2;

/// A shape and its values.
type HostTensor<const D: usize> = ([usize; D], Vec<f32>);

/// A batch in host memory.
pub struct HostBatch {
    real: HostTensor<4>,
    text: HostTensor<2>,
    mismatched: Option<HostMismatched>,
    partner: Option<HostTensor<2>>,
    guide: Option<HostTensor<2>>,
    other_guide: Option<HostTensor<2>>,
    target: Option<HostTensor<2>>,
    noise: Vec<HostTensor<2>>,
}

/// The replaced part of mismatched pairs: the text or the image.
enum HostMismatched {
    Text(HostTensor<2>),
    /// With its own guide.
    Image(HostTensor<4>, Option<HostTensor<2>>),
}

impl HostBatch {
    /// The batch on `device`.
    pub fn on(self, device: &Device) -> Batch {
        let flat = |(shape, values)| tensor(values, shape, device);
        let image = |(shape, values)| tensor(values, shape, device);
        let (real, text, guide) = (image(self.real), flat(self.text), self.guide.map(flat));
        let mismatched = self.mismatched.map(|mismatched| match mismatched {
            HostMismatched::Text(other) => Mismatched::Text(flat(other)),
            HostMismatched::Image(other, its) => Mismatched::Image(Box::new(image(other)), its.map(flat)),
        });
        Batch {
            real,
            text,
            mismatched,
            partner: self.partner.map(flat),
            guide,
            other_guide: self.other_guide.map(flat),
            target: self.target.map(flat),
            noise: self.noise.into_iter().map(flat).collect(),
        }
    }
}

/// The augmentation of a training image: mirrored or not, and the position of the crop.
#[derive(Clone, Copy)]
struct Augmentation {
    mirrored: bool,
    left: usize,
    top: usize,
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

    /// The number of batches. The last partial batch is dropped.
    pub fn len(&self) -> usize {
        self.order.len() / self.settings.train.batch
    }

    /// Prefetches the batches of `steps` on another thread while `train` consumes them. Random numbers are keyed, so
    /// that the batches do not depend on the time of their computation.
    pub fn prefetch<T>(&self, steps: Range<usize>, train: impl FnOnce(&Receiver<HostBatch>) -> T) -> T {
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(PREFETCHED);
            // Sending fails when training has stopped and needs no more batches.
            scope.spawn(move || steps.map(|step| self.batch(step)).all(|batch| sender.send(batch).is_ok()));
            train(&receiver)
        })
    }

    /// Batch `step` of the epoch, from 0.
    pub fn batch(&self, step: usize) -> HostBatch {
        let (settings, n) = (self.settings, self.settings.train.batch);
        let items = &self.order[step * n..(step + 1) * n];
        let random = |stream| self.random(stream, step);
        let augmentations = self.augmentations(&mut random(Stream::Flip), &mut random(Stream::Crop), n);
        let own = self.captions(&mut random(Stream::Caption), items);
        let partners = interpolated_texts(settings, n);
        let partner = (partners > 0).then(|| {
            // The partner of each caption is the caption of another image in the batch. If half of the batch is
            // interpolated, the other half are the partners, as in Reed's code; otherwise a rotation, without fixed
            // points.
            let turn = if partners < n { n / 2 } else { 1 + random(Stream::Partner).below(n - 1) };
            let partner: Vec<Vec<usize>> = (0..partners).map(|i| own[(i + turn) % n].clone()).collect();
            self.sentences(&partner)
        });
        let mut noise = random(Stream::Noise);
        let length = settings.generator.noise;
        let uniform = settings.generator.noise_kind == "uniform";
        let mut rows = |rows: usize| ([rows, length], noise.noise(uniform, rows * length));
        let guides: Vec<GuideInput> = items.iter().map(|&item| self.inputs.train[item].guide).collect();
        let targets = settings.guide.is_on() && settings.objective.guide_match > 0.0;
        HostBatch {
            real: self.images(items, &augmentations),
            text: self.sentences(&own),
            mismatched: settings.objective.kind.has_mismatched_pairs().then(|| self.mismatched(step, items)),
            partner,
            guide: self.guides(&guides, &augmentations),
            other_guide: settings
                .guide
                .has_mismatched_guides()
                .then(|| {
                    let others = self.others(&mut random(Stream::OtherGuide), items, "image");
                    let guides: Vec<GuideInput> =
                        others.into_iter().map(|item| self.inputs.train[item].guide).collect();
                    self.guides(&guides, &augmentations)
                })
                .flatten(),
            target: targets
                .then(|| {
                    let own: Vec<GuideInput> = items.iter().map(|&item| GuideInput::Row(item)).collect();
                    self.guides(&own, &augmentations)
                })
                .flatten(),
            noise: noise_rows(settings, n).into_iter().map(&mut rows).collect(),
        }
    }

    fn random(&self, stream: Stream, step: usize) -> Random {
        Random::keyed(self.seed, stream, self.epoch, step as u64)
    }

    /// The text, or the image with its guide, of each mismatched pair.
    fn mismatched(&self, step: usize, items: &[usize]) -> HostMismatched {
        let mut random = self.random(Stream::Mismatch, step);
        let others = self.others(&mut random, items, &self.settings.objective.mismatch);
        if self.settings.objective.mismatch_by == "text" {
            return HostMismatched::Text(self.sentences(&self.captions(&mut random, &others)));
        }
        let augmentations = self.augmentations(
            &mut self.random(Stream::WrongFlip, step),
            &mut self.random(Stream::WrongCrop, step),
            items.len(),
        );
        let guides: Vec<GuideInput> = others.iter().map(|&item| self.inputs.train[item].guide).collect();
        HostMismatched::Image(self.images(&others, &augmentations), self.guides(&guides, &augmentations))
    }

    fn augmentations(&self, flip: &mut Random, crop: &mut Random, n: usize) -> Vec<Augmentation> {
        let settings = &self.settings.image;
        let spare = settings.crop_from.saturating_sub(settings.resolution);
        let mut place = || if spare > 0 { crop.below(spare + 1) } else { 0 };
        let augmentation =
            |_| Augmentation { mirrored: settings.flip && flip.uniform() < 0.5, left: place(), top: place() };
        (0..n).map(augmentation).collect()
    }

    /// The rows of `text.mean_of` captions for each item, chosen at random among its first `text.first` captions.
    fn captions(&self, random: &mut Random, items: &[usize]) -> Vec<Vec<usize>> {
        let text = &self.settings.text;
        let mut of = |&item: &usize| {
            let rows = self.inputs.train[item].captions.clone();
            let count = if text.first > 0 { rows.len().min(text.first) } else { rows.len() };
            (0..text.mean_of).map(|_| rows.start + random.below(count)).collect()
        };
        items.iter().map(&mut of).collect()
    }

    /// For each item another image of the training set, chosen at random: of another class, or only a different image.
    fn others(&self, random: &mut Random, items: &[usize], policy: &str) -> Vec<usize> {
        let class = |item: usize| self.inputs.train[item].class;
        let mut other = |item: usize| loop {
            let candidate = random.below(self.inputs.train.len());
            // Preparation rejects a set of one class if another class is required.
            let is_other = if policy == "class" { class(candidate) != class(item) } else { candidate != item };
            if is_other {
                return candidate;
            }
        };
        items.iter().map(|&item| other(item)).collect()
    }

    fn images(&self, items: &[usize], augmentations: &[Augmentation]) -> HostTensor<4> {
        let side = self.settings.image.resolution;
        let full = side.max(self.settings.image.crop_from);
        let mut values = Vec::with_capacity(items.len() * 3 * side * side);
        for (&item, augmentation) in items.iter().zip(augmentations) {
            for plane in self.inputs.pixels.row(item).chunks(full * full) {
                for line in plane.chunks(full).skip(augmentation.top).take(side) {
                    let line = &line[augmentation.left..augmentation.left + side];
                    match augmentation.mirrored {
                        true => values.extend(line.iter().rev().map(|&byte| signed(byte))),
                        false => values.extend(line.iter().map(|&byte| signed(byte))),
                    }
                }
            }
        }
        ([items.len(), 3, side, side], values)
    }

    /// The guides, each in the orientation of its image.
    fn guides(&self, guides: &[GuideInput], augmentations: &[Augmentation]) -> Option<HostTensor<2>> {
        let features = self.inputs.features.as_ref()?;
        let length = features.row_length() / 2;
        let mut values = Vec::with_capacity(guides.len() * length);
        for (&guide, augmentation) in guides.iter().zip(augmentations) {
            extend_from_guide(features, guide, augmentation.mirrored, &mut values);
        }
        Some(([guides.len(), length], values))
    }

    /// The mean of each item's sentence vectors.
    fn sentences(&self, rows: &[Vec<usize>]) -> HostTensor<2> {
        let length = self.inputs.sentences.row_length();
        let mut values = Vec::with_capacity(rows.len() * length);
        for rows in rows {
            let start = values.len();
            self.inputs.sentences.extend_from_row(rows[0], &mut values);
            let mut more = Vec::with_capacity(length);
            for &row in &rows[1..] {
                more.clear();
                self.inputs.sentences.extend_from_row(row, &mut more);
                values[start..].iter_mut().zip(&more).for_each(|(sum, value)| *sum += value);
            }
            if rows.len() > 1 {
                values[start..].iter_mut().for_each(|sum| *sum /= rows.len() as f32);
            }
        }
        ([rows.len(), length], values)
    }
}

/// Appends a guide in one orientation to `values`.
pub(super) fn extend_from_guide(features: &Array, guide: GuideInput, mirrored: bool, values: &mut Vec<f32>) {
    let length = features.row_length() / 2;
    match guide {
        GuideInput::Zero => values.resize(values.len() + length, 0.0),
        GuideInput::Row(row) => {
            let mut both = Vec::with_capacity(2 * length);
            features.extend_from_row(row, &mut both);
            values.extend(if mirrored { &both[length..] } else { &both[..length] });
        }
    }
}

/// 0..=255 → −1..=1, the range of tanh.
fn signed(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

#[cfg(test)]
mod tests;
