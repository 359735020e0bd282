//! What training reads: made once, kept whole, found again by content, and chosen as the settings say.

mod chosen;
mod kept;
mod vectors;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use jem::store::RunState;

use crate::lab::Lab;

/// Drawn flowers at 32 pixels, two of each species, for one epoch of networks as small as they get.
const DRAWN: &str = r#"
extends = "base/jem.toml"
seeds = [1]
[data]
source = "drawn"
drawn.images = 204
drawn.side = 32
[image]
resolution = 32
[text]
encoder = "tfidf"
dimension = 16
projected = 8
[guide]
input = 64
width = 0.02
projected = 8
[generator]
width = 4
noise = 8
[discriminator]
width = 4
[train]
batch = 16
epochs = 1
[eval]
items = 3
"#;

/// The experiment with `more` after it: methods, or tables that are not there yet.
fn write(lab: &Lab, more: &str) {
    std::fs::write(lab.path("drawn.toml"), format!("{DRAWN}{more}")).unwrap();
}

/// A lab whose experiment has one method, guided by AlexNet.
fn guided() -> Lab {
    let lab = Lab::new();
    write(&lab, "[[method]]\nname = \"JEM\"\nguide.network = \"alexnet\"\n");
    lab
}

/// A lab whose experiment has one method without a guide.
fn plain() -> Lab {
    let lab = Lab::new();
    write(&lab, "");
    lab
}

/// Runs a command on the experiment with some settings changed.
fn with(lab: &Lab, command: &[&str], sets: &[&str]) -> Output {
    let mut arguments = vec![command[0], "drawn.toml", "--device", "cpu"];
    arguments.extend(&command[1..]);
    for set in sets {
        arguments.extend(["--set", set]);
    }
    lab.run(&arguments)
}

/// What a command said on standard error, which must have succeeded.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// What a command said on standard error, which must have ended in `code`.
fn refused(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// The stages that were made, by what was said of them: `12 photos`.
fn made(said: &str) -> Vec<String> {
    let lines = said.lines().filter_map(|line| line.strip_prefix("prepare: "));
    let stages = lines.filter(|line| !line.starts_with("done"));
    stages.map(|line| line.split(" in ").next().unwrap().to_owned()).collect()
}

/// Trains, and demands that every run finished.
fn train(lab: &Lab, sets: &[&str]) -> String {
    let said = said(&with(lab, &["run"], sets));
    let runs = lab.store().runs("drawn").unwrap();
    assert!(!runs.is_empty() && runs.iter().all(|run| run.state == RunState::Finished), "{runs:?}");
    said
}

/// The arrays of a cache, by the first word of what they were made of and the name of their file.
fn arrays(folder: &Path) -> BTreeMap<(String, String), Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let arrays = paths.filter(|path| path.extension().is_some_and(|ending| ending == "safetensors"));
    let named = arrays.map(|path| {
        let bytes = std::fs::read(&path).unwrap();
        let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        let key = header.metadata().as_ref().unwrap()["key"].clone();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        ((key.split('/').next().unwrap().to_owned(), name), bytes)
    });
    named.collect()
}

/// The arrays of the lab's own cache.
fn cached(lab: &Lab) -> BTreeMap<(String, String), Vec<u8>> {
    arrays(&lab.path("jem.db.files/cache"))
}

/// The identities of the experiment's cells.
fn ids(lab: &Lab, sets: &[&str]) -> Vec<String> {
    let mut arguments = vec!["plan", "drawn.toml", "--format", "json"];
    for set in sets {
        arguments.extend(["--set", set]);
    }
    let plan: serde_json::Value = serde_json::from_str(&lab.succeed(&arguments)).unwrap();
    assert_eq!(plan["provisional_ids"], false);
    plan["cells"].as_array().unwrap().iter().map(|cell| cell["id"].as_str().unwrap().to_owned()).collect()
}
