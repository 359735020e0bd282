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

/// Endings of names of pictures beside those of JPEG.
const ENDINGS: [&str; 9] = ["bmp", "gif", "pgm", "png", "ppm", "tif", "tiff", "webp", "pnm"];

#[test]
fn every_format_is_read_and_what_is_passed_over_is_named() {
    let lab = Lab::new();
    for name in ["many", "plain"] {
        std::fs::create_dir(lab.path(name)).unwrap();
    }
    // Few colours, which a GIF keeps.
    let shown = RgbImage::from_fn(66, 70, |x, y| Rgb([(x / 22 * 100) as u8, (y / 24 * 90) as u8, 40]));
    for (number, ending) in ENDINGS.into_iter().enumerate() {
        let path = lab.path("many").join(format!("{number}.{ending}"));
        match ending {
            // Shades of grey alone.
            "pgm" => DynamicImage::ImageRgb8(shown.clone()).to_luma8().save(path).unwrap(),
            "pnm" => shown.save_with_format(path, image::ImageFormat::Pnm).unwrap(),
            _ => shown.save(path).unwrap(),
        }
    }
    shown.save(lab.path("plain/0.png")).unwrap();
    for other in ["notes.txt", "picture.heic", ".hidden"] {
        std::fs::write(lab.path("many").join(other), "no picture").unwrap();
    }
    std::fs::create_dir(lab.path("many/more")).unwrap();
    lab.succeed(&with(&["features", "plain", "--out", "plain.safetensors"], &ALEXNET));
    let output = lab.run(&with(&["features", "many", "--out", "many.safetensors", "--format", "csv"], &ALEXNET));
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{error}");
    assert!(error.contains("many: 4 passed over (.hidden, notes.txt, picture.heic, more/)"), "{error}");
    assert!(out.starts_with("file,pictures,skipped,") && out.contains("many.safetensors,9,0,"), "{out}");
    assert!(out.lines().next().unwrap().ends_with(",passed_over") && out.trim_end().ends_with(",4"), "{out}");
    let [many, plain] =
        ["many", "plain"].map(|side| FeatureSet::read(&lab.path(&format!("{side}.safetensors"))).unwrap());
    assert_eq!(many.names().len(), ENDINGS.len());
    let expected = plain.rows().row(0).to_vec();
    for (row, ending) in ENDINGS.into_iter().enumerate() {
        let largest = expected.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        let off = many.rows().row(row).iter().zip(&expected).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
        assert_eq!(off < 1e-5 * largest, ending != "pgm", "{ending}: {off} of {largest}");
    }
    let answer = super::json(&lab, &["eval", "fid", "many", "many"], &ALEXNET);
    let names = serde_json::json!([".hidden", "notes.txt", "picture.heic", "more/"]);
    assert_eq!((&answer["generated"]["passed_over"], &answer["real"]["passed_over"]), (&names, &names));
}

#[test]
fn pictures_that_are_cut_are_named_whatever_their_format() {
    let lab = Lab::new();
    std::fs::create_dir(lab.path("cut")).unwrap();
    let shown = picture(3, 66, 70);
    let endings = ["bmp", "gif", "png", "ppm", "tif", "webp", "jpg"];
    for ending in endings {
        let path = lab.path("cut").join(format!("a.{ending}"));
        shown.save(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    }
    std::fs::write(lab.path("cut/page.webp"), "<!DOCTYPE html><html>").unwrap();
    let error = lab.fail(3, &with(&["features", "cut", "--out", "cut.safetensors"], &ALEXNET));
    assert!(error.contains("8 of 8 pictures cannot be read"), "{error}");
    assert!(endings.iter().all(|ending| error.contains(&format!("a.{ending}"))), "{error}");
    assert!(error.contains("page.webp: a web page, not a picture"), "{error}");
}
