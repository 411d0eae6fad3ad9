"""Shell: its commands, here-documents and variables, by a grammar that goes on after errors."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import tree_sitter_bash
from tree_sitter import Language, Node, Parser, Point, Range

from usage.catalog import Catalog
from usage.commands.heredocs import Heredoc, cut_heredocs, read_heredoc
from usage.commands.variables import record_variables
from usage.commands.words import CommandContext, Word, record_command
from usage.documents.expressions import hide_expressions
from usage.recorder import Recorder
from usage.surroundings import ALONE, Surroundings
from usage.uses import Found, LineLabel, Place

_DEEPEST: Final = 6
_LINES: Final = 1_000_000
_PIECE: Final = 2048
"""Bytes that the grammar gets at once: texts made for it take it time by their square or worse."""
_LONGEST: Final = 4096
"""Bytes of a line, which is not cut."""
_MOST_BROKEN: Final = 8
"""Pieces of one text that are no shell, before the rest of it is left out."""
_OUTERMOST: Final = re.compile(rb"(?!(?:fi|done|esac|else|elif|then|do)\b)[^\s})#|&]")
_MESSAGES: Final = frozenset({"echo", "printf", "print", "log", "info", "warn", "error", "die"})
_VARIABLE: Final = re.compile(r"\$\{?(?P<name>\w+)(?:\[[@*]\])?\}?")
_LITERAL: Final = frozenset({"string_content", "raw_string", "word", "ansi_c_string"})


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def _parsed(source: bytes) -> tuple[list[Node], str]:
    """Return the trees of a text, piece by piece, and what of it is left out, if anything is.

    Which it is hangs on the text alone, not on how fast a machine reads it.
    """
    roots: list[Node] = []
    left_out, broken = "", 0
    for piece in _pieces(source):
        if piece.end_byte - piece.start_byte > _LONGEST:
            left_out = left_out or f"shell: line {piece.start_point.row + 1} is too long"
            continue
        parser = _parser()
        parser.included_ranges = [piece]
        roots.append(parser.parse(source).root_node)
        broken += roots[-1].has_error
        if broken == _MOST_BROKEN and piece.end_byte < len(source):
            return roots, f"shell: too tangled to be read after line {piece.end_point.row}"
    return roots, left_out


def _pieces(source: bytes) -> Iterator[Range]:
    """Yield a text in pieces of whole lines, cut where most likely nothing is open."""
    lines = [line + b"\n" for line in source.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    row = 0
    while row < len(lines):
        end = max(bisect_right(starts, starts[row] + _PIECE) - 1, row + 1)
        if end < len(lines):
            end = _cut(lines, row, end)
        yield Range(Point(row, 0), Point(end, 0), starts[row], starts[end])
        row = end


def _cut(lines: Sequence[bytes], first: int, last: int) -> int:
    """Return the best row to cut before, after ``first`` and at most ``last``."""
    rows = [row for row in range(last, first, -1) if not lines[row - 1].rstrip().endswith(b"\\")]
    outermost = [row for row in rows if _OUTERMOST.match(lines[row])]
    after_gap = [row for row in outermost if not lines[row - 1].strip()]
    return next(iter((*after_gap, *outermost, *rows)), last)


def shell_uses(
    text: str,
    *,
    at: LineLabel,
    place: Place,
    catalog: Catalog,
    how: str = "text",
    around: Surroundings = ALONE,
    depth: int = 0,
) -> Found:
    """Return what commands of a shell use.

    Parameters
    ----------
    text
        Lines of shell.
    at
        Turns a line of the text, from 1, into the line of the file.
    how
        In what way the commands are known: ``text``, ``shell-task``, ``notebook-shell``, …
    depth
        How many texts of shell this one stands in, as an argument.
    """
    recorder = Recorder(place)
    if depth <= _DEEPEST and _may_use(text, catalog, around):
        _Shell(text, at, recorder, catalog, how, around, depth).read()
    return recorder.found


def words_uses(
    words: Sequence[str],
    *,
    line: str,
    place: Place,
    catalog: Catalog,
    how: str = "argument-list",
    around: Surroundings = ALONE,
) -> Found:
    """Return what a command uses whose words are given one by one, as to ``subprocess.run``."""
    return argument_uses(
        [(word, on_line(line)) for word in words],
        place=place,
        catalog=catalog,
        how=how,
        around=around,
    )


def argument_uses(
    words: Sequence[tuple[str, LineLabel]],
    *,
    place: Place,
    catalog: Catalog,
    how: str = "argument-list",
    around: Surroundings = ALONE,
) -> Found:
    """Return what a command uses whose words are given one by one, each with its lines."""
    recorder = Recorder(place)

    def shell(text: str, at: LineLabel) -> None:
        found = shell_uses(
            text, at=at, place=place, catalog=catalog, how=how, around=around, depth=1
        )
        recorder.join(found)

    def label(row: int) -> str:
        # A row is told by the number of the word and that of the line in it.
        number, line = divmod(row, _LINES)
        return words[min(number, len(words) - 1)][1](line)

    reading = CommandContext(recorder, catalog, around, label, how, shell)
    record_command([Word(word, at * _LINES + 1) for at, (word, _) in enumerate(words)], reading)
    for word, at in words:
        record_variables(word, at, recorder, catalog)
    return recorder.found


def on_line(line: str) -> LineLabel:
    """Return the lines of a text all of which stands on one line."""
    return lambda _: line


def _may_use(text: str, catalog: Catalog, around: Surroundings) -> bool:
    if catalog.mentioned(text):
        return True
    return ".py" in text and any(path.rpartition("/")[2] in text for path in around.flows)


class _Shell:
    """One text of shell, as it is read."""

    def __init__(
        self,
        text: str,
        at: LineLabel,
        recorder: Recorder,
        catalog: Catalog,
        how: str,
        around: Surroundings,
        depth: int,
    ) -> None:
        self.text, self.heredocs = cut_heredocs(hide_expressions(text.replace("\r", " ")))
        self.at, self.recorder, self.catalog = at, recorder, catalog
        self.how, self.around, self.depth = how, around, depth
        self.source = self.text.encode("utf-8", "surrogatepass")
        self.roots, self.left_out = _parsed(self.source)
        self.messages: list[Node] = []

    def read(self) -> None:
        """Record all that the text uses."""
        if self.left_out:
            self.recorder.miss(self.left_out)
        nodes = [node for root in self.roots for node in _walk(root)]
        values = dict(_assigned(nodes))
        local = frozenset(_defined(nodes))
        reading = CommandContext(
            self.recorder, self.catalog, self.around, self.at, self.how, self._nested, local
        )
        commands = [node for node in nodes if node.type == "command"]
        for node in commands:
            words = _words_of(node)
            if words and words[0].text in _MESSAGES and not _writes(node):
                self.messages.append(node)
            record_command(_resolved(words, values), reading)
            self._read_printed(node, words, reading)
        for heredoc in self.heredocs:
            self._read_heredoc(heredoc, commands, reading)
        self._read_variables(nodes)

    def _nested(self, text: str, at: LineLabel) -> None:
        self.recorder.join(
            shell_uses(
                text,
                at=at,
                place=self.recorder.place,
                catalog=self.catalog,
                how=self.how,
                around=self.around,
                depth=self.depth + 1,
            )
        )

    def _read_printed(self, command: Node, words: Sequence[Word], reading: CommandContext) -> None:
        """Record what a text uses that is printed into a file, as that file."""
        if not words or words[0].text not in ("echo", "printf"):
            return
        target, texts = _target(command), [word for word in words[1:] if word.text[:1] != "-"]
        if target is None or len(texts) != 1 or not texts[0].quoted:
            return
        body = Heredoc(texts[0].row, 0, texts[0].row, texts[0].text, literal=True)
        read_heredoc(body, ["echo"], target, [], reading)

    def _read_heredoc(
        self, heredoc: Heredoc, commands: Sequence[Node], reading: CommandContext
    ) -> None:
        starts = [(node.start_point.row + 1, node.start_point.column) for node in commands]
        before = bisect_right(starts, (heredoc.row, heredoc.column))
        if before == 0:
            return
        node = commands[before - 1]
        words = [word.text for word in _words_of(node)]
        read_heredoc(heredoc, words, _target(node), [w.text for w in _piped(node)], reading)

    def _read_variables(self, nodes: Sequence[Node]) -> None:
        """Record the variables in what is no comment and no message."""
        text = bytearray(self.source)
        for node in nodes:
            if node.type == "comment":
                _blank(text, node)
        for message in self.messages:
            for part in _walk(message):
                if part.type in _LITERAL and not _in_substitution(part, message):
                    _blank(text, part)
        record_variables(text.decode("utf-8", "replace"), self.at, self.recorder, self.catalog)


def _blank(text: bytearray, node: Node) -> None:
    for at in range(node.start_byte, node.end_byte):
        if text[at] != 0x0A:
            text[at] = 0x20


def _walk(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _text_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _assigned(nodes: Sequence[Node]) -> Iterator[tuple[str, list[str]]]:
    """Yield variables that are given literal words, where they are given these only."""
    seen: dict[str, list[list[str]]] = {}
    for node in nodes:
        if node.type == "variable_assignment" and len(node.children) >= 3:
            value = node.children[-1]
            words = ["$"]
            if value.type == "array":
                words = [_word(child).text for child in value.children if child.is_named]
            elif value.type in ("word", "string", "raw_string"):
                words = _word(value).text.split()
            seen.setdefault(_text_of(node.children[0]), []).append(words)
    for name, given in seen.items():
        if all(words == given[0] for words in given) and given[0] and "$" not in given[0][0]:
            yield name, given[0]


def _defined(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if node.type == "function_definition":
            named = node.child_by_field_name("name")
            if named is not None:
                yield _text_of(named)


def _resolved(words: list[Word], values: dict[str, list[str]]) -> list[Word]:
    """Return the words with a variable that names the command replaced by its words."""
    for at, word in enumerate(words[:4]):
        match = _VARIABLE.fullmatch(word.text)
        if match is not None and (value := values.get(match.group("name"))):
            return [*words[:at], *(Word(text, word.row) for text in value), *words[at + 1 :]]
    return words


def _words_of(command: Node) -> list[Word]:
    found: list[Word] = []
    for node in command.children:
        if node.type == "command_name":
            found.extend(_word(child) for child in node.children[:1])
        elif node.type not in ("variable_assignment", "comment") and not node.type.endswith(
            ("redirect", "redirect_body")
        ):
            found.append(_word(node))
    return [word for word in found if word.text]


def _word(node: Node) -> Word:
    text, row = _text_of(node), node.start_point.row + 1
    if node.type == "raw_string":
        return Word(text[1:-1], row, quoted=True)
    if node.type == "ansi_c_string":
        return Word(text[2:-1], row, quoted=True)
    if node.type in ("string", "translated_string"):
        inner = text[2:-1] if text.startswith("$") else text[1:-1]
        return Word(re.sub(r'\\(["\\$`])', r"\1", inner), row, quoted=" " in inner)
    if node.type == "concatenation":
        return Word("".join(_word(child).text for child in node.children), row)
    return Word(re.sub(r"\\(.)", r"\1", text) if node.type == "word" else text, row)


def _statement(command: Node) -> Node | None:
    """Return the statement with the redirections of a command."""
    parent = command.parent
    return parent if parent is not None and parent.type == "redirected_statement" else None


def _redirects(command: Node) -> Iterator[Node]:
    statement = _statement(command)
    for holder in (command, statement):
        if holder is not None:
            yield from (child for child in holder.children if child.type == "file_redirect")


def _target(command: Node) -> str | None:
    """Return the file that a command writes to, by ``>``, ``>>`` or ``tee``."""
    for redirect in _redirects(command):
        signs = [child.type for child in redirect.children]
        if any(sign in (">", ">>", "&>", ">|") for sign in signs):
            target = _word(redirect.children[-1]).text
            if target not in ("/dev/null", "/dev/stderr", "/dev/stdout"):
                return target
    words = _words_of(command)
    names = [word.text for word in words]
    if "tee" in names[:2]:
        files = [name for name in names[names.index("tee") + 1 :] if not name.startswith("-")]
        return files[0] if files else None
    piped = _piped(command)
    if piped and piped[0].text in ("tee", "sudo"):
        files = [w.text for w in piped if w.text not in ("tee", "sudo") and w.text[0] != "-"]
        return files[0] if files else None
    return None


def _piped(command: Node) -> list[Word]:
    """Return the words of the command that reads what this one prints."""
    node = _statement(command) or command
    parent = node.parent
    if parent is None or parent.type != "pipeline":
        return []
    after = [
        child for child in parent.children if child.start_byte >= node.end_byte and child.is_named
    ]
    for each in after[:1]:
        for inner in _walk(each):
            if inner.type == "command":
                return _words_of(inner)
    return []


def _writes(command: Node) -> bool:
    """Tell whether what a command prints goes to a file or to another command."""
    target = _target(command)
    return (target is not None and "SUMMARY" not in target) or bool(_piped(command))


def _in_substitution(node: Node, until: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.id != until.id:
        if parent.type in ("command_substitution", "expansion", "simple_expansion"):
            return True
        parent = parent.parent
    return False
