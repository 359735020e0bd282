//! Images of every mode and format in `jem features`.

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use jem::metric::FeatureSet;

use super::{ALEXNET, with};
use crate::lab::Lab;

/// A 16×16 CMYK JPEG of one colour, written by Pillow 13: `Image.new("CMYK", (16, 16), (0, 128, 255, 0))`, quality
/// 95.
const CMYK: &[u8] = include_bytes!("cmyk.jpg");

#[test]
fn images_of_every_mode_have_the_right_colours() {
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
    // 16 bits are rounded by value to the nearest of 256 levels: 257 levels of 65536 are one.
    let deep = ImageBuffer::<Luma<u16>, Vec<u16>>::from_fn(66, 70, |x, y| Luma([u16::from(level(x, y)) * 257 + 100]));
    DynamicImage::ImageLuma16(deep).save(odd.join("2.png")).unwrap();
    as_rgb.save(plain.join("2.png")).unwrap();
    let colours = super::image(5, 66, 70);
    RgbaImage::from_fn(66, 70, |x, y| {
        let Rgb([red, green, blue]) = *colours.get_pixel(x, y);
        Rgba([red, green, blue, (x * 3) as u8])
    })
    .save(odd.join("3.png"))
    .unwrap();
    colours.save(plain.join("3.png")).unwrap();
    // The format is determined from the contents, not from the name.
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
        // The colours of a JPEG may differ by one level.
        assert!(
            largest > 0.0 && off <= if row == 4 { 0.05 } else { 1e-6 } * largest,
            "{}: {off} of {largest}",
            row + 1
        );
    }
}

/// The file extensions of images, without those of JPEG.
const EXTENSIONS: [&str; 9] = ["bmp", "gif", "pgm", "png", "ppm", "tif", "tiff", "webp", "pnm"];

#[test]
fn every_format_is_read_and_skipped_files_are_listed() {
    let lab = Lab::new();
    for name in ["many", "plain"] {
        std::fs::create_dir(lab.path(name)).unwrap();
    }
    // Few colours, since a GIF has at most 256.
    let shown = RgbImage::from_fn(66, 70, |x, y| Rgb([(x / 22 * 100) as u8, (y / 24 * 90) as u8, 40]));
    for (number, ending) in EXTENSIONS.into_iter().enumerate() {
        let path = lab.path("many").join(format!("{number}.{ending}"));
        match ending {
            // Only shades of grey.
            "pgm" => DynamicImage::ImageRgb8(shown.clone()).to_luma8().save(path).unwrap(),
            "pnm" => shown.save_with_format(path, image::ImageFormat::Pnm).unwrap(),
            _ => shown.save(path).unwrap(),
        }
    }
    shown.save(lab.path("plain/0.png")).unwrap();
    for other in ["notes.txt", "picture.heic", ".hidden"] {
        std::fs::write(lab.path("many").join(other), "not an image").unwrap();
    }
    std::fs::create_dir(lab.path("many/more")).unwrap();
    lab.succeed(&with(&["features", "plain", "--out", "plain.safetensors"], &ALEXNET));
    let output = lab.run(&with(&["features", "many", "--out", "many.safetensors", "--format", "csv"], &ALEXNET));
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{error}");
    assert!(error.contains("many: 4 ignored (.hidden, notes.txt, picture.heic, more/)"), "{error}");
    assert!(out.starts_with("file,pictures,skipped,") && out.contains("many.safetensors,9,0,"), "{out}");
    assert!(out.lines().next().unwrap().ends_with(",passed_over") && out.trim_end().ends_with(",4"), "{out}");
    let [many, plain] =
        ["many", "plain"].map(|side| FeatureSet::read(&lab.path(&format!("{side}.safetensors"))).unwrap());
    assert_eq!(many.names().len(), EXTENSIONS.len());
    let expected = plain.rows().row(0).to_vec();
    for (row, ending) in EXTENSIONS.into_iter().enumerate() {
        let largest = expected.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        let off = many.rows().row(row).iter().zip(&expected).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
        assert_eq!(off < 1e-5 * largest, ending != "pgm", "{ending}: {off} of {largest}");
    }
    let result = super::json(&lab, &["eval", "fid", "many", "many"], &ALEXNET);
    let names = serde_json::json!([".hidden", "notes.txt", "picture.heic", "more/"]);
    assert_eq!((&result["generated"]["passed_over"], &result["real"]["passed_over"]), (&names, &names));
}

#[test]
fn truncated_images_of_every_format_are_reported() {
    let lab = Lab::new();
    std::fs::create_dir(lab.path("cut")).unwrap();
    let shown = super::image(3, 66, 70);
    let extensions = ["bmp", "gif", "png", "ppm", "tif", "webp", "jpg"];
    for extension in extensions {
        let path = lab.path("cut").join(format!("a.{extension}"));
        shown.save(&path).unwrap();
        let complete = std::fs::read(&path).unwrap();
        std::fs::write(&path, &complete[..complete.len() / 2]).unwrap();
    }
    std::fs::write(lab.path("cut/page.webp"), "<!DOCTYPE html><html>").unwrap();
    let error = lab.fail(3, &with(&["features", "cut", "--out", "cut.safetensors"], &ALEXNET));
    assert!(error.contains("8 of 8 images cannot be read"), "{error}");
    assert!(extensions.iter().all(|extension| error.contains(&format!("a.{extension}"))), "{error}");
    assert!(error.contains("page.webp: a web page, not an image"), "{error}");
}
