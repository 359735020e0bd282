//! Pictures of every kind, as `jem features` sees them.

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use jem::metric::FeatureSet;

use super::{ALEXNET, picture, with};
use crate::lab::Lab;

/// A 16×16 CMYK JPEG of plain colour, as Pillow 13 writes it: `Image.new("CMYK", (16, 16), (0, 128, 255, 0))`, quality 95.
const CMYK: &[u8] = include_bytes!("cmyk.jpg");

#[test]
fn pictures_of_every_kind_are_seen_as_their_colours() {
    let lab = Lab::new();
    let folder = |name: &str| {
        std::fs::create_dir_all(lab.path(name)).unwrap();
        lab.path(name)
    };
    let (odd, plain) = (folder("odd"), folder("plain"));
    let level = |x: u32, y: u32| ((x * 3 + y) % 255) as u8;
    let grey = GrayImage::from_fn(66, 70, |x, y| Luma([level(x, y)]));
    let as_rgb = RgbImage::from_fn(66, 70, |x, y| Rgb([level(x, y); 3]));
    grey.save(odd.join("1.png")).unwrap();
    as_rgb.save(plain.join("1.png")).unwrap();
    // 16 bits are rounded by value: 257 levels of 65536 to one of 256, up or down to the nearest.
    let deep = ImageBuffer::<Luma<u16>, Vec<u16>>::from_fn(66, 70, |x, y| Luma([u16::from(level(x, y)) * 257 + 100]));
    DynamicImage::ImageLuma16(deep).save(odd.join("2.png")).unwrap();
    as_rgb.save(plain.join("2.png")).unwrap();
    let colours = picture(5, 66, 70);
    RgbaImage::from_fn(66, 70, |x, y| {
        let Rgb([red, green, blue]) = *colours.get_pixel(x, y);
        Rgba([red, green, blue, (x * 3) as u8])
    })
    .save(odd.join("3.png"))
    .unwrap();
    colours.save(plain.join("3.png")).unwrap();
    // Told from its contents, whatever the name says.
    colours.save_with_format(odd.join("4.JPEG"), image::ImageFormat::Png).unwrap();
    colours.save(plain.join("4.png")).unwrap();
    std::fs::write(odd.join("5.jpg"), CMYK).unwrap();
    RgbImage::from_pixel(16, 16, Rgb([255, 127, 0])).save(plain.join("5.png")).unwrap();
    for side in ["odd", "plain"] {
        lab.succeed(&with(&["features", side, "--out", &format!("{side}.safetensors")], &ALEXNET));
    }
    let [odd, plain] =
        ["odd", "plain"].map(|side| FeatureSet::read(&lab.path(&format!("{side}.safetensors"))).unwrap());
    assert_eq!(odd.names(), ["1.png", "2.png", "3.png", "4.JPEG", "5.jpg"]);
    for row in 0..5 {
        let (found, expected) = (odd.rows().row(row), plain.rows().row(row));
        let largest = expected.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        let off = found.iter().zip(expected).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
        // A JPEG's colours may be a level off.
        assert!(
            largest > 0.0 && off <= if row == 4 { 0.05 } else { 1e-6 } * largest,
            "{}: {off} of {largest}",
            row + 1
        );
    }
}
