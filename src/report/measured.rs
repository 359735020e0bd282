use std::collections::{BTreeMap, BTreeSet};

use super::cells::Cell;
use super::{ReportInput, RunData};
use crate::measure::{Curve, Direction, Epoch, MetricDef, Protocol, ProtocolId, ProtocolSets};
use crate::store::RunState;

/// A metric under one protocol: the unit of comparison. Values under different protocols are never mixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The metric.
    pub metric: &'static MetricDef,
    /// The protocol, none for training metrics.
    pub protocol: ProtocolId,
    /// The network that it is taken by and its weights, in short, where its name does not say which: `alexnet:1f2e3d4c`.
    pub network: Option<String>,
    /// Whether the metric occurs under other protocols too, so that a title must say which this is.
    pub is_one_of_several: bool,
}

impl Measured {
    /// What it is called: the metric's title, and of a distance by whatever network the network.
    pub fn name(&self) -> String {
        match &self.network {
            Some(network) => format!("{}({network})", self.metric.title),
            None => self.metric.title.to_owned(),
        }
    }

    /// The heading: its name, and the protocol's id where there are several.
    pub fn title(&self) -> String {
        let name = self.name();
        if self.is_one_of_several { format!("{name} [{}]", self.protocol.as_str()) } else { name }
    }

    /// The run's curve of it.
    pub fn curve<'a>(&self, run: &'a RunData) -> Option<&'a Curve> {
        run.curve(self.metric.name, &self.protocol)
    }

    /// The last values of the cell's finished runs.
    pub fn last_values(&self, cell: &Cell) -> Vec<f64> {
        let finished = cell.runs.iter().filter(|run| run.record.state == RunState::Finished);
        finished.filter_map(|run| self.curve(run)?.last()).map(|(_, value)| value).collect()
    }

    /// The run's best finite value and the first epoch that has it; `None` for neutral metrics.
    pub fn best(&self, run: &RunData) -> Option<(Epoch, f64)> {
        let better: fn(f64, f64) -> bool = match self.metric.direction {
            Direction::Lower => |a, b| a < b,
            Direction::Higher => |a, b| a > b,
            Direction::Neutral => return None,
        };
        let finite = self.curve(run)?.points().iter().copied().filter(|(_, value)| value.is_finite());
        finite.reduce(|best, next| if better(next.1, best.1) { next } else { best })
    }
}

/// Every protocol under which counted runs have one of `metrics`, metric by metric in the order given.
pub fn measured(input: &ReportInput, cells: &[Cell], metrics: &[&'static MetricDef]) -> Vec<Measured> {
    let mut all = Vec::new();
    for &metric in metrics {
        let protocols: BTreeSet<&ProtocolId> = with_metric(cells, metric.name).map(|(_, protocol)| protocol).collect();
        let is_one_of_several = protocols.len() > 1;
        all.extend(protocols.into_iter().map(|protocol| Measured {
            metric,
            protocol: protocol.clone(),
            network: network(input, metric, protocol),
            is_one_of_several,
        }));
    }
    all
}

/// `metric` under the protocol that most counted runs share; the least id among equals. `None` if no run has it.
pub fn primary(input: &ReportInput, cells: &[Cell], metric: &'static MetricDef) -> Option<Measured> {
    let mut counts: BTreeMap<&ProtocolId, usize> = BTreeMap::new();
    for (_, protocol) in with_metric(cells, metric.name) {
        *counts.entry(protocol).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    let protocol = counts.iter().find(|(_, count)| **count == most).map(|(protocol, _)| (*protocol).clone())?;
    let network = network(input, metric, &protocol);
    Some(Measured { metric, protocol, network, is_one_of_several: counts.len() > 1 })
}

/// The network of a distance that is not named after one: only the published Inception makes FID and KID.
fn network(input: &ReportInput, metric: &MetricDef, protocol: &ProtocolId) -> Option<String> {
    if !["frechet_distance", "kernel_distance", "frechet_infinity"].contains(&metric.name) {
        return None;
    }
    let mut words = input.protocols.get(protocol)?.extractor.as_deref()?.split(' ');
    let (network, weights) = (words.next()?, words.nth(1)?);
    // A hash is cut to what tells files apart; `random:<seed>` stays whole.
    let short = if weights.contains(':') { weights } else { weights.get(..8)? };
    Some(format!("{network}:{short}"))
}

fn with_metric<'a>(cells: &[Cell<'a>], metric: &str) -> impl Iterator<Item = (&'a RunData, &'a ProtocolId)> {
    let series =
        cells.iter().flat_map(Cell::counted).flat_map(|run| run.series.iter().map(move |series| (run, series)));
    series
        .filter(move |(_, series)| series.metric == metric && !series.curve.points().is_empty())
        .map(|(run, series)| (run, &series.protocol))
}

/// A protocol in a few words: `val, 8 images, 64 px`, and the network or the samples of an item where that is part of it;
/// nothing for training metrics.
pub fn describe(input: &ReportInput, protocol: &ProtocolId) -> String {
    match input.protocols.get(protocol) {
        Some(Protocol { split, items, resolution, extractor, noises, sets, .. }) => {
            let plural = if items.len() == 1 { "" } else { "s" };
            let mut text = match sets {
                Some(ProtocolSets { samples, photos, resizer, line }) => {
                    let line = line.map_or(String::new(), |(from, points)| {
                        format!(", a line through {points} distances from {from} samples up")
                    });
                    format!(
                        "{split}, {samples} samples against {photos} photos, {resolution} px, {resizer} resizing{line}"
                    )
                }
                None => format!("{split}, {} image{plural}, {resolution} px", items.len()),
            };
            text.push_str(&extractor.as_ref().map_or(String::new(), |network| format!(", by {network}")));
            text.push_str(&noises.map_or(String::new(), |noises| format!(", {noises} noises")));
            text
        }
        None if *protocol == ProtocolId::none() => String::new(),
        None => format!("protocol {}", protocol.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::metric;
    use crate::report::{cells::cells, lab};

    #[test]
    fn each_protocol_of_a_metric_is_measured_apart() {
        let mut input = lab::input(&["A", "B"], 2);
        let other = ProtocolId::from_stored("0000000000000000".into());
        input.runs[0].series[0].protocol = other.clone();
        let cells = cells(&input);
        let distance = metric("colour_distance").unwrap();
        let both = measured(&input, &cells, &[distance]);
        assert_eq!(both.len(), 2);
        assert_eq!(both[0].title(), "Colour distance [0000000000000000]");
        assert_ne!(primary(&input, &cells, distance).unwrap().protocol, other);
        assert_eq!(measured(&input, &cells, &[metric("g_loss_int").unwrap()]), []);
    }

    #[test]
    fn a_distance_by_whatever_network_bears_its_name() {
        let mut input = lab::input(&["A"], 1);
        for series in &mut input.runs[0].series {
            if series.metric == "ssim" {
                series.metric = "frechet_distance".into();
            }
        }
        let protocol = input.protocols.values_mut().next().unwrap();
        protocol.extractor = Some(format!("vgg16 fc7 {} 224 1", "ab".repeat(32)));
        let named =
            |input: &ReportInput| primary(input, &cells(input), metric("frechet_distance").unwrap()).unwrap().title();
        assert_eq!(named(&input), "FD(vgg16:abababab)");
        input.protocols.values_mut().next().unwrap().extractor = Some("inception pool3 random:7 299 1".into());
        assert_eq!(named(&input), "FD(inception:random:7)");
    }

    #[test]
    fn the_best_value_follows_the_direction_and_skips_what_is_not_finite() {
        let mut input = lab::input(&["A"], 1);
        let points = vec![(Epoch(0), 0.9), (Epoch(5), 0.4), (Epoch(10), 0.4), (Epoch(15), f64::NAN)];
        input.runs[0].series[0].curve = Curve::new(points).unwrap();
        let cells = cells(&input);
        let distance = primary(&input, &cells, metric("colour_distance").unwrap()).unwrap();
        assert_eq!(distance.best(&input.runs[0]), Some((Epoch(5), 0.4)));
        let higher = Measured { metric: metric("ssim").unwrap(), ..distance.clone() };
        assert_eq!(higher.best(&input.runs[0]).map(|best| best.1 > 0.1), Some(true));
        let neutral = primary(&input, &cells, metric("g_loss").unwrap()).unwrap();
        assert_eq!(neutral.best(&input.runs[0]), None);
    }
}
