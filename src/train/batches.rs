//! The batches of an epoch: every draw keyed by (seed, stream, epoch, step), so that nothing depends on the past.

use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};

use burn::tensor::{Device, Tensor, TensorData};

use crate::gan::{Batch, Shown, mixed, passes};
use crate::prepare::{Array, Fed, Inputs};
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
    wrong: Option<Wrong>,
    partner: Option<Numbers<2>>,
    guide: Option<Numbers<2>>,
    other_guide: Option<Numbers<2>>,
    target: Option<Numbers<2>>,
    noise: Vec<Numbers<2>>,
}

/// What stands in for the text or the image of a mismatched pair.
enum Wrong {
    Text(Numbers<2>),
    /// With the guide that belongs to it.
    Image(Numbers<4>, Option<Numbers<2>>),
}

impl HostBatch {
    /// The batch on `device`.
    pub fn on(self, device: &Device) -> Batch {
        let flat = |(shape, values)| tensor(values, shape, device);
        let image = |(shape, values)| tensor(values, shape, device);
        let (real, text, guide) = (image(self.real), flat(self.text), self.guide.map(flat));
        let wrong = self.wrong.map(|wrong| match wrong {
            Wrong::Text(other) => Shown { image: real.clone(), text: flat(other), guide: guide.clone() },
            Wrong::Image(other, its) => Shown { image: image(other), text: text.clone(), guide: its.map(flat) },
        });
        Batch {
            real,
            text,
            wrong,
            partner: self.partner.map(flat),
            guide,
            other_guide: self.other_guide.map(flat),
            target: self.target.map(flat),
            noise: self.noise.into_iter().map(flat).collect(),
        }
    }
}

/// How a training image is shown: mirrored or not, and from where it is cut.
#[derive(Clone, Copy)]
struct View {
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
        let (settings, n) = (self.settings, self.settings.train.batch);
        let items = &self.order[step * n..(step + 1) * n];
        let draw = |stream| self.draw(stream, step);
        let views = self.views(&mut draw(Stream::Flip), &mut draw(Stream::Crop), n);
        let own = self.captions(&mut draw(Stream::Caption), items);
        let partners = mixed(settings, n);
        let partner = (partners > 0).then(|| {
            // The partner of each caption is the caption of another image in the batch. Of half a batch the other half
            // are the partners, as in Reed's code; else a rotation, which has no fixed point.
            let turn = if partners < n { n / 2 } else { 1 + draw(Stream::Partner).below(n - 1) };
            let partner: Vec<Vec<usize>> = (0..partners).map(|i| own[(i + turn) % n].clone()).collect();
            self.sentences(&partner)
        });
        let mut noise = draw(Stream::Noise);
        let length = settings.generator.noise;
        let uniform = settings.generator.noise_kind == "uniform";
        let mut rows = |rows: usize| ([rows, length], noise.noise(uniform, rows * length));
        let fed: Vec<Fed> = items.iter().map(|&item| self.inputs.train[item].guide).collect();
        let targets = settings.guide.is_on() && settings.objective.guide_match > 0.0;
        HostBatch {
            real: self.images(items, &views),
            text: self.sentences(&own),
            wrong: settings.objective.kind.has_wrong_pairs().then(|| self.wrong(step, items)),
            partner,
            guide: self.guides(&fed, &views),
            other_guide: settings
                .guide
                .has_wrong_guides()
                .then(|| {
                    let others = self.others(&mut draw(Stream::OtherGuide), items, "image");
                    let fed: Vec<Fed> = others.into_iter().map(|item| self.inputs.train[item].guide).collect();
                    self.guides(&fed, &views)
                })
                .flatten(),
            target: targets
                .then(|| {
                    let own: Vec<Fed> = items.iter().map(|&item| Fed::Row(item)).collect();
                    self.guides(&own, &views)
                })
                .flatten(),
            noise: passes(settings, n).into_iter().map(&mut rows).collect(),
        }
    }

    fn draw(&self, stream: Stream, step: usize) -> Random {
        Random::keyed(self.seed, stream, self.epoch, step as u64)
    }

    /// What stands in for the text, or for the image with its guide, of each mismatched pair.
    fn wrong(&self, step: usize, items: &[usize]) -> Wrong {
        let mut random = self.draw(Stream::Mismatch, step);
        let others = self.others(&mut random, items, &self.settings.objective.mismatch);
        if self.settings.objective.mismatch_by == "text" {
            return Wrong::Text(self.sentences(&self.captions(&mut random, &others)));
        }
        let views =
            self.views(&mut self.draw(Stream::WrongFlip, step), &mut self.draw(Stream::WrongCrop, step), items.len());
        let fed: Vec<Fed> = others.iter().map(|&item| self.inputs.train[item].guide).collect();
        Wrong::Image(self.images(&others, &views), self.guides(&fed, &views))
    }

    fn views(&self, flip: &mut Random, crop: &mut Random, n: usize) -> Vec<View> {
        let settings = &self.settings.image;
        let spare = settings.crop_from.saturating_sub(settings.resolution);
        let mut place = || if spare > 0 { crop.below(spare + 1) } else { 0 };
        let view = |_| View { mirrored: settings.flip && flip.uniform() < 0.5, left: place(), top: place() };
        (0..n).map(view).collect()
    }

    /// The rows of `text.mean_of` captions for each item, each drawn among the item's own that count.
    fn captions(&self, random: &mut Random, items: &[usize]) -> Vec<Vec<usize>> {
        let text = &self.settings.text;
        let mut of = |&item: &usize| {
            let rows = self.inputs.train[item].captions.clone();
            let count = if text.first > 0 { rows.len().min(text.first) } else { rows.len() };
            (0..text.mean_of).map(|_| rows.start + random.below(count)).collect()
        };
        items.iter().map(&mut of).collect()
    }

    /// For each item another image, drawn among all of the training set: of another class, or only not the same.
    fn others(&self, random: &mut Random, items: &[usize], policy: &str) -> Vec<usize> {
        let class = |item: usize| self.inputs.train[item].class;
        let mut other = |item: usize| loop {
            let drawn = random.below(self.inputs.train.len());
            // Preparing refuses a set of one class where another class's are asked for.
            let is_other = if policy == "class" { class(drawn) != class(item) } else { drawn != item };
            if is_other {
                return drawn;
            }
        };
        items.iter().map(|&item| other(item)).collect()
    }

    fn images(&self, items: &[usize], views: &[View]) -> Numbers<4> {
        let side = self.settings.image.resolution;
        let whole = side.max(self.settings.image.crop_from);
        let mut values = Vec::with_capacity(items.len() * 3 * side * side);
        for (&item, view) in items.iter().zip(views) {
            for plane in self.inputs.pixels.row(item).chunks(whole * whole) {
                for line in plane.chunks(whole).skip(view.top).take(side) {
                    let line = &line[view.left..view.left + side];
                    match view.mirrored {
                        true => values.extend(line.iter().rev().map(|&byte| signed(byte))),
                        false => values.extend(line.iter().map(|&byte| signed(byte))),
                    }
                }
            }
        }
        ([items.len(), 3, side, side], values)
    }

    /// The guides, each in the orientation of the image that it stands beside.
    fn guides(&self, fed: &[Fed], views: &[View]) -> Option<Numbers<2>> {
        let features = self.inputs.features.as_ref()?;
        let length = features.row_length() / 2;
        let mut values = Vec::with_capacity(fed.len() * length);
        for (&fed, view) in fed.iter().zip(views) {
            extend_from_guide(features, fed, view.mirrored, &mut values);
        }
        Some(([fed.len(), length], values))
    }

    /// The mean of each item's sentence vectors.
    fn sentences(&self, rows: &[Vec<usize>]) -> Numbers<2> {
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

/// The guide that is fed, in one orientation, behind `values`.
pub(super) fn extend_from_guide(features: &Array, fed: Fed, mirrored: bool, values: &mut Vec<f32>) {
    let length = features.row_length() / 2;
    match fed {
        Fed::Zero => values.resize(values.len() + length, 0.0),
        Fed::Row(row) => {
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
