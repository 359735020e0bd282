//! Drawing of pipelines.

use super::{Panel, PipelineFigure};
use crate::report::figure::canvas::{Canvas, Font, Rect};
use crate::report::figure::diagram::{ARROW, Part};
use crate::report::figure::style::{Color, GRID, INK, LEADING, Line, MARGIN, MUTED, PALETTE, SIZE, SMALL, WIDTH};
use crate::report::figure::text::{Weight, wrap};

/// The colours of text, guide and networks.
const TEXT: Color = PALETTE[4];
const GUIDE: Color = PALETTE[2];
const NETWORK: Color = PALETTE[0];

/// The left edges and the widths of the columns: sources, preparation, features, generator, images, discriminator.
const COLUMNS: [(f64, f64); 6] =
    [(10.0, 56.0), (84.0, 104.0), (206.0, 120.0), (352.0, 72.0), (446.0, 66.0), (534.0, 80.0)];
/// The space between rows, and above and below them for lines around them.
const GAP: f64 = 8.0;
const AROUND: f64 = 13.0;

impl PipelineFigure {
    /// Draws the figure as SVG.
    pub fn draw(&self) -> String {
        let layouts: Vec<Layout> = self.panels.iter().map(Layout::new).collect();
        let height: f64 = layouts.iter().map(|layout| layout.height).sum();
        let mut canvas = Canvas::new(WIDTH, height + 2.0 * MARGIN - 6.0);
        let mut top = MARGIN;
        for (i, (panel, layout)) in self.panels.iter().zip(&layouts).enumerate() {
            if i > 0 {
                canvas.line(&[(MARGIN, top - 7.0), (WIDTH - MARGIN, top - 7.0)], Line::new(0.75, GRID));
            }
            panel.draw(&mut canvas, layout, top);
            top += layout.height;
        }
        canvas.finish()
    }
}

/// The heights of the rows of a panel, and its texts in lines.
struct Layout {
    title: Vec<String>,
    losses: Vec<String>,
    /// Of text, guide (0 without one) and noise.
    rows: [f64; 3],
    height: f64,
}

impl Layout {
    fn new(panel: &Panel) -> Self {
        let room = WIDTH - 2.0 * MARGIN;
        let title = wrap(&panel.methods.join(", "), SIZE, Weight::Bold, room, 2);
        let losses: Vec<String> =
            panel.parts.losses.iter().flat_map(|loss| wrap(loss, SMALL, Weight::Regular, room, 3)).collect();
        let [encoder, noise] = [panel.encoder(), panel.noise()];
        let guide = panel
            .guide()
            .map_or(0.0, |[image, network]| image.height(COLUMNS[1].1).max(network.height(COLUMNS[2].1)).max(34.0));
        let rows = [encoder.height(COLUMNS[2].1).max(30.0), guide, noise.height(COLUMNS[2].1).max(30.0)];
        let count = if guide > 0.0 { 3.0 } else { 2.0 };
        let boxes = rows.iter().sum::<f64>() + GAP * (count - 1.0) + 2.0 * AROUND;
        let height = LEADING * (title.len() + losses.len()) as f64 + boxes + 16.0;
        Self { title, losses, rows, height }
    }
}

fn rect(column: usize, top: f64, height: f64) -> Rect {
    let (left, width) = COLUMNS[column];
    Rect { left, top, width, height }
}

fn part(title: &'static str, lines: Vec<String>, color: Color) -> Part<'static> {
    Part { title, lines, color }
}

impl Panel {
    fn encoder(&self) -> Part<'static> {
        part("Text encoder", self.parts.encoder.clone(), TEXT)
    }

    fn noise(&self) -> Part<'static> {
        part("Noise", self.parts.noise.clone(), MUTED)
    }

    fn guide(&self) -> Option<[Part<'static>; 2]> {
        let [image, network] = self.parts.guide.clone()?;
        Some([part("Guide image", image, GUIDE), part("Guide network", network, GUIDE)])
    }

    fn draw(&self, canvas: &mut Canvas, layout: &Layout, top: f64) {
        let mut y = top + 4.0;
        for line in &layout.title {
            canvas.text(line, (MARGIN, y), Font::new(SIZE).bold());
            y += LEADING;
        }
        let first = y + AROUND - 4.0;
        let [text, guide, noise] = layout.rows;
        let second = first + text + GAP;
        let third = if guide > 0.0 { second + guide + GAP } else { second };
        let bottom = third + noise;
        let generator = rect(3, first + 6.0, bottom - first - 12.0);
        self.draw_text(canvas, (first, text), &generator);
        self.draw_noise(canvas, (third, noise), &generator);
        self.draw_guide(canvas, (second, guide), &generator, bottom);
        self.draw_networks(canvas, &generator, (first, bottom));
        y = bottom + AROUND + 8.0;
        for line in &layout.losses {
            canvas.text(line, (MARGIN, y), Font::new(SMALL).color(INK));
            y += LEADING;
        }
    }

    /// Caption and text encoder; the sentence vector goes to the generator, and above all boxes to the discriminator.
    fn draw_text(&self, canvas: &mut Canvas, (top, height): (f64, f64), generator: &Rect) {
        let middle = top + 0.5 * height;
        let caption = rect(0, middle - 11.0, 22.0);
        let encoder = rect(2, top, height);
        part("Caption", Vec::new(), TEXT).draw(canvas, caption);
        canvas.arrow(&[(caption.right(), middle), (encoder.left, middle)], ARROW);
        self.encoder().draw(canvas, encoder);
        let at = middle.max(generator.top + 8.0);
        canvas.arrow(&[(encoder.right(), at), (generator.left, at)], ARROW);
        let (x, above) = (encoder.right() + 9.0, top - 8.0);
        let target = COLUMNS[5].0 + 0.5 * COLUMNS[5].1;
        canvas.arrow(&[(x, at), (x, above), (target, above), (target, generator.top)], ARROW);
    }

    fn draw_noise(&self, canvas: &mut Canvas, (top, height): (f64, f64), generator: &Rect) {
        let noise = rect(2, top, height);
        self.noise().draw(canvas, noise);
        let at = (top + 0.5 * height).min(generator.bottom() - 8.0);
        canvas.arrow(&[(noise.right(), at), (generator.left, at)], ARROW);
    }

    /// Image, guide image and guide network; the features go to the generator, and below all boxes to the discriminator
    /// if it gets the guide.
    fn draw_guide(&self, canvas: &mut Canvas, (top, height): (f64, f64), generator: &Rect, bottom: f64) {
        let Some([image, network]) = self.guide() else { return };
        let middle = top + 0.5 * height;
        let source = rect(0, middle - 11.0, 22.0);
        let (composed, features) = (rect(1, top, height), rect(2, top, height));
        part("Image", Vec::new(), GUIDE).draw(canvas, source);
        canvas.arrow(&[(source.right(), middle), (composed.left, middle)], ARROW);
        image.draw(canvas, composed);
        canvas.arrow(&[(composed.right(), middle), (features.left, middle)], ARROW);
        network.draw(canvas, features);
        canvas.arrow(&[(features.right(), middle), (generator.left, middle)], ARROW);
        if self.parts.is_joined {
            let (x, below) = (features.right() + 9.0, bottom + 8.0);
            let target = COLUMNS[5].0 + 0.5 * COLUMNS[5].1;
            canvas.arrow(&[(x, middle), (x, below), (target, below), (target, generator.bottom())], ARROW);
        }
    }

    /// Generator, generated and real images, and discriminator.
    fn draw_networks(&self, canvas: &mut Canvas, generator: &Rect, (top, bottom): (f64, f64)) {
        part("Generator", Vec::new(), NETWORK).draw(canvas, *generator);
        let discriminator = rect(5, generator.top, generator.height);
        let side = self.parts.side;
        let half = 0.5 * (bottom - top - 6.0);
        let size = || vec![format!("{side}×{side}")];
        for (i, title) in ["Generated", "Real"].into_iter().enumerate() {
            let image = rect(4, top + (half + 6.0) * i as f64 + 3.0, half - 6.0);
            let (_, y) = image.centre();
            let y = y.clamp(generator.top + 6.0, generator.bottom() - 6.0);
            if i == 0 {
                canvas.arrow(&[(generator.right(), y), (image.left, y)], ARROW);
            }
            part(title, size(), MUTED).draw(canvas, image);
            canvas.arrow(&[(image.right(), y), (discriminator.left, y)], ARROW);
        }
        part("Discriminator", vec!["real or not".to_owned()], NETWORK).draw(canvas, discriminator);
    }
}
