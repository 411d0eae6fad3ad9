"""What GitHub did not tell: unknown with a reason, which is neither a value nor a fact.

Two kinds: *for now*, because an answer failed or lacks something, which may be mended tomorrow; and
*refused*, because somebody does not want it told: an organisation to this token, or the law.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from mining.drafts import few
from mining.github.errors import (
    BlockedError,
    GitHubError,
    NoAnswerError,
    NotAllowedError,
    NotGitHubError,
    RefusedError,
    ServerTroubleError,
    TooLargeError,
)

NOT_FOUND, FORBIDDEN = "NOT_FOUND", "FORBIDDEN"
UnknownScope = Literal["repositories", "issues"]
REPOSITORIES: UnknownScope = "repositories"
ISSUES: UnknownScope = "issues"
ONE_LESS = (NoAnswerError, NotGitHubError, RefusedError, ServerTroubleError, TooLargeError)
"""What may be about one thing, and no other."""
NOT_TOLD = (*ONE_LESS, BlockedError, NotAllowedError)
"""The same, and what is refused of one thing."""
SHOWN = 300
_REFUSED_TYPES = {FORBIDDEN, "INSUFFICIENT_SCOPES", "UNAUTHORIZED", "SAML_FAILURE"}
_REFUSED = re.compile(
    r"\bforbid|not permitted|\bSAML\b|IP allow list|access blocked|\bDMCA\b|not accessible by"
    r"|must grant|legal(ly)? (block|reason)|terms of service|disabled by GitHub",
    re.IGNORECASE,
)
_FIXES = (
    (
        r"IP allow list|IP address",
        "mine from a network that the organisation allows, or without a token",
    ),
    (
        r"lifetime|expir",
        "use a token with a shorter lifetime (github.com/settings/tokens), or mine without one",
    ),
    (
        r"\bSAML\b|\bSSO\b|single sign-on|must grant",
        "authorise the token for the organisation's SSO (Configure SSO at "
        "github.com/settings/tokens), or mine without one",
    ),
    (
        r"personal access token \(classic\)|classic",
        "use a fine-grained token with access to public repositories, or mine without one",
    ),
    (r"fine-grained", "use a classic token without any scope, or mine without one"),
    (r"block|DMCA|terms of service|disabled", None),
    (
        "",
        "use another kind of token (classic or fine-grained) that may read public repositories, "
        "authorised for the organisation, or mine without one",
    ),
)


class UnknownKind(StrEnum):
    """Whether it may be told tomorrow, or will not be told to this token."""

    FOR_NOW = "for now"
    REFUSED = "refused"


@dataclass(frozen=True)
class Unknown:
    """Why something is not known: in GitHub's own words where it gave some; and what helps."""

    kind: UnknownKind
    reason: str
    fix: str | None = None

    def __str__(self) -> str:
        return self.reason


LEFT_OUT = Unknown(UnknownKind.FOR_NOW, "GitHub left it out of its answer")


def refused(words: str) -> Unknown:
    """Return that GitHub refuses, with its words and what helps against that."""
    fix = next(fix for pattern, fix in _FIXES if re.search(pattern, words, re.IGNORECASE))
    return Unknown(UnknownKind.REFUSED, words, fix)


def is_about_one(error: GitHubError) -> bool:
    """Tell whether the next thing may be answered all the same: not if there is no way there."""
    return not (isinstance(error, NoAnswerError) and error.kind == "unreachable")


def unknown_of(error: GitHubError) -> Unknown:
    """Return what an error leaves unknown; that something is gone is a fact, and no such error."""
    words = error.what.removesuffix(".")
    match error:
        case BlockedError() | NotAllowedError() | RefusedError(is_forbidden=True):
            return refused(words)
        case TooLargeError(is_final=True):
            return Unknown(UnknownKind.REFUSED, words)
        case _:
            return Unknown(UnknownKind.FOR_NOW, words)


def unknown_of_one(error: GitHubError) -> Unknown:
    """Return what an error about one thing leaves unknown; raise any other."""
    if not is_about_one(error):
        raise error
    return unknown_of(error)


def unknown_at(error: Mapping[str, Any]) -> Unknown:
    """Return what an error of a part of a GraphQL answer leaves unknown."""
    words = str(error.get("message") or error.get("type") or "an error without words")
    words = " ".join(words.split())[:SHOWN].removesuffix(".")
    return refused(words) if is_refusal(error) else Unknown(UnknownKind.FOR_NOW, words)


def is_refusal(error: Mapping[str, Any]) -> bool:
    """Tell whether a GraphQL error says that something is not to be told."""
    extensions = error.get("extensions")
    saml = isinstance(extensions, Mapping) and bool(extensions.get("saml_failure"))
    known = str(error.get("type")) in _REFUSED_TYPES
    return saml or known or bool(_REFUSED.search(str(error.get("message", ""))))


@dataclass(frozen=True)
class LedgerEntry:
    """Something that is not known of a repository or an issue.

    Attributes
    ----------
    n
        How many it stands for: more than one where only their number is known.
    boundless
        Nobody knows how many it stands for: a list that breaks off.
    """

    what: str
    who: str
    unknown: Unknown
    scope: UnknownScope
    n: int = 1
    boundless: bool = False


@dataclass
class Ledger:
    """All that is unknown, of what and why: for the notes, the manifest, and the seal."""

    entries: dict[tuple[str, str], LedgerEntry] = field(default_factory=dict)

    def note(
        self,
        what: str,
        who: str,
        unknown: Unknown,
        *,
        scope: UnknownScope = REPOSITORIES,
        n: int = 1,
        boundless: bool = False,
    ) -> None:
        """Note that something (`what`) of a repository or an issue (`who`) is not known.

        Parameters
        ----------
        who
            ``owner/name``, or ``owner/name#number``.
        scope
            Among how many it counts when a snapshot is to be sealed.
        """
        self.entries[what, who] = LedgerEntry(what, who, unknown, scope, n, boundless)

    def for_now(self, scope: UnknownScope) -> float:
        """Return how many are unknown for now, each counted once; infinite if nobody knows."""
        most: dict[str, float] = defaultdict(float)
        for entry in self.entries.values():
            if entry.scope == scope and entry.unknown.kind is UnknownKind.FOR_NOW:
                n = float("inf") if entry.boundless else float(entry.n)
                most[entry.who] = max(most[entry.who], n)
        return sum(most.values())

    def notes(self) -> Iterator[str]:
        """Yield a sentence for each reason."""
        for (what, unknown), entries in self._grouped():
            names = [entry.who for entry in entries]
            n = sum(entry.n for entry in entries)
            fix = f"; to do: {unknown.fix}" if unknown.fix else ""
            yield f"{what} unknown, {unknown.kind}: {unknown.reason} ({n:,}): {few(names)}{fix}"

    def document(self) -> list[dict[str, Any]]:
        """Return all of it as the manifest keeps it."""
        return [
            {
                "what": what,
                "kind": str(unknown.kind),
                "reason": unknown.reason,
                "count": sum(entry.n for entry in entries),
                "who": [entry.who for entry in entries],
            }
            for (what, unknown), entries in self._grouped()
        ]

    def _grouped(self) -> list[tuple[tuple[str, Unknown], list[LedgerEntry]]]:
        groups: dict[tuple[str, Unknown], list[LedgerEntry]] = defaultdict(list)
        for entry in sorted(self.entries.values(), key=lambda entry: entry.who.lower()):
            groups[entry.what, entry.unknown].append(entry)
        return sorted(groups.items(), key=lambda group: (group[0][0], group[0][1].reason))
