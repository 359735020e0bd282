use std::fmt;

use serde::{Deserialize, Serialize};

/// The direction in which a metric improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Smaller values are better.
    Lower,
    /// Larger values are better.
    Higher,
    /// Neither is better: the value is descriptive.
    Neutral,
}

impl Direction {
    /// The word stored in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Lower => "lower",
            Direction::Higher => "higher",
            Direction::Neutral => "neutral",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A metric that jem records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricDef {
    /// The name in the database and in report files.
    pub name: &'static str,
    /// The label of axes and table columns.
    pub title: &'static str,
    /// The unit; empty for dimensionless values.
    pub unit: &'static str,
    /// The direction in which it improves.
    pub direction: Direction,
    /// Whether it depends on the machine, and is therefore not bit-identical on repetition.
    pub volatile: bool,
    /// A description in one sentence.
    pub about: &'static str,
}

const fn descriptive(name: &'static str, title: &'static str, about: &'static str) -> MetricDef {
    MetricDef { name, title, unit: "", direction: Direction::Neutral, volatile: false, about }
}

const fn ranked(name: &'static str, title: &'static str, direction: Direction, about: &'static str) -> MetricDef {
    MetricDef { name, title, unit: "", direction, volatile: false, about }
}

/// Every metric that jem records.
pub const METRICS: &[MetricDef] = &[
    descriptive("d_loss", "D loss", "weighted sum of the discriminator's loss terms, mean over the epoch's steps"),
    descriptive("d_loss_real", "D loss, real", "cross-entropy of a real image with its own text (target real)"),
    descriptive(
        "d_loss_wrong",
        "D loss, wrong text",
        "cross-entropy of a real image with another class's text (target fake)",
    ),
    descriptive(
        "d_loss_guide",
        "D loss, wrong guide",
        "cross-entropy of a real image with its text and another image's guide (target fake)",
    ),
    descriptive("d_loss_fake", "D loss, fake", "cross-entropy of a generated image with its text (target fake)"),
    descriptive(
        "d_accuracy_real",
        "D accuracy, real",
        "fraction of real images with their own text that D classifies as real",
    ),
    descriptive(
        "d_accuracy_wrong",
        "D accuracy, wrong text",
        "fraction of real images with another class's text that D classifies as fake",
    ),
    descriptive(
        "d_accuracy_guide",
        "D accuracy, wrong guide",
        "fraction of real images with another image's guide that D classifies as fake",
    ),
    descriptive("d_accuracy_fake", "D accuracy, fake", "fraction of generated images that D classifies as fake"),
    descriptive("g_loss", "G loss", "the generator's total loss, mean over the epoch's steps"),
    descriptive("g_loss_cls", "G loss, own text", "cross-entropy of generated images with their text (target real)"),
    descriptive(
        "g_loss_int",
        "G loss, mixed text",
        "cross-entropy of images generated from interpolated text (target real)",
    ),
    descriptive(
        "g_loss_reconstruction",
        "G loss, reconstruction",
        "mean absolute difference of generated images, in [−1, 1], to the images of their guides; unweighted",
    ),
    descriptive(
        "g_loss_guide_match",
        "G loss, guide match",
        "squared distance of generated images' features to those of the guide images, relative to the squared norm of \
         the latter; unweighted",
    ),
    MetricDef {
        name: "images_per_second",
        title: "Images per second",
        unit: "1/s",
        direction: Direction::Higher,
        volatile: true,
        about: "training images per second of the epoch's steps",
    },
    MetricDef {
        name: "input_wait",
        title: "Waiting for input",
        unit: "",
        direction: Direction::Lower,
        volatile: true,
        about: "fraction of the time of the epoch's steps spent waiting for a batch, 0 to 1",
    },
    MetricDef {
        name: "colour_distance",
        title: "Colour distance",
        unit: "",
        direction: Direction::Lower,
        volatile: false,
        about: "Hellinger distance of 8×8×8 RGB histograms to each held-out item's own image, mean; 0 equal, 1 disjoint",
    },
    MetricDef {
        name: "ssim",
        title: "SSIM",
        unit: "",
        direction: Direction::Higher,
        volatile: false,
        about: "structural similarity to each held-out item's own image (Wang et al. 2004), mean; 1 equal",
    },
    ranked(
        "feature_distance",
        "Feature distance",
        Direction::Lower,
        "distance of a network's features to those of each held-out item's own image, relative to the norm of the \
         latter, mean; 0 equal",
    ),
    ranked(
        "lpips",
        "LPIPS",
        Direction::Lower,
        "learned perceptual distance to each held-out item's own image (Zhang et al. 2018, version 0.1), mean; 0 equal",
    ),
    ranked(
        "fid",
        "FID",
        Direction::Lower,
        "Fréchet distance of Inception-v3's pool3 features (pt_inception-2015-12-05) of samples to those of \
         photographs (Heusel et al. 2017); 0 equal",
    ),
    ranked(
        "kid",
        "KID",
        Direction::Lower,
        "unbiased squared MMD of the same features under a cubic kernel (Bińkowski et al. 2018), mean over subsets; \
         0 expected if equal",
    ),
    ranked(
        "inception_score",
        "IS",
        Direction::Higher,
        "exponential of the mean divergence of Inception-v3's class distribution of a sample from that of all samples \
         (Salimans et al. 2016), mean of ten parts; 1 to 1008",
    ),
    ranked(
        "frechet_distance",
        "FD",
        Direction::Lower,
        "Fréchet distance of a network's features of samples to those of photographs; 0 equal. Values of different \
         networks are not comparable",
    ),
    ranked(
        "kernel_distance",
        "KD",
        Direction::Lower,
        "unbiased squared MMD of a network's features under a cubic kernel, mean over subsets; 0 expected if equal",
    ),
    ranked(
        "precision",
        "Precision",
        Direction::Higher,
        "fraction of samples whose features are in the manifold of those of photographs, by 3 neighbours \
         (Kynkäänniemi et al. 2019)",
    ),
    ranked(
        "recall",
        "Recall",
        Direction::Higher,
        "fraction of photographs whose features are in the manifold of those of samples, by 3 neighbours \
         (Kynkäänniemi et al. 2019)",
    ),
    ranked(
        "density",
        "Density",
        Direction::Higher,
        "mean number of photographs' neighbourhoods (5 neighbours) that contain a sample, divided by 5 (Naeem et al. \
         2020); 1 expected if equal",
    ),
    ranked(
        "coverage",
        "Coverage",
        Direction::Higher,
        "fraction of photographs with a sample in their neighbourhood (5 neighbours) (Naeem et al. 2020)",
    ),
    ranked(
        "fid_infinity",
        "FID∞",
        Direction::Lower,
        "FID extrapolated to infinitely many samples, by a line over 1/N (Chong and Forsyth 2020); the number of \
         photographs is unchanged. Computed once, at the end of a run",
    ),
    ranked("frechet_infinity", "FD∞", Direction::Lower, "the same with another network's features"),
    ranked(
        "diversity",
        "Diversity",
        Direction::Higher,
        "root mean square difference in [0, 1] between samples of one item with different noise, mean over pairs and \
         items; 0 if noise has no effect",
    ),
    ranked(
        "text_sensitivity",
        "Text sensitivity",
        Direction::Higher,
        "fraction of held-out items whose largest flower has the new colour after the colour in the caption is \
         changed, with the same noise and guide; 1/9 by chance",
    ),
    ranked(
        "bloom_count",
        "Count accuracy",
        Direction::Higher,
        "fraction of samples with as many flowers as the item's own drawn image",
    ),
    ranked(
        "bloom_colour",
        "Colour accuracy",
        Direction::Higher,
        "fraction of samples whose largest flower has the colour of the item's, of nine colours",
    ),
    ranked(
        "bloom_place",
        "Position accuracy",
        Direction::Higher,
        "fraction of samples whose largest flower is within a tenth of the side of the item's",
    ),
    ranked(
        "bloom_size",
        "Size accuracy",
        Direction::Higher,
        "fraction of samples whose largest flower covers between 2/3 and 3/2 of the item's area",
    ),
];

/// The definition of the metric called `name`.
pub fn metric(name: &str) -> Option<&'static MetricDef> {
    METRICS.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_unique_name() {
        for definition in METRICS {
            assert_eq!(metric(definition.name), Some(definition));
        }
        assert_eq!(metric("charm"), None);
    }
}
