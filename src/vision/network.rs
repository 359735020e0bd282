//! The published networks and their sizes.

use super::error::VisionError;
use crate::word_enum::word_enum;

/// A published network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// AlexNet in torchvision's form (Krizhevsky 2014, arXiv 1404.5997): no local response normalisation.
    AlexNet,
    /// VGG-16 without batch norm (Simonyan & Zisserman 2014, arXiv 1409.1556, configuration D).
    Vgg16,
    /// VGG-19 without batch norm (the same paper, configuration E).
    Vgg19,
    /// Inception-v3 in torchvision's form (Szegedy et al. 2015, arXiv 1512.00567).
    Inception,
    /// The Inception-v3 of 2015-12-05 that defines the Fréchet Inception Distance, in the form of pytorch-fid and
    /// torch-fidelity: average poolings exclude padding, the last block has a max pooling, and there are 1008 classes.
    InceptionFid,
}

/// A word that is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network ({known})", known = Network::ALL.map(Network::as_str).join(", "))]
pub struct UnknownNetwork(String);

impl Network {
    /// Every network.
    pub const ALL: [Network; 5] =
        [Network::AlexNet, Network::Vgg16, Network::Vgg19, Network::Inception, Network::InceptionFid];

    /// Its name in settings and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Network::AlexNet => "alexnet",
            Network::Vgg16 => "vgg16",
            Network::Vgg19 => "vgg19",
            Network::Inception => "inception",
            Network::InceptionFid => "inception-fid",
        }
    }

    /// The name of the classification layer in its weights file. It is the last layer; features do not depend on it,
    /// except the logits of Inception networks.
    pub fn classes_layer(self) -> &'static str {
        if self.is_plain() { "classifier.6" } else { "fc" }
    }

    /// Whether a SHA-256, in hexadecimal digits, is that of the published file, whose name has its first eight digits.
    pub fn is_published(self, sha256: &str) -> bool {
        let digits = self.published_file().rsplit_once('-').and_then(|(_, end)| end.strip_suffix(".pth"));
        digits.is_some_and(|digits| sha256.starts_with(digits))
    }

    /// Whether it is a sequence of convolutions, fc6, fc7 and a classification layer: AlexNet and the VGGs.
    pub fn is_plain(self) -> bool {
        match self {
            Network::AlexNet | Network::Vgg16 | Network::Vgg19 => true,
            Network::Inception | Network::InceptionFid => false,
        }
    }

    /// The mean and standard deviation of each channel that normalise images with values in [0, 1].
    ///
    /// ImageNet's for the plain networks; ½ and ½ for both Inception networks, which is 2x − 1. torchvision's
    /// `transform_input=True` has the same result for images that are normalised with ImageNet's values. torch-fidelity
    /// has (x − 128) / 128 for bytes, and pytorch-fid (x − 127.5) / 127.5: they differ by up to 0.0078.
    pub fn normalisation(self) -> ([f32; 3], [f32; 3]) {
        match self.is_plain() {
            true => ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            false => ([0.5; 3], [0.5; 3]),
        }
    }

    /// The smallest input side for which no feature map is empty.
    pub(crate) fn smallest_input(self) -> usize {
        match self {
            Network::AlexNet => 63,
            Network::Vgg16 | Network::Vgg19 => 32,
            Network::Inception | Network::InceptionFid => 75,
        }
    }

    /// The publisher of its form.
    pub(super) fn publisher(self) -> &'static str {
        match self {
            Network::InceptionFid => "pytorch-fid",
            _ => "torchvision",
        }
    }

    /// The name of the publisher's weights file.
    pub(super) fn published_file(self) -> &'static str {
        match self {
            Network::AlexNet => "alexnet-owt-7be5be79.pth",
            Network::Vgg16 => "vgg16-397923af.pth",
            Network::Vgg19 => "vgg19-dcbb9e9d.pth",
            Network::Inception => "inception_v3_google-0cc3c7bd.pth",
            Network::InceptionFid => "pt_inception-2015-12-05-6726825d.pth",
        }
    }
}

word_enum!(Network, UnknownNetwork);

/// The size of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkConfig {
    /// The side of the square input, in pixels: at least 63 for AlexNet, 32 for VGG-16 and VGG-19, and 75 for Inception
    /// networks, or the last feature map would be empty.
    pub input: usize,
    /// The factor of every channel count, and of the 4096 outputs of fc6 and fc7, which are then rounded up to a
    /// multiple of 8: in (0, 4]. The number of classes does not change.
    pub width: f64,
}

impl NetworkConfig {
    /// The published size: width 1, and input 224, or 299 for Inception networks.
    pub fn published(network: Network) -> Self {
        Self { input: if network.is_plain() { 224 } else { 299 }, width: 1.0 }
    }

    /// The channels at this width that correspond to `published` channels.
    pub(super) fn channels(self, published: usize) -> usize {
        // 384 · ⅓ must give 128 channels: without a tolerance, the rounding error of the product could give 136.
        const TOLERANCE: f64 = 1e-9;
        ((published as f64 * self.width / 8.0 - TOLERANCE).ceil() as usize * 8).max(8)
    }

    pub(super) fn check(self, network: Network) -> Result<(), VisionError> {
        let smallest = network.smallest_input();
        if self.input < smallest {
            return Err(VisionError::Input { network, input: self.input, smallest });
        }
        if !(self.width > 0.0 && self.width <= 4.0) {
            return Err(VisionError::Width { width: self.width });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_rounded_up_to_a_multiple_of_eight() {
        let channels = |width, published| NetworkConfig { input: 224, width }.channels(published);
        assert_eq!([64, 192, 384, 4096].map(|published| channels(1.0, published)), [64, 192, 384, 4096]);
        assert_eq!([64, 192, 4096].map(|published| channels(0.25, published)), [16, 48, 1024]);
        // 6.4 and 409.6
        assert_eq!([64, 4096].map(|published| channels(0.1, published)), [8, 416]);
        assert_eq!(channels(1.0 / 3.0, 384), 128);
        assert_eq!(channels(1e-6, 64), 8);
    }

    #[test]
    fn published_files_are_recognised_by_the_digits_in_their_names() {
        assert!(Network::InceptionFid.is_published(&format!("6726825d{}", "0".repeat(56))));
        assert!(!Network::InceptionFid.is_published(&format!("7be5be79{}", "0".repeat(56))));
        assert!(Network::AlexNet.is_published(&format!("7be5be79{}", "0".repeat(56))));
        assert!(!Network::Vgg19.is_published(""));
    }

    #[test]
    fn a_network_is_parsed_from_its_name() {
        for network in Network::ALL {
            assert_eq!(network.as_str().parse(), Ok(network));
        }
        let error = "vgg11".parse::<Network>().unwrap_err().to_string();
        assert_eq!(error, "`vgg11` is not a network (alexnet, vgg16, vgg19, inception, inception-fid)");
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let check = |network, input, width| NetworkConfig { input, width }.check(network);
        assert!(check(Network::AlexNet, 63, 1.0).is_ok() && check(Network::Vgg16, 32, 4.0).is_ok());
        let error = check(Network::AlexNet, 62, 1.0).unwrap_err();
        assert_eq!(error.to_string(), "alexnet cannot process 62×62 pixels: it requires at least 63×63");
        assert!(check(Network::Inception, 75, 0.1).is_ok() && check(Network::InceptionFid, 74, 0.1).is_err());
        for width in [0.0, -1.0, 4.1, f64::NAN] {
            assert!(matches!(check(Network::Vgg16, 64, width), Err(VisionError::Width { .. })));
        }
    }
}
