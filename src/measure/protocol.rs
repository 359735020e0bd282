use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How an evaluation is made. Numbers are comparable only under equal protocols.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// What is compared with what: `own-image` compares each item's sample with the item's own photo, `own-features`
    /// what a network sees of both, `sets` what it sees of many samples with what it sees of
    /// photos, `sets-to-infinity` the same extrapolated to endlessly many samples, `between-noises` an item's samples with one another, `recoloured-text` samples
    /// with the colours that their captions were changed to, and `drawn-truth` samples with what was drawn.
    pub kind: String,
    /// The part of the split that the items come from.
    pub split: String,
    /// Side of the compared images, in pixels.
    pub resolution: u32,
    /// The seed that the items and their noise are drawn with.
    pub seed: u64,
    /// The items, in the order of the sample grid.
    pub items: Vec<ProtocolItem>,
    /// Fingerprint of the data set that the items come from.
    pub data: String,
    /// The network, its layer, weights and sizes, where features are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extractor: Option<String>,
    /// Samples of an item, where they are compared with one another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noises: Option<u32>,
    /// How many samples are drawn and against what, where sets are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sets: Option<ProtocolSets>,
}

/// How sets of pictures are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolSets {
    /// Samples that are drawn.
    pub samples: u32,
    /// Photos that they are held against.
    pub photos: u32,
    /// How pictures become the network's size: `clean` or `legacy`.
    pub resizer: String,
    /// From how many samples up, and at how many numbers of them, where the line to endlessly many is laid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<(u32, u32)>,
}

/// One held-out image and the caption that is drawn from.
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
    /// The id of a series that no protocol applies to. It is a value, not a null, so that uniqueness holds.
    pub fn none() -> Self {
        Self("none".to_owned())
    }

    /// An id read back from the database.
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
        serde_json::to_string(self).expect("a protocol holds only strings and integers")
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
        // What is new in a protocol must leave old ones as they are.
        assert!(["extractor", "noises", "sets"].iter().all(|new| !protocol.json().contains(new)));
        let with = Protocol { extractor: Some("alexnet fc7 random:1 64 0.1".into()), ..protocol.clone() };
        assert_ne!(with.id(), protocol.id());
    }
}
