use super::*;
use crate::metric::frechet_distance;
use std::io::Write as _;
use std::path::PathBuf;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An array as `numpy.save` writes it, of float64, or of float32 if `narrow`.
fn npy(shape: &[usize], values: &[f64], narrow: bool, fortran: bool) -> Vec<u8> {
    let sides: String = shape.iter().map(|side| format!("{side}, ")).collect();
    let (descr, order) = (if narrow { "<f4" } else { "<f8" }, if fortran { "True" } else { "False" });
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({sides}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    match narrow {
        true => bytes.extend(values.iter().flat_map(|&value| (value as f32).to_le_bytes())),
        false => bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
    }
    bytes
}

fn save(arrays: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("statistics.npz");
    let mut archive = ZipWriter::new(File::create(&path).unwrap());
    for (name, bytes) in arrays {
        archive.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    (folder, path)
}

const MU: [f64; 2] = [1.0, -2.0];
const SIGMA: [f64; 4] = [4.0, 1.0, 1.0, 3.0];

#[test]
fn mean_and_covariance_are_read_in_every_type_and_order() {
    for (narrow, fortran) in [(false, false), (true, false), (false, true), (true, true)] {
        let others = ("arr_0", npy(&[1], &[7.0], false, false));
        let arrays = [("mu", npy(&[2], &MU, narrow, false)), ("sigma", npy(&[2, 2], &SIGMA, narrow, fortran)), others];
        let (_folder, path) = save(&arrays);
        let read = Moments::read_npz(&path).unwrap();
        assert_eq!((read.count(), read.mean(), read.covariance().unwrap()), (None, &MU[..], SIGMA.to_vec()));
    }
}

#[test]
fn the_distance_equals_that_of_scipy() {
    // numpy 2.4 and scipy 1.17: |a - b|² + tr(A + B - 2 sqrtm(AB)), as in pytorch-fid:
    // a, A = MU, SIGMA; b, B = [0, 1], [[2, -.5], [-.5, 1]].
    const EXPECTED: f64 = 11.333_982_601_588_634;
    let (_folder, path) = save(&[("mu", npy(&[2], &MU, false, false)), ("sigma", npy(&[2, 2], &SIGMA, false, false))]);
    let other = Moments::from_statistics(None, vec![0.0, 1.0], &[2.0, -0.5, -0.5, 1.0]).unwrap();
    let found = frechet_distance(&Moments::read_npz(&path).unwrap(), &other).unwrap();
    assert!((found.distance - EXPECTED).abs() < 1e-9, "{}", found.distance);
    assert_eq!((found.has_few_images(), found.ranks, found.counts), ([false; 2], [2; 2], [None; 2]));
}

#[test]
fn errors_of_values_have_their_array() {
    let wrong = |mu: Vec<u8>, sigma: Vec<u8>| {
        let (_folder, path) = save(&[("mu", mu), ("sigma", sigma)]);
        let error = Moments::read_npz(&path).unwrap_err();
        assert!(error.help().unwrap().contains("pytorch-fid"));
        error.to_string().replace(&path.display().to_string(), "F")
    };
    let start = "F: no valid mean and covariance:";
    let mu = || npy(&[2], &MU, false, false);
    let sigma = |values: &[f64]| npy(&[2, 2], values, false, false);
    let cases = [
        (mu(), npy(&[3, 3], &[0.0; 9], false, false), "`sigma` is [3, 3], not [2, 2], because `mu` has 2 values"),
        (mu(), npy(&[4], &SIGMA, false, false), "`sigma` is [4], not [2, 2], because `mu` has 2 values"),
        (npy(&[1, 2], &MU, false, false), sigma(&SIGMA), "`mu` is [1, 2], not [dimensions] with at most 16384"),
        (npy(&[2], &[f64::NAN, 0.0], false, false), sigma(&SIGMA), "the mean is not finite in column 0"),
        (mu(), sigma(&[4.0, f64::INFINITY, 1.0, 3.0]), "the covariance is not finite in row 0, column 1"),
        (mu(), sigma(&[4.0, 1.0, 1.1, 3.0]), "the covariance is not symmetric in row 1, column 0"),
        (mu(), sigma(&[-4.0, 1.0, 1.0, 3.0]), "the variance of column 0 is negative"),
        (mu(), b"no array".to_vec(), "`sigma`: it is not a .npy file"),
    ];
    for (mu, sigma, expected) in cases {
        assert_eq!(wrong(mu, sigma), format!("{start} {expected}"));
    }
    let (_folder, path) = save(&[("mu", mu()), ("images", mu())]);
    let error = Moments::read_npz(&path).unwrap_err().to_string();
    assert!(error.ends_with("no array `sigma` among images.npy, mu.npy"), "{error}");
}

#[test]
fn an_array_that_is_too_large_is_not_unpacked_completely() {
    let mut endless = npy(&[2, 2], &SIGMA, false, false);
    endless.resize(1 << 26, 0);
    let (_folder, path) = save(&[("mu", npy(&[2], &MU, false, false)), ("sigma", endless)]);
    assert!(std::fs::metadata(&path).unwrap().len() < 1 << 18);
    assert!(Moments::read_npz(&path).unwrap_err().to_string().ends_with("`sigma` has more than 4 values"));
}

#[test]
fn a_web_page_and_a_truncated_archive_are_errors() {
    let (_folder, path) = save(&[("mu", npy(&[2], &MU, false, false)), ("sigma", npy(&[2, 2], &SIGMA, false, false))]);
    let complete = std::fs::read(&path).unwrap();
    for end in [4, 40, complete.len() / 2, complete.len() - 1] {
        std::fs::write(&path, &complete[..end]).unwrap();
        assert!(matches!(Moments::read_npz(&path), Err(MetricError::StatisticsFile { .. })), "{end}");
    }
    std::fs::write(&path, "<html>Log in</html>").unwrap();
    let error = Moments::read_npz(&path).unwrap_err();
    assert!(error.to_string().ends_with("a web page, not an .npz archive"), "{error}");
}
