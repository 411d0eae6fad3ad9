"""A comparison of taxonomies of one study: what is made for it, step by step, and what it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from artifacts.errors import InputError
from artifacts.manifest import Manifest
from artifacts.progress import Progress
from artifacts.step import Step, make
from artifacts.words import DOCUMENTS
from embeddings.build import texts_folder
from reports.comparison.build import PAGE, ReportParts, report_step
from reports.comparison.gather import shown_side
from reports.comparison.inputs import ShownComparison
from taxonomy.decisions.decision_file import changing
from taxonomy.lineage.build import chain_step, lineage_step
from taxonomy.lineage.joint import Joint, read_joint, union_step
from taxonomy.lineage.settings import Method, SideFolders
from taxonomy.lineage.store import FOLDER, read_identities, read_lineage
from taxonomy.lineage.values import Chain, Lineage
from taxonomy.taxonomy import Taxonomy


def refuse_other_encoder(taxonomies: Sequence[Manifest]) -> None:
    """Raise `InputError` if two taxonomies were made with different encoders."""
    for earlier, later in pairwise(taxonomies):
        if earlier.model != later.model:
            raise InputError(
                f"{earlier.name} and {later.name} are of two encoders: their vectors have no "
                "common space.",
                where=f"{earlier.model.get('model')}, {later.model.get('model')}",
                fix="build both with one encoder, on one kind of machine",
            )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Taxonomies of one workspace that are compared, in the order of time.

    Attributes
    ----------
    sides, method
        Where each is, and how they are compared.
    title, notes
        Of the study, and of the comparison.
    fit_joint
        Derives topics of the texts in one folder, for a taxonomy in another, where one model of the
        documents of both sides is held against the comparison; None where it is not.
    working
        Locks the steps of the workspace.
    """

    sides: tuple[SideFolders, ...]
    method: Method
    title: str
    notes: tuple[str, ...]
    fit_joint: Callable[[Path, Path], object] | None
    working: Callable[[], AbstractContextManager[None]]
    progress: Progress

    def make(self) -> Path:
        """Make the lineages and the report of taxonomies that are there; return the page."""
        taxonomies = tuple(side.taxonomy for side in self.sides)
        parts = ReportParts(
            title=self.title,
            notes=self.notes,
            taxonomies=taxonomies,
            made_of=(*taxonomies, *self._make_lineages()),
        )
        name = self._name(self.sides) + (".joint" if self.fit_joint else "")
        folder = self._workspace / "reports" / FOLDER / name
        make(report_step(parts, gather=self.read, progress=self.progress), folder)
        return folder / PAGE

    def read(self) -> ShownComparison:
        """Read what was made, as people read it; what they decided since is taken in first."""
        while True:
            with changing(self.sides[0].taxonomy):
                if all(step.made(folder) for step, folder in self._lineages()):
                    return self._read()
            with self.working():
                self._make_lineages()

    def _read(self) -> ShownComparison:
        corpus, layer = self.method.corpus, self.method.layer
        lineages = tuple(read_lineage(folder) for _, folder in self._lineages())
        return ShownComparison(
            sides=tuple(shown_side(side, corpus=corpus, layer=layer) for side in self.sides),
            lineages=lineages,
            chain=self._read_chain(lineages) if self._is_chain else None,
            joint=self._read_joint(lineages[0]) if self.fit_joint else None,
            notes=self.notes,
        )

    @property
    def _workspace(self) -> Path:
        return self.sides[0].workspace

    @property
    def _is_chain(self) -> bool:
        return len(self.sides) > 2

    def _name(self, sides: Sequence[SideFolders]) -> str:
        name = "--".join(side.taxonomy.name for side in sides)
        return name if self.method.layer == "topics" else f"{name}.{self.method.layer}"

    def _folder(self, sides: Sequence[SideFolders]) -> Path:
        return self._workspace / FOLDER / self._name(sides)

    def _lineages(self) -> list[tuple[Step, Path]]:
        """Return the lineage of each side with the next, of what people have decided by now."""
        return [
            (lineage_step(*pair, method=self.method, progress=self.progress), self._folder(pair))
            for pair in pairwise(self.sides)
        ]

    def _make_lineages(self) -> list[Path]:
        """Make what relates the taxonomies, where need be; return the folders of all of it."""
        made = []
        for step, folder in self._lineages():
            make(step, folder)
            made.append(folder)
        if self._is_chain:
            step = chain_step(self.sides, made, method=self.method, progress=self.progress)
            made = [*made, self._folder(self.sides)]
            make(step, made[-1])
        if self.fit_joint:
            made.append(self._make_joint(self.fit_joint))
        return made

    def _make_joint(self, fit: Callable[[Path, Path], object]) -> Path:
        """Fit one model on the documents of both; return where it is."""
        folder = self._joint_folder
        moves = read_lineage(self._folder(self.sides)).moves
        earlier, later = (side.texts for side in self.sides)
        texts = texts_folder(self._workspace, folder.name, DOCUMENTS[self.method.corpus])
        make(union_step(earlier, later, moves=moves), texts)
        fit(texts, folder)
        return folder

    @property
    def _joint_folder(self) -> Path:
        name = "--".join(side.taxonomy.name for side in self.sides)
        return self._workspace / FOLDER / f"{name}.joint"

    def _read_chain(self, lineages: Sequence[Lineage]) -> Chain:
        names = tuple(side.taxonomy.name for side in self.sides)
        nodes = read_identities(self._folder(self.sides))
        return Chain(names=names, nodes=nodes, lineages=tuple(lineages))

    def _read_joint(self, lineage: Lineage) -> Joint:
        layer, moves = self.method.layer, lineage.moves
        joint = Taxonomy.open(self._joint_folder)
        before, after = (
            Taxonomy.open(side.taxonomy).node_of(layer, hidden=False) for side in self.sides
        )
        joint_key = {m.key_earlier: m.key_later or m.key_earlier for m in moves if m.key_earlier}
        return read_joint(
            lineage,
            {node.number: node.name for node in joint.nodes(layer)},
            joint.node_of(layer, hidden=False),
            earlier={str(joint_key[key]): node for key, node in before.items()},
            later=after,
            nowhere=self.method.settings.nowhere,
        )
