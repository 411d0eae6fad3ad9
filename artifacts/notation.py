"""TOML and JSON: of what people or other programs wrote, one error of ours; TOML that we write."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artifacts.encodings import encoding_of
from artifacts.errors import ConfigError, OpsatlasError
from artifacts.files import refusal

JsonObject = Mapping[str, Any]
"""A JSON object, by its keys."""

MAX_TOML_BYTES = 1 << 26
MAX_KEY_PARTS = 100
"""The time that `tomllib` takes for a dotted key grows with the square of its parts."""
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(
    rf"(?:^|[\[{{,])[ \t]*+{_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MAX_KEY_PARTS}}}", re.MULTILINE
)
_INDENT = "    "


def read_toml(
    path: Path, *, what: str, error: type[OpsatlasError] = ConfigError, fix: str | None = None
) -> tuple[dict[str, Any], str]:
    """Return what a TOML file says, and its text.

    Parameters
    ----------
    what
        What the file is called in errors, such as ``The codebook``.
    error
        What is raised, and with ``fix`` what there is to do, if it cannot be read or is no TOML.
    """
    try:
        text = _toml_text(path)
        return _parsed_toml(text), text
    except OSError as cause:
        why, fix = refusal(cause), fix or "check the path"
        raise error(f"{what} cannot be read: {why}.", where=str(path), fix=fix) from cause
    except UnicodeDecodeError as cause:
        why = "it is not text in UTF-8"
        raise error(f"{what} cannot be read: {why}.", where=str(path), fix=fix) from cause
    except ValueError as cause:
        raise error(f"{what} cannot be read: {cause}.", where=str(path), fix=fix) from cause


def _toml_text(path: Path) -> str:
    data = path.read_bytes()
    if len(data) > MAX_TOML_BYTES:
        raise ValueError(f"it has more than {MAX_TOML_BYTES >> 20} MiB")
    text = data.decode(encoding_of(data)).replace("\r\n", "\n")
    if data and not text:
        raise ValueError("it holds no text")
    return text


def _parsed_toml(text: str) -> dict[str, Any]:
    if long_key := _LONG_KEY.search(text):
        line = text.count("\n", 0, long_key.start()) + 1
        raise ValueError(f"a key has more than {MAX_KEY_PARTS} parts (at line {line})")
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except ValueError as cause:
        raise ValueError(f"it is not TOML: {cause}") from cause
    _refuse_wide(values)
    return values


def _refuse_wide(values: dict[str, Any]) -> None:
    """Refuse what TOML does not promise to hold, and Python may not be able to print."""
    waiting: list[Any] = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, int) and value.bit_length() > 63:
            raise ValueError("a whole number needs more than 64 bits")
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def toml_text(values: Mapping[str, Any]) -> str:
    """Return values as TOML, each item of a list on a line of its own."""
    import tomlkit

    return tomlkit.dumps(_laid_out(values))


def _laid_out(value: Any, indent: str = "") -> Any:
    import tomlkit

    if isinstance(value, Mapping):
        return {name: _laid_out(item) for name, item in value.items()}
    if not isinstance(value, tuple | list):
        return value
    if not value or isinstance(value[0], Mapping):
        return [_laid_out(item) for item in value]
    lines = tomlkit.array()
    for item in value:
        lines.add_line(_laid_out(item, indent + _INDENT), indent=indent + _INDENT)
    lines.add_line(indent=indent)
    return lines


def json_value(text: str | bytes) -> Any:
    """Return what a JSON text says; raise `ValueError` if it is none that can be read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
