"""Prints reference values of statistics as JSON; with --out FILE it also writes them there.

    pip install scipy lifelines statsmodels rliable
    python tests/reference/stats.py --out tests/reference/stats.json

Values come from SciPy, lifelines, statsmodels and rliable. Bootstrap resamples use the indices of `indices` instead of
these packages' own random numbers, so that another implementation can use the same.
"""

import argparse
import json
import platform
from importlib import metadata
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import arch
import lifelines
import numpy as np
import pandas as pd
import scipy
import statsmodels
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time
from rliable import library, metrics
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

SCORES = [
    [0.31, 0.12, 0.55, 0.47, 0.29, 0.61, 0.38, 0.44],
    [0.72, 0.65, 0.91, 0.58, 0.77, 0.69, 0.83, 0.98],
    [0.05, 0.21, 0.17, 0.33, 0.09, 0.26, 0.41, 0.13],
]
"""Three strata of eight."""

SAMPLES = [
    ([1.1, 2.3, 0.7, 3.9], [2.9, 4.4, 5.2, 3.1, 6.0]),
    ([0.5, 0.1, 0.9, 0.3, 1.7, 1.3, 0.2, 0.8, 1.9, 2.2], [0.4, 1.1, 2.5, 2.1, 0.6, 1.5, 2.8, 3.3, 3.0, 1.8, 2.6, 3.7]),
    ([3.0, 3.0, 1.0, 2.0, 5.0], [3.0, 4.0, 4.0, 6.0, 7.0, 2.0]),
    ([100.0, 120.0, 120.0, 140.0], [120.0, 140.0, 160.0, 160.0]),
    ([2.0, 2.0, 2.0], [2.0, 2.0]),
    ([1.0], [2.0]),
]
"""Two independent samples each: without and with ties; the second for the exact test at sizes above those of SciPy's
automatic choice."""

DIFFERENCES = [
    [0.3, -0.1, 0.4, 0.2, 0.5, 0.6],
    [1.0, 1.0, -1.0, 2.0, 0.0, 3.0, -2.0, 1.0],
    [-0.7, 0.2, -1.3, -0.4, 0.9, -2.1, -0.6, 0.05, -1.1, -0.33],
    [0.1, 0.2, 0.3, -0.3, 0.4, 0.5, -0.2, 0.6, 0.7, -0.1, 0.8, 0.9],
]
"""Paired differences, some with equal sums that differ in the last digits."""

# Epochs of convergence; False is censored.
GROUPS = {
    "mixed": ([5, 10, 10, 15, 20, 20, 25, 30, 40, 40, 45, 50], [1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0]),
    "late": ([15, 25, 30, 30, 35, 45, 50, 50, 50, 50, 50, 50], [1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0]),
    "all": ([3, 8, 8, 13, 21, 34, 55], [1, 1, 1, 1, 1, 1, 1]),
    "few": ([20, 40, 60, 60, 60], [1, 0, 0, 0, 0]),
    "none": ([60, 60, 30], [0, 0, 0]),
}


def indices():
    """SplitMix64 from 0; an index below n is the number modulo n."""
    state = 0
    while True:
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        yield z ^ (z >> 31)


def location():
    cases = [[2.5], [1.0, 4.0], [3.0, 1.0, 2.0], [4.0, 1.0, 7.0, 2.0, 10.0], SCORES[0], SCORES[0] + SCORES[1] + [5.5, -3.0]]
    return [
        {
            "values": values,
            "mean": np.mean(values),
            "sd": np.std(values, ddof=1) if len(values) > 1 else None,
            "median": np.median(values),
            "iqm": metrics.aggregate_iqm(np.array(values)),
        }
        for values in cases
    ]


def distributions():
    df = [1, 2, 3, 4, 5, 7, 9, 15, 30, 120, 1000, 1001, 20000, 999999]
    return {
        "t": [[p, n, stats.t.ppf(p, n)] for n in df for p in (0.6, 0.9, 0.975, 0.995, 0.9999, 0.025)],
        "normal": [[p, stats.norm.ppf(p)] for p in (1e-6, 0.01, 0.3, 0.5, 0.975, 0.9999)],
        "normal_tail": [[z, stats.norm.sf(z)] for z in (-2.0, 0.0, 0.5, 1.96, 6.0, 12.0)],
        "chi_squared_tail": [[x, k, stats.chi2.sf(x, k)] for k in (1, 2, 5) for x in (0.0, 0.01, 1.0, 3.84, 30.0, 150.0)],
    }


REPLICATES = 400


class FixedIndices(library.StratifiedBootstrap):
    """rliable's stratified bootstrap with the indices of `indices`."""

    source = None

    def update_indices(self):
        runs, tasks = self._args_shape
        drawn = [[next(self.source) % runs for _ in range(runs)] for _ in range(tasks)]
        return (np.array(drawn).T, *self._strata_indices)


def resampled(strata, statistic):
    source = indices()
    draw = lambda values: np.array([values[next(source) % len(values)] for _ in values])
    return np.array([statistic(*(draw(np.array(values)) for values in strata)) for _ in range(REPLICATES)])


def bootstrap():
    scores = np.array(SCORES).T
    FixedIndices.source = indices()
    iqm = FixedIndices(scores).conf_int(
        lambda x: np.array([metrics.aggregate_iqm(x)]), method="percentile", reps=REPLICATES, size=0.95
    )
    cases = []
    # Rounded, since SciPy compares with the observed value, and sums in another order differ in the last digits.
    mean = lambda values, axis=-1: np.mean(values, axis=axis).round(12)
    difference = lambda a, b, axis=-1: (np.mean(a, axis=axis) - np.mean(b, axis=axis)).round(12)
    for name, strata, statistic in [
        ("mean", [SCORES[0]], mean),
        ("mean", [DIFFERENCES[2]], mean),
        ("difference", [SCORES[0][:5], SCORES[2]], difference),
    ]:
        earlier = SimpleNamespace(bootstrap_distribution=resampled(strata, statistic))
        found = {}
        for method in ("percentile", "bca"):
            interval = stats.bootstrap(
                strata, statistic, method=method, n_resamples=0, bootstrap_result=earlier, confidence_level=0.9
            ).confidence_interval
            found[method] = [interval.low, interval.high]
        cases.append({"statistic": name, "strata": strata, "level": 0.9, **found})
    np.random.seed(0)
    _, random = library.get_interval_estimates({"scores": scores}, lambda x: np.array([metrics.aggregate_iqm(x)]))
    return {
        "replicates": REPLICATES,
        "strata": SCORES,
        "iqm": metrics.aggregate_iqm(scores),
        "iqm_interval": iqm[:, 0].tolist(),
        "iqm_interval_random": random["scores"][:, 0].tolist(),
        "cases": cases,
    }


def permutation():
    cases = []
    for differences in DIFFERENCES:
        test = stats.permutation_test(
            (differences, np.zeros(len(differences))),
            lambda x, y, axis: np.abs(np.mean(x - y, axis=axis)).round(12),
            permutation_type="samples",
            alternative="greater",
            n_resamples=np.inf,
        )
        cases.append({"differences": differences, "p": test.pvalue})
    return cases


def two_samples():
    cases = []
    for a, b in SAMPLES:
        has_ties = len(set(a + b)) < len(a) + len(b)
        test = stats.mannwhitneyu(a, b, method="asymptotic" if has_ties else "exact")
        case = {"a": a, "b": b, "exact": not has_ties, "u": test.statistic, "p": test.pvalue}
        greater, less = np.greater.outer(a, b).mean(), np.less.outer(a, b).mean()
        case |= {"p_less": less + (1 - greater - less) / 2, "cliffs_delta": greater - less, "hedges_g": None}
        df = len(a) + len(b) - 2
        if min(len(a), len(b)) > 1 and np.ptp(a) > 0:
            pooled = np.sqrt(((len(a) - 1) * np.var(a, ddof=1) + (len(b) - 1) * np.var(b, ddof=1)) / df)
            correction = np.exp(scipy.special.gammaln(df / 2) - scipy.special.gammaln((df - 1) / 2)) / np.sqrt(df / 2)
            case["hedges_g"] = correction * (np.mean(a) - np.mean(b)) / pooled
        cases.append(case)
    # Above 400 pairs the normal distribution is used.
    a, b = [((7 * i) % 23) / 23 for i in range(22)], [((5 * i) % 29) / 29 + 0.2 for i in range(25)]
    test = stats.mannwhitneyu(a, b, method="asymptotic")
    less = np.less.outer(a, b).mean() + np.equal.outer(a, b).mean() / 2
    cases.append({"a": a, "b": b, "exact": False, "u": test.statistic, "p": test.pvalue, "p_less": less})
    return cases


def kaplan_meier():
    cases = []
    for name, (times, observed) in GROUPS.items():
        fitter = KaplanMeierFitter(alpha=0.05).fit(times, observed)
        table, survival = fitter.event_table.loc[lambda rows: rows.index > 0], fitter.survival_function_.iloc[:, 0]
        limits = fitter.confidence_interval_
        # lifelines gives the interval (1, 1) where it is not defined.
        is_defined = (survival > 0) & (survival < 1)
        steps = [
            {
                "time": time,
                "at_risk": int(row["at_risk"]),
                "events": int(row["observed"]),
                "censored": int(row["censored"]),
                "survival": survival[time],
                "interval": limits.loc[time].tolist() if is_defined[time] else None,
            }
            for time, row in table.iterrows()
        ]
        # Without the values where it is not defined, which are not decreasing.
        limits = limits[is_defined]
        reached = lambda value: None if np.isinf(value) else float(value)
        medians = [reached(v) for v in median_survival_times(limits).iloc[0]] if len(limits) else [None, None]
        horizon = max(times)
        means = {str(tau): restricted_mean_survival_time(fitter, t=tau) for tau in (7, 20, 27.5, horizon) if tau <= horizon}
        cases.append(
            {
                "name": name,
                "times": times,
                "observed": observed,
                "steps": steps,
                "median": reached(fitter.median_survival_time_),
                "median_interval": medians,
                "restricted_means": means,
            }
        )
    return cases


def log_rank():
    cases = []
    for a, b in [("mixed", "late"), ("mixed", "all"), ("few", "all"), ("late", "few")]:
        (times_a, observed_a), (times_b, observed_b) = GROUPS[a], GROUPS[b]
        test = logrank_test(times_a, times_b, observed_a, observed_b)
        cases.append({"a": a, "b": b, "chi_squared": test.test_statistic, "p": test.p_value})
    return cases


def restricted_mean():
    """Every arrangement of pairs, with Kaplan-Meier areas by lifelines."""
    cases = []
    for tau, count in ((24, 7), (14, 7), (10, 8)):
        pairs = [((GROUPS["mixed"][0][i], GROUPS["mixed"][1][i]), (GROUPS["late"][0][i], GROUPS["late"][1][i])) for i in range(count)]
        if tau == 14:
            # Censored before the limit.
            pairs[3] = ((9, 0), (12, 1))
        area = lambda group: restricted_mean_survival_time(
            KaplanMeierFitter().fit([t for t, _ in group], [o for _, o in group]), t=tau
        )
        values = []
        for swaps in product((False, True), repeat=count):
            a, b = zip(*((y, x) if swap else (x, y) for (x, y), swap in zip(pairs, swaps)))
            values.append(area(a) - area(b))
        p = np.mean(np.abs(values) >= abs(values[0]) - 1e-9)
        cases.append({"tau": tau, "pairs": pairs, "difference": values[0], "p": p})
    return cases


def cox():
    def fit(frame):
        fitter = CoxPHFitter(alpha=0.05).fit(frame, "time", "observed", fit_options={"precision": 1e-15})
        test, rows = fitter.log_likelihood_ratio_test(), fitter.summary
        return {
            "times": frame["time"].tolist(),
            "observed": frame["observed"].tolist(),
            "covariates": frame.drop(columns=["time", "observed"]).to_numpy().tolist(),
            "log_likelihood": fitter.log_likelihood_,
            "chi_squared": test.test_statistic,
            "p": test.p_value,
            "estimates": rows["coef"].tolist(),
            "standard_errors": rows["se(coef)"].tolist(),
            "low": rows["exp(coef) lower 95%"].tolist(),
            "high": rows["exp(coef) upper 95%"].tolist(),
            "wald_p": rows["p"].tolist(),
        }

    def joined(a, b):
        rows = [(t, o, 1.0) for t, o in zip(*GROUPS[a])] + [(t, o, 0.0) for t, o in zip(*GROUPS[b])]
        return pd.DataFrame(rows, columns=["time", "observed", "group"])

    two = joined("mixed", "late")
    two["size"] = [(11 * i) % 17 / 4.0 + 1000.0 for i in range(len(two))]
    return [fit(joined("mixed", "late")), fit(joined("mixed", "all")), fit(two)]


def holm():
    families = [[0.01, 0.04, 0.03, 0.005], [0.2], [0.02, 0.02, 0.9, 0.4, 0.001]]
    return [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()} for p in families]


def power():
    test = TTestPower()
    cases = [(2, 1.0, 0.05), (5, 0.8, 0.05), (6, 2.0, 0.05 / 3), (10, 0.5, 0.05), (30, -0.4, 0.01), (200, 0.2, 0.05), (1000, 0.1, 0.05), (8, 0.0, 0.05)]
    sizes = [(0.5, 0.05, 0.8), (0.8, 0.01, 0.9), (0.2, 0.05, 0.8), (0.05, 0.05, 0.9)]
    return {
        "power": [[n, d, alpha, test.power(abs(d), n, alpha)] for n, d, alpha in cases],
        "seeds": [[d, alpha, power, int(np.ceil(test.solve_power(d, None, alpha, power)))] for d, alpha, power in sizes],
    }


def plain(value):
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value.item() if isinstance(value, np.generic) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out
    packages = {"numpy": np, "scipy": scipy, "lifelines": lifelines, "statsmodels": statsmodels, "arch": arch}
    versions = {name: package.__version__ for name, package in packages.items()}
    values = {
        "made_with": {"python": platform.python_version(), **versions, "rliable": metadata.version("rliable")},
        "location": location(),
        "distributions": distributions(),
        "bootstrap": bootstrap(),
        "sign_flip": permutation(),
        "two_samples": two_samples(),
        "kaplan_meier": kaplan_meier(),
        "log_rank": log_rank(),
        "restricted_mean": restricted_mean(),
        "cox": cox(),
        "holm": holm(),
        "power": power(),
    }
    # One line for each section: the file is for programs.
    lines = [f"{json.dumps(key)}: {json.dumps(plain(value), allow_nan=False)}" for key, value in values.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    print(text, end="")
    if out:
        out.write_text(text)


if __name__ == "__main__":
    main()
