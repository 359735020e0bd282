//! The content of a report.

use std::collections::BTreeSet;

use super::caption::Captions;
use super::caveats::caveats;
use super::model::{Block, Document, Figure, Section, TableBlock, Text};
use super::names::table_file;
use super::reading::reading;
use crate::report::cells::replaced_labels;
use crate::report::format::counted;
use crate::report::{Analysis, FigureItem, FigureName, RunData, Statement, TableItem, TableName, missing_glyphs};
use crate::store::{RunId, RunRecord, RunState};

/// The parts that are shown.
#[derive(Clone, Copy, Debug)]
pub struct Items<'i> {
    /// The answers to the claims.
    pub statements: &'i [Statement],
    /// The figures. Their SVG has paths in place of text.
    pub figures: &'i [FigureItem],
    /// The tables.
    pub tables: &'i [TableItem],
}

/// The complete report: claims, methods, figures, tables, how to read them, and caveats.
pub fn build(analysis: &Analysis, items: Items) -> Document {
    let mut document = Document {
        name: analysis.input.name.clone(),
        title: analysis.input.title.clone(),
        summary: vec![Block::Paragraph(counts(analysis))],
        statements: items.statements.to_vec(),
        sections: vec![Section { title: "Methods".into(), blocks: vec![experiments(analysis)] }],
    };
    if analysis.cells.is_empty() {
        return document;
    }
    let mut captions = Captions::new(analysis);
    let (of_methods, others): (Vec<&TableItem>, Vec<&TableItem>) =
        items.tables.iter().partition(|item| item.name == TableName::Summary.as_str());
    let methods = &mut document.sections[0].blocks;
    methods.extend(of_methods.into_iter().map(|item| table(&mut captions, item)));
    methods.extend(legend_of_names(analysis));
    let mut add = |title: &str, blocks: Vec<Block>| {
        if !blocks.is_empty() {
            document.sections.push(Section { title: title.to_owned(), blocks });
        }
    };
    let mut figures: Vec<Block> = items.figures.iter().map(|item| figure(&mut captions, item)).collect();
    figures.extend(undrawn(analysis, items.figures));
    add("Figures", figures);
    // The claims are answered at the start.
    let is_answered = |item: &&TableItem| item.name == TableName::Claims.as_str() && !items.statements.is_empty();
    add(
        "Tables",
        others.into_iter().filter(|item| !is_answered(item)).map(|item| table(&mut captions, item)).collect(),
    );
    add("Runs that have not reached their horizon", incomplete_runs(analysis).into_iter().collect());
    add("How to read this", vec![Block::List(reading(analysis))]);
    add("Caveats", Some(caveats(analysis)).filter(|items| !items.is_empty()).map(Block::List).into_iter().collect());
    document
}

/// The numbers of cells, seeds and runs.
fn counts(analysis: &Analysis) -> Text {
    if analysis.cells.is_empty() {
        return Text::marked("No run is queued yet: `jem queue` adds runs, `jem work` trains them.");
    }
    let seeds: BTreeSet<u64> = analysis.runs().map(|run| run.record.seed).collect();
    let listed: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let states = RunState::ALL.into_iter().map(|state| (analysis.count(&[state]), state)).filter(|(n, _)| *n > 0);
    let states: Vec<String> = states.map(|(n, state)| format!("{n} {state}")).collect();
    let (cells, seeds) = (counted(analysis.cells.len(), "cell"), counted(seeds.len(), "seed"));
    let runs = counted(analysis.runs().count(), "run");
    let filtered = match analysis.input.filtered {
        0 => String::new(),
        filtered => format!(" The filter of the report leaves out {}.", counted(filtered, "run")),
    };
    format!("{cells}, {seeds} ({}), {runs}: {}.{filtered}", listed.join(", "), states.join(", ")).into()
}

/// The compared experiments.
fn experiments(analysis: &Analysis) -> Block {
    let experiments = analysis.input.experiments.iter();
    let item = experiments.map(|experiment| {
        Text::from("Experiment ")
            .code(&experiment.name)
            .plain(format!(", revision {}: {}", experiment.revision, experiment.title))
    });
    Block::List(item.collect())
}

fn figure(captions: &mut Captions, item: &FigureItem) -> Block {
    Block::Figure(Figure {
        file: item.name.clone(),
        alt: item.alt.clone(),
        svg: item.svg.clone(),
        caption: captions.of_figure(item),
    })
}

fn table(captions: &mut Captions, item: &TableItem) -> Block {
    let caption = captions.of_table(item);
    Block::Table(TableBlock { file: table_file(&item.name), table: item.shown.clone(), caption })
}

/// The replaced labels: the font of figures has no glyphs for them.
fn legend_of_names(analysis: &Analysis) -> Vec<Block> {
    let names = replaced_labels(&analysis.cells);
    if names.is_empty() {
        return Vec::new();
    }
    let missing = missing_glyphs(names.iter().map(|(_, label)| label.as_str())).join(" ");
    let text = format!("The font of the figures lacks {missing}. The figures use these names instead:");
    let listed = names.iter().map(|(name, label)| format!("{name}: {label}").into());
    vec![Block::Paragraph(text.into()), Block::List(listed.collect())]
}

/// The requested figures that have no data, with what they need.
fn undrawn(analysis: &Analysis, figures: &[FigureItem]) -> Option<Block> {
    let requested = FigureName::ALL.iter().copied().filter(|name| analysis.spec.shows_figure(*name));
    let missing = requested.filter(|name| !figures.iter().any(|figure| figure.name == name.as_str()));
    let metrics: Vec<&str> = analysis.spec.curves.iter().map(|metric| metric.name).collect();
    let (mut items, mut others) = (Vec::new(), Vec::new());
    for name in missing {
        let needs = match name {
            FigureName::Curves => format!("no run has recorded {} yet", metrics.join(", ")),
            FigureName::Convergence => "no run has ended yet".into(),
            FigureName::Samples => "no run has stored matching samples of held-out items yet".into(),
            FigureName::Fits => "no network was fitted".into(),
            _ => {
                others.push(name.as_str());
                continue;
            }
        };
        items.push(Text::default().code(name.as_str()).plain(format!(": {needs}")));
    }
    if !others.is_empty() {
        items.push(format!("{}: no runs have the data that they need", others.join(", ")).into());
    }
    (!items.is_empty()).then(|| Block::Details { title: "Figures without data".into(), items })
}

/// The runs that have not reached their horizon; of selected cells, if there is a selection.
fn incomplete_runs(analysis: &Analysis) -> Option<Block> {
    let all = analysis.runs().map(|run| &run.record).filter(|record| record.state != RunState::Finished);
    let shown: Option<BTreeSet<RunId>> = analysis.selected_cells().map(|selected| {
        let runs = selected.all().flat_map(|at| &analysis.cells[at].runs);
        runs.map(|run: &&RunData| run.record.id).collect()
    });
    let is_shown = |record: &&RunRecord| shown.as_ref().is_none_or(|shown| shown.contains(&record.id));
    let (listed, others): (Vec<&RunRecord>, Vec<&RunRecord>) = all.partition(is_shown);
    let mut items: Vec<Text> = listed.into_iter().map(line).collect();
    if !others.is_empty() {
        items.push(Text::marked(&format!("{} of other cells: `runs.csv` lists them", counted(others.len(), "run"))));
    }
    (!items.is_empty()).then_some(Block::List(items))
}

fn line(record: &RunRecord) -> Text {
    let why = if record.outcome.is_empty() { String::new() } else { format!(": {}", record.outcome) };
    let (method, seed) = (&record.method, record.seed);
    let (state, epoch, horizon) = (record.state, record.epoch, record.horizon);
    format!("Run {} ({method}, seed {seed}): {state} at epoch {epoch} of {horizon}{why}", record.id).into()
}
