"""The blocks of code in a Markdown page, and which of them `make walk` runs.

    ```bash     commands: run, in the order of the page
    ```text     never run: what is printed, and commands that need what a reader alone has: a token,
                a screen, files, names in place of A or FILE
    ```toml     and other languages of `SHOWN`: never run, and no commands

Every block names its language, so none is left out by accident.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, takewhile

from markdown_it import MarkdownIt

RUN = "bash"
"""The language of blocks that are run."""
NOT_RUN = "text"
"""The language of blocks that may hold commands and are not run."""
SHOWN = frozenset({"csv", "json", "jsonl", "latex", "markdown", "python", "sql", "toml", "yaml"})
_PARSER = MarkdownIt("commonmark")


@dataclass(frozen=True)
class CodeBlock:
    """A block of code.

    Attributes
    ----------
    language
        As the fence names it; empty where it names none, or there is no fence.
    text
        What stands in it, without the indentation of a list around it.
    line
        Of its first line of code, from 1.
    """

    language: str
    text: str
    line: int

    def commands(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the commands of opsatlas, in words, each with the line that it begins on."""
        waiting, first = "", self.line
        for number, line in enumerate(self.text.splitlines(), start=self.line):
            first = first if waiting else number
            waiting += line.strip()
            if waiting.endswith("\\"):
                waiting = waiting.removesuffix("\\")
            else:
                yield from ((first, words) for words in _parted(waiting) if words[0] == "opsatlas")
                waiting = ""


def _parted(line: str) -> Iterator[list[str]]:
    """Yield the commands of a line of a shell, in words, without what leads from and to files."""
    if "opsatlas" not in line:  # the text of a file, maybe, in which quotes stand alone
        return
    in_words = re.sub(r"(?<=\S)#", r"\#", line)  # no comment begins within a word
    lexer = shlex.shlex(in_words, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    for is_mark, words in groupby(lexer, key=lambda word: set(word) <= set("|&;")):
        if not is_mark:
            yield list(takewhile(lambda word: set(word).isdisjoint("<>"), words)) or [""]


def blocks_of(markdown: str) -> Iterator[CodeBlock]:
    """Yield the blocks of code of a page, fenced or indented, in their order."""
    for token in _PARSER.parse(markdown):
        if token.map is not None and token.type in ("fence", "code_block"):
            first = token.map[0] + (2 if token.type == "fence" else 1)
            yield CodeBlock(token.info.strip(), token.content, first)


def script(markdown: str) -> str:
    """Return what is run of a page, each line where it stands there."""
    lines: list[str] = []
    for block in blocks_of(markdown):
        if block.language == RUN:
            lines += [""] * (block.line - 1 - len(lines))
            lines += block.text.splitlines()
    return "\n".join(lines)
