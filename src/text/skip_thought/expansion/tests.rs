use super::*;
use crate::random::Random;
use crate::text::skip_thought::GruParts;

const D: usize = 3;
const E: usize = 2;

/// An encoder with ten words, and the text of a file of vectors with more words. The vectors of the encoder are `2x₀ −
/// x₁ + 1` and `x₂ − 3` of the vectors x of the file.
fn example() -> (EncoderFile, String) {
    let x = |n: usize| Random::named(n as u64, "vector").normals(D);
    let y = |x: &[f32]| [2.0 * x[0] - x[1] + 1.0, x[2] - 3.0];
    let known: Vec<String> = (0..10).map(|n| format!("w{n}")).collect();
    let words: Vec<String> = ["<eos>".to_owned(), "UNK".to_owned()].into_iter().chain(known).collect();
    let embedding: Vec<f32> = [[7.0, 7.0], [8.0, 8.0]].into_iter().chain((0..10).map(|n| y(&x(n)))).flatten().collect();
    let line = |word: &str, x: &[f32]| format!("{word} {} {} {}\n", x[0], x[1], x[2]);
    let more = [("new", 20), ("New", 21), ("two_words", 22), ("other", 23), ("new", 24)];
    let mut text: String = (0..10).map(|n| line(&format!("w{n}"), &x(n))).collect();
    text += &line("UNK", &[50.0, 50.0, 50.0]);
    text += &line("w3", &[9.0, 9.0, 9.0]);
    text.extend(more.map(|(word, n)| line(word, &x(n))));
    let encoder = EncoderFile {
        words,
        embedding,
        dimension: E,
        forward: GruParts { input: E, hidden: 1, ..GruParts::default() },
        backward: None,
        tokeniser: "nltk".into(),
        use_eos: true,
        about: "ten words".into(),
        sha256: "abc".into(),
    };
    (encoder, text)
}

fn vectors(text: &str) -> (tempfile::TempDir, VectorFile) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("glove.txt");
    std::fs::write(&path, text).unwrap();
    let file = VectorFile::open(&path).unwrap();
    (folder, file)
}

#[test]
fn new_words_are_mapped_and_existing_words_do_not_change() {
    let (encoder, text) = example();
    let (_folder, vectors) = vectors(&text);
    let (expanded, report) = expand(&encoder, &vectors, &|word| word != "other").unwrap();
    assert_eq!(expanded.words[..12], encoder.words);
    assert_eq!(expanded.words[12..], ["new", "New"]);
    assert_eq!(expanded.embedding[..24], encoder.embedding);
    for (row, seed) in [(12, 20), (13, 21)] {
        let x = Random::named(seed, "vector").normals(D);
        let expected = [2.0 * x[0] - x[1] + 1.0, x[2] - 3.0];
        let found = &expanded.embedding[row * E..][..E];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} {expected:?}");
    }
    assert_eq!((report.shared, report.added, report.rank), (10, 2, 3));
    assert!(report.unexplained < 1e-10 && (1.0..100.0).contains(&report.condition));
    assert!(expanded.about.starts_with("ten words; 2 words added by vectors ") && expanded.sha256.is_empty());
}

#[test]
fn too_few_shared_words_are_an_error() {
    let (mut encoder, text) = example();
    encoder.words.iter_mut().skip(5).for_each(|word| word.push('!'));
    let (_folder, vectors) = vectors(&text);
    let error = expand(&encoder, &vectors, &|_| true).unwrap_err();
    assert!(error.to_string().ends_with("shares 3 words with the encoder, but more than 3 are required"), "{error}");
}
