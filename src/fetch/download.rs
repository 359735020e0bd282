//! Downloading one file, with retries.

use super::client::{self, RequestError, Response, ResumePoint};
use super::error::{FetchError, WrongFile};
use super::event::Event;
use super::part::{Part, PartInfo};
use super::source::Source;
use crate::file_kind::FileKind;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often and after which delay a failed transfer is retried.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// The maximum number of consecutive attempts without new bytes.
    pub attempts: u32,
    /// The delay after the first failed attempt. It doubles after each further one, up to 30 s.
    pub initial_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 6, initial_delay: Duration::from_secs(1) }
    }
}

impl RetryPolicy {
    fn delay(&self, failures: u32) -> Duration {
        (self.initial_delay * (1 << (failures - 1).min(16))).min(Duration::from_secs(30))
    }
}

/// The download of one file.
pub(super) struct Download<'a> {
    pub source: &'a Source,
    pub url: &'a str,
    pub folder: &'a Path,
    pub retry: RetryPolicy,
    pub on_event: &'a dyn Fn(Event<'_>),
}

impl Download<'_> {
    /// Downloads the file to `<name>.part` and returns this path. The file has the length that the server sent.
    ///
    /// # Errors
    ///
    /// If the server does not have the file or sends a web page, the connection fails too often, the file is too large,
    /// or it cannot be written. The bytes received so far are used by the next download.
    pub(super) fn run(&self) -> Result<PathBuf, FetchError> {
        let mut part = Part::open(self.folder, self.source.name, self.url)?;
        let mut failures = 0;
        loop {
            let before = part.bytes();
            match self.attempt(&mut part) {
                Ok(()) => return part.finish(),
                Err(RequestError::Permanent(error)) => {
                    part.close();
                    return Err(error);
                }
                Err(RequestError::Temporary(reason)) => {
                    failures = if part.bytes() > before { 1 } else { failures + 1 };
                    if failures >= self.retry.attempts {
                        let (url, attempts, bytes) = (self.url.into(), failures, part.bytes());
                        part.close();
                        return Err(FetchError::Interrupted { url, attempts, bytes, reason });
                    }
                    let delay = self.retry.delay(failures);
                    (self.on_event)(Event::Retry { reason: &reason, delay });
                    std::thread::sleep(delay);
                }
            }
        }
    }

    /// One connection, to the end of the file or until it fails.
    fn attempt(&self, part: &mut Part) -> Result<(), RequestError> {
        let version = part.info().version.clone();
        let existing = (part.bytes() > 0).then(|| ResumePoint { bytes: part.bytes(), version: version.as_deref() });
        let response = client::get(self.url, existing.as_ref())?;
        let total = match response.status {
            206 => self.resume(part, &response)?,
            200 => self.begin(part, &response)?,
            416 if response.range.is_some_and(|(_, length)| length == Some(part.bytes())) => return Ok(()),
            416 => {
                self.discard(part)?;
                return Err(RequestError::Temporary("the server does not have the rest of the file".into()));
            }
            status @ (408 | 429 | 500..=599) => {
                return Err(RequestError::Temporary(format!("the server returned HTTP status {status}")));
            }
            status => return Err(RequestError::Permanent(FetchError::Status { url: self.url.into(), status })),
        };
        (self.on_event)(Event::Started { url: self.url, existing: part.bytes(), total });
        if let Some(total) = total {
            self.check_length(total)?;
        }
        self.copy(part, response)?;
        match total {
            Some(total) if part.bytes() != total => {
                Err(RequestError::Temporary(format!("the file ends after {} of {total} bytes", part.bytes())))
            }
            _ => Ok(()),
        }
    }

    /// The server sends the rest of the file. Returns the length of the complete file.
    fn resume(&self, part: &mut Part, response: &Response) -> Result<Option<u64>, RequestError> {
        let (first, length) = response.range.unwrap_or((None, None));
        let is_same_file = length.is_none() || part.info().total.is_none_or(|total| Some(total) == length);
        if first != Some(part.bytes()) || !is_same_file {
            self.discard(part)?;
            return Err(RequestError::Temporary("the server sends another part of the file than requested".into()));
        }
        Ok(length.or_else(|| response.length.map(|rest| part.bytes() + rest)))
    }

    /// The server sends the file from the first byte. Returns the length of the complete file.
    fn begin(&self, part: &mut Part, response: &Response) -> Result<Option<u64>, RequestError> {
        // Checked before the existing bytes are discarded: the next response may be the file again.
        if response.is_html {
            let (name, source) = (self.source.name.into(), WrongFile::Kind(FileKind::WebPage));
            return Err(RequestError::Permanent(FetchError::WrongFile { name, moved_to: None, source }));
        }
        self.discard(part)?;
        let info = PartInfo { url: self.url.into(), version: response.version.clone(), total: response.length };
        part.set_info(info).map_err(RequestError::Permanent)?;
        Ok(response.length)
    }

    fn discard(&self, part: &mut Part) -> Result<(), RequestError> {
        if part.bytes() > 0 {
            (self.on_event)(Event::Restarted { discarded: part.bytes() });
        }
        part.clear().map_err(RequestError::Permanent)
    }

    fn copy(&self, part: &mut Part, mut response: Response) -> Result<(), RequestError> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match response.body.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    self.check_length(part.bytes() + count as u64)?;
                    part.append(&buffer[..count]).map_err(RequestError::Permanent)?;
                    (self.on_event)(Event::Progress(part.bytes()));
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(RequestError::Temporary(error.to_string())),
            }
        }
    }

    fn check_length(&self, bytes: u64) -> Result<(), RequestError> {
        let max_bytes = self.source.max_bytes;
        match bytes > max_bytes {
            true => Err(RequestError::Permanent(FetchError::TooLarge { url: self.url.into(), max_bytes })),
            false => Ok(()),
        }
    }
}
