use super::*;

fn error(text: &str) -> String {
    ReportSpec::parse(text, "reports/paper.toml").unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_the_default_report_of_the_experiment_it_is_named_after() {
    let spec = ReportSpec::parse("", "reports/paper.toml").unwrap();
    assert_eq!(spec, ReportSpec::for_experiment("paper", "paper"));
    assert_eq!(spec.experiments, ["paper"]);
    assert_eq!(spec.sheet, SheetSpec { epoch: None, seed: None, items: 8 });
    assert_eq!(spec.convergence.rule, BandRule::default());
}

#[test]
fn every_key_can_be_written() {
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
    assert_eq!(spec.sheet, SheetSpec { epoch: Some(600), seed: Some(7), items: 4 });
}

#[test]
fn an_unknown_key_is_named_with_those_that_exist() {
    let message = error("title = \"x\"\ncurve = [\"ssim\"]\n");
    assert!(
        message.starts_with("reports/paper.toml: line 2, `curve = [\"ssim\"]`: unknown field `curve`"),
        "{message}"
    );
    assert!(message.contains("`curves`"), "{message}");
}

#[test]
fn a_wrong_type_is_named_by_its_line() {
    let message = error("[convergence]\ntolerance = \"tight\"\n");
    assert!(message.contains("line 2, `tolerance = \"tight\"`: invalid type: string"), "{message}");
}

#[test]
fn an_unknown_metric_is_answered_with_the_known_ones() {
    let message = error("curves = [\"charm\"]");
    assert!(message.starts_with("reports/paper.toml: `curves` is \"charm\", not one of `d_loss`"), "{message}");
    assert!(error("table = [\"ssim\", \"ssim\"]").contains("\"ssim\" twice"));
}

#[test]
fn a_neutral_metric_cannot_be_judged_for_convergence() {
    let message = error("[convergence]\nmetric = \"d_loss\"");
    assert!(message.contains("`convergence.metric` is \"d_loss\", not one of `images_per_second`"), "{message}");
    assert!(!message.contains("`d_loss`,"), "{message}");
}

#[test]
fn values_out_of_range_say_what_is_allowed() {
    assert!(error("[sheet]\nitems = 9").contains("`sheet.items` is 9, not a number from 1 to 8"));
    assert!(error("[sheet]\nepoch = \"best\"").contains("`sheet.epoch` is \"best\", not \"last\" or a whole number"));
    assert!(error("experiments = []").contains("`experiments` is empty"));
    assert!(error("name = \"../x\"").contains("`name` is \"../x\""));
    assert!(error("band = \"sd\"").contains("unknown variant `sd`, expected one of `auto`, `range`, `t95`"));
    let rule = ReportSpec::parse("[convergence]\nconfirm = 1", "r.toml").unwrap_err();
    assert_eq!(rule.to_string(), "r.toml: [convergence]: confirm is 1, below 3");
    assert!(rule.help().is_some());
}
