//! The layers of the crate, held by reading the `use` lines: who may import whom, and which crate belongs where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each layer may import of ours.
const LAYERS: &[(&str, &[&str])] = &[
    ("whole", &[]),
    ("file_kind", &[]),
    ("screen", &[]),
    ("label", &["screen"]),
    ("random", &[]),
    ("measure", &[]),
    ("spec", &[]),
    ("device", &[]),
    ("provenance", &[]),
    ("fetch", &[]),
    ("stats", &["measure"]),
    ("store", &["spec", "measure"]),
    ("data", &["fetch", "spec", "random"]),
    ("text", &["spec", "random"]),
    ("vision", &["spec", "random"]),
    ("gan", &["spec", "random"]),
    ("segment", &["data", "vision", "spec"]),
    // Of `text` it makes the encoders that are trained.
    ("fit", &["vision", "text", "spec", "random"]),
    ("prepare", &["data", "segment", "vision", "text", "fit", "spec", "random"]),
    ("metric", &["measure", "vision", "random"]),
    (
        "train",
        &[
            "gan",
            "metric",
            "prepare",
            "device",
            "spec",
            "measure",
            "random",
            "store",
            "stats",
            "provenance",
            "fit",
            "vision",
        ],
    ),
    ("report", &["store", "stats", "measure", "spec"]),
    (
        "cli",
        &[
            "prepare", "device", "spec", "measure", "store", "stats", "train", "report", "data", "fetch", "gan",
            "vision", "text", "fit", "metric",
        ],
    ),
];

/// What every layer may import.
const EVERYBODY: &[&str] = &["whole", "file_kind", "screen", "label"];

/// Which layers may name a crate.
const CRATES: &[(&str, &[&str])] = &[
    ("clap", &["cli", "main"]),
    ("csv", &["cli"]),
    ("unicode_width", &["cli"]),
    ("terminal_size", &["cli"]),
    ("unicode_normalization", &["label"]),
    ("unicode_security", &["label"]),
    // Which letters the font of figures has.
    ("ttf_parser", &["report"]),
    ("indicatif", &["cli"]),
    ("figment", &["spec"]),
    ("sqlx", &["store"]),
    ("sysinfo", &["provenance"]),
    ("plotters", &["report"]),
    ("resvg", &["report"]),
    ("ureq", &["fetch"]),
    ("tar", &["data"]),
    // Archives; a binary change in a patch.
    ("flate2", &["data", "provenance"]),
    // The forms of secrets.
    ("regex", &["provenance"]),
    ("md5", &["fetch"]),
    // Distances and moments of features; the map of word vectors.
    ("faer", &["metric", "text"]),
    // The published encoder's archives; statistics of reference images.
    ("zip", &["text", "metric"]),
    // Rows of memory-mapped tables.
    ("bytemuck", &["text"]),
    ("burn", &["device", "vision", "text", "gan", "metric", "fit", "prepare", "train", "cli"]),
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, into),
            false if path.extension().is_some_and(|ending| ending == "rs") => into.push(path),
            false => {}
        }
    }
}

/// The text of every file by its layer: the folder or file below `src`.
fn layers() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut layers: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for path in files {
        let below = path.strip_prefix(&root).unwrap();
        let layer = below.components().next().unwrap().as_os_str().to_string_lossy();
        let text = std::fs::read_to_string(&path).unwrap();
        layers.entry(layer.trim_end_matches(".rs").to_owned()).or_default().push((path, text));
    }
    layers
}

/// The layers of ours that a line imports, `use crate::{a, b::c}` among them.
fn imported(line: &str) -> Vec<String> {
    let Some(rest) =
        line.trim_start().strip_prefix("use crate::").or(line.trim_start().strip_prefix("pub use crate::"))
    else {
        return Vec::new();
    };
    let names: Vec<&str> = match rest.strip_prefix('{') {
        Some(list) => list.trim_end_matches(['}', ';']).split(',').collect(),
        None => vec![rest],
    };
    let head = |name: &str| name.trim().split([':', ';', ' ']).next().unwrap_or_default().to_owned();
    names.into_iter().map(head).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_layer_imports_only_what_lies_below_it() {
    for (layer, files) in layers() {
        if ["lib", "main"].contains(&layer.as_str()) {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            panic!("src/{layer} is in no list of layers");
        };
        for (path, text) in files {
            for name in text.lines().flat_map(imported) {
                let inside = name == layer || EVERYBODY.contains(&name.as_str()) || allowed.contains(&name.as_str());
                assert!(inside, "{} imports {name}, which lies above {layer}", path.display());
            }
        }
    }
}

#[test]
fn the_session_knows_no_database() {
    let train = &layers()["train"];
    for name in ["session", "batches", "checkpoint", "evaluation"] {
        let (_, text) = train.iter().find(|(path, _)| path.file_stem().is_some_and(|stem| stem == name)).unwrap();
        assert!(!text.contains("crate::store"), "{name}");
    }
}

#[test]
fn third_party_crates_keep_to_their_layer() {
    for (layer, files) in layers() {
        for (path, text) in files {
            for (name, allowed) in CRATES {
                let (used, path_of) = (format!("use {name}::"), format!("{name}::"));
                let begins = |line: &str| line.trim_start().starts_with(&used);
                // Some crates are small enough to be named where they are used.
                let inline = ["terminal_size", "unicode_security"].contains(name) && text.contains(&path_of);
                let named = inline || text.lines().any(begins);
                assert!(!named || allowed.contains(&layer.as_str()), "{} uses {name}", path.display());
            }
        }
    }
}

/// The files below `src` that are built for tests alone: those of modules that are declared so.
fn of_tests(files: &[(PathBuf, String)]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (path, text) in files {
        let stem = path.file_stem().unwrap().to_string_lossy();
        let folder = path.parent().unwrap();
        let below = match ["mod", "lib", "main"].contains(&&*stem) {
            true => folder.to_owned(),
            false => folder.join(&*stem),
        };
        let mut lines = text.lines().map(str::trim);
        while lines.any(|line| line == "#[cfg(test)]") {
            let Some(declared) = lines.next() else { break };
            let name = declared.rsplit(' ').next().unwrap_or_default();
            if let Some(name) = name.strip_suffix(';').filter(|_| declared.contains("mod ")) {
                found.extend([below.join(name), below.join(format!("{name}.rs"))]);
            }
        }
    }
    found
}

#[test]
fn one_module_alone_writes_to_the_standard_streams() {
    let layers = layers();
    let all: Vec<(PathBuf, String)> = layers.values().flatten().cloned().collect();
    let of_tests = of_tests(&all);
    assert!(of_tests.len() > 20, "the modules of tests are found: {of_tests:?}");
    let streams = ["println!", "print!", "eprintln!", "eprint!", "dbg!", "std::io::stdout()", "std::io::stderr()"];
    for (layer, files) in &layers {
        for (path, text) in files {
            if layer == "screen" || of_tests.iter().any(|test| path.starts_with(test)) {
                continue;
            }
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for (number, line) in (1..).zip(code.lines()) {
                // To ask what a stream is, is not to write to it.
                let asks = line.contains(".is_terminal()") || line.trim() == "let out = std::io::stdout();";
                let writes = !line.trim_start().starts_with("//") && streams.iter().any(|stream| line.contains(stream));
                assert!(asks || !writes, "{}:{number} writes to a standard stream: crate::screen does", path.display());
            }
        }
    }
}
