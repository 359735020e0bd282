//! Stand-in for the `cubecl-llvm` of crates.io, so that CUDA support builds without LLVM.
//!
//! `cubecl-cuda` has two ways to compile a kernel: it writes CUDA C++ for NVRTC, or it lowers the
//! kernel through LLVM. The `cuda-cpp` feature of `cubecl`, which `jem` turns on with its own
//! `cuda` feature, chooses NVRTC, but `cubecl-cuda` links `cubecl-llvm` either way, and a build
//! script among the dependencies of that crate downloads a prebuilt LLVM from outside crates.io.
//! This crate takes its place through `[patch.crates-io]`, and the build downloads nothing but
//! crates.
//!
//! It has only what `cubecl-cuda` 0.11.3 names, under the same paths. Whatever LLVM alone could
//! make has no values here: a [`PtxVersion`](nvptx::ptx_version::PtxVersion) and an
//! [`NvptxModule`] cannot be built, so the code in `cubecl-cuda` that reads them cannot run. If
//! the LLVM path is chosen after all, [`PlironCompiler`] answers every kernel with an error that
//! says so.
//!
//! To move to another version of `cubecl`, change the versions in this crate's manifest with it;
//! the compiler then names whatever `cubecl-cuda` has come to use. To build with LLVM instead,
//! remove the patch from the workspace's `Cargo.toml`.

#![warn(missing_docs)]

use core::convert::Infallible;
use core::ffi::c_char;
use core::fmt;

use cubecl_environment::backtrace::BackTrace;
use cubecl_ir::attributes::BufferIOAttr;
use cubecl_ir::nvidia::SmArch;
use cubecl_runtime::compiler::{CompilationError, Compiler};
use cubecl_runtime::kernel::KernelDefinition;

use crate::nvptx::ptx_version::PtxVersion;

/// Mirrors the module of what is particular to NVIDIA devices.
pub mod nvptx {
    /// Mirrors the module that picks the version of PTX for a driver.
    pub mod ptx_version {
        use core::fmt;

        /// Mirrors the version of PTX that LLVM emits. No PTX is emitted here, so it has no
        /// values.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum PtxVersion {}

        impl PtxVersion {
            /// Mirrors the choice of the newest version that a driver loads. It is `None` for
            /// every driver, the answer that leaves the version open.
            pub fn for_driver(_driver: i32) -> Option<Self> {
                None
            }
        }

        impl fmt::Display for PtxVersion {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {}
            }
        }
    }
}

/// Mirrors the module of what the targets have in common.
pub mod shared {
    /// Mirrors the module that says which device features LLVM can lower.
    pub mod lowered_features {
        use cubecl_ir::DeviceProperties;

        /// Mirrors the choice of GPU for [`restrict_features`], with the one kind that
        /// `cubecl-cuda` names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum GpuTarget {
            /// An NVIDIA device.
            Nvptx,
        }

        /// Mirrors the removal of the features that LLVM cannot lower. It changes nothing: no
        /// kernel gets far enough to use one.
        pub fn restrict_features(_properties: &mut DeviceProperties, _target: GpuTarget) {}
    }
}

/// Mirrors the choice of what LLVM compiles for, with the one target that `cubecl-cuda` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LlvmTarget {
    /// An NVIDIA device, through PTX.
    #[default]
    Nvptx,
}

/// Mirrors the options of a compilation. They are taken and never read.
#[derive(Clone, Debug, Default)]
pub struct PlironOptions {
    /// Mirrors the AMD architecture, which a CUDA device leaves unset.
    pub arch: Option<Infallible>,
    /// Mirrors the NVIDIA architecture.
    pub sm_arch: Option<SmArch>,
    /// Mirrors the version of PTX to emit.
    pub ptx_version: Option<PtxVersion>,
    /// Mirrors whether scalars and metadata are passed as kernel parameters.
    pub grid_constants: bool,
}

/// Mirrors a kernel compiled to PTX. It has the fields that `cubecl-cuda` reads, and one that
/// keeps a value from being made.
#[derive(Clone, Debug)]
pub struct NvptxModule {
    /// Mirrors the PTX, with its closing NUL.
    pub ptx: Vec<c_char>,
    /// Mirrors the text of the LLVM IR.
    pub ir: String,
    /// Mirrors the bytes of shared memory that a launch has to reserve.
    pub shared_memory_size: usize,
    /// Mirrors what the kernel does with each buffer, in binding order.
    pub io: Vec<BufferIOAttr>,
    never: Infallible,
}

/// Mirrors what a compilation gives, with the one form that `cubecl-cuda` takes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PlironArtifact {
    /// A kernel compiled to PTX.
    NvptxCode(NvptxModule),
}

impl fmt::Display for PlironArtifact {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NvptxCode(module) => match module.never {},
        }
    }
}

/// Mirrors the compiler that lowers kernels through LLVM. This one refuses every kernel.
#[derive(Clone, Debug, Default)]
pub struct PlironCompiler {
    /// Mirrors what the kernels are compiled for.
    pub target: LlvmTarget,
}

impl Compiler for PlironCompiler {
    type Representation = PlironArtifact;
    type CompilationOptions = PlironOptions;

    /// Fails with [`CompilationError::Generic`] whatever the kernel: there is no LLVM to
    /// compile it.
    fn compile(
        &mut self,
        kernel: KernelDefinition,
        _options: &PlironOptions,
    ) -> Result<PlironArtifact, CompilationError> {
        Err(CompilationError::Generic {
            reason: format!(
                "cannot compile the kernel `{}`: this build has no LLVM backend and compiles \
                 CUDA kernels with NVRTC, which needs the `cuda-cpp` feature of cubecl",
                kernel.settings.kernel_name,
            ),
            backtrace: BackTrace::capture(),
        })
    }

    fn extension(&self) -> &'static str {
        "ll"
    }

    fn lang_tag(&self) -> &'static str {
        "llvm"
    }
}

#[cfg(test)]
mod tests {
    use cubecl_ir::metadata::Info;
    use cubecl_ir::settings::{Dim3, ExecutionMode, KernelSettings};
    use cubecl_ir::{AddressType, Scope};

    use super::*;

    #[test]
    fn a_kernel_is_refused_by_name() {
        let mut settings = KernelSettings::new(Dim3::new_single(), ExecutionMode::Checked, AddressType::U32);
        settings.kernel_name = "matmul".into();
        let kernel = KernelDefinition { body: Scope::dummy(), info: Info::default(), settings };

        let answer = PlironCompiler::default().compile(kernel, &PlironOptions::default());

        let Err(CompilationError::Generic { reason, .. }) = answer else {
            panic!("expected a refusal");
        };
        assert!(reason.contains("`matmul`"), "{reason}");
        assert!(reason.contains("no LLVM backend"), "{reason}");
        assert!(reason.contains("NVRTC"), "{reason}");
    }
}
