//! One setting: its key, what it may be, what it is unless said, and when it counts.

use std::collections::BTreeMap;

use super::Value;
use super::catalogue::SETTINGS;
use super::kind::{Kind, describe};

/// One setting of an experiment.
pub struct Setting {
    /// The dotted key, such as `optimizer.generator.rate`.
    pub key: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is unless an experiment says otherwise. Never changed once released: ids depend on it.
    pub default: Default,
    /// Whether it is part of a cell's identity. Paths, the horizon and the like are not.
    pub hashed: bool,
    /// When it counts. An inactive setting is dropped from the cell.
    pub active: Active,
}

/// A default, as a constant.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// See [`Value::Flag`].
    Flag(bool),
    /// See [`Value::Integer`].
    Integer(i64),
    /// See [`Value::Number`].
    Number(f64),
    /// See [`Value::Text`].
    Text(&'static str),
    /// See [`Value::List`].
    List(&'static [&'static str]),
}

/// When a setting counts.
#[derive(Clone, Copy, Debug)]
pub enum Active {
    /// In every cell.
    Always,
    /// While images come from a folder.
    Photographed,
    /// While images are drawn.
    Drawn,
    /// While there is a guide.
    Guided,
    /// While the guide's network is fitted.
    Fitted,
    /// While the guide's picture shows where the flower is.
    Segmented,
    /// While segmentations come from a folder of masks.
    Masked,
    /// While the guide's picture shows the flower tinted.
    Tinted,
    /// While sentence vectors are projected bags of words.
    Encoded,
    /// While a skip-thought encoder makes them.
    SkipThought,
    /// While that encoder is trained here.
    Trained,
    /// While sentence vectors come from a file.
    Vectors,
    /// While the objective interpolates between texts.
    Interpolating,
    /// While the discriminator sees mismatched texts.
    Mismatching,
    /// While mismatched texts and fakes are all that the discriminator is to reject.
    Balancing,
    /// While rates decay.
    Decaying,
    /// While diversity is watched for collapse.
    Watched,
    /// While evaluations compare features.
    Extracting,
}

impl Setting {
    /// The setting called `key`.
    pub fn find(key: &str) -> Option<&'static Setting> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// The known key most like a misspelt one, when there is one that is likely meant.
    pub fn suggest(key: &str) -> Option<&'static str> {
        let (score, best) = SETTINGS
            .iter()
            .map(|setting| (strsim::jaro_winkler(key, setting.key), setting.key))
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        (score > 0.8).then_some(best)
    }

    /// What to do about `value`, which is not allowed: the word that is likely meant, or the built-in default.
    pub(super) fn remedy(&self, value: Option<&Value>) -> String {
        let (Kind::Choice(words) | Kind::Subset(words)) = self.kind else {
            return format!("the built-in default is {}", describe(&self.default_value()));
        };
        let near = |word: &str| {
            let scored = words.iter().map(|&known| (strsim::jaro_winkler(word, known), known));
            scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > 0.8).map(|(_, known)| known)
        };
        let meant = match value {
            Some(Value::Text(word)) => near(word),
            Some(Value::List(list)) => {
                list.iter().filter(|word| !words.contains(&word.as_str())).find_map(|word| near(word))
            }
            _ => None,
        };
        match meant {
            Some(word) => format!("did you mean {word:?}?"),
            None => format!("the built-in default is {}", describe(&self.default_value())),
        }
    }

    /// The built-in default.
    pub fn default_value(&self) -> Value {
        match self.default {
            Default::Flag(flag) => Value::Flag(flag),
            Default::Integer(integer) => Value::Integer(integer),
            Default::Number(number) => Value::Number(number),
            Default::Text(text) => Value::Text(text.to_owned()),
            Default::List(words) => Value::List(words.iter().map(|&word| word.to_owned()).collect()),
        }
    }

    /// Whether the setting counts among `values`, which hold every setting.
    pub fn is_active(&self, values: &BTreeMap<&'static str, Value>) -> bool {
        let text = |key: &str| values.get(key).and_then(Value::as_text).unwrap_or_default();
        let guided = text("guide.network") != "none";
        let above_zero = |key: &str| match values.get(key) {
            Some(Value::Integer(integer)) => *integer > 0,
            Some(Value::Number(number)) => *number > 0.0,
            _ => false,
        };
        let skip_thought = text("text.encoder") == "skip-thought";
        let mismatching = text("objective.kind").starts_with("gan-cls");
        let joined = guided && text("guide.discriminator") == "joined" && text("guide.source") != "zero";
        let segmented = guided && text("guide.segmentation") != "none";
        match self.active {
            Active::Always => true,
            Active::Photographed => text("data.source") == "oxford-102",
            Active::Drawn => text("data.source") == "drawn",
            Active::Guided => guided,
            Active::Fitted => guided && text("guide.weights") == "fit",
            Active::Segmented => segmented,
            Active::Masked => segmented && text("segment.source") == "masks",
            Active::Tinted => guided && text("guide.segmentation") == "full",
            Active::Encoded => text("text.encoder") == "tfidf",
            Active::SkipThought => skip_thought,
            Active::Trained => skip_thought && text("text.weights") == "fit",
            Active::Vectors => text("text.encoder") == "vectors",
            Active::Interpolating => text("objective.kind").ends_with("-int"),
            Active::Mismatching => mismatching,
            Active::Balancing => mismatching && !joined,
            Active::Decaying => above_zero("optimizer.decay_every"),
            Active::Watched => above_zero("train.collapse_floor"),
            Active::Extracting => text("eval.extractor") != "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_allowed_and_canonical() {
        for setting in SETTINGS {
            let default = setting.default_value();
            assert_eq!(setting.kind.check(default.clone()), Ok(default), "{}", setting.key);
        }
    }

    #[test]
    fn a_misspelt_key_finds_its_neighbour() {
        assert_eq!(Setting::suggest("optimiser.generator.rate"), Some("optimizer.generator.rate"));
        assert_eq!(Setting::suggest("zzz"), None);
    }
}
