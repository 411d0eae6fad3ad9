"""A step of a study: what goes into an artifact, its key, and how it is made."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from artifacts.errors import DamagedError
from artifacts.files import new_folder
from artifacts.hashing import hash_value
from artifacts.manifest import FILE_NAME, Manifest, changed_files, hash_files, joint_hash
from artifacts.processes import note_on_workers

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


PARTS = "depends_on"
"""Fact of a manifest: the hash of each part of what the artifact depends on, by name."""

Standing = Literal["there", "missing", "stale", "changed", "damaged"]
"""Of an artifact: as its step would make it; not there; made of something else; not as it was
written; with a manifest that cannot be read."""

MADE_DIFFERENTLY = "made by another version of opsatlas"
"""What is said of a stale artifact whose step has another version."""


@dataclass(frozen=True)
class StepState:
    """How what is in a folder stands to a step.

    Attributes
    ----------
    because
        Of a stale one: the parts that differ, by the names that the step has for them, and
        ``version`` for the step's own; empty where its manifest does not tell. Of a changed one:
        the files.
    manifest
        None where there is none that can be read.
    """

    standing: Standing
    because: tuple[str, ...] = ()
    manifest: Manifest | None = None

    def __str__(self) -> str:
        """Return it in words, such as ``stale: settings``."""
        parts = [MADE_DIFFERENTLY if part == "version" else part for part in self.because]
        return ": ".join([self.standing, *filter(None, [", ".join(parts)])])


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
        state = self.state(folder)
        if state.standing == "there":
            _log.info("%s is up to date", _called(folder))
            return state.manifest
        _log.info("%s is to be made: %s", _called(folder), state)
        return None

    def state(self, folder: Path) -> StepState:
        """Return how what is in ``folder`` stands to this step; nothing is changed."""
        if not (folder / FILE_NAME).exists():
            return StepState("missing")
        try:
            manifest = Manifest.read(folder)
        except DamagedError:
            return StepState("damaged")
        if manifest.key != self.key:
            return StepState("stale", tuple(self._changed_parts(manifest)), manifest)
        if changed := changed_files(folder, manifest):
            return StepState("changed", tuple(changed), manifest)
        return StepState("there", (), manifest)

    def _changed_parts(self, manifest: Manifest) -> Iterator[str]:
        """Yield what this differs in from what a manifest is of, as far as that tells."""
        now, then = self._parts(), manifest.facts.get(PARTS)
        if isinstance(then, dict):
            yield from (name for name in now | then if now.get(name) != then.get(name))
            return
        # An earlier version kept the key alone, the inputs and the settings.
        if any(replace(self, version=n).key == manifest.key for n in range(self.version)):
            yield "version"
        yield from (
            name
            for name in {**self.inputs, **manifest.inputs}
            if self.inputs.get(name) != manifest.inputs.get(name)
        )
        if manifest.config_hash and hash_value(self.config) != manifest.config_hash:
            yield "settings"

    def _parts(self) -> dict[str, str]:
        """Return a hash of each part of what the content depends on, by name."""
        parts = {name: hash_value(value) for name, value in self.depends_on.items()}
        return {"version": hash_value([self.name_in_key or self.kind, self.version]), **parts}

    def build(self, folder: Path) -> Manifest:
        """Make the artifact in place of what is in ``folder``, whole or not at all."""
        started = time.perf_counter()
        content = self.find(self.key)
        about = dict(content.about)
        about["facts"] = {**about.get("facts", {}), PARTS: self._parts()}
        if note := note_on_workers():
            about["notes"] = [*about.get("notes", ()), note]
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
                **about,
            )
            manifest.write(building)
        _log.info("%s is made, in %.1f s", _called(folder), time.perf_counter() - started)
        return manifest


def _called(folder: Path) -> str:
    """Return an artifact's name with that of the folder that it is in, which tells its kind."""
    inner = f"{folder.parent.name}/{folder.name}"
    return f"reports/{inner}" if folder.parent.parent.name == "reports" else inner


def make(step: Step, folder: Path) -> Manifest:
    """Return the manifest of the artifact in ``folder``, which is made unless it is there."""
    manifest = step.made(folder) or step.build(folder)
    if step.tidy is not None:
        step.tidy(folder)
    return manifest
