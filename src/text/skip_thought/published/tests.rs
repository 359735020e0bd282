use super::*;
use std::fs;
use std::path::PathBuf;

use super::super::digest::sha256;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/skip_thought")
}

/// A temporary folder, a copy of the fixtures in it, and a folder for tables.
fn copy_fixtures() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    fs::create_dir(&files).unwrap();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), files.join(entry.file_name())).unwrap();
    }
    let tables = folder.path().join("tables");
    (folder, files, tables)
}

fn open(files: &Path, tables: &Path, variant: Variant) -> Result<SkipThought, TextError> {
    open_published(files, tables, variant, &Device::flex(), &|path| Ok::<_, TextError>(sha256(path)?))
}

fn error(files: &Path, tables: &Path, variant: Variant) -> String {
    let error = open(files, tables, variant).unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {source}")
}

/// The largest difference between the encoder and the formulas, over all captions, with and without `<eos>`.
fn difference(folder: &Path) -> f32 {
    let tables = tempfile::tempdir().unwrap();
    let captions: Vec<String> = serde_json::from_slice(&fs::read(folder.join("captions.json")).unwrap()).unwrap();
    let mut largest = 0.0f32;
    for variant in Variant::ALL {
        let encoder = open(folder, tables.path(), variant).unwrap();
        for (use_eos, name) in [(false, "expected_plain.npy"), (true, "expected_eos.npy")] {
            let expected = super::super::table::Table::open(&folder.join(name)).unwrap();
            let encoded = encoder.encode_all(&captions, variant, use_eos).unwrap();
            assert_eq!((encoded.vectors.len(), encoded.unknown), (expected.rows(), 4));
            for (row, vector) in encoded.vectors.iter().enumerate() {
                let dimension = encoder.dimension(variant).unwrap();
                let expected = match variant {
                    Variant::Uni => &expected.row(row)[..dimension],
                    Variant::Bi => &expected.row(row)[expected.dimension() - dimension..],
                    Variant::Combine => expected.row(row),
                };
                assert_eq!(vector.len(), expected.len());
                largest = vector.iter().zip(expected).fold(largest, |largest, (a, b)| largest.max((a - b).abs()));
            }
        }
    }
    largest
}

#[test]
fn vectors_of_all_variants_equal_the_formulas() {
    let difference = difference(&fixtures());
    assert!(difference < 1e-6, "{difference}");
}

#[test]
fn vectors_of_the_published_dimensions_equal_the_formulas() {
    let Some(folder) = std::env::var_os("JEM_TEST_SKIP_THOUGHT") else {
        eprintln!(
            "skipped: JEM_TEST_SKIP_THOUGHT is not set (`tests/reference/skip_thought.py full` creates the folder)"
        );
        return;
    };
    let difference = difference(Path::new(&folder));
    eprintln!("largest difference from the formulas: {difference:e}");
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn a_variant_reads_only_its_files() {
    let (_folder, files, tables) = copy_fixtures();
    for name in ["btable.npy", "bi_skip.npz", "bi_skip.npz.pkl"] {
        fs::remove_file(files.join(name)).unwrap();
    }
    let uni = open(&files, &tables, Variant::Uni).unwrap();
    let error = uni.encode_all(&["red"], Variant::Combine, false).unwrap_err();
    assert_eq!(error.to_string(), "the encoder has no bi-skip model");
    assert!(self::error(&files, &tables, Variant::Bi).contains("bi_skip.npz.pkl: cannot be read"));
    assert_eq!(published_files(Variant::Uni), ["dictionary.txt", "utable.npy", "uni_skip.npz"]);
    assert_eq!(published_files(Variant::Combine).len(), 5);
}

#[test]
fn a_table_is_converted_once() {
    let (_folder, files, tables) = copy_fixtures();
    open(&files, &tables, Variant::Uni).unwrap();
    // With a known hash the file is not read.
    let hash = sha256(&files.join("utable.npy")).unwrap();
    fs::write(files.join("utable.npy"), b"no table").unwrap();
    let known_hash = |_: &Path| Ok::<_, TextError>(hash.clone());
    assert!(open_published(&files, &tables, Variant::Uni, &Device::flex(), &known_hash).is_ok());
    assert!(error(&files, &tables, Variant::Uni).contains("utable.npy"));
}

#[test]
fn options_may_be_json_and_must_match_the_archive() {
    let (_folder, files, tables) = copy_fixtures();
    fs::remove_file(files.join("uni_skip.npz.pkl")).unwrap();
    let json = files.join("uni_skip.npz.json");
    fs::write(&json, r#"{"dim_word": 6, "dim": 5, "encoder": "gru"}"#).unwrap();
    assert_eq!(open(&files, &tables, Variant::Uni).unwrap().dimension(Variant::Uni).unwrap(), 5);
    for (text, part) in [
        (
            r#"{"dim_word": 6, "dim": 4}"#,
            "`encoder_W` has shape [6, 10], expected [6, 8]; `encoder_U` has shape [5, 10]",
        ),
        (r#"{"dim_word": 6}"#, "`dim` is not an int between 1 and 32768"),
        (r#"{"dim_word": 6, "dim": 5, "encoder": "lstm"}"#, "`encoder` is \"lstm\", expected \"gru\""),
        ("{", "uni_skip.npz.json: EOF"),
    ] {
        fs::write(&json, text).unwrap();
        let error = error(&files, &tables, Variant::Uni);
        assert!(error.contains(part), "{error}");
    }
    fs::write(files.join("uni_skip.npz.pkl"), b"cos\nsystem\n(S'true'\ntR.").unwrap();
    assert!(error(&files, &tables, Variant::Uni).ends_with("global `os.system` at byte 0 is not allowed"));
}

#[test]
fn a_dictionary_that_does_not_match_the_table_is_rejected() {
    let (_folder, files, tables) = copy_fixtures();
    let dictionary = files.join("dictionary.txt");
    let text = fs::read_to_string(&dictionary).unwrap();
    let rows = text.lines().count();
    for (changed, words) in
        [(format!("{text}more\n"), rows + 1), (text.trim_end().rsplit_once('\n').unwrap().0.into(), rows - 1)]
    {
        fs::write(&dictionary, changed).unwrap();
        let error = error(&files, &tables, Variant::Uni);
        assert!(
            error.contains(&format!("{words} words, but")) && error.contains(&format!("utable.npy has {rows} rows")),
            "{error}"
        );
    }
    fs::write(&dictionary, [text.as_bytes(), b"\xff\n"].concat()).unwrap();
    assert!(error(&files, &tables, Variant::Uni).contains(&format!("line {} is not UTF-8", rows + 1)));
}

#[test]
fn a_web_page_in_place_of_a_file_is_recognised() {
    for name in ["dictionary.txt", "utable.npy", "uni_skip.npz", "uni_skip.npz.pkl"] {
        let (_folder, files, tables) = copy_fixtures();
        fs::write(files.join(name), "<!DOCTYPE html><html>Not found</html>").unwrap();
        let error = error(&files, &tables, Variant::Uni);
        assert!(error.contains(&format!("{name}: a web page, not")), "{error}");
    }
}
