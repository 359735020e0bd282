//! Arrays of floats in NumPy's `.npy` format.

use crate::npy::NpyHeader;

/// An array of floats in C or Fortran order.
pub(super) struct NumpyArray<'a> {
    header: NpyHeader,
    /// Whether the type is `<f8`, not `<f4`.
    is_f64: bool,
    bytes: &'a [u8],
}

impl<'a> NumpyArray<'a> {
    /// Parses the header and checks the length of the data. The error is the problem.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let header = NpyHeader::parse(bytes)?;
        let is_f64 = match header.descr.as_str() {
            "'<f4'" => false,
            "'<f8'" => true,
            found => return Err(format!("its values are {found}, not '<f4' or '<f8'")),
        };
        let bytes = &bytes[header.start..];
        if header.size(if is_f64 { 8 } else { 4 }) != Some(bytes.len()) {
            return Err(format!("it has {} bytes, not those of {:?}", bytes.len(), header.shape));
        }
        if header.is_fortran && header.shape.len() > 2 {
            return Err("it is in Fortran order, but not a matrix".into());
        }
        Ok(Self { header, is_f64, bytes })
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// The values row by row, rounded to f32; values beyond its range become infinite.
    pub(super) fn to_f32(&self) -> Vec<f32> {
        self.values(|value| value as f32, |value| value)
    }

    /// The values row by row.
    pub(super) fn to_f64(&self) -> Vec<f64> {
        self.values(|value| value, f64::from)
    }

    fn values<T: Copy>(&self, from_f64: impl Fn(f64) -> T, from_f32: impl Fn(f32) -> T) -> Vec<T> {
        self.header.row_major(match self.is_f64 {
            true => self.bytes.as_chunks().0.iter().map(|&bytes| from_f64(f64::from_le_bytes(bytes))).collect(),
            false => self.bytes.as_chunks().0.iter().map(|&bytes| from_f32(f32::from_le_bytes(bytes))).collect(),
        })
    }
}
