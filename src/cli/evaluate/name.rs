//! What a measure may be called. Only one network makes numbers that may stand beside published ones.

use crate::fetch::Published;
use crate::fetch::weights::Weights;
use crate::metric::FeatureOrigin;
use crate::vision::{Network, NetworkConfig};

/// The network by which FID, KID and IS are published, and the layer of FID and KID.
const NETWORK: Network = Network::InceptionFid;
const LAYER: &str = "pool3";

/// `known` for features as they are published with, else `other` with the network and the first digits of its weights.
pub fn name(origin: Option<&FeatureOrigin>, known: &str, other: &str) -> String {
    match origin {
        Some(origin) if is_published(origin) => known.to_owned(),
        Some(origin) => format!("{other}({}:{})", origin.network, digits(&origin.weights, 8)),
        None => format!("{other}(unknown)"),
    }
}

/// The first digits of a digest; a seed as it is.
pub fn digits(weights: &str, count: usize) -> &str {
    if weights.starts_with("random:") { weights } else { weights.get(..count).unwrap_or(weights) }
}

/// Whether a digest is the published one of a file that `jem weights fetch` knows by this name.
pub fn has_published_digest(name: &str, sha256: &str) -> bool {
    let known = Weights::named(name).and_then(|weights| weights.file().published);
    matches!(known, Some(Published::Sha256(published)) if sha256.starts_with(published))
}

fn is_published(origin: &FeatureOrigin) -> bool {
    origin.network == NETWORK.as_str()
        && origin.layer == LAYER
        && origin.input == NetworkConfig::published(NETWORK).input
        && origin.width == 1.0
        && has_published_digest(NETWORK.as_str(), &origin.weights)
}

/// What differs between two ways to make features, the version of jem not counted.
pub fn differences(first: &FeatureOrigin, second: &FeatureOrigin) -> Vec<String> {
    let told = |origin: &FeatureOrigin| {
        [
            ("network", origin.network.clone()),
            ("layer", origin.layer.clone()),
            ("weights", digits(&origin.weights, 12).to_owned()),
            ("input", origin.input.to_string()),
            ("width", origin.width.to_string()),
            ("resizer", origin.resizer.clone()),
        ]
    };
    let both = told(first).into_iter().zip(told(second));
    both.filter(|(one, other)| one.1 != other.1).map(|((what, a), (_, b))| format!("{what}: {a} and {b}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> FeatureOrigin {
        FeatureOrigin {
            network: "inception-fid".into(),
            layer: "pool3".into(),
            weights: format!("6726825d0{}", "a".repeat(55)),
            input: 299,
            width: 1.0,
            resizer: "clean".into(),
            version: "0".into(),
        }
    }

    #[test]
    fn only_the_published_network_makes_a_fid() {
        let of = |origin: &FeatureOrigin| name(Some(origin), "FID", "FD");
        assert_eq!(of(&published()), "FID");
        assert_eq!(of(&FeatureOrigin { resizer: "legacy".into(), ..published() }), "FID");
        let inception = "FD(inception-fid:6726825d)";
        assert_eq!(of(&FeatureOrigin { layer: "Mixed_6e".into(), ..published() }), inception);
        assert_eq!(of(&FeatureOrigin { input: 128, ..published() }), inception);
        assert_eq!(of(&FeatureOrigin { width: 0.5, ..published() }), inception);
        assert_eq!(of(&FeatureOrigin { network: "inception".into(), ..published() }), "FD(inception:6726825d)");
        let other = FeatureOrigin { weights: "b".repeat(64), ..published() };
        assert_eq!(of(&other), "FD(inception-fid:bbbbbbbb)");
        assert_eq!(
            of(&FeatureOrigin { weights: "random:12345678".into(), ..published() }),
            "FD(inception-fid:random:12345678)"
        );
        assert_eq!(name(None, "FID", "FD"), "FD(unknown)");
    }

    #[test]
    fn what_differs_is_named_and_the_version_is_not() {
        assert!(differences(&published(), &FeatureOrigin { version: "1".into(), ..published() }).is_empty());
        let other = FeatureOrigin { layer: "pool2".into(), resizer: "legacy".into(), ..published() };
        assert_eq!(differences(&published(), &other), ["layer: pool3 and pool2", "resizer: clean and legacy"]);
    }
}
