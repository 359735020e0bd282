//! Inputs for tests, with curves from formulas, so that all values can be computed by hand.

mod paper;

pub use paper::paper;

use std::collections::BTreeMap;
use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Pictures, ReportInput, RunData};
use crate::measure::{Curve, Epoch, Protocol, ProtocolId, ProtocolItem};
use crate::spec::Value;
use crate::store::{ExperimentRecord, FittedFile, ImageGrid, RunId, RunRecord, RunState, Series};

/// The epochs of every run, which is evaluated every 5 epochs.
pub const HORIZON: u32 = 60;

/// One experiment with a cell for each of `methods`, and `seeds` finished runs for each cell; with curves and without
/// images.
pub fn input(methods: &[&str], seeds: u64) -> ReportInput {
    let protocol = protocol(3);
    let mut runs = Vec::new();
    for (cell, &method) in methods.iter().enumerate() {
        for seed in 1..=seeds {
            runs.push(run(cell, method, seed, runs.len() as i64 + 1, &protocol.id()));
        }
    }
    ReportInput {
        title: "Lab & field".into(),
        name: "lab".into(),
        experiments: vec![ExperimentRecord {
            name: "lab".into(),
            title: "Lab".into(),
            revision: 1,
            text: String::new(),
        }],
        runs,
        filtered: 0,
        protocols: BTreeMap::from([(protocol.id(), protocol)]),
    }
}

/// The protocol of all evaluations, with `items` items.
pub fn protocol(items: u32) -> Protocol {
    let caption = |i: u32| match i % 3 {
        0 => "this flower has petals that are pink & white with a <yellow> center".to_owned(),
        1 => "a red one".to_owned(),
        _ => "the petals of this flower are purple with a long stigma, and many more words than any column of a \
              sample sheet would like to hold on one line or even on five, so that it must be cut at some point"
            .to_owned(),
    };
    Protocol {
        kind: "own-image".into(),
        split: "val".into(),
        resolution: 8,
        seed: 1,
        items: (0..items).map(|i| ProtocolItem { image: 100 + i, class: 1, caption: caption(i) }).collect(),
        data: "ab".into(),
        extractor: None,
        noises: None,
        sets: None,
    }
}

fn run(cell: usize, method: &str, seed: u64, id: i64, protocol: &ProtocolId) -> RunData {
    // The curves of later cells fall faster, those of later seeds slightly slower; a sine is added.
    let pace = 20.0 / (cell + 1) as f64 + seed as f64;
    let wiggle = |e: u32, scale: f64| scale * (f64::from(e) * 1.7 + seed as f64 * 2.3 + cell as f64).sin();
    let decay = |e: u32| (-f64::from(e) / pace).exp();
    let evaluated: Vec<u32> = (0..=HORIZON).step_by(5).collect();
    let trained: Vec<u32> = (1..=HORIZON).collect();
    let series = |metric: &str, protocol: &ProtocolId, epochs: &[u32], value: &dyn Fn(u32) -> f64| Series {
        metric: metric.into(),
        protocol: protocol.clone(),
        curve: Curve::new(epochs.iter().map(|&e| (Epoch(e), value(e))).collect()).unwrap(),
    };
    let none = ProtocolId::none();
    RunData {
        experiment: "lab".into(),
        record: RunRecord {
            id: RunId(id),
            cell: format!("{cell:016x}"),
            method: method.into(),
            seed,
            state: RunState::Finished,
            epoch: Epoch(HORIZON),
            step: 0,
            horizon: Epoch(HORIZON),
            settings: BTreeMap::from([("guide.network".into(), Value::Text("alexnet".into()))]),
            started_at: None,
            ended_at: None,
            seconds: 90.0,
            device: "cpu".into(),
            outcome: String::new(),
            weights: String::new(),
        },
        series: vec![
            series("colour_distance", protocol, &evaluated, &|e| 0.3 + 0.5 * decay(e) + wiggle(e, 0.002)),
            series("ssim", protocol, &evaluated, &|e| 0.4 - 0.35 * decay(e) + wiggle(e, 0.004)),
            series("d_loss", &none, &trained, &|e| 0.6 + 0.7 * decay(e) + wiggle(e, 0.05)),
            series("g_loss", &none, &trained, &|e| 3.0 - 2.0 * decay(e) + wiggle(e, 0.3)),
        ],
        image_grids: Vec::new(),
        pictures: Pictures::default(),
        fitted: Vec::new(),
        codes: Vec::new(),
    }
}

/// Adds image grids to every run: originals, samples at epochs 0 and 60, and, from the second cell on, guides. The
/// tiles have `tile` pixels, three in a row, one for each of `items` items.
pub fn with_images(mut input: ReportInput, items: u32, tile: u32) -> ReportInput {
    let cells: Vec<String> = super::cells::cells(&input).iter().map(|cell| cell.id.to_owned()).collect();
    for run in &mut input.runs {
        let cell = cells.iter().position(|id| *id == run.record.cell).unwrap() as u8;
        let mut add = |epoch: u32, role: &str, tint: [u8; 3]| {
            let picture = load(&mut run.pictures, grid(3, items, tile, tint));
            run.image_grids.push(ImageGrid { epoch: Epoch(epoch), role: role.into(), columns: 3, tile, picture });
        };
        add(0, "originals", [250, 120, 0]);
        if cell > 0 {
            add(0, "guides", [120, 250, if cell > 1 { 200 } else { 0 }]);
        }
        add(0, "samples", [128, 128, 128]);
        add(HORIZON, "samples", [40 * cell, 60, 255 - 40 * cell]);
    }
    input
}

/// Truncates the PNG files of the run.
pub fn damage(run: &mut RunData) {
    loaded(&mut run.pictures).values_mut().for_each(|png| png.truncate(20));
}

fn loaded(pictures: &mut Pictures) -> &mut BTreeMap<String, Vec<u8>> {
    let Pictures::Loaded(pngs) = pictures else { panic!("the pictures of tests are loaded") };
    pngs
}

/// Adds a PNG file, and returns its hash.
fn load(pictures: &mut Pictures, png: Vec<u8>) -> String {
    let hash = hex::encode(Sha256::digest(&png));
    loaded(pictures).insert(hash.clone(), png);
    hash
}

/// Adds a fitted text encoder to every run, and a fitted guide network to the runs of all cells but the first.
pub fn with_fits(mut input: ReportInput) -> ReportInput {
    let first = input.runs[0].record.cell.clone();
    let file = |setting: &str, digits: &str, record| FittedFile {
        setting: setting.into(),
        recipe: format!("a recipe of {setting}"),
        sha256: digits.repeat(32),
        record,
    };
    let shares = [(0.25, 0.75), (0.5, 0.875), (0.625, 1.0)].map(|(top1, top5)| json!({ "top1": top1, "top5": top5 }));
    let perplexities = [(8.0, 16.0), (4.0, 6.0), (4.0, 4.0)];
    let perplexities = perplexities.map(|(held_out, learned)| json!({ "held_out": held_out, "learned": learned }));
    let guide = json!({
        "classes": [41, 42, 43, 44], "learned": 90, "held_out": 8, "epoch": 3, "score": shares[2], "history": shares
    });
    let text = json!({
        "sentences": 300, "unigram": 64.0, "epoch": 2, "score": perplexities[1], "history": perplexities
    });
    for run in &mut input.runs {
        if run.record.cell != first {
            run.fitted.push(file("guide.weights", "ab", guide.clone()));
        }
        run.fitted.push(file("text.weights", "ef", text.clone()));
    }
    input
}

/// An image grid with `columns` tiles in a row. Its tiles have a white corner and a brightness that increases with the item, so that all differ.
fn grid(columns: u32, items: u32, tile: u32, tint: [u8; 3]) -> Vec<u8> {
    let image = RgbImage::from_fn(columns * tile, items.div_ceil(columns) * tile, |x, y| {
        let item = y / tile * columns + x / tile;
        let (x, y) = (x % tile, y % tile);
        if x < tile / 4 && y < tile / 4 {
            return Rgb([255, 255, 255]);
        }
        Rgb(tint.map(|channel| (u32::from(channel) * (item + 1) / items.max(1)).min(255) as u8))
    });
    let mut png = Cursor::new(Vec::new());
    image.write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}
