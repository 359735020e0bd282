//! Fetching published weights of frozen networks.

use super::digest::PublishedDigest;
use super::error::{FetchError, FormatError};
use super::event::Event;
use super::file_fetch::FileFetch;
use super::folder::Folder;
use super::head::head;
use super::lock::LockFile;
use super::source::Source;
use std::path::{Path, PathBuf};

const MIB: u64 = 1 << 20;

/// Published weights: one file, or several files that are used together.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// The name on the command line.
    pub name: &'static str,
    /// A short description.
    pub description: &'static str,
    /// The setting for the path of the file or folder.
    pub setting: &'static str,
    /// The subfolder for several files; `None` for a single file.
    pub folder: Option<&'static str>,
    /// The files.
    pub sources: &'static [Source],
}

/// The lock file in the folder of weights.
pub const LOCK: LockFile = LockFile { name: "jem-weights.lock", command: "jem weights fetch" };

/// All published weights that jem can fetch.
///
/// The URLs of AlexNet, VGG and Inception are those of torchvision (pytorch/vision, `torchvision/models`: `alexnet.py`,
/// `vgg.py`, `inception.py`). Their file names end in the first digits of the SHA-256, which
/// `torch.hub.load_state_dict_from_url` checks. The Inception network for the FID is the TensorFlow graph of
/// 2015-12-05, converted by mseitzer/pytorch-fid (`pytorch_fid/inception.py`) and named in the same way. The linear
/// layers of LPIPS are from richzhang/PerceptualSimilarity; their digests are those of `lpips/weights/v0.1` in the file
/// `RECORD` of the wheel lpips 0.1.4. The URLs of the skip-thought encoders are those in the README of
/// ryankiros/skip-thoughts; their digests are not published.
pub const WEIGHTS: [Weights; 9] = [
    Weights {
        name: "alexnet",
        description: "AlexNet from torchvision, trained on ImageNet",
        setting: "guide.weights",
        folder: None,
        sources: &[Source {
            name: "alexnet-owt-7be5be79.pth",
            url: "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
            published: Some(PublishedDigest::Sha256("7be5be79")),
            max_bytes: 512 * MIB,
        }],
    },
    Weights {
        name: "vgg16",
        description: "VGG-16 from torchvision, trained on ImageNet",
        setting: "guide.weights",
        folder: None,
        sources: &[Source {
            name: "vgg16-397923af.pth",
            url: "https://download.pytorch.org/models/vgg16-397923af.pth",
            published: Some(PublishedDigest::Sha256("397923af")),
            max_bytes: 1024 * MIB,
        }],
    },
    Weights {
        name: "vgg19",
        description: "VGG-19 from torchvision, trained on ImageNet",
        setting: "guide.weights",
        folder: None,
        sources: &[Source {
            name: "vgg19-dcbb9e9d.pth",
            url: "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
            published: Some(PublishedDigest::Sha256("dcbb9e9d")),
            max_bytes: 1024 * MIB,
        }],
    },
    Weights {
        name: "inception-fid",
        description: "the Inception network of published FIDs",
        setting: "eval.extractor_weights",
        folder: None,
        sources: &[Source {
            name: "pt_inception-2015-12-05-6726825d.pth",
            url: "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/\
                  pt_inception-2015-12-05-6726825d.pth",
            published: Some(PublishedDigest::Sha256("6726825d")),
            max_bytes: 256 * MIB,
        }],
    },
    Weights {
        name: "inception",
        description: "Inception v3 from torchvision, trained on ImageNet",
        setting: "eval.extractor_weights",
        folder: None,
        sources: &[Source {
            name: "inception_v3_google-0cc3c7bd.pth",
            url: "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth",
            published: Some(PublishedDigest::Sha256("0cc3c7bd")),
            max_bytes: 256 * MIB,
        }],
    },
    Weights {
        name: "lpips-alexnet",
        description: "LPIPS v0.1, the linear layers for AlexNet",
        setting: "eval.lpips",
        folder: None,
        sources: &[Source {
            name: "lpips-v0.1-alex.pth",
            url: "https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1/alex.pth",
            published: Some(PublishedDigest::Sha256(
                "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
            )),
            max_bytes: MIB,
        }],
    },
    Weights {
        name: "lpips-vgg16",
        description: "LPIPS v0.1, the linear layers for VGG-16",
        setting: "eval.lpips",
        folder: None,
        sources: &[Source {
            name: "lpips-v0.1-vgg.pth",
            url: "https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1/vgg.pth",
            published: Some(PublishedDigest::Sha256(
                "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868",
            )),
            max_bytes: MIB,
        }],
    },
    skip_thoughts("uni-skip", "the skip-thought encoder with 2400 dimensions, 3 GB", UNI_SKIP),
    skip_thoughts("bi-skip", "the skip-thought encoder with 2 x 1200 dimensions, 3 GB", BI_SKIP),
];

/// The folder of the published encoder in `base/jem.toml`.
const SKIP_THOUGHTS: &str = "skip-thoughts";

/// The dictionary of both encoders.
const DICTIONARY: Source =
    skip_thought("dictionary.txt", "http://www.cs.toronto.edu/~rkiros/models/dictionary.txt", 64 * MIB);

const UNI_SKIP: &[Source] = &[
    DICTIONARY,
    skip_thought("utable.npy", "http://www.cs.toronto.edu/~rkiros/models/utable.npy", 4096 * MIB),
    skip_thought("uni_skip.npz", "http://www.cs.toronto.edu/~rkiros/models/uni_skip.npz", 2048 * MIB),
    skip_thought("uni_skip.npz.pkl", "http://www.cs.toronto.edu/~rkiros/models/uni_skip.npz.pkl", MIB),
];

const BI_SKIP: &[Source] = &[
    DICTIONARY,
    skip_thought("btable.npy", "http://www.cs.toronto.edu/~rkiros/models/btable.npy", 4096 * MIB),
    skip_thought("bi_skip.npz", "http://www.cs.toronto.edu/~rkiros/models/bi_skip.npz", 2048 * MIB),
    skip_thought("bi_skip.npz.pkl", "http://www.cs.toronto.edu/~rkiros/models/bi_skip.npz.pkl", MIB),
];

const fn skip_thought(name: &'static str, url: &'static str, max_bytes: u64) -> Source {
    Source { name, url, published: None, max_bytes }
}

const fn skip_thoughts(name: &'static str, description: &'static str, sources: &'static [Source]) -> Weights {
    Weights { name, description, setting: "text.weights", folder: Some(SKIP_THOUGHTS), sources }
}

impl Weights {
    /// The weights with this name on the command line.
    pub fn named(name: &str) -> Option<&'static Weights> {
        WEIGHTS.iter().find(|weights| weights.name == name)
    }

    /// The first file.
    pub fn file(&self) -> &'static Source {
        &self.sources[0]
    }

    /// The folder of the files, if all weights are fetched into `to`.
    pub fn folder_in(&self, to: &Path) -> PathBuf {
        self.folder.map_or_else(|| to.to_owned(), |folder| to.join(folder))
    }

    /// The value of the setting, if all weights are fetched into `to`.
    pub fn path_in(&self, to: &Path) -> PathBuf {
        let folder = self.folder_in(to);
        if self.folder.is_some() { folder } else { folder.join(self.file().name) }
    }
}

/// A fetched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedFile {
    /// Its path.
    pub path: PathBuf,
    /// Its SHA-256 in hex.
    pub sha256: String,
}

/// Fetches a file of weights into a folder. An existing file is only verified.
///
/// # Errors
///
/// If it cannot be downloaded, or the downloaded or existing file is not the expected one.
pub fn fetch(folder: &mut Folder, source: &Source, on_event: &dyn Fn(Event<'_>)) -> Result<FetchedFile, FetchError> {
    let mut file = FileFetch { folder, source, check_format: &|path| check_format(source.name, path), on_event };
    let (path, url) = (file.path(), file.url());
    if let Some(digests) = file.verify_existing()? {
        // A file that the user put there is trusted like a fetched one.
        file.record(&digests, "by hand")?;
        return Ok(FetchedFile { path, sha256: digests.sha256 });
    }
    let digests = file.download()?;
    file.record(&digests, &url)?;
    on_event(Event::Completed { files: 1 });
    Ok(FetchedFile { path, sha256: digests.sha256 })
}

/// A file whose format does not match its extension.
#[derive(Debug, thiserror::Error)]
enum FormatMismatch {
    #[error("it is not a PyTorch file: neither a zip archive nor a pickle with the magic number")]
    PyTorch,
    #[error("it is not a NumPy array file")]
    Array,
    #[error("it is not a zip archive, as .npz files are")]
    Archive,
}

/// Checks that a file has the format of its extension. A PyTorch file is a zip archive or, before version 1.6, a pickle
/// that begins with the number 0x1950a86a20f9469cfc6c (`MAGIC_NUMBER` in `torch/serialization.py`).
fn check_format(name: &str, path: &Path) -> std::io::Result<Result<(), FormatError>> {
    const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
    let head = head(path)?;
    let zip = head.starts_with(b"PK\x03\x04");
    let (is_valid, error) = match Path::new(name).extension().and_then(|ending| ending.to_str()) {
        Some("pth") => {
            let pickle = head.first() == Some(&0x80) && head.windows(MAGIC.len()).take(16).any(|bytes| bytes == MAGIC);
            (zip || pickle, FormatMismatch::PyTorch)
        }
        Some("npy") => (head.starts_with(b"\x93NUMPY"), FormatMismatch::Array),
        Some("npz") => (zip, FormatMismatch::Archive),
        // Text and option files have no magic number; errors in them are found when they are read.
        _ => return Ok(Ok(())),
    };
    Ok(if is_valid { Ok(()) } else { Err(error.into()) })
}
