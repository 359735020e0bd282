//! Reading an object array of rows.

use std::io::BufRead;

use super::error::PickleError;
use super::unpickler::{ArraySink, Unpickler};
use super::value::Value;

/// The largest length of a string in the memo: names are shorter, the bytes of rows are longer.
const MAX_MEMO_STRING: usize = 24;

/// The rows of an array, among the rows that were passed to the callback.
#[derive(Clone, Debug, PartialEq)]
pub enum RowOrder {
    /// All of them, in order.
    Sequential,
    /// The index of each row, because several rows are one object.
    Indices(Vec<u32>),
}

/// Reads the pickle of an object array of `count` rows, and passes the bytes of each row to `write_row` as soon as they
/// are read. The rows are arrays `[1, d]` or `[d]` of little-endian `f32` with the same d. `at` is the offset of the
/// pickle in the file.
///
/// # Errors
///
/// See [`PickleError`]; also if `write_row` fails.
pub fn read_rows(
    reader: impl BufRead,
    at: u64,
    count: usize,
    write_row: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<RowOrder, PickleError> {
    let mut arrays = RowSink { count, write_row, row_of: vec![], written: 0, dimension: None, outer: None };
    let (value, lists, _) = Unpickler::new(reader, at, &mut arrays, count, MAX_MEMO_STRING).run()?;
    let malformed = |what: &str| PickleError::Malformed { what: what.into(), at };
    let Some((outer, list)) = arrays.outer else {
        return Err(malformed("no array of objects in the pickle"));
    };
    if !matches!(value, Value::Array(array) if array == outer) {
        return Err(malformed("a result other than the array of objects in the pickle"));
    }
    let row = |value: &Value| match value {
        Value::Array(array) => arrays.row_of[*array as usize],
        _ => None,
    };
    let list = lists.get(list as usize).map(Vec::as_slice).unwrap_or_default();
    let order: Option<Vec<u32>> = list.iter().map(row).collect();
    let order = order.ok_or_else(|| malformed("an object that is not a row in the array of the pickle"))?;
    if order.len() != count {
        return Err(malformed(&format!("{} rows instead of {count} in the pickle", order.len())));
    }
    let is_sequential = order.len() == arrays.written as usize && order.iter().copied().eq(0..arrays.written);
    Ok(if is_sequential { RowOrder::Sequential } else { RowOrder::Indices(order) })
}

/// Passes rows to the callback.
struct RowSink<'a> {
    count: usize,
    write_row: &'a mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    /// The index of the written row of each array; `None` if the array is empty.
    row_of: Vec<Option<u32>>,
    written: u32,
    dimension: Option<usize>,
    /// The array of objects and the list of its objects.
    outer: Option<(u32, u32)>,
}

impl ArraySink for RowSink<'_> {
    const ENABLED: bool = true;

    fn create(&mut self) -> u32 {
        self.row_of.push(None);
        self.row_of.len() as u32 - 1
    }

    fn fill(&mut self, array: u32, shape: Vec<usize>, kind: &Value, data: &Value, at: u64) -> Result<(), PickleError> {
        let malformed = |what: String| Err(PickleError::Malformed { what, at });
        if self.row_of[array as usize].is_some() || self.outer.is_some() {
            return malformed("an array that is set twice, or after the array of objects".into());
        }
        match (kind, data) {
            (Value::Object, Value::List(list)) if shape == [self.count] => {
                self.outer = Some((array, *list));
                Ok(())
            }
            (Value::Object, _) => {
                malformed(format!("an array of objects with shape {shape:?}, expected [{}]", self.count))
            }
            (Value::Float32, Value::Bytes(bytes)) => {
                let (&[dimension] | &[1, dimension]) = &shape[..] else {
                    return malformed(format!("a row with shape {shape:?}, expected [d] or [1, d],"));
                };
                if dimension == 0 || bytes.len() % 4 != 0 || bytes.len() / 4 != dimension {
                    return malformed(format!("a row with shape {shape:?} and {} bytes", bytes.len()));
                }
                if dimension != *self.dimension.get_or_insert(dimension) {
                    return malformed(format!("row {} with another dimension, {dimension},", self.written));
                }
                if self.written as usize == self.count {
                    return malformed(format!("more rows than {}", self.count));
                }
                (self.write_row)(bytes).map_err(PickleError::Write)?;
                self.row_of[array as usize] = Some(self.written);
                self.written += 1;
                Ok(())
            }
            (kind, data) => malformed(format!("an array of {} with {}", kind.kind(), data.kind())),
        }
    }
}
