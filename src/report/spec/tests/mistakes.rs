//! The list of all mistakes of a file.

use crate::report::ReportSpec;

/// A file with every kind of mistake.
const EVERYTHING: &str = r#"name = "../x"
titel = "x"
experiments = ["a", "a"]
curves = ["ssim", "charm"]
table = "ssim"
band = "sd"
tables = ["claims", "runs", "claims"]
figures = ["curve"]
formats = ["svg", 3]

[convergence]
metric = "d_loss"
rule = "threshold"
tolerance = "tight"
confirm = 1
smooth = 4
min_improvement = -0.5
threshold = "high"
patience = 0
delta = nan

[filter]
state = ["finished", "done"]
seed = -1
method = 3
guide.network = "resnet"
guide.net = ["vgg16", "vgg19"]
image.resolution = { from = 32 }

[family]
alpha = 1
measures = ["ssim", "g_loss"]
comparisons = [{ a = { method = "A" } }, { a = {}, b = { method = "B", train.bach = 8 }, c = 1 }]

[[claims]]
measure = "ssim"
expects = "faster"
a = { method = "A" }
b = "B"

[[claims]]
text = " "
expects = "better"
a = { method = "A" }
b = { method = "B" }
margin = 2

[[claims]]
text = "equal"
expects = "equal"
b = { method = "B" }

[[claims]]
text = "converges"
expects = "converges"
a = { method = "A" }
b = { method = "B" }

[sheet]
epoch = "best"
seed = -1
items = 9
"#;

fn error(text: &str) -> String {
    ReportSpec::parse(text, "reports/paper.toml").unwrap_err().to_string()
}

#[test]
fn every_mistake_is_in_one_list_with_its_line_and_a_remedy() {
    insta::assert_snapshot!(error(EVERYTHING));
}

#[test]
fn text_that_is_not_toml_is_shown_with_its_line() {
    let message = error("title = \"x\"\ncurves = [\"ssim\"\n[convergence]\n");
    assert!(message.starts_with("reports/paper.toml: TOML parse error at line 3"), "{message}");
    assert!(message.contains("help: the marked text is not valid TOML"), "{message}");
}

#[test]
fn the_error_for_an_unknown_key_proposes_a_similar_one_or_lists_the_known_keys() {
    let message = error("title = \"x\"\ncurve = [\"ssim\"]\n");
    assert_eq!(message, "reports/paper.toml:2: `curve` is not a key of report files\n  help: did you mean `curves`?");
    let message = error("[convergence]\nxyz = 1\n");
    assert!(
        message.contains("`convergence.xyz` is not a key of report files\n  help: its keys are `metric`, `rule`"),
        "{message}"
    );
}

#[test]
fn a_key_in_two_spellings_is_a_mistake_at_the_second_one() {
    let message = error("\"sheet.items\" = 4\n[sheet]\nitems = 8\n[filter]\n\"train.batch\" = 8\ntrain.batch = 8\n");
    let lines: Vec<&str> = message.lines().filter(|line| !line.starts_with("  help")).collect();
    let expected = [
        "reports/paper.toml:3: `sheet.items` is set twice, in two spellings",
        "error: reports/paper.toml:6: `filter.train.batch` is set twice, in two spellings",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_rule_of_a_threshold_needs_one() {
    let message = error("[convergence]\nrule = \"threshold\"\n");
    assert!(
        message.starts_with("reports/paper.toml:2: `convergence.rule` is \"threshold\", but there is no threshold"),
        "{message}"
    );
}

#[test]
fn the_name_of_the_file_must_be_a_name_of_a_folder_unless_it_contains_one() {
    let of = |text: &str, file: &str| ReportSpec::parse(text, file).map(|spec| spec.name);
    assert!(of("", "reports/a b.toml").unwrap_err().to_string().contains("is that of the file and is \"a b\""));
    assert_eq!(of("name = \"a-b\"", "reports/a b.toml").unwrap(), "a-b");
    assert_eq!(of("", "reports/Blumen-ü.toml").unwrap(), "Blumen-ü");
    let long = format!("name = {:?}", "x".repeat(101));
    assert!(of(&long, "r.toml").unwrap_err().to_string().contains("has 101 characters, more than 100"));
}
