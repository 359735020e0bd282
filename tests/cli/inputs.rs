//! The inputs of training: the cache, the selection of images, and files of vectors.

mod chosen;
mod kept;
mod vectors;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use jem::store::RunState;

use crate::lab::{Lab, small_networks};

/// One epoch of the smallest networks on drawn flowers, two of each species.
const DRAWN: &str = concat!(
    r#"
extends = "base/jem.toml"
seeds = [1]
[data]
source = "drawn"
drawn.images = 204
drawn.side = 32
"#,
    small_networks!(),
    r#"[train]
batch = 16
epochs = 1
[eval]
items = 3
"#
);

/// Writes the experiment, followed by `more`: methods or other tables.
fn write(lab: &Lab, more: &str) {
    std::fs::write(lab.path("drawn.toml"), format!("{DRAWN}{more}")).unwrap();
}

/// A lab with one method that AlexNet guides.
fn guided() -> Lab {
    let lab = Lab::new();
    write(&lab, "[[method]]\nname = \"JEM\"\nguide.network = \"alexnet\"\n");
    lab
}

/// A lab with one method without a guide.
fn plain() -> Lab {
    let lab = Lab::new();
    write(&lab, "");
    lab
}

/// Runs a command on the experiment with these settings.
fn with(lab: &Lab, command: &[&str], sets: &[&str]) -> Output {
    let mut arguments = vec![command[0], "drawn.toml", "--device", "cpu"];
    arguments.extend(&command[1..]);
    for set in sets {
        arguments.extend(["--set", set]);
    }
    lab.run(&arguments)
}

/// The standard error of a command, which must have succeeded.
fn messages(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// The standard error of a command, which must have returned `code`.
fn refused(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// The stages that were executed, with their counts: `resized images: 12 images`.
fn executed(messages: &str) -> Vec<String> {
    let lines = messages.lines().filter_map(|line| line.strip_prefix("prepare: "));
    let stages = lines.filter(|line| !line.starts_with("done"));
    stages.map(|line| line.split(" in ").next().unwrap().to_owned()).collect()
}

/// Trains, and requires that every run is finished.
fn train(lab: &Lab, sets: &[&str]) -> String {
    let messages = messages(&with(lab, &["run"], sets));
    let runs = lab.store().runs("drawn").unwrap();
    assert!(!runs.is_empty() && runs.iter().all(|run| run.state == RunState::Finished), "{runs:?}");
    messages
}

/// The arrays of a cache, by the first word of their key and their file name.
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

/// The arrays of the default cache of the lab.
fn cached(lab: &Lab) -> BTreeMap<(String, String), Vec<u8>> {
    arrays(&lab.path("jem.db.files/cache"))
}

/// The ids of the cells of the experiment.
fn ids(lab: &Lab, sets: &[&str]) -> Vec<String> {
    let mut arguments = vec!["plan", "drawn.toml", "--format", "json"];
    for set in sets {
        arguments.extend(["--set", set]);
    }
    let plan: serde_json::Value = serde_json::from_str(&lab.succeed(&arguments)).unwrap();
    assert_eq!(plan["provisional_ids"], false);
    plan["cells"].as_array().unwrap().iter().map(|cell| cell["id"].as_str().unwrap().to_owned()).collect()
}
