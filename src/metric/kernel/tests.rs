use super::*;
use crate::metric::reference::{SHIFT, assert_near, features, number, numbers, reference};

#[test]
fn it_equals_torch_fidelity_on_the_same_subsets() {
    let case = reference("kernel");
    let (rows, d) = (numbers(&case["rows"]), number(&case["dimension"]));
    let (a, b) = (features(rows[0], d, 3, 0, "full"), features(rows[1], d, 4, SHIFT, "full"));
    let pairs = case["subsets"].as_array().unwrap().iter().map(|pair| (numbers(&pair[0]), numbers(&pair[1])));
    let pairs: Vec<SubsetPair> = pairs.collect();
    let [a, b] = [&a, &b].map(|values| Rows::new(values, d).unwrap());
    let found = kernel_distance(&a, &b, &pairs).unwrap();
    assert_near(found.mean, case["mean"].as_f64().unwrap(), 1e-9);
    assert_near(found.deviation, case["deviation"].as_f64().unwrap(), 1e-9);
    assert_eq!(found.subsets, 6);
}

#[test]
fn more_rows_than_a_block_give_the_value_of_the_definition() {
    let (n, m, d) = (BLOCK + 30, 2 * BLOCK + 5, 3);
    let (a, b) = (features(n, d, 3, 0, "full"), features(m, d, 4, SHIFT, "full"));
    let [a, b] = [&a, &b].map(|values| Rows::new(values, d).unwrap());
    let value = |a: &Rows, i: usize, b: &Rows, j: usize| {
        let product: f64 = a.row(i).iter().zip(b.row(j)).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
        (product / d as f64 + 1.0).powi(3)
    };
    let sum = |a: &Rows, b: &Rows, keep: fn(usize, usize) -> bool| {
        let pairs = (0..a.count()).flat_map(|i| (0..b.count()).map(move |j| (i, j))).filter(|&(i, j)| keep(i, j));
        pairs.map(|(i, j)| value(a, i, b, j)).sum::<f64>()
    };
    let (n, m) = (n as f64, m as f64);
    let own = sum(&a, &a, |i, j| i != j) / (n * (n - 1.0)) + sum(&b, &b, |i, j| i != j) / (m * (m - 1.0));
    let expected = own - 2.0 * sum(&a, &b, |_, _| true) / (n * m);
    let all = ((0..a.count()).collect(), (0..b.count()).collect());
    let found = kernel_distance(&a, &b, &[all]).unwrap();
    assert_near(found.mean, expected, 1e-9);
    assert_eq!(found.deviation, 0.0);
}

#[test]
fn the_table_gives_the_same_distances_as_each_subset_alone() {
    let (n, m, d) = (BLOCK + 6, 40, 5);
    let (a, b) = (features(n, d, 3, 0, "full"), features(m, d, 4, SHIFT, "full"));
    let [a, b] = [&a, &b].map(|values| Rows::new(values, d).unwrap());
    let uses_table = |pairs: &[SubsetPair]| KernelTable::is_cheaper(&a, &b, pairs);
    // Rows of both blocks, and one row twice.
    let pair = |i: usize| ((i..n).step_by(2).chain([i]).collect::<Vec<_>>(), vec![i, 7, 39]);
    let pairs: Vec<SubsetPair> = (0..4).map(pair).collect();
    let many: Vec<SubsetPair> = pairs.iter().cycle().take(60).cloned().collect();
    assert!(uses_table(&many) && !uses_table(&pairs));
    let alone: Vec<f64> =
        pairs.iter().map(|pair| kernel_distance(&a, &b, std::slice::from_ref(pair)).unwrap().mean).collect();
    let table = KernelTable::new(&a, &b);
    pairs.iter().zip(&alone).for_each(|(pair, &alone)| assert_near(table.discrepancy(pair), alone, 1e-12));
    let (mean, deviation) = mean_and_deviation(&alone);
    let found = kernel_distance(&a, &b, &many).unwrap();
    assert_near(found.mean, mean, 1e-12);
    assert_near(found.deviation, deviation, 1e-12);
}

#[test]
fn subsets_are_drawn_with_the_seed_without_replacement() {
    let drawn = kid_subsets(50, 40, 5, 30, 1).unwrap();
    assert_eq!(drawn, kid_subsets(50, 40, 5, 30, 1).unwrap());
    assert_ne!(drawn, kid_subsets(50, 40, 5, 30, 2).unwrap());
    assert_ne!(drawn[0], drawn[1]);
    for (of_a, of_b) in drawn {
        for (mut rows, count) in [(of_a, 50), (of_b, 40)] {
            rows.sort_unstable();
            rows.dedup();
            assert!(rows.len() == 30 && rows[29] < count);
        }
    }
}

#[test]
fn subsets_that_are_too_large_or_too_small_are_errors() {
    let error = kid_subsets(2000, 700, 100, 1000, 1).unwrap_err();
    assert_eq!(error.to_string(), "subsets of 1000 images from a set of 700");
    assert_eq!(error.help().unwrap(), "use subsets of at most 700 images, or add images");
    assert_eq!(kid_subsets(9, 9, 1, 1, 1).unwrap_err().to_string(), "subset 0: 1 row(s) have no pairs");
    let rows = Rows::new(&[1.0, 2.0, 3.0], 1).unwrap();
    let wrong = |pairs: &[SubsetPair]| kernel_distance(&rows, &rows, pairs).unwrap_err().to_string();
    assert_eq!(wrong(&[]), "there are no subsets");
    assert_eq!(wrong(&[(vec![0, 1], vec![1, 3])]), "subset 0: row 3 in a set of 3");
    assert_eq!(wrong(&[(vec![0, 1], vec![1, 2]), (vec![0], vec![1, 2])]), "subset 1: 1 row(s) have no pairs");
}
