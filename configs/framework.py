"""Frameworks: what betrays that code uses one, and what of it is used.

One TOML file for each; a study names shipped ones, or files of its own. Nothing here is code: a
framework is added by writing down its import roots, distributions and commands, and which symbols
and commands belong to which feature.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from artifacts.errors import ConfigError
from artifacts.explaining import read_model

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
ModuleName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
Pattern = Annotated[str, StringConstraints(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FrameworkHead(_Part):
    """What the framework is called, and which version of its file this is.

    Attributes
    ----------
    name
        How files and commands call it, in lower case.
    title
        How people call it.
    repository
        owner/name of its source.
    version
        From 1; raised by whoever changes the file.
    """

    name: Name
    title: str = Field(min_length=1)
    repository: str = Field(pattern=r"^[^/\s]+/[^/\s]+$")
    version: int = Field(1, ge=1)


class Feature(_Part):
    """What belongs to one code of the features' codebook.

    In ``symbols``, ``commands`` and ``references``, ``*`` stands for one name; a pattern covers
    what begins with it, and the longest pattern wins.

    Attributes
    ----------
    code
        Of the codebook of features.
    symbols
        Dotted names as they are imported: ``mlflow.log_metric``, ``mlflow.*.autolog``.
    commands
        A script and its first words: ``mlflow models serve``.
    actions
        Actions of GitHub workflows: ``owner/name``.
    files
        Names or ends of paths of files that configure it: ``MLproject``, ``conf/*/catalog.yml``.
    keys
        Tables and entry points of pyproject.toml, setup.cfg and setup.py: ``tool.kedro``,
        ``entry-point kedro.hooks``.
    references
        Dotted names in its configuration files.
    environment
        Variables: whole names, or a beginning followed by ``*``.
    images
        Container images without their tags.
    directories
        Folders that its runs leave behind, with a slash at the end: ``mlruns/``.
    """

    code: Name
    symbols: tuple[Pattern, ...] = ()
    commands: tuple[Pattern, ...] = ()
    actions: tuple[Pattern, ...] = ()
    files: tuple[Pattern, ...] = ()
    keys: tuple[Pattern, ...] = ()
    references: tuple[Pattern, ...] = ()
    environment: tuple[Pattern, ...] = ()
    images: tuple[Pattern, ...] = ()
    directories: tuple[Pattern, ...] = ()


class Indirect(_Part):
    """A way to use the framework through another library.

    Attributes
    ----------
    code
        The feature that it is.
    symbol
        Dotted name in the other library, and what begins with it; one of ``symbol`` and ``command``
        is given.
    argument
        Keyword of a call of ``symbol``: only calls that give it are meant.
    value
        What the argument is, or holds, for the call to be meant.
    command
        First words of a command of the other library, ``*`` for any one.
    """

    code: Name
    symbol: Pattern | None = None
    argument: str | None = None
    value: str | bool | None = None
    command: Pattern | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Indirect:
        if (self.symbol is None) == (self.command is None):
            raise ValueError("give one of symbol and command")
        if self.argument is None and self.value is not None:
            raise ValueError("value is that of an argument: name it")
        return self


class FileShape(_Part):
    """A file that configures the framework, known by what it holds.

    Attributes
    ----------
    code
        The feature that it is.
    file
        Pattern of its name: ``*.yaml``.
    keys
        Keys that its outermost table has, each with the values that it may have; none: any.
    """

    code: Name
    file: Pattern
    keys: dict[str, tuple[str, ...]] = Field(min_length=1)


class Framework(_Part):
    """A framework as code that uses it shows it.

    Attributes
    ----------
    modules
        Import roots: the framework's and its official plug-ins'.
    distributions
        Names on the package index, of the same.
    scripts
        Commands that the distributions install.
    groups
        Commands that only hold sub-commands: ``prefect deployment``, where ``prefect deploy`` is
        one that takes arguments.
    copies
        Ends of paths that only the framework's own source has: a repository with one of them holds
        a copy of the framework.
    flows
        Base classes; a file that defines a subclass is run as ``python FILE COMMAND``.
    features
        What belongs to each code; a code once.
    returns
        The type of what a call or an attribute gives, by dotted name:
        ``"mlflow.start_run" = "mlflow.ActiveRun"``; in ``[…]`` where it is a collection of these:
        ``"mlflow.search_experiments" = "[mlflow.entities.Experiment]"``; ``self``: the type that it
        is called on; empty: nothing of the framework's. Classes give themselves, unless they are
        told as another name of one: ``"mlflow.tracking.MlflowClient" = "mlflow.MlflowClient"``.
        ``__call__``, ``__enter__`` and ``__getitem__`` stand for calling the object, for ``with``
        and for one item of it; ``A.__with__.B.__call__`` for calling a decorated function, a B, in
        the block of a ``with`` of A; ``()`` at the end of a name for calls alone, not the
        attribute. In the names ``*`` is any part of one name; here the name must be covered whole.
    surfaces
        Public names of modules that people import by ``*``.
    parameters
        The type of a parameter or attribute that others hand in, by its name.
    indirect
        Uses through other libraries.
    shapes
        Configuration files of any name.
    eras
        By versions, such as ``"0.1"`` or ``"2-3"``: patterns that only they have, of symbols,
        commands, files and variables.
    """

    framework: FrameworkHead
    modules: tuple[ModuleName, ...] = Field(min_length=1)
    distributions: tuple[Pattern, ...] = ()
    scripts: tuple[Pattern, ...] = ()
    groups: tuple[Pattern, ...] = ()
    copies: tuple[Pattern, ...] = ()
    flows: tuple[ModuleName, ...] = ()
    features: tuple[Feature, ...] = ()
    returns: dict[str, str] = {}
    surfaces: dict[ModuleName, tuple[str, ...]] = {}
    parameters: dict[str, str] = {}
    indirect: tuple[Indirect, ...] = ()
    shapes: tuple[FileShape, ...] = ()
    eras: dict[str, tuple[Pattern, ...]] = {}

    @property
    def name(self) -> str:
        """Return how files and commands call it."""
        return self.framework.name

    @model_validator(mode="after")
    def _has_each_once(self) -> Framework:
        codes = [feature.code for feature in self.features]
        if twice := {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"features: {', '.join(sorted(twice))} stands twice")
        for kind in Feature.model_fields.keys() - {"code"}:
            known: dict[str, str] = {}
            for feature in self.features:
                for pattern in getattr(feature, kind):
                    code = known.setdefault(pattern, feature.code)
                    if code != feature.code:
                        raise ValueError(
                            f"features: '{pattern}' stands in {kind} of {code} and {feature.code}"
                        )
        return self


def read_frameworks(paths: Iterable[Path]) -> list[Framework]:
    """Read framework files; each framework once, sorted by name.

    Raises
    ------
    ConfigError
        If a file cannot be used, or two describe one framework or share a module, script or
        distribution.
    """
    found: dict[str, tuple[Framework, Path]] = {}
    owners: dict[tuple[str, str], str] = {}
    for path in paths:
        framework = read_model(path, Framework, what="The framework file")
        name = framework.name
        if name in found:
            raise ConfigError(
                f"The framework '{name}' is described twice.",
                where=f"{found[name][1]}, {path}",
                fix="leave one of the files out",
            )
        for what, names in (
            ("module", framework.modules),
            ("script", framework.scripts),
            ("distribution", framework.distributions),
        ):
            for each in names:
                if owners.setdefault((what, each), name) != name:
                    raise ConfigError(
                        f"The {what} '{each}' is said to be of {owners[what, each]} and of {name}.",
                        where=str(path),
                        fix="name it in one of them",
                    )
        found[name] = framework, path
    return [found[name][0] for name in sorted(found)]
