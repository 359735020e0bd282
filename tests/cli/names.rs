//! Names of methods, experiments, reports, tags and images.

use std::path::Path;

use serde_json::Value;

use crate::lab::Lab;

/// The small sweep with other methods, followed by `rest`.
fn with_methods(names: &[&str], rest: &str) -> Lab {
    let lab = Lab::new();
    let head = crate::lab::EXPERIMENT.split("[[method]]").next().unwrap();
    let kinds = ["gan-cls", "gan", "gan-cls-int", "gan-int"];
    let methods = names
        .iter()
        .zip(kinds)
        .map(|(name, kind)| format!("[[method]]\nname = {}\nobjective.kind = \"{kind}\"\n", toml::Value::from(*name)));
    std::fs::write(lab.path("sweep.toml"), format!("{head}{}{rest}", methods.collect::<String>())).unwrap();
    lab
}

fn plan(lab: &Lab) -> Value {
    serde_json::from_str(&lab.succeed(&["plan", "sweep.toml", "--format", "json"])).unwrap()
}

#[test]
fn unicode_normal_forms_of_a_name_are_equal() {
    let lab = with_methods(&["caf\u{e9}", "cafe\u{301}"], "");
    let error = lab.fail(2, &["plan", "sweep.toml"]);
    assert!(error.contains("given twice") && error.contains("caf\u{e9}"), "{error}");
    // A method, and its name in the axis, exclude and include, each in another normal form.
    let rest = "[grid]\nmethod = [\" cafe\\u0301 \", \"B\"]\n\"eval.items\" = [2, 3]\n\
                [[exclude]]\nmethod = \"cafe\\u0301\"\n\"eval.items\" = 3\n\
                [[include]]\nmethod = \"cafe\\u0301 \"\n\"eval.items\" = 4\n";
    let lab = with_methods(&["caf\u{e9} ", "B"], rest);
    let plan = plan(&lab);
    let methods: Vec<&str> =
        plan["cells"].as_array().unwrap().iter().map(|cell| cell["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["caf\u{e9}", "B", "B", "caf\u{e9}"]);
    lab.succeed(&["queue", "sweep.toml"]);
    assert!(lab.succeed(&["list", "--method", "cafe\u{301}"]).contains("caf\u{e9}"));
    let twice = "[grid]\nmethod = [\"caf\\u00e9\", \"cafe\\u0301\"]\n";
    let error = with_methods(&["caf\u{e9}"], twice).fail(2, &["plan", "sweep.toml"]);
    assert!(error.contains("twice"), "{error}");
}

#[test]
fn a_name_has_no_line_breaks_and_no_hidden_characters() {
    for (name, word) in [
        ("line\nbreak", "line break"),
        ("turn\u{202e}ed", "\\u{202e}"),
        ("isolate\u{2066}d", "\\u{2066}"),
        ("zero\u{200b}width", "\\u{200b}"),
        ("red\u{1b}[31m", "\\x1b"),
    ] {
        let error = with_methods(&["A", name], "").fail(2, &["plan", "sweep.toml"]);
        assert!(error.contains(word) && error.contains("sweep.toml:") && error.contains("help:"), "{name:?}: {error}");
        assert!(!error.contains(['\u{1b}', '\u{202e}', '\u{2066}', '\u{200b}']), "{error:?}");
    }
    let error = with_methods(&[&"y".repeat(101)], "").fail(2, &["plan", "sweep.toml"]);
    assert!(error.contains("at most 100 characters") && error.len() < 500, "{error}");
    with_methods(&[&"é".repeat(100)], "").succeed(&["plan", "sweep.toml"]);
}

#[test]
fn confusable_names_have_a_note() {
    let plan = plan(&with_methods(&["Ada", "\u{410}da"], ""));
    let notes = plan["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note.as_str().unwrap().contains("\\u{410}")), "{notes:?}");
    assert_eq!(self::plan(&with_methods(&["Ada", "Ida"], ""))["notes"], serde_json::json!([]));
}

#[test]
fn a_name_too_long_for_a_folder_is_an_early_error() {
    let lab = Lab::new();
    for name in ["a".repeat(300), "a".repeat(101), "-a".to_owned(), "..".to_owned(), "a/b".to_owned()] {
        for command in ["plan", "queue", "run"] {
            let error = lab.fail(2, &[command, "sweep.toml", "--set", &format!("name={name}")]);
            assert!(error.contains("`name`") && error.contains("at most 100"), "{error}");
        }
    }
    assert!(!lab.path("jem.db").exists());
    lab.succeed(&["plan", "sweep.toml", "--set", &format!("name={}", "a".repeat(100))]);
    lab.succeed(&["queue", "sweep.toml"]);
    std::fs::create_dir_all(lab.path("reports")).unwrap();
    for name in ["a".repeat(101), "花".repeat(90), "-a".to_owned(), "../a".to_owned(), "a\\u202eb".to_owned()] {
        std::fs::write(lab.path("reports/r.toml"), format!("name = \"{name}\"\nexperiments = [\"sweep\"]\n")).unwrap();
        let error = lab.fail(1, &["report", "r"]);
        assert!(error.contains("`name`"), "{error}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_training() {
    let lab = Lab::new();
    std::fs::write(lab.path("reports"), "x").unwrap();
    let error = lab.fail(1, &["run", "sweep.toml", "--device", "cpu"]);
    assert!(error.contains("reports/sweep") && error.contains("help:"), "{error}");
    assert!(!lab.path("jem.db").exists(), "nothing was queued");
    lab.succeed(&["queue", "sweep.toml"]);
    assert!(lab.fail(1, &["report", "sweep"]).contains("reports/sweep"));
    std::fs::remove_file(lab.path("reports")).unwrap();
    std::fs::create_dir_all(lab.path("reports/sweep/curves.csv")).unwrap();
    std::fs::write(lab.path("reports/sweep.toml"), "curve = 1\n").unwrap();
    let error = lab.fail(1, &["run", "sweep.toml", "--device", "cpu"]);
    assert!(error.contains("is not a key of report files"), "a report file that is wrong too: {error}");
}

#[test]
fn names_with_letters_that_the_font_lacks_are_replaced_in_figures() {
    let lab = with_methods(&["花の敵対 🌸", "GAN"], "");
    let planned = lab.succeed(&["plan", "sweep.toml"]);
    assert!(planned.contains("lacks 花 の 敵 対 🌸"), "{planned}");
    let output = lab.run(&["run", "sweep.toml", "--set", "train.epochs=2", "--device", "cpu"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && error.contains("lacks 花 の 敵 対 🌸"), "{error}");
    let report = std::fs::read_to_string(lab.path("reports/sweep/report.md")).unwrap();
    assert!(report.contains("- method 1: 花の敵対 🌸") && report.contains("| 花の敵対 🌸 |"), "{report}");
    for figure in ["curves", "samples"] {
        let svg = std::fs::read_to_string(lab.path(&format!("reports/sweep/{figure}.svg"))).unwrap();
        assert!(svg.contains("method 1") && !svg.contains('花'), "{figure}");
    }
    assert!(!with_methods(&["Blüte – λ₁", "Жук"], "").succeed(&["plan", "sweep.toml"]).contains("lacks"));
}

#[test]
fn a_tag_is_one_short_word() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    for (tag, word) in [
        ("y".repeat(5000), "at most 50"),
        ("y".repeat(51), "at most 50"),
        ("a\u{202e}b".to_owned(), "\\u{202e}"),
        ("a\u{1b}b".to_owned(), "\\x1b"),
        ("two\nlines".to_owned(), "one word"),
        (String::new(), "empty"),
    ] {
        let error = lab.fail(2, &["tag", "1", "--add", &tag]);
        assert!(error.contains(word) && error.len() < 500, "{error}");
    }
    lab.succeed(&["tag", "1", "--add", &"花".repeat(50), "--add", "cafe\u{301}"]);
    assert!(lab.succeed(&["list", "--tag", "caf\u{e9}"]).contains("caf\u{e9}"));
    assert!(lab.succeed(&["list", "--tag", "cafe\u{301}"]).contains("caf\u{e9}"));
    assert_eq!(lab.succeed(&["tag", "1", "--remove", "cafe\u{301}"]), "1 run tagged: 1\n");
    assert!(!lab.succeed(&["list"]).contains("caf\u{e9}"));
}

#[test]
fn an_unknown_key_in_a_condition_names_the_right_option() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    for (condition, word) in [
        ("method = CLS", "--method \"CLS\""),
        ("state = finished", "--state \"finished\""),
        ("tag = paper", "--tag \"paper\""),
        ("tags != paper", "--tag"),
        ("note = odd", "--tag"),
        ("experiment = sweep", "jem list EXPERIMENT"),
        ("train.batch == 16", "write one `=`: \"train.batch = 16\""),
        ("train.batch => 16", "\"train.batch >= 16\""),
        ("train.batch =< 16", "\"train.batch <= 16\""),
        ("train.batch <> 16", "\"train.batch != 16\""),
    ] {
        let error = lab.fail(2, &["list", "--where", condition]);
        assert!(error.contains(word), "{condition}: {error}");
    }
}

#[test]
fn images_are_only_written_as_png() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    for name in ["picture.jpg", "picture.JPEG", "below/picture.webp", "picture.tif", "picture.gif", "picture.bmp"] {
        let error = lab.fail(2, &["sample", "1", "--epoch", "0", "--text", "a red flower", "--out", name]);
        assert!(error.contains(name) && error.contains(".png"), "{error}");
        assert!(!lab.path(name).exists() && !lab.path("below").exists());
    }
    // A folder may have any name.
    std::fs::create_dir(lab.path("old.jpg")).unwrap();
    lab.succeed(&["sample", "1", "--epoch", "0", "--text", "a red flower", "--count", "1", "--out", "old.jpg"]);
    assert!(Path::new(&lab.path("old.jpg/01-01.png")).is_file());
}

#[test]
fn a_plan_fails_like_the_run_and_names_a_valid_value() {
    let lab = Lab::new();
    let drawn = ["--set", "data.source=drawn", "--set", "data.split=official", "--set", "data.drawn.side=32"];
    let fails = |more: &[&str], word: &str| {
        for command in ["plan", "run"] {
            let error = lab.fail(3, &[&[command, "sweep.toml", "--device=cpu"], more].concat());
            assert!(error.contains(word), "{command} {more:?}: {error}");
        }
    };
    let images = |set: &'static str| [&drawn[..], &["--set", set]].concat();
    let ten = "raise data.drawn.images to at least 1020 (ten of each species)";
    fails(&images("data.drawn.images=204"), ten);
    fails(&[&images("data.drawn.images=204")[..], &["--set", "eval.items=1"]].concat(), ten);
    let more = "raise data.drawn.images to at least 2040 (20 of each species), or lower eval.items to at most 102";
    fails(&[&images("data.drawn.images=510")[..], &["--set", "eval.items=150"]].concat(), more);
    let reed = ["--set", "data.source=drawn", "--set", "data.drawn.images=102", "--set", "eval.items=50"];
    fails(&reed, "raise data.drawn.images to at least 306 (3 of each species), or lower eval.items to at most 20");
    // Four of the sixteen small flowers are validation images.
    fails(&["--set", "eval.items=5"], "lower eval.items to at most 4");
    fails(&["--set", "data.classes=41-44"], "data.classes has no class of the val part");
    fails(&["--set", "train.batch=13"], "lower train.batch to at most 12");
    fails(&["--set", "data.limit=3"], "raise data.limit to at least 4");
    fails(&["--set", "data.limit=13"], "at most 12");
    fails(&["--set", "data.classes=21-41", "--set", "train.batch=3"], "one class");
    assert!(!lab.path("jem.db").exists());
    let enough = [&["plan", "sweep.toml"], &images("data.drawn.images=1020")[..]].concat();
    lab.succeed(&[&enough[..], &["--set", "eval.items=102"]].concat());
}
