//! What a pickle can ask for again.

use std::collections::HashMap;

use super::value::Value;

/// How many values besides arrays are remembered. A file of rows has a dozen.
const MOST: usize = 1 << 16;

/// Values by their number. Arrays take a few bytes each, tuples and long strings none: nothing that numpy writes asks for one of
/// those again, and to keep them would be to keep the whole file.
pub(super) struct Memo {
    /// The longest string that is remembered: names are, the numbers of rows are not.
    longest: usize,
    values: HashMap<u32, Value>,
    arrays: HashMap<u32, u32>,
    /// How many were set, remembered or not: the number of the next.
    pub(super) next: u32,
}

impl Memo {
    pub(super) fn new(longest: usize) -> Self {
        Self { longest, values: HashMap::new(), arrays: HashMap::new(), next: 0 }
    }

    /// `false` if there are too many.
    pub(super) fn set(&mut self, number: u32, value: &Value) -> bool {
        self.next = self.next.saturating_add(1);
        match value {
            Value::Array(array) => {
                self.arrays.insert(number, *array);
            }
            Value::Tuple(tuple) if !tuple.values.is_empty() => {}
            Value::Text(text) if text.len() > self.longest => {}
            Value::Bytes(bytes) if bytes.len() > self.longest => {}
            value => {
                self.values.insert(number, value.clone());
            }
        }
        self.values.len() <= MOST
    }

    pub(super) fn get(&self, number: u32) -> Option<Value> {
        self.arrays.get(&number).map(|&array| Value::Array(array)).or_else(|| self.values.get(&number).cloned())
    }
}
