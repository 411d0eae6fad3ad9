"""Whether enough is known for a snapshot to be sealed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from artifacts.progress import Progress
from mining.github.errors import UnfinishedError
from mining.github.job import Job
from mining.github.unknown import ISSUES, REPOSITORIES, Ledger, UnknownScope

LEAST_ALLOWED = 3
SCOPES: tuple[UnknownScope, ...] = (REPOSITORIES, ISSUES)


@dataclass(frozen=True)
class SealCheck:
    """What is unknown held against what the study allows, by how much there is."""

    ledger: Ledger
    n_rows: Mapping[UnknownScope, int]
    job: Job

    def refuse_unfinished(self, progress: Progress) -> None:
        """Refuse to seal where more is unknown for now than the study allows; say what it is.

        Raises
        ------
        UnfinishedError
            If so, unless it was tried on enough days, or the user accepts it.
        """
        over = [scope for scope in SCOPES if self._is_over(scope)]
        if not over or self.job.accepts:
            return
        for note in self.ledger.notes():
            progress.say(note)
        raise UnfinishedError(
            f"Too much is unknown for now to seal {self.job.snapshot}: "
            f"{', '.join(map(self._told, over))}.",
            where="mining.most_unknown",
            fix="go on later with the same command, which asks for what is unknown alone; or seal "
            "it as it is, with --accept-unknown",
        )

    def facts(self) -> dict[str, Any]:
        """Return what the manifest says of what is unknown; nothing if nothing is."""
        if not self.ledger.entries:
            return {}
        facts: dict[str, Any] = {
            "unknown": self.ledger.document(),
            "unknown_for_now": {scope: self._number(scope) for scope in SCOPES},
        }
        if any(map(self._is_over, SCOPES)):
            tries = ", ".join(self.job.tries)
            accepted = self.job.accept_unknown
            facts["unknown_accepted"] = "--accept-unknown" if accepted else f"tries on {tries}"
        return facts

    def notes(self) -> Iterator[str]:
        """Yield what is unknown, in sentences, and why it is sealed all the same."""
        yield from self.ledger.notes()
        if how := self.facts().get("unknown_accepted"):
            told = ", ".join(self._told(scope) for scope in SCOPES if self._is_over(scope))
            yield f"sealed though much is unknown for now: {told}; by {how}"

    def _allowed(self, scope: UnknownScope) -> int:
        return max(LEAST_ALLOWED, int(self.n_rows[scope] * self.job.settings.most_unknown))

    def _is_over(self, scope: UnknownScope) -> bool:
        return self.ledger.for_now(scope) > self._allowed(scope)

    def _number(self, scope: UnknownScope) -> int | None:
        """Return how many are unknown for now; None if nobody knows."""
        n = self.ledger.for_now(scope)
        return int(n) if math.isfinite(n) else None

    def _told(self, scope: UnknownScope) -> str:
        n = self._number(scope)
        if n is None:
            return f"{scope}, nobody knows how many"
        return f"{n:,} of {self.n_rows[scope]:,} {scope} ({self._allowed(scope):,} may be)"
