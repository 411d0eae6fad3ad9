"""Advice works: every command that is told can be given, and what was refused then gets further."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from label_studies import coded_set, opsatlas, study_workspace, write_book
from typer.main import get_command

from opsatlas.cli.main import app

PACKAGES = (
    "artifacts", "configs", "mining", "usage", "embeddings", "taxonomy", "labels", "insights",
    "reports", "opsatlas",
)  # fmt: skip
FILLED = {
    "GROUP[corpus]": "taxonomy",
    "GROUP['themes']": "themes",
    "group": "taxonomy",
    "_command(corpus)": "taxonomy",
    "command": "issues",
    "wanted.of": "tools",
    "study": " FILE",
    "by": "--by NAME",
    "other": "",
}
"""What stands for a value that only a run knows, by how the code writes it; 1 for all others."""
TOLD = re.compile(r"`opsatlas ([^`]+)`|\bopsatlas ([a-z0-9][^\n,;:()`]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
NOT_OURS = {"--force-reinstall", "--git", "--help", "--no-deps", "--revision", "--version"}
NOT_OURS |= {"--batch", "--count", "--git-dir", "--git-path", "--no-walk", "--timestamp"}
NOT_OURS |= {"--path-format", "--git-common-dir", "--local", "--get-all", "--null", "--hash"}
NOT_OURS |= {"--reverse", "--topo-order", "--no-merges", "--use-mailmap"}
NOT_OURS |= {"--name-only", "--name-status", "--auto", "--get", "--no-tags", "--hue-"}
NOT_OURS |= {"--scheduler-file"}
"""Of other programs that advice names, or that are called; of every command; or of a style."""
READ = ("usage/commands/", "usage/declared/")
"""Modules that know other programs' options, by which they read how these are called."""
COMMAND = get_command(app)


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every text in code but docstrings, with what stands for each value in it."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            skipped.add(node.value)
        if isinstance(node, ast.JoinedStr):
            skipped |= set(ast.walk(node)) - {node}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr) and node not in skipped:
            yield node.lineno, "".join(map(_filled, node.values))


def _filled(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return FILLED.get(ast.unparse(part.value), "1")
    return str(ast.literal_eval(part))


@cache
def told(root: Path) -> list[tuple[str, str]]:
    """Return each text in the code that may name a command or an option, with where it is."""
    return [
        (f"{path.relative_to(root)}:{line}", text)
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
        if path.name != "examples.py"  # those of the help, which are whole scripts
        for line, text in strings(ast.parse(path.read_text(encoding="utf-8")))
    ]


def commands_in(text: str) -> Iterator[str]:
    """Yield the commands that a text names: in backticks, or up to the next punctuation."""
    for quoted, bare in TOLD.findall(text):
        command = quoted or bare.removesuffix(".")
        if command.split()[0] in COMMAND.commands:  # type: ignore[attr-defined]
            yield command


def parse(words: list[str]) -> None:
    """Parse a command as the command line would, and fail where that would; a group is no error."""
    command: Any = COMMAND
    for n, word in enumerate(words):
        alone = getattr(command, "invoke_without_command", False) and word.startswith("-")
        if alone or not hasattr(command, "commands"):
            command.make_context(words[n - 1], words[n:])
            return
        if word == "--help":
            return
        command = command.commands[word]
    if not hasattr(command, "commands"):
        command.make_context(words[-1], [])


def test_every_command_that_is_told_can_be_given(root: Path) -> None:
    """Its words name a command, its options are there, and no argument is missing or too many."""
    found, wrong = 0, []
    for where, text in told(root):
        for command in commands_in(text):
            found += 1
            try:
                parse(shlex.split(command))
            except Exception as error:
                wrong.append(f"{where}: opsatlas {command}: {error!r}")
    assert wrong == []
    assert found > 40


def test_every_option_that_is_told_is_one(root: Path) -> None:
    """Where advice names an option alone, some command has it."""
    known = {
        option
        for command in leaves(COMMAND)
        for each in command.params
        for option in (*each.opts, *each.secondary_opts)
    }
    advice = [text for where, text in told(root) if not where.startswith(READ)]
    named = {option for text in advice for option in OPTION.findall(text)}
    assert named - known == NOT_OURS
    assert len(named) > 20


def leaves(command: Any) -> Iterator[Any]:
    """Yield each command that does something, groups that do among them."""
    for below in getattr(command, "commands", {}).values():
        yield from leaves(below)
    if getattr(command, "invoke_without_command", True):
        yield command


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a taxonomy, an open set of labels and a closed one, and a draft."""
    ws = study_workspace(tmp_path_factory.mktemp("advice") / "a folder")
    book = write_book(ws / "planted.toml")
    for name, close in (("open", False), ("closed", True)):
        coded_set(ws, name, book=book, close=close)
    (ws / "tools.csv").write_text("full_name,description\nacme/a,serve models\n", encoding="utf-8")
    (ws / "page.json").write_text(
        '{"total_count": 1, "items": [{"id": 1, "full_name": "acme/b"}]}', encoding="utf-8"
    )
    done = opsatlas("import", "repositories", ws / "tools.csv", "--snapshot", DRAFT, "-w", ws)
    assert done.code == 0, done.err
    return ws


DRAFT, NEW = "2025-01-01.draft", "2025-02-02.new"
REFUSED: dict[str, tuple[str, dict[str, str]]] = {
    "a draft is not described": (f"kinds build --snapshot {DRAFT}", {}),
    "kinds are not told yet": ("kinds list tool", {}),
    "coding is blind": ("label agree open", {}),
    "all is coded": ("label annotate closed --coder ada --stdin", {}),
}
"""Commands that are refused."""
ELSEWHERE: dict[str, tuple[str, dict[str, str]]] = {
    "no such snapshot": (f"snapshot show {NEW}", {}),
    "no such labels": ("label show none", {}),
    "another kind of file": (
        f"import repositories page.json --snapshot {NEW}",
        {"FILE": "page.json", "DATE.SOURCE": NEW},
    ),
}
"""Those that were the wrong ones, and what people put for what the advice leaves open."""


@pytest.mark.parametrize("case", REFUSED | ELSEWHERE)
def test_who_follows_the_advice_gets_further(
    case: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that a refusal names succeeds as it stands there; then does the refused one."""
    shutil.copytree(built, tmp_path / "a folder")
    shutil.copy(built / "page.json", tmp_path)
    monkeypatch.chdir(tmp_path)
    refused, filled = (REFUSED | ELSEWHERE)[case]
    before = opsatlas(*refused.split(), "-w", "a folder")
    assert before.code == 2, before.out
    advised = next(commands_in(before.err.split("to do:")[1]))
    assert "-w 'a folder'" in advised
    done = opsatlas(*(filled.get(word, word) for word in shlex.split(advised)))
    assert done.code == 0, done.err
    after = opsatlas(*refused.split(), "-w", "a folder")
    assert after.code == (0 if case in REFUSED else 2), after.err


def test_in_the_workspace_no_folder_is_named(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor from a folder below; from elsewhere the folder is named once, as it was given."""
    monkeypatch.chdir(built / "snapshots")
    assert "-w" not in opsatlas("kinds", "list", "tool", "-w", built).err
    monkeypatch.chdir(built.parent)
    said = opsatlas("taxonomy", "rename", "0", "Mine", "--by", "Ada", "-w", built).out
    assert f"to take it back: opsatlas taxonomy undo 1 -w '{built}'\n" in said
