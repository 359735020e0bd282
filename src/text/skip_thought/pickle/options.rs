//! Reading a dict of simple values.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::error::PickleError;
use super::unpickler::{ArraySink, Unpickler};
use super::value::{Dict, List, Value};

/// The largest number of items of a dict or list.
const MAX_ITEMS: usize = 4096;
/// The largest depth of nested lists, tuples and dicts.
const MAX_DEPTH: usize = 8;

/// A simple value of Python.
#[derive(Clone, Debug, PartialEq)]
pub enum PyValue {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An int of up to 64 bits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Text(String),
    /// A list or tuple.
    List(Vec<PyValue>),
    /// A dict with strings as keys.
    Dict(BTreeMap<String, PyValue>),
}

/// Reads the pickle of a dict of simple values, in any protocol. No global is allowed.
///
/// # Errors
///
/// See [`PickleError`].
pub fn read_options(reader: impl BufRead) -> Result<BTreeMap<String, PyValue>, PickleError> {
    let (value, lists, dicts) = Unpickler::new(reader, 0, &mut NoArrays, MAX_ITEMS, MAX_ITEMS).run()?;
    let malformed = |what: &str| PickleError::Malformed { what: what.into(), at: 0 };
    let mut budget = 16 * MAX_ITEMS;
    match resolve(&value, &lists, &dicts, MAX_DEPTH, &mut budget) {
        Some(PyValue::Dict(dict)) => Ok(dict),
        Some(_) => Err(malformed("no dict in the pickle")),
        None => Err(malformed("keys that are not text, or too many nested values, in the pickle")),
    }
}

/// Resolves references to lists and dicts. `None` if `depth` or `budget` is exceeded, which a list that contains itself
/// does.
fn resolve(value: &Value, lists: &[List], dicts: &[Dict], depth: usize, budget: &mut usize) -> Option<PyValue> {
    *budget = budget.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    let list = |values: &[Value], budget: &mut usize| {
        let values = values.iter().map(|value| resolve(value, lists, dicts, depth, budget));
        values.collect::<Option<Vec<_>>>().map(PyValue::List)
    };
    match value {
        Value::None => Some(PyValue::None),
        Value::Bool(value) => Some(PyValue::Bool(*value)),
        Value::Int(value) => Some(PyValue::Int(*value)),
        Value::Float(value) => Some(PyValue::Float(*value)),
        Value::Text(_) | Value::Bytes(_) => value.as_text().map(|text| PyValue::Text(text.to_owned())),
        Value::Tuple(tuple) => list(&tuple.values, budget),
        Value::List(index) => list(&lists[*index as usize], budget),
        Value::Dict(index) => {
            let items = dicts[*index as usize].iter();
            let items = items
                .map(|(key, value)| Some((key.as_text()?.to_owned(), resolve(value, lists, dicts, depth, budget)?)));
            items.collect::<Option<BTreeMap<_, _>>>().map(PyValue::Dict)
        }
        Value::Global(_) | Value::Float32 | Value::Object | Value::Array(_) => None,
    }
}

/// Rejects arrays.
struct NoArrays;

impl ArraySink for NoArrays {
    const ENABLED: bool = false;

    fn create(&mut self) -> u32 {
        0
    }

    fn fill(&mut self, _: u32, _: Vec<usize>, _: &Value, _: &Value, at: u64) -> Result<(), PickleError> {
        Err(PickleError::Opcode { name: "BUILD".into(), at })
    }
}
