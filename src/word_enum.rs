//! Enums whose values are written as words.

/// Implements `Display` and `FromStr` for an enum with the list `ALL` and the method `as_str`. The error is a tuple
/// struct that holds the unknown word.
macro_rules! word_enum {
    ($name:ident, $error:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.into_iter().find(|value| value.as_str() == word);
                known.ok_or_else(|| $error(word.to_owned()))
            }
        }
    };
}

pub(crate) use word_enum;
