use std::path::Path;

/// How values are found in the text of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Source code: only quoted values are secrets. A name without quotes is a variable.
    Code,
    /// Prose: a value is one word.
    Prose,
    /// Settings and all other text: a value is the rest of the line.
    Settings,
}

/// Extensions of source code. Shell scripts are read as settings: their values have no quotes.
const CODE: [&str; 39] = [
    "c", "cc", "cpp", "cs", "cu", "cuh", "cxx", "dart", "el", "ex", "go", "h", "hpp", "hs", "ipynb", "java", "jl",
    "js", "jsx", "kt", "lua", "m", "mjs", "ml", "nim", "php", "pl", "py", "pyi", "pyx", "r", "rb", "rs", "scala",
    "sql", "swift", "ts", "tsx", "zig",
];

/// Extensions of prose.
const PROSE: [&str; 8] = ["adoc", "bib", "htm", "html", "md", "org", "rst", "tex"];

impl TextKind {
    /// The kind for a file name, from its extension.
    pub fn of(path: &str) -> Self {
        let extension = Path::new(path).extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some(extension) if CODE.contains(&extension) => Self::Code,
            Some(extension) if PROSE.contains(&extension) => Self::Prose,
            _ => Self::Settings,
        }
    }
}
