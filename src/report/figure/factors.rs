//! The settings of cells that figures compare, and which cells differ in them alone.

use std::collections::BTreeMap;

use crate::report::cells::Cell;
use crate::spec::{Setting, Value};

/// What the guide of a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuideKind {
    /// The features of the image's own guide image.
    Own,
    /// Those of another image.
    Shuffled,
    /// Zeros.
    Zero,
    /// Those of the background alone.
    Background,
    /// There is no guide.
    Absent,
}

impl GuideKind {
    /// The label in figures.
    pub fn label(self) -> &'static str {
        match self {
            GuideKind::Own => "own guide",
            GuideKind::Shuffled => "shuffled guide",
            GuideKind::Zero => "zero guide",
            GuideKind::Background => "background only",
            GuideKind::Absent => "no guide",
        }
    }
}

impl<'a> Cell<'a> {
    /// The value of a setting, or the built-in default if the setting is inactive or unknown to the version of jem that
    /// stored the cell.
    pub fn value(&self, key: &str) -> Option<Value> {
        let stored = self.runs.first().and_then(|run| run.record.settings.get(key)).cloned();
        stored.or_else(|| Setting::find(key).map(Setting::default_value))
    }

    /// The value of a setting as text, as [`Self::value`].
    pub fn word(&self, key: &str) -> String {
        self.value(key).map(|value| value.to_string()).unwrap_or_default()
    }

    /// The side of its images in pixels.
    pub fn resolution(&self) -> i64 {
        self.value("image.resolution").and_then(|value| value.as_integer()).unwrap_or_default()
    }

    /// What its guide shows.
    pub fn guide_kind(&self) -> GuideKind {
        match (self.word("guide.network").as_str(), self.word("guide.source").as_str()) {
            ("none", _) => GuideKind::Absent,
            (_, "shuffled") => GuideKind::Shuffled,
            (_, "zero") => GuideKind::Zero,
            _ if self.word("guide.segmentation") == "background" => GuideKind::Background,
            _ => GuideKind::Own,
        }
    }

    /// Whether its settings equal those of `other` in everything that identifies a cell, except the settings whose key
    /// begins with one of `prefixes`.
    pub fn is_like(&self, other: &Self, prefixes: &[&str]) -> bool {
        self.identity(prefixes) == other.identity(prefixes)
    }

    /// The settings that identify a cell, except those whose key begins with one of `prefixes`.
    fn identity(&self, prefixes: &[&str]) -> Vec<(&str, &Value)> {
        let stored = self.runs.first().into_iter().flat_map(|run| &run.record.settings);
        let counts = |key: &str| {
            Setting::find(key).is_none_or(|setting| setting.hashed)
                && !prefixes.iter().any(|prefix| key.starts_with(prefix))
        };
        stored.map(|(key, value)| (key.as_str(), value)).filter(|(key, _)| counts(key)).collect()
    }
}

/// The cell of each method that stands for it where a figure has room for one cell: the first one with own guides, at
/// the resolution of most methods.
pub fn main_cells<'s, 'a>(cells: &'s [Cell<'a>]) -> Vec<&'s Cell<'a>> {
    let mut methods: Vec<&str> = Vec::new();
    // The methods of each resolution that have a cell which is no control.
    let mut counts: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for cell in cells {
        if !methods.contains(&cell.method) {
            methods.push(cell.method);
        }
        let known = counts.entry(cell.resolution()).or_default();
        if !is_control(cell) && !known.contains(&cell.method) {
            known.push(cell.method);
        }
    }
    let most = counts.values().map(Vec::len).max().unwrap_or_default();
    let common = counts.iter().find(|(_, methods)| methods.len() == most).map(|(&resolution, _)| resolution);
    let main = |method: &&str| {
        let own = cells.iter().filter(|cell| cell.method == *method);
        own.min_by_key(|cell| (is_control(cell), Some(cell.resolution()) != common))
    };
    methods.iter().filter_map(main).collect()
}

/// The beginnings of the settings in which controls and variants of guide and objective differ.
const VARIED: [&str; 8] = [
    "guide.source",
    "guide.segmentation",
    "segment.",
    "guide.discriminator",
    "guide.inject",
    "objective.reconstruction",
    "objective.guide_match",
    // Inactive with mismatched guides.
    "objective.fake_share",
];

/// The beginnings of the settings in which objectives with and without the guide differ, and shuffled guides from own ones.
pub const VARIED_OBJECTIVES: [&str; 5] = [
    "guide.source",
    "guide.discriminator",
    "objective.reconstruction",
    "objective.guide_match",
    // Inactive with mismatched guides.
    "objective.fake_share",
];

/// The cells that are no variants: of the cells of a method that differ in guide or objective alone, the first one that
/// is no control. Cells with equal settings and different data or weights are no variants of each other.
pub fn principal_cells<'s, 'a>(cells: &'s [Cell<'a>]) -> Vec<&'s Cell<'a>> {
    let mut groups: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
    for (place, cell) in cells.iter().enumerate() {
        let rest = cell.identity(&VARIED).into_iter().map(|(key, value)| format!("{key} {value}\n")).collect();
        groups.entry((cell.method, rest)).or_default().push(place);
    }
    let mut principal: Vec<usize> = Vec::new();
    for places in groups.values() {
        let first = places.iter().find(|&&place| !is_control(&cells[place])).or(places.first());
        let is_equal = |place: &&usize| first.is_some_and(|&first| cells[**place].is_like(&cells[first], &[]));
        principal.extend(places.iter().filter(is_equal));
    }
    principal.sort_unstable();
    principal.into_iter().map(|place| &cells[place]).collect()
}

/// Whether the guide of a cell is a control.
fn is_control(cell: &Cell) -> bool {
    !matches!(cell.guide_kind(), GuideKind::Own | GuideKind::Absent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::cells::cells;
    use crate::report::fixture;

    fn labels(cells: &[&Cell]) -> Vec<String> {
        cells.iter().map(|cell| cell.label.clone()).collect()
    }

    #[test]
    fn the_guide_of_a_cell_follows_from_its_settings() {
        let input = fixture::paper(1);
        let cells = cells(&input);
        let kinds: Vec<GuideKind> = cells.iter().map(Cell::guide_kind).collect();
        assert_eq!(kinds[..4], [GuideKind::Absent, GuideKind::Absent, GuideKind::Own, GuideKind::Own]);
        assert_eq!(kinds[6..10], [GuideKind::Zero, GuideKind::Shuffled, GuideKind::Background, GuideKind::Own]);
        assert_eq!((cells[0].resolution(), cells[1].resolution()), (32, 64));
    }

    #[test]
    fn the_main_cell_of_a_method_is_no_control_and_has_the_common_resolution() {
        let input = fixture::paper(1);
        let all = cells(&input);
        let main = main_cells(&all);
        assert_eq!(main.iter().map(|cell| cell.method).collect::<Vec<_>>(), ["GAN-CLS-INT", "JEM-AlexNet", "JEM-VGG"]);
        assert!(main.iter().all(|cell| cell.resolution() == 32 && !is_control(cell)), "{:?}", labels(&main));
    }

    #[test]
    fn cells_are_alike_if_they_differ_in_the_named_settings_alone() {
        let input = fixture::paper(1);
        let cells = cells(&input);
        let (own, zero, foreground) = (&cells[2], &cells[6], &cells[9]);
        assert!(own.is_like(zero, &["guide.source"]) && !own.is_like(zero, &["guide.segmentation"]));
        assert!(own.is_like(foreground, &["guide.segmentation", "segment."]));
        assert!(!own.is_like(&cells[3], &["guide."]), "the resolution differs");
    }
}
