use super::*;
use crate::measure::Epoch;
use crate::report::{ReportInput, ReportSpec, fixture};
use crate::spec::Value;

fn text(input: &ReportInput, spec: &ReportSpec) -> String {
    let analysis = Analysis::new(input, spec).unwrap();
    let figures = crate::report::figure::all(&analysis).unwrap();
    markdown(&analysis, &figures)
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
    input.runs[1].record.state = RunState::Diverged;
    input.runs[1].record.epoch = Epoch(40);
    input.runs[1].record.outcome = "g_loss is NaN at step 1200 | *stopped*".into();
    let mut spec = ReportSpec::for_experiment("lab", "Lab");
    spec.convergence.threshold = Some(0.35);
    insta::assert_snapshot!("report", text(&input, &spec));
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
    assert!(two.contains("in run 3; `cdcdcdcdcdcdcdcd` in run 4"), "{two}");
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
    assert!(guided.contains("discriminator `joined`, reconstruction weight 0, matching weight 0"), "{guided}");
    assert!(guided.contains("no local response normalisation") && !guided.contains("VGG's depth"), "{guided}");
    assert!(guided.contains("No method without a guide is compared"), "{guided}");
}
