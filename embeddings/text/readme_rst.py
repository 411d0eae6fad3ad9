"""reStructuredText brought to blocks; nothing it says can read a file or insert raw output."""

from __future__ import annotations

import io
import re

from docutils import nodes
from docutils.core import publish_doctree

from embeddings.text.readme_blocks import Block, Manner, is_badge
from embeddings.text.readme_draft import BlockDraft

_SETTINGS = {
    "_disable_config": True,
    "doctitle_xform": False,
    "file_insertion_enabled": False,
    "halt_level": 5,
    "raw_enabled": False,
    "report_level": 5,
    "sectsubtitle_xform": False,
    "smart_quotes": False,
    "syntax_highlight": "none",
}
_LEFT_OUT = (
    nodes.system_message,
    nodes.comment,
    nodes.raw,
    nodes.math_block,
    nodes.target,
    nodes.substitution_definition,
    nodes.docinfo,
    nodes.field_list,
    nodes.topic,
    nodes.option_list,
    nodes.footnote,
    nodes.citation,
)
_ROLE = re.compile(r":[\w:.+-]+:`([^`<]+?)(?:\s*<[^>`]*>)?`|`([^`<]+?)\s*(?:<[^>`]*>)?`_*")


def rst_blocks(text: str) -> list[Block]:
    """Return the blocks of a reStructuredText page in reading order."""
    settings = {
        **_SETTINGS,
        "line_length_limit": len(text) + 1,
        "warning_stream": io.StringIO(),
    }
    tree = publish_doctree(text, settings_overrides=settings)
    blocks: list[Block] = []
    stack: list[tuple[nodes.Node, int, bool]] = [(tree, 0, False)]
    while stack:
        node, level, in_list = stack.pop()
        if isinstance(node, _LEFT_OUT):
            continue
        if isinstance(node, nodes.literal_block | nodes.doctest_block):
            blocks.append(Block("code"))
        elif isinstance(node, nodes.table):
            blocks.append(Block("table"))
        elif isinstance(node, nodes.image):
            address = str(node.get("uri", ""))
            blocks.append(Block("figures", n_images=1, n_badges=int(is_badge(address))))
        elif isinstance(node, nodes.title | nodes.rubric):
            blocks.append(_text(node, BlockDraft("heading", max(1, min(level, 6)))))
        elif isinstance(node, nodes.TextElement):
            manner: Manner = "apart" if isinstance(node.parent, nodes.block_quote) else "plain"
            blocks.append(_text(node, BlockDraft("item" if in_list else "prose", manner=manner)))
        else:
            deeper = level + isinstance(node, nodes.section)
            listed = in_list or isinstance(node, nodes.list_item)
            stack.extend((child, deeper, listed) for child in reversed(node.children))
    return blocks


def _text(element: nodes.TextElement, draft: BlockDraft) -> Block:
    stack: list[tuple[nodes.Node | None, bool]] = [(element, False)]
    while stack:
        node, stressed = stack.pop()
        if node is None:
            draft.close_link()
        elif isinstance(node, nodes.Text):
            draft.add(str(node), stressed=stressed)
        elif isinstance(node, nodes.image):
            draft.add_image(str(node.get("uri", "")))
        elif isinstance(node, nodes.problematic):
            # Sphinx roles are unknown here; their words are words all the same.
            draft.add(_ROLE.sub(lambda m: m[1] or m[2] or "", node.astext()))
        elif not isinstance(node, _LEFT_OUT):
            if isinstance(node, nodes.reference):
                draft.open_link()
                stack.append((None, stressed))
            stressed = stressed or isinstance(node, nodes.strong | nodes.emphasis)
            stack.extend((child, stressed) for child in reversed(node.children))
    return draft.block()
