//! The process that trains a run, and whether it still runs.

use rustix::process::{Pid, getpid, test_kill_process};

/// A process on a host. Its start time distinguishes it from a later process with the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The host's name.
    pub host: String,
    /// The process's number there.
    pub pid: i64,
    /// Its start, in clock ticks since the host booted; 0 if the system does not provide it.
    pub start: i64,
    /// The device that it trains on.
    pub device: String,
}

impl Worker {
    /// This process.
    pub fn this(device: &str) -> Self {
        let pid = i64::from(getpid().as_raw_nonzero().get());
        Self { host: host(), pid, start: start_of(pid).unwrap_or(0), device: device.to_owned() }
    }

    /// Whether the process is known to have exited. On another host this is unknown, and the lease decides.
    pub(in crate::store) fn has_exited(&self) -> bool {
        if !self.is_on_this_host() {
            return false;
        }
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else { return true };
        let missing = test_kill_process(pid) == Err(rustix::io::Errno::SRCH);
        missing || start_of(self.pid).is_some_and(|start| start != self.start)
    }

    /// Whether the process is, or was, on this host.
    pub(in crate::store) fn is_on_this_host(&self) -> bool {
        self.host == host()
    }
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Field 22 of /proc/<pid>/stat; `None` for a process that has exited and for systems without /proc.
fn start_of(pid: i64) -> Option<i64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the command in parentheses, which may contain spaces and parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    // A zombie has exited.
    if fields.next()? == "Z" {
        return Some(-1);
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_runs_and_one_with_another_start_has_exited() {
        let this = Worker::this("cpu");
        assert!(!this.has_exited());
        assert!(Worker { start: this.start - 1, ..this.clone() }.has_exited());
        assert!(!Worker { host: "elsewhere".into(), start: 1, ..this }.has_exited());
    }
}
