use std::collections::BTreeMap;
use std::process::Command;

use super::*;
use crate::report::{FigureName, OutputFormat, TableName, fixture};
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
    assert_eq!(paths.len(), first.len());
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    insta::assert_snapshot!("files", names.join("\n"));
    assert!(names.iter().all(|name| names::all().iter().any(|known| known == name)), "{names:?}");
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
    let texts = ["report.html", "report.md", "report.tex"];
    let tables = ["convergence.csv", "curves.csv", "runs.csv", "summary.csv"];
    assert_eq!(names, [&tables[..2], &texts, &tables[2..]].concat());
    insta::assert_snapshot!("empty_report", String::from_utf8(files["report.md"].clone()).unwrap());
}

#[test]
fn queued_runs_give_a_report_with_diagrams_of_their_settings_alone() {
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
    assert!(text.contains("- `curves`: no run has recorded colour_distance, ssim, d_loss, g_loss yet"), "{text}");
    let figures = ["pipeline.png", "networks.png"];
    assert_eq!(text.matches(".png").count(), figures.len(), "{text}");
    assert!(figures.iter().all(|name| text.contains(name)), "{text}");
}

#[test]
fn the_error_for_a_damaged_image_grid_names_the_figure_the_run_and_a_remedy() {
    let (spec, dir) = (ReportSpec::for_experiment("lab", "Lab"), tempfile::tempdir().unwrap());
    let mut input = full();
    fixture::damage(&mut input.runs[0]);
    let error = write(&input, &spec, dir.path()).unwrap_err();
    assert!(error.to_string().starts_with("figure `segmentations`: image grid `originals` of run 1: "), "{error}");
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

#[test]
fn only_the_requested_formats_figures_and_tables_are_written_and_files_of_users_stay() {
    let (mut spec, dir) = (ReportSpec::for_experiment("lab", "Lab"), tempfile::tempdir().unwrap());
    write(&full(), &spec, dir.path()).unwrap();
    for own in ["report.pdf", "notes.md", "curves-old.png", "curves.svg.bak"] {
        fs::write(dir.path().join(own), "mine").unwrap();
    }
    spec.formats = vec![OutputFormat::Svg, OutputFormat::Pdf, OutputFormat::Latex];
    spec.figures = vec![FigureName::Curves];
    spec.tables = vec![TableName::Summary];
    let written = write(&full(), &spec, dir.path()).unwrap();
    assert_eq!(written.text(), Some(dir.path().join("report.tex").as_path()));
    let files = bytes(dir.path());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let own = ["curves-old.png", "curves.pdf", "curves.svg", "curves.svg.bak", "notes.md", "report.pdf"];
    assert_eq!(names, [&own[..], &["report.tex", "summary.tex"]].concat());
    let text = std::str::from_utf8(&files["report.tex"]).unwrap();
    assert!(text.contains("{curves.pdf}") && text.contains("\\input{summary.tex}"), "{text}");
    assert!(!text.contains("samples") && !text.contains("runs.tex"), "{text}");
}

#[test]
fn the_latex_of_a_report_compiles() {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        return crate::screen::note("SKIPPED: pdflatex is not installed");
    }
    let (mut spec, mut input) = (ReportSpec::for_experiment("lab", "Lab"), full());
    spec.title = "100 % <b> \\end{document} שלום 🌺".into();
    input.title = spec.title.clone();
    for protocol in input.protocols.values_mut() {
        protocol.items[0].caption = "<script>alert(1)</script> 50% of $x_1$ & {שלום} 🌺 \\input{x} #~^".into();
    }
    for run in input.runs.iter_mut().filter(|run| run.record.method == "JEM-VGG") {
        run.record.method = "J_E%M$ 花 [x] \\".into();
        run.record.state = RunState::Failed;
        run.record.outcome = "no space left on /dev/x_1 & more\nthan that".into();
    }
    let lab = tempfile::tempdir().unwrap();
    let long = (1..=45).map(|n| format!("M{n}")).collect::<Vec<_>>();
    let long = fixture::input(&long.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    for (name, input) in [("full", input), ("long", long), ("empty", ReportInput { runs: Vec::new(), ..full() })] {
        let dir = lab.path().join(name);
        write(&input, &spec, &dir).unwrap();
        let mut command = Command::new("pdflatex");
        command.args(["-interaction=nonstopmode", "-halt-on-error", "report.tex"]).current_dir(&dir);
        let output = command.output().unwrap();
        let log = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && dir.join("report.pdf").is_file(), "{name}: {log}");
        assert!(!log.contains("Missing character"), "{name}: {log}");
    }
}
