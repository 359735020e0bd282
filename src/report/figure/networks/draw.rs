//! Drawing of networks.

use super::{NetworksFigure, Panel, SIZES};
use crate::report::figure::architecture::{Form, Maps, Projection, Sizes};
use crate::report::figure::canvas::{Anchor, Canvas, Font, Rect};
use crate::report::figure::diagram::{ARROW, Part};
use crate::report::figure::style::{Color, GRID, LEADING, Line, MARGIN, MUTED, PALETTE, SIZE, SMALL, WIDTH};
use crate::report::figure::text::{Weight, wrap};

/// The colours of text, guide, noise and maps.
const TEXT: Color = PALETTE[4];
const GUIDE: Color = PALETTE[2];
const NOISE: Color = MUTED;
const MAPS: Color = PALETTE[0];

/// The width of a box of maps, and the space between two.
const BOX: f64 = 63.0;
const GAP: f64 = 13.0;
/// The width and the height of the boxes of inputs.
const INPUT: f64 = 122.0;
const INPUT_HEIGHT: f64 = 20.0;
/// The distance of lines with further sizes.
const STEP: f64 = 11.5;

impl NetworksFigure {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let layouts: Vec<Layout> = self.panels.iter().map(Layout::new).collect();
        let height: f64 = layouts.iter().map(|layout| layout.height).sum();
        let mut canvas = Canvas::new(WIDTH, height + 2.0 * MARGIN);
        let mut top = MARGIN;
        for (i, (panel, layout)) in self.panels.iter().zip(&layouts).enumerate() {
            if i > 0 {
                canvas.line(&[(MARGIN, top - 5.0), (WIDTH - MARGIN, top - 5.0)], Line::new(0.75, GRID));
            }
            panel.draw(&mut canvas, layout, top);
            top += layout.height;
        }
        canvas.finish()
    }
}

/// The text of a panel in lines, and its height.
struct Layout {
    title: Vec<String>,
    generator: Vec<String>,
    discriminator: Vec<String>,
    losses: Vec<String>,
    /// The number of further sizes.
    more: usize,
    height: f64,
}

/// The height of the boxes of the largest maps.
const TALL: f64 = 58.0;

impl Layout {
    fn new(panel: &Panel) -> Self {
        let room = WIDTH - 2.0 * MARGIN;
        let lines = |text: &str, most: usize| wrap(text, SMALL, Weight::Regular, room, most);
        let title = wrap(&panel.title, SIZE, Weight::Bold, room, 2);
        let (generator, discriminator) =
            (lines(&generator_text(&panel.form), 3), lines(&discriminator_text(&panel.form), 3));
        let losses: Vec<String> = panel.losses.iter().flat_map(|loss| lines(loss, 3)).collect();
        let more = panel.sizes.len().min(SIZES) - 1;
        let texts = title.len() + generator.len() + discriminator.len() + losses.len();
        let inputs = INPUT_HEIGHT + 8.0;
        let height = LEADING * texts as f64 + 2.0 * (TALL + STEP * more as f64) + inputs + 46.0;
        Self { title, generator, discriminator, losses, more, height }
    }
}

fn generator_text(form: &Form) -> String {
    let kernel = Form::kernel(form.reed.0);
    let residual = if form.reed.0 { " Residual blocks on the two smallest maps." } else { "" };
    let stages =
        if form.is_staged { " The guide also scales and shifts the channels of every hidden map." } else { "" };
    format!(
        "Generator: joined vector, linear; each arrow a transposed convolution {kernel}×{kernel} with stride 2; batch norm \
         and ReLU on every map, tanh on the image.{residual}{stages}"
    )
}

fn discriminator_text(form: &Form) -> String {
    let kernel = Form::kernel(form.reed.1);
    let residual = if form.reed.1 { " A residual block on the smallest map." } else { "" };
    let joined = if form.is_joined { "text and guide are" } else { "text is" };
    format!(
        "Discriminator: each arrow a convolution {kernel}×{kernel} with stride 2; leaky ReLU, batch norm from the second map \
         on; {joined} repeated at every position, then a convolution 1×1 and a linear layer.{residual}"
    )
}

impl Panel {
    fn draw(&self, canvas: &mut Canvas, layout: &Layout, top: f64) {
        let mut y = top + 5.0;
        let write = |canvas: &mut Canvas, lines: &[String], y: &mut f64, font: Font| {
            for line in lines {
                canvas.text(line, (MARGIN, *y), font);
                *y += LEADING;
            }
        };
        write(canvas, &layout.title, &mut y, Font::new(SIZE).bold());
        write(canvas, &layout.generator, &mut y, Font::new(SMALL).color(MUTED));
        self.draw_generator(canvas, y);
        y += TALL + STEP * layout.more as f64 + 14.0;
        write(canvas, &layout.discriminator, &mut y, Font::new(SMALL).color(MUTED));
        self.draw_discriminator(canvas, y, layout.more);
        y += TALL + STEP * layout.more as f64 + INPUT_HEIGHT + 22.0;
        write(canvas, &layout.losses, &mut y, Font::new(SMALL));
    }

    fn sizes(&self) -> &[Sizes] {
        &self.sizes[..self.sizes.len().min(SIZES)]
    }

    fn draw_generator(&self, canvas: &mut Canvas, top: f64) {
        let middle = top + 0.5 * TALL;
        let inputs = self.inputs();
        let step = (TALL + 4.0) / inputs.len() as f64;
        let left = MARGIN + INPUT;
        let joined_left = left + 2.0 * GAP;
        for (i, part) in inputs.iter().enumerate() {
            let centre = middle + step * (i as f64 - 0.5 * (inputs.len() - 1) as f64);
            let rect = Rect { left: MARGIN, top: centre - 9.5, width: INPUT, height: 19.0 };
            part.draw(canvas, rect);
            canvas.arrow(&[(left, centre), (joined_left, middle + 0.35 * (centre - middle))], ARROW);
        }
        let joined = Rect { left: joined_left, top: middle - 17.0, width: 48.0, height: 34.0 };
        let lines = vec![self.form.joined().to_string()];
        Part { title: "joined", lines, color: MUTED }.draw(canvas, joined);
        let mut x = joined.right();
        for i in 0..5 {
            canvas.arrow(&[(x, middle), (x + GAP, middle)], ARROW);
            x += GAP;
            let height = 26.0 + 8.0 * i as f64;
            self.draw_maps(canvas, (x, middle, height), |sizes| sizes.generator[i], top + TALL);
            x += BOX;
        }
    }

    fn draw_discriminator(&self, canvas: &mut Canvas, top: f64, more: usize) {
        let middle = top + 0.5 * TALL;
        let mut x = MARGIN;
        for i in 0..5 {
            if i > 0 {
                canvas.arrow(&[(x, middle), (x + GAP, middle)], ARROW);
                x += GAP;
            }
            let height = 26.0 + 8.0 * (4 - i) as f64;
            self.draw_maps(canvas, (x, middle, height), |sizes| sizes.discriminator[i], top + TALL);
            x += BOX;
        }
        canvas.arrow(&[(x, middle), (x + GAP, middle)], ARROW);
        x += GAP;
        let joint =
            |sizes: &Sizes| Maps { channels: self.form.joint(sizes.discriminator[4]), ..sizes.discriminator[4] };
        self.draw_maps(canvas, (x, middle, 30.0), joint, top + TALL);
        // Text and guide enter from below.
        let below = top + TALL + STEP * more as f64 + 4.0;
        let vectors = self.vectors(self.form.is_joined);
        let mut right = x + 0.5 * BOX + 0.5 * INPUT;
        for part in vectors.iter().rev() {
            let rect = Rect { left: right - INPUT, top: below, width: INPUT, height: INPUT_HEIGHT - 1.0 };
            part.draw(canvas, rect);
            right -= INPUT + GAP;
        }
        let enter = x + 0.5 * BOX;
        let under = if more > 0 { x - 0.5 * GAP } else { enter };
        if more > 0 {
            canvas.arrow(&[(under, below), (under, middle + 22.0), (x + 6.0, middle + 15.0)], ARROW);
        } else {
            canvas.arrow(&[(enter, below), (enter, middle + 15.0)], ARROW);
        }
        if vectors.len() > 1 {
            let from = enter - 0.5 * INPUT - GAP;
            canvas.line(&[(from, below + 9.0), (enter - 0.5 * INPUT, below + 9.0)], ARROW);
        }
        x += BOX;
        canvas.arrow(&[(x, middle), (x + GAP, middle)], ARROW);
        x += GAP;
        self.draw_maps(canvas, (x, middle, 26.0), |sizes| sizes.discriminator[4], top + TALL);
        x += BOX;
        canvas.arrow(&[(x, middle), (x + GAP, middle)], ARROW);
        x += GAP;
        let logit = Rect { left: x, top: middle - 13.0, width: 36.0, height: 26.0 };
        Part { title: "logit", lines: Vec::new(), color: MUTED }.draw(canvas, logit);
    }

    /// Draws a box of maps with the smallest size in it, and the other sizes in lines from `below` on.
    fn draw_maps(
        &self,
        canvas: &mut Canvas,
        (x, middle, height): (f64, f64, f64),
        of: impl Fn(&Sizes) -> Maps,
        below: f64,
    ) {
        let rect = Rect { left: x, top: middle - 0.5 * height, width: BOX, height };
        for (i, sizes) in self.sizes().iter().enumerate() {
            let text = shape(of(sizes));
            if i == 0 {
                Part { title: "", lines: vec![text], color: MAPS }.draw(canvas, rect);
            } else {
                let y = below + 5.0 + STEP * (i - 1) as f64;
                canvas.text(&text, (x + 0.5 * BOX, y), Font::new(SMALL).color(MUTED).anchor(Anchor::Middle));
            }
        }
    }

    /// The inputs of the generator: noise, text and guide.
    fn inputs(&self) -> Vec<Part<'static>> {
        let noise = Part { title: "", lines: vec![format!("noise {}", self.form.noise)], color: NOISE };
        std::iter::once(noise).chain(self.vectors(true)).collect()
    }

    /// The projected vectors.
    fn vectors(&self, has_guide: bool) -> Vec<Part<'static>> {
        let part = |name: &str, projection: Projection, color| {
            let inputs = projection.inputs.map(|inputs| format!(" {inputs}")).unwrap_or_default();
            Part { title: "", lines: vec![format!("{name}{inputs} → {}", projection.outputs)], color }
        };
        let mut vectors = vec![part("text", self.form.text, TEXT)];
        vectors.extend(self.form.guide.filter(|_| has_guide).map(|guide| part("guide", guide, GUIDE)));
        vectors
    }
}

fn shape(maps: Maps) -> String {
    format!("{}×{}×{}", maps.channels, maps.side, maps.side)
}
