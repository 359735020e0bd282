use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How values of an evaluation are computed. Values are comparable only under equal protocols.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// What is compared: `own-image` each item's sample with its own image; `own-features` the features of both;
    /// `own-perception` both by LPIPS; `sets` the features of many samples with those of photographs; `sets-to-infinity` the same extrapolated to infinitely
    /// many samples; `between-noises` the samples of an item with each other; `recoloured-text` samples with the
    /// changed colours of their captions; `drawn-truth` samples with the drawn flowers.
    pub kind: String,
    /// The part of the split of the items.
    pub split: String,
    /// Side of the compared images, in pixels.
    pub resolution: u32,
    /// The seed of the choice of items and of their noise.
    pub seed: u64,
    /// The items, in the order of the image grid of samples.
    pub items: Vec<ProtocolItem>,
    /// Fingerprint of the data set of the items.
    pub data: String,
    /// The network, its layer, weights and sizes, if features are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extractor: Option<String>,
    /// Samples of an item, if they are compared with each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noises: Option<u32>,
    /// The sizes of the sets, if sets are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sets: Option<ProtocolSets>,
}

/// How sets of images are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolSets {
    /// The number of samples.
    pub samples: u32,
    /// The number of photographs.
    pub photos: u32,
    /// How images are resized to the network's input: `clean` or `legacy`.
    pub resizer: String,
    /// The smallest number of samples and the number of points, if a line is fitted to extrapolate to infinitely many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<(u32, u32)>,
}

/// One held-out image and the caption for its sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolItem {
    /// The image's number in the data set.
    pub image: u32,
    /// Its class, 1 to 102.
    pub class: u16,
    /// The caption given to the generator.
    pub caption: String,
}

/// The hash of a protocol; `none` for training metrics, which have no protocol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProtocolId(String);

impl ProtocolId {
    /// The id of a series without a protocol. It is a value, not a null, so that the database can check uniqueness.
    pub fn none() -> Self {
        Self("none".to_owned())
    }

    /// An id as stored in the database.
    pub fn from_stored(id: String) -> Self {
        Self(id)
    }

    /// The id as stored: `none`, or 16 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Protocol {
    /// The canonical JSON of the protocol.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a protocol contains only strings and integers")
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the canonical JSON.
    pub fn id(&self) -> ProtocolId {
        let digest = Sha256::digest(self.json().as_bytes());
        ProtocolId(hex::encode(&digest[..8]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_of_a_protocol_changes_its_id() {
        let item = ProtocolItem { image: 1, class: 2, caption: "a red flower".into() };
        let protocol = Protocol {
            kind: "own-image".into(),
            split: "val".into(),
            resolution: 64,
            seed: 1,
            items: vec![item],
            data: "ab".into(),
            extractor: None,
            noises: None,
            sets: None,
        };
        let mut other = protocol.clone();
        other.items[0].caption = "a blue flower".into();
        assert_eq!(protocol.id(), protocol.clone().id());
        assert_ne!(protocol.id(), other.id());
        assert_eq!(protocol.id().as_str().len(), 16);
        // New fields must not change the ids of old protocols.
        assert!(["extractor", "noises", "sets"].iter().all(|new| !protocol.json().contains(new)));
        let with = Protocol { extractor: Some("alexnet fc7 random:1 64 0.1".into()), ..protocol.clone() };
        assert_ne!(with.id(), protocol.id());
    }
}
