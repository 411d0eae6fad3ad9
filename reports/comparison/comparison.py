"""A comparison of taxonomies of one study: what is made for it, step by step, and what it shows.

Last of all its report is made, an artifact as well: its page, its tables and its figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from itertools import pairwise
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import write_bytes, write_text
from artifacts.manifest import FILE_NAME, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step, make
from artifacts.tables import rows_of
from artifacts.words import DOCUMENTS, Corpus, Layer
from embeddings.build import read_titles, taglines, texts_folder
from mining.snapshots import load_table
from mining.tables import issue_key
from reports.comparison.inputs import ShownComparison, ShownSide
from taxonomy.decisions.decision_file import changing
from taxonomy.lineage.build import chain_step, lineage_step
from taxonomy.lineage.joint import Joint, read_joint, union_step
from taxonomy.lineage.settings import Method, SideFolders
from taxonomy.lineage.store import FOLDER, read_identities, read_lineage
from taxonomy.lineage.values import Chain, Lineage
from taxonomy.origin import decisions_hash
from taxonomy.taxonomy import Taxonomy

KIND = "lineage report"
VERSION = 3
PAGE = "index.html"
FIGURE = "lineage-flows"
SUFFIXES = {"html": ".html", "csv": ".csv", "latex": ".tex"}


def refuse_other_encoder(taxonomies: Sequence[Manifest]) -> None:
    """Raise `InputError` if two taxonomies were made with different encoders.

    In the number format they may differ, as a small one does from a large one: a comparison has
    the documents of both in one.
    """
    for earlier, later in pairwise(taxonomies):
        if earlier.model | {"dtype": ""} != later.model | {"dtype": ""}:
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
        make(self.report_step(self._make_relations()), self.report_folder)
        return self.page

    def is_made(self) -> bool:
        """Tell whether what relates the taxonomies is there, and of what they are now."""
        made = [*self._taxonomies, *(folder for folder, _ in self.relations())]
        if not all((folder / FILE_NAME).exists() for folder in made):
            return False
        return all(plan().made(folder) for folder, plan in self.relations())

    @property
    def page(self) -> Path:
        """Return where the page of it alone is, or would be."""
        return self.report_folder / PAGE

    @property
    def report_folder(self) -> Path:
        """Return where the report is, or would be."""
        name = self._name(self.sides) + (".joint" if self.fit_joint else "")
        return self._workspace / "reports" / FOLDER / name

    def report_step(self, relations: Sequence[Path]) -> Step:
        """Return the step that writes the page and the tables.

        Parameters
        ----------
        relations
            The folders of what relates the taxonomies, in the order of making.
        """
        made_of = self.manifests(relations)
        return Step(
            kind=KIND,
            version=VERSION,
            depends_on={
                "opsatlas": metadata.version("opsatlas"),
                "words": [self.title, *self.notes],
                "artifacts": [[made.key, made.content_hash] for made in made_of],
                "decisions": [decisions_hash(side.taxonomy) for side in self.sides],
            },
            inputs={made.name: made.content_hash for made in made_of},
            find=lambda key: self._drawn(made_of, key),
        )

    def shown_key(self) -> str:
        """Return the hash of all that it shows, once it `is_made`."""
        return self.report_step([folder for folder, _ in self.relations()]).key

    def manifests(self, relations: Sequence[Path] | None = None) -> list[Manifest]:
        """Return those of the taxonomies and of what relates them; ``relations`` as in a report."""
        if relations is None:
            relations = [folder for folder, _ in self.relations()]
        return [Manifest.read(folder) for folder in (*self._taxonomies, *relations)]

    @property
    def _taxonomies(self) -> list[Path]:
        return [side.taxonomy for side in self.sides]

    def _drawn(self, manifests: Sequence[Manifest], key: str) -> Content:
        # What draws is imported here: to find that all is as it was, none of it is needed.
        from reports.comparison.diagram import draw_flows
        from reports.comparison.page import render_lineage
        from reports.comparison.tables import tables
        from reports.latex import as_latex
        from reports.paper.figures import FIGURE_FORMATS
        from reports.tables import as_csv

        self.progress.say("drawing the comparison")
        shown = self.read()
        version = metadata.version("opsatlas")

        def write(folder: Path) -> None:
            page = render_lineage(shown, title=self.title, manifests=manifests, version=version)
            write_text(folder / PAGE, page)
            for table in tables(shown, in_print=False):
                write_text(folder / f"{table.name}.csv", as_csv(table))
            for table in tables(shown, in_print=True):
                write_text(folder / f"{table.name}.tex", as_latex(table))
            for form in FIGURE_FORMATS:
                write_bytes(folder / f"{FIGURE}.{form}", figure.save(form))

        figure = draw_flows(shown)
        if figure.lacking:
            self.progress.say(f"{FIGURE}.pdf: {figure.lacking}")
        # The page tells when its parts were made, so its bytes hold clocks; the key does not.
        about = {"packages": package_versions("matplotlib")}
        return Content(write=write, about=about, content_hash=key)

    def read(self) -> ShownComparison:
        """Read what was made, as people read it; what they decided since is taken in first."""
        while True:
            with changing(self.sides[0].taxonomy):
                if all(plan().made(folder) for folder, plan in self.relations()):
                    return self._read()
            with self.working():
                self._make_relations()

    def _read(self) -> ShownComparison:
        corpus, layer = self.method.corpus, self.method.layer
        lineages = tuple(read_lineage(self._folder(pair)) for pair in pairwise(self.sides))
        return ShownComparison(
            sides=tuple(_shown_side(side, corpus=corpus, layer=layer) for side in self.sides),
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

    def relations(self) -> Iterator[tuple[Path, Callable[[], Step]]]:
        """Yield the folder of each artifact that relates the taxonomies, in the order of making.

        Beside it what returns its step, once those before it are there: the comparison of each
        side with the next, and of three sides or more the ids that are carried along.
        """
        pairs = list(pairwise(self.sides))
        lineages = [self._folder(pair) for pair in pairs]
        lineage = partial(lineage_step, method=self.method, progress=self.progress)
        chain = partial(chain_step, method=self.method, progress=self.progress)
        for pair, folder in zip(pairs, lineages, strict=True):
            yield folder, partial(lineage, *pair)
        if self._is_chain:
            yield self._folder(self.sides), partial(chain, self.sides, lineages)

    def _make_relations(self) -> list[Path]:
        """Make what relates the taxonomies, where need be; return the folders of all of it."""
        made = []
        for folder, plan in self.relations():
            make(plan(), folder)
            made.append(folder)
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


def _shown_side(folders: SideFolders, *, corpus: Corpus, layer: Layer) -> ShownSide:
    """Return a taxonomy as people read it: what a person has hidden counts as unplaced."""
    return ShownSide(
        name=folders.taxonomy.name,
        day=folders.day,
        corpus=corpus,
        layer=layer,
        taxonomy=Taxonomy.open(folders.taxonomy),
        titles=read_titles(folders.texts),
        descriptions=_descriptions(folders, corpus),
    )


def _descriptions(folders: SideFolders, corpus: Corpus) -> dict[str, str]:
    if corpus == "tools":
        said = taglines(folders.texts)
        table = load_table(folders.snapshot, "repositories", ["repo_key", "description"])
        keyed = ((row["repo_key"], row["description"]) for row in rows_of(table))
        return {key: description or said.get(key, "") for key, description in keyed}
    table = load_table(folders.snapshot, "issues", ["repo_key", "number", "body"])
    return {issue_key(row["repo_key"], row["number"]): row["body"] or "" for row in rows_of(table)}


def report_files(folder: Path, kind: str) -> list[Path]:
    """Return the files of a report that are of a kind: html, csv or latex."""
    return sorted(folder.glob(f"*{SUFFIXES[kind]}"))


def copy_files(files: Sequence[Path], to: Path) -> list[Path]:
    """Copy a report's files into a folder and return where they are.

    Raises
    ------
    InputError
        If a file of that name and another content is there.
    """
    wanted = {to / file.name: file.read_bytes() for file in files}
    if to.exists() and not to.is_dir():
        raise InputError("This is a file, not a folder.", where=str(to), fix="name a folder")
    for path, data in wanted.items():
        if path.exists() and path.read_bytes() != data and not _is_ours(path):
            raise InputError(
                f"{path.name} is there already, and no comparison wrote it.",
                where=str(path),
                fix="name another folder with --out",
            )
    for path, data in wanted.items():
        write_bytes(path, data)
    return list(wanted)


def _is_ours(path: Path) -> bool:
    return path.name != FILE_NAME and path.name.startswith("lineage-")
