//! Text for pdfLaTeX with T1 fonts and UTF-8.

use crate::screen::on_one_line;

/// `text` on one line, with special characters escaped. A character that the fonts lack becomes its number, such as
/// `[U+1F33A]`; neighbouring ones share the brackets.
pub fn escaped(text: &str) -> String {
    written(text, false)
}

/// The same in a typewriter font, with possible line breaks after punctuation.
pub fn code(text: &str) -> String {
    format!("\\texttt{{{}}}", written(text, true))
}

fn written(text: &str, is_code: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in replaced(text).chars() {
        match special(c) {
            Some(command) => out.push_str(command),
            None => out.push(c),
        }
        if is_code && matches!(c, '.' | '_' | '/' | '-' | ':' | '=') {
            out.push_str("\\allowbreak{}");
        }
    }
    out
}

/// `text` on one line, with the characters that the fonts lack replaced by their numbers.
pub fn replaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lacking: Vec<String> = Vec::new();
    let close = |lacking: &mut Vec<String>, out: &mut String| {
        if !lacking.is_empty() {
            out.push_str(&format!("[{}]", lacking.join(" ")));
            lacking.clear();
        }
    };
    for c in on_one_line(text).chars() {
        if has_glyph(c) {
            close(&mut lacking, &mut out);
            out.push(c);
        } else {
            lacking.push(format!("U+{:04X}", u32::from(c)));
        }
    }
    close(&mut lacking, &mut out);
    out
}

/// Whether LaTeX can print a character: ASCII, the letters of Latin-1 and the accented ones of Latin Extended-A that T1
/// has, and those for which there is a command.
fn has_glyph(c: char) -> bool {
    let is_latin = matches!(c, '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}')
        || "ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž".contains(c);
    matches!(c, ' '..='~') || is_latin || special(c).is_some()
}

/// The command for a character that LaTeX does not print as it is.
fn special(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => "\\textbackslash{}",
        '{' => "\\{",
        '}' => "\\}",
        '$' => "\\$",
        '&' => "\\&",
        '#' => "\\#",
        '%' => "\\%",
        '_' => "\\_",
        '^' => "\\textasciicircum{}",
        '~' => "\\textasciitilde{}",
        '<' => "\\textless{}",
        '>' => "\\textgreater{}",
        '|' => "\\textbar{}",
        '"' => "\\textquotedbl{}",
        '\'' => "\\textquotesingle{}",
        '`' => "\\textasciigrave{}",
        // Two of them, and two commas, would become one character. A bracket after `\\` would be its argument.
        '-' => "-{}",
        ',' => ",{}",
        '[' => "{[}",
        ']' => "{]}",
        '\u{a0}' => "~",
        '–' | '‒' => "\\textendash{}",
        '—' => "\\textemdash{}",
        '‘' => "\\textquoteleft{}",
        '’' => "\\textquoteright{}",
        '“' => "\\textquotedblleft{}",
        '”' => "\\textquotedblright{}",
        '„' => "\\quotedblbase{}",
        '‚' => "\\quotesinglbase{}",
        '…' => "\\dots{}",
        '•' => "\\textbullet{}",
        '€' => "\\texteuro{}",
        '™' => "\\texttrademark{}",
        '−' => "$-$",
        '≥' => "$\\geq$",
        '≤' => "$\\leq$",
        '≠' => "$\\neq$",
        '≈' => "$\\approx$",
        '∞' => "$\\infty$",
        '→' => "$\\rightarrow$",
        '←' => "$\\leftarrow$",
        '↑' => "$\\uparrow$",
        '↓' => "$\\downarrow$",
        '²' => "\\texttwosuperior{}",
        'ⁿ' => "$^n$",
        'α' => "$\\alpha$",
        'β' => "$\\beta$",
        'γ' => "$\\gamma$",
        'δ' => "$\\delta$",
        'ε' => "$\\varepsilon$",
        'λ' => "$\\lambda$",
        'μ' | 'µ' => "$\\mu$",
        'π' => "$\\pi$",
        'σ' => "$\\sigma$",
        'τ' => "$\\tau$",
        'Δ' => "$\\Delta$",
        '₁' => "$_1$",
        '₂' => "$_2$",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_commands() {
        assert_eq!(escaped("50 % of a_b & {c}"), "50 \\% of a\\_b \\& \\{c\\}");
        assert_eq!(escaped("\\input{x}"), "\\textbackslash{}input\\{x\\}");
        assert_eq!(escaped("a--b"), "a-{}-{}b");
        assert_eq!(code("a.b"), "\\texttt{a.\\allowbreak{}b}");
    }

    #[test]
    fn characters_without_a_glyph_become_their_numbers() {
        assert_eq!(replaced("é 🌺 שם x"), "é [U+1F33A] [U+05E9 U+05DD] x");
        assert_eq!(replaced("a\nb\u{1}"), "a b\\x01");
        assert_eq!(escaped("花"), "{[}U+82B1{]}");
    }
}
