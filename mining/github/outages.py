"""Whether GitHub fails at one thing, or at all: the one is left out, the other is waited for.

Things that fail one after another, with nothing answered between them, are not the cause. So what
was answered before is asked again: if that is answered now, it is about those things after all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mining.github.errors import (
    GitHubError,
    NoAnswerError,
    NotGitHubError,
    OutageError,
    RefusedError,
    ServerTroubleError,
    TooLargeError,
)
from mining.github.limits import Limits
from mining.github.requests import ApiRequest

IN_A_ROW = 3
WAITS_S = (60.0, 120.0, 240.0, 480.0, 600.0)
"""How long an outage is waited for, each time before another attempt: 25 min in all."""
ONE_LESS = (NoAnswerError, NotGitHubError, RefusedError, ServerTroubleError, TooLargeError)
"""What may be about one thing, and no other."""
_OPERATION = re.compile(r"\s*query\s+(\w+)")
_REPOSITORY = re.compile(r"/repos/[^/]+/[^/]+|/repositories/\d+")


def is_about_one(error: GitHubError) -> bool:
    """Tell whether the next thing may be answered all the same: not if there is no way there."""
    return not (isinstance(error, NoAnswerError) and error.kind == "unreachable")


@dataclass
class Outages:
    """What was answered last of each kind of request, and how much failed since anything was."""

    works: Callable[[ApiRequest], bool]
    answered: dict[str, ApiRequest] = field(default_factory=dict)
    n_failed: int = 0
    n_waited: int = 0

    def note_answer(self, request: ApiRequest) -> None:
        """Note that GitHub answers."""
        self.answered[kind_of(request)] = request
        self.n_failed = self.n_waited = 0

    def waited(self, request: ApiRequest, error: GitHubError, limits: Limits) -> bool:
        """Tell, when a request was given up, whether an outage was waited for, and it is not over.

        Raises
        ------
        OutageError
            If that was done as often as makes sense.
        """
        is_theirs = isinstance(error, ServerTroubleError | NoAnswerError) and is_about_one(error)
        if not is_theirs and not isinstance(error, NotGitHubError):
            return False
        probe = self.answered.get(kind_of(request))
        if is_theirs:
            self.n_failed += 1
            if self.n_failed < IN_A_ROW:
                return False
        elif request.query is None:  # something in between may not like this one address
            probe = probe or next(iter(self.answered.values()), None)
        if probe is not None and self.works(probe):
            self.n_failed = self.n_waited = 0
            return False
        if self.n_waited == len(WAITS_S):
            raise OutageError(
                f"GitHub was waited for in vain, and answers none of these ({kind_of(request)}): "
                f"{error.what}",
                where=error.where,
                fix=error.fix or "go on later with the same command (githubstatus.com tells when)",
            ) from error
        why = f"GitHub to answer again ({error.what.removesuffix('.')})"
        limits.wait(WAITS_S[self.n_waited], why, request.resource)
        self.n_waited += 1
        return True


def kind_of(request: ApiRequest) -> str:
    """Return what a request has in common with others of its kind."""
    operation = _OPERATION.match(request.query or "")
    return operation[1] if operation else _REPOSITORY.sub("/repos", request.path)
