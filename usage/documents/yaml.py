"""YAML by its events: no tag constructs anything, no alias is followed, no depth is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from usage.documents.tree import Items, Node, Pairs, Text, UnreadableError

MAX_DEPTH: Final = 100
MAX_NODES: Final = 200_000
MAX_ALIASES: Final = 1_000
MAX_ALIASED: Final = 2_000
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def yaml_trees(text: str) -> list[Node]:
    """Return the documents of a text.

    Raises
    ------
    UnreadableError
        If it is no YAML, or too deep or too large to be meant for people.
    """
    builder = _Builder(text)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        where = "" if mark is None else f", line {mark.line + 1}"
        what: str = getattr(error, "problem", None) or "unacceptable characters"
        raise UnreadableError(f"not YAML: {what}{where}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not YAML: {error}") from error
    return builder.documents


def _events(text: str) -> Iterator[Any]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


class _Builder:
    """Builds trees of events, with a stack of its own."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.documents: list[Node] = []
        self.open: list[Items | Pairs] = []
        self.keys: list[Text | None] = []
        self.count = self.told = 0
        self.anchors: dict[str, Text] = {}

    def take(self, event: Any) -> None:
        """Take the next event."""
        if isinstance(event, yaml.ScalarEvent):
            text = self._text(event)
            if event.anchor and len(text.text) <= MAX_ALIASED:
                self.anchors[event.anchor] = text
            self._put(text)
        elif isinstance(event, yaml.AliasEvent):
            # What a collection holds counts where it stands; only texts are told again.
            self.told += 1
            known = self.anchors if self.told <= MAX_ALIASES else {}
            self._put(known.get(str(event.anchor), Text("", 0)))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin(Items())
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin(Pairs())
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self.open.pop()
            self.keys.pop()

    def _begin(self, node: Items | Pairs) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise UnreadableError(f"more than {MAX_DEPTH} levels deep")
        self._put(node)
        self.open.append(node)
        self.keys.append(None)

    def _put(self, node: Node) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise UnreadableError(f"more than {MAX_NODES} values")
        if not self.open:
            self.documents.append(node)
            return
        holder = self.open[-1]
        if isinstance(holder, Items):
            holder.items.append(node)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = node if isinstance(node, Text) else Text("", 0)
        else:
            holder.pairs.append((key, node))
            self.keys[-1] = None

    def _text(self, event: Any) -> Text:
        first, last = event.start_mark.line, event.end_mark.line
        tag = event.tag or ""
        if event.style == "|":
            return Text(event.value, first + 2, flat=False, tag=tag)
        if event.style == ">":
            return Text(self._folded(first + 1), first + 2, flat=False, tag=tag)
        if first == last:
            return Text(event.value, first + 1, tag=tag)
        raw = [
            self.lines[first][event.start_mark.column :],
            *self.lines[first + 1 : last],
            self.lines[last][: event.end_mark.column],
        ]
        inner = "\n".join(raw).strip()
        if event.style in ("'", '"'):
            inner = re.sub(r"\\\n\s*", "\n", inner[1:-1].replace('\\"', '"'))
        return Text(_joined(inner.split("\n")), first + 1, flat=False, tag=tag)

    def _folded(self, start: int) -> str:
        """Return a folded text with its lines kept: each goes on, as shell says it."""
        taken: list[str] = []
        indent: int | None = None
        for line in self.lines[start:]:
            margin = len(line) - len(line.lstrip(" "))
            if line.strip():
                indent = margin if indent is None else indent
                if margin < indent or indent == 0:
                    break
            taken.append(line[indent or 0 :])
        return _joined(taken)


def _joined(lines: list[str]) -> str:
    found = []
    for at, line in enumerate(lines):
        text = line.strip("\r")
        after = lines[at + 1] if at + 1 < len(lines) else ""
        goes_on = text.strip() and after.strip() and not text.rstrip().endswith("\\")
        found.append(f"{text} \\" if goes_on else text)
    return "\n".join(found)
