use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::Header;

/// An entry whose name is written to the header without checks.
fn entry(name: &str, kind: EntryType, bytes: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    if kind.is_symlink() || kind.is_hard_link() {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    let mut entry = [header.as_bytes(), bytes].concat();
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

fn file(name: &str) -> Vec<u8> {
    entry(name, EntryType::Regular, b"flower")
}

/// Unpacks these entries; returns the files that exist afterwards, and the result.
fn unpack_entries(
    part: LayoutPart,
    expected: &[&str],
    entries: &[Vec<u8>],
) -> (Vec<String>, Result<SkippedEntries, String>) {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tgz");
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut gz, &[entries.concat(), vec![0; 1024]].concat()).unwrap();
    std::fs::write(&archive, gz.finish().unwrap()).unwrap();
    let into = folder.path().join("in");
    std::fs::create_dir(&into).unwrap();
    let expected = expected.iter().map(|&name| name.to_owned()).collect();
    let result = unpack(&archive, part, &expected, &into, |_| {}).map_err(|error| match error {
        UnpackError::Archive(error) => error.to_string(),
        UnpackError::Io(error) => error.to_string(),
    });
    let mut files = Vec::new();
    list(&into, &into, &mut files);
    (files, result)
}

fn list(root: &Path, folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => list(root, &path, into),
            false => into.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()),
        }
    }
    into.sort();
}

const TWO: [&str; 2] = ["jpg/image_00001.jpg", "jpg/image_00002.jpg"];

/// The error about `invalid` between the entries of two images.
fn error_of(invalid: Vec<u8>) -> String {
    let entries = [file(TWO[0]), invalid, file(TWO[1])];
    let (files, result) = unpack_entries(LayoutPart::Images, &TWO, &entries);
    assert_eq!(files, [TWO[0]], "no file after the invalid entry");
    result.unwrap_err()
}

#[test]
fn leading_folders_are_removed_and_other_entries_are_skipped() {
    let entries = [
        entry("./set/jpg/", EntryType::Directory, b""),
        file("./set/jpg/image_00001.jpg"),
        file("set/jpg/._image_00001.jpg"),
        file("set/jpg/image_1.jpg"),
        entry("set/jpg", EntryType::Symlink, b""),
        file("set/README"),
        file("jpg/image_00002.jpg"),
    ];
    let (files, result) = unpack_entries(LayoutPart::Images, &TWO, &entries);
    assert_eq!(files, TWO);
    assert_eq!(result.unwrap(), SkippedEntries { entries: 4, first: Some("set/jpg/._image_00001.jpg".into()) });
}

#[test]
fn captions_are_in_the_folder_of_their_class() {
    let name = "text_c10/class_00077/image_00001.txt";
    let entries = [file("cvpr2016_flowers/text_c10/class_00077.t7"), file(&format!("cvpr2016_flowers/{name}"))];
    let (files, result) = unpack_entries(LayoutPart::Captions, &[name], &entries);
    assert_eq!((files, result.unwrap().entries), (vec![name.to_owned()], 1));
    let (files, result) =
        unpack_entries(LayoutPart::Captions, &[name], &[file("text_c10/class_00003/image_00001.txt")]);
    assert!(files.is_empty() && result.unwrap_err().contains("not of an image and class"));
}

#[test]
fn the_error_about_a_path_outside_the_folder_names_it() {
    for name in ["/jpg/image_00002.jpg", "../jpg/image_00002.jpg", "jpg/../../image_00002.jpg", "/etc/passwd"] {
        assert_eq!(error_of(file(name)), format!("its entry `{name}` has a path outside the folder"));
    }
}

#[test]
fn the_error_about_a_link_or_device_names_it() {
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Block, EntryType::Fifo] {
        let error = error_of(entry(TWO[1], kind, b""));
        assert_eq!(error, "its entry `jpg/image_00002.jpg` is a link, a folder or a device");
    }
}

#[test]
fn unlisted_and_duplicate_images_are_errors() {
    assert!(
        error_of(file("jpg/image_00003.jpg"))
            .ends_with("`jpg/image_00003.jpg` is not of an image and class that the labels list")
    );
    assert!(error_of(file(TWO[0])).ends_with("`jpg/image_00001.jpg` is in the archive twice"));
}

#[test]
fn an_entry_above_the_size_limit_is_an_error_before_it_is_read() {
    let mut bomb = entry(TWO[1], EntryType::Regular, b"");
    let mut header = Header::new_ustar();
    header.as_mut_bytes().copy_from_slice(&bomb[..512]);
    header.set_size(1 << 32);
    header.set_cksum();
    bomb[..512].copy_from_slice(header.as_bytes());
    assert_eq!(error_of(bomb), "its entry `jpg/image_00002.jpg` has 4294967296 bytes, more than the limit of 33554432");
}

#[test]
fn the_error_about_missing_images_counts_them() {
    let (_, result) = unpack_entries(LayoutPart::Images, &TWO, &[file(TWO[0])]);
    let error = result.unwrap_err();
    assert_eq!(error, "1 of the 2 files that the labels require are missing; the first is jpg/image_00002.jpg");
}
