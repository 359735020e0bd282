//! Sentence splitting by punkt (Kiss & Strunk 2006, Computational Linguistics 32: 485–525), as in NLTK 3.10 with its
//! English parameters. A period, question mark or exclamation mark ends a sentence, depending on the word before it and
//! the word after it: abbreviations, initials and numbers do not always end a sentence.

use super::characters::{is_digit, is_letter, is_space, spaces};
use super::parameters::{ENGLISH, Parameters};

/// The characters that end a word of punkt, besides spaces and commas.
const ENDS: &str = ")\";}]*:@'({[?!‘’“”«»";
/// The characters with which a word of punkt cannot start.
const NO_START: &str = "(\"`{[:;&#*@)}]-,";
/// Closing marks, which belong to the sentence before them.
const CLOSING: &str = "\"')]}‘’“”«»";

/// The sentences of a text, without the spaces between them.
pub fn sentences(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    split(&text).into_iter().map(|sentence| sentence.iter().collect()).collect()
}

pub(super) fn split(text: &[char]) -> Vec<&[char]> {
    let spans = attach_closing_marks(text, sentence_spans(text));
    spans.into_iter().filter(|(start, end)| start < end).map(|(start, end)| &text[start..end]).collect()
}

/// A mark that may end a sentence, and its context.
struct Candidate {
    /// The start of the word before the mark.
    word: usize,
    /// The position of the mark.
    mark: usize,
    /// The end of the context: after the following mark, or after the next word.
    end: usize,
    /// The start of the next word; `None` if another mark follows directly.
    next: Option<usize>,
}

/// The marks `.`, `?` and `!` that are followed by a word or a mark. Of several marks after one word, the last one is
/// used.
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
        // As in NLTK, a space at position 0 of the searched range is ignored.
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

/// The starts and ends of sentences.
fn sentence_spans(text: &[char]) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut start = 0;
    for candidate in candidates(text) {
        if has_boundary(&text[candidate.word..candidate.end], &ENGLISH) {
            spans.push((start, candidate.mark + 1));
            start = candidate.next.unwrap_or(candidate.mark + 1);
        }
    }
    let trailing = text.iter().rev().take_while(|&&c| is_space(c)).count();
    spans.push((start, text.len() - trailing));
    spans
}

/// Moves closing quotes and brackets from the start of a sentence to the end of the previous one.
fn attach_closing_marks(text: &[char], spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut result = Vec::with_capacity(spans.len());
    let mut moved = 0;
    for (index, &(start, end)) in spans.iter().enumerate() {
        let start = start + moved;
        moved = 0;
        let next = spans.get(index + 1).map(|&(start, end)| (start, text.get(start..end).unwrap_or_default()));
        match next.and_then(|(next, text)| Some((next, closing_marks(text)?))) {
            Some((next, (marks, spaces))) => {
                result.push((start, next + marks));
                moved = marks + spaces;
            }
            None => result.push((start, end)),
        }
    }
    result
}

/// The number of closing marks at the start of a sentence, and of the spaces after them. `None` if there are no marks,
/// or if something other than a space, two dashes or the end follows.
fn closing_marks(sentence: &[char]) -> Option<(usize, usize)> {
    let marks = sentence.iter().take_while(|c| CLOSING.contains(**c)).count();
    let rest = &sentence[marks..];
    let follows = rest.first().is_none_or(|c| c.is_whitespace()) || rest.starts_with(&['-', '-']);
    (marks > 0 && follows).then(|| (marks, spaces(rest, 0)))
}

/// A word of punkt with its annotations.
struct Word {
    text: Vec<char>,
    /// The word in lower case; `##number##` for a number.
    kind: String,
    /// Whether the word ends a sentence.
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

    /// The kind; without the period, if the period ends a sentence.
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

/// The length of a mark of several dashes or periods at `at`: `-{2,}`, `.{2,}` or `(?:\.\s){2,}\.`.
fn multi_char_mark(text: &[char], at: usize) -> Option<usize> {
    let run = |mark: char| text[at..].iter().take_while(|&&c| c == mark).count();
    if let Some(length) = ['-', '.'].into_iter().map(run).find(|&length| length > 1) {
        return Some(length);
    }
    let pairs = text[at..].chunks_exact(2).take_while(|pair| pair[0] == '.' && pair[1].is_whitespace()).count();
    // The mark ends with a period: the last pair may lose its space.
    let periods = pairs + usize::from(text.get(at + 2 * pairs) == Some(&'.'));
    (periods > 2).then(|| 2 * periods - 1)
}

/// The words of punkt, line by line.
fn words(text: &[char], parameters: &Parameters) -> Vec<Word> {
    let mut words = Vec::new();
    for line in text.split(|&c| c == '\n').filter(|line| !line.iter().all(|&c| is_space(c))) {
        let mut at = 0;
        while at < line.len() {
            let length = match multi_char_mark(line, at) {
                Some(length) => length,
                None if line[at].is_whitespace() => 0,
                None if NO_START.contains(line[at]) => 1,
                None => (1..).find(|length| ends_word(line, at + length)).expect("a word ends at the end of the line"),
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
        Some(&c) => c.is_whitespace() || ENDS.contains(c) || multi_char_mark(line, at).is_some(),
        None => true,
    };
    ends(at) || (line[at] == ',' && ends(at + 1))
}

/// Whether a sentence ends before the last word.
fn has_boundary(text: &[char], parameters: &Parameters) -> bool {
    let mut words = words(text, parameters);
    for at in 1..words.len() {
        let (before, after) = words.split_at_mut(at);
        if let (Some(word), [next, ..]) = (before.last_mut(), after) {
            use_context(word, next, parameters);
        }
    }
    words.iter().rev().skip(1).any(|word| word.ends)
}

/// Corrects the annotation of a word with a period, depending on the next word.
fn use_context(word: &mut Word, next: &Word, parameters: &Parameters) {
    if word.text.last() != Some(&'.') {
        return;
    }
    let (kind, following) = (word.kind_without_period(), next.kind_in_sentence());
    if parameters.is_collocation(kind, following) {
        word.ends = false;
        return;
    }
    let initial = word.is_initial();
    let starts = starts_sentence(next, parameters);
    let is_starter = next.starts_upper() && parameters.is_starter(following);
    if (word.abbreviation || word.ellipsis) && !initial && (starts == Some(true) || is_starter) {
        word.ends = true;
        return;
    }
    let is_name = initial && starts.is_none() && next.starts_upper() && !parameters.orthography(following).lower();
    if ((initial || kind == "##number##") && starts == Some(false)) || is_name {
        word.ends = false;
    }
}

/// Whether a word starts a sentence, from its orthographic context. `None` if the context does not decide.
fn starts_sentence(word: &Word, parameters: &Parameters) -> Option<bool> {
    if matches!(word.text[..], [';' | ':' | ',' | '.' | '!' | '?']) {
        return Some(false);
    }
    let context = parameters.orthography(word.kind_in_sentence());
    if word.starts_upper() && context.lower() && !context.inside_upper() {
        return Some(true);
    }
    let continues = word.text[0].is_lowercase() && (context.upper() || !context.first_lower());
    continues.then_some(false)
}
