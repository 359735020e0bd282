//! Word splitting by the rules of the Penn Treebank
//! (<ftp://ftp.cis.upenn.edu/pub/treebank/public_html/tokenization.html>), as extended by `NLTKWordTokenizer` of NLTK
//! 3.10. Each rule inserts spaces into the text of a sentence; the words are the parts between the spaces.

use super::characters::{is_digit, is_space, is_word, is_word_boundary, spaces};

/// Contractions that are not split after an apostrophe at the start of a word.
const AFTER_APOSTROPHE: [&str; 8] = ["re", "ve", "ll", "m", "t", "s", "d", "n"];
/// Contractions that are split into two parts. A word boundary is required on both sides.
const TWO_PARTS: [(&str, &str); 8] = [
    ("can", "not"),
    ("d", "'ye"),
    ("gim", "me"),
    ("gon", "na"),
    ("got", "ta"),
    ("lem", "me"),
    ("more", "'n"),
    ("wan", "na"),
];
const SHORT_ENDINGS: [&str; 7] = ["'s", "'S", "'m", "'M", "'d", "'D", "'"];
const LONG_ENDINGS: [&str; 8] = ["'ll", "'LL", "'re", "'RE", "'ve", "'VE", "n't", "N'T"];

/// The words of a sentence. Opening double quotes become ` `` `, closing ones `''`.
pub fn words(sentence: &str) -> Vec<String> {
    split(&sentence.chars().collect::<Vec<_>>())
}

pub(super) fn split(sentence: &[char]) -> Vec<String> {
    let text = closing_quotes(&punctuation(&opening_quotes(sentence)));
    let text: String = contractions(&text).into_iter().collect();
    text.split(is_space).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Applies a rule at each position. If the rule matches, it writes the replacement and returns the length of the match.
fn substitute(text: &[char], mut rule: impl FnMut(usize, &mut Vec<char>) -> Option<usize>) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 4);
    let mut at = 0;
    while at < text.len() {
        match rule(at, &mut out) {
            Some(length) => at += length,
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

/// Writes parts with spaces around them and between them.
fn push_padded(out: &mut Vec<char>, parts: &[&[char]]) {
    out.push(' ');
    for part in parts {
        out.extend_from_slice(part);
        out.push(' ');
    }
}

/// Puts spaces around each match. `length` returns the length of a match at the start of the text, or 0.
fn pad(text: &[char], length: impl Fn(&[char]) -> usize) -> Vec<char> {
    substitute(text, |at, out| {
        let length = length(&text[at..]);
        (length > 0).then(|| {
            push_padded(out, &[&text[at..at + length]]);
            length
        })
    })
}

/// Puts spaces around each of the characters `marks`.
fn pad_each(text: &[char], marks: &str) -> Vec<char> {
    pad(text, |rest| marks.contains(rest[0]).into())
}

fn starts_with(text: &[char], prefix: &str) -> bool {
    let mut text = text.iter();
    prefix.chars().all(|c| text.next() == Some(&c))
}

/// Compares as `re.IGNORECASE` of Python does with ASCII letters: ı and İ equal i, ſ equals s.
fn starts_with_ignore_case(text: &[char], prefix: &str) -> bool {
    let folded = |c: char| match c {
        'ı' => 'i',
        'ſ' => 's',
        c => c.to_lowercase().next().unwrap_or(c),
    };
    let mut text = text.iter();
    prefix.chars().all(|c| text.next().is_some_and(|&other| folded(other) == c))
}

fn run(text: &[char], mark: char) -> usize {
    text.iter().take_while(|&&c| c == mark).count()
}

fn opening_quotes(text: &[char]) -> Vec<char> {
    let backticks = |rest: &[char]| run(rest, '`');
    let mut text = pad(text, |rest| if "«“‘„".contains(rest[0]) { 1 } else { backticks(rest) });
    if text.first() == Some(&'"') {
        text.splice(..1, ['`', '`']);
    }
    let text = pad(&text, |rest| if backticks(rest) > 1 { 2 } else { 0 });
    let text = substitute(&text, |at, out| {
        let quote = [("\"", 2), ("''", 3)].into_iter().find(|(quote, _)| starts_with(&text[at + 1..], quote));
        let (_, length) = quote.filter(|_| " ([{<".contains(text[at]))?;
        out.extend([text[at], ' ', '`', '`', ' ']);
        Some(length)
    });
    substitute(&text, |at, out| {
        let rest = &text[at + 1..];
        let is_ending = |ending: &str| starts_with_ignore_case(rest, ending) && is_word_boundary(rest, ending.len());
        let opens = text[at] == '\''
            && !at.checked_sub(1).is_some_and(|before| is_word(text[before]))
            && rest.first().is_some_and(|&c| is_word(c))
            && !AFTER_APOSTROPHE.iter().any(|ending| is_ending(ending));
        opens.then(|| {
            out.extend(['\'', ' ']);
            1
        })
    })
}

/// The number of closing `marks` after a single period at `at + 1`, if only spaces follow them.
fn final_period(text: &[char], at: usize, marks: &str) -> Option<usize> {
    let start = at + 2;
    if text[at] == '.' || text.get(at + 1) != Some(&'.') {
        return None;
    }
    let closing = text[start..].iter().take_while(|c| marks.contains(**c)).count();
    (start + closing + spaces(text, start + closing) == text.len()).then_some(closing)
}

fn punctuation(text: &[char]) -> Vec<char> {
    let text = substitute(text, |at, out| {
        let closing = final_period(text, at, "])}>\"'»”’ ")?;
        out.push(text[at]);
        push_padded(out, &[&['.'], &text[at + 2..at + 2 + closing]]);
        Some(text.len() - at)
    });
    let text = substitute(&text, |at, out| {
        let next = *text.get(at + 1)?;
        (":,".contains(text[at]) && !is_digit(next)).then(|| {
            out.extend([' ', text[at], ' ', next]);
            2
        })
    });
    let length = text.len();
    let text = substitute(&text, |at, out| {
        let last = at + 1 == length || text[at + 1..] == ['\n'];
        (last && ":,".contains(text[at])).then(|| {
            push_padded(out, &[&text[at..at + 1]]);
            1
        })
    });
    let text = pad(&text, |rest| Some(run(rest, '.')).filter(|&dots| dots > 1).unwrap_or(0));
    let text = pad_each(&text, ";@#$%&");
    let text = pad_each(&text, "\u{2012}\u{2013}\u{2014}\u{2015}");
    let text = substitute(&text, |at, out| {
        let closing = final_period(&text, at, "])}>\"'")?;
        out.extend([text[at], ' ', '.']);
        out.extend_from_slice(&text[at + 2..at + 2 + closing]);
        out.push(' ');
        Some(text.len() - at)
    });
    let text = pad_each(&text, "?!");
    let text = substitute(&text, |at, out| {
        (text[at] != '\'' && text[at + 1..].starts_with(&['\'', ' '])).then(|| {
            out.extend([text[at], ' ', '\'', ' ']);
            3
        })
    });
    let text = pad_each(&text, "*");
    let text = pad_each(&text, "][(){}<>");
    pad(&text, |rest| if starts_with(rest, "--") { 2 } else { 0 })
}

fn closing_quotes(text: &[char]) -> Vec<char> {
    let mut padded = vec![' '];
    padded.extend_from_slice(text);
    padded.push(' ');
    let text = pad_each(&padded, "»”’");
    let text = pad(&text, |rest| if starts_with(rest, "''") { 2 } else { 0 });
    let text = substitute(&text, |at, out| {
        (text[at] == '"').then(|| {
            push_padded(out, &[&['\'', '\'']]);
            1
        })
    });
    let text = substitute(&text, |at, out| {
        let length = spaces(&text, at);
        (length > 0).then(|| {
            out.push(' ');
            length
        })
    });
    let text = endings(&text, &SHORT_ENDINGS);
    endings(&text, &LONG_ENDINGS)
}

/// Puts spaces around endings with an apostrophe that are followed by a space.
fn endings(text: &[char], endings: &[&str]) -> Vec<char> {
    substitute(text, |at, out| {
        if "' ".contains(text[at]) {
            return None;
        }
        let rest = &text[at + 1..];
        let fits = |ending: &&&str| starts_with(rest, ending) && rest.get(ending.len()) == Some(&' ');
        let length = endings.iter().find(fits)?.len();
        out.push(text[at]);
        push_padded(out, &[&rest[..length]]);
        Some(length + 2)
    })
}

fn contractions(text: &[char]) -> Vec<char> {
    let mut text = text.to_vec();
    for (first, second) in TWO_PARTS {
        text = substitute(&text, |at, out| {
            let (middle, end) = (at + first.len(), at + first.len() + second.len());
            let fits = is_word_boundary(&text, at)
                && starts_with_ignore_case(&text[at..], first)
                && starts_with_ignore_case(&text[middle..], second)
                && match first {
                    "wan" => text.get(end).is_some_and(|&c| is_space(c)),
                    _ => is_word_boundary(&text, end),
                };
            fits.then(|| {
                push_padded(out, &[&text[at..middle], &text[middle..end]]);
                end - at
            })
        });
    }
    for verb in ["is", "was"] {
        text = substitute(&text, |at, out| {
            let rest = &text[at + 1..];
            let end = 2 + verb.len();
            let fits = text[at] == ' '
                && starts_with_ignore_case(rest, "'t")
                && starts_with_ignore_case(&rest[2..], verb)
                && is_word_boundary(rest, end);
            fits.then(|| {
                push_padded(out, &[&rest[..2], &rest[2..end]]);
                1 + end
            })
        });
    }
    text
}
