//! Captions of images, as lists of lines or grouped by image.

use sha2::{Digest as _, Sha256};

use super::PrepareError;
use crate::data::{Captions, DataSet};

/// A caption: its image, its line in the image's file (from 1), and its text.
pub(super) type CaptionLine<'a> = (u32, u32, &'a str);

/// All captions of `images`, in the order of the images.
pub(super) fn caption_lines<'a>(captions: &'a Captions, images: &[u32]) -> Vec<CaptionLine<'a>> {
    let of = |id: &u32| {
        let id = *id;
        captions[&id].iter().map(move |caption| (id, caption.line, caption.text.as_str()))
    };
    images.iter().flat_map(of).collect()
}

/// The texts of all captions of `images`, grouped by image, in the order of the images.
///
/// # Errors
///
/// If a caption cannot be read.
pub(super) fn grouped_captions(set: &DataSet, images: &[u32]) -> Result<Vec<Vec<String>>, PrepareError> {
    let (captions, _) = set.captions(images)?;
    let texts = |id: &u32| captions[id].iter().map(|caption| caption.text.clone()).collect();
    Ok(images.iter().map(texts).collect())
}

/// A hash of lines, for cache keys.
pub(super) fn hash_lines(lines: &[&str]) -> String {
    let mut digest = Sha256::new();
    for line in lines {
        digest.update(line.as_bytes());
        digest.update(b"\n");
    }
    hex::encode(&digest.finalize()[..16])
}
