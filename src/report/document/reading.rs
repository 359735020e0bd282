use std::collections::BTreeSet;

use crate::measure::ProtocolId;
use crate::report::cells::Cell;
use crate::report::format::{counted, percent, significant};
use crate::report::{Analysis, measured};
use crate::stats::{seeds_needed, smallest_p};
use crate::store::RunState;

/// The level at which the text speaks of significance.
const ALPHA: f64 = 0.05;

/// How the numbers came about and what they cannot show.
pub(super) fn section(analysis: &Analysis) -> String {
    let mut items = vec![band(analysis)];
    items.extend(threshold(analysis));
    items.push(censoring(analysis));
    items.push(
        "Means and deviations (sample, over n − 1) are of the last values of finished runs. A diverged run has no \
         last value worth averaging: it counts as not converged up to its horizon and as the worst in quality. \
         Failed and cancelled runs are listed and otherwise left out."
            .to_owned(),
    );
    items.extend(seeds(analysis));
    items.extend(protocols(analysis));
    let items: Vec<String> = items.into_iter().map(|item| format!("- {item}")).collect();
    format!("## How to read this\n\n{}", items.join("\n"))
}

fn band(analysis: &Analysis) -> String {
    let spec = &analysis.spec.convergence;
    let rule = &spec.rule;
    let smoothing = match rule.smooth() {
        1 => String::new(),
        window => format!(", after a centred running median of {window} evaluations"),
    };
    format!(
        "Converged: the first evaluation from which `{}` stays, to the end of the run, within {} of its whole \
         improvement (from epoch 0, before training, to its best) of its best{smoothing}; at least {} evaluations \
         must lie there, and the improvement must exceed {}. The true epoch lies between the evaluation before and \
         that one: (before, that]. A method that settles fast on something bad converges early too, so read it \
         beside the last values.",
        spec.metric.name,
        percent(rule.tolerance()),
        rule.confirm(),
        rule.min_improvement(),
    )
}

fn threshold(analysis: &Analysis) -> Option<String> {
    let spec = &analysis.spec.convergence;
    let tau = spec.threshold?;
    let (name, k) = (spec.metric.name, spec.rule.confirm());
    Some(format!("At threshold: the first of {k} evaluations in a row at which `{name}` is {tau} or better."))
}

fn censoring(analysis: &Analysis) -> String {
    format!(
        "A run that is not seen to converge is censored, never given a number: `> 60` means not by epoch 60. One that \
         arrives within its last {} counts as unconfirmed, so a horizon cannot confirm an epoch that is close to it. \
         The median over seeds is Kaplan and Meier's, with each epoch taken at the end of its interval; `≥` marks a \
         lower bound.",
        counted(analysis.spec.convergence.rule.confirm() - 1, "evaluation"),
    )
}

/// What the number of seeds allows to be said.
fn seeds(analysis: &Analysis) -> Option<String> {
    let cells = u32::try_from(analysis.cells.len()).ok().filter(|&cells| cells > 1)?;
    let paired = analysis.cells.iter().map(ended).reduce(|a, b| &a & &b)?.len();
    let n = u32::try_from(paired).ok()?;
    let pairs = u64::from(cells) * u64::from(cells - 1) / 2;
    // The seeds that are needed grow by one as the pairs double, so that the largest number is large enough.
    let m = u32::try_from(pairs).unwrap_or(u32::MAX);
    let needed = seeds_needed(m, ALPHA);
    let demand = format!(
        "{} at {} (Bonferroni) take{} {needed} seeds or more",
        counted(pairs as usize, "comparison"),
        percent(ALPHA),
        if pairs == 1 { "s" } else { "" },
    );
    if n == 0 {
        return Some(format!("No seed has ended in every cell yet; {demand}."));
    }
    let judgement = if n < needed {
        "With so few, no such test can call a difference significant, however large it looks."
    } else {
        "There are enough for such a test; this report does not make it."
    };
    Some(format!(
        "{} ended in every cell. The smallest two-sided p-value that a swap permutation test of {} can give is \
         2/2^{n} = {}; {demand}. {judgement}",
        counted(paired, "seed"),
        counted(paired, "pair"),
        significant(smallest_p(n)),
    ))
}

fn ended(cell: &Cell) -> BTreeSet<u64> {
    let ended = cell.runs.iter().filter(|run| matches!(run.record.state, RunState::Finished | RunState::Diverged));
    ended.map(|run| run.record.seed).collect()
}

/// The protocols under which something was measured.
fn protocols(analysis: &Analysis) -> Vec<String> {
    let runs = analysis.cells.iter().flat_map(Cell::counted);
    let used: BTreeSet<&ProtocolId> = runs.flat_map(|run| &run.series).map(|series| &series.protocol).collect();
    let described = |id: &&ProtocolId| {
        let text = measured::describe(analysis.input, id);
        match analysis.input.protocols.get(id) {
            Some(protocol) => format!(
                "Protocol `{}`: {} on {text}; items drawn with seed {}, data `{}`.{}",
                id.as_str(),
                protocol.kind,
                protocol.seed,
                protocol.data,
                if protocol.split == "test" { " Every \"best\" under it is selected on test." } else { "" },
            ),
            None => format!("Protocol `{}` is not described in the database.", id.as_str()),
        }
    };
    used.iter().filter(|id| ***id != ProtocolId::none()).map(described).collect()
}
