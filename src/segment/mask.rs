//! Masks: the flower, if any, that each pixel belongs to.

use image::RgbImage;

/// The number of the visible flower at each pixel; 0 for the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    instances: Vec<u8>,
}

impl Mask {
    /// A mask with one flower: the pixels (x, y) for which `inside` is true.
    pub fn from_fn(width: u32, height: u32, mut inside: impl FnMut(u32, u32) -> bool) -> Self {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self { width, height, instances: pixels.map(|(x, y)| u8::from(inside(x, y))).collect() }
    }

    /// A mask from the number of the flower at each pixel, row by row.
    ///
    /// # Panics
    ///
    /// If the length of `instances` is not `width · height`.
    pub fn from_instances(width: u32, height: u32, instances: Vec<u8>) -> Self {
        assert_eq!(instances.len(), width as usize * height as usize, "a mask of {width}×{height} pixels");
        Self { width, height, instances }
    }

    /// The mask of an official segmented image. Its background was painted blue (0, 0, 254) before it was saved as
    /// JPEG.
    ///
    /// JPEG stores luma at full resolution and chroma at half. At the edge of the flower, the colours of flower and
    /// background mix, but luma stays sharp. Therefore a pixel is background if its luma is within 20 of that of the
    /// blue (29) and its chroma within 80 of that of the blue, a loose limit (BT.601). Blue and violet petals have a
    /// similar chroma, but a luma above 49. On 250 of the images with a known mask, saved at quality 90, 0.06 % of the
    /// pixels are wrong with subsampled chroma and less than 0.01 % with full chroma; with a distance in RGB, 0.2–1.7 %
    /// are wrong.
    pub fn from_official(segmented: &RgbImage) -> Self {
        Self::from_fn(segmented.width(), segmented.height(), |x, y| !is_background(segmented.get_pixel(x, y).0))
    }

    /// Width and height in pixels.
    pub fn dimensions(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Whether pixel (x, y) is flower; false outside the mask.
    pub fn contains(&self, x: u32, y: u32) -> bool {
        self.instance(x, y) != 0
    }

    /// The number of the flower at pixel (x, y), from 1; 0 for the background and outside the mask.
    pub fn instance(&self, x: u32, y: u32) -> u8 {
        match x < self.width && y < self.height {
            true => self.instances[y as usize * self.width as usize + x as usize],
            false => 0,
        }
    }

    /// The number of visible flowers.
    pub fn flower_count(&self) -> usize {
        let mut visible = [false; 256];
        self.instances.iter().for_each(|&instance| visible[usize::from(instance)] = true);
        visible[1..].iter().filter(|&&visible| visible).count()
    }

    /// The fraction of pixels that are flower, from 0 to 1.
    pub fn flower_fraction(&self) -> f32 {
        self.area() as f32 / self.instances.len().max(1) as f32
    }

    /// The number of pixels that are flower.
    pub fn area(&self) -> usize {
        self.instances.iter().filter(|&&instance| instance != 0).count()
    }
}

/// Luma and chroma of the background (0, 0, 254).
const BLUE: [f32; 3] = [28.956, 255.0, 107.346];
/// The limits of the difference from the background.
const MAX_LUMA: f32 = 20.0;
const MAX_CHROMA: f32 = 80.0;

fn is_background(rgb: [u8; 3]) -> bool {
    let [luma, blue, red] = luma_chroma(rgb);
    (luma - BLUE[0]).abs() < MAX_LUMA && (blue - BLUE[1]).hypot(red - BLUE[2]) < MAX_CHROMA
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

    /// A flower with five petals on the official background.
    fn flower(petal: [u8; 3]) -> (Mask, RgbImage) {
        let polar = |x: u32, y: u32| {
            let (dx, dy) = (f64::from(x) - 80.0, f64::from(y) - 60.0);
            (dx.hypot(dy), dy.atan2(dx))
        };
        let mask = Mask::from_fn(160, 120, |x, y| {
            let (radius, angle) = polar(x, y);
            radius < 35.0 + 15.0 * (5.0 * angle).cos()
        });
        let image = RgbImage::from_fn(160, 120, |x, y| match (mask.contains(x, y), polar(x, y).0) {
            (false, _) => Rgb([0, 0, 254]),
            (true, ..8.0) => Rgb([230, 200, 40]),
            // Veins and shadow, so that a petal has more than one colour.
            (true, _) => Rgb(petal.map(|value| value.saturating_sub(((x * 7 + y * 3) % 24) as u8))),
        });
        (mask, image)
    }

    fn wrong(mask: &Mask, found: &Mask) -> usize {
        mask.instances.iter().zip(&found.instances).filter(|(a, b)| a != b).count()
    }

    #[test]
    fn the_mask_is_correct_after_jpeg_compression_even_for_blue_and_violet_petals() {
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
            let (mask, image) = flower(petal);
            let mut bytes = Vec::new();
            JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&image).unwrap();
            let saved = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap().decode().unwrap();
            let wrong = wrong(&mask, &Mask::from_official(&saved.into_rgb8()));
            assert!(wrong * 1000 <= 160 * 120, "{petal:?}: {wrong} pixels of {} wrong", 160 * 120);
        }
    }

    #[test]
    fn luma_has_a_narrow_limit_and_chroma_a_wide_one() {
        // Luma, Cb, Cr by hand: (0, 0, 254) is 28.96, 255, 107.35.
        assert!(is_background([0, 0, 254]));
        // 30.4, 192, 110: the luma of the blue; its chroma is mixed with that of a neighbour.
        assert!(is_background([5, 20, 150]));
        // 57, 246, 116: nearly the same chroma, luma 28 higher. A blue petal.
        assert!(!is_background([40, 28, 255]));
        // 29, 128, 128: the same luma without blue. A dark leaf.
        assert!(!is_background([29, 29, 29]));
    }

    #[test]
    fn only_visible_flowers_are_counted() {
        let mask = Mask::from_instances(3, 2, vec![0, 2, 2, 0, 7, 0]);
        assert_eq!((mask.flower_count(), mask.area(), mask.flower_fraction()), (2, 3, 0.5));
        assert_eq!((mask.instance(1, 1), mask.instance(0, 0), mask.instance(5, 5)), (7, 0, 0));
    }

    #[test]
    fn pixels_outside_the_mask_are_background() {
        let mask = Mask::from_fn(2, 1, |x, _| x == 1);
        assert_eq!((mask.area(), mask.dimensions()), (1, (2, 1)));
        assert_eq!(
            [mask.contains(0, 0), mask.contains(1, 0), mask.contains(2, 0), mask.contains(1, 1)],
            [false, true, false, false]
        );
    }
}
