//! The device of tensors: the only module that names CUDA or flex.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

/// The requested device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceSpec {
    /// The first CUDA device if there is one, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
    /// The CUDA device with that number.
    Cuda(usize),
}

/// Why a device cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The word is not a device.
    #[error("`{0}` is not a device")]
    Unknown(String),
    /// This binary was built without CUDA.
    #[error("cuda:{0} was requested, but this jem was built without CUDA")]
    NotBuilt(usize),
    /// There is no such GPU.
    #[error("cuda:{index} was requested, but this machine has {found} CUDA device(s)")]
    Missing {
        /// The requested number.
        index: usize,
        /// The number of CUDA devices.
        found: usize,
    },
}

impl DeviceError {
    /// How to resolve it.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            DeviceError::Unknown(_) => "write auto, cpu or cuda:<number>",
            DeviceError::NotBuilt(_) => "build it with `cargo build --release --features cuda`, or use --device cpu",
            DeviceError::Missing { .. } => "use --device cpu, or --device auto to use a GPU only if there is one",
        };
        Some(help.to_owned())
    }
}

impl FromStr for DeviceSpec {
    type Err = DeviceError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "auto" => Ok(DeviceSpec::Auto),
            "cpu" => Ok(DeviceSpec::Cpu),
            "cuda" => Ok(DeviceSpec::Cuda(0)),
            _ => match word.strip_prefix("cuda:").and_then(|index| index.parse().ok()) {
                Some(index) => Ok(DeviceSpec::Cuda(index)),
                None => Err(DeviceError::Unknown(word.to_owned())),
            },
        }
    }
}

impl fmt::Display for DeviceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceSpec::Auto => f.write_str("auto"),
            DeviceSpec::Cpu => f.write_str("cpu"),
            DeviceSpec::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

impl DeviceSpec {
    /// The device to use, checked to exist: never `Auto`.
    ///
    /// # Errors
    ///
    /// If a CUDA device was requested that does not exist, or that this binary cannot use.
    pub fn choose(self) -> Result<Self, DeviceError> {
        match self {
            DeviceSpec::Auto if cuda_devices() > 0 => Ok(DeviceSpec::Cuda(0)),
            DeviceSpec::Auto | DeviceSpec::Cpu => Ok(DeviceSpec::Cpu),
            DeviceSpec::Cuda(index) if !cfg!(feature = "cuda") => Err(DeviceError::NotBuilt(index)),
            DeviceSpec::Cuda(index) => match cuda_devices() {
                found if index < found => Ok(self),
                found => Err(DeviceError::Missing { index, found }),
            },
        }
    }

    /// Opens the device.
    ///
    /// # Errors
    ///
    /// As [`DeviceSpec::choose`].
    pub fn open(self) -> Result<Device, DeviceError> {
        match self.choose()? {
            #[cfg(feature = "cuda")]
            DeviceSpec::Cuda(index) => Ok(Device::cuda(index)),
            #[cfg(not(feature = "cuda"))]
            DeviceSpec::Cuda(index) => Err(DeviceError::NotBuilt(index)),
            DeviceSpec::Auto | DeviceSpec::Cpu => Ok(Device::flex()),
        }
    }
}

#[cfg(feature = "cuda")]
fn cuda_devices() -> usize {
    Device::enumerate(burn::tensor::DeviceType::Cuda).into_vec().len()
}

#[cfg(not(feature = "cuda"))]
fn cuda_devices() -> usize {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_parsed() {
        assert_eq!("cuda:1".parse(), Ok(DeviceSpec::Cuda(1)));
        assert_eq!("auto".parse(), Ok(DeviceSpec::Auto));
        assert_eq!("gpu".parse::<DeviceSpec>(), Err(DeviceError::Unknown("gpu".into())));
    }

    #[test]
    fn a_missing_gpu_is_an_error() {
        assert!(DeviceSpec::Cuda(99).open().is_err());
        assert!(DeviceSpec::Cpu.open().is_ok());
    }
}
