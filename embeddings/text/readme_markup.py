"""READMEs in a markup of lines (Org, AsciiDoc, Textile …) brought to blocks by its rules.

The rules of each markup, and how it is recognised, stand below the reader. They are enough to tell
prose from code, properties and directives; they lay out nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from embeddings.text.readme_blocks import LINK_CLOSE, LINK_OPEN, Block, BlockKind
from embeddings.text.readme_draft import BlockDraft

Rules = tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True)
class MarkupRegion:
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
    regions: tuple[MarkupRegion, ...]
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
            if match := region.begins.match(line):
                self.add(region.kind)
                return self._after(region, match, place)
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

    def _add_heading(self, match: re.Match[str]) -> None:
        mark = match["mark"]
        level = int(mark) if mark.isdigit() else len(mark)
        self.kind = "heading"
        self.parts = [match["text"]]
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

    def _after(self, region: MarkupRegion, match: re.Match[str], place: int) -> int:
        """Return the line after a region; the lines that a pattern matches are looked up once."""
        ends = region.ends.format(re.escape(match[1] or "") if match.re.groups else "")
        if ends not in self.endings:
            self.endings[ends] = re.compile(ends, re.IGNORECASE), None
        pattern, places = self.endings[ends]
        if region.ends.startswith(".*") and pattern.match(match.string, match.end()):
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
            draft = BlockDraft(self.kind, level, "apart" if self.is_quoted else "plain")
            draft.add(text)
            block = draft.block()
            if block.text or block.kind == "heading":
                self.blocks.append(block)
        self.kind, self.parts, self.is_quoted = "prose", [], False


_I = re.IGNORECASE
_LINKED = rf"{LINK_OPEN}\1{LINK_CLOSE}"


def _rules(*pairs: tuple[str, str]) -> Rules:
    return tuple((re.compile(pattern, re.IGNORECASE), to) for pattern, to in pairs)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# A name in code is a word of its sentence; any other code is none.
_NAME = r"[\w.@/-]{1,40}"

ORG = Markup(
    heading=_pattern(
        r"(?P<mark>\*+)\s+(?:(?:TODO|DONE|NEXT|WAITING)\s+)?(?:\[#.\]\s+)?"
        r"(?P<text>.*?)(?:\s+:[\w@#%:]+:)?\s*$"
    ),
    item=_pattern(r"\s*(?:[-+]|\d+[.)]|\s\*)\s+(?:\[@\d+\]\s*)?(?:\[[ xX-]\]\s)?"),
    regions=(
        MarkupRegion(
            _pattern(r"\s*#\+begin_(src|example|export|comment|html|latex|ascii)\b"),
            r"\s*#\+end_{0}\b",
        ),
        MarkupRegion(_pattern(r"\s*:(?:PROPERTIES|LOGBOOK|[A-Z_-]+):\s*$"), r"\s*:END:\s*$", None),
        MarkupRegion(_pattern(r"\s*\\begin\{(\w+\*?)\}"), r".*\\end\{{{0}\}}", None),
    ),
    left_out=_pattern(
        r"\s*(?:#(?:\s|$|\+)|:(?:\s|$)|\||-{5,}\s*$|(?:SCHEDULED|DEADLINE|CLOSED|CLOCK):|\[fn:)"
    ),
    inline=_rules(
        (r"\[\[(?:file:|attachment:|https?://)?[^\][\n]{1,400}\.(?:png|svg|jpe?g|gif)\]\]", ""),
        (r"\[\[[^\][\n]{1,600}\]\[([^\][]{1,400})\]\]", _LINKED),
        (r"\[\[([^\][\n]{1,600})\]\]", " "),
        (r"\[fn:[^\]\n]{0,80}\]|\{\{\{[^}\n]{0,200}\}\}\}|@@\w{1,20}:[^@\n]{0,300}@@", ""),
        (r"src_\w{1,20}(?:\[[^\]\n]{0,80}\])?\{[^}\n]{0,300}\}", ""),
        (r"[<\[]\d{4}-\d\d-\d\d[^>\]\n]{0,30}[>\]]", ""),
        (rf"(?<![\w=~])[=~]({_NAME})[=~](?![\w=~])", r"\1"),
        (r"(?<![\w=~])([=~])(?=\S)[^\n]{1,200}?(?<=\S)\1(?![\w=~])", " "),
        (r"(?<![\w*/_+])([*/_+])(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w*/_+])", r"\2"),
    ),
    prepare=lambda text: re.sub(r"^#\+title:[ \t]*", "* ", text, flags=re.M | _I),
)

_ASCIIDOC_UNDERLINED = re.compile(
    r"^(?P<title>\w[^\n]{0,120})\n(?P<mark>[=\-~^+])(?P=mark){2,120}[ \t]*$", re.M
)
_ASCIIDOC_ATTRIBUTE = re.compile(r"^:([\w-]{1,60}):[ \t]+([^\n{}<>]{1,120})$", re.M)
# Below the title its authors, the version and the date; a person's name has four words at most.
_ASCIIDOC_HEADER = re.compile(
    r"^(= [^\n]+\n)(?:(?:[^\n]{0,200}<[^\n>]+>[^\n]*|v?\d[^\n]{0,60}|"
    r"(?:[A-Z][\w.'-]* ?){1,4})\n){1,2}",
    re.M,
)
_ASCIIDOC_CODE = re.compile(
    r"^\[(?:source|listing|literal|stem|latexmath)\b[^\]\n]*\]\n(?:\.\S[^\n]*\n)?"
    r"(?!-{4}|\.{4}|\+{4}|`{3})((?:[^\n]+(?:\n|\Z))+)",
    re.M,
)


def _asciidoc(text: str) -> str:
    """Return AsciiDoc with one form of titles, and with the values of its attributes."""

    def titled(match: re.Match[str]) -> str:
        title, line = match["title"].rstrip(), match[0].rpartition("\n")[2].rstrip()
        if abs(len(title) - len(line)) > 1:
            return match[0]
        return f"{'=' * (1 + '=-~^+'.index(match['mark']))} {title}"

    text = _ASCIIDOC_HEADER.sub(r"\1\n", text, count=1)
    text = _ASCIIDOC_UNDERLINED.sub(titled, text)
    text = _ASCIIDOC_CODE.sub(r"....\n\1\n....\n", text)
    values = {name.lower(): value.strip() for name, value in _ASCIIDOC_ATTRIBUTE.findall(text)}
    return re.sub(r"\{([\w-]{1,60})\}", lambda match: values.get(match[1].lower(), " ")[:120], text)


ASCIIDOC = Markup(
    heading=_pattern(r"(?P<mark>={1,6}|#{1,6})\s+(?P<text>\S.*?)(?:\s+=+)?\s*$"),
    item=_pattern(
        r"\s*(?:\*{1,5}|-|\.{1,5}|\d+\.|<\d+>)\s+(?:\[[ xX*]\]\s)?|(?=[^\n]{1,100}::(?:\s|$))"
    ),
    regions=(
        MarkupRegion(_pattern(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,})\s*\w*\s*$"), r"{0}\s*$"),
        MarkupRegion(_pattern(r"([|,:!]={3,})\s*$"), r"{0}\s*$", "table"),
        MarkupRegion(_pattern(r"ifdef::backend[^\[]*\[\]\s*$"), r"endif::", None),
    ),
    left_out=_pattern(
        r":!?[\w-]+!?:(?:\s|$)|\[[^\]]*\]\s*$|\.[A-Z\w][^.]*$|//|(?:image|video|audio|include|toc|"
        r"ifdef|ifndef|ifeval|endif)::|(?:\+|--|={4,}|\*{4,}|_{4,}|'{3,}|<{3})\s*$"
    ),
    inline=_rules(
        (r"\b(?:image|icon|video):{1,2}[^\s\[]{1,400}\[[^\]]{0,400}\]", ""),
        (
            r"\b(?:footnote|indexterm|pass|stem|latexmath|"
            r"anchor)\w{0,3}:[^\s\[]{0,80}\[[^\]]{0,400}\]",
            "",
        ),
        (r"\b(?:kbd|btn|menu):[^\s\[]{0,40}\[([^\]]{1,80})\]", r"\1"),
        (
            r"(?:link:|xref:|mailto:|https?://|"
            r"ftp://)[^\s\[\]]{1,600}\[([^\]]{0,400}?)(?:,[^\]]{0,80})?\^?\]",
            _LINKED,
        ),
        (r"<<[^<>,\n]{1,200},\s*([^<>\n]{1,200})>>", _LINKED),
        (r"<<[^<>\n]{1,200}>>|\[\[[^\]\n]{1,100}\]\]|\(\(\([^)\n]{1,200}\)\)\)", ""),
        (r"^(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s", ""),
        (r"^([^\n]{1,100}?)::(?:\s|$)", r"\1: "),
        (r"\[[\w.#%, =-]{1,60}\](?=[#*_`])", ""),
        (rf"(?<!\w)`\+?({_NAME})\+?`(?!\w)", r"\1"),
        (r"`\+?[^`\n]{1,300}\+?`", " "),
        (r"(?<![\w*_#])([*_#]{1,2})(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w*_#])", r"\2"),
        (r"\s\+$", ""),
    ),
    has_indented_code=True,
    prepare=_asciidoc,
)

TEXTILE = Markup(
    heading=_pattern(r"h(?P<mark>[1-6])(?:[({\[<>=][^.\n]{0,60})?\.\s+(?P<text>.*)"),
    item=_pattern(r"(?:[*#]+|-)\s+"),
    regions=(
        MarkupRegion(
            _pattern(r"(?:bc|pre|notextile)(?:[({\[][^.\n]{0,60})?\.\.\s"),
            r"(?:p|h[1-6]|bq)\.\s",
            has_end=False,
        ),
        MarkupRegion(_pattern(r"(?:bc|pre|notextile)(?:[({\[][^.\n]{0,60})?\.\s"), r"\s*$"),
        MarkupRegion(_pattern(r"\s*<(pre|code|script|style|notextile)\b[^>]*>"), r".*</{0}>"),
    ),
    left_out=_pattern(r"\||#{3,}\.\s|fn\d+\.\s|\[\w+\]\S|table\b[^.\n]{0,60}\.|-{3,}\s*$|\{toc"),
    quoted=_pattern(r"bq\.(?::\S+)?\s+"),
    inline=_rules(
        (r"^(?:p|div)(?:[({\[<>=][^.\n]{0,60})?\.\s+", ""),
        (r"![^\s!]{1,400}!(?::\S{1,400})?", ""),
        (r"\"([^\"\n]{1,200})\":[^\s<>]{1,400}", _LINKED),
        (rf"@({_NAME})@", r"\1"),
        (r"@[^@\n]{1,200}@|<[^<>\n]{1,200}>|\[\d+\]", " "),
        (r"(?<![\w*_%+-])([*_%+-]{1,2}|\?\?)(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w*_%+-])", r"\2"),
    ),
)

_WIKI_NESTED = re.compile(r"\{\{[^{}]{0,4000}\}\}")


def _mediawiki(text: str) -> str:
    """Return wikitext without comments, references and templates, which may be nested."""
    text = re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.DOTALL)
    text = re.sub(r"<ref\b[^>]{0,200}(?:/>|>.{0,600}?</ref>)", "", text, flags=re.DOTALL | _I)
    for _ in range(4):
        text, n_found = _WIKI_NESTED.subn(" ", text)
        if not n_found:
            break
    return text


MEDIAWIKI = Markup(
    heading=_pattern(r"(?P<mark>={1,6})\s*(?P<text>[^=\n].*?)\s*=+\s*$"),
    item=_pattern(r"[*#;:]+\s*"),
    regions=(
        MarkupRegion(
            _pattern(r".{0,200}?<(pre|source|syntaxhighlight|nowiki|code|math|gallery)\b[^>]*>"),
            r".*</{0}>",
        ),
        MarkupRegion(_pattern(r"\s*(\{)\|"), r"\s*\|\}}", "table"),
    ),
    left_out=_pattern(
        r"\s*(?:__\w+__|-{4,}|#REDIRECT|\[\[(?:Category|Kategorie|File|Image|Datei):)"
    ),
    inline=_rules(
        (r"\[\[(?:File|Image|Datei|Category):[^\[\]\n]{0,400}\]\]", ""),
        (r"\[\[[^\]|\n]{1,200}\|([^\]\n]{1,200})\]\]", _LINKED),
        (r"\[\[([^\]\n]{1,200})\]\]", _LINKED),
        (r"\[(?:https?:|mailto:|ftp:)\S{1,400}\s+([^\]\n]{1,200})\]", _LINKED),
        (r"\[(?:https?:|ftp:)\S{1,400}\]|<[^<>\n]{1,200}>|'{2,5}", ""),
    ),
    has_indented_code=True,
    prepare=_mediawiki,
)

RDOC = Markup(
    heading=_pattern(r"(?P<mark>={1,6}|#{1,6})\s+(?P<text>\S.*?)\s*$"),
    item=_pattern(
        r"\s*(?:[*-]|\d+\.|\w\.)\s+|\s*(?=\[[^\]\n]{1,60}\]\s)|(?=[^\n:]{1,60}::(?:\s|$))"
    ),
    regions=(
        MarkupRegion(_pattern(r"--\s*$"), r"\+\+\s*$", None),
        MarkupRegion(_pattern(r"(`{3,})"), r"{0}\s*$"),
    ),
    left_out=_pattern(
        r":(?:call-seq|title|main|include|section|category|stopdoc|startdoc)\b|-{3,}\s*$"
    ),
    inline=_rules(
        (r"\{?rdoc-image:\S{1,400}\}?|!\[[^\]\n]{0,200}\]\([^)\n]{0,400}\)", ""),
        (r"\{(?:<img\b[^>]{0,400}>)\}\[[^\]\n]{1,400}\]", ""),
        (r"\{([^{}\n]{1,200})\}\[[^\]\n]{1,400}\]", _LINKED),
        (
            r"(?<![\w\]])([\w.-]{1,60})\[(?:https?:|link:|rdoc-ref:|mailto:)[^\]\n]{1,400}\]",
            _LINKED,
        ),
        (r"^\[([^\]\n]{1,60})\]\s", r"\1: "),
        (r"^([^\n]{1,60}?)::(?:\s|$)", r"\1: "),
        (rf"<(tt|code)>({_NAME})</\1>", r"\2"),
        (r"<(tt|code)>[^<\n]{1,200}</\1>|<[^<>\n]{1,400}>", " "),
        (rf"(?<!\w)\+({_NAME})\+(?!\w)", r"\1"),
        (r"(?<![\w*_])([*_])(?=\w)([^\s*_]{1,100})\1(?![\w*_])", r"\2"),
    ),
    has_indented_code=True,
)

POD = Markup(
    heading=_pattern(r"=head(?P<mark>[1-6])\s+(?P<text>.*)"),
    item=_pattern(r"=item\s+(?:[*]|\d+\.?)?\s*"),
    regions=(
        MarkupRegion(_pattern(r"=begin\s+(\S+)"), r"=end\s+{0}"),
        MarkupRegion(_pattern(r"=for\s"), r"\s*$", None),
    ),
    left_out=_pattern(r"=\w+"),
    inline=_rules(
        (r"[XZ]<[^<>\n]{0,200}>", ""),
        (r"L<([^<>|\n]{1,200})\|[^<>\n]{1,400}>", _LINKED),
        (r"L<(?:https?:|/)[^<>\n]{1,400}>", " "),
        (rf"C<+\s?({_NAME})\s?>+", r"\1"),
        (r"C<<+\s.{1,200}?\s>>+|C<[^<>\n]{1,200}>", " "),
        (r"E<(?:lt|gt|amp|verbar|sol)>", " "),
        (r"[BIFSL]<+\s?([^<>\n]{1,300}?)\s?>+", r"\1"),
    ),
    has_indented_code=True,
    # What stands before the first command, and after "=cut", is the program.
    prepare=lambda text: re.sub(r"(?:\A(?!=)|^=cut\b).*?(?=^=\w|\Z)", "", text, flags=re.M | re.S),
)

CREOLE = Markup(
    heading=_pattern(r"(?P<mark>={1,6})\s*(?P<text>[^=\s].*?)\s*=*\s*$"),
    item=_pattern(r"\s*[*#-]+\s+"),
    regions=(MarkupRegion(_pattern(r"\{\{\{"), r".*\}}\}}\}}"),),
    left_out=_pattern(r"\s*\||-{4,}\s*$|<<\w+"),
    inline=_rules(
        (r"\{\{\{([\w.@/-]{1,40})\}\}\}", r"\1"),
        (r"\{\{\{.{1,300}?\}\}\}|\{\{[^{}\n]{1,400}\}\}|<<[^<>\n]{1,200}>>", " "),
        (r"\[\[[^\]|\n]{1,400}\|([^\]\n]{1,200})\]\]", _LINKED),
        (r"\[\[([^\]\n]{1,400})\]\]", _LINKED),
        (r"(\*\*|//|__|\^\^|,,)(?=\S)([^\n]{1,300}?)(?<=\S)\1", r"\2"),
        (r"\\\\", " "),
    ),
)

BY_SUFFIX = {
    ".org": ORG,
    **dict.fromkeys((".adoc", ".asciidoc", ".asc", ".ad"), ASCIIDOC),
    ".textile": TEXTILE,
    **dict.fromkeys((".mediawiki", ".wiki"), MEDIAWIKI),
    ".rdoc": RDOC,
    ".pod": POD,
    ".creole": CREOLE,
}

_MARKDOWN = re.compile(r"^#{1,6}\s\S|^(?:```|~~~)|\]\(\S+\)", re.M)
# What only that markup writes, and how often it must: the first that holds.
_SIGNS: tuple[tuple[Markup | str, str, int], ...] = (
    ("html", r"\A\s*(?:<!doctype html|<html)\b", 1),
    (POD, r"^=(?:head[1-6]|pod|encoding)\b", 1),
    (ORG, r"^\s*#\+(?:title|begin_\w+|end_\w+|author|options|startup|property|date)\b", 1),
    (TEXTILE, r"^h[1-6]\.\s\S|^bc\.\.?\s", 1),
    ("rst", r"^\.\. [\w-]+::|^\.\. _[^:\n]+:|`[^`\n]+ <[^>\n]+>`__?|:\w+:`[^`\n]+`", 1),
    (RDOC, r"^:(?:include|call-seq|main|section|st(?:op|art)doc):|\{[^{}\n]+\}\[\S+\]|<tt>", 1),
    (
        ASCIIDOC,
        r"^:[\w-]+:(?:\s|$)|^\[(?:source|NOTE|TIP|listing|quote)\b[^\]\n]*\]\s*$|"
        r"^(?:image|include|toc)::|^\|===",
        1,
    ),
    (MEDIAWIKI, r"^(={2,5})[^=\n]+\1\s*$|'''|\[\[[^\]\n]+\|[^\]\n]+\]\]", 2),
    (RDOC, r"^={1,4} \S[^=\n]*$", 1),
)


def sniff(text: str) -> Markup | str | None:
    """Return the markup that a text without a telling name is written in.

    Returns
    -------
    Markup or str or None
        The rules of a markup of lines, ``html`` or ``rst``; None where it may be Markdown.
    """
    head = text[:40_000]
    for markup, signs, least in _SIGNS:
        n_signs = sum(1 for _ in re.finditer(signs, head, re.MULTILINE | re.IGNORECASE))
        if n_signs >= least and (markup in ("html", POD, ORG) or not _MARKDOWN.search(head)):
            return markup
    return None
