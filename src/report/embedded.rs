//! The files of `reports/`, which are part of the binary.

/// The file that lists every key of a report file with its default and a comment.
pub const BASE_REPORT: &str = include_str!("../../reports/base/report.toml");

/// The path below `reports/` and the content of every report file that comes with jem.
pub const EMBEDDED_REPORTS: &[(&str, &str)] = &[
    ("base/report.toml", BASE_REPORT),
    ("oxford-small.toml", include_str!("../../reports/oxford-small.toml")),
    ("paper-drawn.toml", include_str!("../../reports/paper-drawn.toml")),
    ("paper.toml", include_str!("../../reports/paper.toml")),
    ("quickstart.toml", include_str!("../../reports/quickstart.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ReportSpec;

    #[test]
    fn every_report_file_comes_with_jem_and_is_valid() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("reports");
        let mut names = Vec::new();
        for folder in ["", "base/"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let name = format!("{folder}{}", entry.unwrap().file_name().to_string_lossy());
                names.extend(name.ends_with(".toml").then_some(name));
            }
        }
        names.sort();
        assert_eq!(EMBEDDED_REPORTS.iter().map(|(path, _)| *path).collect::<Vec<_>>(), names);
        for (path, text) in EMBEDDED_REPORTS {
            if let Err(error) = ReportSpec::parse(text, path) {
                panic!("{error}");
            }
        }
    }
}
