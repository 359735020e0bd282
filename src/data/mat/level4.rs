//! Level 4 (MAT-File Format, section 2): a sequence of matrices, each with a header of five integers and a name.

use super::MatError;
use super::number_type::{NumberType, length};
use super::source::{ByteOrder, Source};

/// The maximum length of a name.
const MAX_NAME: u32 = 1 << 10;

/// The header of a matrix: five integers.
struct Header {
    numbers: NumberType,
    order: ByteOrder,
    /// 0 for numbers, 1 for text, 2 for a sparse matrix.
    kind: u32,
    size: [u32; 2],
    is_complex: bool,
    /// The length of the name in bytes.
    name: u32,
}

/// Whether a file begins with such a header. A file of level 5 begins with text, without a zero in its first four
/// bytes.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(|first: &[u8; 4]| first.contains(&0)) && Header::read(&mut source(bytes)).is_ok()
}

/// The values of a variable.
pub(super) fn vector(bytes: &[u8], variable: &str) -> Result<Vec<f64>, MatError> {
    let (mut rest, mut found, mut names) = (bytes, None, Vec::new());
    // The loop continues to the end, so that a truncation after the variable is detected too.
    while !rest.is_empty() {
        let header = Header::read(&mut source(rest))?;
        let name_and_data = &rest[HEADER..];
        let name = name_and_data.get(..header.name as usize).ok_or(MatError::Truncated { what: "a name" })?;
        let name = String::from_utf8_lossy(name.split(|&byte| byte == 0).next().unwrap_or_default()).into_owned();
        let data = &name_and_data[header.name as usize..];
        let [rows, columns] = header.size.map(|side| side as usize);
        let planes = if header.is_complex { 2 } else { 1 };
        let sizes = [rows, columns, planes, header.numbers.width()];
        let count = sizes.into_iter().try_fold(1usize, usize::checked_mul);
        let (data, next) =
            count.and_then(|count| data.split_at_checked(count)).ok_or(MatError::Truncated { what: "a matrix" })?;
        if name == variable && found.is_none() {
            found = Some(header.vector(&name, [rows, columns], data)?);
        }
        names.push(name);
        rest = next;
    }
    found.ok_or_else(|| MatError::NoVariable { name: variable.into(), found: names })
}

/// The length of the header in bytes.
const HEADER: usize = 20;

fn source(bytes: &[u8]) -> Source<&[u8]> {
    Source::new(bytes, ByteOrder::Little)
}

impl Header {
    fn read(source: &mut Source<&[u8]>) -> Result<Self, MatError> {
        let what = "the header of a matrix";
        let first: [u8; 4] = source.array(what)?;
        let (little, big) = (ByteOrder::Little.u32(first), ByteOrder::Big.u32(first));
        // The digits of MOPT: M is the number format (0 and 1 are IEEE, little- and big-endian; VAX and Cray are not
        // supported), O is always 0, P is the type of the numbers, T is the kind of the matrix.
        let (order, mopt) = match (little, big) {
            (0..=999, _) => (ByteOrder::Little, little),
            (_, 1000..=1999) => (ByteOrder::Big, big),
            _ => return Err(MatError::NotMat),
        };
        source.order = order;
        let (numbers, kind) = (NumberType::of_level4(mopt / 10 % 10), mopt % 10);
        let numbers = numbers.filter(|_| mopt / 100 % 10 == 0 && kind <= 2).ok_or(MatError::NotMat)?;
        let size = [source.u32(what)?, source.u32(what)?];
        let (complex, name) = (source.u32(what)?, source.u32(what)?);
        if complex > 1 || !(1..=MAX_NAME).contains(&name) {
            return Err(MatError::NotMat);
        }
        Ok(Self { numbers, order, kind, size, is_complex: complex == 1, name })
    }

    fn vector(&self, name: &str, size: [usize; 2], data: &[u8]) -> Result<Vec<f64>, MatError> {
        let class = match (self.kind, self.is_complex) {
            (0, false) => None,
            (0, true) => Some("complex"),
            (1, _) => Some("text"),
            _ => Some("sparse"),
        };
        if let Some(class) = class {
            return Err(MatError::NotReal { name: name.into(), class });
        }
        length(name, &size)?;
        Ok(self.numbers.read(data, self.order))
    }
}
