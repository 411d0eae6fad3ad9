"""The page of formats: the tables of a workspace and their columns, from their schemas."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docs.inserts import meanings
from docs.inserts.docstrings import attributes, first_paragraphs
from docs.inserts.markdown import code, literal, sections, sentence, table
from docs.inserts.settings import keys_of

if TYPE_CHECKING:
    import pyarrow as pa

_ESTIMATE = "struct<value: double, low: double, high: double, n: int64, reason: string>"
_TYPES = {
    "string": "text",
    "int32": "whole number",
    "int64": "whole number",
    "bool": "true or false",
    "double": "number",
    "float": "number",
    "timestamp[us, tz=UTC]": "time (UTC)",
    _ESTIMATE: "estimate",
}
_HEADS = ["Column", "Type", "What it says"]
_MADE = ("CREATE TABLE % STRICT%",)


@dataclass(frozen=True)
class DocumentedTable:
    """A table of a workspace.

    Attributes
    ----------
    path
        Of its file, from the workspace.
    meanings
        What each column says, as Markdown.
    about
        What a row is, and how rows are found.
    """

    path: str
    schema: pa.Schema
    meanings: Mapping[str, str]
    about: str

    def as_markdown(self) -> str:
        """Return its section."""
        rows: dict[tuple[str, str], list[str]] = {}
        for field in self.schema:
            words = type_in_words(str(field.type)) + (", or null" if field.nullable else "")
            rows.setdefault((words, sentence(self.meanings[field.name])), []).append(field.name)
        cells = [[", ".join(map(code, names)), *said] for said, names in rows.items()]
        return sections(f"### `{self.path}`", self.about, table(_HEADS, cells))


def type_in_words(arrow: str) -> str:
    """Return a column's type in plain words."""
    if found := re.fullmatch(r"list<\w+: (.+?)(?: not null)?>", arrow):
        return f"list of {type_in_words(found[1])}s"
    return _TYPES[arrow]


def every_table() -> str:
    """Return a section for each table."""
    return sections(*(each.as_markdown() for each in tables()))


def tables() -> Iterator[DocumentedTable]:
    """Yield every table of a workspace that has a schema, in the order in which they are made."""
    yield from _of_snapshots()
    yield from _of_documents()
    yield from _of_taxonomies()
    yield from _of_views()
    yield from _of_lineages()
    yield from _of_dependents()
    yield from _of_usages()
    yield from _of_usage()
    yield from _of_histories()


def _of_snapshots() -> Iterator[DocumentedTable]:
    from mining.tables import KEYS, SCHEMAS

    for name, schema in SCHEMAS.items():
        by = " and ".join(code(column) for column in KEYS[name])
        about = f"A row is named by its {by}; rows are sorted so."
        yield DocumentedTable(
            f"snapshots/DATE.SOURCE/{name}.parquet", schema, _plain(meanings.SNAPSHOTS[name]), about
        )


def _of_documents() -> Iterator[DocumentedTable]:
    from embeddings.documents import TEXTS, PreparedText
    from insights.kinds.build import kinds_schema
    from insights.kinds.kinds import MODEL_FILES
    from insights.kinds.linear import load_model

    about = "One row a document: a repository, or an issue."
    yield DocumentedTable(
        "texts/NAME/texts.parquet", TEXTS, attributes(PreparedText, none="null"), about
    )
    for subject, file in MODEL_FILES.items():
        model = load_model(file)
        each = {f"p_{kind}": f"probability of *{kind}*, in [0, 1]" for kind in model.classes}
        about = f"One row for each of the {subject}."
        yield DocumentedTable(
            f"kinds/DATE.SOURCE.{subject}/kinds.parquet",
            kinds_schema(model),
            _plain(meanings.KINDS) | each,
            about,
        )


def _of_taxonomies() -> Iterator[DocumentedTable]:
    from taxonomy import store
    from taxonomy.decisions.audits import VERDICTS, Looked
    from taxonomy.guidance import crosswalk, guide
    from taxonomy.guidance.scores import Coding
    from taxonomy.places import placing

    rows = {
        "assignments": "One row a document.",
        "topics": "One row a topic.",
        "categories": "One row a category.",
        "map": "One row a document.",
    }
    for name, schema in store.TABLES.items():
        yield DocumentedTable(
            f"taxonomies/NAME/{name}.parquet", schema, _plain(meanings.TAXONOMIES[name]), rows[name]
        )
    about = "One row a document; where a codebook guides the topics, or was to."
    said = _plain(meanings.GUIDE)
    yield DocumentedTable(f"taxonomies/NAME/{guide.FILE}", guide.CODES, said, about)
    placed = {"words": placing.WORDS, "points": placing.POINTS}
    for name, schema in placed.items():
        about = "What new documents are placed by; it holds no text of any document."
        said = _plain(meanings.PLACING[name])
        yield DocumentedTable(f"taxonomies/NAME/placing/{name}.parquet", schema, said, about)
    about = "One row for each look at a node. People's; it is kept when the taxonomy is made anew."
    yield DocumentedTable(
        "taxonomies/NAME.audit.parquet", VERDICTS, attributes(Looked, none="null"), about
    )
    about = "One row a document, a topic and a category."
    said = attributes(Coding, none="null") | _plain(meanings.CROSSWALKS)
    yield DocumentedTable("crosswalks/NAME.CODEBOOK/crosswalk.parquet", crosswalk.ROWS, said, about)


def _of_views() -> Iterator[DocumentedTable]:
    from taxonomy import views, word_counts

    shown = {views.DOCUMENTS: views.SCHEMA, views.WORDS: word_counts.COUNTS}
    about = (
        "In a bundle, where the texts are withheld: one row a document, in the taxonomy's order."
    )
    for name, schema in shown.items():
        yield DocumentedTable(f"views/NAME/{name}", schema, _plain(meanings.VIEWS), about)
    about = "The same, where a codebook guides the topics: one row a text of it, code after code."
    yield DocumentedTable(
        f"views/NAME/{views.PHRASES}", views.PHRASE, _plain(meanings.VIEWS), about
    )


def _of_lineages() -> Iterator[DocumentedTable]:
    from taxonomy.lineage.store import IDENTITIES, TABLES
    from taxonomy.lineage.values import ChainNode

    for name, (schema, row) in TABLES.items():
        yield DocumentedTable(
            f"lineages/A--B/{name}.parquet",
            schema,
            attributes(row, none="null"),
            first_paragraphs(row),
        )
    yield DocumentedTable(
        "lineages/CHAIN/identities.parquet",
        IDENTITIES,
        attributes(ChainNode, none="null"),
        first_paragraphs(ChainNode),
    )


def _of_dependents() -> Iterator[DocumentedTable]:
    from mining.dependents import claims

    made = {
        claims.CLAIMS_FILE: (
            claims.CLAIMS,
            "One row for each project, framework and source that names it: `opsatlas usage find`.",
        ),
        claims.CANDIDATES_FILE: (
            claims.CANDIDATES,
            "One row for each repository that any source names.",
        ),
        claims.SOURCES_FILE: (
            claims.SOURCES,
            "One row for each source, and each framework that it was asked for.",
        ),
    }
    for file, (schema, about) in made.items():
        said = _plain(meanings.FOUND[file.removesuffix(".parquet")])
        yield DocumentedTable(f"{claims.FOLDER}/{file}", schema, said, about)


def _of_usages() -> Iterator[DocumentedTable]:
    from insights.usage.scanning import FOLDER
    from insights.usage.tables import PROJECTS, UNREAD, USES
    from usage.uses import Use

    yield DocumentedTable(
        f"{FOLDER}/uses.parquet",
        USES,
        _plain(meanings.USES) | attributes(Use, none="null"),
        "One row for each use, by project, path, line and symbol: `opsatlas usage scan`.",
    )
    yield DocumentedTable(
        f"{FOLDER}/projects.parquet",
        PROJECTS,
        _plain(meanings.SCANNED),
        "One row for each project that was to be scanned.",
    )
    yield DocumentedTable(
        f"{FOLDER}/unread.parquet",
        UNREAD,
        _plain(meanings.UNREAD),
        "One row for each file, or part of one, that could not be read.",
    )


def _of_usage() -> Iterator[DocumentedTable]:
    from insights.usage import build, coding, tables
    from insights.usage.dependents import Dependent
    from insights.usage.figures import Figure
    from insights.usage.gap import GapRow, Wish
    from insights.usage.requests import CodedRequest
    from insights.usage.together import Pair

    yield DocumentedTable(
        f"{build.FOLDER}/{coding.KIND}/{coding.FILE}",
        tables.REQUESTS,
        attributes(CodedRequest, none="null"),
        "One row for each feature request, by its key.",
    )
    rows = {
        "dependents": (tables.DEPENDENTS, Dependent),
        "figures": (tables.FIGURES, Figure),
        "pairs": (tables.PAIRS, Pair),
        "gap": (tables.GAP, GapRow),
        "wishes": (tables.WISHES, Wish),
    }
    rows_are = {
        "dependents": "One row for each project and framework that have to do with each other.",
        "figures": "One row for each figure of a framework's dependents.",
        "pairs": "One row for each pair of frameworks.",
        "gap": "One row for each feature, and each channel, of a framework.",
        "wishes": "One row for each wish of a framework's users, and for each feature in it.",
    }
    for name, (schema, row) in rows.items():
        said = attributes(row, none="null") | _plain(meanings.USAGE[name])
        about = rows_are[name]
        path = f"{build.FOLDER}/{build.KIND}/{name}.parquet"
        yield DocumentedTable(path, schema, said, about)


def _of_histories() -> Iterator[DocumentedTable]:
    from artifacts.rows import schema_of
    from insights.history.build import FOLDER
    from insights.history.history import history_tables

    for _, row, file in history_tables():
        about = f"A row: {first_paragraphs(row)}"
        said = attributes(row, none="null")
        yield DocumentedTable(f"{FOLDER}/DATE.SOURCE/{file}", schema_of(row), said, about)


def manifest() -> str:
    """Return the fields of a manifest."""
    from artifacts.manifest import Counts, Manifest

    return sections(
        keys_of(Manifest, defaults=False),
        "Each of the `counts` is a table of its own:",
        keys_of(Counts, defaults=False),
    )


def label_tables() -> str:
    """Return the tables of a set of labels, which is one SQLite file."""
    from labels.history.events import LogEvent
    from labels.history.store import SCHEMA

    said = attributes(LogEvent, none="null") | {
        "seq": "the order in which events came into this file",
        "hash": "SHA-256 of the body, which names it",
        "body": "JSON: what happened, or the document as a coder reads it",
    }
    shown = []
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA)
        for (name,) in database.execute(
            "SELECT tbl_name FROM sqlite_master WHERE sql LIKE ?", _MADE
        ):
            columns = database.execute("SELECT name, type FROM pragma_table_info(?)", (name,))
            rows = [[code(each), type_.lower(), sentence(said[each])] for each, type_ in columns]
            shown.append(f"### Table `{name}`\n\n{table(_HEADS, rows)}")
    return sections(*shown)


def import_columns() -> str:
    """Return which columns an import fills, and what files may call them."""
    from mining.columns import HISTORY_COLUMNS, ISSUE_COLUMNS, README_COLUMNS, REPOSITORY_COLUMNS

    shown = []
    imports = {
        "repositories": REPOSITORY_COLUMNS,
        "issues": ISSUE_COLUMNS,
        "readmes": README_COLUMNS,
        "histories": HISTORY_COLUMNS,
    }
    for name, columns in imports.items():
        rows = []
        for each in columns:
            others = [source for source in each.sources if source != each.target]
            rows.append([code(each.target), ", ".join(map(code, others))])
        shown.append(f"### `opsatlas import {name}`\n\n{table(['Target', 'Also found as'], rows)}")
    return sections(*shown)


def _plain(meanings: Mapping[str, str]) -> dict[str, str]:
    return {name: literal(said) for name, said in meanings.items()}
