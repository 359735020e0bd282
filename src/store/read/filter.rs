//! Filters of runs: by number, experiment, method, status, tag, setting or metric.

use std::fmt;

use crate::spec::{Kind, Setting, Value};
use crate::store::{RunId, RunStatus};

/// Selects the runs that fulfil every field. An empty field has no effect.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these runs.
    pub runs: Vec<RunId>,
    /// Runs of this experiment.
    pub experiment: Option<String>,
    /// Runs with one of these labels.
    pub methods: Vec<String>,
    /// Runs with one of these statuses.
    pub states: Vec<RunStatus>,
    /// Runs with every one of these tags.
    pub tags: Vec<String>,
    /// Runs that fulfil every one of these conditions.
    pub conditions: Vec<Condition>,
    /// Also runs of older revisions only.
    pub older: bool,
    /// Only runs that no newest revision of any experiment has.
    pub superseded: bool,
}

/// A property of runs, to filter and sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunKey {
    /// The run's number.
    Run,
    /// The seed.
    Seed,
    /// The last epoch that is saved.
    Epoch,
    /// Minutes that its attempts have taken.
    Minutes,
    /// A setting, by its dotted key.
    Setting(&'static str),
    /// A metric's last or best value.
    Metric {
        /// The metric's name.
        name: String,
        /// Best instead of last.
        best: bool,
    },
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// `key operator value`: fulfilled by a run that has the key, with a value for which the comparison is true.
///
/// A run without the key fulfils no condition on it, for example `guide.segmentation` of a run without a guide.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The left side.
    pub key: RunKey,
    /// The operator.
    pub operator: Operator,
    /// The right side.
    pub value: Value,
}

/// An invalid condition, and how to correct it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ConditionError {
    what: String,
    help: String,
}

impl ConditionError {
    fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }

    /// How to correct it.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl RunKey {
    /// Parses `run`, `seed`, `epoch`, `minutes`, a setting's key, or `metric.<name>` with `.last` (the default) or
    /// `.best`. `metrics` are the known names.
    ///
    /// # Errors
    ///
    /// If the key is unknown, with a suggestion.
    pub fn parse(text: &str, metrics: &[String]) -> Result<Self, ConditionError> {
        match text {
            "run" => return Ok(RunKey::Run),
            "seed" => return Ok(RunKey::Seed),
            "epoch" => return Ok(RunKey::Epoch),
            "minutes" => return Ok(RunKey::Minutes),
            _ => {}
        }
        if let Some(metric) = text.strip_prefix("metric.") {
            let (name, best) = match (metric.strip_suffix(".best"), metric.strip_suffix(".last")) {
                (Some(name), _) => (name, true),
                (None, Some(name)) => (name, false),
                (None, None) => (metric, false),
            };
            return match metrics.iter().any(|known| known == name) {
                true => Ok(RunKey::Metric { name: name.to_owned(), best }),
                false => Err(unknown_metric(name, metrics)),
            };
        }
        if let Some(setting) = Setting::find(text) {
            return Ok(RunKey::Setting(setting.key));
        }
        let help = match (metrics.iter().any(|known| known == text), Setting::suggest(text)) {
            (true, _) => format!("a metric is written `metric.{text}`, `metric.{text}.last` or `metric.{text}.best`"),
            (false, Some(likely)) => format!("did you mean `{likely}`?"),
            (false, None) => {
                "use a setting's dotted key, `run`, `seed`, `epoch`, `minutes`, or `metric.<name>`".to_owned()
            }
        };
        Err(ConditionError::new(format!("`{text}` is not a setting or another key of runs"), help))
    }
}

/// The error for an unknown metric.
pub fn unknown_metric(name: &str, metrics: &[String]) -> ConditionError {
    let help = match nearest(name, metrics) {
        Some(likely) => format!("did you mean `{likely}`?"),
        None => format!("the metrics: {}", metrics.join(", ")),
    };
    ConditionError::new(format!("`{name}` is not a metric"), help)
}

/// The known word that is most similar to a misspelt one, if it is similar enough.
pub fn nearest<'a>(word: &str, known: &'a [String]) -> Option<&'a str> {
    let score = |candidate: &str| strsim::jaro_winkler(word, candidate);
    let best = known.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(best) > 0.8).then_some(best)
}

impl Operator {
    /// Longer signs first, so that `<=` is not parsed as `<`.
    const SIGNS: [(&'static str, Operator); 6] = [
        ("!=", Operator::Unequal),
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("<", Operator::Less),
        (">", Operator::More),
        ("=", Operator::Equal),
    ];

    /// The result of the comparison of `a` with `b`. With a NaN only [`Operator::Unequal`] is true.
    pub fn compare(self, a: f64, b: f64) -> bool {
        match self {
            Operator::Equal => a == b,
            Operator::Unequal => a != b,
            Operator::Less => a < b,
            Operator::AtMost => a <= b,
            Operator::More => a > b,
            Operator::AtLeast => a >= b,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Operator::SIGNS.iter().find(|(_, operator)| operator == self).map_or("", |(sign, _)| sign);
        f.write_str(sign)
    }
}

impl Condition {
    /// Parses `key operator value`, such as `train.batch >= 32` or `metric.ssim.best>0.3`.
    ///
    /// # Errors
    ///
    /// If there is no operator in it, the key is unknown, or the value is invalid for the key.
    pub fn parse(text: &str, metrics: &[String]) -> Result<Self, ConditionError> {
        let at = text.find(['!', '<', '>', '=']).unwrap_or(text.len());
        let (key, rest) = text.split_at(at);
        let Some((sign, operator)) = Operator::SIGNS.into_iter().find(|(sign, _)| rest.starts_with(sign)) else {
            let help = "write a key, one of = != < <= > >=, and a value, as in \"train.batch >= 32\"";
            return Err(ConditionError::new(format!("`{text}` is not a condition"), help));
        };
        let (key, value) = (key.trim(), rest[sign.len()..].trim());
        if let Some(help) = option_for(key, value) {
            return Err(ConditionError::new(format!("`{key}` is not a key of conditions"), help));
        }
        let key = RunKey::parse(key, metrics)?;
        if let Some((wrong, right)) = foreign_sign(sign, value) {
            let (what, value) = (
                format!("`{text}` has the unknown operator {wrong}"),
                value.trim_start_matches(['=', '<', '>']).trim(),
            );
            let one = if wrong == "==" { "write one `=`" } else { "write the operator differently" };
            return Err(ConditionError::new(what, format!("{one}: \"{key} {right} {value}\"")));
        }
        let value = key.value(operator, value)?;
        Ok(Condition { key, operator, value })
    }
}

/// How to filter runs by a word that is not a key: an option or an argument. `key` is the word, `value` the value.
fn option_for(key: &str, value: &str) -> Option<String> {
    let option = match key {
        "method" | "label" => "--method",
        "state" | "status" | "standing" => "--state",
        "tag" | "tags" => "--tag",
        "experiment" => {
            return Some("name the experiment: `jem list EXPERIMENT`, in other commands --experiment".to_owned());
        }
        "note" | "notes" => {
            return Some("notes cannot be filtered by; tag the runs, and use --tag".to_owned());
        }
        _ => return None,
    };
    Some(match value.trim_matches(['"', '\'', '=']).trim() {
        "" => format!("use {option}"),
        value => format!("use {option} {value:?}"),
    })
}

/// An operator of other languages, which was parsed as `sign` and the start of `value`; and the correct operator.
fn foreign_sign(sign: &str, value: &str) -> Option<(&'static str, &'static str)> {
    match (sign, value.as_bytes().first()?) {
        ("=", b'=') => Some(("==", "=")),
        ("=", b'>') => Some(("=>", ">=")),
        ("=", b'<') => Some(("=<", "<=")),
        ("<", b'>') => Some(("<>", "!=")),
        ("!=", b'=') => Some(("!==", "!=")),
        _ => None,
    }
}

impl RunKey {
    fn value(&self, operator: Operator, text: &str) -> Result<Value, ConditionError> {
        let number = text.parse::<f64>().ok().filter(|number| !number.is_nan());
        let integer = text.parse().map(Value::Integer).ok();
        let invalid = |expected: &str| {
            ConditionError::new(format!("`{text}` is not a value of `{self}`"), format!("expected {expected}"))
        };
        let setting = if let RunKey::Setting(key) = self { Setting::find(key) } else { None };
        let Some(setting) = setting else {
            return integer.or(number.map(Value::Number)).ok_or_else(|| invalid("a number"));
        };
        let ordered = !matches!(operator, Operator::Equal | Operator::Unequal);
        match setting.default_value() {
            Value::Integer(_) | Value::Number(_) => {
                integer.or(number.map(Value::Number)).ok_or_else(|| invalid(&setting.kind.to_string()))
            }
            Value::Flag(_) | Value::Text(_) | Value::List(_) if ordered => {
                let help = format!("use = or !=: `{self}` is {}", setting.kind);
                Err(ConditionError::new(
                    format!("`{self}` has no order, so it cannot be compared with {operator}"),
                    help,
                ))
            }
            Value::Flag(_) => match text {
                "true" | "false" => Ok(Value::Text(text.to_owned())),
                _ => Err(invalid("true or false")),
            },
            // Written as in the file, or as words separated by commas; stored as JSON, in the order of the setting's
            // kind.
            Value::List(_) => {
                let words = text.trim_matches(['[', ']']).split(',').map(|word| word.trim().trim_matches('"'));
                let list = Value::List(words.map(str::to_owned).collect());
                let Ok(Value::List(words)) = setting.kind.check(list) else {
                    return Err(invalid(&setting.kind.to_string()));
                };
                Ok(Value::Text(serde_json::to_string(&words).expect("text can be written as JSON")))
            }
            Value::Text(_) => match &setting.kind {
                Kind::Choice(words) if !words.contains(&text) => Err(invalid(&setting.kind.to_string())),
                _ => Ok(Value::Text(text.to_owned())),
            },
        }
    }
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunKey::Run => f.write_str("run"),
            RunKey::Seed => f.write_str("seed"),
            RunKey::Epoch => f.write_str("epoch"),
            RunKey::Minutes => f.write_str("minutes"),
            RunKey::Setting(key) => f.write_str(key),
            RunKey::Metric { name, best } => write!(f, "metric.{name}.{}", if *best { "best" } else { "last" }),
        }
    }
}

#[cfg(test)]
mod tests;
