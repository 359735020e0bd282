//! The values on the stack.

use std::rc::Rc;

/// The allowed globals. They are not called; jem creates the results itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Global {
    /// Creates an empty array, whose state is set later.
    Reconstruct,
    /// Creates an array from bytes.
    FromBuffer,
    /// The array class.
    Ndarray,
    /// The data type of an array.
    Dtype,
    /// Encodes text as bytes. Python 3 writes bytes in this form for Python 2.
    Encode,
}

impl Global {
    /// The global with this module and name, if it is allowed.
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

/// A value on the stack.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    Global(Global),
    /// The dtype of little-endian `f32`.
    Float32,
    /// The dtype of objects.
    Object,
    /// An array, by its index.
    Array(u32),
    /// A list, by its index.
    List(u32),
    /// A dict, by its index.
    Dict(u32),
    Tuple(Rc<Tuple>),
}

/// The items of a list.
pub(super) type List = Vec<Value>;
/// The items of a dict, in the order in which they were added.
pub(super) type Dict = Vec<(Value, Value)>;

/// A tuple and its depth of nesting.
#[derive(Debug)]
pub(super) struct Tuple {
    pub(super) depth: u8,
    pub(super) values: Vec<Value>,
}

impl Value {
    /// The text of a string, or of bytes that Python 2 wrote for a string.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The value of a bool, or of the integers 0 and 1 that Python 2 wrote for it.
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

    /// The shape of an array.
    pub(super) fn as_shape(&self) -> Option<Vec<usize>> {
        let length = |value: &Value| match value {
            Value::Int(length) => usize::try_from(*length).ok(),
            _ => None,
        };
        self.as_tuple()?.iter().map(length).collect()
    }

    /// The kind of the value, for messages.
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
