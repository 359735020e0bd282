//! The weights of frozen networks: where they are published, and fetching them.

use super::digest::Published;
use super::error::{FetchError, Unfit};
use super::event::Event;
use super::folder::Folder;
use super::lock::LockFile;
use super::look::head;
use super::source::Source;
use super::wanted::Wanted;
use std::path::{Path, PathBuf};

const MIB: u64 = 1 << 20;

/// Weights that somebody published: a file, or files that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it holds, in a few words.
    pub what: &'static str,
    /// The setting that names such a file, or the folder.
    pub setting: &'static str,
    /// The folder, below the one that is fetched into, in which several files lie together; none of a single file.
    pub folder: Option<&'static str>,
    /// Where they come from.
    pub sources: &'static [Source],
}

/// The lock file in the folder of weights.
pub const LOCK: LockFile = LockFile { name: "jem-weights.lock", command: "jem weights fetch" };

/// All that is known.
///
/// The addresses of AlexNet, VGG and Inception are those in torchvision (pytorch/vision, `torchvision/models`:
/// `alexnet.py`, `vgg.py`, `inception.py`), whose names end in the first digits of their SHA-256, as
/// `torch.hub.load_state_dict_from_url` checks them. The FID's Inception is the TensorFlow graph of 2015-12-05 as
/// mseitzer/pytorch-fid carried it over (`pytorch_fid/inception.py`), named alike. The linear layers of LPIPS lie in
/// richzhang/PerceptualSimilarity; their digests are those of `lpips/weights/v0.1` in the list of contents (`RECORD`)
/// of the authors' wheel lpips 0.1.4. The skip-thought encoders lie where the README of ryankiros/skip-thoughts says;
/// nobody published their digests.
pub const WEIGHTS: [Weights; 9] = [
    Weights {
        name: "alexnet",
        what: "AlexNet of torchvision, for ImageNet",
        setting: "guide.weights",
        folder: None,
        sources: &[Source {
            name: "alexnet-owt-7be5be79.pth",
            url: "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
            published: Some(Published::Sha256("7be5be79")),
            at_most: 512 * MIB,
        }],
    },
    Weights {
        name: "vgg16",
        what: "VGG-16 of torchvision, for ImageNet",
        setting: "guide.weights",
        folder: None,
        sources: &[Source {
            name: "vgg16-397923af.pth",
            url: "https://download.pytorch.org/models/vgg16-397923af.pth",
            published: Some(Published::Sha256("397923af")),
            at_most: 1024 * MIB,
        }],
    },
    Weights {
        name: "vgg19",
        what: "VGG-19 of torchvision, for ImageNet",
        setting: "guide.weights",
        folder: None,
        sources: &[Source {
            name: "vgg19-dcbb9e9d.pth",
            url: "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
            published: Some(Published::Sha256("dcbb9e9d")),
            at_most: 1024 * MIB,
        }],
    },
    Weights {
        name: "inception-fid",
        what: "the Inception that FIDs are published with",
        setting: "eval.extractor_weights",
        folder: None,
        sources: &[Source {
            name: "pt_inception-2015-12-05-6726825d.pth",
            url: "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/\
                  pt_inception-2015-12-05-6726825d.pth",
            published: Some(Published::Sha256("6726825d")),
            at_most: 256 * MIB,
        }],
    },
    Weights {
        name: "inception",
        what: "Inception v3 of torchvision, for ImageNet",
        setting: "eval.extractor_weights",
        folder: None,
        sources: &[Source {
            name: "inception_v3_google-0cc3c7bd.pth",
            url: "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth",
            published: Some(Published::Sha256("0cc3c7bd")),
            at_most: 256 * MIB,
        }],
    },
    Weights {
        name: "lpips-alexnet",
        what: "LPIPS v0.1, the linear layers behind AlexNet",
        setting: "eval.lpips",
        folder: None,
        sources: &[Source {
            name: "lpips-v0.1-alex.pth",
            url: "https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1/alex.pth",
            published: Some(Published::Sha256("df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0")),
            at_most: MIB,
        }],
    },
    Weights {
        name: "lpips-vgg16",
        what: "LPIPS v0.1, the linear layers behind VGG-16",
        setting: "eval.lpips",
        folder: None,
        sources: &[Source {
            name: "lpips-v0.1-vgg.pth",
            url: "https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1/vgg.pth",
            published: Some(Published::Sha256("a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868")),
            at_most: MIB,
        }],
    },
    Weights {
        name: "uni-skip",
        what: "the skip-thought encoder of 2400 numbers, 3 GB",
        setting: "text.weights",
        folder: Some(SKIP_THOUGHTS),
        sources: &[
            DICTIONARY,
            skip_thought("utable.npy", "http://www.cs.toronto.edu/~rkiros/models/utable.npy", 4096 * MIB),
            skip_thought("uni_skip.npz", "http://www.cs.toronto.edu/~rkiros/models/uni_skip.npz", 2048 * MIB),
            skip_thought("uni_skip.npz.pkl", "http://www.cs.toronto.edu/~rkiros/models/uni_skip.npz.pkl", MIB),
        ],
    },
    Weights {
        name: "bi-skip",
        what: "the skip-thought encoder of 2 x 1200 numbers, 3 GB",
        setting: "text.weights",
        folder: Some(SKIP_THOUGHTS),
        sources: &[
            DICTIONARY,
            skip_thought("btable.npy", "http://www.cs.toronto.edu/~rkiros/models/btable.npy", 4096 * MIB),
            skip_thought("bi_skip.npz", "http://www.cs.toronto.edu/~rkiros/models/bi_skip.npz", 2048 * MIB),
            skip_thought("bi_skip.npz.pkl", "http://www.cs.toronto.edu/~rkiros/models/bi_skip.npz.pkl", MIB),
        ],
    },
];

/// The folder in which `base/jem.toml` looks for the published encoder.
const SKIP_THOUGHTS: &str = "skip-thoughts";

/// The words, which both encoders have in common.
const DICTIONARY: Source =
    skip_thought("dictionary.txt", "http://www.cs.toronto.edu/~rkiros/models/dictionary.txt", 64 * MIB);

const fn skip_thought(name: &'static str, url: &'static str, at_most: u64) -> Source {
    Source { name, url, published: None, at_most }
}

impl Weights {
    /// The one that is called so on the command line.
    pub fn named(name: &str) -> Option<&'static Weights> {
        WEIGHTS.iter().find(|weights| weights.name == name)
    }

    /// The file, or of several the first.
    pub fn file(&self) -> &'static Source {
        &self.sources[0]
    }

    /// The folder that its files come to, if all is fetched into `to`.
    pub fn folder_in(&self, to: &Path) -> PathBuf {
        self.folder.map_or_else(|| to.to_owned(), |folder| to.join(folder))
    }

    /// What the setting names, if all is fetched into `to`.
    pub fn path_in(&self, to: &Path) -> PathBuf {
        let folder = self.folder_in(to);
        if self.folder.is_some() { folder } else { folder.join(self.file().name) }
    }
}

/// A file that is in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where.
    pub path: PathBuf,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// Brings a file of weights into a folder, unless it is there; then it is held against what it should be.
///
/// # Errors
///
/// If it cannot be brought, is not the right file, or another is there under its name.
pub fn fetch(folder: &mut Folder, source: &Source, tell: &dyn Fn(Event<'_>)) -> Result<Placed, FetchError> {
    let mut file = Wanted { folder, source, looks: &|path| looks(source.name, path), tell };
    let (path, url) = (file.path(), file.url());
    if let Some(digests) = file.kept()? {
        // Put there by hand, it is trusted from now on as one that was fetched is.
        file.record(&digests, "by hand")?;
        return Ok(Placed { path, sha256: digests.sha256 });
    }
    let digests = file.bring()?;
    file.record(&digests, &url)?;
    tell(Event::Placed { files: 1 });
    Ok(Placed { path, sha256: digests.sha256 })
}

/// Not a file of the kind that its name says.
#[derive(Debug, thiserror::Error)]
enum NotTheKind {
    #[error("it is no file of PyTorch: neither a zip archive nor a pickle with its mark")]
    PyTorch,
    #[error("it does not begin as an array of numpy does")]
    Array,
    #[error("it is no zip archive, as .npz is")]
    Archive,
}

/// Whether a file is of the kind that its name says. One of PyTorch is a zip archive, or before version 1.6 a pickle that
/// begins with the number 0x1950a86a20f9469cfc6c (`MAGIC_NUMBER` in `torch/serialization.py`).
fn looks(name: &str, path: &Path) -> std::io::Result<Result<(), Unfit>> {
    const MARK: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
    let head = head(path)?;
    let zip = head.starts_with(b"PK\x03\x04");
    let (fits, not) = match Path::new(name).extension().and_then(|ending| ending.to_str()) {
        Some("pth") => {
            let pickle = head.first() == Some(&0x80) && head.windows(MARK.len()).take(16).any(|bytes| bytes == MARK);
            (zip || pickle, NotTheKind::PyTorch)
        }
        Some("npy") => (head.starts_with(b"\x93NUMPY"), NotTheKind::Array),
        Some("npz") => (zip, NotTheKind::Archive),
        // Words and options have no mark: what is wrong with them is found as they are read.
        _ => return Ok(Ok(())),
    };
    Ok(if fits { Ok(()) } else { Err(not.into()) })
}
