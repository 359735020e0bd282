//! Light and labels, pixel by pixel.

use super::colour::{Light, blend, screen};
use image::RgbImage;

/// A square being painted. Places are in shares of the side, x to the right and y down.
pub(super) struct Canvas {
    side: usize,
    /// Size of a pixel.
    pub(super) pixel: f32,
    light: Vec<Light>,
    labels: Vec<u8>,
}

/// The part of the canvas that a shape may touch.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Frame {
    /// The square around a disc.
    pub(super) fn around([x, y]: [f32; 2], radius: f32) -> Self {
        Self { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
    }

    /// All of the canvas.
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

    /// Changes the light of every pixel in a frame by its middle.
    pub(super) fn paint(&mut self, frame: Frame, mut change: impl FnMut(f32, f32, &mut Light)) {
        self.each(frame, |x, y, light, _| change(x, y, light));
    }

    /// Changes the light of every pixel in a frame by its middle; a pixel for which `true` comes back takes the label.
    pub(super) fn label(&mut self, frame: Frame, label: u8, mut change: impl FnMut(f32, f32, &mut Light) -> bool) {
        self.each(frame, |x, y, light, into| {
            if change(x, y, light) {
                *into = label;
            }
        });
    }

    fn each(&mut self, frame: Frame, mut change: impl FnMut(f32, f32, &mut Light, &mut u8)) {
        let bound = |place: f32| (place * self.side as f32).clamp(0.0, self.side as f32);
        let (left, right) = (bound(frame.left).floor() as usize, bound(frame.right).ceil() as usize);
        let (top, bottom) = (bound(frame.top).floor() as usize, bound(frame.bottom).ceil() as usize);
        for row in top..bottom {
            let y = (row as f32 + 0.5) * self.pixel;
            for column in left..right {
                let x = (column as f32 + 0.5) * self.pixel;
                let at = row * self.side + column;
                change(x, y, &mut self.light[at], &mut self.labels[at]);
            }
        }
    }

    /// Changes the light of pixels row by row between two heights: for the middle of a row come back where to start,
    /// where to end, and the change by place in the row.
    pub(super) fn sweep<C: FnMut(f32, &mut Light)>(&mut self, heights: [f32; 2], row: impl Fn(f32) -> (f32, f32, C)) {
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

    /// A round spot of one light.
    pub(super) fn spot(&mut self, centre: [f32; 2], radius: f32, soft: f32, share: f32, paint: Light) {
        let pixel = self.pixel;
        // A spot smaller than a pixel keeps its amount of light, spread over the pixel.
        let seen = radius.max(0.5 * pixel);
        let share = share * (radius / seen) * (radius / seen);
        let half = 0.5 * pixel + soft;
        self.paint(Frame::around(centre, seen + half), |x, y, light| {
            let (dx, dy) = (x - centre[0], y - centre[1]);
            let distance = (dx * dx + dy * dy).sqrt() - seen;
            let inside = (0.5 - 0.5 * distance / half).clamp(0.0, 1.0);
            *light = blend(*light, paint, share * inside);
        });
    }

    /// A line of one light between two places.
    pub(super) fn line(&mut self, from: [f32; 2], to: [f32; 2], half_width: f32, share: f32, paint: Light) {
        let pixel = self.pixel;
        let seen = half_width.max(0.35 * pixel);
        let share = share * half_width / seen;
        let reach = seen + 0.5 * pixel;
        let frame = Frame {
            left: from[0].min(to[0]) - reach,
            top: from[1].min(to[1]) - reach,
            right: from[0].max(to[0]) + reach,
            bottom: from[1].max(to[1]) + reach,
        };
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length2 = (dx * dx + dy * dy).max(1e-12);
        self.paint(frame, |x, y, light| {
            let (px, py) = (x - from[0], y - from[1]);
            let t = ((px * dx + py * dy) / length2).clamp(0.0, 1.0);
            let (ex, ey) = (px - t * dx, py - t * dy);
            let distance = (ex * ex + ey * ey).sqrt() - seen;
            *light = blend(*light, paint, share * (0.5 - distance / pixel).clamp(0.0, 1.0));
        });
    }

    /// The picture as bytes, and the labels row by row.
    pub(super) fn finish(self) -> (RgbImage, Vec<u8>) {
        let bytes: Vec<u8> = self.light.iter().flat_map(|&light| screen(light)).collect();
        let side = self.side as u32;
        (RgbImage::from_raw(side, side, bytes).expect("three bytes were made for every pixel"), self.labels)
    }
}
