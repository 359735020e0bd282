//! The globals of numpy.

use std::io::BufRead;

use super::error::PickleError;
use super::unpickler::{ArraySink, Unpickler};
use super::value::{Global, Value};

impl<R: BufRead, A: ArraySink> Unpickler<'_, R, A> {
    /// Creates the result of calling a known global.
    pub(super) fn reduce(&mut self) -> Result<(), PickleError> {
        let arguments = self.pop()?;
        let callee = self.pop()?;
        let Value::Global(global) = callee else {
            return Err(self.malformed(format!("{} is called", callee.kind())));
        };
        let arguments = arguments.as_tuple().unwrap_or_default();
        let value = match (global, arguments) {
            (Global::Reconstruct, [Value::Global(Global::Ndarray), shape, kind])
                if shape.as_shape() == Some(vec![0]) && kind.as_text() == Some("b") =>
            {
                Some(Value::Array(self.arrays.create()))
            }
            (Global::FromBuffer, [data @ Value::Bytes(_), kind, shape, order])
                if matches!(order.as_text(), Some("C" | "F")) =>
            {
                let array = self.arrays.create();
                let shape = shape
                    .as_shape()
                    .ok_or_else(|| self.malformed("an array whose shape is not a tuple of integers"))?;
                self.arrays.fill(array, shape, kind, data, self.at)?;
                Some(Value::Array(array))
            }
            (Global::Dtype, [name, align, copy]) if align.as_bool().is_some() && copy.as_bool().is_some() => {
                match name.as_text() {
                    Some("f4") => Some(Value::Float32),
                    Some("O8" | "O4" | "O") => Some(Value::Object),
                    name => return Err(self.malformed(format!("an array of type {:?}", name.unwrap_or_default()))),
                }
            }
            (Global::Encode, [Value::Text(text), form]) if form.as_text() == Some("latin1") => {
                let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
                Some(Value::Bytes(bytes.ok_or_else(|| self.malformed("text that is not Latin-1"))?.into()))
            }
            _ => None,
        };
        self.push(value.ok_or_else(|| self.malformed(format!("unexpected arguments of {global:?}")))?)
    }

    /// Sets the state of an array or a dtype.
    pub(super) fn build(&mut self) -> Result<(), PickleError> {
        let state = self.pop()?;
        let state = state.as_tuple().unwrap_or_default();
        match (self.stack.last(), state) {
            (Some(Value::Float32), [Value::Int(3 | 4), order, ..]) if order.as_text() == Some("<") => Ok(()),
            (Some(Value::Float32), [Value::Int(3 | 4), ..]) => Err(self.malformed("big-endian values")),
            (Some(Value::Object), [Value::Int(3 | 4), ..]) => Ok(()),
            (Some(&Value::Array(array)), [Value::Int(1), shape, kind, order, data]) if order.as_bool().is_some() => {
                let shape = shape
                    .as_shape()
                    .ok_or_else(|| self.malformed("an array whose shape is not a tuple of integers"))?;
                self.arrays.fill(array, shape, kind, data, self.at)
            }
            (Some(object), _) => Err(self.malformed(format!("unexpected state of {}", object.kind()))),
            (None, _) => Err(self.malformed("a state without an object")),
        }
    }
}
