"""The pages of files that people write: studies, codebooks, scripts; from the models of them."""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from artifacts.explaining import is_array, model_in
from docs.inserts.docstrings import attributes, first_paragraphs
from docs.inserts.markdown import code, literal, prose, sections, sentence, table

_PLAIN = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    datetime: "time (UTC)",
    Any: "anything",
}
_LIMITS = {"ge": "at least {}", "gt": "above {}", "le": "at most {}", "lt": "below {}"}
_HEADS = ["Key", "Type", "Default", "What it says"]


@dataclass(frozen=True)
class Section:
    """A table of a file, as a model describes it.

    Attributes
    ----------
    name
        Of its table.
    is_array
        There may be several: ``[[name]]``.
    is_needed
        A file without it is refused.
    """

    name: str
    model: type[BaseModel]
    is_array: bool
    is_needed: bool

    @property
    def title(self) -> str:
        """Return how its table begins in a file."""
        return f"[[{self.name}]]" if self.is_array else f"[{self.name}]"


def parts(model: type[BaseModel]) -> tuple[dict[str, FieldInfo], list[Section]]:
    """Return the plain keys of a model, and its sections: what is a model itself, or several."""
    plain: dict[str, FieldInfo] = {}
    inner: list[Section] = []
    for name, field in model.model_fields.items():
        section = model_in(field.annotation)
        if section is None:
            plain[name] = field
        else:
            inner.append(Section(name, section, is_array(field), field.is_required()))
    return plain, inner


def study_file() -> str:
    """Return a section for each table of a study file."""
    from opsatlas.study import Study

    return _whole_file(Study)


def codebook_file() -> str:
    """Return a section for each table of a codebook's file."""
    from configs.codebook import Codebook

    return _whole_file(Codebook)


def families_file() -> str:
    """Return a section for each table of a file of families."""
    from configs.family import Families

    return _whole_file(Families)


def stage_rules() -> str:
    """Return the rules by which stages are told where a study names none, in their order."""
    from insights.history.settings import STAGE_RULES

    rows = [[f"*{rule.stage}*", _conditions(rule), sentence(rule.why)] for rule in STAGE_RULES]
    return table(["Stage", "Where it is written so", "Why"], rows)


def ends() -> str:
    """Return what counts as an end where a study names nothing, as a study would write it."""
    from insights.history.settings import ENDS

    return table(
        ["Name", "Written so"], [[end.name, _conditions(end, leave_out={"name"})] for end in ENDS]
    )


def _conditions(part: BaseModel, leave_out: Collection[str] = ("stage", "why")) -> str:
    """Return what a table of a file says beyond its defaults, as TOML; *otherwise* if nothing."""
    said = part.model_dump(exclude_defaults=True, exclude=set(leave_out))
    told = [code(f"{name} = {_as_written(value)}") for name, value in said.items()]
    return ", ".join(told) or "*otherwise*"


def coding_script() -> str:
    """Return what a line of a coding script may hold."""
    from labels.annotator.script import NewCode, ScriptLine

    return sections(
        keys_of(ScriptLine),
        "What stands under `create`:",
        keys_of(NewCode),
    )


def settling_script() -> str:
    """Return what a line of an adjudication may hold."""
    from labels.annotator.script import Settling

    return keys_of(Settling)


def _whole_file(model: type[BaseModel]) -> str:
    plain, inner = parts(model)
    own = table(_HEADS, _rows(model, plain)) if plain else ""
    return sections(own, *map(_section, inner))


def _section(section: Section, depth: int = 2) -> str:
    """Return a table of a file with its keys, and below it the tables that it holds."""
    _, inner = parts(section.model)
    below = [replace(each, name=f"{section.name}.{each.name}") for each in inner]
    anchor = section.name.replace(".", "-")
    return sections(
        f"{'#' * depth} `{section.title}` {{ #{anchor} }}",
        f"{first_paragraphs(section.model)}{' *Needed.*' if section.is_needed else ''}",
        keys_of(section.model),
        *(_section(each, depth + 1) for each in below),
    )


def keys_of(model: type[BaseModel], *, defaults: bool = True) -> str:
    """Return a table of a model's keys, those of the class itself before what it inherits.

    Without ``defaults`` for what only opsatlas writes.
    """
    own = [name for name in inspect.get_annotations(model) if name in model.model_fields]
    rest = [name for name in model.model_fields if name not in own]
    fields = {name: model.model_fields[name] for name in own + rest}
    return table(_HEADS, _rows(model, fields, defaults=defaults))


def _rows(
    model: type[BaseModel], fields: Mapping[str, FieldInfo], *, defaults: bool = True
) -> Iterator[list[str]]:
    said = attributes(model, none="unset" if defaults else "null")
    for name, field in fields.items():
        meaning = literal(field.description) if field.description else said.get(name, "")
        default = default_of(field) if defaults else ""
        yield [code(name), in_words(field), default, sentence(meaning)]


def in_words(field: FieldInfo) -> str:
    """Return the type of a key in plain words, with its limits."""
    limits = [
        words.format(f"{getattr(limit, bound):,}")
        for limit in _constraints(field)
        for bound, words in _LIMITS.items()
        if getattr(limit, bound, None) is not None
    ]
    return ", ".join([_type_in_words(field.annotation), *limits])


def default_of(field: FieldInfo) -> str:
    """Return what holds where the key is not there, as TOML writes it; nothing where it is unset.

    What must be there is said to be needed; whole tables are too long to be written there.
    """
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if value and model_in(field.annotation) is not None:
        return "those shipped"
    return "" if value is None else code(_as_written(value))


def _as_written(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 10_000:
        return f"{value:_}"
    return json.dumps(value, ensure_ascii=False)


def _constraints(field: FieldInfo) -> Iterator[Any]:
    """Yield what limits a key, also inside ``X | None``."""
    yield from field.metadata
    for inner in get_args(field.annotation):
        yield from getattr(inner, "__metadata__", ())


def _type_in_words(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if origin is Literal:
        return " or ".join(code(json.dumps(value)) for value in inner)
    if origin in (tuple, list):
        return f"array of {_plural(_type_in_words(inner[0]))}"
    if origin in (dict, Mapping):
        return f"table of {_plural(_type_in_words(inner[1]))}"
    if origin in (Union, types.UnionType):
        return _type_in_words(next(each for each in inner if each is not type(None)))
    if hasattr(annotation, "__metadata__"):  # Annotated
        return _type_in_words(annotation.__origin__)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    return prose(str(getattr(annotation, "__name__", annotation)))


def _plural(words: str) -> str:
    known = {word: f"{word}s" for word in ("text", "whole number", "number", "table")}
    if words.startswith("array of "):
        return f"arrays of {words.removeprefix('array of ')}"
    return known.get(words, words)
