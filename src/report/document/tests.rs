use super::*;
use crate::measure::Epoch;
use crate::report::data_table::Table;
use crate::report::{
    Analysis, FigureItem, OutputFormat, ReportInput, ReportSpec, Statement, TableItem, Verdict, figure, fixture,
    overview,
};
use crate::spec::Value;
use crate::store::{Code, RunState};

fn document(input: &ReportInput, spec: &ReportSpec, statements: &[Statement]) -> Document {
    let analysis = Analysis::new(input, spec).unwrap();
    let (figures, tables) = (figure::all(&analysis).unwrap(), overview::tables(&analysis));
    build(&analysis, Items { statements, figures: &figures, tables: &tables })
}

fn text(input: &ReportInput, spec: &ReportSpec) -> String {
    markdown(&document(input, spec, &[]), spec)
}

fn set(input: &mut ReportInput, method: &str, key: &str, value: &str) {
    for run in input.runs.iter_mut().filter(|run| run.record.method == method) {
        run.record.settings.insert(key.into(), Value::Text(value.into()));
    }
}

#[test]
fn the_text_of_a_report_matches_its_snapshot() {
    let mut input = fixture::with_images(fixture::input(&["GAN-CLS-INT", "JEM-AlexNet", "JEM-VGG"], 2), 3, 8);
    set(&mut input, "GAN-CLS-INT", "guide.network", "none");
    set(&mut input, "JEM-VGG", "guide.network", "vgg16");
    for method in ["JEM-AlexNet", "JEM-VGG"] {
        set(&mut input, method, "guide.weights", "random:1");
        set(&mut input, method, "text.encoder", "tfidf");
    }
    for run in &mut input.runs {
        let commit = "0123456789abcdef".into();
        run.codes = vec![Code { commit, is_changed: false, executable: String::new() }];
    }
    input.runs[1].record.state = RunState::Diverged;
    input.runs[1].record.epoch = Epoch(40);
    input.runs[1].record.outcome = "g_loss is NaN at step 1200 | *stopped*".into();
    let mut spec = ReportSpec::for_experiment("lab", "Lab");
    spec.convergence.threshold = Some(0.35);
    let verdict = |claim: &str, verdict, text: &str| Statement { claim: claim.into(), verdict, text: text.into() };
    let statements = [
        verdict("JEM is better.", Verdict::Supported, "The difference is 0.02."),
        verdict("VGG is faster.", Verdict::NotSupported, "The medians are equal."),
        verdict("It scales.", Verdict::CannotBeTold, "It was not run."),
    ];
    let document = document(&input, &spec, &statements);
    insta::assert_snapshot!("report", markdown(&document, &spec));
    insta::assert_snapshot!("report_in_latex", latex(&document, &spec));
}

#[test]
fn the_text_compares_the_number_of_seeds_with_the_required_number() {
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let few = text(&fixture::input(&["A", "B"], 5), &spec);
    assert!(few.contains("5 seeds ended in every cell."), "{few}");
    assert!(few.contains("2/2^5 = 0.06250; 1 comparison at 5 % (Bonferroni) requires 6 seeds or more."), "{few}");
    assert!(few.contains("no such test can find a significant difference"), "{few}");
    let enough = text(&fixture::input(&["A", "B"], 6), &spec);
    assert!(enough.contains("There are enough seeds for such a test"), "{enough}");
    let mut unpaired = fixture::input(&["A", "B"], 1);
    unpaired.runs[0].record.state = RunState::Queued;
    let unpaired = text(&unpaired, &spec);
    assert!(unpaired.contains("No seed has ended in every cell yet; 1 comparison at 5 %"), "{unpaired}");
    assert!(!text(&fixture::input(&["A"], 6), &spec).contains("Bonferroni"));
}

#[test]
fn fitted_networks_are_described_and_two_files_of_one_recipe_cause_a_warning() {
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let mut input = fixture::with_fits(fixture::input(&["A", "B"], 2));
    let one = text(&input, &spec);
    assert!(one.contains("B: the guide network was fitted on 90 images of 4 training classes"), "{one}");
    assert!(one.contains("top-1 accuracy 62.5 % on 8 held-out images of these classes (chance 25.0 %)"), "{one}");
    assert!(one.contains("A; B: the text encoder was trained on 300 sentences"), "{one}");
    assert!(one.contains("(fits.png)") && !one.contains("files of weights"), "{one}");
    input.runs[3].fitted[0].sha256 = "cd".repeat(32);
    let two = text(&input, &spec);
    assert!(two.contains("one fitting recipe gave 2 files of weights"), "{two}");
    assert!(two.contains("in run 3; cdcdcdcdcdcdcdcd in run 4"), "{two}");
}

#[test]
fn caveats_name_only_what_applies() {
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let mut plain = fixture::input(&["GAN"], 1);
    set(&mut plain, "GAN", "guide.network", "none");
    assert!(!text(&plain, &spec).contains("## Caveats"));
    set(&mut plain, "GAN", "data.train", "train+val");
    assert!(
        text(&plain, &spec).contains("GAN: trained on train+val; all \"best\" values are selected on the test split.")
    );
    let mut guided = fixture::input(&["JEM"], 1);
    set(&mut guided, "JEM", "guide.weights", "alexnet.pth");
    set(&mut guided, "JEM", "guide.discriminator", "joined");
    let guided = text(&guided, &spec);
    assert!(!guided.contains("untrained"), "{guided}");
    assert!(guided.contains("discriminator joined, reconstruction weight 0, matching weight 0"), "{guided}");
    assert!(guided.contains("no local response normalisation") && !guided.contains("VGG's depth"), "{guided}");
    assert!(guided.contains("No method without a guide is compared"), "{guided}");
}

/// A report whose texts contain what formats treat as special.
fn hostile() -> Document {
    const TEXT: &str =
        "<script>alert(1)</script> & \\input{/etc/passwd} $x_1^2$ 50% #1 ~ `code` | *a* [b](c) שלום 🌺 \u{202e}x";
    let mut table = Table::default().text_column(TEXT).number_column("n");
    table.push(vec![TEXT.into(), "1".into()]);
    let input = fixture::input(&["A"], 1);
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let analysis = Analysis::new(&input, &spec).unwrap();
    let statement = Statement { claim: TEXT.into(), verdict: Verdict::Supported, text: TEXT.into() };
    let figure = FigureItem {
        name: "samples".into(),
        title: TEXT.into(),
        text: TEXT.into(),
        alt: format!("\" onload=\"x {TEXT}"),
        runs: Vec::new(),
        svg: "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='20'/>".into(),
        data: None,
    };
    let item = TableItem {
        name: "results".into(),
        title: TEXT.into(),
        text: TEXT.into(),
        runs: Vec::new(),
        shown: table.clone(),
        data: table,
    };
    build(&analysis, Items { statements: &[statement], figures: &[figure], tables: &[item] })
}

#[test]
fn texts_of_users_are_no_markup_in_html() {
    let page = html(&hostile());
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, 1, "only the script that sorts tables");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"), "{page}");
    assert!(!page.contains("\" onload=\"") && !page.contains('\u{202e}'));
    assert!(page.contains("שלום 🌺"));
}

#[test]
fn a_page_needs_no_network_and_describes_its_images() {
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let input = fixture::with_images(fixture::input(&["A", "B"], 2), 3, 8);
    let document = document(&input, &spec, &[]);
    let page = html(&document);
    let links = page.match_indices("src=").map(|(at, _)| &page[at..at + 10]).collect::<Vec<_>>();
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    let figures = blocks.filter(|block| matches!(block, Block::Figure(_))).count();
    assert!(figures >= 3, "curves, convergence and samples");
    assert_eq!(links, vec!["src=\"data:"; figures]);
    assert_eq!(page.matches("<img").count(), page.matches("alt=\"").count());
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("));
    assert!(page.contains("width=device-width") && page.contains("prefers-color-scheme: dark"));
}

#[test]
fn texts_of_users_are_no_commands_in_latex() {
    let (document, spec) = (hostile(), ReportSpec::for_experiment("lab", "Lab"));
    let tables = document.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Table(table) => Some(latex_table(table)),
        _ => None,
    });
    for text in tables.chain([latex(&document, &spec)]) {
        assert!(text.is_ascii(), "{text}");
        assert!(!text.contains("\\input{/etc") && text.contains("\\textbackslash{}input\\{/etc/passwd\\}"), "{text}");
        assert!(text.contains("{[}U+05E9 U+05DC U+05D5 U+05DD{]} {[}U+1F33A{]}"), "{text}");
    }
}

#[test]
fn unfinished_runs_are_in_the_footnotes_of_results_and_not_of_settings() {
    let spec = ReportSpec::for_experiment("lab", "Lab");
    let mut input = fixture::input(&["A", "B"], 3);
    set(&mut input, "A", "text.encoder", "tfidf");
    let all_finished = text(&input, &spec);
    assert!(!all_finished.contains("in this report:"), "{all_finished}");
    input.runs[0].record.state = RunState::Failed;
    input.runs[4].record.state = RunState::Queued;
    let note = "Of 6 runs in this report: 1 failed (excluded), 1 queued (no values yet).";
    let found = text(&input, &spec);
    // Curves, convergence, converged, differences, summary, runs; not what shows settings alone.
    assert_eq!((found.matches(note).count(), found.matches("**Table ").count()), (6, 3), "{found}");
}

#[test]
fn a_figure_is_shown_in_a_format_that_is_written() {
    let mut spec = ReportSpec::for_experiment("lab", "Lab");
    let input = fixture::input(&["A"], 1);
    spec.formats = vec![OutputFormat::Svg, OutputFormat::Markdown];
    let document = document(&input, &spec, &[]);
    assert!(markdown(&document, &spec).contains("(curves.svg)"));
    assert!(!latex(&document, &spec).contains("includegraphics"));
    spec.formats = vec![OutputFormat::Png];
    assert!(latex(&document, &spec).contains("{curves.png}"));
}
