//! From petal pixels to blooms: holes are filled, and a waist parts two blooms.

/// A bridge between blooms is a waist where it is narrower than this share of the smaller one. Two discs of one size
/// whose middles are 1.56 radii apart have 0.63; the petals of one flower hang together by more than 0.9, mostly.
const WAIST: f32 = 0.85;
/// In pixels: a flood whose peak is no deeper is no bloom of its own.
const SPECK: f32 = 2.0;
/// The least share of a picture, and of the largest bloom, that a bloom covers.
const LEAST: f32 = 0.004;
const LEAST_OF_LARGEST: f32 = 0.14;

/// The pixels of every bloom of a square of petal pixels, in no promised order.
pub(super) fn parts(side: usize, petal: &[bool]) -> Vec<Vec<usize>> {
    let (gap, thin) = ((side as f32 / 40.0).max(1.0), (side as f32 / 60.0).max(0.8));
    let closed = eroded(side, &dilated(side, petal, gap), gap);
    let filled = filled(side, &closed);
    // What is thinner than a few pixels is a spot or a line, no flower.
    let opened = dilated(side, &eroded(side, &filled, thin), thin + 0.5);
    let mask: Vec<bool> = filled.iter().zip(&opened).map(|(&a, &b)| a && b).collect();
    let mut parts = basins(side, &mask, &distance(side, &mask));
    let largest = parts.iter().map(Vec::len).max().unwrap_or(0) as f32;
    let least = (LEAST * (side * side) as f32).max(LEAST_OF_LARGEST * largest);
    parts.retain(|part| part.len() as f32 >= least);
    parts
}

/// The three quarters of a bloom's petal pixels that lie deepest in petals: those at an edge are mixed.
pub(super) fn core(side: usize, part: &[usize], petal: &[bool]) -> Vec<usize> {
    let mut own = vec![false; side * side];
    part.iter().for_each(|&at| own[at] = petal[at]);
    let depth = distance(side, &own);
    let mut pixels: Vec<usize> = part.iter().copied().filter(|&at| own[at]).collect();
    pixels.sort_by(|&a, &b| depth[b].total_cmp(&depth[a]).then(a.cmp(&b)));
    pixels.truncate((3 * pixels.len()).div_ceil(4));
    pixels
}

/// The distance of every pixel of the mask to the nearest pixel outside, which is also what lies around the picture;
/// 0 outside. Exact, one axis after the other.
fn distance(side: usize, mask: &[bool]) -> Vec<f32> {
    let far = side + 1;
    let mut along = vec![0usize; side * side];
    for y in 0..side {
        let mut last = 0;
        for x in 0..side {
            last = if mask[y * side + x] { (last + 1).min(far) } else { 0 };
            along[y * side + x] = last;
        }
        last = 0;
        for x in (0..side).rev() {
            last = if mask[y * side + x] { (last + 1).min(far) } else { 0 };
            along[y * side + x] = along[y * side + x].min(last);
        }
    }
    let mut out = vec![0.0; side * side];
    for y in 0..side {
        for x in 0..side {
            let mut best = along[y * side + x] * along[y * side + x];
            let edge = (y + 1).min(side - y);
            best = best.min(edge * edge);
            let mut away = 1;
            while away * away < best {
                for row in [y.checked_sub(away), Some(y + away).filter(|&row| row < side)].into_iter().flatten() {
                    let value = along[row * side + x];
                    best = best.min(value * value + away * away);
                }
                away += 1;
            }
            out[y * side + x] = (best as f32).sqrt();
        }
    }
    out
}

/// The mask and every pixel within `reach` of it.
fn dilated(side: usize, mask: &[bool], reach: f32) -> Vec<bool> {
    let inverse: Vec<bool> = mask.iter().map(|&inside| !inside).collect();
    let inner = eroded(side, &inverse, reach);
    inner.into_iter().map(|outside| !outside).collect()
}

/// The pixels of the mask farther than `reach` from what is outside; around the picture nothing is outside.
fn eroded(side: usize, mask: &[bool], reach: f32) -> Vec<bool> {
    let r = reach.floor() as isize;
    let (n, reach2) = (side as isize, reach * reach);
    let offsets: Vec<(isize, isize)> = (-r..=r)
        .flat_map(|dy| (-r..=r).map(move |dx| (dx, dy)))
        .filter(|(dx, dy)| ((dx * dx + dy * dy) as f32) <= reach2)
        .collect();
    let inside = |x: isize, y: isize| match (0..n).contains(&x) && (0..n).contains(&y) {
        true => mask[(y * n + x) as usize],
        false => true,
    };
    let keeps = |at: usize| {
        let (x, y) = (at as isize % n, at as isize / n);
        mask[at] && offsets.iter().all(|(dx, dy)| inside(x + dx, y + dy))
    };
    (0..mask.len()).map(keeps).collect()
}

/// The mask with its holes: what is outside is what the border reaches over pixels that are not in it.
fn filled(side: usize, mask: &[bool]) -> Vec<bool> {
    let mut outside = vec![false; mask.len()];
    let mut open: Vec<usize> = (0..mask.len())
        .filter(|&at| {
            let (x, y) = (at % side, at / side);
            !mask[at] && (x == 0 || y == 0 || x == side - 1 || y == side - 1)
        })
        .collect();
    open.iter().for_each(|&at| outside[at] = true);
    while let Some(at) = open.pop() {
        for next in neighbours(side, at, 4) {
            if !mask[next] && !outside[next] {
                outside[next] = true;
                open.push(next);
            }
        }
    }
    outside.into_iter().map(|outside| !outside).collect()
}

/// The four or eight pixels around one.
fn neighbours(side: usize, at: usize, count: usize) -> impl Iterator<Item = usize> {
    const AROUND: [(isize, isize); 8] = [(0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (1, -1), (-1, 1), (1, 1)];
    let (x, y, n) = ((at % side) as isize, (at / side) as isize, side as isize);
    AROUND[..count].iter().filter_map(move |(dx, dy)| {
        let (x, y) = (x + dx, y + dy);
        ((0..n).contains(&x) && (0..n).contains(&y)).then_some((y * n + x) as usize)
    })
}

/// Floods the mask from the deepest pixels outwards. Where two floods meet they become one, unless the place is
/// shallow against the peaks of both: a waist.
fn basins(side: usize, mask: &[bool], depth: &[f32]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..mask.len()).filter(|&at| mask[at]).collect();
    order.sort_by(|&a, &b| depth[b].total_cmp(&depth[a]).then(a.cmp(&b)));
    let mut basin: Vec<Option<usize>> = vec![None; mask.len()];
    // The basin that a basin has become part of, and the depth of its peak.
    let (mut into, mut peak): (Vec<usize>, Vec<f32>) = (Vec::new(), Vec::new());
    for at in order {
        let mut around: Vec<usize> =
            neighbours(side, at, 8).filter_map(|next| basin[next]).map(|one| root(&into, one)).collect();
        around.sort_by(|&a, &b| peak[b].total_cmp(&peak[a]).then(a.cmp(&b)));
        around.dedup();
        let Some(&deepest) = around.first() else {
            basin[at] = Some(into.len());
            into.push(into.len());
            peak.push(depth[at]);
            continue;
        };
        for &other in &around[1..] {
            if depth[at] > WAIST * peak[other] || peak[other] < SPECK {
                into[other] = deepest;
            }
        }
        // A pixel between two blooms goes to the one whose neighbour is deeper.
        let next = neighbours(side, at, 8).filter(|&next| basin[next].is_some());
        let next = next.max_by(|&a, &b| depth[a].total_cmp(&depth[b]));
        basin[at] = next.and_then(|next| basin[next]);
    }
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); into.len()];
    for (at, one) in basin.into_iter().enumerate() {
        if let Some(one) = one {
            parts[root(&into, one)].push(at);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn root(into: &[usize], mut one: usize) -> usize {
    while into[one] != one {
        one = into[one];
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mask from rows of `#` and `.`.
    fn mask(rows: &[&str]) -> Vec<bool> {
        rows.iter().flat_map(|row| row.chars().map(|c| c == '#')).collect()
    }

    #[test]
    fn depth_is_the_distance_to_the_nearest_pixel_outside() {
        let side = 24;
        let mask: Vec<bool> = (0..side * side).map(|at| (at * 7919 + at / 5) % 11 > 1).collect();
        let depth = distance(side, &mask);
        let inside = |x: isize, y: isize| {
            let n = side as isize;
            (0..n).contains(&x) && (0..n).contains(&y) && mask[(y * n + x) as usize]
        };
        for (at, depth) in depth.into_iter().enumerate() {
            let (x, y) = ((at % side) as isize, (at / side) as isize);
            let around = (-24..=24).flat_map(|dy| (-24..=24).map(move |dx| (dx, dy)));
            let nearest = around.filter(|(dx, dy)| !inside(x + dx, y + dy)).map(|(dx, dy)| dx * dx + dy * dy).min();
            assert_eq!(depth, (nearest.unwrap() as f32).sqrt(), "{x} {y}");
        }
    }

    #[test]
    fn a_hole_is_filled_and_a_bay_is_not() {
        let rows = ["......", ".####.", ".#..#.", ".####.", ".#..#.", "......"];
        let full = ["......", ".####.", ".####.", ".####.", ".#..#.", "......"];
        assert_eq!(filled(6, &mask(&rows)), mask(&full));
    }

    #[test]
    fn a_waist_parts_two_discs_and_one_disc_stays_whole() {
        let side = 60;
        let discs = |middles: &[(f64, f64)]| -> Vec<bool> {
            let near = |at: usize| {
                let (x, y) = ((at % side) as f64, (at / side) as f64);
                middles.iter().any(|(cx, cy)| (x - cx).hypot(y - cy) < 10.0)
            };
            (0..side * side).map(near).collect()
        };
        let sizes = |mask: &[bool]| parts(side, mask).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(&discs(&[(30.0, 30.0)])).len(), 1);
        let two = sizes(&discs(&[(22.0, 30.0), (38.0, 30.0)]));
        assert!(two.len() == 2 && two.iter().all(|&size| (250..320).contains(&size)), "{two:?}");
        assert_eq!(sizes(&discs(&[(28.0, 30.0), (32.0, 30.0)])).len(), 1);
        assert!(sizes(&[false; 3600]).is_empty());
    }
}
