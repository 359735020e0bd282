//! The user's git settings do not change the record.

use super::*;

/// Settings that change the output of git or run a program.
const SETTINGS: [(&str, &str); 30] = [
    ("color.ui", "always"),
    ("color.diff", "always"),
    ("core.fsmonitor", "false; sleep 30"),
    ("core.pager", "false"),
    ("core.quotePath", "true"),
    ("core.abbrev", "4"),
    ("diff.algorithm", "patience"),
    ("diff.colorMoved", "zebra"),
    ("diff.context", "0"),
    ("diff.interHunkContext", "100"),
    ("diff.dstPrefix", "new/"),
    ("diff.external", "true"),
    ("diff.ignoreSubmodules", "all"),
    ("diff.mnemonicPrefix", "true"),
    ("diff.noprefix", "true"),
    ("diff.orderFile", "/nonexistent"),
    ("diff.relative", "true"),
    ("diff.renames", "copies"),
    ("diff.srcPrefix", "old/"),
    ("diff.submodule", "log"),
    ("diff.suppressBlankEmpty", "true"),
    ("diff.upper.command", "true"),
    ("diff.upper.textconv", "tr a-z A-Z <"),
    ("diff.wordRegex", "."),
    ("diff.wsErrorHighlight", "all"),
    ("status.branch", "true"),
    ("status.relativePaths", "true"),
    ("status.renames", "copies"),
    ("status.short", "true"),
    ("status.showUntrackedFiles", "no"),
];

#[test]
fn no_setting_of_git_changes_the_record() {
    let files: [(&str, &[u8]); 6] = [
        (".gitattributes", b"*.up diff=upper\n*.bytes -diff\n"),
        (".env", b"API_KEY=old\n"),
        ("a.up", b"one\n\ntwo\nthree\nfour\nfive\nsix\n"),
        ("b.bytes", b"text\n"),
        ("folder/c", b"moves\n"),
        ("b.bin", b"\0a"),
    ];
    let Some(scratch) = Scratch::new(&files) else { return };
    scratch.write(".env", b"API_KEY=hunter2secret\n");
    scratch.write("a.up", b"one\n\ntwo\nTHREE\nfour\nfive\nsix\n");
    scratch.write("b.bytes", b"other text\n");
    scratch.write("b.bin", b"\0b");
    scratch.git(&["mv", "folder/c", "d"]);
    scratch.write("folder/\u{e9}", b"new\n");
    let before = scratch.record();
    assert_eq!(before.withheld, [".env: private"]);
    scratch.assert_applies(&before, &[".env"]);
    for (key, value) in SETTINGS {
        scratch.git(&["config", key, value]);
        assert_eq!(scratch.record(), before, "{key} = {value}");
    }
    assert_eq!(record(&scratch.at("folder")), before, "from a subfolder");
}

#[test]
fn a_file_with_a_new_time_and_the_same_content_is_unchanged() {
    let Some(scratch) = Scratch::new(&[("a", b"1\n")]) else { return };
    scratch.write("a", b"2\n");
    scratch.write("a", b"1\n");
    let later = std::time::SystemTime::now() + Duration::from_secs(100);
    std::fs::File::options().write(true).open(scratch.at("a")).unwrap().set_modified(later).unwrap();
    assert_eq!(scratch.complete_record().dirty, Some(false));
}

#[test]
fn a_change_with_converted_line_ends_applies() {
    let Some(scratch) = Scratch::new(&[(".gitattributes", b"*.txt text\n"), ("a.txt", b"1\n2\n")]) else { return };
    scratch.write("a.txt", b"1\r\n3\r\n");
    let record = scratch.record();
    assert_eq!((record.error, record.withheld), (None, vec![]));
    let found = applied(scratch.path(), &record.commit, &record.diff);
    assert_eq!(found[&b"a.txt"[..]].1, b"1\n3\n", "with the line ends of the commit");
}
