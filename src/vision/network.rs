//! Which network, and how large.

use super::error::VisionError;
use super::inception::{self, Table};
use super::layout::{ALEXNET, Layout, VGG16, VGG19};
use std::fmt;
use std::str::FromStr;

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
    /// The Inception-v3 of 2015-12-05 that the Fréchet Inception Distance is defined by, in the form of pytorch-fid and
    /// torch-fidelity: average pools leave padding out, the last block has a max pool, and classes are 1008.
    InceptionFid,
}

/// What a network is made of.
pub(super) enum Architecture {
    Plain(&'static Layout),
    Inception(&'static Table),
}

/// A word that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network ({known})", known = Network::ALL.map(Network::as_str).join(", "))]
pub struct UnknownNetwork(String);

impl Network {
    /// Every network.
    pub const ALL: [Network; 5] =
        [Network::AlexNet, Network::Vgg16, Network::Vgg19, Network::Inception, Network::InceptionFid];

    /// The word for it in settings and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Network::AlexNet => "alexnet",
            Network::Vgg16 => "vgg16",
            Network::Vgg19 => "vgg19",
            Network::Inception => "inception",
            Network::InceptionFid => "inception-fid",
        }
    }

    /// The name of the layer that scores classes, in its weights file: the last, behind everything that features are
    /// taken of but an Inception's logits.
    pub fn classes_layer(self) -> &'static str {
        match self.architecture() {
            Architecture::Plain(_) => "classifier.6",
            Architecture::Inception(_) => "fc",
        }
    }

    /// Whether a file of this SHA-256, in hex, is the published one: the file's name has its first eight digits.
    pub fn is_published(self, sha256: &str) -> bool {
        let digits = self.published_file().rsplit_once('-').and_then(|(_, end)| end.strip_suffix(".pth"));
        digits.is_some_and(|digits| sha256.starts_with(digits))
    }

    /// Whether it ends in fc6, fc7 and a layer of classes, as AlexNet and the VGGs do.
    pub fn is_plain(self) -> bool {
        matches!(self.architecture(), Architecture::Plain(_))
    }

    /// The mean and deviation of each channel, of values in [0, 1], that images are given less and over.
    ///
    /// ImageNet's for the plain networks; ½ and ½ for both Inceptions, which is 2x − 1. torchvision's
    /// `transform_input=True` amounts to the same: it turns what ImageNet's mean and deviation made into that.
    /// torch-fidelity has (x − 128) / 128 of bytes in place of (x − 127.5) / 127.5 (pytorch-fid), up to 0.0078 apart.
    pub fn normalisation(self) -> ([f32; 3], [f32; 3]) {
        match self.architecture() {
            Architecture::Plain(_) => ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            Architecture::Inception(_) => ([0.5; 3], [0.5; 3]),
        }
    }

    pub(super) fn architecture(self) -> Architecture {
        match self {
            Network::AlexNet => Architecture::Plain(&ALEXNET),
            Network::Vgg16 => Architecture::Plain(&VGG16),
            Network::Vgg19 => Architecture::Plain(&VGG19),
            Network::Inception => Architecture::Inception(inception::torchvision()),
            Network::InceptionFid => Architecture::Inception(inception::fid()),
        }
    }

    /// The smallest side that it can look at.
    pub(crate) fn smallest_input(self) -> usize {
        match self.architecture() {
            Architecture::Plain(layout) => layout.smallest_input,
            Architecture::Inception(_) => inception::SMALLEST_INPUT,
        }
    }

    /// Whose form it has.
    pub(super) fn publisher(self) -> &'static str {
        match self {
            Network::InceptionFid => "pytorch-fid",
            _ => "torchvision",
        }
    }

    /// The publisher's file of ImageNet weights.
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

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Network {
    type Err = UnknownNetwork;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|network| network.as_str() == word);
        known.ok_or_else(|| UnknownNetwork(word.to_owned()))
    }
}

/// The size of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkConfig {
    /// The side of the square input, in pixels: at least 63 for AlexNet, whose last map would be empty below
    /// that, 32 for VGG-16 and VGG-19, and 75 for Inceptions.
    pub input: usize,
    /// What every channel count, and the 4096 of fc6 and fc7, is multiplied by (then rounded up to a multiple
    /// of 8): in (0, 4]. Classes stay as many.
    pub width: f64,
}

impl NetworkConfig {
    /// The size that was published: width 1 and input 224, of Inceptions 299.
    pub fn published(network: Network) -> Self {
        let input = match network.architecture() {
            Architecture::Plain(_) => 224,
            Architecture::Inception(_) => 299,
        };
        Self { input, width: 1.0 }
    }

    /// `published` channels at this width.
    pub(super) fn channels(self, published: usize) -> usize {
        // A width such as 1/3 of 384 must not become 136 for the last bit of a product.
        const SLACK: f64 = 1e-9;
        ((published as f64 * self.width / 8.0 - SLACK).ceil() as usize * 8).max(8)
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
    fn published_files_are_known_by_the_digits_in_their_names() {
        assert!(Network::InceptionFid.is_published(&format!("6726825d{}", "0".repeat(56))));
        assert!(!Network::InceptionFid.is_published(&format!("7be5be79{}", "0".repeat(56))));
        assert!(Network::AlexNet.is_published(&format!("7be5be79{}", "0".repeat(56))));
        assert!(!Network::Vgg19.is_published(""));
    }

    #[test]
    fn a_network_is_known_by_its_word() {
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
        assert_eq!(error.to_string(), "alexnet cannot look at 62×62 pixels: at least 63×63");
        assert!(check(Network::Inception, 75, 0.1).is_ok() && check(Network::InceptionFid, 74, 0.1).is_err());
        for width in [0.0, -1.0, 4.1, f64::NAN] {
            assert!(matches!(check(Network::Vgg16, 64, width), Err(VisionError::Width { .. })));
        }
    }
}
