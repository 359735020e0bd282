//! Private content is not recorded, whether it is recognized by file name, by key or by format.

use std::os::unix::fs::symlink;

use super::*;

const WORD: &str = "hunter2secret";

fn assert_nothing_of(record: &Repository, word: &str) {
    let text = serde_json::to_string(record).unwrap();
    assert!(!text.contains(word), "{text}");
}

fn withheld(record: &Repository) -> Vec<&str> {
    record.withheld.iter().map(|line| line.split(": ").next().unwrap()).collect()
}

#[test]
fn new_changed_and_deleted_private_files_are_named_only() {
    let secret = format!("KEY={WORD}\n");
    let old: [(&str, &[u8]); 3] =
        [(".env", secret.as_bytes()), ("a b/.env", secret.as_bytes()), ("server.pem", secret.as_bytes())];
    let Some(scratch) = Scratch::new(&old) else { return };
    scratch.write(".env", format!("KEY=new {WORD}\n").as_bytes());
    scratch.write("a b/.env", format!("KEY=new {WORD}\n").as_bytes());
    std::fs::remove_file(scratch.at("server.pem")).unwrap();
    scratch.write(".env.local", secret.as_bytes());
    scratch.write("line\n/.netrc", secret.as_bytes());
    scratch.write("secrets/db.txt", secret.as_bytes());
    scratch.write("sweep.toml", b"a = 1\n");
    let record = scratch.record();
    assert_nothing_of(&record, WORD);
    let names = [".env", "a b/.env", "server.pem", ".env.local", "line\n/.netrc", "secrets/db.txt"];
    assert_eq!(withheld(&record), names);
    scratch.assert_applies(&record, &names);
}

#[test]
fn a_link_is_never_followed_to_a_secret() {
    let Some(scratch) = Scratch::new(&[("sweep.toml", b"a = 1\n"), ("tracked.txt", b"x\n")]) else { return };
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("file"), WORD).unwrap();
    scratch.write(".env", format!("KEY={WORD}").as_bytes());
    symlink(".env", scratch.at("settings.txt")).unwrap();
    symlink(outside.path().join("file"), scratch.at("outside.txt")).unwrap();
    symlink(outside.path(), scratch.at("folder")).unwrap();
    std::fs::remove_file(scratch.at("tracked.txt")).unwrap();
    symlink(outside.path().join("file"), scratch.at("tracked.txt")).unwrap();
    symlink("postgres://me:hunter2secret@db/x", scratch.at("strange")).unwrap();
    let record = scratch.record();
    assert_nothing_of(&record, WORD);
    assert!(record.diff.contains("new file mode 120000\n--- /dev/null\n+++ b/settings.txt\n@@ -0,0 +1 @@\n+.env\n"));
    assert_eq!(withheld(&record), [".env", "strange"]);
    scratch.assert_applies(&record, &[".env", "strange"]);
}

#[test]
fn a_file_with_a_secret_is_redacted_separately_and_the_rest_applies() {
    let config = format!("user: me\npassword: {WORD}\nport: 1\n");
    let Some(scratch) = Scratch::new(&[("config.yml", config.as_bytes()), ("sweep.toml", b"a = 1\n")]) else { return };
    scratch.write("config.yml", config.replace("port: 1", "port: 2").as_bytes());
    scratch.write("sweep.toml", b"a = 2\n");
    scratch.write("w.toml", b"wandb_api_key = \"0123456789abcdef0123456789abcdef01234567\"\nlr = 1\n");
    scratch.write("key.txt", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
    let record = scratch.record();
    assert_nothing_of(&record, WORD);
    assert_nothing_of(&record, "0123456789abcdef");
    assert_nothing_of(&record, "AAAA");
    assert!(record.redacted.contains("+port: 2") && record.redacted.contains("+lr = 1"), "{}", record.redacted);
    assert_eq!(withheld(&record), ["config.yml", "key.txt", "w.toml"]);
    scratch.assert_applies(&record, &["config.yml", "key.txt", "w.toml"]);
}

#[test]
fn secrets_in_hunk_headers_encoded_bytes_and_the_middle_of_a_key_are_detected() {
    let heading = format!("password_of_all = {WORD}\n\n\n\n\n\n  a = 1\n");
    let body = "Ab3".repeat(21) + "A\n";
    let key = body.repeat(20);
    let wide = |text: &str| [vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    let latin = [b"caf\xe9\npassword: ", WORD.as_bytes()].concat();
    let token = format!("ghp_{WORD}{WORD}");
    let files: [(&str, &[u8]); 4] = [
        ("heading.txt", heading.as_bytes()),
        ("key.txt", key.as_bytes()),
        ("wide.ini", &wide(&format!("password={WORD}"))),
        ("old.bin", &[b"\0", token.as_bytes()].concat()),
    ];
    let Some(scratch) = Scratch::new(&files) else { return };
    scratch.write("heading.txt", heading.replace("a = 1", "a = 2").as_bytes());
    scratch.write("key.txt", key.replacen("Ab3", "Xb3", 1).as_bytes());
    scratch.write("wide.ini", &wide("password="));
    scratch.write("old.bin", b"\0");
    scratch.write("new.bin", &[b"\0", token.as_bytes()].concat());
    scratch.write("latin.ini", &latin);
    let record = scratch.record();
    assert_nothing_of(&record, WORD);
    assert_nothing_of(&record, "Ab3Ab3");
    assert_eq!(withheld(&record), ["key.txt", "old.bin", "wide.ini", "latin.ini", "new.bin"]);
    scratch.assert_applies(&record, &["key.txt", "old.bin", "wide.ini", "latin.ini", "new.bin"]);
}

#[test]
fn files_that_git_encrypts_or_stores_in_lfs_are_reported() {
    let attributes = b"*.vault filter=git-crypt\n*.big filter=lfs\n";
    let pointer = |oid: &str| format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 1\n");
    let Some(scratch) = Scratch::new(&[(".gitattributes", attributes), ("a.big", pointer("1").as_bytes())]) else {
        return;
    };
    scratch.write("a.big", pointer("2").as_bytes());
    scratch.write("new.vault", WORD.as_bytes());
    let record = scratch.record();
    assert_nothing_of(&record, WORD);
    assert_eq!(withheld(&record), ["a.big", "new.vault"]);
    scratch.assert_applies(&record, &["new.vault"]);
}
