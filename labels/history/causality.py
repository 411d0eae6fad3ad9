"""Which of two events could have known of the other.

Most logs are one long chain, so an event is known by its chain and its place in it, and a chain by
how far into each other chain its first event looks (vector clocks: Fidge 1988, Mattern 1989).
"""

from __future__ import annotations

from collections.abc import Iterable


class Causality:
    """The order in which events could know of one another, built as they are added."""

    def __init__(self) -> None:
        self._place: dict[str, tuple[int, int]] = {}
        self._known: list[dict[int, int]] = []  # by chain: the last place known in each other one
        self._length: list[int] = []
        self.heads: set[str] = set()

    @property
    def is_one_chain(self) -> bool:
        """Tell whether every event knew of all before it."""
        return len(self._length) < 2

    def add(self, uid: str, parents: Iterable[str]) -> None:
        """Add an event whose parents were added before; raise `KeyError` if one was not."""
        named = tuple(parents)
        places = [self._place[parent] for parent in named]
        self.heads.difference_update(named)
        self.heads.add(uid)
        if len(places) == 1:
            chain, position = places[0]
            if position == self._length[chain] - 1:
                self._length[chain] += 1
                self._place[uid] = (chain, position + 1)
                return
        known: dict[int, int] = {}
        for chain, position in places:
            for other, last in (*self._known[chain].items(), (chain, position)):
                known[other] = max(last, known.get(other, -1))
        self._place[uid] = (len(self._length), 0)
        self._known.append(known)
        self._length.append(1)

    def __contains__(self, uid: object) -> bool:
        return uid in self._place

    def before(self, first: str, second: str) -> bool:
        """Tell whether the second event could have known of the first."""
        chain, position = self._place[first]
        other, place = self._place[second]
        if chain == other:
            return position < place
        return self._known[other].get(chain, -1) >= position
