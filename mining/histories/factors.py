"""How few people a repository rests on: contributor absence factor and truck factor."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

_HALF: Final = 0.5
_AUTHOR_FROM: Final = 3.293
_OF_BEST: Final = 0.75


def absence_factor(contributions: Iterable[int]) -> int | None:
    """Return how few people made half of all contributions; None: there were none.

    Parameters
    ----------
    contributions
        Of each person.

    Notes
    -----
    CHAOSS, *Contributor Absence Factor*: the contributions are added from the largest on, until
    the sum reaches half of them all.

    Examples
    --------
    >>> absence_factor([1000, 202, 90, 33, 332, 343, 42, 433])
    2
    """
    ordered = sorted(contributions, reverse=True)
    total = sum(ordered)
    if total <= 0:
        return None
    reached = 0
    for n_people, each in enumerate(ordered, start=1):
        reached += each
        if 2 * reached >= total:
            return n_people
    return None


@dataclass
class FileWork:
    """Who worked on a file.

    Attributes
    ----------
    creator
        Who added it; None: not known, as it came with a merge, or by a bot.
    changes
        How often each person changed it afterwards.
    """

    creator: Hashable | None = None
    changes: Counter[Hashable] = field(default_factory=Counter)

    def authors(self) -> set[Hashable]:
        """Return who knows the file well, by their degree of authorship."""
        n_changes = self.changes.total()
        people = set(self.changes) | ({self.creator} - {None})
        degrees = {
            person: degree_of_authorship(
                is_first=person == self.creator,
                deliveries=self.changes[person],
                by_others=n_changes - self.changes[person],
            )
            for person in people
        }
        best = max(degrees.values(), default=0.0)
        return {
            person
            for person, degree in degrees.items()
            if degree >= _AUTHOR_FROM and degree >= _OF_BEST * best
        }


def degree_of_authorship(*, is_first: bool, deliveries: int, by_others: int) -> float:
    """Return how well somebody knows a file: 3.293 + 1.098 FA + 0.164 DL − 0.321 ln(1 + AC).

    Parameters
    ----------
    is_first
        Whether they created it (FA).
    deliveries, by_others
        Changes afterwards: theirs (DL), and those of others (AC).

    Notes
    -----
    Avelino, Passos, Hora, Valente: *A novel approach for estimating truck factors*, ICPC 2016,
    after Fritz et al. 2014.
    """
    return _AUTHOR_FROM + 1.098 * is_first + 0.164 * deliveries - 0.321 * math.log1p(by_others)


def truck_factor(authors: Mapping[str, AbstractSet[Hashable]]) -> int | None:
    """Return how many people must leave until less than half of the files have an author left.

    Who is author of most files leaves first; among equals, the one who was first in the order of
    files. None: no file has an author.

    Parameters
    ----------
    authors
        Of each file (`FileWork.authors`).

    Notes
    -----
    Avelino et al. 2016, section III.
    """
    of_person: dict[Hashable, set[str]] = defaultdict(set)
    left: dict[str, int] = {}
    for file, people in authors.items():
        left[file] = len(people)
        for person in people:
            of_person[person].add(file)
    n_covered = sum(n > 0 for n in left.values())
    if n_covered == 0:
        return None
    n_gone = 0
    while of_person and n_covered >= _HALF * len(left):
        files = of_person.pop(max(of_person, key=lambda person: len(of_person[person])))
        for file in files:
            left[file] -= 1
            n_covered -= left[file] == 0
        n_gone += 1
    return n_gone
