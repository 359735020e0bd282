//! Rules as text: `plateau:delta=0.01,patience=5`.

use std::str::FromStr;

use super::{AreaRule, BandRule, PlateauRule, Rule, StoredRule, ThresholdRule};
use crate::measure::Epoch;
use crate::stats::StatsError;
use crate::stats::smooth::Smoothing;

/// A text that is no rule. The message names the part that is wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RuleTextError {
    /// The name of the rule is unknown.
    #[error("`{name}` is not a rule")]
    Name {
        /// The name.
        name: String,
    },
    /// A part is not `key=value`.
    #[error("`{part}` is not a parameter of the form key=value")]
    Form {
        /// The part.
        part: String,
    },
    /// The rule has no such parameter.
    #[error("`{key}` is not a parameter of the rule `{rule}`")]
    Key {
        /// The rule.
        rule: &'static str,
        /// The parameter.
        key: String,
        /// The parameters of the rule, with the values that are allowed.
        allowed: &'static str,
    },
    /// A parameter is in the text twice.
    #[error("`{key}` is set twice")]
    Twice {
        /// The parameter.
        key: String,
    },
    /// A parameter has no default and is missing.
    #[error("the rule `{rule}` needs the parameter `{key}`")]
    Missing {
        /// The rule.
        rule: &'static str,
        /// The parameter.
        key: &'static str,
    },
    /// A value is not a number of the right kind.
    #[error("`{key}` is {value:?}, but must be {kind}")]
    Value {
        /// The parameter.
        key: &'static str,
        /// The value.
        value: String,
        /// What is allowed.
        kind: &'static str,
    },
    /// A value is out of range.
    #[error("{0}")]
    Range(StatsError),
}

impl RuleTextError {
    /// How to correct it.
    pub fn help(&self) -> Option<String> {
        match self {
            RuleTextError::Name { .. } => Some(format!("the rules are {}", FORMS.map(|(_, form)| form).join("; "))),
            RuleTextError::Form { .. } | RuleTextError::Twice { .. } => {
                Some("write a rule as name:key=value,key=value, such as plateau:delta=0.01,patience=5".to_owned())
            }
            RuleTextError::Key { allowed, .. } => Some(format!("its form is {allowed}")),
            RuleTextError::Missing { rule, .. } => {
                FORMS.iter().find(|(name, _)| name == rule).map(|(_, form)| format!("its form is {form}"))
            }
            RuleTextError::Value { .. } => None,
            RuleTextError::Range(source) => source.help(),
        }
    }
}

/// The form of every rule, by its name.
const FORMS: [(&str, &str); 4] = [
    ("band", "band:tolerance=0.05,confirm=3,min_improvement=0.01"),
    ("threshold", "threshold:tau=NUMBER,confirm=3"),
    ("plateau", "plateau:delta=0.01,patience=5"),
    ("area", "area:until=EPOCH"),
];

/// The parameters of a text, which are removed as they are read.
struct Parameters<'a> {
    rule: &'static str,
    form: &'static str,
    values: Vec<(&'a str, &'a str)>,
}

impl<'a> Parameters<'a> {
    fn parse(rule: &'static str, form: &'static str, text: &'a str) -> Result<Self, RuleTextError> {
        let mut values: Vec<(&str, &str)> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(|| RuleTextError::Form { part: part.to_owned() })?;
            let (key, value) = (key.trim(), value.trim());
            if values.iter().any(|(known, _)| *known == key) {
                return Err(RuleTextError::Twice { key: key.to_owned() });
            }
            values.push((key, value));
        }
        Ok(Self { rule, form, values })
    }

    /// Removes a parameter and parses its value; `None` if it is not in the text.
    fn take<T: FromStr>(&mut self, key: &'static str, kind: &'static str) -> Result<Option<T>, RuleTextError> {
        let Some(at) = self.values.iter().position(|(known, _)| *known == key) else { return Ok(None) };
        let (_, value) = self.values.remove(at);
        value.parse().map(Some).map_err(|_| RuleTextError::Value { key, value: value.to_owned(), kind })
    }

    fn number(&mut self, key: &'static str) -> Result<Option<f64>, RuleTextError> {
        self.take(key, "a number")
    }

    fn count(&mut self, key: &'static str) -> Result<Option<usize>, RuleTextError> {
        self.take(key, "a whole number of at least 0")
    }

    /// Requires that every parameter was read.
    fn end(self) -> Result<(), RuleTextError> {
        match self.values.first() {
            None => Ok(()),
            Some((key, _)) => Err(RuleTextError::Key { rule: self.rule, key: (*key).to_owned(), allowed: self.form }),
        }
    }
}

impl StoredRule {
    /// Parses a rule, such as `plateau:delta=0.01,patience=5`. A parameter that is left out has its default.
    ///
    /// # Errors
    ///
    /// If the name, a parameter or a value is not allowed.
    pub fn parse(text: &str, smoothing: Smoothing) -> Result<Self, RuleTextError> {
        let (name, parameters) = text.split_once(':').unwrap_or((text, ""));
        let Some(&(rule, form)) = FORMS.iter().find(|(rule, _)| *rule == name.trim()) else {
            return Err(RuleTextError::Name { name: name.trim().to_owned() });
        };
        let mut parameters = Parameters::parse(rule, form, parameters)?;
        let parsed = match rule {
            "band" => {
                let default = BandRule::default();
                let tolerance = parameters.number("tolerance")?.unwrap_or(default.tolerance());
                let confirm = parameters.count("confirm")?.unwrap_or(default.confirm());
                let least = parameters.number("min_improvement")?.unwrap_or(default.min_improvement());
                let band = BandRule::new(tolerance, confirm, 1, least).map_err(RuleTextError::Range)?;
                StoredRule::Convergence(Rule::Band(band.with_smoothing(smoothing)))
            }
            "threshold" => {
                let tau = parameters.number("tau")?;
                let confirm = parameters.count("confirm")?.unwrap_or(BandRule::MIN_CONFIRM);
                let tau = tau.ok_or(RuleTextError::Missing { rule, key: "tau" })?;
                let threshold = ThresholdRule::new(tau, confirm, smoothing).map_err(RuleTextError::Range)?;
                StoredRule::Convergence(Rule::Threshold(threshold))
            }
            "plateau" => {
                let default = PlateauRule::default();
                let delta = parameters.number("delta")?.unwrap_or(default.delta());
                let patience = parameters.count("patience")?.unwrap_or(default.patience());
                let plateau = PlateauRule::new(delta, patience, smoothing).map_err(RuleTextError::Range)?;
                StoredRule::Convergence(Rule::Plateau(plateau))
            }
            _ => {
                let until = parameters.take("until", "an epoch, a whole number")?;
                StoredRule::Area(AreaRule::new(until.map(Epoch), smoothing))
            }
        };
        parameters.end()?;
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<StoredRule, RuleTextError> {
        StoredRule::parse(text, Smoothing::NONE)
    }

    fn error(text: &str) -> (String, Option<String>) {
        let error = parse(text).unwrap_err();
        (error.to_string(), error.help())
    }

    #[test]
    fn a_rule_has_the_given_parameters_and_the_defaults_of_the_others() {
        assert_eq!(parse("band").unwrap(), StoredRule::Convergence(Rule::Band(BandRule::default())));
        let band = BandRule::new(0.1, 3, 1, 0.0).unwrap();
        let parsed = parse("band:tolerance=0.1, min_improvement=0").unwrap();
        assert_eq!(parsed, StoredRule::Convergence(Rule::Band(band)));
        let ema = Smoothing::ema(0.3).unwrap();
        let plateau = StoredRule::parse("plateau:delta=0.02,patience=4", ema).unwrap();
        assert_eq!(plateau, StoredRule::Convergence(Rule::Plateau(PlateauRule::new(0.02, 4, ema).unwrap())));
        assert_eq!(parse("plateau").unwrap(), StoredRule::Convergence(Rule::Plateau(PlateauRule::default())));
        let threshold = ThresholdRule::new(-0.5, 4, Smoothing::NONE).unwrap();
        assert_eq!(parse("threshold:tau=-0.5,confirm=4").unwrap(), StoredRule::Convergence(Rule::Threshold(threshold)));
        assert_eq!(
            parse("area:until=600").unwrap(),
            StoredRule::Area(AreaRule::new(Some(Epoch(600)), Smoothing::NONE))
        );
    }

    #[test]
    fn an_error_names_the_part_that_is_wrong_and_what_is_allowed() {
        let (message, help) = error("plateu:delta=0.01");
        assert_eq!(message, "`plateu` is not a rule");
        assert!(help.unwrap().contains("plateau:delta=0.01,patience=5"));
        assert_eq!(error("plateau:0.01").0, "`0.01` is not a parameter of the form key=value");
        let (message, help) = error("plateau:patience=5,tau=1");
        assert_eq!(message, "`tau` is not a parameter of the rule `plateau`");
        assert_eq!(help.unwrap(), "its form is plateau:delta=0.01,patience=5");
        assert_eq!(error("plateau:delta=1,delta=2").0, "`delta` is set twice");
        let (message, help) = error("threshold");
        assert_eq!(message, "the rule `threshold` needs the parameter `tau`");
        assert_eq!(help.unwrap(), "its form is threshold:tau=NUMBER,confirm=3");
        assert_eq!(error("plateau:delta=small").0, "`delta` is \"small\", but must be a number");
        assert_eq!(error("plateau:patience=2.5").0, "`patience` is \"2.5\", but must be a whole number of at least 0");
        assert_eq!(error("plateau:patience=0").0, "patience is 0, below 1");
        assert_eq!(error("plateau:delta=nan").0, "delta is NaN, not a finite number of at least 0");
        assert_eq!(error("band:tolerance=2").0, "tolerance is 2, outside (0, 1)");
        assert_eq!(error("threshold:tau=0.5,confirm=1").0, "confirm is 1, below 3");
    }

    #[test]
    fn every_rule_has_a_form_that_is_a_rule() {
        for (name, form) in FORMS {
            assert!(StoredRule::NAMES.contains(&name));
            let text = form.replace("NUMBER", "1").replace("EPOCH", "1");
            assert_eq!(parse(&text).unwrap().name(), name);
        }
    }
}
