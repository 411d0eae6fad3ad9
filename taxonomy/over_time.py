"""How many documents of each topic are of which period."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from artifacts.errors import InputError, check_choice
from artifacts.notebook import is_missing
from artifacts.words import NOISE

if TYPE_CHECKING:
    from pandas import DataFrame

    from taxonomy.taxonomy import Taxonomy

Frequency = Literal["D", "W", "M", "Q", "Y"]
"""How long a period is: a day, a week from Monday on, a month, a quarter, or a year."""

UNKNOWN = "unknown"
"""The period of documents whose date is not known."""
MOST_PERIODS = 10_000

Dates = Sequence[Any] | Mapping[str, Any]
"""A date a document, in their order, or by key."""


def dates_by_key(dates: Dates, keys: Sequence[str]) -> dict[str, datetime.datetime | None]:
    """Return the moment that is meant by each date, in UTC, by key; None: not known.

    Parameters
    ----------
    dates
        Of the documents of ``keys``, in their order, or by key: ISO 8601, ``datetime``, ``date`` or
        what pandas and NumPy have for it. Without a zone it is of UTC. None, NaN, an empty text,
        and a key that is not there: not known.

    Raises
    ------
    InputError
        If there are not as many as documents, or one of them is no date.
    """
    if isinstance(dates, Mapping):
        given = [dates.get(key) for key in keys]
    else:
        given = list(dates)
        if len(given) != len(keys):
            raise InputError(
                f"There are {len(keys):,} documents and {len(given):,} dates.",
                fix="give a date a document, in their order, or a dict of dates by key",
            )
    return {key: _moment(date, key) for key, date in zip(keys, given, strict=True)}


def _moment(date: Any, key: str) -> datetime.datetime | None:
    import numpy as np
    from pandas import Timestamp

    if is_missing(date) or (isinstance(date, str) and not date.strip()):
        return None
    try:
        if isinstance(date, str):
            date = datetime.datetime.fromisoformat(date.strip())
        elif not isinstance(date, (datetime.date, np.datetime64)):
            raise ValueError  # a bare number would be read as nanoseconds since 1970
        moment = Timestamp(date)
    except ValueError:
        raise InputError(
            f"{date!r} is no date.", where=f"the document {key!r}", fix="write it as 2024-01-31"
        ) from None
    return moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")


def counts_over_time(
    shown: Taxonomy, dates: Mapping[str, datetime.datetime | None], freq: Frequency
) -> DataFrame:
    """Return how many documents each topic has in each period.

    Parameters
    ----------
    dates
        In UTC, by key; None, or no such key: not known.

    Returns
    -------
    pandas.DataFrame
        A row a topic, by number, and one for the unplaced (`NOISE`); a column a period, from the
        first to the last without gaps, and `UNKNOWN`. All cells add up to the documents.

    Raises
    ------
    InputError
        If there is no such frequency, or there are too many periods to count.
    """
    from pandas import DataFrame, DatetimeIndex

    check_choice(freq, get_args(Frequency), "freq")
    known = {key: date for key in shown.topic_of if (date := dates.get(key)) is not None}
    periods = DatetimeIndex(list(known.values())).tz_localize(None).to_period(freq)
    period_of = dict(zip(known, periods.astype(str), strict=True))
    columns = [*_without_gaps(periods), UNKNOWN]
    rows = [*(topic.number for topic in shown.topic_nodes), NOISE]
    n_documents = Counter((t, period_of.get(key, UNKNOWN)) for key, t in shown.topic_of.items())
    counts = [[n_documents[row, column] for column in columns] for row in rows]
    frame = DataFrame(counts, index=rows, columns=columns)
    return frame.rename_axis(index="topic", columns="period")


def _without_gaps(periods: Any) -> Iterable[str]:
    """Return the names of all periods from the first to the last."""
    from pandas import period_range

    if len(periods) == 0:
        return []
    first, last = periods.min(), periods.max()
    n_periods = (last - first).n + 1
    if n_periods > MOST_PERIODS:
        raise InputError(
            f"From {first} to {last} there are {n_periods:,} periods.",
            fix="check the first and the last date, or count longer periods: freq='Y'",
        )
    names: list[str] = period_range(first, last).astype(str).tolist()
    return names
