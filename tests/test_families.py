"""Families of topics and words: those shipped, how they are found, what a bad file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from artifacts.errors import ConfigError, InputError
from configs import shipped_families
from configs.family import Families, read_families
from configs.finding import find_families

HARBOUR = """\
name = "harbour"
title = "Harbours"
version = 1

[[families]]
id = "quay"
name = "Quay"
theme = "places"
topics = ["quay"]

[[families]]
id = "crane"
name = "Crane"
theme = "machines"
words = ["crane"]

[[families]]
id = "dock"
name = "Dock"
theme = "places"
contains = ["dock"]
"""


def read(folder: Path, text: str) -> Families:
    """Return what a file with this text says."""
    path = folder / "harbour.toml"
    path.write_text(text, encoding="utf-8")
    return read_families(path)


def refusal(folder: Path, text: str) -> str:
    """Return what is said of a file that is refused."""
    with pytest.raises(ConfigError) as error:
        read(folder, text)
    assert "harbour.toml" in str(error.value)
    return str(error.value)


def test_every_shipped_file_reads_and_is_called_as_its_families() -> None:
    """Each is found by its name alone, from anywhere."""
    assert "mlops" in shipped_families()
    for name in shipped_families():
        assert read_families(find_families(name, where="the test")).name == name


def test_the_shipped_families_are_clouds_containers_and_practices() -> None:
    """DataOps and MLOps are told apart."""
    families = read_families(find_families("mlops", where="the test"))
    ids = {theme: [family.id for family in its] for theme, its in families.by_theme().items()}
    assert ids["clouds"] == ["aws", "azure", "google-cloud"]
    assert ids["containers"] == ["kubernetes", "docker"]
    assert families.apart == (("dataops", "mlops"),)


def test_a_study_may_have_a_file_of_its_own(tmp_path: Path) -> None:
    """Its path is meant from the study file; themes come in the order in which they stand."""
    read(tmp_path, HARBOUR)
    path = find_families("harbour.toml", tmp_path / "study.toml", where="the study")
    assert path == tmp_path / "harbour.toml"
    by_theme = read_families(path).by_theme()
    assert {theme: [each.id for each in its] for theme, its in by_theme.items()} == {
        "places": ["quay", "dock"],
        "machines": ["crane"],
    }


def test_a_name_that_is_none_says_which_there_are(tmp_path: Path) -> None:
    """Whoever misspells one is told the nearest; a pattern has to fit one file alone."""
    with pytest.raises(InputError) as error:
        find_families("mlop", tmp_path / "study.toml", where="history.families")
    assert "There is no file of families 'mlop'" in str(error.value)
    assert "did you mean 'mlops'?" in str(error.value)
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(HARBOUR, encoding="utf-8")
    with pytest.raises(InputError, match="fits several files of families"):
        find_families("*.toml", tmp_path / "study.toml", where="history.families")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('id = "dock"', 'id = "quay"', "the id 'quay' stands twice"),
        ('name = "Dock"', 'name = "Quay"', "the name 'Quay' stands twice"),
        ('id = "dock"', 'id = "any"', "no family can be called 'any'"),
        ('words = ["crane"]', "", "'crane' has neither topics, nor parts of topics, nor words"),
        ('contains = ["dock"]', 'contains = ["d"]', "line 21"),
        ('topics = ["quay"]', 'topics = ["Quay"]', "line 9"),
        ('topics = ["quay"]', 'topic = ["quay"]', "did you mean 'topics'?"),
        ("version = 1", "", "The key 'version' is missing"),
        ("version = 1", 'version = 1\napart = [["quay", "pier"]]', "'pier' is no family"),
        ("version = 1", 'version = 1\napart = [["quay", "quay"]]', "held against itself"),
    ],
)
def test_what_contradicts_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    """One clear sentence says what is wrong, and where."""
    assert said in refusal(tmp_path, HARBOUR.replace(before, after, 1))
