"""Which feature a use is of: by the framework files, or by a map that a user gives."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final, Literal

from artifacts.delimited import delimited, text_lines
from artifacts.errors import InputError
from configs.framework import Framework, Indirect
from usage.patterns import Names, Patterns
from usage.uses import Kind, Use

Form = Literal[
    "symbol",
    "indirect",
    "command",
    "action",
    "env",
    "image",
    "config-file",
    "config-key",
    "config-ref",
    "artifact-dir",
]
"""What a pattern is a pattern of."""

FORM_OF: Final[Mapping[Kind, Form]] = {
    "import": "symbol",
    "call": "symbol",
    "decorator": "symbol",
    "base": "symbol",
    "reference": "symbol",
    "set": "symbol",
    "dynamic": "symbol",
    "magic": "symbol",
    "indirect": "indirect",
    "import-indirect": "indirect",
    "command": "command",
    "flow-command": "command",
    "action": "action",
    "env": "env",
    "image": "image",
    "config-file": "config-file",
    "config-key": "config-key",
    "config-ref": "config-ref",
    "artifact-dir": "artifact-dir",
}
"""The form of a kind's patterns; declarations are of no feature."""

FORMS: Final[frozenset[Form]] = frozenset(FORM_OF.values())
Tables = Mapping[tuple[str, Form], Mapping[str, str]]
"""By framework and form: what each pattern stands for."""

UNLISTED: Final[Mapping[Form, str]] = {
    "env": "configuration",
    "image": "container-image",
    "indirect": "tracking",
}
"""What the study's own map leaves to the kind, in its words."""

UNLISTED_CODES: Final[Mapping[Form, str]] = {
    "env": "configuration-and-projects",
    "image": "compute",
    "indirect": "integrations",
}
"""The same by the codes of the codebook of features."""

CATALOG_TYPE: Final = "catalog-type"
"""What maps of features write for any type that a data catalogue names."""


@dataclass(frozen=True)
class Features:
    """What uses are of, by patterns of their symbols; the longest pattern wins.

    Attributes
    ----------
    of
        What each pattern stands for, by framework and form.
    otherwise
        What uses stand for that no pattern covers, by form.
    begins
        Whether the last name of a pattern may be only the beginning of one:
        ``evidently.metrics.Regression`` of ``evidently.metrics.RegressionErrorPlot``.
    """

    of: Tables
    otherwise: Mapping[Form, str] = field(default_factory=dict)
    begins: bool = False
    _known: dict[tuple[str, Form, str, str], str | None] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @cached_property
    def _compiled(self) -> dict[tuple[str, Form], Patterns]:
        return {
            (framework, form): Patterns(
                {_names(text, form): of for text, of in patterns.items()}, self.begins
            )
            for (framework, form), patterns in self.of.items()
        }

    def find(self, use: Use) -> str | None:
        """Return what a use is of, None where its symbol shows nothing."""
        form = FORM_OF.get(use.kind)
        if form is None:
            return None
        path = use.path if form == "config-file" else ""
        key = (use.framework, form, use.symbol, path)
        if key not in self._known:
            self._known[key] = self._look_up(*key)
        return self._known[key]

    def _look_up(self, framework: str, form: Form, symbol: str, path: str) -> str | None:
        patterns = self._compiled.get((framework, form))
        if patterns is None:
            return self.otherwise.get(form)
        if form == "env":
            found = _of_beginning(symbol, self.of[framework, form])
        elif form == "config-file":
            found = _of_path(symbol, path, self.of[framework, form])
        else:
            found = patterns.find(_names(symbol, form))
        return self.otherwise.get(form) if found is None else found


def _names(text: str, form: Form) -> Names:
    """Return the names that a pattern, or a symbol, of a form consists of."""
    if form in ("symbol", "config-ref"):
        # Types that no table names are told by the call that gives them: mlflow.thing().name
        return tuple(text.replace("()", "").replace("[]", "").split("."))
    if form in ("command", "indirect"):
        return tuple(text.split()) if " " in text.strip() else tuple(text.split("."))
    return ({"action": action_name, "image": image_name}.get(form, str)(text),)


def action_name(text: str) -> str:
    """Return an action of GitHub without its version, in lower case."""
    return text.strip().partition("@")[0].lower()


def image_name(text: str) -> str:
    """Return a container image without tag, digest and the default registry, in lower case."""
    name = text.strip().partition("@")[0]
    head, slash, last = name.rpartition("/")
    name = f"{head}{slash}{last.partition(':')[0]}".lower()
    return re.sub(r"^(docker://)?((index\.)?docker\.io/|registry\.hub\.docker\.com/)?", "", name)


def _of_beginning(name: str, patterns: Mapping[str, str]) -> str | None:
    if (exact := patterns.get(name)) is not None:
        return exact
    fitting = (p for p in patterns if p.endswith("*") and name.startswith(p[:-1]))
    return patterns.get(max(fitting, key=len, default=""))


def _of_path(symbol: str, path: str, patterns: Mapping[str, str]) -> str | None:
    """Return what the longest pattern stands for that ends the path, or that the symbol ends."""
    for pattern in sorted(patterns, key=lambda each: (-each.count("/"), each)):
        if _ends(path, pattern) or _ends(symbol, pattern) or _ends(pattern, symbol):
            return patterns[pattern]
    return None


def _ends(path: str, pattern: str) -> bool:
    names = pattern.split("/")
    tail = path.split("/")[-len(names) :]
    return len(tail) == len(names) and all(map(fnmatchcase, tail, names))


def features_of(frameworks: Iterable[Framework]) -> Features:
    """Return the features that framework files give to uses."""
    tables: dict[tuple[str, Form], dict[str, str]] = defaultdict(dict)
    for each in frameworks:
        for feature in each.features:
            given: dict[Form, tuple[str, ...]] = {
                "symbol": feature.symbols,
                "command": feature.commands,
                "action": feature.actions,
                "env": feature.environment,
                "image": feature.images,
                "config-file": feature.files,
                "config-key": feature.keys,
                "config-ref": feature.references,
                "artifact-dir": feature.directories,
            }
            for form, patterns in given.items():
                tables[each.name, form].update(dict.fromkeys(patterns, feature.code))
        for shape in each.shapes:
            tables[each.name, "config-file"].setdefault(shape.file, shape.code)
        for way in each.indirect:
            tables[each.name, "indirect"][_shown(way)] = way.code
    return Features(dict(tables))


def _shown(way: Indirect) -> str:
    """Return what uses through other libraries are called by."""
    if way.command is not None:
        return way.command
    return f"{way.symbol}.{way.argument}" if isinstance(way.value, str) else str(way.symbol)


def eras_of(frameworks: Iterable[Framework]) -> Features:
    """Return the versions of frameworks that their files give to symbols."""
    tables: dict[tuple[str, Form], dict[str, str]] = defaultdict(dict)
    for each in frameworks:
        for era, patterns in each.eras.items():
            for pattern in patterns:
                for form in _forms_of(pattern):
                    tables[each.name, form][pattern] = era
    return Features(dict(tables))


def _forms_of(pattern: str) -> tuple[Form, ...]:
    """Return the forms that a pattern may be of, by how it is written."""
    if " " in pattern:
        return "command", "config-key"
    if re.fullmatch(r"[A-Z][A-Z0-9]*_[A-Z0-9_]*\*?", pattern):
        return ("env",)
    if "/" in pattern:
        return "image", "action", "config-file"
    if re.search(r"^\.|\.(ya?ml|toml|json|py)$", pattern):
        return ("config-file",)
    return "symbol", "config-ref", "config-key"


def read_feature_map(
    text: str, *, where: str, column: str = "feature", otherwise: Mapping[Form, str] | None = None
) -> Features:
    """Return the features that a map gives to uses, in place of the framework files' codes.

    Parameters
    ----------
    text
        A table with the columns ``framework``, ``kind``, ``pattern`` and ``column``. ``kind`` is
        symbol, command, action, env, image, config-file, config-key, config-ref, artifact-dir or
        indirect; ``catalog-type`` as a pattern of config-ref stands for any type. The last name of
        a pattern may be only the beginning of one, where no whole name fits as well.
    where
        What errors name.
    column
        The one that holds the feature.
    otherwise
        What uses stand for that the map does not cover, by kind.

    Raises
    ------
    InputError
        If a column or cell is missing, a kind is unknown, or a pattern has two features.
    """
    table = delimited(text_lines(text), where=where)
    columns = ("framework", "kind", "pattern", column)
    if missing := [name for name in columns if name not in table.head]:
        raise InputError(
            f"The map of features has no column {' and no column '.join(missing)}.",
            where=f"{where}, line 1",
            fix=f"name its columns {', '.join(columns)}",
        )
    tables: dict[tuple[str, Form], dict[str, str]] = defaultdict(dict)
    for line, record in table.records():
        cells = {name: record.get(name, "").strip() for name in columns}
        _add_row(tables, cells, column, f"{where}, line {line}")
    return Features(dict(tables), dict(otherwise or {}), begins=True)


def _add_row(
    tables: dict[tuple[str, Form], dict[str, str]], cells: Mapping[str, str], column: str, at: str
) -> None:
    if empty := [name for name, cell in cells.items() if not cell]:
        raise InputError(
            f"A row of the map of features has nothing in {' and '.join(empty)}.",
            where=at,
            fix="fill it, or delete the row",
        )
    form = next((each for each in FORMS if each == cells["kind"]), None)
    if form is None:
        raise InputError(
            f"A map of features has no kind '{cells['kind']}'.",
            where=f"{at}, kind",
            fix=f"use one of {', '.join(sorted(FORMS))}",
        )
    pattern = "*" if form == "config-ref" and cells["pattern"] == CATALOG_TYPE else cells["pattern"]
    patterns = tables[cells["framework"], form]
    if (already := patterns.setdefault(pattern, cells[column])) != cells[column]:
        raise InputError(
            f"The pattern '{pattern}' has two features: {already} and {cells[column]}.",
            where=f"{at}, {column}",
            fix="delete one of the rows",
        )
