"""Writes texts and their tokens by NLTK, for the tests of src/text/skip_thought/tokens.

    python tokens.py hard OUT.json           the texts below, stored as tests/reference/tokens.json
    python tokens.py prose OUT.json FILE...  paragraphs of text files, for the test that reads OUT.json from JEM_TEST_TOKENS

Requires nltk (used: 3.10.4). NLTK uses jem's punkt parameters, src/text/skip_thought/tokens/english.txt. Each text is
processed as in `preprocess` of skip-thoughts: punkt, `word_tokenize` of each sentence, and a split at spaces.
"""
import json
import re
import sys
from pathlib import Path

from nltk import tokenize
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

PARAMETERS = Path(__file__).parents[2] / "src/text/skip_thought/tokens/english.txt"

HARD = [
    "", " ", ".", "...", "?!", "\"", "''", "``", "'", "--", "( )", "a", "The flower", "The flower.", " the flower . ",
    "This flower is red. It has five petals! Does it smell? Yes...",
    "Mr. Smith of Smith & Sons, Inc. bought 3.5 kg. He paid $4,500.75 (about 4.100,20 EUR).",
    "The U.S. market fell. In the U.S. The market fell. U.S. firms sell vs. U.K. ones.",
    "J. S. Bach lived in Leipzig. See p. 5. Fig. 3 shows it, cf. no. 7.", "It was 5 p.m. The bees left at 6 a.m. in Dec. 1999.",
    "\"Is it red?\" she asked. \"No,\" he said, \"it's white.\" (It wasn't.) 'Why?' \"'Cause!\"",
    "She said: 'tis pink. 'Twas white; 'twill fade. 'It is', he said. The '90s' best. rock 'n' roll",
    "I can't, won't, shan't; they'll, we're, I've, he'd, she's, I'm, DON'T, THEY'LL, o'clock, y'all've",
    "Cannot gimme gonna Gotta lemme wanna more'n d'ye. I wanna. Do you wanna?", "the dogs' bowls and Jess's, James'",
    "a 1,000 b 1, 2 c:d e: f 12:30 h,i ,j", "ends with a comma,", "ends with a colon:", "ends: \n", "(Sent one.) Sent two. [Sent three.] {x.} <y.>",
    "He left. 'Really?' (Yes.) \"Oh.\" -- said he.-- \"Ah.\"-- she", "wait... what.. no. . . yes. . . . Then", "a--b a---b - -- --- a -b-",
    "a/b 50% #3 x@y.org http://a.b/c?d=e&f=g; *bold* a*b ^_^ ~", "“Curly,” she said. ‘Single’ it’s «deux» „drei“ — a – b ‒ c ― d", "He said “Stop.” Then he left. ‘No.’ Yes.",
    "No. 5 is red. no. Number 5. In 1994. the end. In 1994. The end. 3.14. Then", "e.g. this, i.e. that, etc. And so on. etc. and on", "A. B. C. D. X. then", "One!!! Two??? Three!?! four.", "a.b.c. a.b.c d.", "end.\" Next", "end.) Next", "end.' next", "end.]\" \"Next",
    "line one.\nLine two\nline three. \n\nPara two.", "tab\there.\r\nNext\u00a0word.\u2003Wide", "\u00a0.\u3000x", "naïve café. Über. ærø. Çok güzel! ½ ² ٣,٤ ९", "x ' y ' z '", "'a 'b' c'", "\"a \"b\" c\"", "``a'' ''b`` `c'", "([\"x\"]) (\"y\") <\"z\">", "a .b . c ,d", "a.'' b", "..a ..", "a. .", "Dr.", "Dr. Who?", "Ph.D. students. M.B.A. Students", "-5. -5.2, .5 ,5 5, 5- 1-2. 3.4.5", "it 's the dog 's", "a' b 's' 'll n't", "\x1c a\x1d.\x1e b", "The end .  ", "end.  )  ' ", "(a.) b.", "Mt. St. Helens, Gen. Lee-Jr. and Adm. X.", "well-known adv. then Adv. Then", "word's. 's. s'. Next's",
]


def parameters():
    english = PunktParameters()
    for line in PARAMETERS.read_text(encoding="utf-8").split("\n"):
        kind, *columns = line.split("\t")
        if kind == "abbreviations":
            english.abbrev_types.update(columns)
        elif kind == "starters":
            english.sent_starters.update(columns)
        elif kind == "collocation":
            english.collocations.add(tuple(columns))
        elif kind == "orthography":
            english.ortho_context.update((word, int(columns[0])) for word in columns[1:])
    return english


def tokenised(texts):
    punkt = PunktSentenceTokenizer(parameters())
    tokenize._get_punkt_tokenizer = lambda language="english": punkt
    for text in texts:
        sentences = punkt.tokenize(text)
        words = [tokenize.NLTKWordTokenizer().tokenize(sentence) for sentence in sentences]
        tokens = " ".join(" ".join(tokenize.word_tokenize(sentence)) for sentence in sentences).split()
        yield {"text": text, "sentences": sentences, "words": words, "tokens": tokens}


def paragraphs(path):
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return [part for part in parts if re.search(r"[a-z] [a-z].*[.!?]", part, re.S) and len(part) < 20000]


def main(kind, out, *files):
    texts = HARD if kind == "hard" else [text for path in files for text in paragraphs(path)]
    results = list(tokenised(texts))
    sentences, words = (sum(len(result[key]) for result in results) for key in ("sentences", "tokens"))
    print(len(results), "texts,", sentences, "sentences,", words, "words")
    with open(out, "w", encoding="utf-8") as file:
        lines = (json.dumps(result, ensure_ascii=False) for result in results)
        file.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
