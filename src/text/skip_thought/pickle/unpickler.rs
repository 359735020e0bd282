//! The stack machine that executes a pickle.

use std::io::BufRead;
use std::rc::Rc;

use super::error::PickleError;
use super::memo::Memo;
use super::reader::ByteReader;
use super::value::{Dict, Global, List, Tuple, Value};

/// The largest height of the stack. A batch of dict items has 2,000 values.
pub(super) const MAX_STACK: usize = 4096;
/// The largest depth of nested tuples. The state of an array has depth 2.
const MAX_DEPTH: u8 = 8;

/// Receives the arrays of a pickle.
pub(super) trait ArraySink {
    /// Whether arrays are allowed. If not, no global is allowed.
    const ENABLED: bool;

    /// Creates an empty array and returns its index.
    fn create(&mut self) -> u32;

    /// Sets the shape, the data type and the contents of an array.
    ///
    /// # Errors
    ///
    /// If the array is not of an expected kind, or cannot be written.
    fn fill(&mut self, array: u32, shape: Vec<usize>, kind: &Value, data: &Value, at: u64) -> Result<(), PickleError>;
}

/// The state of unpickling.
pub(super) struct Unpickler<'a, R, A> {
    pub(super) reader: ByteReader<R>,
    pub(super) arrays: &'a mut A,
    pub(super) stack: Vec<Value>,
    pub(super) marks: Vec<usize>,
    pub(super) memo: Memo,
    lists: Vec<List>,
    dicts: Vec<Dict>,
    /// The largest number of items of a list or dict.
    max_items: usize,
    /// The offset of the current opcode.
    pub(super) at: u64,
}

impl<'a, R: BufRead, A: ArraySink> Unpickler<'a, R, A> {
    /// Creates an unpickler for a pickle at offset `at`. Lists and dicts have at most `max_items` items, and the memo
    /// stores strings of at most `max_memo_string` bytes.
    pub(super) fn new(reader: R, at: u64, arrays: &'a mut A, max_items: usize, max_memo_string: usize) -> Self {
        let (reader, memo) = (ByteReader::new(reader, at), Memo::new(max_memo_string));
        Self { reader, arrays, stack: vec![], marks: vec![], memo, lists: vec![], dicts: vec![], max_items, at }
    }

    /// Executes the pickle. Returns the result, and the lists and dicts to which it may refer.
    pub(super) fn run(mut self) -> Result<(Value, Vec<List>, Vec<Dict>), PickleError> {
        loop {
            self.at = self.reader.at;
            let opcode = self.reader.byte()?;
            if opcode == b'.' {
                let value = self.pop()?;
                if !self.stack.is_empty() || !self.marks.is_empty() {
                    return Err(self.malformed("more than one value at the end"));
                }
                self.reader.end()?;
                return Ok((value, self.lists, self.dicts));
            }
            self.dispatch(opcode)?;
        }
    }

    pub(super) fn malformed(&self, what: impl Into<String>) -> PickleError {
        PickleError::Malformed { what: what.into(), at: self.at }
    }

    pub(super) fn limit(&self, what: &'static str, found: usize, limit: usize) -> Result<(), PickleError> {
        let (found, limit) = (found as u64, limit as u64);
        if found > limit { Err(PickleError::Limit { what, found, limit, at: self.at }) } else { Ok(()) }
    }

    pub(super) fn push(&mut self, value: Value) -> Result<(), PickleError> {
        self.stack.push(value);
        self.limit("values on the stack", self.stack.len(), MAX_STACK)
    }

    pub(super) fn pop(&mut self) -> Result<Value, PickleError> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        let value = if self.stack.len() > bottom { self.stack.pop() } else { None };
        value.ok_or_else(|| self.malformed("a missing value"))
    }

    pub(super) fn pop_n<const N: usize>(&mut self) -> Result<Vec<Value>, PickleError> {
        let mut values = (0..N).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        values.reverse();
        Ok(values)
    }

    /// Pops the last mark and all values after it.
    pub(super) fn pop_to_mark(&mut self) -> Result<Vec<Value>, PickleError> {
        let mark = self.marks.pop().ok_or_else(|| self.malformed("a missing mark"))?;
        Ok(self.stack.split_off(mark))
    }

    pub(super) fn tuple(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        let depth = |value: &Value| if let Value::Tuple(tuple) = value { tuple.depth } else { 0 };
        let depth = values.iter().map(depth).max().unwrap_or(0) + 1;
        self.limit("nested tuples", depth.into(), MAX_DEPTH.into())?;
        self.push(Value::Tuple(Rc::new(Tuple { depth, values })))
    }

    pub(super) fn list(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        self.limit("lists", self.lists.len() + 1, MAX_STACK)?;
        self.lists.push(values);
        self.push(Value::List(self.lists.len() as u32 - 1))
    }

    /// Appends values to the list on top of the stack.
    pub(super) fn extend(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        let Some(Value::List(list)) = self.stack.last() else {
            return Err(self.malformed("items for a value that is not a list"));
        };
        let list = *list as usize;
        self.limit("items of a list", self.lists[list].len() + values.len(), self.max_items)?;
        self.lists[list].extend(values);
        Ok(())
    }

    /// Adds keys and values to the dict on top of the stack.
    pub(super) fn insert(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        let Some(Value::Dict(dict)) = self.stack.last() else {
            return Err(self.malformed("items for a value that is not a dict"));
        };
        let dict = *dict as usize;
        self.limit("items of a dict", self.dicts[dict].len() + values.len() / 2, self.max_items)?;
        let (pairs, rest) = values.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(self.malformed("a key without a value"));
        }
        self.dicts[dict].extend(pairs.iter().map(|[key, value]| (key.clone(), value.clone())));
        Ok(())
    }

    pub(super) fn dict(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        self.limit("dicts", self.dicts.len() + 1, MAX_STACK)?;
        self.dicts.push(vec![]);
        self.push(Value::Dict(self.dicts.len() as u32 - 1))?;
        self.insert(values)
    }

    /// Stores the top of the stack in the memo.
    pub(super) fn set(&mut self, index: u32) -> Result<(), PickleError> {
        let Some(value) = self.stack.last() else { return Err(self.malformed("no value for the memo")) };
        if self.memo.set(index, value) { Ok(()) } else { self.limit("values of the memo", usize::MAX, 1 << 16) }
    }

    /// Pushes a value of the memo.
    pub(super) fn get(&mut self, index: u32) -> Result<(), PickleError> {
        let value = self.memo.get(index);
        self.push(value.ok_or_else(|| self.malformed(format!("missing memo value {index}")))?)
    }

    pub(super) fn global(&mut self, module: &str, name: &str) -> Result<(), PickleError> {
        let global = Global::named(module, name).filter(|_| A::ENABLED);
        let error = || PickleError::Global { name: format!("{module}.{name}"), at: self.at };
        self.push(Value::Global(global.ok_or_else(error)?))
    }

    /// Reads a line of text.
    pub(super) fn text_line(&mut self) -> Result<String, PickleError> {
        let line = self.reader.line()?;
        String::from_utf8(line).map_err(|_| self.malformed("a line that is not UTF-8"))
    }

    /// Reads a line with a number.
    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Result<N, PickleError> {
        let line = self.text_line()?;
        let digits = line.strip_suffix('L').unwrap_or(&line);
        digits.parse().map_err(|_| self.malformed(format!("{line:?} is not a number, or out of range")))
    }

    /// Reads a string after its length, which has `N` bytes.
    pub(super) fn length_prefixed<const N: usize>(&mut self) -> Result<Vec<u8>, PickleError> {
        let mut length = [0; 8];
        length[..N].copy_from_slice(&self.reader.array::<N>()?);
        self.reader.bytes(u64::from_le_bytes(length))
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<(), PickleError> {
        let bytes = self.length_prefixed::<N>()?;
        self.push(Value::Bytes(bytes.into()))
    }

    pub(super) fn text<const N: usize>(&mut self) -> Result<(), PickleError> {
        let bytes = self.length_prefixed::<N>()?;
        let text = String::from_utf8(bytes).map_err(|_| self.malformed("text that is not UTF-8"))?;
        self.push(Value::Text(text.into()))
    }
}
