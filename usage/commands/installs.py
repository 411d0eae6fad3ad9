"""Distributions that commands install: ``pip install``, ``uv add``, ``conda create``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from packaging.utils import canonicalize_name

from usage.commands.wrappers import options, program, skip_options

_PIP: Final = re.compile(r"^pip(?:3(?:\.\d+)?)?$")
_INSTALLERS: Final[dict[tuple[str, ...], int]] = {
    # The words of the command, and how many names of its own stand before the distributions.
    ("uv", "pip", "install"): 0,
    ("uv", "tool", "install"): 0,
    ("uv", "add"): 0,
    ("poetry", "add"): 0,
    ("poetry", "self", "add"): 0,
    ("pdm", "add"): 0,
    ("pipenv", "install"): 0,
    ("rye", "add"): 0,
    ("rye", "install"): 0,
    ("pixi", "add"): 0,
    ("pipx", "install"): 0,
    ("pipx", "inject"): 1,
    ("conda", "install"): 0,
    ("conda", "create"): 0,
    ("mamba", "install"): 0,
    ("mamba", "create"): 0,
    ("micromamba", "install"): 0,
    ("micromamba", "create"): 0,
    ("easy_install",): 0,
}
_VALUES: Final = options(
    "-r --requirement -c --constraint -i --index-url --extra-index-url --index -f --find-links -t"
    " --target --prefix --root --platform --python-version --implementation --abi --proxy"
    " --trusted-host --timeout --retries --cache-dir --log --src -G --group --source --python -p"
    " -n --name --channel --file --progress-bar --report --override --allow-prereleases --default"
    " --upgrade-strategy --no-binary --only-binary --config-settings --global-option --build"
    " --extras --extra --optional --platform --markers --tag --branch --rev --directory --project"
    " -E --feature --pip-args --suffix --path"
)
_NAME: Final = re.compile(
    r"^(?:[\w.-]+::)?(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?"
    r"\s*(?:$|[=<>!~@;,\s]|\$)"
)
_VCS: Final = re.compile(
    r"(?:git|hg|svn|bzr)\+[a-z+]+://[^/\s]+/(?P<repository>[^/\s]+/[^/\s@#]+?)(?:\.git)?(?:[@#]|$)"
)
_EGG: Final = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9][\w.-]*)")


def distribution(text: str) -> str | None:
    """Return the normalised name of what a requirement asks for, None if it names nothing.

    A source of a version control system is named by ``egg``, else by ``owner/name``.
    """
    text = text.strip().strip("'\"")
    if (egg := _EGG.search(text)) is not None:
        return canonicalize_name(egg.group("name"))
    named = _NAME.match(text)
    is_file = text.endswith((".txt", ".whl", ".tar.gz", ".zip", ".yml")) and "@" not in text
    if named is not None and not is_file:
        return canonicalize_name(named.group("name"))
    source = _VCS.search(text)
    return source.group("repository").lower() if source is not None else None


def installed(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the places, among the words of a command, of what it installs, and its name."""
    start = _start(words)
    if start is None:
        return
    conda = program(words[0]) in ("conda", "mamba", "micromamba")
    values = _VALUES | {"-c"} if conda else _VALUES
    at = start
    while at < len(words):
        word = words[at]
        if word in ("-e", "--editable"):
            at += 1
            continue
        if word.startswith("-"):
            at += 2 if word in values else 1
            continue
        if (name := distribution(word)) is not None:
            yield at, name
        at += 1


def _start(words: Sequence[str]) -> int | None:
    if not words:
        return None
    if _PIP.match(program(words[0])):
        at = skip_options(words, 1, _VALUES)
        return at + 1 if at < len(words) and words[at] == "install" else None
    for key, skip in _INSTALLERS.items():
        if program(words[0]) != key[0]:
            continue
        at = 1
        for name in key[1:]:
            at = skip_options(words, at, _VALUES)
            if at >= len(words) or words[at] != name:
                break
            at += 1
        else:
            return at + skip
    return None
