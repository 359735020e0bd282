//! The output files of samples.

use std::fs::Permissions;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use image::{ImageFormat, RgbImage};

use crate::report::{CaptionedRow, ReportError, captioned_grid, missing_glyphs};
use crate::train::{SampleInput, TrainError};

use super::CliError;
use super::conditions::usage;
use super::strips::Strip;

/// Extensions of other image formats. They are not names of folders to create.
const OTHER_FORMATS: [&str; 16] = [
    "jpg", "jpeg", "jfif", "webp", "gif", "bmp", "tif", "tiff", "svg", "pdf", "eps", "ppm", "pgm", "heic", "avif",
    "jxl",
];

/// One file with all images, or a folder with one file for each image.
pub struct Target {
    out: PathBuf,
    is_grid: bool,
    force: bool,
}

impl Target {
    /// The target of `--out`.
    ///
    /// # Errors
    ///
    /// If the file exists, the folder is a file, or the extension is that of another image format.
    pub fn new(out: &Path, force: bool) -> Result<Self, CliError> {
        let is_grid = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
        let target = Self { out: out.to_owned(), is_grid, force };
        let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if OTHER_FORMATS.contains(&ending.as_str()) && !out.is_dir() {
            return Err(usage(
                format!("{}: images are only written as PNG", out.display()),
                "give a file that ends in .png for one image grid, or a folder for one file per image",
            ));
        }
        if is_grid {
            target.check_missing(std::iter::once(out))?;
        } else if out.exists() && !out.is_dir() {
            return Err(usage(
                format!("{}: not a folder", out.display()),
                "give a folder, or a file that ends in .png",
            ));
        }
        Ok(target)
    }

    /// The letters of `texts` that the font of image grids lacks.
    pub fn missing_letters<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        if self.is_grid { missing_glyphs(texts) } else { Vec::new() }
    }

    /// The file of each image, row by row.
    ///
    /// # Errors
    ///
    /// If a file exists.
    pub fn names(&self, strips: &[Strip]) -> Result<Vec<Vec<PathBuf>>, CliError> {
        let name = |row: usize, column: usize| match self.is_grid {
            true => self.out.clone(),
            false => self.out.join(format!("{row:02}-{column:02}.png")),
        };
        let row = |(row, strip): (usize, &Strip)| (1..=strip.images.len()).map(|column| name(row, column)).collect();
        let names: Vec<Vec<PathBuf>> = (1..).zip(strips).map(row).collect();
        self.check_missing(names.iter().flatten().map(PathBuf::as_path))?;
        Ok(names)
    }

    /// With `--force`, existing files are overwritten.
    fn check_missing<'a>(&self, mut paths: impl Iterator<Item = &'a Path>) -> Result<(), CliError> {
        match paths.find(|path| !self.force && path.exists()) {
            None => Ok(()),
            Some(path) => Err(usage(
                format!("{}: exists already", path.display()),
                "choose another --out, or overwrite it with --force",
            )),
        }
    }

    /// Generates the images and writes them.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write(
        &self,
        names: &[Vec<PathBuf>],
        strips: &[Strip],
        generate: impl Fn(&SampleInput) -> RgbImage,
    ) -> Result<(), CliError> {
        if self.is_grid {
            let row = |strip: &Strip| CaptionedRow {
                caption: strip.text.clone(),
                images: strip.images.iter().map(|image| generate(&image.input)).collect(),
            };
            let rows: Vec<CaptionedRow> = strips.iter().map(row).collect();
            return self.put(&self.out, &captioned_grid(&rows)?);
        }
        for (names, strip) in names.iter().zip(strips) {
            for (name, image) in names.iter().zip(&strip.images) {
                let mut png = Cursor::new(Vec::new());
                generate(&image.input).write_to(&mut png, ImageFormat::Png).map_err(TrainError::EncodeImage)?;
                self.put(name, &png.into_inner())?;
            }
        }
        Ok(())
    }

    /// Writes a file atomically. An existing file is only replaced with `--force`.
    fn put(&self, path: &Path, bytes: &[u8]) -> Result<(), CliError> {
        let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        let written = std::fs::create_dir_all(parent).and_then(|()| {
            let default = Permissions::from_mode(0o666);
            let mut draft = tempfile::Builder::new().permissions(default).tempfile_in(parent)?;
            draft.write_all(bytes)?;
            match self.force {
                true => draft.persist(path)?,
                false => draft.persist_noclobber(path)?,
            };
            Ok(())
        });
        written.map_err(|source| ReportError::Write { path: path.to_owned(), source }.into())
    }
}
