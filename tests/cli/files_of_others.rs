//! Files of other programs: labels, captions, weights, and files of a wrong kind.

use std::path::Path;

use jem::vision::{Network, NetworkConfig, inspect};
use serde_json::Value;

use crate::lab::Lab;

/// An AlexNet in `model_state_dict`, with an optimizer (see `tests/reference/weights.py`).
const CHECKPOINT: &[u8] = include_bytes!("../reference/weights_checkpoint.pth");
/// The same with the prefix `module.`.
const PARALLEL: &[u8] = include_bytes!("../reference/weights_parallel.pth");
const PAGE: &str = "<!DOCTYPE html><html><body>Quota exceeded</body></html>";
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 244408911\n";

/// A level 4 file of MATLAB with one column of doubles, the first byte of each last or first.
fn level4(labels: &[f64], big: bool) -> Vec<u8> {
    let integer = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut file: Vec<u8> =
        [if big { 1000 } else { 0 }, labels.len() as u32, 1, 0, 7].into_iter().flat_map(integer).collect();
    file.extend(b"labels\0");
    file.extend(labels.iter().flat_map(|label| if big { label.to_be_bytes() } else { label.to_le_bytes() }));
    file
}

/// The labels of a label file whose last element has one byte for each label, padded to a multiple of eight.
fn labels(lab: &Lab, folder: &str) -> Vec<f64> {
    let file = std::fs::read(lab.path(folder).join("imagelabels.mat")).unwrap();
    let count = json(lab, &["data", "check", folder])["summary"]["images"].as_u64().unwrap() as usize;
    let padded = count.next_multiple_of(8);
    file[file.len() - padded..][..count].iter().map(|&label| f64::from(label)).collect()
}

/// The output of a command with any exit code.
fn json(lab: &Lab, arguments: &[&str]) -> Value {
    let output = lab.run(&[arguments, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn findings(lab: &Lab, folder: &str) -> Vec<String> {
    let found = json(lab, &["data", "check", folder]);
    let text =
        |finding: &Value| format!("{}: {}", finding["file"].as_str().unwrap(), finding["what"].as_str().unwrap());
    found["findings"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn labels_of_another_mat_version_are_the_same_data_set() {
    let lab = Lab::new();
    let (before, labels) = (json(&lab, &["data", "check", "flowers"]), labels(&lab, "flowers"));
    for big in [false, true] {
        std::fs::write(lab.path("flowers/imagelabels.mat"), level4(&labels, big)).unwrap();
        assert_eq!(json(&lab, &["data", "check", "flowers"]), before);
        let plan = lab.run(&["plan", "sweep.toml"]);
        assert!(plan.status.success() && !String::from_utf8_lossy(&plan.stderr).contains("provisional"));
    }
}

#[test]
fn labels_that_start_at_zero_are_one_finding_and_an_error_elsewhere() {
    let lab = Lab::new();
    // One flower of each class.
    lab.succeed(&["data", "draw", "drawn", "--images", "102", "--side", "32"]);
    let (before, labels) = (findings(&lab, "drawn"), labels(&lab, "drawn"));
    let from_zero: Vec<f64> = labels.iter().map(|label| label - 1.0).collect();
    std::fs::write(lab.path("drawn/imagelabels.mat"), level4(&from_zero, false)).unwrap();
    let found = findings(&lab, "drawn");
    assert!(found[0].contains("labels count from 0 to 101; jem requires 1 to 102"), "{found:?}");
    assert_eq!(found[1..], before);
    let error = lab.fail(3, &["prepare", "sweep.toml", "--device", "cpu", "--set", "data.root=drawn"]);
    assert!(error.contains("labels count from 0 to 101; jem requires 1 to 102") && error.contains("add 1"), "{error}");
}

#[test]
fn a_web_page_is_identified_in_place_of_every_file() {
    let lab = Lab::new();
    let write = |name: &str, text: &str| std::fs::write(lab.path(name), text).unwrap();
    write("images.npz", PAGE);
    for ending in ["pth", "safetensors", "npy"] {
        write(&format!("a.{ending}"), PAGE);
        write(&format!("pointer.{ending}"), POINTER);
    }
    for (name, kind) in [("a", "a web page, not"), ("pointer", "a Git LFS pointer, not")] {
        let named = |ending: &str| format!("{name}.{ending}");
        for ending in ["pth", "safetensors"] {
            let error = lab.fail(3, &["weights", "check", &named(ending)]);
            assert!(error.contains(kind) && error.contains("fetch it again"), "{error}");
        }
        for ending in ["npy", "safetensors"] {
            let error = lab.fail(3, &["eval", "fid", &named(ending), &named(ending)]);
            assert!(error.contains(kind), "{error}");
        }
        let sets = [format!("text.vectors={name}.npy"), "text.encoder=vectors".to_owned()];
        let error = lab.fail(3, &["prepare", "sweep.toml", "--device", "cpu", "--set", &sets[0], "--set", &sets[1]]);
        assert!(error.contains(kind), "{error}");
    }
    let error = lab.fail(3, &["eval", "fid", "images.npz", "images.npz"]);
    assert!(error.contains("a web page, not an .npz archive"), "{error}");
    write("flowers/imagelabels.mat", PAGE);
    let error = lab.fail(3, &["prepare", "sweep.toml", "--device", "cpu"]);
    assert!(error.contains("a web page, not a MATLAB file") && error.contains("fetch it again"), "{error}");
}

#[test]
fn a_line_of_control_characters_is_not_a_caption() {
    let lab = Lab::new();
    let before = json(&lab, &["data", "check", "flowers"])["summary"]["captions"].as_u64().unwrap();
    let path = first_captions(&lab.path("flowers"));
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().count();
    std::fs::write(&path, format!("{}\n\0\0\na \u{1b}[31mred\u{1b}[0m \u{202e}flower\n", text.trim_end())).unwrap();
    let found = json(&lab, &["data", "check", "flowers"]);
    assert_eq!(found["summary"]["captions"], before + 1);
    let kinds: Vec<(&Value, &Value)> = (found["findings"].as_array().unwrap().iter())
        .filter(|finding| finding["kind"] == "control-characters")
        .map(|finding| (&finding["line"], &finding["severity"]))
        .collect();
    let warning = Value::from("warning");
    assert_eq!(kinds, [(&Value::from(lines + 1), &warning), (&Value::from(lines + 2), &warning)]);
    let output = lab.run(&["prepare", "sweep.toml", "--device", "cpu"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(error.contains(&format!("{name}:{}: caption line of control characters, skipped", lines + 1)), "{error}");
    assert!(error.contains(&format!("{name}:{}: control characters removed", lines + 2)), "{error}");
}

/// The caption file of the first training image.
fn first_captions(flowers: &Path) -> std::path::PathBuf {
    let mut found: Vec<_> = std::fs::read_dir(flowers.join("text_c10"))
        .unwrap()
        .flat_map(|class| std::fs::read_dir(class.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    found.sort_by_key(|path| path.file_name().unwrap().to_owned());
    found.remove(0)
}

#[test]
fn nested_weights_are_read_with_a_note() {
    let lab = Lab::new();
    std::fs::write(lab.path("checkpoint.pth"), CHECKPOINT).unwrap();
    std::fs::write(lab.path("parallel.pth"), PARALLEL).unwrap();
    for (name, prefix, ignored) in
        [("checkpoint.pth", "model_state_dict", "; ignored: optimizer_state_dict"), ("parallel.pth", "module", "")]
    {
        let messages = lab.succeed(&["weights", "check", name]);
        assert!(
            messages.contains("alexnet at width") && messages.contains(&format!("have the prefix `{prefix}`")),
            "{messages}"
        );
        assert!(messages.contains(ignored), "{messages}");
        let found = json(&lab, &["weights", "check", name]);
        assert_eq!((&found["prefix"], &found["last_layer"]), (&Value::from(prefix), &Value::from("fc7")));
    }
    let [checkpoint, parallel] = ["checkpoint.pth", "parallel.pth"].map(|name| inspect(&lab.path(name)).unwrap());
    assert_eq!((checkpoint.network, checkpoint.parameters), (Network::AlexNet, parallel.parameters));
    // As an extractor and as a guide network, with equal features.
    write_image(&lab.path("images"));
    let width = checkpoint.config.width.to_string();
    for name in ["checkpoint", "parallel"] {
        let (file, out) = (format!("{name}.pth"), format!("{name}.safetensors"));
        let network = ["--network", "alexnet", "--weights", &file, "--width", &width, "--input", "64"];
        let output = lab.run(&[&["features", "images", "--out", &out][..], &network].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{error}");
        assert_eq!(error.matches("have the prefix").count(), 1, "{error}");
    }
    let features = |name: &str| jem::metric::FeatureSet::read(&lab.path(name)).unwrap().rows().row(0).to_vec();
    assert_eq!(features("checkpoint.safetensors"), features("parallel.safetensors"));
    let settings = crate::lab::EXPERIMENT.split("[[method]]").next().unwrap();
    let method = "[[method]]\nname = \"JEM\"\nguide.network = \"alexnet\"\nguide.weights = \"parallel.pth\"\n";
    std::fs::write(lab.path("one.toml"), format!("{settings}{method}guide.width = {width}\n")).unwrap();
    let prepare = ["prepare", "one.toml", "--device", "cpu"];
    // The second time the features are in the cache.
    for _ in 0..2 {
        let output = lab.run(&prepare);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{error}");
        assert!(error.contains("warning: parallel.pth: the tensor names have the prefix `module`"), "{error}");
    }
}

fn write_image(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    image::RgbImage::from_fn(70, 66, |x, y| image::Rgb([(x * 3) as u8, (y * 3) as u8, 90]))
        .save(folder.join("1.png"))
        .unwrap();
}

#[test]
fn nonfinite_or_incomplete_weights_are_reported_by_tensor() {
    let lab = Lab::new();
    let network = Network::Inception;
    let config = NetworkConfig { input: 96, width: 0.02 };
    let device = burn::tensor::Device::flex();
    let net =
        jem::vision::FeatureNet::load(network, config, &jem::vision::Weights::Random { seed: 1 }, &device).unwrap();
    let save = |name: &str, change: &dyn Fn(&str, &mut Vec<f32>) -> bool| {
        let mut tensors = net.state();
        tensors.retain_mut(|(name, _, values)| change(name, values));
        let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
            .into_iter()
            .map(|(name, shape, values)| (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
            .collect();
        let views = bytes.iter().map(|(name, shape, bytes)| {
            (name, safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).unwrap())
        });
        safetensors::serialize_to_file(views, None, &lab.path(name)).unwrap();
    };
    save("bad.safetensors", &|name, values| {
        if name == "Mixed_5b.branch1x1.conv.weight" {
            values[3] = f32::NAN;
        }
        true
    });
    save("headless.safetensors", &|name, _| name != "fc.weight" && name != "fc.bias");
    let checked = lab.run(&["weights", "check", "bad.safetensors"]);
    assert_eq!(checked.status.code(), Some(3));
    let messages = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(messages.contains("Mixed_5b.branch1x1.conv.weight has a value that is not finite"), "{messages}");
    write_image(&lab.path("images"));
    let features = |weights: &'static str, layer: &'static str| {
        let network =
            ["--network", "inception", "--width", "0.02", "--input", "96", "--layer", layer, "--weights", weights];
        [&["features", "images", "--out", "a.safetensors", "--force"][..], &network].concat()
    };
    let error = lab.fail(3, &features("bad.safetensors", "pool3"));
    assert!(error.contains("bad.safetensors: values are not finite in Mixed_5b.branch1x1.conv.weight"), "{error}");
    let messages = lab.succeed(&["weights", "check", "headless.safetensors"]);
    assert!(messages.contains("missing: fc.weight, fc.bias; features can be extracted up to pool3"), "{messages}");
    let output = lab.run(&features("headless.safetensors", "pool3"));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && error.contains("fc.weight, fc.bias, which pool3 does not require"), "{error}");
    let error = lab.fail(3, &features("headless.safetensors", "logits"));
    assert!(error.contains("missing fc.weight") && error.contains("missing fc.bias"), "{error}");
}

#[test]
fn a_file_named_like_an_experiment_is_not_its_report() {
    let lab = Lab::new();
    lab.succeed(&["queue", "sweep.toml"]);
    for text in ["key with no value\n", "title = \"another\"\n"] {
        std::fs::write(lab.path("sweep"), text).unwrap();
        let messages = lab.succeed(&["report", "sweep"]);
        assert_eq!(messages.trim(), "reports/sweep/report.md");
        let report = std::fs::read_to_string(lab.path("reports/sweep/report.md")).unwrap();
        assert!(report.contains("A small sweep"), "{report}");
    }
    // A report file of that name has priority, and a path is a file.
    std::fs::write(lab.path("reports/sweep.toml"), "title = \"Written\"\nexperiments = [\"sweep\"]\n").unwrap();
    lab.succeed(&["report", "sweep"]);
    let title = |folder: &str| std::fs::read_to_string(lab.path(&format!("reports/{folder}/report.md"))).unwrap();
    assert!(title("sweep").starts_with("# Written"), "{}", title("sweep"));
    std::fs::write(lab.path("other"), "title = \"By its path\"\nexperiments = [\"sweep\"]\n").unwrap();
    lab.succeed(&["report", "./other"]);
    assert!(title("other").starts_with("# By its path"), "{}", title("other"));
    let error = lab.fail(2, &["report", "other"]);
    assert!(error.contains("no experiment `other`") && error.contains("./other"), "{error}");
    let error = lab.fail(2, &["report", "./nothing.toml"]);
    assert!(error.contains("nothing"), "{error}");
}
