"""`opsatlas init` writes a study file that explains itself, and never replaces one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from label_studies import opsatlas

from opsatlas.study import Study, read_study

COMMENTED = re.compile("^#(?=[^ ])", re.MULTILINE)


def init(folder: Path, *options: object, file: str = "fair.toml") -> tuple[Path, str]:
    """Run `opsatlas init`, which must succeed; return the file and what was printed."""
    done = opsatlas("init", folder / file, *options)
    assert done.code == 0, done.err
    return folder / file, done.out


def test_what_is_written_is_a_study_and_names_the_next_command(tmp_path: Path) -> None:
    """Name, topics and title are as said, and mining fills the snapshot that is described."""
    path, said = init(tmp_path, "--topic", "Fairness", "--topic", "ai-fairness")
    study = read_study(path)
    assert (study.study.name, study.study.title) == ("fair", "Tools for fairness, ai-fairness")
    assert study.ecosystem.topics == ("fairness", "ai-fairness")
    assert study.taxonomy is not None
    assert f"opsatlas mine {path} --snapshot {study.taxonomy.snapshot}\n" in said
    assert f"opsatlas run {path}\n" in said


def test_each_setting_is_there_and_valid_as_it_stands(tmp_path: Path) -> None:
    """With every number sign taken away it is a study still, and no key is missing."""
    path, _ = init(tmp_path, "--topic", "fairness")
    text = COMMENTED.sub("", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    study, values = read_study(path), tomllib.loads(text)
    assert set(values) == set(Study.model_fields)
    for name, value in values.items():
        section = value[0] if isinstance(value, list) and value else value
        if isinstance(section, dict):
            told = getattr(study, name)
            model = type(told[0] if isinstance(told, tuple) else told)
            assert set(section) == set(model.model_fields), name


def test_a_study_of_files_runs_as_it_is(tmp_path: Path) -> None:
    """Files are named relative to the study, and imported into the snapshot that is described."""
    (tmp_path / "repos.csv").write_text("full_name\nacme/a\n", encoding="utf-8")
    path, said = init(tmp_path, "--from", tmp_path / "repos.csv", "--topic", "fairness")
    (source,) = read_study(path).sources
    assert (source.files, source.kind) == (("repos.csv",), "repositories")
    assert source.snapshot == read_study(path).taxonomy.snapshot  # type: ignore[union-attr]
    assert said.endswith(f"Next: opsatlas run {path}\n")


def test_files_that_cannot_be_imported_are_no_beginning(tmp_path: Path) -> None:
    """A folder and an empty file are refused at once, not by the run."""
    (tmp_path / "empty.csv").touch()
    for name, said in (("empty.csv", "The file is empty."), (".", "This is a folder")):
        done = opsatlas("init", tmp_path / "my", "--from", tmp_path / name)
        assert done.code == 2
        assert said in done.err
    assert not (tmp_path / "my").exists()


def test_a_folder_gets_a_study_toml(tmp_path: Path) -> None:
    """Whether it is there or not."""
    (tmp_path / "there").mkdir()
    for name in ("there", "not-there"):
        init(tmp_path, file=name)
        assert read_study(tmp_path / name / "study.toml").study.name == name


def test_a_study_toml_makes_its_folder_the_workspace(tmp_path: Path) -> None:
    """It is named after its folder, and the next commands work from where one stands."""
    path, said = init(tmp_path, file="My Field/study.toml")
    assert read_study(path).study.name == "my-field"
    assert f"opsatlas run -w '{path.parent}'" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--topic", "two words"), "A topic of GitHub has no spaces: write 'two-words'."),
        (("--name", "Fair"), "to do: lower case, digits, hyphens"),
        (("--from", "nowhere.csv"), "There is no such file."),
    ],
)
def test_what_is_no_study_is_not_written(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    """One error, and no file."""
    done = opsatlas("init", tmp_path / "new.toml", *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    """Whatever it holds."""
    (tmp_path / "mine.toml").write_text("mine", encoding="utf-8")
    done = opsatlas("init", tmp_path / "mine.toml")
    assert done.code == 2
    assert "The file is there already." in done.err
    assert (tmp_path / "mine.toml").read_text(encoding="utf-8") == "mine"
