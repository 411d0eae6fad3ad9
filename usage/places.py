"""Which kind a file is of, and what kind of place it is."""

from __future__ import annotations

import re
from typing import Final, Literal

from usage.uses import Place

FileKind = Literal["python", "notebook", "template", "other"]

_VENDORED: Final = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|\.?venv|\.tox|\.nox|\.eggs"
    r"|__pypackages__|_?vendor(?:ed)?|bower_components)/"
)
_TEST: Final = re.compile(
    r"(?:^|/)(?:tests?|testing)(?:/|\.\w+$)|(?:^|/)test_[^/]*$|_tests?\.py$|(?:^|/)conftest\.py$"
)
_EXAMPLE: Final = re.compile(
    r"(?:^|/)(?:examples?|tutorials?|notebooks?|docs?|demos?|samples?)/|\.ipynb$", re.IGNORECASE
)
_TEMPLATE: Final = re.compile(r"\.py\.(?:tmpl|tpl|j2|jinja2?|in|template|mako|erb)$|\.py-tpl$")


def is_python(path: str) -> bool:
    """Tell whether a file is a module of Python by its name."""
    return path.endswith((".py", ".pyi", ".pyw"))


def kind_of(path: str, content: bytes = b"") -> FileKind:
    """Return the kind of a file by its path, and by its first line where it has no suffix."""
    if is_python(path):
        return "python"
    if path.endswith(".ipynb"):
        return "notebook"
    if _TEMPLATE.search(path):
        return "template"
    name = path.rpartition("/")[2]
    if "." not in name and content.startswith(b"#!") and b"python" in content.split(b"\n", 1)[0]:
        return "python"
    return "other"


def is_vendored(path: str) -> bool:
    """Tell whether a file is another project's, kept in this one."""
    return _VENDORED.search(path) is not None


def place_of(path: str) -> Place:
    """Return what kind of place a file is."""
    in_workflow = path.startswith(".github/workflows/")
    return Place(
        path,
        "workflow" if in_workflow else "api",
        in_test=_TEST.search(path) is not None,
        in_example=_EXAMPLE.search(path) is not None,
    )
