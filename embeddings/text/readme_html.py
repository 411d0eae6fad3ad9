"""HTML, whole pages or the pieces inside Markdown, brought to blocks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from embeddings.text.readme_blocks import Block, BlockKind, word_set, words
from embeddings.text.readme_draft import BlockDraft

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LEFT_OUT = word_set(
    """
    script style pre svg math template noscript iframe object textarea select button head audio
    video canvas samp
    """
)
_BLOCKS = word_set(
    """
    p li div td th dd dt blockquote section article center body summary details caption figcaption
    header footer main nav
    """
)
_STRESSED = frozenset({"b", "strong", "em", "i"})
_CENTRED = re.compile(r"text-align:\s*center", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_WORDY_CELL, _WORDY_SHARE = 12, 0.5


@dataclass(frozen=True)
class _Place:
    """Where on the page a node stands.

    Parameters
    ----------
    block
        Identity of the element whose words are one block.
    hidden
        Whether words here are left out; links and images are counted all the same.
    """

    block: int = 0
    kind: BlockKind = "prose"
    level: int = 0
    hidden: bool = False
    apart: bool = False
    stressed: bool = False


def html_blocks(html: str) -> list[Block]:
    """Return the blocks of an HTML page or fragment in reading order.

    A table that lays out the page is read as the page; a table of data is a table.
    """
    body = LexborHTMLParser(html).body
    if body is None:
        return []
    laid_out = _layout_tables(body)
    page = _Page()
    stack: list[tuple[LexborNode | None, _Place]] = [(body, _Place())]
    while stack:
        node, place = stack.pop()
        if node is None:
            page.draft.close_link()
            continue
        tag = node.tag or ""
        if tag == "-text":
            page.add_text(_SPACE.sub(" ", node.text_content or ""), place)
            continue
        if tag in ("pre", "table"):
            page.add(Block("code" if tag == "pre" else "table"))
        inside = _inside(node, tag, place, laid_out)
        if tag == "br" and not place.level:
            page.draft.add("\n")
        elif tag == "img":
            page.open(inside).add_image(node.attributes.get("src") or "")
        elif tag == "a":
            page.open(inside).open_link()
            stack.append((None, inside))
        stack.extend((child, inside) for child in reversed(list(node.iter(include_text=True))))
    page.close()
    return page.blocks


class _Page:
    """The blocks so far, and the one that is being filled."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.draft = BlockDraft()
        self.block: int | None = None

    def open(self, place: _Place) -> BlockDraft:
        """Return the draft of the block at ``place``, the one before it closed."""
        if place.block != self.block:
            self.close()
            self.draft = BlockDraft(place.kind, place.level, "apart" if place.apart else "plain")
            self.block = place.block
        return self.draft

    def add_text(self, text: str, place: _Place) -> None:
        """Add words where they are shown; space alone opens no block."""
        if place.hidden:
            return
        draft = self.open(place) if text.strip() else self.draft
        draft.add(text, stressed=place.stressed)

    def add(self, block: Block) -> None:
        """Add a block that holds no words."""
        self.close()
        self.blocks.append(block)

    def close(self) -> None:
        """Add the block that is being filled; a heading without words is only its images."""
        if not self.draft.is_empty():
            block = self.draft.block()
            if block.kind == "heading" and not words(block.text):
                block = replace(block, kind="figures", text="", level=0)
            self.blocks.append(block)
        self.draft, self.block = BlockDraft(), None


def _inside(node: LexborNode, tag: str, place: _Place, laid_out: frozenset[int]) -> _Place:
    """Return the place of what stands inside an element."""
    if tag in _LEFT_OUT or (tag == "table" and node.mem_id not in laid_out):
        return replace(place, hidden=True)
    if tag in _HEADINGS:
        place = replace(place, block=node.mem_id, kind="heading", level=_HEADINGS[tag])
    elif tag in _BLOCKS:
        kind = "item" if tag == "li" and place.kind == "prose" else place.kind
        place = replace(place, block=node.mem_id, kind=kind)
    if tag in _STRESSED:
        place = replace(place, stressed=True)
    if tag in ("center", "blockquote") or _is_centred(node):
        place = replace(place, apart=True)
    return place


def _is_centred(node: LexborNode) -> bool:
    attributes = node.attributes
    is_aligned = (attributes.get("align") or "").lower() == "center"
    return is_aligned or _CENTRED.search(attributes.get("style") or "") is not None


@dataclass
class _Table:
    """What tells a table that lays out a page from one of data."""

    element: LexborNode
    cells: Counter[int]
    n_words: Counter[int]
    has_header: bool = False
    holds_page: bool = False

    def is_layout(self) -> bool:
        """Return whether the table lays out a page.

        It says so (``role``); or it has no header over columns, and holds headings or tables, or
        half of its cells that have words are so wordy as no value of a table is.
        """
        if (self.element.attributes.get("role") or "") in ("presentation", "none"):
            return True
        if self.has_header and max(self.cells.values()) > 1:
            return False
        if self.holds_page:
            return True
        n_wordy = sum(n >= _WORDY_CELL for n in self.n_words.values())
        return n_wordy > 0 and n_wordy >= _WORDY_SHARE * len(self.n_words)


def _layout_tables(body: LexborNode) -> frozenset[int]:
    """Return the identities of the tables that lay out the page, in one walk over it."""
    tables: list[_Table] = []
    stack: list[tuple[LexborNode, _Table | None, int, int]] = [(body, None, 0, 0)]
    while stack:
        node, table, row, cell = stack.pop()
        tag = node.tag or ""
        if tag == "table":
            if table:
                table.holds_page = True
            table, row, cell = _Table(node, Counter(), Counter()), 0, 0
            tables.append(table)
        elif table and tag == "tr":
            row = node.mem_id
        elif table and tag in ("td", "th"):
            cell = node.mem_id
            table.cells[row] += 1
            table.has_header |= tag == "th"
        elif table and tag in _HEADINGS:
            table.holds_page = True
        elif table and tag == "-text" and (n_words := len(words(node.text_content or ""))):
            table.n_words[cell] += n_words
        stack.extend((child, table, row, cell) for child in node.iter(include_text=True))
    return frozenset(table.element.mem_id for table in tables if table.is_layout())
