use super::*;
use crate::data::{Oxford102, SplitPart, decode};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU32, Ordering};

/// Digests computed on x86-64 Linux. A difference means that the renderer changed: raise `VERSION` and update the
/// digests.
#[test]
fn the_images_of_a_version_never_change() {
    assert_eq!(VERSION, 1);
    let (mut pixels, mut labels, mut captions) = (Sha256::new(), Sha256::new(), Sha256::new());
    for side in [32, 64] {
        let set = DrawnFlowers::new(400, side, 20_261_124);
        for id in (1..=400).step_by(7) {
            let drawn = set.draw(id);
            pixels.update(drawn.image.as_raw());
            labels.update(&drawn.labels);
            captions.update(drawn.captions.join("\n"));
        }
    }
    let digests = [pixels, labels, captions].map(|sha| hex::encode(&sha.finalize()[..8]));
    assert_eq!(digests, ["ec2b51bbf5e52c0f", "b1473142900368c6", "2a0d6b471e503ce0"]);
}

#[test]
fn an_image_depends_on_seed_and_number_alone() {
    let (small, large) = (DrawnFlowers::new(10, 48, 3), DrawnFlowers::new(5000, 48, 3));
    assert_eq!(small.draw(7), large.draw(7));
    assert_eq!(small.image(7), small.draw(7).image);
    assert_eq!(small.captions(7), small.draw(7).captions);
    assert_ne!(small.image(7), small.image(8));
    assert_ne!(small.image(7), DrawnFlowers::new(10, 48, 4).image(7));
}

#[test]
fn the_side_is_only_the_resolution() {
    let [coarse, fine] = [64, 128].map(|side| DrawnFlowers::new(40, side, 3));
    let (mut difference, mut count) = (0.0, 0.0);
    for id in coarse.ids() {
        let (a, b) = (coarse.draw(id), fine.draw(id));
        for (x, y) in a.blooms.iter().zip(&b.blooms) {
            assert_eq!((x.centre, x.colour, x.orientation), (y.centre, y.colour, y.orientation));
            assert!((x.area - y.area).abs() < 0.006 && (x.centroid.0 - y.centroid.0).abs() < 0.01, "{id}: {x:?} {y:?}");
        }
        let halved = image::imageops::resize(&b.image, 64, 64, image::imageops::FilterType::Triangle);
        for (p, q) in a.image.as_raw().iter().zip(halved.as_raw()) {
            difference += (f64::from(*p) - f64::from(*q)).abs();
            count += 1.0;
        }
    }
    assert!(difference / count < 5.0, "{} of 255", difference / count);
}

#[test]
fn every_bloom_is_visible_and_its_area_is_correct() {
    let set = DrawnFlowers::new(300, 64, 9);
    let mut counts = [0; 5];
    for id in set.ids() {
        let drawing = set.draw(id);
        counts[drawing.blooms.len()] += 1;
        assert_eq!(usize::from(*drawing.labels.iter().max().unwrap()), drawing.blooms.len());
        for (label, bloom) in (1u8..).zip(&drawing.blooms) {
            let pixels = drawing.labels.iter().filter(|&&one| one == label).count();
            assert_eq!(bloom.area, pixels as f32 / 4096.0);
            assert!(pixels > 40, "{id}: {pixels} pixels");
            let (dx, dy) = (bloom.centre.0 - bloom.centroid.0, bloom.centre.1 - bloom.centroid.1);
            assert!(dx.hypot(dy) < 0.5 * bloom.radius, "{id}: {bloom:?}");
            assert!((0.0..std::f32::consts::TAU / f32::from(bloom.petals)).contains(&bloom.orientation));
        }
    }
    assert!(counts[0] == 0 && counts[1..].iter().all(|&count| count > 10), "{counts:?}");
}

#[test]
fn petals_have_the_direction_of_the_orientation() {
    // Near the tips of pointed petals, the background is visible between them.
    let set = DrawnFlowers::new(600, 128, 9);
    let agree: Vec<bool> = set
        .ids()
        .into_par_iter()
        .flat_map_iter(|id| {
            let drawing = set.draw(id);
            let species = set.species(set.class(id));
            let suitable = species.shape == PetalShape::Pointed && !species.two_whorls && drawing.blooms.len() == 1;
            drawing
                .blooms
                .clone()
                .into_iter()
                .filter(move |_| suitable)
                .map(move |bloom| {
                    let reach = |offset: f32| -> usize {
                        let period = std::f32::consts::TAU / f32::from(bloom.petals);
                        (0..bloom.petals)
                            .map(|k| {
                                let angle = bloom.orientation + (f32::from(k) + offset) * period;
                                let (x, y) = (
                                    bloom.centre.0 + 0.72 * bloom.radius * angle.cos(),
                                    bloom.centre.1 + 0.72 * bloom.radius * angle.sin(),
                                );
                                let inside = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
                                usize::from(
                                    inside && drawing.labels[(y * 128.0) as usize * 128 + (x * 128.0) as usize] == 1,
                                )
                            })
                            .sum()
                    };
                    reach(0.0) > reach(0.5)
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let fraction = agree.iter().filter(|&&one| one).count() as f64 / agree.len() as f64;
    assert!(agree.len() > 15 && fraction > 0.95, "{fraction} of {}", agree.len());
}

#[test]
fn neighbouring_species_differ_in_colour_and_outline() {
    let set = DrawnFlowers::new(1, 32, 8);
    for class in 1..SPECIES {
        let (a, b) = (set.species(class), set.species(class + 1));
        assert!(a.colour != b.colour && a.shape != b.shape, "{class}: {a:?} {b:?}");
    }
    let all: Vec<Species> = (1..=SPECIES).map(|class| set.species(class)).collect();
    let counts = all.iter().map(|species| species.petals);
    assert!(counts.clone().min() == Some(3) && counts.max() == Some(21));
}

#[test]
fn the_written_files_are_read_as_oxford_102() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("flowers");
    let set = DrawnFlowers::new(25, 32, 6);
    let calls = AtomicU32::new(0);
    set.write_official(&root, || {
        calls.fetch_add(1, Ordering::Relaxed);
    })
    .unwrap();
    assert_eq!(calls.into_inner(), 25);
    let read = Oxford102::open(&root).unwrap();
    read.require_segmentations().unwrap();
    assert_eq!(read.ids(), set.ids());
    for id in set.ids() {
        let drawing = set.draw(id);
        assert_eq!(read.class(id).unwrap(), set.class(id));
        let text = std::fs::read_to_string(read.caption_path(id).unwrap()).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), drawing.captions);
        let image = decode(&read.image_path(id)).unwrap();
        let error: u32 =
            image.as_raw().iter().zip(drawing.image.as_raw()).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        assert!(error / (3 * 32 * 32) < 6, "{id}: {error}");
        let segmented = decode(&read.segmentation_path(id)).unwrap();
        let blue = segmented
            .pixels()
            .zip(&drawing.labels)
            .filter(|(pixel, label)| (pixel[2] > 200 && pixel[0] < 60 && pixel[1] < 60) == (**label == 0));
        assert!(blue.count() > 800, "{id}");
        let mask = image::open(root.join(format!("masks/image_{id:05}.png"))).unwrap().into_luma8();
        assert_eq!(mask.into_raw(), drawing.labels);
    }
}

#[test]
fn the_written_split_and_ground_truth_are_those_of_the_set() {
    let folder = tempfile::tempdir().unwrap();
    let set = DrawnFlowers::new(310, 32, 6);
    set.write_official(folder.path(), || ()).unwrap();
    let bytes = std::fs::read(folder.path().join("setid.mat")).unwrap();
    for (name, part) in [("trnid", SplitPart::Train), ("valid", SplitPart::Val), ("tstid", SplitPart::Test)] {
        let found = crate::data::mat::vector(&bytes, name).unwrap();
        let expected: Vec<f64> = set.ids().filter(|&id| set.split_part(id) == part).map(f64::from).collect();
        assert!(found == expected && found.len() >= 100, "{name}: {}", found.len());
    }
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("truth.json")).unwrap()).unwrap();
    assert_eq!(truth["species"].as_array().unwrap().len(), 102);
    // Both sides are parsed from text, because a 32-bit float is written with the fewest digits that identify it.
    let blooms = serde_json::to_string(&set.draw(4).blooms).unwrap();
    assert_eq!(truth["image"][3]["blooms"], serde_json::from_str::<serde_json::Value>(&blooms).unwrap());
    assert_eq!((&truth["seed"], &truth["version"]), (&6.into(), &VERSION.into()));
}

#[test]
fn the_error_about_a_folder_that_cannot_be_written_names_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("jpg"), "a file where a folder should be").unwrap();
    let error = DrawnFlowers::new(1, 32, 1).write_official(folder.path(), || ()).unwrap_err();
    assert!(error.to_string().ends_with("jpg: cannot be written"), "{error}");
}
