"""READMEs in a markup of lines (Org, AsciiDoc, Textile …) brought to blocks by its rules.

What each markup's rules are stands in `embeddings.text.readme_markups`. They are enough to tell
prose from code, properties and directives; they lay out nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from embeddings.text.readme_blocks import Block, BlockKind
from embeddings.text.readme_draft import Draft

Rules = tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True)
class Region:
    """Lines that are left out, from one that matches to one that ends it.

    Parameters
    ----------
    begins
        Matches the first line.
    ends
        A pattern that matches the last line's beginning; ``{0}`` is the first line's group 1.
    kind
        What it counts as; None: nothing.
    has_end
        Whether the line that ends it belongs to it; one whose pattern begins with ``.*`` may end
        on its first line.
    """

    begins: re.Pattern[str]
    ends: str
    kind: BlockKind | None = "code"
    has_end: bool = True


@dataclass(frozen=True)
class Markup:
    """The rules of one markup; patterns are matched at the beginning of a line.

    Parameters
    ----------
    heading
        Has the groups ``mark`` (its length, or its digit, is the level) and ``text``.
    item
        What stands before the text of a list item.
    regions
        What is left out over several lines; one that never ends is only its first line.
    left_out
        Single lines that hold no prose.
    quoted
        What stands before the text of a quotation.
    inline
        What is replaced within prose, in this order.
    has_indented_code
        Whether an indented paragraph is code.
    prepare
        What is done to the whole text first.
    """

    heading: re.Pattern[str]
    item: re.Pattern[str]
    regions: tuple[Region, ...]
    left_out: re.Pattern[str]
    inline: Rules
    quoted: re.Pattern[str] = re.compile(r"(?!)")
    has_indented_code: bool = False
    prepare: Callable[[str], str] = str


def markup_blocks(text: str, markup: Markup) -> list[Block]:
    """Return the blocks of a page written in ``markup`` in reading order."""
    page = _Page(markup, markup.prepare(text).split("\n"))
    place = 0
    while place < len(page.lines):
        place = page.step(place)
    page.close()
    return page.blocks


@dataclass
class _Page:
    """A page while it is read line by line."""

    markup: Markup
    lines: list[str]
    blocks: list[Block] = field(default_factory=list)
    kind: BlockKind = "prose"
    is_quoted: bool = False
    parts: list[str] = field(default_factory=list)
    is_below_item: bool = False
    endings: dict[str, tuple[re.Pattern[str], list[int] | None]] = field(default_factory=dict)

    def step(self, place: int) -> int:
        """Take one line, or a whole region, and return where the next line is."""
        line = self.lines[place]
        for region in self.markup.regions:
            if found := region.begins.match(line):
                self.add(region.kind)
                return self._after(region, found, place)
        if not line.strip():
            self.close()
        elif heading := self.markup.heading.match(line):
            self.close()
            self._add_heading(heading)
        elif item := self.markup.item.match(line):
            self.close()
            self.kind, self.parts = "item", [line[item.end() :]]
            self.is_below_item = True
        elif self.markup.left_out.match(line):
            self.add(None)
        elif self._is_code(line):
            self.add("code")
        else:
            self._add_prose(line)
        return place + 1

    def _add_heading(self, found: re.Match[str]) -> None:
        mark = found["mark"]
        level = int(mark) if mark.isdigit() else len(mark)
        self.kind = "heading"
        self.parts = [found["text"]]
        self._close(max(1, min(level, 6)))
        self.is_below_item = False

    def _add_prose(self, line: str) -> None:
        if quoted := self.markup.quoted.match(line):
            self.is_quoted, line = True, line[quoted.end() :]
        if not self.parts and not line[:1].isspace():
            self.is_below_item = False
        self.parts.append(line.strip())

    def _is_code(self, line: str) -> bool:
        is_new = not self.parts and not self.is_below_item
        return self.markup.has_indented_code and is_new and line[:1] in " \t"

    def _after(self, region: Region, found: re.Match[str], place: int) -> int:
        """Return the line after a region; where patterns match is looked up once for each."""
        ends = region.ends.format(re.escape(found[1] or "") if found.re.groups else "")
        if ends not in self.endings:
            self.endings[ends] = re.compile(ends, re.IGNORECASE), None
        pattern, places = self.endings[ends]
        if region.ends.startswith(".*") and pattern.match(found.string, found.end()):
            return place + 1
        if places is None:
            places = [i for i, line in enumerate(self.lines) if pattern.match(line)]
            self.endings[ends] = pattern, places
        after = bisect_right(places, place)
        return places[after] + region.has_end if after < len(places) else place + 1

    def add(self, kind: BlockKind | None) -> None:
        """Add a block without words, once for a run of them."""
        self.close()
        self.is_below_item = False
        if kind and not (self.blocks and self.blocks[-1].kind == kind == "code"):
            self.blocks.append(Block(kind))

    def close(self) -> None:
        """Add the paragraph or item that is being filled."""
        self._close(0)

    def _close(self, level: int) -> None:
        if self.parts:
            text = "\n".join(self.parts)
            for pattern, replacement in self.markup.inline:
                text = pattern.sub(replacement, text)
            draft = Draft(self.kind, level, "apart" if self.is_quoted else "plain")
            draft.add(text)
            block = draft.block()
            if block.text or block.kind == "heading":
                self.blocks.append(block)
        self.kind, self.parts, self.is_quoted = "prose", [], False
