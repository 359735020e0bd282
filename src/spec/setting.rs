//! The catalogue of settings: every dotted key, what it may be, what it is unless said, and when it counts.

use std::collections::BTreeMap;
use std::fmt;

use super::{Classes, Value};

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

/// The values that a setting may take.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number from `.0` to `.1`, both included.
    Integer(i64, i64),
    /// A power of two from `.0` to `.1`, both included.
    PowerOfTwo(i64, i64),
    /// A number above `.0` up to and including `.1`.
    Above(f64, f64),
    /// A number from `.0` up to but not including `.1`.
    Below(f64, f64),
    /// A number from `.0` to `.1`, both included.
    Within(f64, f64),
    /// One of some words.
    Choice(&'static [&'static str]),
    /// Some of some words: at least one, none twice, in whatever order.
    Subset(&'static [&'static str]),
    /// A file or folder, relative to where jem is started.
    Path,
    /// `random:<seed>`, or a path to a file of weights.
    Weights,
    /// See [`Classes`].
    Classes,
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
    while_(Active::Guided, key, kind, default)
}

const fn while_(active: Active, key: &'static str, kind: Kind, default: Default) -> Setting {
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
    while_(Active::Drawn, "data.drawn.images", Kind::Integer(102, 1_000_000), Default::Integer(2040)),
    while_(Active::Drawn, "data.drawn.side", Kind::Integer(32, 256), Default::Integer(128)),
    while_(Active::Drawn, "data.drawn.arrangement", Kind::Choice(&["varied", "portrait"]), Default::Text("varied")),
    while_(Active::Drawn, "data.drawn.seed", SEED, Default::Integer(1)),
    setting("data.split", Kind::Choice(&["reed", "paper", "official"]), Default::Text("reed")),
    setting("data.train", Kind::Choice(&["train", "train+val"]), Default::Text("train")),
    setting("data.classes", Kind::Classes, Default::Text("all")),
    setting("data.limit", Kind::Integer(0, 1_000_000), Default::Integer(0)),
    setting("data.seed", SEED, Default::Integer(1)),
    setting("image.resolution", Kind::PowerOfTwo(32, 256), Default::Integer(64)),
    setting("image.square", Kind::Choice(SQUARES), Default::Text("squash")),
    setting("image.flip", Kind::Flag, Default::Flag(true)),
    setting("text.encoder", Kind::Choice(&["tfidf", "vectors"]), Default::Text("tfidf")),
    while_(Active::Encoded, "text.dimension", Kind::Integer(8, 4800), Default::Integer(512)),
    while_(Active::Encoded, "text.seed", SEED, Default::Integer(1)),
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
    while_(Active::Segmented, "segment.source", Kind::Choice(&["official", "masks"]), Default::Text("official")),
    path(Active::Masked, "segment.masks"),
    while_(
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

impl Kind {
    /// The value in its canonical form: a whole number given for a number becomes a number, and words that may
    /// stand in any order stand in the catalogue's.
    ///
    /// # Errors
    ///
    /// What is wrong, as the end of a sentence that starts with the key.
    pub fn check(&self, value: Value) -> Result<Value, String> {
        let value = match (self, value) {
            (Kind::Above(..) | Kind::Below(..) | Kind::Within(..), Value::Integer(integer)) => {
                Value::Number(integer as f64)
            }
            (Kind::Subset(words), Value::List(mut list)) => {
                list.sort_by_key(|word| words.iter().position(|known| known == word));
                Value::List(list)
            }
            (Kind::Classes, Value::Text(text)) => match text.parse::<Classes>() {
                Ok(classes) => Value::Text(classes.to_string()),
                Err(_) => Value::Text(text),
            },
            (_, value) => value,
        };
        let allowed = match (self, &value) {
            (Kind::Flag, Value::Flag(_)) | (Kind::Path, Value::Text(_)) => true,
            (Kind::Integer(low, high), Value::Integer(n)) => (low..=high).contains(&n),
            (Kind::PowerOfTwo(low, high), Value::Integer(n)) => (low..=high).contains(&n) && n.count_ones() == 1,
            (Kind::Above(low, high), Value::Number(x)) => x > low && x <= high,
            (Kind::Below(low, high), Value::Number(x)) => x >= low && x < high,
            (Kind::Within(low, high), Value::Number(x)) => x >= low && x <= high,
            (Kind::Choice(words), Value::Text(text)) => words.contains(&text.as_str()),
            (Kind::Subset(words), Value::List(list)) => {
                let distinct = list.windows(2).all(|pair| pair[0] != pair[1]);
                !list.is_empty() && distinct && list.iter().all(|word| words.contains(&word.as_str()))
            }
            (Kind::Weights, Value::Text(text)) => match text.strip_prefix("random:") {
                Some(seed) => seed.parse::<u64>().is_ok(),
                None => !text.is_empty(),
            },
            (Kind::Classes, Value::Text(text)) => text.parse::<Classes>().is_ok(),
            _ => return Err(format!("is {}, but must be {self}", describe(&value))),
        };
        match self {
            _ if allowed => Ok(value),
            Kind::Subset(_) | Kind::Weights | Kind::Classes => {
                Err(format!("is {}, but must be {self}", describe(&value)))
            }
            _ => Err(format!("is {}, outside {self}", describe(&value))),
        }
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::List(words) => format!("{words:?}"),
        other => other.to_string(),
    }
}

fn quoted(words: &[&str], between: &str) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(between)
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Flag => f.write_str("true or false"),
            Kind::Integer(low, high) if *high == i64::MAX => write!(f, "the whole numbers from {low}"),
            Kind::Integer(low, high) => write!(f, "the whole numbers from {low} to {high}"),
            Kind::PowerOfTwo(low, high) => write!(f, "the powers of two from {low} to {high}"),
            Kind::Above(low, high) => write!(f, "({low}, {high}]"),
            Kind::Below(low, high) => write!(f, "[{low}, {high})"),
            Kind::Within(low, high) => write!(f, "[{low}, {high}]"),
            Kind::Choice(words) => f.write_str(&quoted(words, " | ")),
            Kind::Subset(words) => write!(f, "a list of at least one of {}, none twice", quoted(words, ", ")),
            Kind::Path => f.write_str("a path"),
            Kind::Weights => f.write_str("\"random:<seed>\" or a path to a .pth or .safetensors file"),
            Kind::Classes => write!(f, "\"all\", or classes from 1 to {} such as \"1-20, 41\"", Classes::COUNT),
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
    fn a_whole_number_given_for_a_number_is_the_same_value() {
        let kind = Kind::Within(0.0, 100.0);
        assert_eq!(kind.check(Value::Integer(1)), kind.check(Value::Number(1.0)));
    }

    #[test]
    fn values_outside_and_of_another_type_are_refused_with_what_is_allowed() {
        let rate = Kind::Above(0.0, 0.1);
        assert_eq!(rate.check(Value::Number(2.0)), Err("is 2.0, outside (0, 0.1]".to_owned()));
        assert_eq!(rate.check(Value::Text("fast".into())), Err("is \"fast\", but must be (0, 0.1]".to_owned()));
        assert!(Kind::PowerOfTwo(32, 256).check(Value::Integer(96)).is_err());
        assert!(Kind::Weights.check(Value::Text("random:x".into())).is_err());
        assert!(rate.check(Value::Number(f64::NAN)).is_err());
    }

    #[test]
    fn words_of_a_list_stand_in_one_order_and_none_twice() {
        let kind = Kind::Subset(&["a", "b", "c"]);
        let list = |words: &[&str]| Value::List(words.iter().map(|&word| word.to_owned()).collect());
        assert_eq!(kind.check(list(&["c", "a"])), Ok(list(&["a", "c"])));
        for wrong in [list(&[]), list(&["a", "c", "a"]), list(&["a", "d"]), Value::Text("a".into())] {
            assert!(kind.check(wrong.clone()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_misspelt_key_finds_its_neighbour() {
        assert_eq!(Setting::suggest("optimiser.generator.rate"), Some("optimizer.generator.rate"));
        assert_eq!(Setting::suggest("zzz"), None);
    }
}
