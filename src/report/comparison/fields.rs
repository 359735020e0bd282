//! A comparison as named values, for tables and data files.

use super::{Comparison, Details, Family, Member, Side, Statistic};

/// A value of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// No value.
    None,
    /// Text.
    Text(String),
    /// A number of things.
    Count(usize),
    /// A number.
    Number(f64),
}

impl From<Option<f64>> for Datum {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Datum::None, Datum::Number)
    }
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Datum::Text(text.to_owned())
    }
}

/// The names of the values, in their order.
pub const FIELDS: [&str; 43] = [
    "a",
    "a_cell",
    "b",
    "b_cell",
    "measure",
    "protocol",
    "pairs",
    "excluded",
    "unfinished",
    "single",
    "unmeasured",
    "diverged",
    "nonfinite",
    "statistic",
    "restricted_to",
    "a_value",
    "a_sd",
    "b_value",
    "b_sd",
    "difference",
    "low",
    "high",
    "interval",
    "p",
    "exact",
    "p_holm",
    "tests",
    "alpha",
    "better",
    "d_z",
    "p_a_better",
    "a_reached",
    "b_reached",
    "a_median",
    "a_median_low",
    "a_median_high",
    "b_median",
    "b_median_low",
    "b_median_high",
    "median_ratio",
    "log_rank_p",
    "hazard_ratio",
    "refused",
];

impl Member<'_> {
    /// The values, by the names in [`FIELDS`]. Differences are the first minus the second; intervals have 95 %; `better`
    /// is empty without a significant difference.
    pub fn fields(&self, family: &Family) -> Vec<Datum> {
        let Comparison { a, b, measure, pairs, result } = &self.comparison;
        let mut row: Vec<Datum> =
            vec![a.label.as_str().into(), a.id.into(), b.label.as_str().into(), b.id.into(), measure.as_str().into()];
        let protocol = result.as_ref().ok().map(|finding| match &finding.details {
            Details::Metric(details) => details.metric.protocol.as_str(),
            Details::Convergence(details) => details.metric.protocol.as_str(),
        });
        row.push(protocol.map_or(Datum::None, Datum::from));
        let counts = [pairs.complete, pairs.excluded, pairs.unfinished, pairs.single, pairs.unmeasured];
        row.extend(counts.into_iter().chain([pairs.diverged, pairs.nonfinite]).map(Datum::Count));
        row.extend(self.of_finding(family));
        row.extend(self.of_convergence());
        row.push(result.as_ref().err().map_or(Datum::None, |refusal| Datum::Text(refusal.reason())));
        row
    }

    /// From `statistic` to `p_a_better`.
    fn of_finding(&self, family: &Family) -> Vec<Datum> {
        let Ok(finding) = &self.comparison.result else { return vec![Datum::None; 18] };
        let (statistic, limit) = match finding.statistic {
            Statistic::Means => ("means", None),
            Statistic::Medians => ("medians", None),
            Statistic::RestrictedMeans(limit) => ("restricted means", Some(limit)),
        };
        let values = match &finding.details {
            Details::Metric(details) if finding.statistic == Statistic::Medians => {
                [details.a.median, None, details.b.median, None]
            }
            Details::Metric(details) => [details.a.mean, details.a.sd, details.b.mean, details.b.sd],
            Details::Convergence(details) => [details.a.restricted_mean, None, details.b.restricted_mean, None],
        };
        let mut row = vec![statistic.into(), limit.into()];
        row.extend(values.map(Datum::from));
        row.push(finding.difference.into());
        row.extend([finding.interval.map(|of| of.limits.low).into(), finding.interval.map(|of| of.limits.high).into()]);
        row.push(finding.interval.map_or(Datum::None, |interval| interval.method.as_str().into()));
        row.push(Datum::Number(finding.test.p));
        row.push(if finding.test.exact { "true" } else { "false" }.into());
        row.push(self.adjusted.into());
        row.extend([Datum::Count(family.members.len()), Datum::Number(family.alpha)]);
        let better = if self.is_significant(family.alpha) { finding.favours } else { Side::Neither };
        row.push(match better {
            Side::Neither => Datum::None,
            side => self.comparison.label(side).into(),
        });
        row.extend([finding.d_z.into(), Datum::Number(finding.p_a_better)]);
        row
    }

    /// From `a_reached` to `hazard_ratio`.
    fn of_convergence(&self) -> Vec<Datum> {
        let Ok(finding) = &self.comparison.result else { return vec![Datum::None; 11] };
        let Details::Convergence(details) = &finding.details else { return vec![Datum::None; 11] };
        let mut row = vec![Datum::Count(details.a.reached), Datum::Count(details.b.reached)];
        for side in [&details.a, &details.b] {
            row.extend([side.median, side.interval.0, side.interval.1].map(Datum::from));
        }
        row.push(details.ratio.into());
        row.push(details.log_rank.map(|test| test.p).into());
        row.push(details.hazard.map(|hazard| hazard.ratio).into());
        row
    }
}
