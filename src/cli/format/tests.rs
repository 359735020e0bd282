use serde_json::json;

use super::*;

fn records() -> Records {
    let mut records = Records::new(&["run", "ssim.last"]);
    records.add_data_column("note");
    records.push(vec![Field::Integer(1), Field::Number(0.1 + 0.2), Field::text("two\n\"lines\", a comma")]);
    records.push(vec![Field::Integer(2), Field::Number(f64::NEG_INFINITY), Field::None]);
    records
}

#[test]
fn csv_quotes_special_characters_and_has_all_digits() {
    let expected = "run,ssim.last,note\r\n1,0.30000000000000004,\"two\n\"\"lines\"\", a comma\"\r\n2,-inf,\r\n";
    assert_eq!(records().csv().unwrap(), expected);
}

#[test]
fn json_has_equal_keys_in_every_row_and_names_nonfinite_numbers() {
    let rows = records().json();
    assert_eq!(rows[0]["ssim.last"], json!(0.1 + 0.2));
    assert_eq!(rows[0]["nonfinite"], json!({}));
    assert_eq!(rows[1]["ssim.last"], Json::Null);
    assert_eq!(rows[1]["nonfinite"], json!({ "ssim.last": "-inf" }));
    assert_eq!(rows[1]["note"], Json::Null);
    let keys = |row: &Json| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&rows[0]), keys(&rows[1]));
}

#[test]
fn a_table_rounds_omits_data_columns_and_can_be_transposed() {
    let lines: Vec<String> = records().table().lines().map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[1].contains("0.3000") && !lines[1].contains("lines"), "{lines:?}");
    assert!(lines[2].contains("-inf"), "{lines:?}");
    assert!(records().transposed().lines().nth(1).unwrap().trim().starts_with("ssim.last"));
}

#[test]
fn very_small_and_very_large_numbers_have_four_digits() {
    assert_eq!(
        [rounded(2e-4), rounded(-0.25), rounded(0.0), rounded(1.5e7), rounded(12.99999)],
        ["2.000e-4", "-0.2500", "0.0000", "1.500e7", "13.0000"]
    );
}
