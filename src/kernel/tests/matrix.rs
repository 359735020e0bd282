//! Matrix products against plain loops in `f64`.

use super::super::matrix::{Matrix, Onto, product};
use super::support::{error, pairs, uniform};

#[test]
fn products_of_transposed_and_of_spaced_matrices_equal_a_plain_loop() {
    let (rows, inner, columns) = (19, 37, 23);
    let (left_step, right_step) = (40, 20);
    let (left, right) = (uniform(rows * left_step, 1), uniform(columns * (inner + right_step), 2));
    // The right matrix is stored by columns.
    let right_step = inner + right_step;
    for onto in [Onto::Replace, Onto::Add] {
        let mut found = uniform(rows * columns, 3);
        let mut expected = super::support::wide(&found);
        for (row, column) in pairs([rows, columns]) {
            let terms =
                (0..inner).map(|i| f64::from(left[row * left_step + i]) * f64::from(right[column * right_step + i]));
            let sum: f64 = terms.sum();
            let to = &mut expected[row * columns + column];
            *to = if onto == Onto::Add { *to + sum } else { sum };
        }
        product(
            &mut found,
            Matrix::with_steps(&left, [rows, inner], [left_step, 1]),
            Matrix::with_steps(&right, [columns, inner], [right_step, 1]).transposed(),
            onto,
        );
        assert!(error(&found, &expected) < 8e-7);
    }
}

#[test]
fn a_replaced_result_is_never_read() {
    let mut result = [f32::NAN; 4];
    product(&mut result, Matrix::new(&[1.0, 2.0], 2, 1), Matrix::new(&[3.0, 4.0], 1, 2), Onto::Replace);
    assert_eq!(result, [3.0, 4.0, 6.0, 8.0]);
}

#[test]
#[should_panic(expected = "the inner sizes of a product are equal")]
fn matrices_that_do_not_fit_each_other_are_rejected() {
    product(&mut [0.0; 4], Matrix::new(&[0.0; 4], 2, 2), Matrix::new(&[0.0; 6], 3, 2), Onto::Replace);
}

#[test]
#[should_panic(expected = "a matrix lies inside its slice")]
fn a_matrix_larger_than_its_slice_is_rejected() {
    product(&mut [0.0; 4], Matrix::new(&[0.0; 3], 2, 2), Matrix::new(&[0.0; 4], 2, 2), Onto::Replace);
}

#[test]
#[should_panic(expected = "the result has room")]
fn a_result_without_room_is_rejected() {
    product(&mut [0.0; 3], Matrix::new(&[0.0; 4], 2, 2), Matrix::new(&[0.0; 4], 2, 2), Onto::Replace);
}
