//! Writes drawn flowers to disk in the official layout of Oxford-102.

use super::{Arrangement, Background, Bloom, DrawnFlowers, DrawnImage, SPECIES, Species, VERSION};
use crate::data::layout::{caption_file, image_file, segmentation_file};
use crate::data::mat::{Row, mat};
use crate::data::{DataError, SplitPart};
use crate::file_error::FileError;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _, Rgb, RgbImage};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The JPEG quality. The encoder does not subsample colour.
const QUALITY: u8 = 95;
/// The background colour of the official segmented images.
const BLUE: Rgb<u8> = Rgb([0, 0, 254]);

/// The variables of `setid.mat`.
const PARTS: [(&str, SplitPart); 3] =
    [("trnid", SplitPart::Train), ("valid", SplitPart::Val), ("tstid", SplitPart::Test)];

/// The contents of `truth.json`.
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
    /// Writes the set below `root`, which is created if it does not exist. `progress` is called once per image, from
    /// any thread.
    ///
    /// ```text
    /// jpg/image_00001.jpg                      the image, quality 95, colour not subsampled
    /// segmim/segmim_00001.jpg                  the flowers on blue (0, 0, 254)
    /// masks/image_00001.png                    8-bit grey: 0 is the background, k the k-th bloom
    /// text_c10/class_00077/image_00001.txt     ten captions
    /// imagelabels.mat                          `labels`, uint8 1×N
    /// setid.mat                                `trnid`, `valid`, `tstid`, uint16 1×N (double from 65,536 images on)
    /// truth.json                               species by class, and the blooms of every image
    /// ```
    ///
    /// # Errors
    ///
    /// The first file, in the order of the images, that cannot be written. Files written before remain.
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
        // Collected in order, so that of several errors always the same one is reported.
        let image = written.collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>, _>>()?;
        self.write_tables(root)?;
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
        let text = serde_json::to_vec(&truth).expect("numbers and names can always be written as JSON");
        file(root.join("truth.json"), &text)
    }

    fn write_image(&self, root: &Path, id: u32) -> Result<ImageTruth, DataError> {
        let class = self.class(id);
        let DrawnImage { image, labels, blooms, background, captions } = self.draw(id);
        let path = root.join(image_file(id));
        file(path.clone(), &jpeg(&path, &image)?)?;
        let mut segmented = image;
        segmented.pixels_mut().zip(&labels).filter(|(_, label)| **label == 0).for_each(|(pixel, _)| *pixel = BLUE);
        let path = root.join(segmentation_file(id));
        file(path.clone(), &jpeg(&path, &segmented)?)?;
        let mask = root.join(format!("masks/image_{id:05}.png"));
        let mut bytes = Vec::new();
        let encoded = PngEncoder::new(&mut bytes).write_image(&labels, self.side, self.side, ExtendedColorType::L8);
        encoded.map_err(|source| DataError::Encode { path: mask.clone(), source })?;
        file(mask, &bytes)?;
        file(root.join(caption_file(class, id)), (captions.join("\n") + "\n").as_bytes())?;
        Ok(ImageTruth { id, class, background, blooms })
    }

    fn write_tables(&self, root: &Path) -> Result<(), DataError> {
        let labels: Vec<u8> = self.classes().into_iter().map(|class| class as u8).collect();
        file(root.join("imagelabels.mat"), &mat(&[("labels", Row::Bytes(&labels))]))?;
        let parts: Vec<(u32, SplitPart)> = self.ids().into_par_iter().map(|id| (id, self.split_part(id))).collect();
        let of =
            |part: SplitPart| -> Vec<u32> { parts.iter().filter(|(_, one)| *one == part).map(|(id, _)| *id).collect() };
        // uint16 as in the official file, unless the numbers are too large for it.
        let bytes = if self.images <= u32::from(u16::MAX) {
            let [train, val, test] =
                PARTS.map(|(_, part)| of(part).into_iter().map(|id| id as u16).collect::<Vec<_>>());
            mat(&[(PARTS[0].0, Row::Words(&train)), (PARTS[1].0, Row::Words(&val)), (PARTS[2].0, Row::Words(&test))])
        } else {
            let [train, val, test] = PARTS.map(|(_, part)| of(part).into_iter().map(f64::from).collect::<Vec<_>>());
            mat(&[
                (PARTS[0].0, Row::Doubles(&train)),
                (PARTS[1].0, Row::Doubles(&val)),
                (PARTS[2].0, Row::Doubles(&test)),
            ])
        };
        file(root.join("setid.mat"), &bytes)
    }
}

fn jpeg(path: &Path, image: &RgbImage) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let encoded = JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(image);
    encoded.map_err(|source| DataError::Encode { path: path.into(), source })?;
    Ok(bytes)
}

fn folder(path: &Path) -> Result<(), DataError> {
    Ok(std::fs::create_dir_all(path).map_err(FileError::write(path))?)
}

fn file(path: PathBuf, bytes: &[u8]) -> Result<(), DataError> {
    Ok(std::fs::write(&path, bytes).map_err(FileError::write(&path))?)
}
