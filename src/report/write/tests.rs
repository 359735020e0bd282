use std::collections::BTreeMap;

use super::*;
use crate::report::fixture;
use crate::store::RunState;

fn bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())).collect()
}

fn full() -> ReportInput {
    fixture::with_fits(fixture::with_images(fixture::input(&["GAN-CLS-INT", "JEM-AlexNet", "JEM-VGG"], 2), 3, 16))
}

#[test]
fn equal_inputs_give_byte_identical_reports_for_any_order_of_the_runs() {
    let (spec, dirs) =
        (ReportSpec::for_experiment("lab", "Lab"), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
    let mut shuffled = full();
    shuffled.runs.reverse();
    let paths = write(&full(), &spec, dirs[0].path()).unwrap().paths;
    write(&full(), &spec, dirs[0].path()).unwrap();
    write(&shuffled, &spec, dirs[1].path()).unwrap();
    let (first, second) = (bytes(dirs[0].path()), bytes(dirs[1].path()));
    let mut expected: Vec<&str> = FILES.into_iter().filter(|name| *name != "curves.csv.gz").collect();
    expected.sort();
    assert_eq!(first.keys().cloned().collect::<Vec<_>>(), expected);
    assert_eq!(paths.len(), expected.len());
    for (name, content) in &first {
        assert!(second[name] == *content, "{name} differs");
        assert!(!content.is_empty(), "{name} is empty");
    }
}

#[test]
fn a_report_without_runs_removes_the_figures_of_an_earlier_report() {
    let (spec, dir) = (ReportSpec::for_experiment("lab", "Lab"), tempfile::tempdir().unwrap());
    write(&full(), &spec, dir.path()).unwrap();
    let empty = ReportInput { runs: Vec::new(), ..full() };
    write(&empty, &spec, dir.path()).unwrap();
    let files = bytes(dir.path());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["convergence.csv", "curves.csv", "report.md", "runs.csv", "summary.csv"]);
    insta::assert_snapshot!("empty_report", String::from_utf8(files["report.md"].clone()).unwrap());
}

#[test]
fn queued_runs_give_a_report_without_figures() {
    let (spec, dir) = (ReportSpec::for_experiment("lab", "Lab"), tempfile::tempdir().unwrap());
    let mut input = fixture::input(&["A"], 2);
    for run in &mut input.runs {
        run.record.state = RunState::Queued;
        run.record.epoch = crate::measure::Epoch(0);
        run.series.clear();
    }
    write(&input, &spec, dir.path()).unwrap();
    let text = String::from_utf8(bytes(dir.path()).remove("report.md").unwrap()).unwrap();
    assert!(text.contains("2 runs: 2 queued."), "{text}");
    assert!(text.contains("No run has recorded `colour_distance`, `ssim`, `d_loss`, `g_loss` yet."), "{text}");
    assert!(!text.contains(".png"), "{text}");
}

#[test]
fn the_error_for_a_damaged_image_grid_names_the_figure_the_run_and_a_remedy() {
    let (spec, dir) = (ReportSpec::for_experiment("lab", "Lab"), tempfile::tempdir().unwrap());
    let mut input = full();
    fixture::damage(&mut input.runs[0]);
    let error = write(&input, &spec, dir.path()).unwrap_err();
    assert!(error.to_string().starts_with("figure `samples`: image grid `originals` of run 1: "), "{error}");
    assert!(error.help().unwrap().contains("jem db check"));
}

#[test]
fn the_error_for_a_folder_that_cannot_be_created_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let blocked = dir.path().join("file");
    fs::write(&blocked, "").unwrap();
    let error = write(&full(), &ReportSpec::for_experiment("lab", "Lab"), &blocked.join("lab")).unwrap_err();
    assert!(error.to_string().starts_with(&blocked.display().to_string()), "{error}");
}
