//! Rounded numbers and durations with units.

/// Three digits and a letter: `5.32 M`, `300 G`.
pub fn count(n: u64) -> String {
    let mut value = n as f64;
    let mut unit = "";
    for next in ["k", "M", "G", "T", "P"] {
        if value < 999.5 {
            break;
        }
        value /= 1e3;
        unit = next;
    }
    let digits = match value {
        _ if unit.is_empty() => 0,
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}

/// `40 s`, `12 min`, `3.5 h`, `2.1 days`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 90.0 * 60.0 => format!("{:.0} min", s / 60.0),
        s if s < 48.0 * 3600.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_three_significant_digits() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1.00 k"), (9_996, "10.0 k"), (5_324_545, "5.32 M")] {
            assert_eq!(count(n), text);
        }
        assert_eq!(count(300_549_144_576), "301 G");
        assert_eq!(count(999_999), "1.00 M");
    }

    #[test]
    fn durations_have_a_unit_that_fits_their_size() {
        for (seconds, text) in [(40.4, "40 s"), (120.0, "2 min"), (7_200.0, "2.0 h"), (200_000.0, "2.3 days")] {
            assert_eq!(duration(seconds), text);
        }
    }
}
