"""Which authors are one person: a careful joining of names and addresses within a repository."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Sequence, Set
from typing import Final

from mining.histories.authors import github_account

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_NO_ONE: Final = frozenset(
    {
        "admin admin",
        "first last",
        "firstname lastname",
        "first name last name",
        "john doe",
        "jane doe",
        "no author",
        "no name",
        "not committed yet",
        "root root",
        "test user",
        "ubuntu user",
        "unknown author",
        "unknown user",
        "user name",
        "your full name",
        "your name",
    }
)
"""Names that anybody may have left in a configuration."""
_HANDLE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{3,38}")
_NO_LETTER: Final = re.compile(r"[0-9_-]")
_LOGIN_FROM: Final = 7
_NO_HOST: Final = re.compile(
    r"localhost|.*\.(?:local|localdomain|lan|internal|home)|[^.]*|\(none\)|.*\.\(none\)"
    r"|example\.(?:com|org|net)|.*\.example"
)
"""Hosts at which the same address may be anybody's."""


def one_person(authors: Sequence[tuple[str, str]]) -> list[int]:
    """Return for each author (name, e-mail) the number of the person that it is, from 0 on.

    Authors are one person if they have the same address, or the same account of GitHub (its noreply
    addresses hold the login, and mostly the number), or the same full name: two words at least, as
    within one repository two people of one name are rarer than people of two addresses. So does a
    name that is one word, if it is an account's: with a digit, hyphen or underscore in it, or a
    login, of seven characters or more, that is known here. Names never join accounts of different
    numbers. An address without a real host, and a first name, join nothing by themselves; together
    they do.

    Notes
    -----
    Who used another name with another address, neither of which occurs with the first, counts
    twice, unless the repository has a mailmap; the mailmap was applied before.
    """
    groups = _Groups(len(authors))
    first: dict[Hashable, int] = {}

    def join(key: Hashable, at: int) -> None:
        groups.join(first.setdefault(key, at), at)

    accounts = [github_account(email) for _, email in authors]
    by_login: dict[str, set[int]] = defaultdict(set)
    for login, number in accounts:
        if login is not None and number is not None:
            by_login[login].add(number)
    for at, ((name, email), (login, number)) in enumerate(zip(authors, accounts, strict=True)):
        groups.mark(at, number)
        address = email.strip().lower()
        plain = " ".join(name.lower().split())
        join(("exactly", plain, address), at)
        if number is not None:
            join(("number", number), at)
        elif login is not None:
            # A login without a number is that number's, if there is just one.
            numbers = by_login.get(login, set())
            join(("number", *numbers) if len(numbers) == 1 else ("login", login), at)
        elif _is_address(address):
            join(("address", address), at)
    logins = {login for login, _ in accounts if login is not None}
    for at, ((name, _), (login, _)) in enumerate(zip(authors, accounts, strict=True)):
        names = (_full_name(name), _handle(name, logins), _handle(login or "", logins))
        for whole in filter(None, names):
            groups.join_unless_marked_apart(first.setdefault(("name", whole), at), at)
    return groups.numbered()


def _is_address(address: str) -> bool:
    local, at, host = address.rpartition("@")
    return bool(at and local) and not _NO_HOST.fullmatch(host)


def _full_name(name: str) -> str | None:
    plain = " ".join(name.lower().split())
    is_full = len(_WORD.findall(plain)) >= 2 and "@" not in plain and plain not in _NO_ONE
    return plain if is_full else None


def _handle(name: str, logins: Set[str]) -> str | None:
    """Return a name that is the name of an account, in lower case."""
    plain = name.strip().lower()
    is_one = _HANDLE.fullmatch(plain) is not None
    is_told = bool(_NO_LETTER.search(plain)) or (plain in logins and len(plain) >= _LOGIN_FROM)
    return plain if is_one and is_told else None


class _Groups:
    """Things that are joined one by one, each with the accounts that are known of it."""

    def __init__(self, n: int) -> None:
        self._root = list(range(n))
        self._marks: list[set[int]] = [set() for _ in range(n)]

    def mark(self, at: int, number: int | None) -> None:
        if number is not None:
            self._marks[self._find(at)].add(number)

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self._find(one), self._find(other)))
        if low != high:
            self._root[high] = low
            self._marks[low] |= self._marks[high]

    def join_unless_marked_apart(self, one: int, other: int) -> None:
        marks = self._marks[self._find(one)], self._marks[self._find(other)]
        if not all(marks) or marks[0] & marks[1]:
            self.join(one, other)

    def numbered(self) -> list[int]:
        numbers: dict[int, int] = {}
        return [
            numbers.setdefault(self._find(each), len(numbers)) for each in range(len(self._root))
        ]

    def _find(self, at: int) -> int:
        while self._root[at] != at:
            self._root[at] = self._root[self._root[at]]
            at = self._root[at]
        return at
