"""Rows of text, and a widget that shows them: it paints only the lines that are in sight."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from artifacts.visible import visible

TAB_SIZE = 4
# Soft hyphens, fillers, zero-width spaces, marks of direction, separators of lines and paragraphs;
# joiners stay, for emoji and scripts are made with them.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028\u2029\u2060-\u2064\u3164\uffa0]"
)


@dataclass(frozen=True)
class TextRow:
    """A paragraph that is broken into as many lines as it needs.

    Attributes
    ----------
    first, rest
        What stands before its first line, and before those that follow.
    tag
        What a click on it means; empty: nothing.
    n_lines
        That it takes at most, and what does not fit is left out; 0: as many as it needs.
    first_style
        How what stands before its first line is written.
    gives_way
        It takes the lines that the other rows leave empty, and is cut where these are too few.
    """

    text: Text
    first: str = ""
    rest: str = ""
    tag: str = ""
    n_lines: int = 0
    first_style: str = "dim"
    gives_way: bool = False


def safe(text: str) -> str:
    """Return a text without terminal controls and marks that reverse the reading direction.

    What has no width to some terminals and one to others is written out as well: it would push
    what stands beside it out of its column.
    """
    shown = visible(text.replace("\r\n", "\n").replace("\r", "")).replace("\t", " " * TAB_SIZE)
    return shown if shown.isascii() else _UNSEEN.sub(_written_out, shown)


def row(
    text: str, style: str = "", *, first: str = "", rest: str = "", tag: str = "", n_lines: int = 0
) -> TextRow:
    """Return a row of safe text in one style."""
    return TextRow(Text(safe(text), style), first, rest, tag, n_lines)


def _written_out(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


BLANK = row("")


def fitted(
    paragraphs: Sequence[TextRow], width: int, height: int, console: Console
) -> list[TextRow]:
    """Cut the rows that give way, so that all are in sight if that can be.

    The lines that the others leave are dealt out one by one, round by round: nothing is cut while a
    line is empty, and each row has a line before any has two.
    """
    wanted = [len(lines_of(paragraph, width, console)) for paragraph in paragraphs]
    given = {place: 0 for place, paragraph in enumerate(paragraphs) if paragraph.gives_way}
    left = height - sum(n for place, n in enumerate(wanted) if place not in given)
    while left > 0 and (cut := [place for place in given if given[place] < wanted[place]][:left]):
        for place in cut:
            given[place] += 1
        left -= len(cut)
    return [
        replace(paragraph, n_lines=given[place]) if place in given else paragraph
        for place, paragraph in enumerate(paragraphs)
        if given.get(place) != 0
    ]


def lines_of(paragraph: TextRow, width: int, console: Console) -> list[Text]:
    """Break a row into lines that are at most ``width`` cells wide."""
    room = max(width - max(len(paragraph.first), len(paragraph.rest)), 1)
    if paragraph.n_lines == 1:
        lines = [Text(" ").join(paragraph.text.split("\n"))]
    else:
        lines = list(paragraph.text.wrap(console, room, overflow="fold", tab_size=TAB_SIZE)) or [
            Text()
        ]
    if paragraph.n_lines:
        shown = paragraph.n_lines - 1
        for line in lines[shown:]:
            line.rstrip()
        lines = [*lines[:shown], *([Text(" ").join(lines[shown:])] if lines[shown:] else [])]
        _cut(lines[-1], room)
    # Put together, not added: the style of a text would reach what stands before it.
    return [
        Text.assemble(
            (paragraph.rest, "dim") if number else (paragraph.first, paragraph.first_style),
            line,
            end="",
        )
        for number, line in enumerate(lines)
    ]


def _cut(line: Text, room: int) -> None:
    """Cut a line to a width, between two words if a good part of it is left."""
    if line.cell_len <= room:
        return
    line.truncate(room - 1)
    end = line.plain.rfind(" ")
    if end * 2 > len(line.plain):
        line.truncate(end)
    line.append("…", "dim")


class Lines(ScrollView, can_focus=False):
    """Rows that can be scrolled, with no widget for each of them."""

    DEFAULT_CSS = """
    Lines {
        overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    """

    class Picked(Message):
        """A row with a tag was clicked."""

        def __init__(self, tag: str) -> None:
            super().__init__()
            self.tag = tag

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows: list[TextRow] = []
        self._lines: list[Strip] = []
        self._tags: list[str] = []
        self._laid_out_for = Size(0, 0)
        self._base: Style | None = None

    def show(self, rows: Iterable[TextRow]) -> None:
        """Show rows in place of those that are shown, from the first on."""
        wanted = list(rows)
        self.scroll_to(y=0, animate=False, immediate=True)
        if wanted != self._rows or self.room != self._laid_out_for:
            self._rows = wanted
            self.lay_out()

    def add(self, rows: Sequence[TextRow]) -> None:
        """Add rows below those that are shown."""
        self._rows += rows
        self._lay(rows)
        self._lines_changed()

    @property
    def lines(self) -> list[str]:
        """Return the lines as they are shown, those out of sight too."""
        return [strip.text.rstrip() for strip in self._lines]

    @property
    def room(self) -> Size:
        """Return how many columns and lines are in sight, without the scroll bar."""
        return self.scrollable_content_region.size

    def first_line(self, tag: str) -> int | None:
        """Return the number of the first line with a tag, or None."""
        return self._tags.index(tag) if tag in self._tags else None

    def lay_out(self) -> None:
        """Break all rows into lines anew."""
        self._laid_out_for = self.room
        if not self.room:
            return
        self._lines, self._tags = [], []
        self._lay(self._rows)
        self._lines_changed()

    def on_resize(self, event: events.Resize) -> None:
        """Break the rows anew where they have become wider or narrower."""
        if self.room != self._laid_out_for:
            self.lay_out()

    def on_click(self, event: events.Click) -> None:
        """Say which row was clicked."""
        line = event.y + round(self.scroll_y)
        if 0 <= line < len(self._tags) and self._tags[line]:
            self.post_message(self.Picked(self._tags[line]))

    def render_line(self, y: int) -> Strip:
        """Return one line in sight."""
        number, width = y + round(self.scroll_y), self.room.width
        strip = self._lines[number] if number < len(self._lines) else Strip.blank(width)
        if self._base is None:  # it takes Textual longer than all the rest
            self._base = self.rich_style
        return strip.crop_extend(0, width, None).apply_style(self._base)

    def notify_style_update(self) -> None:
        """Find out anew how the pane looks."""
        self._base = None
        super().notify_style_update()

    def _lay(self, rows: Iterable[TextRow]) -> None:
        console, width = self.app.console, max(self.room.width, 1)
        paragraphs = list(rows)
        if any(paragraph.gives_way for paragraph in paragraphs):
            paragraphs = fitted(paragraphs, width, self.room.height, console)
        for paragraph in paragraphs:
            lines = lines_of(paragraph, width, console)
            self._lines += [Strip(list(line.render(console)), line.cell_len) for line in lines]
            self._tags += [paragraph.tag] * len(lines)

    def _lines_changed(self) -> None:
        # Set in the ordinary way, it would have the whole screen laid out anew for each document.
        size = Size(self.room.width, len(self._lines))
        self.set_reactive(Lines.virtual_size, size)
        self._scroll_update(size)
        self.refresh()
