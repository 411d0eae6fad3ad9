"""Single values as they come from files, made into what a table's column holds, or refused."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from artifacts.errors import InputError
from artifacts.notation import json_value
from artifacts.visible import SURROGATES
from mining.tables import full_name_of

INT64_MAX = 2**63 - 1
MOST_A_MONTH = 10**9
FIRST_UNSEEN = datetime(2100, 1, 1, tzinfo=UTC)
"""So that sums over months and repositories are numbers of 64 bits."""
_TRUE = {"true", "1", "yes", "t"}
_FALSE = {"false", "0", "no", "f"}
_LIST_SEPARATORS = re.compile(r"[;,|]")


class BadValueError(Exception):
    """A value is not what its column holds; the message says what it is."""


def is_missing(value: object) -> bool:
    """Tell whether a source has nothing here: None, NaN or an empty text."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or value == ""


def clean(text: str) -> str:
    """Return ``text`` with lone surrogates, which no file can hold, replaced by U+FFFD."""
    return text if text.isascii() else SURROGATES.sub("�", text)


def text(value: object) -> str:
    """Return a text; numbers are not one, so that a shifted column is noticed."""
    if not isinstance(value, str):
        raise BadValueError(f"{_shown(value)} is not a text")
    return clean(value)


def lower_text(value: object) -> str:
    """Return a text in lower case, for columns that hold one word of a fixed set."""
    return text(value).lower()


def integer(value: object) -> int:
    """Return a whole number that is not negative; 12.0 and "12" are 12, 12.5 is refused."""
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    elif isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,19}(\.0+|,00?)?\s*", value):
        number = int(re.split("[.,]", value.strip())[0])
    if number is None or not 0 <= number <= INT64_MAX:
        raise BadValueError(f"{_shown(value)} is not a whole number of 0 or more")
    return number


def share(value: object) -> float:
    """Return a share in [0, 1]."""
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not 0 <= number <= 1:
        raise BadValueError(f"{_shown(value)} is not a share between 0 and 1")
    return number


def boolean(value: object) -> bool:
    """Return a truth value; true/false, yes/no and 1/0 are understood."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, int | str) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise BadValueError(f"{_shown(value)} is neither true nor false")


def time(value: object) -> datetime:
    """Return a time in UTC from ISO 8601; a time without an offset, or a day alone, is UTC."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip().removesuffix(" UTC"))
        except ValueError:
            raise BadValueError(f"{_shown(value)} is not a time (ISO 8601)") from None
    else:
        raise BadValueError(f"{_shown(value)} is not a time (ISO 8601)")
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadValueError(f"{_shown(value)} is not a time that UTC can tell") from None


def day_seen(value: object) -> datetime:
    """Return a time in UTC, as `time` reads it, of this century: a year mistyped is none.

    No clock is asked: the same table is read alike by every machine.
    """
    moment = time(value)
    if moment >= FIRST_UNSEEN:
        raise BadValueError(f"{moment:%Y-%m-%d} is yet to come")
    return moment


def is_to_come(moment: datetime) -> bool:
    """Tell whether a moment is more than a day ahead; where a clock goes wrong, a day may be."""
    return moment > datetime.now(UTC) + timedelta(days=1)


def strings(value: object) -> list[str]:
    """Return a list of texts: a list (of texts, or of objects with a name), or a cell of a table.

    In a cell, a JSON or Python list is read as one; else it is split at ``;``, ``,`` or ``|``.
    """
    items: object = value
    if isinstance(value, str):
        items = _list_in_cell(value.strip())
    if not isinstance(items, list | tuple):
        raise BadValueError(f"{_shown(value)} is not a list")
    return [text(item.get("name") if isinstance(item, dict) else item) for item in items]


def full_name(value: object) -> str:
    """Return ``owner/name`` from a name or a GitHub address."""
    try:
        return full_name_of(text(value))
    except InputError as error:
        raise BadValueError(error.what.removesuffix(".")) from None


def full_names(value: object) -> list[str]:
    """Return a list of ``owner/name``."""
    return [full_name(item) for item in strings(value)]


def member(*names: str, then: Callable[[object], Any]) -> Callable[[object], Any]:
    """Return a reader that takes one of ``names`` out of an object, as GitHub's API nests them."""

    def read(value: object) -> Any:
        if isinstance(value, dict):
            value = next((value[name] for name in names if not is_missing(value.get(name))), None)
            if value is None:
                return None
        return then(value)

    return read


def months(value: object) -> dict[str, int]:
    """Return a number for each month (``YYYY-MM``) from an object, or from JSON in a cell."""
    if isinstance(value, str):
        try:
            value = json_value(value)
        except ValueError:
            raise BadValueError(f"{_shown(value)} is not an object of months") from None
    if not isinstance(value, dict):
        raise BadValueError(f"{_shown(value)} is not an object of months")
    for month in value:
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", str(month)):
            raise BadValueError(f"{_shown(month)} is not a month (YYYY-MM)")
    counts = {month: integer(number) for month, number in value.items() if number is not None}
    if any(count > MOST_A_MONTH for count in counts.values()):
        raise BadValueError(f"{max(counts.values())} is more than can happen in a month")
    return counts


def _list_in_cell(cell: str) -> object:
    if cell.startswith("["):
        for parse in (json.loads, ast.literal_eval):
            try:
                return parse(cell)
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
    return [part.strip() for part in _LIST_SEPARATORS.split(cell) if part.strip()]


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:59] + "…"
