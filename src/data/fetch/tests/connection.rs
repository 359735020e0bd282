//! Interrupted connections and incorrect servers.

use super::*;

#[test]
fn an_interrupted_download_is_resumed() {
    let mirror = Mirror::new();
    let behaviors = [ServerBehavior::Truncate(100), ServerBehavior::Truncate(50), ServerBehavior::Normal];
    mirror.server.serve(FLOWERS, ServedFile::new(mirror.flowers()).tag("\"v1\"").behaviors(&behaviors));
    mirror.succeed();
    let expected =
        [FLOWERS.to_owned(), format!("{FLOWERS} from 100 if \"v1\""), format!("{FLOWERS} from 150 if \"v1\"")];
    assert_eq!(mirror.requests(FLOWERS), expected);
    assert_eq!(mirror.listing(), COMPLETE);
}

#[test]
fn retries_continue_as_long_as_bytes_arrive() {
    let mirror = Mirror::new();
    let behaviors =
        [[ServerBehavior::Truncate(20); 5].as_slice(), &[ServerBehavior::AnnounceLess(9), ServerBehavior::Normal]]
            .concat();
    let flowers = mirror.flowers();
    let all_but_nine = format!("{FLOWERS} from {}", flowers.len() - 9);
    mirror.server.serve(FLOWERS, ServedFile::new(flowers).behaviors(&behaviors));
    mirror.succeed();
    assert_eq!(mirror.requests(FLOWERS).len(), 7);
    // A response can be complete although the file is not.
    assert_eq!(mirror.requests(FLOWERS)[6], all_but_nine);
}

#[test]
fn a_download_is_resumed_by_a_later_process_and_gets_its_final_name_last() {
    let mirror = Mirror::new();
    mirror.server.serve(
        FLOWERS,
        ServedFile::new(mirror.flowers()).behaviors(&[ServerBehavior::Truncate(100), ServerBehavior::Truncate(0)]),
    );
    let error = mirror.file_error(&mirror.fetch());
    assert!(matches!(&error, FileError::Interrupted { bytes: 100, .. }), "{error}");
    assert!(error.to_string().contains(&mirror.server.url(FLOWERS)), "{error}");
    assert_eq!(error.help().unwrap(), "run the same command again to resume the download");
    assert_eq!(mirror.at("102flowers.tgz.part").metadata().unwrap().len(), 100);
    assert!(!mirror.at(FLOWERS).exists() && !mirror.at("jpg").exists());
    mirror.server.serve(FLOWERS, ServedFile::new(mirror.flowers()));
    mirror.succeed();
    assert_eq!(mirror.requests(FLOWERS).last().unwrap(), &format!("{FLOWERS} from 100"));
    assert_eq!(mirror.listing(), COMPLETE);
}

#[test]
fn a_server_without_ranges_sends_the_complete_file_again() {
    let mirror = Mirror::new();
    let served = ServedFile::new(mirror.flowers()).without_ranges();
    mirror.server.serve(FLOWERS, served.behaviors(&[ServerBehavior::Truncate(100), ServerBehavior::Normal]));
    let events = mirror.succeed().join("\n");
    assert!(events.contains("Restarted { discarded: 100 }"), "{events}");
    assert!(mirror.at("jpg/image_00003.jpg").is_file());
}

#[test]
fn a_changed_file_is_downloaded_from_the_start() {
    let mirror = Mirror::new();
    mirror.server.serve(
        FLOWERS,
        ServedFile::new([7; 200])
            .tag("\"v1\"")
            .behaviors(&[ServerBehavior::Truncate(100), ServerBehavior::Truncate(0)]),
    );
    assert!(matches!(mirror.file_error(&mirror.fetch()), FileError::Interrupted { bytes: 100, .. }));
    mirror.server.serve(FLOWERS, ServedFile::new(mirror.flowers()).tag("\"v2\""));
    mirror.succeed();
    assert_eq!(mirror.requests(FLOWERS).last().unwrap(), &format!("{FLOWERS} from 100 if \"v1\""));
    assert!(mirror.at("jpg/image_00003.jpg").is_file());
}

#[test]
fn a_content_length_above_the_length_of_the_body_is_detected() {
    let mirror = Mirror::new();
    let length = mirror.flowers().len();
    mirror.server.serve(
        FLOWERS,
        ServedFile::new(mirror.flowers()).without_ranges().behaviors(&[ServerBehavior::AnnounceMore(5)]),
    );
    let error = mirror.file_error(&mirror.fetch());
    assert!(matches!(&error, FileError::Interrupted { bytes, .. } if *bytes == length as u64), "{error}");
    // With ranges, the server states the length of the file.
    mirror.server.serve(
        FLOWERS,
        ServedFile::new(mirror.flowers()).behaviors(&[ServerBehavior::AnnounceMore(5), ServerBehavior::Normal]),
    );
    mirror.succeed();
    assert_eq!(mirror.listing(), COMPLETE);
}

#[test]
fn errors_of_the_server_contain_the_url_and_some_are_retried() {
    let mirror = Mirror::new();
    let busy = [ServerBehavior::Status(503), ServerBehavior::Status(500), ServerBehavior::Normal];
    mirror.server.serve(FLOWERS, ServedFile::new(mirror.flowers()).behaviors(&busy));
    mirror.server.serve("102segmentations.tgz", ServedFile::new("").behaviors(&[ServerBehavior::Status(404)]));
    let error = mirror.file_error(&mirror.fetch());
    let url = mirror.server.url("102segmentations.tgz");
    assert_eq!(error.to_string(), format!("{url}: the server returned HTTP status 404"));
    assert!(error.help().unwrap().contains("--from"));
    assert_eq!((mirror.requests(FLOWERS).len(), mirror.requests("102segmentations.tgz").len()), (3, 1));
    mirror.server.serve("102segmentations.tgz", ServedFile::new("").behaviors(&[ServerBehavior::Status(500)]));
    let error = mirror.file_error(&mirror.fetch());
    assert!(error.to_string().ends_with("the server returned HTTP status 500"), "{error}");
    assert!(!mirror.at("102segmentations.tgz.part").exists());
}

#[test]
fn no_connection_and_an_invalid_url_are_different_errors() {
    let mirror = Mirror::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let from = |from: String| Fetch { from: Some(from), ..mirror.fetch() };
    let error = mirror.file_error(&from(format!("http://{port}")));
    assert!(matches!(&error, FileError::Interrupted { bytes: 0, attempts: 3, .. }), "{error}");
    let error = mirror.file_error(&from("nowhere".into()));
    assert!(matches!(&error, FileError::Request { .. }), "{error}");
}

#[test]
fn a_web_page_does_not_replace_the_bytes_of_an_interrupted_download() {
    let mirror = Mirror::new();
    mirror.server.serve(
        FLOWERS,
        ServedFile::new(mirror.flowers()).behaviors(&[ServerBehavior::Truncate(100), ServerBehavior::Truncate(0)]),
    );
    mirror.fail();
    mirror.server.serve(FLOWERS, ServedFile { kind: "text/html", ..ServedFile::new("<html>") }.without_ranges());
    assert!(matches!(
        mirror.file_error(&mirror.fetch()),
        FileError::WrongFile { source: WrongFile::Kind(FileKind::WebPage), .. }
    ));
    assert_eq!(mirror.at("102flowers.tgz.part").metadata().unwrap().len(), 100);
}

#[test]
fn more_bytes_than_the_limit_are_an_error() {
    let mirror = Mirror::new();
    mirror.server.serve("setid.mat", ServedFile::new(vec![0; (1 << 20) + 1]));
    let error = mirror.file_error(&mirror.fetch());
    assert!(matches!(&error, FileError::TooLarge { max_bytes: 1_048_576, .. }), "{error}");
}
