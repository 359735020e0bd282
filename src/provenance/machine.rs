//! The machine and its GPU.

use std::process::Command;

use serde::Serialize;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// The machine that a run is trained on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The host name.
    pub host: String,
    /// The operating system and its version.
    pub system: String,
    /// The version of the kernel.
    pub kernel: String,
    /// The name of the processor.
    pub cpu: String,
    /// The number of logical cores.
    pub cores: usize,
    /// Memory in bytes.
    pub memory: u64,
}

/// A GPU, as reported by its driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gpu {
    /// Its name.
    pub name: String,
    /// The version of the driver.
    pub driver: String,
    /// Its memory, with the unit, such as `143771 MiB`.
    pub memory: String,
}

impl Machine {
    /// This machine. Unknown text fields are empty.
    pub fn this() -> Self {
        let fields = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(fields);
        Self {
            host: System::host_name().unwrap_or_default(),
            system: System::long_os_version().unwrap_or_default(),
            kernel: System::kernel_version().unwrap_or_default(),
            cpu: system.cpus().first().map(|cpu| cpu.brand().to_owned()).unwrap_or_default(),
            cores: system.cpus().len(),
            memory: system.total_memory(),
        }
    }
}

impl Gpu {
    /// The GPU named by `device`, such as `cuda:0`; `None` for another device or if `nvidia-smi` fails.
    pub fn of(device: &str) -> Option<Self> {
        let index = device.strip_prefix("cuda:")?;
        let output = Command::new("nvidia-smi")
            .args(["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader", "--id", index])
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        parse(&String::from_utf8_lossy(&output.stdout))
    }
}

fn parse(line: &str) -> Option<Gpu> {
    let mut fields = line.lines().next()?.split(", ").map(|field| field.trim().to_owned());
    Some(Gpu { name: fields.next()?, driver: fields.next()?, memory: fields.next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_a_name_cores_and_memory() {
        let machine = Machine::this();
        assert!(!machine.host.is_empty());
        assert!(machine.cores >= 1 && machine.memory > 1 << 20);
    }

    #[test]
    fn the_output_of_the_driver_is_parsed() {
        let gpu = parse("NVIDIA H200, 575.57.08, 143771 MiB\n").unwrap();
        assert_eq!((gpu.name.as_str(), gpu.memory.as_str()), ("NVIDIA H200", "143771 MiB"));
        assert_eq!(parse("no devices"), None);
        assert_eq!(Gpu::of("cpu"), None);
    }
}
