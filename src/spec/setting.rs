//! The catalogue of settings: every dotted key, what it may be, what it is unless said, and when it counts.

use std::collections::BTreeMap;

use super::Value;
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
    /// While the guide's picture shows where the flower is.
    Segmented,
    /// While segmentations come from a folder of masks.
    Masked,
    /// While the guide's picture shows the flower tinted.
    Tinted,
    /// While jem makes the sentence vectors itself.
    Encoded,
    /// While sentence vectors come from a file.
    Vectors,
    /// While the objective interpolates between texts.
    Interpolating,
}

const fn setting(key: &'static str, kind: Kind, default: Default) -> Setting {
    Setting { key, kind, default, hashed: true, active: Active::Always }
}

const fn guided(key: &'static str, kind: Kind, default: Default) -> Setting {
    when(Active::Guided, key, kind, default)
}

const fn when(active: Active, key: &'static str, kind: Kind, default: Default) -> Setting {
    Setting { key, kind, default, hashed: true, active }
}

/// A path: what counts is what the file or folder holds.
const fn path(active: Active, key: &'static str) -> Setting {
    Setting { key, kind: Kind::Path, default: Default::Text(""), hashed: false, active }
}

const fn unhashed(key: &'static str, kind: Kind, default: Default) -> Setting {
    Setting { key, kind, default, hashed: false, active: Active::Always }
}

/// The measures on held-out images.
const MEASURES: &[&str] = &["colour_distance", "ssim"];

/// How a photo becomes square.
const SQUARES: &[&str] = &["squash", "crop"];

/// The layers that a guide's features may come from: those of AlexNet, of VGG-16, and of both.
const LAYERS: &[&str] = &[
    "conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "conv1_1", "conv1_2", "conv2_1", "conv2_2",
    "conv3_1", "conv3_2", "conv3_3", "pool3", "conv4_1", "conv4_2", "conv4_3", "pool4", "conv5_1", "conv5_2",
    "conv5_3", "fc6", "fc7",
];

const SEED: Kind = Kind::Integer(0, i64::MAX);

/// Every setting, in the order in which people meet them.
pub const SETTINGS: &[Setting] = &[
    setting("data.source", Kind::Choice(&["oxford-102", "drawn"]), Default::Text("oxford-102")),
    path(Active::Photographed, "data.root"),
    when(Active::Drawn, "data.drawn.images", Kind::Integer(102, 1_000_000), Default::Integer(2040)),
    when(Active::Drawn, "data.drawn.side", Kind::Integer(32, 256), Default::Integer(128)),
    when(Active::Drawn, "data.drawn.arrangement", Kind::Choice(&["varied", "portrait"]), Default::Text("varied")),
    when(Active::Drawn, "data.drawn.seed", SEED, Default::Integer(1)),
    setting("data.split", Kind::Choice(&["reed", "paper", "official"]), Default::Text("reed")),
    setting("data.train", Kind::Choice(&["train", "train+val"]), Default::Text("train")),
    setting("data.classes", Kind::Classes, Default::Text("all")),
    setting("data.limit", Kind::Integer(0, 1_000_000), Default::Integer(0)),
    setting("data.seed", SEED, Default::Integer(1)),
    setting("image.resolution", Kind::PowerOfTwo(32, 256), Default::Integer(64)),
    setting("image.square", Kind::Choice(SQUARES), Default::Text("squash")),
    setting("image.flip", Kind::Flag, Default::Flag(true)),
    setting("text.encoder", Kind::Choice(&["tfidf", "vectors"]), Default::Text("tfidf")),
    when(Active::Encoded, "text.dimension", Kind::Integer(8, 4800), Default::Integer(512)),
    when(Active::Encoded, "text.seed", SEED, Default::Integer(1)),
    path(Active::Vectors, "text.vectors"),
    setting("text.projected", Kind::Integer(8, 1024), Default::Integer(256)),
    setting("guide.network", Kind::Choice(&["none", "alexnet", "vgg16"]), Default::Text("none")),
    guided("guide.weights", Kind::Weights, Default::Text("random:1")),
    guided("guide.layer", Kind::Choice(LAYERS), Default::Text("fc7")),
    guided("guide.input", Kind::Integer(64, 512), Default::Integer(224)),
    guided("guide.square", Kind::Choice(SQUARES), Default::Text("squash")),
    guided("guide.width", Kind::Above(0.0, 1.0), Default::Number(1.0)),
    guided("guide.segmentation", Kind::Choice(&["full", "foreground", "background", "none"]), Default::Text("full")),
    guided("guide.projected", Kind::Integer(8, 1024), Default::Integer(256)),
    when(Active::Segmented, "segment.source", Kind::Choice(&["official", "masks"]), Default::Text("official")),
    path(Active::Masked, "segment.masks"),
    when(
        Active::Tinted,
        "segment.style",
        Kind::Choice(&["tint-outline", "tint", "outline"]),
        Default::Text("tint-outline"),
    ),
    setting("generator.width", Kind::Integer(4, 256), Default::Integer(64)),
    setting("generator.noise", Kind::Integer(1, 1024), Default::Integer(100)),
    setting("discriminator.width", Kind::Integer(4, 256), Default::Integer(64)),
    setting("objective.kind", Kind::Choice(&["gan", "gan-cls", "gan-int", "gan-cls-int"]), Default::Text("gan-cls")),
    Setting {
        key: "objective.int_beta",
        kind: Kind::Within(0.0, 1.0),
        default: Default::Number(0.5),
        hashed: true,
        active: Active::Interpolating,
    },
    Setting {
        key: "objective.int_weight",
        kind: Kind::Within(0.0, 100.0),
        default: Default::Number(1.0),
        hashed: true,
        active: Active::Interpolating,
    },
    setting("optimizer.generator.rate", Kind::Above(0.0, 0.1), Default::Number(2e-4)),
    setting("optimizer.discriminator.rate", Kind::Above(0.0, 0.1), Default::Number(2e-4)),
    setting("optimizer.beta1", Kind::Below(0.0, 1.0), Default::Number(0.5)),
    setting("optimizer.beta2", Kind::Below(0.0, 1.0), Default::Number(0.999)),
    setting("optimizer.epsilon", Kind::Above(0.0, 1e-2), Default::Number(1e-8)),
    setting("train.batch", Kind::Integer(2, 4096), Default::Integer(64)),
    unhashed("train.epochs", Kind::Integer(1, 100_000), Default::Integer(600)),
    setting("eval.every", Kind::Integer(1, 100_000), Default::Integer(10)),
    setting("eval.items", Kind::Integer(1, 2048), Default::Integer(16)),
    setting("eval.split", Kind::Choice(&["val", "test"]), Default::Text("val")),
    unhashed("eval.measures", Kind::Subset(MEASURES), Default::List(MEASURES)),
    unhashed("keep.every", Kind::Integer(0, 100_000), Default::Integer(0)),
];

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
        let segmented = guided && text("guide.segmentation") != "none";
        match self.active {
            Active::Always => true,
            Active::Photographed => text("data.source") == "oxford-102",
            Active::Drawn => text("data.source") == "drawn",
            Active::Guided => guided,
            Active::Segmented => segmented,
            Active::Masked => segmented && text("segment.source") == "masks",
            Active::Tinted => guided && text("guide.segmentation") == "full",
            Active::Encoded => text("text.encoder") != "vectors",
            Active::Vectors => text("text.encoder") == "vectors",
            Active::Interpolating => text("objective.kind").ends_with("-int"),
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
