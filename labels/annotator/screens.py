"""What lies over the screen for a while: pages to read, a memo to write, a list to search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, TextArea

from artifacts.visible import restored, visible
from labels.annotator.rows import Lines, TextRow, safe

TITLE_CHARS = 60
_BOX = """
{name} {{ align: center middle; }}
{name} > Vertical {{
    width: 90%; max-width: 100; height: {height}; border: round $foreground; padding: 0 1;
}}
{name} Label {{ width: 100%; }}
{name} Input, {name} TextArea {{ margin-top: 1; }}
"""


def heading(title: str, keys: str = "") -> Label:
    """Return what stands above a box: what it is, cut if that is long, and its keys."""
    words = " ".join(safe(title).split())
    cut = f"{words[:TITLE_CHARS]}…" if len(words) > TITLE_CHARS else words
    return Label(f"{cut}  ({keys})" if keys else cut, markup=False)


class Page(ModalScreen[None]):
    """Something to read; a key may go to the row with its tag."""

    CSS = _BOX.format(name="Page", height="90%")
    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "scroll(-1)"),
        ("down", "scroll(1)"),
        ("pageup", "page(-1)"),
        ("pagedown,space", "page(1)"),
        ("home", "to_start"),
        ("end", "to_end"),
        ("escape,enter", "leave"),
    ]

    KEYS: ClassVar[str] = "Esc goes back"

    def __init__(
        self, title: str, rows: Iterable[TextRow], *, tags: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self._title, self._rows, self._tags = title, list(rows), tags or {}

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        keys = f"a key goes to its code, {self.KEYS}" if self._tags else self.KEYS
        with Vertical():
            yield heading(self._title, keys)
            yield Lines(id="page")

    def on_mount(self) -> None:
        """Show the rows."""
        self._page.show(self._rows)

    def on_key(self, event: events.Key) -> None:
        """Go to where a letter means, small or capital."""
        self.go_to((event.character or "").lower())

    def go_to(self, key: str) -> None:
        """Go to the row that a letter means."""
        tag = self._tags.get(key)
        line = None if tag is None else self._page.first_line(tag)
        if line is not None:
            self._page.scroll_to(y=line, animate=False)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Scroll by a line."""
        self._page.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by a screen."""
        self._page.scroll_relative(y=by * self._page.room.height, animate=False)

    def action_to_start(self) -> None:
        """Scroll to the beginning."""
        self._page.scroll_home(animate=False)

    def action_to_end(self) -> None:
        """Scroll to the end."""
        self._page.scroll_end(animate=False)

    @property
    def _page(self) -> Lines:
        return self.query_one(Lines)


class Leaves(Page):
    """Pages of which one is seen, each with a name.

    Parameters
    ----------
    keys
        The name of a page by the key that shows it; ← and → show the neighbours.
    first
        The first of these names is shown to begin with, else the first page.
    """

    CSS = _BOX.format(name="Leaves", height="90%")
    BINDINGS: ClassVar[list[BindingType]] = [("left", "turn(-1)"), ("right", "turn(1)")]
    KEYS = f"a key or ← → shows another code's, {Page.KEYS}"

    def __init__(
        self,
        title: str,
        leaves: Mapping[str, Sequence[TextRow]],
        *,
        keys: Mapping[str, str],
        first: Sequence[str] = (),
    ) -> None:
        self._leaves, self._keys, self._names = leaves, keys, list(leaves)
        self._at = self._names.index(first[0]) if first else 0
        super().__init__(title, leaves[self._names[self._at]])

    def go_to(self, key: str) -> None:
        """Show the page that a letter means."""
        name = self._keys.get(key)
        if name is not None:
            self._turn_to(self._names.index(name))

    def action_turn(self, by: int) -> None:
        """Show the page before, or after."""
        self._turn_to((self._at + by) % len(self._names))

    def _turn_to(self, place: int) -> None:
        self._at = place
        self._page.show(self._leaves[self._names[place]])


class Memo(ModalScreen[str]):
    """A text to write; it is kept when the coder leaves."""

    CSS = _BOX.format(name="Memo", height="14")
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """Lay out the text area."""
        with Vertical():
            yield heading(self._title)
            yield Label("Esc keeps it and goes back.")
            yield TextArea(visible(self._text))

    def on_mount(self) -> None:
        """Go on where the text ends."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)

    def action_leave(self) -> None:
        """Leave, and hand the text back."""
        self.dismiss(restored(self.query_one(TextArea).text))


class Picker(ModalScreen[str | None]):
    """A list that gets shorter as one types; Enter takes the line that is marked.

    Parameters
    ----------
    find
        Returns what a query means: tags, and the lines to show for them.
    """

    CSS = _BOX.format(name="Picker", height="90%")
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave"),
        ("up", "move(-1)"),
        ("down", "move(1)"),
    ]

    def __init__(self, title: str, find: Callable[[str], Sequence[tuple[str, TextRow]]]) -> None:
        super().__init__()
        self._title, self._find = title, find
        self._found: Sequence[tuple[str, TextRow]] = ()
        self._at = 0

    def compose(self) -> ComposeResult:
        """Lay out the field and the list."""
        with Vertical():
            yield heading(self._title, "↑ ↓ choose, Enter takes it, Esc leaves")
            yield Input()
            yield Lines(id="found")

    def on_mount(self) -> None:
        """Show what there is before anything is typed."""
        self._search("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search for what was typed."""
        self._search(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what is marked, if anything was found."""
        if self._found:
            self.dismiss(self._found[self._at][0])

    def action_leave(self) -> None:
        """Go back, and take nothing."""
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Mark another line."""
        if self._found:
            self._at = (self._at + by) % len(self._found)
            self._mark()

    def _search(self, query: str) -> None:
        self._found, self._at = self._find(query), 0
        self._mark()

    def _mark(self) -> None:
        pane = self.query_one(Lines)
        rows = [row for _, row in self._found]
        if rows:
            marked = rows[self._at]
            text = marked.text.copy()
            text.stylize("reverse")
            rows[self._at] = TextRow(text, f"▸{marked.first[1:] or ' '}", marked.rest, marked.tag)
        pane.show(rows)
        pane.scroll_to(y=max(self._at - pane.room.height // 2, 0), animate=False)


class Form(ModalScreen[tuple[str, ...] | None]):
    """Some fields to fill in; Enter goes from one to the next, and hands them back at the end."""

    CSS = _BOX.format(name="Form", height="auto")
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave")]

    def __init__(self, title: str, fields: Sequence[str], values: Sequence[str] = ()) -> None:
        super().__init__()
        self._title, self._fields = title, fields
        self._values = values or [""] * len(fields)

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        with Vertical():
            yield heading(self._title, "Enter goes on, Esc leaves")
            for field, value in zip(self._fields, self._values, strict=True):
                yield Input(value, placeholder=field)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field, or hand all back after the last."""
        inputs = list(self.query(Input))
        place = inputs.index(event.input)
        if place + 1 < len(inputs):
            inputs[place + 1].focus()
        else:
            self.dismiss(tuple(field.value for field in inputs))

    def action_leave(self) -> None:
        """Go back, and hand nothing back."""
        self.dismiss(None)
