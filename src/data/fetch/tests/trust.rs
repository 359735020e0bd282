//! Which file is the right one.

use super::*;

#[test]
fn a_length_that_conceals_the_end_is_noticed() {
    let mirror = Mirror::new();
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()).manners(&[Manner::Conceal(9)]));
    let error = mirror.fail();
    let FetchError::File(FileError::Wrong { name, aside: Some(aside), source }) = &error else { panic!("{error}") };
    assert_eq!((name.as_str(), aside), (FLOWERS, &mirror.at("102flowers.tgz.rejected")));
    assert!(source.to_string().contains("damaged or ends early"), "{source}");
    assert!(!mirror.at("jpg").exists() && !mirror.at(FLOWERS).exists());
    mirror.server.serve("setid.mat", Served::new(setid()).manners(&[Manner::Conceal(9)]));
    std::fs::remove_file(mirror.at("setid.mat")).unwrap();
    let error = mirror.fail();
    let FetchError::File(FileError::Wrong { source: WrongFile::Unfit(unfit), .. }) = &error else { panic!("{error}") };
    assert!(matches!(unfit.downcast_ref(), Some(UnfitFile::Table(_))), "{error}");
}

#[test]
fn a_web_page_in_place_of_the_captions_says_how_to_fetch_them_by_hand() {
    let mirror = Mirror::new();
    let page = "<!DOCTYPE html><html><title>Google Drive - Virus scan warning</title></html>";
    for kind in ["text/html; charset=utf-8", "application/octet-stream"] {
        mirror.server.serve(CAPTIONS, Served { kind, ..Served::new(page) });
        let error = mirror.fail();
        assert!(
            matches!(&error, FetchError::File(FileError::Wrong { source: WrongFile::Kind(FileKind::WebPage), .. })),
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
fn a_file_that_differs_from_the_trusted_one_is_refused_by_name() {
    let mirror = Mirror::new();
    mirror.succeed();
    std::fs::remove_dir_all(mirror.at("segmim")).unwrap();
    std::fs::write(mirror.set.path().join("segmim/segmim_00001.jpg"), "another").unwrap();
    mirror.server.serve("102segmentations.tgz", Served::new(archive(mirror.set.path(), "segmim")));
    let error = mirror.fail();
    let FetchError::File(FileError::Wrong { name, aside: Some(aside), source: WrongFile::Changed { .. } }) = &error
    else {
        panic!("{error}")
    };
    assert_eq!(name, "102segmentations.tgz");
    assert!(aside.is_file() && !mirror.at("segmim").exists());
    assert!(error.help().unwrap().contains("remove the entry `102segmentations.tgz` from jem-data.lock"));
}

#[test]
fn the_published_digest_counts_at_the_official_address() {
    let mirror = Mirror::new();
    // The files lie in the folder, as if the official address had given them.
    std::fs::copy(mirror.set.path().join("imagelabels.mat"), mirror.at("imagelabels.mat")).unwrap();
    let error = mirror.fail_at_file(&Fetch { from: None, ..mirror.fetch() });
    let FileError::There { path, source: WrongFile::Digest(OtherDigest::Md5 { expected, .. }) } = &error else {
        panic!("{error}")
    };
    assert_eq!((path, *expected), (&mirror.at("imagelabels.mat"), "e0620be6f572b9609742df49c70aed4d"));
    assert!(mirror.at("imagelabels.mat").is_file() && mirror.server.asked().is_empty());
}

#[test]
fn the_published_file_takes_the_place_of_one_that_was_only_trusted() {
    let Some(root) = fixture::real() else { return };
    let mirror = Mirror::new();
    mirror.succeed();
    std::fs::remove_file(mirror.at("setid.mat")).unwrap();
    mirror.server.serve("setid.mat", Served::new(std::fs::read(root.join("setid.mat")).unwrap()));
    let told = mirror.succeed().join("\n");
    assert!(told.contains("setid.mat: Published") && !told.contains("setid.mat: Trusted"), "{told}");
    let sha256 = digests(&root.join("setid.mat")).unwrap().sha256;
    assert!(std::fs::read_to_string(mirror.at("jem-data.lock")).unwrap().contains(&sha256));
}

#[test]
fn the_official_digests_are_those_of_the_real_files() {
    let Some(root) = fixture::real() else { return };
    for (source, kind) in OXFORD_102.iter().filter(|(_, kind)| matches!(kind, Kind::Table(_))) {
        let path = root.join(source.name);
        let found = digests(&path).unwrap().md5;
        assert!(matches!(source.published, Some(Published::Md5(md5)) if md5 == found), "{found}");
        assert!(kind.looks(&path).unwrap().is_ok());
    }
}
