//! What stands on the stack of a pickle.

use std::rc::Rc;

/// The few globals that are known, none of which is called: each stands for a thing that is made here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Global {
    /// An empty array, which is filled later.
    Reconstruct,
    /// An array of the bytes it is given.
    FromBuffer,
    /// The class of arrays.
    Ndarray,
    /// The type of an array's numbers.
    Dtype,
    /// Bytes that stand as text, in which Python 3 writes them for Python 2.
    Encode,
}

impl Global {
    pub(super) fn named(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => Global::Reconstruct,
            ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer") => Global::FromBuffer,
            ("numpy", "ndarray") => Global::Ndarray,
            ("numpy", "dtype") => Global::Dtype,
            ("_codecs", "encode") => Global::Encode,
            _ => return None,
        })
    }
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    Global(Global),
    /// Numbers of 32 bits, lowest byte first.
    Float32,
    /// References to objects.
    Object,
    /// An array, by its number.
    Array(u32),
    /// A list, by its number.
    List(u32),
    /// A dict, by its number.
    Dict(u32),
    Tuple(Rc<Tuple>),
}

/// A list's items.
pub(super) type List = Vec<Value>;
/// A dict's items, in the order in which they were set.
pub(super) type Dict = Vec<(Value, Value)>;

/// A tuple, and how many lie in each other.
#[derive(Debug)]
pub(super) struct Tuple {
    pub(super) depth: u8,
    pub(super) values: Vec<Value>,
}

impl Value {
    /// Text, also where Python 2 wrote it as bytes.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Yes or no, also where Python 2 wrote it as 0 and 1.
    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            Value::Int(value @ (0 | 1)) => Some(*value == 1),
            _ => None,
        }
    }

    pub(super) fn as_tuple(&self) -> Option<&[Value]> {
        match self {
            Value::Tuple(tuple) => Some(&tuple.values),
            _ => None,
        }
    }

    /// The sides of an array.
    pub(super) fn as_shape(&self) -> Option<Vec<usize>> {
        let side = |value: &Value| match value {
            Value::Int(side) => usize::try_from(*side).ok(),
            _ => None,
        };
        self.as_tuple()?.iter().map(side).collect()
    }

    /// What it is, in a word.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::None => "None",
            Value::Bool(_) => "a bool",
            Value::Int(_) => "an int",
            Value::Float(_) => "a float",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
            Value::Global(_) => "a global",
            Value::Float32 | Value::Object => "a dtype",
            Value::Array(_) => "an array",
            Value::List(_) => "a list",
            Value::Dict(_) => "a dict",
            Value::Tuple(_) => "a tuple",
        }
    }
}
