"""A small study whose documents people label, and the commands that label them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from command_line import opsatlas
from small_study import KINDS, planted_rows, write_study
from warm import warm_opsatlas

from labels.label_set import LabelSet
from labels.results import coded_items

ISSUES = "2024-01-01.issues"
FRAMEWORKS = {"acme/serving-0": 9, "acme/tracking-1": 3}
"""How many issues each has."""
MORE = f"""
[[sources]]
snapshot = "{ISSUES}"
kind = "issues"
files = ["issues.jsonl"]

[themes]
snapshot = "{ISSUES}"

[labels]
coefficient = "cohen"
threshold = 0.6
"""
BOOK = """\
[codebook]
name = "planted"
title = "Planted kinds"
version = {version}

[[variables]]
id = "kind"
name = "Kind"
question = "What is it for?"
open = true
"""
CODE = """
[[codes]]
id = "{code}"
name = "{name}"
definition = "It is for {code}."
"""
Decide = Callable[[str], str]
"""Which code a coder gives a document with this title."""


def label(workspace: Path, *arguments: object, stdin: str = "") -> str:
    """Run `opsatlas label` on a workspace, which must succeed; return what it printed."""
    done = opsatlas("label", *arguments, "-w", workspace, stdin=stdin)
    assert done.code == 0, done.err
    return " ".join(done.out.split()) if "--json" not in arguments else done.out


def refusal(workspace: Path, *arguments: object, stdin: str = "") -> str:
    """Run `opsatlas label` on a workspace, which must be refused; return its one error."""
    done = opsatlas("label", *arguments, "-w", workspace, stdin=stdin)
    assert done.code == 2, done.out + done.err
    assert done.out == ""
    assert done.err.count("error: ") == 1, done.err
    return done.err


@cache
def _built() -> TemporaryDirectory[str]:
    """Build the study once; the folder goes when the process ends."""
    folder = TemporaryDirectory(prefix="labelled-")
    source = Path(folder.name)
    rows = [{**row, "stars": number} for number, row in enumerate(planted_rows())]
    issues = [
        {"full_name": name, "number": n, "title": f"Wish {n} of {name}", "body": "Please."}
        for name, count in FRAMEWORKS.items()
        for n in range(count)
    ]
    lines = "".join(json.dumps(issue) + "\n" for issue in issues)
    (source / "issues.jsonl").write_text(lines, encoding="utf-8")
    study = write_study(source, rows, runs=4, more=MORE)
    workspace = source / "ws"
    workspace.mkdir()
    (workspace / "study.toml").write_text(
        f"# The study that was run here last. Relative paths in it are meant from: {study}\n"
        + study.read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    for command in (("taxonomy", "build"), ("snapshot", "list")):
        done = warm_opsatlas().run(*command, "-w", workspace)
        assert done.code == 0, done.err
    return folder


def study_workspace(folder: Path) -> Path:
    """Return a workspace of the small study, its taxonomy built, in a folder of the test's own."""
    return Path(shutil.copytree(Path(_built().name) / "ws", folder / "ws"))


def write_book(
    path: Path, codes: Iterable[str] = tuple(KINDS), *, version: int = 1, more: str = ""
) -> Path:
    """Write a codebook with one open variable and these codes."""
    text = BOOK.format(version=version)
    text += "".join(CODE.format(code=code, name=code.title()) for code in codes)
    path.write_text(text + more, encoding="utf-8")
    return path


def planted(title: str) -> str:
    """Return the kind that was planted in the document with this title."""
    return title.split("/")[1].split("-")[0]


def lines(*values: dict[str, Any]) -> str:
    """Return values as JSON lines."""
    return "".join(json.dumps(value) + "\n" for value in values)


def titles(workspace: Path, name: str) -> list[str]:
    """Return the titles of the documents of a set of labels, in the order of its waves."""
    with LabelSet.open(workspace / "labels" / f"{name}.sqlite", read_only=True) as labels:
        return [
            labels.document(item).title
            for wave in labels.state.waves.values()
            for item in wave.items
        ]


def codings(workspace: Path, name: str) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Return what each coder, and adjudication, holds of each document, by key and coder."""
    with LabelSet.open(workspace / "labels" / f"{name}.sqlite", read_only=True) as labels:
        items = coded_items(labels, list(labels.state.waves.values()))
        return {
            (item.key, item.coder): {v: list(codes) for v, codes in item.values.items()}
            for item in items
        }


def code_all(workspace: Path, name: str, coder: str, decide: Decide = planted) -> str:
    """Let a coder code every document; return what the command said."""
    script = lines(
        *(
            {"item": title, "variable": "kind", "codes": [decide(title)]}
            for title in titles(workspace, name)
        )
    )
    return label(workspace, "annotate", name, "--coder", coder, "--stdin", stdin=script)


def coded_set(
    workspace: Path, name: str, *, size: int = 12, book: Path | None = None, close: bool = True
) -> Path:
    """Make a set that ada and ben coded; ben takes every fifth for drift. Return its file."""
    codebook = book or write_book(workspace / "planted.toml")
    label(
        workspace, "sample", name, "--codebook", codebook, "--size", size,
        *("--coder", "ada", "--coder", "ben", "--by", "lea"),
    )  # fmt: skip
    code_all(workspace, name, "ada")
    wrong = set(titles(workspace, name)[::5])
    code_all(workspace, name, "ben", lambda title: "drift" if title in wrong else planted(title))
    if close:
        label(workspace, "wave", "close", name, "w1", "--by", "lea")
    return workspace / "labels" / f"{name}.sqlite"
