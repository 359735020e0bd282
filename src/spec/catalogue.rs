//! The catalogue of settings: every dotted key of an experiment.

use super::kind::Kind;
use super::measures::{BESTS, MEASURES};
use super::network::{EXTRACTOR_LAYERS, GUIDE_LAYERS};
use super::setting::{ActiveWhen, DefaultValue, Setting};

const fn setting(key: &'static str, kind: Kind, default: DefaultValue) -> Setting {
    Setting { key, kind, default, hashed: true, active: ActiveWhen::Always }
}

const fn guided(key: &'static str, kind: Kind, default: DefaultValue) -> Setting {
    when(ActiveWhen::Guide, key, kind, default)
}

const fn when(active: ActiveWhen, key: &'static str, kind: Kind, default: DefaultValue) -> Setting {
    Setting { key, kind, default, hashed: true, active }
}

/// A path. Identity depends on the content of the file or folder and not on the path.
const fn path(active: ActiveWhen, key: &'static str) -> Setting {
    Setting { key, kind: Kind::Path, default: DefaultValue::Text(""), hashed: false, active }
}

const fn unhashed(key: &'static str, kind: Kind, default: DefaultValue) -> Setting {
    Setting { key, kind, default, hashed: false, active: ActiveWhen::Always }
}

/// A setting of the feature extractor of evaluations. It is part of the evaluation protocol and not of the cell's
/// identity.
const fn extractor(key: &'static str, kind: Kind, default: DefaultValue) -> Setting {
    Setting { key, kind, default, hashed: false, active: ActiveWhen::Extractor }
}

/// The default of `eval.measures`.
const DEFAULT_MEASURES: &[&str] = &["colour_distance", "ssim"];

/// The guide networks, or `none`.
const NETWORKS: &[&str] = &["none", "alexnet", "vgg16", "vgg19"];

/// The feature extractors of evaluations, or `none`.
const EXTRACTORS: &[&str] = &["none", "alexnet", "vgg16", "vgg19", "inception", "inception-fid"];

/// The architectures of generator and discriminator.
const BODIES: &[&str] = &["dcgan", "reed"];

/// How an image is made square.
const SQUARES: &[&str] = &["squash", "crop"];

const SEED: Kind = Kind::Integer(0, i64::MAX);

/// Every setting, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    setting("data.source", Kind::Choice(&["oxford-102", "drawn"]), DefaultValue::Text("oxford-102")),
    path(ActiveWhen::OxfordImages, "data.root"),
    when(ActiveWhen::DrawnImages, "data.drawn.images", Kind::Integer(102, 1_000_000), DefaultValue::Integer(2040)),
    when(ActiveWhen::DrawnImages, "data.drawn.side", Kind::Integer(32, 256), DefaultValue::Integer(128)),
    when(
        ActiveWhen::DrawnImages,
        "data.drawn.arrangement",
        Kind::Choice(&["varied", "portrait"]),
        DefaultValue::Text("varied"),
    ),
    when(ActiveWhen::DrawnImages, "data.drawn.seed", SEED, DefaultValue::Integer(1)),
    setting("data.split", Kind::Choice(&["reed", "paper", "official"]), DefaultValue::Text("reed")),
    setting("data.train", Kind::Choice(&["train", "train+val"]), DefaultValue::Text("train")),
    setting("data.classes", Kind::Classes, DefaultValue::Text("all")),
    setting("data.limit", Kind::Integer(0, 1_000_000), DefaultValue::Integer(0)),
    setting("data.seed", SEED, DefaultValue::Integer(1)),
    setting("image.resolution", Kind::PowerOfTwo(32, 256), DefaultValue::Integer(64)),
    setting("image.square", Kind::Choice(SQUARES), DefaultValue::Text("squash")),
    setting("image.crop_from", Kind::Integer(0, 512), DefaultValue::Integer(0)),
    setting("image.flip", Kind::Flag, DefaultValue::Flag(true)),
    setting("text.encoder", Kind::Choice(&["tfidf", "skip-thought", "vectors"]), DefaultValue::Text("tfidf")),
    when(ActiveWhen::Tfidf, "text.dimension", Kind::Integer(8, 4800), DefaultValue::Integer(512)),
    when(ActiveWhen::Tfidf, "text.seed", SEED, DefaultValue::Integer(1)),
    when(ActiveWhen::SkipThought, "text.weights", Kind::FittedPath, DefaultValue::Text("skip-thoughts")),
    when(ActiveWhen::SkipThought, "text.variant", Kind::Choice(&["uni", "bi", "combine"]), DefaultValue::Text("uni")),
    when(ActiveWhen::SkipThought, "text.use_eos", Kind::Flag, DefaultValue::Flag(false)),
    path(ActiveWhen::TextFit, "text.fit.corpus"),
    when(ActiveWhen::TextFit, "text.fit.words", Kind::Integer(3, 20_000), DefaultValue::Integer(20_000)),
    when(ActiveWhen::TextFit, "text.fit.min_count", Kind::Integer(1, 1_000_000), DefaultValue::Integer(1)),
    when(ActiveWhen::TextFit, "text.fit.max_length", Kind::Integer(1, 1000), DefaultValue::Integer(30)),
    when(ActiveWhen::TextFit, "text.fit.embedding", Kind::Integer(1, 4096), DefaultValue::Integer(300)),
    when(ActiveWhen::TextFit, "text.fit.hidden", Kind::Integer(2, 4800), DefaultValue::Integer(600)),
    when(ActiveWhen::TextFit, "text.fit.held_out", Kind::Within(0.01, 0.5), DefaultValue::Number(0.05)),
    when(ActiveWhen::TextFit, "text.fit.epochs", Kind::Integer(1, 10_000), DefaultValue::Integer(10)),
    when(ActiveWhen::TextFit, "text.fit.patience", Kind::Integer(1, 10_000), DefaultValue::Integer(2)),
    when(ActiveWhen::TextFit, "text.fit.batch", Kind::Integer(1, 4096), DefaultValue::Integer(64)),
    when(ActiveWhen::TextFit, "text.fit.rate", Kind::Above(0.0, 0.1), DefaultValue::Number(2e-4)),
    when(ActiveWhen::TextFit, "text.fit.clip", Kind::Above(0.0, 1e6), DefaultValue::Number(5.0)),
    when(ActiveWhen::TextFit, "text.fit.seed", SEED, DefaultValue::Integer(1)),
    path(ActiveWhen::TextVectors, "text.vectors"),
    setting("text.first", Kind::Integer(0, 10), DefaultValue::Integer(0)),
    setting("text.mean_of", Kind::Integer(1, 10), DefaultValue::Integer(1)),
    setting("text.projected", Kind::Integer(8, 1024), DefaultValue::Integer(256)),
    setting("guide.network", Kind::Choice(NETWORKS), DefaultValue::Text("none")),
    guided("guide.weights", Kind::FittedWeights, DefaultValue::Text("random:1")),
    path(ActiveWhen::GuideFit, "guide.fit.from"),
    when(ActiveWhen::GuideFit, "guide.fit.limit", Kind::Integer(0, 1_000_000), DefaultValue::Integer(0)),
    when(ActiveWhen::GuideFit, "guide.fit.held_out", Kind::Within(0.01, 0.5), DefaultValue::Number(0.1)),
    when(ActiveWhen::GuideFit, "guide.fit.epochs", Kind::Integer(1, 10_000), DefaultValue::Integer(30)),
    when(ActiveWhen::GuideFit, "guide.fit.patience", Kind::Integer(1, 10_000), DefaultValue::Integer(10)),
    when(ActiveWhen::GuideFit, "guide.fit.batch", Kind::Integer(2, 4096), DefaultValue::Integer(32)),
    when(ActiveWhen::GuideFit, "guide.fit.rate", Kind::Above(0.0, 0.1), DefaultValue::Number(1e-3)),
    when(ActiveWhen::GuideFit, "guide.fit.weight_decay", Kind::Within(0.0, 1.0), DefaultValue::Number(1e-2)),
    when(ActiveWhen::GuideFit, "guide.fit.dropout", Kind::Below(0.0, 1.0), DefaultValue::Number(0.5)),
    when(ActiveWhen::GuideFit, "guide.fit.augment", Kind::Flag, DefaultValue::Flag(true)),
    when(ActiveWhen::GuideFit, "guide.fit.seed", SEED, DefaultValue::Integer(1)),
    guided("guide.layer", Kind::Choice(&GUIDE_LAYERS), DefaultValue::Text("fc7")),
    guided("guide.input", Kind::Integer(64, 512), DefaultValue::Integer(224)),
    guided("guide.square", Kind::Choice(SQUARES), DefaultValue::Text("squash")),
    guided("guide.width", Kind::Above(0.0, 1.0), DefaultValue::Number(1.0)),
    guided(
        "guide.segmentation",
        Kind::Choice(&["full", "foreground", "background", "none"]),
        DefaultValue::Text("full"),
    ),
    guided("guide.source", Kind::Choice(&["own", "shuffled", "zero"]), DefaultValue::Text("own")),
    guided("guide.inject", Kind::Choice(&["input", "stages"]), DefaultValue::Text("input")),
    guided("guide.discriminator", Kind::Choice(&["none", "joined"]), DefaultValue::Text("none")),
    guided("guide.projected", Kind::Integer(8, 1024), DefaultValue::Integer(256)),
    when(
        ActiveWhen::Segmentation,
        "segment.source",
        Kind::Choice(&["official", "masks"]),
        DefaultValue::Text("official"),
    ),
    path(ActiveWhen::MaskFolder, "segment.masks"),
    when(
        ActiveWhen::Tint,
        "segment.style",
        Kind::Choice(&["tint-outline", "tint", "outline"]),
        DefaultValue::Text("tint-outline"),
    ),
    setting("generator.body", Kind::Choice(BODIES), DefaultValue::Text("dcgan")),
    setting("generator.width", Kind::Integer(4, 256), DefaultValue::Integer(64)),
    setting("generator.noise", Kind::Integer(1, 1024), DefaultValue::Integer(100)),
    setting("generator.noise_kind", Kind::Choice(&["normal", "uniform"]), DefaultValue::Text("normal")),
    setting("generator.ema", Kind::Below(0.0, 1.0), DefaultValue::Number(0.0)),
    setting("discriminator.body", Kind::Choice(BODIES), DefaultValue::Text("dcgan")),
    setting("discriminator.width", Kind::Integer(4, 256), DefaultValue::Integer(64)),
    setting(
        "objective.kind",
        Kind::Choice(&["gan", "gan-cls", "gan-int", "gan-cls-int"]),
        DefaultValue::Text("gan-cls"),
    ),
    setting("objective.smoothing", Kind::Below(0.0, 0.5), DefaultValue::Number(0.0)),
    setting("objective.fake", Kind::Choice(&["shared", "fresh"]), DefaultValue::Text("shared")),
    when(ActiveWhen::FakeShare, "objective.fake_share", Kind::Within(0.0, 1.0), DefaultValue::Number(0.5)),
    when(
        ActiveWhen::MismatchedPairs,
        "objective.mismatch",
        Kind::Choice(&["class", "image"]),
        DefaultValue::Text("class"),
    ),
    when(
        ActiveWhen::MismatchedPairs,
        "objective.mismatch_by",
        Kind::Choice(&["text", "image"]),
        DefaultValue::Text("text"),
    ),
    when(ActiveWhen::InterpolatedTexts, "objective.int_beta", Kind::Within(0.0, 1.0), DefaultValue::Number(0.5)),
    when(ActiveWhen::InterpolatedTexts, "objective.int_weight", Kind::Within(0.0, 100.0), DefaultValue::Number(1.0)),
    when(
        ActiveWhen::InterpolatedTexts,
        "objective.int_pairs",
        Kind::Choice(&["all", "half"]),
        DefaultValue::Text("all"),
    ),
    when(
        ActiveWhen::InterpolatedTexts,
        "objective.int_mean",
        Kind::Choice(&["separate", "joined"]),
        DefaultValue::Text("separate"),
    ),
    setting("objective.reconstruction", Kind::Within(0.0, 1000.0), DefaultValue::Number(0.0)),
    guided("objective.guide_match", Kind::Within(0.0, 1000.0), DefaultValue::Number(0.0)),
    setting("optimizer.generator.rate", Kind::Above(0.0, 0.1), DefaultValue::Number(2e-4)),
    setting("optimizer.discriminator.rate", Kind::Above(0.0, 0.1), DefaultValue::Number(2e-4)),
    setting("optimizer.beta1", Kind::Below(0.0, 1.0), DefaultValue::Number(0.5)),
    setting("optimizer.beta2", Kind::Below(0.0, 1.0), DefaultValue::Number(0.999)),
    setting("optimizer.epsilon", Kind::Above(0.0, 1e-2), DefaultValue::Number(1e-8)),
    setting("optimizer.decay_every", Kind::Integer(0, 100_000), DefaultValue::Integer(0)),
    when(ActiveWhen::RateDecay, "optimizer.decay", Kind::Above(0.0, 1.0), DefaultValue::Number(0.5)),
    setting("optimizer.clip", Kind::Within(0.0, 1e6), DefaultValue::Number(0.0)),
    setting("train.batch", Kind::Integer(2, 4096), DefaultValue::Integer(64)),
    unhashed("train.epochs", Kind::Integer(1, 100_000), DefaultValue::Integer(600)),
    setting("train.generator_steps", Kind::Integer(1, 16), DefaultValue::Integer(1)),
    setting("train.collapse_floor", Kind::Within(0.0, 1.0), DefaultValue::Number(0.0)),
    when(ActiveWhen::CollapseCheck, "train.collapse_after", Kind::Integer(1, 1000), DefaultValue::Integer(3)),
    setting("eval.every", Kind::Integer(1, 100_000), DefaultValue::Integer(10)),
    setting("eval.items", Kind::Integer(1, 2048), DefaultValue::Integer(16)),
    setting("eval.split", Kind::Choice(&["val", "test"]), DefaultValue::Text("val")),
    unhashed("eval.test", Kind::Choice(&["none", "best", "last"]), DefaultValue::Text("none")),
    unhashed("eval.measures", Kind::Subset(&MEASURES), DefaultValue::List(DEFAULT_MEASURES)),
    unhashed("eval.noises", Kind::Integer(2, 64), DefaultValue::Integer(4)),
    unhashed("eval.extractor", Kind::Choice(EXTRACTORS), DefaultValue::Text("none")),
    extractor("eval.extractor_weights", Kind::Weights, DefaultValue::Text("random:1")),
    extractor("eval.extractor_layer", Kind::Choice(&EXTRACTOR_LAYERS), DefaultValue::Text("fc7")),
    extractor("eval.extractor_input", Kind::Integer(64, 512), DefaultValue::Integer(224)),
    extractor("eval.extractor_width", Kind::Above(0.0, 1.0), DefaultValue::Number(1.0)),
    extractor("eval.resizer", Kind::Choice(&["clean", "legacy"]), DefaultValue::Text("clean")),
    extractor("eval.samples", Kind::Integer(2, 1_000_000), DefaultValue::Integer(1000)),
    extractor("eval.photos", Kind::Integer(0, 1_000_000), DefaultValue::Integer(0)),
    extractor("eval.infinity.samples", Kind::Integer(5, 10_000_000), DefaultValue::Integer(50_000)),
    extractor("eval.infinity.from", Kind::Integer(2, 10_000_000), DefaultValue::Integer(5000)),
    extractor("eval.infinity.points", Kind::Integer(3, 1000), DefaultValue::Integer(15)),
    path(ActiveWhen::Extractor, "eval.lpips"),
    unhashed("keep.every", Kind::Integer(0, 100_000), DefaultValue::Integer(0)),
    unhashed("keep.best", Kind::Choice(&BESTS), DefaultValue::Text("none")),
    unhashed("keep.best_towards", Kind::Choice(&["auto", "lower", "higher"]), DefaultValue::Text("auto")),
];

/// Lookups among [`SETTINGS`].
impl Setting {
    /// Finds the setting with this key.
    pub fn find(key: &str) -> Option<&'static Setting> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// The existing key that is most similar to a misspelt one, if any is similar enough.
    pub fn suggest(key: &str) -> Option<&'static str> {
        let (score, best) = SETTINGS
            .iter()
            .map(|setting| (strsim::jaro_winkler(key, setting.key), setting.key))
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        (score > 0.8).then_some(best)
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
    fn a_misspelt_key_gets_the_most_similar_one_suggested() {
        assert_eq!(Setting::suggest("optimiser.generator.rate"), Some("optimizer.generator.rate"));
        assert_eq!(Setting::suggest("zzz"), None);
    }
}
