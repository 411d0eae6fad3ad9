"""Markdown (CommonMark and tables) brought to blocks.

Lines are mended before they are parsed: formulas out, headings as CommonMark asks.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from embeddings.text.readme_blocks import LINK_CLOSE, LINK_OPEN, Block, BlockKind, Manner
from embeddings.text.readme_draft import BlockDraft
from embeddings.text.readme_html import html_blocks

_FRONT_MATTER = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\n.*?\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_CODE_NAME = re.compile(r"[\w.@/+-]{1,40}")


# Whether what follows a piece of HTML is centred by it.
_CENTRING = re.compile(
    r"<(?:center|(?:div|p|h[1-6])\b[^<>]{0,200}\bcenter\b)[^<>]{0,200}>|</(?:center|div|p|h[1-6])>",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    # Nothing is opened here: a link to a file or to anything else is a link, and no words.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


def markdown_blocks(text: str) -> list[Block]:
    """Return the blocks of a Markdown page in reading order; front matter and math left out."""
    blocks: list[Block] = []
    lists = tables = quotes = level = 0
    is_centred = is_alert = False
    text = mended(_FRONT_MATTER.sub("", text, count=1))
    tokens = _parser().parse(text)
    for i, token in enumerate(tokens):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists += 1
            case "bullet_list_close" | "ordered_list_close":
                lists -= 1
            case "blockquote_open" | "blockquote_close":
                quotes += token.nesting
                is_alert = quotes > 0 and (is_alert or tokens[i + 2].content.startswith("[!"))
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
                is_centred = _stays_centred(token.content, is_centred)
            case "inline" if not tables:
                is_heading = level > 0 and not is_alert
                kind: BlockKind = "heading" if is_heading else "item" if lists else "prose"
                is_apart = is_centred or quotes > 0
                manner: Manner = "alert" if is_alert else "apart" if is_apart else "plain"
                draft = BlockDraft(kind, level if is_heading else 0, manner)
                blocks.append(_fill(draft, token.children or []).block())
    return blocks


def _stays_centred(html: str, was_centred: bool) -> bool:
    """Return whether Markdown after a piece of HTML stands in an element that centres it."""
    marks = list(_CENTRING.finditer(html))
    return was_centred if not marks else not marks[-1][0].startswith("</")


def _fill(draft: BlockDraft, tokens: list[Token]) -> BlockDraft:
    """Gather inline tokens; code is kept where it reads like a name, or anywhere in a heading.

    A list item that only links into the page is contents.
    """
    in_link = hidden = stress = 0
    n_anchors = n_linked = 0
    for token in tokens:
        is_kept = token.type in ("text", "text_special") or (
            token.type == "code_inline"
            and (draft.level > 0 or _CODE_NAME.fullmatch(token.content) is not None)
        )
        if is_kept and not hidden:
            draft.add(token.content, stressed=stress > 0)
            n_linked += len(token.content) if in_link else 0
        match token.type:
            case "softbreak" | "hardbreak":
                draft.add("\n")
            case "strong_open" | "em_open" | "strong_close" | "em_close":
                stress += token.nesting
            case "link_open":
                in_link += 1
                draft.open_link()
                n_anchors += str(token.attrGet("href") or "").startswith("#")
            case "link_close":
                in_link -= 1
                draft.close_link()
            case "image":
                draft.add_image(str(token.attrGet("src") or ""))
            case "html_inline":
                hidden = max(0, hidden + _html_inline(token.content, draft))
    if draft.kind == "item" and 0 < n_anchors == draft.n_links and _n_chars(draft) <= n_linked:
        draft.kind = "contents"
    return draft


def _n_chars(draft: BlockDraft) -> int:
    marks = f"{LINK_OPEN}{LINK_CLOSE}"
    text = "".join(piece for piece in draft.parts if piece not in marks)
    return len(text.strip(" \t\n-–—·|.0123456789"))


def _html_inline(tag: str, draft: BlockDraft) -> int:
    """Take one inline tag; return +1 or -1 where it opens or closes hidden content."""
    name = tag.lower()
    if re.match(r"</?(?:script|style|pre|samp)\b", name):
        return -1 if name.startswith("</") else 1
    if name.startswith("<img"):
        draft.add_image(tag)
    elif name.startswith("<br"):
        draft.add("\n")
    elif re.match(r"<a\b", name):
        draft.open_link()
    elif name.startswith("</a"):
        draft.close_link()
    return 0


FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_MAX_FORMULA_LINES = 60
# GitHub accepts "#Heading" no longer, but older READMEs are full of it.
_TIGHT_HEADING = re.compile(r"^(#{1,6})(?=[^\s#!])")
_BLOCK = re.compile(
    r"[ >]{0,12}(?:(?P<dollars>\$\$)|(?P<bracket>\\\[)|(?P<environment>\\begin\{(?:equation|align|"
    r"gather|multline|eqnarray|displaymath|math|cases|[bpv]?matrix|array)\*?\}))"
)
_BLOCK_END = {"dollars": "$$", "bracket": "\\]", "environment": "\\end{"}
_NO_WORD = r"[^$\n]{0,200}[\\^_{}=<>]"
# As GitHub takes it: no space within the dollars and no word after them; inside, what no price has.
_FORMULA = re.compile(
    r"\$\$[^$\n]{1,400}\$\$|(?<![\w$\\])\$(?:`[^`$\n]{1,200}`|(?:(?="
    + _NO_WORD
    + r")|(?=[A-Za-z]\$))"
    r"[^\s$](?:[^$\n]{0,198}[^\s$])?)\$(?![\w$])|"
    r"\\\((?=[^()\n]{0,200}(?:[\^_{}=<>]|\\[a-z]))[^\n]{1,200}?\\\)"
)


def mended(text: str) -> str:
    """Return Markdown without formulas, and with ``# Heading`` for ``#Heading``, outside fences.

    GitHub shows formulas as such where a Markdown parser sees words.
    """
    lines = text.split("\n")
    fence, i = "", 0
    while i < len(lines):
        line = lines[i]
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        elif (end := _formula_end(lines, i)) is not None:
            lines[i : end + 1] = [""] * (end + 1 - i)
            i = end
        else:
            line = _FORMULA.sub(" ", line) if "$" in line or "\\(" in line else line
            lines[i] = _TIGHT_HEADING.sub(r"\1 ", line)
        i += 1
    return "\n".join(lines)


def _formula_end(lines: list[str], start: int) -> int | None:
    """Return the last line of the formula that begins on a line of its own; None: there is none."""
    match = _BLOCK.match(lines[start])
    if match is None:
        return None
    closing = _BLOCK_END[str(match.lastgroup)]
    rest = lines[start][match.end() :]
    if closing in rest:
        return start if closing in rest.rstrip()[-24:] else None
    for end in range(start + 1, min(start + _MAX_FORMULA_LINES, len(lines))):
        if FENCE.match(lines[end]):
            break
        if closing in lines[end]:
            return end
    return None
