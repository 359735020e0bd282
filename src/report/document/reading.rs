use std::collections::BTreeSet;

use super::model::Text;
use crate::measure::ProtocolId;
use crate::report::cells::Cell;
use crate::report::format::{counted, percent, significant};
use crate::report::{Analysis, protocol_metric};
use crate::stats::{seeds_needed, smallest_p};
use crate::store::RunState;

/// The significance level.
const ALPHA: f64 = 0.05;

/// How the numbers are computed, and their limits.
pub(super) fn reading(analysis: &Analysis) -> Vec<Text> {
    let mut items = vec![band(analysis)];
    items.extend(threshold(analysis));
    items.push(censoring(analysis));
    items.push(
        "Means and standard deviations (over n − 1) are computed from the last values of finished runs. A diverged run \
         is not averaged: it counts as not converged by its horizon and as the worst in quality. Failed and cancelled \
         runs are listed but excluded."
            .into(),
    );
    items.extend(seeds(analysis).map(Text::from));
    items.extend(protocols(analysis));
    items
}

fn band(analysis: &Analysis) -> Text {
    let spec = &analysis.spec.convergence;
    let rule = &spec.rule;
    let smoothing = rule.smoothing().description().map_or(String::new(), |text| format!(", smoothed with {text}"));
    Text::marked(&format!(
        "Converged: the first evaluation from which `{}` stays close to its best value until the end of the run: the \
         difference is at most {} of the total improvement, from epoch 0 (before training) to the best \
         value{smoothing}. At least {} evaluations must be in this band, and the improvement must exceed {}. The exact epoch is between \
         the previous evaluation and this one: (previous, this]. A method that quickly reaches bad values converges \
         early too, so compare the last values.",
        spec.metric.name,
        percent(rule.tolerance()),
        rule.confirm(),
        rule.min_improvement(),
    ))
}

fn threshold(analysis: &Analysis) -> Option<Text> {
    let spec = &analysis.spec.convergence;
    let tau = spec.threshold?;
    let (name, k) = (spec.metric.name, spec.rule.confirm());
    let text = format!("At threshold: the first of {k} consecutive evaluations at which `{name}` is {tau} or better.");
    Some(Text::marked(&text))
}

fn censoring(analysis: &Analysis) -> Text {
    Text::marked(&format!(
        "A run without observed convergence is censored and has no epoch: `> 60` means not by epoch 60. A run that \
         reaches the band within its last {} is unconfirmed, so an epoch close to the horizon cannot be confirmed. The \
         median over seeds is the Kaplan-Meier median, with each epoch at the end of its interval; `≥` marks a lower \
         bound.",
        counted(analysis.spec.convergence.rule.confirm() - 1, "evaluation"),
    ))
}

/// The smallest p-value that the number of seeds allows.
fn seeds(analysis: &Analysis) -> Option<String> {
    let cells = u32::try_from(analysis.cells.len()).ok().filter(|&cells| cells > 1)?;
    let paired = analysis.cells.iter().map(ended).reduce(|a, b| &a & &b)?.len();
    let n = u32::try_from(paired).ok()?;
    let pairs = u64::from(cells) * u64::from(cells - 1) / 2;
    // The number of seeds grows by one when the pairs double, so u32::MAX is a sufficient bound.
    let m = u32::try_from(pairs).unwrap_or(u32::MAX);
    let needed = seeds_needed(m, ALPHA);
    let demand = format!(
        "{} at {} (Bonferroni) require{} {needed} seeds or more",
        counted(pairs as usize, "comparison"),
        percent(ALPHA),
        if pairs == 1 { "s" } else { "" },
    );
    if n == 0 {
        return Some(format!("No seed has ended in every cell yet; {demand}."));
    }
    let judgement = if n < needed {
        "With fewer seeds, no such test can find a significant difference of any size."
    } else {
        "There are enough seeds for such a test."
    };
    Some(format!(
        "{} ended in every cell. The smallest two-sided p-value of a paired permutation test with {} is 2/2^{n} = {}; \
         {demand}. {judgement}",
        counted(paired, "seed"),
        counted(paired, "pair"),
        significant(smallest_p(n)),
    ))
}

fn ended(cell: &Cell) -> BTreeSet<u64> {
    let ended = cell.runs.iter().filter(|run| matches!(run.record.state, RunState::Finished | RunState::Diverged));
    ended.map(|run| run.record.seed).collect()
}

/// The protocols of the recorded metrics.
fn protocols(analysis: &Analysis) -> Vec<Text> {
    let runs = analysis.cells.iter().flat_map(Cell::included_runs);
    let used: BTreeSet<&ProtocolId> = runs.flat_map(|run| &run.series).map(|series| &series.protocol).collect();
    let described = |id: &&ProtocolId| {
        let text = Text::from("Protocol ").code(id.as_str());
        let Some(protocol) = analysis.input.protocols.get(id) else {
            return text.plain(" has no description in the database.");
        };
        let on = protocol_metric::describe(analysis.input, id);
        let test = if protocol.split == "test" { " Its \"best\" values are selected on the test split." } else { "" };
        text.plain(format!(": {} on {on}; items selected with seed {}, data ", protocol.kind, protocol.seed))
            .code(&protocol.data)
            .plain(format!(".{test}"))
    };
    used.iter().filter(|id| ***id != ProtocolId::none()).map(described).collect()
}
