"""What would work on one system and break on another: shown here for those that are not at hand."""

from __future__ import annotations

import ast
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from test_floors import FLOORS

SHIPPED = (*FLOORS, "benchmarks", "tests", "docs")
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}
"""What Windows calls no file, whatever follows after a point."""
FORBIDDEN = set('<>:"\\|?*')
LONGEST = 180
"""Characters of a path in the project: Windows allows 260 with those of the folder around it."""

# Not there on Windows; what stands after a question whether it is there is allowed by its place.
OF_OS = """
    O_DIRECTORY O_NOFOLLOW chown fchmod fchown fork forkpty getegid geteuid getgid getpgid getuid
    killpg mkfifo mknod nice openpty posix_spawn pread pwrite sched_getaffinity setsid setuid
    statvfs sysconf uname wait waitpid
"""
OF_SIGNAL = "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1 SIGWINCH alarm"
POSIX_ALONE = {f"os.{name}" for name in OF_OS.split()}
POSIX_ALONE |= {f"signal.{name}" for name in OF_SIGNAL.split()}
ASKED_FOR = {("artifacts/pool.py", "os.sched_getaffinity")}


@pytest.fixture(scope="module")
def product(root: Path) -> dict[str, ast.Module]:
    """Return every module of the product, by its place."""
    return {
        path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for package in FLOORS
        for path in sorted((root / package).rglob("*.py"))
    }


def without_encoding(tree: ast.Module) -> Iterator[str]:
    """Yield the calls that read or write a text in whatever encoding the system prefers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and all(word.arg != "encoding" for word in node.keywords):
            values = [*node.args, *(word.value for word in node.keywords)]
            modes = {str(v.value) for v in values if isinstance(v, ast.Constant)}
            keywords = {word.arg for word in node.keywords}
            if is_of_text(ast.unparse(node.func), len(node.args), modes, keywords):
                yield f"{node.lineno}: {ast.unparse(node)}"


def is_of_text(called: str, n_args: int, constants: set[str], keywords: set[str | None]) -> bool:
    """Tell whether a call without an encoding reads or writes a text."""
    match called.rpartition("."):
        case ("subprocess", _, _):
            return bool(keywords & {"text", "universal_newlines"})
        case (_, ".", "read_text"):
            return n_args == 0
        case (_, ".", "write_text") | (_, _, "TextIOWrapper"):
            return n_args < 2
        case ("", "", "open") | ("os", ".", "fdopen"):
            return not any("b" in value for value in constants)
        case ("archive", ".", "open"):  # what is in a ZIP is of bytes
            return False
        case (_, ".", "open"):
            return bool(constants & {"r", "w", "a", "x", "rt", "wt"})
    return False


def of_one_system(tree: ast.Module) -> Iterator[str]:
    """Yield what a module uses of `os` and `signal` that other systems do not have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            if name in POSIX_ALONE:
                yield name


def unfit_names(paths: list[PurePosixPath]) -> Iterator[str]:
    """Yield the paths that Windows or macOS could not keep, or keep apart."""
    folded = Counter(str(path).casefold() for path in paths)
    for path in paths:
        for part in path.parts:
            if part.split(".")[0].casefold() in DEVICES or FORBIDDEN & set(part):
                yield f"{path}: {part} is no name there"
            if part != part.rstrip(". "):
                yield f"{path}: {part} would lose its end"
        if len(str(path)) > LONGEST:
            yield f"{path} is too long"
        if folded[str(path).casefold()] > 1:
            yield f"{path} is another's name in other case"


def test_every_text_is_read_and_written_in_an_encoding_that_is_named(
    product: dict[str, ast.Module],
) -> None:
    """No module leaves the encoding to the system, which is not UTF-8 everywhere."""
    found = [
        f"{place}:{what}" for place, tree in product.items() for what in without_encoding(tree)
    ]
    assert found == []


def test_nothing_is_asked_of_the_system_that_windows_lacks(product: dict[str, ast.Module]) -> None:
    """No module uses a signal or a function of `os` that is not everywhere, or it asks first."""
    used = {(place, name) for place, tree in product.items() for name in of_one_system(tree)}
    assert used == ASKED_FOR


def test_every_file_can_be_kept_on_every_system(root: Path) -> None:
    """No path is a device's name, too long, or another's in other case."""
    paths = [
        PurePosixPath(path.relative_to(root).as_posix())
        for top in SHIPPED
        for path in (root / top).rglob("*")
        if "__pycache__" not in path.parts
    ]
    assert len(paths) > 500
    assert list(unfit_names(paths)) == []


@pytest.mark.parametrize(
    "code",
    [
        "path.read_text()",
        "path.write_text(text)",
        "open(path)",
        "path.open('w')",
        "io.TextIOWrapper(raw)",
        "subprocess.run(command, text=True)",
    ],
)
def test_a_text_without_an_encoding_is_found(code: str) -> None:
    """The check reports each way of leaving an encoding out, and none that names one."""
    assert [*without_encoding(ast.parse(code))] == [f"1: {code}"]
    named = code.replace(")", ", encoding='utf-8')").replace("(, ", "(")
    bytes_alone = "open(path, 'rb'); path.open(mode='rb'); shelf.open(name); read_text(path)"
    assert [*without_encoding(ast.parse(f"{named}; {bytes_alone}"))] == []
    assert [
        *without_encoding(ast.parse("open(path, 'rb'); path.open(mode='rb'); shelf.open(name)"))
    ] == []


def test_names_that_do_not_travel_are_found() -> None:
    """The check reports devices, forbidden characters, lost ends, lengths and equal names."""
    names = ["a/Con.txt", "a:b", "a.", "x" * 181, "B", "b", "fine/console.py"]
    assert len([*unfit_names([PurePosixPath(name) for name in names])]) == 6


def test_what_is_looked_for_is_there_on_this_system() -> None:
    """The names that other systems lack are spelt as this one has them."""
    if os.name == "posix":
        there = {f"os.{n}" for n in dir(os)} | {f"signal.{n}" for n in dir(signal)}
        assert there >= POSIX_ALONE
