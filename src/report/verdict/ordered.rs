//! Claims that one cell is faster or better than another.

use super::{POWER, Part, RELEVANT};
use crate::report::Verdict;
use crate::report::comparison::{Comparison, Details, Family, Finding, Member, Side, title};
use crate::report::format::{counted, significant};
use crate::stats::{seeds_for_power, smallest_p};

/// The verdict on the claim that the first cell is better than the second, or converges earlier.
pub fn part(comparison: &Comparison, family: &Family) -> Part {
    let finding = match &comparison.result {
        Ok(finding) => finding,
        Err(refusal) => {
            let text =
                format!("{} and {} cannot be compared: {}", comparison.a.label, comparison.b.label, refusal.reason());
            return Part { verdict: Verdict::CannotBeTold, text };
        }
    };
    let adjusted = family.find(comparison.a, comparison.b, comparison.measure).and_then(|member| member.adjusted);
    let member = Member { comparison: comparison.clone(), adjusted };
    let (verdict, why) = verdict(&member, finding, family);
    let numbers = member.numbers(family).unwrap_or_default();
    let mut text = format!("{}: {why}: {numbers}", title(comparison.measure));
    for note in comparison.pairs.notes() {
        text += &format!("; {note}");
    }
    Part { verdict, text }
}

fn verdict(member: &Member, finding: &Finding, family: &Family) -> (Verdict, String) {
    let (a, b) = (&member.comparison.a.label, &member.comparison.b.label);
    let relation = match &finding.details {
        Details::Convergence(_) => "converges earlier than",
        Details::Metric(_) => "is better than",
    };
    if member.is_significant(family.alpha) {
        return match finding.favours {
            Side::A => (Verdict::Supported, format!("{a} {relation} {b}")),
            Side::B => (Verdict::NotSupported, format!("the opposite holds: {b} {relation} {a}")),
            Side::Neither => (Verdict::NotSupported, format!("neither of {a} and {b} is better")),
        };
    }
    let nothing = format!("no significant difference between {a} and {b}");
    if let Some(why) = censoring(finding, a, b) {
        return (Verdict::CannotBeTold, why);
    }
    let n = u32::try_from(finding.n).unwrap_or(u32::MAX);
    if !family.is_attainable(finding.n) {
        let why = format!(
            "too few seeds: with {} of {a} and {b} p is at least {}, and {} are needed",
            counted(finding.n, "pair"),
            significant(smallest_p(n)),
            family.seeds_needed()
        );
        return (Verdict::CannotBeTold, why);
    }
    let level = family.alpha / f64::from(family.size().max(1));
    let needed = seeds_for_power(1.0, RELEVANT, level, POWER).unwrap_or(u32::MAX);
    if n < needed {
        let why = format!(
            "{nothing}, but {} are too few to exclude one: {needed} are needed to find a difference of one standard \
             deviation with probability {POWER}",
            counted(finding.n, "pair")
        );
        return (Verdict::CannotBeTold, why);
    }
    let why = format!(
        "{nothing}, and {} would have shown a difference of one standard deviation with probability {POWER}",
        counted(finding.n, "pair")
    );
    (Verdict::NotSupported, why)
}

/// Why censoring prevents an answer: fewer than half of the runs converged.
fn censoring(finding: &Finding, a: &str, b: &str) -> Option<String> {
    let Details::Convergence(details) = &finding.details else { return None };
    let (reached, n) = (details.a.reached + details.b.reached, details.a.n + details.b.n);
    (2 * reached < n).then(|| {
        format!(
            "censored: {} of {} runs of {a} and {} of {} of {b} converged by epoch {}",
            details.a.reached,
            details.a.n,
            details.b.reached,
            details.b.n,
            details.a.observed.max(details.b.observed)
        )
    })
}
