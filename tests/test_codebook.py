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
    """There is one of tools and one of requests."""
    assert codebook_names() == ["mlops-tools", "request-themes"]


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
