//! Arrays of 32-bit floats in NumPy's `.npy` format.

use super::error::VectorsError;
use crate::npy::NpyHeader;

/// Parses the header at the start of `bytes`. The contents of the array may be missing.
pub(super) fn parse_header(bytes: &[u8]) -> Result<NpyHeader, VectorsError> {
    NpyHeader::parse(bytes).map_err(|why| VectorsError::Format(why.to_owned()))
}

/// Checks that the data type is little-endian `f32`.
pub(super) fn check_f32(header: &NpyHeader) -> Result<(), VectorsError> {
    match header.descr == "'<f4'" {
        true => Ok(()),
        false => Err(VectorsError::Type { name: "the array".into(), found: header.descr.clone() }),
    }
}

/// The offset of the contents in bytes, and the shape of an array of little-endian `f32` in C order.
pub(super) fn f32_array(bytes: &[u8]) -> Result<(usize, Vec<usize>), VectorsError> {
    let header = parse_header(bytes)?;
    check_f32(&header)?;
    if header.is_fortran {
        return Err(VectorsError::Format("the array is in Fortran order".into()));
    }
    let found = bytes.len() - header.start;
    if header.size(4) != Some(found) {
        return Err(VectorsError::Format(format!(
            "the contents have {found} bytes, which does not match the shape {:?}",
            header.shape
        )));
    }
    Ok((header.start, header.shape))
}
