//! Mean and covariance of an npz file as the reference of a distance.

use std::fs::File;
use std::io::Write as _;

use jem::metric::FeatureSet;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{ALEXNET, json, lab, notes, value, with};
use crate::lab::Lab;

fn npy(shape: &str, values: &[f64]) -> Vec<u8> {
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()]
        .concat()
        .into_iter()
        .chain(bytes)
        .collect()
}

/// `mu` and `sigma` of features, as pytorch-fid saves them: `numpy.mean` and `numpy.cov` of the rows.
fn save(lab: &Lab, name: &str, features: &FeatureSet, dimension: usize) {
    let rows = features.rows();
    let (count, d) = (rows.count(), dimension);
    let row = |at: usize| rows.row(at)[..d].iter().map(|&value| f64::from(value));
    let mut mu = vec![0.0; d];
    (0..count).for_each(|at| mu.iter_mut().zip(row(at)).for_each(|(sum, value)| *sum += value / count as f64));
    let mut sigma = vec![0.0; d * d];
    for at in 0..count {
        let difference: Vec<f64> = row(at).zip(&mu).map(|(value, mean)| value - mean).collect();
        for i in 0..d {
            for j in 0..d {
                sigma[i * d + j] += difference[i] * difference[j] / (count - 1) as f64;
            }
        }
    }
    let mut archive = ZipWriter::new(File::create(lab.path(name)).unwrap());
    for (array, bytes) in [("mu", npy(&format!("{d},"), &mu)), ("sigma", npy(&format!("{d}, {d}"), &sigma))] {
        archive.start_file(format!("{array}.npy"), SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn moments_from_an_npz_file_are_a_reference() {
    let lab = lab();
    lab.succeed(&with(&["features", "b", "--out", "b.safetensors"], &ALEXNET));
    let features = FeatureSet::read(&lab.path("b.safetensors")).unwrap();
    let d = features.rows().dimension();
    save(&lab, "b.npz", &features, d);
    let of_images = json(&lab, &["eval", "fid", "a", "b"], &ALEXNET);
    let of_archive = json(&lab, &["eval", "fid", "a", "b.npz"], &ALEXNET);
    let (expected, found) = (value(&of_images, 0), value(&of_archive, 0));
    assert!((expected - found).abs() < 1e-6 * expected, "{expected} {found}");
    assert_eq!((&of_archive["real"]["kind"], &of_archive["real"]["pictures"]), (&Value::from("moments"), &Value::Null));
    assert_eq!(of_archive["values"][0]["measure"], "FD(unknown)", "the archive has no origin");
    let notes = notes(&of_archive);
    assert!(notes.contains("the number of real images is not known"), "{notes}");
    assert!(notes.contains("the network and layer of the features of the real set are not known"), "{notes}");
    let same = json(&lab, &["eval", "fid", "b.npz", "b.npz"], &[]);
    assert!(value(&same, 0).abs() < 1e-9 * expected, "{same}");
    let text = lab.succeed(&with(&["eval", "fid", "a", "b.npz"], &ALEXNET));
    assert!(text.contains("real: unknown number of images, mean and covariance in b.npz"), "{text}");
}

#[test]
fn unequal_dimensions_are_an_error_before_extraction() {
    let lab = lab();
    lab.succeed(&with(&["features", "b", "--out", "b.safetensors"], &ALEXNET));
    let features = FeatureSet::read(&lab.path("b.safetensors")).unwrap();
    let d = features.rows().dimension();
    save(&lab, "narrow.npz", &features, 16);
    let error = lab.fail(3, &with(&["eval", "fid", "a", "narrow.npz"], &ALEXNET));
    assert!(error.contains(&format!("a has features of {d} dimensions, and narrow.npz of 16")), "{error}");
    assert!(!error.contains("features: "), "no features were extracted: {error}");
    let error = lab.fail(3, &["eval", "fid", "narrow.npz", "b.safetensors"]);
    assert!(error.contains(&format!("narrow.npz has features of 16 dimensions, and b.safetensors of {d}")), "{error}");
    let error =
        lab.fail(3, &with(&["eval", "kid", "a", "narrow.npz"], &["--network", "alexnet", "--weights", "random:1"]));
    assert!(error.contains("narrow.npz"), "{error}");
}
