"""Train the classifiers of kinds that opsatlas ships, and write them as JSON.

    python -m benchmarks.train_kinds --data FOLDER [--cache FOLDER]

The same data, versions and machine give the same bytes. The models hold coefficients over vectors,
facts, cue words chosen by hand and hashed words: nothing of anybody's texts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.common import arguments
from benchmarks.kind_models import (
    FOLDS,
    ISSUE_THRESHOLD,
    ISSUES,
    REPOSITORIES,
    REPOSITORY_THRESHOLD,
    SEED,
    confusion,
    fit,
    fit_all,
    held_out_issues,
    held_out_training,
    model_of,
    projects_apart,
)
from benchmarks.kinds_data import Issues, Repositories, issues, repositories
from insights.kinds.kinds import MODEL_FILES
from insights.kinds.linear import KindModel
from insights.kinds.vocabulary import ISSUE_KINDS, KINDS

MADE_BY = "python -m benchmarks.train_kinds --data FOLDER"


def repository_model(data: Repositories) -> KindModel:
    """Return the classifier of repositories; its errors are those on rows drawn at random."""
    fitted = {name: fit_all(data, recipe) for name, recipe in REPOSITORIES.items()}
    held_out = {}
    for name, recipe in REPOSITORIES.items():
        by_folds = held_out_training(data, recipe, seed=SEED)
        unseen = fitted[name].probabilities(data.inputs.at(data.test.rows))
        held_out[name] = confusion(data.training.kinds, by_folds) + confusion(
            data.test.kinds, unseen
        )
    return model_of(
        "the kind of thing that a repository is",
        KINDS,
        data.inputs,
        fitted,
        held_out,
        drawn="at random",
        threshold=REPOSITORY_THRESHOLD,
        training={
            "made_by": MADE_BY,
            "data": "kinds-2023 (two coders) and the training part of kinds_labels.csv (one coder)",
            "repositories": len(data.coder_a.rows) + len(data.training.rows),
            "held_out": f"the training part by {FOLDS} folds, and the test part",
        },
    )


def issue_model(data: Issues) -> KindModel:
    """Return the classifier of issues; its errors are those on projects that it had not seen."""
    kinds, n_classes = data.kinds, len(ISSUE_KINDS)
    fitted = {
        name: fit(recipe, data.inputs.blocks, kinds, n_classes=n_classes)
        for name, recipe in ISSUES.items()
    }
    apart = projects_apart(data)
    held_out = {
        name: confusion(kinds, held_out_issues(data, recipe, apart))
        for name, recipe in ISSUES.items()
    }
    return model_of(
        "whether an issue reports a bug, asks for a feature, or asks a question",
        ISSUE_KINDS,
        data.inputs,
        fitted,
        held_out,
        drawn="by class",
        threshold=ISSUE_THRESHOLD,
        training={
            "made_by": MADE_BY,
            "data": "training set of the NLBSE'24 tool competition (Kallis et al.), labels only",
            "issues": len(kinds),
            "held_out": "each project by a model of the others",
        },
    )


def main() -> None:
    """Train both models and write them beside the code that applies them."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--cache", type=Path, help="folder where vectors are kept between runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = options.cache or Path(temporary)
        repository_model(repositories(options.data, cache)).save(MODEL_FILES["repositories"])
        issue_model(issues(options.data, cache)).save(MODEL_FILES["issues"])
    for path in MODEL_FILES.values():
        print(f"written: {path} ({path.stat().st_size / 1024:,.0f} KiB)")


if __name__ == "__main__":
    main()
