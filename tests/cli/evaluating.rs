//! `jem features` and `jem eval` on small images and small networks with random weights.

mod kinds;
mod pairs;
mod runs;
mod statistics;

use std::path::Path;

use image::{Rgb, RgbImage};
use jem::metric::{FeatureSet, Moments, frechet_distance};
use serde_json::Value;

use crate::lab::Lab;

/// A small AlexNet.
const ALEXNET: [&str; 10] =
    ["--network", "alexnet", "--weights", "random:1", "--width", "0.02", "--input", "64", "--layer", "fc7"];
/// A small Inception.
const INCEPTION: [&str; 8] =
    ["--network", "inception-fid", "--weights", "random:1", "--width", "0.02", "--input", "80"];

/// A different image for each number.
fn image(number: u32, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |by: u32, at: u32| ((at * by + number * 37) % 256) as u8;
        Rgb([wave(3 + number % 5, x), wave(2 + number % 7, y), wave(1 + number % 3, x + y)])
    })
}

/// A folder of `count` images of different sizes.
fn folder(lab: &Lab, name: &str, from: u32, count: u32) {
    let folder = lab.path(name);
    std::fs::create_dir(&folder).unwrap();
    for number in from..from + count {
        image(number, 40 + number % 30, 50 + number % 20).save(folder.join(format!("{number:03}.png"))).unwrap();
    }
}

fn lab() -> Lab {
    let lab = Lab::new();
    folder(&lab, "a", 0, 12);
    folder(&lab, "b", 100, 15);
    lab
}

fn with<'a>(arguments: &[&'a str], network: &[&'a str]) -> Vec<&'a str> {
    [arguments, network].concat()
}

/// The output as JSON.
fn json(lab: &Lab, arguments: &[&str], network: &[&str]) -> Value {
    let all = with(&with(arguments, &["--format", "json"]), network);
    serde_json::from_str(&lab.succeed(&all)).unwrap()
}

fn value(result: &Value, at: usize) -> f64 {
    result["values"][at]["value"].as_f64().unwrap()
}

fn notes(result: &Value) -> String {
    result["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_folder_has_distance_zero_from_itself_only() {
    let lab = lab();
    let same = json(&lab, &["eval", "fid", "a", "a"], &ALEXNET);
    let other = json(&lab, &["eval", "fid", "a", "b"], &ALEXNET);
    assert_eq!(other["values"][0]["measure"], "FD(alexnet:random:1)", "only the published network gives a FID");
    assert!(value(&same, 0).abs() < 1e-6 * value(&other, 0), "{same} {other}");
    assert_eq!(other["features"]["resizer"], "clean");
    assert_eq!((&other["generated"]["pictures"], &other["real"]["pictures"]), (&Value::from(12), &Value::from(15)));
    let notes = notes(&other);
    assert!(
        notes.contains("covariance of the generated set is singular, because it has 12 images and features have"),
        "{notes}"
    );
    assert!(notes.contains("the real set has 15 images, fewer than 10000"), "{notes}");
    let table = lab.succeed(&with(&["eval", "fid", "a", "b"], &ALEXNET));
    assert!(table.contains("FD(alexnet:random:1)") && table.contains("weights random:1"), "{table}");
    assert!(table.contains("real: 15 images, folder b, moments from the cache"), "{table}");
    let csv = lab.succeed(&with(&["eval", "fid", "a", "b", "--format", "csv"], &ALEXNET));
    assert!(csv.starts_with("measure,value,uncertainty,uncertainty_is\r\nFD(alexnet:random:1),"), "{csv}");
}

#[test]
fn feature_files_give_the_same_distances_as_folders() {
    let lab = lab();
    for side in ["a", "b"] {
        let out = format!("{side}.safetensors");
        let messages = lab.succeed(&with(&["features", side, "--out", &out, "--format", "csv"], &INCEPTION));
        assert!(
            messages.contains(&format!(
                "{out},{},0,48,inception-fid,pool3,random:1,80,0.02,clean",
                if side == "a" { 12 } else { 15 }
            )),
            "{messages}"
        );
    }
    let set = FeatureSet::read(&lab.path("a.safetensors")).unwrap();
    assert_eq!((set.names()[0].as_str(), set.layer("logits_unbiased").unwrap().dimension()), ("000.png", 1008));
    let files = ["a.safetensors", "b.safetensors"];
    let kid: &[&str] = &["--subsets", "7", "--subset-size", "9"];
    let measures: [(&str, &[&str]); 3] = [("fid", &[]), ("kid", kid), ("prdc", &[])];
    for (measure, options) in measures {
        let of_files = json(&lab, &with(&["eval", measure, files[0], files[1]], options), &[]);
        let of_folders = json(&lab, &with(&["eval", measure, "a", "b"], options), &INCEPTION);
        let mixed = json(&lab, &with(&["eval", measure, "a", files[1]], options), &INCEPTION);
        // The kernel distance is unbiased for every number of images.
        assert_eq!(notes(&mixed).contains("the value depends on the number of images"), measure != "kid");
        assert_eq!(of_files["features"], of_folders["features"]);
        for at in 0..of_files["values"].as_array().unwrap().len() {
            let (file, folder, mixed) = (value(&of_files, at), value(&of_folders, at), value(&mixed, at));
            assert!(
                (file - folder).abs() <= 1e-9 * file.abs() && (file - mixed).abs() <= 1e-9 * file.abs(),
                "{measure}"
            );
        }
    }
    let score = |of: &[&str], network| json(&lab, &with(&["eval", "is", "--splits", "3"], of), network);
    let (file, folder) = (score(&["a.safetensors"], &[]), score(&["a"], &INCEPTION[..]));
    assert_eq!(file["values"], folder["values"]);
    assert_eq!(file["values"][0]["measure"], "score(inception-fid:random:1)");
    assert!(value(&file, 0) >= 1.0);
}

#[test]
fn fid_is_extrapolated_and_moments_are_read() {
    let lab = lab();
    folder(&lab, "c", 200, 40);
    let infinity = &["--infinity", "--from", "20", "--points", "4"];
    let result = json(&lab, &with(&["eval", "fid", "c", "b"], infinity), &ALEXNET);
    assert_eq!(result["values"][0]["measure"], "FD∞(alexnet:random:1)");
    assert_eq!(result["values"][1]["measure"], "FD(alexnet:random:1)");
    assert!(result["values"][0]["uncertainty"].as_f64().unwrap() >= 0.0);
    let sizes: Vec<u64> =
        result["points"].as_array().unwrap().iter().map(|p| p["pictures"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [20, 26, 33, 40]);
    assert!(notes(&result).contains("only the generated set is extrapolated; the real set keeps its 15 images"));
    let table = lab.succeed(&with(&with(&["eval", "fid", "c", "b"], infinity), &ALEXNET));
    assert!(
        table.contains("standard error of the intercept")
            && table.lines().any(|line| line.trim_start().starts_with("26 ")),
        "{table}"
    );
    let error = lab.fail(2, &with(&["eval", "fid", "a", "b", "--infinity"], &ALEXNET));
    assert!(error.contains("12 images are too few") && error.contains("lower --from"), "{error}");

    lab.succeed(&with(&["features", "b", "--out", "b.safetensors"], &ALEXNET));
    let set = FeatureSet::read(&lab.path("b.safetensors")).unwrap();
    Moments::from_rows(&set.rows()).save(&lab.path("moments.safetensors"), set.origin()).unwrap();
    let moments = json(&lab, &["eval", "fid", "c", "moments.safetensors"], &ALEXNET);
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b;
    assert!(near(value(&moments, 0), value(&result, 1)), "{moments}");
    let expected = {
        lab.succeed(&with(&["features", "c", "--out", "c.safetensors"], &ALEXNET));
        let other = FeatureSet::read(&lab.path("c.safetensors")).unwrap();
        frechet_distance(&Moments::from_rows(&other.rows()), &Moments::from_rows(&set.rows())).unwrap().distance
    };
    assert!(near(value(&moments, 0), expected));
    let error = lab.fail(3, &with(&["eval", "kid", "c", "moments.safetensors"], &ALEXNET));
    assert!(error.contains("mean and covariance, not features of single images"), "{error}");
}

#[test]
fn moments_of_a_folder_are_cached_by_content() {
    let lab = lab();
    let eval = with(&["eval", "fid", "a", "b", "--format", "json"], &ALEXNET);
    let run = || {
        let output = lab.run(&eval);
        let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{error}");
        (serde_json::from_str::<Value>(&out).unwrap(), error.contains("moments from the cache"))
    };
    let (first, cached) = run();
    assert!(!cached && first["real"]["cached"] == false);
    let (second, cached) = run();
    assert!(cached && second["real"]["cached"] == true);
    assert_eq!(first["values"], second["values"]);
    // Another network and other contents have their own cache entries.
    let other = with(&eval, &["--resizer", "legacy"]);
    assert!(!String::from_utf8(lab.run(&other).stderr).unwrap().contains("from the cache"));
    image(77, 60, 60).save(lab.path("b/100.png")).unwrap();
    let (third, cached) = run();
    assert!(!cached && third["values"] != first["values"]);
}

#[test]
fn all_unreadable_files_are_listed_or_skipped() {
    let lab = lab();
    folder(&lab, "c", 0, 12);
    let complete = std::fs::read(lab.path("c/003.png")).unwrap();
    std::fs::write(lab.path("c/003.png"), &complete[..complete.len() / 2]).unwrap();
    std::fs::write(lab.path("c/zebra.jpg"), "not an image").unwrap();
    let features = with(&["features", "c", "--out", "c.safetensors", "--batch", "2"], &ALEXNET);
    let error = lab.fail(3, &features);
    assert!(error.contains("c: 2 of 13 images cannot be read"), "{error}");
    assert!(
        error.contains("c/003.png: ") && error.contains("c/zebra.jpg: ") && error.contains("--skip-unreadable"),
        "{error}"
    );
    assert!(!lab.path("c.safetensors").exists());
    let skipping = with(&features, &["--skip-unreadable", "--format", "json"]);
    let output = lab.run(&skipping);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && error.contains("skipped: 2 of 13") && error.contains("c/003.png"), "{error}");
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&rows[0]["pictures"], &rows[0]["skipped"]), (&Value::from(11), &Value::from(2)));
    let names = FeatureSet::read(&lab.path("c.safetensors")).unwrap().names().to_vec();
    assert!(names.len() == 11 && !names.contains(&"003.png".to_owned()));
    // Moments are not cached if images were skipped.
    let eval = with(&["eval", "fid", "a", "c", "--skip-unreadable"], &ALEXNET);
    for _ in 0..2 {
        assert!(lab.succeed(&eval).contains("11 images, folder c, 2 unreadable skipped\n"));
    }
    for number in 0..12 {
        std::fs::write(lab.path(&format!("c/{number:03}.png")), "nothing").unwrap();
    }
    let error = lab.fail(3, &skipping.iter().copied().chain(["--force"]).collect::<Vec<_>>());
    assert!(
        error.contains("13 of 13 images") && error.contains("and 3 more") && !error.contains("--skip-unreadable"),
        "{error}"
    );
}

#[test]
fn empty_folders_and_invalid_options_are_errors_with_a_remedy() {
    let lab = lab();
    let refused = |code: i32, arguments: &[&str], words: &[&str]| {
        let error = lab.fail(code, arguments);
        words.iter().for_each(|word| assert!(error.contains(word), "{word} is not in: {error}"));
    };
    std::fs::create_dir_all(lab.path("empty/deep.png")).unwrap();
    std::fs::write(lab.path("empty/notes.txt"), "flowers").unwrap();
    let of = |folder: &'static str| with(&["features", folder, "--out", "x.safetensors"], &ALEXNET);
    refused(3, &of("empty"), &["empty: no images", ".tiff or .webp", "1 other file(s), 1 folder(s)", "subfolder"]);
    refused(3, &of("nowhere"), &["nowhere: no such folder", "help:"]);
    refused(3, &of("sweep.toml"), &["not a folder of images", "help:"]);
    refused(2, &with(&["features", "a", "--out", "x.npy"], &ALEXNET), &["does not end in .safetensors"]);
    refused(2, &with(&["features", "a", "--out", "no/x.safetensors"], &ALEXNET), &["its folder does not exist"]);
    lab.succeed(&of("a"));
    refused(2, &of("a"), &["already exists", "--force"]);
    refused(
        3,
        &["features", "a", "--out", "y.safetensors"],
        &["weights/pt_inception-2015-12-05-6726825d.pth", "jem weights fetch inception-fid"],
    );
    let layer = [
        "features",
        "a",
        "--out",
        "y.safetensors",
        "--network",
        "alexnet",
        "--weights",
        "random:1",
        "--layer",
        "pool3",
    ];
    refused(2, &layer, &["alexnet has no layer `pool3`", "fc7", "--layer"]);
    let small =
        ["features", "a", "--out", "y.safetensors", "--network", "alexnet", "--weights", "random:1", "--input", "20"];
    refused(3, &small, &["at least 63×63"]);
    let kid = |more: &[&'static str]| with(&with(&["eval", "kid", "a", "b"], more), &ALEXNET);
    refused(2, &kid(&[]), &["subsets of 1000 images from a set of 12", "--subset-size 12"]);
    refused(2, &kid(&["--subset-size", "1"]), &["--subset-size must be at least 2"]);
    let prdc = ["eval", "prdc", "a", "b", "--neighbours-dc", "15"];
    refused(2, &with(&prdc, &ALEXNET), &["neighbour 15", "--neighbours-dc must be from 1 to 14"]);
    refused(
        2,
        &with(&["eval", "is", "a", "--splits", "13"], &INCEPTION),
        &["13 splits of 12 images", "--splits must be"],
    );
    refused(3, &with(&["eval", "is", "a"], &ALEXNET), &["alexnet: no `logits_unbiased`", "inception"]);
    refused(3, &["eval", "is", "x.safetensors"], &["x.safetensors: no `logits_unbiased`"]);
    refused(3, &["eval", "fid", "x.safetensors", "sweep.toml"], &["sweep.toml", ".npy"]);
}

#[test]
fn features_of_different_networks_are_refused_and_unknown_origins_noted() {
    let lab = lab();
    lab.succeed(&with(&["features", "a", "--out", "a.safetensors"], &ALEXNET));
    let other = [
        "--network",
        "alexnet",
        "--weights",
        "random:2",
        "--width",
        "0.02",
        "--input",
        "64",
        "--layer",
        "fc6",
        "--resizer",
        "legacy",
    ];
    lab.succeed(&with(&["features", "b", "--out", "b.safetensors"], &other));
    for real in ["b.safetensors", "b"] {
        let error = lab.fail(3, &with(&["eval", "fid", "a.safetensors", real], if real == "b" { &other } else { &[] }));
        for word in ["weights: random:1 and random:2", "layer: fc7 and fc6", "resizer: clean and legacy", "help:"] {
            assert!(error.contains(word), "{word} is not in: {error}");
        }
        assert!(!error.contains("network:") && !error.contains("input:"), "{error}");
    }
    let set = FeatureSet::read(&lab.path("a.safetensors")).unwrap();
    let rows = set.rows();
    write_numpy(&lab.path("a.npy"), rows.count(), (0..rows.count()).flat_map(|row| rows.row(row).to_vec()));
    let result = json(&lab, &["eval", "fid", "a.npy", "a.safetensors"], &[]);
    assert_eq!(result["values"][0]["measure"], "FD(unknown)");
    assert!(value(&result, 0).abs() < 1e-9 && result["features"].is_null());
    assert!(notes(&result).contains("layer of the features of the generated set are not known"));
}

fn write_numpy(path: &Path, rows: usize, values: impl Iterator<Item = f32>) {
    let values: Vec<f32> = values.collect();
    let shape = (rows, values.len() / rows);
    let head = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape:?}, }}");
    let head = format!("{head:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend(head.bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    std::fs::write(path, bytes).unwrap();
}
