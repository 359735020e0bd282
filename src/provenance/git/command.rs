//! Running git so that nothing of a user's settings changes its answer, within one time for all calls.

use std::ffi::OsStr;
use std::io::{Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// Variables of git that are passed on: where its settings are and how far up it looks. All others could name another
/// repository, another index or a program to be run.
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

/// Settings that are the same in every call. A file-system monitor is a program that may hang.
const SETTINGS: [&str; 7] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "diff.mnemonicPrefix=false",
    "diff.noprefix=false",
    "diff.orderFile=/dev/null",
    "diff.suppressBlankEmpty=false",
    "status.renames=false",
];

/// Bytes of an error message that are kept.
const REASON: u64 = 4 << 10;

/// How often a process that has closed its output is asked whether it has ended.
const POLL: Duration = Duration::from_millis(1);

/// Why there is no answer.
#[derive(Clone, Debug)]
pub enum GitError {
    /// It could not be started, or read from.
    Start(Arc<std::io::Error>),
    /// It took longer than all calls together may take.
    NoAnswer {
        /// How long they may take.
        limit: Duration,
    },
    /// It ended with an error. The reason is empty where it gives none.
    Refused {
        /// Its exit code; `None` if a signal ended it.
        code: Option<i32>,
        /// What it wrote to standard error.
        reason: String,
    },
    /// It wrote more than is read; the beginning is kept.
    TooLong {
        /// What was read.
        beginning: Vec<u8>,
    },
}

impl std::fmt::Display for GitError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Start(error) => write!(f, "git cannot be started: {error}"),
            Self::NoAnswer { limit } => {
                write!(f, "git did not answer within {} s: run `git status` here to see why", limit.as_secs_f32())
            }
            Self::Refused { code: Some(code), reason } if reason.is_empty() => {
                write!(f, "git ended with exit code {code} and gave no reason")
            }
            Self::Refused { reason, .. } if reason.is_empty() => write!(f, "a signal ended git"),
            Self::Refused { reason, .. } => write!(f, "{reason}"),
            Self::TooLong { beginning } => write!(f, "git wrote more than {} bytes", beginning.len()),
        }
    }
}

/// A time within which all calls of git together have to end.
pub struct Git {
    limit: Duration,
    deadline: Instant,
}

impl Git {
    /// Calls that together take `limit` at most; it begins now.
    pub fn within(limit: Duration) -> Self {
        Self { limit, deadline: Instant::now() + limit }
    }

    /// Calls that together take half of the time that is left.
    pub fn half(&self) -> Self {
        Self::within(self.left() / 2)
    }

    /// What git prints in `folder`, if it ends well.
    ///
    /// # Errors
    ///
    /// If it does not start, answer or end well, or prints more. Nothing of it is left running then.
    pub fn call(&self, folder: &Path, call: &Call) -> Result<Vec<u8>, GitError> {
        if self.left().is_zero() {
            return Err(self.no_answer());
        }
        let mut child = call.command(folder).spawn().map_err(|error| GitError::Start(error.into()))?;
        let answer = self.answer(&mut child, call);
        if answer.is_err() {
            end(child);
        }
        answer
    }

    /// One line, without its end. Exit code 1 without a reason is an empty line: git says by it that a value is not set.
    ///
    /// # Errors
    ///
    /// As [`Git::call`].
    pub fn line(&self, folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        match self.call(folder, &Call::of(arguments)) {
            Ok(mut line) => {
                line.pop_if(|last| *last == b'\n');
                Ok(line)
            }
            Err(GitError::Refused { code: Some(1), reason }) if reason.is_empty() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn answer(&self, child: &mut Child, call: &Call) -> Result<Vec<u8>, GitError> {
        if let (Some(mut input), Some(pipe)) = (child.stdin.take(), &call.input) {
            let bytes = pipe.clone();
            // A child that ends early closes the pipe; its exit code says why.
            std::thread::spawn(move || input.write_all(&bytes));
        }
        let output = reader(child.stdout.take(), call.length as u64 + 1);
        let reason = reader(child.stderr.take(), REASON);
        let output = self.wait_for(&output)?;
        if output.len() > call.length {
            return Err(GitError::TooLong { beginning: output[..call.length].to_vec() });
        }
        let status = self.end_of(child)?;
        if status.success() {
            return Ok(output);
        }
        let reason = String::from_utf8_lossy(&self.wait_for(&reason)?).trim().to_owned();
        Err(GitError::Refused { code: status.code(), reason })
    }

    fn wait_for(&self, bytes: &Receiver<std::io::Result<Vec<u8>>>) -> Result<Vec<u8>, GitError> {
        match bytes.recv_timeout(self.left()) {
            Ok(bytes) => bytes.map_err(|error| GitError::Start(error.into())),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(self.no_answer()),
        }
    }

    fn end_of(&self, child: &mut Child) -> Result<ExitStatus, GitError> {
        loop {
            match child.try_wait().map_err(|error| GitError::Start(error.into()))? {
                Some(status) => return Ok(status),
                None if self.left().is_zero() => return Err(self.no_answer()),
                None => std::thread::sleep(POLL),
            }
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn no_answer(&self) -> GitError {
        GitError::NoAnswer { limit: self.limit }
    }
}

/// One call of git.
pub struct Call {
    arguments: Vec<std::ffi::OsString>,
    input: Option<Vec<u8>>,
    length: usize,
    quote: bool,
    index: Option<PathBuf>,
}

impl Call {
    /// A call without input whose answer is short.
    pub fn of(arguments: &[impl AsRef<OsStr>]) -> Self {
        let arguments = arguments.iter().map(|argument| argument.as_ref().to_owned()).collect();
        Self { arguments, input: None, length: 64 << 10, quote: false, index: None }
    }

    /// With more arguments.
    pub fn and(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// With `bytes` as its standard input.
    pub fn input(self, bytes: Vec<u8>) -> Self {
        Self { input: Some(bytes), ..self }
    }

    /// With an answer of at most `bytes`.
    pub fn length(self, bytes: usize) -> Self {
        Self { length: bytes, ..self }
    }

    /// With the names of files in patches in ASCII.
    pub fn quote(self, quote: bool) -> Self {
        Self { quote, ..self }
    }

    /// With the file `path` as the index, and not the repository's own.
    pub fn index(self, path: &Path) -> Self {
        Self { index: Some(path.to_owned()), ..self }
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        command.arg("--no-pager").arg("-C").arg(folder);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.args(["-c", if self.quote { "core.quotepath=on" } else { "core.quotepath=off" }]);
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
            // Messages in English; nothing is written, asked for, fetched or replaced; a name is no pattern.
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Its own group, so that what it started ends with it.
            .process_group(0);
        command
    }
}

/// Reads `length` bytes at most in a thread of its own: a process that writes to two pipes is not held up by either.
fn reader(pipe: Option<impl Read + Send + 'static>, length: u64) -> Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let Some(mut pipe) = pipe else { return };
        let mut bytes = Vec::new();
        let read = pipe.by_ref().take(length).read_to_end(&mut bytes).map(|_| bytes);
        let full = read.as_ref().is_ok_and(|bytes| bytes.len() as u64 == length);
        // Nobody waits for it any more after the deadline.
        let _unread = sender.send(read);
        if full {
            // The rest is thrown away, so that the process is not stopped by a full pipe.
            let _unread = std::io::copy(&mut pipe, &mut std::io::sink());
        }
    });
    receiver
}

/// Ends a process and what it started. It is not waited for here: one that hangs in the kernel, on a network file
/// system that is gone, cannot be ended.
fn end(mut child: Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by itself since.
        let _ended = kill_process_group(group, Signal::KILL);
    }
    std::thread::spawn(move || child.wait());
}
