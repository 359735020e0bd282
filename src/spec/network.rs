//! The names of the networks' layers, as far as a plan needs them.

use super::list::concat;

/// The layers of AlexNet, VGG-16 and VGG-19: the values of `guide.layer`.
pub const GUIDE_LAYERS: [&str; 28] = [
    "conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "conv1_1", "conv1_2", "conv2_1", "conv2_2",
    "conv3_1", "conv3_2", "conv3_3", "conv3_4", "pool3", "conv4_1", "conv4_2", "conv4_3", "conv4_4", "pool4",
    "conv5_1", "conv5_2", "conv5_3", "conv5_4", "fc6", "fc7",
];

/// The Inception blocks.
const MIXED: [&str; 11] = [
    "Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e", "Mixed_7a",
    "Mixed_7b", "Mixed_7c",
];

/// The outputs of Inception.
const LOGITS: [&str; 2] = ["logits_unbiased", "logits"];

/// The layers of Inception-v3.
const INCEPTION: [&str; 16] = concat(&[&["pool1", "pool2"], &MIXED, &["pool3"], &LOGITS]);

/// The values of `eval.extractor_layer`.
pub const EXTRACTOR_LAYERS: [&str; 41] = concat(&[&GUIDE_LAYERS, &MIXED, &LOGITS]);

/// The names of a network's layers, from the input to the output; empty for `none`.
pub fn layers_of(network: &str) -> &'static [&'static str] {
    match network {
        "alexnet" => &["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "fc6", "fc7"],
        "vgg16" => &[
            "conv1_1", "conv1_2", "pool1", "conv2_1", "conv2_2", "pool2", "conv3_1", "conv3_2", "conv3_3", "pool3",
            "conv4_1", "conv4_2", "conv4_3", "pool4", "conv5_1", "conv5_2", "conv5_3", "pool5", "fc6", "fc7",
        ],
        "vgg19" => &[
            "conv1_1", "conv1_2", "pool1", "conv2_1", "conv2_2", "pool2", "conv3_1", "conv3_2", "conv3_3", "conv3_4",
            "pool3", "conv4_1", "conv4_2", "conv4_3", "conv4_4", "pool4", "conv5_1", "conv5_2", "conv5_3", "conv5_4",
            "pool5", "fc6", "fc7",
        ],
        "inception" | "inception-fid" => &INCEPTION,
        _ => &[],
    }
}
