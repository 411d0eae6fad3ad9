"""How far the kinds that were told of repositories agree with what coders say they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.tables import rows_of
from insights.kinds.build import read_kinds
from insights.kinds.vocabulary import KINDS
from taxonomy.guidance.gold import Ceiling, Coder, Judgement, ceilings, judge, read_coder
from taxonomy.guidance.scores import Coding


def read_coders(gold: Sequence[Path], *, column: str) -> list[Coder]:
    """Read what coders called repositories, from the column of their CSV files.

    Raises
    ------
    InputError
        If a file cannot be read or names a kind that there is not.
    """
    coders = [read_coder(path, column=column) for path in gold]
    for coder in coders:
        for row in coder.rows:
            if row.label not in KINDS:
                raise InputError(
                    f"There is no kind '{row.label}'.",
                    where=f"{coder.path}, line {row.line}, {column}",
                    fix=f"kinds are {', '.join(KINDS)}",
                )
    return coders


def judge_kinds(
    folder: Path, key_of: Mapping[str, str], coders: Sequence[Coder]
) -> tuple[list[Judgement], list[Ceiling]]:
    """Return how far the kinds agree with each coder's, and the coders with each other.

    Parameters
    ----------
    folder
        Of the kinds of a snapshot's repositories.
    key_of
        The repositories' keys, by each name of theirs in lower case.
    """
    codings = {row["key"]: _coding(row) for row in rows_of(read_kinds(folder, "repositories"))}
    called: dict[str, frozenset[str]] = {kind: frozenset({kind}) for kind in KINDS}
    judgements = [judge(codings, key_of, coder, called) for coder in coders]
    return judgements, ceilings(coders, key_of, called)


def _coding(row: Mapping[str, Any]) -> Coding:
    """Return what a repository is called as the comparison with coders wants it."""
    return Coding(
        code=None if row["abstained"] else row["kind"],
        best=row["kind"],
        second=None,
        margin=row["probability"],
        share=None,
        n_coded=int(not row["abstained"]),
        size=1,
        reason="unsure" if row["abstained"] else None,
    )


def agreement_values(found: Sequence[Judgement], ceiling: Sequence[Ceiling]) -> dict[str, Any]:
    """Return the agreement as JSON-compatible values."""
    return {
        "coders": [
            {
                "name": each.name,
                "documents": each.n_judged,
                "unknown": each.unknown,
                "unsure": each.n_abstained,
                "kappa": each.kappa_forced,
                "kappa_sure": each.kappa,
                "confusion": [
                    {"coder": theirs, "called": ours, "documents": n}
                    for (theirs, ours), n in sorted(each.confusion.items())
                ],
            }
            for each in found
        ],
        "coders_with_each_other": [
            {"name": each.name, "documents": each.n_docs, "kappa": each.kappa} for each in ceiling
        ],
    }
