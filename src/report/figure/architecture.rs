//! The shapes of generator and discriminator, from the resolved settings of a cell. The formulas are those of
//! [`crate::gan`]: `GeneratorConfig` and `DiscriminatorConfig`.

use std::path::Path;

use crate::report::cells::Cell;
use crate::spec::{GuideSettings, Settings, TextSettings};

/// A learned projection of a vector, with leaky ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Projection {
    /// The length of the vector; `None` if the settings do not determine it.
    pub inputs: Option<usize>,
    /// The length of the projected vector.
    pub outputs: usize,
}

/// Feature maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Maps {
    /// The number of channels.
    pub channels: usize,
    /// Their side.
    pub side: usize,
}

/// What both networks have in common, without the sizes of maps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    /// The length of the noise.
    pub noise: usize,
    /// The projection of the sentence, one in each network.
    pub text: Projection,
    /// The projection of the guide in the generator.
    pub guide: Option<Projection>,
    /// Whether the guide also modulates the hidden maps of the generator.
    pub is_staged: bool,
    /// Whether the discriminator has a projection of the guide too.
    pub is_joined: bool,
    /// Whether generator and discriminator have Reed's body.
    pub reed: (bool, bool),
}

/// The sizes of maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sizes {
    /// The maps of the generator, from the smallest to the image.
    pub generator: [Maps; 5],
    /// The maps of the discriminator, from the image to the smallest.
    pub discriminator: [Maps; 5],
}

impl Form {
    /// The form that `settings` describe.
    pub fn new(settings: &Settings) -> Self {
        let (guide, text) = (&settings.guide, &settings.text);
        let length = guide_length(guide);
        Self {
            noise: settings.generator.noise,
            text: Projection { inputs: sentence_length(text), outputs: text.projected },
            guide: guide.is_on().then_some(Projection { inputs: length, outputs: guide.projected }),
            is_staged: guide.is_on() && guide.inject == "stages",
            is_joined: guide.is_joined(),
            reed: (settings.generator.body == "reed", settings.discriminator.body == "reed"),
        }
    }

    /// The length of noise, text and guide joined, in the generator.
    pub fn joined(&self) -> usize {
        self.noise + self.text.outputs + self.guide.map_or(0, |guide| guide.outputs)
    }

    /// The channels of the smallest map of the discriminator joined with text and guide.
    pub fn joint(&self, maps: Maps) -> usize {
        let guide = self.guide.filter(|_| self.is_joined).map_or(0, |guide| guide.outputs);
        maps.channels + self.text.outputs + guide
    }

    /// The side of the kernels of a body.
    pub fn kernel(is_reed: bool) -> usize {
        if is_reed { 4 } else { 5 }
    }
}

impl Sizes {
    /// The sizes that `settings` describe: each layer doubles or halves the side.
    pub fn new(settings: &Settings) -> Self {
        let (side, width) = (settings.image.resolution, settings.generator.width);
        let channels = [8 * width, 4 * width, 2 * width, width, 3];
        let generator = std::array::from_fn(|i| Maps { channels: channels[i], side: (side / 16) << i });
        let width = settings.discriminator.width;
        let channels = [3, width, 2 * width, 4 * width, 8 * width];
        let discriminator = std::array::from_fn(|i| Maps { channels: channels[i], side: side >> i });
        Self { generator, discriminator }
    }
}

/// The typed settings of a cell; `None` if another version of jem stored settings of other types.
pub fn settings_of(cell: &Cell) -> Option<Settings> {
    let stored = &cell.runs.first()?.record.settings;
    Settings::from_values(stored.iter().map(|(key, value)| (key.as_str(), value))).ok()
}

/// The length of a sentence vector. That of a file is not in the settings, except for the published skip-thought model,
/// which is a folder.
fn sentence_length(text: &TextSettings) -> Option<usize> {
    match text.encoder.as_str() {
        "tfidf" => Some(text.dimension),
        "skip-thought" if text.weights == "fit" => Some(text.fit.hidden),
        "skip-thought" if Path::new(&text.weights).extension().is_none() => {
            Some(if text.variant == "combine" { 4800 } else { 2400 })
        }
        _ => None,
    }
}

/// The length of a guide: the outputs of a layer of torchvision's AlexNet or VGG at this width, rounded up to a multiple
/// of 8 (`NetworkConfig::channels` in [`crate::vision`]).
pub fn guide_length(guide: &GuideSettings) -> Option<usize> {
    let block = guide.layer.chars().find(char::is_ascii_digit).and_then(|digit| digit.to_digit(10))?;
    let published = match (guide.network.as_str(), guide.layer.as_str()) {
        (_, "fc6" | "fc7") => 4096,
        ("alexnet", _) => *[64, 192, 384, 256, 256].get((block as usize).checked_sub(1)?)?,
        ("vgg16" | "vgg19", _) => *[64, 128, 256, 512, 512].get((block as usize).checked_sub(1)?)?,
        _ => return None,
    };
    // 384 · ⅓ is 128: the tolerance is larger than the rounding error.
    let eighths = (f64::from(published) * guide.width / 8.0 - 1e-9).ceil();
    Some((eighths as usize * 8).max(8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Value;

    fn settings(pairs: &[(&str, Value)]) -> Settings {
        Settings::from_values(pairs.iter().map(|(key, value)| (*key, value))).unwrap()
    }

    fn text(word: &str) -> Value {
        Value::Text(word.to_owned())
    }

    fn sizes(maps: [Maps; 5]) -> [(usize, usize); 5] {
        maps.map(|maps| (maps.channels, maps.side))
    }

    #[test]
    fn the_shapes_of_the_paper_at_64_pixels() {
        let settings = settings(&[
            ("text.dimension", Value::Integer(2400)),
            ("guide.network", text("vgg16")),
            ("guide.discriminator", text("joined")),
        ]);
        let form = Form::new(&settings);
        // Noise 100, projected text 256, projected guide 256.
        assert_eq!((form.noise, form.joined()), (100, 612));
        assert_eq!(form.text, Projection { inputs: Some(2400), outputs: 256 });
        assert_eq!(form.guide, Some(Projection { inputs: Some(4096), outputs: 256 }));
        // 8w × s/16, then half of the channels and twice the side, then 3 × s.
        let shapes = Sizes::new(&settings);
        assert_eq!(sizes(shapes.generator), [(512, 4), (256, 8), (128, 16), (64, 32), (3, 64)]);
        assert_eq!(sizes(shapes.discriminator), [(3, 64), (64, 32), (128, 16), (256, 8), (512, 4)]);
        // 512 channels with 256 of text and 256 of the guide.
        assert_eq!(form.joint(shapes.discriminator[4]), 1024);
    }

    #[test]
    fn the_shapes_at_128_pixels_without_a_guide() {
        let width = |key| (key, Value::Integer(128));
        let settings = settings(&[width("image.resolution"), width("generator.width"), width("discriminator.width")]);
        let (form, shapes) = (Form::new(&settings), Sizes::new(&settings));
        assert_eq!((form.joined(), form.guide, form.is_joined), (356, None, false));
        assert_eq!(sizes(shapes.generator), [(1024, 8), (512, 16), (256, 32), (128, 64), (3, 128)]);
        assert_eq!(form.joint(shapes.discriminator[4]), 1280);
    }

    #[test]
    fn the_lengths_of_text_and_guide_follow_from_the_settings() {
        let of_text = |pairs: &[(&str, Value)]| Form::new(&settings(pairs)).text.inputs;
        let encoder = ("text.encoder", text("skip-thought"));
        assert_eq!(of_text(&[]), Some(512));
        assert_eq!(of_text(std::slice::from_ref(&encoder)), Some(2400));
        assert_eq!(of_text(&[encoder.clone(), ("text.variant", text("combine"))]), Some(4800));
        let fitted = [encoder.clone(), ("text.weights", text("fit")), ("text.fit.hidden", Value::Integer(96))];
        assert_eq!(of_text(&fitted), Some(96));
        assert_eq!(of_text(&[encoder, ("text.weights", text("my.safetensors"))]), None);
        let of_guide = |network: &str, layer: &str, width: f64| {
            let pairs =
                [("guide.network", text(network)), ("guide.layer", text(layer)), ("guide.width", Value::Number(width))];
            guide_length(&settings(&pairs).guide)
        };
        // 4096 / 16 = 256; 4096 · 0.1 = 409.6, rounded up to 416; conv3 of AlexNet has 384 channels, a third is 128.
        assert_eq!(of_guide("alexnet", "fc7", 0.0625), Some(256));
        assert_eq!(of_guide("vgg16", "fc6", 0.1), Some(416));
        assert_eq!(of_guide("alexnet", "conv3", 1.0 / 3.0), Some(128));
        assert_eq!(of_guide("vgg19", "conv4_3", 1.0), Some(512));
        assert_eq!(of_guide("alexnet", "pool5", 1.0), Some(256));
    }

    #[test]
    fn the_kernels_of_both_bodies() {
        assert_eq!((Form::kernel(false), Form::kernel(true)), (5, 4));
        let reed = settings(&[("generator.body", text("reed"))]);
        assert_eq!(Form::new(&reed).reed, (true, false));
    }
}
