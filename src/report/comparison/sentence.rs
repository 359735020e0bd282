//! Comparisons in sentences.

use super::convergence::{ConvergenceDetails, ConvergenceSide};
use super::metric::{MetricDetails, MetricSide};
use super::{Comparison, Details, Family, Finding, Measure, Member, Side, Statistic, title};
use crate::measure::Direction;
use crate::report::format::{counted, exact, significant};
use crate::stats::{PermutationTest, smallest_p};

impl Comparison<'_> {
    /// Which side is better, in words, if the difference is `significant`; else that it is not, or why it cannot be.
    fn answer(&self, family: &Family, finding: &Finding, is_significant: bool) -> String {
        let (a, b) = (&self.a.label, &self.b.label);
        let (better, worse) = match finding.favours {
            Side::B => (b, a),
            Side::A | Side::Neither => (a, b),
        };
        if let Details::Convergence(details) = &finding.details
            && finding.is_empty()
        {
            let epoch = details.a.observed.min(details.b.observed);
            return format!("neither {a} nor {b} converged by epoch {epoch} (0 of {} pairs)", finding.n);
        }
        match (is_significant, finding.favours, self.measure) {
            (true, Side::Neither, _) => format!("{a} and {b} differ"),
            (true, _, Measure::Convergence) => format!("{better} converges earlier than {worse}"),
            (true, _, Measure::Metric(_)) => format!("{better} is better than {worse}"),
            (false, ..) if !family.is_attainable(finding.n) => {
                format!("a difference between {a} and {b} cannot be significant with {}", counted(finding.n, "pair"))
            }
            (false, ..) => format!("no significant difference between {a} and {b}"),
        }
    }
}

impl Member<'_> {
    /// The answer and the numbers in sentences, such as `Colour distance: B is better than A. Means of the last values …`.
    pub fn sentence(&self, family: &Family) -> String {
        let comparison = &self.comparison;
        let finding = match &comparison.result {
            Ok(finding) => finding,
            Err(refusal) => return refusal.sentence(comparison.measure),
        };
        let answer = comparison.answer(family, finding, self.is_significant(family.alpha));
        let mut text = format!("{}: {answer}.", title(comparison.measure));
        if let Some(numbers) = self.numbers(family).filter(|_| !finding.is_empty()) {
            text += &format!(" {}.", capitalized(&numbers));
        }
        for note in comparison.pairs.notes() {
            text += &format!(" {}.", capitalized(&note));
        }
        text
    }

    /// The numbers of the comparison, without a full stop; `None` if the cells could not be compared.
    pub fn numbers(&self, family: &Family) -> Option<String> {
        let finding = self.comparison.result.as_ref().ok()?;
        let values = match &finding.details {
            Details::Metric(details) => of_metric(details, finding.statistic),
            Details::Convergence(details) => of_convergence(details),
        };
        let mut parts = vec![values, difference(finding), test(finding, self.adjusted, family)];
        parts.extend(effect(finding, &self.comparison.a.label));
        if let Details::Convergence(details) = &finding.details {
            parts.extend(unpaired(details));
        }
        Some(parts.join("; "))
    }
}

/// `means of the last values 0.34 against 0.36 (lower is better)`.
fn of_metric(details: &MetricDetails, statistic: Statistic) -> String {
    let direction = match details.metric.definition.direction {
        Direction::Lower => " (lower is better)",
        Direction::Higher => " (higher is better)",
        Direction::Neutral => "",
    };
    let shown = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), significant);
    let (kind, value): (_, fn(&MetricSide) -> Option<f64>) = match statistic {
        Statistic::Medians => ("medians", |side| side.median),
        Statistic::Means | Statistic::RestrictedMeans(_) => ("means", |side| side.mean),
    };
    let epochs = match (details.a.epochs, details.b.epochs) {
        (Some(a), Some(b)) if a != b => {
            let range = |(first, last)| if first == last { format!("{first}") } else { format!("{first} to {last}") };
            format!(", at epochs {} against {}", range(a), range(b))
        }
        _ => String::new(),
    };
    let (a, b) = (shown(value(&details.a)), shown(value(&details.b)));
    format!("{kind} of the last values {a} against {b}{direction}{epochs}")
}

/// `median epoch 300 (95 % interval 250 to 350; 8 of 8 converged) against 600 (…), ratio 0.5`.
fn of_convergence(details: &ConvergenceDetails) -> String {
    let ratio = details.ratio.map(|ratio| format!(", ratio {}", significant(ratio))).unwrap_or_default();
    format!("median epoch {} against {}{ratio}", side(&details.a), side(&details.b))
}

fn side(side: &ConvergenceSide) -> String {
    let converged = format!("{} of {} converged", side.reached, side.n);
    match (side.median, side.interval) {
        (None, _) => format!("not reached by {} ({converged})", side.observed),
        (Some(median), (None, None)) => format!("{} ({converged})", exact(median)),
        (Some(median), interval) => format!("{} (95 % interval {}; {converged})", exact(median), limits(interval)),
    }
}

/// `10 to 20`, or `from 10` if the upper limit was not reached.
pub fn limits(interval: (Option<f64>, Option<f64>)) -> String {
    match interval {
        (Some(low), Some(high)) => format!("{} to {}", exact(low), exact(high)),
        (Some(low), None) => format!("from {}", exact(low)),
        (None, Some(high)) => format!("up to {}", exact(high)),
        (None, None) => "unknown".to_owned(),
    }
}

/// `difference −0.016 (95 % BCa interval −0.02 to −0.012)`.
fn difference(finding: &Finding) -> String {
    let what = match finding.statistic {
        Statistic::Means => "difference".to_owned(),
        Statistic::Medians => "difference of medians".to_owned(),
        Statistic::RestrictedMeans(limit) => format!("difference of mean epochs, restricted to {limit},"),
    };
    let Some(value) = finding.difference else { return format!("{what} not finite, so ranks are tested") };
    match &finding.interval {
        Some(interval) => format!(
            "{what} {} (95 % {} interval {} to {})",
            significant(value),
            interval.method,
            significant(interval.limits.low),
            significant(interval.limits.high)
        ),
        None if finding.statistic == Statistic::Medians => {
            format!("{what} {} (without an interval, and ranks are tested)", significant(value))
        }
        None => format!("{what} {} (one pair has no interval)", significant(value)),
    }
}

/// `exact permutation test p = 0.0078, 0.023 after Holm for 3 tests, 8 pairs`.
fn test(finding: &Finding, adjusted: Option<f64>, family: &Family) -> String {
    let PermutationTest { p, exact, resamples } = finding.test;
    let kind = match exact {
        true => "exact permutation test".to_owned(),
        false => format!("permutation test with {resamples} resamples"),
    };
    let adjusted = match adjusted {
        Some(adjusted) if family.size() > 1 => {
            format!(", {} after Holm for {} tests", probability(adjusted), family.size())
        }
        _ => String::new(),
    };
    let n = u32::try_from(finding.n).unwrap_or(u32::MAX);
    let least = match family.is_attainable(finding.n) {
        true => String::new(),
        false => {
            format!(
                " (at least {} with {}; {} are needed)",
                significant(smallest_p(n)),
                pairs(finding.n),
                family.seeds_needed()
            )
        }
    };
    format!("{kind} {}{adjusted}, {}{least}", p_value(p), pairs(finding.n))
}

fn pairs(n: usize) -> String {
    counted(n, "pair")
}

/// `d_z −1.2, P(A better) 0.95`.
fn effect(finding: &Finding, label: &str) -> Option<String> {
    let d_z = finding.d_z.filter(|d_z| d_z.is_finite()).map(|d_z| format!("d_z {}", significant(d_z)));
    let is_ranked = finding.favours != Side::Neither;
    let better = is_ranked.then(|| format!("P({label} better) {}", significant(finding.p_a_better)));
    let parts: Vec<String> = d_z.into_iter().chain(better).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `log-rank (unpaired) p = 0.003, hazard ratio 0.2 (0.05 to 0.7)`.
fn unpaired(details: &ConvergenceDetails) -> Option<String> {
    let log_rank = details.log_rank.map(|test| format!("log-rank (unpaired) {}", p_value(test.p)));
    let hazard = details.hazard.map(|hazard| {
        let (low, high) = (hazard.interval.low, hazard.interval.high);
        format!("hazard ratio {} ({} to {})", significant(hazard.ratio), significant(low), significant(high))
    });
    let parts: Vec<String> = log_rank.into_iter().chain(hazard).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A p-value with two significant digits; `< 0.0001` below that.
pub fn probability(p: f64) -> String {
    if p < 1e-4 {
        return "< 0.0001".to_owned();
    }
    let decimals = (1 - p.log10().floor() as i32).clamp(2, 5).unsigned_abs() as usize;
    format!("{p:.decimals$}")
}

/// `p = 0.0078`, or `p < 0.0001`.
pub fn p_value(p: f64) -> String {
    match probability(p) {
        text if text.starts_with('<') => format!("p {text}"),
        text => format!("p = {text}"),
    }
}

/// `text` with its first letter in upper case.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
