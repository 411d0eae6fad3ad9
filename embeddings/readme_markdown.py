"""Markdown (CommonMark and tables) brought to blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from embeddings.readme_blocks import Block, BlockKind, is_badge, text_block
from embeddings.readme_html import html_blocks

_FRONT_MATTER = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\n.*?\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_CODE_NAME = re.compile(r"[\w.@/+-]{1,40}")
_TASK = re.compile(r"\A\s*\[[ xX]\]\s")
# GitHub accepts "#Heading" no longer, but older READMEs are full of it.
_TIGHT_HEADING = re.compile(r"^(#{1,6})(?=[^\s#!])", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


@dataclass
class _Inline:
    """What one run of inline tokens holds."""

    parts: list[str] = field(default_factory=list)
    n_links: int = 0
    n_images: int = 0
    n_badges: int = 0
    linked_chars: int = 0
    anchors: int = 0

    def block(self, kind: BlockKind, *, level: int = 0) -> Block:
        """Return the block; a list item that only links into the page is contents."""
        text = "".join(self.parts)
        chars = len(text.strip(" \t\n-–—·|.0123456789"))
        if kind == "item" and self.anchors and self.anchors == self.n_links:
            kind = "contents" if chars <= self.linked_chars else kind
        return text_block(
            kind,
            _TASK.sub("", text),
            level=level,
            n_links=self.n_links,
            n_images=self.n_images,
            n_badges=self.n_badges,
        )


def markdown_blocks(text: str) -> list[Block]:
    """Return the blocks of a Markdown page in reading order, front matter left out."""
    blocks: list[Block] = []
    lists = tables = level = 0
    for token in _parser().parse(_loosen_headings(_FRONT_MATTER.sub("", text, count=1))):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists += 1
            case "bullet_list_close" | "ordered_list_close":
                lists -= 1
            case "table_open":
                tables += 1
                blocks.append(Block("table"))
            case "table_close":
                tables -= 1
            case "heading_open":
                level = int(token.tag[1:])
            case "heading_close":
                level = 0
            case "fence" | "code_block":
                blocks.append(Block("code"))
            case "html_block":
                blocks.extend(html_blocks(token.content))
            case "inline" if not tables:
                kind: BlockKind = "heading" if level else "item" if lists else "prose"
                blocks.append(
                    _inline(token.children or [], all_code=bool(level)).block(kind, level=level)
                )
    return blocks


def _loosen_headings(text: str) -> str:
    """Put the space after ``#`` that CommonMark asks for, outside fenced code."""
    if not _TIGHT_HEADING.search(text):
        return text
    if not _FENCE.search(text):
        return _TIGHT_HEADING.sub(r"\1 ", text)
    lines, fence = text.split("\n"), ""
    for i, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            lines[i] = _TIGHT_HEADING.sub(r"\1 ", line)
    return "\n".join(lines)


def _inline(tokens: list[Token], *, all_code: bool = False) -> _Inline:
    """Gather inline tokens; code is kept where it reads like a name, or everywhere."""
    found = _Inline()
    in_link, hidden = 0, 0
    for token in tokens:
        match token.type:
            case "text" | "text_special" if not hidden:
                found.parts.append(token.content)
                found.linked_chars += len(token.content) if in_link else 0
            case "code_inline" if not hidden and (all_code or _CODE_NAME.fullmatch(token.content)):
                found.parts.append(token.content)
                found.linked_chars += len(token.content) if in_link else 0
            case "softbreak" | "hardbreak":
                found.parts.append(" ")
            case "link_open":
                in_link += 1
                found.n_links += 1
                found.anchors += str(token.attrGet("href") or "").startswith("#")
            case "link_close":
                in_link -= 1
            case "image":
                found.n_images += 1
                found.n_badges += is_badge(str(token.attrGet("src") or ""))
            case "html_inline":
                hidden = max(0, hidden + _html_inline(token.content, found))
    return found


def _html_inline(tag: str, found: _Inline) -> int:
    """Count one inline tag; return +1 or -1 where it opens or closes hidden content."""
    name = tag.lower()
    if re.match(r"</?(?:script|style|pre|samp)\b", name):
        return -1 if name.startswith("</") else 1
    if name.startswith("<img"):
        found.n_images += 1
        found.n_badges += is_badge(tag)
    elif name.startswith("<br"):
        found.parts.append(" ")
    elif re.match(r"<a\b", name):
        found.n_links += 1
    return 0
