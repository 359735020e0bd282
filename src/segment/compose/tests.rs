use super::*;

/// 9×7, grey, with a 6×5 flower whose left and upper left corner is (3, 1).
fn scene() -> (RgbImage, Mask) {
    let mask = Mask::from_fn(9, 7, |x, y| x >= 3 && (1..6).contains(&y));
    (RgbImage::from_pixel(9, 7, Rgb([100, 101, 0])), mask)
}

fn drawn(picture: &RgbImage) -> Vec<String> {
    let letter = |pixel: &Rgb<u8>| match pixel.0 {
        [100, 101, 0] => '.',
        [255, 255, 255] => 'w',
        [255, 64, 32] => 'o',
        // (100 + 255) / 2 = 177.5, (101 + 64) / 2 = 82.5, (0 + 32) / 2 = 16.
        [178, 83, 16] => 'b',
        _ => '?',
    };
    picture.rows().map(|row| row.map(letter).collect()).collect()
}

#[test]
fn full_tints_and_outlines_the_flower_and_keeps_the_background() {
    let (photo, mask) = scene();
    let full = Composition::Full.compose(&photo, &mask, Style::TintOutline).unwrap();
    assert_eq!(
        drawn(&full),
        [".........", "...oooooo", "...oooooo", "...oobboo", "...oooooo", "...oooooo", "........."]
    );
}

#[test]
fn foreground_and_background_paint_the_other_white() {
    let (photo, mask) = scene();
    let foreground = drawn(&Composition::Foreground.compose(&photo, &mask, Style::TintOutline).unwrap());
    assert_eq!(foreground[0], "wwwwwwwww");
    assert_eq!(foreground[3], "www......");
    let background = drawn(&Composition::Background.compose(&photo, &mask, Style::TintOutline).unwrap());
    assert_eq!(background[0], ".........");
    assert_eq!(background[3], "...wwwwww");
}

#[test]
fn a_style_is_the_tint_or_the_outline_alone() {
    let (photo, mask) = scene();
    let style = |style| drawn(&Composition::Full.compose(&photo, &mask, style).unwrap());
    assert_eq!(style(Style::Tint)[1..5], ["...bbbbbb"; 4]);
    assert_eq!(style(Style::Outline)[1..4], ["...oooooo", "...oooooo", "...oo..oo"]);
}

#[test]
fn flowers_that_touch_have_each_their_colour_and_outline() {
    let instances = (0..7).flat_map(|_| [1, 1, 1, 1, 1, 1, 2, 2, 2]).collect();
    let full =
        Composition::Full.compose(&scene().0, &Mask::from_instances(9, 7, instances), Style::TintOutline).unwrap();
    let middle: Vec<[u8; 3]> = full.rows().nth(3).unwrap().map(|pixel| pixel.0).collect();
    let (red, blue) = (PALETTE[0].0, PALETTE[1].0);
    assert_eq!(middle, [red, red, [178, 83, 16], [178, 83, 16], red, red, blue, blue, blue]);
}

#[test]
fn none_is_the_photo() {
    let (photo, mask) = scene();
    assert_eq!(Composition::None.compose(&photo, &mask, Style::TintOutline).unwrap(), photo);
}

#[test]
fn a_mask_of_another_size_is_an_error_with_both_sizes() {
    let (photo, _) = scene();
    let error = Composition::Full.compose(&photo, &Mask::from_fn(9, 8, |_, _| true), Style::Tint).unwrap_err();
    assert_eq!(error.to_string(), "the mask is 9×8 and the photo 9×7");
}

#[test]
fn a_composition_is_known_by_its_word() {
    for composition in Composition::ALL {
        assert_eq!(composition.as_str().parse(), Ok(composition));
    }
    let error = "masked".parse::<Composition>().unwrap_err();
    assert_eq!(error.to_string(), "`masked` is not a composition (full, foreground, background, none)");
}
