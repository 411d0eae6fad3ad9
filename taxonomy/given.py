"""What a notebook holds, a list or a data frame of texts, as the documents of a taxonomy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault, suggestion
from artifacts.notebook import is_missing
from taxonomy.engine import check_texts, listed
from taxonomy.over_time import Dates
from taxonomy.settings import TopicSettings

if TYPE_CHECKING:
    from pandas import DataFrame, Series


@dataclass(frozen=True)
class GivenDocuments:
    """Documents as they were given; titles and dates only where they were."""

    texts: list[str]
    keys: list[str]
    titles: list[str] | None
    dates: Dates | None


def documents_from(texts: Any, *, text: str, keys: Any, titles: Any, dates: Any) -> GivenDocuments:
    """Return documents as `opsatlas.build` takes them; its docstring describes the parameters."""
    from pandas import DataFrame, Series

    frame = texts if isinstance(texts, DataFrame) else None
    if frame is not None:
        texts = _column(frame, text, "texts")
    index = texts.index if isinstance(texts, Series) else None
    found = _texts(listed(texts))
    keys = _beside(frame, keys, "key")
    if keys is None and index is not None and not index.is_unique:
        raise InputError(
            "The index names the documents, and a name is in it twice.",
            where=str(index[index.duplicated()][0]),
            fix="give keys, or number the rows: reset_index(drop=True)",
        )
    named = _names(keys, "keys") or _names(index, "index") or list(map(str, range(len(found))))
    titles = _names(_beside(frame, titles, "title"), "titles", instead=named)
    return GivenDocuments(found, named, titles, _beside(frame, dates, "date"))


def _texts(texts: list[Any]) -> list[str]:
    """Return the texts; raise `InputError` if one is not a text, or has no word."""
    for place, text in enumerate(texts):
        empty = isinstance(text, str) and not text.strip()
        if empty or is_missing(text):
            raise InputError(
                f"A text is {'empty' if empty else 'missing'}.",
                where=f"text {place}, counted from 0",
                fix="leave such documents out: frame[frame['text'].fillna('').str.strip() != '']",
            )
    check_texts(texts)
    return texts


def _column(frame: DataFrame, name: str, what: str) -> Series[Any]:
    """Return the column of a name; raise `InputError` unless there is exactly one."""
    columns = list(map(str, frame.columns))
    if columns.count(name) == 1:
        return frame.iloc[:, columns.index(name)]
    number = "several columns" if name in columns else "no column"
    raise InputError(
        f"The DataFrame has {number} {name!r}.",
        where=f"its columns: {', '.join(columns)}",
        fix=f"name the column of {what}: {'text' if what == 'texts' else what}='…'",
    )


def _beside(frame: DataFrame | None, given: Any, name: str) -> Any:
    """Return values given with the texts: as they are, or the column of the DataFrame they name."""
    if frame is not None and (isinstance(given, str) or (given is None and name in frame.columns)):
        return _column(frame, given or name, f"{name}s")
    if isinstance(given, str):
        raise InputError(f"{name}s={given!r} names a column, and the texts are no DataFrame.")
    return given


def _names(values: Any, what: str, *, instead: Sequence[str] = ()) -> list[str] | None:
    """Return names as texts; a missing one is replaced by that of the same place in ``instead``."""
    if values is None:
        return None
    names = list(values)
    missing = [place for place, name in enumerate(names) if is_missing(name)]
    if missing and not instead:
        raise InputError(f"The {what} lack a name.", where=f"place {missing[0]}", fix="name each")
    for place in missing:
        names[place] = instead[place] if place < len(instead) else ""
    return list(map(str, names))


def settings_from(given: TopicSettings | Mapping[str, Any] | None) -> TopicSettings:
    """Return settings; raise `InputError` if values are unknown or out of range."""
    if isinstance(given, TopicSettings):
        return given
    if not isinstance(given, Mapping | None):
        raise InputError(
            f"A {type(given).__name__} is no settings.",
            fix='give names and values, such as settings={"min_topic_size": 8}',
        )
    try:
        return TopicSettings.model_validate(dict(given or {}))
    except ValidationError as error:
        fault = first_fault(error)
        if fault.is_unknown_key:
            fix = suggestion(fault.field, TopicSettings.model_fields)
            what = f"There is no setting {fault.field!r}."
            raise InputError(what, where="settings", fix=fix) from None
        raise InputError(f"{fault}, not {fault.given!r}.", where="settings") from None
