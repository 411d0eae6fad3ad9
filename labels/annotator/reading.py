"""The document on the screen, laid out piece by piece as the coder reads on."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events

from labels.annotator.markdown import pieces, rows_of
from labels.annotator.rows import Lines, TextRow

_AHEAD = 2  # screens from the one in sight on that are laid out once there is time for it


class DocumentPane(Lines):
    """A document that is read."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._left: list[str] = []

    def read(self, above: Iterable[TextRow], text: str) -> None:
        """Show a document from its beginning: some rows, and Markdown below them."""
        self._left = pieces(text)[::-1] if text.strip() else []
        # Shown at once with what is above: the scroll bar need not go and come back.
        self.show([*above, *self._next_piece()])
        self._fill(screens=1)
        self.call_after_refresh(self._fill)

    def read_all(self) -> None:
        """Lay out all that is left."""
        while self._left:
            self.add(self._next_piece())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Lay out what comes into reach."""
        super().watch_scroll_y(old_value, new_value)
        self._fill()

    def on_resize(self, event: events.Resize) -> None:
        """Break the rows anew, and fill the room that there is now."""
        super().on_resize(event)
        self._fill()

    def _fill(self, screens: int = _AHEAD) -> None:
        wanted = self.scroll_y + screens * self.room.height
        while self._left and len(self._lines) < wanted:
            self.add(self._next_piece())

    def _next_piece(self) -> list[TextRow]:
        return list(rows_of(self._left.pop())) if self._left else []
