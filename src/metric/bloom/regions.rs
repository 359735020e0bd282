//! Regions of petal pixels: holes are filled, and two blooms are separated at a narrow place.

/// Two blooms are separated where their connection is narrower than this fraction of the smaller one. It is 0.63 for
/// two discs of equal size whose centres are 1.56 radii apart, and mostly above 0.9 between petals of one flower.
const MAX_WAIST: f32 = 0.85;
/// The depth in pixels up to which a region is merged into its neighbour.
const MIN_DEPTH: f32 = 2.0;
/// The smallest area of a bloom, as a fraction of the image, and of the largest bloom.
const MIN_AREA: f32 = 0.004;
const MIN_AREA_OF_LARGEST: f32 = 0.14;

/// The pixels of every bloom of a square image, in no particular order. `petal` says which pixels are petal pixels.
pub(super) fn regions(side: usize, petal: &[bool]) -> Vec<Vec<usize>> {
    let (gap, thin) = ((side as f32 / 40.0).max(1.0), (side as f32 / 60.0).max(0.8));
    let closed = eroded(side, &dilated(side, petal, gap), gap);
    let filled = filled(side, &closed);
    // Spots and lines of a few pixels are not flowers.
    let opened = dilated(side, &eroded(side, &filled, thin), thin + 0.5);
    let mask: Vec<bool> = filled.iter().zip(&opened).map(|(&a, &b)| a && b).collect();
    let mut regions = watershed(side, &mask, &distance(side, &mask));
    let largest = regions.iter().map(Vec::len).max().unwrap_or(0) as f32;
    let min_area = (MIN_AREA * (side * side) as f32).max(MIN_AREA_OF_LARGEST * largest);
    regions.retain(|region| region.len() as f32 >= min_area);
    regions
}

/// The three quarters of the petal pixels of a bloom that are farthest from an edge: colours are mixed at edges.
pub(super) fn core(side: usize, region: &[usize], petal: &[bool]) -> Vec<usize> {
    let mut own = vec![false; side * side];
    region.iter().for_each(|&at| own[at] = petal[at]);
    let depth = distance(side, &own);
    let mut pixels: Vec<usize> = region.iter().copied().filter(|&at| own[at]).collect();
    pixels.sort_by(|&a, &b| depth[b].total_cmp(&depth[a]).then(a.cmp(&b)));
    pixels.truncate((3 * pixels.len()).div_ceil(4));
    pixels
}

/// The exact distance of every pixel of the mask to the nearest pixel outside the mask or the image; 0 outside.
/// Computed by rows, then by columns.
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

/// The pixels of the mask with a distance above `reach` from pixels outside the mask; the outside of the image does not
/// count.
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

/// The mask with its holes filled: pixels are outside if a path outside the mask connects them with the border.
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

/// The 4 or 8 neighbours of a pixel.
fn neighbours(side: usize, at: usize, count: usize) -> impl Iterator<Item = usize> {
    const AROUND: [(isize, isize); 8] = [(0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (1, -1), (-1, 1), (1, 1)];
    let (x, y, n) = ((at % side) as isize, (at / side) as isize, side as isize);
    AROUND[..count].iter().filter_map(move |(dx, dy)| {
        let (x, y) = (x + dx, y + dy);
        ((0..n).contains(&x) && (0..n).contains(&y)).then_some((y * n + x) as usize)
    })
}

/// A watershed of the mask, which starts at the deepest pixels. Two basins that meet are merged, unless the depth there
/// is small compared with the peaks of both.
fn watershed(side: usize, mask: &[bool], depth: &[f32]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..mask.len()).filter(|&at| mask[at]).collect();
    order.sort_by(|&a, &b| depth[b].total_cmp(&depth[a]).then(a.cmp(&b)));
    let mut basin: Vec<Option<usize>> = vec![None; mask.len()];
    // The basin that a basin was merged into, and the depth of its peak.
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
            if depth[at] > MAX_WAIST * peak[other] || peak[other] < MIN_DEPTH {
                into[other] = deepest;
            }
        }
        // A pixel between two basins belongs to that of the deeper neighbour.
        let next = neighbours(side, at, 8).filter(|&next| basin[next].is_some());
        let next = next.max_by(|&a, &b| depth[a].total_cmp(&depth[b]));
        basin[at] = next.and_then(|next| basin[next]);
    }
    let mut regions: Vec<Vec<usize>> = vec![Vec::new(); into.len()];
    for (at, one) in basin.into_iter().enumerate() {
        if let Some(one) = one {
            regions[root(&into, one)].push(at);
        }
    }
    regions.retain(|region| !region.is_empty());
    regions
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
    fn two_overlapping_discs_are_separated_and_one_disc_is_not() {
        let side = 60;
        let discs = |middles: &[(f64, f64)]| -> Vec<bool> {
            let near = |at: usize| {
                let (x, y) = ((at % side) as f64, (at / side) as f64);
                middles.iter().any(|(cx, cy)| (x - cx).hypot(y - cy) < 10.0)
            };
            (0..side * side).map(near).collect()
        };
        let sizes = |mask: &[bool]| regions(side, mask).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(&discs(&[(30.0, 30.0)])).len(), 1);
        let two = sizes(&discs(&[(22.0, 30.0), (38.0, 30.0)]));
        assert!(two.len() == 2 && two.iter().all(|&size| (250..320).contains(&size)), "{two:?}");
        assert_eq!(sizes(&discs(&[(28.0, 30.0), (32.0, 30.0)])).len(), 1);
        assert!(sizes(&[false; 3600]).is_empty());
    }
}
