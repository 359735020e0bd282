//! Zips, excludes, includes, and precedence.

use super::{plan, violations};
use crate::spec::{ExperimentSpec, Plan, PlannedCell, Value};

fn row(cell: &PlannedCell) -> String {
    cell.axes.values().fold(cell.method.clone(), |text, value| format!("{text} {value}"))
}

fn rows(text: &str, sets: &[&str]) -> Vec<String> {
    plan(text, sets).unwrap().cells.iter().map(row).collect()
}

fn value(cell: &PlannedCell, key: &str) -> Value {
    cell.resolved[key].0.clone()
}

const METHODS: &str = "
[[method]]
name = \"plain\"
[[method]]
name = \"guided\"
guide.network = \"alexnet\"
";

#[test]
fn a_zip_is_one_axis_and_is_combined_with_other_axes() {
    let text = format!(
        "{METHODS}[grid]\n\"train.batch\" = [8, 16]\n[[zip]]\nimage.resolution = [64, 128]\n\"generator.width\" = [32, 96]"
    );
    let expected = ["32 64 8", "96 128 8", "32 64 16", "96 128 16"];
    let cells = rows(&text, &[]);
    assert_eq!(cells.len(), 8);
    for method in ["plain", "guided"] {
        for row in expected {
            assert!(cells.contains(&format!("{method} {row}")), "{method} {row} among {cells:?}");
        }
    }
    assert!(cells[..4].iter().all(|row| row.starts_with("plain")), "methods vary slowest: {cells:?}");
}

#[test]
fn a_zip_may_contain_the_method() {
    let text = format!("{METHODS}[[zip]]\nmethod = [\"guided\", \"plain\"]\n\"train.batch\" = [8, 16]");
    assert_eq!(rows(&text, &[]), ["guided 8", "plain 16"]);
}

#[test]
fn an_exclude_removes_cells_that_match_all_conditions_and_a_list_matches_any_item() {
    let grid = format!("{METHODS}[grid]\n\"train.batch\" = [8, 16, 32]\n");
    let text = format!("{grid}[[exclude]]\nmethod = \"plain\"\n\"train.batch\" = [8, 32]");
    assert_eq!(rows(&text, &[]), ["plain 16", "guided 8", "guided 16", "guided 32"]);
    // A condition can be any setting, even one that is no axis or is active only in some cells.
    let text = format!("{grid}[[exclude]]\nguide.network = \"alexnet\"\n[[exclude]]\n\"train.batch\" = 8");
    assert_eq!(rows(&text, &[]), ["plain 16", "plain 32"]);
}

#[test]
fn an_include_adds_a_cell_after_the_excludes() {
    let text = format!(
        "seeds = [1, 2]\n{METHODS}[grid]\n\"train.batch\" = [8, 16]\n[[exclude]]\nmethod = \"guided\"\n\
         [[include]]\nmethod = \"guided\"\nguide.segmentation = \"background\""
    );
    let plan = plan(&text, &[]).unwrap();
    let included = plan.cells.last().unwrap();
    assert_eq!((plan.cells.len(), plan.runs()), (3, 6));
    assert_eq!(included.method, "guided");
    assert_eq!(plan.methods, ["plain", "guided"]);
    assert_eq!(value(included, "guide.segmentation"), Value::Text("background".into()));
    // The included cell has the shared value of the axis, and both keys in `axes`.
    assert_eq!(included.axes["train.batch"], Value::Integer(64));
    assert_eq!(included.axes["guide.segmentation"], Value::Text("background".into()));
}

#[test]
fn without_methods_included_cells_have_the_name_of_the_experiment() {
    let cells = rows("name = \"small\"\n[[include]]\n\"train.batch\" = 8", &[]);
    assert_eq!(cells, ["small 64", "small 8"]);
}

#[test]
fn dotted_keys_may_be_quoted_in_every_section() {
    let experiment = |spell: fn(&str) -> String| {
        let [batch, width, rate] = ["train.batch", "generator.width", "optimizer.generator.rate"].map(spell);
        format!(
            "[[method]]\nname = \"a\"\n{rate} = 1e-3\n[grid]\n{batch} = [8, 16]\n[[zip]]\n{width} = [16, 32]\n\
             [[exclude]]\n{batch} = 8\n{width} = 16\n[[include]]\nmethod = \"a\"\n{width} = 8"
        )
    };
    let plain = plan(&experiment(str::to_owned), &[]).unwrap();
    let quoted = plan(&experiment(|key| format!("\"{key}\"")), &[]).unwrap();
    let settings = |plan: &Plan| plan.cells.iter().map(PlannedCell::identity).collect::<Vec<_>>();
    assert_eq!(settings(&plain), settings(&quoted));
    assert_eq!(plain.cells.len(), 4);
}

#[test]
fn every_layer_has_precedence_over_earlier_ones_and_values_keep_their_origin() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("base.toml"),
        "eval.every = 1\ntrain.batch = 2\ngenerator.width = 4\ndiscriminator.width = 4\ngenerator.noise = 1\n\
         text.dimension = 8\nguide.width = 0.1\ntext.projected = 8",
    )
    .unwrap();
    let path = folder.path().join("e.toml");
    std::fs::write(
        &path,
        "extends = \"base.toml\"\ntrain.batch = 3\ngenerator.width = 5\ndiscriminator.width = 5\n\
         generator.noise = 2\ntext.dimension = 9\nguide.width = 0.2\n\
         [[method]]\nname = \"m\"\nguide.network = \"alexnet\"\ngenerator.noise = 5\nguide.width = 0.5\n\
         [grid]\ntext.dimension = [16]\n[[zip]]\ntext.projected = [32]\n\
         [[include]]\nmethod = \"m\"\nguide.width = 0.9",
    )
    .unwrap();
    let environment = [("JEM_SET_GENERATOR__WIDTH", "6"), ("JEM_SET_DISCRIMINATOR__WIDTH", "6")];
    let environment = environment.map(|(name, value)| (name.into(), value.into()));
    let sets = ["discriminator.width=7".to_owned()];
    let spec = ExperimentSpec::read(path.to_str().unwrap(), &sets, environment.into_iter()).unwrap();
    let plan = Plan::new(spec).unwrap();
    let file = path.display().to_string();
    let of = |cell: &PlannedCell, key: &str| (value(cell, key).to_string(), cell.resolved[key].1.clone());
    let expected = [
        ("eval.items", "16", "built-in default".to_owned()),
        ("eval.every", "1", folder.path().join("base.toml").display().to_string()),
        ("train.batch", "3", file.clone()),
        ("generator.width", "6", "environment variable JEM_SET_GENERATOR__WIDTH".to_owned()),
        ("discriminator.width", "7", "--set".to_owned()),
        ("generator.noise", "5", format!("{file}, method \"m\"")),
        ("text.dimension", "16", format!("{file}, [grid]")),
        ("text.projected", "32", format!("{file}, [[zip]]")),
    ];
    for (key, value, origin) in expected {
        assert_eq!(of(&plan.cells[0], key), (value.to_owned(), origin), "{key}");
    }
    let included = &plan.cells[1];
    assert_eq!(of(included, "guide.width"), ("0.9".to_owned(), format!("{file}, [[include]]")));
    assert_eq!(of(included, "text.dimension"), ("9".to_owned(), file), "an include does not get values of axes");
}

#[test]
fn the_command_line_changes_axes_zips_and_methods_and_is_the_origin_of_values() {
    let text = format!("{METHODS}[grid]\nguide.segmentation = [\"full\", \"none\"]\n[[zip]]\ntrain.batch = [8, 16]");
    let sets = ["grid.\"guide.segmentation\"=[\"full\"]", "grid.method=[\"guided\"]", "zip=[{\"train.batch\" = [4]}]"];
    let plan_ = plan(&text, &sets).unwrap();
    assert_eq!(plan_.cells.len(), 1);
    assert_eq!(plan_.cells[0].resolved["guide.segmentation"].1, "--set, [grid]");
    assert_eq!(plan_.cells[0].resolved["train.batch"], (Value::Integer(4), "--set, [[zip]]".to_owned()));
    assert_eq!(plan_.notes, ["plain: no cell has this method"]);
    let sets = ["method=[{name = \"only\", \"generator.width\" = 8}]", "zip=[]", "grid={}"];
    assert_eq!(rows(&text, &sets), ["only"]);
}

#[test]
fn set_on_a_key_of_methods_axes_or_includes_is_an_error_with_a_remedy() {
    let text = format!(
        "{METHODS}[grid]\ngenerator.width = [8]\n[[zip]]\ntrain.batch = [8, 16]\n\
         [[include]]\nmethod = \"plain\"\neval.items = 3"
    );
    for (set, remedy) in [
        ("generator.width=4", "'grid.\"generator.width\"=[...]'"),
        ("train.batch=4", "'zip=["),
        ("guide.network=vgg16", "[[method]]"),
        ("eval.items=2", "[[include]]"),
        ("zip.\"train.batch\"=[4]", "'zip=["),
        ("exclude.\"train.batch\"=4", "'exclude=["),
        ("method.guide.network=none", "grid.method"),
    ] {
        let found = violations(&text, &[set]);
        assert_eq!((found.len(), found[0].origin.as_str()), (1, "--set"), "{set}: {found:?}");
        assert!(found[0].help.as_ref().unwrap().contains(remedy), "{set}: {found:?}");
    }
}

#[test]
fn excludes_and_includes_without_effect_are_notes_after_a_change_by_set() {
    let text = "[grid]\ntrain.batch = [8, 16]\n[[exclude]]\ntrain.batch = 8\n[[include]]\ntrain.batch = 32";
    let narrowed = plan(text, &["grid.train.batch=[16, 32]"]).unwrap();
    assert_eq!(narrowed.cells.len(), 2);
    assert_eq!(narrowed.notes.len(), 2, "{:?}", narrowed.notes);
    // This holds only for sections with the changed setting.
    let text = "[[exclude]]\ntrain.batch = 8\n[grid]\ngenerator.width = [8, 16]";
    let notes = plan(text, &["train.batch=16"]).unwrap().notes;
    assert!(notes[0].contains("no cell has"), "{notes:?}");
    assert_eq!(violations(text, &["eval.items=3"])[0].key, "exclude.train.batch");
}

#[test]
fn cells_that_differ_only_outside_of_their_identity_are_an_error() {
    let found = violations("[grid]\ntrain.epochs = [10, 20]\ntrain.batch = [8, 16]", &[]);
    assert_eq!((found.len(), found[0].key.as_str(), found[0].line), (1, "grid.train.epochs", Some(2)));
    assert!(found[0].problem.contains("not part of a cell's identity"), "{}", found[0]);
    // The horizon may differ together with a setting of the identity. Data is identified by its content.
    assert_eq!(rows("[[zip]]\ntrain.epochs = [10, 20]\ntrain.batch = [8, 16]", &[]).len(), 2);
    assert_eq!(rows("[grid]\ndata.root = [\"a\", \"b\"]", &[]).len(), 2);
}

#[test]
fn a_grid_with_too_many_cells_is_an_error_before_it_is_expanded() {
    let values: Vec<String> = (2..102).map(|n| n.to_string()).collect();
    let list = values.join(", ");
    let text = format!("[grid]\ntrain.batch = [{list}]\neval.items = [{list}]\neval.every = [{list}]");
    let found = violations(&text, &[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].problem.contains("100 x 100 x 100"), "{}", found[0]);
}

#[test]
fn a_thousand_cells_are_expanded() {
    let values: Vec<String> = (2..102).map(|n| n.to_string()).collect();
    let text = format!("{METHODS}[grid]\ntrain.batch = [{}]\neval.items = [1, 2, 3, 4, 5]", values.join(", "));
    assert_eq!(plan(&text, &[]).unwrap().cells.len(), 1_000);
}

#[test]
fn an_axis_of_list_settings_is_a_list_of_lists() {
    let found = violations("[grid]\neval.measures = [[\"ssim\"], [\"colour_distance\"]]", &[]);
    assert!(found[0].problem.contains("identity"), "{}", found[0]);
    let found = violations("[grid]\neval.measures = [\"ssim\"]", &[]);
    assert!(found[0].problem.contains("must be a list of"), "{}", found[0]);
    let one = plan("eval.measures = [\"ssim\", \"colour_distance\"]", &[]).unwrap();
    assert_eq!(value(&one.cells[0], "eval.measures"), Value::List(vec!["colour_distance".into(), "ssim".into()]));
}
