use super::*;
use crate::random::Random;

fn parts(name: &str, input: usize, hidden: usize) -> GruParts {
    GruParts::from_fn(input, hidden, |array, count| Random::named(1, &format!("{name}.{array}")).normals(count))
}

fn encoder(is_bi: bool) -> EncoderFile {
    EncoderFile {
        words: ["<eos>", "UNK", "rose", "“petal”"].map(str::to_owned).to_vec(),
        embedding: Random::named(1, "embedding").normals(12),
        dimension: 3,
        forward: parts("forward", 3, 2),
        backward: is_bi.then(|| parts("backward", 3, 2)),
        tokeniser: "whitespace".into(),
        use_eos: true,
        about: "a test".into(),
        sha256: String::new(),
    }
}

#[test]
fn a_written_file_is_read_and_its_bytes_are_reproducible() {
    let folder = tempfile::tempdir().unwrap();
    for is_bi in [false, true] {
        let (file, path) = (encoder(is_bi), folder.path().join("it.safetensors"));
        let sha256 = file.write(&path).unwrap();
        let read = EncoderFile::read(&path).unwrap();
        assert_eq!(read, EncoderFile { sha256: sha256.clone(), ..file.clone() });
        assert_eq!(read.hidden(), if is_bi { 4 } else { 2 });
        assert_eq!(sha256, hex::encode(Sha256::digest(std::fs::read(&path).unwrap())));
        assert!((0..20).all(|_| file.to_bytes().unwrap().1 == sha256));
    }
}

type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// The error of reading the file of an encoder after `change`.
fn changed(change: impl Fn(&mut Tensors, &mut serde_json::Value)) -> EncoderFileError {
    let bytes = encoder(true).to_bytes().unwrap().0;
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let mut entry = serde_json::from_str(&metadata.metadata().as_ref().unwrap()[ENTRY]).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: Tensors = file
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec())))
        .collect();
    change(&mut tensors, &mut entry);
    let views = tensors
        .iter()
        .map(|(name, (dtype, shape, bytes))| (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    let entry = match entry {
        serde_json::Value::Null => None,
        entry => Some(HashMap::from([(ENTRY.to_owned(), entry.to_string())])),
    };
    from_bytes(&safetensors::serialize(views, entry).unwrap()).unwrap_err()
}

#[test]
fn invalid_files_are_rejected_with_a_reason() {
    let check = |error: EncoderFileError, words: &[&str]| {
        let text = error.to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}: {words:?}");
    };
    check(changed(|_, entry| *entry = serde_json::Value::Null), &["skip_thought", "metadata"]);
    check(changed(|_, entry| entry["form"] = 2.into()), &["format 2"]);
    check(changed(|_, entry| entry["more"] = 2.into()), &["more"]);
    check(changed(|_, entry| entry["words"][3] = "rose".into()), &["rose", "two rows"]);
    check(changed(|_, entry| entry["words"][0] = "daisy".into()), &["row 0", "daisy", "<eos>"]);
    check(changed(|_, entry| _ = entry["words"].as_array_mut().unwrap().pop()), &["embedding", "[4, 3]", "[3, …]"]);
    check(changed(|tensors, _| _ = tensors.remove("forward.ux")), &["missing tensor", "forward.ux"]);
    check(changed(|tensors, _| _ = tensors.remove("backward.b")), &["missing tensor", "backward.b"]);
    check(
        changed(|tensors, _| _ = tensors.insert("more".into(), (Dtype::F32, vec![1], vec![0; 4]))),
        &["unexpected tensor", "more"],
    );
    check(changed(|tensors, _| tensors.get_mut("forward.b").unwrap().0 = Dtype::I32), &["forward.b", "I32"]);
    check(
        changed(|tensors, _| tensors.get_mut("forward.u").unwrap().1 = vec![4, 2]),
        &["forward.u", "[4, 2]", "[2, 4]"],
    );
    check(changed(|tensors, _| tensors.get_mut("forward.b").unwrap().1 = vec![2, 2]), &["forward.b", "1 dimensions"]);
    check(
        changed(|tensors, _| tensors.get_mut("backward.wx").unwrap().2[..4].copy_from_slice(&f32::NAN.to_le_bytes())),
        &["backward.wx", "not finite"],
    );
}

#[test]
fn a_truncated_or_missing_file_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.safetensors");
    encoder(false).write(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let error = EncoderFile::read(&path).unwrap_err();
    assert!(matches!(error, TextError::Encoder { source: EncoderFileError::Format(_), .. }), "{error}");
    assert!(error.to_string().contains("it.safetensors"));
    let error = EncoderFile::read(&folder.path().join("none")).unwrap_err();
    assert!(matches!(error, TextError::Encoder { source: EncoderFileError::Io(_), .. }), "{error}");
    let short = EncoderFile { embedding: vec![0.0; 11], ..encoder(false) };
    assert!(short.write(&path).unwrap_err().help().is_some());
}
