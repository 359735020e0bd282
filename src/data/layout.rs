//! The official layout of Oxford-102 on disk: its parts and the names of its files.

use std::fmt;

/// A part of the official layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutPart {
    /// The images.
    Images,
    /// The class of every image.
    Labels,
    /// The captions, one text file per image.
    Captions,
    /// The segmented images with a blue background.
    Segmentations,
    /// The official split.
    Split,
}

impl LayoutPart {
    /// The file or folder of this part, below the root.
    pub fn entry(self) -> &'static str {
        match self {
            LayoutPart::Images => "jpg",
            LayoutPart::Labels => "imagelabels.mat",
            LayoutPart::Captions => "text_c10",
            LayoutPart::Segmentations => "segmim",
            LayoutPart::Split => "setid.mat",
        }
    }

    /// What the part contains, for error messages.
    pub(super) fn description(self) -> &'static str {
        match self {
            LayoutPart::Images => "the images, jpg/image_00001.jpg, jpg/image_00002.jpg, … (from 102flowers.tgz)",
            LayoutPart::Labels => "imagelabels.mat, whose variable `labels` is the class of every image",
            LayoutPart::Captions => "the captions, text_c10/class_00001/image_00001.txt, …, one caption per line",
            LayoutPart::Segmentations => {
                "the segmented images, segmim/segmim_00001.jpg, segmim/segmim_00002.jpg, …, with a blue background"
            }
            LayoutPart::Split => {
                "setid.mat, whose variables `trnid`, `valid` and `tstid` list the images of each subset"
            }
        }
    }
}

impl fmt::Display for LayoutPart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.entry())
    }
}

/// The file of an image, below the root.
pub(super) fn image_file(id: u32) -> String {
    format!("{}/image_{id:05}.jpg", LayoutPart::Images)
}

/// The file of a segmented image, below the root.
pub(super) fn segmentation_file(id: u32) -> String {
    format!("{}/segmim_{id:05}.jpg", LayoutPart::Segmentations)
}

/// The caption file of an image, below the root. The path depends on the class of the image.
pub(super) fn caption_file(class: u16, id: u32) -> String {
    format!("{}/class_{class:05}/image_{id:05}.txt", LayoutPart::Captions)
}
