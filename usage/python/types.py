"""What calls, attributes and subscripts of a framework give, by the tables in its file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from usage.catalog import Catalog
from usage.patterns import Results
from usage.python.values import Instance, Keyed, Many, Symbol, Value

MAKERS: Final = re.compile(r"^(load|create|build|parse_obj|construct|from_\w+|get_or_create)$")
"""Methods of classes that give one of the class, where no table says otherwise."""

_PLAIN_METHODS_TEXT: Final = (
    "capitalize count decode encode endswith format get index isdigit items join keys lower"
    " lstrip partition replace rpartition rsplit rstrip setdefault split splitlines startswith"
    " strip title update upper values zfill total_seconds isoformat strftime timestamp tolist"
)
PLAIN_METHODS: Final = frozenset(_PLAIN_METHODS_TEXT.split())
"""Methods of text, numbers, mappings and times: what they are called on is no framework's type."""


def looks_like_class(name: str) -> bool:
    """Tell whether the last part of a dotted name is written as classes are."""
    last = name.rpartition(".")[2].lstrip("_")
    return last[:1].isupper() and not (last.isupper() and len(last) > 3)


_OPTIONAL: Final = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar", "Required"})
_COLLECTIONS_TEXT: Final = (
    "list List set Set tuple Tuple Sequence Iterable Iterator Generator Collection frozenset"
    " AsyncIterator AsyncGenerator AsyncIterable PagedList deque"
)
_COLLECTIONS: Final = frozenset(_COLLECTIONS_TEXT.split())
_MAPPINGS_TEXT: Final = "dict Dict Mapping MutableMapping defaultdict DefaultDict OrderedDict"
_MAPPINGS: Final = frozenset(_MAPPINGS_TEXT.split())


def generic_of(generic: str | None, first: Value, last: Value | None) -> Value | None:
    """Return what ``generic[…]`` stands for by the first and the last value between brackets."""
    if generic in _OPTIONAL:
        return first
    if generic in _COLLECTIONS:
        return Many(first)
    return Keyed(last) if generic in _MAPPINGS and last is not None else None


def mapping_of(values: Sequence[Value | None]) -> Keyed | None:
    """Return a mapping of values that are all of one type; None if they are not."""
    kinds = {(each.type, each.path) if isinstance(each, Instance) else None for each in values}
    first = values[0] if len(kinds) == 1 else None
    return Keyed(first) if isinstance(first, Instance) else None


class Types:
    """What the frameworks' files say of types, asked by dotted name.

    Parameters
    ----------
    catalog
        Of the frameworks.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.find = catalog.result_of
        self._calls = Results(
            {
                name.removesuffix("()"): gives
                for each in catalog.frameworks
                for name, gives in each.returns.items()
                if name.endswith("()")
            }
        )

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
        said = self._given(value.type + value.path)
        return None if said is None else self.named(said, chain)

    def _given(self, name: str) -> str | None:
        """Return what a call gives where a table tells it from the attribute, else what both do."""
        said = self._calls.find(name)
        return self.find(name) if said is None else said

    def _called_symbol(self, symbol: Symbol) -> Value | None:
        name, chain = symbol.name, f"{symbol.name}()"
        said = self._given(name)
        if said is not None:
            return self.named(said, chain)
        if looks_like_class(name):
            return Instance(name, chain)
        owner, _, method = name.rpartition(".")
        if looks_like_class(owner) and MAKERS.match(method):
            return self.of_class(owner, chain)
        return Instance(chain, chain)

    def attribute(self, instance: Instance, name: str) -> Instance | None:
        """Return the attribute of an instance, None where what it hangs on is no type."""
        if instance.type.endswith("()") and name in PLAIN_METHODS:
            return None
        if instance.path:
            said = self.find(instance.type + instance.path)
            if said == "":
                return None
            if said is not None and not said.startswith("["):
                return Instance(said, f"{instance.chain}.{name}", f".{name}", instance.how)
        return replace(instance, chain=f"{instance.chain}.{name}", path=f"{instance.path}.{name}")

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
