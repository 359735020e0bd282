//! The layers of the crate, checked by reading the `use` lines: which layer may import which, and which third-party crate
//! belongs to which layer.

mod circles;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The layers that each layer may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("atomic_file", &[]),
    ("file_kind", &[]),
    ("screen", &[]),
    ("error_chain", &[]),
    ("word_enum", &[]),
    ("npy", &[]),
    ("label", &["screen"]),
    ("file_error", &["file_kind"]),
    ("random", &[]),
    ("measure", &[]),
    ("spec", &[]),
    ("device", &[]),
    ("provenance", &[]),
    ("fetch", &[]),
    ("kernel", &[]),
    ("stats", &["measure", "random"]),
    ("store", &["spec", "measure"]),
    ("data", &["fetch", "spec", "random"]),
    ("text", &["spec", "random"]),
    ("vision", &["kernel", "spec", "random"]),
    ("gan", &["kernel", "spec", "random"]),
    ("segment", &["data", "vision", "spec"]),
    // `fit` trains the encoders of `text`.
    ("fit", &["vision", "text", "kernel", "spec", "random"]),
    ("prepare", &["data", "segment", "vision", "text", "fit", "spec", "random"]),
    ("metric", &["measure", "vision", "kernel", "random"]),
    ("evaluate", &["data", "fetch", "prepare", "metric", "vision", "device"]),
    (
        "train",
        &[
            "gan",
            "evaluate",
            "data",
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
            "vision", "text", "fit", "metric", "evaluate",
        ],
    ),
];

/// Modules that every layer may import.
const EVERYBODY: &[&str] =
    &["atomic_file", "file_kind", "file_error", "screen", "label", "error_chain", "word_enum", "npy"];

/// The layers that may use a crate.
const CRATES: &[(&str, &[&str])] = &[
    ("clap", &["cli", "main"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("csv", &["cli"]),
    ("unicode_width", &["cli"]),
    ("terminal_size", &["cli"]),
    ("unicode_normalization", &["label"]),
    ("unicode_security", &["label"]),
    // The letters that the font of figures has.
    ("ttf_parser", &["report"]),
    ("indicatif", &["cli"]),
    ("figment", &["spec"]),
    ("sqlx", &["store"]),
    ("sysinfo", &["provenance"]),
    ("plotters", &["report"]),
    ("resvg", &["report"]),
    ("svg2pdf", &["report"]),
    ("minijinja", &["report"]),
    ("ureq", &["fetch"]),
    ("tar", &["data"]),
    // Archives; a binary change in a patch; long curves.
    ("flate2", &["data", "provenance", "report"]),
    // The patterns of secrets.
    ("regex", &["provenance"]),
    // Distributions of test statistics.
    ("statrs", &["stats"]),
    ("md5", &["fetch"]),
    // Distances and moments of features; the map of word vectors.
    ("faer", &["metric", "text"]),
    // The published encoder's archives; statistics of reference images.
    ("zip", &["text", "metric"]),
    // Rows of memory-mapped tables; vectors as values.
    ("bytemuck", &["text", "kernel"]),
    // The memory of tensors.
    ("burn_std", &["kernel"]),
    // Products of blocks; vectors chosen at run time.
    ("gemm", &["kernel"]),
    ("pulp", &["kernel"]),
    ("burn", &["device", "kernel", "vision", "text", "gan", "metric", "fit", "prepare", "evaluate", "train", "cli"]),
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

/// The text of every file, by layer: the folder or file directly in `src`.
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

/// The layers that a line imports; also of `use crate::{a, b::c}`.
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
            panic!("src/{layer} is missing in LAYERS");
        };
        for (path, text) in files {
            for name in text.lines().flat_map(imported) {
                let inside = name == layer || EVERYBODY.contains(&name.as_str()) || allowed.contains(&name.as_str());
                assert!(inside, "{} imports {name}, which {layer} may not import", path.display());
            }
        }
    }
}

#[test]
fn the_session_does_not_use_the_database() {
    let train = &layers()["train"];
    for name in ["session", "batches", "checkpoint", "evaluation"] {
        let (_, text) = train.iter().find(|(path, _)| path.file_stem().is_some_and(|stem| stem == name)).unwrap();
        assert!(!text.contains("crate::store"), "{name}");
    }
}

#[test]
fn third_party_crates_are_used_in_their_layers_only() {
    for (layer, files) in layers() {
        for (path, text) in files {
            for (name, allowed) in CRATES {
                let (used, path_of) = (format!("use {name}::"), format!("{name}::"));
                let begins = |line: &str| line.trim_start().starts_with(&used);
                // Small crates are used by their full path.
                let inline = ["terminal_size", "unicode_security"].contains(name) && text.contains(&path_of);
                let named = inline || text.lines().any(begins);
                assert!(!named || allowed.contains(&layer.as_str()), "{} uses {name}", path.display());
            }
        }
    }
}

/// The files below `src` that are compiled for tests only.
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
fn only_one_module_writes_to_the_standard_streams() {
    let layers = layers();
    let all: Vec<(PathBuf, String)> = layers.values().flatten().cloned().collect();
    let of_tests = of_tests(&all);
    assert!(of_tests.len() > 20, "test modules were found: {of_tests:?}");
    let streams = ["println!", "print!", "eprintln!", "eprint!", "dbg!", "std::io::stdout()", "std::io::stderr()"];
    for (layer, files) in &layers {
        for (path, text) in files {
            if layer == "screen" || of_tests.iter().any(|test| path.starts_with(test)) {
                continue;
            }
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for (number, line) in (1..).zip(code.lines()) {
                // Asking whether a stream is a terminal does not write to it.
                let asks = line.contains(".is_terminal()") || line.trim() == "let out = std::io::stdout();";
                let writes = !line.trim_start().starts_with("//") && streams.iter().any(|stream| line.contains(stream));
                assert!(asks || !writes, "{}:{number} writes to a standard stream; use crate::screen", path.display());
            }
        }
    }
}
