//! Captions in the style of those that people wrote for Oxford-102 (Reed et al., CVPR 2016): each is one sentence about
//! the visible flower, in lower case, without a full stop, with occasional typos.

use super::colour::ColourName;
use super::scene::Scene;
use super::species::{Pattern, Species};
use super::words;
use crate::random::Random;

/// The number of captions of an image.
const CAPTIONS: usize = 10;
/// One of this many words with at least four letters has a typo.
const WORDS_PER_TYPO: usize = 75;

/// The ten captions of an image.
pub(super) fn captions(seed: u64, id: u32, species: &Species, scene: &Scene) -> Vec<String> {
    let mut random = Random::named(seed, &format!("drawn captions {id}"));
    let order = random.permutation(SENTENCES.len());
    let chosen = order.into_iter().map(|index| SENTENCES[index]);
    let mut context = Context { species, scene, random };
    // A template that does not apply to the image gives `None` and is skipped.
    let mut captions: Vec<String> = chosen.filter_map(|sentence| sentence(&mut context)).take(CAPTIONS).collect();
    for caption in &mut captions {
        *caption = with_typos(caption, &mut context.random);
    }
    captions
}

/// The input of a sentence template.
struct Context<'a> {
    species: &'a Species,
    scene: &'a Scene,
    random: Random,
}

impl Context<'_> {
    fn colour(&mut self) -> String {
        words::colour(&mut self.random, self.species.colour)
    }

    /// The colours of the petals, one or two.
    fn colours(&mut self) -> String {
        let main = self.colour();
        match self.species.second {
            Some((_, second)) => format!("{main} and {}", second.name()),
            None => main,
        }
    }

    fn shape(&mut self) -> &'static str {
        self.choose(words::petal(self.species.shape))
    }

    fn count(&mut self) -> String {
        let petals = if self.species.two_whorls { 2 * self.species.petals } else { self.species.petals };
        words::count(&mut self.random, petals)
    }

    /// The centre, with an article.
    fn centre(&mut self) -> String {
        let colour = self.centre_colour();
        match self.choose(words::centre(self.species.centre)) {
            (noun, true) => with_article(&format!("{colour} {noun}")),
            (noun, false) => format!("{colour} {noun}"),
        }
    }

    fn centre_colour(&mut self) -> &'static str {
        self.choose(words::centre_colour(self.species.centre_colour))
    }

    fn background(&mut self) -> &'static str {
        self.choose(words::background(self.scene.ground.kind))
    }

    fn choose<T: Copy>(&mut self, items: &[T]) -> T {
        words::choose(&mut self.random, items)
    }

    fn leaves(&mut self) -> Option<&'static str> {
        self.scene.has_leaves().then(|| self.choose(words::leaves(self.species.leaf)))
    }
}

/// A sentence template; `None` if it does not apply to the image.
type Sentence = fn(&mut Context<'_>) -> Option<String>;

const SENTENCES: [Sentence; 16] = [
    |s| Some(format!("this flower has {} petals and {}", s.colour(), s.centre())),
    |s| {
        Some(format!(
            "this flower has petals that are {} {} {}",
            s.colours(),
            s.choose(&["with", "and has"]),
            s.centre()
        ))
    },
    |s| Some(format!("a flower with {} {} petals that are {}", s.count(), s.shape(), s.colour())),
    |s| Some(format!("the petals of this flower are {} and {}", s.colours(), s.shape())),
    |s| Some(format!("this {} flower has {} {} petals", s.colour(), s.count(), s.shape())),
    |s| Some(format!("the flower has {} {} petals around {}", s.shape(), s.colour(), s.centre())),
    |s| {
        Some(format!(
            "{} {} petals {} {}",
            s.count(),
            s.colour(),
            s.choose(&["surround", "encircle", "circle"]),
            s.centre()
        ))
    },
    |s| Some(format!("this flower is {} in color with petals that are {}", s.colours(), s.shape())),
    |s| {
        let noun = if s.scene.flowers.len() == 1 { "flower" } else { "flowers" };
        let count = s.choose(words::flowers(s.scene.flowers.len()));
        let background = s.background();
        let colour = s.colour();
        let subject = if count == "a" { with_article(&colour) } else { format!("{count} {colour}") };
        Some(format!("{subject} {noun} {background}"))
    },
    |s| {
        let leaves = s.leaves()?;
        Some(format!(
            "this flower has {} petals with {} and {leaves}",
            s.colour(),
            s.choose(&["a green stem", "a thin stem"])
        ))
    },
    |s| {
        let leaves = s.leaves()?;
        Some(format!("{} flower with {} petals and {leaves}", with_article(&s.colour()), s.shape()))
    },
    second,
    |s| {
        let centre = s.centre_colour();
        Some(format!("the {centre} center is surrounded by {} {} petals", s.shape(), s.colour()))
    },
    |s| {
        let background = s.background();
        Some(format!("{} flower {background} it has {} petals", with_article(&s.colour()), s.count()))
    },
    |s| {
        Some(format!(
            "{} {} flower with {}",
            s.choose(&["a beautiful", "this pretty", "a small", "a lovely"]),
            s.colour(),
            s.centre()
        ))
    },
    |s| {
        Some(format!(
            "this flower has {} that are {} and {}",
            s.choose(&["petals", "flower petals"]),
            s.shape(),
            s.colour()
        ))
    },
];

/// A sentence about the second colour, or about the only colour.
fn second(s: &mut Context<'_>) -> Option<String> {
    let main = s.colour();
    let Some((pattern, second)) = s.species.second else {
        return Some(format!(
            "{} are all {main}",
            s.choose(&["the petals of the flower", "all of the petals", "the flower petals"])
        ));
    };
    let second = ColourName::name(second);
    let part = match pattern {
        Pattern::Base => s.choose(&["near the center", "at the base"]),
        Pattern::Tip => s.choose(&["at the tips", "towards the tips"]),
        Pattern::Stripe => s.choose(&["in a stripe down the middle", "along the middle of each petal"]),
        Pattern::Edge => s.choose(&["along the edges", "on the edges"]),
        Pattern::Veins => s.choose(&["in thin veins", "in fine lines"]),
    };
    Some(format!("this flower has {main} petals that are {second} {part}"))
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// The caption with random typos.
fn with_typos(caption: &str, random: &mut Random) -> String {
    let mut words: Vec<String> = caption.split(' ').map(str::to_owned).collect();
    for word in &mut words {
        if word.len() >= 4 && word.is_ascii() && random.below(WORDS_PER_TYPO) == 0 {
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
    fn an_image_has_ten_different_captions_in_lower_case() {
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
    fn about_one_word_in_a_hundred_has_a_typo() {
        let set = DrawnFlowers::new(1000, 32, 4);
        let lines: Vec<String> = set.ids().flat_map(|id| set.captions(id)).collect();
        let words: Vec<&str> = lines.iter().flat_map(|line| line.split(' ')).collect();
        let mut counts = std::collections::HashMap::new();
        for word in &words {
            *counts.entry(*word).or_insert(0u32) += 1;
        }
        // In 10,000 lines, words of the vocabulary are frequent and typos are rare.
        let rare: u32 = counts.values().filter(|&&count| count < 15).sum();
        let fraction = f64::from(rare) / words.len() as f64;
        assert!((0.004..0.02).contains(&fraction), "{fraction}");
    }
}
