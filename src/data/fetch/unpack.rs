//! Unpacking an archive that somebody else made: only what has a place in the layout is written.

use super::error::ArchiveError;
use crate::data::Part;
use crate::fetch::{FetchError, disk};
use flate2::read::GzDecoder;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};
use tar::{Entry, EntryType};

/// What was found in an archive.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Entries without a place in the layout.
    pub passed_over: usize,
    /// The first of them.
    pub first: Option<String>,
}

/// Why an archive was not unpacked.
pub(super) enum Failure {
    /// The archive is not good.
    Archive(ArchiveError),
    /// The disk is not.
    Disk(FetchError),
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        Failure::Archive(error)
    }
}

/// Unpacks into an empty folder the files that are expected: paths below the data set's root, all of one part.
///
/// Leading folders are dropped. A file, folder or link that has no place in the layout is passed over; nothing is
/// made for it.
///
/// # Errors
///
/// If an entry has an absolute path or one with `..`, is a link or device under the name of a picture or caption,
/// is there twice, is no image that the labels list, or is larger than any such file; if the archive is damaged or
/// one of the expected files is not in it.
pub(super) fn unpack(
    archive: &Path,
    part: Part,
    expected: &BTreeSet<String>,
    into: &Path,
    mut tell: impl FnMut(usize),
) -> Result<Found, Failure> {
    let file = File::open(archive).map_err(|error| Failure::Disk(disk(archive)(error)))?;
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::with_capacity(1 << 18, file)));
    let (mut found, mut seen) = (Found::default(), BTreeSet::new());
    for entry in tar.entries().map_err(ArchiveError::Damaged)? {
        let mut entry = entry.map_err(ArchiveError::Damaged)?;
        let shown = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let refused = |why| ArchiveError::Refused { entry: shown.clone(), why };
        let path = entry.path().map_err(ArchiveError::Damaged)?.into_owned();
        let Some(names) = plain(&path) else { return Err(refused("leads out of the folder").into()) };
        let kind = entry.header().entry_type();
        let Some(name) = place(part, &names) else {
            if !kind.is_dir() && kind != EntryType::XGlobalHeader {
                found.passed_over += 1;
                found.first.get_or_insert(shown);
            }
            continue;
        };
        if !matches!(kind, EntryType::Regular | EntryType::Continuous) {
            return Err(refused("is a link, a folder or a device").into());
        }
        if !expected.contains(&name) {
            return Err(refused("is of no image and class that the labels list").into());
        }
        if !seen.insert(name.clone()) {
            return Err(refused("is there twice").into());
        }
        let bytes = contents(&mut entry, part, &shown)?;
        write(&into.join(&name), &bytes).map_err(Failure::Disk)?;
        tell(seen.len());
    }
    let missing: Vec<&String> = expected.difference(&seen).collect();
    if let Some(&first) = missing.first() {
        let (missing, expected, first) = (missing.len(), expected.len(), first.clone());
        return Err(ArchiveError::Missing { missing, expected, first }.into());
    }
    drain(tar.into_inner())?;
    Ok(found)
}

/// The names that a relative path is made of, without `.`; none if it leads out of its folder.
fn plain(path: &Path) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name.to_str().unwrap_or("\u{fffd}")),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(names)
}

/// The path below the root of something with this path in an archive, if it has the form of this part's files.
fn place(part: Part, names: &[&str]) -> Option<String> {
    let picture = |name: &str, stem: &str, end: &str| {
        let digits = name.strip_prefix(stem).and_then(|name| name.strip_suffix(end));
        digits.is_some_and(|digits| digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let entry = part.entry();
    match (part, names) {
        (Part::Photos, [.., folder, name]) if *folder == entry && picture(name, "image_", ".jpg") => {}
        (Part::Segmentations, [.., folder, name]) if *folder == entry && picture(name, "segmim_", ".jpg") => {}
        (Part::Captions, [.., folder, class, name])
            if *folder == entry && picture(class, "class_", "") && picture(name, "image_", ".txt") =>
        {
            return Some(format!("{folder}/{class}/{name}"));
        }
        _ => return None,
    }
    Some(format!("{entry}/{}", names.last()?))
}

/// The largest file of a part, in bytes: the official ones stay far below.
fn at_most(part: Part) -> u64 {
    match part {
        Part::Photos | Part::Segmentations => 32 << 20,
        Part::Captions | Part::Labels | Part::SetId => 1 << 20,
    }
}

fn contents(entry: &mut Entry<'_, impl Read>, part: Part, shown: &str) -> Result<Vec<u8>, ArchiveError> {
    let (bytes, at_most) = (entry.size(), at_most(part));
    if bytes > at_most {
        return Err(ArchiveError::Oversize { entry: shown.into(), bytes, at_most });
    }
    let mut contents = Vec::with_capacity(bytes as usize);
    entry.read_to_end(&mut contents).map_err(ArchiveError::Damaged)?;
    match contents.len() as u64 == bytes {
        true => Ok(contents),
        false => Err(ArchiveError::Damaged(std::io::ErrorKind::UnexpectedEof.into())),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(disk(folder))?;
    }
    std::fs::write(path, bytes).map_err(disk(path))
}

/// Reads to the end, where gzip keeps the checksum of all that came before.
fn drain(mut rest: impl Read) -> Result<(), ArchiveError> {
    // A tar archive ends in padding. Whoever appends more than this is not worth the wait.
    const PADDING: u64 = 64 << 20;
    let count = std::io::copy(&mut rest.by_ref().take(PADDING), &mut std::io::sink()).map_err(ArchiveError::Damaged)?;
    match count < PADDING {
        true => Ok(()),
        false => Err(ArchiveError::Damaged(std::io::Error::other("it goes on behind its end"))),
    }
}

/// Moves what was unpacked in `from` to where it belongs below `root`. Nothing that is there is overwritten, save
/// empty files. Gives how many files were put there.
pub(super) fn put(from: &Path, root: &Path, part: Part, expected: &BTreeSet<String>) -> Result<usize, FetchError> {
    let whole = root.join(part.entry());
    // One rename puts all in place at once, and all of it is on the disk by then.
    let folder = File::open(from).map_err(disk(from))?;
    rustix::fs::syncfs(&folder).map_err(|error| disk(from)(error.into()))?;
    if !whole.exists() {
        std::fs::rename(from.join(part.entry()), &whole).map_err(disk(&whole))?;
        return Ok(expected.len());
    }
    let mut count = 0;
    for name in expected.iter().filter(|name| !is_there(&root.join(name))) {
        let place: PathBuf = root.join(name);
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder).map_err(disk(folder))?;
        }
        std::fs::rename(from.join(name), &place).map_err(disk(&place))?;
        count += 1;
    }
    Ok(count)
}

/// Whether a file is there and not empty.
pub(super) fn is_there(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.len() > 0)
}

#[cfg(test)]
mod tests;
