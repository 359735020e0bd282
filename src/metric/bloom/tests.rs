use super::*;
use std::f64::consts::TAU;

const GREEN: [f32; 3] = [0.2, 0.4, 0.15];
const RED: [f32; 3] = [0.85, 0.1, 0.12];
const YELLOW: [f32; 3] = [0.98, 0.85, 0.1];

/// An image with a colour for each pixel centre, in fractions of the side.
fn painted(side: usize, colour: impl Fn(f64, f64) -> [f32; 3]) -> Planes {
    let at = |index: usize| (index as f64 + 0.5) / side as f64;
    let pixels: Vec<[f32; 3]> = (0..side * side).map(|i| colour(at(i % side), at(i / side))).collect();
    Planes { side, values: (0..3).flat_map(|channel| pixels.iter().map(move |pixel| pixel[channel])).collect() }
}

/// A flower whose outline is `r (1 + 0.25 cos n(φ − turn))`.
fn star(side: usize, count: f64, turn: f64) -> Planes {
    painted(side, |x, y| {
        let (dx, dy) = (x - 0.45, y - 0.52);
        let reach = 0.25 * (1.0 + 0.25 * (count * (dy.atan2(dx) - turn)).cos());
        if dx.hypot(dy) < reach { RED } else { GREEN }
    })
}

#[test]
fn a_disc_is_found_with_its_position_size_and_colour() {
    let image = painted(64, |x, y| match (x - 0.3).hypot(y - 0.6) {
        r if r < 0.06 => YELLOW,
        r if r < 0.2 => RED,
        _ => GREEN,
    });
    let found = blooms(&image);
    assert_eq!(found.len(), 1);
    let bloom = &found[0];
    assert!((bloom.centroid.0 - 0.3).hypot(bloom.centroid.1 - 0.6) < 0.005, "{bloom:?}");
    assert!((bloom.area / (0.04 * std::f64::consts::PI) - 1.0).abs() < 0.05, "{bloom:?}");
    assert_eq!((bloom.colour, bloom.petals), (PetalColour::Red, None));
}

#[test]
fn flowers_are_sorted_by_decreasing_area() {
    let image = painted(64, |x, y| match () {
        () if (x - 0.25).hypot(y - 0.3) < 0.12 => YELLOW,
        () if (x - 0.7).hypot(y - 0.65) < 0.2 => RED,
        () => GREEN,
    });
    let colours: Vec<PetalColour> = blooms(&image).iter().map(|bloom| bloom.colour).collect();
    assert_eq!(colours, [PetalColour::Red, PetalColour::Yellow]);
}

#[test]
fn petals_are_counted_and_their_direction_is_the_phase_of_the_outline() {
    for (count, turn) in [(3u8, 0.4), (5, 0.1), (5, 1.0), (8, 0.5)] {
        let period = TAU / f64::from(count);
        let found = blooms(&star(96, f64::from(count), turn));
        let petals = found[0].petals.unwrap();
        let off = (petals.orientation - turn) / period;
        assert!(petals.count == count && (off - off.round()).abs() < 0.03, "{count} {turn}: {petals:?}");
        assert!((0.0..period).contains(&petals.orientation));
    }
}

#[test]
fn the_direction_rotates_with_the_image() {
    let before = blooms(&star(96, 5.0, 0.2))[0].petals.unwrap().orientation;
    let after = blooms(&star(96, 5.0, 0.5))[0].petals.unwrap().orientation;
    assert!((after - before - 0.3).abs() < 0.04, "{before} {after}");
}

#[test]
fn shade_does_not_change_the_name_of_a_colour() {
    for (bright, name) in [
        ([0.98f32, 0.45, 0.05], PetalColour::Orange),
        ([0.98, 0.58, 0.72], PetalColour::Pink),
        ([0.8, 0.1, 0.5], PetalColour::Magenta),
        ([0.5, 0.15, 0.65], PetalColour::Purple),
        ([0.15, 0.3, 0.85], PetalColour::Blue),
        ([0.98, 0.97, 0.95], PetalColour::White),
    ] {
        for shade in [1.0, 0.8, 0.65] {
            let paint = bright.map(|value| value * shade);
            let image = painted(48, |x, y| if (x - 0.5).hypot(y - 0.5) < 0.25 { paint } else { GREEN });
            let found = blooms(&image);
            assert!(found.len() == 1 && found[0].colour == name, "{name:?} {shade}: {found:?}");
        }
    }
}

#[test]
fn an_image_of_one_value_has_no_flowers() {
    for value in [0.0, 0.5, 1.0, f32::NAN, f32::INFINITY, -3.0] {
        assert_eq!(blooms(&Planes { side: 32, values: vec![value; 3 * 32 * 32] }), []);
    }
    assert_eq!(blooms(&Planes { side: 0, values: Vec::new() }), []);
    assert_eq!(blooms(&Planes { side: 32, values: Vec::new() }), []);
}

#[test]
fn any_content_gives_finite_values() {
    // A linear congruential generator (Numerical Recipes): noise of every roughness, and values out of range.
    let mut state = 1u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    for side in [8, 9, 16, 33, 64] {
        for roughness in [1, 3, 8] {
            let coarse: Vec<f32> = (0..3 * side * side).map(|_| next() * 1.6 - 0.3).collect();
            let at = |i: usize| {
                let (plane, x, y) = (i / (side * side), i % side, i / side % side);
                coarse[plane * side * side + y / roughness * side + x / roughness]
            };
            let values = (0..3 * side * side).map(at).collect();
            for bloom in blooms(&Planes { side, values }) {
                let orientation = bloom.petals.map_or(0.0, |petals| petals.orientation);
                let numbers = [bloom.centroid.0, bloom.centroid.1, bloom.area, orientation];
                assert!(numbers.iter().all(|number| number.is_finite() && *number >= 0.0), "{bloom:?}");
                assert!(bloom.area <= 1.0 && bloom.centroid.0 <= 1.0 && bloom.centroid.1 <= 1.0);
            }
        }
    }
}
