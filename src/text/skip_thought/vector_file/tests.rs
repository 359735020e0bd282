use super::*;

/// The format, the dimension, and the words and vectors of a file.
type Contents = (Format, usize, Vec<(String, Vec<f32>)>);

fn read(contents: &[u8]) -> Result<Contents, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors");
    std::fs::write(&path, contents).unwrap();
    let file = VectorFile::open(&path).map_err(|error| error.to_string())?;
    let mut entries = Vec::new();
    let result = file.for_each(&mut |word, vector| entries.push((word.to_owned(), vector.to_vec())));
    result.map_err(|error| error.to_string())?;
    Ok((file.format, file.dimension(), entries))
}

/// A file in the binary format. `end` follows each vector: a newline as from the C code of word2vec, nothing as from
/// gensim.
fn binary(counts: &str, words: &[&[u8]], end: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{counts}\n").into_bytes();
    for (number, word) in (1u8..).zip(words) {
        bytes.extend_from_slice(word);
        bytes.push(b' ');
        bytes.extend([f32::from(number), 10.0].iter().flat_map(|value| value.to_le_bytes()));
        bytes.extend_from_slice(end);
    }
    bytes
}

#[test]
fn all_formats_are_read() {
    let words = |contents: &Contents| contents.2.iter().map(|(word, _)| word.clone()).collect::<Vec<_>>();
    let glove = read("the 1 2.5\n. . . -3e-1 4\nÜ 0 1".as_bytes()).unwrap();
    assert_eq!((glove.0, glove.1, words(&glove)), (Format::Glove, 2, vec!["the".into(), ". . .".into(), "Ü".into()]));
    assert_eq!(glove.2[1].1, [-0.3, 4.0]);
    let text = read(b"2 3\nred 1 2 3 \r\nblue 4 5 6\n").unwrap();
    assert_eq!((text.0, text.1, words(&text)), (Format::Word2VecText, 3, vec!["red".into(), "blue".into()]));
    assert_eq!(text.2[0].1, [1.0, 2.0, 3.0]);
    for end in [b"\n".as_slice(), b""] {
        let found = read(&binary("3 2", &["red".as_bytes(), "ö".as_bytes(), b"x_y"], end)).unwrap();
        assert_eq!(
            (found.0, found.1, words(&found)),
            (Format::Word2VecBinary, 2, vec!["red".into(), "ö".into(), "x_y".into()])
        );
        assert_eq!(found.2[2].1, [3.0, 10.0]);
    }
}

#[test]
fn errors_name_the_line_or_word() {
    let error = |contents: &[u8]| read(contents).unwrap_err();
    assert!(error(b"").ends_with("the file is empty"));
    assert!(error(b"word\n").contains("the dimension is 0"));
    assert!(error(b"a 1 2\nb 1\n").ends_with("line 2 is not a word and 2 values"));
    assert!(error(b"a 1 2\nb 1 x\n").ends_with("line 2 is not a word and 2 values"));
    assert!(error(b"a 1 2\nb 1 nan\n").ends_with("the vector of \"b\", word 2, is not finite"));
    assert!(error(b"a 1 2\nb\xff 1 2\n").ends_with("line 2 is not UTF-8"));
    assert!(error(b"3 2\na 1 2\nb 1 2\n").ends_with("the file has 2 words, but its header says 3"));
    assert!(error(b"9 99999999\n").contains("the dimension is 99999999"));
    let complete = binary("2 2", &[b"red", b"blue"], b"\n");
    for length in 20..complete.len() - 1 {
        assert!(read(&complete[..length]).unwrap_err().contains("the file ends after 1 words"), "{length}");
    }
    assert!(error(&binary("1 2", &[b"\xff\xfe"], b"")).ends_with("word 1 is not UTF-8"));
    assert!(error(&[b"1 2\n".as_slice(), &vec![b'a'; 2 << 20]].concat()).contains("the file ends after 0 words"));
}

#[test]
fn other_kinds_of_files_are_recognised_and_words_like_tags_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors.txt");
    for (bytes, kind) in [
        (&b"<!DOCTYPE html>\n<html>"[..], "a web page, not a file of word vectors"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer, not"),
        (b"\x1f\x8b\x08\0\n1 2\n", "a gzip archive, not"),
        (b"PK\x03\x04\n", "a ZIP archive, not"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = VectorFile::open(&path).unwrap_err();
        assert!(error.to_string().contains(kind), "{error}");
    }
    std::fs::write(&path, "<html> 0.5 1\n<body> 1 2\n").unwrap();
    assert_eq!(VectorFile::open(&path).unwrap().dimension(), 2);
}
