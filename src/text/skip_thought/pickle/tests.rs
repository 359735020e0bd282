use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// The contents of `pickles.json`, which `tests/reference/pickles.py` writes.
#[derive(Deserialize)]
struct Pickles {
    rows: Vec<String>,
    options: Vec<String>,
    hostile: Vec<(String, String)>,
}

fn pickles() -> Pickles {
    serde_json::from_str(include_str!("../../../../tests/reference/pickles.json")).unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

/// The rows that are passed to the callback, and their order.
fn read(pickle: &[u8], count: usize) -> Result<(Vec<Vec<f32>>, RowOrder), PickleError> {
    let mut found = Vec::new();
    let order = read_rows(pickle, 0, count, &mut |row| {
        found.push(row.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect());
        Ok(())
    })?;
    Ok((found, order))
}

#[test]
fn rows_of_every_protocol_are_read_once() {
    for (protocol, pickle) in (2..).zip(pickles().rows) {
        let (found, order) = read(&bytes(&pickle), 3).unwrap();
        assert_eq!(found, [[1.0, 2.5], [-3.0, 4.0]], "protocol {protocol}");
        assert_eq!(order, RowOrder::Indices(vec![0, 1, 0]), "protocol {protocol}");
    }
}

#[test]
fn options_of_every_protocol_are_read() {
    for (protocol, pickle) in pickles().options.iter().enumerate() {
        let found = read_options(bytes(pickle).as_slice()).unwrap();
        let of = |name: &str| found[name].clone();
        let text = |text: &str| PyValue::Text(text.into());
        assert_eq!(
            (of("dim_word"), of("dim"), of("big")),
            (PyValue::Int(620), PyValue::Int(2400), PyValue::Int(70000)),
            "{protocol}"
        );
        assert_eq!(
            (of("minus"), of("long"), of("encoder")),
            (PyValue::Int(-3), PyValue::Int(1 << 40), text("gru")),
            "{protocol}"
        );
        assert_eq!(
            (of("reload_"), of("decay_c"), of("no")),
            (PyValue::Bool(false), PyValue::Float(0.25), PyValue::None)
        );
        assert_eq!(of("text"), text("it's é\n\\ €"), "{protocol}");
        let pair = PyValue::List(vec![PyValue::Float(3.5), PyValue::Bool(true)]);
        assert_eq!(of("list"), PyValue::List(vec![PyValue::Int(1), text("two"), pair]));
        assert_eq!(of("more"), PyValue::Dict([("a".to_owned(), PyValue::Int(1))].into()));
    }
}

#[test]
fn malicious_pickles_are_rejected_with_name_and_offset() {
    let hostile = pickles().hostile;
    assert!(hostile.len() > 50);
    let mut wrong = Vec::new();
    for (pickle, part) in hostile {
        let pickle = bytes(&pickle);
        let error = read(&pickle, 1).unwrap_err().to_string();
        if !error.contains(&part) || !error.contains("byte ") {
            wrong.push(format!("{}: {error}, expected {part}", pickle.escape_ascii()));
        }
        let as_options = read_options(pickle.as_slice()).map_err(|error| error.to_string());
        if part.ends_with(".system") && !as_options.as_ref().is_err_and(|error| error.contains(&part)) {
            wrong.push(format!("{} as options: {as_options:?}, expected {part}", pickle.escape_ascii()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn options_allow_no_global() {
    let error = read_options(bytes(&pickles().rows[0]).as_slice()).unwrap_err().to_string();
    assert_eq!(error, "global `numpy._core.multiarray._reconstruct` at byte 2 is not allowed");
}

#[test]
fn limits_are_checked_while_reading() {
    for (byte, part) in
        [(b'(', "marks at byte 4096: 4097, but the limit is 4096"), (b'N', "values on the stack"), (b']', "lists")]
    {
        let error = read(&[byte; 100_000], 1).unwrap_err().to_string();
        assert!(error.contains(part) || error.contains("values on the stack"), "{error}");
    }
    let tuples = [b"(".repeat(50), b"t".repeat(50)].concat();
    assert!(read(&tuples, 1).unwrap_err().to_string().contains("nested tuples at byte 58: 9, but the limit is 8"));
    let line = [b"S'".as_slice(), &[b'a'; 200_000], b"'\n."].concat();
    assert!(read_options(line.as_slice()).unwrap_err().to_string().contains("bytes of a line"));
    let text: Vec<u8> =
        (0..70_000u32).flat_map(|n| [b"NU\x01a".as_slice(), b"r", &n.to_le_bytes(), b"\x86"].concat()).collect();
    assert!(read_options(text.as_slice()).is_err());
}

#[test]
fn a_value_that_contains_itself_is_rejected() {
    // A list that contains itself, and seven levels of lists that each contain 40 times the same list: 40⁷ values.
    let cycle = b"}(U\x01a]q\x01h\x01au.";
    assert!(read_options(cycle.as_slice()).unwrap_err().to_string().contains("too many nested values"));
    let mut bomb = b"}(U\x01a]q\x00Na".to_vec();
    for list in 0..7u8 {
        bomb.extend([b"]q".as_slice(), &[list + 1]].concat());
        (0..40).for_each(|_| bomb.extend([b'h', list, b'a']));
    }
    bomb.extend(b"\x85u.");
    assert!(read_options(bomb.as_slice()).is_err());
}

#[test]
fn every_truncated_pickle_is_rejected_and_no_changed_byte_panics() {
    let all = pickles();
    for pickle in all.rows.iter().map(|pickle| bytes(pickle)) {
        for length in 0..pickle.len() {
            let error = read(&pickle[..length], 3).unwrap_err().to_string();
            // The offset of a truncated number is that of its first byte.
            let is_truncated = |at: usize| error == format!("the pickle is truncated at byte {at}");
            assert!((length.saturating_sub(8)..=length).any(is_truncated), "{length}: {error}");
        }
        for at in 0..pickle.len() {
            for byte in [0, 1, 0x7f, 0xff, b'(', b'R', b'b', b'.', b'h', b't', pickle[at] ^ 1] {
                let mut changed = pickle.clone();
                changed[at] = byte;
                drop(read(&changed, 3));
                drop(read_options(changed.as_slice()));
            }
        }
    }
}
