"""Whether to ask again, and when: a pure decision on what went wrong and how often."""

from __future__ import annotations

from dataclasses import dataclass

from mining.github.errors import (
    GitHubError,
    NoAnswerError,
    NotGitHubError,
    PrimaryLimitError,
    SecondaryLimitError,
    ServerTroubleError,
)

MOST_ATTEMPTS = 6
MOST_FOR_A_LIMIT = 40
"""A budget that others share may be empty again whenever it is full."""
MOST_UNREACHABLE = 3
LONGEST_S = 60.0
SECONDARY_S = 60.0
"""GitHub asks to wait at least a minute where it does not say how long."""


@dataclass(frozen=True)
class RetryDecision:
    """Ask again after so many seconds, or not."""

    retry: bool
    after_s: float = 0.0


GIVE_UP = RetryDecision(False)


def decide(error: GitHubError, attempt: int) -> RetryDecision:
    """Return what to do after the ``attempt``-th failure, from 1, of one request."""
    match error:
        case PrimaryLimitError():
            return (
                RetryDecision(True, max(0.0, error.wait_s))
                if attempt < MOST_FOR_A_LIMIT
                else GIVE_UP
            )
        case SecondaryLimitError() if attempt < MOST_ATTEMPTS:
            longer = SECONDARY_S * 2 ** (attempt - 1)
            return RetryDecision(True, longer if error.wait_s is None else max(0.0, error.wait_s))
        case NoAnswerError(kind="unreachable") | NotGitHubError():
            most = MOST_UNREACHABLE
        case NoAnswerError() | ServerTroubleError():
            most = MOST_ATTEMPTS
        case _:
            return GIVE_UP
    return RetryDecision(True, min(LONGEST_S, 2.0**attempt)) if attempt < most else GIVE_UP
