//! NumPy's `.npy` format, version 1 to 3, for arrays of 32-bit floats
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

use super::error::VectorsError;

const MAGIC: &[u8] = b"\x93NUMPY";

/// What the header of an array says.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    /// Where the contents begin.
    pub(super) start: usize,
    /// The type of the numbers, as it stands there: `'<f4'` with its quotes.
    pub(super) descr: String,
    /// Whether columns, and not rows, lie together.
    pub(super) fortran: bool,
    /// The sides.
    pub(super) shape: Vec<usize>,
}

impl Header {
    /// How many bytes the contents have if the numbers are of 32 bits.
    pub(super) fn f32_bytes(&self) -> Option<usize> {
        self.shape.iter().try_fold(4usize, |product, &side| product.checked_mul(side))
    }

    /// That the numbers are little-endian floats of 32 bits.
    pub(super) fn is_f32(&self) -> Result<(), VectorsError> {
        match self.descr == "'<f4'" {
            true => Ok(()),
            false => Err(VectorsError::Type { name: "the array".into(), found: self.descr.clone() }),
        }
    }
}

/// The header at the beginning of some bytes, of which what follows may be missing.
pub(super) fn header(bytes: &[u8]) -> Result<Header, VectorsError> {
    let broken = |why: &str| VectorsError::Format(why.to_owned());
    let version =
        bytes.strip_prefix(MAGIC).and_then(|rest| rest.first()).ok_or_else(|| broken("it is no .npy file"))?;
    // Version 1 gives the header's length in two bytes, later ones in four.
    let width = if *version == 1 { 2 } else { 4 };
    let (at, mut length) = (MAGIC.len() + 2, [0; 4]);
    length[..width].copy_from_slice(bytes.get(at..at + width).ok_or_else(|| broken("it ends in its header"))?);
    let start = at + width + u32::from_le_bytes(length) as usize;
    let header = bytes.get(at + width..start).ok_or_else(|| broken("it ends in its header"))?;
    let header = std::str::from_utf8(header).map_err(|_| broken("its header is no text"))?;
    let entry = |name: &str| {
        let (_, rest) = header.split_once(&format!("'{name}':"))?;
        Some(rest.trim_start())
    };
    let descr = entry("descr").ok_or_else(|| broken("its header names no `descr`"))?;
    let descr = descr.split(',').next().unwrap_or_default().to_owned();
    let fortran = match entry("fortran_order") {
        Some(rest) if rest.starts_with("False") => false,
        Some(rest) if rest.starts_with("True") => true,
        _ => return Err(broken("its header does not say in which order it is")),
    };
    let shape = entry("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).map(|(inside, _)| inside);
    let sides = shape.unwrap_or_default().split(',').map(str::trim).filter(|side| !side.is_empty());
    let shape = sides.map(str::parse).collect::<Result<_, _>>().map_err(|_| broken("its shape is not of numbers"))?;
    Ok(Header { start, descr, fortran, shape })
}

/// Where the numbers of an array of little-endian `f32` in C order begin, and its shape.
pub(super) fn f32_array(bytes: &[u8]) -> Result<(usize, Vec<usize>), VectorsError> {
    let broken = |why: &str| VectorsError::Format(why.to_owned());
    let header = header(bytes)?;
    header.is_f32()?;
    if header.fortran {
        return Err(broken("it is in Fortran order"));
    }
    let (start, numbers) = (header.start, header.f32_bytes());
    if numbers != Some(bytes.len() - start) {
        return Err(broken(&format!("it holds {} bytes, not those of {:?}", bytes.len() - start, header.shape)));
    }
    Ok((start, header.shape))
}
