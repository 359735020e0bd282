use std::collections::{BTreeMap, BTreeSet};

use super::cells::Cell;
use super::{ReportInput, RunData};
use crate::measure::{Curve, Direction, Epoch, MetricDef, Protocol, ProtocolId, ProtocolSets};
use crate::store::RunState;

/// A metric under one protocol. Values under different protocols are never compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolMetric {
    /// The definition of the metric.
    pub definition: &'static MetricDef,
    /// The protocol; [`ProtocolId::none`] for training metrics.
    pub protocol: ProtocolId,
    /// The network of a distance and its abbreviated weights, such as `alexnet:1f2e3d4c`, if the name of the metric
    /// does not imply them.
    pub network: Option<String>,
    /// Whether the metric has other protocols too, so that titles must contain the protocol.
    pub is_one_of_several: bool,
}

impl ProtocolMetric {
    /// The title of the metric, with the network in parentheses if there is one.
    pub fn name(&self) -> String {
        match &self.network {
            Some(network) => format!("{}({network})", self.definition.title),
            None => self.definition.title.to_owned(),
        }
    }

    /// The name, with the id of the protocol if there are several.
    pub fn title(&self) -> String {
        let name = self.name();
        if self.is_one_of_several { format!("{name} [{}]", self.protocol.as_str()) } else { name }
    }

    /// The curve of a run.
    pub fn curve<'a>(&self, run: &'a RunData) -> Option<&'a Curve> {
        run.curve(self.definition.name, &self.protocol)
    }

    /// The last values of the finished runs of a cell.
    pub fn last_values(&self, cell: &Cell) -> Vec<f64> {
        let finished = cell.runs.iter().filter(|run| run.record.state == RunState::Finished);
        finished.filter_map(|run| self.curve(run)?.last()).map(|(_, value)| value).collect()
    }

    /// The best finite value of a run and the first epoch with this value; `None` for neutral metrics.
    pub fn best(&self, run: &RunData) -> Option<(Epoch, f64)> {
        let better: fn(f64, f64) -> bool = match self.definition.direction {
            Direction::Lower => |a, b| a < b,
            Direction::Higher => |a, b| a > b,
            Direction::Neutral => return None,
        };
        let finite = self.curve(run)?.points().iter().copied().filter(|(_, value)| value.is_finite());
        finite.reduce(|best, next| if better(next.1, best.1) { next } else { best })
    }
}

/// The `metrics`, each under all protocols of the included runs, in the given order.
pub fn protocol_metrics(input: &ReportInput, cells: &[Cell], metrics: &[&'static MetricDef]) -> Vec<ProtocolMetric> {
    let mut all = Vec::new();
    for &metric in metrics {
        let protocols: BTreeSet<&ProtocolId> = series_of(cells, metric.name).map(|(_, protocol)| protocol).collect();
        let is_one_of_several = protocols.len() > 1;
        all.extend(protocols.into_iter().map(|protocol| ProtocolMetric {
            definition: metric,
            protocol: protocol.clone(),
            network: network(input, metric, protocol),
            is_one_of_several,
        }));
    }
    all
}

/// `metric` under the protocol of most included runs; the least id among equals. `None` if no run has it.
pub fn primary(input: &ReportInput, cells: &[Cell], metric: &'static MetricDef) -> Option<ProtocolMetric> {
    let mut counts: BTreeMap<&ProtocolId, usize> = BTreeMap::new();
    for (_, protocol) in series_of(cells, metric.name) {
        *counts.entry(protocol).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    let protocol = counts.iter().find(|(_, count)| **count == most).map(|(protocol, _)| (*protocol).clone())?;
    let network = network(input, metric, &protocol);
    Some(ProtocolMetric { definition: metric, protocol, network, is_one_of_several: counts.len() > 1 })
}

/// The network of a distance. FID and KID imply the published Inception network and have none here.
fn network(input: &ReportInput, metric: &MetricDef, protocol: &ProtocolId) -> Option<String> {
    if !["frechet_distance", "kernel_distance", "frechet_infinity"].contains(&metric.name) {
        return None;
    }
    let mut words = input.protocols.get(protocol)?.extractor.as_deref()?.split(' ');
    let (network, weights) = (words.next()?, words.nth(1)?);
    // A hash is abbreviated; `random:<seed>` is not.
    let short = if weights.contains(':') { weights } else { weights.get(..8)? };
    Some(format!("{network}:{short}"))
}

fn series_of<'a>(cells: &[Cell<'a>], metric: &str) -> impl Iterator<Item = (&'a RunData, &'a ProtocolId)> {
    let series =
        cells.iter().flat_map(Cell::included_runs).flat_map(|run| run.series.iter().map(move |series| (run, series)));
    series
        .filter(move |(_, series)| series.metric == metric && !series.curve.points().is_empty())
        .map(|(run, series)| (run, &series.protocol))
}

/// A short description of a protocol, such as `val, 8 images, 64 px`, with its network or number of noise vectors if it
/// has them; empty for training metrics.
pub fn describe(input: &ReportInput, protocol: &ProtocolId) -> String {
    match input.protocols.get(protocol) {
        Some(Protocol { split, items, resolution, extractor, noises, sets, .. }) => {
            let plural = if items.len() == 1 { "" } else { "s" };
            let mut text = match sets {
                Some(ProtocolSets { samples, photos, resizer, line }) => {
                    let line = line.map_or(String::new(), |(from, points)| {
                        format!(", extrapolated from {points} distances with {from} samples or more")
                    });
                    format!(
                        "{split}, {samples} samples against {photos} images, {resolution} px, {resizer} resizing{line}"
                    )
                }
                None => format!("{split}, {} image{plural}, {resolution} px", items.len()),
            };
            text.push_str(&extractor.as_ref().map_or(String::new(), |network| format!(", features of {network}")));
            text.push_str(&noises.map_or(String::new(), |noises| format!(", {noises} noise vectors")));
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
    use crate::report::{cells::cells, fixture};

    #[test]
    fn the_protocols_of_a_metric_are_separate() {
        let mut input = fixture::input(&["A", "B"], 2);
        let other = ProtocolId::from_stored("0000000000000000".into());
        input.runs[0].series[0].protocol = other.clone();
        let cells = cells(&input);
        let distance = metric("colour_distance").unwrap();
        let both = protocol_metrics(&input, &cells, &[distance]);
        assert_eq!(both.len(), 2);
        assert_eq!(both[0].title(), "Colour distance [0000000000000000]");
        assert_ne!(primary(&input, &cells, distance).unwrap().protocol, other);
        assert_eq!(protocol_metrics(&input, &cells, &[metric("g_loss_int").unwrap()]), []);
    }

    #[test]
    fn a_distance_includes_the_name_of_its_network() {
        let mut input = fixture::input(&["A"], 1);
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
    fn the_best_value_depends_on_the_direction_and_is_finite() {
        let mut input = fixture::input(&["A"], 1);
        let points = vec![(Epoch(0), 0.9), (Epoch(5), 0.4), (Epoch(10), 0.4), (Epoch(15), f64::NAN)];
        input.runs[0].series[0].curve = Curve::new(points).unwrap();
        let cells = cells(&input);
        let distance = primary(&input, &cells, metric("colour_distance").unwrap()).unwrap();
        assert_eq!(distance.best(&input.runs[0]), Some((Epoch(5), 0.4)));
        let higher = ProtocolMetric { definition: metric("ssim").unwrap(), ..distance.clone() };
        assert_eq!(higher.best(&input.runs[0]).map(|best| best.1 > 0.1), Some(true));
        let neutral = primary(&input, &cells, metric("g_loss").unwrap()).unwrap();
        assert_eq!(neutral.best(&input.runs[0]), None);
    }
}
