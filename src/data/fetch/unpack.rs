//! Unpacking of untrusted archives: only files of the layout are written.

use super::error::ArchiveError;
use crate::data::LayoutPart;
use crate::fetch::{FetchError, io_error};
use flate2::read::GzDecoder;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};
use tar::{Entry, EntryType};

/// The entries of an archive that do not belong to the layout and were not unpacked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SkippedEntries {
    /// The number of entries.
    pub entries: usize,
    /// The path of the first one.
    pub first: Option<String>,
}

/// An error of unpacking.
pub(super) enum UnpackError {
    /// The archive is invalid.
    Archive(ArchiveError),
    /// A file or folder cannot be read or written.
    Io(FetchError),
}

impl From<ArchiveError> for UnpackError {
    fn from(error: ArchiveError) -> Self {
        UnpackError::Archive(error)
    }
}

/// Unpacks the `expected` files, which are paths of one part below the root of the data set, into an empty folder.
/// `progress` gets the number of files unpacked.
///
/// Leading folders in the archive are removed. Files, folders and links that do not belong to the layout are skipped.
///
/// # Errors
///
/// If an entry has an absolute path or a path with `..`; if an entry with the name of an image or caption file is a
/// link or a device, is in the archive twice, is not of an image that the labels list, or is larger than the limit; if
/// the archive is damaged; if an expected file is missing.
pub(super) fn unpack(
    archive: &Path,
    part: LayoutPart,
    expected: &BTreeSet<String>,
    into: &Path,
    mut progress: impl FnMut(usize),
) -> Result<SkippedEntries, UnpackError> {
    let file = File::open(archive).map_err(|error| UnpackError::Io(io_error(archive)(error)))?;
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::with_capacity(1 << 18, file)));
    let (mut skipped, mut unpacked) = (SkippedEntries::default(), BTreeSet::new());
    for entry in tar.entries().map_err(ArchiveError::Damaged)? {
        let mut entry = entry.map_err(ArchiveError::Damaged)?;
        let entry_path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let invalid = |reason| ArchiveError::InvalidEntry { entry: entry_path.clone(), reason };
        let path = entry.path().map_err(ArchiveError::Damaged)?.into_owned();
        let Some(names) = components(&path) else { return Err(invalid("has a path outside the folder").into()) };
        let kind = entry.header().entry_type();
        let Some(name) = layout_path(part, &names) else {
            if !kind.is_dir() && kind != EntryType::XGlobalHeader {
                skipped.entries += 1;
                skipped.first.get_or_insert(entry_path);
            }
            continue;
        };
        if !matches!(kind, EntryType::Regular | EntryType::Continuous) {
            return Err(invalid("is a link, a folder or a device").into());
        }
        if !expected.contains(&name) {
            return Err(invalid("is not of an image and class that the labels list").into());
        }
        if !unpacked.insert(name.clone()) {
            return Err(invalid("is in the archive twice").into());
        }
        let bytes = contents(&mut entry, part, &entry_path)?;
        write(&into.join(&name), &bytes).map_err(UnpackError::Io)?;
        progress(unpacked.len());
    }
    let missing: Vec<&String> = expected.difference(&unpacked).collect();
    if let Some(&first) = missing.first() {
        let (missing, expected, first) = (missing.len(), expected.len(), first.clone());
        return Err(ArchiveError::Missing { missing, expected, first }.into());
    }
    read_to_end(tar.into_inner())?;
    Ok(skipped)
}

/// The components of a relative path, without `.`; `None` if the path is absolute or contains `..`.
fn components(path: &Path) -> Option<Vec<&str>> {
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

/// The path below the root for an entry with these path components; `None` if it is not a file of this part.
fn layout_path(part: LayoutPart, names: &[&str]) -> Option<String> {
    let numbered = |name: &str, start: &str, end: &str| {
        let digits = name.strip_prefix(start).and_then(|name| name.strip_suffix(end));
        digits.is_some_and(|digits| digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let entry = part.entry();
    match (part, names) {
        (LayoutPart::Images, [.., folder, name]) if *folder == entry && numbered(name, "image_", ".jpg") => {}
        (LayoutPart::Segmentations, [.., folder, name]) if *folder == entry && numbered(name, "segmim_", ".jpg") => {}
        (LayoutPart::Captions, [.., folder, class, name])
            if *folder == entry && numbered(class, "class_", "") && numbered(name, "image_", ".txt") =>
        {
            return Some(format!("{folder}/{class}/{name}"));
        }
        _ => return None,
    }
    Some(format!("{entry}/{}", names.last()?))
}

/// The maximum size of a file of a part, in bytes. The official files are much smaller.
fn max_bytes(part: LayoutPart) -> u64 {
    match part {
        LayoutPart::Images | LayoutPart::Segmentations => 32 << 20,
        LayoutPart::Captions | LayoutPart::Labels | LayoutPart::Split => 1 << 20,
    }
}

fn contents(entry: &mut Entry<'_, impl Read>, part: LayoutPart, path: &str) -> Result<Vec<u8>, ArchiveError> {
    let (bytes, max_bytes) = (entry.size(), max_bytes(part));
    if bytes > max_bytes {
        return Err(ArchiveError::TooLarge { entry: path.into(), bytes, max_bytes });
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
        std::fs::create_dir_all(folder).map_err(io_error(folder))?;
    }
    std::fs::write(path, bytes).map_err(io_error(path))
}

/// Reads to the end of the gzip stream, so that its checksum is verified.
fn read_to_end(mut rest: impl Read) -> Result<(), ArchiveError> {
    // A tar archive ends with padding. More bytes than this are an error.
    const MAX_PADDING: u64 = 64 << 20;
    let count =
        std::io::copy(&mut rest.by_ref().take(MAX_PADDING), &mut std::io::sink()).map_err(ArchiveError::Damaged)?;
    match count < MAX_PADDING {
        true => Ok(()),
        false => Err(ArchiveError::Damaged(std::io::Error::other("there are more bytes after the end of the archive"))),
    }
}

/// Moves the unpacked files from `from` to the layout below `root`. Existing files are not overwritten, except empty
/// ones. Returns the number of files moved.
pub(super) fn move_files(
    from: &Path,
    root: &Path,
    part: LayoutPart,
    expected: &BTreeSet<String>,
) -> Result<usize, FetchError> {
    let target = root.join(part.entry());
    // All files are on the disk before the rename, which moves the folder as one atomic step.
    let folder = File::open(from).map_err(io_error(from))?;
    rustix::fs::syncfs(&folder).map_err(|error| io_error(from)(error.into()))?;
    if !target.exists() {
        std::fs::rename(from.join(part.entry()), &target).map_err(io_error(&target))?;
        return Ok(expected.len());
    }
    let mut count = 0;
    for name in expected.iter().filter(|name| !is_complete(&root.join(name))) {
        let path: PathBuf = root.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io_error(folder))?;
        }
        std::fs::rename(from.join(name), &path).map_err(io_error(&path))?;
        count += 1;
    }
    Ok(count)
}

/// Whether a file exists and is not empty.
pub(super) fn is_complete(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.len() > 0)
}

#[cfg(test)]
mod tests;
