use super::*;
use crate::random::Random;
use crate::text::skip_thought::GruParts;

fn parts(input: usize, hidden: usize, name: &str) -> GruParts {
    GruParts::from_fn(input, hidden, |array, count| Random::named(5, &format!("{name} {array}")).normals(count))
}

fn file(backward: bool) -> EncoderFile {
    let words = ["<eos>", "UNK", "red", "flower", ","].map(str::to_owned).to_vec();
    EncoderFile {
        embedding: Random::named(5, "embedding").normals(words.len() * 3),
        words,
        dimension: 3,
        forward: parts(3, 4, "forward"),
        backward: backward.then(|| parts(3, 4, "backward")),
        tokeniser: "nltk".into(),
        use_eos: true,
        about: String::new(),
        sha256: String::new(),
    }
}

fn encoder(backward: bool) -> SkipThought {
    SkipThought::from_file(file(backward), &Device::flex()).unwrap()
}

fn encode(encoder: &SkipThought, variant: Variant, caption: &str, use_eos: bool) -> Vec<f32> {
    encoder.encode_all(&[caption], variant, use_eos).unwrap().vectors.remove(0)
}

#[test]
fn the_vector_of_a_caption_does_not_depend_on_other_captions() {
    let encoder = encoder(true);
    let captions: Vec<String> =
        (0..300usize).map(|n| ["red ", "flower, ", "blue "].concat().repeat(n % 7) + "red").collect();
    let encoded = encoder.encode_all(&captions, Variant::Bi, true).unwrap();
    assert_eq!((encoded.vectors.len(), encoded.unknown, encoder.dimension(Variant::Bi).unwrap()), (300, 0, 8));
    for index in [0, 1, 6, 150, 299] {
        let alone = encode(&encoder, Variant::Bi, &captions[index], true);
        assert!(encoded.vectors[index].iter().zip(&alone).all(|(a, b)| (a - b).abs() < 1e-6));
        assert!((alone.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn the_vector_of_an_empty_caption_is_zero_or_that_of_eos() {
    let encoder = encoder(false);
    let encoded = encoder.encode_all(&["", " \u{a0}", "red", "?!", ","], Variant::Uni, false).unwrap();
    assert_eq!(encoded.vectors[..2], [[0.0; 4], [0.0; 4]]);
    // Punctuation marks are words, known or unknown.
    assert_eq!(encoded.unknown, 3);
    assert_eq!(encoded.vectors[3], encode(&encoder, Variant::Uni, "blue green", false));
    assert!(encoded.vectors[2..].iter().all(|vector| vector.iter().any(|&entry| entry != 0.0)));
    let ended = encoder.encode_all(&["", "  "], Variant::Uni, true).unwrap();
    assert_eq!((ended.unknown, &ended.vectors[0]), (2, &ended.vectors[1]));
    assert_ne!(ended.vectors[0], [0.0; 4]);
    assert!(encoder.encode_all::<&str>(&[], Variant::Uni, true).unwrap().vectors.is_empty());
}

#[test]
fn vectors_depend_on_order_case_and_direction() {
    let (uni, bi) = (encoder(false), encoder(true));
    assert_ne!(encode(&uni, Variant::Uni, "red flower", false), encode(&uni, Variant::Uni, "flower red", false));
    assert_ne!(encode(&uni, Variant::Uni, "Red", false), encode(&uni, Variant::Uni, "red", false));
    assert_eq!(encode(&uni, Variant::Uni, "Red", false), encode(&uni, Variant::Uni, "UNK", false));
    // Both encoders have the same forward unit, but its part of the vector of bi-skip is shorter.
    let (alone, both) =
        (encode(&uni, Variant::Uni, "red flower", false), encode(&bi, Variant::Bi, "red flower", false));
    let factor = both[0] / alone[0];
    assert!(factor < 1.0 && both.iter().zip(&alone).all(|(b, a)| (b - a * factor).abs() < 1e-6));
}

#[test]
fn a_very_long_caption_is_encoded() {
    let vector = encode(&encoder(true), Variant::Bi, &"red flower ".repeat(3_000), true);
    assert!(vector.iter().all(|entry| entry.is_finite()));
}

#[test]
fn parts_that_do_not_match_are_rejected() {
    let device = Device::flex();
    let error = |change: &dyn Fn(&mut EncoderFile)| {
        let mut changed = file(false);
        change(&mut changed);
        let error = SkipThought::from_file(changed, &device).unwrap_err();
        assert!(error.help().is_some(), "{error}");
        error.to_string()
    };
    assert_eq!(error(&|file| file.tokeniser = "sed".into()), "unknown tokeniser \"sed\"");
    assert!(error(&|file| file.embedding.truncate(12)).contains("5 words, but the table has 4 rows"));
    assert!(error(&|file| file.embedding.truncate(13)).contains("the embedding has 4 rows"));
    assert!(error(&|file| file.words[1] = "blue".into()).contains("missing word `UNK` in a dictionary of 5 words"));
    assert!(
        error(&|file| file.forward = parts(2, 4, "narrow"))
            .contains("word vectors have dimension 3, but the recurrent unit requires 2")
    );
    assert!(encoder(false).dimension(Variant::Bi).is_err() && encoder(true).dimension(Variant::Combine).is_err());
    let plain = EncoderFile { tokeniser: "plain".into(), ..file(false) };
    let plain = SkipThought::from_file(plain, &device).unwrap();
    assert_eq!(
        encode(&plain, Variant::Uni, "RED, flower!", false),
        encode(&encoder(false), Variant::Uni, "red flower", false)
    );
}
