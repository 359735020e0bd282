//! The list of all violations.

use super::violations;
use crate::spec::{ExperimentSpec, Plan, SpecError};

/// An experiment with every kind of mistake, and with valid sections that must not be reported.
const EVERYTHING: &str = r#"extends = "base.toml"
name = "No Spaces"
title = 3
seeds = [1, 1]
train.bach = 8
image.resolution = 96
optimizer.generator.rate = 2.0
text.dimension = "long"
generator.width = [16, 32]
generator.noise = 10
"generator.noise" = 20
eval.measures = ["ssim", "charm"]
objective.kind = "gan-clss"

[trian]

[[method]]
name = "sound"

[[method]]
name = "twin"

[[method]]
name = "faulty"
guide.widht = 0.5
guide.network = "resnet"

[[method]]
name = "sound"
train.batch = 8

[[method]]
train.batch = 8

[grid]
method = ["sound", "twin", "faulty", "missing"]
"discriminator.width" = 8
"eval.split" = ["val", "train"]
"eval.items" = [4, 4]
"text.seed" = []
"data.seed" = [1, 2]
"train.epochs" = [10, 20]
"guide.network" = ["none", "alexnet"]
"no.such" = [1]

[[zip]]
"optimizer.beta1" = [0.1, 0.2]
"optimizer.beta2" = [0.1]

[[zip]]
"data.seed" = [3, 4]
"text.projected" = [8, 16]

[[zip]]
"text.projected" = [32, 64]

[[zip]]

[[zip]]
"image.flip" = [true, true]

[[zip]]
"optimizer.discriminator.rate" = [1e-4, 2e-4]
"eval.every" = [10, 20]

[[exclude]]
"optimizer.discriminator.rate" = 1e-4
"eval.every" = 20

[[exclude]]
"train.bach" = 8

[[exclude]]
method = "nobody"

[[exclude]]
"optimizer.epsilon" = "small"

[[exclude]]
"eval.every" = [10, 12]

[[exclude]]

[[include]]
method = "nobody"

[[include]]
"data.limit" = 5

[[include]]
method = "sound"
"data.limit" = -1

[[include]]
method = "sound"
"data.limit" = 7

[[include]]
method = "sound"
"data.limit" = 7
"#;

const BASE: &str = "extends = \"other.toml\"\nseeds = [1]\ntrain.batch = 1\n[grid]\n\"train.batch\" = [8]\n";

#[test]
fn every_class_of_mistake_is_in_one_sorted_list_with_a_remedy_each() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("base.toml"), BASE).unwrap();
    let path = folder.path().join("sweep.toml");
    std::fs::write(&path, EVERYTHING).unwrap();
    let sets = ["train.batch", "train.epochs=0", "text.dimension=fast", "data.seed=3", "seeds.first=1", "no.such=1"];
    let environment = [("JEM_SET_NO__SUCH", "1"), ("JEM_SET_TRAIN__BATCH", "one")];
    let environment = environment.map(|(name, value)| (name.into(), value.into()));
    let sets = sets.map(str::to_owned);
    let spec = ExperimentSpec::read(path.to_str().unwrap(), &sets, environment.into_iter()).unwrap();
    let error = Plan::new(spec).unwrap_err();
    let SpecError::Violations(found) = &error else { panic!("{error}") };
    for violation in found {
        assert!(violation.help.is_some(), "no remedy: {violation}");
    }
    assert!(found.is_sorted());
    let text = error.to_string().replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(text);
}

#[test]
fn a_mistake_causes_no_further_violations() {
    // Each has one mistake. Cells are missing or equal because of it, which must not be reported.
    for (text, key) in [
        ("[grid]\ntrain.batch = [8, 1]\n[[exclude]]\ntrain.batch = 16", "grid.train.batch"),
        ("[[method]]\nname = \"a\"\n[[method]]\nname = \"b\"\ntrain.batch = 1", "method.train.batch"),
        (
            "[[method]]\nname = \"a\"\ntrain.batch = 1\n[[method]]\nname = \"b\"\ntrain.batch = 8\n\
             [[include]]\nmethod = \"a\"\neval.items = 16",
            "method.train.batch",
        ),
        ("[[method]]\nname = \"a\"\n[grid]\nmethod = [\"b\"]\n[[exclude]]\nmethod = \"a\"", "grid.method"),
    ] {
        let found = violations(text, &[]);
        assert_eq!(found.iter().map(|violation| violation.key.as_str()).collect::<Vec<_>>(), [key], "{text}");
    }
}

#[test]
fn a_conflict_between_sections_names_both() {
    let found = |text: &str| violations(text, &[]).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let zip = "[[zip]]\ntrain.batch = [8, 16]\n";
    assert!(found(&format!("{zip}{zip}")).contains("is in two [[zip]]"));
    assert!(found(&format!("{zip}[grid]\ntrain.batch = [8]")).contains("of [grid] and of a [[zip]]"));
    let method = "[[method]]\nname = \"a\"\ntrain.batch = 8\n";
    assert!(found(&format!("{method}{zip}")).contains("axis of [[zip]] and also set by method \"a\""));
}

#[test]
fn excluding_all_cells_is_a_mistake() {
    assert_eq!(violations("[[exclude]]\ntrain.batch = 64", &[])[0].problem, "excludes all cells");
}

#[test]
fn a_missing_base_file_is_reported_with_the_other_violations() {
    let found = violations("extends = \"base/gem.toml\"\ntrain.bach = 8", &[]);
    assert_eq!(found.iter().map(|violation| violation.key.as_str()).collect::<Vec<_>>(), ["extends", "train.bach"]);
    assert!(found[0].help.as_ref().unwrap().contains("base/jem.toml, base/reed.toml"));
}
