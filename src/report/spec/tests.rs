mod base;
mod mistakes;

use super::*;
use crate::measure::metric;
use crate::spec::Value;
use crate::stats::{Smoothing, ThresholdRule};
use crate::store::RunState;

#[test]
fn an_empty_file_is_the_default_report_of_the_experiment_with_its_name() {
    let spec = ReportSpec::parse("", "reports/paper.toml").unwrap();
    assert_eq!(spec, ReportSpec::for_experiment("paper", "paper"));
    assert_eq!(spec.experiments, ["paper"]);
    assert_eq!(spec.samples, SamplesSpec { epoch: None, seed: None, items: 8 });
    assert_eq!(spec.convergence.rule, BandRule::default());
    assert_eq!(spec.convergence.primary, Rule::Band(BandRule::default()));
    assert_eq!(spec.curves.iter().map(|m| m.name).collect::<Vec<_>>(), ["colour_distance", "ssim", "d_loss", "g_loss"]);
    assert!(spec.filter.is_empty() && spec.claims.is_empty());
    assert_eq!(spec.figures, FigureName::ALL);
}

#[test]
fn a_file_of_an_earlier_version_has_the_same_meaning() {
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
fn the_rule_is_the_one_that_the_file_names() {
    let convergence = |text: &str| ReportSpec::parse(&format!("[convergence]\n{text}"), "r.toml").unwrap().convergence;
    let plateau = convergence("rule = \"plateau\"\ndelta = 0.02\npatience = 4\nsmooth = \"ema:0.3\"");
    let expected = PlateauRule::new(0.02, 4, Smoothing::ema(0.3).unwrap()).unwrap();
    assert_eq!((plateau.primary, plateau.plateau), (Rule::Plateau(expected), expected));
    assert_eq!(plateau.rule, BandRule::default().with_smoothing(Smoothing::ema(0.3).unwrap()));
    // The threshold is not smoothed.
    let threshold = convergence("rule = \"threshold\"\nthreshold = 1\nconfirm = 5\nsmooth = 3");
    let expected = ThresholdRule::new(1.0, 5, Smoothing::NONE).unwrap();
    assert_eq!((threshold.primary, threshold.threshold), (Rule::Threshold(expected), Some(1.0)));
    assert_eq!(convergence("threshold = \"none\"").threshold, None);
}

#[test]
fn a_filter_has_runs_by_state_seed_method_and_any_setting_in_every_spelling() {
    let filter = |text: &str| ReportSpec::parse(text, "r.toml").unwrap().filter;
    let nested = filter(
        "[filter]\nstate = [\"finished\", \"diverged\"]\nseed = 3\nmethod = \"A\"\nexperiment = []\n\
         guide.segmentation = [\"full\", \"none\"]\n\"image.resolution\" = 64\n[filter.train]\nbatch = 8",
    );
    assert_eq!(
        (nested.states.as_slice(), nested.seeds.as_slice()),
        (&[RunState::Finished, RunState::Diverged][..], &[3][..])
    );
    let text = |word: &str| Value::Text(word.into());
    let conditions = [
        ("guide.segmentation".to_owned(), vec![text("full"), text("none")]),
        ("image.resolution".to_owned(), vec![Value::Integer(64)]),
        ("method".to_owned(), vec![text("A")]),
        ("train.batch".to_owned(), vec![Value::Integer(8)]),
    ];
    assert_eq!(nested.cells.conditions(), &conditions.into_iter().collect());
    assert!(filter("[filter]\nmethod = []\nstate = []").is_empty());
}

#[test]
fn tables_figures_and_formats_are_those_that_the_file_lists() {
    let spec =
        ReportSpec::parse("tables = []\nfigures = [\"curves\"]\nformats = [\"html\", \"csv\"]", "r.toml").unwrap();
    assert_eq!(spec.tables, []);
    assert_eq!(spec.figures, [FigureName::Curves]);
    assert_eq!(spec.formats, [OutputFormat::Html, OutputFormat::Csv]);
}

#[test]
fn claims_and_comparisons_name_their_cells() {
    let spec = ReportSpec::parse(
        r#"
        reference = "B"
        [family]
        alpha = 0.01
        measures = ["convergence", "ssim"]
        [[family.comparisons]]
        a = { method = "A", guide.segmentation = "full" }
        b = { method = "B" }
        [[claims]]
        text = "A is faster."
        a = { method = "A" }
        b = { method = "B" }
        [[claims]]
        text = "A is better."
        published = "0.5 against 0.4"
        measure = "ssim"
        a = { method = "A" }
        b = { method = "B" }
        [[claims]]
        text = "A and B are equal."
        measure = "ssim"
        expects = "equal"
        margin = 0.02
        a = { method = "A" }
        b = { method = "B" }
        [[claims]]
        text = "A converges."
        expects = "converges"
        a = { method = "A" }
        "#,
        "r.toml",
    )
    .unwrap();
    assert_eq!(spec.reference.as_deref(), Some("B"));
    let ssim = ClaimMeasure::Metric(metric("ssim").unwrap());
    assert_eq!((spec.family.alpha, &spec.family.measures), (0.01, &vec![ClaimMeasure::Convergence, ssim]));
    assert_eq!(spec.family.comparisons[0].a.to_string(), "A (guide.segmentation = full)");
    let found: Vec<_> = spec.claims.iter().map(|c| (c.measure, c.expects, c.margin, c.b.is_some())).collect();
    let expected = [
        (ClaimMeasure::Convergence, Expectation::Faster, None, true),
        (ssim, Expectation::Better, None, true),
        (ssim, Expectation::Equal, Some(0.02), true),
        (ClaimMeasure::Convergence, Expectation::Converges, None, false),
    ];
    assert_eq!(found, expected);
    assert_eq!((spec.claims[0].text.as_str(), spec.claims[1].published.as_str()), ("A is faster.", "0.5 against 0.4"));
}
