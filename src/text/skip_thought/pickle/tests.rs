use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// What tests/reference/pickles.py writes.
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

/// The rows that are given out, and their order.
fn read(pickle: &[u8], count: usize) -> Result<(Vec<Vec<f32>>, RowOrder), PickleError> {
    let mut given = Vec::new();
    let order = rows(pickle, 0, count, &mut |row| {
        given.push(row.as_chunks().0.iter().map(|&number| f32::from_le_bytes(number)).collect());
        Ok(())
    })?;
    Ok((given, order))
}

#[test]
fn rows_of_every_protocol_are_given_out_once_each() {
    for (protocol, pickle) in (2..).zip(pickles().rows) {
        let (given, order) = read(&bytes(&pickle), 3).unwrap();
        assert_eq!(given, [[1.0, 2.5], [-3.0, 4.0]], "protocol {protocol}");
        assert_eq!(order, RowOrder::Listed(vec![0, 1, 0]), "protocol {protocol}");
    }
}

#[test]
fn options_of_every_protocol_are_plain_values() {
    for (protocol, pickle) in pickles().options.iter().enumerate() {
        let found = options(bytes(pickle).as_slice()).unwrap();
        let of = |name: &str| found[name].clone();
        let text = |text: &str| Plain::Text(text.into());
        assert_eq!(
            (of("dim_word"), of("dim"), of("big")),
            (Plain::Int(620), Plain::Int(2400), Plain::Int(70000)),
            "{protocol}"
        );
        assert_eq!(
            (of("minus"), of("long"), of("encoder")),
            (Plain::Int(-3), Plain::Int(1 << 40), text("gru")),
            "{protocol}"
        );
        assert_eq!((of("reload_"), of("decay_c"), of("no")), (Plain::Bool(false), Plain::Float(0.25), Plain::None));
        assert_eq!(of("text"), text("it's é\n\\ €"), "{protocol}");
        let pair = Plain::List(vec![Plain::Float(3.5), Plain::Bool(true)]);
        assert_eq!(of("list"), Plain::List(vec![Plain::Int(1), text("two"), pair]));
        assert_eq!(of("more"), Plain::Dict([("a".to_owned(), Plain::Int(1))].into()));
    }
}

#[test]
fn what_is_hostile_is_refused_by_name_and_place() {
    let hostile = pickles().hostile;
    assert!(hostile.len() > 50);
    let mut wrong = Vec::new();
    for (pickle, part) in hostile {
        let pickle = bytes(&pickle);
        let error = read(&pickle, 1).unwrap_err().to_string();
        if !error.contains(&part) || !(error.contains("byte ") || error.contains("begins")) {
            wrong.push(format!("{}: {error}, where {part} was expected", pickle.escape_ascii()));
        }
        let as_options = options(pickle.as_slice()).map_err(|error| error.to_string());
        if part.ends_with(".system") && !as_options.as_ref().is_err_and(|error| error.contains(&part)) {
            wrong.push(format!("{} as options: {as_options:?}, where {part} was expected", pickle.escape_ascii()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn options_know_no_global_at_all() {
    let error = options(bytes(&pickles().rows[0]).as_slice()).unwrap_err().to_string();
    assert_eq!(error, "global `numpy._core.multiarray._reconstruct` at byte 2 is refused");
}

#[test]
fn what_is_long_is_refused_before_it_is_all_read() {
    for (byte, part) in
        [(b'(', "marks at byte 4096: 4097, where 4096 is the limit"), (b'N', "values on the stack"), (b']', "lists")]
    {
        let error = read(&[byte; 100_000], 1).unwrap_err().to_string();
        assert!(error.contains(part) || error.contains("values on the stack"), "{error}");
    }
    let tuples = [b"(".repeat(50), b"t".repeat(50)].concat();
    assert!(read(&tuples, 1).unwrap_err().to_string().contains("tuples within each other at byte 58: 9, where 8"));
    let line = [b"S'".as_slice(), &[b'a'; 200_000], b"'\n."].concat();
    assert!(options(line.as_slice()).unwrap_err().to_string().contains("a line's bytes"));
    let text: Vec<u8> =
        (0..70_000u32).flat_map(|n| [b"NU\x01a".as_slice(), b"r", &n.to_le_bytes(), b"\x86"].concat()).collect();
    assert!(options(text.as_slice()).is_err());
}

#[test]
fn a_value_in_itself_is_refused() {
    // A list that is its own item, and lists of the same list ten times that would unfold to 10^30 values.
    let circle = b"}(U\x01a]q\x01h\x01au.";
    assert!(options(circle.as_slice()).unwrap_err().to_string().contains("too many values"));
    let mut bomb = b"}(U\x01a]q\x00Na".to_vec();
    for list in 0..7u8 {
        bomb.extend([b"]q".as_slice(), &[list + 1]].concat());
        (0..40).for_each(|_| bomb.extend([b'h', list, b'a']));
    }
    bomb.extend(b"\x85u.");
    assert!(options(bomb.as_slice()).is_err());
}

#[test]
fn every_beginning_of_a_pickle_is_refused_and_every_wrong_byte_is_survived() {
    let all = pickles();
    for pickle in all.rows.iter().map(|pickle| bytes(pickle)) {
        for length in 0..pickle.len() {
            let error = read(&pickle[..length], 3).unwrap_err().to_string();
            // Of a number that is cut off, the byte at which it begins.
            let ends = |at: usize| error == format!("it ends at byte {at}, within the pickle");
            assert!((length.saturating_sub(8)..=length).any(ends), "{length}: {error}");
        }
        for at in 0..pickle.len() {
            for byte in [0, 1, 0x7f, 0xff, b'(', b'R', b'b', b'.', b'h', b't', pickle[at] ^ 1] {
                let mut changed = pickle.clone();
                changed[at] = byte;
                drop(read(&changed, 3));
                drop(options(changed.as_slice()));
            }
        }
    }
}
