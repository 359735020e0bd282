//! Which network, and how large.

use super::error::VisionError;
use std::fmt;
use std::str::FromStr;

/// A published network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// AlexNet in torchvision's form (Krizhevsky 2014, arXiv 1404.5997): no local response normalisation.
    AlexNet,
    /// VGG-16 without batch norm (Simonyan & Zisserman 2014, arXiv 1409.1556, configuration D).
    Vgg16,
}

/// A word that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network (alexnet, vgg16)")]
pub struct UnknownNetwork(String);

impl Network {
    /// Every network.
    pub const ALL: [Network; 2] = [Network::AlexNet, Network::Vgg16];

    /// The word for it in settings and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Network::AlexNet => "alexnet",
            Network::Vgg16 => "vgg16",
        }
    }

    /// Normalisation.
    pub fn normalisation(self) -> ([f32; 3], [f32; 3]) {
        (super::MEAN, super::DEVIATION)
    }

    /// Classes.
    pub fn classes_layer(self) -> &'static str {
        "classifier.6"
    }

    /// Plain.
    pub fn is_plain(self) -> bool {
        true
    }

    /// torchvision's file of ImageNet weights.
    pub(super) fn published_file(self) -> &'static str {
        match self {
            Network::AlexNet => "alexnet-owt-7be5be79.pth",
            Network::Vgg16 => "vgg16-397923af.pth",
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

/// The size of a network. The published ones have input 224 and width 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkConfig {
    /// The side of the square input, in pixels: at least 63 for AlexNet, whose last map would be empty below
    /// that, and 32 for VGG-16.
    pub input: usize,
    /// What every channel count, and the 4096 of fc6 and fc7, is multiplied by (then rounded up to a multiple
    /// of 8): in (0, 4].
    pub width: f64,
}

impl NetworkConfig {
    /// The size that was published.
    pub const PUBLISHED: NetworkConfig = NetworkConfig { input: 224, width: 1.0 };

    /// `published` channels at this width.
    pub(super) fn channels(self, published: usize) -> usize {
        // A width such as 1/3 of 384 must not become 136 for the last bit of a product.
        const SLACK: f64 = 1e-9;
        ((published as f64 * self.width / 8.0 - SLACK).ceil() as usize * 8).max(8)
    }

    pub(super) fn check(self, network: Network) -> Result<(), VisionError> {
        let smallest = network.layout().smallest_input;
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
    fn a_network_is_known_by_its_word() {
        for network in Network::ALL {
            assert_eq!(network.as_str().parse(), Ok(network));
        }
        assert_eq!("vgg19".parse::<Network>().unwrap_err().to_string(), "`vgg19` is not a network (alexnet, vgg16)");
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let check = |network, input, width| NetworkConfig { input, width }.check(network);
        assert!(check(Network::AlexNet, 63, 1.0).is_ok() && check(Network::Vgg16, 32, 4.0).is_ok());
        let error = check(Network::AlexNet, 62, 1.0).unwrap_err();
        assert_eq!(error.to_string(), "alexnet cannot look at 62×62 pixels: at least 63×63");
        for width in [0.0, -1.0, 4.1, f64::NAN] {
            assert!(matches!(check(Network::Vgg16, 64, width), Err(VisionError::Width { .. })));
        }
    }
}
