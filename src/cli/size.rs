//! Sizes in bytes with units.

use std::fmt;
use std::str::FromStr;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

/// Units, each a thousand times the one before.
const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

impl FromStr for Size {
    type Err = String;

    /// Parses `300MB`, `20 GB`, `1.5GB` or a number of bytes.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a size: write 300MB, 20GB or a number of bytes");
        let text = text.trim();
        if let Ok(bytes) = text.parse() {
            return Ok(Self(bytes));
        }
        let end = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let number: f64 = number.trim().parse().map_err(|_| wrong())?;
        let unit = unit.trim();
        let power = UNITS.iter().position(|known| known.eq_ignore_ascii_case(unit)).ok_or_else(wrong)?;
        let bytes = number * 1000f64.powi(i32::try_from(power).map_err(|_| wrong())?);
        match (0.0..=1e18).contains(&bytes) {
            true => Ok(Self(bytes as u64)),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = self.0 as f64;
        let mut unit = UNITS[0];
        for next in &UNITS[1..] {
            if number < 1000.0 {
                break;
            }
            (number, unit) = (number / 1000.0, next);
        }
        match unit {
            "B" => write!(f, "{number} {unit}"),
            _ => write!(f, "{number:.1} {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_parsed_with_and_without_units() {
        for (text, bytes) in [("7", 7), ("20GB", 20_000_000_000), ("1.5 kb", 1500), (" 300 MB ", 300_000_000)] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for text in ["", "GB", "20 flowers", "-1GB", "1e400GB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
        assert_eq!([999, 1500, 20_000_000_000].map(|bytes| Size(bytes).to_string()), ["999 B", "1.5 kB", "20.0 GB"]);
    }
}
