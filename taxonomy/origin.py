"""Where a taxonomy is from, memory or a folder, and what it has there besides its nodes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError, InputError
from artifacts.hashing import hash_file, hash_value
from artifacts.manifest import FILE_NAME, Manifest
from configs import STUDY_FILE
from taxonomy.nodes import Category, Topic
from taxonomy.store import (
    FILES,
    KIND,
    UNGUIDED,
    StoredTaxonomy,
    as_tables,
    read_runs,
    read_taxonomy,
    write_found,
    write_taxonomy,
)
from taxonomy.structure import Structure, structure_of
from taxonomy.types import Labels

if TYPE_CHECKING:
    from taxonomy.engine import Topics
    from taxonomy.names.naming import Names
    from taxonomy.places.placing import Points

REPOSITORY_DATES = ["repo_key", "created_at", "first_commit_at"]
ISSUE_DATES = ["repo_key", "number", "created_at"]


def decisions_hash(folder: Path) -> str:
    """Return a hash of all that lies beside the taxonomy in ``folder`` and changes how it is shown.

    That is people's decisions, names that were proposed, and what people looked at.
    """
    from taxonomy.decisions import audits, decision_file
    from taxonomy.names import proposals

    beside = (decision_file.SUFFIX, audits.SUFFIX, proposals.SUFFIX)
    files = [folder.parent / f"{folder.name}{suffix}" for suffix in beside]
    return hash_value({path.name: hash_file(path) for path in files if path.exists()})


@dataclass(frozen=True)
class InMemory:
    """What a taxonomy was made of, in memory.

    Attributes
    ----------
    titles, texts, dates
        Of the documents, by key; empty where they are not known.
    write_model
        Writes the model for BERTopic into the folder of the taxonomy.
    unguided_named
        Where a codebook guides: the names of what the runs find alone.
    model
        Empty: the encoder itself is known.
    """

    keys: tuple[str, ...]
    topics: Topics
    named: Names | None
    structure: Structure | None
    titles: Mapping[str, str]
    closeness: Floats | None
    texts: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, datetime | None] = field(default_factory=dict)
    write_model: Callable[[Path], object] | None = None
    unguided_named: Names | None = None
    folder: None = None
    model: Mapping[str, str] = field(default_factory=dict)

    def tables(self) -> StoredTaxonomy:
        """Return the taxonomy as it was found, as tables."""
        tables = as_tables(self.keys, self.topics, self.named, self.structure)
        runs = [{"seed": plan.seed, "sizes": list(plan.sizes)} for plan in self.topics.plans]
        return replace(tables, stability={**tables.stability, "runs": runs})

    def unguided(self) -> InMemory | None:
        """Return what the same runs find without the codebook that guides, if one does."""
        if self.topics.unguided is None:
            return None
        return replace(
            self, topics=self.topics.unguided, named=self.unguided_named, write_model=None
        )

    def runs(self) -> tuple[tuple[str, ...], Labels]:
        """Return the documents' keys, and the labels of the runs."""
        return self.keys, self.topics.runs

    def points(self) -> Points:
        """Return the documents as points, and their space."""
        from taxonomy.places.placing import Points

        if self.closeness is None:
            raise InputError(
                "Nothing can be placed: how close its documents are to each other is not known.",
                fix="give closeness to Taxonomy.of, or use Taxonomy.build",
            )
        return Points(self.topics.space, self.keys, self.topics.points, self.closeness)

    def write(self, folder: Path, name: str) -> Manifest:
        """Write all of it to a folder; return its manifest, unfinished."""
        from taxonomy.names.naming import write_names
        from taxonomy.places.placing import FOLDER, write_points

        write_taxonomy(folder, self.tables(), runs=self.topics.runs, plans=self.topics.plans)
        write_guide(folder, self.keys, self.topics, self.unguided())
        if self.named is not None:
            write_names(folder, self.named)
        if self.closeness is not None:
            write_points(folder / FOLDER, self.points())
        if self.write_model is not None:
            self.write_model(folder)
        return Manifest(kind=KIND, name=name, seeds=[run.seed for run in self.topics.plans])


@dataclass(frozen=True)
class InFolder:
    """A taxonomy's folder: what it holds is read when it is asked for.

    Attributes
    ----------
    alone
        Whether it is what the runs find alone, beside the guided taxonomy.
    """

    folder: Path
    alone: bool = False

    def tables(self) -> StoredTaxonomy:
        """Return the taxonomy as it was found, as tables."""
        return read_taxonomy(self.folder / UNGUIDED if self.alone else self.folder)

    def unguided(self) -> InFolder | None:
        """Return what the same runs find without the codebook that guides, if one does."""
        has = not self.alone and (self.folder / UNGUIDED).is_dir()
        return InFolder(self.folder, alone=True) if has else None

    @property
    def titles(self) -> Mapping[str, str]:
        """Return the titles of the texts that it was made of, if they are in its workspace."""
        from embeddings.build import read_titles

        texts = self._texts_folder()
        return {} if texts is None else read_titles(texts)

    @property
    def texts(self) -> Mapping[str, str]:
        """Return the texts that it was made of, by key, if they are in its workspace."""
        from embeddings.build import read_documents

        texts = self._texts_folder()
        return {} if texts is None else read_documents(texts)

    @property
    def dates(self) -> Mapping[str, datetime | None]:
        """Return when its documents were made, by key, if their snapshot is in its workspace.

        Of an issue, and of a repository, when it was created; of a repository of which that is not
        known, when it was first committed to.
        """
        from artifacts.tables import rows_of
        from mining.snapshots import FOLDER, load_table
        from mining.tables import issue_key

        texts = self._texts_folder()
        names = () if texts is None else Manifest.read(texts).inputs
        snapshots = [self.folder.parent.parent / FOLDER / name for name in names]
        if len(snapshots) != 1 or not snapshots[0].exists():
            return {}
        rows = rows_of(load_table(snapshots[0], "repositories", REPOSITORY_DATES))
        made = {row["repo_key"]: row["created_at"] or row["first_commit_at"] for row in rows}
        for row in rows_of(load_table(snapshots[0], "issues", ISSUE_DATES)):
            made[issue_key(row["repo_key"], row["number"])] = row["created_at"]
        return made

    @property
    def model(self) -> Mapping[str, str]:
        """Return what the manifest says of the encoder of its vectors; empty: nothing."""
        return Manifest.read(self.folder).model if (self.folder / FILE_NAME).exists() else {}

    def _texts_folder(self) -> Path | None:
        from embeddings.build import FOLDER

        if not (self.folder / FILE_NAME).exists():
            return None
        names = Manifest.read(self.folder).inputs
        texts = [self.folder.parent.parent / FOLDER / name for name in names]
        return texts[0] if texts and texts[0].exists() else None

    def runs(self) -> tuple[tuple[str, ...], Labels]:
        """Return the documents' keys, and the labels of the runs."""
        return read_runs(self.folder)

    def points(self) -> Points:
        """Return the documents as points, and their space."""
        from taxonomy.places.placing import FOLDER, read_points

        return read_points(self.folder / FOLDER)

    def write(self, folder: Path, name: str) -> Manifest:
        """Write all of it to a folder; return its manifest, unfinished.

        Raises
        ------
        InputError
            If it is what the runs find alone: that is a part of the guided taxonomy.
        """
        if self.alone:
            raise InputError(
                "What the runs find without the codebook is kept in the guided taxonomy.",
                where=str(self.folder),
                fix="save that one: it holds both",
            )
        made = Manifest.read(self.folder)
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return made.model_copy(update={"name": name})


def write_guide(
    folder: Path, keys: Sequence[str], topics: Topics, unguided: InMemory | None
) -> None:
    """Write the codebook that guides a taxonomy, and what the runs find alone, into its folder."""
    if topics.guide is not None:
        topics.guide.write(folder, keys)
    if unguided is not None:
        write_found(folder / UNGUIDED, unguided.tables())


def refuse_missing(folder: Path) -> None:
    """Raise `ArtifactError` where no taxonomy is in ``folder``."""
    if (folder / STUDY_FILE).exists():
        raise ArtifactError(
            "This is a workspace, not one taxonomy.",
            where=str(folder),
            fix="open one of its taxonomies: opsatlas.open(folder).taxonomy('tools')",
        )
    if not any((folder / name).exists() for name in FILES):
        raise ArtifactError(
            "There is no taxonomy here.",
            where=str(folder),
            fix="name the folder that one was saved in",
        )


def state_of(folder: Path) -> tuple[object, ...]:
    """Return what tells whether the files of a taxonomy are those that were read before."""
    states: list[object] = []
    for name in (*FILES, FILE_NAME):
        try:
            found = (folder / name).stat()
        except OSError:
            states.append(None)
        else:
            states.append((found.st_ino, found.st_mtime_ns, found.st_size))
    return tuple(states)


def nodes_in(stored: StoredTaxonomy) -> tuple[tuple[Topic, ...], tuple[Category, ...]]:
    """Return the topics and the categories that tables hold, nobody's decisions applied."""
    structure = structure_of(stored.stability)
    of_noise = structure is not None and structure.is_noise
    topics = tuple(
        Topic(number=row["topic"], category=row["category"], **_described(row, of_noise))
        for row in stored.topics.to_pylist()
    )
    categories = tuple(
        Category(number=row["category"], **_described(row, of_noise))
        for row in stored.categories.to_pylist()
    )
    return topics, categories


def _described(row: Mapping[str, Any], of_noise: bool) -> dict[str, Any]:
    """Return what the tables of both layers say of a node."""
    return {
        "name": row["label"],
        "size": row["size"],
        "stability": row["stability"],
        "of_noise": of_noise,
        "keywords": tuple(row["keywords"]),
        "weights": tuple(row["weights"]),
        "exemplars": tuple(row["exemplars"]),
        "description": row["description"] or "",
        "code": row["code"],
        "named_by": "documents" if row["code"] is None else "codebook",
    }
