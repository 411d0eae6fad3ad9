"""What can go wrong when GitHub is asked.

    GitHubError
    ├── NoAnswerError        the time ran out, the connection broke, or there is no way to it
    ├── PrimaryLimitError    the requests of the hour (search: of the minute) are used up
    ├── SecondaryLimitError  too many at once or in too short a time
    ├── ServerTroubleError   GitHub failed, or its answer is broken
    ├── NotGitHubError       something else answered: a proxy, the login page of a network
    ├── OutageError          GitHub fails whatever is asked, and has been waited for
    ├── UnfinishedError      too much is unknown for now
    ├── TooLargeError        more was asked than GitHub gives at a time; less can be asked
    ├── BadCredentialsError  the token is wrong, expired, or missing where one is needed
    ├── NotAllowedError      the token is good, but may not do this
    ├── BlockedError         GitHub has blocked the repository
    ├── RenamedError         it is elsewhere now
    ├── GoneError            it is not there: deleted, private, or never there
    ├── RefusedError         GitHub does not understand what was asked
    └── NotStoredError       a replay needs an answer that was never received

`mining.github.requests` tells which it is, `mining.github.limits` what to do about it.
"""

from __future__ import annotations

from artifacts.errors import OpsatlasError


class GitHubError(OpsatlasError):
    """Asking GitHub did not give what was asked for."""


class NoAnswerError(GitHubError):
    """There was no whole answer; `kind` is "timeout", "dropped" or "unreachable"."""

    def __init__(
        self, what: str, *, kind: str, where: str | None = None, fix: str | None = None
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.kind = kind


class PrimaryLimitError(GitHubError):
    """The budget of a resource is used up; `wait_s` seconds until it is full again."""

    def __init__(self, what: str, *, wait_s: float, where: str | None = None) -> None:
        super().__init__(what, where=where, fix="wait, or run the same command later")
        self.wait_s = wait_s


class SecondaryLimitError(GitHubError):
    """GitHub asks to go slower; `wait_s` says how long to wait, if it says so."""

    def __init__(self, what: str, *, wait_s: float | None, where: str | None = None) -> None:
        super().__init__(what, where=where, fix="run the same command again in an hour")
        self.wait_s = wait_s


class ServerTroubleError(GitHubError):
    """GitHub answered with an error of its own, or with what is no whole answer."""

    def __init__(self, what: str, *, where: str | None = None) -> None:
        super().__init__(what, where=where, fix="go on later with the same command")


class NotGitHubError(GitHubError):
    """What answered is not GitHub's API."""


class OutageError(GitHubError):
    """Nothing of what is asked is answered, so that it is not about one thing."""


class UnfinishedError(GitHubError):
    """GitHub did not tell enough, so that there is nothing to seal yet."""


class TooLargeError(GitHubError):
    """GitHub did not get ready in time; or, `is_final`, gives no list of this length."""

    def __init__(self, what: str, *, where: str | None = None, is_final: bool = False) -> None:
        super().__init__(what, where=where)
        self.is_final = is_final


class BadCredentialsError(GitHubError):
    """The token is not accepted."""


class NotAllowedError(GitHubError):
    """The token may not see this."""


class BlockedError(GitHubError):
    """The repository is blocked, by law or by GitHub's terms."""


class RenamedError(GitHubError):
    """What was asked for is at another path now, `location`."""

    def __init__(self, what: str, *, location: str, where: str | None = None) -> None:
        super().__init__(what, where=where)
        self.location = location


class GoneError(GitHubError):
    """There is nothing here, or nothing that this token may see."""


class RefusedError(GitHubError):
    """The request itself is not accepted; `is_forbidden` if it is for who asks."""

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        fix: str | None = None,
        is_forbidden: bool = False,
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.is_forbidden = is_forbidden


class NotStoredError(GitHubError):
    """The raw answers do not hold this one."""
