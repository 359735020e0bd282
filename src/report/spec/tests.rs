use super::*;

fn error(text: &str) -> String {
    ReportSpec::parse(text, "reports/paper.toml").unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_the_default_report_of_the_experiment_with_its_name() {
    let spec = ReportSpec::parse("", "reports/paper.toml").unwrap();
    assert_eq!(spec, ReportSpec::for_experiment("paper", "paper"));
    assert_eq!(spec.experiments, ["paper"]);
    assert_eq!(spec.samples, SamplesSpec { epoch: None, seed: None, items: 8 });
    assert_eq!(spec.convergence.rule, BandRule::default());
}

#[test]
fn all_keys_are_read() {
    let spec = ReportSpec::parse(
        r#"
        name = "both"
        title = "Two of them"
        experiments = ["a", "b"]
        curves = ["ssim"]
        table = ["ssim", "g_loss"]
        band = "t95"
        [convergence]
        metric = "ssim"
        tolerance = 0.1
        confirm = 4
        smooth = 3
        min_improvement = 0.02
        threshold = 0.5
        [sheet]
        epoch = 600
        seed = 7
        items = 4
        "#,
        "reports/x.toml",
    )
    .unwrap();
    assert_eq!((spec.name.as_str(), spec.title.as_str()), ("both", "Two of them"));
    assert_eq!(spec.table.iter().map(|metric| metric.name).collect::<Vec<_>>(), ["ssim", "g_loss"]);
    assert_eq!(spec.band, BandChoice::T95);
    assert_eq!(spec.convergence.rule, BandRule::new(0.1, 4, 3, 0.02).unwrap());
    assert_eq!(spec.convergence.threshold, Some(0.5));
    assert_eq!(spec.samples, SamplesSpec { epoch: Some(600), seed: Some(7), items: 4 });
}

#[test]
fn the_error_for_an_unknown_key_lists_the_known_keys() {
    let message = error("title = \"x\"\ncurve = [\"ssim\"]\n");
    assert!(
        message.starts_with("reports/paper.toml: line 2, `curve = [\"ssim\"]`: unknown field `curve`"),
        "{message}"
    );
    assert!(message.contains("`curves`"), "{message}");
}

#[test]
fn the_error_for_a_wrong_type_contains_the_line() {
    let message = error("[convergence]\ntolerance = \"tight\"\n");
    assert!(message.contains("line 2, `tolerance = \"tight\"`: invalid type: string"), "{message}");
}

#[test]
fn the_error_for_an_unknown_metric_lists_the_known_metrics() {
    let message = error("curves = [\"charm\"]");
    assert!(message.starts_with("reports/paper.toml: `curves` is \"charm\", not one of `d_loss`"), "{message}");
    assert!(error("table = [\"ssim\", \"ssim\"]").contains("\"ssim\" twice"));
}

#[test]
fn a_neutral_metric_is_not_allowed_for_convergence() {
    let message = error("[convergence]\nmetric = \"d_loss\"");
    assert!(message.contains("`convergence.metric` is \"d_loss\", not one of `images_per_second`"), "{message}");
    assert!(!message.contains("`d_loss`,"), "{message}");
}

#[test]
fn the_error_for_a_value_lists_the_allowed_values() {
    assert!(error("[sheet]\nitems = 9").contains("`sheet.items` is 9, not a number from 1 to 8"));
    assert!(error("[sheet]\nepoch = \"best\"").contains("`sheet.epoch` is \"best\", not \"last\" or a whole number"));
    assert!(error("experiments = []").contains("`experiments` is empty"));
    assert!(error("name = \"../x\"").contains("`name` is \"../x\""));
    assert!(error("band = \"sd\"").contains("unknown variant `sd`, expected one of `auto`, `range`, `t95`"));
    let rule = ReportSpec::parse("[convergence]\nconfirm = 1", "r.toml").unwrap_err();
    assert_eq!(rule.to_string(), "r.toml: [convergence]: confirm is 1, below 3");
    assert!(rule.help().is_some());
}
