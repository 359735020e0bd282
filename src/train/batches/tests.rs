use super::*;
use crate::prepare::{Cache, fingerprints};
use crate::spec::Value;

/// Drawn flowers at 32 pixels, and the batches of a method on them.
struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn batch(&self, pairs: &[(&str, Value)], step: usize) -> (Settings, Inputs, HostBatch) {
        let (settings, inputs) = self.inputs(pairs);
        let batch = Batches::new(&settings, &inputs, 5, 1).batch(step);
        (settings, inputs, batch)
    }

    fn inputs(&self, pairs: &[(&str, Value)]) -> (Settings, Inputs) {
        let integer = Value::Integer;
        let small = [
            ("data.source", text("drawn")),
            ("data.split", text("official")),
            ("data.drawn.images", integer(1020)),
            ("data.drawn.side", integer(48)),
            ("data.limit", integer(12)),
            ("image.resolution", integer(32)),
            ("text.dimension", integer(8)),
            ("guide.input", integer(64)),
            ("guide.width", Value::Number(0.02)),
            ("generator.noise", integer(3)),
            ("train.batch", integer(6)),
            ("eval.items", integer(3)),
        ];
        let values = small.iter().chain(pairs).map(|(key, value)| (*key, value));
        let settings = Settings::from_values(values).unwrap();
        let cache = Cache::new(self.folder.path().to_owned(), 1 << 30);
        let prints = fingerprints(&settings, &cache.digests()).unwrap();
        let inputs = Inputs::prepare(&settings, &prints, &cache, &Device::flex(), &|_| {}).unwrap();
        (settings, inputs)
    }
}

fn text(word: &str) -> Value {
    Value::Text(word.to_owned())
}

fn guided(source: &str) -> Vec<(&'static str, Value)> {
    vec![("guide.network", text("alexnet")), ("guide.source", text(source)), ("guide.discriminator", text("joined"))]
}

fn wrong_text(batch: &HostBatch) -> &Numbers<2> {
    match &batch.wrong {
        Some(Wrong::Text(numbers)) => numbers,
        _ => panic!("texts are what is exchanged"),
    }
}

#[test]
fn two_methods_with_one_seed_see_the_same_batches() {
    let lab = Lab::new();
    let (.., plain) = lab.batch(&[], 1);
    for source in ["own", "shuffled", "zero"] {
        let (.., other) = lab.batch(&guided(source), 1);
        assert!(plain.real == other.real && plain.text == other.text && plain.noise == other.noise, "{source}");
        assert!(wrong_text(&plain) == wrong_text(&other), "{source}");
    }
    let (.., later) = lab.batch(&[], 0);
    assert!(plain.real != later.real && plain.noise != later.noise);
    // More noise is drawn behind what others draw.
    let (.., twice) = lab.batch(&[("train.generator_steps", Value::Integer(2))], 1);
    assert!(twice.noise[0] == plain.noise[0] && twice.noise[1] != plain.noise[0]);
}

#[test]
fn a_guide_is_the_items_own_or_anothers_or_nothing_and_what_it_is_held_to_stays() {
    let lab = Lab::new();
    let matching = |source: &str| [guided(source), vec![("objective.guide_match", Value::Number(1.0))]].concat();
    let (.., own) = lab.batch(&matching("own"), 0);
    let (.., shuffled) = lab.batch(&matching("shuffled"), 0);
    let (.., zero) = lab.batch(&matching("zero"), 0);
    let rows = |numbers: &Option<Numbers<2>>| {
        let ([rows, length], values) = numbers.clone().unwrap();
        assert_eq!(rows, 6);
        values.chunks(length).map(<[f32]>::to_vec).collect::<Vec<_>>()
    };
    assert_eq!(rows(&own.guide), rows(&own.target));
    assert_eq!(rows(&own.target), rows(&shuffled.target));
    assert_eq!(rows(&own.target), rows(&zero.target));
    assert!(rows(&own.guide).iter().zip(rows(&shuffled.guide)).all(|(own, other)| *own != other));
    assert!(rows(&zero.guide).iter().flatten().all(|value| *value == 0.0));
    assert!(rows(&own.guide).iter().zip(rows(&own.other_guide)).all(|(own, other)| *own != other));
    assert!(zero.other_guide.is_none(), "where all guides are zero there is no other one");
}

#[test]
fn guides_are_shuffled_alike_for_every_seed_and_in_evaluation_too() {
    let lab = Lab::new();
    let (_, inputs) = lab.inputs(&guided("shuffled"));
    let trained = inputs.train.len();
    let fed = |fed: Fed| if let Fed::Row(row) = fed { row } else { panic!("{fed:?}") };
    let mut seen: Vec<usize> = inputs.train.iter().map(|item| fed(item.guide)).collect();
    assert!(seen.iter().enumerate().all(|(own, other)| own != *other));
    seen.sort_unstable();
    assert_eq!(seen, (0..trained).collect::<Vec<_>>());
    let looked_at: Vec<usize> = inputs.eval.items.iter().map(|item| fed(item.guide)).collect();
    assert!(looked_at.iter().enumerate().all(|(own, other)| trained + own != *other && *other >= trained));
}

#[test]
fn a_crop_is_a_window_of_the_larger_picture_and_the_guide_turns_with_a_flip() {
    let lab = Lab::new();
    let crop = [guided("own"), vec![("image.crop_from", Value::Integer(40))]].concat();
    let (settings, inputs, batch) = lab.batch(&crop, 0);
    let order = Random::keyed(5, Stream::Order, 1, 0).permutation(12);
    let (mut windows, mut mirrored) = (std::collections::BTreeSet::new(), 0);
    for (place, tile) in batch.real.1.chunks(3 * 32 * 32).enumerate() {
        let whole = inputs.pixels.row(order[place]);
        let is = |left: usize, top: usize, mirror: bool| {
            (0..32 * 32).all(|at| {
                let (x, y) = (at % 32, at / 32);
                let x = if mirror { 31 - x } else { x };
                tile[at] == signed(whole[(top + y) * 40 + left + x])
            })
        };
        let found: Vec<(usize, usize, bool)> = (0..9)
            .flat_map(|left| (0..9).flat_map(move |top| [(left, top, false), (left, top, true)]))
            .filter(|&(left, top, mirror)| is(left, top, mirror))
            .collect();
        let [(left, top, mirror)] = found[..] else { panic!("{found:?}") };
        windows.insert((left, top));
        mirrored += usize::from(mirror);
        let features = inputs.features.as_ref().unwrap();
        let mut guide = Vec::new();
        extend_from_guide(features, Fed::Row(order[place]), mirror, &mut guide);
        let length = guide.len();
        assert_eq!(batch.guide.as_ref().unwrap().1[place * length..(place + 1) * length], guide);
    }
    assert!(windows.len() > 1 && mirrored > 0 && mirrored < 6, "{windows:?} {mirrored}");
    // Held-out images are looked at whole.
    let side = settings.image.resolution;
    assert_eq!(inputs.eval.pixels.row(inputs.eval.items[0].pixels).len(), 3 * side * side);
}

#[test]
fn a_text_is_the_mean_of_captions_that_count() {
    let lab = Lab::new();
    let one = [("text.first", Value::Integer(1))];
    let (_, inputs, first) = lab.batch(&one, 0);
    let order = Random::keyed(5, Stream::Order, 1, 0).permutation(12);
    let mut expected = Vec::new();
    inputs.sentences.extend_from_row(inputs.train[order[0]].captions.start, &mut expected);
    assert_eq!(first.text.1[..8], expected);
    // The mean of one caption drawn three times is that caption, but for rounding.
    let (.., thrice) = lab.batch(&[one[0].clone(), ("text.mean_of", Value::Integer(3))], 0);
    assert!(first.text.1.iter().zip(&thrice.text.1).all(|(a, b)| (a - b).abs() < 1e-6));
    let (.., of_all) = lab.batch(&[("text.mean_of", Value::Integer(3))], 0);
    assert!(first.text.1 != of_all.text.1);
}

#[test]
fn half_a_batch_is_mixed_with_the_other_half() {
    let lab = Lab::new();
    let (.., batch) = lab.batch(&[("objective.kind", text("gan-int")), ("objective.int_pairs", text("half"))], 0);
    let ([rows, length], partner) = batch.partner.unwrap();
    assert_eq!((rows, &partner[..]), (3, &batch.text.1[3 * length..]));
    assert_eq!(batch.noise[0].0, [9, 3]);
    assert!(batch.wrong.is_none());
}

#[test]
fn a_wrong_image_is_of_another_class_and_brings_its_own_guide() {
    let lab = Lab::new();
    let by_image = [guided("own"), vec![("objective.mismatch_by", text("image"))]].concat();
    let (_, inputs, batch) = lab.batch(&by_image, 0);
    let Some(Wrong::Image(images, Some(guides))) = batch.wrong else { panic!("images are what is exchanged") };
    let order = Random::keyed(5, Stream::Order, 1, 0).permutation(12);
    let features = inputs.features.as_ref().unwrap();
    let length = guides.0[1];
    for (place, guide) in guides.1.chunks(length).enumerate() {
        let of = |item: usize| {
            [false, true].into_iter().any(|mirror| {
                let mut values = Vec::new();
                extend_from_guide(features, Fed::Row(item), mirror, &mut values);
                values == guide
            })
        };
        let item = (0..12).find(|&item| of(item)).unwrap();
        assert_ne!(inputs.train[item].class, inputs.train[order[place]].class);
        let tile = &images.1[place * 3 * 32 * 32..(place + 1) * 3 * 32 * 32];
        let mean = |values: &mut dyn Iterator<Item = f32>| values.sum::<f32>();
        let own = mean(&mut inputs.pixels.row(item).iter().map(|&byte| signed(byte)));
        assert!((mean(&mut tile.iter().copied()) - own).abs() < 1e-2);
    }
}

#[test]
fn uniform_noise_fills_minus_one_to_one() {
    let lab = Lab::new();
    let (.., batch) = lab.batch(&[("generator.noise_kind", text("uniform"))], 0);
    assert!(batch.noise[0].1.iter().all(|value| (-1.0..1.0).contains(value)));
    let (.., normal) = lab.batch(&[], 0);
    assert!(batch.noise[0].1 != normal.noise[0].1);
}
