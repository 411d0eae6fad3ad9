"""A document to read in a terminal: the words and links of its Markdown, laid out piece by piece.

Badges and raw HTML are left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.text import Text
from textual import events

from embeddings.text.readme_blocks import is_badge
from labels.annotator.rows import BLANK, Lines, TextRow, safe

PIECE_CHARS = 2_000
"""A document is laid out piece by piece, as the coder reads on: a long one costs no waiting."""
_AHEAD = 2  # screens from the one in sight on that are laid out once there is time for it

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TARGET = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*\S.*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
_UNREAD = re.compile(r"<(script|style)\b.*?(</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(src|alt)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_BREAK = re.compile(r"<(/?(p|div|tr|h[1-6]|ul|ol|table|details|summary)|br)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_STYLES = {"strong": "bold", "em": "italic", "s": "strike", "link": "underline"}


def pieces(text: str) -> list[str]:
    """Split Markdown into pieces of some `PIECE_CHARS` characters, between its blocks.

    What reference links point to is said again in each piece that does not say it itself.
    """
    targets = "\n".join(_TARGET.findall(text))
    split = _split(safe(text))
    return [f"{piece}\n\n{targets}" if targets else piece for piece in split]


def rows_of(text: str) -> Iterator[TextRow]:
    """Yield the rows of one piece of Markdown."""
    walk = _Walk()
    for token in _PARSER.parse(text):
        yield from walk.step(token)


def _split(text: str) -> Iterator[str]:
    lines: list[str] = []
    size, fence, in_comment = 0, "", False
    for line in text.split("\n"):
        in_comment = ("<!--" in line or in_comment) and line.rfind("-->") < max(
            line.rfind("<!--"), 0
        )
        if mark := _FENCE.match(line):
            fence = _fence_after(fence, mark[1], line)
        # A blank line inside a list is no end of it: what follows would be read as code.
        between = not line.strip() and not fence and not in_comment
        if lines and size >= PIECE_CHARS and (between or size >= 4 * PIECE_CHARS):
            yield "\n".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    yield "\n".join(lines)


def _fence_after(fence: str, mark: str, line: str) -> str:
    if not fence:
        return mark
    closes = mark[0] == fence[0] and len(mark) >= len(fence) and not line.strip(f" {mark[0]}")
    return "" if closes else fence


@dataclass
class _Walk:
    """Where in the document the walk over its tokens is."""

    before: list[str] = field(default_factory=list)
    """What stands before each line here: quotation marks, and room under list items."""
    marker: str = ""
    """The bullet of a list item that has shown no line yet."""
    numbers: list[int | None] = field(default_factory=list)
    """The next number of each ordered list that the walk is in; None: bullets."""
    heading: int = 0
    begins: bool = False
    """A quotation has begun, and shown no line yet."""
    cells: list[Text] = field(default_factory=list)
    in_table: bool = False
    in_head: bool = False

    def step(self, token: Token) -> Iterator[TextRow]:
        """Yield the rows that a token ends."""
        kind = token.type
        if kind == "inline":
            yield from self._inline(token)
        elif kind in ("fence", "code_block"):
            yield from self._block(Text(safe(token.content.rstrip("\n")), "cyan"), code=True)
        elif kind == "html_block":
            yield from self._block(Text("\n".join(_words_of_html(token.content))))
        elif kind == "hr":
            yield from self._block(Text("─" * 20, "dim"))
        else:
            yield from self._frame(token)

    def _frame(self, token: Token) -> Iterator[TextRow]:
        kind = token.type
        if kind == "heading_open":
            self.heading = int(token.tag[1])
        elif kind == "heading_close":
            self.heading = 0
        elif kind in ("bullet_list_open", "ordered_list_open"):
            if not self.numbers:
                yield BLANK
            start = token.attrGet("start")
            self.numbers.append(None if kind.startswith("bullet") else int(start or 1))
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.numbers.pop()
        elif kind == "list_item_open":
            self._open_item()
        elif kind == "list_item_close":
            self.before.pop()
            self.marker = ""
        elif kind == "blockquote_open":
            if not self.before:
                yield BLANK
            self.before.append("▏ ")
            self.begins = True
        elif kind == "blockquote_close":
            self.before.pop()
        elif kind in ("table_open", "table_close"):
            self.in_table = kind == "table_open"
            if self.in_table:
                yield BLANK
        elif kind in ("thead_open", "thead_close"):
            self.in_head = kind == "thead_open"
        elif kind == "tr_close":
            text = Text(" │ ").join(self.cells)
            text.stylize("bold" if self.in_head else "")
            self.cells = []
            yield self._row(text)

    def _open_item(self) -> None:
        number = self.numbers[-1]
        mark = "• " if number is None else f"{number}. "
        if number is not None:
            self.numbers[-1] = number + 1
        # An item that begins with a list shows both marks on one line.
        self.marker = f"{self.marker}{mark}"
        self.before.append(" " * len(mark))

    def _inline(self, token: Token) -> Iterator[TextRow]:
        text = _inline_text(token.children or ())
        if self.in_table:
            self.cells.append(text)
        elif text.plain.strip():
            if self.heading:
                text = Text.assemble("#" * self.heading, " ", text)
                text.stylize("bold")
            yield from self._block(text)

    def _block(self, text: Text, *, code: bool = False) -> Iterator[TextRow]:
        if not text.plain.strip():
            return
        if not self.numbers and not self.begins:
            yield self._row(Text()) if self.before else BLANK
        self.begins = False
        for line in text.split("\n", allow_blank=True):
            yield self._row(line, "  " if code else "")

    def _row(self, text: Text, indent: str = "") -> TextRow:
        rest = "".join(self.before)
        first = rest[: len(rest) - len(self.marker)] + self.marker if self.marker else rest
        self.marker = ""
        return TextRow(text, first + indent, rest + indent)


def _inline_text(tokens: Sequence[Token]) -> Text:
    text = Text()
    starts: list[tuple[str, int, str]] = []
    for token in tokens:
        name = token.type.rpartition("_")[0]
        if token.nesting == 1:
            starts.append((name, len(text), str(token.attrGet("href") or "")))
        elif token.nesting == -1:
            _close(text, *starts.pop())
        elif token.type == "text":
            text.append(safe(token.content))
        elif token.type == "code_inline":
            text.append(f"`{safe(token.content)}`", "cyan")
        elif token.type == "softbreak":
            text.append(" ")
        elif token.type == "hardbreak":
            text.append("\n")
        elif token.type == "image":
            text.append(_image(str(token.attrGet("src") or ""), token.content), "dim")
        elif token.type == "html_inline":
            text.append("\n".join(_words_of_html(token.content)) or _break(token.content), "dim")
    return text


def _close(text: Text, name: str, start: int, address: str) -> None:
    inside = text.plain[start:]
    text.stylize(_STYLES.get(name, ""), start)
    # An address inside the page says nothing here, and around a badge there is nothing to read.
    is_shown = address.startswith("#") or address in (inside, f"mailto:{inside}")
    if name == "link" and inside.strip() and not is_shown:
        text.append(f" <{safe(address)}>", "dim")


def _image(address: str, alt: str) -> str:
    alt = " ".join(safe(alt).split())
    return "" if not alt or is_badge(f"{address} {alt}") else f"[image: {alt}]"


def _break(tag: str) -> str:
    return "\n" if tag.lower().startswith("<br") else ""


def _words_of_html(source: str) -> Iterator[str]:
    """Yield the lines of text of a piece of HTML."""
    source = _UNREAD.sub("", _COMMENT.sub("", source))
    source = _IMAGE.sub(lambda image: _image_of(image[0]), source)
    source = _TAG.sub("", _BREAK.sub("\n", _ITEM.sub("\n• ", source)))
    for line in html.unescape(source).split("\n"):
        words = " ".join(safe(line).split())
        if words:
            yield words


def _image_of(tag: str) -> str:
    values = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(tag)}
    return html.escape(_image(values.get("src", ""), html.unescape(values.get("alt", ""))))


class DocumentPane(Lines):
    """A document that is read."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._left: list[str] = []

    def read(self, above: Iterable[TextRow], text: str) -> None:
        """Show a document from its beginning: some rows, and Markdown below them."""
        self._left = pieces(text)[::-1] if text.strip() else []
        # Shown at once with what is above: the scroll bar need not go and come back.
        self.show([*above, *self._next_piece()])
        self._fill(screens=1)
        self.call_after_refresh(self._fill)

    def read_all(self) -> None:
        """Lay out all that is left."""
        while self._left:
            self.add(self._next_piece())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Lay out what comes into reach."""
        super().watch_scroll_y(old_value, new_value)
        self._fill()

    def on_resize(self, event: events.Resize) -> None:
        """Break the rows anew, and fill the room that there is now."""
        super().on_resize(event)
        self._fill()

    def _fill(self, screens: int = _AHEAD) -> None:
        wanted = self.scroll_y + screens * self.room.height
        while self._left and len(self._lines) < wanted:
            self.add(self._next_piece())

    def _next_piece(self) -> list[TextRow]:
        return list(rows_of(self._left.pop())) if self._left else []
