use std::path::Path;

use super::ReportError;

/// Checks that a report can be written to `dir`. Temporary files and folders are removed.
///
/// # Errors
///
/// If the folder cannot be created, or a file in it cannot be written.
pub fn check_folder(dir: &Path) -> Result<(), ReportError> {
    let missing: Vec<&Path> = dir.ancestors().take_while(|folder| !folder.exists()).collect();
    let file = std::fs::create_dir_all(dir).and_then(|()| tempfile::Builder::new().prefix(".try-").tempfile_in(dir));
    let result = file.map(drop).map_err(|source| ReportError::Folder { path: dir.to_owned(), source });
    for folder in missing.into_iter().filter(|folder| *folder != Path::new("")) {
        // It is empty, unless another process uses it now; then it is kept.
        let _used = std::fs::remove_dir(folder);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writable_folder_stays_unchanged() {
        let lab = tempfile::tempdir().unwrap();
        let dir = lab.path().join("reports/it");
        check_folder(&dir).unwrap();
        assert!(!lab.path().join("reports").exists());
        std::fs::create_dir_all(&dir).unwrap();
        check_folder(&dir).unwrap();
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
    }

    #[test]
    fn a_file_in_place_of_the_folder_and_a_long_name_are_errors() {
        let lab = tempfile::tempdir().unwrap();
        std::fs::write(lab.path().join("reports"), "x").unwrap();
        let error = check_folder(&lab.path().join("reports/it")).unwrap_err();
        assert!(error.to_string().contains("reports/it") && error.help().is_some(), "{error}");
        assert!(check_folder(&lab.path().join("a".repeat(300))).is_err());
    }
}
