"""Codebooks drafted from lists: headings become codes, what entries say of themselves examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import opsatlas

from artifacts.hashing import hash_file
from configs.codebook import Codebook, read_codebook
from labels.exchange.list_codebook import LONGEST, code_name, example_of
from mining.sources.lists import ListEntry

LIST = """\
# Awesome kiln

## Contents

- [Serving](#serving)

## 🚀 1. Serving [↑](#contents)

- [Forge](https://github.com/acme/forge) - Forge is a server that answers requests with models.
- [Kiln](https://github.com/acme/kiln) - Batches requests (https://kiln.example). Written in Rust.
- [Bare](https://github.com/acme/bare)

### Tools

- [Gate](https://example.org/gate) - Gateway before several models, with canary releases and
  mirrors of traffic to other models.

#### Clients

- [Call](https://github.com/acme/call) - Calls models from Python.

## 2. Tracking (14)

### Tools

- [Log](https://github.com/acme/log) - Keeps metrics of runs.
- [Again](https://github.com/acme/again) - keeps metrics of runs

## Misc.

- [Odd](https://github.com/acme/odd) - Something else altogether.

## Contributing

- [Guide](https://github.com/acme/guide) - How to contribute to this list.

## License

- [CC0](https://creativecommons.org/publicdomain/zero/1.0/) - The licence of this list.
"""


def write_list(folder: Path, text: str = LIST, name: str = "kiln.md") -> Path:
    """Write a list and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def draft(folder: Path, *options: object, text: str = LIST) -> Codebook:
    """Draft a codebook of a list on the command line, and read it."""
    out = folder / "draft.toml"
    done = opsatlas("codebook", "from-list", write_list(folder, text), "--out", out, *options)
    assert done.code == 0, done.err
    return read_codebook(out)


def test_headings_become_codes_and_entries_examples(tmp_path: Path) -> None:
    """Sub-headings are parts of what they stand under; what is no topic is left out."""
    book = draft(tmp_path)
    assert [(code.id, code.name, code.parent) for code in book.codes] == [
        ("serving", "Serving", None),
        ("serving-tools", "Serving: Tools", "serving"),
        ("clients", "Clients", "serving-tools"),
        ("tracking", "Tracking", None),
        ("tracking-tools", "Tracking: Tools", "tracking"),
    ]
    assert [code.examples for code in book.codes] == [
        ("server that answers requests with models", "Batches requests"),
        ("Gateway before several models",),
        ("Calls models from Python",),
        (),
        ("Keeps metrics of runs",),
    ]
    assert book.codes[1].definition == "Tools that the list names under 'Serving > Tools'."


def test_a_draft_says_what_it_was_made_from(tmp_path: Path) -> None:
    """The file and its bytes, in any case; address, licence and names as they are given."""
    plain = draft(tmp_path)
    assert (plain.codebook.name, plain.codebook.title) == ("kiln", "Kiln")
    assert plain.source is not None
    assert (plain.source.list, plain.source.url) == ("kiln.md", None)
    assert plain.source.sha256 == hash_file(tmp_path / "kiln.md")
    (tmp_path / "draft.toml").unlink()
    url = "https://github.com/acme/kiln"
    told = draft(
        tmp_path, "--name", "kinds", "--title", "Kinds", "--source", url, "--licence", "CC0-1.0"
    )
    assert (told.codebook.name, told.codebook.title) == ("kinds", "Kinds")
    assert told.source is not None
    assert (told.source.url, told.source.licence) == (url, "CC0-1.0")
    shown = opsatlas("label", "codebook", "show", tmp_path / "draft.toml")
    assert f"made from kiln.md, {url}, CC0-1.0" in shown.out


def test_as_many_examples_and_levels_as_are_asked_for(tmp_path: Path) -> None:
    """What stands deeper belongs to the code above."""
    book = draft(tmp_path, "--depth", 1, "--examples", 3)
    assert [code.id for code in book.codes] == ["serving", "tracking"]
    assert [len(code.examples) for code in book.codes] == [3, 1]


def test_without_a_file_it_is_printed_and_what_is_left_out_told_apart(tmp_path: Path) -> None:
    """Output holds the codebook alone, so that it can be written to a file."""
    done = opsatlas("codebook", "from-list", write_list(tmp_path))
    path = tmp_path / "printed.toml"
    path.write_text(done.out, encoding="utf-8")
    assert read_codebook(path).codebook.name == "kiln"
    assert "Left out, with so many entries: Misc. (1), Contributing (1), License (1)." in done.err


def test_a_heading_that_holds_all_the_others_is_no_code(tmp_path: Path) -> None:
    """It tells nothing apart."""
    text = "# A\n\n# Tools\n## One\n- [a](https://a.org) - x\n## Two\n- [b](https://b.org) - y\n"
    book = draft(tmp_path, text=text)
    assert [(code.name, code.parent) for code in book.codes] == [("One", None), ("Two", None)]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("🔥 Model serving 🔥", "Model serving"),
        ("2.3 Feature stores", "Feature stores"),
        ("IV. Drift", "Drift"),
        ("3D printing", "3D printing"),
        ("C++", "C++"),
        ("C#", "C#"),
        ("Layers on top", "Layers on top"),
        ("Tracking (back to top)", "Tracking"),
        ("Tracking (12)", "Tracking"),
        ("Tracking: https://example.org", "Tracking"),
    ],
)
def test_names_are_without_what_adorns_headings(heading: str, name: str) -> None:
    """Emoji, numbering, links and counts go; what belongs to a name stays."""
    assert code_name(heading) == name


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("Kiln is an open-source scheduler. It is fast.", "open-source scheduler"),
        ("kiln: schedules jobs", "schedules jobs"),
        ("Kilns and ovens for jobs", "Kilns and ovens for jobs"),
        ("(schedules many jobs)", "schedules many jobs"),
        ("Runs e.g. jobs at https://kiln.example/a.", "Runs e.g. jobs at"),
        ("Schedules jobs 🚀 on GPUs", "Schedules jobs on GPUs"),
        ("word " * 40, ("word " * 16).strip()),
        ("x" * 200, "x" * LONGEST),
        (None, ""),
    ],
)
def test_an_example_is_a_short_phrase(said: str | None, phrase: str) -> None:
    """It is the first sentence without addresses and without the name of the tool."""
    found, _ = example_of(ListEntry(1, "Kiln", "https://kiln.example", said))
    assert found == phrase
    assert len(found) <= LONGEST


@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("kiln.csv", LIST, (), "is no Markdown list"),
        ("kiln.md", "", (), "has no entries"),
        ("kiln.md", "Only words.\n", (), "has no entries"),
        ("kiln.md", "- [a](https://a.org) - x\n- [b](https://b.org) - y\n", (), "by no headings"),
        ("kiln.md", "## One\n- [a](https://a.org) - x\n", (), "by 1 heading,"),
        ("kiln.md", LIST, ("--name", "Bad name"), "cannot have the name 'Bad name'"),
        ("kiln.md", LIST, ("--source", ""), "cannot have the url ''"),
        ("kiln.md", LIST, ("--out", "kiln.md"), "there already"),
        ("kiln.md", LIST, ("--out", "kiln.json"), "written as .toml or .qdc"),
    ],
)
def test_a_list_that_makes_no_codebook_is_refused(
    tmp_path: Path, name: str, text: str, options: tuple[str, ...], said: str
) -> None:
    """One message each, and nothing is written."""
    path = write_list(tmp_path, text, name)
    done = opsatlas("codebook", "from-list", path, *options, cwd=tmp_path)
    assert (done.code, done.out, done.err.count("error: ")) == (2, "", 1), done.err
    assert said in " ".join(done.err.split())
    assert [each.name for each in tmp_path.iterdir() if not each.name.startswith(".")] == [name]


def test_a_missing_list_is_told(tmp_path: Path) -> None:
    """As files are everywhere."""
    done = opsatlas("codebook", "from-list", tmp_path / "lost.md")
    assert (done.code, "cannot be read: there is no such file" in done.err) == (2, True)


@pytest.mark.parametrize("suffix", ["toml", "qdc"])
def test_the_source_of_a_codebook_survives_copies(tmp_path: Path, suffix: str) -> None:
    """As TOML and in the format that other programs read."""
    book = draft(tmp_path)
    copy = tmp_path / f"copy.{suffix}"
    done = opsatlas("label", "codebook", "save", tmp_path / "draft.toml", copy)
    assert done.code == 0, done.err
    back = tmp_path / "back.toml"
    assert opsatlas("label", "codebook", "save", copy, back).code == 0
    assert read_codebook(back).source == book.source
