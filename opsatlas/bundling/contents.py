"""What of a workspace goes into a bundle: its artifacts, what people did, and what the study names.

What is left where it is: raw answers, drafts, vectors that were kept for speed, locks, and whatever
else somebody put into the folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from artifacts.errors import ArtifactError
from artifacts.files import entries_below
from artifacts.manifest import FILE_NAME, Manifest, changed_files
from labels.history.store import SUFFIX as LABELS_SUFFIX
from labels.label_set import FOLDER as LABELS
from labels.label_set import LabelSet
from mining.commits import STAGING
from mining.drafts import KIND as SNAPSHOT
from mining.drafts import SEALED, sources_in
from opsatlas.bundling.named import NamedFiles, named_files
from opsatlas.pipeline import Pipeline
from reports.page.addresses import FILE as ADDRESSES
from taxonomy.decisions import audits, decision_file
from taxonomy.names import proposals
from taxonomy.store import FOLDER as TAXONOMIES

FOLDERS = (
    *("snapshots", "texts", "kinds", TAXONOMIES, "crosswalks", "lineages", "dependents", "usages"),
    *("insights", "reports"),
)
"""Folders of a workspace in which artifacts are."""
EXPORT = "reports/export"
"""An export shares its folder with files of the user."""


@dataclass(frozen=True)
class BundledArtifact:
    """An artifact of the workspace, as it is there.

    Attributes
    ----------
    path
        Its folder, relative to the workspace.
    """

    path: str
    folder: Path
    manifest: Manifest

    @property
    def is_snapshot(self) -> bool:
        """Tell whether it is a snapshot."""
        return self.manifest.kind == SNAPSHOT

    @property
    def is_mined(self) -> bool:
        """Tell whether it is a snapshot that was asked of GitHub."""
        return self.is_snapshot and any(s.command == "mine" for s in sources_in(self.manifest))


@dataclass(frozen=True)
class Contents:
    """What goes into a bundle, before anything is withheld.

    Attributes
    ----------
    artifacts
        In the order of their paths.
    beside
        Files of people's work that stand beside artifacts, relative to the workspace.
    labels
        Sets of labels, by name.
    named
        What the study names.
    left_out
        Sentences on what is in the workspace, and not in the bundle.
    """

    artifacts: tuple[BundledArtifact, ...]
    beside: tuple[str, ...]
    labels: dict[str, Path]
    named: NamedFiles
    left_out: tuple[str, ...]

    @property
    def made_at(self) -> datetime:
        """Return when the last of the artifacts was made."""
        return max(artifact.manifest.created_at for artifact in self.artifacts)

    @cached_property
    def snapshots_of(self) -> dict[str, frozenset[str]]:
        """Return which snapshots went into each artifact, by its path."""
        by_content = {each.manifest.content_hash: each for each in self.artifacts}
        found: dict[str, frozenset[str]] = {}

        def visit(artifact: BundledArtifact) -> frozenset[str]:
            if artifact.path not in found:
                found[artifact.path] = frozenset()  # nothing is made of itself
                own = {artifact.manifest.name} if artifact.is_snapshot else set()
                into = [by_content.get(each) for each in artifact.manifest.inputs.values()]
                parts = [visit(each) for each in into if each is not None]
                found[artifact.path] = frozenset(own).union(*parts)
            return found[artifact.path]

        for artifact in self.artifacts:
            visit(artifact)
        return found


def contents_of(pipeline: Pipeline) -> Contents:
    """Return what of a workspace goes into a bundle.

    Raises
    ------
    ArtifactError
        If something that the study asks for is not made yet, is out of date, or was changed.
    InputError
        If the study names what is not there.
    """
    _refuse_unfinished(pipeline)
    workspace = pipeline.workspace
    found = sorted(_artifacts(workspace), key=lambda artifact: artifact.path)
    drafts = [each for each in found if _is_draft(each)]
    kept = tuple(each for each in found if each not in drafts)
    if not any(each.is_snapshot for each in kept):
        raise ArtifactError(
            "There is nothing to bundle: no snapshot is sealed yet.",
            where=str(workspace),
            fix="opsatlas run",
        )
    for artifact in kept:
        _refuse_altered(artifact)
    named = named_files(pipeline)
    sets = [*sorted((workspace / LABELS).glob(f"[!.]*{LABELS_SUFFIX}")), *named.label_files]
    blind = {path: wave for path in sets if (wave := _open_wave(path)) is not None}
    left = [f"{each.manifest.name} is a draft: it is left out" for each in drafts]
    left += [
        f"labels {path.stem} are left out: the wave {wave} is open, and coding is blind"
        for path, wave in blind.items()
    ]
    left += [f"{folder} is a folder: it is left out" for folder in dict.fromkeys(named.folders)]
    return Contents(
        artifacts=kept,
        beside=tuple(_beside(workspace)),
        labels={path.stem: path for path in sets if path not in blind},
        named=named,
        left_out=tuple(left),
    )


def _artifacts(workspace: Path) -> Iterator[BundledArtifact]:
    """Yield every artifact of a workspace; none is within another."""
    for name in FOLDERS:
        inside: list[Path] = []
        below = entries_below(workspace / name, but=STAGING)
        there = [path.parent for path in below if path.name == FILE_NAME]
        for folder in sorted(there, key=lambda path: (len(path.parts), path)):
            relative = folder.relative_to(workspace)
            is_hidden = any(part.startswith(".") for part in relative.parts)
            if not is_hidden and not any(folder.is_relative_to(other) for other in inside):
                inside.append(folder)
                yield BundledArtifact(relative.as_posix(), folder, Manifest.read(folder))


def _open_wave(path: Path) -> str | None:
    """Return a wave of a set of labels in which nobody is to see what others coded; None: none."""
    with LabelSet.open(path, read_only=True) as labels:
        return next((name for name in labels.state.waves if name not in labels.state.closed), None)


def _is_draft(artifact: BundledArtifact) -> bool:
    return artifact.is_snapshot and artifact.manifest.facts.get("state") != SEALED


def _beside(workspace: Path) -> Iterator[str]:
    """Yield what people decided about taxonomies, and what a page was called by."""
    for suffix in (decision_file.SUFFIX, audits.SUFFIX, proposals.SUFFIX):
        for path in sorted((workspace / TAXONOMIES).glob(f"[!.]*{suffix}")):
            yield path.relative_to(workspace).as_posix()
    if (workspace / "reports" / ADDRESSES).is_file():
        yield f"reports/{ADDRESSES}"


def _refuse_unfinished(pipeline: Pipeline) -> None:
    """Raise `ArtifactError` if a run would make something of the study, or make it again."""
    from opsatlas.status import FINE, next_step, survey

    study = pipeline.study
    if not pipeline.corpora() and study.usage is None and study.history is None:
        return
    lines = survey(pipeline.workspace, pipeline)
    step = next_step(lines, pipeline)
    if step is None:
        return
    waiting = [line for line in lines if line.state not in FINE]
    first = f": {waiting[0].part} {waiting[0].name} is {waiting[0].state}" if waiting else ""
    raise ArtifactError(
        f"The workspace is not as its study says{first}.",
        where=str(pipeline.workspace),
        fix=f"{step.command}, then bundle it" if step.command else step.why,
    )


def _refuse_altered(artifact: BundledArtifact) -> None:
    changed = changed_files(artifact.folder, artifact.manifest)
    if artifact.path == EXPORT:
        changed = [name for name in changed if name in artifact.manifest.files]
    if not changed:
        return
    mine = "restore the files, or import them into a snapshot of another id"
    raise ArtifactError(
        f"{artifact.path} was changed after it was made: {', '.join(changed)}.",
        where=str(artifact.folder),
        fix=mine if artifact.is_snapshot else "opsatlas run, which makes it again",
    )
