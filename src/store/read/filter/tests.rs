use super::*;

fn parse(text: &str) -> Result<Condition, ConditionError> {
    Condition::parse(text, &["ssim".to_owned(), "d_loss".to_owned()])
}

#[test]
fn a_condition_is_parsed_with_and_without_spaces() {
    let spaced = parse("train.batch >= 32").unwrap();
    assert_eq!(spaced, parse("train.batch>=32").unwrap());
    assert_eq!((spaced.key, spaced.operator), (RunKey::Setting("train.batch"), Operator::AtLeast));
    assert_eq!(spaced.value, Value::Integer(32));
    assert_eq!(parse("guide.network != none").unwrap().value, Value::Text("none".into()));
    assert_eq!(parse("image.flip=true").unwrap().value, Value::Text("true".into()));
    assert_eq!(parse("data.root = /a = b").unwrap().value, Value::Text("/a = b".into()));
}

#[test]
fn a_metric_means_its_last_value_unless_best_is_requested() {
    let key = |text: &str| parse(text).unwrap().key.to_string();
    assert_eq!(key("metric.ssim > 0.5"), "metric.ssim.last");
    assert_eq!(key("metric.ssim.last > 0.5"), "metric.ssim.last");
    assert_eq!(key("metric.ssim.best > 0.5"), "metric.ssim.best");
}

#[test]
fn a_misspelt_condition_is_an_error_with_a_suggestion() {
    for (text, what, help) in [
        ("train.bach = 8", "`train.bach` is not a setting", "train.batch"),
        ("metric.sim > 1", "`sim` is not a metric", "ssim"),
        ("ssim > 1", "`ssim` is not a setting", "metric.ssim"),
        ("train.batch", "`train.batch` is not a condition", ">="),
        ("train.batch = many", "`many` is not a value of `train.batch`", "an integer from"),
        ("guide.network = resnet", "`resnet` is not a value of `guide.network`", "alexnet"),
        ("guide.network > none", "`guide.network` has no order", "= or !="),
        ("image.flip = yes", "`yes` is not a value of `image.flip`", "true or false"),
        ("seed < one", "`one` is not a value of `seed`", "number"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.to_string().contains(what), "{text}: {error}");
        assert!(error.help().contains(help), "{text}: {}", error.help());
    }
}

#[test]
fn a_nan_is_only_unequal() {
    let results: Vec<bool> = Operator::SIGNS.iter().map(|(_, operator)| operator.compare(f64::NAN, 1.0)).collect();
    assert_eq!(results, [true, false, false, false, false, false]);
}
