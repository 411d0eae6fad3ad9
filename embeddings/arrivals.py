"""Documents that are in no snapshot: rows of a table, or text files, one document each.

They are made into texts as a snapshot's are, so that they can be compared with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from artifacts.errors import InputError
from artifacts.visible import storable
from artifacts.words import Documents
from embeddings.documents import PreparedText, issue_document, repository_document
from embeddings.settings import TextSettings
from embeddings.text.issue_text import template_lines
from embeddings.text.readme_markup import BY_SUFFIX
from mining import values
from mining.columns import ISSUE_COLUMNS, REPOSITORY_COLUMNS, ImportColumn
from mining.reading import FileFormat, InputFile, Rejects, content, input_files
from mining.sources.tabular import Rows, read_rows
from mining.tables import TableRow, issue_key, repo_key

TEXT_SUFFIXES = BY_SUFFIX.keys() | {".md", ".markdown", ".rst", ".html", ".htm", ".txt", ".text"}
README = "readme"
_REPOSITORY_COLUMNS = (
    *REPOSITORY_COLUMNS,
    ImportColumn(README, values.text, (README, "readme_text", "text", "content")),
)


@dataclass(frozen=True)
class Arrivals:
    """Documents read, in the order they came in.

    Attributes
    ----------
    documents
        Their keys are a snapshot's where they name a repository or an issue, else the file's name.
    rejects
        What could not be read.
    """

    documents: tuple[PreparedText, ...]
    rejects: Rejects


def read_arrivals(
    files: Sequence[Path],
    kind: Documents,
    settings: TextSettings,
    *,
    columns: Mapping[str, str] | None = None,
    known: Sequence[TableRow] = (),
    file_format: FileFormat | None = None,
) -> Arrivals:
    """Read documents from files.

    A text file is one document: for repositories a README, for issues a title and a body.

    Parameters
    ----------
    files
        Tables that `mining.sources.tabular` reads, and text or Markdown files.
    kind
        What a row, or a text file, is.
    settings
        How texts are prepared.
    columns
        Source column by target, such as ``{"body": "summary"}``.
    known
        The snapshot's issues: they show what templates wrote in repositories that are met again.
    file_format
        How the files are to be read; what it does not say is found out.

    Raises
    ------
    InputError
        If a file is missing, empty or of none of these formats, lacks a column that is needed, or
        if nothing in the files can be used.
    """
    if columns and not any(map(_is_table, files)):
        raise InputError("A text file has no columns.", fix="leave --column out")
    rejects = Rejects()
    documents: list[PreparedText] = []
    for path in files:  # each by itself: in the order given, and what is wrong with one names it
        if not _is_table(path):
            (file,) = input_files([path], file_format)
            documents.append(_text_document(file, kind, settings, rejects))
        else:
            rows = _table_rows(path, kind, columns, file_format, rejects)
            documents += _table_documents(rows, path, kind, settings, known)
    if not documents:
        first = rejects.items[0].sentence() if rejects.items else None
        raise InputError("No row of the files can be used.", where=first, fix="mend them")
    return Arrivals(tuple(documents), rejects)


def _table_rows(
    path: Path,
    kind: Documents,
    columns: Mapping[str, str] | None,
    file_format: FileFormat | None,
    rejects: Rejects,
) -> Rows:
    table, needed = (
        (_REPOSITORY_COLUMNS, "full_name") if kind == "repositories" else (ISSUE_COLUMNS, "title")
    )
    read = read_rows([path], table, columns=columns, required=(needed,), file_format=file_format)
    rejects.take(read.rejects)
    return read


def _table_documents(
    read: Rows, path: Path, kind: Documents, settings: TextSettings, known: Sequence[TableRow]
) -> list[PreparedText]:
    if kind == "repositories":
        return [_repository(row, settings) for row in read.rows]
    return _issues(read, storable(path.name), known, settings)


def _is_table(path: Path) -> bool:
    return path.suffix.lower() not in TEXT_SUFFIXES


def _text_document(
    file: InputFile, kind: Documents, settings: TextSettings, rejects: Rejects
) -> PreparedText:
    text = content(file, rejects)
    if "\0" in text:
        raise InputError(
            "The file is not text: it holds zero bytes.",
            where=str(file.path),
            fix="give the text itself, in UTF-8",
        )
    if kind == "repositories":
        path = file.path
        name = path.resolve().parent.name if path.stem.lower() == README else path.stem
        row: TableRow = {"repo_key": file.label, "full_name": name}
        readme = {"text": text, "path": path.name}
        with_readmes = settings.model_copy(update={"readmes": True})
        prepared = repository_document(row, readme, settings=with_readmes)
    else:
        title, _, body = text.strip().partition("\n")
        row = {"repo_key": file.label, "number": 1, "title": title.lstrip("# "), "body": body}
        prepared = issue_document(row, settings=settings)
    return replace(prepared, key=file.label, title=file.label)


def _repository(row: TableRow, settings: TextSettings) -> PreparedText:
    keyed = {**row, "repo_key": repo_key(row["full_name"], row.get("repo_id"))}
    readme = {"text": row[README]} if README in row else None
    return repository_document(keyed, readme, settings=settings)


def _issues(
    read: Rows, file: str, known: Iterable[TableRow], settings: TextSettings
) -> list[PreparedText]:
    """Return issues; those that lack a number or a repository are known by their file and row."""
    keyed = [
        {**row, "repo_key": repo_key(row["full_name"]) if "full_name" in row else file}
        for row in read.rows
    ]
    owners = {row["repo_key"] for row in keyed}
    alike = [row for row in known if row["repo_key"] in owners]
    bodies = ((row["repo_key"], row.get("body") or "") for row in [*alike, *keyed])
    template = template_lines(bodies)
    documents = []
    for row in keyed:
        prepared = issue_document(row, row.get("full_name"), template=template, settings=settings)
        is_named = "full_name" in row and not read.are_numbered
        key = issue_key(row["repo_key"], row["number"]) if is_named else f"{file}:{row['number']}"
        documents.append(replace(prepared, key=key))
    return documents
