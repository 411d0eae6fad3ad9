"""What pydantic finds wrong, in our words: which field, what is the matter, what was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from artifacts.errors import ConfigError
from artifacts.notation import read_toml

AnyModel = TypeVar("AnyModel", bound=BaseModel)
Location = tuple[int | str, ...]
"""Keys, and places in lists from 0, from the outermost to the innermost."""

_TOML_TYPES = {
    "tuple_type": "Input should be an array",
    "dict_type": "Input should be a table",
    "model_type": "Input should be a table",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with values; as text it is the field and the message.

    Attributes
    ----------
    location
        Of the value; empty: of all together.
    kind
        As pydantic calls it: ``missing``, ``extra_forbidden``, ``value_error``, …
    message
        What is wrong, without a full stop.
    given
        What stands there; for what is missing, what it is missing in.
    context
        What pydantic knows besides, by name.
    """

    location: Location
    kind: str
    message: str
    given: Any
    context: Mapping[str, Any]

    @property
    def field(self) -> str:
        """Return the location with points between its parts."""
        return ".".join(map(str, self.location))

    @property
    def is_unknown_key(self) -> bool:
        """Tell whether it is a key that nobody asked for."""
        return self.kind == "extra_forbidden"

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.location else self.message


def first_fault(error: ValidationError) -> Fault:
    """Return the first fault, an unknown key before others.

    A misspelt key is both unknown and missing; the first says more.
    """
    faults = error.errors()
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    message = first["msg"].removeprefix("Value error, ")
    return Fault(first["loc"], first["type"], message, first["input"], first.get("ctx", {}))


def read_model(path: Path, model: type[AnyModel], *, what: str) -> AnyModel:
    """Read a TOML file that people write.

    Parameters
    ----------
    what
        What the file is called in errors, such as ``The codebook``.

    Raises
    ------
    ConfigError
        If it cannot be read, or a key, type or value is not allowed: with the line, the key, what
        stands there, and of an unknown key what was meant.
    """
    values, text = read_toml(path, what=what)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        fault = first_fault(error)
        where = str(path)
        if fault.location:
            where += f", line {line_of(text, fault.location)}, {fault.field}"
        raise _explained(fault, model, what, where) from None


def _explained(fault: Fault, model: type[BaseModel], what: str, where: str) -> ConfigError:
    if fault.is_unknown_key:
        key = str(fault.location[-1])
        if len(fault.location) > 1 and _stands_at_top(key, model):
            fix = f"write '{key}' above the first [section]: it belongs to none"
            return ConfigError(f"Unknown key '{key}'.", where=where, fix=fix)
        fix = suggestion(key, _fields_at(model, fault.location[:-1]))
        return ConfigError(f"Unknown key '{key}'.", where=where, fix=fix)
    if fault.kind == "missing":
        return ConfigError(f"The key '{fault.field}' is missing.", where=where, fix="add it")
    if fault.kind == "value_error":
        return ConfigError(f"{what} contradicts itself: {fault.message}.", where=where)
    given = "a table" if isinstance(fault.given, dict) else repr(fault.given)
    wanted = _TOML_TYPES.get(fault.kind, fault.message)
    return ConfigError(f"{wanted}, not {given}.", where=where, fix=how_to_write(fault, model))


def _stands_at_top(key: str, model: type[BaseModel]) -> bool:
    field = model.model_fields.get(key)
    return field is not None and model_in(field.annotation) is None


def suggestion(key: str, allowed: Iterable[str]) -> str:
    """Return what may be written in place of an unknown key: the nearest, and all there are."""
    known = sorted(allowed)
    close = difflib.get_close_matches(key, known, n=1)
    nearest = f"did you mean '{close[0]}'? " if close else ""
    return f"{nearest}allowed: {', '.join(known)}"


def how_to_write(fault: Fault, model: type[BaseModel]) -> str | None:
    """Return what the model says of a text that it refused; None: nothing, or it is no text."""
    if not fault.kind.startswith("string_"):
        return None
    *outer, key = fault.location or ("",)
    fields = _fields_at(model, tuple(outer))
    return fields[key].description if isinstance(key, str) and key in fields else None


def _fields_at(model: type[BaseModel], location: Location) -> Mapping[str, FieldInfo]:
    for key in location:
        if isinstance(key, str) and key in model.model_fields:  # else it is one of a dict's
            model = model_in(model.model_fields[key].annotation) or model
    return model.model_fields


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that is ``X`` in ``tuple[X, ...]``, ``X | None`` or ``X``, if any is."""
    for inner in (annotation, *get_args(annotation)):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None


def is_array(field: FieldInfo) -> bool:
    """Tell whether a file has an array for a field."""
    return get_origin(field.annotation) in (tuple, list)


_TABLE = re.compile(r"\s*\[(\[?)\s*([\w.\-]+)\s*\]")


def line_of(text: str, location: Location) -> int:
    """Return the number of the line, from 1, that a value stands on, or its table's first line."""
    best, n_matched = 1, 0
    current: Location = ()
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        table = _TABLE.match(line)
        key = re.match(r"\s*([\w\-]+)\s*=", line)
        if table:
            name = table[2]
            place = seen[name] = seen.get(name, -1) + 1
            current = (*name.split("."), place) if table[1] else tuple(name.split("."))
            here = current
        elif key:
            here = (*current, key[1])
        else:
            continue
        if len(here) > n_matched and location[: len(here)] == here:
            best, n_matched = number, len(here)
    return best
