//! Reading an experiment: the file, the base that it extends, the environment and `--set`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::embedded::{EMBEDDED, embedded};
use super::layer::Layer;
use super::place::{Lines, Part, Place};
use super::{SpecError, Violation};

/// The prefix of environment variables that set something: `JEM_SET_DATA__ROOT` sets `data.root`.
const ENVIRONMENT_PREFIX: &str = "JEM_SET_";

/// An experiment as written, before any check of its meaning.
#[derive(Debug)]
pub struct ExperimentSpec {
    /// What errors call it: its path, or its name among the embedded ones.
    pub origin: String,
    /// The file's name without folder and ending, the default of `name`.
    pub stem: String,
    /// The file's text, kept with every revision.
    pub text: String,
    /// The file as a table, without `extends`.
    pub table: toml::Table,
    /// The lines of the file.
    pub lines: Lines,
    /// What the base says; nothing when it extends none.
    pub base: Layer,
    /// Settings of the environment, by variable.
    pub environment: Vec<Layer>,
    /// Settings of `--set`, in order: the dotted key and its value.
    pub sets: Vec<(Vec<String>, toml::Value)>,
    /// What was wrong on the way here.
    pub violations: Vec<Violation>,
}

impl ExperimentSpec {
    /// Reads the experiment `name`: a file, the file `experiments/<name>.toml`, or one that comes with jem.
    ///
    /// `environment` are the process's variables, in whatever encoding; those without the prefix are passed over.
    ///
    /// # Errors
    ///
    /// If there is no such experiment, or its file is no TOML. What its meaning violates is kept for the plan.
    pub fn read(
        name: &str,
        sets: &[String],
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, SpecError> {
        let (origin, folder, text) = find(name)?;
        Self::parse(origin, text, Some(&folder), sets, environment)
    }

    /// An experiment that is in no file. It may extend a base that comes with jem, and no other.
    ///
    /// # Errors
    ///
    /// If the text is no TOML.
    pub fn of_text(
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
        let extends = Place { origin: origin.clone(), line: lines.get("extends"), part: Part::Top };
        let base = match table.remove("extends") {
            None => Ok(Layer::default()),
            Some(toml::Value::String(base)) => read_base(&base, folder, &extends),
            Some(other) => {
                let problem = format!("holds {}, but must be the path of a base file", other.type_str());
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

/// The origin, the folder that `extends` starts from, and the text.
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
            let runnable = EMBEDDED.iter().filter(|file| !is_base(file.path));
            let known = runnable.map(|file| file.path.trim_end_matches(".toml")).collect();
            Err(SpecError::Unknown { name: name.to_owned(), known })
        }
    }
}

fn parse(origin: &str, text: &str) -> Result<toml::Table, SpecError> {
    text.parse::<toml::Table>().map_err(|error| SpecError::Violations(vec![malformed(origin, &error)]))
}

/// A file that is no TOML: nothing else can be said of it.
fn malformed(origin: &str, error: &toml::de::Error) -> Violation {
    let help = "the marked place is no TOML; the rest of the file was not looked at";
    Violation::new(origin, "", error.to_string().trim_end().to_owned()).help(help)
}

/// A base is looked for beside the file that extends it, where there is one, then among the embedded ones.
fn read_base(base: &str, folder: Option<&Path>, extends: &Place) -> Result<Layer, Violation> {
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
                extends.violation("extends", format!("names {}, which cannot be read: {error}", path.display()));
            return Err(violation.help(format!("the base files that come with jem: {}", bases.join(", "))));
        }
    };
    let origin = path.display().to_string();
    let table = text.parse::<toml::Table>().map_err(|error| malformed(&origin, &error))?;
    Ok(Layer::new(&table, Part::Top, &origin, &Lines::of(&text), ""))
}

/// Whether an embedded file is a base, and no experiment.
fn is_base(path: &str) -> bool {
    path.starts_with("base/")
}

/// Most variables are nobody's business here, and may be in any encoding; one that is to set something must be text.
fn environment_layers(
    variables: impl Iterator<Item = (OsString, OsString)>,
    violations: &mut Vec<Violation>,
) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    for (name, value) in variables {
        if !name.as_encoded_bytes().starts_with(ENVIRONMENT_PREFIX.as_bytes()) {
            continue;
        }
        let place = Place::outside(format!("environment variable {}", name.to_string_lossy()));
        let text = name.to_str().and_then(|name| Some((name.strip_prefix(ENVIRONMENT_PREFIX)?, value.to_str()?)));
        match text {
            Some((name, text)) => {
                layers.push(Layer::one(&name.to_lowercase().replace("__", "."), scalar(text), place));
            }
            None => {
                let violation = Violation::new(place.origin, "", "its name or value is no UTF-8 text");
                violations.push(violation.help("write it as UTF-8, or unset it"));
            }
        }
    }
    layers.sort_by(|a, b| a.place.origin.cmp(&b.place.origin));
    layers
}

/// A TOML value if the text is one, else the text itself: `--set data.root=../flowers` needs no quotes.
fn scalar(text: &str) -> toml::Value {
    let table = format!("value = {text}").parse::<toml::Table>();
    match table.ok().filter(|table| table.len() == 1).and_then(|mut table| table.remove("value")) {
        Some(value) => value,
        None => toml::Value::String(text.to_owned()),
    }
}

/// `key=value` with a key in TOML's own syntax: `grid."guide.segmentation"=["full"]`.
fn parse_set(set: &str) -> Result<(Vec<String>, toml::Value), Violation> {
    let malformed =
        || Violation::new("--set", set, "is no assignment").help("write --set key=value, such as --set train.batch=32");
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
    fn a_set_takes_toml_values_and_bare_text() {
        assert_eq!(parse_set("train.batch=8").unwrap().1, toml::Value::Integer(8));
        assert_eq!(parse_set("data.root=../flowers").unwrap().1, toml::Value::String("../flowers".into()));
        let (path, value) = parse_set("grid.\"guide.segmentation\"=[\"full\"]").unwrap();
        assert_eq!(path, ["grid", "guide.segmentation"]);
        assert!(value.is_array());
        assert!(parse_set("train.batch").is_err());
    }

    #[test]
    fn environment_variables_name_dotted_keys() {
        let variables = [("JEM_SET_DATA__ROOT", "/flowers"), ("PATH", "/bin"), ("JEM_SET_TRAIN__BATCH", "8")];
        let mut wrong = Vec::new();
        let layers = environment_layers(variables.iter().map(|(k, v)| (k.into(), v.into())), &mut wrong);
        assert!(wrong.is_empty());
        assert_eq!(layers.len(), 2);
        assert_eq!(layers[0].said["data.root"].value, toml::Value::String("/flowers".into()));
        assert_eq!(layers[1].said["train.batch"].value, toml::Value::Integer(8));
    }

    #[test]
    fn a_variable_that_is_no_text_is_refused_only_where_it_is_to_set_something() {
        use std::os::unix::ffi::OsStringExt as _;
        let no_text = || OsString::from_vec(b"caf\xe9".to_vec());
        let name = || OsString::from_vec(b"JEM_SET_\xe9".to_vec());
        let mut wrong = Vec::new();
        let layers =
            environment_layers([("UNRELATED".into(), no_text()), (no_text(), "1".into())].into_iter(), &mut wrong);
        assert!(layers.is_empty() && wrong.is_empty());
        let refused = [("JEM_SET_DATA__ROOT".into(), no_text()), (name(), "1".into())];
        assert!(environment_layers(refused.into_iter(), &mut wrong).is_empty());
        assert_eq!(wrong.len(), 2);
        assert!(wrong[0].to_string().contains("JEM_SET_DATA__ROOT") && wrong[0].help.is_some(), "{}", wrong[0]);
    }

    #[test]
    fn an_unknown_name_lists_what_there_is() {
        let error = ExperimentSpec::read("no-such", &[], std::iter::empty()).unwrap_err();
        assert!(error.help().unwrap().contains("oxford-small"));
    }
}
