//! The effect of each opcode.

use std::io::BufRead;

use super::error::PickleError;
use super::opcode;
use super::unpickler::{ArraySink, MAX_STACK, Unpickler};
use super::value::Value;

impl<R: BufRead, A: ArraySink> Unpickler<'_, R, A> {
    /// Executes an opcode.
    pub(super) fn dispatch(&mut self, opcode: u8) -> Result<(), PickleError> {
        match opcode {
            0x80 => match self.reader.byte()? {
                0..=5 => Ok(()),
                protocol => Err(self.malformed(format!("protocol {protocol}, but the latest known protocol is 5"))),
            },
            // The length of a frame is only needed for reading ahead.
            0x95 => self.reader.array::<8>().map(drop),
            b'(' => {
                self.marks.push(self.stack.len());
                self.limit("marks", self.marks.len(), MAX_STACK)
            }
            b'N' => self.push(Value::None),
            0x88 | 0x89 => self.push(Value::Bool(opcode == 0x88)),
            b'K' => {
                let number = self.reader.byte()?;
                self.push(Value::Int(number.into()))
            }
            b'M' => {
                let number = u16::from_le_bytes(self.reader.array()?);
                self.push(Value::Int(number.into()))
            }
            b'J' => {
                let number = i32::from_le_bytes(self.reader.array()?);
                self.push(Value::Int(number.into()))
            }
            b'G' => {
                let number = f64::from_be_bytes(self.reader.array()?);
                self.push(Value::Float(number))
            }
            0x8a => {
                let bytes = self.length_prefixed::<1>()?;
                self.limit("bytes of an int", bytes.len(), 8)?;
                let sign = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
                let mut wide = [sign; 8];
                wide[..bytes.len()].copy_from_slice(&bytes);
                self.push(Value::Int(i64::from_le_bytes(wide)))
            }
            b'I' => match self.text_line()?.as_str() {
                "00" => self.push(Value::Bool(false)),
                "01" => self.push(Value::Bool(true)),
                line => match line.parse() {
                    Ok(number) => self.push(Value::Int(number)),
                    Err(_) => Err(self.malformed(format!("{line:?} is not an int of 64 bits"))),
                },
            },
            b'L' => {
                let number = self.number()?;
                self.push(Value::Int(number))
            }
            b'F' => {
                let number = self.number()?;
                self.push(Value::Float(number))
            }
            b'S' => {
                let line = self.reader.line()?;
                let bytes = opcode::quoted(&line).ok_or_else(|| self.malformed("a string without quotes"))?;
                self.push(Value::Bytes(bytes.into()))
            }
            b'V' => {
                let line = self.reader.line()?;
                let text = opcode::raw_unicode(&line).ok_or_else(|| self.malformed("text with an invalid escape"))?;
                self.push(Value::Text(text.into()))
            }
            b'U' | b'C' => self.bytes::<1>(),
            b'T' | b'B' => self.bytes::<4>(),
            0x8e | 0x96 => self.bytes::<8>(),
            0x8c => self.text::<1>(),
            b'X' => self.text::<4>(),
            0x8d => self.text::<8>(),
            b')' | 0x85..=0x87 | b't' => {
                let values = self.operands(opcode)?;
                self.tuple(values)
            }
            b']' | b'l' => {
                let values = self.operands(opcode)?;
                self.list(values)
            }
            b'a' | b'e' => {
                let values = self.operands(opcode)?;
                self.extend(values)
            }
            b'}' | b'd' => {
                let values = self.operands(opcode)?;
                self.dict(values)
            }
            b's' | b'u' => {
                let values = self.operands(opcode)?;
                self.insert(values)
            }
            b'p' | b'q' | b'r' => {
                let index = self.memo_index(opcode)?;
                self.set(index)
            }
            0x94 => self.set(self.memo.next),
            b'g' | b'h' | b'j' => {
                let index = self.memo_index(opcode)?;
                self.get(index)
            }
            b'c' => {
                let (module, name) = (self.text_line()?, self.text_line()?);
                self.global(&module, &name)
            }
            0x93 => {
                let names = self.pop_n::<2>()?;
                let [Value::Text(module), Value::Text(name)] = &names[..] else {
                    return Err(self.malformed("a global whose name is not text"));
                };
                self.global(module, name)
            }
            b'i' => {
                let (module, name) = (self.text_line()?, self.text_line()?);
                Err(PickleError::Global { name: format!("{module}.{name}"), at: self.at })
            }
            b'R' if A::ENABLED => self.reduce(),
            b'b' if A::ENABLED => self.build(),
            other => Err(PickleError::Opcode { name: opcode::name(other), at: self.at }),
        }
    }

    /// Pops the operands of an opcode: a fixed number of values, or all values since the last mark.
    fn operands(&mut self, opcode: u8) -> Result<Vec<Value>, PickleError> {
        match opcode {
            0x85 | b'a' => self.pop_n::<1>(),
            0x86 | b's' => self.pop_n::<2>(),
            0x87 => self.pop_n::<3>(),
            b't' | b'l' | b'e' | b'd' | b'u' => self.pop_to_mark(),
            _ => Ok(vec![]),
        }
    }

    /// Reads the memo index of an opcode: a decimal number, one byte or four bytes.
    fn memo_index(&mut self, opcode: u8) -> Result<u32, PickleError> {
        match opcode {
            b'p' | b'g' => self.number(),
            b'q' | b'h' => Ok(self.reader.byte()?.into()),
            _ => Ok(u32::from_le_bytes(self.reader.array()?)),
        }
    }
}
