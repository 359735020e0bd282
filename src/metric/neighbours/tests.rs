use rayon::ThreadPoolBuilder;

use super::radii::nearest;
use super::*;
use crate::metric::reference::features;

/// The squared distance by definition.
fn distance(x: &[f32], y: &[f32]) -> f64 {
    x.iter().zip(y).map(|(&x, &y)| f64::from(x) - f64::from(y)).map(|difference| difference * difference).sum()
}

/// For each row, the squared distances to all other rows of its set, in ascending order.
fn all_distances(rows: &Rows) -> Vec<Vec<f64>> {
    let of_row = |i: usize| {
        let others = (0..rows.count()).filter(|&j| j != i);
        let mut distances: Vec<f64> = others.map(|j| distance(rows.row(i), rows.row(j))).collect();
        distances.sort_by(f64::total_cmp);
        distances
    };
    (0..rows.count()).map(of_row).collect()
}

/// Which rows are in which balls around the rows of the other set, by definition.
fn by_definition(centres: &Rows, radii: &[f64], others: &Rows) -> Membership {
    let inside = |centre: usize, other: usize| distance(centres.row(centre), others.row(other)) < radii[centre];
    let (centres, others) = (0..centres.count(), 0..others.count());
    Membership {
        balls: others.clone().map(|other| centres.clone().filter(|&centre| inside(centre, other)).count()).collect(),
        reached: centres.map(|centre| others.clone().any(|other| inside(centre, other))).collect(),
    }
}

/// Two sets of rows of one dimension.
struct Case {
    name: &'static str,
    dimension: usize,
    sets: [Vec<f32>; 2],
}

/// Sets of several blocks, and of less than one.
fn cases() -> Vec<Case> {
    let case = |name, dimension: usize, counts: [usize; 2], change: &dyn Fn(usize, usize, f32) -> f32| {
        let sets = [0, 1].map(|set| {
            let plain = features(counts[set], dimension, 6 + set as u32, 100 * set as i64, "full");
            plain.iter().enumerate().map(|(at, &value)| change(at / dimension, at % dimension, value)).collect()
        });
        Case { name, dimension, sets }
    };
    let mut duplicated = case("rows twice", 10, [300, 280], &|_, _, value| value / 3.0);
    for set in &mut duplicated.sets {
        let half = set.len() / 2;
        set.copy_within(..half, half);
    }
    // The second half of the second set is in the first set, too.
    let shared = 100 * 10;
    let [first, second] = &mut duplicated.sets;
    second[..shared].copy_from_slice(&first[..shared]);
    vec![
        case("plain", 33, [300, 280], &|_, _, value| value / 3.0),
        case("one dimension", 1, [270, 150], &|_, _, value| value),
        case("many dimensions", 1000, [140, 150], &|_, _, value| (value + 10.0) / 3.0),
        case("equal distances", 3, [280, 300], &|_, _, value| value.round()),
        duplicated,
        case("equal rows", 5, [290, 140], &|_, column, _| column as f32 / 3.0),
        case("far from zero", 20, [300, 280], &|_, _, value| 1e5 + value),
        // All rows of a cluster are at about the same place, if compared with the distance between the clusters.
        case("small clusters", 40, [300, 280], &|row, _, value| (row % 3) as f32 * 50.0 + value / 1e4),
        case("an outlier", 12, [280, 140], &|row, _, value| if row == 7 { 3e35 } else { value / 3.0 }),
        case("large values", 12, [140, 280], &|_, column, value| {
            if column == 0 { value.signum() * f32::MAX } else { value * 1e37 }
        }),
        case("small values", 12, [280, 140], &|_, _, value| value * 1e-42),
        case("one of each", 2, [2, 2], &|_, _, value| value),
    ]
}

#[test]
fn the_nearest_rows_are_those_of_all_distances() {
    for Case { name, dimension, sets } in cases() {
        for set in &sets {
            let rows = Rows::new(set, dimension).unwrap();
            let expected = all_distances(&rows);
            let count = rows.count();
            for k in [1, 2, 3, 5, 50, count - 1].into_iter().filter(|&k| k < count) {
                let first = |all: &Vec<f64>| all[..k].to_vec();
                let expected: Vec<Vec<f64>> = expected.iter().map(first).collect();
                assert!(nearest(&rows, k, usize::MAX) == expected, "{name}, {k}");
                // In groups of rows, since the candidates of all do not fit.
                assert!(nearest(&rows, k, count) == expected, "{name}, {k}, in groups");
            }
        }
    }
}

#[test]
fn radii_are_distances_to_several_neighbours() {
    let values = features(300, 7, 6, 0, "full");
    let rows = Rows::new(&values, 7).unwrap();
    let all = all_distances(&rows);
    let [third, first] = radii(&rows, [3, 1]).unwrap();
    assert_eq!(third, all.iter().map(|all| all[2]).collect::<Vec<_>>());
    assert_eq!(first, all.iter().map(|all| all[0]).collect::<Vec<_>>());
    for ks in [[1, 0], [300, 1]] {
        assert!(radii(&rows, ks).is_err(), "{ks:?}");
    }
}

#[test]
fn rows_are_inside_the_balls_of_all_distances() {
    for Case { name, dimension, sets } in cases() {
        let [first, second] = [&sets[0], &sets[1]].map(|set| Rows::new(set, dimension).unwrap());
        let radii = |rows: &Rows, k: usize| -> Vec<f64> {
            all_distances(rows).iter().map(|all| all[(k - 1).min(all.len() - 1)]).collect()
        };
        // Also balls that end exactly at a row of the other set, and balls around half of it.
        let to_other = |rows: &Rows, others: &Rows, part: usize| -> Vec<f64> {
            let of_row = |i: usize| {
                let mut all: Vec<f64> = (0..others.count()).map(|j| distance(rows.row(i), others.row(j))).collect();
                *all.select_nth_unstable_by(others.count() / part, f64::total_cmp).1
            };
            (0..rows.count()).map(of_row).collect()
        };
        let around_first = [radii(&first, 3), to_other(&first, &second, 20)];
        let around_second = [radii(&second, 5), to_other(&second, &first, 2)];
        let balls = [
            Balls { around: Side::First, radii: &around_first[0] },
            Balls { around: Side::Second, radii: &around_second[0] },
            Balls { around: Side::First, radii: &around_first[1] },
            Balls { around: Side::Second, radii: &around_second[1] },
        ];
        let expected = balls.map(|balls| match balls.around {
            Side::First => by_definition(&first, balls.radii, &second),
            Side::Second => by_definition(&second, balls.radii, &first),
        });
        assert!(memberships(&first, &second, balls) == expected, "{name}");
        let [alone] = memberships(&first, &second, [balls[1]]);
        assert!(alone == expected[1], "{name}, one kind");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for Case { name, dimension, sets } in cases() {
        let [first, second] = [&sets[0], &sets[1]].map(|set| Rows::new(set, dimension).unwrap());
        let found = |threads: usize| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let [of_first] = radii(&first, [1]).unwrap();
                let [of_second] = radii(&second, [1]).unwrap();
                let balls = [(Side::First, &of_first), (Side::Second, &of_second)];
                let found = memberships(&first, &second, balls.map(|(around, radii)| Balls { around, radii }));
                let bits =
                    [of_first, of_second].map(|radii| radii.iter().map(|radius| radius.to_bits()).collect::<Vec<_>>());
                (bits, found)
            })
        };
        let expected = found(1);
        for threads in [1, 2, 5] {
            assert!(found(threads) == expected, "{name}, {threads} threads");
        }
    }
}

#[test]
fn few_distances_are_computed_in_f64() {
    // The bounds would be useless, and slow, if they did not decide nearly all pairs of ordinary features.
    let sets = [6, 7].map(|salt| features(300, 200, salt, 0, "full"));
    let [first, second] = [&sets[0], &sets[1]].map(|set| Rows::new(set, 200).unwrap());
    let frame = centred::Frame::new(&[&first, &second]);
    let [centred, others] = [&first, &second].map(|rows| centred::Centred::new(rows, &frame));
    let products = centred.products(&(0..300), &others, &(0..300));
    for i in 0..300 {
        for j in 0..300 {
            let (low, high) = centred.bounds(i, &others, j, products[i * 300 + j]);
            assert!(high - low < 1e-4 * high, "{i}, {j}: {low} to {high}");
        }
    }
}
