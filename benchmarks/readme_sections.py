"""Which sections of READMEs say what a project is or why: methods compared on coded sections.

    python benchmarks/readme_sections.py --data DIR [--out results.json] [--write]

``DIR`` holds ``readmes.jsonl.gz`` (file, text) and ``sections.csv.gz`` (url, heading and the codes
that at least two coders gave) of Prana et al., "Categorizing the Content of GitHub README Files"
(doi 10.1007/s10664-018-9660-3). Folds are by repository; thresholds are chosen inside the training
folds. ``--write`` trains the shipped model on all of them and writes
``embeddings/text/sections.json``: coefficients over features, nothing of the texts.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from artifacts.files import write_text
from embeddings.text.readme import ReadmeSection, parse_readme
from embeddings.text.sections import (
    WEIGHTS_FILE,
    SectionModel,
    heading_groups,
    section_features,
    squeeze,
)

SEED, N_FOLDS, N_INNER_FOLDS, STRENGTH = 0, 5, 4, 0.02
CODES = "Codes with >= 2 votes"
WHAT, WHY = "1", "2"
Scorer = Callable[["Coded", np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Coded:
    """The coded sections: features, headings, answers, and the repository of each."""

    features: np.ndarray
    names: list[str]
    headings: np.ndarray
    answers: np.ndarray
    repositories: np.ndarray
    n_matched: int
    n_uncoded: int


def load(folder: Path) -> Coded:
    """Read the coded sections and match each with the section of that heading in our parse."""
    with gzip.open(folder / "readmes.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = {row["file"]: row["text"] for row in map(json.loads, lines)}
    with gzip.open(folder / "sections.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_file: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_file.setdefault(".".join(row["url"].split("/")[-2:]) + ".md", []).append(row)
    features, headings, answers, repositories, matched = [], [], [], [], 0
    names: list[str] = []
    for number, (file_name, coded) in enumerate(by_file.items()):
        name = file_name.removesuffix(".md").split(".", 1)[1]
        found, coded_headings, hits = match(texts[file_name], name, coded)
        for row, values, heading, hit in zip(coded, found, coded_headings, hits, strict=True):
            if row[CODES] == "-":
                continue
            names = names or list(values)
            matched += hit
            features.append(list(values.values()))
            headings.append(heading)
            answers.append(WHAT in row[CODES] or WHY in row[CODES])
            repositories.append(number)
    return Coded(
        np.array(features),
        names,
        np.array(headings),
        np.array(answers),
        np.array(repositories),
        matched,
        len(rows) - len(answers),
    )


def match(
    text: str, name: str, coded: list[dict[str, str]]
) -> tuple[list[dict[str, float]], list[str], list[bool]]:
    """Return features, heading and whether it was found, for each coded heading of one README.

    Headings are aligned in order by their letters and digits. One that is not found (most are
    comments in code) keeps the features of its heading alone.
    """
    sections = parse_readme(text).sections
    headed = [section for section in sections if section.level]
    headings = [_heading(row["heading"]) for row in coded]
    alignment = difflib.SequenceMatcher(
        None,
        [squeeze(heading.heading) for heading in headings],
        [squeeze(section.heading) for section in headed],
        autojunk=False,
    )
    places = {
        block.a + step: headed[block.b + step].position
        for block in alignment.get_matching_blocks()
        for step in range(block.size)
    }
    known = section_features(sections, name)
    found = [
        known[places[i]] if i in places else _heading_only(heading, name)
        for i, heading in enumerate(headings)
    ]
    return (
        found,
        [heading.heading for heading in headings],
        [i in places for i in range(len(coded))],
    )


def _heading(line: str) -> ReadmeSection:
    headed = [section for section in parse_readme(line).sections if section.level]
    return headed[0] if headed else ReadmeSection(line.lstrip("# "), level=1, position=0)


def _heading_only(heading: ReadmeSection, name: str) -> dict[str, float]:
    row = section_features([heading], name)[0]
    return {key: value if key.startswith("heading_") else 0.0 for key, value in row.items()}


def headings_tfidf(data: Coded, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Score by TF-IDF of the heading's words and logistic regression."""
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    return _logistic(vectors.fit_transform(data.headings[train]), data.answers[train], 10.0)(
        vectors.transform(data.headings[test])
    )


def headings_tfidf_characters(data: Coded, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Score by TF-IDF of the heading's character n-grams and logistic regression."""
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return _logistic(vectors.fit_transform(data.headings[train]), data.answers[train], 10.0)(
        vectors.transform(data.headings[test])
    )


def heading_rules(data: Coded, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Score 1 where the heading speaks of about, why or features."""
    groups = [heading_groups(heading) for heading in data.headings[test]]
    return np.array([max(g["about"], g["why"], g["features"]) for g in groups])


def rules_and_first(data: Coded, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Score 1 where the heading rules say so or the section is the README's first."""
    first = data.features[test, data.names.index("place_first")]
    return np.asarray(np.maximum(first, heading_rules(data, train, test)))


def features_logistic(data: Coded, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Score by logistic regression on the engineered features (what is shipped)."""
    scaler = StandardScaler().fit(data.features[train])
    return _logistic(scaler.transform(data.features[train]), data.answers[train], STRENGTH)(
        scaler.transform(data.features[test])
    )


def features_and_tfidf(data: Coded, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Score by logistic regression on the features joined with TF-IDF of the heading."""
    scaler = StandardScaler().fit(data.features[train])
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    vectors.fit(data.headings[train])
    both = [
        sp.hstack(
            [scaler.transform(data.features[rows]), 3 * vectors.transform(data.headings[rows])]
        ).tocsr()
        for rows in (train, test)
    ]
    return _logistic(both[0], data.answers[train], STRENGTH)(both[1])


def features_boosting(data: Coded, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Score by gradient-boosted trees on the features: how much a linear model leaves out."""
    trees = HistGradientBoostingClassifier(
        max_depth=4, learning_rate=0.08, max_iter=100, random_state=SEED
    )
    trees.fit(data.features[train], data.answers[train])
    return np.asarray(trees.predict_proba(data.features[test])[:, 1])


METHODS: dict[str, Scorer] = {
    "headings: TF-IDF words (baseline)": headings_tfidf,
    "headings: TF-IDF characters": headings_tfidf_characters,
    "headings: rules": heading_rules,
    "heading rules or first section": rules_and_first,
    "features: logistic regression": features_logistic,
    "features + heading TF-IDF": features_and_tfidf,
    "features: gradient boosting": features_boosting,
}


def _logistic(x: Any, y: np.ndarray, strength: float) -> Callable[[Any], np.ndarray]:
    model = LogisticRegression(C=strength, max_iter=3000).fit(x, y)
    return lambda rows: np.asarray(model.predict_proba(rows)[:, 1])


def folds_of(data: Coded) -> np.ndarray:
    """Return the fold of each section: whole repositories, dealt out by a seeded shuffle."""
    n_repositories = int(data.repositories.max()) + 1
    order = np.random.default_rng(SEED).permutation(n_repositories)
    return np.asarray(order[data.repositories] % N_FOLDS)


def best_threshold(scores: np.ndarray, answers: np.ndarray) -> float:
    """Return the score, rounded down to a thousandth, from which F1 is highest."""
    candidates = np.unique(np.floor(scores * 1000) / 1000)
    return float(max(candidates, key=lambda t: figures(scores >= t, answers)["f1"]))


def inner_scores(method: Scorer, data: Coded, train: np.ndarray) -> np.ndarray:
    """Return held-out scores of the training sections, by folds of repositories."""
    scores = np.zeros(len(train))
    inner = GroupKFold(N_INNER_FOLDS).split(train, groups=data.repositories[train])
    for fit, held in inner:
        scores[held] = method(data, train[fit], train[held])
    return scores


def figures(said: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    """Return precision, recall and F1 of what was said against the answers."""
    hits = float((said & answers).sum())
    return {
        "precision": hits / max(1.0, float(said.sum())),
        "recall": hits / max(1.0, float(answers.sum())),
        "f1": 2 * hits / max(1.0, float(said.sum() + answers.sum())),
    }


def evaluate(method: Scorer, data: Coded, folds: np.ndarray) -> dict[str, dict[str, float]]:
    """Return the figures of one method: mean over folds, and all folds pooled."""
    said = np.zeros(len(data.answers), dtype=bool)
    each = []
    for fold in range(N_FOLDS):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        threshold = best_threshold(inner_scores(method, data, train), data.answers[train])
        said[test] = method(data, train, test) >= threshold
        each.append(figures(said[test], data.answers[test]))
    mean = {key: float(np.mean([fold[key] for fold in each])) for key in each[0]}
    return {"mean": mean, "pooled": figures(said, data.answers)}


def train_model(data: Coded, results: dict[str, Any]) -> SectionModel:
    """Fit the shipped model on all coded sections; scaling is folded into the weights."""
    everything = np.arange(len(data.answers))
    threshold = best_threshold(inner_scores(features_logistic, data, everything), data.answers)
    scaler = StandardScaler().fit(data.features)
    model = LogisticRegression(C=STRENGTH, max_iter=3000)
    model.fit(scaler.transform(data.features), data.answers)
    weights = model.coef_[0] / scaler.scale_
    return SectionModel(
        target="the section says what the project is, or why one would want it",
        weights={n: round(float(w), 5) for n, w in zip(data.names, weights, strict=True)},
        intercept=round(float(model.intercept_[0] - (weights * scaler.mean_).sum()), 5),
        threshold=threshold,
        training={
            "data": "README sections coded by Prana et al. 2018, doi 10.1007/s10664-018-9660-3",
            "method": f"logistic regression, L2, C={STRENGTH}, standardised features",
            "made_by": "python benchmarks/readme_sections.py --data DIR --write",
            "n_sections": len(data.answers),
            "n_positive": int(data.answers.sum()),
            "cross_validated": {
                scope: {key: round(value, 3) for key, value in found.items()}
                for scope, found in results["features: logistic regression"].items()
            },
        },
    )


def main() -> None:
    """Evaluate every method, print the table, and write what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the coded sections")
    parser.add_argument("--out", type=Path, help="where to write the results as JSON")
    parser.add_argument("--write", action="store_true", help="train and write sections.json")
    options = parser.parse_args()
    data = load(options.data)
    n = len(data.answers)
    print(
        f"{n} coded sections of {len(set(data.repositories))} READMEs ({data.n_uncoded} not coded "
        f"left out), {data.answers.mean():.1%} say what or why; "
        f"{data.n_matched} ({data.n_matched / n:.1%}) matched in our parse"
    )
    folds = folds_of(data)
    results = {}
    print(
        f"{'mean over folds, pooled':36} {'P':>6} {'R':>6} {'F1':>6}   {'P':>6} {'R':>6} {'F1':>6}"
    )
    for name, method in METHODS.items():
        results[name] = evaluate(method, data, folds)
        cells = [
            " ".join(f"{v:6.3f}" for v in results[name][s].values()) for s in ("mean", "pooled")
        ]
        print(f"{name:36} {'   '.join(cells)}", flush=True)
    if options.out:
        facts = {"n_sections": n, "n_matched": data.n_matched, "methods": results}
        write_text(options.out, json.dumps(facts, indent=2) + "\n")
    if options.write:
        model = train_model(data, results)
        write_text(WEIGHTS_FILE, model.model_dump_json(indent=1) + "\n")
        print(f"wrote {WEIGHTS_FILE}")


if __name__ == "__main__":
    main()
