//! The stack machine that a pickle is a program for.

use std::io::BufRead;
use std::rc::Rc;

use super::error::PickleError;
use super::memo::Memo;
use super::source::Source;
use super::value::{Dict, Global, List, Tuple, Value};

/// The highest stack: a batch of a dict's items is 2,000 high.
pub(super) const HIGHEST: usize = 4096;
/// How many tuples lie in each other. In an array's state it is two.
const DEEPEST: u8 = 8;

/// What makes arrays of what numpy says about them.
pub(super) trait Arrays {
    /// Whether there are arrays at all; if not, no global is known.
    const ANY: bool;

    /// Begins an array, which is given a number from 0 on.
    fn begin(&mut self) -> u32;

    /// An array's shape, type and contents.
    ///
    /// # Errors
    ///
    /// If it is not one that is expected, or cannot be written.
    fn fill(&mut self, array: u32, shape: Vec<usize>, kind: &Value, data: &Value, at: u64) -> Result<(), PickleError>;
}

pub(super) struct Machine<'a, R, A> {
    pub(super) source: Source<R>,
    pub(super) arrays: &'a mut A,
    pub(super) stack: Vec<Value>,
    pub(super) marks: Vec<usize>,
    pub(super) memo: Memo,
    lists: Vec<List>,
    dicts: Vec<Dict>,
    /// The most items of a list or dict.
    most: usize,
    /// Where the opcode in work stands.
    pub(super) at: u64,
}

impl<'a, R: BufRead, A: Arrays> Machine<'a, R, A> {
    /// A machine for a pickle whose first byte is `at`, with lists of up to `most` items, which remembers strings of up to
    /// `longest` bytes.
    pub(super) fn new(reader: R, at: u64, arrays: &'a mut A, most: usize, longest: usize) -> Self {
        let (source, memo) = (Source::new(reader, at), Memo::new(longest));
        Self { source, arrays, stack: vec![], marks: vec![], memo, lists: vec![], dicts: vec![], most, at }
    }

    /// Runs to the end, and gives what is left on the stack, with the lists and dicts it may name.
    pub(super) fn run(mut self) -> Result<(Value, Vec<List>, Vec<Dict>), PickleError> {
        loop {
            self.at = self.source.at;
            let opcode = self.source.byte()?;
            if opcode == b'.' {
                let value = self.pop()?;
                if !self.stack.is_empty() || !self.marks.is_empty() {
                    return Err(self.malformed("more than one value at the end"));
                }
                self.source.end()?;
                return Ok((value, self.lists, self.dicts));
            }
            self.step(opcode)?;
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
        self.limit("values on the stack", self.stack.len(), HIGHEST)
    }

    pub(super) fn pop(&mut self) -> Result<Value, PickleError> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(self.malformed("a value is taken that is not there"));
        }
        self.stack.pop().ok_or_else(|| self.malformed("a value is taken that is not there"))
    }

    pub(super) fn pops<const N: usize>(&mut self) -> Result<Vec<Value>, PickleError> {
        let mut values = (0..N).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        values.reverse();
        Ok(values)
    }

    /// What was pushed since the last mark.
    pub(super) fn since_mark(&mut self) -> Result<Vec<Value>, PickleError> {
        let mark = self.marks.pop().ok_or_else(|| self.malformed("a mark is sought that is not there"))?;
        Ok(self.stack.split_off(mark))
    }

    pub(super) fn tuple(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        let depth = |value: &Value| if let Value::Tuple(tuple) = value { tuple.depth } else { 0 };
        let depth = values.iter().map(depth).max().unwrap_or(0) + 1;
        self.limit("tuples within each other", depth.into(), DEEPEST.into())?;
        self.push(Value::Tuple(Rc::new(Tuple { depth, values })))
    }

    pub(super) fn list(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        self.limit("lists", self.lists.len() + 1, HIGHEST)?;
        self.lists.push(values);
        self.push(Value::List(self.lists.len() as u32 - 1))
    }

    /// Appends to the list on the stack.
    pub(super) fn extend(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        let Some(Value::List(list)) = self.stack.last() else { return Err(self.malformed("it appends to no list")) };
        let list = *list as usize;
        self.limit("a list's items", self.lists[list].len() + values.len(), self.most)?;
        self.lists[list].extend(values);
        Ok(())
    }

    /// Adds keys and values to the dict on the stack.
    pub(super) fn insert(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        let Some(Value::Dict(dict)) = self.stack.last() else { return Err(self.malformed("it adds to no dict")) };
        let dict = *dict as usize;
        self.limit("a dict's items", self.dicts[dict].len() + values.len() / 2, self.most)?;
        let (pairs, rest) = values.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(self.malformed("a key without a value"));
        }
        self.dicts[dict].extend(pairs.iter().map(|[key, value]| (key.clone(), value.clone())));
        Ok(())
    }

    pub(super) fn dict(&mut self, values: Vec<Value>) -> Result<(), PickleError> {
        self.limit("dicts", self.dicts.len() + 1, HIGHEST)?;
        self.dicts.push(vec![]);
        self.push(Value::Dict(self.dicts.len() as u32 - 1))?;
        self.insert(values)
    }

    pub(super) fn set(&mut self, number: u32) -> Result<(), PickleError> {
        let Some(value) = self.stack.last() else { return Err(self.malformed("nothing to remember")) };
        if self.memo.set(number, value) { Ok(()) } else { self.limit("remembered values", usize::MAX, 1 << 16) }
    }

    pub(super) fn get(&mut self, number: u32) -> Result<(), PickleError> {
        let value = self.memo.get(number);
        self.push(value.ok_or_else(|| self.malformed(format!("remembered value {number} is asked for, and is none")))?)
    }

    pub(super) fn global(&mut self, module: &str, name: &str) -> Result<(), PickleError> {
        let global = Global::named(module, name).filter(|_| A::ANY);
        let refused = || PickleError::Global { name: format!("{module}.{name}"), at: self.at };
        self.push(Value::Global(global.ok_or_else(refused)?))
    }

    /// The text of a line.
    pub(super) fn text_line(&mut self) -> Result<String, PickleError> {
        let line = self.source.line()?;
        String::from_utf8(line).map_err(|_| self.malformed("a line that is not UTF-8"))
    }

    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Result<N, PickleError> {
        let line = self.text_line()?;
        let digits = line.strip_suffix('L').unwrap_or(&line);
        digits.parse().map_err(|_| self.malformed(format!("{line:?} is no number that is read here")))
    }

    /// A string with its length before it in `N` bytes.
    pub(super) fn counted<const N: usize>(&mut self) -> Result<Vec<u8>, PickleError> {
        let mut length = [0; 8];
        length[..N].copy_from_slice(&self.source.array::<N>()?);
        self.source.bytes(u64::from_le_bytes(length))
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<(), PickleError> {
        let bytes = self.counted::<N>()?;
        self.push(Value::Bytes(bytes.into()))
    }

    pub(super) fn text<const N: usize>(&mut self) -> Result<(), PickleError> {
        let bytes = self.counted::<N>()?;
        let text = String::from_utf8(bytes).map_err(|_| self.malformed("text that is not UTF-8"))?;
        self.push(Value::Text(text.into()))
    }
}
