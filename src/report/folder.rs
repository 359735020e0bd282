use std::path::Path;

use super::ReportError;

/// Finds out whether a report can be written to `dir`, and leaves nothing behind.
///
/// # Errors
///
/// If the folder cannot be made, or no file can be written in it.
pub fn check_folder(dir: &Path) -> Result<(), ReportError> {
    let missing: Vec<&Path> = dir.ancestors().take_while(|folder| !folder.exists()).collect();
    let tried = std::fs::create_dir_all(dir).and_then(|()| tempfile::Builder::new().prefix(".try-").tempfile_in(dir));
    let outcome = tried.map(drop).map_err(|source| ReportError::Folder { path: dir.to_owned(), source });
    for folder in missing.into_iter().filter(|folder| *folder != Path::new("")) {
        // It is ours and empty, or somebody else uses it by now.
        let _used = std::fs::remove_dir(folder);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_can_be_written_is_left_as_it_was() {
        let lab = tempfile::tempdir().unwrap();
        let dir = lab.path().join("reports/it");
        check_folder(&dir).unwrap();
        assert!(!lab.path().join("reports").exists());
        std::fs::create_dir_all(&dir).unwrap();
        check_folder(&dir).unwrap();
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
    }

    #[test]
    fn a_file_in_the_way_and_a_name_too_long_are_told() {
        let lab = tempfile::tempdir().unwrap();
        std::fs::write(lab.path().join("reports"), "x").unwrap();
        let error = check_folder(&lab.path().join("reports/it")).unwrap_err();
        assert!(error.to_string().contains("reports/it") && error.help().is_some(), "{error}");
        assert!(check_folder(&lab.path().join("a".repeat(300))).is_err());
    }
}
