//! An object array whose objects are rows.

use std::io::BufRead;

use super::error::PickleError;
use super::machine::{Arrays, Machine};
use super::value::Value;

/// How long a string a table's pickle can ask for again: its names are shorter, its rows longer.
const REMEMBERED: usize = 24;

/// Where the rows of an array are, among those that were given out.
#[derive(Clone, Debug, PartialEq)]
pub enum RowOrder {
    /// They are those, in order.
    AsRead,
    /// One for each, in the array's order: one object may stand in several places.
    Listed(Vec<u32>),
}

/// Reads the pickle of an object array of `count` rows, each `[1, d]` or `[d]` of little-endian 32-bit floats with one d for all,
/// and gives out the bytes of each as soon as they are there. `at` is the byte of the file that `reader` gives first.
///
/// # Errors
///
/// If it is not such a pickle (see [`PickleError`]), or `give` cannot take a row.
pub fn rows(
    reader: impl BufRead,
    at: u64,
    count: usize,
    give: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<RowOrder, PickleError> {
    let mut arrays = Rows { count, give, filled: vec![], given: 0, width: None, outer: None };
    let (value, lists, _) = Machine::new(reader, at, &mut arrays, count, REMEMBERED).run()?;
    let malformed = |what: &str| PickleError::Malformed { what: what.into(), at };
    let Some((outer, list)) = arrays.outer else {
        return Err(malformed("no array of objects in the pickle that begins"));
    };
    if !matches!(value, Value::Array(array) if array == outer) {
        return Err(malformed("something other than an array in the pickle that begins"));
    }
    let row = |value: &Value| match value {
        Value::Array(array) => arrays.filled[*array as usize],
        _ => None,
    };
    let list = lists.get(list as usize).map(Vec::as_slice).unwrap_or_default();
    let order: Option<Vec<u32>> = list.iter().map(row).collect();
    let order = order.ok_or_else(|| malformed("an object that is no row in the array of the pickle that begins"))?;
    if order.len() != count {
        return Err(malformed(&format!("{} rows instead of {count} in the pickle that begins", order.len())));
    }
    let as_read = order.len() == arrays.given as usize && order.iter().copied().eq(0..arrays.given);
    Ok(if as_read { RowOrder::AsRead } else { RowOrder::Listed(order) })
}

struct Rows<'a> {
    count: usize,
    give: &'a mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    /// By an array's number: which of the rows given out it is.
    filled: Vec<Option<u32>>,
    given: u32,
    width: Option<usize>,
    /// The array of objects, and the list of them.
    outer: Option<(u32, u32)>,
}

impl Arrays for Rows<'_> {
    const ANY: bool = true;

    fn begin(&mut self) -> u32 {
        self.filled.push(None);
        self.filled.len() as u32 - 1
    }

    fn fill(&mut self, array: u32, shape: Vec<usize>, kind: &Value, data: &Value, at: u64) -> Result<(), PickleError> {
        let malformed = |what: String| Err(PickleError::Malformed { what, at });
        if self.filled[array as usize].is_some() || self.outer.is_some() {
            return malformed("an array is filled twice, or after the array of objects".into());
        }
        match (kind, data) {
            (Value::Object, Value::List(list)) if shape == [self.count] => {
                self.outer = Some((array, *list));
                Ok(())
            }
            (Value::Object, _) => malformed(format!("an array of objects {shape:?}, not [{}]", self.count)),
            (Value::Float32, Value::Bytes(bytes)) => {
                let (&[width] | &[1, width]) = &shape[..] else {
                    return malformed(format!("a row of shape {shape:?}, not [d] or [1, d]"));
                };
                if width == 0 || bytes.len() % 4 != 0 || bytes.len() / 4 != width {
                    return malformed(format!("a row {shape:?} of {} bytes", bytes.len()));
                }
                if width != *self.width.get_or_insert(width) {
                    return malformed(format!("row {} of {width} numbers, where those before have others", self.given));
                }
                if self.given as usize == self.count {
                    return malformed(format!("more rows than {}", self.count));
                }
                (self.give)(bytes).map_err(PickleError::Write)?;
                self.filled[array as usize] = Some(self.given);
                self.given += 1;
                Ok(())
            }
            (kind, data) => malformed(format!("an array of {} with {}", kind.kind(), data.kind())),
        }
    }
}
