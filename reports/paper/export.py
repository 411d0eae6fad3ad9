"""Tables and figures of a study as files for a paper."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

from artifacts.errors import ArtifactError, DamagedError, InputError, StorageError
from artifacts.files import write_bytes
from artifacts.hashing import hash_bytes, hash_file
from artifacts.manifest import FILE_NAME, Manifest, joint_hash, package_versions
from artifacts.progress import Progress, SilentProgress
from artifacts.words import Corpus
from embeddings.settings import VectorSettings
from insights.history.history import read_history
from insights.usage.build import read_usage
from insights.usage.facts import facts_text
from reports.history.svg import Drawing, svg_file
from reports.history.tables import HISTORY_MONTHS, HISTORY_TABLES, tables_of_history
from reports.latex import as_latex
from reports.page.build import evaluate_taxonomy
from reports.page.gather import texts_of
from reports.paper.figure_frameworks import draw_frameworks
from reports.paper.figure_history import HISTORY_FIGURES, history_drawings, sheet_of
from reports.paper.figure_icicle import draw_icicle
from reports.paper.figure_map import draw_map
from reports.paper.figure_stability import draw_stability
from reports.paper.figures import FIGURE_FORMATS, POINTS_PER_INCH, Sheet
from reports.paper.inputs import PaperCorpus, read_corpus
from reports.paper.tables import (
    crosswalk_table,
    documents_table,
    evaluation_table,
    frameworks_table,
    taxonomy_table,
)
from reports.tables import Table, as_csv
from reports.usage.evidence import UsageParts
from reports.usage.figure_gap import draw_gap
from reports.usage.tables import usage_tables
from taxonomy.guidance.crosswalk import FOLDER as CROSSWALKS
from taxonomy.guidance.crosswalk import crosswalk_step, read_crosswalk
from taxonomy.origin import decisions_hash

KIND = "export"
FRAMEWORKS = "themes-by-framework"
USAGE_FACTS, USAGE_GAP = "usage-facts", "usage-gap"
USAGE_TABLES = ("usage-dependents", "usage-features", "usage-channels", "usage-together")
USAGE = (*USAGE_TABLES, USAGE_GAP, "usage-wishes", USAGE_FACTS)
"""How dependents use frameworks, what is asked of these, and the uses as facts."""
HISTORY = (*HISTORY_TABLES, *HISTORY_FIGURES)
"""How tools live."""
TABLES = (
    *("taxonomy", "documents", FRAMEWORKS, "evaluation", "crosswalk"),
    *USAGE,
    *HISTORY_TABLES,
)
FIGURES = ("icicle", "map", FRAMEWORKS, "stability", USAGE_GAP, *HISTORY_FIGURES)
WHATS = tuple(dict.fromkeys((*TABLES, *FIGURES)))
TABLE_FORMATS = ("csv", "latex")
ONLY_DATA = (USAGE_FACTS, HISTORY_MONTHS)
"""For another study, or for figures of one's own; nobody prints so many rows."""
FORMATS = (*FIGURE_FORMATS, *TABLE_FORMATS)
SINGLE_COLUMN = 3.33
"""Inches; a figure over two columns is 6.9 wide."""
LEAST_WIDTH, LARGEST_WIDTH = 3.0, 12.0

_DRAW: Mapping[str, Callable[[PaperCorpus, float], Sheet]] = {
    "icicle": draw_icicle,
    "map": draw_map,
    "stability": draw_stability,
}
_TABULATE: Mapping[str, Callable[[PaperCorpus], Table]] = {
    "taxonomy": taxonomy_table,
    "documents": documents_table,
}


@dataclass(frozen=True, kw_only=True)
class ExportParts:
    """What is exported from.

    Attributes
    ----------
    corpora
        The taxonomy's folder, its snapshot's folder, and the lists to judge it by.
    frameworks
        How they are called, by full name in lower case.
    vectors
        Of which encoder the crosswalks are.
    usage
        How dependents use frameworks; None: the study has nothing of it.
    histories
        Folders of how tools live, one a snapshot.
    """

    corpora: Mapping[Corpus, tuple[Path, Path, Sequence[Path]]]
    frameworks: Mapping[str, str]
    vectors: VectorSettings
    usage: UsageParts | None = None
    histories: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for.

    Attributes
    ----------
    what
        Of `WHATS`; empty: all that there is.
    formats
        Of `FORMATS`.
    width
        Of figures, in inches.
    """

    what: Sequence[str] = ()
    formats: Sequence[str] = FORMATS
    width: float = SINGLE_COLUMN

    def check(self) -> None:
        """Raise `InputError` if something asked for cannot be, whatever the study holds."""
        for name, given, allowed in (
            ("WHAT", self.what, WHATS),
            ("--format", self.formats, FORMATS),
        ):
            for value in given:
                if value not in allowed:
                    raise InputError(
                        f"'{value}' cannot be exported.",
                        where=name,
                        fix=f"choose among {', '.join(allowed)}",
                    )
        if not self.formats:
            raise InputError(
                "No format is given.",
                where="--format",
                fix=f"choose among {', '.join(FORMATS)}",
            )
        if not LEAST_WIDTH <= self.width <= LARGEST_WIDTH:
            raise InputError(
                f"A figure of {self.width:g} inches cannot be drawn.",
                where="--width",
                fix=f"give {LEAST_WIDTH:g} to {LARGEST_WIDTH:g}; a column has {SINGLE_COLUMN}, two "
                "have 6.9",
            )
        for what in self.what:
            formats = _formats(what)
            if not set(formats) & set(self.formats):
                raise InputError(
                    f"There is no {what} in {', '.join(self.formats)}.",
                    where="--format",
                    fix=f"choose among {', '.join(formats)}",
                )


def _formats(what: str) -> list[str]:
    """Return in which formats something can be exported."""
    if what in ONLY_DATA:
        return ["csv"]
    figures = FIGURE_FORMATS if what in FIGURES else ()
    return [*figures, *(TABLE_FORMATS if what in TABLES else ())]


@dataclass
class _Made:
    """Files as they will be written, what each was made from, and what was left out."""

    files: dict[str, bytes] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, data: bytes, sources: Mapping[str, str]) -> None:
        self.files[name] = data
        self.sources[name] = dict(sources)


def export(
    parts: ExportParts, folder: Path, wanted: Wanted, *, progress: Progress
) -> dict[str, dict[str, str]]:
    """Write tables and figures to ``folder``, each file whole, and a manifest of them.

    Everything is made before the first file is written. Other files in the folder stay as they
    are; an older export is replaced.

    Returns
    -------
    dict
        The files written, and the hashes of the artifacts that each was made from.

    Raises
    ------
    InputError
        If something asked for is not there, or a file that no export wrote would be replaced.
    StorageError
        If the folder cannot be written.
    """
    started = time.perf_counter()
    wanted.check()
    before = _earlier(folder)
    made = _make(parts, wanted, progress)
    _refuse_foreign(folder, made, before)
    for name, data in made.files.items():
        write_bytes(folder / name, data)
    _manifest(folder, made, before, wanted, time.perf_counter() - started).write(folder)
    for note in made.notes:
        progress.say(note)
    return made.sources


def _make(parts: ExportParts, wanted: Wanted, progress: Progress) -> _Made:
    made = _Made()
    asked = wanted.what or WHATS
    for corpus, (taxonomy, snapshot, _) in parts.corpora.items():
        progress.say(f"drawing up {corpus}")
        read = read_corpus(taxonomy, snapshot, corpus, parts.frameworks)
        sources = _sources(taxonomy, snapshot)
        if not read.taxonomy.topic_nodes:
            made.notes.append(f"{corpus}: there is no topic to show")
            continue
        made.notes += read.notes
        for what in asked:
            if what in _TABULATE:
                _add_table(made, _TABULATE[what](read), wanted, sources)
            if what in _DRAW:
                sheet = _DRAW[what](read, wanted.width * POINTS_PER_INCH)
                _add_figure(made, f"{what}-{corpus}", sheet, wanted, sources)
        if FRAMEWORKS in asked and corpus == "themes":
            _add_table(made, frameworks_table(read), wanted, sources)
            sheet = draw_frameworks(read, wanted.width * POINTS_PER_INCH)
            _add_figure(made, FRAMEWORKS, sheet, wanted, sources)
        if "crosswalk" in asked:
            _add_crosswalks(made, read, taxonomy, snapshot, parts.vectors, wanted)
    if "evaluation" in asked and _is_tabular(wanted):
        _add_evaluation(made, parts, wanted)
    if parts.usage is not None and set(asked) & set(USAGE):
        progress.say("drawing up how frameworks are used")
        _add_usage(made, parts.usage, wanted)
    if set(asked) & set(HISTORY):
        for folder in parts.histories:
            progress.say(f"drawing up how the tools of {folder.name} live")
            _add_history(made, folder, wanted)
    _say_missing(made, wanted, parts)
    return made


def _is_tabular(wanted: Wanted) -> bool:
    return bool(set(TABLE_FORMATS) & set(wanted.formats))


def _add_table(made: _Made, table: Table, wanted: Wanted, sources: Mapping[str, str]) -> None:
    if "csv" in wanted.formats:
        made.add(f"{table.name}.csv", as_csv(table).encode(), sources)
    if "latex" in wanted.formats:
        made.add(f"{table.name}.tex", as_latex(table).encode(), sources)


def _add_figure(
    made: _Made, name: str, sheet: Sheet, wanted: Wanted, sources: Mapping[str, str]
) -> None:
    drawn = [form for form in FIGURE_FORMATS if form in wanted.formats]
    for file_format in drawn:
        made.add(f"{name}.{file_format}", sheet.save(file_format), sources)
    if drawn:
        made.notes += [f"{name}: {note}" for note in sheet.notes]
    if sheet.lacking and "pdf" in drawn:
        made.notes.append(f"{name}.pdf: {sheet.lacking}")


def _add_crosswalks(
    made: _Made,
    read: PaperCorpus,
    taxonomy: Path,
    snapshot: Path,
    vectors: VectorSettings,
    wanted: Wanted,
) -> None:
    workspace, texts = snapshot.parent.parent, texts_of(snapshot, read.name)
    for folder in sorted((workspace / CROSSWALKS).glob(f"{taxonomy.name}.*/")):
        found = read_crosswalk(folder)
        manifest = Manifest.read(folder)
        step = crosswalk_step(
            taxonomy,
            texts,
            codebook=found.codebook,
            vectors_folder=workspace / "vectors",
            vector_settings=vectors,
            progress=SilentProgress(),
        )
        if manifest.key != step.key:
            made.notes.append(
                f"{folder.name}: left out, it is of an earlier state; make the crosswalk again"
            )
            continue
        sources = {**_sources(taxonomy, snapshot), folder.name: manifest.content_hash}
        _add_table(made, crosswalk_table(read, found), wanted, sources)


def _add_evaluation(made: _Made, parts: ExportParts, wanted: Wanted) -> None:
    found, sources = {}, {}
    for corpus, (taxonomy, snapshot, gold) in parts.corpora.items():
        if gold:
            found[corpus] = evaluate_taxonomy(taxonomy, snapshot, corpus, gold)
            # People's decisions do not count here: it is the machine that is judged.
            sources[taxonomy.name] = Manifest.read(taxonomy).content_hash
            sources |= {path.name: hash_file(path) for path in gold}
    if found:
        _add_table(made, evaluation_table(found), wanted, sources)


def _add_usage(made: _Made, parts: UsageParts, wanted: Wanted) -> None:
    """Add how dependents use frameworks, and the uses themselves."""
    asked, usage = wanted.what or WHATS, read_usage(parts.usage)
    manifests = {each.name: each.content_hash for each in parts.manifests()}
    for table in usage_tables(usage):
        if table.name in asked:
            _add_table(made, table, wanted, manifests)
    if usage.gap is not None and USAGE_GAP in asked:
        sheet = draw_gap(usage, usage.gap, wanted.width * POINTS_PER_INCH)
        _add_figure(made, USAGE_GAP, sheet, wanted, manifests)
    if USAGE_FACTS in asked and "csv" in wanted.formats:
        uses, projects = (table.to_pylist() for table in parts.scanned())
        sources = {parts.uses.name: manifests[parts.uses.name]}
        made.add(f"{USAGE_FACTS}.csv", facts_text(uses, projects).encode(), sources)


def _add_history(made: _Made, folder: Path, wanted: Wanted) -> None:
    """Add how the tools of a snapshot live; files are called by their snapshot too."""
    asked, history = wanted.what or WHATS, read_history(folder)
    sources = {folder.name: Manifest.read(folder).content_hash}
    for table in tables_of_history(history):
        if table.name in asked and table.rows:
            forms = tuple(set(wanted.formats) & set(_formats(table.name)))
            named = replace(table, name=f"{table.name}-{history.snapshot}")
            _add_table(made, named, replace(wanted, formats=forms), sources)
    for what in HISTORY_FIGURES:
        if what in asked:
            for name, drawing in history_drawings(history, what):
                _add_drawing(made, f"{name}-{history.snapshot}", drawing, wanted, sources)


def _add_drawing(
    made: _Made, name: str, drawing: Drawing, wanted: Wanted, sources: Mapping[str, str]
) -> None:
    """Add a drawing: as SVG as the page has it."""
    width = wanted.width * POINTS_PER_INCH
    if "svg" in wanted.formats:
        made.add(f"{name}.svg", svg_file(drawing, width), sources)
    if "pdf" in wanted.formats:
        sheet = sheet_of(drawing, width)
        _add_figure(made, name, sheet, replace(wanted, formats=("pdf",)), sources)


def _say_missing(made: _Made, wanted: Wanted, parts: ExportParts) -> None:
    """Say what there is nothing of; refuse if it was asked for by name, or if nothing is left."""
    reasons = {
        FRAMEWORKS: "the study has no themes yet",
        "evaluation": "the study names no lists to judge by",
        "crosswalk": "there is no crosswalk of the taxonomy as it is now",
        **dict.fromkeys(USAGE, "no dependents' code was scanned yet"),
        **dict.fromkeys(HISTORY, "the study has nothing of it"),
    }
    if parts.usage is not None:
        reasons |= dict.fromkeys((USAGE_GAP, "usage-wishes"), "no requests are coded")
    formats = {each: _is_tabular(wanted) for each in ("evaluation", "crosswalk", *USAGE_TABLES)}
    formats |= {each: bool(set(_formats(each)) & set(wanted.formats)) for each in HISTORY}
    formats |= {"usage-wishes": _is_tabular(wanted), USAGE_FACTS: "csv" in wanted.formats}
    for what in wanted.what or WHATS:
        if not wanted.what and (what in HISTORY or (what in USAGE and parts.usage is None)):
            continue  # most studies do not look at it, or at all of it
        if any(name.startswith(what) for name in made.files) or not formats.get(what, True):
            continue
        if what in wanted.what:
            reason = reasons.get(what, "the taxonomy has no topics that are shown")
            raise InputError(f"There is no {what} to export: {reason}.")
        if what in reasons:
            made.notes.append(f"{what}: left out, {reasons[what]}")
    if not made.files:
        raise InputError("There is nothing to export: no taxonomy has topics that are shown.")


def _sources(taxonomy: Path, snapshot: Path) -> dict[str, str]:
    """Return the hashes of what a corpus is shown from, people's decisions included."""
    return {
        taxonomy.name: Manifest.read(taxonomy).content_hash,
        f"{taxonomy.name} (decisions)": decisions_hash(taxonomy),
        snapshot.name: Manifest.read(snapshot).content_hash,
    }


def _earlier(folder: Path) -> Manifest | None:
    """Return the manifest of an earlier export to the folder, which must be one."""
    if folder.exists() and not folder.is_dir():
        raise InputError("The place to export to is not a folder.", where=str(folder))
    if not (folder / FILE_NAME).exists():
        return None
    try:
        manifest = Manifest.read(folder)
    except DamagedError:
        return None  # then each file is its own witness
    if manifest.kind != KIND:
        raise ArtifactError(
            f"The folder holds something else: {manifest.kind} {manifest.name}.",
            where=str(folder),
            fix="name another folder with --out",
        )
    return manifest


def _refuse_foreign(folder: Path, made: _Made, before: Manifest | None) -> None:
    """Refuse to replace what a person wrote, or changed after it was exported."""
    known = {} if before is None else before.files
    for name, data in made.files.items():
        path = folder / name
        if path.is_dir():
            raise StorageError("A folder is where a file should go.", where=str(path))
        if path.exists() and hash_file(path) not in (known.get(name), hash_bytes(data)):
            raise InputError(
                f"{name} is not as an export left it, and would be replaced.",
                where=str(path),
                fix="move it away, or name another folder with --out",
            )


def _manifest(
    folder: Path, made: _Made, before: Manifest | None, wanted: Wanted, wall_time_s: float
) -> Manifest:
    """Return a manifest of all exported files in the folder, those of earlier exports included."""
    files = {name: hash_bytes(data) for name, data in made.files.items()}
    made_from = dict(made.sources)
    if before is not None:
        there = {n: h for n, h in before.files.items() if (folder / n).is_file()}
        files = {**there, **files}
        made_from = {**before.facts.get("made_from", {}), **made_from}
    files = dict(sorted(files.items()))
    return Manifest(
        kind=KIND,
        name=folder.name,
        inputs={
            name: digest for sources in made.sources.values() for name, digest in sources.items()
        },
        config={"formats": list(wanted.formats), "width_inches": wanted.width},
        packages={"opsatlas": metadata.version("opsatlas"), **package_versions("matplotlib")},
        facts={"made_from": {name: made_from[name] for name in files}},
        notes=made.notes,
        files=files,
        content_hash=joint_hash(files),
        wall_time_s=wall_time_s,
    )
