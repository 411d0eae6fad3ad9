"""READMEs cut into sections: heading, plain prose and a few structural facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from embeddings.text.readme_blocks import (
    LINK_CLOSE,
    LINK_OPEN,
    Block,
    replace_undecodable,
    tidy,
    words,
)
from embeddings.text.readme_html import html_blocks
from embeddings.text.readme_markdown import markdown_blocks
from embeddings.text.readme_markup import BY_SUFFIX, Markup, markup_blocks, sniff
from embeddings.text.readme_noise import is_label

MAX_PARSED_CHARS = 200_000
# docutils takes time that grows with the square of what is malformed.
MAX_PARSED_RST_CHARS = 60_000
_CONTENTS = re.compile(
    r"\W*(?:table of )?contents?\W*|\W*toc\W*|\W*index\W*|\W*quick links\W*|\W*目录\W*",
    re.IGNORECASE,
)
Parser = Callable[[str], list[Block]]

_UNSEEN = re.compile(f"[\x00{LINK_OPEN}{LINK_CLOSE}]")
_HTML = frozenset({".html", ".htm", ".xhtml"})
_RST = frozenset({".rst", ".rest"})
_MARKDOWN = frozenset(
    {".md", ".markdown", ".mdown", ".mdwn", ".mkd", ".mkdn", ".mdx", ".rmd", ".qmd"}
)
_NAMELESS = frozenset({".txt", ".text", ""})


@dataclass(frozen=True)
class ReadmeSection:
    """A heading and what stands below it, up to the next heading.

    Parameters
    ----------
    heading
        Its words; empty for what stands before the first heading.
    level
        1 to 6; 0 for what stands before the first heading.
    position
        0 for the first section.
    prose
        Paragraphs and list items, one a line; no code, tables, badges or contents.
    told
        The prose without what only leads elsewhere (rows of navigation and languages, pointers),
        ages (dated news) or advertises.
    lead, opening
        The first line of that: the lead where it is set apart (bold, slanted, quoted or centred),
        the opening where it is a plain paragraph.
    n_words, n_item_words
        Words in the prose, and how many of them in list items.
    n_links, n_images, n_badges, n_items, n_code, n_tables
        How many of these it holds; code inside a sentence does not count.
    """

    heading: str
    level: int
    position: int
    prose: str = ""
    n_words: int = 0
    n_item_words: int = 0
    n_links: int = 0
    n_images: int = 0
    n_badges: int = 0
    n_items: int = 0
    n_code: int = 0
    n_tables: int = 0
    told: str = ""
    lead: str = ""
    opening: str = ""


@dataclass(frozen=True)
class Readme:
    """A parsed README.

    Parameters
    ----------
    sections
        In reading order.
    truncated
        Whether it was longer than what is parsed.
    replaced_bytes
        Whether it holds bytes that are no UTF-8 (U+FFFD, or lone surrogates).
    unparsed
        Whether the parser of its format gave up, so that it was read as plain paragraphs.
    other_markup
        Whether its format is none that is known, by name or by sight: it was read as Markdown.
    """

    sections: tuple[ReadmeSection, ...]
    truncated: bool = False
    replaced_bytes: bool = False
    unparsed: bool = False
    other_markup: bool = False


def parse_readme(
    text: str, path: str = "README.md", *, max_chars: int = MAX_PARSED_CHARS
) -> Readme:
    """Parse a README by the format that its path's extension names, or that its text shows.

    Parameters
    ----------
    text
        The README; lone surrogates are taken as undecodable bytes.
    path
        Where it stood; only the extension matters.
    max_chars
        What is longer is cut, at the end of a line where there is one.
    """
    text, replaced = replace_undecodable(text)
    text = _UNSEEN.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = without_inline_data(text)
    suffix = PurePosixPath(path).suffix.lower()
    parser, is_known = _parser(text, suffix)
    max_chars = min(max_chars, MAX_PARSED_RST_CHARS) if parser is _rst_blocks else max_chars
    truncated = len(text) > max_chars
    if truncated:
        end = text.rfind("\n", max_chars // 2, max_chars)
        text = text[: end if end > 0 else max_chars]
    blocks, unparsed = _blocks(text, parser)
    return Readme(
        tuple(sections_of(blocks)),
        truncated=truncated,
        replaced_bytes=replaced,
        unparsed=unparsed,
        other_markup=not is_known,
    )


def _blocks(text: str, parser: Parser) -> tuple[list[Block], bool]:
    try:
        return parser(text), False
    except Exception:
        # Other people's text meets other people's parsers: one that breaks on one README, whatever
        # it raises, must not cost the other thousand. The flag says that it happened.
        paragraphs = map(tidy, re.split(r"\n\s*\n", text))
        return [Block("prose", text, told=text) for text in paragraphs if words(text)], True


def _rst_blocks(text: str) -> list[Block]:
    from embeddings.text.readme_rst import rst_blocks  # docutils is slow to import, and rare

    return rst_blocks(text)


def _parser(text: str, suffix: str) -> tuple[Parser, bool]:
    """Return what reads the format that the suffix names, and whether the format is known.

    Where it names none, the text shows whether it is in another markup than Markdown.
    """
    markup: Markup | str | None = BY_SUFFIX.get(suffix)
    if suffix in _RST or suffix in _HTML:
        markup = "rst" if suffix in _RST else "html"
    elif suffix not in _MARKDOWN and markup is None:
        markup = sniff(text)
    if isinstance(markup, Markup):
        return partial(markup_blocks, markup=markup), True
    if markup:
        return _rst_blocks if markup == "rst" else html_blocks, True
    return markdown_blocks, suffix in _MARKDOWN or suffix in _NAMELESS


def sections_of(blocks: Sequence[Block]) -> list[ReadmeSection]:
    """Group blocks into sections: one a heading, and one for what stands before the first."""
    groups: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind == "heading":
            groups.append([])
        groups[-1].append(block)
    kept = [group for group in groups if group]
    return [_section(group, position) for position, group in enumerate(kept)]


def _section(group: Sequence[Block], position: int) -> ReadmeSection:
    first = group[0]
    heading, level = (first.text, first.level) if first.kind == "heading" else ("", 0)
    body = [] if _CONTENTS.fullmatch(heading) and heading else group
    prose = [block for block in body if block.kind in ("prose", "item")]
    telling = list(_telling(prose))
    first = telling[0] if telling else Block("prose")
    counts = [len(words(block.text)) for block in prose]
    return ReadmeSection(
        heading=heading,
        level=level,
        position=position,
        prose="\n".join(block.text for block in prose),
        n_words=sum(counts),
        n_item_words=sum(n for n, b in zip(counts, prose, strict=True) if b.kind == "item"),
        n_links=sum(block.n_links for block in group),
        n_images=sum(block.n_images for block in group),
        n_badges=sum(block.n_badges for block in group),
        n_items=sum(block.kind == "item" for block in group),
        n_code=sum(block.kind == "code" for block in group),
        n_tables=sum(block.kind == "table" for block in group),
        told="\n".join(block.told for block in telling),
        lead=first.told if first.manner == "apart" else "",
        opening=first.told if first.manner == "plain" and first.kind == "prose" else "",
    )


def _telling(prose: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks that tell something; a label such as "News:" goes with the items below."""
    below_label = False
    for block in prose:
        below_label = is_label(block.text) or (below_label and block.kind == "item")
        if block.told and not below_label:
            yield block


# Pictures and files written into a text as ``data:`` addresses are no words, however long. They are
# taken out before anything is cut or parsed: one picture can be longer than what is read of a
# README, and parsers take for words what they do not take for an address.

PLACEHOLDER = "data:,"
"""What stands where a ``data:`` address stood, so that a picture still counts as one."""

_START = re.compile(
    r"(?<![\w-])data:(?:[a-z]+/[\w.+-]{1,80})?(?:;[\w-]+(?:=[\w.-]+|=\"[^\"\n]{0,60}\")?){0,9},",
    re.IGNORECASE,
)
# Base64 goes on over line breaks where the lines are filled.
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/_=-]|%[0-9A-F]{2})*"
    r"(?:[ \t]*\n[ \t>]*[A-Za-z0-9+/]{40,}={0,2}(?=[\s\"')>]|\Z))*"
    r"(?:[ \t]*\n[ \t>]*[A-Za-z0-9+/]{1,76}={1,2}(?=[\s\"')>]|\Z))?",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"(?:<|%3c)(?:\?xml|!doctype|!--|svg|html)", re.IGNORECASE)
_EMPTY_TAG = re.compile(r"<svg[^<>]*/>|%3csvg(?:(?!%3[ce])[^\s<>])*/%3e", re.IGNORECASE)
_MARKUP_END = re.compile(r"(?:</|%3c/|%3c%2f)(?:svg|html)(?:>|%3e)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s\"'<>()\[\]]*")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def without_inline_data(text: str) -> str:
    """Return ``text`` with `PLACEHOLDER` for each ``data:`` address, in time linear in its length.

    The data may be base64, percent-encoded, or the markup of a picture as it is, with its spaces
    and quotation marks; they end with their paragraph at the latest.
    """
    parts: list[str] = []
    place = paragraph_end = 0
    is_closed = True
    while match := _START.search(text, place):
        start = match.end()
        if start > paragraph_end:
            blank = _BLANK_LINE.search(text, start)
            paragraph_end, is_closed = blank.start() if blank else len(text), True
        closing = None
        if match[0].lower().endswith(";base64,"):
            closing = _BASE64.match(text, start)
        elif _MARKUP.match(text, start):
            closing = _EMPTY_TAG.match(text, start, paragraph_end)
            if closing is None and is_closed:
                closing = _MARKUP_END.search(text, start, paragraph_end)
                is_closed = closing is not None
        closing = closing or _ADDRESS.match(text, start)
        parts += (text[place : match.start()], PLACEHOLDER)
        place = closing.end() if closing else start
    return "".join([*parts, text[place:]])
