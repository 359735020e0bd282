//! `jem eval lpips`.

use std::path::Path;

use super::{image, json, value, with};
use crate::lab::Lab;

#[test]
fn lpips_compares_pairs_and_reports_unpaired_images() {
    let lab = Lab::new();
    for (name, from) in [("x", 0), ("y", 0), ("z", 50)] {
        std::fs::create_dir(lab.path(name)).unwrap();
        for number in 0..3 {
            image(from + number, 64, 70).save(lab.path(&format!("{name}/{number}.png"))).unwrap();
        }
    }
    let eval = |a: &'static str, b: &'static str| {
        vec!["eval", "lpips", a, b, "--weights", "random:1", "--linear", "linear.safetensors"]
    };
    let error = lab.fail(3, &eval("x", "y"));
    assert!(
        error.contains("linear.safetensors: no such weights file") && error.contains("weights fetch lpips-alexnet"),
        "{error}"
    );
    write_linear(&lab.path("linear.safetensors"));
    let same = json(&lab, &eval("x", "y"), &[]);
    assert_eq!((value(&same, 0), same["values"][0]["uncertainty"].as_f64()), (0.0, Some(0.0)));
    assert_eq!(same["values"][0]["measure"], "distance(alexnet:random:1)");
    let other = json(&lab, &eval("x", "z"), &[]);
    let pairs = other["pairs"].as_array().unwrap();
    let mean = pairs.iter().map(|pair| pair["distance"].as_f64().unwrap()).sum::<f64>() / 3.0;
    assert!(value(&other, 0) > 0.0 && (value(&other, 0) - mean).abs() < 1e-12, "{other}");
    let csv = lab.succeed(&with(&eval("x", "z"), &["--format", "csv"]));
    assert!(csv.starts_with("pair,first,second,distance\r\n0,0.png,0.png,") && csv.lines().count() == 4, "{csv}");
    image(1, 65, 70).save(lab.path("z/1.png")).unwrap();
    let error = lab.fail(3, &eval("x", "z"));
    assert!(error.contains("x/1.png is 64×70 and z/1.png 65×70"), "{error}");
    std::fs::remove_file(lab.path("z/1.png")).unwrap();
    image(1, 64, 70).save(lab.path("z/7.png")).unwrap();
    let error = lab.fail(3, &eval("x", "z"));
    assert!(
        error.contains("2 image(s) have no partner") && error.contains("x/1.png") && error.contains("z/7.png"),
        "{error}"
    );
}

/// Equal weights for every channel of the five layers of AlexNet.
fn write_linear(path: &Path) {
    let channels = [64usize, 192, 384, 256, 256];
    let bytes: Vec<Vec<u8>> = channels.iter().map(|&count| 1f32.to_le_bytes().repeat(count)).collect();
    let tensors = channels.iter().zip(&bytes).enumerate().map(|(index, (&count, bytes))| {
        let shape = vec![1, count, 1, 1];
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape, bytes).unwrap();
        (format!("lin{index}.model.1.weight"), view)
    });
    safetensors::serialize_to_file(tensors, None, path).unwrap();
}
