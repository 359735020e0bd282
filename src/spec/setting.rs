//! The definition of one setting: its key, allowed values, default, and when it is active.

use std::collections::BTreeMap;

use super::Value;
use super::kind::{Kind, describe};

/// One setting of an experiment.
pub struct Setting {
    /// The dotted key, such as `optimizer.generator.rate`.
    pub key: &'static str,
    /// The allowed values.
    pub kind: Kind,
    /// The value if an experiment sets none. It never changes after a release, since cell ids depend on it.
    pub default: DefaultValue,
    /// Whether it is part of a cell's identity. Paths and the number of epochs, for example, are not.
    pub hashed: bool,
    /// When it is active. A cell has only active settings.
    pub active: ActiveWhen,
}

/// A default value that can be a constant.
#[derive(Clone, Copy, Debug)]
pub enum DefaultValue {
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

/// When a setting is active.
#[derive(Clone, Copy, Debug)]
pub enum ActiveWhen {
    /// In every cell.
    Always,
    /// If images come from a folder: `data.source = "oxford-102"`.
    OxfordImages,
    /// If images are drawn: `data.source = "drawn"`.
    DrawnImages,
    /// If there is a guide network.
    Guide,
    /// If the guide network is fitted by jem.
    GuideFit,
    /// If the guide image depends on a segmentation.
    Segmentation,
    /// If segmentations come from a folder of masks.
    MaskFolder,
    /// If the flower is marked in the guide image: `guide.segmentation = "full"`.
    Tint,
    /// If the text encoder is `tfidf`.
    Tfidf,
    /// If the text encoder is `skip-thought`.
    SkipThought,
    /// If a skip-thought encoder is fitted by jem.
    TextFit,
    /// If sentence vectors are read from a file.
    TextVectors,
    /// If the objective interpolates between texts.
    InterpolatedTexts,
    /// If the discriminator is trained on mismatched pairs of image and text.
    MismatchedPairs,
    /// If the discriminator rejects generated images and mismatched texts, but no mismatched guides.
    FakeShare,
    /// If the learning rates decay.
    RateDecay,
    /// If runs are checked for collapse.
    CollapseCheck,
    /// If evaluations use a feature extractor.
    Extractor,
}

impl Setting {
    /// The remedy for a `value` that is not allowed: the most similar word, or the built-in default.
    pub(super) fn remedy(&self, value: Option<&Value>) -> String {
        let (Kind::Choice(words) | Kind::Subset(words)) = self.kind else {
            return format!("the built-in default is {}", describe(&self.default_value()));
        };
        let similar = |word: &str| {
            let scored = words.iter().map(|&known| (strsim::jaro_winkler(word, known), known));
            scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > 0.8).map(|(_, known)| known)
        };
        let suggestion = match value {
            Some(Value::Text(word)) => similar(word),
            Some(Value::List(list)) => {
                list.iter().filter(|word| !words.contains(&word.as_str())).find_map(|word| similar(word))
            }
            _ => None,
        };
        match suggestion {
            Some(word) => format!("did you mean {word:?}?"),
            None => format!("the built-in default is {}", describe(&self.default_value())),
        }
    }

    /// The built-in default.
    pub fn default_value(&self) -> Value {
        match self.default {
            DefaultValue::Flag(flag) => Value::Flag(flag),
            DefaultValue::Integer(integer) => Value::Integer(integer),
            DefaultValue::Number(number) => Value::Number(number),
            DefaultValue::Text(text) => Value::Text(text.to_owned()),
            DefaultValue::List(words) => Value::List(words.iter().map(|&word| word.to_owned()).collect()),
        }
    }

    /// Whether the setting is active, given the `values` of all settings.
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
            ActiveWhen::Always => true,
            ActiveWhen::OxfordImages => text("data.source") == "oxford-102",
            ActiveWhen::DrawnImages => text("data.source") == "drawn",
            ActiveWhen::Guide => guided,
            ActiveWhen::GuideFit => guided && text("guide.weights") == "fit",
            ActiveWhen::Segmentation => segmented,
            ActiveWhen::MaskFolder => segmented && text("segment.source") == "masks",
            ActiveWhen::Tint => guided && text("guide.segmentation") == "full",
            ActiveWhen::Tfidf => text("text.encoder") == "tfidf",
            ActiveWhen::SkipThought => skip_thought,
            ActiveWhen::TextFit => skip_thought && text("text.weights") == "fit",
            ActiveWhen::TextVectors => text("text.encoder") == "vectors",
            ActiveWhen::InterpolatedTexts => text("objective.kind").ends_with("-int"),
            ActiveWhen::MismatchedPairs => mismatching,
            ActiveWhen::FakeShare => mismatching && !joined,
            ActiveWhen::RateDecay => above_zero("optimizer.decay_every"),
            ActiveWhen::CollapseCheck => above_zero("train.collapse_floor"),
            ActiveWhen::Extractor => text("eval.extractor") != "none",
        }
    }
}
