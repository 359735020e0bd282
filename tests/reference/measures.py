"""Prints reference values of SSIM and TF-IDF as JSON; with --out FILE it also writes them there.

    python tests/reference/measures.py --out tests/reference/measures.json

Images are defined by formulas and captions are listed below, so that tests in other languages need no
files.
"""

import argparse
import json
import platform
import re
from pathlib import Path

import numpy as np
import skimage
import sklearn
from skimage.metrics import structural_similarity
from sklearn.feature_extraction.text import TfidfVectorizer

SIDES = [32, 64]

CAPTIONS = [
    "This flower has five white petals and a yellow center.",
    "The petals are long, thin and bright yellow.",
    "A purple flower with purple-veined petals, dark at the center",
    "this flower is pink and white in color, with wavy petals",
    "it has 5 round petals around a green pistil",
]
"""Captions with repeated words, capitals, a hyphen, a digit, and words of one letter."""


def image_a(side: int) -> np.ndarray:
    """`[y, x, channel]` → ((7x + 13y + 29c) mod 64) / 63, in [0, 1]."""
    y, x, c = np.indices((side, side, 3))
    return ((x * 7 + y * 13 + c * 29) % 64) / 63


def image_b(side: int) -> np.ndarray:
    """`[y, x, channel]` → ((5x + 11y + 17c + 9) mod 64) / 63, in [0, 1]."""
    y, x, c = np.indices((side, side, 3))
    return ((x * 5 + y * 11 + c * 17 + 9) % 64) / 63


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Wang et al. 2004: an 11×11 Gaussian window (σ 1.5), K1 0.01, K2 0.03, biased covariance.

    The mean over the channels and over all positions at which the window is inside the image, which
    excludes 5 pixels at each edge.
    """
    return float(
        structural_similarity(
            first,
            second,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1.0,
            channel_axis=2,
        )
    )


def ssim_values() -> list[dict]:
    values = []
    for side in SIDES:
        a, b = image_a(side), image_b(side)
        values.append({"side": side, "first": "A", "second": "B", "ssim": ssim(a, b)})
        faded = a * 0.5 + 0.25
        values.append({"side": side, "first": "A", "second": "A*0.5+0.25", "ssim": ssim(a, faded)})
    return values


def tfidf_values() -> dict:
    """Term counts × (ln((1 + n) / (1 + df)) + 1), each row divided by its Euclidean length.

    Captions are in lower case; a term is a sequence of a–z and 0–9; columns are in the order of the vocabulary.
    """
    vectorizer = TfidfVectorizer(smooth_idf=True, norm="l2", token_pattern=r"[a-z0-9]+")
    matrix = vectorizer.fit_transform(CAPTIONS).toarray()
    vocabulary = vectorizer.get_feature_names_out().tolist()
    assert vocabulary == sorted(vocabulary)
    return {
        "captions": CAPTIONS,
        "vocabulary": vocabulary,
        "idf": vectorizer.idf_.tolist(),
        "matrix": matrix.tolist(),
    }


def pretty(value: dict) -> str:
    """Indented JSON, with lists of numbers or strings on one line."""
    text = json.dumps(value, indent=2)
    return re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda match: f"[{' '.join(match[1].split())}]", text)


def main() -> None:
    parser = argparse.ArgumentParser(description="Prints reference values of SSIM and TF-IDF.")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write them to FILE")
    args = parser.parse_args()

    text = pretty(
        {
            "made_with": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "scikit-image": skimage.__version__,
                "scikit-learn": sklearn.__version__,
            },
            "ssim": ssim_values(),
            "tfidf": tfidf_values(),
        }
    )
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
