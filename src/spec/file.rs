//! Reads an experiment: the file, its base file, environment variables and `--set`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::embedded::{EMBEDDED, embedded};
use super::layer::Layer;
use super::location::{Lines, Location, Section};
use super::{SpecError, Violation};

/// The prefix of environment variables with settings: `JEM_SET_DATA__ROOT` sets `data.root`.
const ENVIRONMENT_PREFIX: &str = "JEM_SET_";

/// An experiment as it was read, before its settings are checked.
#[derive(Debug)]
pub struct ExperimentSpec {
    /// The name in errors: the path of the file, or of the embedded file.
    pub origin: String,
    /// The file's name without folder and extension, the default of `name`.
    pub stem: String,
    /// The file's text, which is stored with every revision.
    pub text: String,
    /// The file as a table, without `extends`.
    pub table: toml::Table,
    /// The line of each key in the file.
    pub lines: Lines,
    /// The settings of the base file; empty without `extends`.
    pub base: Layer,
    /// The settings of environment variables, one layer per variable.
    pub environment: Vec<Layer>,
    /// The settings of `--set`, in order: the parts of the dotted key and the value.
    pub sets: Vec<(Vec<String>, toml::Value)>,
    /// The errors that were found while reading.
    pub violations: Vec<Violation>,
}

impl ExperimentSpec {
    /// Reads the experiment `name`: a file, the file `experiments/<name>.toml`, or an embedded experiment.
    ///
    /// `environment` are the environment variables, in any encoding; those without the prefix are ignored.
    ///
    /// # Errors
    ///
    /// If there is no such experiment, or its file is not valid TOML. [`Plan::new`](super::Plan::new) reports all other
    /// errors.
    pub fn read(
        name: &str,
        sets: &[String],
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, SpecError> {
        let (origin, folder, text) = find(name)?;
        Self::parse(origin, text, Some(&folder), sets, environment)
    }

    /// Parses an experiment that is not in a file. It can extend only an embedded base file.
    ///
    /// # Errors
    ///
    /// If the text is not valid TOML.
    pub fn from_text(
        origin: &str,
        text: &str,
        sets: &[String],
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, SpecError> {
        Self::parse(origin.to_owned(), text.to_owned(), None, sets, environment)
    }

    fn parse(
        origin: String,
        text: String,
        folder: Option<&Path>,
        sets: &[String],
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, SpecError> {
        let mut table = parse(&origin, &text)?;
        let mut violations = Vec::new();
        let lines = Lines::of(&text);
        let extends = Location { origin: origin.clone(), line: lines.get("extends"), section: Section::Top };
        let base = match table.remove("extends") {
            None => Ok(Layer::default()),
            Some(toml::Value::String(base)) => read_base(&base, folder, &extends),
            Some(other) => {
                let problem = format!("has the type {}, but must be the path of a base file", other.type_str());
                Err(extends.violation("extends", problem).help("write extends = \"base/jem.toml\""))
            }
        };
        let base = base.unwrap_or_else(|violation| {
            violations.push(violation);
            Layer::default()
        });
        let environment = environment_layers(environment, &mut violations);
        let sets = sets.iter().filter_map(|set| parse_set(set).map_err(|v| violations.push(v)).ok()).collect();
        let stem = Path::new(&origin).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { origin, stem, text, table, lines, base, environment, sets, violations })
    }
}

/// The origin, the folder that `extends` is relative to, and the text.
fn find(name: &str) -> Result<(String, PathBuf, String), SpecError> {
    let named = format!("experiments/{name}.toml");
    for candidate in [name, &named] {
        let path = Path::new(candidate);
        if path.is_file() {
            let text = std::fs::read_to_string(path)
                .map_err(|source| SpecError::Read { path: candidate.to_owned(), source })?;
            return Ok((candidate.to_owned(), path.parent().map(Path::to_owned).unwrap_or_default(), text));
        }
    }
    match embedded(&format!("{name}.toml")) {
        Some(file) => Ok((named, PathBuf::from("experiments"), file.text.to_owned())),
        None => {
            let experiments = EMBEDDED.iter().filter(|file| !is_base(file.path));
            let known = experiments.map(|file| file.path.trim_end_matches(".toml")).collect();
            let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let similar = stem.filter(|stem| Path::new("experiments").join(format!("{stem}.toml")).is_file());
            Err(SpecError::Unknown { name: name.to_owned(), similar, known })
        }
    }
}

fn parse(origin: &str, text: &str) -> Result<toml::Table, SpecError> {
    text.parse::<toml::Table>().map_err(|error| SpecError::Violations(vec![malformed(origin, &error)]))
}

/// The violation for a file that is not valid TOML.
fn malformed(origin: &str, error: &toml::de::Error) -> Violation {
    let help = "the marked text is not valid TOML; the rest of the file was not checked";
    Violation::new(origin, "", error.to_string().trim_end().to_owned()).help(help)
}

/// Reads a base file: from the folder of the experiment if there is one, else from the embedded files.
fn read_base(base: &str, folder: Option<&Path>, extends: &Location) -> Result<Layer, Violation> {
    let path = folder.unwrap_or(Path::new("")).join(base);
    let read = match folder {
        Some(_) => std::fs::read_to_string(&path),
        None => Err(std::io::ErrorKind::NotFound.into()),
    };
    let text = match (read, embedded(base)) {
        (Ok(text), _) => text,
        (Err(_), Some(file)) => file.text.to_owned(),
        (Err(error), None) => {
            let bases: Vec<&str> = EMBEDDED.iter().map(|file| file.path).filter(|path| is_base(path)).collect();
            let violation =
                extends.violation("extends", format!("is {}, which cannot be read: {error}", path.display()));
            return Err(violation.help(format!("the base files that come with jem are {}", bases.join(", "))));
        }
    };
    let origin = path.display().to_string();
    let table = text.parse::<toml::Table>().map_err(|error| malformed(&origin, &error))?;
    Ok(Layer::new(&table, Section::Top, &origin, &Lines::of(&text), ""))
}

/// Whether an embedded file is a base file and not an experiment.
fn is_base(path: &str) -> bool {
    path.starts_with("base/")
}

/// The settings of environment variables. Only variables with the prefix must be UTF-8.
fn environment_layers(
    variables: impl Iterator<Item = (OsString, OsString)>,
    violations: &mut Vec<Violation>,
) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    for (name, value) in variables {
        if !name.as_encoded_bytes().starts_with(ENVIRONMENT_PREFIX.as_bytes()) {
            continue;
        }
        let location = Location::outside(format!("environment variable {}", name.to_string_lossy()));
        let text = name.to_str().and_then(|name| Some((name.strip_prefix(ENVIRONMENT_PREFIX)?, value.to_str()?)));
        match text {
            Some((name, text)) => {
                layers.push(Layer::one(&name.to_lowercase().replace("__", "."), scalar(text), location));
            }
            None => {
                let violation = Violation::new(location.origin, "", "the name or the value is not UTF-8");
                violations.push(violation.help("encode it as UTF-8, or unset it"));
            }
        }
    }
    layers.sort_by(|a, b| a.location.origin.cmp(&b.location.origin));
    layers
}

/// Parses a TOML value. Other text is a string, so that `--set data.root=../flowers` needs no quotes.
fn scalar(text: &str) -> toml::Value {
    let table = format!("value = {text}").parse::<toml::Table>();
    match table.ok().filter(|table| table.len() == 1).and_then(|mut table| table.remove("value")) {
        Some(value) => value,
        None => toml::Value::String(text.to_owned()),
    }
}

/// Parses `key=value`, where the key has TOML syntax: `grid."guide.segmentation"=["full"]`.
fn parse_set(set: &str) -> Result<(Vec<String>, toml::Value), Violation> {
    let malformed = || {
        Violation::new("--set", set, "is not an assignment").help("write --set key=value, such as --set train.batch=32")
    };
    let (key, value) = set.split_once('=').ok_or_else(malformed)?;
    let table = format!("{key} = 0").parse::<toml::Table>().map_err(|_| malformed())?;
    let mut path = Vec::new();
    let mut level = &table;
    while let Some((name, inner)) = level.iter().next() {
        path.push(name.clone());
        match inner {
            toml::Value::Table(table) => level = table,
            _ => break,
        }
    }
    Ok((path, scalar(value.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_accepts_toml_values_and_unquoted_text() {
        assert_eq!(parse_set("train.batch=8").unwrap().1, toml::Value::Integer(8));
        assert_eq!(parse_set("data.root=../flowers").unwrap().1, toml::Value::String("../flowers".into()));
        let (path, value) = parse_set("grid.\"guide.segmentation\"=[\"full\"]").unwrap();
        assert_eq!(path, ["grid", "guide.segmentation"]);
        assert!(value.is_array());
        assert!(parse_set("train.batch").is_err());
    }

    #[test]
    fn environment_variables_set_dotted_keys() {
        let variables = [("JEM_SET_DATA__ROOT", "/flowers"), ("PATH", "/bin"), ("JEM_SET_TRAIN__BATCH", "8")];
        let mut violations = Vec::new();
        let layers = environment_layers(variables.iter().map(|(k, v)| (k.into(), v.into())), &mut violations);
        assert!(violations.is_empty());
        assert_eq!(layers.len(), 2);
        assert_eq!(layers[0].entries["data.root"].value, toml::Value::String("/flowers".into()));
        assert_eq!(layers[1].entries["train.batch"].value, toml::Value::Integer(8));
    }

    #[test]
    fn a_variable_that_is_not_utf8_is_an_error_only_with_the_prefix() {
        use std::os::unix::ffi::OsStringExt as _;
        let not_utf8 = || OsString::from_vec(b"caf\xe9".to_vec());
        let name = || OsString::from_vec(b"JEM_SET_\xe9".to_vec());
        let mut violations = Vec::new();
        let layers = environment_layers(
            [("UNRELATED".into(), not_utf8()), (not_utf8(), "1".into())].into_iter(),
            &mut violations,
        );
        assert!(layers.is_empty() && violations.is_empty());
        let invalid = [("JEM_SET_DATA__ROOT".into(), not_utf8()), (name(), "1".into())];
        assert!(environment_layers(invalid.into_iter(), &mut violations).is_empty());
        assert_eq!(violations.len(), 2);
        assert!(
            violations[0].to_string().contains("JEM_SET_DATA__ROOT") && violations[0].help.is_some(),
            "{}",
            violations[0]
        );
    }

    #[test]
    fn the_error_for_an_unknown_name_lists_the_experiments() {
        let error = ExperimentSpec::read("no-such", &[], std::iter::empty()).unwrap_err();
        assert!(error.help().unwrap().contains("oxford-small"));
    }
}
