"""The files that a study names, where they are in a bundle, and the study that names them there.

In a bundle the study stands in ``workspace/`` and is meant from there. What it names outside of the
workspace lies in ``inputs/``, so its paths are written anew as ``../inputs/…``: no path of the
machine is left, and what a bundle unpacks to is a workspace that runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path, PurePosixPath
from typing import Any

from artifacts.errors import InputError
from configs import PACKAGE_PREFIX, STUDY_FILE, package_path
from configs.finding import find_codebooks, find_families, find_frameworks, resolve, resolve_all
from embeddings.settings import HASHED_WORDS
from labels.history.store import SUFFIX
from opsatlas.pipeline import ORIGIN, Pipeline

WORKSPACE = "workspace"
INPUTS = "inputs"
SHIPPED = f"{INPUTS}/package"
"""Where files are that come with opsatlas: the study names them as before."""

Find = Callable[[str, Path], list[Path]]
Location = tuple[str, ...]


def _files(name: str, study_path: Path) -> list[Path]:
    return resolve_all([name], study_path)


def _codebooks(name: str, study_path: Path) -> list[Path]:
    return find_codebooks([name], study_path, where=str(study_path))


def _frameworks(name: str, study_path: Path) -> list[Path]:
    return find_frameworks([name], study_path, where=str(study_path))


def _families(name: str, study_path: Path) -> list[Path]:
    return [find_families(name, study_path, where=str(study_path))]


def _model(name: str, study_path: Path) -> list[Path]:
    from embeddings.models import KNOWN_MODELS

    folder = resolve(name, study_path)
    return [folder] if name not in {HASHED_WORDS, *KNOWN_MODELS} and folder.exists() else []


FINDERS: dict[Location, Find] = {
    ("codebooks",): _codebooks,
    ("taxonomy", "guide"): _codebooks,
    ("themes", "guide"): _codebooks,
    ("usage", "features"): _codebooks,
    ("usage", "frameworks"): _frameworks,
    ("history", "families"): _families,
    ("ecosystem", "lists"): _files,
    ("sources", "files"): _files,
    ("taxonomy", "gold"): _files,
    ("themes", "gold"): _files,
    ("usage", "lists"): _files,
    ("usage", "facts"): _files,
    ("usage", "code"): _files,
    ("history", "kinds"): _files,
    ("vectors", "model"): _model,
    ("codes", "model"): _model,
}
"""Every place of a study file that names files, and what finds them."""


WORDLESS = ("histories", "git")
"""Kinds of sources that hold no words of others."""


@dataclass(frozen=True)
class NamedFile:
    """A file that a study names.

    Attributes
    ----------
    named
        How the bundle's study names it: a path, a pattern that it matches, or the name of what is
        shipped.
    path
        Where it is in the bundle.
    snapshots
        Those that words of others may be imported into from it.
    shipped
        Whether it comes with opsatlas.
    """

    named: str
    file: Path
    path: str
    snapshots: frozenset[str] = frozenset()
    shipped: bool = False


@dataclass
class NamedFiles:
    """What a study names, and its text with the paths of the bundle.

    Attributes
    ----------
    files
        By their paths in the bundle.
    text
        Of the study file in the bundle.
    folders
        What is named and is a folder (clones, code, a model), as the bundle's study names it.
    label_files
        Sets of labels outside of the workspace.
    """

    files: dict[str, NamedFile] = field(default_factory=dict)
    text: str = ""
    folders: list[str] = field(default_factory=list)
    label_files: list[Path] = field(default_factory=list)


def named_files(pipeline: Pipeline) -> NamedFiles:
    """Return the files that a study names, and the study as it stands in a bundle.

    Raises
    ------
    InputError
        If something that is named is not there.
    """
    import tomlkit

    text = (pipeline.workspace / STUDY_FILE).read_text(encoding="utf-8")
    if text.startswith(ORIGIN):
        text = text.partition("\n")[2]
    document = tomlkit.parse(text)
    found = NamedFiles()
    homes = _Homes(pipeline.study_path.parent, pipeline.workspace)
    for location, find in FINDERS.items():
        for holder, key, name, table in _strings_at(document, location):
            paths = find(name, pipeline.study_path)
            is_text = location[0] == "sources" and table["kind"] not in WORDLESS
            snapshot = table["snapshot"] if is_text else None
            if not paths:
                continue
            new = _placed(
                name, paths, homes, found, study_path=pipeline.study_path, snapshot=snapshot
            )
            if new != name:
                holder[key] = new
    for holder, key, name, _ in _strings_at(document, ("usage", "labels")):
        if name.endswith(SUFFIX):
            found.label_files.append(Path(name))
            holder[key] = Path(name).stem
    document.pop("compute", None)  # the address of a cluster, which changes no result
    found.text = tomlkit.dumps(document)
    return found


def refuse_outside(values: Mapping[str, Any], study_path: Path, home: Path) -> None:
    """Refuse a stranger's study that names files outside of a folder, or a model of its own.

    Parameters
    ----------
    values
        Of the study, as its file has them; its paths are meant from ``study_path``.

    Raises
    ------
    InputError
        If it does. Models are read by libraries that may do what is in them.
    """
    for location in [*FINDERS, ("usage", "labels")]:
        for _, _, name, _ in _strings_at(values, location):
            is_shipped, is_model = name.startswith(PACKAGE_PREFIX), location[-1] == "model"
            base = package_path("") if is_shipped else home
            path = Path(os.path.normpath(resolve(name, study_path)))
            goes_back = ".." in Path(name).parts[1:]  # by a pattern, it may lead anywhere
            if path.is_relative_to(base) and not goes_back and not (is_model and path.exists()):
                continue
            what = "a model of its own" if is_model else "files outside of the bundle"
            raise InputError(
                f"The study of the bundle names {what}: '{name}'.",
                where=f"{study_path.name}, {'.'.join(location)}",
                fix="ask who gave it to you; `opsatlas bundle` writes no such study",
            )


def _strings_at(values: Any, location: Location) -> Iterator[tuple[Any, Any, str, Any]]:
    """Yield the strings at a place of a document: what holds each, its key, and its table."""
    if isinstance(values, list):
        for each in values:
            yield from _strings_at(each, location)
        return
    first, *rest = location
    held = values.get(first)
    if rest:
        yield from () if held is None else _strings_at(held, tuple(rest))
    elif isinstance(held, str):
        yield values, first, str(held), values
    elif held is not None:
        keys = list(held) if isinstance(held, dict) else range(len(held))
        for key in keys:
            yield held, key, str(held[key]), values


class _Homes:
    """Folders that named files lie in, and what stands for each in a bundle."""

    def __init__(self, study: Path, workspace: Path) -> None:
        # Where one is within another, or the same, the first that fits counts.
        self._known = (
            (package_path("").resolve(), SHIPPED),
            (workspace.resolve(), WORKSPACE),
            (study.resolve(), f"{INPUTS}/study"),
        )
        self._elsewhere: dict[Path, str] = {}

    def folder_at(self, folder: Path) -> str:
        """Return where a folder is in the bundle."""
        real = folder.resolve()
        for home, place in self._known:
            if real.is_relative_to(home):
                return (PurePosixPath(place) / real.relative_to(home).as_posix()).as_posix()
        return self._elsewhere.setdefault(real, f"{INPUTS}/elsewhere-{len(self._elsewhere) + 1}")


def _placed(
    name: str,
    paths: list[Path],
    homes: _Homes,
    found: NamedFiles,
    *,
    study_path: Path,
    snapshot: str | None,
) -> str:
    """Note the files that a study means by a name; return what its copy in a bundle calls them."""
    new, places = _places(name, paths, homes, study_path)
    new = name if places[0].startswith(f"{SHIPPED}/") else _from_workspace(new)
    for path, place in zip(paths, places, strict=True):
        if path.is_dir():
            found.folders.append(_from_workspace(place))
            continue
        before = found.files.get(place)
        snapshots = before.snapshots if before else frozenset()
        found.files[place] = NamedFile(
            named=before.named if before else new,
            file=path,
            path=place,
            snapshots=snapshots | {snapshot} if snapshot else snapshots,
            shipped=place.startswith(f"{SHIPPED}/"),
        )
    return new


def _places(name: str, paths: list[Path], homes: _Homes, study_path: Path) -> tuple[str, list[str]]:
    """Return where a name leads to in the bundle, and the place of each file that it means."""
    if not has_magic(name) or paths == [resolve(name, study_path)]:
        places = [f"{homes.folder_at(path.parent)}/{path.name}" for path in paths]
        return places[0], places
    parts = PurePosixPath(name).parts
    first = next(number for number, part in enumerate(parts) if has_magic(part))
    base = resolve(str(PurePosixPath(*parts[:first])), study_path)
    home = homes.folder_at(base)
    places = [f"{home}/{path.relative_to(base).as_posix()}" for path in paths]
    return "/".join([home, *parts[first:]]), places


def _from_workspace(place: str) -> str:
    """Return a place of the bundle as the study in its workspace names it."""
    inside = place.removeprefix(f"{WORKSPACE}/")
    return inside if inside != place else f"../{place}"
