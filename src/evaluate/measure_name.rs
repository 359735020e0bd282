//! Names of measures. Only the published network gives values that are comparable with published ones.

use crate::metric::FeatureOrigin;
use crate::vision::{Network, NetworkConfig};

/// The network that FID, KID and IS are published with, and the layer of FID and KID.
const NETWORK: Network = Network::InceptionFid;
const LAYER: &str = "pool3";

/// `published` if the features are extracted as for published values, else `other` with the network and the first
/// digits of its weights, as in `FD(alexnet:7be5be79)`.
pub fn measure_name(origin: Option<&FeatureOrigin>, published: &str, other: &str) -> String {
    match origin {
        Some(origin) if is_published(origin) => published.to_owned(),
        Some(origin) => format!("{other}({}:{})", origin.network, short_digest(&origin.weights, 8)),
        None => format!("{other}(unknown)"),
    }
}

/// The first digits of a digest of weights; `random:<seed>` is not shortened.
pub fn short_digest(weights: &str, digits: usize) -> &str {
    if weights.starts_with("random:") { weights } else { weights.get(..digits).unwrap_or(weights) }
}

fn is_published(origin: &FeatureOrigin) -> bool {
    origin.network == NETWORK.as_str()
        && origin.layer == LAYER
        && origin.input == NetworkConfig::published(NETWORK).input
        && origin.width == 1.0
        && NETWORK.is_published(&origin.weights)
}

/// The settings in which two extractions differ, except the version of jem.
pub(super) fn origin_differences(first: &FeatureOrigin, second: &FeatureOrigin) -> Vec<String> {
    let settings = |origin: &FeatureOrigin| {
        [
            ("network", origin.network.clone()),
            ("layer", origin.layer.clone()),
            ("weights", short_digest(&origin.weights, 12).to_owned()),
            ("input", origin.input.to_string()),
            ("width", origin.width.to_string()),
            ("resizer", origin.resizer.clone()),
        ]
    };
    let both = settings(first).into_iter().zip(settings(second));
    both.filter(|(a, b)| a.1 != b.1).map(|((name, a), (_, b))| format!("{name}: {a} and {b}")).collect()
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
    fn only_the_published_extraction_is_called_fid() {
        let name = |origin: &FeatureOrigin| measure_name(Some(origin), "FID", "FD");
        assert_eq!(name(&published()), "FID");
        assert_eq!(name(&FeatureOrigin { resizer: "legacy".into(), ..published() }), "FID");
        let inception = "FD(inception-fid:6726825d)";
        assert_eq!(name(&FeatureOrigin { layer: "Mixed_6e".into(), ..published() }), inception);
        assert_eq!(name(&FeatureOrigin { input: 128, ..published() }), inception);
        assert_eq!(name(&FeatureOrigin { width: 0.5, ..published() }), inception);
        assert_eq!(name(&FeatureOrigin { network: "inception".into(), ..published() }), "FD(inception:6726825d)");
        let other = FeatureOrigin { weights: "b".repeat(64), ..published() };
        assert_eq!(name(&other), "FD(inception-fid:bbbbbbbb)");
        assert_eq!(
            name(&FeatureOrigin { weights: "random:12345678".into(), ..published() }),
            "FD(inception-fid:random:12345678)"
        );
        assert_eq!(measure_name(None, "FID", "FD"), "FD(unknown)");
    }

    #[test]
    fn differences_are_listed_except_the_version() {
        assert!(origin_differences(&published(), &FeatureOrigin { version: "1".into(), ..published() }).is_empty());
        let other = FeatureOrigin { layer: "pool2".into(), resizer: "legacy".into(), ..published() };
        assert_eq!(origin_differences(&published(), &other), ["layer: pool3 and pool2", "resizer: clean and legacy"]);
    }
}
