//! No circles: modules beside each other form a directed acyclic graph. Error types are exempt, because a layer's error
//! wraps the errors of its parts, and its parts return it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;

use super::{of_tests, sources};

/// The names from the crate's root to a module.
type Module = Vec<String>;

/// The modules that are built without tests, with their text.
fn modules() -> BTreeMap<Module, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    let files: Vec<(PathBuf, String)> =
        paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect();
    let test_files = of_tests(&files);
    let mut modules = BTreeMap::new();
    for (path, text) in files {
        if test_files.iter().any(|test| path.starts_with(test)) {
            continue;
        }
        let below = path.strip_prefix(&root).unwrap().with_extension("");
        let mut module: Module = below.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        module.pop_if(|name| name == "mod");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        if module != ["lib"] && module != ["main"] {
            modules.insert(module, code.join("\n"));
        }
    }
    modules
}

/// The paths of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn flatten(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().to_owned()];
    };
    let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
    let (mut paths, mut depth, mut start) = (Vec::new(), 0, 0);
    for (place, letter) in inner.char_indices().chain([(inner.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner[start..place].trim();
                if !part.is_empty() {
                    paths.extend(flatten(part).into_iter().map(|path| format!("{}{path}", prefix.trim())));
                }
                start = place + 1;
            }
            _ => {}
        }
    }
    paths
}

struct Graph {
    modules: BTreeMap<Module, String>,
    /// What a module re-exports from its children: (module, item) and the child.
    exports: BTreeMap<(Module, String), Module>,
}

impl Graph {
    fn new() -> Self {
        let modules = modules();
        let exported = Regex::new(r"(?m)^\s*pub(?:\([^)]*\))? use ([^;]+);").unwrap();
        let mut exports = BTreeMap::new();
        for (module, text) in &modules {
            for tree in exported.captures_iter(text) {
                for path in flatten(&tree[1]) {
                    let parts: Vec<&str> = path.trim_start_matches("self::").split("::").collect();
                    let child: Module = module.iter().cloned().chain([parts[0].to_owned()]).collect();
                    if modules.contains_key(&child) {
                        exports.insert((module.clone(), parts[parts.len() - 1].to_owned()), child);
                    }
                }
            }
        }
        Self { modules, exports }
    }

    /// The module that a path leads to, seen from a module; `None` for other crates.
    fn resolve(&self, from: &Module, path: &str) -> Option<Module> {
        let mut parts = path.split("::").peekable();
        let mut module = match *parts.peek()? {
            "crate" => Vec::new(),
            "super" | "self" => from.clone(),
            name if self.modules.contains_key(&[&from[..], &[name.to_owned()]].concat()) => from.clone(),
            _ => return None,
        };
        while let Some(part) = parts.next_if(|part| ["crate", "super", "self"].contains(part)) {
            if part == "super" {
                module.pop();
            }
        }
        for part in parts {
            let child: Module = [&module[..], &[part.to_owned()]].concat();
            match self.modules.contains_key(&child) {
                true => module = child,
                false => match self.exports.get(&(module.clone(), part.to_owned())) {
                    Some(exporter) => {
                        // The child may re-export the item in its turn.
                        module = exporter.clone();
                        while let Some(deeper) = self.exports.get(&(module.clone(), part.to_owned())) {
                            module = deeper.clone();
                        }
                    }
                    None => break,
                },
            }
        }
        Some(module)
    }

    /// Which module imports which.
    fn imports(&self) -> BTreeSet<(Module, Module)> {
        let uses = Regex::new(r"(?m)^\s*(?:pub(?:\([^)]*\))? )?use ([^;]+);").unwrap();
        let inline = Regex::new(r"\b(?:super|crate|self)(?:::\w+)+").unwrap();
        let mut found = BTreeSet::new();
        for (module, text) in &self.modules {
            let code = uses.replace_all(text, "");
            let named = uses.captures_iter(text).flat_map(|tree| flatten(&tree[1]));
            let named = named.chain(inline.find_iter(&code).map(|path| path.as_str().to_owned()));
            found.extend(named.filter_map(|path| self.resolve(module, &path)).map(|target| (module.clone(), target)));
        }
        found
    }
}

/// Everything that can be reached from a name.
fn reachable<'a>(from: &'a str, edges: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(name) = next.pop() {
        for target in edges.get(name).into_iter().flatten() {
            if seen.insert(*target) {
                next.push(target);
            }
        }
    }
    seen
}

#[test]
fn modules_beside_each_other_import_in_one_direction() {
    let graph = Graph::new();
    let imports = graph.imports();
    let resolved = imports.iter().filter(|(from, to)| from != to).count();
    assert!(resolved > 500, "imports are found: {resolved}");
    let mut siblings: BTreeMap<&[String], BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (from, to) in &imports {
        let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        if let (Some(a), Some(b)) = (from.get(shared), to.get(shared))
            && a != "error"
            && b != "error"
        {
            siblings.entry(&from[..shared]).or_default().entry(a).or_default().insert(b);
        }
    }
    let mut circles = Vec::new();
    for (parent, edges) in &siblings {
        for name in edges.keys().filter(|name| reachable(name, edges).contains(*name)) {
            circles.push(format!("src/{}/{name}", parent.join("/")));
        }
    }
    assert!(circles.is_empty(), "these modules import each other in a circle: {}", circles.join(", "));
}
