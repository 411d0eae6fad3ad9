"""Snapshots become texts to embed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import ArtifactError, InputError
from artifacts.progress import Progress, SilentProgress
from artifacts.tables import write_table
from artifacts.words import Documents
from embeddings import preparing
from embeddings.documents import (
    TEXTS,
    issue_document,
    name_words,
    repository_document,
)
from embeddings.preparing import prepare_texts
from embeddings.settings import TextSettings

README = "# Kiln\n\nKiln is a workflow engine that lets you run stages.\n\n## License\n\nhidden MIT"


def repository(**changes: Any) -> dict[str, Any]:
    """Return a row of a snapshot's repositories."""
    row = {
        "repo_key": "gh:1",
        "full_name": "ada/kilnRunner",
        "description": "Runs the stages of a workflow in the right order",
        "topics": ["workflow-engine", "mlops"],
    }
    return row | changes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("feature-store_kit", "feature store kit"),
        ("BentoML", "Bento ML"),
        ("MLServer", "ML Server"),
        ("PyTorch", "PyTorch"),
        ("awesome-MLOps", "awesome MLOps"),
        ("mlflow", "mlflow"),
        ("ONNXRuntime", "ONNX Runtime"),
    ],
)
def test_names_become_words(name: str, expected: str) -> None:
    """Separators and camelCase come apart; well-known spellings stay whole."""
    assert name_words(name) == expected


def test_a_repository_says_name_description_topics_and_readme() -> None:
    """The four parts stand in this order; the owner and the licence are not among them."""
    readme = {"repo_key": "gh:1", "path": "README.md", "text": README, "truncated": False}
    document = repository_document(repository(), readme)
    assert document.text.split("\n") == [
        "kiln Runner",
        "Runs the stages of a workflow in the right order",
        "workflow engine, mlops",
        "Kiln is a workflow engine that lets you run stages.",
    ]
    assert (document.key, document.title) == ("gh:1", "ada/kilnRunner")
    assert (document.language, document.flags) == ("en", ())


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, ("description_only",)),
        ({"description": None}, ("no_description",)),
        ({"description": None, "topics": None}, ("empty", "no_description")),
        ({"description": "🚀🔥", "topics": []}, ("emoji_only", "empty", "no_description")),
        (
            {"description": "用于训练和部署模型的开源机器学习平台"},
            ("description_only", "not_english"),
        ),
        (
            {"description": "Runs the \udcff stages of a workflow"},
            ("description_only", "replaced_bytes"),
        ),
    ],
)
def test_what_is_odd_about_a_repository_is_flagged(
    changes: dict[str, Any], flags: tuple[str, ...]
) -> None:
    """Missing, foreign, symbolic and damaged descriptions each have their flag."""
    document = repository_document(repository(**changes))
    assert document.flags == flags
    assert (document.text == "") == ("empty" in flags)


def test_the_cap_and_the_switch_of_readmes_are_honoured() -> None:
    """README prose is capped and flagged, or left out altogether."""
    readme = {"repo_key": "gh:1", "path": "README.md", "text": README, "truncated": True}
    capped = repository_document(repository(), readme, settings=TextSettings(max_readme_chars=20))
    assert capped.text.endswith("\nKiln is a workflow")
    assert capped.flags == ("cut", "readme_truncated")
    without = repository_document(repository(), readme, settings=TextSettings(readmes=False))
    assert without.flags == ("description_only",)


HERO = "# Kiln: a friendly engine\n\n[Docs](d) | [Blog](b)\n\n## News\n\nIt was shown in public.\n"


def test_a_tagline_stands_beside_the_text_and_in_it_where_nothing_else_is_told() -> None:
    """Readers have it always; the vector only where the README tells nothing else."""
    readme = {"repo_key": "gh:1", "path": "README.md", "text": HERO, "truncated": False}
    alone = repository_document(repository(description=None, topics=[]), readme)
    assert alone.tagline == "a friendly engine"
    assert alone.text == "kiln Runner\na friendly engine"
    told = repository_document(repository(), readme | {"text": f"{HERO}\n## About\n\nIt runs."})
    assert told.tagline == "a friendly engine"
    assert told.text.endswith("workflow engine, mlops\nIt runs.")
    assert repository_document(repository()).tagline is None
    assert repository_document(repository(), readme, settings=TextSettings(readmes=False)) == (
        repository_document(repository())
    )


def test_an_issue_is_its_title_and_prose() -> None:
    """The repository's name is shown in the title and stays out of the text."""
    row = {"repo_key": "gh:1", "number": 7, "title": "[FR] Resume runs", "body": "After a stop."}
    document = issue_document(row, "ada/kiln")
    assert document.key == "gh:1#7"
    assert document.title == "ada/kiln: [FR] Resume runs"
    assert document.text == "Resume runs\nAfter a stop."
    bare = issue_document(row | {"body": None})
    assert (bare.text, bare.flags) == ("Resume runs", ("title_only",))
    assert issue_document(row | {"title": "", "body": "🚀"}).flags == (
        "emoji_only",
        "empty",
        "title_only",
    )


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as a Parquet table."""
    write_table(path, pa.Table.from_pylist(rows))


def prepared(folder: Path, kind: Documents, progress: Progress | None = None) -> pa.Table:
    """Return the texts of a snapshot as one table."""
    batches = prepare_texts(folder, kind, TextSettings(), progress=progress or SilentProgress())
    return pa.Table.from_batches(batches, TEXTS)


def test_snapshots_become_tables_in_order_of_keys(tmp_path: Path) -> None:
    """Rows in any order give one table; the README nearest to the root is taken."""
    rows = [repository(repo_key="gh:2"), repository(repo_key="gh:1", description=None, topics=[])]
    readmes = [
        {"repo_key": "gh:2", "path": path, "text": f"# K\n\n{text}", "truncated": False}
        for path, text in (("docs/README.md", "Hidden words here."), ("README.md", "Root words."))
    ]
    write(tmp_path / "repositories.parquet", rows)
    write(tmp_path / "readmes.parquet", readmes)
    texts = prepared(tmp_path, "repositories")
    assert texts.schema.equals(TEXTS)
    assert texts["key"].to_pylist() == ["gh:1", "gh:2"]
    assert texts["flags"].to_pylist()[0] == ["empty", "no_description"]
    assert texts["text"][1].as_py().endswith("Root words.")
    write(tmp_path / "repositories.parquet", rows[::-1])
    assert prepared(tmp_path, "repositories").equals(texts)


def test_issues_lose_what_their_templates_share(tmp_path: Path) -> None:
    """Template lines are found across all issues, and names joined from the repositories."""
    issues = [
        {
            "repo_key": "gh:1",
            "number": i,
            "title": f"Stage {i}",
            "body": f"Tell us\n\nRun {i} ends.",
        }
        for i in range(6)
    ]
    write(tmp_path / "issues.parquet", issues)
    assert prepared(tmp_path, "issues")["title"][0].as_py() == "Stage 0"
    write(tmp_path / "repositories.parquet", [repository()])
    texts = prepared(tmp_path, "issues")
    assert texts["title"][0].as_py() == "ada/kilnRunner: Stage 0"
    assert texts["text"][0].as_py() == "Stage 0\nRun 0 ends."
    assert texts["key"][0].as_py() == "gh:1#0"


def test_missing_tables_and_unknown_kinds_are_errors(tmp_path: Path) -> None:
    """A snapshot without the table, or a kind that is none, is refused by name."""
    with pytest.raises(ArtifactError, match="cannot be read"):
        prepared(tmp_path, "issues")
    with pytest.raises(InputError, match="kind 'tools'"):
        prepared(tmp_path, "tools")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a snapshot of more documents than are prepared at a time, in no order."""
    folder = tmp_path_factory.mktemp("many")
    keys = [f"gh:{number * 7919 % 1000}" for number in range(150)]
    write(folder / "repositories.parquet", [repository(repo_key=key) for key in keys])
    readmes = [
        {"repo_key": key, "path": "README.md", "text": f"# K\n\nIt is {key} of them."}
        for key in [*keys[::-2], "gh:0", "gh:99999"]
    ]
    write(folder / "readmes.parquet", readmes)
    issues = [
        {"repo_key": k, "number": n, "title": "Stages", "body": f"Tell us\n\nRun {n} of {k} ends."}
        for n in range(8, 14)
        for k in keys[:25]
    ]
    write(folder / "issues.parquet", issues)
    return folder


def test_each_of_many_documents_is_made_of_its_own_rows(many: Path) -> None:
    """However rows and READMEs are ordered, each text is of what belongs to it, in order."""
    texts = prepared(many, "repositories")
    keys, said = texts["key"].to_pylist(), texts["text"].to_pylist()
    assert keys == sorted(keys)
    with_readme = [f"It is {key} of them." in text for key, text in zip(keys, said, strict=True)]
    assert sum(with_readme) == sum("It is" in text for text in said) == 76
    issues = prepared(many, "issues")
    keys, said = issues["key"].to_pylist(), issues["text"].to_pylist()
    assert keys == sorted(keys)
    for key, text in zip(keys, said, strict=True):
        repository_key, number = key.split("#")
        assert text == f"Stages\nRun {number} of {repository_key} ends."


def test_many_processes_prepare_what_one_does(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows in the same order, whoever made them."""
    alone = prepared(many, "repositories")
    monkeypatch.setattr(preparing, "WORTH_PROCESSES", 1)
    assert prepared(many, "repositories").equals(alone)


@given(st.text(), st.text(), st.text())
def test_any_text_fits_the_table(name: str, description: str, readme: str) -> None:
    """Arbitrary names, descriptions and READMEs give rows that the table takes, always the same."""
    row = repository(full_name=f"ada/{name}", description=description)
    page = {"repo_key": "gh:1", "path": "README.md", "text": readme, "truncated": False}
    document = repository_document(row, page)
    assert document == repository_document(row, page)
    assert pa.Table.from_pylist([vars(document)], schema=TEXTS).num_rows == 1
