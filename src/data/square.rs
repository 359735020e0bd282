//! Conversion of images to squares.

use image::RgbImage;

use super::resample::bilinear;

/// How an image becomes square: `image.square` and `guide.square`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SquareMethod {
    /// Resize the full image to a square without keeping its aspect ratio, as `resize((side, side), BILINEAR)` of
    /// Pillow up to version 12. Both published recipes do this.
    Squash,
    /// Resize the shorter side to `side` and crop the centre, as torchvision's `Resize(side)` and `CenterCrop(side)`.
    Crop,
}

impl SquareMethod {
    /// The method of a setting: `squash` or `crop`.
    pub fn from_setting(word: &str) -> Self {
        if word == "crop" { SquareMethod::Crop } else { SquareMethod::Squash }
    }

    /// The image as a square of `side`² pixels, by antialiased bilinear resampling in 8 bits.
    ///
    /// # Panics
    ///
    /// If the image has no pixels or `side` is 0.
    pub fn apply(self, image: &RgbImage, side: u32) -> RgbImage {
        let (width, height) = image.dimensions();
        assert!(width > 0 && height > 0 && side > 0, "{width}×{height} to {side}: no pixels");
        match self {
            SquareMethod::Squash => bilinear(image, side, side),
            SquareMethod::Crop => {
                // torchvision rounds the length of the longer side down.
                let long = |long: u32, short: u32| (u64::from(side) * u64::from(long) / u64::from(short)) as u32;
                let (wide, high) = match width <= height {
                    true => (side, long(height, width)),
                    false => (long(width, height), side),
                };
                let (left, top) = (half(wide - side), half(high - side));
                image::imageops::crop_imm(&bilinear(image, wide, high), left, top, side, side).to_image()
            }
        }
    }
}

/// Half of `spare`, rounded half to even as by Python's `round`, which torchvision calls.
fn half(spare: u32) -> u32 {
    let half = spare / 2;
    if spare % 4 == 3 { half + 1 } else { half }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn squash(image: &RgbImage, side: u32) -> RgbImage {
        SquareMethod::Squash.apply(image, side)
    }

    #[test]
    fn weights_fall_with_the_distance() {
        let row = [0, 40, 80, 200];
        let wide = RgbImage::from_fn(4, 4, |x, _| Rgb([row[x as usize]; 3]));
        // A triangle of half-width 2 about 1.0 and 3.0 (pixel centres at .5): weights ¾ ¾ ¼ and ¼ ¾ ¾, sum 1.75.
        // (0·¾ + 40·¾ + 80·¼) / 1.75 = 28.57 and (40·¼ + 80·¾ + 200·¾) / 1.75 = 125.71.
        let half = squash(&wide, 2);
        assert!(half.rows().all(|row| row.map(|pixel| pixel.0).eq([[29; 3], [126; 3]])), "{half:?}");
    }

    #[test]
    fn squash_equals_pillow() {
        // Pillow 13.0.0: a[y, x] = (37x + 11y, 13xy + 5, 255 - 29x - 3y) mod 256, 7×5,
        // Image.fromarray(a).resize((3, 3), Image.BILINEAR), row by row.
        let source = RgbImage::from_fn(7, 5, |x, y| {
            let wrap = |value: i64| value.rem_euclid(256) as u8;
            let (x, y) = (i64::from(x), i64::from(y));
            Rgb([wrap(37 * x + 11 * y), wrap(13 * x * y + 5), wrap(255 - 29 * x - 3 * y)])
        });
        let three = [
            [37, 10, 229, 116, 22, 167, 195, 34, 105],
            [54, 27, 224, 133, 83, 162, 212, 139, 100],
            [71, 45, 219, 150, 136, 157, 177, 129, 95],
        ];
        assert_eq!(squash(&source, 3).as_raw(), three.as_flattened());
        // Enlarged to 8×8: the third row.
        let third =
            [12, 5, 252, 42, 17, 228, 74, 28, 203, 107, 40, 178, 139, 53, 152, 172, 65, 127, 204, 76, 102, 234, 88, 78];
        assert_eq!(squash(&source, 8).as_raw()[2 * 24..3 * 24], third);
    }

    #[test]
    fn a_square_of_the_requested_size_is_not_changed() {
        let square = RgbImage::from_fn(3, 3, |x, y| Rgb([x as u8, y as u8, 7]));
        assert_eq!(squash(&square, 3), square);
    }

    #[test]
    fn crop_scales_the_shorter_side_and_keeps_the_centre() {
        let wide = RgbImage::from_fn(7, 2, |x, _| Rgb([x as u8 * 30; 3]));
        // 7×2 to 2: no change of scale; of the 5 spare columns, 2 are on the left (2.5 rounds to the even 2).
        let crop = SquareMethod::Crop.apply(&wide, 2);
        assert_eq!(crop.as_raw()[..6], [60, 60, 60, 90, 90, 90]);
        assert_eq!(SquareMethod::Crop.apply(&image::imageops::rotate90(&wide), 2).dimensions(), (2, 2));
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7].map(half), [0, 0, 1, 2, 2, 2, 3, 4]);
    }
}
