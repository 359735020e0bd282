//! Mean and covariance in an archive of others, as the reference of a distance.

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
    let numbers = values.iter().flat_map(|value| value.to_le_bytes());
    [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()]
        .concat()
        .into_iter()
        .chain(numbers)
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
        let apart: Vec<f64> = row(at).zip(&mu).map(|(value, mean)| value - mean).collect();
        for i in 0..d {
            for j in 0..d {
                sigma[i * d + j] += apart[i] * apart[j] / (count - 1) as f64;
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
fn an_archive_of_mean_and_covariance_is_a_reference() {
    let lab = lab();
    lab.succeed(&with(&["features", "b", "--out", "b.safetensors"], &ALEXNET));
    let features = FeatureSet::read(&lab.path("b.safetensors")).unwrap();
    let d = features.rows().dimension();
    save(&lab, "b.npz", &features, d);
    let of_pictures = json(&lab, &["eval", "fid", "a", "b"], &ALEXNET);
    let of_archive = json(&lab, &["eval", "fid", "a", "b.npz"], &ALEXNET);
    let (expected, found) = (value(&of_pictures, 0), value(&of_archive, 0));
    assert!((expected - found).abs() < 1e-6 * expected, "{expected} {found}");
    assert_eq!((&of_archive["real"]["kind"], &of_archive["real"]["pictures"]), (&Value::from("moments"), &Value::Null));
    assert_eq!(of_archive["values"][0]["measure"], "FD(unknown)", "nothing says how they were made");
    let notes = notes(&of_archive);
    assert!(notes.contains("how many pictures the real side has is not known"), "{notes}");
    assert!(notes.contains("how the features of the real side were made is not known"), "{notes}");
    let same = json(&lab, &["eval", "fid", "b.npz", "b.npz"], &[]);
    assert!(value(&same, 0).abs() < 1e-9 * expected, "{same}");
    let text = lab.succeed(&with(&["eval", "fid", "a", "b.npz"], &ALEXNET));
    assert!(text.contains("real: pictures of unknown number, moments in b.npz"), "{text}");
}

#[test]
fn another_dimension_and_another_measure_are_refused_before_a_picture_is_seen() {
    let lab = lab();
    lab.succeed(&with(&["features", "b", "--out", "b.safetensors"], &ALEXNET));
    let features = FeatureSet::read(&lab.path("b.safetensors")).unwrap();
    let d = features.rows().dimension();
    save(&lab, "narrow.npz", &features, 16);
    let error = lab.fail(3, &with(&["eval", "fid", "a", "narrow.npz"], &ALEXNET));
    assert!(error.contains(&format!("a has features of {d} numbers, and narrow.npz of 16")), "{error}");
    assert!(!error.contains("features: "), "no picture was looked at: {error}");
    let error = lab.fail(3, &["eval", "fid", "narrow.npz", "b.safetensors"]);
    assert!(error.contains(&format!("narrow.npz has features of 16 numbers, and b.safetensors of {d}")), "{error}");
    let error =
        lab.fail(3, &with(&["eval", "kid", "a", "narrow.npz"], &["--network", "alexnet", "--weights", "random:1"]));
    assert!(error.contains("narrow.npz"), "{error}");
}
