"""A step of a study: what goes into an artifact, its key, and how it is made."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from artifacts.errors import DamagedError
from artifacts.files import new_folder
from artifacts.hashing import hash_value
from artifacts.manifest import FILE_NAME, Manifest, changed_files, hash_files, joint_hash

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a step has found, ready to be written.

    Attributes
    ----------
    write
        Writes the files into the folder that it is given.
    about
        What else the manifest says: `Manifest`'s fields by name (counts, facts, packages, …).
    content_hash
        Where the files hold clocks: a hash of all that they say but these. None: the files' own.
    """

    write: Callable[[Path], object]
    about: Mapping[str, Any] = field(default_factory=dict)
    content_hash: str | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One artifact of a study. Whoever makes a step has read the hashes of all that goes in.

    Attributes
    ----------
    kind
        Of the artifact.
    version
        Raised whenever the same would give another content.
    depends_on
        All else that the content depends on, as JSON-compatible values: hashes of what goes in,
        settings.
    inputs
        The artifacts that go in, for the manifest: their content hashes, by name.
    find
        Does the work and returns what is to be written. It is given the key: under that name it
        may keep what is half done, to go on from.
    config
        The settings, for the manifest, if there are any.
    name_in_key
        What the key calls the step: its kind where empty.
    lock
        Of a folder: what to hold from writing until the new folder is in place.
    tidy
        Removes what is half done, given the folder of the artifact, which is there now.
    """

    kind: str
    version: int
    depends_on: Mapping[str, Any]
    inputs: Mapping[str, str]
    find: Callable[[str], Content]
    config: Mapping[str, Any] | None = None
    name_in_key: str = ""
    lock: Callable[[Path], AbstractContextManager[object]] = nullcontext
    tidy: Callable[[Path], object] | None = None

    @cached_property
    def key(self) -> str:
        """Return the hash of everything that the content depends on."""
        name = self.name_in_key or self.kind
        return hash_value({"stage": f"{name} {self.version}", **self.depends_on})

    def made(self, folder: Path) -> Manifest | None:
        """Return the manifest of what is in ``folder`` if it is this, and its files as written.

        One whose manifest is damaged is not: it is made again.
        """
        found = self._look(folder)
        if isinstance(found, Manifest):
            _log.info("%s is up to date", _called(folder))
            return found
        _log.info("%s is to be made: %s", _called(folder), found)
        return None

    def _look(self, folder: Path) -> Manifest | str:
        """Return the manifest of what is in ``folder`` if it is this; else why it is not."""
        if not (folder / FILE_NAME).exists():
            return "it is not there yet"
        try:
            manifest = Manifest.read(folder)
        except DamagedError as error:
            return f"its manifest is damaged ({error.what})"
        if manifest.key != self.key:
            return "; ".join(self._differences(manifest)) or (
                "its key is another: the version of the step, or what no manifest holds"
            )
        if changed := changed_files(folder, manifest):
            return f"not as it was written: {', '.join(changed)}"
        return manifest

    def _differences(self, manifest: Manifest) -> Iterator[str]:
        """Yield what went in that is other now, as far as a manifest tells."""
        for name in sorted({*self.inputs, *manifest.inputs}):
            before, now = manifest.inputs.get(name), self.inputs.get(name)
            if before != now:
                what = "has changed" if before and now else "goes in now" if now else "is left out"
                yield f"{name} {what}"
        config = dict(self.config or {})
        for name in sorted({*config, *manifest.config}):
            before, now = manifest.config.get(name), config.get(name)
            if hash_value(before) != hash_value(now):
                yield f"the setting {name} has changed"

    def build(self, folder: Path) -> Manifest:
        """Make the artifact in place of what is in ``folder``, whole or not at all."""
        started = time.perf_counter()
        content = self.find(self.key)
        with self.lock(folder), new_folder(folder) as building:
            content.write(building)
            files = hash_files(building)
            manifest = Manifest(
                kind=self.kind,
                name=folder.name,
                key=self.key,
                inputs=dict(self.inputs),
                config=dict(self.config or {}),
                config_hash="" if self.config is None else hash_value(self.config),
                files=files,
                content_hash=content.content_hash or joint_hash(files),
                wall_time_s=time.perf_counter() - started,
                **content.about,
            )
            manifest.write(building)
        _log.info("%s is made, in %.1f s", _called(folder), time.perf_counter() - started)
        return manifest


def _called(folder: Path) -> str:
    """Return an artifact's name with that of the folder that it is in, which tells its kind."""
    return f"{folder.parent.name}/{folder.name}"


def make(step: Step, folder: Path) -> Manifest:
    """Return the manifest of the artifact in ``folder``, which is made unless it is there."""
    manifest = step.made(folder) or step.build(folder)
    if step.tidy is not None:
        step.tidy(folder)
    return manifest
