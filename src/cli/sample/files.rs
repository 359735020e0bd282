//! Where pictures are written.

use std::fs::Permissions;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use image::{ImageFormat, RgbImage};

use crate::report::{CaptionedRow, ReportError, captioned_grid, letters_not_in_the_font};
use crate::train::{Drawing, TrainError};

use super::CliError;
use super::conditions::usage;
use super::strips::Strip;

/// Endings of pictures that are no PNG: whoever writes one wants no folder of that name.
const OTHER_PICTURES: [&str; 16] = [
    "jpg", "jpeg", "jfif", "webp", "gif", "bmp", "tif", "tiff", "svg", "pdf", "eps", "ppm", "pgm", "heic", "avif",
    "jxl",
];

/// One file with all pictures, or a folder with a file each.
pub struct Target {
    out: PathBuf,
    is_grid: bool,
    force: bool,
}

impl Target {
    /// What `--out` names.
    ///
    /// # Errors
    ///
    /// If a grid is there already, a folder would be where a file is, or it ends as a picture of another kind does.
    pub fn new(out: &Path, force: bool) -> Result<Self, CliError> {
        let is_grid = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
        let target = Self { out: out.to_owned(), is_grid, force };
        let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if OTHER_PICTURES.contains(&ending.as_str()) && !out.is_dir() {
            return Err(usage(
                format!("{}: pictures are written as PNG alone", out.display()),
                "name a file that ends in .png for one grid, or a folder for a file each",
            ));
        }
        if is_grid {
            target.refuse_what_is_there(std::iter::once(out))?;
        } else if out.exists() && !out.is_dir() {
            return Err(usage(
                format!("{}: is no folder", out.display()),
                "name a folder, or a file that ends in .png",
            ));
        }
        Ok(target)
    }

    /// The letters of `texts` that cannot be written beside the rows of a grid.
    pub fn unwritable<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        if self.is_grid { letters_not_in_the_font(texts) } else { Vec::new() }
    }

    /// The file of each picture, row by row.
    ///
    /// # Errors
    ///
    /// If one of them is there already.
    pub fn names(&self, strips: &[Strip]) -> Result<Vec<Vec<PathBuf>>, CliError> {
        let name = |row: usize, column: usize| match self.is_grid {
            true => self.out.clone(),
            false => self.out.join(format!("{row:02}-{column:02}.png")),
        };
        let row = |(row, strip): (usize, &Strip)| (1..=strip.pictures.len()).map(|column| name(row, column)).collect();
        let names: Vec<Vec<PathBuf>> = (1..).zip(strips).map(row).collect();
        self.refuse_what_is_there(names.iter().flatten().map(PathBuf::as_path))?;
        Ok(names)
    }

    fn refuse_what_is_there<'a>(&self, mut paths: impl Iterator<Item = &'a Path>) -> Result<(), CliError> {
        match paths.find(|path| !self.force && path.exists()) {
            None => Ok(()),
            Some(path) => Err(usage(
                format!("{}: is there already", path.display()),
                "name another --out, or write over it by --force",
            )),
        }
    }

    /// Draws the pictures and writes them.
    ///
    /// # Errors
    ///
    /// If a file cannot be made.
    pub fn write(
        &self,
        names: &[Vec<PathBuf>],
        strips: &[Strip],
        draw: impl Fn(&Drawing) -> RgbImage,
    ) -> Result<(), CliError> {
        if self.is_grid {
            let row = |strip: &Strip| CaptionedRow {
                caption: strip.text.clone(),
                pictures: strip.pictures.iter().map(|picture| draw(&picture.drawing)).collect(),
            };
            let rows: Vec<CaptionedRow> = strips.iter().map(row).collect();
            return self.put(&self.out, &captioned_grid(&rows)?);
        }
        for (names, strip) in names.iter().zip(strips) {
            for (name, picture) in names.iter().zip(&strip.pictures) {
                let mut png = Cursor::new(Vec::new());
                draw(&picture.drawing).write_to(&mut png, ImageFormat::Png).map_err(TrainError::Picture)?;
                self.put(name, &png.into_inner())?;
            }
        }
        Ok(())
    }

    /// Under its name a file is whole, and what is there is only replaced where that was asked for.
    fn put(&self, path: &Path, bytes: &[u8]) -> Result<(), CliError> {
        let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        let written = std::fs::create_dir_all(parent).and_then(|()| {
            let like_any_other = Permissions::from_mode(0o666);
            let mut draft = tempfile::Builder::new().permissions(like_any_other).tempfile_in(parent)?;
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
