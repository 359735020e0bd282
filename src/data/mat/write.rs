//! Writes MATLAB 5 files (MAT-File Format, MathWorks, level 5, section 1) with named rows of numbers, uncompressed.

/// The values of one variable, a 1×N array.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    /// Class `uint8`.
    Bytes(&'a [u8]),
    /// Class `uint16`.
    Words(&'a [u16]),
    /// Class `double`.
    Doubles(&'a [f64]),
}

// The data types of elements and the classes of arrays.
const INT8: u32 = 1;
const UINT8: u32 = 2;
const UINT16: u32 = 4;
const INT32: u32 = 5;
const UINT32: u32 = 6;
const DOUBLE: u32 = 9;
const MATRIX: u32 = 14;
const CLASS_DOUBLE: u32 = 6;
const CLASS_UINT8: u32 = 9;
const CLASS_UINT16: u32 = 11;

/// The bytes of a file with these variables, in this order.
///
/// # Panics
///
/// If a variable has 4 GiB or more, which the format does not support.
pub fn mat(variables: &[(&str, Row<'_>)]) -> Vec<u8> {
    let mut file = b"MATLAB 5.0 MAT-file".to_vec();
    file.resize(124, b' ');
    // Version 1.0 and the marker of the little-endian byte order.
    file.extend([0, 1, b'I', b'M']);
    for (name, row) in variables {
        file.extend(element(MATRIX, &matrix(name, *row)));
    }
    file
}

fn matrix(name: &str, row: Row<'_>) -> Vec<u8> {
    let (class, kind, length, bytes) = match row {
        Row::Bytes(values) => (CLASS_UINT8, UINT8, values.len(), values.to_vec()),
        Row::Words(values) => {
            (CLASS_UINT16, UINT16, values.len(), values.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
        Row::Doubles(values) => {
            (CLASS_DOUBLE, DOUBLE, values.len(), values.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
    };
    let shape = [1u32.to_le_bytes(), (length as u32).to_le_bytes()].concat();
    let mut body = element(UINT32, &[class.to_le_bytes(), [0; 4]].concat());
    body.extend(element(INT32, &shape));
    body.extend(element(INT8, name.as_bytes()));
    body.extend(element(kind, &bytes));
    body
}

/// An element: a tag with type and length, then the payload, padded to a multiple of eight bytes.
fn element(kind: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a variable of a data set has less than 4 GiB");
    let mut bytes = [kind.to_le_bytes(), length.to_le_bytes()].concat();
    bytes.extend(payload);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::mat::vector;

    #[test]
    fn every_kind_of_row_is_read_correctly() {
        let file = mat(&[
            ("labels", Row::Bytes(&[77, 1, 102])),
            ("trnid", Row::Words(&[8189, 5])),
            ("tstid", Row::Doubles(&[1.0, 2.5, -3.0])),
            ("valid", Row::Words(&[])),
        ]);
        let row = |name: &str| vector(&file, name).unwrap();
        assert_eq!((row("labels"), row("trnid")), (vec![77.0, 1.0, 102.0], vec![8189.0, 5.0]));
        assert_eq!((row("tstid"), row("valid")), (vec![1.0, 2.5, -3.0], vec![]));
    }
}
