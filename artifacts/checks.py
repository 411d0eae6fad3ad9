"""What came of a check, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from artifacts.errors import OpsatlasError


class CheckState(StrEnum):
    """Whether something works, works but should be looked at, or does not."""

    WORKS = "works"
    LOOK = "look at it"
    FAILS = "does not work"


@dataclass(frozen=True)
class CheckResult:
    """What was asked, whether it works, what came of it, and what can be done."""

    what: str
    state: CheckState
    said: str
    fix: str | None = None


def works(what: str, said: str) -> CheckResult:
    """Return that something works, and what came of it."""
    return CheckResult(what, CheckState.WORKS, said)


def failed(what: str, error: OpsatlasError) -> CheckResult:
    """Return an error as what came of a check."""
    where = f" ({error.where})" if error.where else ""
    detail = f"{error.what.removesuffix('.')}{where}"
    return CheckResult(what, CheckState.FAILS, detail, error.fix)


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What to do next: a command, and what for; no command where a person has to mend something."""

    command: str | None
    why: str

    def __str__(self) -> str:
        """Return it in a line."""
        return self.why if self.command is None else f"{self.why}: {self.command}"
