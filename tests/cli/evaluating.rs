//! `jem features` and `jem eval` on small pictures and small networks with drawn weights.

mod kinds;
mod pairs;
mod runs;
mod statistics;

use std::path::Path;

use image::{Rgb, RgbImage};
use jem::metric::{FeatureSet, Moments, frechet_distance};
use serde_json::Value;

use crate::lab::Lab;

/// A plain network that takes a moment.
const ALEXNET: [&str; 10] =
    ["--network", "alexnet", "--weights", "random:1", "--width", "0.02", "--input", "64", "--layer", "fc7"];
/// An Inception that takes little more.
const INCEPTION: [&str; 8] =
    ["--network", "inception-fid", "--weights", "random:1", "--width", "0.02", "--input", "80"];

/// A picture of its own for each number.
fn picture(number: u32, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |by: u32, at: u32| ((at * by + number * 37) % 256) as u8;
        Rgb([wave(3 + number % 5, x), wave(2 + number % 7, y), wave(1 + number % 3, x + y)])
    })
}

/// A folder of so many pictures of mixed sizes, from this number on.
fn folder(lab: &Lab, name: &str, from: u32, count: u32) {
    let folder = lab.path(name);
    std::fs::create_dir(&folder).unwrap();
    for number in from..from + count {
        picture(number, 40 + number % 30, 50 + number % 20).save(folder.join(format!("{number:03}.png"))).unwrap();
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

/// The answer as JSON.
fn json(lab: &Lab, arguments: &[&str], network: &[&str]) -> Value {
    let all = with(&with(arguments, &["--format", "json"]), network);
    serde_json::from_str(&lab.succeed(&all)).unwrap()
}

fn value(answer: &Value, at: usize) -> f64 {
    answer["values"][at]["value"].as_f64().unwrap()
}

fn notes(answer: &Value) -> String {
    answer["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_folder_is_at_no_distance_from_itself_and_at_some_from_another() {
    let lab = lab();
    let same = json(&lab, &["eval", "fid", "a", "a"], &ALEXNET);
    let other = json(&lab, &["eval", "fid", "a", "b"], &ALEXNET);
    assert_eq!(other["values"][0]["measure"], "FD(alexnet:random:1)", "no FID but by the published network");
    assert!(value(&same, 0).abs() < 1e-6 * value(&other, 0), "{same} {other}");
    assert_eq!(other["features"]["resizer"], "clean");
    assert_eq!((&other["generated"]["pictures"], &other["real"]["pictures"]), (&Value::from(12), &Value::from(15)));
    let notes = notes(&other);
    assert!(
        notes.contains("covariance of the generated side is singular, since 12 pictures are no more than"),
        "{notes}"
    );
    assert!(notes.contains("the real side has 15 pictures, fewer than 10000"), "{notes}");
    let table = lab.succeed(&with(&["eval", "fid", "a", "b"], &ALEXNET));
    assert!(table.contains("FD(alexnet:random:1)") && table.contains("weights random:1"), "{table}");
    assert!(table.contains("real: 15 pictures, folder in b, moments from the cache"), "{table}");
    let csv = lab.succeed(&with(&["eval", "fid", "a", "b", "--format", "csv"], &ALEXNET));
    assert!(csv.starts_with("measure,value,uncertainty,uncertainty_is\r\nFD(alexnet:random:1),"), "{csv}");
}

#[test]
fn features_in_files_are_as_far_apart_as_the_folders() {
    let lab = lab();
    for side in ["a", "b"] {
        let out = format!("{side}.safetensors");
        let said = lab.succeed(&with(&["features", side, "--out", &out, "--format", "csv"], &INCEPTION));
        assert!(
            said.contains(&format!(
                "{out},{},0,48,inception-fid,pool3,random:1,80,0.02,clean",
                if side == "a" { 12 } else { 15 }
            )),
            "{said}"
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
        // The kernel distance is unbiased, whatever their number.
        assert_eq!(notes(&mixed).contains("the value depends on their number"), measure != "kid");
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
fn fid_is_extrapolated_with_its_points_and_moments_are_read() {
    let lab = lab();
    folder(&lab, "c", 200, 40);
    let far = &["--infinity", "--from", "20", "--points", "4"];
    let answer = json(&lab, &with(&["eval", "fid", "c", "b"], far), &ALEXNET);
    assert_eq!(answer["values"][0]["measure"], "FD∞(alexnet:random:1)");
    assert_eq!(answer["values"][1]["measure"], "FD(alexnet:random:1)");
    assert!(answer["values"][0]["uncertainty"].as_f64().unwrap() >= 0.0);
    let sizes: Vec<u64> =
        answer["points"].as_array().unwrap().iter().map(|p| p["pictures"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [20, 26, 33, 40]);
    assert!(notes(&answer).contains("with its 15 pictures: only the generated side is extrapolated"));
    let table = lab.succeed(&with(&with(&["eval", "fid", "c", "b"], far), &ALEXNET));
    assert!(
        table.contains("standard error of the intercept")
            && table.lines().any(|line| line.trim_start().starts_with("26 ")),
        "{table}"
    );
    let error = lab.fail(2, &with(&["eval", "fid", "a", "b", "--infinity"], &ALEXNET));
    assert!(error.contains("12 images cannot be counted") && error.contains("lower --from"), "{error}");

    lab.succeed(&with(&["features", "b", "--out", "b.safetensors"], &ALEXNET));
    let set = FeatureSet::read(&lab.path("b.safetensors")).unwrap();
    Moments::of(&set.rows()).save(&lab.path("moments.safetensors"), set.origin()).unwrap();
    let moments = json(&lab, &["eval", "fid", "c", "moments.safetensors"], &ALEXNET);
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b;
    assert!(near(value(&moments, 0), value(&answer, 1)), "{moments}");
    let expected = {
        lab.succeed(&with(&["features", "c", "--out", "c.safetensors"], &ALEXNET));
        let other = FeatureSet::read(&lab.path("c.safetensors")).unwrap();
        frechet_distance(&Moments::of(&other.rows()), &Moments::of(&set.rows())).unwrap().distance
    };
    assert!(near(value(&moments, 0), expected));
    let error = lab.fail(3, &with(&["eval", "kid", "c", "moments.safetensors"], &ALEXNET));
    assert!(error.contains("moments, not features of single pictures"), "{error}");
}

#[test]
fn moments_of_a_folder_are_made_once_for_its_contents() {
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
    // Another network is another entry, and so are other contents under the same names.
    let other = with(&eval, &["--resizer", "legacy"]);
    assert!(!String::from_utf8(lab.run(&other).stderr).unwrap().contains("from the cache"));
    picture(77, 60, 60).save(lab.path("b/100.png")).unwrap();
    let (third, cached) = run();
    assert!(!cached && third["values"] != first["values"]);
}

#[test]
fn files_that_cannot_be_read_are_all_named_or_skipped() {
    let lab = lab();
    folder(&lab, "c", 0, 12);
    let whole = std::fs::read(lab.path("c/003.png")).unwrap();
    std::fs::write(lab.path("c/003.png"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(lab.path("c/zebra.jpg"), "no picture").unwrap();
    let features = with(&["features", "c", "--out", "c.safetensors", "--batch", "2"], &ALEXNET);
    let error = lab.fail(3, &features);
    assert!(error.contains("c: 2 of 13 pictures cannot be read"), "{error}");
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
    // What was skipped is no reason to keep moments under the folder's contents.
    let eval = with(&["eval", "fid", "a", "c", "--skip-unreadable"], &ALEXNET);
    for _ in 0..2 {
        assert!(lab.succeed(&eval).contains("11 pictures, folder in c, 2 unreadable left out\n"));
    }
    for number in 0..12 {
        std::fs::write(lab.path(&format!("c/{number:03}.png")), "nothing").unwrap();
    }
    let error = lab.fail(3, &skipping.iter().copied().chain(["--force"]).collect::<Vec<_>>());
    assert!(
        error.contains("13 of 13 pictures")
            && error.contains("and 3 more")
            && !error.contains("help: bring them again or"),
        "{error}"
    );
}

#[test]
fn folders_without_pictures_and_impossible_requests_are_refused_with_a_remedy() {
    let lab = lab();
    let refused = |code: i32, arguments: &[&str], words: &[&str]| {
        let error = lab.fail(code, arguments);
        words.iter().for_each(|word| assert!(error.contains(word), "{word} is not in: {error}"));
    };
    std::fs::create_dir_all(lab.path("empty/deep.png")).unwrap();
    std::fs::write(lab.path("empty/notes.txt"), "flowers").unwrap();
    let of = |folder: &'static str| with(&["features", folder, "--out", "x.safetensors"], &ALEXNET);
    refused(
        3,
        &of("empty"),
        &["empty: no pictures", ".tiff or .webp", "1 other file(s), 1 folder(s)", "folders below"],
    );
    refused(3, &of("nowhere"), &["nowhere: neither a folder", "help:"]);
    refused(3, &of("sweep.toml"), &["not a folder of pictures", "help:"]);
    refused(2, &with(&["features", "a", "--out", "x.npy"], &ALEXNET), &["does not end in .safetensors"]);
    refused(2, &with(&["features", "a", "--out", "no/x.safetensors"], &ALEXNET), &["its folder is not there"]);
    lab.succeed(&of("a"));
    refused(2, &of("a"), &["is there already", "--force"]);
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
    refused(2, &kid(&["--subset-size", "1"]), &["--subset-size is 2 at least"]);
    let prdc = ["eval", "prdc", "a", "b", "--neighbours-dc", "15"];
    refused(2, &with(&prdc, &ALEXNET), &["neighbour 15", "--neighbours-dc is from 1 to 14"]);
    refused(2, &with(&["eval", "is", "a", "--splits", "13"], &INCEPTION), &["13 splits of 12 images", "by --splits"]);
    refused(3, &with(&["eval", "is", "a"], &ALEXNET), &["alexnet: no `logits_unbiased`", "inception"]);
    refused(3, &["eval", "is", "x.safetensors"], &["x.safetensors: no `logits_unbiased`"]);
    refused(3, &["eval", "fid", "x.safetensors", "sweep.toml"], &["sweep.toml", ".npy"]);
}

#[test]
fn features_of_other_origin_are_refused_and_unknown_ones_are_told() {
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
    let answer = json(&lab, &["eval", "fid", "a.npy", "a.safetensors"], &[]);
    assert_eq!(answer["values"][0]["measure"], "FD(unknown)");
    assert!(value(&answer, 0).abs() < 1e-9 && answer["features"].is_null());
    assert!(notes(&answer).contains("features of the generated side were made is not known"));
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
