//! The types of the numbers in a file.

use super::MatError;
use super::source::ByteOrder;

/// The type of the numbers in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberType {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl NumberType {
    /// The type of an element of a level 5 file (MAT-File Format, table 1-1).
    pub fn of_element(kind: u32) -> Option<Self> {
        Some(match kind {
            1 => Self::I8,
            2 => Self::U8,
            3 => Self::I16,
            4 => Self::U16,
            5 => Self::I32,
            6 => Self::U32,
            7 => Self::F32,
            9 => Self::F64,
            12 => Self::I64,
            13 => Self::U64,
            _ => return None,
        })
    }

    /// The type of a matrix of a level 4 file, by the third digit of its `MOPT`.
    pub fn of_level4(digit: u32) -> Option<Self> {
        [Self::F64, Self::F32, Self::I32, Self::I16, Self::U16, Self::U8].get(digit as usize).copied()
    }

    /// The number of bytes of one number.
    pub fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Reads the numbers as `f64`. Integers above 2⁵³ are rounded; labels and image numbers are never that large.
    pub fn read(self, bytes: &[u8], order: ByteOrder) -> Vec<f64> {
        fn each<const N: usize>(bytes: &[u8], order: ByteOrder, number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
            let native = |&(mut chunk): &[u8; N]| {
                if order == ByteOrder::Big {
                    chunk.reverse();
                }
                number(chunk)
            };
            bytes.as_chunks().0.iter().map(native).collect()
        }
        match self {
            Self::I8 => each(bytes, order, |chunk| i8::from_le_bytes(chunk).into()),
            Self::U8 => each(bytes, order, |chunk| u8::from_le_bytes(chunk).into()),
            Self::I16 => each(bytes, order, |chunk| i16::from_le_bytes(chunk).into()),
            Self::U16 => each(bytes, order, |chunk| u16::from_le_bytes(chunk).into()),
            Self::I32 => each(bytes, order, |chunk| i32::from_le_bytes(chunk).into()),
            Self::U32 => each(bytes, order, |chunk| u32::from_le_bytes(chunk).into()),
            Self::I64 => each(bytes, order, |chunk| i64::from_le_bytes(chunk) as f64),
            Self::U64 => each(bytes, order, |chunk| u64::from_le_bytes(chunk) as f64),
            Self::F32 => each(bytes, order, |chunk| f32::from_le_bytes(chunk).into()),
            Self::F64 => each(bytes, order, f64::from_le_bytes),
        }
    }
}

/// The maximum length of a vector.
pub(super) const MAX_LENGTH: usize = 1 << 24;

/// The length of a vector of this size.
pub(super) fn length(name: &str, size: &[usize]) -> Result<usize, MatError> {
    let not_a_vector = || MatError::NotAVector { name: name.into(), size: size.to_vec() };
    let length = match size {
        &[1, length] | &[length, 1] => length,
        // Empty, as MATLAB's `[]`.
        &[0, 0] => 0,
        _ => return Err(not_a_vector()),
    };
    match length {
        0..=MAX_LENGTH => Ok(length),
        _ => Err(MatError::TooLarge { what: format!("`{name}` has {length} numbers"), limit: MAX_LENGTH as u64 }),
    }
}
