"""What calls, attributes and subscripts of a framework give, by the tables in its file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from configs.framework import Framework
from usage.python.values import Instance, Many, Symbol, Value

MAKERS: Final = re.compile(r"^(load|create|build|parse_obj|construct|from_\w+|get_or_create)$")
"""Methods of classes that give one of the class, where no table says otherwise."""

PLAIN_METHODS: Final = frozenset(
    """capitalize count decode encode endswith format get index isdigit items join keys lower
    lstrip partition replace rpartition rsplit rstrip setdefault split splitlines startswith strip
    title update upper values zfill total_seconds isoformat strftime timestamp tolist""".split()
)
"""Methods of text, numbers, mappings and times: what they are called on is no framework's type."""


def looks_like_class(name: str) -> bool:
    """Tell whether the last part of a dotted name is written as classes are."""
    last = name.rpartition(".")[2].lstrip("_")
    return last[:1].isupper() and not (last.isupper() and len(last) > 3)


class Types:
    """The tables of all frameworks, asked by dotted name; ``*`` in a table is any one name."""

    def __init__(self, frameworks: Iterable[Framework]) -> None:
        self._exact: dict[str, str] = {}
        self._patterns: dict[int, list[tuple[list[str], str]]] = {}
        for framework in frameworks:
            for key, value in framework.returns.items():
                if "*" in key:
                    parts = key.split(".")
                    self._patterns.setdefault(len(parts), []).append((parts, value))
                else:
                    self._exact[key] = value

    def find(self, name: str) -> str | None:
        """Return what a table says of a dotted name; empty: nothing of the framework's."""
        if (said := self._exact.get(name)) is not None:
            return said
        parts = name.split(".")
        for pattern, value in self._patterns.get(len(parts), ()):
            if all(mine in ("*", theirs) for mine, theirs in zip(pattern, parts, strict=True)):
                return value
        return None

    def named(self, type_name: str, chain: str, how: str = "instance") -> Value | None:
        """Return a value of what a table names: a type, or ``[type]`` for a collection."""
        if not type_name:
            return None
        if type_name.startswith("["):
            each = self.named(type_name[1:-1], f"{chain}[]", how)
            return None if each is None else Many(each)
        return Instance(type_name, chain, how=how)

    def of_class(self, name: str, chain: str, how: str = "instance") -> Value | None:
        """Return an instance of a class that an annotation names."""
        said = self.find(name)
        return self.named(name if said is None else said, chain, how)

    def called(self, value: Symbol | Instance) -> Value | None:
        """Return what a call of ``value`` gives, None where it is not known."""
        if isinstance(value, Symbol):
            return self._called_symbol(value)
        chain = f"{value.chain}()"
        if not value.path:
            said = self.find(f"{value.type}.__call__")
            return None if said is None else self.named(said, chain)
        said = self.find(value.type + value.path)
        return None if said is None else self.named(said, chain)

    def _called_symbol(self, symbol: Symbol) -> Value | None:
        name, chain = symbol.name, f"{symbol.name}()"
        said = self.find(name)
        if said is not None:
            return self.named(said, chain)
        if looks_like_class(name):
            return Instance(name, chain)
        owner, _, method = name.rpartition(".")
        if looks_like_class(owner) and MAKERS.match(method):
            return self.of_class(owner, chain)
        return None

    def attribute(self, instance: Instance, name: str) -> Instance | None:
        """Return the attribute of an instance, None where what it hangs on is no type."""
        if instance.path:
            said = self.find(instance.type + instance.path)
            if said == "":
                return None
            if said is not None and not said.startswith("["):
                return Instance(said, f"{instance.chain}.{name}", f".{name}", instance.how)
        return Instance(
            instance.type, f"{instance.chain}.{name}", f"{instance.path}.{name}", instance.how
        )

    def item(self, value: Value | None) -> Value | None:
        """Return one item of a collection."""
        if isinstance(value, Many):
            return value.each
        if isinstance(value, Instance):
            said = self.find(value.type + value.path + ".__getitem__") or (
                self.find(value.type + value.path) if value.path else None
            )
            if said:
                return self.named(said.strip("[]"), f"{value.chain}[]", value.how)
        return None
