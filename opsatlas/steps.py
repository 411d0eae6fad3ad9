"""The steps of a study, each made only if what it depends on has changed.

    snapshots ── texts ── taxonomies ── crosswalks ── page
         │         │         │   └───── lineages ─┬── page
         │         │         │                    └── comparison (`opsatlas.comparing`)
         └────── kinds ──────┘
                   └── requests ── usage ── page (`opsatlas.usages`)
    code ── usages ──────────────────┘
    snapshots, taxonomies ── histories ── page (`opsatlas.histories`)
    all but histories ── search ── page (`opsatlas.searching`)

An artifact's manifest holds a key: the hash of everything that its content depends on. A step whose
artifact has the expected key and undamaged files is skipped, so a second run does nothing and an
interrupted one goes on. Nothing heavy is imported before a step needs it.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import ArtifactError, InputError
from artifacts.files import clear_leftovers
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.step import Step, make
from artifacts.words import DOCUMENTS
from configs import STUDY_FILE
from configs.finding import resolve_all
from mining.snapshots import snapshot_folder
from opsatlas.comparing import Asked, comparison_of, of_page, planned, sides_of
from opsatlas.dependents import studied_frameworks
from opsatlas.histories import check_history, history_folder, make_histories
from opsatlas.pipeline import MADE, Pipeline, alone
from opsatlas.searching import make_search, search_folder
from opsatlas.study import Source, ToolsSettings, parents_first
from opsatlas.topics import topics_of
from opsatlas.usages import (
    check_usage,
    features_book,
    make_all_of_usage,
    requests_folder,
    usage_folder,
    usages_folder,
)
from taxonomy.decisions.decision_file import changing
from taxonomy.store import FOLDER

if TYPE_CHECKING:
    from artifacts.words import Corpus, Documents
    from configs.codebook import Codebook
    from mining.snapshots import Snapshot
    from reports.page.build import PageParts
    from reports.usage.evidence import UsageParts
    from taxonomy.build import Chosen
    from taxonomy.guidance.fit import BookFit


@alone
def run(pipeline: Pipeline, rebuild: Collection[str] = ()) -> Path | None:
    """Carry out every step and return the path of the page; ``rebuild`` as `make_snapshots`.

    None for a study of requests or usage alone: the page is of tools.

    Raises
    ------
    InputError
        If the study asks for nothing, or what it compares cannot be compared: then the page is
        made without it.
    """
    study, compared = pipeline.study, planned(pipeline)
    if not pipeline.corpora() and study.usage is None and study.history is None:
        raise InputError(
            "The study asks for nothing: it has neither [taxonomy] (of tools) nor [themes] (of "
            "requests) nor [usage] (of frameworks) nor [history] (of snapshots).",
            where=str(pipeline.study_path),
            fix='add one of them: the first two with snapshot = "DATE.SOURCE"',
        )
    pipeline.check()
    if study.usage is not None:
        check_usage(pipeline)
    if study.history is not None:
        check_history(pipeline)
    _clear_leftovers(pipeline)
    make_snapshots(pipeline, rebuild)
    for corpus in pipeline.corpora():
        make_taxonomy(pipeline, corpus)
        for book in pipeline.codebooks(corpus):
            make_crosswalk(pipeline, corpus, book)
    if study.usage is not None:
        make_all_of_usage(pipeline)
    if study.history is not None:
        make_histories(pipeline)
    has_page = "tools" in pipeline.corpora()
    if has_page:
        make_search(pipeline)
    if compared is not None:
        try:
            make_comparison(pipeline, compared)
        except InputError:
            if has_page:
                make_page(pipeline)
            raise
    return make_page(pipeline) if has_page else None


@alone
def make_snapshots(pipeline: Pipeline, rebuild: Collection[str] = ()) -> None:
    """Import and seal the snapshots that the study has files for, parents before what extends them.

    Snapshots in ``rebuild`` are made again where the study now names other files for them.
    """
    from mining.sources.importing import FileSource, import_sources

    by_snapshot: dict[str, list[Source]] = {}
    for source in pipeline.study.sources:
        by_snapshot.setdefault(source.snapshot, []).append(source)
    for snapshot_id in rebuild:
        if snapshot_id not in by_snapshot:
            raise InputError(
                f"The study has no files for the snapshot {snapshot_id}.",
                where="--rebuild",
                fix=f"it has some for: {', '.join(by_snapshot) or 'none'}",
            )
    parents = pipeline.study.parents()
    for parent in parents.values():
        if parent not in by_snapshot:
            pipeline.sealed(parent)  # before any work is done
    for snapshot_id in parents_first(by_snapshot, parents):
        extended = parents.get(snapshot_id)
        files = [
            FileSource(
                kind=source.kind,
                files=resolve_all(source.files, pipeline.study_path),
                columns=source.columns,
                constants=source.constants,
                file_format=source.file_format,
                observed_at=source.observed_until,
                with_truck_factor=source.truck_factor,
            )
            for source in by_snapshot[snapshot_id]
        ]
        import_sources(
            snapshot_folder(pipeline.workspace, snapshot_id),
            files,
            progress=pipeline.progress,
            extends=None if extended is None else pipeline.sealed(extended).folder,
            rebuild=snapshot_id in rebuild,
        )


@alone
def make_texts(pipeline: Pipeline, corpus: Corpus) -> Path:
    """Prepare the texts of a corpus; return where they are."""
    folder = pipeline.texts_folder(corpus)
    make(plan_texts(pipeline, corpus), folder)
    return folder


def plan_texts(pipeline: Pipeline, corpus: Corpus) -> Step:
    """Return the step of a corpus's texts; its snapshot must be there, sealed and whole."""
    from embeddings.build import texts_step

    snapshot, kind = pipeline.sealed(pipeline.settings(corpus).snapshot), DOCUMENTS[corpus]
    if kind not in snapshot.rows:
        raise _holds_none(snapshot, kind, "name another snapshot in the study")
    settings, progress = pipeline.study.texts, pipeline.progress
    return texts_step(snapshot.folder, kind=kind, settings=settings, progress=progress)


@alone
def make_kinds(pipeline: Pipeline, subject: Documents, snapshot_id: str) -> Path:
    """Tell the kinds of a snapshot's repositories or issues; return where they are.

    Raises
    ------
    InputError
        If the snapshot is not there or holds none of them.
    """
    snapshot = pipeline.sealed(snapshot_id)
    if not snapshot.rows.get(subject):
        raise _holds_none(snapshot, subject, "name another with --snapshot")
    folder = pipeline.kinds_folder(subject, snapshot_id)
    make(plan_kinds(pipeline, subject, snapshot), folder)
    return folder


@alone
def make_taxonomy(pipeline: Pipeline, corpus: Corpus) -> Manifest:
    """Prepare texts, choose those of the kinds that the study names, and derive topics."""
    texts = make_texts(pipeline, corpus)
    only = chosen(pipeline, corpus, texts)
    return topics_of(pipeline, corpus, texts, pipeline.taxonomy_folder(corpus), only=only)


@alone
def make_crosswalk(pipeline: Pipeline, corpus: Corpus, book: Codebook) -> Path:
    """Lay a codebook over a corpus's taxonomy, which must be there; return where it is."""
    folder = pipeline.crosswalk_folder(corpus, book)
    make(plan_crosswalk(pipeline, corpus, book), folder)
    return folder


def plan_crosswalk(pipeline: Pipeline, corpus: Corpus, book: Codebook) -> Step:
    """Return the step that lays a codebook over a corpus's taxonomy, which must be there."""
    from taxonomy.guidance.codes import CodeList
    from taxonomy.guidance.crosswalk import crosswalk_step

    return crosswalk_step(
        pipeline.built_taxonomy(corpus),
        pipeline.texts_folder(corpus),
        codebook=CodeList.of(book),
        vectors_folder=pipeline.vectors_folder,
        vector_settings=pipeline.code_vectors(),
        progress=pipeline.progress,
    )


@alone
def measure_fit(pipeline: Pipeline, corpus: Corpus, book: Codebook) -> BookFit:
    """Return how well a codebook fits a corpus, whose taxonomy must be there.

    It is held against the topics that no codebook guides: with guided ones a codebook would agree
    because it was told to them.
    """
    import numpy as np

    from embeddings.build import read_documents
    from embeddings.encoder import plan_encoder
    from taxonomy.guidance.codes import CodeList
    from taxonomy.guidance.crosswalk import encode_both
    from taxonomy.guidance.fit import fit_book
    from taxonomy.guidance.scores import own_scores
    from taxonomy.taxonomy import Taxonomy

    listed = CodeList.of(book)
    shown = Taxonomy.open(pipeline.built_taxonomy(corpus))
    topic_of = (shown.unguided or shown).topic_of
    texts = [*map(read_documents(pipeline.texts_folder(corpus)).__getitem__, topic_of)]
    plan = plan_encoder(pipeline.code_vectors(), n_texts=len(texts))
    vectors, phrases = encode_both(texts, listed, plan, pipeline.vectors_folder, pipeline.progress)
    scores = own_scores(texts, vectors, listed.codes, phrases)
    topics = np.array(list(topic_of.values()), dtype=np.int32)
    return fit_book(listed.codes, scores, vectors, phrases, topics)


@alone
def make_comparison(pipeline: Pipeline, wanted: Asked) -> Path:
    """Make the taxonomies, the lineages and the report, where need be; return the page.

    Raises
    ------
    InputError
        If a snapshot is not there and the study has no files for it, or two taxonomies cannot be
        compared.
    """
    from reports.comparison.comparison import refuse_other_encoder

    sides = sides_of(pipeline, wanted)
    for side in sides:
        side.check()
    make_snapshots(pipeline)
    refuse_other_encoder([make_taxonomy(side, wanted.of) for side in sides])
    return comparison_of(pipeline, wanted).make()


@alone
def make_page(pipeline: Pipeline) -> Path:
    """Write the page of what the other steps made; return its path."""
    from reports.page.build import keep_addresses, page_step

    parts = _page_parts(pipeline)
    make(page_step(parts, progress=pipeline.progress), pipeline.page_folder)
    keep_addresses(parts)
    return pipeline.page_folder / "index.html"


def plan_page(pipeline: Pipeline) -> Step:
    """Return the step of the page; what the other steps make must be there."""
    from reports.page.build import page_step

    return page_step(_page_parts(pipeline), progress=pipeline.progress)


def _page_parts(pipeline: Pipeline) -> PageParts:
    from reports.page.build import PageParts

    study, facts = pipeline.study, pipeline.study.page.facts_snapshot
    search = search_folder(pipeline)
    return PageParts(
        title=study.study.title,
        ecosystem=study.ecosystem.topics,
        corpora={
            corpus: (
                pipeline.taxonomy_folder(corpus),
                pipeline.snapshot_folder(corpus),
                pipeline.judging(corpus),
            )
            for corpus in pipeline.corpora()
        },
        facts_snapshot=None if facts is None else pipeline.sealed(facts).folder,
        frameworks=tuple(framework.repository for framework in study.frameworks),
        notes=study.page.notes,
        usage=usage_parts(pipeline),
        histories=history_folders(pipeline),
        comparison=of_page(pipeline),
        search=search if (search / FILE_NAME).exists() else None,
        framework_names=study.framework_names(),
    )


def usage_parts(pipeline: Pipeline) -> UsageParts | None:
    """Return what is shown of how frameworks are used; None where the study has nothing of it."""
    from reports.usage.evidence import UsageParts

    folder, requests = usage_folder(pipeline), requests_folder(pipeline)
    if pipeline.study.usage is None or not (folder / FILE_NAME).exists():
        return None
    book = features_book(pipeline)
    return UsageParts(
        usage=folder,
        uses=usages_folder(pipeline),
        requests=requests if (requests / FILE_NAME).exists() else None,
        frameworks=studied_frameworks(pipeline),
        features={
            code.id: (code.name, code.definition) for code in book.codes_of(book.asked()[0].id)
        },
    )


def history_folders(pipeline: Pipeline) -> tuple[Path, ...]:
    """Return where histories are that were made, of those that the study asks for."""
    if pipeline.study.history is None:
        return ()
    folders = (history_folder(pipeline, each) for each in pipeline.study.history.snapshots)
    return tuple(folder for folder in folders if (folder / FILE_NAME).exists())


def built_kinds(pipeline: Pipeline, subject: Documents, snapshot_id: str) -> Path:
    """Return the folder of kinds that were told before, of the snapshot and model as they are now.

    Raises
    ------
    ArtifactError
        If there are none, or they are out of date or damaged.
    """
    snapshot = pipeline.sealed(snapshot_id)
    folder = pipeline.kinds_folder(subject, snapshot_id)
    if plan_kinds(pipeline, subject, snapshot).made(folder) is None:
        raise ArtifactError(
            f"The kinds of {snapshot.id} are not told yet, or not of what is there now.",
            where=str(folder),
            fix=f"opsatlas kinds build --snapshot {snapshot.id}",
        )
    return folder


def plan_kinds(pipeline: Pipeline, subject: Documents, snapshot: Snapshot) -> Step:
    """Return the step of the kinds of a snapshot's repositories or issues."""
    from insights.kinds.build import kinds_step

    return kinds_step(
        snapshot.folder,
        subject=subject,
        vectors_folder=pipeline.vectors_folder,
        settings=pipeline.vectors(),
        progress=pipeline.progress,
    )


def chosen(
    pipeline: Pipeline, corpus: Corpus, texts: Path, *, make_them: bool = True
) -> Chosen | None:
    """Return the documents of the kinds that the study wants a corpus built on; None: all.

    Parameters
    ----------
    make_them
        Whether kinds that are not known yet are determined; if not, that is an `ArtifactError`.
    """
    from embeddings.build import read_texts
    from insights.kinds.build import choose

    settings = pipeline.settings(corpus)
    wanted = settings.kinds if isinstance(settings, ToolsSettings) else ()
    if not wanted:
        return None
    tell = make_kinds if make_them else built_kinds
    folder = tell(pipeline, "repositories", settings.snapshot)
    return choose(folder, wanted, among=read_texts(texts)["key"].to_pylist())


def _holds_none(snapshot: Snapshot, documents: Documents, advice: str) -> InputError:
    return InputError(
        f"Snapshot {snapshot.id} holds no {documents}.",
        where=str(snapshot.folder),
        fix=f"it has {', '.join(snapshot.rows)}; {advice}",
    )


def _clear_leftovers(pipeline: Pipeline) -> None:
    """Remove what steps that died left half-made; drafts, labels and vectors are not theirs."""
    for name in (STUDY_FILE, *MADE):
        clear_leftovers(pipeline.workspace / name)
    for corpus in pipeline.corpora()[:1]:  # one lock for all
        with changing(pipeline.taxonomy_folder(corpus)):
            clear_leftovers(pipeline.workspace / FOLDER)
