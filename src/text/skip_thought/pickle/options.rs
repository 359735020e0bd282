//! A dict of plain values.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::error::PickleError;
use super::machine::{Arrays, Machine};
use super::value::{Dict, List, Value};

/// The most items of a dict of options.
const MOST: usize = 4096;
/// How many lists, tuples and dicts lie in each other.
const DEEPEST: usize = 8;

/// A plain value of Python.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An int of up to 64 bits.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text.
    Text(String),
    /// A list or tuple.
    List(Vec<Plain>),
    /// A dict whose keys are text.
    Dict(BTreeMap<String, Plain>),
}

/// Reads the pickle of a dict of plain values, in any protocol. In it no global is known.
///
/// # Errors
///
/// If it is not such a pickle: see [`PickleError`].
pub fn options(reader: impl BufRead) -> Result<BTreeMap<String, Plain>, PickleError> {
    let (value, lists, dicts) = Machine::new(reader, 0, &mut NoArrays, MOST, MOST).run()?;
    let malformed = |what: &str| PickleError::Malformed { what: what.into(), at: 0 };
    let mut budget = 16 * MOST;
    match plain(&value, &lists, &dicts, DEEPEST, &mut budget) {
        Some(Plain::Dict(dict)) => Ok(dict),
        Some(_) => Err(malformed("something other than a dict in the pickle that begins")),
        None => {
            Err(malformed("keys that are no text, or too many values within each other, in the pickle that begins"))
        }
    }
}

/// A value with what it refers to, as long as depth and budget last: a list may be in itself, or in itself twice.
fn plain(value: &Value, lists: &[List], dicts: &[Dict], depth: usize, budget: &mut usize) -> Option<Plain> {
    *budget = budget.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    let list = |values: &[Value], budget: &mut usize| {
        let values = values.iter().map(|value| plain(value, lists, dicts, depth, budget));
        values.collect::<Option<Vec<_>>>().map(Plain::List)
    };
    match value {
        Value::None => Some(Plain::None),
        Value::Bool(value) => Some(Plain::Bool(*value)),
        Value::Int(value) => Some(Plain::Int(*value)),
        Value::Float(value) => Some(Plain::Float(*value)),
        Value::Text(_) | Value::Bytes(_) => value.as_text().map(|text| Plain::Text(text.to_owned())),
        Value::Tuple(tuple) => list(&tuple.values, budget),
        Value::List(number) => list(&lists[*number as usize], budget),
        Value::Dict(number) => {
            let items = dicts[*number as usize].iter();
            let items =
                items.map(|(key, value)| Some((key.as_text()?.to_owned(), plain(value, lists, dicts, depth, budget)?)));
            items.collect::<Option<BTreeMap<_, _>>>().map(Plain::Dict)
        }
        Value::Global(_) | Value::Float32 | Value::Object | Value::Array(_) => None,
    }
}

/// There are none.
struct NoArrays;

impl Arrays for NoArrays {
    const ANY: bool = false;

    fn begin(&mut self) -> u32 {
        0
    }

    fn fill(&mut self, _: u32, _: Vec<usize>, _: &Value, _: &Value, at: u64) -> Result<(), PickleError> {
        Err(PickleError::Opcode { name: "BUILD".into(), at })
    }
}
