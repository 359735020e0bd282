mod identity;
mod language;
mod mistakes;

use super::*;

/// Writes an experiment to a temporary folder and plans it with `--set` arguments.
fn plan(text: &str, sets: &[&str]) -> Result<Plan, SpecError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sweep.toml");
    std::fs::write(&path, text).unwrap();
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    Plan::new(ExperimentSpec::read(path.to_str().unwrap(), &sets, std::iter::empty())?)
}

fn violations(text: &str, sets: &[&str]) -> Vec<Violation> {
    match plan(text, sets) {
        Err(SpecError::Violations(violations)) => violations,
        other => panic!("no violations: {other:?}"),
    }
}

fn ids(text: &str) -> Vec<String> {
    plan(text, &[]).unwrap().cells.iter().map(|cell| cell_id(cell, &Fingerprints::new())).collect()
}

const TWO_METHODS: &str = r#"
    extends = "base/jem.toml"
    seeds = [1, 2]
    [[method]]
    name = "plain"
    guide.network = "none"
    [[method]]
    name = "guided"
    guide.network = "alexnet"
    [grid]
    method = ["plain", "guided"]
    "guide.segmentation" = ["full", "foreground"]
    "train.batch" = [16, 32]
"#;

#[test]
fn a_grid_has_every_combination_and_merges_cells_that_differ_in_inactive_axes() {
    let plan = plan(TWO_METHODS, &[]).unwrap();
    let cells: Vec<String> = plan
        .cells
        .iter()
        .map(|cell| cell.axes.values().fold(cell.method.clone(), |text, value| format!("{text} {value}")))
        .collect();
    let expected =
        ["plain 16", "plain 32", "guided full 16", "guided full 32", "guided foreground 16", "guided foreground 32"];
    assert_eq!(cells, expected);
    assert_eq!(plan.runs(), 12);
    assert_eq!(plan.notes.len(), 1, "{:?}", plan.notes);
}

#[test]
fn all_violations_are_listed_with_remedies() {
    let text = r#"
        extends = "base/jem.toml"
        seeds = [1, 1]
        train.bach = 8
        image.resolution = 96
        optimizer.generator.rate = -1.0
        text.dimension = "long"
        generator.width = [16, 32]
        [[method]]
        name = "a"
        guide.widht = 0.5
        [[method]]
        name = "a"
        [grid]
        method = ["a", "b"]
        "train.batch" = 8
        "eval.split" = ["val", "train"]
    "#;
    let found: Vec<(String, bool)> = violations(text, &["train.epochs=0"])
        .into_iter()
        .map(|violation| (violation.key, violation.help.is_some()))
        .collect();
    let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
    let mut expected = vec![
        "train.epochs",
        "generator.width",
        "grid.eval.split",
        "grid.method",
        "grid.train.batch",
        "image.resolution",
        "method.name",
        "optimizer.generator.rate",
        "seeds",
        "text.dimension",
        "train.bach",
        "method.guide.widht",
    ];
    expected.sort_unstable();
    let mut keys = keys;
    keys.sort_unstable();
    assert_eq!(keys, expected);
    for (key, helped) in &found {
        let always_helped = ["train.bach", "method.guide.widht", "grid.method", "seeds", "method.name"];
        assert!(*helped || !always_helped.contains(&key.as_str()), "{key} has no remedy");
    }
}

#[test]
fn a_violation_has_the_file_the_key_the_value_and_the_allowed_values() {
    let found = violations("optimizer.generator.rate = 2.0", &[]);
    assert!(found[0].origin.ends_with("sweep.toml"));
    assert_eq!(found[0].key, "optimizer.generator.rate");
    assert!(found[0].problem.contains("2.0") && found[0].problem.contains("(0, 0.1]"), "{}", found[0]);
}

#[test]
fn set_on_an_axis_is_an_error_and_set_on_the_grid_changes_the_axis() {
    let found = violations(TWO_METHODS, &["train.batch=8"]);
    assert_eq!(found[0].key, "train.batch");
    assert!(found[0].help.as_ref().unwrap().contains("grid."));
    let changed = plan(TWO_METHODS, &["grid.\"train.batch\"=[8]", "seeds=[7]"]).unwrap();
    assert_eq!((changed.cells.len(), changed.seeds), (3, vec![7]));
}

#[test]
fn set_of_a_nested_key_in_a_list_is_an_error() {
    assert_eq!(violations(TWO_METHODS, &["method.name=x"])[0].key, "method.name");
    assert_eq!(violations(TWO_METHODS, &["seeds.first=3"])[0].key, "seeds.first");
}

#[test]
fn the_command_line_has_precedence_over_the_file_and_the_file_over_its_base() {
    let plan = plan("extends = \"base/jem.toml\"\ntrain.batch = 16\neval.every = 3", &["eval.every=5"]).unwrap();
    let value = |key: &str| plan.cells[0].resolved[key].clone();
    assert_eq!(value("eval.every"), (Value::Integer(5), "--set".to_owned()));
    assert_eq!(value("train.batch").0, Value::Integer(16));
    assert!(value("image.flip").1.ends_with("base/jem.toml"));
}

#[test]
fn a_key_that_is_set_by_a_method_and_an_axis_is_an_error() {
    let text = "[[method]]\nname = \"a\"\ntrain.batch = 8\n[grid]\n\"train.batch\" = [8, 16]";
    assert!(violations(text, &[]).iter().any(|violation| violation.key == "grid.train.batch"));
}

#[test]
fn two_methods_with_equal_settings_are_an_error() {
    let text = "[[method]]\nname = \"a\"\n[[method]]\nname = \"b\"\nguide.network = \"none\"";
    assert_eq!(violations(text, &[])[0].key, "method");
}

/// These ids must never change, even if settings are added to jem.
#[test]
fn ids_never_change() {
    assert_eq!(ids(""), ["509f5901d124a71e"]);
    assert_eq!(ids("image.resolution = 128\nguide.network = \"vgg16\"\nguide.width = 0.25"), ["9e2193a34e1755d5"]);
    let cells = plan("guide.network = \"alexnet\"\nguide.weights = \"/w/alexnet.pth\"", &[]).unwrap().cells;
    let prints = Fingerprints::from([("data".into(), "d1".into()), ("guide.weights".into(), "w1".into())]);
    assert_eq!(cell_id(&cells[0], &prints), "75c2a6c10584710d");
}

#[test]
fn an_id_does_not_depend_on_spelling_order_comments_paths_or_the_horizon() {
    let one = ids("[optimizer]\ngenerator.rate = 0.0001\nbeta1 = 0.9 # slower\n[train]\nbatch = 8");
    let other = ids("train.batch = 8\n\"optimizer.beta1\" = 9e-1\noptimizer.generator.rate = 1e-4\n\
                     train.epochs = 7\ndata.root = \"/elsewhere\"");
    assert_eq!(one, other);
    assert_eq!(ids(""), ids("train.batch = 64"), "an explicit default gives the same cell");
    assert_ne!(one, ids("train.batch = 9"));
}

#[test]
fn the_id_depends_on_the_content_of_weights_and_not_on_their_path() {
    let cell = |path: &str| {
        plan(&format!("guide.network = \"alexnet\"\nguide.weights = \"{path}\""), &[]).unwrap().cells.remove(0)
    };
    let print = |hash: &str| Fingerprints::from([("guide.weights".to_owned(), hash.to_owned())]);
    assert_eq!(cell_id(&cell("/a.pth"), &print("1")), cell_id(&cell("/b.pth"), &print("1")));
    assert_ne!(cell_id(&cell("/a.pth"), &print("1")), cell_id(&cell("/a.pth"), &print("2")));
}

#[test]
fn every_embedded_experiment_is_valid() {
    for file in EMBEDDED.iter().filter(|file| !file.path.starts_with("base/")) {
        plan(file.text, &[]).unwrap();
    }
}
