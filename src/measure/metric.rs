use std::fmt;

use serde::{Deserialize, Serialize};

/// Which way a metric improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Smaller values are better.
    Lower,
    /// Larger values are better.
    Higher,
    /// Neither end is better: the value describes, it does not rank.
    Neutral,
}

impl Direction {
    /// The word kept in the database.
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
    /// The label on axes and in table heads.
    pub title: &'static str,
    /// The unit; empty for plain numbers.
    pub unit: &'static str,
    /// Which way it improves.
    pub direction: Direction,
    /// Whether it depends on the machine, and so is exempt from bit-identity.
    pub volatile: bool,
    /// What it is, in a sentence.
    pub about: &'static str,
}

const fn describes(name: &'static str, title: &'static str, about: &'static str) -> MetricDef {
    MetricDef { name, title, unit: "", direction: Direction::Neutral, volatile: false, about }
}

const fn measures(name: &'static str, title: &'static str, direction: Direction, about: &'static str) -> MetricDef {
    MetricDef { name, title, unit: "", direction, volatile: false, about }
}

/// Every metric, by the name it is stored under.
pub const METRICS: &[MetricDef] = &[
    describes("d_loss", "D loss", "weighted sum of the discriminator's situations, mean over the epoch's steps"),
    describes("d_loss_real", "D loss, real", "cross-entropy of a real image with its own text (target real)"),
    describes(
        "d_loss_wrong",
        "D loss, wrong text",
        "cross-entropy of a real image with another class's text (target fake)",
    ),
    describes(
        "d_loss_guide",
        "D loss, wrong guide",
        "cross-entropy of a real image with its text beside another image's guide (target fake)",
    ),
    describes("d_loss_fake", "D loss, fake", "cross-entropy of a generated image with its text (target fake)"),
    describes("d_accuracy_real", "D accuracy, real", "share of real images with their own text that D takes for real"),
    describes(
        "d_accuracy_wrong",
        "D accuracy, wrong text",
        "share of real images with another class's text that D rejects",
    ),
    describes(
        "d_accuracy_guide",
        "D accuracy, wrong guide",
        "share of real images beside another image's guide that D rejects",
    ),
    describes("d_accuracy_fake", "D accuracy, fake", "share of generated images that D rejects"),
    describes("g_loss", "G loss", "the generator's whole loss, mean over the epoch's steps"),
    describes("g_loss_cls", "G loss, own text", "cross-entropy of generated images with their text (target real)"),
    describes(
        "g_loss_int",
        "G loss, mixed text",
        "cross-entropy of images generated from interpolated text (target real)",
    ),
    describes(
        "g_loss_reconstruction",
        "G loss, reconstruction",
        "mean absolute difference of generated images, in [−1, 1], to the images that their guides come from; unweighted",
    ),
    describes(
        "g_loss_guide_match",
        "G loss, guide match",
        "squared distance of generated images' features to those of the guide pictures over the square of these; \
         unweighted",
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
        about: "share of the epoch's steps' time spent waiting for a batch, 0 to 1",
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
    measures(
        "feature_distance",
        "Feature distance",
        Direction::Lower,
        "distance of a network's features to those of each held-out item's own image, over the length of these, mean; \
         0 equal",
    ),
    measures(
        "lpips",
        "LPIPS",
        Direction::Lower,
        "learned perceptual distance to each held-out item's own image (Zhang et al. 2018, version 0.1), mean; 0 equal",
    ),
    measures(
        "fid",
        "FID",
        Direction::Lower,
        "Fréchet distance of Inception-v3's pool3 features (pt_inception-2015-12-05) of samples to those of photos \
         (Heusel et al. 2017); 0 equal",
    ),
    measures(
        "kid",
        "KID",
        Direction::Lower,
        "unbiased squared MMD of the same features under a cubic kernel (Bińkowski et al. 2018), mean over subsets; \
         0 expected where equal",
    ),
    measures(
        "inception_score",
        "IS",
        Direction::Higher,
        "exponential of the mean divergence of Inception-v3's classes of a sample from those of all (Salimans et al. \
         2016), mean of ten parts; 1 to 1008",
    ),
    measures(
        "frechet_distance",
        "FD",
        Direction::Lower,
        "Fréchet distance of a network's features of samples to those of photos; 0 equal. Other networks give other numbers",
    ),
    measures(
        "kernel_distance",
        "KD",
        Direction::Lower,
        "unbiased squared MMD of a network's features under a cubic kernel, mean over subsets; 0 expected where equal",
    ),
    measures(
        "precision",
        "Precision",
        Direction::Higher,
        "share of samples whose features lie among those of photos, by 3 neighbours (Kynkäänniemi et al. 2019)",
    ),
    measures(
        "recall",
        "Recall",
        Direction::Higher,
        "share of photos whose features lie among those of samples, by 3 neighbours (Kynkäänniemi et al. 2019)",
    ),
    measures(
        "density",
        "Density",
        Direction::Higher,
        "photos' neighbourhoods that a sample lies in, over the 5 neighbours that make one (Naeem et al. 2020); 1 expected \
         where equal",
    ),
    measures(
        "coverage",
        "Coverage",
        Direction::Higher,
        "share of photos with a sample among their 5 neighbours (Naeem et al. 2020)",
    ),
    measures(
        "fid_infinity",
        "FID∞",
        Direction::Lower,
        "FID that endlessly many samples would have, by a line over 1/N (Chong and Forsyth 2020); photos stay as many as \
         they are. Taken once, when a run ends",
    ),
    measures("frechet_infinity", "FD∞", Direction::Lower, "the same of another network's features"),
    measures(
        "diversity",
        "Diversity",
        Direction::Higher,
        "root mean square difference in [0, 1] between samples of one item from different noises, mean over pairs and \
         items; 0 where noise does nothing",
    ),
    measures(
        "text_sensitivity",
        "Text sensitivity",
        Direction::Higher,
        "share of held-out items whose largest flower takes the colour that the caption is changed to, noise and guide \
         unchanged; 1/9 by chance",
    ),
    measures(
        "bloom_count",
        "Right count",
        Direction::Higher,
        "share of samples that show as many flowers as the item's own drawn image",
    ),
    measures(
        "bloom_colour",
        "Right colour",
        Direction::Higher,
        "share of samples whose largest flower has the colour of the item's, among nine",
    ),
    measures(
        "bloom_place",
        "Right place",
        Direction::Higher,
        "share of samples whose largest flower lies within a tenth of the side of the item's",
    ),
    measures(
        "bloom_size",
        "Right size",
        Direction::Higher,
        "share of samples whose largest flower covers between 2/3 and 3/2 of the item's area",
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
    fn every_metric_is_found_by_its_one_name() {
        for definition in METRICS {
            assert_eq!(metric(definition.name), Some(definition));
        }
        assert_eq!(metric("charm"), None);
    }
}
