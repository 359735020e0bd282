use super::*;
use std::fs;
use std::path::PathBuf;

use super::super::digest::sha256;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/skip_thought")
}

/// The folder's files, which may be changed, and a place for tables.
fn copied() -> (tempfile::TempDir, PathBuf, PathBuf) {
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

fn opened(files: &Path, tables: &Path, variant: Variant) -> Result<SkipThought, TextError> {
    published(files, tables, variant, &Device::flex(), &|path| Ok::<_, TextError>(sha256(path)?))
}

fn error(files: &Path, tables: &Path, variant: Variant) -> String {
    let error = opened(files, tables, variant).unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {source}")
}

/// The largest difference from what the formulas give, over all captions, with and without the end of the sentence.
fn difference(folder: &Path) -> f32 {
    let tables = tempfile::tempdir().unwrap();
    let captions: Vec<String> = serde_json::from_slice(&fs::read(folder.join("captions.json")).unwrap()).unwrap();
    let mut worst = 0.0f32;
    for variant in Variant::ALL {
        let encoder = opened(folder, tables.path(), variant).unwrap();
        for (use_eos, name) in [(false, "expected_plain.npy"), (true, "expected_eos.npy")] {
            let expected = super::super::table::Table::open(&folder.join(name)).unwrap();
            let encoded = encoder.encode_all(&captions, variant, use_eos).unwrap();
            assert_eq!((encoded.vectors.len(), encoded.unknown), (expected.rows(), 4));
            for (row, vector) in encoded.vectors.iter().enumerate() {
                let of_uni =
                    encoder.dimension(variant).unwrap() - if variant == Variant::Combine { half(folder) } else { 0 };
                let expected = match variant {
                    Variant::Uni => &expected.row(row)[..of_uni],
                    Variant::Bi => &expected.row(row)[expected.dimension() - half(folder)..],
                    Variant::Combine => expected.row(row),
                };
                assert_eq!(vector.len(), expected.len());
                worst = vector.iter().zip(expected).fold(worst, |worst, (a, b)| worst.max((a - b).abs()));
            }
        }
    }
    worst
}

/// How many numbers bi-skip's part has.
fn half(folder: &Path) -> usize {
    2 * options_of(&folder.join("bi_skip.npz")).unwrap().hidden
}

#[test]
fn vectors_of_all_variants_are_those_of_the_formulas() {
    let off = difference(&fixtures());
    assert!(off < 1e-6, "{off}");
}

#[test]
fn vectors_at_the_published_lengths_are_those_of_the_formulas() {
    let Some(folder) = std::env::var_os("JEM_TEST_SKIP_THOUGHT") else {
        eprintln!("skipped: JEM_TEST_SKIP_THOUGHT names no folder (`tests/reference/skip_thought.py full` makes it)");
        return;
    };
    let off = difference(Path::new(&folder));
    eprintln!("differs from the formulas by at most {off:e}");
    assert!(off < 1e-5, "{off}");
}

#[test]
fn a_variant_reads_only_its_files() {
    let (_folder, files, tables) = copied();
    for name in ["btable.npy", "bi_skip.npz", "bi_skip.npz.pkl"] {
        fs::remove_file(files.join(name)).unwrap();
    }
    let uni = opened(&files, &tables, Variant::Uni).unwrap();
    let error = uni.encode_all(&["red"], Variant::Combine, false).unwrap_err();
    assert_eq!(error.to_string(), "the encoder has no bi-skip");
    assert!(self::error(&files, &tables, Variant::Bi).contains("bi_skip.npz.pkl: cannot be read"));
    assert_eq!(published_files(Variant::Uni), ["dictionary.txt", "utable.npy", "uni_skip.npz"]);
    assert_eq!(published_files(Variant::Combine).len(), 5);
}

#[test]
fn a_table_that_was_put_down_under_a_hash_is_not_made_again() {
    let (_folder, files, tables) = copied();
    opened(&files, &tables, Variant::Uni).unwrap();
    // Whoever remembers the hash need not read the file again.
    let hash = sha256(&files.join("utable.npy")).unwrap();
    fs::write(files.join("utable.npy"), b"no table").unwrap();
    let remembered = |_: &Path| Ok::<_, TextError>(hash.clone());
    assert!(published(&files, &tables, Variant::Uni, &Device::flex(), &remembered).is_ok());
    assert!(error(&files, &tables, Variant::Uni).contains("utable.npy"));
}

#[test]
fn options_may_be_json_and_have_to_be_those_of_the_archive() {
    let (_folder, files, tables) = copied();
    fs::remove_file(files.join("uni_skip.npz.pkl")).unwrap();
    let json = files.join("uni_skip.npz.json");
    fs::write(&json, r#"{"dim_word": 6, "dim": 5, "encoder": "gru"}"#).unwrap();
    assert_eq!(opened(&files, &tables, Variant::Uni).unwrap().dimension(Variant::Uni).unwrap(), 5);
    for (text, part) in [
        (r#"{"dim_word": 6, "dim": 4}"#, "`encoder_W` is [6, 10], not [6, 8]; `encoder_U` is [5, 10]"),
        (r#"{"dim_word": 6}"#, "`dim` is no int between 1 and 32768"),
        (r#"{"dim_word": 6, "dim": 5, "encoder": "lstm"}"#, "`encoder` is \"lstm\", not \"gru\""),
        ("{", "uni_skip.npz.json: EOF"),
    ] {
        fs::write(&json, text).unwrap();
        let error = error(&files, &tables, Variant::Uni);
        assert!(error.contains(part), "{error}");
    }
    fs::write(files.join("uni_skip.npz.pkl"), b"cos\nsystem\n(S'true'\ntR.").unwrap();
    assert!(error(&files, &tables, Variant::Uni).ends_with("global `os.system` at byte 0 is refused"));
}

#[test]
fn a_dictionary_that_is_not_of_its_table_is_refused() {
    let (_folder, files, tables) = copied();
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
fn a_page_in_place_of_any_of_the_files_is_called_a_page() {
    for name in ["dictionary.txt", "utable.npy", "uni_skip.npz", "uni_skip.npz.pkl"] {
        let (_folder, files, tables) = copied();
        fs::write(files.join(name), "<!DOCTYPE html><html>Not found</html>").unwrap();
        let error = error(&files, &tables, Variant::Uni);
        assert!(error.contains(&format!("{name}: a web page, not")), "{error}");
    }
}
