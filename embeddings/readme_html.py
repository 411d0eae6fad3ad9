"""HTML, whole pages or the pieces inside Markdown, brought to blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from embeddings.readme_blocks import Block, BlockKind, is_badge, text_block

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LEFT_OUT = frozenset(
    {
        "script",
        "style",
        "pre",
        "svg",
        "math",
        "template",
        "noscript",
        "iframe",
        "object",
        "textarea",
        "select",
        "button",
        "head",
        "audio",
        "video",
        "canvas",
        "samp",
    }
)
_BLOCKS = frozenset(
    {
        "p",
        "li",
        "div",
        "td",
        "th",
        "dd",
        "dt",
        "blockquote",
        "section",
        "article",
        "center",
        "body",
        "summary",
        "details",
        "caption",
        "figcaption",
        "header",
        "footer",
        "main",
        "nav",
    }
)
# A README has no reason to nest deeper; walking further would make hostile pages slow.
_MAX_DEPTH = 60


@dataclass
class _Draft:
    """The block that is being filled, and what was seen since the last one."""

    kind: BlockKind = "prose"
    level: int = 0
    parts: list[str] = field(default_factory=list)
    n_links: int = 0
    n_images: int = 0
    n_badges: int = 0

    def finish(self) -> Block | None:
        """Return the block, or None if nothing was seen."""
        text = "".join(self.parts)
        if not (text.strip() or self.n_links or self.n_images):
            return None
        return text_block(
            self.kind,
            text,
            level=self.level,
            n_links=self.n_links,
            n_images=self.n_images,
            n_badges=self.n_badges,
        )


def html_blocks(html: str) -> list[Block]:
    """Return the blocks of an HTML page or fragment in reading order."""
    body = LexborHTMLParser(html).body
    if body is None:
        return []
    blocks: list[Block] = []
    draft = _Draft()
    container: int | None = None
    for node in body.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            kind, level, place = _place(node)
            if kind is None:
                continue
            if place != container and (node.text_content or "").strip():
                _close(draft, blocks)
                draft, container = _Draft(kind, level), place
            draft.parts.append(node.text_content or "")
        elif tag == "pre":
            blocks.append(Block("code"))
        elif tag == "table":
            blocks.append(Block("table"))
        elif tag == "br":
            draft.parts.append(" ")
        else:
            _count(node, tag or "", draft)
    _close(draft, blocks)
    return blocks


def _close(draft: _Draft, blocks: list[Block]) -> None:
    block = draft.finish()
    if block is not None:
        blocks.append(block)


def _count(node: LexborNode, tag: str, draft: _Draft) -> None:
    if tag == "a":
        draft.n_links += 1
    elif tag == "img":
        draft.n_images += 1
        draft.n_badges += is_badge(node.attributes.get("src") or "")


def _place(node: LexborNode) -> tuple[BlockKind | None, int, int]:
    """Return kind, level and identity of the block that a text node stands in; None: left out."""
    kind: BlockKind = "prose"
    level, place, found = 0, 0, False
    parent = node.parent
    for _ in range(_MAX_DEPTH):
        if parent is None:
            break
        tag = parent.tag or ""
        if tag in _LEFT_OUT or tag == "table":
            return None, 0, 0
        if not found and (tag in _HEADINGS or tag in _BLOCKS):
            found, place, level = True, parent.mem_id, _HEADINGS.get(tag, 0)
            kind = "heading" if level else "item" if tag == "li" else "prose"
        elif found and kind == "prose" and tag == "li":
            kind = "item"
        elif found and kind == "prose" and tag in _HEADINGS:
            kind, level = "heading", _HEADINGS[tag]
        parent = parent.parent
    return kind, level, place
