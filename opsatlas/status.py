"""Where a workspace stands: what is there, stale (and why) or missing, and what to do next.

The answer comes from what `opsatlas run` would check: the same steps with their present keys. What
a manifest does not record is not guessed. Nothing is written and no lock is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, cast, get_args

from artifacts.checks import NextStep
from artifacts.errors import InputError, OpsatlasError
from artifacts.locks import at_work
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.step import MADE_DIFFERENTLY, Standing, Step, StepState
from artifacts.words import DOCUMENTS, LAYERS, Corpus, Documents
from mining import snapshots
from mining.commits import changed_files, is_there, steadily
from mining.github.job import raw_folder, read_job
from mining.github.raw import FILE as RAW_FILE
from mining.github.raw import has_answers
from opsatlas.pipeline import Pipeline
from opsatlas.searching import plan_search, search_folder
from opsatlas.steps import (
    chosen,
    plan_crosswalk,
    plan_kinds,
    plan_page,
    plan_texts,
)
from opsatlas.study import GROUP
from opsatlas.topics import plan_topics

StatusPart = Literal[
    "snapshot",
    "texts",
    "kinds",
    "taxonomy",
    "crosswalk",
    "requests",
    "usages",
    "usage",
    "history",
    "search",
    "page",
    "lineage",
    "comparison",
]
PartState = Literal["up to date", "sealed", "draft", "unfinished", "stale", "missing", "damaged"]
"""``unfinished``: mining has begun and is to go on."""

FINE: tuple[PartState, ...] = ("up to date", "sealed")
WORKSPACE_FOLDERS = ("snapshots", "raw", "texts", "taxonomies", "labels")
PARTS: dict[str, str] = {
    "version": MADE_DIFFERENTLY,
    "opsatlas": "the version of opsatlas",
    "settings": "settings in the study",
    "config": "settings in the study",
    "vectors": "[vectors] in the study",
    "words": "title, topics, frameworks or notes in the study",
    "neighbours": "how neighbours are found among so many documents",
    "stop_words": "frameworks in the study",
    "vocabulary": "the codebooks of the study",
    "snapshot": "the snapshot",
    "sections": "how READMEs are cut",
    "texts": "the texts",
    "only": "the kinds of the documents",
    "model": "the classifier",
    "taxonomy": "the taxonomy",
    "topics": "which document is in which topic",
    "nearest": "which topic is nearest to which document",
    "categories": "which topic is in which category",
    "codebook": "the codebook",
    "inputs": "a taxonomy, or who is in which node",
    "artifacts": "what it is made of",
    "crosswalks": "the crosswalks",
    "decisions": "decisions were made since",
    "former addresses": "what nodes were called before",
    "comparison": "what is compared",
    "gold": "the lists to judge by",
    "code": "whose code is scanned, or its commits",
    "frameworks": "the files of the frameworks",
    "facts": "the facts",
    "labels": "people's labels of requests",
    "uses.parquet": "the uses",
    "projects.parquet": "the projects",
    "requests": "the coded requests",
    "usage": "how frameworks are used",
    "families": "the families of topics and words",
    "kinds": "the kinds of the repositories",
    "named": "the tools' names or categories",
    "observed": "the days of observation",
    "placed": "the taxonomy, or its vectors",
}
"""What the parts of a step's key are called; other parts are names of artifacts."""


@dataclass(frozen=True, kw_only=True)
class StatusLine:
    """One part of a workspace, and how it stands.

    Attributes
    ----------
    why
        What changed, or is in the way, in words.
    holds
        What is in it, in words.
    written_by
        The process that is writing it now; None: none is.
    """

    part: StatusPart
    name: str
    state: PartState
    why: tuple[str, ...] = ()
    holds: str = ""
    written_by: str | None = None


def refuse_elsewhere(folder: Path, *, has_study: bool) -> None:
    """Raise `InputError` if a folder is no workspace: neither a study nor artifacts are in it."""
    if not has_study and not any((folder / name).is_dir() for name in WORKSPACE_FOLDERS):
        raise InputError(
            "This folder is no workspace: it has neither a study nor anything that was made of "
            "one.",
            where=str(folder),
            fix="name one with -w; to begin one here: `opsatlas init`",
        )


def survey(workspace: Path, pipeline: Pipeline | None) -> list[StatusLine]:
    """Return how each part of a workspace stands, in the order of making.

    Parameters
    ----------
    pipeline
        None: the workspace has no study that can be used; then only its snapshots are known.
    """
    found = _Survey(workspace)
    ids = set() if pipeline is None else set(_wanted(pipeline))
    imported = set() if pipeline is None else {s.snapshot for s in pipeline.study.sources}
    there = {path.name for name in ("snapshots", "raw") for path in (workspace / name).glob("*.*")}
    for snapshot_id in sorted(ids | {name for name in there if not name.startswith(".")}):
        found.add_snapshot(snapshot_id, is_imported=snapshot_id in imported)
    if pipeline is not None:
        found.add_study(pipeline)
    return found.lines


def next_step(lines: Sequence[StatusLine], pipeline: Pipeline) -> NextStep | None:
    """Return what to do next about a study; None: all that it asks for is there."""
    study = pipeline.study
    if not pipeline.corpora() and study.usage is None and study.history is None:
        return NextStep(command=None, why="add [taxonomy] or [themes] with a snapshot to the study")
    wanted = set(_wanted(pipeline))
    waiting = [line for line in lines if line.state not in FINE]
    kinds = [line for line in waiting if line.part == "kinds"]
    for line in waiting:
        if line.part == "snapshot" and (step := _of_snapshot(line, wanted)) is not None:
            return step
    by_hand = [line for line in waiting if line.part == "snapshot" and line.name not in wanted]
    if waiting == by_hand:
        return None
    if kinds and waiting == [line for line in waiting if line in by_hand or line in kinds]:
        snapshot_id, _, documents = kinds[0].name.rpartition(".")
        command = "issues" if documents == "issues" else "build"
        command = f"opsatlas kinds {command} --snapshot {snapshot_id}"
        return NextStep(command=command, why="determine the kinds again")
    if study.taxonomy is not None or study.usage is not None or study.history is not None:
        return NextStep(command="opsatlas run", why="make what is missing or stale")
    return NextStep(command=f"opsatlas {GROUP['themes']} build", why="make what is missing")


def _of_snapshot(line: StatusLine, wanted: set[str]) -> NextStep | None:
    """Return what to do about a snapshot that is not sealed; None: nothing, or a run does it."""
    if line.written_by is not None:
        return NextStep(command=None, why=f"wait: {line.name} is being written {line.written_by}")
    if line.state == "unfinished":
        command = f"opsatlas mine --snapshot {line.name}"
        return NextStep(command=command, why="go on with the mining")
    if line.name not in wanted or IMPORTED in line.why:
        return None
    if line.state == "missing":
        command = f"opsatlas mine --snapshot {line.name}"
        return NextStep(command=command, why=f"fill {line.name}; or import into it, with --seal")
    if line.state == "draft":
        command = f"opsatlas snapshot seal {line.name}"
        return NextStep(command=command, why="close the draft, so that it can be described")
    return NextStep(command=f"opsatlas snapshot verify {line.name}", why="see what is damaged")


IMPORTED = "the next run imports it"


def _wanted(pipeline: Pipeline) -> Iterator[str]:
    """Yield the snapshots that a study names."""
    study = pipeline.study
    yield from (source.snapshot for source in study.sources)
    yield from (pipeline.settings(corpus).snapshot for corpus in pipeline.corpora())
    yield from study.compare.snapshots
    if study.history is not None:
        yield from study.history.snapshots
    if study.page.facts_snapshot is not None:
        yield study.page.facts_snapshot


@dataclass
class _Survey:
    """The lines that were found so far."""

    workspace: Path
    lines: list[StatusLine] = field(default_factory=list)

    def add_snapshot(self, snapshot_id: str, *, is_imported: bool) -> None:
        """Add a snapshot, which may not be there, or still be mined."""
        try:
            folder = snapshots.snapshot_folder(self.workspace, snapshot_id)
        except InputError:
            return  # it is somebody else's folder
        state, why, rows = self._snapshot_state(folder, is_imported=is_imported)
        holds = ", ".join(f"{n:,} {name}" for name, n in rows.items() if name in LARGE)
        writer = at_work(folder) or at_work(raw_folder(self.workspace, snapshot_id) / RAW_FILE)
        self.lines.append(
            StatusLine(
                part="snapshot", name=snapshot_id, state=state, why=why, holds=holds,
                written_by=writer,
            )
        )  # fmt: skip

    def _snapshot_state(
        self, folder: Path, *, is_imported: bool
    ) -> tuple[PartState, tuple[str, ...], dict[str, int]]:
        began = _began(self.workspace, folder.name)
        if not is_there(folder):
            if began is not None:
                return "unfinished", (f"mining began on {began}",), {}
            why = IMPORTED if is_imported else "nothing was mined or imported yet"
            return "missing", (why,), {}
        try:
            snapshot = snapshots.open_snapshot(folder)
            changed = steadily(folder, partial(changed_files, folder))
        except OpsatlasError as error:
            return "damaged", (error.what,), {}
        if changed:
            return "damaged", (f"changed by hand: {', '.join(changed)}",), snapshot.rows
        if snapshot.is_sealed:
            return "sealed", (), snapshot.rows
        why = IMPORTED if is_imported else "imports still fill it"
        return "draft", (why,), snapshot.rows

    def add_study(self, pipeline: Pipeline) -> None:
        """Add all that a run makes of a study."""
        for corpus in pipeline.corpora():
            self._add_taxonomy(pipeline, corpus)
            for book in pipeline.codebooks(corpus):
                folder = pipeline.crosswalk_folder(corpus, book)
                self._add("crosswalk", folder, partial(plan_crosswalk, pipeline, corpus, book))
        if pipeline.study.usage is not None:
            self._add_usage(pipeline)
        if pipeline.study.history is not None:
            self._add_histories(pipeline, pipeline.study.history.snapshots)
        if pipeline.study.taxonomy is not None:
            self._add("search", search_folder(pipeline), lambda: plan_search(pipeline))
        if pipeline.study.compare.snapshots:
            self._add_comparison(pipeline)
        if pipeline.study.taxonomy is not None:
            self._add("page", pipeline.page_folder, lambda: plan_page(pipeline))
        for folder in sorted((self.workspace / "kinds").glob("[!.]*.*")):
            snapshot_id, _, documents = folder.name.rpartition(".")
            if documents in get_args(Documents):
                self._add_kinds(pipeline, cast(Documents, documents), snapshot_id)

    def _add_taxonomy(self, pipeline: Pipeline, corpus: Corpus) -> None:
        """Add a corpus's texts, the kinds that it is built on, and its taxonomy."""
        settings, texts = pipeline.settings(corpus), pipeline.texts_folder(corpus)
        self._add("texts", texts, lambda: plan_texts(pipeline, corpus))
        if getattr(settings, "kinds", ()):
            self._add_kinds(pipeline, DOCUMENTS[corpus], settings.snapshot)

        folder = pipeline.taxonomy_folder(corpus)

        def plan() -> Step:
            only = chosen(pipeline, corpus, texts, make_them=False)
            return plan_topics(pipeline, corpus, texts, folder, only=only)

        self._add("taxonomy", folder, plan)

    def _add_kinds(self, pipeline: Pipeline, documents: Documents, snapshot_id: str) -> None:
        folder = pipeline.kinds_folder(documents, snapshot_id)
        self._add(
            "kinds", folder, lambda: plan_kinds(pipeline, documents, pipeline.sealed(snapshot_id))
        )

    def _add_usage(self, pipeline: Pipeline) -> None:
        """Add what is found in dependents' code, what requests ask for, and what both say."""
        from opsatlas import usages
        from opsatlas.dependents import usage_settings

        if pipeline.study.themes is not None:
            folder = usages.requests_folder(pipeline)
            self._add("requests", folder, lambda: usages.plan_requests(pipeline))
        if not usages.has_code(pipeline) and not usage_settings(pipeline).lists:
            return  # nobody's code is named: a run leaves it out
        self._add("usages", usages.usages_folder(pipeline), lambda: usages.plan_usages(pipeline))
        self._add("usage", usages.usage_folder(pipeline), lambda: usages.plan_usage(pipeline))

    def _add_histories(self, pipeline: Pipeline, snapshot_ids: Sequence[str]) -> None:
        """Add what is known of the histories of each snapshot."""
        from opsatlas import histories

        for each in snapshot_ids:
            folder = histories.history_folder(pipeline, each)
            self._add("history", folder, partial(histories.plan_history, pipeline, each))

    def _add_comparison(self, pipeline: Pipeline) -> None:
        """Add the taxonomies that a study compares, what relates them, and the report."""
        from opsatlas.comparing import comparison_of, planned

        try:
            asked = planned(pipeline)
        except OpsatlasError as error:
            self._note("comparison", "compare", "missing", (error.what,))
            return
        if asked is None:
            return
        for snapshot in asked.snapshots:
            self._add_taxonomy(pipeline.on_snapshot(asked.of, snapshot), asked.of)
        comparison = comparison_of(pipeline, asked)
        folders = []
        for folder, plan in comparison.relations():
            self._add("lineage", folder, plan)
            folders.append(folder)
        self._add("comparison", comparison.report_folder, lambda: comparison.report_step(folders))

    def _add(self, part: StatusPart, folder: Path, plan: Callable[[], Step]) -> None:
        """Add the artifact of a step; where its inputs are not there, say which."""
        if any(line.part == part and line.name == folder.name for line in self.lines):
            return  # a comparison may want what the study wants anyway
        try:
            step = plan()
            state = step.state(folder)
        except OpsatlasError as error:
            standing: PartState = "stale" if (folder / FILE_NAME).exists() else "missing"
            before = self._not_fine_before(part, folder.name)
            self._note(part, folder.name, standing, before or (error.what.rstrip("."),))
            return
        why = tuple(_in_words(state, step.config))
        holds = "" if state.manifest is None else _holds(part, folder, state.manifest)
        if state.standing in ("there", "stale"):
            why += self._not_fine_before(part, folder.name)
        standing = "stale" if why and state.standing == "there" else CALLED[state.standing]
        self._note(part, folder.name, standing, why, holds)

    def _note(
        self, part: StatusPart, name: str, state: PartState, why: tuple[str, ...], holds: str = ""
    ) -> None:
        self.lines.append(StatusLine(part=part, name=name, state=state, why=why, holds=holds))

    def _not_fine_before(self, part: StatusPart, name: str) -> tuple[str, ...]:
        """Return which inputs of an artifact have to be made, or made again, themselves."""
        told = (
            f"its {line.part} {'are' if line.part in ('texts', 'kinds') else 'is'} "
            f"{'a draft' if line.state == 'draft' else line.state}"
            for line in self.lines
            if line.part in BEFORE[part] and line.state not in FINE and _goes_into(line, name)
        )
        return tuple(dict.fromkeys(told))


CALLED: dict[Standing, PartState] = {
    "there": "up to date",
    "missing": "missing",
    "stale": "stale",
    "changed": "damaged",
    "damaged": "damaged",
}
LARGE = ("repositories", "readmes", "issues")
BEFORE: dict[StatusPart, tuple[StatusPart, ...]] = {
    "texts": ("snapshot",),
    "kinds": ("snapshot",),
    "taxonomy": ("texts", "kinds"),
    "crosswalk": ("taxonomy",),
    "requests": ("texts",),
    "usages": (),
    "usage": ("usages", "requests"),
    "history": ("snapshot", "taxonomy"),
    "search": ("taxonomy", "crosswalk", "usage"),
    "page": ("taxonomy", "crosswalk", "usage", "history"),
    "lineage": ("taxonomy",),
    "comparison": ("taxonomy", "lineage"),
}
"""The inputs of each part."""


def _goes_into(line: StatusLine, name: str) -> bool:
    """Tell whether a part goes into the artifact of that name: the page is made of all."""
    snapshot = ".".join(line.name.split("--")[0].split(".")[:2])
    return name in ("atlas", "usage", "requests") or snapshot in name


def _in_words(state: StepState, config: object) -> Iterator[str]:
    """Yield why an artifact is not as its step would make it."""
    if state.standing == "damaged":
        yield "its manifest cannot be read"
    if state.standing == "changed":
        yield f"changed by hand: {', '.join(state.because)}"
    if state.standing != "stale":
        return
    if not state.because:
        yield "an input changed; its manifest does not say which"
    for part in state.because:
        told = PARTS.get(part, part)
        if part in ("settings", "config") and isinstance(config, dict) and state.manifest:
            then = state.manifest.config
            keys = [key for key in config | then if config.get(key) != then.get(key)]
            told += f": {', '.join(keys)}" if keys else ""
        yield told


def _holds(part: StatusPart, folder: Path, manifest: Manifest) -> str:
    """Return what is in an artifact, in words."""
    if part == "taxonomy":
        from taxonomy.decisions.decision_file import read_log

        held = [f"{manifest.facts[name]} {name}" for name in LAYERS if name in manifest.facts]
        standing = sum(decision.undone is None for decision in read_log(folder).decisions)
        guidance = manifest.facts.get("guidance")
        if guidance is not None and guidance["weight"] > 0:
            held.append(f"guided by {guidance['book']}")
        return ", ".join([*held, *([f"{standing} decided"] if standing else [])])
    if part in ("texts", "kinds"):
        kept = sum(counts.kept for counts in manifest.counts.values())
        return f"{kept:,} {folder.name.rsplit('.', 1)[-1]}"
    if part == "usages":
        counts = manifest.counts["projects"]
        return f"{manifest.facts['uses']:,} uses in {counts.kept:,} projects"
    if part == "history":
        return f"{manifest.counts['repositories'].read:,} tools"
    if part == "search":
        return f"{manifest.counts['documents'].kept:,} tools, {manifest.facts['words']:,} words"
    if part == "requests":
        return f"{manifest.counts['requests'].kept:,} coded requests"
    if part in ("page", "comparison"):
        return f"made {manifest.created_at:%Y-%m-%d %H:%M} UTC"
    return ""


def _began(workspace: Path, snapshot_id: str) -> str | None:
    """Return the day on which an unfinished mining began; None if there is none."""
    folder = raw_folder(workspace, snapshot_id)
    try:
        job = read_job(folder)
        return None if job is None or not has_answers(folder) else f"{job.started_at:%Y-%m-%d}"
    except OpsatlasError:
        return None
