//! Claims that two cells are equal up to a margin.

use super::Part;
use crate::report::Verdict;
use crate::report::comparison::{Comparison, Finding, title};
use crate::report::format::{counted, significant};

/// The verdict on the claim that two cells differ by at most `margin`, by the 95 % interval of their difference. (The
/// interval within the margin is the test of two one-sided hypotheses at 2.5 %, Schuirmann 1987.)
pub fn part(comparison: &Comparison, margin: Option<f64>) -> Part {
    let (a, b) = (&comparison.a.label, &comparison.b.label);
    let finding = match &comparison.result {
        Ok(finding) => finding,
        Err(refusal) => {
            let text = format!("{a} and {b} cannot be compared: {}", refusal.reason());
            return Part { verdict: Verdict::CannotBeTold, text };
        }
    };
    let (verdict, why) = verdict(finding, a, b, margin.unwrap_or(0.0));
    let notes: String = comparison.pairs.notes().iter().map(|note| format!("; {note}")).collect();
    Part { verdict, text: format!("{}: {why}{notes}", title(comparison.measure)) }
}

fn verdict(finding: &Finding, a: &str, b: &str, margin: f64) -> (Verdict, String) {
    let shown = significant(margin);
    let Some((difference, interval)) = finding.difference.zip(finding.interval) else {
        let why = format!("{} of {a} and {b} give no interval of the difference", counted(finding.n, "pair"));
        return (Verdict::CannotBeTold, why);
    };
    let (low, high) = (interval.limits.low, interval.limits.high);
    let numbers = format!(
        "difference {}, 95 % {} interval {} to {}, {}",
        significant(difference),
        interval.method,
        significant(low),
        significant(high),
        counted(finding.n, "pair")
    );
    if low >= -margin && high <= margin {
        return (Verdict::Supported, format!("{a} and {b} differ by at most {shown}: {numbers}"));
    }
    if low > margin || high < -margin {
        return (Verdict::NotSupported, format!("{a} and {b} differ by more than {shown}: {numbers}"));
    }
    let why =
        format!("the interval of the difference of {a} and {b} includes values within {shown} and beyond: {numbers}");
    (Verdict::CannotBeTold, why)
}
