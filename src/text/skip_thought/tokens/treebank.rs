//! Word splitting by the rules of the Penn Treebank (<ftp://ftp.cis.upenn.edu/pub/treebank/public_html/tokenization.html>), as
//! NLTK 3.10's `NLTKWordTokenizer` extends them: each rule goes once over the text of a sentence and sets spaces, and
//! what they part are the words.

use super::characters::{is_border, is_digit, is_space, is_word, spaces};

/// Endings that stay with their apostrophe at a word's start.
const AFTER_APOSTROPHE: [&str; 8] = ["re", "ve", "ll", "m", "t", "s", "d", "n"];
/// Words of two parts, which need a border on either side.
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

/// The words of a sentence; opening double quotes become ` `` `, closing ones `''`.
pub fn words(sentence: &str) -> Vec<String> {
    split(&sentence.chars().collect::<Vec<_>>())
}

pub(super) fn split(sentence: &[char]) -> Vec<String> {
    let text = closing_quotes(&punctuation(&opening_quotes(sentence)));
    let text: String = contractions(&text).into_iter().collect();
    text.split(is_space).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Goes over the text once: where `rule` finds something, it writes what stands there then and says how much it took.
fn rewrite(text: &[char], mut rule: impl FnMut(usize, &mut Vec<char>) -> Option<usize>) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 4);
    let mut at = 0;
    while at < text.len() {
        match rule(at, &mut out) {
            Some(taken) => at += taken,
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

/// Writes parts with spaces around and between them.
fn spaced(out: &mut Vec<char>, parts: &[&[char]]) {
    out.push(' ');
    for part in parts {
        out.extend_from_slice(part);
        out.push(' ');
    }
}

/// Sets apart every run that `length` measures from a place on.
fn apart(text: &[char], length: impl Fn(&[char]) -> usize) -> Vec<char> {
    rewrite(text, |at, out| {
        let taken = length(&text[at..]);
        (taken > 0).then(|| {
            spaced(out, &[&text[at..at + taken]]);
            taken
        })
    })
}

/// Sets apart each of some characters.
fn each_apart(text: &[char], marks: &str) -> Vec<char> {
    apart(text, |rest| marks.contains(rest[0]).into())
}

fn begins(text: &[char], with: &str) -> bool {
    let mut text = text.iter();
    with.chars().all(|c| text.next() == Some(&c))
}

/// As Python's `re.IGNORECASE` compares with a letter of ASCII: ı and İ are an i, ſ is an s.
fn begins_in_any_case(text: &[char], with: &str) -> bool {
    let plain = |c: char| match c {
        'ı' => 'i',
        'ſ' => 's',
        c => c.to_lowercase().next().unwrap_or(c),
    };
    let mut text = text.iter();
    with.chars().all(|c| text.next().is_some_and(|&other| plain(other) == c))
}

fn run(text: &[char], mark: char) -> usize {
    text.iter().take_while(|&&c| c == mark).count()
}

fn opening_quotes(text: &[char]) -> Vec<char> {
    let backticks = |rest: &[char]| run(rest, '`');
    let mut text = apart(text, |rest| if "«“‘„".contains(rest[0]) { 1 } else { backticks(rest) });
    if text.first() == Some(&'"') {
        text.splice(..1, ['`', '`']);
    }
    let text = apart(&text, |rest| if backticks(rest) > 1 { 2 } else { 0 });
    let text = rewrite(&text, |at, out| {
        let quote = [("\"", 2), ("''", 3)].into_iter().find(|(quote, _)| begins(&text[at + 1..], quote));
        let (_, taken) = quote.filter(|_| " ([{<".contains(text[at]))?;
        out.extend([text[at], ' ', '`', '`', ' ']);
        Some(taken)
    });
    rewrite(&text, |at, out| {
        let rest = &text[at + 1..];
        let ending = |with: &str| begins_in_any_case(rest, with) && is_border(rest, with.len());
        let opens = text[at] == '\''
            && !at.checked_sub(1).is_some_and(|before| is_word(text[before]))
            && rest.first().is_some_and(|&c| is_word(c))
            && !AFTER_APOSTROPHE.iter().any(|with| ending(with));
        opens.then(|| {
            out.extend(['\'', ' ']);
            1
        })
    })
}

/// How many of `marks` follow `at`, if nothing but spaces stands behind them, and a lone period before.
fn final_period(text: &[char], at: usize, marks: &str) -> Option<usize> {
    let behind = at + 2;
    if text[at] == '.' || text.get(at + 1) != Some(&'.') {
        return None;
    }
    let closing = text[behind..].iter().take_while(|c| marks.contains(**c)).count();
    (behind + closing + spaces(text, behind + closing) == text.len()).then_some(closing)
}

fn punctuation(text: &[char]) -> Vec<char> {
    let text = rewrite(text, |at, out| {
        let closing = final_period(text, at, "])}>\"'»”’ ")?;
        out.push(text[at]);
        spaced(out, &[&['.'], &text[at + 2..at + 2 + closing]]);
        Some(text.len() - at)
    });
    let text = rewrite(&text, |at, out| {
        let next = *text.get(at + 1)?;
        (":,".contains(text[at]) && !is_digit(next)).then(|| {
            out.extend([' ', text[at], ' ', next]);
            2
        })
    });
    let length = text.len();
    let text = rewrite(&text, |at, out| {
        let last = at + 1 == length || text[at + 1..] == ['\n'];
        (last && ":,".contains(text[at])).then(|| {
            spaced(out, &[&text[at..at + 1]]);
            1
        })
    });
    let text = apart(&text, |rest| Some(run(rest, '.')).filter(|&dots| dots > 1).unwrap_or(0));
    let text = each_apart(&text, ";@#$%&");
    let text = each_apart(&text, "\u{2012}\u{2013}\u{2014}\u{2015}");
    let text = rewrite(&text, |at, out| {
        let closing = final_period(&text, at, "])}>\"'")?;
        out.extend([text[at], ' ', '.']);
        out.extend_from_slice(&text[at + 2..at + 2 + closing]);
        out.push(' ');
        Some(text.len() - at)
    });
    let text = each_apart(&text, "?!");
    let text = rewrite(&text, |at, out| {
        (text[at] != '\'' && text[at + 1..].starts_with(&['\'', ' '])).then(|| {
            out.extend([text[at], ' ', '\'', ' ']);
            3
        })
    });
    let text = each_apart(&text, "*");
    let text = each_apart(&text, "][(){}<>");
    apart(&text, |rest| if begins(rest, "--") { 2 } else { 0 })
}

fn closing_quotes(text: &[char]) -> Vec<char> {
    let mut padded = vec![' '];
    padded.extend_from_slice(text);
    padded.push(' ');
    let text = each_apart(&padded, "»”’");
    let text = apart(&text, |rest| if begins(rest, "''") { 2 } else { 0 });
    let text = rewrite(&text, |at, out| {
        (text[at] == '"').then(|| {
            spaced(out, &[&['\'', '\'']]);
            1
        })
    });
    let text = rewrite(&text, |at, out| {
        let taken = spaces(&text, at);
        (taken > 0).then(|| {
            out.push(' ');
            taken
        })
    });
    let text = endings(&text, &SHORT_ENDINGS);
    endings(&text, &LONG_ENDINGS)
}

/// Sets apart endings with an apostrophe, where a space follows.
fn endings(text: &[char], endings: &[&str]) -> Vec<char> {
    rewrite(text, |at, out| {
        if "' ".contains(text[at]) {
            return None;
        }
        let rest = &text[at + 1..];
        let fits = |ending: &&&str| begins(rest, ending) && rest.get(ending.len()) == Some(&' ');
        let length = endings.iter().find(fits)?.len();
        out.push(text[at]);
        spaced(out, &[&rest[..length]]);
        Some(length + 2)
    })
}

fn contractions(text: &[char]) -> Vec<char> {
    let mut text = text.to_vec();
    for (first, second) in TWO_PARTS {
        text = rewrite(&text, |at, out| {
            let (middle, end) = (at + first.len(), at + first.len() + second.len());
            let fits = is_border(&text, at)
                && begins_in_any_case(&text[at..], first)
                && begins_in_any_case(&text[middle..], second)
                && match first {
                    "wan" => text.get(end).is_some_and(|&c| is_space(c)),
                    _ => is_border(&text, end),
                };
            fits.then(|| {
                spaced(out, &[&text[at..middle], &text[middle..end]]);
                end - at
            })
        });
    }
    for verb in ["is", "was"] {
        text = rewrite(&text, |at, out| {
            let rest = &text[at + 1..];
            let end = 2 + verb.len();
            let fits = text[at] == ' '
                && begins_in_any_case(rest, "'t")
                && begins_in_any_case(&rest[2..], verb)
                && is_border(rest, end);
            fits.then(|| {
                spaced(out, &[&rest[..2], &rest[2..end]]);
                1 + end
            })
        });
    }
    text
}
