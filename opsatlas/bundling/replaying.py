"""Replaying a bundle: every step whose inputs are in it is made again, and compared with it.

The steps are those of a study (`opsatlas.steps`), in their order. Each begins with what the bundle
says went in: where a step comes out otherwise, or cannot be made again, what the bundle holds takes
its place before the next. What was mined is taken as it is: nobody can ask the same twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from artifacts.errors import ArtifactError, InputError, OpsatlasError
from artifacts.files import storage_errors
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.notation import read_toml
from artifacts.progress import Progress
from artifacts.step import MADE_DIFFERENTLY, PARTS
from artifacts.tables import read_table
from configs import STUDY_FILE
from opsatlas.bundling.environment import environment_of
from opsatlas.bundling.named import WORKSPACE, refuse_outside
from opsatlas.bundling.offline import closed_network
from opsatlas.bundling.reading import IndexedArtifact, OpenBundle, open_bundle
from opsatlas.bundling.stages import stages_of
from opsatlas.bundling.verifying import check_bundle, read_manifest
from opsatlas.bundling.views import views_folder
from opsatlas.pipeline import Pipeline
from opsatlas.study import read_study
from taxonomy.places.model import FOLDER as MODEL
from taxonomy.store import KIND as TAXONOMY

DIFFERENT: Final = "different"
"""Folder, beside the workspace, of what came out otherwise than in the bundle."""
UNREAD: Final[dict[str, tuple[str, ...]]] = {TAXONOMY: (f"{MODEL}/",)}
"""What no step reads, by the kind of the artifact: there it may be withheld."""
IN_BUNDLE: Final = "in the bundle: {then}; here: {now}"

Outcome = Literal["replayed", "in part", "taken", "withheld"]
"""Made again, and compared; found again from vectors and counts of words, as far as that goes;
taken from the bundle as it is; or neither made nor there."""


@dataclass(frozen=True)
class ReplayedStep:
    """What came of one artifact of a bundle.

    Attributes
    ----------
    path
        Of the artifact, relative to the workspace.
    equal
        Whether it is as in the bundle; None: it was not made again.
    different
        The files, and columns of files, that are not.
    why
        It was not replayed, or how it may have come to differ.
    """

    path: str
    kind: str
    outcome: Outcome
    equal: bool | None = None
    different: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Replay:
    """A bundle that was replayed.

    Attributes
    ----------
    study
        Its name.
    steps
        In the order in which they were made.
    environment
        Sentences on how this machine differs from the one that the bundle was made on.
    folder
        Where the workspace is; None: it was removed.
    """

    study: str
    steps: tuple[ReplayedStep, ...]
    environment: tuple[str, ...]
    folder: Path | None

    @property
    def made(self) -> list[ReplayedStep]:
        """Return the steps that were made again, wholly or in part."""
        return [step for step in self.steps if step.equal is not None]

    @property
    def all_equal(self) -> bool:
        """Tell whether all that was made again is as in the bundle, and something was."""
        return bool(self.made) and all(step.equal for step in self.made)


def replay_bundle(path: Path, progress: Progress, folder: Path | None = None) -> Replay:
    """Make everything again that can be made of what is in a bundle, and compare it.

    The network is closed meanwhile, and nothing is written outside of the folder.

    Parameters
    ----------
    folder
        Where to, a new or empty one: it is kept. None: a temporary one, which is removed.

    Raises
    ------
    InputError
        If the file is no bundle or holds what could do harm, its study names what is outside of it,
        or the folder is not empty.
    ArtifactError
        If the bundle is not as it was written, or of another format.
    """
    with open_bundle(path) as bundle, _place(folder) as home:
        check_bundle(bundle, progress).refuse_problems(path)
        artifacts = bundle.index.artifacts
        loose = [
            name
            for name in bundle.index.files
            if not any(name.startswith(f"{artifact.path}/") for artifact in artifacts)
        ]
        bundle.restore(loose, home)
        workspace = home / WORKSPACE
        study_path = workspace / STUDY_FILE
        values, _ = read_toml(study_path, what="The study file")
        refuse_outside(values, study_path.absolute(), home.absolute())
        pipeline = Pipeline(workspace, read_study(study_path), study_path, progress)
        with closed_network():
            steps = _Replaying(bundle, pipeline).all_steps()
    there = bundle.index.environment
    return Replay(bundle.index.study, tuple(steps), tuple(_differences(there)), folder)


def _place(folder: Path | None) -> AbstractContextManager[Path]:
    """Return the folder to work in, which is removed after the block unless it was named."""
    if folder is None:
        return _temporary()
    with storage_errors(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(
                "A bundle is replayed in a folder of its own; this one is not empty.",
                where=str(folder),
                fix="name a new one with -w",
            )
    return nullcontext(folder)


@contextmanager
def _temporary() -> Iterator[Path]:
    with TemporaryDirectory(prefix="opsatlas-replay-") as name:
        yield Path(name)


@dataclass
class _Replaying:
    """A bundle that is being replayed."""

    bundle: OpenBundle
    pipeline: Pipeline
    steps: dict[str, ReplayedStep] = field(default_factory=dict)

    def all_steps(self) -> list[ReplayedStep]:
        """Make all stages of the study, and take what none of them makes."""
        known = {artifact.path.removeprefix(f"{WORKSPACE}/"): artifact for artifact in self._all()}
        for stage in stages_of(self.pipeline, list(known)):
            paths = [path for path in stage.paths if path in known and path not in self.steps]
            if paths:
                self._carry_out([known[path] for path in paths], stage.make)
        for artifact in known.values():
            if _name(artifact) not in self.steps:
                self._take(artifact, "it is made by a command of its own, not by a run")
        return list(self.steps.values())

    def _all(self) -> Sequence[IndexedArtifact]:
        return self.bundle.index.artifacts

    def _carry_out(
        self, artifacts: Sequence[IndexedArtifact], make_them: Callable[[], object]
    ) -> None:
        """Make artifacts again and compare them, or say why that cannot be."""
        lacking = (self._lacks(artifact, artifacts) for artifact in artifacts)
        if reason := next(filter(None, lacking), None):
            for artifact in artifacts:
                self._take(artifact, reason)
            return
        try:
            make_them()
        except OpsatlasError as error:
            for artifact in artifacts:
                shutil.rmtree(self._folder(artifact), ignore_errors=True)
                self._take(artifact, error.what.removesuffix("."))
            return
        for artifact in artifacts:
            if (self._folder(artifact) / FILE_NAME).exists():
                self._compare(artifact)
            else:
                self._take(artifact, "no run makes it of what is here")

    def _lacks(self, artifact: IndexedArtifact, together: Sequence[IndexedArtifact]) -> str | None:
        """Return why an artifact cannot be made again, if what it is made of is not there.

        Parameters
        ----------
        together
            What is made with it.
        """
        manifest = self._then(artifact)
        if artifact.kind == "snapshot" and _is_mined(manifest):
            return "it was mined, and nothing is asked again"
        by_content = {each.content_hash: each for each in self._all()}
        for content in manifest.inputs.values():
            needed = by_content.get(content)
            if needed is None or needed in together:
                continue
            if not (self._folder(needed) / FILE_NAME).exists():
                return f"it is made of {_name(needed)}, some of which is withheld"
        return None

    def _compare(self, artifact: IndexedArtifact) -> None:
        """Note how what was made differs from the bundle; then put what the bundle holds there."""
        then, folder = self._then(artifact), self._folder(artifact)
        now = Manifest.read(folder)
        step = ReplayedStep(_name(artifact), artifact.kind, "replayed", equal=True)
        if now.content_hash == artifact.content_hash:
            self.steps[step.path] = step
            return
        kept = self.pipeline.workspace.parent / DIFFERENT / step.path
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, kept)
        if self._is_whole(artifact, then):
            self._restore(artifact)
        other_parts = sorted(_other_parts(then, now))
        if then.key != now.key and other_parts:
            told = ", ".join(MADE_DIFFERENTLY if p == "version" else p for p in other_parts)
            why = f"it is made of something else here: {told}"
            outcome: Outcome = "taken" if folder.exists() else "withheld"
            self.steps[step.path] = replace(step, outcome=outcome, equal=None, why=why)
            return
        different = tuple(_different(then, now, folder, kept))
        why = "; ".join(_how_made(then, now))
        self.steps[step.path] = replace(step, equal=False, different=different, why=why)

    def _take(self, artifact: IndexedArtifact, why: str) -> None:
        """Put what the bundle holds of an artifact in its place, if that is all of it."""
        step = ReplayedStep(_name(artifact), artifact.kind, "withheld", why=why)
        if self._is_whole(artifact, self._then(artifact)):
            self._restore(artifact)
            step = replace(step, outcome="taken")
            if artifact.kind == TAXONOMY:
                step = self._found_again(artifact, step)
        self.steps[step.path] = step

    def _found_again(self, artifact: IndexedArtifact, step: ReplayedStep) -> ReplayedStep:
        """Find a taxonomy again from its views, where they are in the bundle."""
        views = views_folder(step.path)
        if not any(name.startswith(f"{views}/") for name in self.bundle.index.files):
            return step
        from taxonomy.views import find_again, read_views

        home = self.pipeline.workspace.parent / views
        again = find_again(self._folder(artifact), read_views(home), self.pipeline.progress)
        why = f"{step.why}; names, keywords and exemplars are taken as they are"
        return replace(
            step, outcome="in part", equal=not again.other, different=again.other, why=why
        )

    def _restore(self, artifact: IndexedArtifact) -> None:
        """Put all that the bundle holds of an artifact in its place, as one that is whole."""
        there = self.bundle.index.files
        names = [name for name in there if name.startswith(f"{artifact.path}/")]
        self.bundle.restore(names, self.pipeline.workspace.parent)
        manifest = self._then(artifact)
        files = {k: v for k, v in manifest.files.items() if f"{artifact.path}/{k}" in there}
        if files != manifest.files:
            manifest.model_copy(update={"files": files}).write(self._folder(artifact))

    def _is_whole(self, artifact: IndexedArtifact, manifest: Manifest) -> bool:
        """Tell whether the bundle holds all of an artifact that any step reads."""
        there, unread = self.bundle.index.files, UNREAD.get(artifact.kind, ())
        return all(
            name.startswith(unread) or f"{artifact.path}/{name}" in there for name in manifest.files
        )

    def _then(self, artifact: IndexedArtifact) -> Manifest:
        return read_manifest(self.bundle, artifact)

    def _folder(self, artifact: IndexedArtifact) -> Path:
        return self.pipeline.workspace / _name(artifact)


def _name(artifact: IndexedArtifact) -> str:
    """Return the path of an artifact, relative to the workspace."""
    return artifact.path.removeprefix(f"{WORKSPACE}/")


def _is_mined(manifest: Manifest) -> bool:
    from mining.drafts import sources_in

    return any(source.command == "mine" for source in sources_in(manifest))


def _other_parts(then: Manifest, now: Manifest) -> set[str]:
    """Return in which parts what went in then differs from what went in now."""
    before, after = then.facts.get(PARTS), now.facts.get(PARTS)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return set()
    return {name for name in before | after if before.get(name) != after.get(name)}


def _different(then: Manifest, now: Manifest, there: Path, here: Path) -> Iterator[str]:
    """Yield the files that differ, of tables with the columns, where both are at hand."""
    for name in sorted(then.files.keys() | now.files.keys()):
        if then.files.get(name) == now.files.get(name):
            continue
        if name not in now.files or name not in then.files:
            yield f"{name} ({'only in the bundle' if name in then.files else 'only here'})"
        elif name.endswith(".parquet") and (there / name).exists():
            yield _different_columns(name, there / name, here / name)
        else:
            yield name


def _different_columns(name: str, there: Path, here: Path) -> str:
    try:
        one, other = read_table(there), read_table(here)
    except ArtifactError:
        return name
    if one.num_rows != other.num_rows:
        return f"{name} ({one.num_rows:,} rows in the bundle, {other.num_rows:,} here)"
    columns = [
        column
        for column in dict.fromkeys([*one.column_names, *other.column_names])
        if column not in one.column_names
        or column not in other.column_names
        or not one[column].equals(other[column])
    ]
    return f"{name} ({', '.join(columns) or 'the same values in other bytes'})"


def _how_made(then: Manifest, now: Manifest) -> Iterator[str]:
    """Yield in what an artifact was made otherwise than it is here."""
    for what in ("dtype", "device"):
        one, other = getattr(then, what), getattr(now, what)
        if one != other:
            yield f"{what} {IN_BUNDLE.format(then=one, now=other)}"
    for name in sorted(then.packages.keys() & now.packages.keys()):
        if then.packages[name] != now.packages[name]:
            told = IN_BUNDLE.format(then=then.packages[name], now=now.packages[name])
            yield f"{name} {told}"


def _differences(there: dict[str, Any]) -> Iterator[str]:
    """Yield in what this machine differs from that of the bundle."""
    here = environment_of([])
    for name in ("opsatlas", "python", "system", "machine", "processor"):
        if there.get(name) not in (None, here[name]):
            yield f"{name} {IN_BUNDLE.format(then=there[name], now=here[name])}"
    packages = there.get("packages")
    for name, version in (packages if isinstance(packages, dict) else {}).items():
        if (now := here["packages"].get(name)) != version:
            yield f"{name} {IN_BUNDLE.format(then=version, now=now or 'none')}"
