use super::*;

fn series(title: &str, role: &str, tiles: usize) -> Series {
    Series {
        title: title.into(),
        detail: "a detail".into(),
        role: role.into(),
        cell: "JEM · own".into(),
        run: RunId(3),
        seed: 1,
        epoch: Epoch(60),
        side: 64,
        tiles: vec!["data:,".to_owned(); tiles],
    }
}

fn sheet(columns: usize, rows: usize, items_across: bool) -> Sheet {
    let item = |image: usize| Item {
        image: image as u32,
        class: 1,
        caption: format!("caption <{image}>, \"quoted\""),
        shown: format!("caption <{image}>, \"quoted\""),
    };
    let mut all = vec![series("Original", "originals", rows)];
    all.extend((1..columns).map(|i| series(&format!("M{i}"), "samples", rows)));
    Sheet { items_across, series: all, items: (0..rows).map(item).collect(), note: "Seed 1.".into() }
}

/// The number after every occurrence of `before`.
fn numbers(svg: &str, before: &str) -> Vec<f64> {
    svg.split(before).skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn columns_that_do_not_fit_are_drawn_in_blocks_of_equal_tiles_within_the_width() {
    for columns in [1, 2, 5, 8, 9, 13, 30] {
        let sheet = sheet(columns, 3, false);
        let svg = sheet.draw();
        assert_eq!(svg.matches("<image ").count(), 3 * columns);
        let images = svg.lines().filter(|line| line.starts_with("<image")).collect::<String>();
        let (lefts, widths) = (numbers(&images, "x=\""), numbers(&images, "width=\""));
        assert!(
            widths.iter().all(|&width| width == widths[0] && (TILE.1 - 1.0..=TILE.0).contains(&width)),
            "{columns}"
        );
        assert!(lefts.iter().zip(&widths).all(|(left, width)| left + width <= WIDTH - MARGIN + 0.5), "{columns}");
    }
    assert_eq!((sheet(8, 3, false).blocks().len(), sheet(9, 3, false).blocks().len()), (1, 2));
}

#[test]
fn no_image_covers_another_or_a_heading() {
    let svg = sheet(13, 3, false).draw();
    let images: String = svg.lines().filter(|line| line.starts_with("<image")).collect();
    let corners: Vec<(f64, f64)> = numbers(&images, "x=\"").into_iter().zip(numbers(&images, "y=\"")).collect();
    let side = numbers(&images, "width=\"")[0];
    for (i, a) in corners.iter().enumerate() {
        for b in &corners[..i] {
            assert!((a.0 - b.0).abs() >= side || (a.1 - b.1).abs() >= side, "{a:?} {b:?}");
        }
    }
    let texts: String = svg.lines().filter(|line| line.contains("font-weight")).collect();
    for (x, y) in numbers(&texts, "x=\"").into_iter().zip(numbers(&texts, "y=\"")) {
        let covers = |&(left, top): &(f64, f64)| (left..left + side).contains(&x) && (top..top + side).contains(&y);
        assert!(!corners.iter().any(covers), "{x} {y}");
    }
}

#[test]
fn captions_are_escaped_and_items_across_have_none() {
    assert!(sheet(3, 2, false).draw().contains("caption &lt;0&gt;,"));
    let across = sheet(3, 2, true).draw();
    assert!(!across.contains("caption") && across.contains(">Original</text>"));
}

#[test]
fn the_item_names_replaced_captions_and_lists_every_image() {
    let mut sheet = sheet(2, 2, false);
    sheet.items[1].shown = "image 1".into();
    let item = sheet.item("methods", "Methods", "A text.", "An alternative");
    let replaced = "image 1: caption <1>, \"quoted\".";
    assert!(item.text.starts_with("A text. The font lacks") && item.text.ends_with(replaced), "{}", item.text);
    let csv = item.data.unwrap().csv();
    assert_eq!(csv.lines().next().unwrap(), "shown,detail,role,cell,run,seed,epoch,side,tile,image,class,caption");
    let last = "M1,a detail,samples,JEM · own,3,1,60,64,2,1,1,\"caption <1>, \"\"quoted\"\"\"";
    assert_eq!(csv.lines().last().unwrap(), last);
    assert_eq!((csv.lines().count(), item.runs), (5, vec![RunId(3)]));
}

#[test]
fn both_layouts_match_their_snapshots() {
    insta::assert_snapshot!("sheet_svg", sheet(3, 1, false).draw());
    insta::assert_snapshot!("sheet_across_svg", sheet(2, 2, true).draw());
}
