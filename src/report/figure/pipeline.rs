//! The way from caption, image and noise to the losses, from the resolved settings (Figure 2 of the paper).

mod draw;

use super::architecture::{guide_length, settings_of};
use super::factors::main_cells;
use super::images::{composition_text, method_label};
use super::losses;
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::table::Table;
use crate::report::{Analysis, FigureError};
use crate::spec::Settings;
use crate::store::RunId;

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct PipelineFigure {
    /// One for each different pipeline.
    pub panels: Vec<Panel>,
    /// The labels of methods with other pipelines, which are not drawn.
    pub undrawn: Vec<String>,
}

/// A pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The methods in figures.
    pub methods: Vec<String>,
    /// The labels of the cells that stand for them.
    pub cells: Vec<String>,
    /// The parts.
    pub parts: Parts,
}

/// The texts of the parts of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// The text encoder.
    pub encoder: Vec<String>,
    /// The guide: its image, and its network with the layer.
    pub guide: Option<[Vec<String>; 2]>,
    /// The noise.
    pub noise: Vec<String>,
    /// The side of generated images.
    pub side: usize,
    /// Whether the discriminator gets the guide.
    pub is_joined: bool,
    /// The losses of discriminator and generator.
    pub losses: [String; 2],
}

/// The maximum number of panels: a page has no room for more.
const PANELS: usize = 4;

/// The pipeline of the main cell of each method; `None` if the settings of no cell can be read.
pub fn prepare(analysis: &Analysis) -> Option<PipelineFigure> {
    let mut panels: Vec<Panel> = Vec::new();
    for cell in main_cells(&analysis.cells) {
        let Some(settings) = settings_of(cell) else { continue };
        let parts = parts(cell, &settings);
        let (method, label) = (method_label(cell).to_owned(), cell.label.clone());
        match panels.iter_mut().find(|panel| panel.parts == parts) {
            Some(panel) => {
                panel.methods.push(method);
                panel.cells.push(label);
            }
            None => panels.push(Panel { methods: vec![method], cells: vec![label], parts }),
        }
    }
    let undrawn = panels.split_off(panels.len().min(PANELS));
    (!panels.is_empty())
        .then(|| PipelineFigure { panels, undrawn: undrawn.into_iter().flat_map(|panel| panel.cells).collect() })
}

fn parts(cell: &Cell, settings: &Settings) -> Parts {
    let noise = if settings.generator.noise_kind == "uniform" { "uniform" } else { "normal" };
    Parts {
        encoder: encoder(settings),
        guide: settings.guide.is_on().then(|| [guide_image(cell, settings), guide_network(settings)]),
        noise: vec![format!("{noise}, {} values", settings.generator.noise)],
        side: settings.image.resolution,
        is_joined: settings.guide.is_joined(),
        losses: [losses::discriminator(settings), losses::generator(settings)],
    }
}

fn encoder(settings: &Settings) -> Vec<String> {
    let text = &settings.text;
    let kind = match text.encoder.as_str() {
        "tfidf" => format!("TF-IDF and projection, {} values", text.dimension),
        "skip-thought" if text.weights == "fit" => {
            format!("skip-thought ({}), fitted, {} values", text.variant, text.fit.hidden)
        }
        "skip-thought" => format!("skip-thought ({})", text.variant),
        _ => "vectors from a file".to_owned(),
    };
    let mut lines = vec![kind];
    if text.mean_of > 1 {
        lines.push(format!("mean of {} captions", text.mean_of));
    }
    lines
}

fn guide_image(cell: &Cell, settings: &Settings) -> Vec<String> {
    let mut lines = vec![composition_text(cell)];
    match settings.guide.source.as_str() {
        "shuffled" => lines.push("of another image".to_owned()),
        "zero" => lines.push("replaced by zeros".to_owned()),
        _ => {}
    }
    lines
}

fn guide_network(settings: &Settings) -> Vec<String> {
    let guide = &settings.guide;
    let name = match guide.network.as_str() {
        "alexnet" => "AlexNet",
        "vgg16" => "VGG-16",
        "vgg19" => "VGG-19",
        other => other,
    };
    let weights = match guide.weights.as_str() {
        "fit" => "fitted",
        weights if weights.starts_with("random:") => "random weights",
        _ => "weights from a file",
    };
    let width = if guide.width < 1.0 { format!(", width {}", guide.width) } else { String::new() };
    let length = guide_length(guide).map(|length| format!(", {length} values")).unwrap_or_default();
    vec![format!("{name}{width}, {weights}"), format!("{}{length}", guide.layer)]
}

impl PipelineFigure {
    /// A row for each part of each panel.
    fn data(&self) -> Table {
        let mut table = Table::default().text_column("cells").text_column("part").text_column("setting");
        for panel in &self.panels {
            let Parts { encoder, guide, noise, side, is_joined, losses } = &panel.parts;
            let mut rows = vec![("text encoder", encoder.join("; "))];
            if let Some([image, network]) = guide {
                rows.push(("guide image", image.join("; ")));
                rows.push(("guide network", network.join("; ")));
                let joined = if *is_joined { "generator and discriminator" } else { "generator" };
                rows.push(("guide is given to", joined.to_owned()));
            }
            rows.push(("noise", noise.join("; ")));
            rows.push(("side of images", side.to_string()));
            rows.extend(losses.iter().map(|loss| ("loss", loss.clone())));
            for (part, setting) in rows {
                table.push(vec![panel.cells.join("; "), part.to_owned(), setting]);
            }
        }
        table
    }
}

/// The figure `pipeline`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = prepare(analysis) else { return Ok(None) };
    let cells: Vec<String> = figure.panels.iter().flat_map(|panel| panel.cells.clone()).collect();
    let undrawn = match figure.undrawn.as_slice() {
        [] => String::new(),
        cells => format!(" Other pipelines are not drawn: {}.", cells.join("; ")),
    };
    let runs: Vec<RunId> = analysis.runs().map(|run| run.record.id).collect();
    Ok(Some(FigureItem {
        name: "pipeline".into(),
        title: "The pipeline".into(),
        text: format!(
            "How caption, image and noise are used in training, from the settings of one cell of each method: {}. \
             Methods with equal pipelines are drawn once.{undrawn}",
            cells.join("; ")
        ),
        alt: format!(
            "Diagrams of the pipelines of {}",
            figure.panels.iter().map(|panel| panel.methods.join(", ")).collect::<Vec<_>>().join("; ")
        ),
        runs,
        svg: figure.draw(),
        data: Some(figure.data()),
    }))
}
