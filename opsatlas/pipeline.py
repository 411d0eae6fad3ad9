"""The stages of a study, each made only if what it depends on has changed.

An artifact's manifest holds a key: the hash of everything that its content depends on. A stage
whose artifact has the expected key and undamaged files is skipped, so a second run does nothing
and an interrupted one goes on. Nothing heavy is imported before a stage needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from artifacts.errors import ArtifactError, InputError
from artifacts.files import clear_leftovers
from artifacts.locks import writing
from artifacts.manifest import FILE_NAME, Manifest, changed_files, fresh
from artifacts.progress import Progress
from artifacts.words import DOCUMENTS, Corpus
from embeddings.settings import HASHED_WORDS
from mining import snapshots
from mining.commits import filling, is_there
from opsatlas.crosswalks import check_codebooks, make_crosswalks
from opsatlas.kinds_stage import chosen_documents
from opsatlas.naming import vocabulary_of
from opsatlas.sources import import_sources
from opsatlas.study import Source, Study, ThemesSettings, ToolsSettings, resolve, resolve_all
from opsatlas.workspace import STUDY_FILE
from taxonomy.decisions.decision_file import changing, read_log
from taxonomy.store import FOLDER

if TYPE_CHECKING:
    from embeddings.settings import VectorSettings
    from taxonomy.settings import TopicSettings

MADE = ("texts", "kinds", "crosswalks", "lineages", "reports")
"""Folders of a workspace to which its steps alone write."""

P = ParamSpec("P")
T = TypeVar("T")


def alone(step: Callable[Concatenate[Pipeline, P], T]) -> Callable[Concatenate[Pipeline, P], T]:
    """Let a step of a study hold the lock of its workspace from reading to writing."""

    @wraps(step)
    def held(self: Pipeline, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.working():
            return step(self, *args, **kwargs)

    return held


@dataclass(frozen=True)
class Pipeline:
    """One study in one workspace."""

    workspace: Path
    study: Study
    study_path: Path
    progress: Progress

    def working(self) -> AbstractContextManager[None]:
        """Be the only one at the steps of this workspace until the block ends."""
        return writing(self.workspace / STUDY_FILE)

    @alone
    def run(self) -> Path:
        """Carry out every stage and return the path of the page."""
        self.settings("tools")  # a page needs them
        self.check()
        self._clear_leftovers()
        self.make_snapshots()
        for corpus in self.corpora():
            self.make_taxonomy(corpus)
            make_crosswalks(self, corpus)
        return self.make_page()

    def with_categories(self, corpus: Corpus, number: int | None) -> Pipeline:
        """Return the study with so many categories in a corpus; as it is where None."""
        if number is None:
            return self
        section = "taxonomy" if corpus == "tools" else "themes"
        settings = self.settings(corpus).model_copy(update={"categories": number})
        return replace(self, study=self.study.model_copy(update={section: settings}))

    def on_snapshot(self, corpus: Corpus, snapshot_id: str) -> Pipeline:
        """Return the study with a corpus that describes another snapshot, in the same way."""
        section = "taxonomy" if corpus == "tools" else "themes"
        settings = self.settings(corpus).model_copy(update={"snapshot": snapshot_id})
        return replace(self, study=self.study.model_copy(update={section: settings}))

    def corpora(self) -> list[Corpus]:
        """Return the corpora that the study asks for."""
        wanted: list[tuple[Corpus, object]] = [
            ("tools", self.study.taxonomy),
            ("themes", self.study.themes),
        ]
        return [corpus for corpus, settings in wanted if settings is not None]

    def check(self) -> None:
        """Refuse, before any work is done, a study that names what is not there.

        Raises
        ------
        InputError
            If a codebook, a list to judge by, or the model is not there, or what people decided
            cannot be read.
        """
        check_codebooks(self.study.codebooks, where=f"{self.study_path}, codebooks")
        for corpus in self.corpora():
            for path in self.gold(corpus):
                if not path.is_file():
                    raise InputError(
                        "There is no such list to judge by.",
                        where=str(path),
                        fix="correct gold in the study file",
                    )
            read_log(self.taxonomy_folder(corpus))
        self.vectors()

    def vectors(self) -> VectorSettings:
        """Return the settings of the encoder; a model of the user's own by its place and hash.

        So what is made with it is made again when its weights change.
        """
        from embeddings.models import KNOWN_MODELS, find_model, unknown_model

        settings = self.study.vectors
        if settings.model in KNOWN_MODELS or settings.model == HASHED_WORDS:
            return settings
        folder = resolve(settings.model, self.study_path)
        if not folder.exists():
            raise unknown_model(settings.model)
        found = find_model(str(folder), expected_sha256=settings.sha256)
        return settings.model_copy(update={"model": found.name, "sha256": found.sha256})

    @alone
    def make_snapshots(self) -> None:
        """Import and seal the snapshots that the study has files for."""
        by_snapshot: dict[str, list[Source]] = {}
        for source in self.study.sources:
            by_snapshot.setdefault(source.snapshot, []).append(source)
        for snapshot_id, sources in by_snapshot.items():
            with filling(snapshots.snapshot_folder(self.workspace, snapshot_id)):
                import_sources(self, snapshot_id, sources)

    @alone
    def make_taxonomy(self, corpus: Corpus) -> Manifest:
        """Prepare texts and derive topics, if they are not there already."""
        from embeddings.build import build_texts, texts_key
        from taxonomy.build import build_taxonomy, clear_runs, taxonomy_key

        settings = self.settings(corpus)
        kind = DOCUMENTS[corpus]
        snapshot = self.sealed(settings.snapshot)
        if kind not in snapshot.rows:
            raise InputError(
                f"Snapshot {snapshot.id} holds no {kind}.",
                where=str(snapshot.folder),
                fix=f"it has {', '.join(snapshot.rows)}; name another snapshot in the study",
            )
        texts_at = self.texts_folder(corpus)
        texts = fresh(
            texts_at, texts_key(snapshot.manifest.content_hash, kind, self.study.texts)
        ) or build_texts(
            snapshot.folder, texts_at, kind=kind, settings=self.study.texts, progress=self.progress
        )
        stop_words, vocabulary = self.stop_words(corpus), vocabulary_of(self, corpus)
        topic_settings = topic_settings_of(settings)
        vectors = self.vectors()
        only = chosen_documents(self, corpus, texts_at)
        key = taxonomy_key(
            texts.content_hash, vectors, topic_settings, stop_words, vocabulary, only
        )
        folder = self.taxonomy_folder(corpus)
        if made := fresh(folder, key):
            clear_runs(folder)
            return made
        return build_taxonomy(
            texts_at,
            folder,
            vectors_folder=self.vectors_folder,
            vector_settings=vectors,
            settings=topic_settings,
            stop_words=stop_words,
            vocabulary=vocabulary,
            only=only,
            progress=self.progress,
        )

    @alone
    def make_page(self) -> Path:
        """Write the page, if what it shows has changed."""
        from reports.page.build import PageParts, build_page, page_key

        parts = PageParts(
            title=self.study.study.title,
            ecosystem=self.study.ecosystem.topics,
            corpora={corpus: self._corpus_parts(corpus) for corpus in self.corpora()},
            facts_snapshot=self._facts_folder(),
            frameworks=tuple(framework.repository for framework in self.study.frameworks),
            notes=self.study.page.notes,
        )
        folder = self.workspace / "reports" / "atlas"
        if fresh(folder, page_key(parts)) is None:
            build_page(parts, folder, progress=self.progress)
        return folder / "index.html"

    def settings(self, corpus: Corpus) -> ToolsSettings | ThemesSettings:
        """Return what the study sets for a corpus."""
        settings = self.study.taxonomy if corpus == "tools" else self.study.themes
        if settings is None:
            section = "taxonomy" if corpus == "tools" else "themes"
            raise InputError(
                f"The study has no section [{section}].",
                where=str(self.study_path),
                fix=f'add [{section}] with snapshot = "DATE.SOURCE"',
            )
        return settings

    def taxonomy_folder(self, corpus: Corpus) -> Path:
        """Return where the corpus's taxonomy is kept: a snapshot has one of each by default."""
        return self.workspace / FOLDER / f"{self.settings(corpus).snapshot}.{corpus}"

    def built_taxonomy(self, corpus: Corpus) -> Path:
        """Return the corpus's taxonomy, which must be there and as it was written.

        Raises
        ------
        ArtifactError
            If it is not built, damaged, or of another schema version.
        """
        folder = self.taxonomy_folder(corpus)
        command = "taxonomy" if corpus == "tools" else corpus
        fix = f"opsatlas {command} build"
        if not (folder / FILE_NAME).exists():
            raise ArtifactError(f"There is no {folder.name} yet.", where=str(folder), fix=fix)
        if changed := changed_files(folder, Manifest.read(folder)):
            raise ArtifactError(
                f"The taxonomy was changed after it was built: {', '.join(changed)}.",
                where=str(folder),
                fix=fix,
            )
        return folder

    def snapshot_folder(self, corpus: Corpus) -> Path:
        """Return the folder of the snapshot that the corpus describes."""
        return snapshots.snapshot_folder(self.workspace, self.settings(corpus).snapshot)

    @property
    def vectors_folder(self) -> Path:
        """Return where the vectors of texts are kept."""
        return self.workspace / "vectors"

    def texts_folder(self, corpus: Corpus) -> Path:
        """Return the folder of the texts that the corpus is derived from."""
        from embeddings.build import texts_folder

        return texts_folder(self.workspace, self.settings(corpus).snapshot, DOCUMENTS[corpus])

    def titles(self, corpus: Corpus) -> dict[str, str]:
        """Return how people know the corpus's documents, by key."""
        from embeddings.build import read_titles

        return read_titles(self.texts_folder(corpus))

    def gold(self, corpus: Corpus) -> list[Path]:
        """Return the lists that the corpus is judged by."""
        return resolve_all(self.settings(corpus).gold, self.study_path)

    def stop_words(self, corpus: Corpus) -> frozenset[str]:
        """Return words that say nothing as keywords: in themes, the frameworks' own names."""
        if corpus == "tools":
            return frozenset()
        names = [f"{f.name} {f.repository} {f.package or ''}" for f in self.study.frameworks]
        words = " ".join(names).lower().replace("/", " ").replace("-", " ").replace("&", " ")
        return frozenset(words.split())

    def _corpus_parts(self, corpus: Corpus) -> tuple[Path, Path, list[Path]]:
        return self.taxonomy_folder(corpus), self.snapshot_folder(corpus), self.gold(corpus)

    def _facts_folder(self) -> Path | None:
        snapshot_id = self.study.page.facts_snapshot
        return None if snapshot_id is None else self.sealed(snapshot_id).folder

    def _clear_leftovers(self) -> None:
        """Remove what steps that died left half-made; drafts, labels and vectors are not theirs."""
        for name in (STUDY_FILE, *MADE):
            clear_leftovers(self.workspace / name)
        with changing(self.taxonomy_folder("tools")):
            clear_leftovers(self.workspace / FOLDER)

    def sealed(self, snapshot_id: str) -> snapshots.Snapshot:
        """Return a snapshot of the workspace, which must be sealed and as it was sealed.

        Raises
        ------
        InputError
            If it is not there or not sealed.
        ArtifactError
            If it was changed since.
        """
        folder = snapshots.snapshot_folder(self.workspace, snapshot_id)
        if not is_there(folder):
            there = ", ".join(s.id for s in snapshots.list_snapshots(self.workspace)) or "none"
            raise InputError(
                f"There is no snapshot {snapshot_id} in the workspace.",
                where=f"{self.workspace} (there: {there})",
                fix="mine it with `opsatlas mine`, import it, or add [[sources]] to the study",
            )
        snapshot = snapshots.open_snapshot(folder)
        if not snapshot.is_sealed:
            raise InputError(
                f"Snapshot {snapshot_id} is still a draft.",
                where=str(folder),
                fix=f"seal it: opsatlas snapshot seal {snapshot_id}",
            )
        if changed := changed_files(folder, snapshot.manifest):
            raise ArtifactError(
                f"Snapshot {snapshot_id} was changed after it was sealed: {', '.join(changed)}.",
                where=str(folder),
                fix="restore the files, or import them into a snapshot of another id",
            )
        return snapshot


def topic_settings_of(settings: ToolsSettings | ThemesSettings) -> TopicSettings:
    """Return the parameters of the topics alone, without what says where they are used."""
    from taxonomy.settings import TopicSettings

    return TopicSettings(**settings.model_dump(include=set(TopicSettings.model_fields)))
