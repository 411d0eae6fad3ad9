"""Progress that remembers what was said."""

from __future__ import annotations

from artifacts.progress import SilentProgress


class Heard(SilentProgress):
    """Progress that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        """Remember one sentence."""
        self.said.append(message)
