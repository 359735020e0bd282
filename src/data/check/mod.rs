//! Check of a data set in the official layout: reports all problems of all files.
//!
//! Every image is decoded completely and every caption file is read; nothing is written. Each thread has one image in
//! memory.
//!
//! An image file with changed bytes may still decode, to another image. Only a digest shows this: see
//! [`CheckReport::manifest`].

mod captions;
mod finding;
mod image_file;
mod listing;
mod manifest;
mod tables;

pub use finding::{Finding, FindingKind, Severity};

use super::layout::{caption_file, image_file, segmentation_file};
use super::{DataError, LayoutPart};
use captions::{CheckedCaptions, check_captions};
use image_file::check_image;
use listing::{Files, image_number, list};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts of a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Images that the labels list.
    pub images: usize,
    /// Classes with at least one image.
    pub classes: usize,
    /// Caption lines with text.
    pub captions: usize,
    /// Blank caption lines.
    pub blank_lines: usize,
    /// Images whose file has the same contents as an earlier one.
    pub duplicates: usize,
}

/// The result of a check.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// Counts of the data set.
    pub summary: Summary,
    /// The findings, sorted: errors first, then by file.
    pub findings: Vec<Finding>,
    /// The SHA-256 of every file, by its path below the root.
    digests: BTreeMap<String, [u8; 32]>,
}

impl CheckReport {
    /// The number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn add(&mut self, file: String, digest: Option<[u8; 32]>, findings: Vec<Finding>) {
        self.findings.extend(findings);
        self.digests.extend(digest.map(|digest| (file, digest)));
    }
}

/// Checks a data set in the official layout. Several threads call `progress` with the number of images done and the
/// number of all images.
///
/// # Errors
///
/// If the folder does not exist. All other problems are findings.
pub fn check(root: &Path, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<CheckReport, DataError> {
    if !root.is_dir() {
        return Err(DataError::NoRoot { path: root.into() });
    }
    let mut report = CheckReport::default();
    let labels = tables::check_labels(root);
    report.add(LayoutPart::Labels.entry().into(), labels.digest, labels.findings);
    let parts = [LayoutPart::Images, LayoutPart::Segmentations, LayoutPart::Captions];
    let files = parts.map(|part| list(root, part, &mut report.findings));
    let images = images(labels.values, &files[0]);
    let split = tables::check_split(root, images.len());
    report.add(LayoutPart::Split.entry().into(), split.digest, split.findings);
    let segmented = root.join(LayoutPart::Segmentations.entry()).is_dir();
    if !segmented {
        let message = "missing: required only for guides with segmentations";
        let finding = Finding::warning(LayoutPart::Segmentations.entry(), FindingKind::Missing, message);
        report.findings.push(finding);
    }
    let done = AtomicUsize::new(0);
    let results = images.par_iter().map(|image| {
        let result = image.check(root, segmented);
        progress(1 + done.fetch_add(1, Ordering::Relaxed), images.len());
        result
    });
    let results: Vec<ImageResult> = results.collect();
    summarise(&mut report, &images, results);
    check_unlisted(root, &mut report, &images, &files);
    report.findings.sort_unstable();
    Ok(report)
}

/// The images that the labels list or, without labels, the images that have a file.
fn images(labels: Option<Vec<Option<u16>>>, files: &Files) -> Vec<Image> {
    match labels {
        Some(labels) => (1..).zip(labels).map(|(id, class)| Image { id, class }).collect(),
        None => files.iter().filter_map(|name| image_number(name)).map(|id| Image { id, class: None }).collect(),
    }
}

/// An image of the data set.
struct Image {
    id: u32,
    /// The class, if it is known. The path of the captions depends on it.
    class: Option<u16>,
}

/// The result for one image and its segmentation and captions.
struct ImageResult {
    /// The SHA-256 of the image file.
    image: Option<[u8; 32]>,
    /// The SHA-256 of the segmentation file.
    segmentation: Option<[u8; 32]>,
    captions: CheckedCaptions,
    findings: Vec<Finding>,
}

impl Image {
    fn file(&self) -> String {
        image_file(self.id)
    }

    fn segmentation(&self) -> String {
        segmentation_file(self.id)
    }

    fn captions(&self) -> Option<String> {
        Some(caption_file(self.class?, self.id))
    }

    fn check(&self, root: &Path, segmented: bool) -> ImageResult {
        let image = check_image(root, &self.file());
        let mut findings = image.findings;
        let mut digest = None;
        if segmented {
            let name = self.segmentation();
            let segmentation = check_image(root, &name);
            digest = segmentation.digest;
            findings.extend(segmentation.findings);
            if let (Some((width, height)), Some(size)) = (image.size, segmentation.size)
                && size != (width, height)
            {
                let message = format!("{}×{} pixels, but the image has {width}×{height}", size.0, size.1);
                findings.push(Finding::error(&name, FindingKind::Size, message));
            }
        }
        let mut captions = self.captions().map(|name| check_captions(root, &name)).unwrap_or_default();
        findings.append(&mut captions.findings);
        ImageResult { image: image.digest, segmentation: digest, captions, findings }
    }
}

fn summarise(report: &mut CheckReport, images: &[Image], results: Vec<ImageResult>) {
    let usual = most_frequent(results.iter().filter_map(|result| result.captions.lines));
    let mut first: HashMap<[u8; 32], u32> = HashMap::new();
    let mut classes: Vec<u16> = images.iter().filter_map(|image| image.class).collect();
    classes.sort_unstable();
    classes.dedup();
    (report.summary.images, report.summary.classes) = (images.len(), classes.len());
    for (image, result) in images.iter().zip(results) {
        let file = image.file();
        if let Some(digest) = result.image
            && let Some(&earlier) = first.get(&digest)
        {
            let message = format!("same contents as {}", image_file(earlier));
            report.findings.push(Finding::warning(&file, FindingKind::Duplicate, message));
            report.summary.duplicates += 1;
        } else {
            first.extend(result.image.map(|digest| (digest, image.id)));
        }
        if let (Some(lines), Some(name)) = (result.captions.lines, image.captions()) {
            report.summary.captions += result.captions.captions;
            report.summary.blank_lines += result.captions.blank;
            if Some(lines) != usual {
                let message = format!("{lines} lines; most caption files have {}", usual.unwrap_or_default());
                report.findings.push(Finding::warning(&name, FindingKind::Lines, message));
            }
        }
        report.add(file, result.image, result.findings);
        report.add(image.segmentation(), result.segmentation, Vec::new());
        report.digests.extend(image.captions().zip(result.captions.digest));
    }
}

/// The most frequent value; of several equally frequent ones, the greatest.
fn most_frequent(values: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    counts.into_iter().max_by_key(|&(value, count)| (count, value)).map(|(value, _)| value)
}

/// Reports files of images that the labels do not list, and a number of image files that differs from that of the
/// labels.
fn check_unlisted(root: &Path, report: &mut CheckReport, images: &[Image], files: &[Files; 3]) {
    let count = files[0].len();
    if count != images.len() {
        let message = format!("{count} image files, but the labels list {} images", images.len());
        report.findings.push(Finding::warning(LayoutPart::Images.entry(), FindingKind::Count, message));
    }
    // Without a class, the path of the captions is unknown.
    let classless: HashSet<u32> = images.iter().filter(|image| image.class.is_none()).map(|image| image.id).collect();
    let classless = |name: &str| image_number(name).is_some_and(|id| classless.contains(&id));
    let names = images.iter().flat_map(|image| [Some(image.file()), Some(image.segmentation()), image.captions()]);
    let listed: Files = names.flatten().collect();
    for name in files.iter().flat_map(|files| files.difference(&listed)) {
        let digest = std::fs::read(root.join(name)).map(|bytes| <sha2::Sha256 as sha2::Digest>::digest(&bytes).into());
        let belongs = name.starts_with(LayoutPart::Captions.entry()) && classless(name);
        let message = "not a file of an image that the labels list";
        let findings = if belongs { Vec::new() } else { vec![Finding::warning(name, FindingKind::Unlisted, message)] };
        report.add(name.clone(), digest.ok(), findings);
    }
}

#[cfg(test)]
mod tests;
