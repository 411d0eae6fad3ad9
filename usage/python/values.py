"""What a name can stand for while code is read: values that are traced, and no others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Symbol:
    """A module of a framework, or something in one, as it was imported.

    Attributes
    ----------
    name
        Dotted, as imported: ``mlflow.tracking.MlflowClient``.
    how
        How names that stand for it are told: ``short``, ``alias``, ``star``, ``wrapper``, …
    spoken
        Whether the bare name is a use where it is not called; not if the name was given to a value
        that is neither a module nor a class, or to what a function of the repository gives.
    imported
        Whether the name was bound by an import: another file that imports it gets the framework's.
    """

    name: str
    how: str = "short"
    spoken: bool = True
    imported: bool = True


@dataclass(frozen=True, slots=True)
class Instance:
    """What a framework's call gave, or what an annotation says: a type, and attributes of it.

    Attributes
    ----------
    type
        As the framework's tables name it: ``mlflow.ActiveRun``.
    chain
        How it came about: ``mlflow.start_run()``.
    path
        Attributes so far, with a dot before each: ``.info.run_id``.
    how
        ``instance``, or ``parameter`` where only a parameter's name tells.
    wraps
        The function of the repository that a decorator turned into this.
    """

    type: str
    chain: str
    path: str = ""
    how: str = "instance"
    wraps: OwnFunction | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """A collection of which each item is one value."""

    each: Value


@dataclass(frozen=True, slots=True)
class Keyed:
    """A mapping of which each value is one value."""

    each: Value

    def attribute(self, name: str) -> OwnFunction | None:
        """Return a method of mappings that gives its values."""
        if name in ("get", "pop", "setdefault"):
            return OwnFunction(self.each)
        if name == "values":
            return OwnFunction(Many(self.each))
        return OwnFunction(Many(Parts((None, self.each)))) if name == "items" else None


@dataclass(frozen=True, slots=True)
class Parts:
    """A tuple of values, for assignments to several names."""

    items: tuple[Value | None, ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A name of a library that is no framework, but a way to use one."""

    name: str


@dataclass(eq=False, slots=True)
class OwnFunction:
    """A function of the repository, and what it gives."""

    gives: Value | None = None
    is_property: bool = False
    is_generator: bool = False


@dataclass(eq=False, slots=True)
class OwnClass:
    """A class of the repository: its bases, members, and what is kept on ``self``."""

    name: str
    bases: list[OwnClass] = field(default_factory=list)
    members: dict[str, Value | None] = field(default_factory=dict)
    kept: dict[str, Value] = field(default_factory=dict)

    def find(self, name: str, depth: int = 0) -> Value | None:
        """Return what an attribute of its objects stands for."""
        if (value := self.kept.get(name)) is not None:
            return value
        if (value := self.members.get(name)) is not None:
            return value
        if depth < 8:
            for base in self.bases:
                if (value := base.find(name, depth + 1)) is not None:
                    return value
        return None


@dataclass(frozen=True, slots=True)
class OwnObject:
    """An object of a class of the repository."""

    of: OwnClass


@dataclass(frozen=True, slots=True)
class OwnModule:
    """A module of the repository: the path of its file, which a folder of modules may lack."""

    path: str


Value = (
    Symbol
    | Instance
    | Many
    | Keyed
    | Parts
    | Foreign
    | OwnFunction
    | OwnClass
    | OwnObject
    | OwnModule
)


class Modules(Protocol):
    """The modules of the repository, as imports ask about them."""

    def find(self, importer: str, module: str, names: tuple[str, ...]) -> OwnModule | None:
        """Return the own module that an absolute name means in the file ``importer``."""

    def near(self, importer: str, level: int, module: str) -> OwnModule | None:
        """Return the own module that a relative name means."""

    def inside(self, module: OwnModule, name: str) -> OwnModule | None:
        """Return the module of a name in a package."""

    def exports(self, module: OwnModule) -> dict[str, Value | None]:
        """Return what the names of an own module stand for."""

    def beside(self, importer: str, path: str) -> OwnModule | None:
        """Return the own file of a path that is told from the file ``importer``."""

    def bound(self, module: OwnModule) -> dict[str, Value]:
        """Return what all names of an own file stand for, also those it does not hand on."""
