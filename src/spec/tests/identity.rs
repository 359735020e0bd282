//! What a cell id depends on.

use super::{ids, plan};
use crate::spec::{EMBEDDED, Fingerprints, PlannedCell, SETTINGS, cell_id};

fn id(cell: &PlannedCell, prints: &[(&str, &str)]) -> String {
    let prints: Fingerprints = prints.iter().map(|(role, hash)| ((*role).to_owned(), (*hash).to_owned())).collect();
    cell_id(cell, &prints)
}

#[test]
fn a_setting_with_its_default_does_not_change_the_id() {
    // Cells from before a setting was added do not have it. Their ids must stay the same.
    let cell =
        plan("guide.network = \"vgg16\"\nobjective.kind = \"gan-int\"\ntrain.batch = 8", &[]).unwrap().cells.remove(0);
    let before = id(&cell, &[]);
    let mut removed = 0;
    for setting in SETTINGS {
        let mut older = cell.clone();
        let at_default = |(value, _): &(_, _)| *value == setting.default_value();
        if older.resolved.get(setting.key).is_some_and(at_default) {
            older.resolved.remove(setting.key);
            assert_eq!(id(&older, &[]), before, "{}", setting.key);
            removed += 1;
        }
    }
    assert_eq!(removed, cell.resolved.len() - 3);
}

#[test]
fn settings_outside_of_the_identity_do_not_change_the_id() {
    let outside = "train.epochs = 7\neval.measures = [\"ssim\"]\nkeep.every = 5\ndata.root = \"/elsewhere\"\n\
                   name = \"other\"\ntitle = \"Other\"\nseeds = [9]";
    assert_eq!(ids(outside), ids(""));
}

#[test]
fn the_id_does_not_depend_on_order_spelling_and_section() {
    let one = "[train]\nbatch = 8\n[optimizer]\nbeta1 = 0.9\ngenerator.rate = 0.0003\n[image]\nresolution = 128";
    let others = [
        "[image]\nresolution = 128 # pixels\n[optimizer]\n\"generator.rate\" = 3e-4\nbeta1 = 9e-1\n[train]\nbatch = 8",
        "optimizer.generator.rate = 3.0e-4\n\"train.batch\" = 0x8\n\"optimizer.beta1\" = 0.90\n\"image.resolution\" = 1_28",
        "image.resolution = 128\noptimizer.beta1 = 0.9\noptimizer.generator.rate = 3E-4\n[grid]\ntrain.batch = [8]",
        "image.resolution = 128\noptimizer.beta1 = 0.9\n[[zip]]\noptimizer.generator.rate = [3e-4]\ntrain.batch = [8]",
        "[[method]]\nname = \"m\"\nimage.resolution = 128\noptimizer.beta1 = 0.9\noptimizer.generator.rate = 3e-4\n\
         train.batch = 8",
    ];
    for other in others {
        assert_eq!(ids(other), ids(one), "{other}");
    }
    assert_ne!(ids("optimizer.generator.rate = 0.00030000000000000003"), ids("optimizer.generator.rate = 0.0003"));
    // An integer for a float setting is the same value.
    assert_eq!(
        ids("objective.kind = \"gan-int\"\nobjective.int_weight = 2"),
        ids("objective.kind = \"gan-int\"\nobjective.int_weight = 2.0")
    );
}

#[test]
fn every_changed_content_changes_the_id() {
    let cell = plan("guide.network = \"alexnet\"\nguide.weights = \"a.pth\"", &[]).unwrap().cells.remove(0);
    let before = [("data", "d"), ("segmentation", "s"), ("guide.weights", "w")];
    for i in 0..before.len() {
        let mut after = before;
        after[i].1 = "edited";
        assert_ne!(id(&cell, &before), id(&cell, &after), "{}", before[i].0);
    }
}

/// These ids must never change. Changed settings need a file with another name.
#[test]
fn the_cells_of_the_experiments_that_come_with_jem_keep_their_ids() {
    let known: Vec<(&str, Vec<String>)> = EMBEDDED
        .iter()
        .filter(|file| !file.path.starts_with("base/"))
        .map(|file| (file.path, ids(file.text)))
        .collect();
    insta::assert_debug_snapshot!(known);
}

/// Tests the values of the base files, which are edited together with their comments.
#[test]
fn the_recipes_keep_their_ids() {
    let recipe = "extends = \"base/jem.toml\"\ntext.encoder = \"tfidf\"";
    assert_eq!(ids(recipe), ids(""), "except for the text encoder, the built-in defaults are JEM's recipe");
    insta::assert_debug_snapshot!(ids("extends = \"base/reed.toml\""));
}
