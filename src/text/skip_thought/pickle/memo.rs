//! The memo: values that a pickle can use again.

use std::collections::HashMap;

use super::value::Value;

/// The largest number of values other than arrays. A file of rows has about a dozen.
const MAX_VALUES: usize = 1 << 16;

/// Values by index. Tuples and long strings are not stored: pickles of numpy do not use them again, and storing them
/// would need as much memory as the file.
pub(super) struct Memo {
    /// The largest length of a stored string: names are stored, the bytes of rows are not.
    max_string: usize,
    values: HashMap<u32, Value>,
    arrays: HashMap<u32, u32>,
    /// The index of the next value, which also counts values that are not stored.
    pub(super) next: u32,
}

impl Memo {
    pub(super) fn new(max_string: usize) -> Self {
        Self { max_string, values: HashMap::new(), arrays: HashMap::new(), next: 0 }
    }

    /// Stores a value. Returns `false` if there are too many values.
    pub(super) fn set(&mut self, index: u32, value: &Value) -> bool {
        self.next = self.next.saturating_add(1);
        match value {
            Value::Array(array) => {
                self.arrays.insert(index, *array);
            }
            Value::Tuple(tuple) if !tuple.values.is_empty() => {}
            Value::Text(text) if text.len() > self.max_string => {}
            Value::Bytes(bytes) if bytes.len() > self.max_string => {}
            value => {
                self.values.insert(index, value.clone());
            }
        }
        self.values.len() <= MAX_VALUES
    }

    pub(super) fn get(&self, index: u32) -> Option<Value> {
        self.arrays.get(&index).map(|&array| Value::Array(array)).or_else(|| self.values.get(&index).cloned())
    }
}
