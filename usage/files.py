"""Files that are neither Python nor notebooks: each read as what its name says that it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from usage.catalog import Catalog
from usage.commands.docker import docker_uses
from usage.commands.lines import groovy_uses, hcl_uses, ini_uses, procfile_uses, settings_uses
from usage.commands.make import just_uses, make_uses
from usage.commands.rescue import rescued_uses
from usage.commands.shell import shell_uses
from usage.commands.structured import StructuredReader
from usage.configured.files import configuration_uses, left_behind
from usage.configured.keys import ini_keys, toml_keys
from usage.declared.requirements import ini_requirements, is_requirements, requirements_uses
from usage.declared.setup_script import setup_uses
from usage.declared.tables import table_requirements
from usage.documents.expressions import hide_expressions, hide_statements
from usage.documents.json import json_trees
from usage.documents.toml import loose_toml_tree, toml_tree
from usage.documents.tree import Node, UnreadableError
from usage.documents.yaml import yaml_trees
from usage.recorder import Recorder
from usage.surroundings import ALONE, Surroundings
from usage.uses import Found, LineLabel, Place, SourceFile

_TEMPLATE: Final = re.compile(
    r"\.(?:tmpl|tpl|tftpl|j2|jinja2?|template|erb|mustache|dist|sample)$", re.I
)
_LOCKS: Final = re.compile(
    r"(?:^|/)(?:[^/]*\.lock|[^/]*-lock\.(?:json|ya?ml)|package-lock\.json|pnpm-lock\.yaml"
    r"|Pipfile\.lock|conda-lock\.ya?ml|npm-shrinkwrap\.json|[^/]*\.lock\.[a-z]+)$"
)
_KINDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(rf"(?:^|/)(?:{pattern})$", re.IGNORECASE))
    for kind, pattern in (
        (
            "docker",
            r"(?:docker|container|earth)file(?:[._-][^/]*)?|[^/]*\.(?:docker|container)file",
        ),
        ("make", r"(?:gnu)?makefile(?:\.(?!am$)[^/]*)?|[^/]*\.(?:mk|mak|make)"),
        ("just", r"\.?justfile|[^/]*\.just"),
        ("procfile", r"procfile(?:\.[^/]*)?"),
        ("groovy", r"jenkinsfile(?:[._-][^/]*)?|[^/]*\.(?:jenkinsfile|groovy)"),
        ("pipfile", r"pipfile"),
        ("setup", r"setup\.py"),
        ("json", r"[^/]*\.(?:json|jsonc|json5)"),
        ("toml", r"[^/]*\.toml"),
        ("yaml", r"[^/]*\.(?:ya?ml)|mlproject|[^/]*\.ya?ml\.[a-z]+"),
        ("shell", r"[^/]*\.(?:sh|bash|zsh|ksh|fish|command|bats|slurm|sbatch|pbs|envrc)|\.envrc"),
        ("shell", r"\.(?:bash|zsh)(?:rc|_profile|env)|\.profile|\.bash_aliases"),
        ("batch", r"[^/]*\.(?:bat|cmd|ps1)"),
        ("settings", r"\.env(?:[._-][^/]*)?|env\.(?:example|sample|template|dist)"),
        (
            "settings",
            r"[^/]*\.env(?:[._-](?:example|sample|template|dist|local|dev|prod)\w*)?",
        ),
        ("settings", r"[^/]*\.(?:properties|tfvars)|\.flaskenv|environment"),
        ("hcl", r"[^/]*\.(?:tf|hcl|nomad)"),
        ("ini", r"[^/]*\.(?:ini|cfg|conf|service|timer|desktop)|\.[a-z]+rc"),
    )
)
_SHEBANG: Final = re.compile(rb"^#!.*\b(?:ba|z|k|da|a)?sh\b")
Reader = Callable[[str, LineLabel, Place, Catalog, Surroundings], Found]


def file_uses(
    file: SourceFile, place: Place, catalog: Catalog, around: Surroundings = ALONE
) -> Found:
    """Return the uses in a file that is neither Python nor a notebook.

    Of a setup.py it returns what it asks for and what it extends: the rest of it is Python.
    """
    recorder = Recorder(place)
    if _LOCKS.search(file.path) or left_behind(file.path, catalog) is not None:
        return recorder.found
    path = _TEMPLATE.sub("", file.path)
    kind = kind_of_file(path, file.content)
    if kind is None and not catalog.configured_by(path):
        return recorder.found
    try:
        text = file.content.decode(_encoding(file.content))
    except UnicodeDecodeError as error:
        text = file.content.decode("utf-8", "replace")
        if _may_use(path, text, catalog, around):
            recorder.miss(f"not {error.encoding}: byte {error.start}")
    if _may_use(path, text, catalog, around):
        if path != file.path:
            text = hide_expressions(hide_statements(text))
        recorder.join(_text_uses(path, kind, text, str, place, catalog, around))
    return recorder.found


def _encoding(content: bytes) -> str:
    """Return what a file begins as: requirements that Windows wrote are often UTF-16."""
    return "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def kind_of_file(path: str, content: bytes = b"") -> str | None:
    """Return what a file is, by its path and first line; None if nothing is read of such."""
    if is_requirements(path):
        return "requirements"
    for kind, pattern in _KINDS:
        if pattern.search(path):
            return kind
    if _SHEBANG.match(content[:200]):
        return "shell"
    return None


def _may_use(path: str, text: str, catalog: Catalog, around: Surroundings) -> bool:
    """Tell whether a file names a framework, or what its name or content alone says so."""
    if catalog.mentioned(text) or catalog.configured_by(path):
        return True
    if any(
        all(key in text for key in shape.keys)
        for each in catalog.frameworks
        for shape in each.shapes
    ):
        return True
    return ".py" in text and any(flow.rpartition("/")[2] in text for flow in around.flows)


def _text_uses(
    path: str,
    kind: str | None,
    text: str,
    at: LineLabel,
    place: Place,
    catalog: Catalog,
    around: Surroundings,
) -> Found:
    def written(name: str, body: str, label: LineLabel, where: Place) -> Found:
        inner = _text_uses(name, kind_of_file(name), body, label, where, catalog, plain)
        inner.uses = [use for use in inner.uses if use.kind != "config-file"]
        return inner

    plain = replace(around, texts=ALONE.texts)
    around = replace(around, texts=written) if around.texts is ALONE.texts else around
    text = text.replace("\r\n", "\n")
    recorder = Recorder(place)
    documents: list[Node] = []
    if kind in _DOCUMENTS:
        documents = _read_documents(path, kind, text, at, recorder, catalog, around)
    elif kind is not None:
        recorder.join(_READERS[kind](text, at, place, catalog, around))
    recorder.join(configuration_uses(path, documents, at=at, place=place, catalog=catalog))
    return recorder.found


_DOCUMENTS: Final = frozenset({"json", "toml", "yaml", "pipfile"})


def _read_documents(
    path: str,
    kind: str,
    text: str,
    at: LineLabel,
    recorder: Recorder,
    catalog: Catalog,
    around: Surroundings,
) -> list[Node]:
    """Record what the documents of a text use, and return them; what is broken is rescued."""
    place = recorder.place
    try:
        documents = _parsed(kind, text)
    except UnreadableError as error:
        recorder.miss(str(error))
        if kind in ("toml", "pipfile"):
            documents = [loose_toml_tree(text)]
        else:
            recorder.join(rescued_uses(text, at=at, place=place, catalog=catalog, around=around))
            return []
    reader = StructuredReader(at, recorder, catalog, around)
    for root in documents:
        reader.read(root)
    if not path.endswith("package.json"):
        recorder.join(table_requirements(documents, at=at, place=place, catalog=catalog))
    if kind == "toml":
        recorder.join(toml_keys(documents[0], at=at, place=place, catalog=catalog))  # type: ignore[arg-type]
    return documents


def _parsed(kind: str, text: str) -> list[Node]:
    if kind == "json":
        return json_trees(text)
    if kind != "yaml":
        return [toml_tree(text)]
    try:
        return yaml_trees(text)
    except UnreadableError:
        plain = hide_expressions(hide_statements(text))
        if plain == text:
            raise
        return yaml_trees(plain)


def _shell(text: str, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings) -> Found:
    return shell_uses(text, at=at, place=place, catalog=catalog, around=around)


def _batch(text: str, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings) -> Found:
    """Return what a script of Windows uses: near enough to shell once its marks are."""
    text = re.sub(r"(?im)^\s*@?(?:rem\b|::)", "#", text)
    text = re.sub(r"(?m)[`^]\s*$", r"\\", text)
    text = re.sub(r"\$env:(\w+)\s*=", r"export \1=", text).replace("\\", "/")
    text = re.sub(r"(?m)/$", r"\\", text)
    return shell_uses(text, at=at, place=place, catalog=catalog, around=around)


def _ini(text: str, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings) -> Found:
    recorder = Recorder(place)
    recorder.join(ini_requirements(text, at=at, place=place, catalog=catalog))
    recorder.join(ini_keys(text, at=at, place=place, catalog=catalog))
    recorder.join(ini_uses(text, at=at, place=place, catalog=catalog, around=around))
    return recorder.found


_READERS: Final[dict[str, Reader]] = {
    "docker": lambda t, a, p, c, s: docker_uses(t, at=a, place=p, catalog=c, around=s),
    "make": lambda t, a, p, c, s: make_uses(t, at=a, place=p, catalog=c, around=s),
    "just": lambda t, a, p, c, s: just_uses(t, at=a, place=p, catalog=c, around=s),
    "procfile": lambda t, a, p, c, s: procfile_uses(t, at=a, place=p, catalog=c, around=s),
    "groovy": lambda t, a, p, c, s: groovy_uses(t, at=a, place=p, catalog=c, around=s),
    "hcl": lambda t, a, p, c, s: hcl_uses(t, at=a, place=p, catalog=c, around=s),
    "settings": lambda t, a, p, c, _: settings_uses(t, at=a, place=p, catalog=c),
    "requirements": lambda t, a, p, c, _: requirements_uses(t, at=a, place=p, catalog=c),
    "setup": lambda t, a, p, c, _: setup_uses(t, at=a, place=p, catalog=c),
    "shell": _shell,
    "batch": _batch,
    "ini": _ini,
}
