"""A study in its workspace: what it sets, and where its artifacts are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from artifacts.errors import ArtifactError, ConfigError, InputError
from artifacts.files import write_text
from artifacts.locks import writing
from artifacts.manifest import FILE_NAME, Manifest, changed_files
from artifacts.notation import JsonObject, read_toml
from artifacts.processes import computing_on
from artifacts.progress import Progress
from artifacts.visible import restored, visible
from artifacts.words import CORPORA, DOCUMENTS, Corpus, Documents
from configs import STUDY_FILE
from configs.finding import find_codebook, find_codebooks, resolve, resolve_all
from embeddings.settings import HASHED_WORDS
from mining import snapshots
from mining.commits import is_there
from opsatlas.study import (
    GROUP,
    Study,
    ThemesSettings,
    ToolsSettings,
    fitting,
    named_codebook,
    read_study,
)
from taxonomy.decisions.decision_file import read_log
from taxonomy.store import FOLDER

if TYPE_CHECKING:
    from configs.codebook import Codebook
    from embeddings.settings import VectorSettings
    from mining.github.limits import WallClock
    from mining.github.run import Mining, MiningScope
    from taxonomy.guidance.codes import CodeList
    from taxonomy.settings import TopicSettings

MADE = (
    *("texts", "kinds", "crosswalks", "insights/history", "insights/search", "lineages", "reports"),
)
"""Folders of a workspace to which its steps alone write."""

ORIGIN = "# The study that was run here last. Relative paths in it are meant from: "

P = ParamSpec("P")
T = TypeVar("T")


def alone(step: Callable[Concatenate[Pipeline, P], T]) -> Callable[Concatenate[Pipeline, P], T]:
    """Let a step of a study hold the lock of its workspace from reading to writing."""

    @wraps(step)
    def held(pipeline: Pipeline, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with pipeline.working():
            return step(pipeline, *args, **kwargs)

    return held


@dataclass(frozen=True)
class Pipeline:
    """One study in one workspace."""

    workspace: Path
    study: Study
    study_path: Path
    progress: Progress

    @classmethod
    def remembered(cls, folder: Path, progress: Progress) -> Pipeline:
        """Return the study that a workspace remembers, ready to run.

        Raises
        ------
        ConfigError
            If the study file cannot be used.
        InputError
            If there is none.
        """
        path = folder / STUDY_FILE
        if not path.exists():
            raise InputError(
                "The workspace has no study yet.",
                where=str(path),
                fix="name the study once: `opsatlas run mlops`, or `opsatlas run FILE` with one of "
                "yours (`opsatlas init` writes one)",
            )
        return cls(folder, read_study(path), _origin(path), progress)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Be the only one at the steps of this workspace until the block ends.

        What is many is done where the study says, if nobody said otherwise.
        """
        compute = self.study.compute
        with (
            writing(self.workspace / STUDY_FILE),
            computing_on(compute.dask, allow_unlike=compute.allow_unlike),
        ):
            yield

    def with_categories(self, corpus: Corpus, number: int | None) -> Pipeline:
        """Return the study with so many categories in a corpus; as it is where None."""
        return self if number is None else self._with(corpus, categories=number)

    def on_snapshot(self, corpus: Corpus, snapshot_id: str) -> Pipeline:
        """Return the study with a corpus that describes another snapshot, in the same way."""
        return self._with(corpus, snapshot=snapshot_id)

    def _with(self, corpus: Corpus, **changed: object) -> Pipeline:
        settings = self.settings(corpus).model_copy(update=changed)
        return replace(self, study=self.study.model_copy(update={GROUP[corpus]: settings}))

    def corpora(self) -> list[Corpus]:
        """Return the corpora that the study asks for."""
        return [corpus for corpus in CORPORA if self.study.of(corpus) is not None]

    def check(self) -> None:
        """Refuse, before any work is done, a study that names what is not there.

        Raises
        ------
        InputError
            If a codebook, a list to judge by, or the model is not there, a list may not judge,
            or what people decided cannot be read.
        """
        self._named_codebooks()
        for corpus in self.corpora():
            for path in self.gold(corpus):
                if not path.is_file():
                    raise InputError(
                        "There is no such list to judge by.",
                        where=str(path),
                        fix="correct gold in the study file",
                    )
            self.guide(corpus)
            self.judging(corpus)
            read_log(self.taxonomy_folder(corpus))
        self.vectors()

    def mining(self, clock: WallClock | None = None) -> Mining:
        """Return the mining of the study; by this machine's clock where none is given."""
        from mining.github.limits import SystemClock
        from mining.github.run import Mining

        scope = scope_of(self.study, self.study_path)
        return Mining(self.workspace, scope, self.progress, clock or SystemClock())

    def vectors(self, *, fetch: bool = True) -> VectorSettings:
        """Return the settings of the encoder; a model that the user names by its place and hash.

        So what is made with it is made again when its files change. A model on the hub is fetched
        if it is not here; without ``fetch`` that is an `InputError`.
        """
        return self._by_hash(self.study.vectors, fetch=fetch)

    def code_vectors(self) -> VectorSettings:
        """Return the settings of the encoder by which documents are compared with codes."""
        return self._by_hash(self.study.codes or self.study.vectors, fetch=True)

    def _by_hash(self, settings: VectorSettings, *, fetch: bool) -> VectorSettings:
        from embeddings.hub import fetch_model
        from embeddings.models import KNOWN_MODELS, find_model, unknown_model

        model, revision = settings.model, settings.revision
        if revision is not None:
            if fetch:
                fetch_model(model, revision, self.progress)
        elif model in KNOWN_MODELS or model == HASHED_WORDS:
            return settings
        else:
            folder = resolve(model, self.study_path)
            if not folder.exists():
                raise unknown_model(model)
            model = str(folder)
        found = find_model(model, expected_sha256=settings.sha256, revision=revision)
        return settings.model_copy(update={"model": found.name, "sha256": found.sha256})

    def settings(self, corpus: Corpus) -> ToolsSettings | ThemesSettings:
        """Return what the study sets for a corpus."""
        settings = self.study.of(corpus)
        if settings is None:
            section = GROUP[corpus]
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
        return whole(folder, f"opsatlas {GROUP[corpus]} build", what="taxonomy")

    def snapshot_folder(self, corpus: Corpus) -> Path:
        """Return the folder of the snapshot that the corpus describes."""
        return snapshots.snapshot_folder(self.workspace, self.settings(corpus).snapshot)

    @property
    def page_folder(self) -> Path:
        """Return where the page is."""
        return self.workspace / "reports" / "atlas"

    @property
    def vectors_folder(self) -> Path:
        """Return where the vectors of texts are kept."""
        return self.workspace / "vectors"

    def texts_folder(self, corpus: Corpus) -> Path:
        """Return the folder of the texts that the corpus is derived from."""
        from embeddings.build import texts_folder

        return texts_folder(self.workspace, self.settings(corpus).snapshot, DOCUMENTS[corpus])

    def kinds_folder(self, documents: Documents, snapshot_id: str) -> Path:
        """Return the folder of the kinds of a snapshot's repositories or issues."""
        from insights.kinds.build import kinds_folder

        return kinds_folder(self.workspace, snapshot_id, documents)

    def crosswalk_folder(self, corpus: Corpus, book: Codebook) -> Path:
        """Return the folder of a codebook that is laid over the corpus's taxonomy."""
        from taxonomy.guidance.crosswalk import crosswalk_folder

        name = self.taxonomy_folder(corpus).name
        return crosswalk_folder(self.workspace, name, book.codebook.name)

    def titles(self, corpus: Corpus) -> dict[str, str]:
        """Return how people know the corpus's documents, by key."""
        from embeddings.build import read_titles

        return read_titles(self.texts_folder(corpus))

    def gold(self, corpus: Corpus) -> list[Path]:
        """Return the lists that the corpus is judged by."""
        return resolve_all(self.settings(corpus).gold, self.study_path)

    def judging(self, corpus: Corpus, lists: Sequence[Path] = ()) -> list[Path]:
        """Return these lists, or those of the study, as ones that may judge the corpus.

        Raises
        ------
        InputError
            If the codebook that guides the topics was made from one of them.
        """
        from taxonomy.guidance.gold import refuse_own_source

        named = list(lists) or self.gold(corpus)
        if (found := self._guide(corpus)) is not None:
            refuse_own_source(found[1], named)
        return named

    def topic_settings(self, corpus: Corpus) -> TopicSettings:
        """Return the parameters of the topics alone, without what says where they are used."""
        from taxonomy.settings import TopicSettings

        settings = self.settings(corpus)
        return TopicSettings(**settings.model_dump(include=set(TopicSettings.model_fields)))

    def codebooks(self, corpus: Corpus) -> list[Codebook]:
        """Return the codebooks that the study names for the corpus and that ask one question."""
        return [
            book
            for _, book in self._named_codebooks().values()
            if book.codebook.layer in (None, corpus) and len(book.asked()) == 1
        ]

    def codebook(self, name: str, corpus: Corpus) -> Codebook:
        """Return the codebook of that name: of the study's own, or shipped; or of that file.

        The study's own, and the one that guides, are also known by their file as the study names
        it, wherever one stands.

        Raises
        ------
        InputError
            If there is none, or it is for another corpus.
        ConfigError
            If it cannot be used.
        """
        own = self._named_codebooks()
        if self.study.of(corpus) is not None and (guide := self._guide(corpus)) is not None:
            own.setdefault(guide[1].codebook.name, guide)
        if name not in own and not Path(name).is_file():
            meant = resolve(name, self.study_path)
            name = next((each for each, (path, _) in own.items() if path == meant), name)
        if name not in own:
            return named_codebook(name, corpus)
        path, book = own[name]
        return fitting(book, corpus, path)

    def guide(self, corpus: Corpus) -> CodeList | None:
        """Return the codebook that the study has the topics of a corpus guided by; None: none.

        Raises
        ------
        InputError
            If there is no such codebook, or it is for another corpus, or asks several questions.
        ConfigError
            If it cannot be used.
        """
        from configs.codebook import parents_of
        from taxonomy.guidance.codes import CodeList

        found = self._guide(corpus)
        return None if found is None else CodeList.of(found[1], parents_of(found[1], found[0]))

    def _guide(self, corpus: Corpus) -> tuple[Path, Codebook] | None:
        from labels.exchange.formats import read_codebook_file

        name = self.settings(corpus).guide
        if name is None:
            return None
        own = self._named_codebooks()
        if name in own:
            path, book = own[name]
        else:
            path = find_codebook(name, self.study_path, where=self._where(corpus, "guide"))
            book = read_codebook_file(path)
        return path, fitting(book, corpus, path)

    def _where(self, corpus: Corpus, key: str) -> str:
        return f"{self.study_path}, {GROUP[corpus]}.{key}"

    def _named_codebooks(self) -> dict[str, tuple[Path, Codebook]]:
        """Return the codebooks that the study names, each with its file, by what it is called."""
        from labels.exchange.formats import read_codebook_file

        where = f"{self.study_path}, codebooks"
        found: dict[str, tuple[Path, Codebook]] = {}
        for path in find_codebooks(self.study.codebooks, self.study_path, where=where):
            book = read_codebook_file(path)
            name = book.codebook.name
            if name in found:
                raise InputError(
                    f"Two codebooks are called '{name}': {found[name][0]} and {path}.",
                    where=where,
                    fix="give one of them another name (in its [codebook]), or leave it out",
                )
            found[name] = (path, book)
        return found

    def vocabulary(self, corpus: Corpus) -> tuple[str, ...]:
        """Return the names of the codes of the codebooks that the study names for a corpus."""
        books = self.codebooks(corpus)
        return tuple(dict.fromkeys(code.name for book in books for code in book.codes))

    def stop_words(self, corpus: Corpus) -> frozenset[str]:
        """Return words that say nothing as keywords: in themes, the frameworks' own names."""
        if corpus == "tools":
            return frozenset()
        names = [f"{f.name} {f.repository} {f.package or ''}" for f in self.study.frameworks]
        words = " ".join(names).lower().replace("/", " ").replace("-", " ").replace("&", " ")
        return frozenset(words.split())

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
        snapshots.refuse_changed(snapshot)
        return snapshot


def whole(folder: Path, command: str, *, what: str = "") -> Path:
    """Return the folder of an artifact, which must be there and as it was written.

    Parameters
    ----------
    command
        That makes it.
    what
        It is called; by the name of its folder where empty.

    Raises
    ------
    ArtifactError
        If it is missing, damaged, or of another schema version.
    """
    if not (folder / FILE_NAME).exists():
        raise ArtifactError(f"There is no {folder.name} yet.", where=str(folder), fix=command)
    if changed := changed_files(folder, Manifest.read(folder)):
        raise ArtifactError(
            f"The {what or folder.name} was changed after it was made: {', '.join(changed)}.",
            where=str(folder),
            fix=command,
        )
    return folder


def remember(path: Path, folder: Path) -> None:
    """Copy a study file into its workspace, with where it is from, unless it is there just so.

    Raises
    ------
    InputError
        If another study is there: one that was written there, or a copy of one of another name.
    """
    remembered = folder / STUDY_FILE
    if path.resolve() == remembered.resolve():
        return
    values, text = read_toml(path, what="The study file")
    copy = f"{ORIGIN}{visible(path.resolve().as_posix())}\n{text}"
    if not remembered.exists() or remembered.read_text(encoding="utf-8") != copy:
        with writing(remembered):  # whoever is at work here is so by the study that is there
            _refuse_other(remembered, values, text)
            write_text(remembered, copy)


def _refuse_other(remembered: Path, values: JsonObject, text: str) -> None:
    """Raise `InputError` if a study would be lost that is no copy, or is of another name."""
    try:
        there, text_there = read_toml(remembered, what="The study file")
    except ConfigError:
        return  # there is none, or nothing that could be run
    if not text_there.startswith(ORIGIN):
        is_other = text_there != text
    else:
        is_other = _name_in(there) != _name_in(values)
    if is_other:
        raise InputError(
            f"The workspace has a study already: '{_name_in(there)}'.",
            where=str(remembered),
            fix="for that one, name no study; for another, name another folder with -w, or move "
            "this file away first",
        )


def _name_in(values: JsonObject) -> object:
    study = values.get("study")
    return study.get("name") if isinstance(study, dict) else None


def _origin(remembered: Path) -> Path:
    """Return the path that a study's relative paths are meant from."""
    first = remembered.read_text(encoding="utf-8").split("\n", 1)[0]
    return Path(restored(first.removeprefix(ORIGIN))) if first.startswith(ORIGIN) else remembered


def scope_of(study: Study, study_path: Path) -> MiningScope:
    """Return what a study wants mined; the paths of its lists are meant from ``study_path``.

    Raises
    ------
    InputError
        If it names neither topics nor lists.
    """
    if not study.ecosystem.topics and not study.ecosystem.lists:
        raise InputError(
            "The study names no topics and no lists, so it does not say what to mine.",
            where=f"{study_path}, ecosystem",
            fix='add [ecosystem] with topics = ["mlops"], or with lists = ["names.txt"], a file '
            "that names repositories",
        )
    from mining.github.job import FrameworkJob
    from mining.github.named import read_names
    from mining.github.run import MiningScope

    return MiningScope(
        topics=study.ecosystem.topics,
        read_names=lambda: read_names(resolve_all(study.ecosystem.lists, study_path)),
        frameworks=tuple(
            FrameworkJob(
                name=framework.name,
                repository=framework.repository,
                labels=framework.request_labels,
                types=framework.request_types,
            )
            for framework in study.frameworks
        ),
        settings=study.mining,
    )
