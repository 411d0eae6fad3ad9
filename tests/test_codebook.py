"""Codebooks: each code has an id that stays, a name and a meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from artifacts.errors import ConfigError
from configs import codebook_names, package_path
from labels.codebook import read_codebook

CODEBOOK = """\
[codebook]
name = "kinds"
title = "Kinds of tool"
version = 1

[[codes]]
id = "serving"
name = "Serving"
definition = "Answers requests with a model."

[[codes]]
id = "tracking"
name = "Tracking"
definition = "Keeps what was tried."
"""


@pytest.mark.parametrize("name", codebook_names())
def test_the_codebooks_that_are_shipped_are_read(name: str) -> None:
    """Each has the name of its file, and codes that say what they mean."""
    codebook = read_codebook(package_path(f"codebooks/{name}.toml"))
    assert codebook.codebook.name == name
    assert all(code.definition.endswith(".") for code in codebook.codes)


def test_the_codebooks_of_the_studies_are_shipped() -> None:
    """There are two of tools and one of requests."""
    assert codebook_names() == ["mlops-tools", "mlops-tools-fine", "request-themes"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "tracking"', 'id = "serving"', "the id 'serving' stands twice"),
        ('name = "Tracking"', 'name = "Serving"', "the name 'Serving' stands twice"),
        ('id = "tracking"', 'id = "Tracking it"', "codes.1.id"),
        ('definition = "Keeps what was tried."', "", "codes.1.definition"),
        ("version = 1", "version = 0", "codebook.version"),
        ("version = 1", "version = 1\nauthor = 3", "codebook.author"),
        ('[[codes]]\nid = "tracking"', '[[kodes]]\nid = "tracking"', "codes"),
        ("[codebook]", "[codebook", "cannot be read"),
    ],
)
def test_a_codebook_that_cannot_be_used_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A repeated id or name, a wrong value, an unknown or a missing key is named with the file."""
    path = tmp_path / "kinds.toml"
    assert CODEBOOK.count(old) == 1
    path.write_text(CODEBOOK.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_codebook(path)
    assert str(path) in str(raised.value)
    assert said in str(raised.value)


def test_a_codebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file and bytes that are no text are one error each."""
    path = tmp_path / "kinds.toml"
    with pytest.raises(ConfigError, match="cannot be read"):
        read_codebook(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_codebook(path)


FINER = """\
[codebook]
name = "finer"
title = "Finer kinds"
version = 1
layer = "tools"
none = ["other"]

[[codes]]
id = "endpoints"
name = "Endpoints"
definition = "Answers over a network."
when = "Others call it."
not_when = "It runs once."
examples = ["a REST service"]
parent = "kinds/serving"
aliases = ["Deployment"]

[[codes]]
id = "batches"
name = "Batches"
definition = "Answers many at once."
parent = "endpoints"
aliases = ["deployment", "Jobs"]
"""


def test_a_code_may_say_more_and_be_part_of_another(tmp_path: Path) -> None:
    """Parents are of the same codebook or of one beside it; names of others lead to codes."""
    (tmp_path / "kinds.toml").write_text(CODEBOOK, encoding="utf-8")
    path = tmp_path / "finer.toml"
    path.write_text(FINER, encoding="utf-8")
    found = read_codebook(path)
    assert found.codebook.layer == "tools"
    assert found.codes[0].examples == ("a REST service",)
    called = found.codes_called()
    assert called["deployment"] == {"endpoints", "batches"}
    assert called["jobs"] == called["batches"] == {"batches"}
    assert called["other"] == set()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kinds/serving", "kinds/cooking", "'kinds/cooking' is no code of 'kinds'"),
        ("kinds/serving", "recipes/soup", "no codebook 'recipes' beside this one"),
        ("kinds/serving", "batches", "finer/endpoints → finer/batches → finer/endpoints"),
        ("kinds/serving", "endpoints", "its own ancestor"),
        ("kinds/serving", "kinds/a/b", "codes.0.parent"),
        ('none = ["other"]', 'none = ["jobs"]', "'jobs' stands for no code, and for a code"),
        ('layer = "tools"', 'layer = "cooks"', "codebook.layer"),
    ],
)
def test_parents_that_lead_nowhere_or_back_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A parent that is not there and a cycle are named, with the file and the code."""
    (tmp_path / "kinds.toml").write_text(CODEBOOK, encoding="utf-8")
    path = tmp_path / "finer.toml"
    path.write_text(FINER.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_codebook(path)
    assert said in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_cycle_through_another_codebook_is_refused(tmp_path: Path) -> None:
    """Codes of two files may not be each other's parents."""
    back = 'definition = "Answers requests with a model."\nparent = "finer/endpoints"'
    first = CODEBOOK.replace('definition = "Answers requests with a model."', back)
    (tmp_path / "kinds.toml").write_text(first, encoding="utf-8")
    (tmp_path / "finer.toml").write_text(FINER, encoding="utf-8")
    with pytest.raises(ConfigError, match="kinds/serving → finer/endpoints"):
        read_codebook(tmp_path / "finer.toml")
