"""How many things are asked for at once: few at first, more while GitHub is quick.

The size of a batch is part of what is asked, and so of the key of its answer: it follows from the
answers alone, and from how long they took as it is kept beside them. A mining that goes on, or is
replayed, thus asks for the same batches.
"""

from __future__ import annotations

from dataclasses import dataclass

QUICK_S, SLOW_S = 3.0, 8.0
"""An answer that took less lets batches grow, one that took more lets them shrink; GitHub itself
gives up after 10 s."""
FIRST_SHARE = 8
"""The first batch is this part of the largest."""
AGAIN_SHARE = 2
"""The same where GitHub was asked before, and was quick enough for a snapshot."""


@dataclass
class Pace:
    """The size of the next batch, of the smallest for slowness alone, and of the largest."""

    size: int
    least: int
    most: int

    @classmethod
    def up_to(cls, most: int, *, share: int) -> Pace:
        """Return the pace of a beginning: with that part of the largest batch."""
        first = max(1, most // share)
        return cls(first, first, most)

    def took(self, n: int, seconds: float | None) -> None:
        """Learn how long the answer to a batch of ``n`` took; None: it was not noted."""
        if seconds is None or n < self.size:
            return
        if seconds < QUICK_S:
            self.size = min(self.most, 2 * self.size)
        elif seconds > SLOW_S:
            self.size = self.most = max(self.least, self.size // 2)

    def shrink(self) -> None:
        """Ask for half as much from now on, and for no more: there were no answers in time."""
        self.size = self.most = max(1, self.size // 2)
        self.least = min(self.least, self.size)


def n_batches(n: int, most: int, share: int = FIRST_SHARE) -> int:
    """Return in how many batches ``n`` things are asked for if every answer is quick."""
    pace, number = Pace.up_to(most, share=share), 0
    while n > 0:
        if pace.size == most:
            return number + -(-n // most)
        n -= pace.size
        number += 1
        pace.took(pace.size, 0.0)
    return number
