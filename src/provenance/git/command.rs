//! Running git independently of the user's settings, with one time limit for all commands.

use std::ffi::OsStr;
use std::io::{Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// Environment variables of git that are passed on: locations of settings, and limits of the repository search. All
/// others could select another repository or index, or run a program.
const PASSED_ON: [&str; 8] = [
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_SYSTEM",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EXEC_PATH",
];

/// Settings for every command. A file-system monitor is disabled since it may hang.
const SETTINGS: [&str; 7] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "diff.mnemonicPrefix=false",
    "diff.noprefix=false",
    "diff.orderFile=/dev/null",
    "diff.suppressBlankEmpty=false",
    "status.renames=false",
];

/// Bytes of an error message that are read.
const MAX_REASON: u64 = 4 << 10;

/// The interval at which the end of a process is checked after it closed its output.
const POLL: Duration = Duration::from_millis(1);

/// Why a git command gave no complete output.
#[derive(Clone, Debug)]
pub enum GitError {
    /// Git could not be started, or its output could not be read.
    Start(Arc<std::io::Error>),
    /// The time limit of all commands passed.
    Timeout {
        /// The time limit.
        limit: Duration,
    },
    /// Git ended with an error.
    Failed {
        /// Its exit code; `None` if a signal ended it.
        code: Option<i32>,
        /// Its standard error; may be empty.
        reason: String,
    },
    /// Git wrote more than the limit.
    TooLong {
        /// The output up to the limit.
        beginning: Vec<u8>,
    },
}

impl std::fmt::Display for GitError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Start(error) => write!(f, "git cannot be started: {error}"),
            Self::Timeout { limit } => {
                write!(f, "git did not answer within {} s: run `git status` here to see why", limit.as_secs_f32())
            }
            Self::Failed { code: Some(code), reason } if reason.is_empty() => {
                write!(f, "git ended with exit code {code} and gave no reason")
            }
            Self::Failed { reason, .. } if reason.is_empty() => write!(f, "a signal ended git"),
            Self::Failed { reason, .. } => write!(f, "{reason}"),
            Self::TooLong { beginning } => write!(f, "git wrote more than {} bytes", beginning.len()),
        }
    }
}

/// Runs git commands with one time limit for all of them.
pub struct Git {
    limit: Duration,
    deadline: Instant,
}

impl Git {
    /// Starts the time limit now.
    pub fn with_limit(limit: Duration) -> Self {
        Self { limit, deadline: Instant::now() + limit }
    }

    /// A limit of half of the remaining time, for some of the commands.
    pub fn half_remaining(&self) -> Self {
        Self::with_limit(self.remaining() / 2)
    }

    /// Runs a command in `folder` and returns its standard output.
    ///
    /// # Errors
    ///
    /// If git does not start, fails, exceeds the time limit or prints too much. Its processes are then killed.
    pub fn run(&self, folder: &Path, command: &GitCommand) -> Result<Vec<u8>, GitError> {
        if self.remaining().is_zero() {
            return Err(self.timeout());
        }
        let mut child = command.process(folder).spawn().map_err(|error| GitError::Start(error.into()))?;
        let result = self.output_of(&mut child, command);
        if result.is_err() {
            kill(child);
        }
        result
    }

    /// Runs a command that prints one line, and returns it without its end. Exit code 1 without a message gives an
    /// empty line: git reports an unset value in this way.
    ///
    /// # Errors
    ///
    /// As [`Git::run`].
    pub fn line(&self, folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        match self.run(folder, &GitCommand::new(arguments)) {
            Ok(mut line) => {
                line.pop_if(|last| *last == b'\n');
                Ok(line)
            }
            Err(GitError::Failed { code: Some(1), reason }) if reason.is_empty() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn output_of(&self, child: &mut Child, command: &GitCommand) -> Result<Vec<u8>, GitError> {
        if let (Some(mut input), Some(pipe)) = (child.stdin.take(), &command.input) {
            let bytes = pipe.clone();
            // A write error is ignored: a child that ends early closes the pipe, and its exit code shows the error.
            std::thread::spawn(move || input.write_all(&bytes));
        }
        let output = reader(child.stdout.take(), command.max_output as u64 + 1);
        let reason = reader(child.stderr.take(), MAX_REASON);
        let output = self.wait_for_output(&output)?;
        if output.len() > command.max_output {
            return Err(GitError::TooLong { beginning: output[..command.max_output].to_vec() });
        }
        let status = self.wait_for_exit(child)?;
        if status.success() {
            return Ok(output);
        }
        let reason = String::from_utf8_lossy(&self.wait_for_output(&reason)?).trim().to_owned();
        Err(GitError::Failed { code: status.code(), reason })
    }

    fn wait_for_output(&self, bytes: &Receiver<std::io::Result<Vec<u8>>>) -> Result<Vec<u8>, GitError> {
        match bytes.recv_timeout(self.remaining()) {
            Ok(bytes) => bytes.map_err(|error| GitError::Start(error.into())),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(self.timeout()),
        }
    }

    fn wait_for_exit(&self, child: &mut Child) -> Result<ExitStatus, GitError> {
        loop {
            match child.try_wait().map_err(|error| GitError::Start(error.into()))? {
                Some(status) => return Ok(status),
                None if self.remaining().is_zero() => return Err(self.timeout()),
                None => std::thread::sleep(POLL),
            }
        }
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn timeout(&self) -> GitError {
        GitError::Timeout { limit: self.limit }
    }
}

/// A git command.
pub struct GitCommand {
    arguments: Vec<std::ffi::OsString>,
    input: Option<Vec<u8>>,
    max_output: usize,
    quote_names: bool,
    index: Option<PathBuf>,
}

impl GitCommand {
    /// A command without input and with at most 64 KiB of output.
    pub fn new(arguments: &[impl AsRef<OsStr>]) -> Self {
        let arguments = arguments.iter().map(|argument| argument.as_ref().to_owned()).collect();
        Self { arguments, input: None, max_output: 64 << 10, quote_names: false, index: None }
    }

    /// Adds arguments.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets the standard input.
    pub fn input(self, bytes: Vec<u8>) -> Self {
        Self { input: Some(bytes), ..self }
    }

    /// Sets the maximum length of the output in bytes.
    pub fn max_output(self, bytes: usize) -> Self {
        Self { max_output: bytes, ..self }
    }

    /// Quotes non-ASCII bytes in file names in patches.
    pub fn quote_names(self, quote_names: bool) -> Self {
        Self { quote_names, ..self }
    }

    /// Uses the file `path` as the index instead of the repository's index.
    pub fn index(self, path: &Path) -> Self {
        Self { index: Some(path.to_owned()), ..self }
    }

    fn process(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        command.arg("--no-pager").arg("-C").arg(folder);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.args(["-c", if self.quote_names { "core.quotepath=on" } else { "core.quotepath=off" }]);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let passed_on = PASSED_ON.contains(&&*text)
                || text.starts_with("GIT_CONFIG_KEY_")
                || text.starts_with("GIT_CONFIG_VALUE_");
            if text.starts_with("GIT_") && !passed_on {
                command.env_remove(&name);
            }
        }
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
            .args(&self.arguments)
            // English messages; no optional writes, prompts, fetches or replaced objects; names are not patterns.
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A separate process group, so that its children can be killed with it.
            .process_group(0);
        command
    }
}

/// Reads at most `max_output` bytes in a new thread, so that neither of two pipes blocks the process.
fn reader(pipe: Option<impl Read + Send + 'static>, max_output: u64) -> Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let Some(mut pipe) = pipe else { return };
        let mut bytes = Vec::new();
        let read = pipe.by_ref().take(max_output).read_to_end(&mut bytes).map(|_| bytes);
        let full = read.as_ref().is_ok_and(|bytes| bytes.len() as u64 == max_output);
        // After the deadline, nobody receives it.
        let _unread = sender.send(read);
        if full {
            // Discard the rest, so that a full pipe does not block the process.
            let _unread = std::io::copy(&mut pipe, &mut std::io::sink());
        }
    });
    receiver
}

/// Kills a process and its children, without waiting: a process that hangs in the kernel, for example on a lost network
/// file system, does not end.
fn kill(mut child: Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended already.
        let _ended = kill_process_group(group, Signal::KILL);
    }
    std::thread::spawn(move || child.wait());
}
