//! Bringing the bytes of one file, however often the connection breaks.

use super::client::{self, Answer, Held, NoAnswer};
use super::error::{FetchError, WrongFile};
use super::event::Event;
use super::part::{Known, Part};
use super::source::Source;
use crate::file_kind::FileKind;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often and how long a broken connection is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// After so many attempts in a row that brought no byte, it is given up.
    pub attempts: u32,
    /// The wait after the first of them; each further one is twice as long, up to 30 s.
    pub first: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts: 6, first: Duration::from_secs(1) }
    }
}

impl Patience {
    fn wait(&self, failures: u32) -> Duration {
        (self.first * (1 << (failures - 1).min(16))).min(Duration::from_secs(30))
    }
}

/// One file on its way.
pub(super) struct Download<'a> {
    pub source: &'a Source,
    pub url: &'a str,
    pub folder: &'a Path,
    pub patience: Patience,
    pub tell: &'a dyn Fn(Event<'_>),
}

impl Download<'_> {
    /// Brings the file, and gives where it is: `<name>.part`, whole as far as the server's word goes.
    ///
    /// # Errors
    ///
    /// If the server has no such file or sends a page instead, the connection breaks too often, more comes than can
    /// be, or the disk fails. What has come stays for the next time.
    pub(super) fn run(&self) -> Result<PathBuf, FetchError> {
        let mut part = Part::open(self.folder, self.source.name, self.url)?;
        let mut failures = 0;
        loop {
            let before = part.bytes();
            match self.attempt(&mut part) {
                Ok(()) => return part.finish(),
                Err(NoAnswer::Never(error)) => {
                    part.leave();
                    return Err(error);
                }
                Err(NoAnswer::Cut(why)) => {
                    failures = if part.bytes() > before { 1 } else { failures + 1 };
                    if failures >= self.patience.attempts {
                        let (url, attempts, held) = (self.url.into(), failures, part.bytes());
                        part.leave();
                        return Err(FetchError::Cut { url, attempts, held, why });
                    }
                    let wait = self.patience.wait(failures);
                    (self.tell)(Event::Retry { why: &why, wait });
                    std::thread::sleep(wait);
                }
            }
        }
    }

    /// One connection: to the end of the file, or to where it breaks.
    fn attempt(&self, part: &mut Part) -> Result<(), NoAnswer> {
        let version = part.known().version.clone();
        let held = (part.bytes() > 0).then(|| Held { bytes: part.bytes(), version: version.as_deref() });
        let answer = client::get(self.url, held.as_ref())?;
        let total = match answer.status {
            206 => self.go_on(part, &answer)?,
            200 => self.begin(part, &answer)?,
            416 if answer.range.is_some_and(|(_, whole)| whole == Some(part.bytes())) => return Ok(()),
            416 => {
                self.drop_held(part)?;
                return Err(NoAnswer::Cut("the server has not the rest of what is held".into()));
            }
            408 | 429 | 500..=599 => return Err(NoAnswer::Cut(format!("the server answers {}", answer.status))),
            status => return Err(NoAnswer::Never(FetchError::Status { url: self.url.into(), status })),
        };
        (self.tell)(Event::Coming { url: self.url, held: part.bytes(), total });
        if let Some(total) = total {
            self.fits(total)?;
        }
        self.copy(part, answer)?;
        match total {
            Some(total) if part.bytes() != total => {
                Err(NoAnswer::Cut(format!("the file ends after {} of {total} bytes", part.bytes())))
            }
            _ => Ok(()),
        }
    }

    /// The server goes on where it was cut. Gives the whole length.
    fn go_on(&self, part: &mut Part, answer: &Answer) -> Result<Option<u64>, NoAnswer> {
        let (first, whole) = answer.range.unwrap_or((None, None));
        let same =
            first == Some(part.bytes()) && (whole.is_none() || part.known().total.is_none_or(|was| Some(was) == whole));
        if !same {
            self.drop_held(part)?;
            return Err(NoAnswer::Cut("the server goes on elsewhere than it was cut".into()));
        }
        Ok(whole.or_else(|| answer.length.map(|rest| part.bytes() + rest)))
    }

    /// The server begins at the first byte. Gives the whole length.
    fn begin(&self, part: &mut Part, answer: &Answer) -> Result<Option<u64>, NoAnswer> {
        // Before anything is dropped: the next answer may be the file again.
        if answer.page {
            let (name, aside) = (self.source.name.into(), None);
            return Err(NoAnswer::Never(FetchError::Wrong { name, aside, source: WrongFile::Kind(FileKind::WebPage) }));
        }
        self.drop_held(part)?;
        let known = Known { url: self.url.into(), version: answer.version.clone(), total: answer.length };
        part.know(known).map_err(NoAnswer::Never)?;
        Ok(answer.length)
    }

    fn drop_held(&self, part: &mut Part) -> Result<(), NoAnswer> {
        if part.bytes() > 0 {
            (self.tell)(Event::Again { dropped: part.bytes() });
        }
        part.restart().map_err(NoAnswer::Never)
    }

    fn copy(&self, part: &mut Part, mut answer: Answer) -> Result<(), NoAnswer> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match answer.body.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    self.fits(part.bytes() + count as u64)?;
                    part.append(&buffer[..count]).map_err(NoAnswer::Never)?;
                    (self.tell)(Event::Bytes(part.bytes()));
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(NoAnswer::Cut(error.to_string())),
            }
        }
    }

    fn fits(&self, bytes: u64) -> Result<(), NoAnswer> {
        let at_most = self.source.at_most;
        match bytes > at_most {
            true => Err(NoAnswer::Never(FetchError::Long { url: self.url.into(), at_most })),
            false => Ok(()),
        }
    }
}
