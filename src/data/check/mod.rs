//! Checking a data set: everything that is wrong with it, by name and at once.
//!
//! Every picture is decoded to its end and every caption file read; nothing is written. One image is in memory per
//! thread, whatever the size of the set.
//!
//! Bytes that changed inside a picture may still decode, to another picture. Only a digest shows that: see
//! [`Checked::manifest`].

mod captions;
mod finding;
mod listing;
mod manifest;
mod picture;
mod tables;

pub use finding::{Finding, Kind, Severity};

use super::{DataError, Part};
use captions::captions;
use listing::{Files, list, number};
use picture::picture;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a data set holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Images that the labels list.
    pub images: usize,
    /// Classes that have an image.
    pub classes: usize,
    /// Caption lines with text.
    pub captions: usize,
    /// Caption lines that are blank.
    pub blank_lines: usize,
    /// Photographs that are the same file as an earlier one.
    pub duplicates: usize,
}

/// A data set that was checked.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What it holds.
    pub summary: Summary,
    /// What was found: errors first, each kind by file.
    pub findings: Vec<Finding>,
    /// The SHA-256 of every file, by its path below the root.
    digests: BTreeMap<String, [u8; 32]>,
}

impl Checked {
    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn note(&mut self, name: String, digest: Option<[u8; 32]>, findings: Vec<Finding>) {
        self.findings.extend(findings);
        self.digests.extend(digest.map(|digest| (name, digest)));
    }
}

/// Reads all of a data set in the official layout. `tell` hears from several threads how many images are done, of how
/// many.
///
/// # Errors
///
/// If the folder is not there. All else is a finding.
pub fn check(root: &Path, tell: &(dyn Fn(usize, usize) + Sync)) -> Result<Checked, DataError> {
    if !root.is_dir() {
        return Err(DataError::NoRoot { path: root.into() });
    }
    let mut checked = Checked::default();
    let labels = tables::labels(root);
    checked.note(Part::Labels.entry().into(), labels.digest, labels.findings);
    let there = [Part::Photos, Part::Segmentations, Part::Captions].map(|part| list(root, part, &mut checked.findings));
    let images = images(labels.rows, &there[0]);
    let split = tables::split(root, images.len());
    checked.note(tables::SPLIT.into(), split.digest, split.findings);
    let segmented = root.join(Part::Segmentations.entry()).is_dir();
    if !segmented {
        let what = "missing: only guides with segmentations ask for it";
        checked.findings.push(Finding::warning(Part::Segmentations.entry(), Kind::Missing, what));
    }
    let done = AtomicUsize::new(0);
    let results = images.par_iter().map(|image| {
        let result = image.check(root, segmented);
        tell(1 + done.fetch_add(1, Ordering::Relaxed), images.len());
        result
    });
    let results: Vec<OfImage> = results.collect();
    summarise(&mut checked, &images, results);
    uncounted(root, &mut checked, &images, &there);
    checked.findings.sort_unstable();
    Ok(checked)
}

/// The images that the labels list, or those that have a photograph where there are no labels.
fn images(labels: Option<Vec<Option<u16>>>, photos: &Files) -> Vec<Image> {
    match labels {
        Some(labels) => (1..).zip(labels).map(|(id, class)| Image { id, class }).collect(),
        None => photos.iter().filter_map(|name| number(name)).map(|id| Image { id, class: None }).collect(),
    }
}

/// One image: a photograph, and what belongs to it.
struct Image {
    id: u32,
    /// Where it is known: the captions' folder is named by it.
    class: Option<u16>,
}

/// What was found out about one image.
struct OfImage {
    photo: Option<[u8; 32]>,
    segmentation: Option<[u8; 32]>,
    captions: captions::Captions,
    findings: Vec<Finding>,
}

impl Image {
    fn photo(&self) -> String {
        format!("{}/image_{:05}.jpg", Part::Photos, self.id)
    }

    fn segmentation(&self) -> String {
        format!("{}/segmim_{:05}.jpg", Part::Segmentations, self.id)
    }

    fn captions(&self) -> Option<String> {
        Some(format!("{}/class_{:05}/image_{:05}.txt", Part::Captions, self.class?, self.id))
    }

    fn check(&self, root: &Path, segmented: bool) -> OfImage {
        let photo = picture(root, &self.photo());
        let mut findings = photo.findings;
        let mut digest = None;
        if segmented {
            let name = self.segmentation();
            let cut = picture(root, &name);
            digest = cut.digest;
            findings.extend(cut.findings);
            if let (Some((width, height)), Some(size)) = (photo.size, cut.size)
                && size != (width, height)
            {
                let what = format!("{}×{}, but its photo is {width}×{height}", size.0, size.1);
                findings.push(Finding::error(&name, Kind::Size, what));
            }
        }
        let mut captions = self.captions().map(|name| captions(root, &name)).unwrap_or_default();
        findings.append(&mut captions.findings);
        OfImage { photo: photo.digest, segmentation: digest, captions, findings }
    }
}

fn summarise(checked: &mut Checked, images: &[Image], results: Vec<OfImage>) {
    let usual = usual(results.iter().filter_map(|result| result.captions.lines));
    let mut first: HashMap<[u8; 32], u32> = HashMap::new();
    let mut classes: Vec<u16> = images.iter().filter_map(|image| image.class).collect();
    classes.sort_unstable();
    classes.dedup();
    (checked.summary.images, checked.summary.classes) = (images.len(), classes.len());
    for (image, result) in images.iter().zip(results) {
        let photo = image.photo();
        if let Some(digest) = result.photo
            && let Some(&twin) = first.get(&digest)
        {
            let what = format!("the same file as {}", Image { id: twin, class: None }.photo());
            checked.findings.push(Finding::warning(&photo, Kind::Duplicate, what));
            checked.summary.duplicates += 1;
        } else {
            first.extend(result.photo.map(|digest| (digest, image.id)));
        }
        if let (Some(lines), Some(name)) = (result.captions.lines, image.captions()) {
            checked.summary.captions += result.captions.captions;
            checked.summary.blank_lines += result.captions.blank;
            if Some(lines) != usual {
                let what = format!("{lines} lines, where most have {}", usual.unwrap_or_default());
                checked.findings.push(Finding::warning(&name, Kind::Lines, what));
            }
        }
        checked.note(photo, result.photo, result.findings);
        checked.note(image.segmentation(), result.segmentation, Vec::new());
        checked.digests.extend(image.captions().zip(result.captions.digest));
    }
}

/// The number that comes most often, the greatest of several.
fn usual(numbers: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    numbers.for_each(|number| *counts.entry(number).or_default() += 1);
    counts.into_iter().max_by_key(|&(number, count)| (count, number)).map(|(number, _)| number)
}

/// Files that belong to no image, and a count of photographs that is not that of the labels.
fn uncounted(root: &Path, checked: &mut Checked, images: &[Image], there: &[Files; 3]) {
    let photos = there[0].len();
    if photos != images.len() {
        let what = format!("{photos} pictures are there, and {} images are listed", images.len());
        checked.findings.push(Finding::warning(Part::Photos.entry(), Kind::Count, what));
    }
    // Without a class it is not known where the captions should be.
    let classless: HashSet<u32> = images.iter().filter(|image| image.class.is_none()).map(|image| image.id).collect();
    let classless = |name: &str| number(name).is_some_and(|id| classless.contains(&id));
    let names = images.iter().flat_map(|image| [Some(image.photo()), Some(image.segmentation()), image.captions()]);
    let listed: Files = names.flatten().collect();
    for name in there.iter().flat_map(|files| files.difference(&listed)) {
        let digest = std::fs::read(root.join(name)).map(|bytes| <sha2::Sha256 as sha2::Digest>::digest(&bytes).into());
        let belongs = name.starts_with(Part::Captions.entry()) && classless(name);
        let what = "belongs to no image that the labels list";
        let findings = if belongs { Vec::new() } else { vec![Finding::warning(name, Kind::Uncounted, what)] };
        checked.note(name.clone(), digest.ok(), findings);
    }
}

#[cfg(test)]
mod tests;
