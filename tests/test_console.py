"""What came from elsewhere is printed as it is: no markup, and no emoji for their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from label_studies import opsatlas
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from small_study import SNAPSHOT, write_study

from opsatlas.cli import console

ODD = ":sparkles: feature [bold]as[/] [/] [link=x]is :x:"
MARKING = {"from_markup", "render_markup", "Panel", "Prompt", "Confirm", "rule", "status"}
"""Names of rich that read markup whatever the console says."""


@pytest.fixture(autouse=True)
def _fresh_consoles() -> Iterator[None]:
    for each in (console.out, console.err):
        each.cache_clear()
    yield
    for each in (console.out, console.err):
        each.cache_clear()


def test_every_way_to_print_leaves_texts_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """A line, a table's title, heads, cells and caption, a styled line, a group of them."""
    table = Table(ODD, title=ODD, caption=ODD)
    table.add_row(ODD, style="bold")
    parts = [ODD, table, Text(ODD, style="bold"), Padding(ODD, 1), console.styled((ODD, "green"))]
    for stream in (console.out(), console.err()):
        for part in parts:
            stream.print(part)
        stream.print(Group(*parts), width=200)
        console.TerminalProgress().say(ODD)
    captured = capsys.readouterr()
    assert captured.out.count(ODD) == 2 * 8
    assert captured.err.count(ODD) == 2 * 8 + 2


def test_a_bar_leaves_its_name_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress is named after repositories and labels as well."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    with console.TerminalProgress().task(ODD, 2) as task:
        task.advance()
    assert ODD in capsys.readouterr().err


def test_commands_print_names_as_they_are(tmp_path: Path) -> None:
    """From an import to a codebook: titles, codes and files with markup in them."""
    (tmp_path / "book.toml").write_text(
        f"""[codebook]
name = "odd"
title = "{ODD}"
version = 1

[[variables]]
id = "kind"
name = "{ODD}"
question = "{ODD}"
open = true

[[codes]]
id = "one"
name = "{ODD}"
definition = "{ODD}"
""",
        encoding="utf-8",
    )
    shown = opsatlas("label", "codebook", "check", tmp_path / "book.toml")
    assert shown.code == 0, shown.err
    shown = opsatlas("label", "codebook", "show", tmp_path / "book.toml")
    assert shown.code == 0, shown.err
    assert "[bold]as[/]" in shown.out
    assert "✨" not in shown.out
    folder = tmp_path / "[red]:x:"
    rows = [{"full_name": "a/b", "description": ODD, ":tada: [/]": 1}]
    write_study(folder, rows)
    done = opsatlas(
        *("import", "repositories", folder / "tools.jsonl", "--snapshot", SNAPSHOT),
        *("-w", tmp_path / "ws", "--seal"),
    )
    assert done.code == 0, done.err
    assert "columns not used: :tada: [/]" in done.out
    assert f"✓ {SNAPSHOT} (sealed) now holds: repositories 1" in done.out
    assert "sealed" in opsatlas("snapshot", "list", "-w", tmp_path / "ws").out
    done = opsatlas("run", folder / "nowhere.toml")
    assert "[red]:x:" in done.err


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with the last part of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def test_nothing_goes_past_the_one_console(root: Path) -> None:
    """No other console prints, nothing reads markup of its own accord, no widget is given any."""
    found = []
    for package in ("opsatlas", "labels"):
        for path in sorted((root / package).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            for name, call in calls(ast.parse(path.read_text(encoding="utf-8"))):
                plain = any(
                    each.arg == "markup" and ast.unparse(each.value) == "False"
                    for each in call.keywords
                )
                fixed = all(isinstance(each, ast.Constant) for each in call.args)
                reads = name in ("Label", "Static", "TextColumn", "notify") and not (plain or fixed)
                prints = name == "Console" and place != "opsatlas/cli/console.py" and not plain
                if name in MARKING or reads or prints:
                    found.append(f"{place}:{call.lineno}: {name}")
    assert found == []
