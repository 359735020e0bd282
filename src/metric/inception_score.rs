//! The inception score of generated images.

use super::error::MetricError;
use super::kernel::mean_and_deviation;
use super::rows::Rows;
use crate::random::Random;

/// An inception score over splits.
#[derive(Clone, Debug, PartialEq)]
pub struct InceptionScore {
    /// The mean over splits: from 1 to the number of classes.
    pub mean: f64,
    /// The standard deviation over splits (divided by N).
    pub deviation: f64,
}

/// The inception score (Salimans et al. 2016, section 4): exp of the mean KL divergence between the class probabilities
/// of each image and the mean probabilities of its split, for `splits` parts (commonly 10) of the images in an order
/// drawn with `seed`. The order matters, because images are often sorted by class.
///
/// `logits` are the scores before softmax, one column for each class. Published scores omit the bias of the last layer.
///
/// # Errors
///
/// If there are no splits, or more splits than rows.
pub fn inception_score(logits: &Rows, splits: usize, seed: u64) -> Result<InceptionScore, MetricError> {
    let order = Random::named(seed, "inception score").permutation(logits.count());
    inception_score_in_order(logits, &order, splits)
}

/// As [`inception_score`], with the rows in the given order. Split i of S has the positions ⌊i·N/S⌋ to ⌊(i+1)·N/S⌋.
///
/// # Errors
///
/// Also if `order` does not contain every row once.
pub fn inception_score_in_order(logits: &Rows, order: &[usize], splits: usize) -> Result<InceptionScore, MetricError> {
    let rows = logits.count();
    if splits == 0 || splits > rows {
        return Err(MetricError::Splits { splits, rows });
    }
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rows) {
        return Err(MetricError::Order { rows });
    }
    let part = |i: usize| &order[i * rows / splits..(i + 1) * rows / splits];
    let scores: Vec<f64> = (0..splits).map(|i| score(logits, part(i))).collect();
    let (mean, deviation) = mean_and_deviation(&scores);
    Ok(InceptionScore { mean, deviation })
}

/// exp(mean Σ p (log p − log q)), where q is the mean of p.
fn score(logits: &Rows, chosen: &[usize]) -> f64 {
    let mut mean = vec![0.0; logits.dimension()];
    for &row in chosen {
        mean.iter_mut().zip(log_softmax(logits.row(row))).for_each(|(sum, log)| *sum += log.exp());
    }
    mean.iter_mut().for_each(|sum| *sum /= chosen.len() as f64);
    let divergence = |&row: &usize| {
        let terms = log_softmax(logits.row(row)).zip(&mean).map(|(log, mean)| {
            // A probability that underflows adds 0; the logarithm of its mean may be infinite.
            let probability = log.exp();
            if probability > 0.0 { probability * (log - mean.ln()) } else { 0.0 }
        });
        terms.sum::<f64>()
    };
    (chosen.iter().map(divergence).sum::<f64>() / chosen.len() as f64).exp()
}

fn log_softmax(logits: &[f32]) -> impl Iterator<Item = f64> {
    let largest = logits.iter().fold(f64::NEG_INFINITY, |largest, &logit| largest.max(f64::from(logit)));
    let sum: f64 = logits.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum();
    let log_sum = largest + sum.ln();
    logits.iter().map(move |&logit| f64::from(logit) - log_sum)
}

#[cfg(test)]
mod tests;
