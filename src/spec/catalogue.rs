//! The catalogue of settings: every dotted key of an experiment.

use super::kind::Kind;
use super::setting::{Active, Default, Setting};

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

/// A setting of the extractor that evaluations compare features by: it is part of their protocol, not of the cell.
const fn extractor(key: &'static str, kind: Kind, default: Default) -> Setting {
    Setting { key, kind, default, hashed: false, active: Active::Extracting }
}

/// The measures on held-out images.
const MEASURES: &[&str] = &[
    "colour_distance",
    "ssim",
    "feature_distance",
    "lpips",
    "fid",
    "kid",
    "inception_score",
    "frechet_distance",
    "kernel_distance",
    "precision",
    "recall",
    "density",
    "coverage",
    "fid_infinity",
    "frechet_infinity",
    "diversity",
    "text_sensitivity",
    "bloom_count",
    "bloom_colour",
    "bloom_place",
    "bloom_size",
];

/// The measures that are taken unless an experiment says otherwise.
const USUAL_MEASURES: &[&str] = &["colour_distance", "ssim"];

/// What a generator may be the best by, or `none`.
const BESTS: &[&str] = &[
    "none",
    "colour_distance",
    "ssim",
    "feature_distance",
    "lpips",
    "fid",
    "kid",
    "inception_score",
    "frechet_distance",
    "kernel_distance",
    "precision",
    "recall",
    "density",
    "coverage",
    "diversity",
    "text_sensitivity",
    "bloom_count",
    "bloom_colour",
    "bloom_place",
    "bloom_size",
    "d_loss",
    "g_loss",
];

/// The networks that a guide's features may come from, or `none`.
const NETWORKS: &[&str] = &["none", "alexnet", "vgg16", "vgg19"];

/// The networks that evaluations may compare by, or `none`.
const EXTRACTORS: &[&str] = &["none", "alexnet", "vgg16", "vgg19", "inception", "inception-fid"];

/// The forms of both networks.
const BODIES: &[&str] = &["dcgan", "reed"];

/// How a photo becomes square.
const SQUARES: &[&str] = &["squash", "crop"];

/// The layers that a guide's features may come from ([`layers_of`](super::network::layers_of) says which network has which).
const LAYERS: &[&str] = &[
    "conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "conv1_1", "conv1_2", "conv2_1", "conv2_2",
    "conv3_1", "conv3_2", "conv3_3", "conv3_4", "pool3", "conv4_1", "conv4_2", "conv4_3", "conv4_4", "pool4",
    "conv5_1", "conv5_2", "conv5_3", "conv5_4", "fc6", "fc7",
];

/// The same, and those of Inception-v3.
const EXTRACTED: &[&str] = &[
    "conv1",
    "pool1",
    "conv2",
    "pool2",
    "conv3",
    "conv4",
    "conv5",
    "pool5",
    "conv1_1",
    "conv1_2",
    "conv2_1",
    "conv2_2",
    "conv3_1",
    "conv3_2",
    "conv3_3",
    "conv3_4",
    "pool3",
    "conv4_1",
    "conv4_2",
    "conv4_3",
    "conv4_4",
    "pool4",
    "conv5_1",
    "conv5_2",
    "conv5_3",
    "conv5_4",
    "fc6",
    "fc7",
    "Mixed_5b",
    "Mixed_5c",
    "Mixed_5d",
    "Mixed_6a",
    "Mixed_6b",
    "Mixed_6c",
    "Mixed_6d",
    "Mixed_6e",
    "Mixed_7a",
    "Mixed_7b",
    "Mixed_7c",
    "logits_unbiased",
    "logits",
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
    setting("image.crop_from", Kind::Integer(0, 512), Default::Integer(0)),
    setting("image.flip", Kind::Flag, Default::Flag(true)),
    setting("text.encoder", Kind::Choice(&["tfidf", "skip-thought", "vectors"]), Default::Text("tfidf")),
    when(Active::Encoded, "text.dimension", Kind::Integer(8, 4800), Default::Integer(512)),
    when(Active::Encoded, "text.seed", SEED, Default::Integer(1)),
    when(Active::SkipThought, "text.weights", Kind::FittedPath, Default::Text("skip-thoughts")),
    when(Active::SkipThought, "text.variant", Kind::Choice(&["uni", "bi", "combine"]), Default::Text("uni")),
    when(Active::SkipThought, "text.use_eos", Kind::Flag, Default::Flag(false)),
    path(Active::Trained, "text.fit.corpus"),
    when(Active::Trained, "text.fit.words", Kind::Integer(3, 20_000), Default::Integer(20_000)),
    when(Active::Trained, "text.fit.min_count", Kind::Integer(1, 1_000_000), Default::Integer(1)),
    when(Active::Trained, "text.fit.max_length", Kind::Integer(1, 1000), Default::Integer(30)),
    when(Active::Trained, "text.fit.embedding", Kind::Integer(1, 4096), Default::Integer(300)),
    when(Active::Trained, "text.fit.hidden", Kind::Integer(2, 4800), Default::Integer(600)),
    when(Active::Trained, "text.fit.held_out", Kind::Within(0.01, 0.5), Default::Number(0.05)),
    when(Active::Trained, "text.fit.epochs", Kind::Integer(1, 10_000), Default::Integer(10)),
    when(Active::Trained, "text.fit.patience", Kind::Integer(1, 10_000), Default::Integer(2)),
    when(Active::Trained, "text.fit.batch", Kind::Integer(1, 4096), Default::Integer(64)),
    when(Active::Trained, "text.fit.rate", Kind::Above(0.0, 0.1), Default::Number(2e-4)),
    when(Active::Trained, "text.fit.clip", Kind::Above(0.0, 1e6), Default::Number(5.0)),
    when(Active::Trained, "text.fit.seed", SEED, Default::Integer(1)),
    path(Active::Vectors, "text.vectors"),
    setting("text.first", Kind::Integer(0, 10), Default::Integer(0)),
    setting("text.mean_of", Kind::Integer(1, 10), Default::Integer(1)),
    setting("text.projected", Kind::Integer(8, 1024), Default::Integer(256)),
    setting("guide.network", Kind::Choice(NETWORKS), Default::Text("none")),
    guided("guide.weights", Kind::FittedWeights, Default::Text("random:1")),
    path(Active::Fitted, "guide.fit.from"),
    when(Active::Fitted, "guide.fit.limit", Kind::Integer(0, 1_000_000), Default::Integer(0)),
    when(Active::Fitted, "guide.fit.held_out", Kind::Within(0.01, 0.5), Default::Number(0.1)),
    when(Active::Fitted, "guide.fit.epochs", Kind::Integer(1, 10_000), Default::Integer(30)),
    when(Active::Fitted, "guide.fit.patience", Kind::Integer(1, 10_000), Default::Integer(10)),
    when(Active::Fitted, "guide.fit.batch", Kind::Integer(2, 4096), Default::Integer(32)),
    when(Active::Fitted, "guide.fit.rate", Kind::Above(0.0, 0.1), Default::Number(1e-3)),
    when(Active::Fitted, "guide.fit.weight_decay", Kind::Within(0.0, 1.0), Default::Number(1e-2)),
    when(Active::Fitted, "guide.fit.dropout", Kind::Below(0.0, 1.0), Default::Number(0.5)),
    when(Active::Fitted, "guide.fit.augment", Kind::Flag, Default::Flag(true)),
    when(Active::Fitted, "guide.fit.seed", SEED, Default::Integer(1)),
    guided("guide.layer", Kind::Choice(LAYERS), Default::Text("fc7")),
    guided("guide.input", Kind::Integer(64, 512), Default::Integer(224)),
    guided("guide.square", Kind::Choice(SQUARES), Default::Text("squash")),
    guided("guide.width", Kind::Above(0.0, 1.0), Default::Number(1.0)),
    guided("guide.segmentation", Kind::Choice(&["full", "foreground", "background", "none"]), Default::Text("full")),
    guided("guide.source", Kind::Choice(&["own", "shuffled", "zero"]), Default::Text("own")),
    guided("guide.inject", Kind::Choice(&["input", "stages"]), Default::Text("input")),
    guided("guide.discriminator", Kind::Choice(&["none", "joined"]), Default::Text("none")),
    guided("guide.projected", Kind::Integer(8, 1024), Default::Integer(256)),
    when(Active::Segmented, "segment.source", Kind::Choice(&["official", "masks"]), Default::Text("official")),
    path(Active::Masked, "segment.masks"),
    when(
        Active::Tinted,
        "segment.style",
        Kind::Choice(&["tint-outline", "tint", "outline"]),
        Default::Text("tint-outline"),
    ),
    setting("generator.body", Kind::Choice(BODIES), Default::Text("dcgan")),
    setting("generator.width", Kind::Integer(4, 256), Default::Integer(64)),
    setting("generator.noise", Kind::Integer(1, 1024), Default::Integer(100)),
    setting("generator.noise_kind", Kind::Choice(&["normal", "uniform"]), Default::Text("normal")),
    setting("generator.ema", Kind::Below(0.0, 1.0), Default::Number(0.0)),
    setting("discriminator.body", Kind::Choice(BODIES), Default::Text("dcgan")),
    setting("discriminator.width", Kind::Integer(4, 256), Default::Integer(64)),
    setting("objective.kind", Kind::Choice(&["gan", "gan-cls", "gan-int", "gan-cls-int"]), Default::Text("gan-cls")),
    setting("objective.smoothing", Kind::Below(0.0, 0.5), Default::Number(0.0)),
    setting("objective.fake", Kind::Choice(&["shared", "fresh"]), Default::Text("shared")),
    when(Active::Balancing, "objective.fake_share", Kind::Within(0.0, 1.0), Default::Number(0.5)),
    when(Active::Mismatching, "objective.mismatch", Kind::Choice(&["class", "image"]), Default::Text("class")),
    when(Active::Mismatching, "objective.mismatch_by", Kind::Choice(&["text", "image"]), Default::Text("text")),
    when(Active::Interpolating, "objective.int_beta", Kind::Within(0.0, 1.0), Default::Number(0.5)),
    when(Active::Interpolating, "objective.int_weight", Kind::Within(0.0, 100.0), Default::Number(1.0)),
    when(Active::Interpolating, "objective.int_pairs", Kind::Choice(&["all", "half"]), Default::Text("all")),
    when(Active::Interpolating, "objective.int_mean", Kind::Choice(&["separate", "joined"]), Default::Text("separate")),
    setting("objective.reconstruction", Kind::Within(0.0, 1000.0), Default::Number(0.0)),
    guided("objective.guide_match", Kind::Within(0.0, 1000.0), Default::Number(0.0)),
    setting("optimizer.generator.rate", Kind::Above(0.0, 0.1), Default::Number(2e-4)),
    setting("optimizer.discriminator.rate", Kind::Above(0.0, 0.1), Default::Number(2e-4)),
    setting("optimizer.beta1", Kind::Below(0.0, 1.0), Default::Number(0.5)),
    setting("optimizer.beta2", Kind::Below(0.0, 1.0), Default::Number(0.999)),
    setting("optimizer.epsilon", Kind::Above(0.0, 1e-2), Default::Number(1e-8)),
    setting("optimizer.decay_every", Kind::Integer(0, 100_000), Default::Integer(0)),
    when(Active::Decaying, "optimizer.decay", Kind::Above(0.0, 1.0), Default::Number(0.5)),
    setting("optimizer.clip", Kind::Within(0.0, 1e6), Default::Number(0.0)),
    setting("train.batch", Kind::Integer(2, 4096), Default::Integer(64)),
    unhashed("train.epochs", Kind::Integer(1, 100_000), Default::Integer(600)),
    setting("train.generator_steps", Kind::Integer(1, 16), Default::Integer(1)),
    setting("train.collapse_floor", Kind::Within(0.0, 1.0), Default::Number(0.0)),
    when(Active::Watched, "train.collapse_after", Kind::Integer(1, 1000), Default::Integer(3)),
    setting("eval.every", Kind::Integer(1, 100_000), Default::Integer(10)),
    setting("eval.items", Kind::Integer(1, 2048), Default::Integer(16)),
    setting("eval.split", Kind::Choice(&["val", "test"]), Default::Text("val")),
    unhashed("eval.test", Kind::Choice(&["none", "best", "last"]), Default::Text("none")),
    unhashed("eval.measures", Kind::Subset(MEASURES), Default::List(USUAL_MEASURES)),
    unhashed("eval.noises", Kind::Integer(2, 64), Default::Integer(4)),
    unhashed("eval.extractor", Kind::Choice(EXTRACTORS), Default::Text("none")),
    extractor("eval.extractor_weights", Kind::Weights, Default::Text("random:1")),
    extractor("eval.extractor_layer", Kind::Choice(EXTRACTED), Default::Text("fc7")),
    extractor("eval.extractor_input", Kind::Integer(64, 512), Default::Integer(224)),
    extractor("eval.extractor_width", Kind::Above(0.0, 1.0), Default::Number(1.0)),
    extractor("eval.resizer", Kind::Choice(&["clean", "legacy"]), Default::Text("clean")),
    extractor("eval.samples", Kind::Integer(2, 1_000_000), Default::Integer(1000)),
    extractor("eval.photos", Kind::Integer(0, 1_000_000), Default::Integer(0)),
    extractor("eval.infinity.samples", Kind::Integer(5, 10_000_000), Default::Integer(50_000)),
    extractor("eval.infinity.from", Kind::Integer(2, 10_000_000), Default::Integer(5000)),
    extractor("eval.infinity.points", Kind::Integer(3, 1000), Default::Integer(15)),
    path(Active::Extracting, "eval.lpips"),
    unhashed("keep.every", Kind::Integer(0, 100_000), Default::Integer(0)),
    unhashed("keep.best", Kind::Choice(BESTS), Default::Text("none")),
    unhashed("keep.best_towards", Kind::Choice(&["auto", "lower", "higher"]), Default::Text("auto")),
];
