"""Months as numbers, so that they can be counted: 2026-08 is 12 · 2026 + 7."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

MONTHS_A_YEAR: Final = 12
DAYS_A_MONTH: Final = 365.25 / MONTHS_A_YEAR
"""On average: lifetimes in months are days divided by this."""


def month_of(moment: datetime) -> int:
    """Return the month (UTC) of a moment."""
    utc = moment.astimezone(UTC)
    return utc.year * MONTHS_A_YEAR + utc.month - 1


def month_from(text: str) -> int:
    """Return the month of ``2026-08``."""
    year, month = text.split("-")
    return int(year) * MONTHS_A_YEAR + int(month) - 1


def month_name(month: int) -> str:
    """Return a month as ``2026-08``."""
    year, index = divmod(month, MONTHS_A_YEAR)
    return f"{year:04}-{index + 1:02}"


def months_between(earlier: datetime, later: datetime) -> float:
    """Return how many months lie between two moments: days / 30.4375."""
    return (later - earlier).total_seconds() / 86_400 / DAYS_A_MONTH
