"""Bad input to `opsatlas label`: one clear error, exit code 2, nothing lost or half-written."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from label_studies import (
    CODE,
    coded_set,
    label,
    lines,
    opsatlas,
    refusal,
    study_workspace,
    titles,
    write_book,
)
from small_study import N_DOCUMENTS
from warm import warm_opsatlas

from artifacts.hashing import hash_bytes
from labels.history import store
from labels.history.store import EventStore

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """Return a workspace of the small study; afterwards nothing half-written is left in it."""
    found = study_workspace(tmp_path)
    yield found
    left = sorted(path.name for path in (found / "labels").glob("*"))
    assert [name for name in left if not name.endswith(".sqlite") or name[0] == "."] == []


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return the codebook of the planted kinds."""
    return write_book(tmp_path / "planted.toml")


def unchanged(file: Path, workspace: Path, *arguments: object, stdin: str = "") -> str:
    """Return the one error of a command that leaves the events of a set as they are."""
    before = events_of(file)
    said = refusal(workspace, *arguments, stdin=stdin)
    assert events_of(file) == before
    return said


def events_of(file: Path) -> list[str]:
    """Return the ids of all events of a set."""
    opened = EventStore.open(file, read_only=True)
    try:
        return [event.uid for event in opened.all_events()]
    finally:
        opened.close()


SAMPLES = [
    ((), "needs a codebook", "--codebook"),
    (("--codebook", "nothing"), "There is no codebook 'nothing'", "mlops-tools"),
    (("--codebook", "request-themes"), "is for themes, not for tools", "take another"),
    (("--size", N_DOCUMENTS + 1), "There are 60 documents", "--size"),
    (("--size", 10, "--waves", "4,x"), "'4,x' are no sizes of waves", "--waves"),
    (("--size", 10, "--waves", "8,8"), "The waves need 16 documents", "smaller"),
    (("--stratify", "topics"), "cannot be stratified by 'topics'", "topic, category"),
    (("--stratify", "framework"), "belong to no framework", "--stratify topic"),
    (("--of", "themes", "--stratify", "stars"), "Issues have no stars", "--stratify topic"),
    (("--of", "tool"), "no documents of 'tool'", "tools or themes"),
    (("--allocation", "equal"), "there are none", "--stratify"),
    (("--stratify", "stars", "--allocation", "even"), "no allocation 'even'", "neyman"),
    (("--stratify", "stars", "--allocation", "neyman"), "Neyman's allocation needs", "--guess"),
    (
        ("--stratify", "stars", "--allocation", "neyman", "--guess", "much"),
        "'much' is no guess",
        "STRATUM=0.3",
    ),
    (
        ("--stratify", "stars", "--allocation", "neyman", "--guess", "moon=0.3"),
        "There is no stratum 'moon'",
        "strata are stars",
    ),
    (("--margin", "2"), "margin must lie between 0 and 1", "0.05"),
    (("--level", "95"), "level must lie between 0 and 1", "0.95"),
    (("--coder", " "), "' ' is no name for a coder", "take a name"),
    (("--coder", "ada", "--coder", "ada"), "named twice", "--coder"),
    (("--among", "nowhere.csv"), "cannot be read", "nowhere.csv"),
]


@pytest.mark.parametrize(("options", "said", "advice"), SAMPLES)
def test_a_sample_that_cannot_be_drawn(
    workspace: Path, book: Path, options: tuple[object, ...], said: str, advice: str
) -> None:
    """What is wrong is told with what to do, and no set is made."""
    default: tuple[object, ...] = ("--codebook", book)
    if not options or "--codebook" in options:
        default = ()
    found = refusal(workspace, "sample", "k", *default, *options)
    assert said in found and advice in found
    assert not list(workspace.glob("labels/*"))


def test_a_sample_among_documents_that_are_not_there(workspace: Path, tmp_path: Path) -> None:
    """The line of the file that names no document is told, and so is a file that names none."""
    among = tmp_path / "among.csv"
    among.write_text("full_name\nacme/serving-0\nno/body\n", encoding="utf-8")
    said = refusal(workspace, "sample", "k", "--among", among, "--plan")
    assert "'no/body' is not in" in said and "line 3, column full_name" in said
    among.write_text("name\nacme/serving-0\n", encoding="utf-8")
    assert "No column names documents" in refusal(workspace, "sample", "k", "--among", among)


def test_a_neyman_guess_for_some_strata_is_not_enough(workspace: Path) -> None:
    """The strata that lack a guess are named."""
    options = ("--stratify", "topic", "--allocation", "neyman", "--guess", "0=0.5", "--plan")
    said = refusal(workspace, "sample", "k", *options, "--size", 10)
    assert "these have none: 1 " in said and "these have none: 0 " not in said


def test_a_set_is_neither_made_twice_nor_shrunk(workspace: Path, book: Path) -> None:
    """A taken name, the same size and a smaller one are refused, and so is too large a one."""
    file = coded_set(workspace, "k")
    for size in (("--size", 12), ("--size", 5), ()):
        said = unchanged(file, workspace, "sample", "k", "--codebook", book, *size)
        assert "a sample of 12 documents already" in said and "another name" in said
    assert "There are 60 documents" in unchanged(file, workspace, "sample", "k", "--size", 61)
    assert "16 documents" in unchanged(
        file, workspace, "sample", "k", "--size", 20, "--waves", "8,8"
    )


COMMANDS = [
    ("show", "{}"),
    ("agree", "{}"),
    ("log", "{}"),
    ("check", "{}"),
    ("annotate", "{}", "--coder", "a", "--stdin"),
    ("adjudicate", "{}", "--by", "a"),
    ("validate", "{}"),
    ("saturation", "{}", "--coder", "a"),
    ("export", "{}", "x.csv"),
    ("copy", "{}", "x.sqlite"),
    ("wave", "close", "{}", "w1"),
    ("codebook", "history", "{}"),
    ("codebook", "rename", "{}", "a", "A", "--because", "b"),
]


def test_a_set_that_is_not_there(workspace: Path) -> None:
    """Every command names the set that it does not find, and makes none."""
    for command in COMMANDS:
        said = refusal(workspace, *(part.format("nope") for part in command))
        assert "There are no labels called 'nope'" in said, command
    assert "is no name for labels" in refusal(workspace, "show", "../k")
    assert not list(workspace.glob("labels/*"))


def test_a_file_that_holds_no_labels(workspace: Path, tmp_path: Path) -> None:
    """Neither a text, nor another database, nor the labels of a newer version are opened."""
    text, other, newer = (tmp_path / f"{name}.sqlite" for name in ("text", "other", "newer"))
    text.write_text("This is no database, whatever its name says.\n" * 30, encoding="utf-8")
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    newer.write_bytes(coded_set(workspace, "k").read_bytes())
    with sqlite3.connect(newer) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version = {version + 1}")
    connection.close()
    before = {path: hash_bytes(path.read_bytes()) for path in (text, other, newer)}
    for path in (text, other, newer):
        for command in COMMANDS:
            said = refusal(workspace, *(part.format(path) for part in command))
            assert path.name in said
        refusal(workspace, "merge", "k", path)
    assert {path: hash_bytes(path.read_bytes()) for path in before} == before


def test_a_set_that_another_is_writing(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that is not released in time is told, and nothing is written."""
    monkeypatch.setattr(store, "BUSY_S", 0.1)
    file = coded_set(workspace, "k", close=False)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        found = opsatlas("label", "wave", "close", "k", "w1", "-w", workspace)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert found.code == 2
    assert "Another program has held the file" in found.err and "k.sqlite" in found.err
    assert "w1 open" in label(workspace, "wave", "list", "k")


@pytest.mark.skipif(IS_ROOT, reason="root may write anything")
def test_a_set_that_may_only_be_read(workspace: Path) -> None:
    """What only looks works; what would write says that it cannot."""
    file = coded_set(workspace, "k", close=False)
    file.chmod(0o444)
    file.parent.chmod(0o555)
    try:
        assert "w1" in label(workspace, "show", "k")
        assert "k.sqlite" in refusal(workspace, "wave", "close", "k", "w1")
    finally:
        file.parent.chmod(0o755)
        file.chmod(0o644)


def test_what_is_blind_stays_so(workspace: Path, tmp_path: Path) -> None:
    """While a wave is open there is no agreement, adjudication, validation or export of all."""
    file = coded_set(workspace, "k", close=False)
    for command in (
        ("agree", "k"),
        ("adjudicate", "k", "--by", "lea", "--list"),
        ("validate", "k"),
        ("export", "k", tmp_path / "x.csv"),
    ):
        said = unchanged(file, workspace, *command)
        assert "Coding is still blind" in said and "label wave close k w1" in said
    assert not (tmp_path / "x.csv").exists()
    assert "12 codings" in label(workspace, "export", "k", tmp_path / "x.csv", "--coder", "ada")


def test_waves_and_coders_that_are_not_there(workspace: Path) -> None:
    """What there is is named."""
    file = coded_set(workspace, "k", close=False)
    script = lines({"item": titles(workspace, "k")[0], "variable": "kind", "codes": ["drift"]})
    code = ("annotate", "k", "--stdin", "--coder")
    assert "named: ada, ben" in unchanged(file, workspace, *code, "zed", stdin=script)
    assert "there are: w1" in unchanged(file, workspace, *code, "ada", "--wave", "w9")
    assert "There is no wave 'w9'" in unchanged(file, workspace, "wave", "close", "k", "w9")
    label(workspace, "wave", "close", "k", "w1")
    assert "closed already" in unchanged(file, workspace, "wave", "close", "k", "w1")
    assert "Every wave is closed" in unchanged(file, workspace, *code, "ada", stdin=script)
    assert "There is no wave 'w9'" in unchanged(file, workspace, "agree", "k", "--wave", "w9")
    for command in (("validate", "k"), ("saturation", "k")):
        assert "coders: ada, ben" in unchanged(file, workspace, *command, "--coder", "zed")
        assert "there are: kind" in unchanged(
            file, workspace, *command, "--coder", "ada", "--variable", "use"
        )
    assert "no code of 'kind'" in unchanged(file, workspace, "validate", "k", "--code", "moon")
    assert "topics or categories" in unchanged(file, workspace, "validate", "k", "--layer", "t")


def test_an_unfinished_wave_is_closed_only_on_purpose(workspace: Path, book: Path) -> None:
    """Who is not done is named; --unfinished closes the wave all the same."""
    label(workspace, "sample", "k", "--codebook", book, "--size", 12, "--coder", "ada")
    assert "ada has 12 left" in refusal(workspace, "wave", "close", "k", "w1")
    label(workspace, "wave", "close", "k", "w1", "--unfinished")
    assert "1 closed" in label(workspace, "list")


def test_more_is_not_drawn_by_another_codebook(workspace: Path, book: Path) -> None:
    """A file that was changed since, or is another, is refused; the same again is taken."""
    sample = ("sample", "k", "--codebook", book, "--size")
    label(workspace, *sample, 12)
    label(workspace, *sample, 14)
    book.write_text(
        book.read_text(encoding="utf-8").replace('definition = "', 'definition = "Not ')
    )
    said = unchanged(workspace / "labels" / "k.sqlite", workspace, *sample, 16)
    assert "is not as the set of labels has it" in said
    assert "opsatlas label codebook update k FILE" in said


BAD_LINES = [
    ("no json\n", "no JSON"),
    ("[1]\n", "no JSON object"),
    ('{"item": "TITLE", "vraiable": "kind"}\n', "'vraiable' is unknown"),
    ('{"item": "no/body", "memo": "x"}\n', "called 'no/body'"),
    ('{"item": "TITLE", "variable": "use", "codes": ["drift"]}\n', "'use'"),
    ('{"item": "TITLE", "variable": "kind", "codes": ["moon"]}\n', "'moon'"),
    ('{"item": "TITLE", "variable": "kind", "codes": ["drift", "serving"]}\n', "one"),
    ('{"item": "TITLE", "variable": "kind"}\n', "go together"),
    ('{"item": "TITLE"}\n', "says nothing"),
    ('{"undo": true}\n', "nothing to undo"),
]


@pytest.mark.parametrize(("line", "said"), BAD_LINES)
def test_a_line_that_is_no_decision(workspace: Path, book: Path, line: str, said: str) -> None:
    """Its number and fault are told; the lines before it hold, the ones after it are not read."""
    label(workspace, "sample", "k", "--codebook", book, "--size", 6, "--coder", "ada")
    first, *others = titles(workspace, "k")
    good = lines({"item": first, "variable": "kind", "codes": ["drift"]})
    if "undo" in line:
        line = '{"undo": true}\n' * 2
    script = good + line.replace("TITLE", others[0]) + good.replace("drift", "serving")
    found = refusal(workspace, "annotate", "k", "--coder", "ada", "--stdin", stdin=script)
    assert said in found and "line " in found
    done = label(workspace, "annotate", "k", "--coder", "ada", "--stdin")
    assert f"{0 if 'undo' in line else 1} of 6 documents are done" in done


def test_outcomes_that_settle_nothing(workspace: Path) -> None:
    """Lines without JSON, with unknown keys, for no dispute or with no code of the variable."""
    file = coded_set(workspace, "k")
    listed = opsatlas("label", "adjudicate", "k", "--by", "lea", "--list", "-w", workspace).out
    item = listed.split('"item": "')[1].split('"')[0]
    settle = ("adjudicate", "k", "--by", "lea", "--stdin")
    base = {"item": item, "variable": "kind", "codes": ["drift"]}
    for line, said in (
        ("no json\n", "no outcome"),
        (lines({**base, "why": "x"}), "why"),
        (lines({**base, "item": "name:no/body"}), "Nobody disagrees"),
        (lines({**base, "variable": "use"}), "Nobody disagrees"),
        (lines({**base, "codes": ["moon"]}), "'moon'"),
        (lines({**base, "codes": []}), "kind"),
    ):
        found = unchanged(file, workspace, *settle, stdin=line)
        assert said in found and "line 1" in found, line
    found = refusal(workspace, *settle, stdin=lines(base) + "no json\n")
    assert "line 2" in found and "is kept" in found
    assert "is no name for a coder" in unchanged(file, workspace, *settle, "--by", " ")


def test_there_is_no_screen_without_a_terminal(workspace: Path) -> None:
    """A process whose input is no terminal says how to go on without one."""
    file = coded_set(workspace, "k")
    label(workspace, "sample", "k", "--size", 20)
    before = events_of(file)
    for command in (
        ("annotate", "k", "--coder", "ada"),
        ("adjudicate", "k", "--by", "ada", "--wave", "w1"),
    ):
        done = warm_opsatlas().run("label", *command, "-w", workspace)
        assert done.code == 2
        assert "Traceback" not in done.err
        assert "needs a terminal" in done.err and "--stdin" in done.err
    assert events_of(file) == before


IMPORTS = [
    ("full_name,kind\nacme/serving-0,moon\n", "line 2, column kind: 'moon' is no code of 'kind'"),
    ("full_name,kind\nno/body,drift\n", "line 2: there is no document 'no/body'"),
    ("full_name,sort\nacme/serving-0,drift\n", "kind"),
    ("kind\ndrift\n", "full_name"),
    ("full_name,kind\nacme/serving-0\n", "line 2: 1 cells under 2 columns"),
    ("full_name,kind\nacme/serving-0,drift\nacme/serving-0,drift\n", "see line 2"),
]


@pytest.mark.parametrize(("text", "said"), IMPORTS)
def test_a_table_that_cannot_be_used(
    workspace: Path, book: Path, tmp_path: Path, text: str, said: str
) -> None:
    """The line and column are named, and no set is made of a part of the file."""
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    found = refusal(
        workspace, "import", "k", tmp_path / "x.csv", "--coder", "ada", "--codebook", book
    )
    assert said in found and "x.csv" in found
    assert not list(workspace.glob("labels/*"))


def test_an_import_that_does_not_fit(workspace: Path, book: Path, tmp_path: Path) -> None:
    """An unnamed coder, wrong --column and format, an open contradiction and a closed wave."""
    table = tmp_path / "x.csv"
    table.write_text("full_name,kind\nacme/serving-0,drift\n", encoding="utf-8")
    new = ("import", "k", table, "--codebook", book)
    assert "say it with --coder" in refusal(workspace, *new)
    assert "is no pair" in refusal(workspace, *new, "--coder", "a", "--column", "kind")
    assert "'use' is no variable" in refusal(
        workspace, *new, "--coder", "a", "--column", "use=kind"
    )
    assert "'sort'" in refusal(workspace, *new, "--coder", "a", "--column", "kind=sort")
    assert "no format 'xml'" in refusal(workspace, *new, "--coder", "a", "--format", "xml")
    assert "needs a codebook" in refusal(workspace, "import", "k", table, "--coder", "a")
    assert "x.csv" in refusal(workspace, *new, "--coder", "a", "--format", "jsonl")
    assert not list(workspace.glob("labels/*"))
    label(workspace, *new, "--coder", "ada")
    file = workspace / "labels" / "k.sqlite"
    table.write_text("full_name,kind\nacme/serving-0,serving\n", encoding="utf-8")
    again = ("import", "k", table, "--coder")
    assert "never overwrites" in unchanged(file, workspace, *again, "ada")
    label(workspace, "wave", "close", "k", "w1")
    assert "was closed" in unchanged(file, workspace, *again, "ben")


def test_an_export_that_cannot_be_written(workspace: Path, tmp_path: Path) -> None:
    """An unknown suffix or format, a file that is there and a folder that is not."""
    coded_set(workspace, "k")
    (tmp_path / "there.csv").write_text("mine", encoding="utf-8")
    for target, options, said in (
        ("x.xyz", (), "stands for no format"),
        ("x.csv", ("--format", "xml"), "no format 'xml'"),
        ("there.csv", (), "is there already"),
        ("x.csv", ("--coder", "zed"), "coders: "),
    ):
        assert said in refusal(workspace, "export", "k", tmp_path / target, *options)
    assert (tmp_path / "there.csv").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "x.csv").exists()


BOOKS = [
    (
        CODE.format(code="a", name="A") + 'key = "x"\n'
        + CODE.format(code="b", name="B") + 'key = "x"\n',
        "'x'",
    ),
    (
        CODE.format(code="a", name="A") + 'parent = "b"\n'
        + CODE.format(code="b", name="B") + 'parent = "a"\n',
        "parent",
    ),
    (CODE.format(code="a", name="A") + CODE.format(code="a", name="B"), "'a'"),
    ("[[codes]\n", "line"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "said"), BOOKS)
def test_a_codebook_that_cannot_be_used(
    workspace: Path, tmp_path: Path, more: str, said: str
) -> None:
    """Two codes with one key, codes that are each other's parents, one id twice, no TOML."""
    file = write_book(tmp_path / "bad.toml", more=more)
    for command in (("codebook", "check", file), ("sample", "k", "--codebook", file)):
        found = refusal(workspace, *command)
        assert said in found and "bad.toml" in found
    assert not list(workspace.glob("labels/*"))


def test_changes_that_contradict_the_codebook(workspace: Path, tmp_path: Path) -> None:
    """Codes that are not in use, taken names and keys, and no reason: each is refused."""
    file = coded_set(workspace, "k", close=False)
    why = ("--because", "so")
    for command, said in (
        (("rename", "k", "moon", "Moon", *why), "is not in the codebook"),
        (("rename", "k", "drift", "Serving", *why), "Serving"),
        (("rename", "k", "drift", "Watch", "--because", " "), "needs a reason"),
        (("merge", "k", "drift", "--into", "moon", *why), "is not in the codebook"),
        (("split", "k", "drift", "--into", "moon", *why), "is not in the codebook"),
        (("create", "k", "Drift", "--definition", "x", *why), "Drift"),
        (("create", "k", "New", "--definition", "x", "--variable", "use", *why), "there are: kind"),
        (("create", "k", "New", "--definition", "x", "--key", "toolong", *why), "key"),
        (("update", "k", tmp_path / "no.toml", *why), "no.toml"),
        (("check", "nope"), "no codebook and no set of labels 'nope'"),
    ):
        assert said in unchanged(file, workspace, "codebook", *command), command
    label(workspace, "codebook", "retire", "k", "drift", *why)
    assert "no longer in use" in unchanged(
        file, workspace, "codebook", "retire", "k", "drift", *why
    )
    assert "other variables" in unchanged(
        file, workspace, "codebook", "update", "k", write_other(tmp_path), *why
    )


def write_other(folder: Path) -> Path:
    """Return a codebook that asks another question."""
    text = write_book(folder / "other.toml").read_text("utf-8")
    (folder / "other.toml").write_text(text.replace('id = "kind"', 'id = "sort"'), "utf-8")
    return folder / "other.toml"


def test_merging_what_is_no_copy(workspace: Path, tmp_path: Path) -> None:
    """A set that began apart and a copy that is not there are refused; nothing is taken."""
    file, other = coded_set(workspace, "k"), coded_set(workspace, "other")
    assert "begun apart" in unchanged(file, workspace, "merge", "k", other)
    copy = tmp_path / "copy.sqlite"
    label(workspace, "copy", "k", copy)
    assert "There are no labels" in unchanged(
        file, workspace, "merge", "k", copy, tmp_path / "none.sqlite"
    )
    assert "is there already" in refusal(workspace, "copy", "k", copy)


HALVES = [
    ('coefficient = "cohen"\n', "together"),
    ("threshold = 0.7\n", "together"),
    ('coefficient = "kappa"\nthreshold = 0.7\n', "coefficient"),
    ('coefficient = "cohen"\nthreshold = 7\n', "threshold"),
    ('coefficient = "cohen"\nthreshold = 0.7\nseed = 1\n', "seed"),
]


@pytest.mark.parametrize(("section", "said"), HALVES)
def test_a_study_that_names_half(workspace: Path, book: Path, section: str, said: str) -> None:
    """[labels] with half of its keys, or with others, is told before anything is drawn."""
    study = workspace / "study.toml"
    text = study.read_text(encoding="utf-8").split("[labels]")[0]
    study.write_text(f"{text}[labels]\n{section}", encoding="utf-8")
    found = refusal(workspace, "sample", "k", "--codebook", book, "--size", 5)
    assert said in found and "labels" in found
    assert not list(workspace.glob("labels/*"))
