//! Sentence splitting by punkt (Kiss & Strunk 2006, Computational Linguistics 32: 485–525), as NLTK 3.10 does it with its
//! English parameters: a period, question mark or exclamation mark is looked at with the word before it and the word
//! after it, and ends a sentence unless the word is an abbreviation, an initial or a number that goes on.

use super::characters::{is_digit, is_letter, is_space, spaces};
use super::parameters::{ENGLISH, Parameters};

/// Where punkt's words end, apart from spaces and commas.
const ENDS: &str = ")\";}]*:@'({[?!‘’“”«»";
/// What punkt's words do not begin with.
const NO_START: &str = "(\"`{[:;&#*@)}]-,";
/// Marks that close what the sentence before them said.
const CLOSING: &str = "\"')]}‘’“”«»";

/// The sentences of a text, without the spaces between them.
pub fn sentences(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    split(&text).into_iter().map(|sentence| sentence.iter().collect()).collect()
}

pub(super) fn split(text: &[char]) -> Vec<&[char]> {
    let spans = closed(text, parts(text));
    spans.into_iter().filter(|(start, end)| start < end).map(|(start, end)| &text[start..end]).collect()
}

/// A mark that may end a sentence, with what decides it.
struct Candidate {
    /// Where the word before the mark begins.
    word: usize,
    /// Where the mark is.
    mark: usize,
    /// Where the context ends: behind the mark that follows, or behind the next word.
    end: usize,
    /// Where the next word begins, unless a mark follows at once.
    next: Option<usize>,
}

/// The marks `.`, `?` and `!` that something follows; of those that share a word, the last one.
fn candidates(text: &[char]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut last: Option<Candidate> = None;
    for mark in (0..text.len()).filter(|&at| ".?!".contains(text[at])) {
        let (end, next) = match text.get(mark + 1) {
            Some(&c) if ENDS.contains(c) => (mark + 2, None),
            _ => {
                let start = mark + 1 + spaces(text, mark + 1);
                let length = text[start..].iter().take_while(|c| !c.is_whitespace()).count();
                if start == mark + 1 || length == 0 {
                    continue;
                }
                (start + length, Some(start))
            }
        };
        let (from, before) = last.as_ref().map_or((0, 0), |last| (last.word, last.mark));
        // A space at the very place of the mark before counts for none, in NLTK too.
        let space = text[before..mark].iter().rposition(|c| " \t\n\r\u{b}\u{c}".contains(*c)).filter(|&at| at > 0);
        let word = space.map_or(from, |at| before + at + 1);
        if let Some(last) = last.replace(Candidate { word, mark, end, next })
            && last.mark <= word
        {
            found.push(last);
        }
    }
    found.extend(last);
    found
}

/// Where sentences begin and end.
fn parts(text: &[char]) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for candidate in candidates(text) {
        if has_break(&text[candidate.word..candidate.end], &ENGLISH) {
            parts.push((start, candidate.mark + 1));
            start = candidate.next.unwrap_or(candidate.mark + 1);
        }
    }
    let trailing = text.iter().rev().take_while(|&&c| is_space(c)).count();
    parts.push((start, text.len() - trailing));
    parts
}

/// Gives quotes and brackets that close a sentence to it, and not to the one behind.
fn closed(text: &[char], parts: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut closed = Vec::with_capacity(parts.len());
    let mut moved = 0;
    for (index, &(start, end)) in parts.iter().enumerate() {
        let start = start + moved;
        moved = 0;
        let next = parts.get(index + 1).map(|&(start, end)| (start, text.get(start..end).unwrap_or_default()));
        match next.and_then(|(next, text)| Some((next, closing(text)?))) {
            Some((next, (marks, spaces))) => {
                closed.push((start, next + marks));
                moved = marks + spaces;
            }
            None => closed.push((start, end)),
        }
    }
    closed
}

/// How many closing marks a sentence begins with, and the spaces behind them, if spaces, two dashes or nothing follow.
fn closing(sentence: &[char]) -> Option<(usize, usize)> {
    let marks = sentence.iter().take_while(|c| CLOSING.contains(**c)).count();
    let rest = &sentence[marks..];
    let follows = rest.first().is_none_or(|c| c.is_whitespace()) || rest.starts_with(&['-', '-']);
    (marks > 0 && follows).then(|| (marks, spaces(rest, 0)))
}

/// A word of punkt's and what is thought of it.
struct Word {
    text: Vec<char>,
    /// In lower case, a number as `##number##`.
    kind: String,
    ends: bool,
    abbreviation: bool,
    ellipsis: bool,
}

impl Word {
    fn new(text: &[char], parameters: &Parameters) -> Self {
        let lower: String = text.iter().collect::<String>().to_lowercase();
        let ellipsis = text.len() > 1 && text.iter().all(|&c| c == '.');
        let mut word = Self { text: text.to_vec(), kind: String::new(), ends: false, abbreviation: false, ellipsis };
        if matches!(text, ['.' | '?' | '!']) {
            word.ends = true;
        } else if let Some(stem) = lower.strip_suffix('.').filter(|stem| !stem.ends_with('.')) {
            let tail = stem.rsplit('-').next().unwrap_or(stem);
            word.abbreviation = parameters.is_abbreviation(stem) || parameters.is_abbreviation(tail);
            word.ends = !word.abbreviation;
        }
        word.kind = if is_number(&lower) { "##number##".into() } else { lower };
        word
    }

    fn kind_without_period(&self) -> &str {
        self.kind.strip_suffix('.').filter(|stem| !stem.is_empty()).unwrap_or(&self.kind)
    }

    /// Its kind without the period, if the period ends a sentence.
    fn kind_in_sentence(&self) -> &str {
        if self.ends { self.kind_without_period() } else { &self.kind }
    }

    fn is_initial(&self) -> bool {
        matches!(self.text[..], [letter, '.'] if is_letter(letter))
    }

    fn starts_upper(&self) -> bool {
        self.text[0].is_uppercase()
    }
}

/// `-?[.,]?\d[\d,.-]*\.?`
fn is_number(lower: &str) -> bool {
    let rest = lower.strip_prefix('-').unwrap_or(lower);
    let rest = rest.strip_prefix(['.', ',']).unwrap_or(rest);
    rest.starts_with(is_digit) && rest.chars().all(|c| is_digit(c) || ",.-".contains(c))
}

/// How many characters of dashes or periods from `at` on are one mark: `-{2,}`, `.{2,}` or `(?:\.\s){2,}\.`.
fn long_mark(text: &[char], at: usize) -> Option<usize> {
    let run = |mark: char| text[at..].iter().take_while(|&&c| c == mark).count();
    if let Some(length) = ['-', '.'].into_iter().map(run).find(|&length| length > 1) {
        return Some(length);
    }
    let pairs = text[at..].chunks_exact(2).take_while(|pair| pair[0] == '.' && pair[1].is_whitespace()).count();
    // The last period may be the first of one more pair, which is then given back.
    let periods = pairs + usize::from(text.get(at + 2 * pairs) == Some(&'.'));
    (periods > 2).then(|| 2 * periods - 1)
}

/// The words of punkt, by line.
fn words(text: &[char], parameters: &Parameters) -> Vec<Word> {
    let mut words = Vec::new();
    for line in text.split(|&c| c == '\n').filter(|line| !line.iter().all(|&c| is_space(c))) {
        let mut at = 0;
        while at < line.len() {
            let length = match long_mark(line, at) {
                Some(length) => length,
                None if line[at].is_whitespace() => 0,
                None if NO_START.contains(line[at]) => 1,
                None => (1..).find(|length| ends_word(line, at + length)).expect("the end of the line ends a word"),
            };
            if length > 0 {
                words.push(Word::new(&line[at..at + length], parameters));
            }
            at += length.max(1);
        }
    }
    words
}

/// Whether a word ends before `at`.
fn ends_word(line: &[char], at: usize) -> bool {
    let ends = |at: usize| match line.get(at) {
        Some(&c) => c.is_whitespace() || ENDS.contains(c) || long_mark(line, at).is_some(),
        None => true,
    };
    ends(at) || (line[at] == ',' && ends(at + 1))
}

/// Whether a sentence ends before the last word.
fn has_break(text: &[char], parameters: &Parameters) -> bool {
    let mut words = words(text, parameters);
    for at in 1..words.len() {
        let (before, after) = words.split_at_mut(at);
        if let (Some(word), [next, ..]) = (before.last_mut(), after) {
            decide(word, next, parameters);
        }
    }
    words.iter().rev().skip(1).any(|word| word.ends)
}

/// What the next word says of a period.
fn decide(word: &mut Word, next: &Word, parameters: &Parameters) {
    if word.text.last() != Some(&'.') {
        return;
    }
    let (kind, following) = (word.kind_without_period(), next.kind_in_sentence());
    if parameters.belong(kind, following) {
        word.ends = false;
        return;
    }
    let initial = word.is_initial();
    let begins = begins_sentence(next, parameters);
    let is_starter = next.starts_upper() && parameters.is_starter(following);
    if (word.abbreviation || word.ellipsis) && !initial && (begins == Some(true) || is_starter) {
        word.ends = true;
        return;
    }
    let name = initial && begins.is_none() && next.starts_upper() && !parameters.seen(following).lower();
    if ((initial || kind == "##number##") && begins == Some(false)) || name {
        word.ends = false;
    }
}

/// Whether a word begins a sentence, as far as its case tells.
fn begins_sentence(word: &Word, parameters: &Parameters) -> Option<bool> {
    if matches!(word.text[..], [';' | ':' | ',' | '.' | '!' | '?']) {
        return Some(false);
    }
    let seen = parameters.seen(word.kind_in_sentence());
    if word.starts_upper() && seen.lower() && !seen.inside_upper() {
        return Some(true);
    }
    let goes_on = word.text[0].is_lowercase() && (seen.upper() || !seen.first_lower());
    goes_on.then_some(false)
}
