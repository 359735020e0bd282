//! The raster image: the colour and the label of every pixel.

use super::colour::{LinearRgb, blend, to_screen};
use image::RgbImage;

/// A square raster. Positions are fractions of the side, x to the right and y down.
pub(super) struct Canvas {
    side: usize,
    /// The size of a pixel, as a fraction of the side.
    pub(super) pixel: f32,
    light: Vec<LinearRgb>,
    labels: Vec<u8>,
}

/// The bounding rectangle of a shape.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Bounds {
    /// The bounds of a disc.
    pub(super) fn around([x, y]: [f32; 2], radius: f32) -> Self {
        Self { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
    }

    /// The bounds of the canvas.
    pub(super) fn whole() -> Self {
        Self { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 }
    }
}

impl Canvas {
    pub(super) fn new(side: u32) -> Self {
        let side = side as usize;
        let pixels = side * side;
        Self { side, pixel: 1.0 / side as f32, light: vec![[0.0; 3]; pixels], labels: vec![0; pixels] }
    }

    /// Calls `change` with the centre and the colour of every pixel within bounds.
    pub(super) fn paint(&mut self, bounds: Bounds, mut change: impl FnMut(f32, f32, &mut LinearRgb)) {
        self.each(bounds, |x, y, light, _| change(x, y, light));
    }

    /// As [`Self::paint`]; every pixel for which `change` returns `true` gets the label.
    pub(super) fn label(
        &mut self,
        bounds: Bounds,
        label: u8,
        mut change: impl FnMut(f32, f32, &mut LinearRgb) -> bool,
    ) {
        self.each(bounds, |x, y, light, into| {
            if change(x, y, light) {
                *into = label;
            }
        });
    }

    fn each(&mut self, bounds: Bounds, mut change: impl FnMut(f32, f32, &mut LinearRgb, &mut u8)) {
        let bound = |place: f32| (place * self.side as f32).clamp(0.0, self.side as f32);
        let (left, right) = (bound(bounds.left).floor() as usize, bound(bounds.right).ceil() as usize);
        let (top, bottom) = (bound(bounds.top).floor() as usize, bound(bounds.bottom).ceil() as usize);
        for row in top..bottom {
            let y = (row as f32 + 0.5) * self.pixel;
            for column in left..right {
                let x = (column as f32 + 0.5) * self.pixel;
                let at = row * self.side + column;
                change(x, y, &mut self.light[at], &mut self.labels[at]);
            }
        }
    }

    /// Changes pixels row by row between two values of y. For the y of a row, `row` returns the x range and a function
    /// that changes the colour at x.
    pub(super) fn sweep<C: FnMut(f32, &mut LinearRgb)>(
        &mut self,
        heights: [f32; 2],
        row: impl Fn(f32) -> (f32, f32, C),
    ) {
        let bound = |place: f32| (place * self.side as f32).clamp(0.0, self.side as f32);
        let (top, bottom) = (bound(heights[0]).floor() as usize, bound(heights[1]).ceil() as usize);
        for at in top..bottom {
            let (left, right, mut change) = row((at as f32 + 0.5) * self.pixel);
            let (left, right) = (bound(left).floor() as usize, bound(right).ceil() as usize);
            for column in left..right {
                change((column as f32 + 0.5) * self.pixel, &mut self.light[at * self.side + column]);
            }
        }
    }

    /// Draws a disc of one colour.
    pub(super) fn spot(&mut self, centre: [f32; 2], radius: f32, soft: f32, alpha: f32, paint: LinearRgb) {
        let pixel = self.pixel;
        // A disc smaller than a pixel is drawn larger with a lower alpha, so that its total intensity is the same.
        let drawn = radius.max(0.5 * pixel);
        let alpha = alpha * (radius / drawn) * (radius / drawn);
        let half = 0.5 * pixel + soft;
        self.paint(Bounds::around(centre, drawn + half), |x, y, light| {
            let (dx, dy) = (x - centre[0], y - centre[1]);
            let distance = (dx * dx + dy * dy).sqrt() - drawn;
            let inside = (0.5 - 0.5 * distance / half).clamp(0.0, 1.0);
            *light = blend(*light, paint, alpha * inside);
        });
    }

    /// Draws a line of one colour.
    pub(super) fn line(&mut self, from: [f32; 2], to: [f32; 2], half_width: f32, alpha: f32, paint: LinearRgb) {
        let pixel = self.pixel;
        let drawn = half_width.max(0.35 * pixel);
        let alpha = alpha * half_width / drawn;
        let reach = drawn + 0.5 * pixel;
        let bounds = Bounds {
            left: from[0].min(to[0]) - reach,
            top: from[1].min(to[1]) - reach,
            right: from[0].max(to[0]) + reach,
            bottom: from[1].max(to[1]) + reach,
        };
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length2 = (dx * dx + dy * dy).max(1e-12);
        self.paint(bounds, |x, y, light| {
            let (px, py) = (x - from[0], y - from[1]);
            let t = ((px * dx + py * dy) / length2).clamp(0.0, 1.0);
            let (ex, ey) = (px - t * dx, py - t * dy);
            let distance = (ex * ex + ey * ey).sqrt() - drawn;
            *light = blend(*light, paint, alpha * (0.5 - distance / pixel).clamp(0.0, 1.0));
        });
    }

    /// The image, and the labels row by row.
    pub(super) fn finish(self) -> (RgbImage, Vec<u8>) {
        let bytes: Vec<u8> = self.light.iter().flat_map(|&light| to_screen(light)).collect();
        let side = self.side as u32;
        (RgbImage::from_raw(side, side, bytes).expect("there are three bytes per pixel"), self.labels)
    }
}
