use super::*;

/// A 9×7 image of one colour and a 6×5 flower with its upper left corner at (3, 1).
fn image_and_mask() -> (RgbImage, Mask) {
    let mask = Mask::from_fn(9, 7, |x, y| x >= 3 && (1..6).contains(&y));
    (RgbImage::from_pixel(9, 7, Rgb([100, 101, 0])), mask)
}

fn letters(image: &RgbImage) -> Vec<String> {
    let letter = |pixel: &Rgb<u8>| match pixel.0 {
        [100, 101, 0] => '.',
        [255, 255, 255] => 'w',
        [255, 64, 32] => 'o',
        // (100 + 255) / 2 = 177.5, (101 + 64) / 2 = 82.5, (0 + 32) / 2 = 16.
        [178, 83, 16] => 'b',
        _ => '?',
    };
    image.rows().map(|row| row.map(letter).collect()).collect()
}

#[test]
fn full_tints_and_outlines_the_flower_and_does_not_change_the_background() {
    let (image, mask) = image_and_mask();
    let full = Composition::Full.compose(&image, &mask, Style::TintOutline).unwrap();
    assert_eq!(
        letters(&full),
        [".........", "...oooooo", "...oooooo", "...oobboo", "...oooooo", "...oooooo", "........."]
    );
}

#[test]
fn foreground_and_background_make_the_other_part_white() {
    let (image, mask) = image_and_mask();
    let foreground = letters(&Composition::Foreground.compose(&image, &mask, Style::TintOutline).unwrap());
    assert_eq!(foreground[0], "wwwwwwwww");
    assert_eq!(foreground[3], "www......");
    let background = letters(&Composition::Background.compose(&image, &mask, Style::TintOutline).unwrap());
    assert_eq!(background[0], ".........");
    assert_eq!(background[3], "...wwwwww");
}

#[test]
fn a_style_can_be_the_tint_or_the_outline_alone() {
    let (image, mask) = image_and_mask();
    let style = |style| letters(&Composition::Full.compose(&image, &mask, style).unwrap());
    assert_eq!(style(Style::Tint)[1..5], ["...bbbbbb"; 4]);
    assert_eq!(style(Style::Outline)[1..4], ["...oooooo", "...oooooo", "...oo..oo"]);
}

#[test]
fn adjacent_flowers_have_different_colours_and_separate_outlines() {
    let instances = (0..7).flat_map(|_| [1, 1, 1, 1, 1, 1, 2, 2, 2]).collect();
    let full = Composition::Full
        .compose(&image_and_mask().0, &Mask::from_instances(9, 7, instances), Style::TintOutline)
        .unwrap();
    let middle: Vec<[u8; 3]> = full.rows().nth(3).unwrap().map(|pixel| pixel.0).collect();
    let (red, blue) = (PALETTE[0].0, PALETTE[1].0);
    assert_eq!(middle, [red, red, [178, 83, 16], [178, 83, 16], red, red, blue, blue, blue]);
}

#[test]
fn none_does_not_change_the_image() {
    let (image, mask) = image_and_mask();
    assert_eq!(Composition::None.compose(&image, &mask, Style::TintOutline).unwrap(), image);
}

#[test]
fn the_error_about_a_mask_of_another_size_contains_both_sizes() {
    let (image, _) = image_and_mask();
    let error = Composition::Full.compose(&image, &Mask::from_fn(9, 8, |_, _| true), Style::Tint).unwrap_err();
    assert_eq!(error.to_string(), "the mask has 9×8 pixels and the image has 9×7");
}

#[test]
fn a_composition_is_parsed_from_its_name() {
    for composition in Composition::ALL {
        assert_eq!(composition.as_str().parse(), Ok(composition));
    }
    let error = "masked".parse::<Composition>().unwrap_err();
    assert_eq!(error.to_string(), "`masked` is not a composition (full, foreground, background, none)");
}
