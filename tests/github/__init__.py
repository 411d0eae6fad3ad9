"""A GitHub to test against: a made-up world, served as GitHub serves its own.

`make_world` makes repositories with their history and issues, `a_month_later` changes them, and
`serve` answers for them on this machine by REST and GraphQL, keeps GitHub's limits, and fails in
GitHub's ways as a plan of `Faults` says. What is true of the world at a date is in
`tests.github.history`.
"""

from tests.github.changing import Changes, a_month_later
from tests.github.clock import Clock, FakeClock, ScaledClock
from tests.github.dependents import CodeFile, Dependent, DependentWorld
from tests.github.faults import Fault, Faults
from tests.github.limits import Limits
from tests.github.making import NOW, make_world
from tests.github.server import TOKEN, FakeGitHub, serve
from tests.github.world import Issue, Repository, World

__all__ = [
    "NOW",
    "TOKEN",
    "Changes",
    "Clock",
    "CodeFile",
    "Dependent",
    "DependentWorld",
    "FakeClock",
    "FakeGitHub",
    "Fault",
    "Faults",
    "Issue",
    "Limits",
    "Repository",
    "ScaledClock",
    "World",
    "a_month_later",
    "make_world",
    "serve",
]
