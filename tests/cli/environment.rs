//! Variables and folders that are not UTF-8.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::lab::Lab;

/// `caf` and an `é` in Latin-1.
fn not_utf8() -> &'static OsStr {
    OsStr::from_bytes(b"caf\xe9")
}

const SHORT: [&str; 5] = ["--set", "grid.method=[\"GAN-CLS-INT\"]", "--set", "train.epochs=1", "--device=cpu"];

#[test]
fn a_variable_that_is_not_utf8_is_ignored() {
    let lab = Lab::new();
    for arguments in [&["plan", "sweep.toml"][..], &["queue", "sweep.toml"], &["list"], &["status"]] {
        let output = lab.jem(arguments).env("UNRELATED", not_utf8()).env(not_utf8(), "1").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let trained =
        lab.jem(&[&["run", "sweep.toml"], &SHORT[..]].concat()).env("UNRELATED", not_utf8()).output().unwrap();
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
}

#[test]
fn an_invalid_settings_variable_is_an_error_that_names_it() {
    let lab = Lab::new();
    for command in ["plan", "queue", "run"] {
        let output = lab.jem(&[command, "sweep.toml"]).env("JEM_SET_DATA__ROOT", not_utf8()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("JEM_SET_DATA__ROOT") && error.contains("help:"), "{error}");
    }
    let output = lab.jem(&["run", "sweep.toml"]).env("JEM_DEVICE", not_utf8()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && !error.contains("panicked"), "{error}");
}

#[test]
fn a_folder_name_may_be_invalid_utf8() {
    let lab = Lab::new();
    let folder = lab.path("").join(not_utf8());
    std::fs::create_dir(&folder).unwrap();
    for name in ["sweep.toml", "flowers"] {
        std::fs::rename(lab.path(name), folder.join(name)).unwrap();
    }
    for arguments in [
        &["plan", "sweep.toml"][..],
        &["queue", "sweep.toml"],
        &[&["run", "sweep.toml"], &SHORT[..]].concat(),
        &["list"],
        &["show", "1", "--provenance"],
        &["report", "sweep"],
    ] {
        let output = lab.jem(arguments).current_dir(&folder).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !error.contains("panicked"), "{arguments:?}: {error}");
    }
    let cache = lab.jem(&["gc"]).current_dir(&folder).env("JEM_CACHE", folder.join("cache")).output().unwrap();
    assert!(cache.status.success(), "{}", String::from_utf8_lossy(&cache.stderr));
}
