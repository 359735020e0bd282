//! The published files of Oxford-102 Flowers and their digests.

use super::error::InvalidFile;
use crate::data::{LayoutPart, mat};
use crate::fetch::{FormatError, LockFile, PublishedDigest, Source, head};
use std::path::Path;

const MIB: u64 = 1 << 20;

/// The kind of a published file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A MATLAB file, which is not unpacked. It must contain these vectors.
    Table(&'static [&'static str]),
    /// A gzipped tar archive with one part of the layout.
    Archive(LayoutPart),
}

impl Kind {
    /// Checks that the contents of a file have the format of this kind.
    pub(super) fn check_format(self, path: &Path) -> std::io::Result<Result<(), FormatError>> {
        let result = match self {
            Kind::Archive(_) if head(path)?.starts_with(&[0x1f, 0x8b]) => Ok(()),
            Kind::Archive(_) => Err(InvalidFile::NotGzip),
            Kind::Table(vectors) => {
                let bytes = std::fs::read(path)?;
                vectors.iter().try_for_each(|name| mat::vector(&bytes, name).map(drop)).map_err(InvalidFile::from)
            }
        };
        Ok(result.map_err(FormatError::from))
    }
}

/// The lock file in the folder of the data set.
pub(super) const LOCK: LockFile = LockFile { name: "jem-data.lock", command: "jem data fetch" };

/// The archive of the captions, which the user can also provide.
pub(super) const CAPTIONS: &str = "cvpr2016_flowers.tar.gz";

/// The files of Oxford-102 Flowers. The labels are first, because they determine the files of the archives.
///
/// The URLs at robots.ox.ac.uk are from the web page of the data set; the MD5s are from torchvision (pytorch/vision,
/// `torchvision/datasets/flowers102.py`). The captions are those of Reed et al. (CVPR 2016): the README of
/// reedscot/cvpr2016 links to this file on Google Drive. Google Drive requires the resource key for files that were
/// shared before 2021; it is from newer public links to the file. `confirm=t` confirms the warning about large files.
pub(super) const OXFORD_102: [(Source, Kind); 5] = [
    (
        Source {
            name: "imagelabels.mat",
            url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/imagelabels.mat",
            published: Some(PublishedDigest::Md5("e0620be6f572b9609742df49c70aed4d")),
            max_bytes: MIB,
        },
        Kind::Table(&["labels"]),
    ),
    (
        Source {
            name: "setid.mat",
            url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/setid.mat",
            published: Some(PublishedDigest::Md5("a5357ecc9cb78c4bef273ce3793fc85c")),
            max_bytes: MIB,
        },
        Kind::Table(&["trnid", "valid", "tstid"]),
    ),
    (
        Source {
            name: "102flowers.tgz",
            url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102flowers.tgz",
            published: Some(PublishedDigest::Md5("52808999861908f626f3c1f4e79d11fa")),
            max_bytes: 2_048 * MIB,
        },
        Kind::Archive(LayoutPart::Images),
    ),
    (
        Source {
            name: "102segmentations.tgz",
            url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102segmentations.tgz",
            published: None,
            max_bytes: 2_048 * MIB,
        },
        Kind::Archive(LayoutPart::Segmentations),
    ),
    (
        Source {
            name: CAPTIONS,
            url: "https://drive.usercontent.google.com/download?id=0B0ywwgffWnLLcms2WWJQRFNSWXM\
              &resourcekey=0-Av8zFbeDDvNcF1sSjDR32w&export=download&confirm=t",
            published: None,
            max_bytes: 16_384 * MIB,
        },
        Kind::Archive(LayoutPart::Captions),
    ),
];
