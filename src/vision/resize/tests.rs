use super::*;
use image::Rgb;

/// 7×5: (37x² + 53y + 11xy + 101c) mod 256.
fn image() -> RgbImage {
    RgbImage::from_fn(7, 5, |x, y| Rgb([0, 1, 2].map(|c| ((x * x * 37 + y * 53 + x * y * 11 + c * 101) % 256) as u8)))
}

fn levels(resizer: Resizer, side: usize) -> Vec<f64> {
    resizer.apply(&image(), side).into_iter().map(|value| f64::from(value) * 255.0).collect()
}

#[test]
fn resized_images_equal_the_references() {
    // clean-fid 0.1.35's make_resizer("PIL", False, "bicubic", …), Pillow, and torch 2.15.0's
    // interpolate(mode="bilinear", align_corners=False) on the image above: the first eight levels, the last four, and
    // the sum of all.
    let references = [
        (
            Resizer::Clean,
            4,
            "26.3689 127.8436 105.6057 101.2247 92.9365 169.9637 127.287 76.7419",
            "188.7283 128.9241 97.5483 130.2118",
            5994.224,
        ),
        (
            Resizer::Legacy,
            4,
            "21.0156 148.6719 91.5781 93.7344 92.4219 160.1406 127.1094 93.3281",
            "181.2344 125.0781 140.1719 142.5156",
            6104.0,
        ),
        (
            Resizer::Clean,
            9,
            "0.0 12.321 85.6369 136.7307 70.0 63.8413 136.0987 135.2355",
            "167.4646 65.4541 69.5502 237.9456",
            30349.095,
        ),
        (
            Resizer::Legacy,
            9,
            "0.0 24.6667 86.3333 132.2222 77.0 79.3333 122.7778 122.0",
            "147.5556 83.0 88.0 218.0",
            30330.716,
        ),
    ];
    let parse = |text: &str| text.split(' ').map(|value| value.parse().unwrap()).collect::<Vec<f64>>();
    for (resizer, side, first, last, sum) in references {
        let found = levels(resizer, side);
        assert_eq!(found.len(), 3 * side * side);
        let near = |found: &[f64], expected: &[f64]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 2e-4);
        assert!(
            near(&found, &parse(first)) && near(&found[found.len() - 4..], &parse(last)),
            "{resizer} {side}: {found:?}"
        );
        assert!((found.iter().sum::<f64>() - sum).abs() < 0.01, "{resizer} {side}");
    }
}

#[test]
fn an_image_of_the_target_size_is_not_changed() {
    let square = RgbImage::from_fn(11, 11, |x, y| Rgb([(x * 23) as u8, (y * 23) as u8, (x * y * 7) as u8]));
    let planes = (0..3).flat_map(|channel| square.pixels().map(move |pixel| f32::from(pixel.0[channel]) / 255.0));
    let planes: Vec<f32> = planes.collect();
    for resizer in Resizer::ALL {
        assert_eq!(resizer.apply(&square, 11), planes, "{resizer}");
    }
}

#[test]
fn an_image_of_one_colour_keeps_it() {
    for (width, height) in [(1, 1), (13, 3), (40, 1)] {
        let flat = RgbImage::from_pixel(width, height, Rgb([255, 0, 51]));
        for resizer in Resizer::ALL {
            let found = resizer.apply(&flat, 6);
            let near = |values: &[f32], value: f32| values.iter().all(|found| (found - value).abs() < 1e-6);
            assert!(near(&found[..36], 1.0) && near(&found[36..72], 0.0) && near(&found[72..], 0.2), "{resizer}");
        }
    }
}

#[test]
fn a_resizer_is_parsed_from_its_name() {
    for resizer in Resizer::ALL {
        assert_eq!(resizer.as_str().parse(), Ok(resizer));
    }
    assert_eq!("bicubic".parse::<Resizer>().unwrap_err().to_string(), "`bicubic` is not a resizer (clean, legacy)");
}
