//! Verification of fetched files.

use super::*;

#[test]
fn a_content_length_below_the_length_of_the_body_is_detected() {
    let mirror = Mirror::new();
    mirror.server.serve(FLOWERS, ServedFile::new(mirror.flowers()).behaviors(&[ServerBehavior::AnnounceLess(9)]));
    let error = mirror.fail();
    let FetchError::File(FileError::WrongFile { name, moved_to: Some(moved_to), source }) = &error else {
        panic!("{error}")
    };
    assert_eq!((name.as_str(), moved_to), (FLOWERS, &mirror.at("102flowers.tgz.rejected")));
    assert!(source.to_string().contains("damaged or truncated"), "{source}");
    assert!(!mirror.at("jpg").exists() && !mirror.at(FLOWERS).exists());
    mirror.server.serve("setid.mat", ServedFile::new(setid()).behaviors(&[ServerBehavior::AnnounceLess(9)]));
    std::fs::remove_file(mirror.at("setid.mat")).unwrap();
    let error = mirror.fail();
    let FetchError::File(FileError::WrongFile { source: WrongFile::Format(reason), .. }) = &error else {
        panic!("{error}")
    };
    assert!(matches!(reason.downcast_ref(), Some(InvalidFile::Table(_))), "{error}");
}

#[test]
fn the_error_about_a_web_page_instead_of_the_captions_explains_the_manual_download() {
    let mirror = Mirror::new();
    let page = "<!DOCTYPE html><html><title>Google Drive - Virus scan warning</title></html>";
    for kind in ["text/html; charset=utf-8", "application/octet-stream"] {
        mirror.server.serve(CAPTIONS, ServedFile { kind, ..ServedFile::new(page) });
        let error = mirror.fail();
        assert!(
            matches!(&error, FetchError::File(FileError::WrongFile { source: WrongFile::Kind(FileKind::WebPage), .. })),
            "{error}"
        );
        assert!(error.help().unwrap().contains("--captions FILE"));
        assert!(!mirror.at("text_c10").exists());
    }
    let file = mirror.set.path().join("by hand.tar.gz");
    std::fs::write(&file, archive(mirror.set.path(), "text_c10")).unwrap();
    mirror.run(&Fetch { captions: Some(file.clone()), ..mirror.fetch() }).1.unwrap();
    assert!(file.is_file() && mirror.at("text_c10/class_00003/image_00002.txt").is_file());
    let lock = std::fs::read_to_string(mirror.at("jem-data.lock")).unwrap();
    assert!(lock.contains("url = \"by hand\""), "{lock}");
}

#[test]
fn the_error_about_a_file_that_differs_from_the_trusted_one_names_it() {
    let mirror = Mirror::new();
    mirror.succeed();
    std::fs::remove_dir_all(mirror.at("segmim")).unwrap();
    std::fs::write(mirror.set.path().join("segmim/segmim_00001.jpg"), "another").unwrap();
    mirror.server.serve("102segmentations.tgz", ServedFile::new(archive(mirror.set.path(), "segmim")));
    let error = mirror.fail();
    let FetchError::File(FileError::WrongFile { name, moved_to: Some(moved_to), source: WrongFile::Changed { .. } }) =
        &error
    else {
        panic!("{error}")
    };
    assert_eq!(name, "102segmentations.tgz");
    assert!(moved_to.is_file() && !mirror.at("segmim").exists());
    assert!(error.help().unwrap().contains("remove the entry `102segmentations.tgz` from jem-data.lock"));
}

#[test]
fn the_published_digest_is_enforced_at_the_official_url() {
    let mirror = Mirror::new();
    // The file is already in the folder, as after a download from the official URL.
    std::fs::copy(mirror.set.path().join("imagelabels.mat"), mirror.at("imagelabels.mat")).unwrap();
    let error = mirror.file_error(&Fetch { from: None, ..mirror.fetch() });
    let FileError::ExistingFile { path, source: WrongFile::Digest(DigestMismatch::Md5 { expected, .. }) } = &error
    else {
        panic!("{error}")
    };
    assert_eq!((path, *expected), (&mirror.at("imagelabels.mat"), "e0620be6f572b9609742df49c70aed4d"));
    assert!(mirror.at("imagelabels.mat").is_file() && mirror.server.requests().is_empty());
}

#[test]
fn the_published_file_replaces_a_file_that_was_only_trusted() {
    let Some(root) = fixture::real() else { return };
    let mirror = Mirror::new();
    mirror.succeed();
    std::fs::remove_file(mirror.at("setid.mat")).unwrap();
    mirror.server.serve("setid.mat", ServedFile::new(std::fs::read(root.join("setid.mat")).unwrap()));
    let events = mirror.succeed().join("\n");
    assert!(events.contains("setid.mat: MatchesPublished") && !events.contains("setid.mat: Trusted"), "{events}");
    let sha256 = compute_digests(&root.join("setid.mat")).unwrap().sha256;
    assert!(std::fs::read_to_string(mirror.at("jem-data.lock")).unwrap().contains(&sha256));
}

#[test]
fn the_real_files_have_the_published_digests() {
    let Some(root) = fixture::real() else { return };
    for (source, kind) in OXFORD_102.iter().filter(|(_, kind)| matches!(kind, Kind::Table(_))) {
        let path = root.join(source.name);
        let found = compute_digests(&path).unwrap().md5;
        assert!(matches!(source.published, Some(PublishedDigest::Md5(md5)) if md5 == found), "{found}");
        assert!(kind.check_format(&path).unwrap().is_ok());
    }
}
