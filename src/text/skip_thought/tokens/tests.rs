use super::*;
use serde::Deserialize;

/// A text and the results of NLTK, as written by `tests/reference/tokens.py`.
#[derive(Deserialize)]
struct Reference {
    text: String,
    sentences: Vec<String>,
    words: Vec<Vec<String>>,
    tokens: Vec<String>,
}

/// Descriptions of all differences from NLTK.
fn differences(references: &[Reference]) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |text: &str, what: &str, ours: &[String], theirs: &[String]| {
        if ours != theirs {
            found.push(format!("{what} of {text:?}:\n  jem  {ours:?}\n  NLTK {theirs:?}"));
        }
    };
    for reference in references {
        compare(&reference.text, "sentences", &sentences(&reference.text), &reference.sentences);
        for (sentence, theirs) in reference.sentences.iter().zip(&reference.words) {
            compare(sentence, "words", &words(sentence), theirs);
        }
        compare(&reference.text, "tokens", &tokens(&reference.text), &reference.tokens);
    }
    found
}

#[test]
fn tokens_of_difficult_texts_equal_nltk() {
    let references: Vec<Reference> =
        serde_json::from_str(include_str!("../../../../tests/reference/tokens.json")).unwrap();
    assert!(references.len() > 60);
    let found = differences(&references);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn tokens_of_prose_equal_nltk() {
    let Some(path) = std::env::var_os("JEM_TEST_TOKENS") else {
        eprintln!("skipped: JEM_TEST_TOKENS is not set (`tests/reference/tokens.py prose` creates the file)");
        return;
    };
    let references: Vec<Reference> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let sentences: usize = references.iter().map(|reference| reference.sentences.len()).sum();
    let found = differences(&references);
    eprintln!("{} texts of {sentences} sentences: {} differences", references.len(), found.len());
    assert!(sentences >= 3000 && found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn long_texts_are_tokenised_in_linear_time() {
    let text = "The flower has (five) petals, e.g. red ones. ".repeat(2_000);
    assert_eq!(tokens(&text).len(), 2_000 * tokens("The flower has (five) petals, e.g. red ones.").len());
    for mark in [".", "'", "\"", "- ", ". "] {
        assert!(!tokens(&mark.repeat(20_000)).is_empty());
    }
}
