"""Adjudication without a screen: outcomes as JSON lines."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault
from labels.adjudication import Adjudication


class _Outcome(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    item: str
    variable: str
    codes: list[str]
    memo: str = ""


def settle_from_lines(adjudication: Adjudication, lines: Iterable[str]) -> int:
    """Settle what each line says: ``{"item": …, "variable": …, "codes": […], "memo": "…"}``.

    Returns how many were settled. Each is on disk before the next is read.

    Raises
    ------
    InputError
        At the first line that cannot be settled, with its number; those before it stay.
    """
    n_settled = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"standard input, line {number}"
        kept = f"; what the {n_settled:,} lines before it settled is kept" if n_settled else ""
        try:
            outcome = _Outcome.model_validate_json(line)
            codes = adjudication.labels.book.meant(outcome.codes)
            adjudication.settle(outcome.item, outcome.variable, codes, memo=outcome.memo)
        except ValidationError as error:
            raise InputError(
                f"The line is no outcome: {first_fault(error)}{kept}.",
                where=where,
                fix='write {"item": "…", "variable": "…", "codes": ["…"]}',
            ) from None
        except InputError as error:
            raise InputError(
                f"{error.what.rstrip('.')}{kept}.", where=f"{where} ({error.where})", fix=error.fix
            ) from None
        n_settled += 1
    return n_settled
