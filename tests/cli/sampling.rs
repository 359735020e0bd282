//! `jem sample`: images of a trained run, and errors.

use std::collections::BTreeMap;
use std::path::Path;

use image::GrayImage;
use jem::data::decode;
use jem::device::DeviceSpec;
use jem::prepare::{Cache, GuideImage, Inputs, caption_vectors, evaluation_guides, fingerprints, guide_features};
use jem::segment::Mask;
use jem::spec::Settings;
use jem::store::RunId;
use serde_json::Value;

use crate::lab::Lab;

/// Run 1 has no guide, run 2 has full guide images with masks, and run 3 only the foreground.
fn trained() -> Lab {
    let lab = Lab::new();
    // In six epochs at the default rate, no text changes an image by one level of 256.
    let rate = "optimizer.generator.rate=0.005";
    lab.succeed(&["run", "sweep.toml", "--set", "keep.every=2", "--set", rate]);
    lab
}

fn settings(lab: &Lab, run: i64) -> Settings {
    let record = lab.store().run(RunId(run)).unwrap().unwrap();
    let mut settings = Settings::from_values(record.settings.iter().map(|(key, value)| (key.as_str(), value))).unwrap();
    settings.data.root = lab.path("flowers");
    settings
}

/// Samples into a folder, and returns its files.
fn sample(lab: &Lab, out: &str, arguments: &[&str]) -> BTreeMap<String, Vec<u8>> {
    lab.succeed(&[&["sample"], arguments, &["--out", out]].concat());
    let files = std::fs::read_dir(lab.path(out)).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| (file.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(file).unwrap())).collect()
}

const TEXTS: [&str; 5] = ["1", "--text", "a red flower", "--text", "a white flower with round petals"];

#[test]
fn a_run_generates_the_requested_images() {
    let lab = trained();
    captions_in_a_grid(&lab);
    texts_noises_and_epochs(&lab);
    interpolations(&lab);
    guides(&lab);
    errors(&lab);
    inputs_as_in_training(&lab);
}

fn captions_in_a_grid(lab: &Lab) {
    let before = std::fs::read(lab.path("jem.db")).unwrap();
    let printed = lab.succeed(&["sample", "2", "--out", "grid.png", "--format", "json"]);
    let grid = decode(&lab.path("grid.png")).unwrap();
    // For each of three evaluation items: a caption, and an image of 32 pixels that is enlarged to 128.
    assert_eq!(grid.dimensions(), (2 * (24 + 180 + 68), 2 * (24 - 4 + 3 * 68)));
    let listed: Vec<Value> = serde_json::from_str(&printed).unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[2]["row"], 3);
    assert_eq!(listed[2]["column"], 1);
    for row in &listed {
        assert_eq!(row["file"], "grid.png");
        assert_eq!((&row["epoch"], &row["seed"]), (&Value::from(6), &Value::from(1)));
        assert!(row["text"].as_str().unwrap().contains("flower with round petals"), "{row}");
        assert!(row["guide"].as_str().unwrap().starts_with("image 1"), "{row}");
    }
    assert_eq!(std::fs::read(lab.path("jem.db")).unwrap(), before, "the database is only read");
}

fn texts_noises_and_epochs(lab: &Lab) {
    let texts = |out: &str, more: &[&str]| sample(lab, out, &[&TEXTS, more].concat());
    let last = texts("last", &["--count", "3"]);
    let names: Vec<&str> = last.keys().map(String::as_str).collect();
    assert_eq!(names, ["01-01.png", "01-02.png", "01-03.png", "02-01.png", "02-02.png", "02-03.png"]);
    assert_eq!(decode(&lab.path("last/01-01.png")).unwrap().dimensions(), (32, 32));
    assert!(last["01-01.png"] != last["01-02.png"], "another noise");
    assert!(last["01-01.png"] != last["02-01.png"], "another text");
    assert_eq!(texts("again", &["--count", "3", "--seed", "1", "--epoch", "6"]), last);
    assert_eq!(texts("fewer", &["--count", "1"])["02-01.png"], last["02-01.png"], "whatever is drawn beside it");
    let two = texts("two", &["--count", "3", "--epoch", "2"]);
    let zero = texts("zero", &["--count", "3", "--epoch", "0"]);
    let seed = texts("seed", &["--count", "3", "--seed", "2"]);
    for (name, png) in &last {
        assert!(two[name] != *png && zero[name] != *png && zero[name] != two[name] && seed[name] != *png, "{name}");
    }
    let caption = lab.succeed(&["sample", "1", "--count", "1", "--out", "own", "--format", "json"]);
    let caption: Vec<Value> = serde_json::from_str(&caption).unwrap();
    let own = sample(lab, "given", &["1", "--text", caption[0]["text"].as_str().unwrap(), "--count", "1"]);
    assert_eq!(own["01-01.png"], std::fs::read(lab.path("own/01-01.png")).unwrap(), "a text is a caption's equal");
}

fn interpolations(lab: &Lab) {
    let last = |name: &str| std::fs::read(lab.path("last").join(name)).unwrap();
    let noise = sample(lab, "noise", &[&TEXTS[..], &["--interpolate", "noise", "--steps", "3"]].concat());
    assert_eq!(noise.len(), 6);
    for row in 1..=2 {
        assert_eq!(noise[&format!("{row:02}-01.png")], last(&format!("{row:02}-01.png")));
        assert_eq!(noise[&format!("{row:02}-03.png")], last(&format!("{row:02}-02.png")));
    }
    assert!(![last("01-01.png"), last("01-02.png")].contains(&noise["01-02.png"]));
    let more = ["--interpolate", "text", "--steps", "4", "--count", "2"];
    let text = sample(lab, "text", &[&TEXTS[..], &more].concat());
    assert_eq!(text.len(), 8);
    for row in 1..=2 {
        assert_eq!(text[&format!("{row:02}-01.png")], last(&format!("01-{row:02}.png")));
        assert_eq!(text[&format!("{row:02}-04.png")], last(&format!("02-{row:02}.png")));
    }
    let printed = lab.succeed(&["sample", "2", "--interpolate", "text", "--count", "1", "--out", "way.png"]);
    assert!(printed.contains('→') && printed.lines().count() >= 9, "{printed}");
}

fn guides(lab: &Lab) {
    let segmented = decode(&lab.path("flowers/segmim/segmim_00014.jpg")).unwrap();
    let mask = Mask::from_official(&segmented);
    let mask = GrayImage::from_fn(segmented.width(), segmented.height(), |x, y| image::Luma([mask.instance(x, y)]));
    mask.save(lab.path("mask.png")).unwrap();
    for run in ["2", "3"] {
        let text = [run, "--text", "a red flower", "--count", "1"];
        let number = sample(lab, &format!("number-{run}"), &[&text[..], &["--guide-image", "14"]].concat());
        let guide = ["--guide", "flowers/jpg/image_00014.jpg", "--mask", "mask.png"];
        assert_eq!(sample(lab, &format!("guided-{run}"), &[&text[..], &guide].concat()), number);
        let other = sample(lab, &format!("other-{run}"), &[&text[..], &["--guide-image", "2"]].concat());
        assert!(other != number, "another guide");
    }
}

fn errors(lab: &Lab) {
    let guide = "flowers/jpg/image_00014.jpg";
    let refused = |code: i32, arguments: &[&str], words: &[&str]| {
        let error = lab.fail(code, &[&["sample"], arguments, &["--out", "refused"]].concat());
        words.iter().for_each(|word| assert!(error.contains(word), "{word} is not in: {error}"));
        assert!(!lab.path("refused").exists());
    };
    refused(2, &["9"], &["no run 9"]);
    refused(2, &["1", "--epoch", "3"], &["no saved generator of epoch 3", "0, 2, 4, 6", "`last` is epoch 6"]);
    refused(2, &["1", "--epoch", "best"], &["no saved best generator", "keep.best"]);
    refused(2, &["1", "--epoch", "first"], &["give `last`, `best` or the number of an epoch"]);
    refused(2, &["1", "--text", "zebra stripes"], &["\"zebra stripes\"", "help:"]);
    refused(2, &["1", "--count", "4"], &["3 evaluation item(s)", "help:"]);
    refused(2, &["1", "--text", "red", "--interpolate", "text"], &["two texts", "help:"]);
    refused(2, &["1", "--guide-image", "14"], &["run 1 has no guide", "help:"]);
    refused(2, &["2", "--text", "red"], &["--guide-image", "help:"]);
    refused(2, &["2", "--text", "red", "--guide-image", "17"], &["does not have this image", "1 to 16"]);
    refused(2, &["2", "--text", "red", "--guide", guide], &["requires --mask", "help:"]);
    refused(3, &["2", "--text", "red", "--guide", guide, "--mask", guide], &["not a PNG file", "help:"]);
    GrayImage::new(3, 3).save(lab.path("small.png")).unwrap();
    refused(
        3,
        &["2", "--text", "red", "--guide", guide, "--mask", "small.png"],
        &["not of the size of its image", "3×3"],
    );
    let unknown = lab.run(&["sample", "1", "--text", "a red zebra", "--count", "1", "--out", "zebra.png"]);
    assert!(unknown.status.success() && String::from_utf8_lossy(&unknown.stderr).contains("zebra"));

    let old = std::fs::read(lab.path("zebra.png")).unwrap();
    let error = lab.fail(2, &["sample", "1", "--out", "zebra.png"]);
    assert!(error.contains("zebra.png: exists already") && error.contains("--force"), "{error}");
    assert_eq!(std::fs::read(lab.path("zebra.png")).unwrap(), old);
    lab.succeed(&["sample", "1", "--out", "zebra.png", "--force"]);
    assert_ne!(std::fs::read(lab.path("zebra.png")).unwrap(), old);
    let error = lab.fail(2, &[&["sample"], &TEXTS[..], &["--out", "last"]].concat());
    assert!(error.contains("01-01.png: exists already"), "{error}");
}

/// The inputs equal those of training for the same captions and guides, except for rounding.
fn inputs_as_in_training(lab: &Lab) {
    let device = DeviceSpec::Cpu.open().unwrap();
    let cache = Cache::new(lab.path("cache"), 1 << 30);
    for run in [2, 3] {
        let settings = settings(lab, run);
        let found = fingerprints(&settings, &cache.digests()).unwrap();
        let inputs = Inputs::prepare(&settings, &found, &cache, &device, &|_| {}).unwrap();
        let items: Vec<u32> = inputs.eval.items.iter().map(|item| item.image).collect();
        let captions = caption_vectors(&settings, &items, &cache, &device).unwrap();
        let images = evaluation_guides(&settings, &items).unwrap().into_iter();
        let from: Vec<GuideImage> = images.map(|image| GuideImage::OfDataSet(image.unwrap())).collect();
        let guides = guide_features(&settings, &from, &device).unwrap();
        for ((item, (text, vector)), guide) in inputs.eval.items.iter().zip(&captions).zip(&guides) {
            assert_eq!(text, &item.caption);
            let mut trained = Vec::new();
            inputs.sentences.extend_from_row(item.sentence, &mut trained);
            assert_eq!(vector, &trained);
            let mut trained = Vec::new();
            let jem::prepare::GuideInput::Row(row) = item.guide else { panic!("the guides are the items' own") };
            inputs.features.as_ref().unwrap().extend_from_row(row, &mut trained);
            assert_eq!(2 * guide.len(), trained.len());
            let off = guide.iter().zip(&trained).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
            assert!(off <= 1e-4 * trained.iter().fold(0.0f32, |most, value| most.max(value.abs())), "{off}");
        }
    }
}

#[test]
fn a_queued_run_has_only_epoch_0() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    let error = lab.fail(2, &["sample", "1", "--out", "a.png"]);
    assert!(error.contains("no checkpoint yet") && error.contains("saved epochs: 0"), "{error}");
    lab.succeed(&["sample", "1", "--epoch", "0", "--out", "a.png"]);
    assert!(lab.path("a.png").exists());
    let captions = lab.path("flowers/text_c10/class_00041/image_00001.txt");
    std::fs::write(Path::new(&captions), "a green flower\n").unwrap();
    let error = lab.fail(3, &["sample", "1", "--epoch", "0", "--out", "b.png"]);
    assert!(error.contains("has changed since the run was queued"), "{error}");
}
