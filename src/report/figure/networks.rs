//! The layers of generator and discriminator with their shapes, from the resolved settings (Figure 3 of the paper).

mod draw;

use std::collections::BTreeMap;

use super::architecture::{Form, Maps, Sizes, settings_of};
use super::images::method_label;
use super::losses;
use crate::report::cells::Cell;
use crate::report::item::FigureItem;
use crate::report::table::Table;
use crate::report::{Analysis, FigureError, format};
use crate::store::RunId;

/// The data of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworksFigure {
    /// One for each form of the networks.
    pub panels: Vec<Panel>,
    /// The labels of cells with other forms, which are not drawn.
    pub undrawn: Vec<String>,
}

/// Networks of one form.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The cells in figures.
    pub title: String,
    /// The labels of the cells.
    pub cells: Vec<String>,
    /// The form.
    pub form: Form,
    /// The sizes of maps, from the smallest image.
    pub sizes: Vec<Sizes>,
    /// The losses of discriminator and generator.
    pub losses: [String; 2],
}

/// The maximum number of panels: a page has no room for more.
const PANELS: usize = 3;
/// The maximum number of sizes in a panel.
const SIZES: usize = 3;

/// The networks of all cells; `None` if the settings of no cell can be read.
pub fn prepare(analysis: &Analysis) -> Option<NetworksFigure> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut members: Vec<Vec<&Cell>> = Vec::new();
    for cell in &analysis.cells {
        let Some(settings) = settings_of(cell) else { continue };
        let (form, sizes) = (Form::new(&settings), Sizes::new(&settings));
        let losses = [losses::discriminator(&settings), losses::generator(&settings)];
        let is_same = |panel: &Panel| panel.form == form && panel.losses == losses;
        let place = panels.iter().position(is_same).unwrap_or_else(|| {
            panels.push(Panel { title: String::new(), cells: Vec::new(), form, sizes: Vec::new(), losses });
            members.push(Vec::new());
            panels.len() - 1
        });
        members[place].push(cell);
        panels[place].cells.push(cell.label.clone());
        if !panels[place].sizes.contains(&sizes) {
            panels[place].sizes.push(sizes);
        }
    }
    for (panel, cells) in panels.iter_mut().zip(&members) {
        panel.title = title(analysis, cells);
        panel.sizes.sort_by_key(|sizes| (sizes.discriminator[0].side, *sizes));
    }
    let undrawn = panels.split_off(panels.len().min(PANELS));
    (!panels.is_empty())
        .then(|| NetworksFigure { panels, undrawn: undrawn.into_iter().flat_map(|panel| panel.cells).collect() })
}

/// The methods of `cells`; with the labels of the cells if other cells of a method have other networks.
fn title(analysis: &Analysis, cells: &[&Cell]) -> String {
    let mut of_method: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for &cell in cells {
        if !order.contains(&cell.method) {
            order.push(cell.method);
        }
        of_method.entry(cell.method).or_default().push(cell);
    }
    let part = |method: &&str| {
        let cells = &of_method[method];
        let all = analysis.cells.iter().filter(|cell| cell.method == *method).count();
        match (cells.len(), all) {
            (n, all) if n == all => method_label(cells[0]).to_owned(),
            (1, _) => cells[0].figure_label.clone(),
            (n, all) => format!("{} ({n} of {all} cells)", method_label(cells[0])),
        }
    };
    order.iter().map(part).collect::<Vec<_>>().join(", ")
}

impl NetworksFigure {
    /// A row for each layer of each panel and size.
    fn data(&self) -> Table {
        let mut table = Table::default().text_column("cells").text_column("network").text_column("layer");
        table = table.text_column("input").text_column("output");
        let shape = |maps: Maps| format!("{}×{}×{}", maps.channels, maps.side, maps.side);
        for panel in &self.panels {
            let Form { noise, text, guide, .. } = &panel.form;
            let length = |inputs: Option<usize>| inputs.map_or_else(|| "from a file".to_owned(), |n| n.to_string());
            let joined = panel.form.joined();
            for sizes in &panel.sizes {
                let mut rows: Vec<[String; 4]> = Vec::new();
                let mut add = |network: &str, layer: &str, input: String, output: String| {
                    rows.push([network.to_owned(), layer.to_owned(), input, output]);
                };
                add("generator", "noise", String::new(), noise.to_string());
                for network in ["generator", "discriminator"] {
                    add(network, "text projection", length(text.inputs), text.outputs.to_string());
                    if let Some(guide) = guide.filter(|_| network == "generator" || panel.form.is_joined) {
                        add(network, "guide projection", length(guide.inputs), guide.outputs.to_string());
                    }
                }
                add("generator", "linear", joined.to_string(), shape(sizes.generator[0]));
                for pair in sizes.generator.windows(2) {
                    add("generator", "transposed convolution", shape(pair[0]), shape(pair[1]));
                }
                for pair in sizes.discriminator.windows(2) {
                    add("discriminator", "convolution", shape(pair[0]), shape(pair[1]));
                }
                let last = sizes.discriminator[4];
                let joint = Maps { channels: panel.form.joint(last), side: last.side };
                add("discriminator", "joint convolution 1×1", shape(joint), shape(last));
                add("discriminator", "linear", shape(last), "1".to_owned());
                for row in rows {
                    table.push(std::iter::once(panel.cells.join("; ")).chain(row).collect());
                }
            }
        }
        table
    }
}

/// The figure `networks`.
///
/// # Errors
///
/// None; other figures have errors.
pub fn item(analysis: &Analysis) -> Result<Option<FigureItem>, FigureError> {
    let Some(figure) = prepare(analysis) else { return Ok(None) };
    let undrawn = match figure.undrawn.as_slice() {
        [] => String::new(),
        cells => format!(" Networks or losses of other cells are not drawn: {}.", cells.join("; ")),
    };
    let runs: Vec<RunId> = analysis.runs().map(|run| run.record.id).collect();
    let titles: Vec<&str> = figure.panels.iter().map(|panel| panel.title.as_str()).collect();
    Ok(Some(FigureItem {
        name: "networks".into(),
        title: "The networks".into(),
        text: format!(
            "The layers of generator and discriminator, from the settings of the runs. Boxes contain channels × side × \
             side of feature maps; with several sizes, those of larger networks are in the lines below.{undrawn}"
        ),
        alt: format!("Diagrams of {} of networks: {}", format::counted(titles.len(), "pair"), titles.join("; ")),
        runs,
        svg: figure.draw(),
        data: Some(figure.data()),
    }))
}
