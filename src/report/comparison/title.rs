use super::Measure;

/// The title of a measure for people.
pub fn title(measure: Measure) -> &'static str {
    match measure {
        Measure::Convergence => "Convergence",
        Measure::Metric(metric) => metric.title,
    }
}
