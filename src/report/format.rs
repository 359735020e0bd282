use std::fmt;

use crate::screen::on_one_line;

/// `value` with four significant digits, for display; also `nan`, `inf` and `-inf`.
pub fn significant(value: f64) -> String {
    match decimals(value) {
        Some(decimals) => format!("{value:.decimals$}"),
        None if value.is_finite() && value != 0.0 => format!("{value:.3e}"),
        None => exact(value),
    }
}

/// `value` with all digits; also `nan`, `inf` and `-inf`, as in the database and `jem list`.
pub fn exact(value: f64) -> String {
    Exact(value).to_string()
}

/// A number that is shown as by [`exact`].
pub struct Exact(pub f64);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_nan() { f.write_str("nan") } else { self.0.fmt(f) }
    }
}

/// `mean ± sd`, with the same number of decimals.
pub fn with_deviation(mean: f64, sd: f64) -> String {
    match decimals(mean) {
        Some(decimals) => format!("{mean:.decimals$} ± {sd:.decimals$}"),
        None => format!("{} ± {}", significant(mean), significant(sd)),
    }
}

/// `fraction` as a percentage, with at most four decimals and without trailing zeros.
pub fn percent(fraction: f64) -> String {
    format!("{} %", (fraction * 1e6).round() / 1e4)
}

/// The number of decimals for four significant digits; `None` if the value needs an exponent, or is zero or not finite.
fn decimals(value: f64) -> Option<usize> {
    let magnitude = value.abs().log10().floor();
    // Between −5 and 6, so the cast is exact.
    (-5.0..=6.0).contains(&magnitude).then(|| (3 - magnitude as i32).max(0).unsigned_abs() as usize)
}

/// `text` on one line, with the special characters of Markdown, pipes included, and control characters escaped.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in on_one_line(text).chars() {
        match c {
            '\\' | '|' | '<' | '`' | '*' | '[' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// `text` for XML content and attributes, on one line. Control characters are escaped, since XML 1.0 cannot contain all
/// of them.
pub fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in on_one_line(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// `1 run`, `2 runs`.
pub fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_significant_digits() {
        let shown: Vec<String> =
            [0.412_345, 12.345_6, 1_234.56, 98_765.4, 0.0, -0.000_123_456, 1e-9].into_iter().map(significant).collect();
        assert_eq!(shown, ["0.4123", "12.35", "1235", "98765", "0", "-0.0001235", "1.000e-9"]);
        assert_eq!((percent(0.05), percent(0.07), percent(0.025)), ("5 %".into(), "7 %".into(), "2.5 %".into()));
        assert_eq!((significant(f64::NAN), exact(f64::NAN), exact(0.1)), ("nan".into(), "nan".into(), "0.1".into()));
        assert_eq!(with_deviation(0.302_46, 0.003_282), "0.3025 ± 0.0033");
        assert_eq!(with_deviation(0.0, 0.5), "0 ± 0.5000");
        assert_eq!(significant(f64::NEG_INFINITY), "-inf");
    }

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(markdown("a|b\n<c>"), "a\\|b \\<c>");
        assert_eq!(xml("<&\"'>\u{1}"), "&lt;&amp;&quot;&apos;&gt;\\x01");
        assert_eq!(markdown("\x1b[1m\u{202e}"), "\\\\x1b\\[1m\\\\u{202e}");
        assert_eq!((counted(1, "run"), counted(2, "run")), ("1 run".into(), "2 runs".into()));
    }
}
