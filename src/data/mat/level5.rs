//! Level 5 (MAT-File Format, section 1): a header of 128 bytes, then elements, each with a type, a length and contents.
//! A variable is an element that contains elements; MATLAB 7 compresses each variable separately.

use super::MatError;
use super::number_type::{NumberType, length};
use super::source::{ByteOrder, Source};
use flate2::read::ZlibDecoder;
use std::io::Read;

const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const INT8: u32 = 1;
const INT32: u32 = 5;
const UINT32: u32 = 6;
const UTF8: u32 = 16;
/// The length of the header, and the offset of version and byte order in it.
const HEADER: usize = 128;
const VERSION: usize = 124;
/// The maximum length of a name and the maximum number of dimensions of an array.
const MAX_NAME: usize = 1 << 10;
const MAX_DIMENSIONS: usize = 32;

/// The byte order and the major version (1, or 2 for MATLAB 7.3) if the file begins like a file of level 5.
pub(super) fn begins(bytes: &[u8]) -> Option<(ByteOrder, u8)> {
    match *bytes.get(VERSION..HEADER)? {
        [_, version, b'I', b'M'] => Some((ByteOrder::Little, version)),
        [version, _, b'M', b'I'] => Some((ByteOrder::Big, version)),
        _ => None,
    }
}

/// The error for a file that begins with the text `MATLAB 5.0` but does not have a valid header ([`begins`]).
pub(super) fn broken_header(bytes: &[u8]) -> MatError {
    match bytes.len() {
        HEADER.. => MatError::Damaged { what: "its header has no byte order".into() },
        _ => MatError::Truncated { what: "the header" },
    }
}

/// The values of a variable.
pub(super) fn vector(bytes: &[u8], order: ByteOrder, variable: &str) -> Result<Vec<f64>, MatError> {
    let (mut rest, mut found, mut names) = (&bytes[HEADER..], None, Vec::new());
    // The loop continues to the end, so that a truncation after the variable is detected too.
    while !rest.is_empty() {
        let mut source = Source::new(rest, order);
        let (kind, count) = (source.u32("the header of a variable")?, source.u32("the header of a variable")? as usize);
        let (contents, next) = rest[8..].split_at_checked(count).ok_or(MatError::Truncated { what: "a variable" })?;
        let named = match kind {
            _ if found.is_some() => None,
            MATRIX => array(&mut Source::new(contents, order), contents.len(), variable)?,
            COMPRESSED => {
                let mut decompressed = Source::new(ZlibDecoder::new(contents), order);
                let what = "the header of a compressed variable";
                match (decompressed.u32(what)?, decompressed.u32(what)? as usize) {
                    (MATRIX, count) => {
                        let named = array(&mut decompressed, count, variable)?;
                        if let Some((_, Some(_))) = named {
                            // Reads the checksum, which follows the numbers.
                            decompressed.end("a compressed variable")?;
                        }
                        named
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some((name, vector)) = named {
            names.push(name);
            found = vector;
        }
        rest = next;
    }
    found.ok_or_else(|| MatError::NoVariable { name: variable.into(), found: names })
}

/// The tag of an element: its type and the length of its contents.
struct Tag {
    kind: u32,
    count: usize,
    /// Contents of at most four bytes are in the tag.
    small: Option<[u8; 4]>,
}

impl Tag {
    fn read<R: Read>(source: &mut Source<R>, what: &'static str) -> Result<Self, MatError> {
        let first = source.u32(what)?;
        match (first & 0xffff, (first >> 16) as usize) {
            (_, 0) => Ok(Self { kind: first, count: source.u32(what)? as usize, small: None }),
            (kind, count @ 1..=4) => Ok(Self { kind, count, small: Some(source.array(what)?) }),
            (_, count) => {
                Err(MatError::Damaged { what: format!("{what} has {count} bytes, more than the limit of 4") })
            }
        }
    }

    /// Reads the contents, and skips the padding to a multiple of eight bytes.
    fn contents<R: Read>(&self, source: &mut Source<R>, what: &'static str) -> Result<Vec<u8>, MatError> {
        if let Some(bytes) = self.small {
            return Ok(bytes[..self.count].to_vec());
        }
        let bytes = source.bytes(self.count, what)?;
        source.skip(self.count.next_multiple_of(8) - self.count, what)?;
        Ok(bytes)
    }
}

/// The name of an array, and its values if it is the requested variable.
type Named = (String, Option<Vec<f64>>);

/// Reads an array of `count` bytes; `None` if it has no name.
fn array<R: Read>(source: &mut Source<R>, count: usize, variable: &str) -> Result<Option<Named>, MatError> {
    if count == 0 {
        return Ok(None);
    }
    let [class, flags] = flags(source)?;
    // An opaque object has no dimensions.
    if class == OPAQUE {
        return Ok(None);
    }
    let size = dimensions(source)?;
    let name = name(source)?;
    if name != variable {
        return Ok(Some((name, None)));
    }
    if let Some(class) = not_real(class, flags) {
        return Err(MatError::NotReal { name, class });
    }
    let length = length(&name, &size)?;
    let what = "the numbers of a variable";
    let tag = Tag::read(source, what)?;
    let numbers = NumberType::of_element(tag.kind)
        .ok_or_else(|| MatError::Damaged { what: format!("numbers of unknown type {}", tag.kind) })?;
    if Some(tag.count) != length.checked_mul(numbers.width()) {
        let what = format!("`{name}` has {} bytes for {length} numbers of {} bytes", tag.count, numbers.width());
        return Err(MatError::Damaged { what });
    }
    let vector = numbers.read(&tag.contents(source, what)?, source.order);
    Ok(Some((name, Some(vector))))
}

/// The class of an array and its flags; flag 8 is for complex numbers.
fn flags<R: Read>(source: &mut Source<R>) -> Result<[u32; 2], MatError> {
    let what = "the class of a variable";
    match Tag::read(source, what)? {
        Tag { kind: UINT32, count: 8, small: None } => {
            let (flags, _) = (source.u32(what)?, source.u32(what)?);
            Ok([flags & 0xff, flags >> 8 & 0xff])
        }
        _ => Err(MatError::Damaged { what: "a variable without a class".into() }),
    }
}

fn dimensions<R: Read>(source: &mut Source<R>) -> Result<Vec<usize>, MatError> {
    let (what, wrong) = ("the size of a variable", |what: &str| MatError::Damaged { what: what.into() });
    let tag = Tag::read(source, what)?;
    if tag.kind != INT32 || tag.count % 4 != 0 || !(4..=4 * MAX_DIMENSIONS).contains(&tag.count) {
        return Err(wrong("a variable without a size"));
    }
    let bytes = tag.contents(source, what)?;
    let dimension = |&bytes: &[u8; 4]| usize::try_from(source.order.u32(bytes).cast_signed());
    let dimensions = bytes.as_chunks().0.iter().map(dimension).collect::<Result<_, _>>();
    dimensions.map_err(|_| wrong("a variable with a negative size"))
}

fn name<R: Read>(source: &mut Source<R>) -> Result<String, MatError> {
    let what = "the name of a variable";
    let tag = Tag::read(source, what)?;
    if !matches!(tag.kind, INT8 | UTF8) || tag.count > MAX_NAME {
        return Err(MatError::Damaged { what: "a variable without a name".into() });
    }
    Ok(String::from_utf8_lossy(&tag.contents(source, what)?).into_owned())
}

const OPAQUE: u32 = 17;

/// The description of a class that is not of real numbers; `None` for real numbers (MAT-File Format, table 1-3).
fn not_real(class: u32, flags: u32) -> Option<&'static str> {
    const COMPLEX: u32 = 8;
    match class {
        6..=15 if flags & COMPLEX != 0 => Some("complex"),
        6..=15 => None,
        1 => Some("a cell array"),
        2 => Some("a struct"),
        3 => Some("an object"),
        4 => Some("text"),
        5 => Some("sparse"),
        16 => Some("a function"),
        _ => Some("of an unknown class"),
    }
}
