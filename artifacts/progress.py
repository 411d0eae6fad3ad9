"""How long work reports where it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Task(Protocol):
    """One stretch of work under way."""

    def advance(self, steps: int = 1) -> None:
        """Say that ``steps`` more steps are done."""


class Progress(Protocol):
    """Where work reports to: a terminal, a log, or nowhere."""

    def task(
        self, name: str, total: int | None, *, unit: str = "steps"
    ) -> AbstractContextManager[Task]:
        """Open a task of ``total`` steps (None: unknown)."""

    def say(self, message: str) -> None:
        """Tell the user one thing worth knowing now."""


class SilentProgress:
    """Reports to nobody; the default in libraries and tests."""

    @contextmanager
    def task(
        self, name: str, total: int | None, *, unit: str = "steps"
    ) -> Iterator[SilentProgress]:
        """Open a task that nobody sees."""
        yield self

    def advance(self, steps: int = 1) -> None:
        """Count nothing."""

    def say(self, message: str) -> None:
        """Say nothing."""
