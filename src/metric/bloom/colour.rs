//! Perceptual colours and their names.

use crate::metric::Planes;

/// A colour in OKLab (Ottosson, "A perceptual color space for image processing", 2020): lightness in [0, 1], and two
/// axes from green to red and from blue to yellow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lab {
    pub(super) light: f32,
    pub(super) a: f32,
    pub(super) b: f32,
}

impl Lab {
    /// The colour of every pixel. Values are clamped to [0, 1]; NaN and infinity count as 0.
    pub(super) fn from_image(image: &Planes) -> Vec<Self> {
        let plane = image.side * image.side;
        let value = |at: usize| image.values.get(at).copied().filter(|value| value.is_finite()).unwrap_or(0.0);
        (0..plane).map(|at| Self::from_srgb([value(at), value(at + plane), value(at + 2 * plane)])).collect()
    }

    /// From sRGB values.
    pub(super) fn from_srgb(rgb: [f32; 3]) -> Self {
        let [r, g, b] = rgb.map(|value| {
            let value = value.clamp(0.0, 1.0);
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
        let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
        let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
        Self {
            light: 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            a: 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            b: 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        }
    }

    /// The distance from grey.
    pub(super) fn chroma(self) -> f32 {
        self.a.hypot(self.b)
    }

    /// Its hue in degrees: about 29 red, 110 yellow, 142 green, 264 blue, 328 magenta.
    pub(super) fn hue(self) -> f32 {
        self.b.atan2(self.a).to_degrees().rem_euclid(360.0)
    }

    /// Chroma divided by lightness; shade does not change it.
    fn saturation(self) -> f32 {
        self.chroma() / self.light.max(0.05)
    }

    /// The angle between two hues in degrees.
    fn hue_angle(self, other: Self) -> f32 {
        let angle = (self.hue() - other.hue()).rem_euclid(360.0);
        angle.min(360.0 - angle)
    }

    /// The squared distance of two colours; a difference in lightness has less weight, because shade causes it.
    pub(super) fn distance2(self, other: Self) -> f32 {
        let (light, a, b) = (0.6 * (self.light - other.light), self.a - other.a, self.b - other.b);
        light * light + a * a + b * b
    }
}

/// Names of petal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PetalColour {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Pink.
    Pink,
    /// Magenta.
    Magenta,
    /// Purple.
    Purple,
    /// Lavender.
    Lavender,
    /// Blue.
    Blue,
    /// White.
    White,
}

/// The colours of names in Munroe's survey of 222,500 people (xkcd.com/color/rgb, 2010); several of its names belong to
/// one name here.
const NAMED: [(PetalColour, u32); 25] = [
    (PetalColour::Red, 0xe5_0000),      // red
    (PetalColour::Red, 0xbe_0119),      // scarlet
    (PetalColour::Red, 0x8c_000f),      // crimson
    (PetalColour::Orange, 0xf9_7306),   // orange
    (PetalColour::Orange, 0xff_5b00),   // bright orange
    (PetalColour::Orange, 0xc6_5102),   // dark orange
    (PetalColour::Yellow, 0xff_ff14),   // yellow
    (PetalColour::Yellow, 0xff_da03),   // sunflower yellow
    (PetalColour::Yellow, 0xfe_c615),   // golden yellow
    (PetalColour::Pink, 0xff_81c0),     // pink
    (PetalColour::Pink, 0xff_d1df),     // light pink
    (PetalColour::Pink, 0xff_b7ce),     // baby pink
    (PetalColour::Magenta, 0xc2_0078),  // magenta
    (PetalColour::Magenta, 0xff_028d),  // hot pink
    (PetalColour::Magenta, 0xcb_0162),  // deep pink
    (PetalColour::Purple, 0x7e_1e9c),   // purple
    (PetalColour::Purple, 0x9a_0eea),   // violet
    (PetalColour::Purple, 0x4b_006e),   // royal purple
    (PetalColour::Lavender, 0xc7_9fef), // lavender
    (PetalColour::Lavender, 0xce_a2fd), // lilac
    (PetalColour::Lavender, 0xbf_77f6), // light purple
    (PetalColour::Blue, 0x03_43df),     // blue
    (PetalColour::Blue, 0x05_04aa),     // royal blue
    (PetalColour::Blue, 0x01_65fc),     // bright blue
    (PetalColour::White, 0xff_ffff),    // white
];

impl PetalColour {
    /// Every name.
    pub const ALL: [PetalColour; 9] = [
        PetalColour::Red,
        PetalColour::Orange,
        PetalColour::Yellow,
        PetalColour::Pink,
        PetalColour::Magenta,
        PetalColour::Purple,
        PetalColour::Lavender,
        PetalColour::Blue,
        PetalColour::White,
    ];

    /// The name as a word.
    pub fn name(self) -> &'static str {
        match self {
            PetalColour::Red => "red",
            PetalColour::Orange => "orange",
            PetalColour::Yellow => "yellow",
            PetalColour::Pink => "pink",
            PetalColour::Magenta => "magenta",
            PetalColour::Purple => "purple",
            PetalColour::Lavender => "lavender",
            PetalColour::Blue => "blue",
            PetalColour::White => "white",
        }
    }

    /// The name of the colour of petals with these pixels; white for no pixels.
    ///
    /// Each pixel votes for the nearest name. At blurred edges, petals are mixed with the background, which only
    /// reduces saturation. Therefore a second vote uses the more saturated half of the pixels whose hue is near that of
    /// the winner.
    pub(super) fn from_pixels(pixels: &[Lab]) -> Self {
        let named = NAMED.map(|(name, rgb)| {
            let [_, r, g, b] = rgb.to_be_bytes();
            (name, Lab::from_srgb([r, g, b].map(|byte| f32::from(byte) / 255.0)))
        });
        let winner = most_frequent(pixels.iter().map(|&pixel| nearest(&named, pixel)));
        if winner == PetalColour::White {
            return winner;
        }
        let has_hue = |pixel: &Lab| named.iter().any(|(name, lab)| *name == winner && lab.hue_angle(*pixel) < 24.0);
        let mut similar: Vec<Lab> = pixels.iter().copied().filter(has_hue).collect();
        similar.sort_by(|a, b| b.saturation().total_cmp(&a.saturation()));
        similar.truncate(similar.len().div_ceil(2));
        most_frequent(similar.into_iter().map(|pixel| nearest(&named, pixel)))
    }
}

/// The most frequent name, the first of several; white for no names.
fn most_frequent(names: impl Iterator<Item = PetalColour>) -> PetalColour {
    let mut votes = [0u32; 9];
    names.for_each(|name| votes[name as usize] += 1);
    let most = votes.iter().copied().max().unwrap_or(0);
    let first = PetalColour::ALL.iter().zip(votes).find(|(_, count)| most > 0 && *count == most);
    first.map_or(PetalColour::White, |(name, _)| *name)
}

/// The name whose colour is nearest in hue and saturation. Shade multiplies linear light by one factor, and lightness
/// and both axes of OKLab by its cube root: their ratios do not change.
fn nearest(named: &[(PetalColour, Lab)], pixel: Lab) -> PetalColour {
    let distance = |lab: Lab| {
        let (p, q) = (pixel.light.max(0.05), lab.light.max(0.05));
        let (a, b) = (pixel.a / p - lab.a / q, pixel.b / p - lab.b / q);
        let light = 0.12 * (pixel.light - lab.light);
        a * a + b * b + light * light
    };
    let best = named.iter().min_by(|x, y| distance(x.1).total_cmp(&distance(y.1)));
    best.map_or(PetalColour::White, |(name, _)| *name)
}
