"""Scopes: which names stand for what, where branches may differ."""

from __future__ import annotations

from usage.python.values import Value

Names = dict[str, "Value | None"]


class Scope:
    """Names of a module, function or class; None: bound to what is not traced.

    Parameters
    ----------
    parent
        Where names are looked up that are not bound here.
    """

    __slots__ = ("globals", "is_class", "names", "parent")

    def __init__(self, parent: Scope | None = None, *, is_class: bool = False) -> None:
        self.names: Names = {}
        self.parent = parent
        self.is_class = is_class
        self.globals: set[str] = set()

    @property
    def enclosing(self) -> Scope:
        """Return the scope that functions defined here see."""
        scope = self
        while scope.is_class and scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def module(self) -> Scope:
        """Return the outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


def merged(first: Names, second: Names) -> Names:
    """Return names after either of two branches: what one of them traces is kept."""
    both = dict(second)
    for name, value in first.items():
        if value is not None or name not in both:
            both[name] = value
    return both
