//! Checks a value of a report file.

use toml::Value;

use super::language::Allowed;
use crate::label;
use crate::measure::{Direction, METRICS, metric};
use crate::stats::Smoothing;

/// The maximum length of a folder name in bytes.
const MAX_FOLDER_NAME: usize = 255;

/// The problem of a value, as the end of a sentence that starts with the key, and a remedy.
pub(super) struct Problem {
    pub text: String,
    pub help: Option<String>,
}

impl Allowed {
    /// Whether a list of values is allowed, of which each item is checked.
    fn item(self) -> Option<Allowed> {
        match self {
            Allowed::Texts | Allowed::TextOrTexts => Some(Allowed::Text(1)),
            Allowed::Metrics => Some(Allowed::Choice(&[])),
            Allowed::Measures => Some(Allowed::Measure),
            Allowed::Words(words) | Allowed::WordOrWords(words) => Some(Allowed::Choice(words)),
            Allowed::IntegerOrIntegers => Some(Allowed::Integer(0, i64::MAX)),
            _ => None,
        }
    }

    /// Checks a value.
    pub(super) fn check(self, value: &Value) -> Result<(), Problem> {
        let refuse = |help| Err(Problem { text: format!("is {}, but must be {}", shown(value), self.form()), help });
        match (self, value) {
            (Allowed::Metrics, Value::Array(list)) => {
                list.iter().try_for_each(|item| known_metric(item, |_| true))?;
                distinct(list)
            }
            (_, Value::Array(list)) if let Some(item) = self.item() => {
                list.iter().try_for_each(|value| item.check(value))?;
                distinct(list)
            }
            (Allowed::TextOrTexts | Allowed::WordOrWords(_) | Allowed::IntegerOrIntegers, value)
                if let Some(item) = self.item() =>
            {
                item.check(value)
            }
            (Allowed::RankedMetric, Value::String(_)) => known_metric(value, is_ranked),
            (Allowed::Measure, Value::String(word)) if word == "convergence" => Ok(()),
            (Allowed::Measure, Value::String(_)) => known_metric(value, is_ranked).map_err(|problem| Problem {
                help: problem.help.map(|help| format!("{help}; or \"convergence\"")),
                ..problem
            }),
            (Allowed::FolderName, Value::String(name)) => folder_name(name),
            (Allowed::Text(least), Value::String(text)) if text.trim().chars().count() >= least => Ok(()),
            (Allowed::Choice(words), Value::String(word)) if words.contains(&word.as_str()) => Ok(()),
            (Allowed::Choice(words), Value::String(word)) => refuse(similar(word, words.iter().copied())),
            (Allowed::NumberOr(word) | Allowed::IntegerOr(_, word), Value::String(text)) if text == word => Ok(()),
            (Allowed::Integer(low, high), Value::Integer(n)) if (low..=high).contains(n) => Ok(()),
            (Allowed::IntegerOr(high, _), Value::Integer(n)) if (0..=high).contains(n) => Ok(()),
            (Allowed::Smoothing, Value::Integer(_) | Value::String(_)) => match smoothing(value) {
                Ok(_) => Ok(()),
                Err(text) => Err(Problem { text, help: Some(SMOOTHING_HELP.to_owned()) }),
            },
            (allowed, Value::Integer(_) | Value::Float(_)) => match (allowed, number(value)) {
                (Allowed::Between(low, high), x) if x > low && x < high => Ok(()),
                (Allowed::AtLeast(low), x) if x.is_finite() && x >= low => Ok(()),
                (Allowed::NumberOr(_), x) if x.is_finite() => Ok(()),
                _ => refuse(None),
            },
            _ => refuse(None),
        }
    }

    /// The form of an allowed value.
    fn form(self) -> String {
        let words = |words: &[&str]| words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
        match self {
            Allowed::Text(0) | Allowed::FolderName => "a text".to_owned(),
            Allowed::Text(_) => "a text that is not empty".to_owned(),
            Allowed::Texts => "a list of texts".to_owned(),
            Allowed::TextOrTexts => "a text or a list of texts".to_owned(),
            Allowed::Metrics => "a list of metrics".to_owned(),
            Allowed::RankedMetric => "a metric".to_owned(),
            Allowed::Measure => "\"convergence\" or a metric".to_owned(),
            Allowed::Measures => "a list of metrics and \"convergence\"".to_owned(),
            Allowed::Choice(list) => format!("one of {}", words(list)),
            Allowed::Words(list) => format!("a list of some of {}", words(list)),
            Allowed::WordOrWords(list) => format!("one or a list of {}", words(list)),
            Allowed::Between(low, high) => format!("a number between {low} and {high}"),
            Allowed::AtLeast(low) => format!("a number of at least {low}"),
            Allowed::NumberOr(word) => format!("a number or {word:?}"),
            Allowed::Integer(low, i64::MAX | 1_000_000) => format!("a whole number of at least {low}"),
            Allowed::Integer(low, high) => format!("a whole number from {low} to {high}"),
            Allowed::IntegerOr(_, word) => format!("a whole number of at least 0, or {word:?}"),
            Allowed::IntegerOrIntegers => "a whole number of at least 0, or a list of such numbers".to_owned(),
            Allowed::Smoothing => "an odd window, \"none\", \"median:<window>\" or \"ema:<weight>\"".to_owned(),
            Allowed::Conditions | Allowed::Filter => "a table of conditions".to_owned(),
            Allowed::Tables(_) => "a list of tables".to_owned(),
        }
    }
}

const SMOOTHING_HELP: &str = "1 does not smooth the curve; 3 removes single outliers; \"ema:0.3\" averages";

/// The smoothing of a window or a text.
pub(super) fn smoothing(value: &Value) -> Result<Smoothing, String> {
    match value {
        Value::String(text) => text.parse().map_err(|error: crate::stats::SmoothingError| error.to_string()),
        Value::Integer(window) => {
            let window = usize::try_from(*window).map_err(|_| format!("is {window}, but must be an odd number"))?;
            Smoothing::median(window)
                .map_err(|_| format!("is {window}, but must be an odd number from 1 to {}", Smoothing::MAX_WINDOW))
        }
        other => Err(format!("is {}, but must be {}", shown(other), Allowed::Smoothing.form())),
    }
}

/// The number of an integer or a float; NaN for other values.
pub(super) fn number(value: &Value) -> f64 {
    match value {
        Value::Integer(integer) => *integer as f64,
        Value::Float(number) => *number,
        _ => f64::NAN,
    }
}

fn is_ranked(direction: Direction) -> bool {
    direction != Direction::Neutral
}

fn known_metric(value: &Value, is_allowed: fn(Direction) -> bool) -> Result<(), Problem> {
    let Some(name) = value.as_str() else {
        return Err(Problem { text: format!("is {}, but must be the name of a metric", shown(value)), help: None });
    };
    match metric(name) {
        Some(metric) if is_allowed(metric.direction) => Ok(()),
        found => {
            let names = METRICS.iter().filter(|metric| is_allowed(metric.direction)).map(|metric| metric.name);
            let list = names.clone().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let text = match found {
                Some(_) => format!("is {name:?}, for which neither lower nor higher is better"),
                None => format!("is {name:?}, which is not a metric"),
            };
            let help = similar(name, names).unwrap_or_else(|| format!("the metrics are {list}"));
            Err(Problem { text, help: Some(help) })
        }
    }
}

fn distinct(list: &[Value]) -> Result<(), Problem> {
    let twice = list.iter().enumerate().find(|(at, item)| list[..*at].contains(item));
    match twice {
        None => Ok(()),
        Some((_, item)) => {
            let help = Some("remove one of the two".to_owned());
            Err(Problem { text: format!("contains {} twice", shown(item)), help })
        }
    }
}

/// The name of a folder, or nothing.
pub(super) fn folder_name(name: &str) -> Result<(), Problem> {
    let name = label::normalize(name);
    let is_allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let letters = name.chars().count();
    let text = if !name.chars().all(is_allowed) || name.starts_with(['.', '-']) {
        format!("is {name:?}, but must be letters, digits, `-`, `_` and `.`, with a letter first")
    } else if letters > label::MAX_LENGTH || name.len() > MAX_FOLDER_NAME {
        format!("has {letters} characters, more than {} (fewer if they take several bytes each)", label::MAX_LENGTH)
    } else {
        return Ok(());
    };
    Err(Problem { text, help: Some("it is the name of the folder of the report".to_owned()) })
}

/// Proposes the most similar word, if any is similar enough.
pub(super) fn similar<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let scored = known.map(|known| (strsim::jaro_winkler(word, known), known));
    let (score, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score > 0.8).then(|| format!("did you mean `{best}`?"))
}

/// A value as in the file; tables and long lists by their type.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Table(_) => "a table".to_owned(),
        Value::Array(list) if list.iter().any(|item| matches!(item, Value::Table(_) | Value::Array(_))) => {
            "a list of lists or tables".to_owned()
        }
        other => other.to_string(),
    }
}
