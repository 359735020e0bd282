//! Where Oxford-102 Flowers comes from, and which digests somebody published.

use crate::data::Part;

const MIB: u64 = 1 << 20;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A MATLAB 5 file, kept as it is; these are the rows of numbers that it has to hold.
    Table(&'static [&'static str]),
    /// A gzipped tar archive with one part of the layout.
    Archive(Part),
}

/// One file to fetch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    /// Its name, at a mirror too.
    pub name: &'static str,
    /// Its official address.
    pub url: &'static str,
    /// Its MD5, in hex, where somebody published one.
    pub md5: Option<&'static str>,
    pub kind: Kind,
    /// More bytes than this are not it.
    pub at_most: u64,
}

/// The captions' file, which may be given by hand.
pub(super) const CAPTIONS: &str = "cvpr2016_flowers.tar.gz";

/// The files of Oxford-102 Flowers; the labels come first, since they say what the archives have to hold.
///
/// The addresses under robots.ox.ac.uk are those of the data set's page, and the MD5s those that torchvision lists
/// (pytorch/vision, `torchvision/datasets/flowers102.py`). The captions are those of Reed et al. (CVPR 2016): the
/// README of reedscot/cvpr2016 links to this file of Google Drive; the resource key, without which Drive no longer
/// gives out files that were shared before 2021, is the one in links to it that people have made since.
/// `confirm=t` is what Drive's page about large files would ask for.
pub(super) const OXFORD_102: [Source; 5] = [
    Source {
        name: "imagelabels.mat",
        url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/imagelabels.mat",
        md5: Some("e0620be6f572b9609742df49c70aed4d"),
        kind: Kind::Table(&["labels"]),
        at_most: MIB,
    },
    Source {
        name: "setid.mat",
        url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/setid.mat",
        md5: Some("a5357ecc9cb78c4bef273ce3793fc85c"),
        kind: Kind::Table(&["trnid", "valid", "tstid"]),
        at_most: MIB,
    },
    Source {
        name: "102flowers.tgz",
        url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102flowers.tgz",
        md5: Some("52808999861908f626f3c1f4e79d11fa"),
        kind: Kind::Archive(Part::Photos),
        at_most: 2_048 * MIB,
    },
    Source {
        name: "102segmentations.tgz",
        url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102segmentations.tgz",
        md5: None,
        kind: Kind::Archive(Part::Segmentations),
        at_most: 2_048 * MIB,
    },
    Source {
        name: CAPTIONS,
        url: "https://drive.usercontent.google.com/download?id=0B0ywwgffWnLLcms2WWJQRFNSWXM\
              &resourcekey=0-Av8zFbeDDvNcF1sSjDR32w&export=download&confirm=t",
        md5: None,
        kind: Kind::Archive(Part::Captions),
        at_most: 16_384 * MIB,
    },
];
