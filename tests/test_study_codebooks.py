"""A study names codebooks: those that are shipped, and files beside it."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

import pytest
from label_studies import opsatlas, write_book
from small_study import planted_rows, write_study

from artifacts.errors import InputError
from artifacts.progress import SilentProgress
from configs import codebook_names
from opsatlas.cli.session import open_study
from opsatlas.pipeline import Pipeline


def study(folder: Path, *codebooks: str) -> Pipeline:
    """Return a study beside two codebooks, that names some."""
    path = write_study(folder, planted_rows(2))
    (folder / "books").mkdir(exist_ok=True)
    for name in ("one", "two"):
        book = write_book(folder / "books" / f"{name}.toml").read_text()
        (folder / "books" / f"{name}.toml").write_text(
            book.replace('name = "planted"', f'name = "{name}"', 1)
        )
    named = ", ".join(f'"{each}"' for each in codebooks)
    path.write_text(f"codebooks = [{named}]\n{path.read_text()}")
    return open_study(str(path), folder / "ws", progress=SilentProgress())


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (["mlops-tools"], ["mlops-tools"]),
        (["books/two.toml", "mlops-tools"], ["two", "mlops-tools"]),
        (["books/*.toml"], ["one", "two"]),
        (["books/one.toml", "./books/one.toml"], ["one"]),
        (["package:codebooks/mlops-tools.toml"], ["mlops-tools"]),
    ],
)
def test_codebooks_are_names_or_files(tmp_path: Path, named: list[str], found: list[str]) -> None:
    """Names, files, patterns and the package's own, in the order of the study."""
    books = study(tmp_path, *named).codebooks("tools")
    assert [book.codebook.name for book in books] == found


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (["mlops-tols"], "did you mean 'mlops-tools'?"),
        (["books/tow.toml"], "did you mean 'books/two.toml'?"),
        (["books/*.qdc"], "No file matches 'books/*.qdc'"),
        (["books/tw"], "did you mean 'books/two.toml'?"),
        (["books"], "There is no codebook 'books': none that is shipped is called so"),
    ],
)
def test_a_codebook_that_is_not_there_is_told(tmp_path: Path, named: list[str], said: str) -> None:
    """Before any work, with what there is: shipped names, and files beside the one that is lost."""
    with pytest.raises(InputError) as caught:
        study(tmp_path, *named).check()
    assert said in str(caught.value)
    if "did you mean" in said:
        assert set(codebook_names()) <= set(str(caught.value).replace(",", "").split())


def test_two_codebooks_of_one_name_are_refused(tmp_path: Path) -> None:
    """What is made of one would stand in the place of the other's: both files are named."""
    pipeline = study(tmp_path, "books/*.toml")
    (tmp_path / "books" / "copy.toml").write_text((tmp_path / "books" / "two.toml").read_text())
    with pytest.raises(InputError, match="Two codebooks are called 'two'") as caught:
        pipeline.check()
    assert "copy.toml" in str(caught.value)
    assert "two.toml" in str(caught.value)


def test_a_codebook_of_the_study_is_known_by_its_name(tmp_path: Path) -> None:
    """Commands take the name of a book of the study, of a shipped one, or a file."""
    pipeline = study(tmp_path, "books/two.toml")
    one, two = tmp_path / "books" / "one.toml", "two"
    for name, expected in ((str(one), "one"), (two, "two"), ("mlops-tools", "mlops-tools")):
        assert pipeline.codebook(name, "tools").codebook.name == expected
    with pytest.raises(InputError, match="is for themes, not for tools"):
        pipeline.codebook("request-themes", "tools")
    lost = opsatlas("taxonomy", "crosswalk", "three", "-w", tmp_path / "ws")
    assert (lost.code, "There is no codebook 'three'" in lost.err) == (2, True)


def test_codebooks_of_a_study_are_found_from_everywhere(tmp_path: Path) -> None:
    """A file is meant from the study file, or whole; commands know it as the study names it."""
    study(tmp_path, "books/two.toml")
    path = tmp_path / "study.toml"
    whole = tmp_path / "books" / "one.toml"
    path.write_text(path.read_text().replace("codebooks = [", f'codebooks = ["{whole}", '))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    pipeline = open_study(str(path), tmp_path / "ws", progress=SilentProgress())
    with chdir(elsewhere):
        for file, expected in (("books/two.toml", "two"), (str(whole), "one"), ("one", "one")):
            assert pipeline.codebook(file, "tools").codebook.name == expected


@pytest.mark.parametrize("section", ["[study]", "[taxonomy]"])
def test_codebooks_in_a_section_are_sent_to_the_top(tmp_path: Path, section: str) -> None:
    """The key is no part of any section: the error says where it belongs."""
    path = write_study(tmp_path, planted_rows(2))
    path.write_text(path.read_text().replace(section, f'{section}\ncodebooks = ["x.toml"]'))
    done = opsatlas("run", path, "-w", tmp_path / "ws")
    assert done.code == 2
    assert "Unknown key 'codebooks'." in done.err
    assert "write 'codebooks' above the first [section]" in done.err


def test_a_study_of_files_needs_no_topics(tmp_path: Path) -> None:
    """Without [ecosystem] a study is whole; only `mine` misses it, and says what to add."""
    path = write_study(tmp_path, planted_rows(2))
    path.write_text(path.read_text().replace('[ecosystem]\ntopics = ["mlops"]\n', ""))
    open_study(str(path), tmp_path / "ws", progress=SilentProgress()).check()
    for more in ("", "[ecosystem]\n", "[ecosystem]\ntopics = []\n"):
        path.write_text(f"{path.read_text()}\n{more}")
        done = opsatlas("mine", path, "-w", tmp_path / "ws")
        assert done.code == 2
        assert "names no topics and no lists" in done.err
        assert 'topics = ["mlops"], or with lists = ["names.txt"]' in done.err
        path.write_text(path.read_text().removesuffix(more))


def test_the_vocabulary_of_names_is_the_names_of_codes(tmp_path: Path) -> None:
    """Examples are a codebook's own words for what it means: none of them names a topic."""
    pipeline = study(tmp_path, "mlops-tools")
    (book,) = pipeline.codebooks("tools")
    assert pipeline.vocabulary("tools") == tuple(code.name for code in book.codes)
