//! The names of opcodes, and the strings of protocol 0.

/// All opcodes of protocols 0 to 5, with the names of pickletools.
const NAMES: [(u8, &str); 68] = [
    (b'I', "INT"),
    (b'J', "BININT"),
    (b'K', "BININT1"),
    (b'M', "BININT2"),
    (b'L', "LONG"),
    (0x8a, "LONG1"),
    (0x8b, "LONG4"),
    (b'S', "STRING"),
    (b'T', "BINSTRING"),
    (b'U', "SHORT_BINSTRING"),
    (b'B', "BINBYTES"),
    (b'C', "SHORT_BINBYTES"),
    (0x8e, "BINBYTES8"),
    (0x96, "BYTEARRAY8"),
    (0x97, "NEXT_BUFFER"),
    (0x98, "READONLY_BUFFER"),
    (b'N', "NONE"),
    (0x88, "NEWTRUE"),
    (0x89, "NEWFALSE"),
    (b'V', "UNICODE"),
    (0x8c, "SHORT_BINUNICODE"),
    (b'X', "BINUNICODE"),
    (0x8d, "BINUNICODE8"),
    (b'F', "FLOAT"),
    (b'G', "BINFLOAT"),
    (b']', "EMPTY_LIST"),
    (b'a', "APPEND"),
    (b'e', "APPENDS"),
    (b'l', "LIST"),
    (b')', "EMPTY_TUPLE"),
    (b't', "TUPLE"),
    (0x85, "TUPLE1"),
    (0x86, "TUPLE2"),
    (0x87, "TUPLE3"),
    (b'}', "EMPTY_DICT"),
    (b'd', "DICT"),
    (b's', "SETITEM"),
    (b'u', "SETITEMS"),
    (0x8f, "EMPTY_SET"),
    (0x90, "ADDITEMS"),
    (0x91, "FROZENSET"),
    (b'0', "POP"),
    (b'2', "DUP"),
    (b'(', "MARK"),
    (b'1', "POP_MARK"),
    (b'g', "GET"),
    (b'h', "BINGET"),
    (b'j', "LONG_BINGET"),
    (b'p', "PUT"),
    (b'q', "BINPUT"),
    (b'r', "LONG_BINPUT"),
    (0x94, "MEMOIZE"),
    (0x82, "EXT1"),
    (0x83, "EXT2"),
    (0x84, "EXT4"),
    (b'c', "GLOBAL"),
    (0x93, "STACK_GLOBAL"),
    (b'R', "REDUCE"),
    (b'b', "BUILD"),
    (b'i', "INST"),
    (b'o', "OBJ"),
    (0x81, "NEWOBJ"),
    (0x92, "NEWOBJ_EX"),
    (0x80, "PROTO"),
    (b'.', "STOP"),
    (0x95, "FRAME"),
    (b'P', "PERSID"),
    (b'Q', "BINPERSID"),
];

/// The name of an opcode, or the value of an unknown one.
pub(super) fn name(opcode: u8) -> String {
    let entry = NAMES.iter().find(|(byte, _)| *byte == opcode);
    entry.map_or_else(|| format!("0x{opcode:02x}"), |(_, name)| (*name).to_owned())
}

/// Parses a string of Python 2 in protocol 0, with quotes and escapes.
pub(super) fn quoted(line: &[u8]) -> Option<Vec<u8>> {
    let (&quote, rest) = line.split_first().filter(|(quote, _)| b"'\"".contains(quote))?;
    let mut rest = rest.strip_suffix(&[quote])?.iter().copied();
    let mut bytes = Vec::new();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => hexadecimal(&mut rest, 2)?.try_into().ok()?,
                byte @ (b'\\' | b'\'' | b'"') => byte,
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(bytes)
}

/// Parses text of protocol 0: Latin-1 with the escapes `\u` and `\U`.
pub(super) fn raw_unicode(line: &[u8]) -> Option<String> {
    let mut rest = line.iter();
    let mut text = String::new();
    while let Some(&byte) = rest.next() {
        let digits = match byte {
            b'\\' if rest.as_slice().first() == Some(&b'u') => 4,
            b'\\' if rest.as_slice().first() == Some(&b'U') => 8,
            byte => {
                text.push(byte.into());
                continue;
            }
        };
        rest.next();
        text.push(char::from_u32(hexadecimal(&mut rest.by_ref().copied(), digits)?)?);
    }
    Some(text)
}

fn hexadecimal(bytes: &mut impl Iterator<Item = u8>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0, |number, _| Some(number * 16 + char::from(bytes.next()?).to_digit(16)?))
}
