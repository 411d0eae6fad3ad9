"""Documents: repositories and issues as the one text that is embedded.

A repository's text is its name's words, its description, its topics and what its README says of
what it is and why; an issue's is its title and what its author wrote below it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pyarrow as pa

from artifacts.tables import STRINGS
from embeddings.settings import TextSettings
from embeddings.text.issue_text import issue_text, issue_title
from embeddings.text.language import detect_language
from embeddings.text.readme import parse_readme
from embeddings.text.readme_blocks import replace_undecodable, tidy, words
from embeddings.text.sections import cut, readme_text
from embeddings.text.tagline import tagline
from embeddings.text.words import lacks_spaces
from mining.tables import TableRow

TEXTS = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("language", pa.string()),
        pa.field("language_probability", pa.float64()),
        pa.field("flags", STRINGS, nullable=False),
        pa.field("tagline", pa.string()),
    ]
)
_WHOLE = re.compile(
    r"(PyTorch|TensorFlow|GitHub|GitLab|OpenAI|JavaScript|TypeScript|MLflow|(?:ML|LLM|Dev|Data|AI|"
    r"Model|FM|Git)Ops|YouTube|LaTeX|iOS|macOS|NoSQL|MySQL|PostgreSQL|GraphQL|NumPy|SciPy)"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])")


@dataclass(frozen=True)
class PreparedText:
    """One text to embed.

    Parameters
    ----------
    key
        Of the repository, or of the issue (``repo_key#number``).
    title
        How people know it.
    text
        What is embedded; empty only with the flag ``empty``.
    language, language_probability
        As `detect_language` gives them.
    flags
        What is worth knowing of it, sorted: ``empty``, ``emoji_only``, ``no_word_spaces``
        (`embeddings.text.words`), ``not_english``, ``replaced_bytes``, ``cut``; of repositories
        ``no_description``, ``description_only``, ``readme_truncated``, ``readme_unparsed``,
        ``readme_other_markup``; of issues ``title_only``, ``body_truncated``, ``body_unparsed``.
    tagline
        Of a repository: what its README says in one line near its top that the project is; None
        where it has none. It stands for a description that is missing, and is in the text only
        where the README tells nothing else.
    """

    key: str
    title: str
    text: str
    language: str | None
    language_probability: float | None
    flags: tuple[str, ...]
    tagline: str | None = None


def name_words(name: str) -> str:
    """Return a repository's name as words: ``-``, ``_``, ``.`` and camelCase taken apart."""
    parts = re.split(r"[-_./\s]+", tidy(name))
    split = [
        piece if _WHOLE.fullmatch(piece) else _CAMEL.sub(" ", piece)
        for word in parts
        for piece in _WHOLE.split(word)
        if piece
    ]
    return " ".join(split)


def repository_document(
    row: TableRow, readme: TableRow | None = None, *, settings: TextSettings | None = None
) -> PreparedText:
    """Return the document of a repository.

    Parameters
    ----------
    row
        A row of the snapshot's repositories; its owner is left out of the text.
    readme
        Its row of the snapshot's readmes, if there is one.
    settings
        How texts are prepared; `TextSettings()` when None.
    """
    settings = settings or TextSettings()
    full_name = str(row["full_name"])
    name = full_name.rsplit("/", 1)[-1]
    description, replaced = replace_undecodable(row.get("description") or "")
    flags = {"replaced_bytes"} if replaced else set()
    plain = tidy(description)
    flags |= _wordless(description, "no_description")
    topics = ", ".join(tidy(t.replace("-", " ")) for t in row.get("topics") or [])
    prose, line = "", None
    if readme is not None and settings.readmes:
        prose, line, readme_flags = _readme_prose(readme, name, settings)
        flags |= readme_flags
    if words(plain) and not prose:
        flags.add("description_only")
    # The name alone says nothing that can be placed: it counts as text beside other words.
    texts = [text for text in (plain, topics, prose) if words(text)]
    lines = [name_words(name), *texts]
    document = _document(str(row["repo_key"]), full_name, lines, flags, bool(texts))
    return replace(document, tagline=line)


def _readme_prose(
    readme: TableRow, name: str, settings: TextSettings
) -> tuple[str, str | None, set[str]]:
    """Return what a README tells, its tagline, and the flags of how it was read."""
    parsed = parse_readme(
        readme.get("text") or "",
        readme.get("path") or "README.md",
        max_chars=settings.max_parsed_chars,
    )
    line = tagline(parsed, name)
    prose, was_cut = readme_text(parsed, name, max_chars=settings.max_readme_chars)
    if line and not words(prose):
        prose, was_cut = cut(line, settings.max_readme_chars)
    seen = {
        "readme_truncated": parsed.truncated or bool(readme.get("truncated")),
        "replaced_bytes": parsed.replaced_bytes,
        "readme_unparsed": parsed.unparsed,
        "readme_other_markup": parsed.other_markup,
        "cut": was_cut,
    }
    return prose, line, {flag for flag, holds in seen.items() if holds}


def issue_document(
    row: TableRow,
    repository_title: str | None = None,
    *,
    template: frozenset[str] = frozenset(),
    settings: TextSettings | None = None,
) -> PreparedText:
    """Return the document of an issue.

    Parameters
    ----------
    row
        A row of the snapshot's issues.
    repository_title
        The repository's name, put before the title that people see; never into the text, which
        would group issues by repository and not by what they ask for.
    template
        Lines that templates wrote, from `template_lines`.
    settings
        How texts are prepared; `TextSettings()` when None.
    """
    settings = settings or TextSettings()
    raw_title, title_replaced = replace_undecodable(row.get("title") or "")
    body = issue_text(row.get("body") or "", template=template)
    prose, was_cut = cut(body.text, settings.max_issue_chars)
    number = row["number"]
    title = tidy(raw_title) or f"#{number}"
    seen = {
        "replaced_bytes": title_replaced or body.replaced_bytes,
        "body_truncated": body.truncated,
        "body_unparsed": body.unparsed,
        "title_only": not words(prose),
        "cut": was_cut,
    }
    flags = {flag for flag, holds in seen.items() if holds}
    flags |= _wordless(f"{raw_title}{row.get('body') or ''}", None)
    texts = [text for text in (issue_title(raw_title), prose) if words(text)]
    shown = f"{repository_title}: {title}" if repository_title else title
    return _document(f"{row['repo_key']}#{number}", shown, texts, flags, bool(texts))


def _wordless(raw: str, missing: str | None) -> set[str]:
    """Return ``emoji_only`` for text of symbols alone, and ``missing`` for none without words."""
    if words(tidy(raw)):
        return set()
    flags = {missing} if missing else set()
    return flags | ({"emoji_only"} if raw.strip() else set())


def _document(
    key: str, title: str, parts: list[str], flags: set[str], has_words: bool
) -> PreparedText:
    text = "\n".join(parts) if has_words else ""
    language = detect_language("\n".join(parts[1:] or parts)) if has_words else detect_language("")
    flags = flags | ({"not_english"} if language.is_foreign else set())
    flags |= {"no_word_spaces"} if lacks_spaces(text) else set()
    flags |= set() if has_words else {"empty"}
    title = replace_undecodable(title)[0]
    return PreparedText(key, title, text, language.code, language.probability, tuple(sorted(flags)))
