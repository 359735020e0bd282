//! NumPy's `.npy` format, version 1 to 3, for arrays of 32-bit floats
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

use super::error::VectorsError;

const MAGIC: &[u8] = b"\x93NUMPY";

/// The header of an array.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    /// The offset of the contents in bytes.
    pub(super) start: usize,
    /// The data type as in the header, with quotes: `'<f4'`.
    pub(super) descr: String,
    /// Whether the array is in Fortran order.
    pub(super) fortran: bool,
    /// The length of each axis.
    pub(super) shape: Vec<usize>,
}

impl Header {
    /// The size of the contents in bytes for 32-bit values.
    pub(super) fn f32_bytes(&self) -> Option<usize> {
        self.shape.iter().try_fold(4usize, |product, &length| product.checked_mul(length))
    }

    /// Checks that the data type is little-endian `f32`.
    pub(super) fn check_f32(&self) -> Result<(), VectorsError> {
        match self.descr == "'<f4'" {
            true => Ok(()),
            false => Err(VectorsError::Type { name: "the array".into(), found: self.descr.clone() }),
        }
    }
}

/// Parses the header at the start of `bytes`. The contents of the array may be missing.
pub(super) fn parse_header(bytes: &[u8]) -> Result<Header, VectorsError> {
    let invalid = |why: &str| VectorsError::Format(why.to_owned());
    let version =
        bytes.strip_prefix(MAGIC).and_then(|rest| rest.first()).ok_or_else(|| invalid("it is not a .npy file"))?;
    // The length of the header has two bytes in version 1, and four in later versions.
    let width = if *version == 1 { 2 } else { 4 };
    let (at, mut length) = (MAGIC.len() + 2, [0; 4]);
    length[..width].copy_from_slice(bytes.get(at..at + width).ok_or_else(|| invalid("the file ends in the header"))?);
    let start = at + width + u32::from_le_bytes(length) as usize;
    let header = bytes.get(at + width..start).ok_or_else(|| invalid("the file ends in the header"))?;
    let header = std::str::from_utf8(header).map_err(|_| invalid("the header is not UTF-8"))?;
    let entry = |name: &str| {
        let (_, rest) = header.split_once(&format!("'{name}':"))?;
        Some(rest.trim_start())
    };
    let descr = entry("descr").ok_or_else(|| invalid("the header has no `descr`"))?;
    let descr = descr.split(',').next().unwrap_or_default().to_owned();
    let fortran = match entry("fortran_order") {
        Some(rest) if rest.starts_with("False") => false,
        Some(rest) if rest.starts_with("True") => true,
        _ => return Err(invalid("the header has no valid `fortran_order`")),
    };
    let shape = entry("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).map(|(inside, _)| inside);
    let lengths = shape.unwrap_or_default().split(',').map(str::trim).filter(|length| !length.is_empty());
    let shape = lengths
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| invalid("the shape is not a tuple of integers"))?;
    Ok(Header { start, descr, fortran, shape })
}

/// The offset of the contents in bytes, and the shape of an array of little-endian `f32` in C order.
pub(super) fn f32_array(bytes: &[u8]) -> Result<(usize, Vec<usize>), VectorsError> {
    let invalid = |why: &str| VectorsError::Format(why.to_owned());
    let header = parse_header(bytes)?;
    header.check_f32()?;
    if header.fortran {
        return Err(invalid("the array is in Fortran order"));
    }
    let start = header.start;
    if header.f32_bytes() != Some(bytes.len() - start) {
        return Err(invalid(&format!(
            "the contents have {} bytes, which does not match the shape {:?}",
            bytes.len() - start,
            header.shape
        )));
    }
    Ok((start, header.shape))
}
