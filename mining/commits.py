"""How a snapshot's files change: by one writer at a time, and at once for everybody who reads.

A commit writes all files aside, the manifest last: that decides it. Then they are moved into place.
A writer finishes first what one that died had decided, and clears what it had not. A reader takes
each file from where it is at the moment, and changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import BinaryIO, Concatenate, ParamSpec, TypeVar

from artifacts.errors import ArtifactError, BusyError, DamagedError
from artifacts.files import (
    clear_leftovers,
    entries_below,
    is_leftover,
    new_file,
    storage_errors,
    write_text,
)
from artifacts.hashing import hash_file, hash_if_there
from artifacts.locks import writing
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.tables import read_table

STAGING = ".next"
TRIES = 5

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def filling(folder: Path) -> Iterator[None]:
    """Be the only one who writes to the snapshot in ``folder``, with nothing half done in it."""
    with writing(folder):
        settle(folder)
        clear_leftovers(folder)
        yield


def held(
    importer: Callable[Concatenate[Sequence[Path], Path, P], T],
) -> Callable[Concatenate[Sequence[Path], Path, P], T]:
    """Let an import of files into a draft hold its lock from the first byte to the last."""

    @wraps(importer)
    def alone(files: Sequence[Path], draft_folder: Path, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with filling(draft_folder):
            return importer(files, draft_folder, *args, **kwargs)

    return alone


def is_there(folder: Path) -> bool:
    """Tell whether something was ever committed to ``folder``."""
    return (_decided(folder) / FILE_NAME).exists()


def read_state(folder: Path) -> Manifest:
    """Return the manifest of the last commit that was decided.

    Raises
    ------
    ArtifactError
        As `Manifest.read`; what to do about one that is damaged loses nothing.
    """
    while True:
        place = _decided(folder)
        try:
            return Manifest.read(place)
        except ArtifactError as error:
            if place != _decided(folder):
                continue  # it was moved into place under our eyes
            if isinstance(error, DamagedError):
                raise _kept(folder, error) from error
            raise


def manifest_at(folder: Path) -> Path:
    """Return where the manifest is now."""
    return _decided(folder) / FILE_NAME


def file_at(folder: Path, name: str) -> Path:
    """Return where a file of the snapshot is now."""
    aside = _decided(folder) / name
    return aside if aside.exists() else folder / name


def steadily(folder: Path, read: Callable[[Manifest], T]) -> T:
    """Return what ``read`` makes of a snapshot that stays as it is meanwhile.

    Where a commit comes in between, it is asked again.
    """
    for last in [False] * (TRIES - 1) + [True]:
        is_moving = _decided(folder) != folder
        before = read_state(folder)
        try:
            outcome = read(before)
        except (ArtifactError, OSError):
            if last or not (is_moving or read_state(folder) != before):
                raise
        else:
            if read_state(folder) == before:
                return outcome
    raise BusyError("The draft is written to all the time.", where=str(folder), fix="wait for it")


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return the names of files that are missing, added or altered, by the manifest."""
    # A file that is moved into place meanwhile is found in one of the two, looked at in this order.
    places = dict.fromkeys([_decided(folder), folder])
    names = {
        path.relative_to(place).as_posix()
        for place in places
        for path in entries_below(place, but=STAGING)
        if path.is_file() and path.name != FILE_NAME and not is_leftover(path)
    }

    def is_changed(name: str) -> bool:
        hashes = (hash_if_there(place / name) for place in places)
        return next(filter(None, hashes), None) != manifest.files.get(name)

    return sorted(filter(is_changed, names | manifest.files.keys()))


@dataclass(frozen=True)
class Staging:
    """A commit that is under way: its files are written aside."""

    folder: Path

    def write(self, name: str, fill: Callable[[BinaryIO], object]) -> str:
        """Write a file aside; return the SHA-256 of its bytes."""
        path = self.folder / STAGING / name
        with new_file(path) as file:
            fill(file)
        return hash_file(path)

    def decide(self, manifest: Manifest) -> None:
        """Write the manifest, after all other files: once it is there, the commit is decided."""
        path = self.folder / STAGING / FILE_NAME
        write_text(path, manifest.model_dump_json(indent=2) + "\n")


@contextmanager
def committing(folder: Path) -> Iterator[Staging]:
    """Let a commit be written aside, decided, and moved into place: whole or not at all."""
    is_new = not folder.exists()
    try:
        yield Staging(folder)
    except BaseException:
        shutil.rmtree(folder if is_new else folder / STAGING, ignore_errors=True)
        raise
    settle(folder)


def settle(folder: Path) -> None:
    """Finish a commit that was decided, or clear one that was not; for whoever holds the lock."""
    staging = folder / STAGING
    if not staging.exists():
        return
    with storage_errors(folder):
        if (staging / FILE_NAME).exists():
            for path in sorted(staging.iterdir()):
                if path.name != FILE_NAME:
                    path.replace(folder / path.name)
            (staging / FILE_NAME).replace(folder / FILE_NAME)
        shutil.rmtree(staging)


def _decided(folder: Path) -> Path:
    """Return where the manifest is: aside until the other files are moved into place."""
    staging = folder / STAGING
    return staging if (staging / FILE_NAME).exists() else folder


def _kept(folder: Path, error: DamagedError) -> DamagedError:
    """Return the error with advice for data that may not be had a second time."""
    whole = [path.name for path in sorted(folder.glob("*.parquet")) if _is_whole(path)]
    readable = f": {', '.join(whole)} can still be read" if whole else ""
    return DamagedError(
        error.what,
        where=error.where,
        fix=f"keep the folder{readable}. Restore {FILE_NAME} from a backup; or move the folder "
        "elsewhere and make the snapshot again: import the same files, or, if it was mined, "
        f"opsatlas mine --replay --snapshot {folder.name}",
    )


def _is_whole(path: Path) -> bool:
    try:
        read_table(path)
    except ArtifactError:
        return False
    return True
