use super::*;
use crate::metric::frechet_distance;
use crate::metric::reference::{SHIFT, assert_near, features, numbers, reference};

#[test]
fn the_line_and_its_error_equal_those_of_scipy() {
    let case = reference("line");
    let distances = case["distances"].as_array().unwrap().iter().map(|distance| distance.as_f64().unwrap());
    let found = line(numbers(&case["counts"]).into_iter().zip(distances).collect()).unwrap();
    assert_near(found.intercept, case["intercept"].as_f64().unwrap(), 1e-12);
    assert_near(found.slope, case["slope"].as_f64().unwrap(), 1e-12);
    assert_near(found.error, case["error"].as_f64().unwrap(), 1e-9);
}

#[test]
fn points_on_a_line_have_no_error_and_points_of_one_size_no_line() {
    let on = |count: usize| (count, 3.0 + 1000.0 / count as f64);
    let found = line([100, 200, 500, 1000].map(on).to_vec()).unwrap();
    assert_near(found.intercept, 3.0, 1e-12);
    assert!(found.error < 1e-12, "{found:?}");
    for points in [vec![on(100); 4], vec![on(100), on(200)]] {
        assert!(matches!(line(points), Err(MetricError::Line)));
    }
}

#[test]
fn the_extrapolated_distance_is_closer_to_that_of_many_images() {
    let d = 12;
    let of = |rows, salt, shift| features(rows, d, salt, shift, "full");
    let moments = |values: &[f32]| Moments::from_rows(&Rows::new(values, d).unwrap());
    let reference = moments(&of(40_000, 1, 0));
    let many = frechet_distance(&reference, &moments(&of(40_000, 2, SHIFT / 10))).unwrap().distance;
    let few = of(2000, 2, SHIFT / 10);
    let biased = frechet_distance(&reference, &moments(&few)).unwrap().distance;
    let few = Rows::new(&few, d).unwrap();
    let found = extrapolated_frechet(&reference, &few, 500, 15, 7).unwrap();
    assert!((found.intercept - many).abs() < (biased - many).abs(), "{found:?} {biased} {many}");
    assert!(found.slope > 0.0);
    assert_eq!((found.points[0].0, found.points[14].0, found.points.len()), (500, 2000, 15));
    // The last sample has all images, in another order.
    assert_near(found.points[14].1, biased, 1e-9);
    assert_eq!(found, extrapolated_frechet(&reference, &few, 500, 15, 7).unwrap());
}

#[test]
fn too_few_images_or_points_and_other_dimensions_are_errors() {
    let values = features(40, 4, 1, 0, "full");
    let rows = Rows::new(&values, 4).unwrap();
    let reference = Moments::from_rows(&rows);
    let wrong = |from, points| extrapolated_frechet(&reference, &rows, from, points, 1).unwrap_err();
    assert_eq!(wrong(5000, 15).to_string(), "40 images are too few for 15 sample sizes from 5000");
    assert!(wrong(26, 15).help().unwrap().contains("generate more"));
    assert!(matches!(wrong(1, 5), MetricError::Extrapolation { .. }));
    assert!(matches!(wrong(10, 2), MetricError::Extrapolation { .. }));
    assert!(extrapolated_frechet(&reference, &rows, 25, 15, 1).is_ok());
    let error = extrapolated_frechet(&Moments::new(3), &rows, 10, 5, 1).unwrap_err();
    assert_eq!(error.to_string(), "the features have 3 and 4 dimensions");
}
