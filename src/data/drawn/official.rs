//! Drawn flowers on disk, in the layout of Oxford-102.

use super::{Arrangement, Background, Bloom, Drawing, DrawnFlowers, SPECIES, Species, Use, VERSION};
use crate::data::DataError;
use crate::data::mat::{Row, mat};
use crate::data::oxford::{caption_name, photo_name, segmentation_name};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _, Rgb, RgbImage};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Of the written JPEGs. The encoder does not subsample colour.
const QUALITY: u8 = 95;
/// What the official segmented pictures have around a flower.
const BLUE: Rgb<u8> = Rgb([0, 0, 254]);

/// The variables of `setid.mat`.
const PARTS: [(&str, Use); 3] = [("trnid", Use::Train), ("valid", Use::Val), ("tstid", Use::Test)];

/// `truth.json`.
#[derive(Serialize)]
struct Truth {
    version: u32,
    seed: u64,
    images: u32,
    side: u32,
    arrangement: Arrangement,
    /// By class, from 1.
    species: Vec<Species>,
    image: Vec<ImageTruth>,
}

#[derive(Serialize)]
struct ImageTruth {
    id: u32,
    class: u16,
    background: Background,
    blooms: Vec<Bloom>,
}

impl DrawnFlowers {
    /// Writes the set below `root`, which is made where it is missing. `progress` is called once an image, from any
    /// thread.
    ///
    /// ```text
    /// jpg/image_00001.jpg                      the picture, quality 95, colour not subsampled
    /// segmim/segmim_00001.jpg                  the flowers on blue (0, 0, 254)
    /// masks/image_00001.png                    8-bit grey: 0 the background, k the k-th bloom
    /// text_c10/class_00077/image_00001.txt     ten captions
    /// imagelabels.mat                          `labels`, uint8 1×N
    /// setid.mat                                `trnid`, `valid`, `tstid`, uint16 1×N (double from 65,536 images on)
    /// truth.json                               species by class, and the blooms of every image
    /// ```
    ///
    /// # Errors
    ///
    /// The first file, by image, that cannot be written. What was written stays.
    pub fn write_official(&self, root: &Path, progress: impl Fn() + Sync) -> Result<(), DataError> {
        for part in ["jpg", "segmim", "masks"] {
            folder(&root.join(part))?;
        }
        for class in 1..=SPECIES {
            folder(&root.join(format!("text_c10/class_{class:05}")))?;
        }
        let written = self.ids().into_par_iter().map(|id| {
            let truth = self.write_image(root, id);
            progress();
            truth
        });
        // Gathered in order, so that of several errors the same one is reported every time.
        let image = written.collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>, _>>()?;
        self.write_numbers(root)?;
        let species = (1..=SPECIES).map(|class| self.species(class)).collect();
        let truth = Truth {
            version: VERSION,
            seed: self.seed,
            images: self.images,
            side: self.side,
            arrangement: self.arrangement,
            species,
            image,
        };
        let text = serde_json::to_vec(&truth).expect("numbers and names are always valid JSON");
        file(root.join("truth.json"), &text)
    }

    fn write_image(&self, root: &Path, id: u32) -> Result<ImageTruth, DataError> {
        let class = self.class(id);
        let Drawing { picture, labels, blooms, background, captions } = self.draw(id);
        let photo = root.join(photo_name(id));
        file(photo.clone(), &jpeg(&photo, &picture)?)?;
        let mut cut = picture;
        cut.pixels_mut().zip(&labels).filter(|(_, label)| **label == 0).for_each(|(pixel, _)| *pixel = BLUE);
        let segmented = root.join(segmentation_name(id));
        file(segmented.clone(), &jpeg(&segmented, &cut)?)?;
        let mask = root.join(format!("masks/image_{id:05}.png"));
        let mut bytes = Vec::new();
        let encoded = PngEncoder::new(&mut bytes).write_image(&labels, self.side, self.side, ExtendedColorType::L8);
        encoded.map_err(|source| DataError::Encode { path: mask.clone(), source })?;
        file(mask, &bytes)?;
        let text = root.join(caption_name(class, id));
        file(text, (captions.join("\n") + "\n").as_bytes())?;
        Ok(ImageTruth { id, class, background, blooms })
    }

    fn write_numbers(&self, root: &Path) -> Result<(), DataError> {
        let labels: Vec<u8> = self.classes().into_iter().map(|class| class as u8).collect();
        file(root.join("imagelabels.mat"), &mat(&[("labels", Row::Bytes(&labels))]))?;
        let uses: Vec<(u32, Use)> = self.ids().into_par_iter().map(|id| (id, self.split_of(id))).collect();
        let of = |which: Use| -> Vec<u32> { uses.iter().filter(|(_, one)| *one == which).map(|(id, _)| *id).collect() };
        // As in the official file, unless the numbers are too large for it.
        let bytes = if self.images <= u32::from(u16::MAX) {
            let [train, val, test] =
                PARTS.map(|(_, which)| of(which).into_iter().map(|id| id as u16).collect::<Vec<_>>());
            mat(&[(PARTS[0].0, Row::Words(&train)), (PARTS[1].0, Row::Words(&val)), (PARTS[2].0, Row::Words(&test))])
        } else {
            let [train, val, test] = PARTS.map(|(_, which)| of(which).into_iter().map(f64::from).collect::<Vec<_>>());
            mat(&[
                (PARTS[0].0, Row::Doubles(&train)),
                (PARTS[1].0, Row::Doubles(&val)),
                (PARTS[2].0, Row::Doubles(&test)),
            ])
        };
        file(root.join("setid.mat"), &bytes)
    }
}

fn jpeg(path: &Path, picture: &RgbImage) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let encoded = JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(picture);
    encoded.map_err(|source| DataError::Encode { path: path.into(), source })?;
    Ok(bytes)
}

fn folder(path: &Path) -> Result<(), DataError> {
    std::fs::create_dir_all(path).map_err(|source| DataError::Write { path: path.into(), source })
}

fn file(path: PathBuf, bytes: &[u8]) -> Result<(), DataError> {
    std::fs::write(&path, bytes).map_err(|source| DataError::Write { path, source })
}
