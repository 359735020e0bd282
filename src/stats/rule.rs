//! The declared rules: their parameters, and the JSON that the database stores with each result.

mod area;
mod band;
mod plateau;
mod text;
mod threshold;

use serde::{Deserialize, Serialize};

pub use area::AreaRule;
pub use band::BandRule;
pub use plateau::PlateauRule;
pub use text::RuleTextError;
pub use threshold::ThresholdRule;

use super::smooth::Smoothing;

/// A rule for the epoch of convergence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// See [`band`](super::band).
    Band(BandRule),
    /// See [`threshold`](super::threshold).
    Threshold(ThresholdRule),
    /// See [`plateau`](super::plateau).
    Plateau(PlateauRule),
}

impl Rule {
    /// The word of the rule.
    pub fn name(&self) -> &'static str {
        match self {
            Rule::Band(_) => "band",
            Rule::Threshold(_) => "threshold",
            Rule::Plateau(_) => "plateau",
        }
    }

    /// How the curve is smoothed first.
    pub fn smoothing(&self) -> Smoothing {
        match self {
            Rule::Band(rule) => rule.smoothing(),
            Rule::Threshold(rule) => rule.smoothing(),
            Rule::Plateau(rule) => rule.smoothing(),
        }
    }

    /// The number of evaluations without which it finds no convergence: those that confirm it.
    pub fn confirmations(&self) -> usize {
        match self {
            Rule::Band(rule) => rule.confirm(),
            Rule::Threshold(rule) => rule.confirm(),
            Rule::Plateau(rule) => rule.patience() + 1,
        }
    }
}

/// A rule whose result is stored with a series: for an epoch, or for a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StoredRule {
    /// The epoch of convergence.
    Convergence(Rule),
    /// The normalized area under the curve.
    Area(AreaRule),
}

impl StoredRule {
    /// The words of all rules.
    pub const NAMES: [&str; 4] = ["band", "threshold", "plateau", "area"];

    /// The word of the rule.
    pub fn name(&self) -> &'static str {
        match self {
            StoredRule::Convergence(rule) => rule.name(),
            StoredRule::Area(_) => "area",
        }
    }

    /// The JSON that the database stores. Equal rules have equal text. It never changes for a rule and a version, since
    /// it is a key of the database.
    pub fn json(&self) -> String {
        let json = match *self {
            StoredRule::Convergence(Rule::Band(rule)) => serde_json::to_string(&rule),
            StoredRule::Convergence(Rule::Threshold(rule)) => {
                serde_json::to_string(&Tagged::Threshold { version: 1, parameters: rule })
            }
            StoredRule::Convergence(Rule::Plateau(rule)) => {
                serde_json::to_string(&Tagged::Plateau { version: 1, parameters: rule })
            }
            StoredRule::Area(rule) => serde_json::to_string(&Tagged::Area { version: 1, parameters: rule }),
        };
        json.expect("the parameters are finite numbers and words")
    }

    /// Reads the JSON of a rule; `None` if it is of a version that this version of jem does not know.
    pub fn from_json(json: &str) -> Option<Self> {
        if let Ok(rule) = serde_json::from_str(json) {
            return Some(StoredRule::Convergence(Rule::Band(rule)));
        }
        match serde_json::from_str(json).ok()? {
            Tagged::Threshold { version: 1, parameters } => Some(StoredRule::Convergence(Rule::Threshold(parameters))),
            Tagged::Plateau { version: 1, parameters } => Some(StoredRule::Convergence(Rule::Plateau(parameters))),
            Tagged::Area { version: 1, parameters } => Some(StoredRule::Area(parameters)),
            _ => None,
        }
    }
}

/// The JSON of a rule with its name and version: `{"rule":"plateau","version":1,"delta":0.01,…}`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case")]
enum Tagged {
    Threshold {
        version: u32,
        #[serde(flatten)]
        parameters: ThresholdRule,
    },
    Plateau {
        version: u32,
        #[serde(flatten)]
        parameters: PlateauRule,
    },
    Area {
        version: u32,
        #[serde(flatten)]
        parameters: AreaRule,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Epoch;

    #[test]
    fn the_json_of_every_rule_is_stable_and_read_back() {
        let ema = Smoothing::ema(0.3).unwrap();
        let rules = [
            (
                StoredRule::Convergence(Rule::Band(BandRule::default())),
                r#"{"tolerance":0.05,"confirm":3,"smooth":1,"min_improvement":0.01}"#,
            ),
            (
                StoredRule::Convergence(Rule::Threshold(ThresholdRule::new(0.5, 3, Smoothing::NONE).unwrap())),
                r#"{"rule":"threshold","version":1,"tau":0.5,"confirm":3,"smooth":"none"}"#,
            ),
            (
                StoredRule::Convergence(Rule::Plateau(PlateauRule::new(1.0, 5, ema).unwrap())),
                r#"{"rule":"plateau","version":1,"delta":1.0,"patience":5,"smooth":"ema:0.3"}"#,
            ),
            (
                StoredRule::Area(AreaRule::new(None, Smoothing::NONE)),
                r#"{"rule":"area","version":1,"until":null,"smooth":"none"}"#,
            ),
            (
                StoredRule::Area(AreaRule::new(Some(Epoch(60)), Smoothing::median(3).unwrap())),
                r#"{"rule":"area","version":1,"until":60,"smooth":"median:3"}"#,
            ),
        ];
        for (rule, json) in rules {
            assert_eq!(rule.json(), json);
            assert_eq!(StoredRule::from_json(json), Some(rule));
        }
    }

    #[test]
    fn a_rule_of_another_version_or_with_a_value_out_of_range_is_not_read() {
        let json = r#"{"rule":"plateau","version":1,"delta":0.01,"patience":5,"smooth":"none"}"#;
        assert!(StoredRule::from_json(json).is_some());
        assert_eq!(StoredRule::from_json(&json.replace("\"version\":1", "\"version\":2")), None);
        assert_eq!(StoredRule::from_json(&json.replace("5", "0")), None);
        assert_eq!(StoredRule::from_json(&json.replace("plateau", "summit")), None);
        assert_eq!(StoredRule::from_json("[]"), None);
    }
}
