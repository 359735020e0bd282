//! Character classes of the regular expressions in NLTK.

/// The digit 0 of each set of decimal digits outside ASCII (general category Nd, Unicode 14).
const ZEROS: [u32; 65] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
    0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
    0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// `\d`
pub(super) fn is_digit(c: char) -> bool {
    let is_listed = || ZEROS.iter().any(|&zero| (zero..zero + 10).contains(&u32::from(c)));
    c.is_ascii_digit() || (c.is_numeric() && is_listed())
}

/// `\w` without combining marks: a letter, a number or the underscore.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `[^\W\d]`
pub(super) fn is_letter(c: char) -> bool {
    is_word(c) && !is_digit(c)
}

/// White space of Python's `str.split` and `str.strip`, which includes the ASCII separators, unlike `\s` here.
pub(in super::super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `\b` before the character at `at`.
pub(super) fn is_word_boundary(text: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).is_some_and(|before| is_word(text[before]));
    before != text.get(at).is_some_and(|&c| is_word(c))
}

/// The number of spaces from `at` on (`\s*`).
pub(super) fn spaces(text: &[char], at: usize) -> usize {
    text[at..].iter().take_while(|c| c.is_whitespace()).count()
}
