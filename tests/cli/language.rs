//! The experiment language, `jem plan`, and the files that come with jem.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::lab::Lab;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_sweep_with_zip_exclude_and_include_is_planned_and_queued_once() {
    let lab = Lab::new();
    let text = crate::lab::EXPERIMENT.replace("seeds = [1]", "seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]");
    // 2 methods of 12 cells and one of 12, less 3 of 16 items for VGG, less what plain cells merge, and one more.
    let text = text
        + "[grid]\n\"guide.segmentation\" = [\"full\", \"none\"]\n\"eval.items\" = [2, 3, 4]\n\
           [[zip]]\n\"generator.noise\" = [8, 16]\n\"optimizer.beta1\" = [0.5, 0.9]\n\
           [[exclude]]\nmethod = \"JEM-VGG\"\n\"eval.items\" = [2, 4]\n\"generator.noise\" = 16\n\
           [[include]]\nmethod = \"JEM-AlexNet\"\n\"guide.segmentation\" = \"background\"\n";
    let text = text.replace("guide.segmentation = \"foreground\"\n", "");
    std::fs::write(lab.path("sweep.toml"), text).unwrap();
    let plan = json(&lab.succeed(&["plan", "sweep.toml", "--format", "json"]));
    // GAN-CLS-INT: 3 x 2 (the guide does not count); AlexNet: 2 x 3 x 2; VGG: the same less 2 x 2; one included.
    assert_eq!(plan["runs"], (6 + 12 + 8 + 1) * 10);
    let cells = plan["cells"].as_array().unwrap();
    let mut ids: Vec<&str> = cells.iter().map(|cell| cell["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), cells.len());
    let from = &cells[0]["settings"]["optimizer.beta1"]["from"];
    assert_eq!(from, "sweep.toml, [[zip]]");
    assert!(lab.succeed(&["queue", "sweep.toml"]).contains("270 runs queued, 0 kept"));
    assert!(lab.succeed(&["queue", "sweep.toml"]).contains("0 runs queued, 270 kept"));
}

#[test]
fn a_plan_has_columns_for_differences_and_one_line_for_the_rest() {
    let lab = Lab::new();
    let text =
        lab.succeed(&["plan", "sweep.toml", "--set", "grid.train.batch=[2, 4]", "--set", "grid.\"text.seed\"=[3]"]);
    let head = text.lines().find(|line| line.trim_start().starts_with("method")).unwrap();
    assert!(head.contains("train.batch") && head.contains("steps") && !head.contains("text.seed"), "{text}");
    let same = text.lines().find(|line| line.starts_with("every cell:")).unwrap();
    assert!(same.contains("text.seed 3") && same.contains("epochs 6") && same.contains("D parameters"), "{text}");
    // 12 training flowers: 6 epochs of 6 or 3 steps.
    let plain: Vec<&str> = text.lines().filter(|line| line.trim_start().starts_with("GAN-CLS-INT")).collect();
    assert!(plain[0].contains(" 36 ") && plain[1].contains(" 18 "), "{text}");
    assert!(
        text.contains(
            "1 seed: the smallest p-value of a paired permutation test is 1; 8 seeds are required for m = 4 comparisons"
        ),
        "{text}"
    );
}

#[test]
fn a_plan_without_data_has_null_steps_and_provisional_ids() {
    let lab = Lab::new();
    let plan = json(&lab.succeed(&["plan", "sweep.toml", "--set", "data.root=nowhere", "--format", "json"]));
    assert_eq!((&plan["provisional_ids"], &plan["estimate"]), (&Value::Bool(true), &Value::Null));
    for cell in plan["cells"].as_array().unwrap() {
        assert_eq!(cell["steps"], Value::Null);
        assert!(cell["flop_per_step"]["backward"].as_u64() > cell["flop_per_step"]["forward"].as_u64());
    }
    let power = &plan["comparison"];
    assert_eq!(
        (&power["comparisons"], &power["seeds_needed"], &power["enough"]),
        (&2.into(), &7.into(), &false.into())
    );
}

#[test]
fn past_runs_on_this_machine_give_a_time_estimate() {
    let lab = Lab::new();
    assert!(!lab.succeed(&["plan", "sweep.toml"]).contains("time"));
    lab.succeed(&["run", "sweep.toml", "--set", "train.epochs=1", "--device", "cpu"]);
    let of =
        |set: &str| json(&lab.succeed(&["plan", "sweep.toml", "--set", set, "--format", "json"]))["estimate"].clone();
    let one = of("train.epochs=10");
    assert_eq!((&one["past_runs"], &one["device"]), (&3.into(), &"cpu".into()));
    let (short, long) = (one["seconds"].as_f64().unwrap(), of("train.epochs=30")["seconds"].as_f64().unwrap());
    assert!(short > 0.0 && (long / short - 3.0).abs() < 1e-6, "{short} {long}");
    let wide = of("generator.width=64")["seconds"].as_f64().unwrap();
    assert!(wide > of("generator.width=4")["seconds"].as_f64().unwrap());
    assert!(lab.succeed(&["plan", "sweep.toml"]).contains("from 3 past runs on this machine"));
}

#[test]
fn mistakes_return_2_with_one_list_that_has_line_numbers() {
    let lab = Lab::new();
    let text = format!("{}\n[[exclude]]\n\"train.batch\" = 5\n[[zip]]\n\"eval.evry\" = [1]\n", crate::lab::EXPERIMENT);
    std::fs::write(lab.path("wrong.toml"), &text).unwrap();
    for command in ["plan", "queue", "run"] {
        let error = lab.fail(2, &[command, "wrong.toml", "--set", "train.epochs=0"]);
        assert_eq!(error.matches("error: ").count(), 3, "{error}");
        let line = |part: &str| text.lines().position(|line| line.contains(part)).unwrap() + 1;
        let exclude =
            format!("wrong.toml:{}: `exclude.train.batch` is 5, which no cell has", line("\"train.batch\" = 5"));
        assert!(error.contains(&exclude), "{error}");
        assert!(error.contains("did you mean `eval.every`?"), "{error}");
    }
    assert!(!lab.path("jem.db").exists());
}

#[test]
fn the_schema_contains_every_setting() {
    let lab = Lab::new();
    let schema = json(&lab.succeed(&["plan", "--schema"]));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for setting in jem::spec::SETTINGS {
        assert!(schema["$defs"][setting.key]["description"].is_string(), "{}", setting.key);
    }
    lab.fail(2, &["plan"]);
}

#[test]
fn init_overwrites_edited_files_only_with_force() {
    let lab = Lab::new();
    let wrote = lab.succeed(&["init"]);
    assert!(
        wrote.contains("wrote ./experiments/base/reed.toml") && wrote.contains("reports/oxford-small.toml"),
        "{wrote}"
    );
    assert!(lab.succeed(&["init"]).lines().all(|line| line.starts_with("kept ")));
    for (name, first, comparisons) in
        [("paper", "GAN-CLS-INT", 10), ("oxford-small", "GAN-CLS-INT", 2), ("ablation-background", "GAN-CLS", 8)]
    {
        let plan = json(&lab.succeed(&["plan", name, "--format", "json"]));
        assert_eq!(plan["name"], *name);
        assert_eq!(
            (&plan["comparison"]["with"], &plan["comparison"]["comparisons"]),
            (&first.into(), &comparisons.into())
        );
    }

    let mine = "# mine\nextends = \"base/jem.toml\"\n";
    std::fs::write(lab.path("experiments/paper.toml"), mine).unwrap();
    std::fs::remove_file(lab.path("experiments/base/jem.toml")).unwrap();
    let error = lab.fail(2, &["init"]);
    assert!(error.contains("experiments/paper.toml") && error.contains("--force"), "{error}");
    assert_eq!(std::fs::read_to_string(lab.path("experiments/paper.toml")).unwrap(), mine);
    assert!(!lab.path("experiments/base/jem.toml").exists(), "all or nothing");
    assert!(lab.succeed(&["init", "--force"]).contains("wrote ./experiments/paper.toml"));
    assert_ne!(std::fs::read_to_string(lab.path("experiments/paper.toml")).unwrap(), mine);

    // The file is in `experiments/`, not here.
    assert!(lab.fail(2, &["plan", "quickstart.toml"]).contains("did you mean `quickstart`?"));

    std::fs::write(lab.path("file"), "").unwrap();
    assert!(lab.fail(2, &["init", "file"]).contains("cannot be"));
}

/// Prints the number of schema violations of each file.
const VALIDATE: &str = "
import json, sys, jsonschema
given = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(given['schema'])
validator = jsonschema.Draft202012Validator(given['schema'])
print(json.dumps([len(list(validator.iter_errors(file))) for file in given['files']]))
";

/// How many ways each of `files` breaks the schema of `command` (`plan` or `report`), by Python's `jsonschema`; nothing
/// where that is not installed.
fn violations(lab: &Lab, command: &str, files: &[&str]) -> Option<Vec<u64>> {
    let python = std::env::var("JEM_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import jsonschema"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        // Straight to the terminal: the test harness keeps what passing tests print.
        let note = "\nSKIPPED: experiments against their schema: no Python `jsonschema` (pip install jsonschema)\n";
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return None;
    }
    let file = |text: &&str| serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
    let files: Vec<Value> = files.iter().map(file).collect();
    let given = serde_json::json!({ "schema": json(&lab.succeed(&[command, "--schema"])), "files": files });
    let mut child =
        Command::new(python).args(["-c", VALIDATE]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn every_bundled_file_and_key_spelling_fits_the_schema() {
    let spellings = [
        "optimizer.generator.rate = 1e-4",
        "\"optimizer.generator.rate\" = 1e-4",
        "[optimizer]\n\"generator.rate\" = 1e-4",
        "[\"optimizer.generator\"]\nrate = 1e-4",
        "[grid]\n\"train.batch\" = [8, 16]\noptimizer.generator.rate = [1e-4]",
        "[[exclude]]\nguide.segmentation = [\"full\", \"none\"]\n\"train.batch\" = 8",
        "[[zip]]\nmethod = [\"a\"]\n\"train.batch\" = [8]",
        "guide.weights = \"random:7\"",
    ];
    let files: Vec<&str> = jem::spec::EMBEDDED.iter().map(|file| file.text).chain(spellings).collect();
    let Some(violations) = violations(&Lab::new(), "plan", &files) else { return };
    for (file, violations) in files.iter().zip(violations) {
        assert_eq!(violations, 0, "{file}");
    }
}

#[test]
fn the_schema_rejects_invalid_values_like_plan() {
    let files = [
        "train.bach = 8",
        "\"train.bach\" = 8",
        "train.batch = \"8\"",
        "train.batch = 1",
        "image.resolution = 96",
        "optimizer.generator.rate = 0.0",
        "guide.network = \"resnet\"",
        "guide.weights = \"random:x\"",
        "eval.measures = []",
        "eval.measures = [\"ssim\", \"ssim\"]",
        "seeds = [1, 1]",
        "name = \"No Name\"",
        "[grid]\ntrain.batch = 8",
        "[[zip]]\n\"train.batch\" = [1]",
        "[[method]]\ntrain.batch = 8",
        "[[exclude]]\n\"train.batch\" = [1]",
        "[[include]]\n\"train.bach\" = 8",
        "exclude = \"all\"",
    ];
    let lab = Lab::new();
    for file in files {
        std::fs::write(lab.path("wrong.toml"), file).unwrap();
        lab.fail(2, &["plan", "wrong.toml"]);
    }
    let Some(violations) = violations(&lab, "plan", &files) else { return };
    for (file, violations) in files.iter().zip(violations) {
        assert!(violations > 0, "{file}");
    }
}

#[test]
fn two_cells_with_equal_inputs_are_an_error() {
    let lab = Lab::new();
    let copied = Command::new("cp").args(["-r", "flowers", "copy"]).current_dir(lab.path("")).status().unwrap();
    assert!(copied.success());
    let axis = "grid.\"data.root\"=[\"flowers\", \"copy\"]";
    let error = lab.fail(2, &["queue", "sweep.toml", "--set", axis]);
    assert!(error.contains("flowers") && error.contains("copy") && error.contains("equal content"), "{error}");
    assert!(!lab.path("jem.db").exists() || lab.store().experiments().unwrap().is_empty());
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let lab = Lab::new();
    let mut child = lab.jem(&["plan", "--schema"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{output:?}");
}

#[test]
fn every_report_that_comes_with_jem_fits_the_schema_of_reports() {
    let spellings = [
        "convergence.rule = \"plateau\"\n\"sheet.items\" = 4",
        "[filter]\nguide.segmentation = [\"full\", \"none\"]\n\"train.batch\" = 8\nstate = \"finished\"\nseed = [1, 2]",
        "[convergence]\nsmooth = \"ema:0.3\"\nthreshold = 0.5",
        "[[claims]]\ntext = \"A.\"\na = { method = \"A\", image.resolution = 64 }\nexpects = \"converges\"",
    ];
    let files: Vec<&str> = jem::report::EMBEDDED_REPORTS.iter().map(|(_, text)| *text).chain(spellings).collect();
    let Some(violations) = violations(&Lab::new(), "report", &files) else { return };
    for (file, violations) in files.iter().zip(violations) {
        assert_eq!(violations, 0, "{file}");
        jem::report::ReportSpec::parse(file, "r.toml").unwrap();
    }
}

#[test]
fn the_schema_of_reports_rejects_what_jem_report_rejects() {
    let files = [
        "titel = \"x\"",
        "curves = [\"charm\"]",
        "table = \"ssim\"",
        "band = \"sd\"",
        "figures = [\"curve\"]",
        "formats = [\"svg\", \"svg\"]",
        "name = \"../x\"",
        "[convergence]\nmetric = \"d_loss\"",
        "[convergence]\nconfirm = 1",
        "[convergence]\nsmooth = 4",
        "\"convergence.tolerance\" = 1",
        "[filter]\nstate = \"done\"",
        "[filter]\nguide.net = \"vgg16\"",
        "[family]\nalpha = 0",
        "[[family.comparisons]]\na = { method = \"A\", train.bach = 8 }\nb = { method = \"B\" }",
        "[[claims]]\ntext = \"A.\"\nmeasure = \"g_loss\"\na = { method = \"A\" }\nb = { method = \"B\" }",
        "[[claims]]\ntext = \"A.\"\na = { method = \"A\" }\nb = { method = \"B\" }\nc = 1",
        "[sheet]\nitems = 9",
        "[sheet]\nepoch = \"best\"",
    ];
    for file in files {
        assert!(jem::report::ReportSpec::parse(file, "r.toml").is_err(), "{file}");
    }
    let Some(violations) = violations(&Lab::new(), "report", &files) else { return };
    for (file, violations) in files.iter().zip(violations) {
        assert!(violations > 0, "{file}");
    }
}

#[test]
fn all_mistakes_of_a_report_file_are_reported_at_once_with_their_lines() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    std::fs::create_dir_all(lab.path("reports")).unwrap();
    std::fs::write(lab.path("reports/sweep.toml"), "curve = 1\n[convergence]\nconfirm = 1\nmetric = \"charm\"\n")
        .unwrap();
    let error = lab.fail(1, &["report", "sweep"]);
    assert_eq!(error.matches("error: ").count(), 3, "{error}");
    for part in
        ["reports/sweep.toml:1: `curve`", "reports/sweep.toml:3: `convergence.confirm` is 1", "help: the metrics are"]
    {
        assert!(error.contains(part), "{error}");
    }
}
