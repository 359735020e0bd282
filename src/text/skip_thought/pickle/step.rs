//! What each opcode does.

use std::io::BufRead;

use super::error::PickleError;
use super::machine::{Arrays, HIGHEST, Machine};
use super::opcode;
use super::value::Value;

impl<R: BufRead, A: Arrays> Machine<'_, R, A> {
    /// Does what one opcode says.
    pub(super) fn step(&mut self, opcode: u8) -> Result<(), PickleError> {
        match opcode {
            0x80 => match self.source.byte()? {
                0..=5 => Ok(()),
                protocol => Err(self.malformed(format!("protocol {protocol}, where 5 is the last that is known"))),
            },
            // A frame's length is for readers who read ahead.
            0x95 => self.source.array::<8>().map(drop),
            b'(' => {
                self.marks.push(self.stack.len());
                self.limit("marks", self.marks.len(), HIGHEST)
            }
            b'N' => self.push(Value::None),
            0x88 | 0x89 => self.push(Value::Bool(opcode == 0x88)),
            b'K' => {
                let number = self.source.byte()?;
                self.push(Value::Int(number.into()))
            }
            b'M' => {
                let number = u16::from_le_bytes(self.source.array()?);
                self.push(Value::Int(number.into()))
            }
            b'J' => {
                let number = i32::from_le_bytes(self.source.array()?);
                self.push(Value::Int(number.into()))
            }
            b'G' => {
                let number = f64::from_be_bytes(self.source.array()?);
                self.push(Value::Float(number))
            }
            0x8a => {
                let bytes = self.counted::<1>()?;
                self.limit("an int's bytes", bytes.len(), 8)?;
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
                    Err(_) => Err(self.malformed(format!("{line:?} is no int that is read here"))),
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
                let line = self.source.line()?;
                let bytes = opcode::quoted(&line).ok_or_else(|| self.malformed("a string without its quotes"))?;
                self.push(Value::Bytes(bytes.into()))
            }
            b'V' => {
                let line = self.source.line()?;
                let text = opcode::raw_unicode(&line).ok_or_else(|| self.malformed("text with a broken escape"))?;
                self.push(Value::Text(text.into()))
            }
            b'U' | b'C' => self.bytes::<1>(),
            b'T' | b'B' => self.bytes::<4>(),
            0x8e | 0x96 => self.bytes::<8>(),
            0x8c => self.text::<1>(),
            b'X' => self.text::<4>(),
            0x8d => self.text::<8>(),
            b')' => self.tuple(vec![]),
            0x85 => {
                let values = self.pops::<1>()?;
                self.tuple(values)
            }
            0x86 => {
                let values = self.pops::<2>()?;
                self.tuple(values)
            }
            0x87 => {
                let values = self.pops::<3>()?;
                self.tuple(values)
            }
            b't' => {
                let values = self.since_mark()?;
                self.tuple(values)
            }
            b']' => self.list(vec![]),
            b'l' => {
                let values = self.since_mark()?;
                self.list(values)
            }
            b'a' => {
                let values = self.pops::<1>()?;
                self.extend(values)
            }
            b'e' => {
                let values = self.since_mark()?;
                self.extend(values)
            }
            b'}' => self.dict(vec![]),
            b'd' => {
                let values = self.since_mark()?;
                self.dict(values)
            }
            b's' => {
                let values = self.pops::<2>()?;
                self.insert(values)
            }
            b'u' => {
                let values = self.since_mark()?;
                self.insert(values)
            }
            b'p' => {
                let number = self.number()?;
                self.set(number)
            }
            b'q' => {
                let number = self.source.byte()?;
                self.set(number.into())
            }
            b'r' => {
                let number = u32::from_le_bytes(self.source.array()?);
                self.set(number)
            }
            0x94 => self.set(self.memo.next),
            b'g' => {
                let number = self.number()?;
                self.get(number)
            }
            b'h' => {
                let number = self.source.byte()?;
                self.get(number.into())
            }
            b'j' => {
                let number = u32::from_le_bytes(self.source.array()?);
                self.get(number)
            }
            b'c' => {
                let (module, name) = (self.text_line()?, self.text_line()?);
                self.global(&module, &name)
            }
            0x93 => {
                let names = self.pops::<2>()?;
                let [Value::Text(module), Value::Text(name)] = &names[..] else {
                    return Err(self.malformed("a global whose name is no text"));
                };
                self.global(module, name)
            }
            b'i' => {
                let (module, name) = (self.text_line()?, self.text_line()?);
                Err(PickleError::Global { name: format!("{module}.{name}"), at: self.at })
            }
            b'R' if A::ANY => self.reduce(),
            b'b' if A::ANY => self.build(),
            other => Err(PickleError::Opcode { name: opcode::name(other), at: self.at }),
        }
    }
}
