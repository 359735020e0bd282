//! Which runs are meant: by number, experiment, method, state, tag, setting or metric.

use std::fmt;

use crate::spec::{Kind, Setting, Value};

use super::{RunId, Standing};

/// Runs that all of this is true of. What is empty asks for nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// These runs alone.
    pub runs: Vec<RunId>,
    /// Runs of this experiment.
    pub experiment: Option<String>,
    /// Runs under one of these labels.
    pub methods: Vec<String>,
    /// Runs that stand at one of these.
    pub states: Vec<Standing>,
    /// Runs with every one of these tags.
    pub tags: Vec<String>,
    /// Runs of which every one of these holds.
    pub conditions: Vec<Condition>,
    /// Also runs that no newest revision has.
    pub older: bool,
    /// Only runs that no newest revision of any experiment has.
    pub superseded: bool,
}

/// A number or text of a run, by which it can be chosen and sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Its number.
    Run,
    /// Its seed.
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

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
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

/// `key relation value`: true of a run that has the key and whose value stands in that relation.
///
/// A run without the key, such as one without a guide when `guide.segmentation` is asked for, meets no condition on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is compared.
    pub key: Key,
    /// How.
    pub relation: Relation,
    /// With what.
    pub value: Value,
}

/// Why a text is no condition, and what would be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct BadCondition {
    what: String,
    help: String,
}

impl BadCondition {
    fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }

    /// What to write instead.
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl Key {
    /// Reads `run`, `seed`, `epoch`, `minutes`, a setting's key, or `metric.<name>` with `.last` (what is meant without) or `.best`.
    /// `metrics` are the names that are known.
    ///
    /// # Errors
    ///
    /// If the key is unknown, with the one that is likely meant.
    pub fn parse(text: &str, metrics: &[String]) -> Result<Self, BadCondition> {
        match text {
            "run" => return Ok(Key::Run),
            "seed" => return Ok(Key::Seed),
            "epoch" => return Ok(Key::Epoch),
            "minutes" => return Ok(Key::Minutes),
            _ => {}
        }
        if let Some(metric) = text.strip_prefix("metric.") {
            let (name, best) = match (metric.strip_suffix(".best"), metric.strip_suffix(".last")) {
                (Some(name), _) => (name, true),
                (None, Some(name)) => (name, false),
                (None, None) => (metric, false),
            };
            return match metrics.iter().any(|known| known == name) {
                true => Ok(Key::Metric { name: name.to_owned(), best }),
                false => Err(unknown_metric(name, metrics)),
            };
        }
        if let Some(setting) = Setting::find(text) {
            return Ok(Key::Setting(setting.key));
        }
        let help = match (metrics.iter().any(|known| known == text), Setting::suggest(text)) {
            (true, _) => format!("a metric is written `metric.{text}`, `metric.{text}.last` or `metric.{text}.best`"),
            (false, Some(likely)) => format!("is `{likely}` meant?"),
            (false, None) => "a setting's dotted key, `run`, `seed`, `epoch`, `minutes`, or `metric.<name>`".to_owned(),
        };
        Err(BadCondition::new(format!("`{text}` is no setting, and no other key of a run"), help))
    }
}

/// The refusal of a metric that no run can have.
pub fn unknown_metric(name: &str, metrics: &[String]) -> BadCondition {
    let help = match nearest(name, metrics) {
        Some(likely) => format!("is `{likely}` meant?"),
        None => format!("the metrics: {}", metrics.join(", ")),
    };
    BadCondition::new(format!("`{name}` is no metric"), help)
}

/// The known word most like a misspelt one, when there is one that is likely meant.
pub fn nearest<'a>(word: &str, known: &'a [String]) -> Option<&'a str> {
    let score = |candidate: &str| strsim::jaro_winkler(word, candidate);
    let best = known.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(best) > 0.8).then_some(best)
}

impl Relation {
    /// Longer signs first, so that `<=` is not read as `<`.
    const SIGNS: [(&'static str, Relation); 6] = [
        ("!=", Relation::Unequal),
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("<", Relation::Less),
        (">", Relation::More),
        ("=", Relation::Equal),
    ];

    /// Whether `a` stands in this relation to `b`. A NaN stands in none but [`Relation::Unequal`].
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Relation::Equal => a == b,
            Relation::Unequal => a != b,
            Relation::Less => a < b,
            Relation::AtMost => a <= b,
            Relation::More => a > b,
            Relation::AtLeast => a >= b,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Relation::SIGNS.iter().find(|(_, relation)| relation == self).map_or("", |(sign, _)| sign);
        f.write_str(sign)
    }
}

impl Condition {
    /// Reads `key relation value`, such as `train.batch >= 32` or `metric.ssim.best>0.3`.
    ///
    /// # Errors
    ///
    /// If there is no relation in it, the key is unknown, or the value is nothing that the key can be.
    pub fn parse(text: &str, metrics: &[String]) -> Result<Self, BadCondition> {
        let at = text.find(['!', '<', '>', '=']).unwrap_or(text.len());
        let (key, rest) = text.split_at(at);
        let Some((sign, relation)) = Relation::SIGNS.into_iter().find(|(sign, _)| rest.starts_with(sign)) else {
            let help = "write a key, one of = != < <= > >=, and a value, as in \"train.batch >= 32\"";
            return Err(BadCondition::new(format!("`{text}` is no condition"), help));
        };
        let (key, value) = (key.trim(), rest[sign.len()..].trim());
        if let Some(help) = option_for(key, value) {
            return Err(BadCondition::new(format!("`{key}` is no key of a condition"), help));
        }
        let key = Key::parse(key, metrics)?;
        if let Some((wrong, right)) = foreign_sign(sign, value) {
            let (what, value) =
                (format!("`{text}` has the sign {wrong}"), value.trim_start_matches(['=', '<', '>']).trim());
            let one = if wrong == "==" { "write one `=`" } else { "write the sign the other way" };
            return Err(BadCondition::new(what, format!("{one}: \"{key} {right} {value}\"")));
        }
        let value = key.value(relation, value)?;
        Ok(Condition { key, relation, value })
    }
}

/// What chooses runs by what is no key: an option, or an argument. `key` is the word, `value` what it was to be.
fn option_for(key: &str, value: &str) -> Option<String> {
    let option = match key {
        "method" | "label" => "--method",
        "state" | "status" | "standing" => "--state",
        "tag" | "tags" => "--tag",
        "experiment" => return Some("name the experiment: `jem list EXPERIMENT`, elsewhere --experiment".to_owned()),
        "note" | "notes" => {
            return Some("no option chooses by notes; tag the runs, and choose them by --tag".to_owned());
        }
        _ => return None,
    };
    Some(match value.trim_matches(['"', '\'', '=']).trim() {
        "" => format!("choose by {option}"),
        value => format!("choose by {option} {value:?}"),
    })
}

/// A sign of other languages that was read as one of ours and the beginning of a value, and the one that is meant.
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

impl Key {
    fn value(&self, relation: Relation, text: &str) -> Result<Value, BadCondition> {
        let number = text.parse::<f64>().ok().filter(|number| !number.is_nan());
        let integer = text.parse().map(Value::Integer).ok();
        let wanted = |what: &str| {
            BadCondition::new(format!("`{text}` is nothing that `{self}` can be"), format!("it is {what}"))
        };
        let setting = if let Key::Setting(key) = self { Setting::find(key) } else { None };
        let Some(setting) = setting else {
            return integer.or(number.map(Value::Number)).ok_or_else(|| wanted("a number"));
        };
        let ordered = !matches!(relation, Relation::Equal | Relation::Unequal);
        match setting.default_value() {
            Value::Integer(_) | Value::Number(_) => {
                integer.or(number.map(Value::Number)).ok_or_else(|| wanted(&setting.kind.to_string()))
            }
            Value::Flag(_) | Value::Text(_) | Value::List(_) if ordered => {
                let help = format!("use = or !=: `{self}` is {}", setting.kind);
                Err(BadCondition::new(format!("`{self}` has no order, so {relation} says nothing of it"), help))
            }
            Value::Flag(_) => match text {
                "true" | "false" => Ok(Value::Text(text.to_owned())),
                _ => Err(wanted("true or false")),
            },
            // Written as in the file, or as words with commas between them; stored as JSON, in the kind's own order.
            Value::List(_) => {
                let words = text.trim_matches(['[', ']']).split(',').map(|word| word.trim().trim_matches('"'));
                let list = Value::List(words.map(str::to_owned).collect());
                let Ok(Value::List(words)) = setting.kind.check(list) else {
                    return Err(wanted(&setting.kind.to_string()));
                };
                Ok(Value::Text(serde_json::to_string(&words).expect("words are JSON")))
            }
            Value::Text(_) => match &setting.kind {
                Kind::Choice(words) if !words.contains(&text) => Err(wanted(&setting.kind.to_string())),
                _ => Ok(Value::Text(text.to_owned())),
            },
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Run => f.write_str("run"),
            Key::Seed => f.write_str("seed"),
            Key::Epoch => f.write_str("epoch"),
            Key::Minutes => f.write_str("minutes"),
            Key::Setting(key) => f.write_str(key),
            Key::Metric { name, best } => write!(f, "metric.{name}.{}", if *best { "best" } else { "last" }),
        }
    }
}

#[cfg(test)]
mod tests;
