"""A study file to begin with: what one has to say, and every other setting as a comment.

It is written from the models that study files are read by, so that no key is missing or outdated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from artifacts.errors import InputError
from artifacts.explaining import description_at, first_fault
from artifacts.files import refuse_existing, write_text
from opsatlas.study import Study

WIDTH = 88
HEAD = """\
# A study for opsatlas: what is mapped, from which data, and how. What it must say is filled in.
# A line such as #seed = 0 is a setting at its default: to change it, take the number sign away,
# and that of the [section] above it. Relative paths are meant from this file.
"""


def write_study(path: Path, said: Mapping[str, Any]) -> None:
    """Write a study file with what was said, and all else as comments; replace nothing.

    Parameters
    ----------
    said
        As the file is to hold it: values by key, by section; a list of such for ``sources``.

    Raises
    ------
    InputError
        If what was said is no study, or there is a file already.
    """
    refuse_existing(path)
    text = study_text(said)
    write_text(path, text)


def study_text(said: Mapping[str, Any]) -> str:
    """Return the text of a study file; parameters and errors as of `write_study`."""
    try:
        Study.model_validate(said)
    except ValidationError as error:
        fault = first_fault(error)
        fix = description_at(Study, fault.location) if fault.kind.startswith("string_") else None
        raise InputError(f"{fault.message}.", where=fault.field, fix=fix) from None
    sections = {name: _model(field) for name, field in Study.model_fields.items()}
    lines = [HEAD.rstrip()]
    # What is in no section comes before all sections; what was said before what was not.
    for name in sorted(sections, key=lambda name: (sections[name] is not None, name not in said)):
        model, field = sections[name], Study.model_fields[name]
        told = _setting(name, field, said) if model is None else _section(name, model, said)
        lines += ["", *told]
    return "\n".join(lines) + "\n"


def _model(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of a section's values; None: the field is no section."""
    for inner in (field.annotation, *get_args(field.annotation)):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None


def _section(name: str, model: type[BaseModel], all_said: Mapping[str, Any]) -> Iterator[str]:
    """Yield a section; of several of one name, the first with all that it could hold."""
    yield from _comment((model.__doc__ or "").split("\n\n")[0])
    is_list = get_args(Study.model_fields[name].annotation)[1:] == (...,)
    head = f"[[{name}]]" if is_list else f"[{name}]"
    if name not in all_said:
        yield from _filled(f"#{head}", model, {})
        return
    said = all_said[name]
    entries: Sequence[Mapping[str, Any]] = said if is_list else [said]
    yield from _filled(head, model, entries[0])
    for entry in entries[1:]:
        yield from ["", head, *(f"{key} = {_toml(value)}" for key, value in entry.items())]


def _filled(head: str, model: type[BaseModel], said: Mapping[str, Any]) -> Iterator[str]:
    yield head
    fields = model.model_fields
    # What has to be there comes first.
    for name in sorted(fields, key=lambda name: (name not in said, not fields[name].is_required())):
        yield from _setting(name, fields[name], said)


def _setting(name: str, field: FieldInfo, said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a setting means, then the setting: as said, or a comment."""
    yield from _comment(field.description or "")
    if name in said:
        yield f"{name} = {_toml(said[name])}"
        return
    default = None if field.is_required() else field.get_default()
    if default is None:
        unset = "" if field.is_required() else "  # unset; this is an example"
        yield f"#{name} = {_toml(_example(name, field))}{unset}"
    else:
        yield f"#{name} = {_toml(default)}"


def _comment(text: str) -> Iterator[str]:
    for line in wrap(" ".join(text.split()), WIDTH - 2, break_long_words=False):
        yield f"# {line}"


def _example(name: str, field: FieldInfo) -> Any:
    """Return something that a setting may be."""
    adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    examples = (*(field.examples or ()), *_choices(field.annotation), 8, 0.8, f"my-{name}")
    for example in (*examples, "2026-01-31.topics", "owner/name", "0" * 64, [f"my-{name}"]):
        try:
            adapter.validate_python(example)
        except ValidationError:
            continue
        return example
    raise LookupError(f"no example of {name} is known: give its field one")


def _choices(annotation: Any) -> Iterator[Any]:
    """Yield the values that a type names, such as those of a Literal."""
    for inside in get_args(annotation):
        if get_args(inside):
            yield from _choices(inside)
        elif isinstance(inside, str):
            yield inside


def _toml(value: Any) -> str:
    import tomlkit

    if value == {}:
        return "{}"
    item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
    return str(item.as_string())
