"""Do the kinds of repositories and issues agree with what people say? κ, macro-F1, confusions.

    python -m benchmarks.kinds --data FOLDER [--out FILE] [--cache FOLDER]

``kinds_data.py`` says whose labels these are, and which of them flatter the classifier: the cue
words were written with kinds-2023 in view, so its cross-validated κ is too high; κ on the test part
of our own labels, which nothing was chosen by, is not. The cue words for issues were written with
the issues in view as well; there, leaving a whole project out is the stricter figure.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.metrics import f1_score

from artifacts.arrays import Doubles, Integers
from artifacts.progress import SilentProgress
from benchmarks.common import arguments, publish, table
from benchmarks.kind_models import (
    ISSUES,
    REPOSITORIES,
    REPOSITORY_THRESHOLD,
    SEED,
    Recipe,
    confusion,
    fit_all,
    folds,
    held_out_2023,
    held_out_issues,
    projects_apart,
)
from benchmarks.kinds_data import WORDS, Issues, Repositories, issues, repositories
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import plan_encoder
from embeddings.settings import VectorSettings
from insights.kinds.kinds import FULL, WITHOUT_VECTORS
from insights.kinds.linear import FEATURES
from insights.kinds.vocabulary import ISSUE_KINDS, KINDS
from taxonomy.guidance.gold import kappa, kappa_figure

REPEATS = 5
NO_FEATURES = {FEATURES: 0.0}
PLAIN = Recipe({**NO_FEATURES, "text": 16.0}, 0.01, True)
PEERS_ISSUES = {
    "vectors of title and prose, logistic regression": Recipe(
        {**NO_FEATURES, "prose": 2.0}, 0.1, False
    ),
    "words (hashed TF-IDF), logistic regression": Recipe({**NO_FEATURES, WORDS: 6.0}, 0.1, False),
    "features alone": Recipe({FEATURES: 0.2}, 0.1, False),
}
PUBLISHED = {"SetFit": 0.824, "RoBERTa": 0.792, "fastText": 0.718}

# What each kind is, in our words: a classifier that is told nothing else.
PROTOTYPES = {
    "tool": (
        "An open-source platform that teams install to deploy, monitor and manage models.",
        "A Python library that tracks experiments, versions data or serves models.",
        "A framework to build and orchestrate machine learning pipelines on Kubernetes.",
    ),
    "integration": (
        "A plugin that connects one tool with another.",
        "A GitHub Action for a machine learning service.",
        "An extension, adapter or wrapper that brings an existing tool to another framework.",
    ),
    "template": (
        "A project template to start a new machine learning project from.",
        "A cookiecutter with the folder structure and best practices for a repository.",
        "Terraform modules and Helm charts to deploy infrastructure.",
    ),
    "learning": (
        "Materials of a course on machine learning operations.",
        "A tutorial or workshop with notebooks and exercises.",
        "Sample notebooks that show how to use a cloud service.",
    ),
    "example-project": (
        "A personal project that predicts something with a model and deploys it.",
        "A demo of an end-to-end pipeline using MLflow, Docker and FastAPI.",
        "Detection of disease, fraud or churn with a trained classifier and a web app.",
    ),
    "list": (
        "A curated list of awesome tools, papers and resources.",
        "A comparison of platforms and products.",
    ),
    "other": (
        "Source of a personal blog or website.",
        "Documentation of a product.",
        "Code and text of a thesis or scientific paper.",
    ),
}


def zero_shot(data: Repositories, cache: Path) -> Doubles:
    """Return for each repository its greatest cosine with what is said of each kind."""
    plan = plan_encoder(VectorSettings())
    found = []
    for kind in KINDS:
        said = list(PROTOTYPES[kind])
        vectors = vectors_of(said, plan, open_cache(cache, plan), progress=SilentProgress())
        found.append((data.inputs.blocks["text"] @ vectors.T.astype(float)).max(axis=1))
    return np.stack(found, axis=1)


def kappas(kinds: Integers, runs: Sequence[Doubles]) -> dict[str, Any]:
    """Return κ: its mean over repetitions, and its interval over documents in the first."""
    values = [kappa(kinds, run.argmax(axis=1)) for run in runs]
    first = kappa_figure(_named(kinds), _named(runs[0].argmax(axis=1)), SEED)
    assert first is not None
    return {
        "kappa": float(np.mean([value for value in values if value is not None])),
        "low": first.low,
        "high": first.high,
    }


def _named(kinds: Integers) -> list[str]:
    return [KINDS[kind] for kind in kinds]


def judge_repositories(data: Repositories, cache: Path) -> dict[str, Any]:
    """Return κ with each coder and on the test part, by method, and the coders' own."""
    like = zero_shot(data, cache)
    figures: dict[str, Any] = {"methods": {}}
    methods = {
        "ours": (REPOSITORIES[FULL], True),
        "ours, without vectors": (REPOSITORIES[WITHOUT_VECTORS], True),
        "ours, learnt from kinds-2023 alone": (REPOSITORIES[FULL], False),
        "plain logistic regression on vectors": (PLAIN, True),
    }
    for name, (recipe, more) in methods.items():
        runs = [held_out_2023(data, recipe, seed=seed, more=more) for seed in range(REPEATS)]
        row = {f"coder {c}": kappas(coded.kinds, runs) for c, coded in _coders(data)}
        if more:
            row["test"] = _unseen(data, fit_all(data, recipe).probabilities(_test_inputs(data)))
        figures["methods"][name] = row
        if name == "ours":
            figures["confusions"] = _confusions(data, runs[0], fit_all(data, recipe))
    shot = {f"coder {c}": kappas(each.kinds, [like[each.rows]]) for c, each in _coders(data)}
    shot["test"] = kappas(data.test.kinds, [like[data.test.rows]])
    figures["methods"]["zero-shot: our words for each kind"] = shot
    coders = kappa_figure(_named(data.coder_a.kinds), _named(data.coder_b.kinds), SEED)
    assert coders is not None
    figures["coders"] = {"kappa": coders.value, "low": coders.low, "high": coders.high}
    return figures


def _coders(data: Repositories) -> list[tuple[str, Any]]:
    return [("A", data.coder_a), ("B", data.coder_b)]


def _test_inputs(data: Repositories) -> dict[str, Any]:
    return data.inputs.at(data.test.rows)


def _unseen(data: Repositories, found: Doubles) -> dict[str, Any]:
    """Return κ on the test part: on all, and on those that are sure enough."""
    kinds, sure = data.test.kinds, found.max(axis=1) >= REPOSITORY_THRESHOLD
    return {
        **kappas(kinds, [found]),
        "unsure": float(1 - sure.mean()),
        "sure": kappas(kinds[sure], [found[sure]]),
        "mean_probability": float(found.max(axis=1).mean()),
        "accuracy": float((found.argmax(axis=1) == kinds).mean()),
    }


def _confusions(data: Repositories, held_out: Doubles, fitted: Any) -> dict[str, Any]:
    unseen = fitted.probabilities(_test_inputs(data))
    both = {f"coder {c}": confusion(each.kinds, held_out) for c, each in _coders(data)}
    return {**both, "test part": confusion(data.test.kinds, unseen)}


def judge_issues(data: Issues) -> dict[str, Any]:
    """Return macro-F1 by folds and with whole projects left out, by method."""
    recipes = {"ours": ISSUES[FULL], "ours, without vectors": ISSUES[WITHOUT_VECTORS]}
    figures = {}
    for name, recipe in {**recipes, **PEERS_ISSUES}.items():
        repeats = range(3 if name == "ours" else 1)
        runs = [held_out_issues(data, recipe, folds(data.kinds, seed)) for seed in repeats]
        apart = held_out_issues(data, recipe, projects_apart(data))
        macro = partial(f1_score, data.kinds, average="macro")
        each = f1_score(data.kinds, runs[0].argmax(axis=1), average=None)
        figures[name] = {
            "macro_f1": float(np.mean([macro(run.argmax(axis=1)) for run in runs])),
            **{kind: float(value) for kind, value in zip(ISSUE_KINDS, each, strict=True)},
            "projects_apart": float(macro(apart.argmax(axis=1))),
        }
        if name == "ours":
            figures[name]["confusion"] = confusion(data.kinds, runs[0]).tolist()
    return figures


def _repository_tables(found: dict[str, Any]) -> list[Table]:
    rows = []
    for name, row in found["methods"].items():
        test = row.get("test", {})
        cells = [_shown(row["coder A"]), _shown(row["coder B"]), _shown(test) if test else None]
        sure = test.get("sure")
        rows.append([name, *cells, test.get("unsure"), _shown(sure) if sure else None])
    between = _shown(found["coders"])
    rows.append(["coder A with coder B", between, between, None, None, None])
    columns = ["", "κ with A", "κ with B", "κ, test part", "unsure", "κ of the sure"]
    title = "Kinds of repositories: kinds-2023 by 5 folds (flattered), test part never seen"
    return [
        table(title, columns, rows),
        *(_confusion_table(name, each, KINDS) for name, each in found["confusions"].items()),
    ]


def _shown(figure: dict[str, float]) -> str:
    return f"{figure['kappa']:.3f} ({figure['low']:.2f}–{figure['high']:.2f})"


def _confusion_table(name: str, counts: Integers, kinds: Sequence[str]) -> Table:
    right = np.diag(counts)
    recall = right / np.maximum(1, counts.sum(axis=1))
    precision = right / np.maximum(1, counts.sum(axis=0))
    rows = [
        [kind, *counts[i].tolist(), float(precision[i]), float(recall[i])]
        for i, kind in enumerate(kinds)
    ]
    return table(f"{name} (rows) × ours (columns)", ["", *kinds, "precision", "recall"], rows)


def _issue_tables(found: dict[str, Any]) -> list[Table]:
    keys = ["macro_f1", *ISSUE_KINDS, "projects_apart"]
    rows: list[list[Any]] = [[name, *(row[key] for key in keys)] for name, row in found.items()]
    for name, value in PUBLISHED.items():
        rows.append([f"{name}, published on the test split", value, *[None] * len(keys[1:])])
    title = "Issues: macro-F1 by 5 folds of issues, F1 of each kind, macro-F1 with projects apart"
    counts = np.array(found["ours"]["confusion"])
    return [table(title, ["", *keys], rows), _confusion_table("issues", counts, ISSUE_KINDS)]


def main() -> None:
    """Measure, and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--cache", type=Path, help="folder where vectors are kept between runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = options.cache or Path(temporary)
        of_repositories = judge_repositories(repositories(options.data, cache), cache)
        of_issues = judge_issues(issues(options.data, cache))
    tables = [*_repository_tables(of_repositories), *_issue_tables(of_issues)]
    counts = {name: each.tolist() for name, each in of_repositories["confusions"].items()}
    figures = {"repositories": {**of_repositories, "confusions": counts}, "issues": of_issues}
    publish("kinds", figures, tables, options.out)


if __name__ == "__main__":
    main()
