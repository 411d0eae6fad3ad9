"""jedi beside the scan: asked of single names in the same files whether they are a framework's.

jedi follows a name to where it is defined, so it finds little without the frameworks' own source.
It gets it from wheels in a folder, unpacked aside and never installed:

    python -m pip download --no-deps --dest FOLDER mlflow wandb prefect bentoml kedro metaflow \
evidently deepchecks

A name is the last one of a chain of attributes, or one alone, where it is read, in a file of Python
in which a framework's name stands; imports aside. The names that people listed as uses, by line and
last part of the symbol, and the others are drawn apart, with a seed, as many of each: precision is
that on such a sample. A match is line and last name: what jedi calls a symbol is where the
framework keeps it inside, not how it is imported.
"""

from __future__ import annotations

import ast
import re
import sysconfig
import tempfile
import time
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.usage_code import CodeText, Row
from insights.usage.evaluation import class_of

_PLAIN_PATH = re.compile(r"(?!.*\.\.)[\w.+-]+(/[\w.+-]+)*")


@dataclass(frozen=True, order=True)
class NameSpot:
    """A name where it is read: line from 1, column from 0, in characters."""

    project: str
    path: str
    line: int
    column: int
    name: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return by what it is held against uses."""
        return self.project, self.path, str(self.line), self.name


@dataclass(frozen=True)
class NameSample:
    """Names drawn from those that are uses, and from the others."""

    uses: tuple[NameSpot, ...]
    others: tuple[NameSpot, ...]


@dataclass(frozen=True)
class NameScore:
    """How right a tool is about the names of a sample.

    Attributes
    ----------
    right, wrong
        Names said to be a framework's: those that are uses, and the others.
    n_uses, n_others
        Names of the sample.
    recalls
        Of the uses of each class, with how many were drawn.
    seconds
        For all names; None if not measured.
    """

    right: int
    wrong: int
    n_uses: int
    n_others: int
    recalls: dict[str, tuple[float, int]]
    seconds: float | None

    @property
    def precision(self) -> float | None:
        """Return which share of what is said to be a framework's is; None if nothing is."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Return which share of the uses is found; None without any."""
        return self.right / self.n_uses if self.n_uses else None


def use_keys(rows: Iterable[Row]) -> dict[tuple[str, str, str, str], str]:
    """Return by line and last name the classes of the uses of symbols in code."""
    return {
        (row["project"], row["path"], row["line"], row["symbol"].rpartition(".")[2]): of
        for row in rows
        if (of := class_of(row)) in ("direct", "instance")
    }


def draw_names(
    texts: Iterable[CodeText],
    listed: Collection[tuple[str, str, str, str]],
    roots: Collection[str],
    n_names: int,
    *,
    seed: int,
) -> NameSample:
    """Draw names, half of them uses."""
    named = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, roots)))})\b")
    spots = [
        spot
        for text in texts
        if text.path.endswith(".py") and named.search(text.parts[0][1])
        for spot in _spots(text)
    ]
    parted: dict[bool, list[NameSpot]] = {True: [], False: []}
    for spot in sorted(set(spots)):
        parted[spot.key in listed].append(spot)
    rng = np.random.default_rng(seed)
    drawn = {
        is_use: tuple(
            these[at] for at in sorted(rng.permutation(len(these))[: n_names // 2].tolist())
        )
        for is_use, these in parted.items()
    }
    return NameSample(drawn[True], drawn[False])


def _spots(text: CodeText) -> Iterator[NameSpot]:
    code = text.parts[0][1]
    lines = code.splitlines()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return
    held = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute) or id(node) in held:
            continue
        name = node.id if isinstance(node, ast.Name) else node.attr
        line = node.end_lineno or node.lineno
        if isinstance(node.ctx, ast.Load) and line <= len(lines):
            before = lines[line - 1].encode()[: node.end_col_offset].decode("utf-8", "replace")
            if before.endswith(name):
                yield NameSpot(text.project, text.path, line, len(before) - len(name), name)


def unpacked(wheels: Path | None, into: Path) -> list[Path]:
    """Unpack the wheels of a folder, each aside, and return where they lie."""
    found = []
    for wheel in sorted(wheels.glob("*.whl")) if wheels else ():
        place = into / wheel.stem
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place)
        found.append(place)
    return found


def asked_of_jedi(
    sample: NameSample, texts: Sequence[CodeText], roots: Collection[str], wheels: Path | None
) -> tuple[set[NameSpot], float]:
    """Return the names that jedi says to be a framework's, and the seconds that it took.

    The files of each repository lie around it as they do in a clone; unpacking is not counted.
    """
    by_project: dict[str, list[NameSpot]] = defaultdict(list)
    for spot in (*sample.uses, *sample.others):
        by_project[spot.project].append(spot)
    said: set[NameSpot] = set()
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        sources = unpacked(wheels, Path(folder) / "wheels")
        for number, (project, spots) in enumerate(sorted(by_project.items())):
            place = Path(folder) / "code" / str(number)
            place.mkdir(parents=True)
            for text in texts:
                if text.project == project:
                    _lay(text, place)
            start = time.perf_counter()
            said.update(_followed(spots, place, sources, roots, Path(folder) / "cache"))
            seconds += time.perf_counter() - start
    return said, seconds


def _lay(text: CodeText, place: Path) -> None:
    """Write a file of Python, if its path is a plain one."""
    if text.path.endswith(".py") and _PLAIN_PATH.fullmatch(text.path):
        target = place / text.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.parts[0][1], encoding="utf-8", newline="")


def _followed(
    spots: Iterable[NameSpot],
    place: Path,
    sources: Sequence[Path],
    roots: Collection[str],
    cache: Path,
) -> Iterator[NameSpot]:
    import jedi

    jedi.settings.cache_directory = str(cache)
    # Python's own library and the wheels alone: what else is installed here is no part of this.
    searched = [sysconfig.get_paths()["stdlib"], *map(str, sources)]
    project = jedi.Project(place, sys_path=searched, load_unsafe_extensions=False)
    environment = jedi.InterpreterEnvironment()  # this Python, asked without another process
    scripts: dict[str, Any] = {}
    for spot in spots:
        if spot.path not in scripts:
            path = place / spot.path
            scripts[spot.path] = jedi.Script(path=path, project=project, environment=environment)
        try:
            found = scripts[spot.path].goto(spot.line, spot.column, follow_imports=True)
        except Exception:  # whatever jedi fails with, the name is not found: that is its figure
            continue
        if any((each.full_name or "").partition(".")[0] in roots for each in found):
            yield spot


def score_names(
    sample: NameSample,
    said: set[NameSpot],
    classes: dict[tuple[str, str, str, str], str],
    seconds: float | None = None,
) -> NameScore:
    """Return how right it is to say of these names, and no others, that they are a framework's."""
    by_class: dict[str, list[bool]] = defaultdict(list)
    for spot in sample.uses:
        by_class[classes[spot.key]].append(spot in said)
    return NameScore(
        right=len(said & {*sample.uses}),
        wrong=len(said & {*sample.others}),
        n_uses=len(sample.uses),
        n_others=len(sample.others),
        recalls={of: (float(np.mean(hits)), len(hits)) for of, hits in sorted(by_class.items())},
        seconds=seconds,
    )
