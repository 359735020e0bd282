//! Which layers each network has, as far as a plan needs to know.

/// The names of a network's layers, from the input on; none for a word that is no network.
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
        "inception" | "inception-fid" => &[
            "pool1",
            "pool2",
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
            "pool3",
            "logits_unbiased",
            "logits",
        ],
        _ => &[],
    }
}
