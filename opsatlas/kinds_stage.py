"""The stage that tells what kind of thing each document is, before topics are derived of some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.errors import ArtifactError, InputError
from artifacts.manifest import Dropped, Manifest, fresh
from opsatlas.study import ToolsSettings

if TYPE_CHECKING:
    from artifacts.words import Corpus, Documents
    from insights.kinds.build import FoundKinds
    from opsatlas.pipeline import Pipeline
    from taxonomy.chosen import Chosen
    from taxonomy.guidance.gold import Ceiling, Judgement
    from taxonomy.guidance.scores import Coding


def make_kinds(pipeline: Pipeline, subject: Documents, snapshot_id: str) -> Path:
    """Tell the kinds of a snapshot's repositories or issues, if that is not done; return where.

    Raises
    ------
    InputError
        If the snapshot is not there or holds none of them.
    """
    from insights.kinds.build import build_kinds, kinds_folder, kinds_key

    snapshot = pipeline.sealed(snapshot_id)
    if not snapshot.rows.get(subject):
        raise InputError(
            f"Snapshot {snapshot.id} holds no {subject}.",
            where=str(snapshot.folder),
            fix=f"it has {', '.join(snapshot.rows)}; name another with --snapshot",
        )
    vectors = pipeline.vectors()
    folder = kinds_folder(pipeline.workspace, snapshot.id, subject)
    with pipeline.working():
        if fresh(folder, kinds_key(snapshot.manifest.content_hash, subject, vectors)) is None:
            build_kinds(
                snapshot.folder,
                folder,
                subject=subject,
                vectors_folder=pipeline.vectors_folder,
                settings=vectors,
                progress=pipeline.progress,
            )
    return folder


def chosen_documents(pipeline: Pipeline, corpus: Corpus, texts_at: Path) -> Chosen | None:
    """Return the documents of the kinds that the study wants a corpus built on; None: all.

    A document counts as what it is likeliest to be, however unsure that is; those that are left
    out although no kind was likely enough are counted apart.
    """
    from embeddings.build import read_texts
    from insights.kinds.build import read_kinds
    from taxonomy.chosen import Chosen

    settings = pipeline.settings(corpus)
    wanted = settings.kinds if isinstance(settings, ToolsSettings) else ()
    if not wanted:
        return None
    found = read_kinds(make_kinds(pipeline, "repositories", settings.snapshot), "repositories")
    with_text = set(read_texts(texts_at)["key"].to_pylist())
    rows = [row for row in found.to_pylist() if row["key"] in with_text]
    others: Counter[str] = Counter()
    for row in rows:
        if row["kind"] not in wanted:
            others[f"kind: {row['kind']}" + (", unsure" if row["abstained"] else "")] += 1
    return Chosen(
        keys=frozenset(row["key"] for row in rows if row["kind"] in wanted),
        dropped=tuple(Dropped(reason=why, count=n) for why, n in sorted(others.items())),
    )


def built_kinds(pipeline: Pipeline, subject: Documents, snapshot_id: str) -> Path:
    """Return the folder of kinds that were told before, of the snapshot and model as they are now.

    Raises
    ------
    ArtifactError
        If there are none, or they are out of date or damaged.
    """
    from insights.kinds.build import kinds_folder, kinds_key

    snapshot = pipeline.sealed(snapshot_id)
    folder = kinds_folder(pipeline.workspace, snapshot.id, subject)
    key = kinds_key(snapshot.manifest.content_hash, subject, pipeline.vectors())
    if fresh(folder, key) is None:
        raise ArtifactError(
            f"The kinds of {snapshot.id} are not told yet, or not of what is there now.",
            where=str(folder),
            fix=f"opsatlas kinds build --snapshot {snapshot.id}",
        )
    return folder


def read_found(folder: Path, subject: Documents, snapshot_id: str) -> FoundKinds:
    """Return the kinds in ``folder`` with their shares."""
    import numpy as np

    from insights.kinds.build import FoundKinds, read_kinds
    from insights.kinds.kinds import MODEL_FILES
    from insights.kinds.linear import load_model
    from insights.kinds.shares import shares

    table, manifest = read_kinds(folder, subject), Manifest.read(folder)
    model = load_model(MODEL_FILES[subject])
    errors = np.array(model.held_out[manifest.facts["heads"]])
    calls = table["kind"].to_pylist()
    counted = shares(calls, model.classes, errors, drawn=model.drawn)
    return FoundKinds(snapshot_id, table.to_pylist(), counted, model, manifest)


def judge_kinds(
    pipeline: Pipeline, snapshot_id: str, gold: Sequence[Path], *, column: str
) -> tuple[list[Judgement], list[Ceiling]]:
    """Return how far the kinds agree with each coder's, and the coders with each other.

    Raises
    ------
    InputError
        If a file cannot be read or names a kind that there is not.
    ArtifactError
        If the kinds are not told yet.
    """
    from insights.kinds.build import read_kinds
    from insights.kinds.vocabulary import KINDS
    from mining.names import document_names
    from taxonomy.guidance.gold import ceilings, judge, read_coder

    coders = [read_coder(path, column=column) for path in gold]
    for coder in coders:
        for row in coder.rows:
            if row.label not in KINDS:
                raise InputError(
                    f"There is no kind '{row.label}'.",
                    where=f"{coder.path}, line {row.line}, {column}",
                    fix=f"kinds are {', '.join(KINDS)}",
                )
    folder = built_kinds(pipeline, "repositories", snapshot_id)
    codings = {row["key"]: _coding(row) for row in read_kinds(folder, "repositories").to_pylist()}
    key_of = document_names(pipeline.sealed(snapshot_id).folder, "repositories")
    called: dict[str, frozenset[str]] = {kind: frozenset({kind}) for kind in KINDS}
    found = [judge(codings, key_of, coder, called) for coder in coders]
    return found, ceilings(coders, key_of, called)


def _coding(row: Mapping[str, Any]) -> Coding:
    """Return what a repository is called as the comparison with coders wants it."""
    from taxonomy.guidance.scores import Coding

    return Coding(
        code=None if row["abstained"] else row["kind"],
        best=row["kind"],
        second=None,
        margin=row["probability"],
        share=None,
        n_coded=int(not row["abstained"]),
        size=1,
        reason="unsure" if row["abstained"] else None,
    )
