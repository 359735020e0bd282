use super::super::EventTime;
use super::super::event_time::event_times;
use super::matrix::Matrix;

/// The partial likelihood of a proportional hazards model, with Efron's handling of ties.
pub(super) struct Likelihood {
    times: Vec<EventTime>,
    rows: Vec<Vec<f64>>,
    events: Vec<f64>,
}

/// The log-likelihood at one point, with its derivatives.
pub(super) struct Value {
    pub log_likelihood: f64,
    pub gradient: Vec<f64>,
    /// The observed information: minus the second derivatives.
    pub information: Matrix,
}

/// Σ w, Σ w x and Σ w x xᵀ, with the weights w = exp(x · β).
struct Sums {
    weight: f64,
    first: Vec<f64>,
    second: Matrix,
}

impl Sums {
    fn new(width: usize) -> Self {
        Self { weight: 0.0, first: vec![0.0; width], second: vec![vec![0.0; width]; width] }
    }

    fn add(&mut self, row: &[f64], weight: f64) {
        self.weight += weight;
        for (j, x) in row.iter().enumerate() {
            self.first[j] += weight * x;
            for (second, y) in self.second[j].iter_mut().zip(row) {
                *second += weight * x * y;
            }
        }
    }
}

impl Likelihood {
    /// The likelihood of these times with these covariates.
    pub(super) fn new(times: &[EventTime], rows: Vec<Vec<f64>>) -> Self {
        Self { times: times.to_vec(), rows, events: event_times(times) }
    }

    /// The number of covariates.
    pub(super) fn width(&self) -> usize {
        self.rows[0].len()
    }

    /// The difference between the greatest and the least x · β.
    pub(super) fn range(&self, coefficients: &[f64]) -> f64 {
        let scores = self.rows.iter().map(|row| dot(row, coefficients));
        let (low, high) = scores.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), score| (l.min(score), h.max(score)));
        high - low
    }

    /// The log-likelihood and its derivatives at these coefficients.
    pub(super) fn at(&self, coefficients: &[f64]) -> Value {
        let width = self.width();
        let mut value =
            Value { log_likelihood: 0.0, gradient: vec![0.0; width], information: vec![vec![0.0; width]; width] };
        for &time in &self.events {
            let (mut risk, mut tied, mut deaths) = (Sums::new(width), Sums::new(width), 0);
            for (other, row) in self.times.iter().zip(&self.rows) {
                let score = dot(row, coefficients);
                if other.time >= time {
                    risk.add(row, score.exp());
                }
                if other.observed && other.time == time {
                    tied.add(row, score.exp());
                    deaths += 1;
                    value.log_likelihood += score;
                    value.gradient.iter_mut().zip(row).for_each(|(gradient, x)| *gradient += x);
                }
            }
            for death in 0..deaths {
                // Efron: of the tied events, those before this one have left on average.
                value.subtract(&risk, &tied, f64::from(death) / f64::from(deaths));
            }
        }
        value
    }
}

impl Value {
    /// Subtracts the logarithm of the weight at risk without the part `left` of the tied events.
    fn subtract(&mut self, risk: &Sums, tied: &Sums, left: f64) {
        let weight = risk.weight - left * tied.weight;
        self.log_likelihood -= weight.ln();
        let mean: Vec<f64> =
            risk.first.iter().zip(&tied.first).map(|(all, tied)| (all - left * tied) / weight).collect();
        for (j, row) in self.information.iter_mut().enumerate() {
            self.gradient[j] -= mean[j];
            for (k, cell) in row.iter_mut().enumerate() {
                *cell += (risk.second[j][k] - left * tied.second[j][k]) / weight - mean[j] * mean[k];
            }
        }
    }
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
