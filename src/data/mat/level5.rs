//! Level 5 (MAT-File Format, section 1): a header of 128 bytes, then elements of a type, a length and their contents. A
//! variable is an element of several; MATLAB 7 compresses each variable by itself.

use super::MatError;
use super::numbers::{NumberType, length};
use super::source::{ByteOrder, Source};
use flate2::read::ZlibDecoder;
use std::io::Read;

const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const INT8: u32 = 1;
const INT32: u32 = 5;
const UINT32: u32 = 6;
const UTF8: u32 = 16;
/// The header's length, and where in it version and byte order are.
const HEADER: usize = 128;
const VERSION: usize = 124;
/// The longest name, and the most sides of an array.
const LONGEST_NAME: usize = 1 << 10;
const MOST_SIDES: usize = 32;

/// The byte order of a file that begins as level 5 does, and the first byte of its version: 1, or 2 of MATLAB 7.3.
pub(super) fn begins(bytes: &[u8]) -> Option<(ByteOrder, u8)> {
    match *bytes.get(VERSION..HEADER)? {
        [_, version, b'I', b'M'] => Some((ByteOrder::Little, version)),
        [version, _, b'M', b'I'] => Some((ByteOrder::Big, version)),
        _ => None,
    }
}

/// What is wrong with a file that names itself one of MATLAB 5 and does not [begin](begins) as one.
pub(super) fn broken_header(bytes: &[u8]) -> MatError {
    match bytes.len() {
        HEADER.. => MatError::Damaged { what: "its header gives no byte order".into() },
        _ => MatError::Cut { what: "the header" },
    }
}

/// The numbers of a variable.
pub(super) fn vector(bytes: &[u8], order: ByteOrder, variable: &str) -> Result<Vec<f64>, MatError> {
    let (mut rest, mut found, mut names) = (&bytes[HEADER..], None, Vec::new());
    // To the end, so that a file that is cut behind the variable is noticed too.
    while !rest.is_empty() {
        let mut source = Source::new(rest, order);
        let (kind, count) = (source.u32("a variable's beginning")?, source.u32("a variable's beginning")? as usize);
        let (contents, next) = rest[8..].split_at_checked(count).ok_or(MatError::Cut { what: "a variable" })?;
        let named = match kind {
            _ if found.is_some() => None,
            MATRIX => array(&mut Source::new(contents, order), contents.len(), variable)?,
            COMPRESSED => {
                let mut unpacked = Source::new(ZlibDecoder::new(contents), order);
                let what = "a compressed variable's beginning";
                match (unpacked.u32(what)?, unpacked.u32(what)? as usize) {
                    (MATRIX, count) => {
                        let named = array(&mut unpacked, count, variable)?;
                        if let Some((_, Some(_))) = named {
                            // The checksum stands behind the numbers.
                            unpacked.end("a compressed variable")?;
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

/// What stands before an element's contents.
struct Tag {
    kind: u32,
    count: usize,
    /// Contents of four bytes or fewer, which stand in the tag itself.
    small: Option<[u8; 4]>,
}

impl Tag {
    fn read<R: Read>(source: &mut Source<R>, what: &'static str) -> Result<Self, MatError> {
        let first = source.u32(what)?;
        match (first & 0xffff, (first >> 16) as usize) {
            (_, 0) => Ok(Self { kind: first, count: source.u32(what)? as usize, small: None }),
            (kind, count @ 1..=4) => Ok(Self { kind, count, small: Some(source.array(what)?) }),
            (_, count) => Err(MatError::Damaged { what: format!("{what} has {count} bytes where at most 4 fit") }),
        }
    }

    /// The contents, and what fills them up to eight bytes.
    fn contents<R: Read>(&self, source: &mut Source<R>, what: &'static str) -> Result<Vec<u8>, MatError> {
        if let Some(bytes) = self.small {
            return Ok(bytes[..self.count].to_vec());
        }
        let bytes = source.bytes(self.count, what)?;
        source.skip(self.count.next_multiple_of(8) - self.count, what)?;
        Ok(bytes)
    }
}

/// The name of an array, and its numbers if it is the one that is wanted.
type Named = (String, Option<Vec<f64>>);

/// Reads an array of `count` bytes; `None` for an element without a name.
fn array<R: Read>(source: &mut Source<R>, count: usize, variable: &str) -> Result<Option<Named>, MatError> {
    if count == 0 {
        return Ok(None);
    }
    let [class, flags] = flags(source)?;
    // An object whose contents lie elsewhere has no sides.
    if class == OPAQUE {
        return Ok(None);
    }
    let size = sides(source)?;
    let name = name(source)?;
    if name != variable {
        return Ok(Some((name, None)));
    }
    if let Some(class) = not_numbers(class, flags) {
        return Err(MatError::NotNumbers { name, class });
    }
    let length = length(&name, &size)?;
    let what = "the numbers of a variable";
    let tag = Tag::read(source, what)?;
    let numbers = NumberType::of_element(tag.kind)
        .ok_or_else(|| MatError::Damaged { what: format!("numbers of the unknown type {}", tag.kind) })?;
    if Some(tag.count) != length.checked_mul(numbers.width()) {
        let what = format!("`{name}` has {} bytes for {length} numbers of {} bytes", tag.count, numbers.width());
        return Err(MatError::Damaged { what });
    }
    let vector = numbers.read(&tag.contents(source, what)?, source.order);
    Ok(Some((name, Some(vector))))
}

/// The class of an array, and its flags: 8 for complex numbers.
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

fn sides<R: Read>(source: &mut Source<R>) -> Result<Vec<usize>, MatError> {
    let (what, wrong) = ("the size of a variable", |what: &str| MatError::Damaged { what: what.into() });
    let tag = Tag::read(source, what)?;
    if tag.kind != INT32 || tag.count % 4 != 0 || !(4..=4 * MOST_SIDES).contains(&tag.count) {
        return Err(wrong("a variable without a size"));
    }
    let bytes = tag.contents(source, what)?;
    let side = |&bytes: &[u8; 4]| usize::try_from(source.order.u32(bytes).cast_signed());
    let sides = bytes.as_chunks().0.iter().map(side).collect::<Result<_, _>>();
    sides.map_err(|_| wrong("a variable with a negative size"))
}

fn name<R: Read>(source: &mut Source<R>) -> Result<String, MatError> {
    let what = "the name of a variable";
    let tag = Tag::read(source, what)?;
    if !matches!(tag.kind, INT8 | UTF8) || tag.count > LONGEST_NAME {
        return Err(MatError::Damaged { what: "a variable without a name".into() });
    }
    Ok(String::from_utf8_lossy(&tag.contents(source, what)?).into_owned())
}

const OPAQUE: u32 = 17;

/// What an array of a class is, where it is not of real numbers (MAT-File Format, table 1-3).
fn not_numbers(class: u32, flags: u32) -> Option<&'static str> {
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
