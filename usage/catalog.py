"""The frameworks that are looked for, as the scanner asks about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from packaging.utils import canonicalize_name

from configs.framework import Framework
from usage.features import Features, eras_of, features_of
from usage.patterns import Names, Patterns, Results, dotted
from usage.uses import Use


@dataclass(frozen=True)
class Catalog:
    """Frameworks by the names that code knows them by.

    Attributes
    ----------
    frameworks
        Each once.
    """

    frameworks: tuple[Framework, ...]
    by_name: Mapping[str, Framework] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.frameworks})

    @cached_property
    def roots(self) -> Mapping[str, str]:
        """Return the framework of each import root."""
        return {module: each.name for each in self.frameworks for module in each.modules}

    @cached_property
    def scripts(self) -> Mapping[str, str]:
        """Return the framework of each command."""
        return {script: each.name for each in self.frameworks for script in each.scripts}

    def framework_of(self, dotted_name: str) -> str | None:
        """Return the framework that a dotted name is of."""
        return self.roots.get(dotted_name.partition(".")[0])

    @cached_property
    def features(self) -> Features:
        """Return the features that the framework files give to uses."""
        return features_of(self.frameworks)

    @cached_property
    def eras(self) -> Features:
        """Return the eras that the framework files give to uses."""
        return eras_of(self.frameworks)

    def feature_of(self, use: Use) -> str | None:
        """Return the code of the feature that is used, None where the use shows none."""
        return self.features.find(use)

    def era_of(self, use: Use) -> str | None:
        """Return the versions that the use is of, None where it is of many."""
        return self.eras.find(use)

    @cached_property
    def distributions(self) -> Mapping[str, str]:
        """Return the framework of each distribution, by its normalised name."""
        return {
            canonicalize_name(name): each.name
            for each in self.frameworks
            for name in each.distributions
        }

    @cached_property
    def repositories(self) -> Mapping[str, str]:
        """Return the first distribution of each framework's source repository, in lower case."""
        return {
            each.framework.repository.lower(): canonicalize_name(each.distributions[0])
            for each in self.frameworks
            if each.distributions
        }

    @cached_property
    def images(self) -> Mapping[str, str]:
        """Return the framework of each container image, in lower case and without a tag."""
        return {
            image.lower(): each.name
            for each in self.frameworks
            for feature in each.features
            for image in feature.images
        }

    @cached_property
    def actions(self) -> Mapping[str, str]:
        """Return the framework of each action of a workflow, in lower case."""
        return {
            action.lower(): each.name
            for each in self.frameworks
            for feature in each.features
            for action in feature.actions
        }

    @cached_property
    def _variables(self) -> dict[str, str]:
        return {
            pattern: each.name
            for each in self.frameworks
            for feature in each.features
            for pattern in feature.environment
        }

    @cached_property
    def _variable_starts(self) -> tuple[str, ...]:
        starts = (name[:-1] for name in self._variables if name.endswith("*"))
        return tuple(sorted(starts, key=lambda start: (-len(start), start)))

    def framework_of_variable(self, name: str) -> str | None:
        """Return the framework that an environment variable configures."""
        if (exact := self._variables.get(name)) is not None or "*" in name:
            return exact
        for start in self._variable_starts:
            if name.startswith(start) and len(name) > len(start):
                return self._variables[f"{start}*"]
        return None

    @cached_property
    def indirect_commands(self) -> Mapping[str, list[tuple[Names, str]]]:
        """Return commands of other libraries that bring a framework in, by their first words."""
        found: dict[str, list[tuple[Names, str]]] = {}
        for each in self.frameworks:
            for indirect in each.indirect:
                words = tuple((indirect.command or "").split())
                if len(words) > 1:
                    found.setdefault(words[0], []).append((words, each.name))
        return found

    @cached_property
    def groups(self) -> frozenset[Names]:
        """Return the commands that hold sub-commands, by their words."""
        return frozenset(tuple(group.split()) for each in self.frameworks for group in each.groups)

    @cached_property
    def first_words(self) -> Mapping[str, frozenset[str]]:
        """Return the first words that are known to come after each script; flows' after FLOW."""
        found: dict[str, set[str]] = {}
        for each in self.frameworks:
            patterns = [command for feature in each.features for command in feature.commands]
            for words in (tuple(text.split()) for text in (*patterns, *each.groups)):
                start = 2 if words[:2] == ("python", "FLOW") else 1
                if len(words) > start:
                    found.setdefault(" ".join(words[:start]), set()).add(words[start])
        return {script: frozenset(words) for script, words in found.items()}

    @cached_property
    def _words(self) -> tuple[list[str], re.Pattern[str]]:
        names = {
            name.lower().rstrip("*")
            for each in self.frameworks
            for name in (
                *each.modules,
                *each.distributions,
                *each.scripts,
                *(
                    name
                    for feature in each.features
                    for name in (*feature.environment, *feature.images, *feature.actions)
                ),
            )
        }
        # A name that holds another one is found with it; short ones only as whole words.
        kept: list[str] = []
        short: list[str] = []
        for name in sorted(names, key=lambda name: (len(name) <= 3, len(name), name)):
            if not any(part in name for part in kept):
                (kept if len(name) > 3 else short).append(name)
        whole = "|".join(map(re.escape, short)) or r"(?!)"
        return kept, re.compile(rf"(?<![\w.-])(?:{whole})(?![\w.-])", re.IGNORECASE)

    def mentioned(self, text: str) -> bool:
        """Tell whether a text names a framework in any way: else it shows no use."""
        names, whole = self._words
        lowered = text.lower()
        return any(name in lowered for name in names) or whole.search(text) is not None

    @cached_property
    def code_words(self) -> tuple[bytes, ...]:
        """Return words, in lower case, of which code that uses a framework has one."""
        words = set(self.roots) | set(self.parameters)
        for script in self.scripts:
            # Short ones are common in other places than commands.
            words |= {f"{script} ", f"'{script}',", f'"{script}",'} if len(script) < 4 else {script}
        for each in self.frameworks:
            words |= set(each.distributions)
            for feature in each.features:
                words |= {_telling(each.name, name) for name in feature.environment}
            for way in each.indirect:
                words.add(
                    way.value
                    if isinstance(way.value, str)
                    else _telling(each.name, way.symbol or way.command or "")
                )
        words = {word.lower() for word in words}
        # A word that holds another one is found with it.
        kept = {word for word in words if not any(o != word and o in word for o in words)}
        return tuple(sorted(word.encode() for word in kept))

    @cached_property
    def _results(self) -> Results:
        return Results(
            {name: gives for each in self.frameworks for name, gives in each.returns.items()}
        )

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """Return the type of parameters that are handed in, by their names."""
        return {name: of for each in self.frameworks for name, of in each.parameters.items()}

    @cached_property
    def surfaces(self) -> Mapping[str, tuple[str, ...]]:
        """Return the public names of modules that are imported by ``*``."""
        return {name: of for each in self.frameworks for name, of in each.surfaces.items()}

    def result_of(self, dotted_name: str) -> str | None:
        """Return the type that a call or an attribute gives.

        In ``[…]`` if it gives many of the type, ``""`` if nothing of a framework's, None if the
        files do not say.
        """
        return self._results.find(dotted_name)

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """Return the framework of each table and entry point that configures or extends it."""
        return {
            key: each.name
            for each in self.frameworks
            for feature in each.features
            for key in feature.keys
        }

    @cached_property
    def references(self) -> Patterns:
        """Return patterns of names in configuration files, with their frameworks."""
        return dotted(
            (name, each.name)
            for each in self.frameworks
            for feature in each.features
            for name in feature.references
        )

    @cached_property
    def directories(self) -> list[tuple[Names, str]]:
        """Return patterns of folders that runs leave behind, by their parts, with frameworks."""
        return [
            (tuple(folder.strip("/").split("/")), each.name)
            for each in self.frameworks
            for feature in each.features
            for folder in feature.directories
        ]

    @cached_property
    def _files(self) -> list[tuple[Names, str, str]]:
        return [
            (tuple(pattern.split("/")), pattern, each.name)
            for each in self.frameworks
            for feature in each.features
            for pattern in feature.files
        ]

    def configured_by(self, path: str) -> list[tuple[str, str]]:
        """Return the frameworks that a file of this path configures, and what the file is called.

        It is called as in the framework's file, or by its name where that has a ``*``.
        """
        parts = path.split("/")
        found = {
            (framework, parts[-1] if "*" in pattern else pattern)
            for names, pattern, framework in self._files
            if fnmatchcase(parts[-1], names[-1])
            and len(parts) >= len(names)
            and all(map(fnmatchcase, parts[-len(names) :], names))
        }
        return sorted(found)


def _telling(framework: str, name: str) -> str:
    """Return the framework's name in another one, or else the longest or first part of that."""
    if named := re.search(re.escape(framework), name, re.IGNORECASE):
        return named.group()
    if name.isupper() or name.endswith("*"):
        return name.partition("_")[0] + "_"
    return max(re.split(r"[. ]", name), key=len)
