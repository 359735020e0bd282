use super::*;
use serde::Deserialize;

/// A text as tests/reference/tokens.py writes it, with what NLTK makes of it.
#[derive(Deserialize)]
struct Reference {
    text: String,
    sentences: Vec<String>,
    words: Vec<Vec<String>>,
    tokens: Vec<String>,
}

/// What differs from NLTK, in words.
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
fn hard_cases_are_split_as_by_nltk() {
    let references: Vec<Reference> =
        serde_json::from_str(include_str!("../../../../tests/reference/tokens.json")).unwrap();
    assert!(references.len() > 60);
    let found = differences(&references);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn prose_is_split_as_by_nltk() {
    let Some(path) = std::env::var_os("JEM_TEST_TOKENS") else {
        eprintln!("skipped: JEM_TEST_TOKENS names no file (`tests/reference/tokens.py prose` makes it)");
        return;
    };
    let references: Vec<Reference> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let sentences: usize = references.iter().map(|reference| reference.sentences.len()).sum();
    let found = differences(&references);
    eprintln!("{} texts of {sentences} sentences: {} differences", references.len(), found.len());
    assert!(sentences >= 3000 && found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_long_text_is_split_in_time_that_grows_with_it_alone() {
    let text = "The flower has (five) petals, e.g. red ones. ".repeat(2_000);
    assert_eq!(tokens(&text).len(), 2_000 * tokens("The flower has (five) petals, e.g. red ones.").len());
    for mark in [".", "'", "\"", "- ", ". "] {
        assert!(!tokens(&mark.repeat(20_000)).is_empty());
    }
}
