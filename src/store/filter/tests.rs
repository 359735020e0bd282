use super::*;

fn parse(text: &str) -> Result<Condition, BadCondition> {
    Condition::parse(text, &["ssim".to_owned(), "d_loss".to_owned()])
}

#[test]
fn a_condition_is_read_with_and_without_spaces() {
    let spaced = parse("train.batch >= 32").unwrap();
    assert_eq!(spaced, parse("train.batch>=32").unwrap());
    assert_eq!((spaced.key, spaced.relation), (Key::Setting("train.batch"), Relation::AtLeast));
    assert_eq!(spaced.value, Value::Integer(32));
    assert_eq!(parse("guide.network != none").unwrap().value, Value::Text("none".into()));
    assert_eq!(parse("image.flip=true").unwrap().value, Value::Text("true".into()));
    assert_eq!(parse("data.root = /a = b").unwrap().value, Value::Text("/a = b".into()));
}

#[test]
fn a_metric_is_meant_by_its_last_value_unless_the_best_is_asked_for() {
    let key = |text: &str| parse(text).unwrap().key.to_string();
    assert_eq!(key("metric.ssim > 0.5"), "metric.ssim.last");
    assert_eq!(key("metric.ssim.last > 0.5"), "metric.ssim.last");
    assert_eq!(key("metric.ssim.best > 0.5"), "metric.ssim.best");
}

#[test]
fn what_is_misspelt_is_refused_with_what_is_likely_meant() {
    for (text, what, help) in [
        ("train.bach = 8", "`train.bach` is no setting", "train.batch"),
        ("metric.sim > 1", "`sim` is no metric", "ssim"),
        ("ssim > 1", "`ssim` is no setting", "metric.ssim"),
        ("train.batch", "`train.batch` is no condition", ">="),
        ("train.batch = many", "`many` is nothing that `train.batch` can be", "whole numbers"),
        ("guide.network = resnet", "`resnet` is nothing that `guide.network` can be", "alexnet"),
        ("guide.network > none", "`guide.network` has no order", "= or !="),
        ("image.flip = yes", "`yes` is nothing that `image.flip` can be", "true or false"),
        ("seed < one", "`one` is nothing that `seed` can be", "number"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.to_string().contains(what), "{text}: {error}");
        assert!(error.help().contains(help), "{text}: {}", error.help());
    }
}

#[test]
fn a_nan_stands_in_no_order() {
    let holds: Vec<bool> = Relation::SIGNS.iter().map(|(_, relation)| relation.holds(f64::NAN, 1.0)).collect();
    assert_eq!(holds, [true, false, false, false, false, false]);
}
