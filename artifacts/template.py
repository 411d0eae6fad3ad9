"""A TOML file to begin with, written from the model that will read it.

What is known is filled in, and every other setting stands there as a comment, so that no key is
missing or outdated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from artifacts.errors import InputError
from artifacts.explaining import first_fault, how_to_write, is_array, model_in

WIDTH = 88


def template(model: type[BaseModel], said: Mapping[str, Any]) -> str:
    """Return the text of a TOML file with these values, and all else as comments.

    Parameters
    ----------
    said
        As the file is to hold it: values by key, by section; a list of sections where the model
        has an array of them.

    Raises
    ------
    InputError
        If the model refuses these values.
    """
    try:
        model.model_validate(said)
    except ValidationError as error:
        fault = first_fault(error)
        fix = how_to_write(fault, model)
        raise InputError(f"{fault.message}.", where=fault.field, fix=fix) from None
    fields = model.model_fields
    inner = {name: model_in(field.annotation) for name, field in fields.items()}
    blocks = []
    # What is in no section comes before all sections; what was said before what was not.
    for name in sorted(fields, key=lambda name: (inner[name] is not None, name not in said)):
        section = inner[name]
        lines = (
            _setting(name, fields[name], said)
            if section is None
            else _section(name, fields[name], section, said)
        )
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _section(
    name: str, field: FieldInfo, model: type[BaseModel], all_said: Mapping[str, Any]
) -> Iterator[str]:
    """Yield a section; of several of one name, the first with all that it could hold."""
    yield from _comment((model.__doc__ or "").split("\n\n")[0])
    is_list = is_array(field)
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
    examples = (*(field.examples or ()), *_choices(field.annotation), 8, 0.8)
    for example in (*examples, f"my-{name}", [f"my-{name}"]):
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
    item = tomlkit.item(_plain(value))
    if isinstance(item, tomlkit.items.AoT):  # within a section it has to stand in one line
        return f"[{', '.join(_inline(each) for each in _plain(value))}]"
    return str(item.as_string())


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_defaults=True)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _inline(entries: Mapping[str, Any]) -> str:
    return f"{{ {', '.join(f'{key} = {_toml(each)}' for key, each in entries.items())} }}"
