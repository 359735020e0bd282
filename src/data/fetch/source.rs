//! Where Oxford-102 Flowers comes from, and which digests somebody published.

use super::error::UnfitFile;
use crate::data::{Part, mat};
use crate::fetch::{LockFile, Published, Source, Unfit, head};
use std::path::Path;

const MIB: u64 = 1 << 20;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A MATLAB file, kept as it is; these are the vectors that it has to hold.
    Table(&'static [&'static str]),
    /// A gzipped tar archive with one part of the layout.
    Archive(Part),
}

impl Kind {
    /// Whether a file looks from within like one of this kind.
    pub(super) fn looks(self, path: &Path) -> std::io::Result<Result<(), Unfit>> {
        let found = match self {
            Kind::Archive(_) if head(path)?.starts_with(&[0x1f, 0x8b]) => Ok(()),
            Kind::Archive(_) => Err(UnfitFile::NotGzip),
            Kind::Table(rows) => {
                let bytes = std::fs::read(path)?;
                rows.iter().try_for_each(|name| mat::vector(&bytes, name).map(drop)).map_err(UnfitFile::from)
            }
        };
        Ok(found.map_err(Unfit::from))
    }
}

/// The lock file in the data set's folder.
pub(super) const LOCK: LockFile = LockFile { name: "jem-data.lock", command: "jem data fetch" };

/// The captions' file, which may be given by hand.
pub(super) const CAPTIONS: &str = "cvpr2016_flowers.tar.gz";

/// The files of Oxford-102 Flowers; the labels come first, since they say what the archives have to hold.
///
/// The addresses under robots.ox.ac.uk are those of the data set's page, and the MD5s those that torchvision lists
/// (pytorch/vision, `torchvision/datasets/flowers102.py`). The captions are those of Reed et al. (CVPR 2016): the
/// README of reedscot/cvpr2016 links to this file of Google Drive; the resource key, without which Drive no longer
/// gives out files that were shared before 2021, is the one in links to it that people have made since.
/// `confirm=t` is what Drive's page about large files would ask for.
pub(super) const OXFORD_102: [(Source, Kind); 5] = [
    (
        Source {
            name: "imagelabels.mat",
            url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/imagelabels.mat",
            published: Some(Published::Md5("e0620be6f572b9609742df49c70aed4d")),
            at_most: MIB,
        },
        Kind::Table(&["labels"]),
    ),
    (
        Source {
            name: "setid.mat",
            url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/setid.mat",
            published: Some(Published::Md5("a5357ecc9cb78c4bef273ce3793fc85c")),
            at_most: MIB,
        },
        Kind::Table(&["trnid", "valid", "tstid"]),
    ),
    (
        Source {
            name: "102flowers.tgz",
            url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102flowers.tgz",
            published: Some(Published::Md5("52808999861908f626f3c1f4e79d11fa")),
            at_most: 2_048 * MIB,
        },
        Kind::Archive(Part::Photos),
    ),
    (
        Source {
            name: "102segmentations.tgz",
            url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102segmentations.tgz",
            published: None,
            at_most: 2_048 * MIB,
        },
        Kind::Archive(Part::Segmentations),
    ),
    (
        Source {
            name: CAPTIONS,
            url: "https://drive.usercontent.google.com/download?id=0B0ywwgffWnLLcms2WWJQRFNSWXM\
              &resourcekey=0-Av8zFbeDDvNcF1sSjDR32w&export=download&confirm=t",
            published: None,
            at_most: 16_384 * MIB,
        },
        Kind::Archive(Part::Captions),
    ),
];
