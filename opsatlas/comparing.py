"""Comparisons: which taxonomies are meant, what has to be made for them, and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from artifacts.manifest import Manifest, fresh
from artifacts.words import DOCUMENTS, Corpus, Layer
from mining.snapshots import check_id
from taxonomy.decisions.decision_file import changing

if TYPE_CHECKING:
    from opsatlas.pipeline import Pipeline
    from reports.comparison.inputs import ShownComparison
    from taxonomy.lineage.build import Method, SideFolders
    from taxonomy.lineage.joint import Joint
    from taxonomy.lineage.values import Chain, Lineage

FOLDER = "lineages"
SUFFIXES: dict[str, Corpus] = {".tools": "tools", ".themes": "themes"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be compared.

    Attributes
    ----------
    snapshots
        Ids, in the order of time.
    of, layer
        What the documents are, and which nodes are compared.
    joint
        Whether one model of the documents of both is held against it.
    """

    snapshots: tuple[str, ...]
    of: Corpus
    layer: Layer
    joint: bool = False


def asked(
    pipeline: Pipeline,
    names: Sequence[str] = (),
    *,
    of: Corpus | None = None,
    layer: Layer | None = None,
    joint: bool = False,
) -> Asked:
    """Return what is meant by names of taxonomies or snapshots; by none, what the study compares.

    Raises
    ------
    InputError
        If they cannot be compared, whatever is in them: fewer than two, one twice, the later
        first, of two kinds, or of another study.
    """
    settings = pipeline.study.compare
    found = [_snapshot(name) for name in names] or [(each, None) for each in settings.snapshots]
    kinds = {kind for _, kind in found if kind is not None} | ({of} if of else set())
    if len(kinds) > 1:
        raise InputError(
            "These are of two kinds: repositories and feature requests.",
            where=", ".join(names),
            fix="compare tools with tools, and themes with themes",
        )
    kind = next(iter(kinds), settings.of)
    snapshots = tuple(snapshot for snapshot, _ in found)
    _check_order(snapshots)
    if joint and len(snapshots) != 2:
        raise InputError("One model of all documents is made of two snapshots.", where="--joint")
    return Asked(snapshots=snapshots, of=kind, layer=layer or settings.layer, joint=joint)


def planned(pipeline: Pipeline) -> Asked | None:
    """Return what the study compares at the end of a run, if anything."""
    return asked(pipeline) if pipeline.study.compare.snapshots else None


def check_output(form: str, to: Path | None) -> None:
    """Raise `InputError` if a folder is named for what is printed."""
    if to is not None and form in ("text", "json"):
        raise InputError(
            f"{form} is printed, not written into a folder.",
            where="--out",
            fix="leave --out away, or choose --format csv, html or latex",
        )


def _snapshot(name: str) -> tuple[str, Corpus | None]:
    """Return the snapshot that is meant, and the kind if the name says it."""
    if "/" in name or "\\" in name:
        raise InputError(
            "Taxonomies are named, not given by their path: both are of one study.",
            where=name,
            fix="name snapshots or taxonomies of this workspace, such as 2023-01-18.curated",
        )
    for suffix, kind in SUFFIXES.items():
        if name.endswith(suffix) and name.count(".") > 1:
            return check_id(name.removesuffix(suffix)), kind
    return check_id(name), None


def _check_order(snapshots: Sequence[str]) -> None:
    if len(snapshots) < 2:
        raise InputError(
            "A comparison needs two snapshots or more.",
            where=", ".join(snapshots) or "no snapshot is named",
            fix="name them, the earlier first, or add [compare] with snapshots to the study",
        )
    if len(set(snapshots)) < len(snapshots):
        raise InputError(
            "A snapshot is named twice: there is nothing to compare it with.",
            where=", ".join(snapshots),
            fix="name each once",
        )
    for earlier, later in pairwise(snapshots):
        if earlier[:10] > later[:10]:
            raise InputError(
                f"The snapshots are in the wrong order: {later} is before {earlier}.",
                where=", ".join(snapshots),
                fix=f"name them in the order of time: {' '.join(sorted(snapshots))}",
            )


def same_model(taxonomies: Sequence[Manifest]) -> None:
    """Raise `InputError` if two taxonomies were made with different encoders."""
    for earlier, later in pairwise(taxonomies):
        if earlier.model != later.model:
            raise InputError(
                f"{earlier.name} and {later.name} are of two encoders: their vectors have no "
                "common space.",
                where=f"{earlier.model.get('model')}, {later.model.get('model')}",
                fix="build both with one encoder, on one kind of machine",
            )


class Comparison:
    """What is to be compared, in one workspace: makes what is missing, and reads it."""

    def __init__(self, pipeline: Pipeline, wanted: Asked) -> None:
        self.pipeline = pipeline
        self.wanted = wanted
        self.sides = [pipeline.on_snapshot(wanted.of, each) for each in wanted.snapshots]

    def make(self) -> Path:
        """Make the taxonomies, the lineages and the report, where need be; return the page.

        Raises
        ------
        InputError
            If a snapshot is not there and the study has no files for it, or two taxonomies cannot
            be compared.
        """
        with self.pipeline.working():
            return self._made()

    def _made(self) -> Path:
        from reports.comparison.build import PAGE, ReportParts, build_report, report_key

        self._make_taxonomies()
        made = self._make_lineages()
        taxonomies = [side.taxonomy_folder(self.wanted.of) for side in self.sides]
        parts = ReportParts(
            title=self.pipeline.study.study.title,
            notes=self.pipeline.study.compare.notes,
            taxonomies=tuple(taxonomies),
            made_of=(*taxonomies, *made),
        )
        folder = self._report_folder
        if fresh(folder, report_key(parts)) is None:
            build_report(parts, folder, gather=self.read, progress=self.pipeline.progress)
        return folder / PAGE

    @property
    def _is_chain(self) -> bool:
        return len(self.sides) > 2

    @property
    def _report_folder(self) -> Path:
        name = self._name(self.sides) + (".joint" if self.wanted.joint else "")
        return self.pipeline.workspace / "reports" / FOLDER / name

    def _name(self, sides: Sequence[Pipeline]) -> str:
        name = "--".join(side.taxonomy_folder(self.wanted.of).name for side in sides)
        return name if self.wanted.layer == "topics" else f"{name}.{self.wanted.layer}"

    def _make_taxonomies(self) -> None:
        for side in self.sides:
            side.check()
        self.pipeline.make_snapshots()
        same_model([side.make_taxonomy(self.wanted.of) for side in self.sides])

    def _make_lineages(self) -> list[Path]:
        """Make what relates the taxonomies, where need be; return the folders of all of it."""
        lineages = [self._make_lineage(a, b) for a, b in pairwise(self.sides)]
        chain = [self._make_chain(lineages)] if self._is_chain else []
        joint = [self._make_joint()] if self.wanted.joint else []
        return [*lineages, *chain, *joint]

    def read(self) -> ShownComparison:
        """Read what was made, as people read it; what they decided since is taken in first."""
        while True:
            with changing(self.sides[0].taxonomy_folder(self.wanted.of)):
                if all(self._is_made(a, b) for a, b in pairwise(self.sides)):
                    return self._read()
            with self.pipeline.working():
                self._make_lineages()

    def _read(self) -> ShownComparison:
        from reports.comparison.gather import shown_side
        from reports.comparison.inputs import ShownComparison

        of, layer = self.wanted.of, self.wanted.layer
        lineages = tuple(self._read_lineage(a, b) for a, b in pairwise(self.sides))
        return ShownComparison(
            sides=tuple(
                shown_side(self._folders(side), kind=of, layer=layer) for side in self.sides
            ),
            lineages=lineages,
            chain=self._read_chain(lineages) if self._is_chain else None,
            joint=self._read_joint(lineages[0]) if self.wanted.joint else None,
            notes=self.pipeline.study.compare.notes,
        )

    def _make_lineage(self, earlier: Pipeline, later: Pipeline) -> Path:
        from taxonomy.lineage.build import build_lineage

        folder = self._lineage_folder(earlier, later)
        if not self._is_made(earlier, later):
            sides = self._folders(earlier), self._folders(later)
            progress = self.pipeline.progress
            build_lineage(*sides, folder, method=self._method(), progress=progress)
        return folder

    def _is_made(self, earlier: Pipeline, later: Pipeline) -> bool:
        """Tell whether the lineage of two sides is there, of what people have decided by now."""
        from taxonomy.lineage.build import lineage_key

        key = lineage_key(self._folders(earlier), self._folders(later), method=self._method())
        return fresh(self._lineage_folder(earlier, later), key) is not None

    def _read_lineage(self, earlier: Pipeline, later: Pipeline) -> Lineage:
        from taxonomy.lineage.store import read_lineage

        return read_lineage(self._lineage_folder(earlier, later))

    def _make_chain(self, lineages: Sequence[Path]) -> Path:
        """Carry identities over three sides or more, if that is not done; return where they are."""
        from taxonomy.lineage.build import build_chain, chain_key

        folder, method = self._lineage_folder(*self.sides), self._method()
        if fresh(folder, chain_key(lineages)) is None:
            sides = [self._folders(side) for side in self.sides]
            progress = self.pipeline.progress
            build_chain(sides, lineages, folder, method=method, progress=progress)
        return folder

    def _read_chain(self, lineages: Sequence[Lineage]) -> Chain:
        from taxonomy.lineage.store import read_identities
        from taxonomy.lineage.values import Chain

        names = tuple(side.taxonomy_folder(self.wanted.of).name for side in self.sides)
        nodes = read_identities(self._lineage_folder(*self.sides))
        return Chain(names=names, nodes=nodes, lineages=tuple(lineages))

    def _lineage_folder(self, *sides: Pipeline) -> Path:
        return self.pipeline.workspace / FOLDER / self._name(sides)

    def _method(self) -> Method:
        from taxonomy.lineage.build import Method

        return Method(
            kind=self.wanted.of,
            layer=self.wanted.layer,
            settings=self.pipeline.study.compare,
            vectors_folder=self.pipeline.vectors_folder,
            vector_settings=self.pipeline.vectors(),
        )

    def _folders(self, side: Pipeline) -> SideFolders:
        from taxonomy.lineage.build import SideFolders

        of = self.wanted.of
        return SideFolders(
            taxonomy=side.taxonomy_folder(of),
            snapshot=side.snapshot_folder(of),
            texts=side.texts_folder(of),
        )

    def _make_joint(self) -> Path:
        """Fit one model on the documents of both, if that is not done; return where it is."""
        from embeddings.build import texts_folder
        from opsatlas.naming import vocabulary_of
        from opsatlas.pipeline import topic_settings_of
        from taxonomy.build import build_taxonomy, clear_runs, taxonomy_key
        from taxonomy.lineage.joint import union_key, write_union

        pipeline, of = self.pipeline, self.wanted.of
        folder = self._joint_folder
        moves = self._read_lineage(*self.sides).moves
        earlier, later = (side.texts_folder(of) for side in self.sides)
        texts_at = texts_folder(pipeline.workspace, folder.name, DOCUMENTS[of])
        key = union_key([Manifest.read(earlier), Manifest.read(later)], moves)
        texts = fresh(texts_at, key) or write_union(earlier, later, texts_at, moves=moves)
        settings = topic_settings_of(pipeline.settings(of))
        vectors, stop_words = pipeline.vectors(), pipeline.stop_words(of)
        vocabulary = vocabulary_of(pipeline, of)
        key = taxonomy_key(texts.content_hash, vectors, settings, stop_words, vocabulary)
        if fresh(folder, key):
            clear_runs(folder)
            return folder
        build_taxonomy(
            texts_at,
            folder,
            vectors_folder=pipeline.vectors_folder,
            vector_settings=vectors,
            settings=settings,
            stop_words=stop_words,
            vocabulary=vocabulary,
            progress=pipeline.progress,
        )
        return folder

    @property
    def _joint_folder(self) -> Path:
        name = "--".join(side.taxonomy_folder(self.wanted.of).name for side in self.sides)
        return self.pipeline.workspace / FOLDER / f"{name}.joint"

    def _read_joint(self, lineage: Lineage) -> Joint:
        from taxonomy.lineage.joint import read_joint
        from taxonomy.taxonomy import Taxonomy

        layer = self.wanted.layer
        joint = Taxonomy.open(self._joint_folder)
        before, after = (
            Taxonomy.open(side.taxonomy_folder(self.wanted.of)).node_of(layer, hidden=False)
            for side in self.sides
        )
        moves = lineage.moves
        joint_key = {m.key_earlier: m.key_later or m.key_earlier for m in moves if m.key_earlier}
        return read_joint(
            lineage,
            {node.number: node.name for node in joint.nodes(layer)},
            joint.node_of(layer, hidden=False),
            earlier={str(joint_key[key]): node for key, node in before.items()},
            later=after,
            nowhere=self.pipeline.study.compare.nowhere,
        )
