"""Kinds of repositories and issues: the models as shipped, their application, shares of kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from artifacts.errors import ArtifactError
from artifacts.progress import SilentProgress
from artifacts.words import Documents
from benchmarks.kind_models import Recipe, fit
from embeddings.settings import VectorSettings
from insights.kinds.issue_features import issue_features
from insights.kinds.kinds import FULL, MODEL_FILES, WITHOUT_VECTORS, Kinds, classify
from insights.kinds.linear import FEATURES, KindModel, hashed_words, load_model, word_counts
from insights.kinds.repository_features import known_columns, repository_features
from insights.kinds.shares import shares
from insights.kinds.vocabulary import ISSUE_KINDS, KINDS

WORDLESS = VectorSettings(model="hashed-words")
PLATFORM = {
    "full_name": "acme/servo",
    "description": "Open-source platform to deploy, monitor and scale your models on Kubernetes.",
    "topics": ["model-serving", "mlops-platform", "kubernetes"],
    "language": "Go",
    "license_spdx": "Apache-2.0",
    "stars": 2100,
    "forks": 210,
    "open_issues": 80,
    "homepage": "https://servo.acme.dev",
    "is_template": False,
}
REPOSITORIES: dict[str, dict[str, Any]] = {
    "tool": PLATFORM,
    "list": {
        "full_name": "someone/awesome-mlops",
        "description": "A curated list of awesome MLOps tools, papers and resources.",
        "topics": ["awesome", "awesome-list"],
        "stars": 900,
        "forks": 120,
    },
    "learning": {
        "full_name": "school/mlops-course-labs",
        "description": "Notebooks and exercises of our course on machine learning operations.",
        "topics": ["course", "tutorial"],
        "language": "Jupyter Notebook",
        "stars": 40,
        "forks": 31,
    },
    "template": {
        "full_name": "acme/cookiecutter-ml-template",
        "description": "Cookiecutter template for the structure of a machine learning project.",
        "topics": ["cookiecutter-template", "template"],
        "language": "Python",
        "license_spdx": "MIT",
        "stars": 60,
        "forks": 20,
        "is_template": True,
    },
    "integration": {
        "full_name": "acme/servo-action",
        "description": "GitHub Action, a plugin that deploys to Servo from your workflow.",
        "topics": ["github-action", "servo-plugin"],
        "language": "TypeScript",
        "license_spdx": "MIT",
        "stars": 12,
        "forks": 3,
    },
    "example-project": {
        "full_name": "Ann1987/House_Price_Prediction_Demo",
        "description": "My end to end project: a model predicts prices, with Flask on Heroku.",
        "topics": ["flask", "heroku", "scikit-learn", "docker", "pandas"],
        "language": "Jupyter Notebook",
        "stars": 0,
        "forks": 0,
    },
    "other": {
        "full_name": "bob/bob",
        "description": "My personal website and blog.",
        "topics": ["blog", "personal-website"],
        "language": "HTML",
        "stars": 1,
        "forks": 0,
    },
}
ISSUES = {
    "feature": (
        "Support filtering of runs by tag",
        "**Is your feature request related to a problem?**\nIt would be nice to filter by tag.\n"
        "**Describe the solution you'd like**\nAdd an option to the search. We could also allow "
        "several tags.",
    ),
    "bug": (
        "Bug: dashboard crashes after update to 2.1.0",
        "### Steps to reproduce\n1. Open the dashboard\n2. Click on refresh\n\n### Expected "
        "behavior\nIt refreshes.\n\n### Actual behavior\nIt crashes, a regression since 2.0.",
    ),
    "question": (
        "How can I use my own server?",
        "Hi, I am new to this and I'm trying to use my own server, but I don't understand how to "
        "do it. Could someone please explain? Is there an example? Thanks!",
    ),
}


def told(subject: Documents, rows: list[dict[str, Any]], tmp_path: Path) -> Kinds:
    """Return the kinds of made-up rows, judged without vectors."""
    return classify(
        subject, rows, vectors_folder=tmp_path, settings=WORDLESS, progress=SilentProgress()
    )


def test_made_up_repositories_are_what_they_say_they_are(tmp_path: Path) -> None:
    """A platform, a list, a course, a template, an action, a pupil's project and a blog."""
    found = told("repositories", list(REPOSITORIES.values()), tmp_path)
    assert dict(zip(REPOSITORIES, found.kinds, strict=True)) == {kind: kind for kind in KINDS}
    assert found.heads == WITHOUT_VECTORS


def test_made_up_issues_are_told_apart(tmp_path: Path) -> None:
    """A filled-in form for features, a report of a crash, a beginner's question."""
    rows = [{"title": title, "body": body} for title, body in ISSUES.values()]
    found = told("issues", rows, tmp_path)
    assert dict(zip(ISSUES, found.kinds, strict=True)) == {kind: kind for kind in ISSUE_KINDS}


def test_what_says_nothing_is_left_open(tmp_path: Path) -> None:
    """A repository of which only a name is known gets no kind that one could rely on."""
    found = told("repositories", [{"full_name": "x/thing"}], tmp_path)
    assert found.abstained == [True]
    assert found.probabilities.sum() == pytest.approx(1)


def test_nothing_is_asked_of_no_rows(tmp_path: Path) -> None:
    """A table without rows has no kinds."""
    assert told("repositories", [], tmp_path).kinds == []


def test_the_answer_does_not_depend_on_the_neighbours(tmp_path: Path) -> None:
    """Each row is judged by itself, as long as the same columns are known."""
    rows = list(REPOSITORIES.values())
    together = told("repositories", rows, tmp_path).probabilities
    turned = told("repositories", rows[::-1], tmp_path).probabilities[::-1]
    np.testing.assert_allclose(together, turned, atol=1e-12)


def test_an_unknown_column_takes_no_side() -> None:
    """No homepage known at all is not the same as no homepage where others have one."""
    row = {"full_name": "a/b", "homepage": None, "stars": 3}
    alone = repository_features(row, known_columns([row]))
    beside = repository_features(row, known_columns([row, PLATFORM]))
    assert np.isnan(alone["homepage"])
    assert beside["homepage"] == 0.0
    model = load_model(MODEL_FILES["repositories"])
    place = model.names.index("homepage")
    assert model.features([alone])[0, place] == model.means[place]


@given(st.text(), st.text())
def test_any_issue_has_the_same_features(title: str, body: str) -> None:
    """Whatever people write, the features are finite and in the model's order."""
    found = issue_features(title, body)
    assert list(found) == load_model(MODEL_FILES["issues"]).names
    assert np.isfinite(list(found.values())).all()


TEXT = st.none() | st.text()


@given(st.text(min_size=1), TEXT, st.lists(st.text(min_size=1)), st.none() | st.integers(0))
def test_any_repository_has_the_same_features(
    name: str, said: str | None, topics: list[str], stars: int | None
) -> None:
    """Whatever owners write, the features are in the model's order and never infinite."""
    row = {"full_name": f"o/{name}", "description": said, "topics": topics, "stars": stars}
    found = repository_features(row, known_columns([row]))
    assert list(found) == load_model(MODEL_FILES["repositories"]).names
    assert not np.isinf(list(found.values())).any()


def small_set() -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    """Return made-up blocks of 60 rows, and classes that depend on them."""
    rng = np.random.default_rng(4)
    kinds = np.arange(60) % 3
    said = ["fix the crash", "please add colour", "how do I start"]
    texts = [f"{said[kind]} {rng.integers(9)} word{rng.integers(9)}" for kind in kinds]
    features = rng.normal(size=(60, 4)) * [1, 5, 0.1, 1] + kinds[:, None]
    vectors = rng.normal(size=(60, 8)) + np.eye(8)[kinds]
    return {FEATURES: features, "text": vectors, "words": word_counts(texts, 256)}, kinds


def test_the_kept_numbers_give_what_the_fitted_estimator_gives() -> None:
    """Scaling folded in and rounded, the probabilities are scikit-learn's to the third digit."""
    blocks, kinds = small_set()
    recipe = Recipe({FEATURES: 0.5, "text": 2.0, "words": 3.0}, 0.7, True)
    ours = fit(recipe, blocks, kinds, n_classes=3).probabilities(blocks)
    scaled = (blocks[FEATURES] - blocks[FEATURES].mean(axis=0)) / blocks[FEATURES].std(axis=0)
    words = TfidfTransformer(sublinear_tf=True).fit_transform(blocks["words"])
    joined = np.hstack([0.5 * scaled, 2 * blocks["text"], 3 * words.toarray()])
    theirs = LogisticRegression(C=0.7, class_weight="balanced", max_iter=5000).fit(joined, kinds)
    np.testing.assert_allclose(ours, theirs.predict_proba(joined), atol=0.01)
    assert (ours.argmax(axis=1) == theirs.predict(joined)).all()


def test_hashed_words_are_what_tf_idf_gives() -> None:
    """Damping, weights and lengths are those of scikit-learn, up to the weights' rounding."""
    blocks, _ = small_set()
    transform = TfidfTransformer(sublinear_tf=True).fit(blocks["words"])
    texts = ["please fix the crash", "", "how how how?"]
    ours = hashed_words(texts, transform.idf_).toarray()
    np.testing.assert_allclose(ours, transform.transform(word_counts(texts, 256)).toarray())


@pytest.mark.parametrize("subject", MODEL_FILES)
def test_shipped_models_are_whole(subject: Documents, tmp_path: Path) -> None:
    """They know their kinds and errors, are small, and are written as they are read."""
    path = MODEL_FILES[subject]
    model = load_model(path)
    assert model.classes == list(KINDS if subject == "repositories" else ISSUE_KINDS)
    assert set(model.heads) == set(model.held_out) == {FULL, WITHOUT_VECTORS}
    assert path.stat().st_size < 1_000_000
    model.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    """Half a file, or another shape, is one clear error."""
    path = tmp_path / "model.json"
    path.write_text('{"target": "x"', encoding="utf-8")
    with pytest.raises(ArtifactError, match="cannot be read"):
        load_model(path)


def test_shares_of_a_random_sample_follow_the_calls() -> None:
    """Where half of what is called a is b, half of the calls move, and the interval holds it."""
    held_out = np.array([[50, 0], [50, 100]])
    calls = ["a"] * 400 + ["b"] * 600
    one, other = shares(calls, ["a", "b"], held_out, drawn="at random")
    assert (one.n_called, one.raw) == (400, 0.4)
    assert one.corrected.value == pytest.approx(0.2, abs=0.005)
    assert one.corrected.low < 0.2 < one.corrected.high
    assert one.corrected.value + other.corrected.value == pytest.approx(1)


def test_shares_by_class_are_rogan_and_gladens() -> None:
    """With sensitivity 0.9 and specificity 0.8, 0.41 called means that 0.3 are."""
    held_out = np.array([[9000, 1000], [2000, 8000]])
    calls = ["a"] * 410 + ["b"] * 590
    found = shares(calls, ["a", "b"], held_out, drawn="by class")[0]
    assert found.corrected.value == pytest.approx((0.41 - 0.2) / 0.7, abs=0.001)


def test_shares_stay_within_bounds() -> None:
    """Fewer calls than errors alone would give means none, not less than none."""
    found = shares(["b"] * 50, ["a", "b"], np.array([[90, 10], [20, 80]]), drawn="by class")
    assert found[0].corrected.value == pytest.approx(0, abs=1e-6)
    assert all(0 <= f.corrected.low <= f.corrected.high <= 1 for f in found)


def test_a_model_says_no_word_of_those_it_learnt_from() -> None:
    """Its names are those of our cues and facts; the rest are numbers."""
    for subject, path in MODEL_FILES.items():
        values = json.loads(path.read_text(encoding="utf-8"))
        row = {"full_name": "a/b"}
        ours = (
            list(issue_features("", ""))
            if subject == "issues"
            else list(repository_features(row, known_columns([row])))
        )
        assert values["names"] == ours
        assert KindModel.model_validate(values).training["made_by"].startswith("python -m")
