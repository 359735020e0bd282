//! Features and reference values of `tests/reference/distances.py`, for tests.

use serde_json::Value;

/// Written by tests/reference/distances.py with torch-fidelity, pytorch-fid, prdc, scipy and numpy.
const REFERENCE: &str = include_str!("../../tests/reference/distances.json");

/// The shift between the means of two sets there.
pub(super) const SHIFT: i64 = 150;

/// The reference values of one kind.
pub(super) fn reference(kind: &str) -> Value {
    let mut all: Value = serde_json::from_str(REFERENCE).unwrap();
    all[kind].take()
}

pub(super) fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

pub(super) fn numbers(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// The function `mixed` of the script.
fn mixed(mut x: u32) -> u32 {
    for (shift, factor) in [(16, 0x7FEB_352D), (15, 0x846C_A68B)] {
        x = (x ^ (x >> shift)).wrapping_mul(factor);
    }
    x ^ (x >> 16)
}

/// The function `features` of the script, bit for bit: multiples of 1/1024.
pub(super) fn features(rows: usize, dimension: usize, salt: u32, shift: i64, form: &str) -> Vec<f32> {
    let base = mixed(salt);
    let z = |i: usize, j: usize| {
        let bits = mixed(base.wrapping_add(u32::try_from(i * dimension + j).unwrap()));
        bits.to_le_bytes().iter().map(|&byte| i64::from(byte)).sum::<i64>() - 510
    };
    let mut values = Vec::with_capacity(rows * dimension);
    for i in 0..rows {
        for column in 0..dimension {
            let j = if form == "duplicated" { column % (dimension / 2) } else { column };
            let own = z(i, j) * (4 + j as i64 % 7) + 2 * z(i, (5 * j + 3) % dimension);
            let x = if form == "dead" && j % 4 == 3 { 0 } else { own + shift * (j as i64 % 5) };
            values.push(x as f32 / 1024.0);
        }
    }
    values
}

/// Asserts that two values differ by at most `tolerance` times the second.
#[track_caller]
pub(super) fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs(), "{found}, not {expected}");
}
