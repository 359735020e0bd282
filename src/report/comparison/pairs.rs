//! The runs of two cells, paired by seed.

use std::collections::{BTreeMap, BTreeSet};

use super::protocol::SideRuns;
use crate::report::RunData;
use crate::report::cells::{Cell, is_included};
use crate::report::format::counted;
use crate::store::RunState;

/// Two runs with the same seed: they share batches, noise and the initial weights of shared layers.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'s> {
    /// The seed.
    pub seed: u64,
    /// The run of the first cell.
    pub a: &'s RunData,
    /// The run of the second cell.
    pub b: &'s RunData,
}

/// The runs of both sides of the pairs.
pub fn sides<'s>(a: &'s Cell<'s>, b: &'s Cell<'s>, pairs: &[Pair<'s>]) -> [SideRuns<'s>; 2] {
    [
        SideRuns { label: &a.label, runs: pairs.iter().map(|pair| pair.a).collect() },
        SideRuns { label: &b.label, runs: pairs.iter().map(|pair| pair.b).collect() },
    ]
}

/// What became of the seeds of two cells. Every seed of either cell is counted once, except that diverged runs and runs
/// without a finite value are also part of the complete pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairCounts {
    /// Pairs whose runs both finished or diverged, with the measure.
    pub complete: usize,
    /// Seeds left out because a run failed or was cancelled.
    pub excluded: usize,
    /// Seeds left out because a run has not ended.
    pub unfinished: usize,
    /// Seeds left out because only one of the cells has them.
    pub single: usize,
    /// Seeds left out because a finished run was not evaluated by the measure.
    pub unmeasured: usize,
    /// Runs that diverged, of either cell, in complete pairs.
    pub diverged: usize,
    /// Finished runs whose value is not finite, of either cell, in complete pairs.
    pub nonfinite: usize,
}

impl PairCounts {
    /// What the number of pairs leaves unsaid, such as `1 seed is left out because a run failed or was cancelled`;
    /// empty if every seed is a complete pair of finished runs with finite values.
    pub fn notes(&self) -> Vec<String> {
        let left_out = |n: usize, why: &str| {
            let verb = if n == 1 { "is" } else { "are" };
            (n > 0).then(|| format!("{} {verb} left out because {why}", counted(n, "seed")))
        };
        let worst = |n: usize, what: &str| {
            let (verb, each) = if n == 1 { ("counts", "run") } else { ("count", "runs") };
            (n > 0).then(|| format!("{n} {what} {each} {verb} as the worst"))
        };
        [
            left_out(self.excluded, "a run failed or was cancelled"),
            left_out(self.unfinished, "a run has not ended"),
            left_out(self.single, "only one side has this seed"),
            left_out(self.unmeasured, "a finished run has no value"),
            worst(self.diverged, "diverged"),
            worst(self.nonfinite, "not finite"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The pairs whose runs both finished or diverged, by ascending seed, and the counts of the others.
pub fn pairs<'s>(a: &'s Cell<'s>, b: &'s Cell<'s>) -> (Vec<Pair<'s>>, PairCounts) {
    let by_seed = |cell: &'s Cell<'s>| -> BTreeMap<u64, &'s RunData> {
        cell.runs.iter().map(|&run| (run.record.seed, run)).collect()
    };
    let (of_a, of_b) = (by_seed(a), by_seed(b));
    let seeds: BTreeSet<u64> = of_a.keys().chain(of_b.keys()).copied().collect();
    let (mut complete, mut counts) = (Vec::new(), PairCounts::default());
    for seed in seeds {
        let (Some(&a), Some(&b)) = (of_a.get(&seed), of_b.get(&seed)) else {
            counts.single += 1;
            continue;
        };
        let states = [a.record.state, b.record.state];
        if !states.into_iter().all(is_included) {
            counts.excluded += 1;
        } else if states.into_iter().all(|state| matches!(state, RunState::Finished | RunState::Diverged)) {
            complete.push(Pair { seed, a, b });
        } else {
            counts.unfinished += 1;
        }
    }
    counts.complete = complete.len();
    (complete, counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::cells::cells;
    use crate::report::fixture;

    #[test]
    fn seeds_are_paired_and_every_other_seed_is_counted_with_its_reason() {
        // A: seeds 1 to 6 in runs 0 to 5; B: seeds 1 to 6 in runs 6 to 11.
        let mut input = fixture::input(&["A", "B"], 6);
        input.runs[1].record.state = RunState::Failed;
        input.runs[8].record.state = RunState::Running;
        input.runs[9].record.state = RunState::Diverged;
        input.runs[11].record.seed = 7;
        let cells = cells(&input);
        let (complete, counts) = pairs(&cells[0], &cells[1]);
        assert_eq!(complete.iter().map(|pair| pair.seed).collect::<Vec<_>>(), [1, 4, 5]);
        assert!(complete.iter().all(|pair| pair.a.record.method == "A" && pair.b.record.seed == pair.seed));
        let expected = PairCounts { complete: 3, excluded: 1, unfinished: 1, single: 2, ..PairCounts::default() };
        assert_eq!(counts, expected);
        assert_eq!(
            counts.notes(),
            [
                "1 seed is left out because a run failed or was cancelled",
                "1 seed is left out because a run has not ended",
                "2 seeds are left out because only one side has this seed",
            ]
        );
    }
}
