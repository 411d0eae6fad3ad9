"""Files that configure a framework, what they refer to, and folders that its runs leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from usage.catalog import Catalog
from usage.documents.tree import Node, Pairs, Text, walk_document
from usage.recorder import Recorder
from usage.uses import Found, LineLabel, Place, Use

_DOTTED: Final = re.compile(r"^[A-Za-z_]\w*(?:\.\w+)*$")
_TYPES: Final = frozenset({"type", "dataset"})
_TARGETS: Final = frozenset({"_target_", "class_path", "callable", "factory"})
"""Keys under which configuration of other libraries names what is to be made."""
_MANIFESTS: Final = (("apiVersion", "kind", "metadata"), ("services", "volumes"))
"""Keys that only manifests of containers have together: what they run may give them its name."""
_LABEL: Final = re.compile(r"^\w+\.resource\.\w+$")
"""A label of an event, such as ``prefect.resource.id``: it names no code."""


def configuration_uses(
    path: str, documents: list[Node], *, at: LineLabel, place: Place, catalog: Catalog
) -> Found:
    """Return the framework that a file of this path, or of this content, configures."""
    recorder = Recorder(place)
    named = catalog.configured_by(path) if not _is_manifest(documents) else []
    for framework, symbol in named:
        recorder.add(framework, "config-file", at(1), symbol, "file")
    for framework in _shaped(path, documents, catalog):
        recorder.add(framework, "config-file", at(1), path.rpartition("/")[2], "file")
    names = {framework for framework, _ in named}
    for root in documents:
        _read_references(root, names, at, recorder, catalog)
    return recorder.found


def _is_manifest(documents: list[Node]) -> bool:
    """Tell whether a file is of Kubernetes or Compose, whatever its name."""
    roots = [root for root in documents if isinstance(root, Pairs)]
    return any(
        all(root.get(key) is not None for key in keys) for root in roots for keys in _MANIFESTS
    )


def _shaped(path: str, documents: list[Node], catalog: Catalog) -> list[str]:
    name, roots = path.rpartition("/")[2], [r for r in documents[:1] if isinstance(r, Pairs)]
    return [
        framework.name
        for framework in catalog.frameworks
        for shape in framework.shapes
        if fnmatchcase(name, shape.file)
        and any(all(_has(root, *key) for key in shape.keys.items()) for root in roots)
    ]


def _has(root: Pairs, key: str, allowed: tuple[str, ...]) -> bool:
    value = root.get(key)
    if value is None:
        return False
    return not allowed or (isinstance(value, Text) and value.text in allowed)


def _read_references(
    root: Node, frameworks: set[str], at: LineLabel, recorder: Recorder, catalog: Catalog
) -> None:
    for path, node in walk_document(root):
        if isinstance(node, Pairs):
            # A key that names a step or a data set; others are labels: prefect.resource.id.
            for key, _ in node.pairs:
                if catalog.references.find(key.text.split(".")) is not None:
                    _refer(key, frameworks, at, recorder, catalog)
        elif isinstance(node, Text) and path and path[-1] in _TYPES:
            _refer(node, frameworks, at, recorder, catalog)
        elif isinstance(node, Text) and path and path[-1] in _TARGETS:
            _refer(node, set(catalog.by_name), at, recorder, catalog, by_reference=False)


def _refer(
    text: Text,
    frameworks: set[str],
    at: LineLabel,
    recorder: Recorder,
    catalog: Catalog,
    *,
    by_reference: bool = True,
) -> None:
    if not frameworks or not _DOTTED.match(text.text) or _LABEL.match(text.text):
        return
    framework = catalog.framework_of(text.text) if "." in text.text else None
    if framework is None and by_reference:
        named = catalog.references.find(text.text.split("."))
        framework = named if named in frameworks else None
    if framework is not None and framework in frameworks:
        recorder.add(framework, "config-ref", at(text.row), text.text, "yaml-string")


def left_behind(path: str, catalog: Catalog) -> tuple[str, str, str] | None:
    """Return the outermost folder on a path that a framework's runs leave behind.

    Returns
    -------
    :
        The framework, the folder, and what it is called: ``mlruns/``; None if there is none.
    """
    parts = path.split("/")
    for end in range(1, len(parts)):
        for names, framework in catalog.directories:
            if end < len(names) or not fnmatchcase(parts[end - 1], names[-1]):
                continue
            if all(map(fnmatchcase, parts[end - len(names) : end], names)):
                folder = parts[: end - len(names) + 1]
                return framework, "/".join(folder), f"{folder[-1]}/"
    return None


def folder_uses(paths: Iterable[str], catalog: Catalog) -> list[Use]:
    """Return the folders among all paths of a repository that runs left behind."""
    found = sorted({left for path in paths if (left := left_behind(path, catalog)) is not None})
    return [
        Use(
            framework=framework,
            channel="config",
            kind="artifact-dir",
            path=folder,
            line="0",
            symbol=symbol,
            how="directory",
        )
        for framework, folder, symbol in found
    ]
