use std::path::PathBuf;

use super::*;

fn origin() -> FeatureOrigin {
    FeatureOrigin {
        network: "inception".into(),
        layer: "pool".into(),
        weights: "random:1".into(),
        input: 299,
        width: 1.0,
        resizer: "bilinear".into(),
        version: "0.1.0".into(),
    }
}

fn set() -> FeatureSet {
    let names = ["a.png", "b.png", "c.png"].map(str::to_owned).to_vec();
    let set = FeatureSet::new(vec![0.5, 1.0, 1.5, 2.0, 2.5, 3.0], 2, names, Some(origin())).unwrap();
    set.with_layer("logits", vec![1.0, 2.0, 3.0], 1).unwrap()
}

/// Writes tensors to a file and reads them as a set.
fn read_tensors(tensors: Vec<(&str, Tensor)>, names: &[&str]) -> Result<FeatureSet, MetricError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    let names = names.iter().map(|&name| name.to_owned()).collect();
    tensor_file::write(&path, tensors, &Metadata { names, origin: None }).unwrap();
    FeatureSet::read(&path)
}

fn f32_tensor<'a>(shape: &[usize], values: &'a [f32]) -> Tensor<'a> {
    Tensor { shape: shape.into(), values: TensorValues::F32(values) }
}

/// The text of an error, without the folder.
#[track_caller]
fn error_text(result: Result<FeatureSet, MetricError>) -> String {
    let error = result.unwrap_err();
    assert!(matches!(error, MetricError::File(FileError::Read { .. })) || error.help().is_some());
    error.to_string().rsplit('/').next().unwrap().to_owned()
}

#[test]
fn a_saved_set_is_read_and_equal_sets_give_equal_files() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first.safetensors", "second.safetensors"].map(|name| folder.path().join(name));
    set().save(&first).unwrap();
    set().save(&second).unwrap();
    let read = FeatureSet::read(&first).unwrap();
    assert_eq!(read, set());
    assert_eq!((read.rows().row(1), read.layer("logits").unwrap().row(2)), (&[1.5, 2.0][..], &[3.0][..]));
    assert_eq!((read.names()[1].as_str(), read.origin()), ("b.png", Some(&origin())));
    assert!(read.layer("none").is_none());
    assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
    let others = folder.path().join("missing").join("a.safetensors");
    assert!(matches!(set().save(&others), Err(MetricError::File(FileError::Write { .. }))));
}

#[test]
fn errors_of_a_file_have_the_tensor() {
    let two = [1.0, 2.0];
    assert_eq!(
        error_text(read_tensors(vec![("pool", f32_tensor(&[1, 2], &two))], &[])),
        "a.safetensors: no tensor `features` among [\"pool\"]"
    );
    assert_eq!(
        error_text(read_tensors(vec![("features", f32_tensor(&[2], &two))], &[])),
        "a.safetensors: `features` is [2], not [images, dimensions], at least one of each"
    );
    assert!(
        error_text(read_tensors(vec![("features", f32_tensor(&[0, 2], &[]))], &[])).contains("`features` is [0, 2]")
    );
    assert!(
        error_text(read_tensors(vec![("features", f32_tensor(&[2, 0], &[]))], &[])).contains("`features` is [2, 0]")
    );
    let wide = Tensor { shape: vec![1, 2], values: TensorValues::F64(&[1.0, 2.0]) };
    assert_eq!(
        error_text(read_tensors(vec![("features", wide)], &[])),
        "a.safetensors: `features` has values of type F64, not F32"
    );
    let tensors = vec![("features", f32_tensor(&[2, 1], &two)), ("logits", f32_tensor(&[1, 2], &two))];
    assert_eq!(
        error_text(read_tensors(tensors, &[])),
        "a.safetensors: `logits` is [1, 2], not [2, dimensions], because `features` has 2 rows"
    );
    let names = error_text(read_tensors(vec![("features", f32_tensor(&[2, 1], &two))], &["a.png"]));
    assert!(names.contains("1 names for 2 rows"), "{names}");
}

#[test]
fn errors_of_values_that_are_not_finite_have_the_image() {
    let values = [1.0, 2.0, 3.0, f32::NAN];
    let named = error_text(read_tensors(vec![("features", f32_tensor(&[2, 2], &values))], &["a.png", "b.png"]));
    assert_eq!(named, "a.safetensors: `features` is not finite in row 1 (b.png), column 1");
    let unnamed = error_text(read_tensors(vec![("features", f32_tensor(&[4, 1], &values))], &[]));
    assert_eq!(unnamed, "a.safetensors: `features` is not finite in row 3 (an image without a name), column 0");
    let tensors = vec![("features", f32_tensor(&[4, 1], &[1.0; 4])), ("logits", f32_tensor(&[4, 1], &values))];
    assert!(error_text(read_tensors(tensors, &[])).contains("`logits` is not finite in row 3"));
    assert!(matches!(FeatureSet::new(values.to_vec(), 2, vec![], None), Err(MetricError::NotFinite { row: 1, .. })));
}

#[test]
fn a_file_without_features_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str, bytes: &[u8]| {
        let path: PathBuf = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        error_text(FeatureSet::read(&path))
    };
    assert_eq!(of("a.safetensors", b""), "a.safetensors: an empty file, not a safetensors file");
    assert_eq!(of("a.npy", b"<html>"), "a.npy: a web page, not a .npy array");
    assert!(of("a.safetensors", b"numbers and more").starts_with("a.safetensors: cannot be parsed"));
    assert_eq!(of("a.txt", b"1 2"), "a.txt: cannot be parsed: neither .safetensors, .npy nor .npz");
    assert_eq!(error_text(FeatureSet::read(&folder.path().join("missing.npy"))), "missing.npy: cannot be read");
}

#[test]
fn names_and_layers_must_fit() {
    let error = FeatureSet::new(vec![1.0, 2.0], 1, vec!["a".into()], None).unwrap_err();
    assert_eq!(error.to_string(), "1 names for 2 rows");
    let error = set().with_layer("other", vec![1.0; 4], 2).unwrap_err();
    assert_eq!(error.to_string(), "layer `other` has 2 rows, the features have 3");
    assert!(set().with_layer("features", vec![1.0; 3], 1).is_err());
}

/// An array as numpy writes it: the header is padded with spaces to a multiple of 64 bytes, in version 1 or 2.
fn npy(version: u8, descr: &str, order: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}").into_bytes();
    header.resize(117, b' ');
    header.push(b'\n');
    let length = u32::try_from(header.len()).unwrap().to_le_bytes();
    let length = if version == 1 { &length[..2] } else { &length };
    [b"\x93NUMPY", &[version, 0][..], length, &header, values].concat()
}

#[test]
fn a_numpy_matrix_of_f32_or_f64_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let of = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        FeatureSet::read(&path)
    };
    let narrow: Vec<u8> = [1.0f32, 2.0, 3.5, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let wide: Vec<u8> = [1.0f64, 2.0, 3.5, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    for bytes in [npy(1, "<f4", "False", "(2, 2)", &narrow), npy(2, "<f8", "False", "(2, 2)", &wide)] {
        let set = of(&bytes).unwrap();
        assert_eq!((set.rows().row(1), set.names().len(), set.origin()), (&[3.5, 4.0][..], 0, None));
    }
    let wrong = |descr, order, shape| error_text(of(&npy(1, descr, order, shape, &narrow)));
    assert!(
        wrong("<f4", "False", "(4,)").ends_with("`the array` is [4], not [images, dimensions], at least one of each")
    );
    assert!(wrong("<i4", "False", "(2, 2)").ends_with("its values are '<i4', not '<f4' or '<f8'"));
    let columns = of(&npy(1, "<f4", "True", "(2, 2)", &narrow)).unwrap();
    assert_eq!(columns.rows().row(1), [2.0, 4.0], "columns are contiguous in Fortran order");
    assert!(wrong("<f4", "True", "(2, 2, 1)").ends_with("it is in Fortran order, but not a matrix"));
    assert!(wrong("<f4", "False", "(3, 2)").ends_with("it has 16 bytes, not those of [3, 2]"));
    assert!(error_text(of(b"numbers")).ends_with("it is not a .npy file"));
    assert!(error_text(of(&npy(1, "<f4", "False", "(2, 2)", &narrow)[..40])).ends_with("it ends in the header"));
    // Beyond the range of f32.
    let large = npy(1, "<f8", "False", "(1, 1)", &1e300f64.to_le_bytes());
    assert!(error_text(of(&large)).contains("not finite in row 0"));
}
