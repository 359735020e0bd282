//! Captions in the manner of those that people wrote for Oxford-102 (Reed et al., CVPR 2016): lower case, without a
//! full stop, about what is seen, each its own sentence; with a slip of the pen now and then.

use super::colour::ColourName;
use super::scene::Scene;
use super::species::{Pattern, Species};
use super::words;
use crate::random::Random;

/// Captions of an image.
const CAPTIONS: usize = 10;
/// One word in this many is mistyped, if it has four letters.
const TYPO: usize = 75;

/// The ten captions of an image.
pub(super) fn captions(seed: u64, id: u32, species: &Species, scene: &Scene) -> Vec<String> {
    let mut random = Random::named(seed, &format!("drawn captions {id}"));
    let order = random.permutation(SENTENCES.len());
    let chosen = order.into_iter().map(|index| SENTENCES[index]);
    let mut seen = Seen { species, scene, random };
    // Sentences about what is not there are passed over.
    let mut captions: Vec<String> = chosen.filter_map(|sentence| sentence(&mut seen)).take(CAPTIONS).collect();
    for caption in &mut captions {
        *caption = typed(caption, &mut seen.random);
    }
    captions
}

/// What a sentence may speak of.
struct Seen<'a> {
    species: &'a Species,
    scene: &'a Scene,
    random: Random,
}

impl Seen<'_> {
    fn colour(&mut self) -> String {
        words::colour(&mut self.random, self.species.colour)
    }

    /// Both colours of the petals, if there are two.
    fn colours(&mut self) -> String {
        let main = self.colour();
        match self.species.second {
            Some((_, second)) => format!("{main} and {}", second.name()),
            None => main,
        }
    }

    fn shape(&mut self) -> &'static str {
        words::petal(&mut self.random, self.species.shape)
    }

    fn count(&mut self) -> String {
        let petals = if self.species.two_whorls { 2 * self.species.petals } else { self.species.petals };
        words::count(&mut self.random, petals)
    }

    /// The middle with its article.
    fn middle(&mut self) -> String {
        let colour = words::middle_colour(&mut self.random, self.species.centre_colour);
        match words::middle(&mut self.random, self.species.centre) {
            (noun, true) => with_article(&format!("{colour} {noun}")),
            (noun, false) => format!("{colour} {noun}"),
        }
    }

    fn any(&mut self, words: &[&'static str]) -> &'static str {
        words::any(&mut self.random, words)
    }

    fn leaves(&mut self) -> Option<&'static str> {
        self.scene.has_leaves().then(|| words::leaves(&mut self.random, self.species.leaf))
    }
}

type Sentence = fn(&mut Seen<'_>) -> Option<String>;

const SENTENCES: [Sentence; 16] = [
    |s| Some(format!("this flower has {} petals and {}", s.colour(), s.middle())),
    |s| Some(format!("this flower has petals that are {} {} {}", s.colours(), s.any(&["with", "and has"]), s.middle())),
    |s| Some(format!("a flower with {} {} petals that are {}", s.count(), s.shape(), s.colour())),
    |s| Some(format!("the petals of this flower are {} and {}", s.colours(), s.shape())),
    |s| Some(format!("this {} flower has {} {} petals", s.colour(), s.count(), s.shape())),
    |s| Some(format!("the flower has {} {} petals around {}", s.shape(), s.colour(), s.middle())),
    |s| {
        Some(format!(
            "{} {} petals {} {}",
            s.count(),
            s.colour(),
            s.any(&["surround", "encircle", "circle"]),
            s.middle()
        ))
    },
    |s| Some(format!("this flower is {} in color with petals that are {}", s.colours(), s.shape())),
    |s| {
        let noun = if s.scene.flowers.len() == 1 { "flower" } else { "flowers" };
        let count = words::flowers(&mut s.random, s.scene.flowers.len());
        let place = words::place(&mut s.random, s.scene.ground.kind);
        let colour = s.colour();
        let subject = if count == "a" { with_article(&colour) } else { format!("{count} {colour}") };
        Some(format!("{subject} {noun} {place}"))
    },
    |s| {
        let leaves = s.leaves()?;
        Some(format!(
            "this flower has {} petals with {} and {leaves}",
            s.colour(),
            s.any(&["a green stem", "a thin stem"])
        ))
    },
    |s| {
        let leaves = s.leaves()?;
        Some(format!("{} flower with {} petals and {leaves}", with_article(&s.colour()), s.shape()))
    },
    second,
    |s| {
        let middle = words::middle_colour(&mut s.random, s.species.centre_colour);
        Some(format!("the {middle} center is surrounded by {} {} petals", s.shape(), s.colour()))
    },
    |s| {
        let place = words::place(&mut s.random, s.scene.ground.kind);
        Some(format!("{} flower {place} it has {} petals", with_article(&s.colour()), s.count()))
    },
    |s| {
        Some(format!(
            "{} {} flower with {}",
            s.any(&["a beautiful", "this pretty", "a small", "a lovely"]),
            s.colour(),
            s.middle()
        ))
    },
    |s| {
        Some(format!(
            "this flower has {} that are {} and {}",
            s.any(&["petals", "flower petals"]),
            s.shape(),
            s.colour()
        ))
    },
];

/// Where the second colour is, or that there is none.
fn second(s: &mut Seen<'_>) -> Option<String> {
    let main = s.colour();
    let Some((pattern, second)) = s.species.second else {
        return Some(format!(
            "{} are all {main}",
            s.any(&["the petals of the flower", "all of the petals", "the flower petals"])
        ));
    };
    let second = ColourName::name(second);
    let part = match pattern {
        Pattern::Base => s.any(&["near the center", "at the base"]),
        Pattern::Tip => s.any(&["at the tips", "towards the tips"]),
        Pattern::Stripe => s.any(&["in a stripe down the middle", "along the middle of each petal"]),
        Pattern::Edge => s.any(&["along the edges", "on the edges"]),
        Pattern::Veins => s.any(&["in thin veins", "in fine lines"]),
    };
    Some(format!("this flower has {main} petals that are {second} {part}"))
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// The caption as somebody typed it.
fn typed(caption: &str, random: &mut Random) -> String {
    let mut words: Vec<String> = caption.split(' ').map(str::to_owned).collect();
    for word in &mut words {
        if word.len() >= 4 && word.is_ascii() && random.below(TYPO) == 0 {
            let at = 1 + random.below(word.len() - 2);
            match random.below(3) {
                0 => drop(word.remove(at)),
                1 => word.insert(at, char::from(word.as_bytes()[at])),
                _ => {
                    let letter = word.remove(at);
                    word.insert(at + 1, letter);
                }
            }
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use crate::data::DrawnFlowers;

    #[test]
    fn captions_are_ten_different_lower_case_lines() {
        let set = DrawnFlowers::new(300, 32, 4);
        for id in set.ids() {
            let mut captions = set.captions(id);
            assert_eq!(captions.len(), 10, "{id}");
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == ' ';
            assert!(captions.iter().all(|line| line.chars().all(plain) && !line.contains("  ")), "{captions:?}");
            captions.sort();
            captions.dedup();
            assert_eq!(captions.len(), 10, "{id}");
        }
    }

    #[test]
    fn most_captions_name_the_colour_of_the_petals() {
        let set = DrawnFlowers::new(300, 32, 4);
        let (mut named, mut all) = (0, 0);
        for id in set.ids() {
            let colour = set.species(set.class(id)).colour.name();
            let captions = set.captions(id);
            named += captions.iter().filter(|line| line.split(' ').any(|word| word == colour)).count();
            all += captions.len();
        }
        assert!((0.75..0.95).contains(&(named as f64 / all as f64)), "{named} of {all}");
    }

    #[test]
    fn about_one_word_in_a_hundred_is_mistyped() {
        let set = DrawnFlowers::new(1000, 32, 4);
        let lines: Vec<String> = set.ids().flat_map(|id| set.captions(id)).collect();
        let words: Vec<&str> = lines.iter().flat_map(|line| line.split(' ')).collect();
        let mut counts = std::collections::HashMap::new();
        for word in &words {
            *counts.entry(*word).or_insert(0u32) += 1;
        }
        // Words of the vocabulary come back many times among 10,000 lines; slips hardly do.
        let rare: u32 = counts.values().filter(|&&count| count < 15).sum();
        let share = f64::from(rare) / words.len() as f64;
        assert!((0.004..0.02).contains(&share), "{share}");
    }
}
