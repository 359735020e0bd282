use super::*;
use crate::prepare::{Cache, fingerprints};
use crate::spec::Value;

/// Drawn flowers at 32 pixels.
struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
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

fn mismatched_text(batch: &HostBatch) -> &HostTensor<2> {
    match &batch.mismatched {
        Some(HostMismatched::Text(numbers)) => numbers,
        _ => panic!("the text should be replaced"),
    }
}

#[test]
fn methods_with_the_same_seed_have_the_same_batches() {
    let fixture = Fixture::new();
    let (.., plain) = fixture.batch(&[], 1);
    for source in ["own", "shuffled", "zero"] {
        let (.., other) = fixture.batch(&guided(source), 1);
        assert!(plain.real == other.real && plain.text == other.text && plain.noise == other.noise, "{source}");
        assert!(mismatched_text(&plain) == mismatched_text(&other), "{source}");
    }
    let (.., later) = fixture.batch(&[], 0);
    assert!(plain.real != later.real && plain.noise != later.noise);
    // Additional noise does not change the other noise.
    let (.., twice) = fixture.batch(&[("train.generator_steps", Value::Integer(2))], 1);
    assert!(twice.noise[0] == plain.noise[0] && twice.noise[1] != plain.noise[0]);
}

#[test]
fn guide_source_changes_the_input_guide_and_not_the_target() {
    let fixture = Fixture::new();
    let matching = |source: &str| [guided(source), vec![("objective.guide_match", Value::Number(1.0))]].concat();
    let (.., own) = fixture.batch(&matching("own"), 0);
    let (.., shuffled) = fixture.batch(&matching("shuffled"), 0);
    let (.., zero) = fixture.batch(&matching("zero"), 0);
    let rows = |numbers: &Option<HostTensor<2>>| {
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
    assert!(zero.other_guide.is_none(), "zero guides have no mismatched guide");
}

#[test]
fn guides_are_shuffled_without_fixed_points_in_training_and_evaluation() {
    let fixture = Fixture::new();
    let (_, inputs) = fixture.inputs(&guided("shuffled"));
    let trained = inputs.train.len();
    let row = |guide: GuideInput| if let GuideInput::Row(row) = guide { row } else { panic!("{guide:?}") };
    let mut rows: Vec<usize> = inputs.train.iter().map(|item| row(item.guide)).collect();
    assert!(rows.iter().enumerate().all(|(own, other)| own != *other));
    rows.sort_unstable();
    assert_eq!(rows, (0..trained).collect::<Vec<_>>());
    let evaluated: Vec<usize> = inputs.eval.items.iter().map(|item| row(item.guide)).collect();
    assert!(evaluated.iter().enumerate().all(|(own, other)| trained + own != *other && *other >= trained));
}

#[test]
fn a_crop_is_a_window_of_the_larger_image_and_the_guide_is_mirrored_with_its_image() {
    let fixture = Fixture::new();
    let crop = [guided("own"), vec![("image.crop_from", Value::Integer(40))]].concat();
    let (settings, inputs, batch) = fixture.batch(&crop, 0);
    let order = Random::keyed(5, Stream::Order, 1, 0).permutation(12);
    let (mut windows, mut mirrored) = (std::collections::BTreeSet::new(), 0);
    for (place, tile) in batch.real.1.chunks(3 * 32 * 32).enumerate() {
        let full = inputs.pixels.row(order[place]);
        let is = |left: usize, top: usize, mirror: bool| {
            (0..32 * 32).all(|at| {
                let (x, y) = (at % 32, at / 32);
                let x = if mirror { 31 - x } else { x };
                tile[at] == signed(full[(top + y) * 40 + left + x])
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
        extend_from_guide(features, GuideInput::Row(order[place]), mirror, &mut guide);
        let length = guide.len();
        assert_eq!(batch.guide.as_ref().unwrap().1[place * length..(place + 1) * length], guide);
    }
    assert!(windows.len() > 1 && mirrored > 0 && mirrored < 6, "{windows:?} {mirrored}");
    // Held-out images are not cropped.
    let side = settings.image.resolution;
    assert_eq!(inputs.eval.pixels.row(inputs.eval.items[0].pixels).len(), 3 * side * side);
}

#[test]
fn a_text_is_the_mean_of_the_allowed_captions() {
    let fixture = Fixture::new();
    let one = [("text.first", Value::Integer(1))];
    let (_, inputs, first) = fixture.batch(&one, 0);
    let order = Random::keyed(5, Stream::Order, 1, 0).permutation(12);
    let mut expected = Vec::new();
    inputs.sentences.extend_from_row(inputs.train[order[0]].captions.start, &mut expected);
    assert_eq!(first.text.1[..8], expected);
    // The mean of three times the same caption is that caption, except for rounding.
    let (.., thrice) = fixture.batch(&[one[0].clone(), ("text.mean_of", Value::Integer(3))], 0);
    assert!(first.text.1.iter().zip(&thrice.text.1).all(|(a, b)| (a - b).abs() < 1e-6));
    let (.., of_all) = fixture.batch(&[("text.mean_of", Value::Integer(3))], 0);
    assert!(first.text.1 != of_all.text.1);
}

#[test]
fn half_of_a_batch_is_interpolated_with_the_other_half() {
    let fixture = Fixture::new();
    let (.., batch) = fixture.batch(&[("objective.kind", text("gan-int")), ("objective.int_pairs", text("half"))], 0);
    let ([rows, length], partner) = batch.partner.unwrap();
    assert_eq!((rows, &partner[..]), (3, &batch.text.1[3 * length..]));
    assert_eq!(batch.noise[0].0, [9, 3]);
    assert!(batch.mismatched.is_none());
}

#[test]
fn a_mismatched_image_is_of_another_class_and_has_its_own_guide() {
    let fixture = Fixture::new();
    let by_image = [guided("own"), vec![("objective.mismatch_by", text("image"))]].concat();
    let (_, inputs, batch) = fixture.batch(&by_image, 0);
    let Some(HostMismatched::Image(images, Some(guides))) = batch.mismatched else {
        panic!("the image should be replaced")
    };
    let order = Random::keyed(5, Stream::Order, 1, 0).permutation(12);
    let features = inputs.features.as_ref().unwrap();
    let length = guides.0[1];
    for (place, guide) in guides.1.chunks(length).enumerate() {
        let of = |item: usize| {
            [false, true].into_iter().any(|mirror| {
                let mut values = Vec::new();
                extend_from_guide(features, GuideInput::Row(item), mirror, &mut values);
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
fn uniform_noise_is_between_minus_one_and_one() {
    let fixture = Fixture::new();
    let (.., batch) = fixture.batch(&[("generator.noise_kind", text("uniform"))], 0);
    assert!(batch.noise[0].1.iter().all(|value| (-1.0..1.0).contains(value)));
    let (.., normal) = fixture.batch(&[], 0);
    assert!(batch.noise[0].1 != normal.noise[0].1);
}
