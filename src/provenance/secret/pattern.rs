use regex::Regex;

/// Compiles a fixed pattern.
///
/// # Panics
///
/// If the pattern is invalid; all callers pass constants.
pub fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern is valid")
}
