//! Connections that break and servers that misbehave.

use super::*;

#[test]
fn a_cut_download_goes_on_where_it_stopped() {
    let mirror = Mirror::new();
    let manners = [Manner::Cut(100), Manner::Cut(50), Manner::Well];
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()).tag("\"v1\"").manners(&manners));
    mirror.succeed();
    let expected =
        [FLOWERS.to_owned(), format!("{FLOWERS} from 100 if \"v1\""), format!("{FLOWERS} from 150 if \"v1\"")];
    assert_eq!(mirror.asked(FLOWERS), expected);
    assert_eq!(mirror.listing(), WHOLE);
}

#[test]
fn a_connection_that_breaks_often_is_put_up_with_as_long_as_bytes_come() {
    let mirror = Mirror::new();
    let manners = [[Manner::Cut(20); 5].as_slice(), &[Manner::Conceal(9), Manner::Well]].concat();
    let flowers = mirror.flowers();
    let all_but_nine = format!("{FLOWERS} from {}", flowers.len() - 9);
    mirror.server.serve(FLOWERS, Served::new(flowers).manners(&manners));
    mirror.succeed();
    assert_eq!(mirror.asked(FLOWERS).len(), 7);
    // A part that ends where the server says, but not where the file does, is not the end.
    assert_eq!(mirror.asked(FLOWERS)[6], all_but_nine);
}

#[test]
fn a_download_goes_on_in_a_later_process_and_never_under_its_final_name() {
    let mirror = Mirror::new();
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()).manners(&[Manner::Cut(100), Manner::Cut(0)]));
    let error = mirror.fail_at_file(&mirror.fetch());
    assert!(matches!(&error, FileError::Cut { held: 100, .. }), "{error}");
    assert!(error.to_string().contains(&mirror.server.url(FLOWERS)), "{error}");
    assert_eq!(error.help().unwrap(), "the same command goes on where it stopped");
    assert_eq!(mirror.at("102flowers.tgz.part").metadata().unwrap().len(), 100);
    assert!(!mirror.at(FLOWERS).exists() && !mirror.at("jpg").exists());
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()));
    mirror.succeed();
    assert_eq!(mirror.asked(FLOWERS).last().unwrap(), &format!("{FLOWERS} from 100"));
    assert_eq!(mirror.listing(), WHOLE);
}

#[test]
fn a_server_that_cannot_go_on_begins_again() {
    let mirror = Mirror::new();
    let served = Served::new(mirror.flowers()).without_ranges();
    mirror.server.serve(FLOWERS, served.manners(&[Manner::Cut(100), Manner::Well]));
    let told = mirror.succeed().join("\n");
    assert!(told.contains("Again { dropped: 100 }"), "{told}");
    assert!(mirror.at("jpg/image_00003.jpg").is_file());
}

#[test]
fn a_file_that_changed_in_between_begins_again() {
    let mirror = Mirror::new();
    mirror.server.serve(FLOWERS, Served::new([7; 200]).tag("\"v1\"").manners(&[Manner::Cut(100), Manner::Cut(0)]));
    assert!(matches!(mirror.fail_at_file(&mirror.fetch()), FileError::Cut { held: 100, .. }));
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()).tag("\"v2\""));
    mirror.succeed();
    assert_eq!(mirror.asked(FLOWERS).last().unwrap(), &format!("{FLOWERS} from 100 if \"v1\""));
    assert!(mirror.at("jpg/image_00003.jpg").is_file());
}

#[test]
fn a_length_that_promises_more_than_comes_is_noticed() {
    let mirror = Mirror::new();
    let bytes = mirror.flowers().len();
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()).without_ranges().manners(&[Manner::Promise(5)]));
    let error = mirror.fail_at_file(&mirror.fetch());
    assert!(matches!(&error, FileError::Cut { held, .. } if *held == bytes as u64), "{error}");
    // With ranges the server itself says where the file ends.
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()).manners(&[Manner::Promise(5), Manner::Well]));
    mirror.succeed();
    assert_eq!(mirror.listing(), WHOLE);
}

#[test]
fn errors_of_the_server_name_the_address_and_some_pass() {
    let mirror = Mirror::new();
    let busy = [Manner::Status(503), Manner::Status(500), Manner::Well];
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()).manners(&busy));
    mirror.server.serve("102segmentations.tgz", Served::new("").manners(&[Manner::Status(404)]));
    let error = mirror.fail_at_file(&mirror.fetch());
    let url = mirror.server.url("102segmentations.tgz");
    assert_eq!(error.to_string(), format!("{url}: the server answers 404"));
    assert!(error.help().unwrap().contains("--from"));
    assert_eq!((mirror.asked(FLOWERS).len(), mirror.asked("102segmentations.tgz").len()), (3, 1));
    mirror.server.serve("102segmentations.tgz", Served::new("").manners(&[Manner::Status(500)]));
    let error = mirror.fail_at_file(&mirror.fetch());
    assert!(error.to_string().ends_with("the server answers 500"), "{error}");
    assert!(!mirror.at("102segmentations.tgz.part").exists());
}

#[test]
fn nobody_listening_and_no_address_are_told_apart() {
    let mirror = Mirror::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let from = |from: String| Fetch { from: Some(from), ..mirror.fetch() };
    let error = mirror.fail_at_file(&from(format!("http://{port}")));
    assert!(matches!(&error, FileError::Cut { held: 0, attempts: 3, .. }), "{error}");
    let error = mirror.fail_at_file(&from("nowhere".into()));
    assert!(matches!(&error, FileError::Refused { .. }), "{error}");
}

#[test]
fn a_page_leaves_the_bytes_that_are_held() {
    let mirror = Mirror::new();
    mirror.server.serve(FLOWERS, Served::new(mirror.flowers()).manners(&[Manner::Cut(100), Manner::Cut(0)]));
    mirror.fail();
    mirror.server.serve(FLOWERS, Served { kind: "text/html", ..Served::new("<html>") }.without_ranges());
    assert!(matches!(
        mirror.fail_at_file(&mirror.fetch()),
        FileError::Wrong { source: WrongFile::Kind(FileKind::WebPage), .. }
    ));
    assert_eq!(mirror.at("102flowers.tgz.part").metadata().unwrap().len(), 100);
}

#[test]
fn more_bytes_than_can_be_are_refused() {
    let mirror = Mirror::new();
    mirror.server.serve("setid.mat", Served::new(vec![0; (1 << 20) + 1]));
    let error = mirror.fail_at_file(&mirror.fetch());
    assert!(matches!(&error, FileError::Long { at_most: 1_048_576, .. }), "{error}");
}
