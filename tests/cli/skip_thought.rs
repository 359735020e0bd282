//! Skip-thought encoders: trained by a command and in an experiment, read, expanded, and queried.

use safetensors::SafeTensors;
use sha2::{Digest as _, Sha256};

use crate::lab::{DRAWN, Lab};
use crate::training::record;

/// The settings of a small encoder, besides [`DRAWN`].
const SMALL: [&str; 5] =
    ["data.classes=\"1-4\"", "text.fit.embedding=8", "text.fit.hidden=12", "text.fit.epochs=2", "text.fit.rate=5e-3"];

fn with_sets<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    crate::lab::with_sets(command, &[&DRAWN, &SMALL, more])
}

/// The vectors of a written file, and their dimension.
fn vectors(lab: &Lab, name: &str) -> (Vec<f32>, usize) {
    let bytes = std::fs::read(lab.path(name)).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let view = tensors.tensor("vectors").unwrap();
    let values = view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    (values, view.shape()[1])
}

#[test]
fn an_encoder_is_trained_and_finds_the_nearest_captions() {
    let lab = Lab::new();
    let printed = lab.succeed(&with_sets(&["weights", "fit", "skip-thought", "--out", "own.safetensors"], &[]));
    assert!(printed.contains("saved") && printed.contains("unigram perplexity"), "{printed}");
    assert!(printed.contains("text.weights = \"own.safetensors\", text.variant = \"uni\""), "{printed}");
    let ask =
        ["encode", "--nearest", "a red flower", "--count", "3", "--format", "json", "--weights", "own.safetensors"];
    let near: serde_json::Value = serde_json::from_str(&lab.succeed(&with_sets(&ask, &[]))).unwrap();
    assert_eq!(near.as_array().unwrap().len(), 3);
    let cosine = |at: usize| near[at]["cosine"].as_f64().unwrap();
    assert!(cosine(0) >= cosine(1) && cosine(1) >= cosine(2) && cosine(0) <= 1.0 + 1e-6, "{near}");
    let judge = ["encode", "--agreement", "train", "--format", "json", "--weights", "own.safetensors"];
    let judged: serde_json::Value = serde_json::from_str(&lab.succeed(&with_sets(&judge, &[]))).unwrap();
    let value = |key: &str| judged[0][key].as_f64().unwrap();
    assert!(value("by_chance") > 0.1 && value("by_chance") < 0.3, "{judged}");
    assert!(value("agreement") > value("by_chance"), "{judged}");
    // text.vectors reads the vectors of a data set.
    lab.succeed(&with_sets(&["encode", "--out", "all.safetensors", "--weights", "own.safetensors"], &[]));
    assert_eq!(vectors(&lab, "all.safetensors").1, 12);
    let bytes = std::fs::read(lab.path("all.safetensors")).unwrap();
    let (_, head) = SafeTensors::read_metadata(&bytes).unwrap();
    let about: serde_json::Value = serde_json::from_str(&head.metadata().as_ref().unwrap()["jem"]).unwrap();
    let own = std::fs::read(lab.path("own.safetensors")).unwrap();
    assert_eq!(about["weights"], hex::encode(Sha256::digest(own)), "by which encoder they were made");
    let given = ["text.encoder=\"vectors\"", "text.vectors=\"all.safetensors\"", "data.limit=20"];
    lab.succeed(&with_sets(&["prepare", "sweep.toml"], &given));
}

#[test]
fn the_published_files_give_the_vectors_of_the_formulas() {
    let lab = Lab::new();
    let files = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/skip_thought");
    let captions: Vec<String> = serde_json::from_slice(&std::fs::read(files.join("captions.json")).unwrap()).unwrap();
    std::fs::write(lab.path("captions.txt"), captions.join("\n") + "\n").unwrap();
    let files = files.to_str().unwrap();
    let write = ["encode", "--captions", "captions.txt", "--out", "them.safetensors", "--weights", files];
    lab.succeed(&[&write[..], &["--set", "text.variant=combine"]].concat());
    let (found, length) = vectors(&lab, "them.safetensors");
    assert_eq!(found.len(), captions.len() * length);
    let expected = std::fs::read(format!("{files}/expected_plain.npy")).unwrap();
    let expected: Vec<f32> = expected[expected.len() - 4 * found.len()..]
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0f32, f32::max);
    assert!(worst < 1e-5, "{worst:e}");
    assert!(lab.fail(2, &write).contains("already exists"));
}

#[test]
fn a_cell_trains_its_encoder_once() {
    let (lab, other) = (Lab::new(), Lab::new());
    let run = |epochs: &'static str| {
        let more = [
            "text.encoder=\"skip-thought\"",
            "text.weights=\"fit\"",
            "data.limit=20",
            "eval.items=2",
            "eval.measures=[\"colour_distance\", \"text_sensitivity\"]",
            "grid.method=[\"GAN-CLS-INT\", \"JEM-AlexNet\"]",
            epochs,
        ];
        with_sets(&["run", "sweep.toml"], &more)
    };
    lab.succeed(&run("train.epochs=1"));
    let fits = lab.path("jem.db.files/cache/fits");
    assert_eq!(std::fs::read_dir(&fits).unwrap().count(), 1, "both methods share it");
    let store = lab.store();
    let files: Vec<_> = store.runs("sweep").unwrap().iter().flat_map(|run| store.fitted(run.id).unwrap()).collect();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|file| file.setting == "text.weights" && file.sha256 == files[0].sha256), "{files:?}");
    drop(store);
    let report = std::fs::read_to_string(lab.path("reports/sweep/report.md")).unwrap();
    assert!(report.contains("the text encoder was trained on"), "{report}");
    assert!(lab.succeed(&["show", "1"]).contains("perplexity"));
    // A resumed run equals an uninterrupted one, and a new text is encoded like captions.
    lab.succeed(&run("train.epochs=2"));
    other.succeed(&run("train.epochs=2"));
    assert_eq!(record(&lab), record(&other));
    let output = lab.run(&["sample", "1", "--text", "a red flower, zygomorphic", "--count", "1", "--out", "it.png"]);
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && messages.contains("zygomorphic"), "{messages}");
    // Another file of the same recipe is an error.
    let fit = std::fs::read_dir(&fits).unwrap().next().unwrap().unwrap().path();
    std::fs::write(fit.join("encoder.safetensors"), "another").unwrap();
    let refused = lab.fail(3, &["sample", "1", "--text", "a red flower", "--count", "1", "--out", "other.png"]);
    assert!(refused.contains("not the file that was fitted here"), "{refused}");
}

#[test]
fn an_encoder_is_trained_on_a_text_and_expanded() {
    let lab = Lab::new();
    let sentence = |at: usize| format!("the {} flower is {} and {}\n", at % 7, at % 5, at % 3);
    let text: String = (0..200).map(|at| sentence(at) + if at % 10 == 9 { "\n" } else { "" }).collect();
    std::fs::write(lab.path("corpus.txt"), &text).unwrap();
    let fit = |out: &'static str| {
        with_sets(&["weights", "fit", "skip-thought", "--corpus", "corpus.txt", "--out", out], &["text.variant=bi"])
    };
    lab.succeed(&fit("one.safetensors"));
    std::fs::remove_dir_all(lab.path("jem.db.files")).unwrap();
    lab.succeed(&fit("two.safetensors"));
    assert_eq!(
        std::fs::read(lab.path("one.safetensors")).unwrap(),
        std::fs::read(lab.path("two.safetensors")).unwrap()
    );
    let words = ["the", "flower", "is", "and", "0", "1", "2", "3", "4", "5", "6", "rose"];
    let line = |(at, word): (usize, &&str)| format!("{word} {} {}\n", at as f64 * 0.5, (at * at) as f64 * 0.1);
    std::fs::write(lab.path("glove.txt"), words.iter().enumerate().map(line).collect::<String>()).unwrap();
    let expand = ["weights", "expand", "one.safetensors", "--vectors", "glove.txt", "--out", "more.safetensors"];
    let printed = lab.succeed(&[&expand[..], &["--format", "json"]].concat());
    let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&printed[0]["added"], &printed[0]["shared"]), (&1.into(), &11.into()), "{printed}");
    std::fs::write(lab.path("captions.txt"), "the rose\nthe tulip\n\n").unwrap();
    let bi = ["--set", "text.variant=bi"];
    let encode = |weights: &'static str, out: &'static str| {
        lab.succeed(&[&["encode", "--captions", "captions.txt", "--weights", weights, "--out", out], &bi[..]].concat());
        vectors(&lab, out).0
    };
    let (before, after) = (encode("one.safetensors", "a.safetensors"), encode("more.safetensors", "b.safetensors"));
    assert_eq!(before[..12], before[12..24], "two unknown words are one");
    assert_ne!(after[..12], after[12..24]);
    assert_eq!((&before[24..], &after[24..]), (&[0.0; 12][..], &[0.0; 12][..]), "an empty sentence");
}

#[test]
fn invalid_sentences_and_encoders_are_errors() {
    let lab = Lab::new();
    std::fs::write(lab.path("corpus.txt"), b"one\ntwo caf\xe9\n").unwrap();
    let fit =
        |more: &[&str]| lab.fail(3, &[&["weights", "fit", "skip-thought", "--corpus", "corpus.txt"], more].concat());
    let messages = fit(&[]);
    assert!(messages.contains("corpus.txt") && messages.contains("line 2"), "{messages}");
    std::fs::write(lab.path("corpus.txt"), "one\n\ntwo\n").unwrap();
    assert!(!fit(&[]).is_empty(), "no sentence has neighbours");
    std::fs::write(lab.path("latin.txt"), b"caf\xe9\n").unwrap();
    let encode = ["encode", "--captions", "corpus.txt", "--out", "it.safetensors", "--weights"];
    let nowhere = lab.fail(3, &[&encode[..], &["nowhere"]].concat());
    assert!(
        nowhere.contains("nowhere") && nowhere.contains("weights fetch uni-skip") && nowhere.contains("fit"),
        "{nowhere}"
    );
    std::fs::create_dir(lab.path("folder")).unwrap();
    let lacking = lab.fail(3, &[&encode[..], &["folder"]].concat());
    assert!(lacking.contains("dictionary.txt"), "{lacking}");
    std::fs::write(lab.path("own.safetensors"), "no encoder").unwrap();
    let damaged = lab.fail(3, &[&encode[..], &["own.safetensors"]].concat());
    assert!(damaged.contains("own.safetensors") && damaged.contains("train it again"), "{damaged}");
    let one = "text.weights=\"fit\"";
    let latin = lab.fail(3, &with_sets(&["encode", "--captions", "latin.txt", "--out", "it.safetensors"], &[one]));
    assert!(latin.contains("latin.txt: line 1 is not UTF-8") && latin.contains("iconv"), "{latin}");
    let unknown = lab.fail(2, &with_sets(&["encode", "--nearest", "?!"], &[one]));
    assert!(unknown.contains("knows no word of \"?!\""), "{unknown}");
    let both = lab.fail(2, &["encode", "--nearest", "red", "--agreement", "test"]);
    assert!(both.contains("cannot be used with"), "{both}");
    let neither = lab.fail(2, &["encode"]);
    assert!(neither.contains("--nearest <TEXT>") && neither.contains("--agreement <PART>"), "{neither}");
    let both = lab.fail(2, &["weights", "fit", "alexnet", "--corpus", "corpus.txt"]);
    assert!(both.contains("--corpus is for skip-thought"), "{both}");
}
