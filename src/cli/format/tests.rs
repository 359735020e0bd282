use serde_json::json;

use super::*;

fn sheet() -> Sheet {
    let mut sheet = Sheet::new(&["run", "ssim.last"]);
    sheet.keep("note");
    sheet.push(vec![Field::Integer(1), Field::Number(0.1 + 0.2), Field::text("two\n\"lines\", a comma")]);
    sheet.push(vec![Field::Integer(2), Field::Number(f64::NEG_INFINITY), Field::None]);
    sheet
}

#[test]
fn csv_quotes_what_must_be_and_keeps_every_digit() {
    let expected = "run,ssim.last,note\r\n1,0.30000000000000004,\"two\n\"\"lines\"\", a comma\"\r\n2,-inf,\r\n";
    assert_eq!(sheet().csv().unwrap(), expected);
}

#[test]
fn json_has_the_same_keys_in_every_row_and_says_which_number_it_cannot_hold() {
    let rows = sheet().json();
    assert_eq!(rows[0]["ssim.last"], json!(0.1 + 0.2));
    assert_eq!(rows[0]["nonfinite"], json!({}));
    assert_eq!(rows[1]["ssim.last"], Json::Null);
    assert_eq!(rows[1]["nonfinite"], json!({ "ssim.last": "-inf" }));
    assert_eq!(rows[1]["note"], Json::Null);
    let keys = |row: &Json| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&rows[0]), keys(&rows[1]));
}

#[test]
fn a_table_rounds_leaves_out_what_is_kept_for_programs_and_turns() {
    let lines: Vec<String> = sheet().table().lines().map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[1].contains("0.3000") && !lines[1].contains("lines"), "{lines:?}");
    assert!(lines[2].contains("-inf"), "{lines:?}");
    assert!(sheet().turned().lines().nth(1).unwrap().trim().starts_with("ssim.last"));
}

#[test]
fn small_and_large_numbers_keep_their_digits_in_a_table() {
    assert_eq!(
        [rounded(2e-4), rounded(-0.25), rounded(0.0), rounded(1.5e7), rounded(12.99999)],
        ["2.000e-4", "-0.2500", "0.0000", "1.500e7", "13.0000"]
    );
}
