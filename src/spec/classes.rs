//! `data.classes`: a selection of classes, as ranges.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// A selection of classes of the data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    /// Inclusive ranges, ascending, neither overlapping nor adjacent.
    ranges: Vec<(u16, u16)>,
}

/// The text that selects every class.
const ALL: &str = "all";

impl Classes {
    /// The number of classes in Oxford-102. Classes are numbered from 1.
    pub const COUNT: u16 = 102;

    /// Whether `class` is selected.
    pub fn contains(&self, class: u16) -> bool {
        self.ranges.iter().any(|&(first, last)| (first..=last).contains(&class))
    }
}

/// The error for text that is not a list of classes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a list of classes")]
pub struct InvalidClasses;

impl FromStr for Classes {
    type Err = InvalidClasses;

    /// Parses `all`, or numbers and ranges separated by commas, such as `1-20, 41`.
    fn from_str(text: &str) -> Result<Self, InvalidClasses> {
        if text.trim() == ALL {
            return Ok(Self { ranges: vec![(1, Self::COUNT)] });
        }
        let number = |text: &str| match text.trim().parse() {
            Ok(class @ 1..=Self::COUNT) => Ok(class),
            _ => Err(InvalidClasses),
        };
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first <= last { Ok((first, last)) } else { Err(InvalidClasses) }
        };
        let mut given = text.split(',').map(range).collect::<Result<Vec<_>, _>>()?;
        given.sort_unstable();
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for (first, last) in given {
            match ranges.last_mut() {
                Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
                _ => ranges.push((first, last)),
            }
        }
        Ok(Self { ranges })
    }
}

impl fmt::Display for Classes {
    /// Writes the canonical form, which is the same for equal selections.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ranges == [(1, Self::COUNT)] {
            return f.write_str(ALL);
        }
        for (i, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            match first == last {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Classes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_selections_have_one_canonical_form() {
        let written = |text: &str| text.parse().map(|classes: Classes| classes.to_string());
        for (text, expected) in [
            ("all", "all"),
            ("1-102", "all"),
            ("41, 1-20", "1-20,41"),
            ("3,1,2", "1-3"),
            ("5-9,7-12,20", "5-12,20"),
            (" 7 ", "7"),
        ] {
            assert_eq!(written(text), Ok(expected.to_owned()), "{text}");
        }
        for text in ["", "0", "103", "20-1", "a", "1,,2", "1-"] {
            assert_eq!(written(text), Err(InvalidClasses), "{text}");
        }
    }

    #[test]
    fn contains_finds_the_selected_classes() {
        let classes: Classes = "2-4,9".parse().unwrap();
        assert_eq!((1..=10).filter(|&class| classes.contains(class)).collect::<Vec<u16>>(), [2, 3, 4, 9]);
    }
}
