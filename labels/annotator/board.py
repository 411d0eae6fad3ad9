"""The board that coders and adjudicators work at: a document, what is asked of it, and keys."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from artifacts.errors import InputError, OpsatlasError
from labels.annotator.asking import KEYS, QUIT_KEY, Asking, matching
from labels.annotator.markdown import DocumentPane
from labels.annotator.panels import code_tag, details_rows, example_rows, tagged_code
from labels.annotator.rows import Lines, TextRow, lines_of, row, safe
from labels.records import Document

FOOT_LINES, NOTICE_LINES = 3, 3
HELD_LINES = 8
FOUND_SHOWN = 30
ALWAYS_TOLD = 2
"""Keys that are hinted at however narrow the window is: help, and the way out."""
WIDTHS = [(0, "-narrow"), (100, "-wide"), (130, "-broad")]
"""From how many columns on the codes have more room."""

STYLE = f"""
#head {{ height: 1; text-style: reverse; scrollbar-size-vertical: 0; }}
#foot {{ height: {FOOT_LINES}; scrollbar-size-vertical: 0; overflow-y: hidden; }}
#reading {{ width: 1fr; padding: 0 1; }}
#side {{ width: 36; border-left: vkey $foreground; }}
.-wide #side {{ width: 42; }}
.-broad #side {{ width: 56; }}
#book {{ height: 1fr; }}
#held {{ display: none; border-top: dashed $foreground; }}
"""


class Shortcut(NamedTuple):
    """A key, what it does, and how that is said in the help.

    Attributes
    ----------
    shown
        How the keys are written for people.
    hint
        A word for the line of hints at the bottom; empty: it is in the help alone.
    """

    keys: str
    action: str
    shown: str
    says: str
    hint: str = ""


READING: tuple[Shortcut, ...] = (
    Shortcut("space,pagedown", "page(1)", "Space PgDn", "read on by a screen"),
    Shortcut("pageup", "page(-1)", "PgUp", "read back by a screen"),
    Shortcut("up", "scroll(-1)", "↑", "read back by a line"),
    Shortcut("down", "scroll(1)", "↓", "read on by a line"),
    Shortcut("home", "to_start", "Home", "to the beginning of the document"),
    Shortcut("end", "to_end", "End", "to its end"),
    Shortcut("less_than_sign", "scroll_book(-1)", "<", "scroll the codes back"),
    Shortcut("greater_than_sign", "scroll_book(1)", ">", "scroll the codes on"),
)
MEMO = Shortcut("colon", "memo", ":", "write a memo", "memo")
UNDO = Shortcut(
    "backspace,ctrl+z", "take_back", "Bksp", "undo, as often as you like (also ^Z)", "undo"
)
REDO = Shortcut("ctrl+y", "do_again", "^Y", "redo")
EXAMPLES = Shortcut(
    "asterisk", "examples", "*", "examples of each code, your own among them", "examples"
)
SEARCH = Shortcut("slash", "search", "/", "search the codes by name, definition or alias", "search")
DETAILS = Shortcut(
    "equals_sign", "details", "=", "read the codebook: when to use which code", "codebook"
)
LAST: tuple[Shortcut, ...] = (
    Shortcut("left", "step(-1)", "←", "the document before"),
    Shortcut("right", "step(1)", "→", "the document after"),
    Shortcut("question_mark", "help", "?", "all keys", "keys"),
    Shortcut("ctrl+c", "quit", QUIT_KEY, "leave; everything is saved already", "quit"),
)
"""No command is a letter alone. ^Q is Ctrl+Q, which Textual binds, in memos and forms as well."""


def bindings(shortcuts: Iterable[Shortcut]) -> list[BindingType]:
    """Return the shortcuts as Textual wants them."""
    return [Binding(keys, action, says, show=False) for keys, action, _, says, _ in shortcuts]


class Board(App[None]):
    """What the annotator and the adjudicator share: the panes, reading, notices, errors."""

    ENABLE_COMMAND_PALETTE = False
    CSS = STYLE
    HORIZONTAL_BREAKPOINTS = WIDTHS
    WORK: ClassVar[tuple[Shortcut, ...]] = ()
    """The commands beyond reading."""
    OVER: ClassVar[str] = ""
    """What is said where no document is in sight."""
    OWN: ClassVar[str] = ""
    """What stands above documents that were given a code here."""

    def __init__(self) -> None:
        # The terminal's own colours: whoever codes for an afternoon has chosen them. Said at once:
        # what NO_COLOR does is settled here, and to a theme with colours it is something else.
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.notice = Text()
        self._read: object = None
        self._heights: dict[Lines, int] = {}
        self.head, self.foot = Lines(id="head"), Lines(id="foot")
        self.reading = DocumentPane(id="reading")
        self.book, self.held = Lines(id="book"), Lines(id="held")
        self.side = Vertical(self.book, self.held, id="side")

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        yield self.head
        yield Horizontal(self.reading, self.side)
        yield self.foot

    def on_mount(self) -> None:
        """Show the first document, once it is known how much room there is."""
        self.notice = Text(safe(self.asking.where_one_was()))
        self.call_after_refresh(self.paint)

    def on_resize(self, event: events.Resize) -> None:
        """Show everything anew: panes are as high as what is in them."""
        self.call_after_refresh(self.paint)

    def on_app_blur(self) -> None:
        """Stop counting the seconds while people are in another window."""
        self.asking.watch.pause()

    def on_app_focus(self) -> None:
        """Go on counting the seconds."""
        self.asking.watch.touch()

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is there, whichever pane or page takes the key."""
        if isinstance(event, events.InputEvent):
            self.asking.watch.touch()
        await super().on_event(event)

    def paint(self) -> None:
        """Show everything as it is now."""
        raise NotImplementedError

    @property
    def asking(self) -> Asking:
        """Return what is asked."""
        raise NotImplementedError

    def look_anew(self) -> None:
        """Read what others changed."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """Take the keys that choose; all others are bound to commands."""
        if not self.is_covered and self.chooses(event.character or ""):
            event.stop()

    def chooses(self, key: str) -> bool:
        """Take the key of a code, also as a capital letter, and tell whether it can be one."""
        key = key.lower()
        if len(key) != 1 or key not in KEYS:
            return False
        code = self.asking.keys().get(key)
        self.decide(lambda: self.asking.choose(code) if code else f"No code has the key {key}.")
        return True

    def on_lines_picked(self, event: Lines.Picked) -> None:
        """Take a click on a code for its key."""
        code = tagged_code(event.tag)
        if code is not None and not self.is_covered:
            self.decide(lambda: self.asking.choose(code) if code else self.asking.choose_none())

    @property
    def is_covered(self) -> bool:
        """Tell whether a page, a list or a form lies over the board."""
        return len(self.screen_stack) > 1

    def do(self, work: Callable[[], str]) -> bool:
        """Do what a key asks for, show what came of it, and tell whether it was done.

        What cannot be done or written is said on the screen, which stays as it is.
        """
        try:
            message = work()
        except OpsatlasError as error:
            self._say_error(error)
            return False
        self.notice = Text(safe(message))
        self.paint()
        return True

    def decide(self, work: Callable[[], str]) -> None:
        """Do what concerns the document in sight, if one is."""
        self.do((lambda: self.OVER) if self.asking.is_over else work)

    def show_foot(self, progress: str) -> None:
        """Show how far it is, what is to be noticed, and the keys."""
        width = self.size.width
        notice = TextRow(self.notice, " ", " ", n_lines=NOTICE_LINES)
        lines = lines_of(notice, width, self.console)
        self._make_high(self.foot, FOOT_LINES - 1 + len(lines))
        hints = row(self._hints(width - 1), "dim", first=" ", n_lines=1)
        self.foot.show([row(progress, n_lines=1), notice, hints])

    def show_head(self, document: Document, *, place: int, of: int, marks: Sequence[str]) -> None:
        """Show which document is read."""
        text = Text.assemble((f" {safe(document.title)}", "bold"), f"  {place + 1:,}/{of:,}")
        for mark in marks:
            text.append(f"  {mark}", "bold")
        self.head.show([TextRow(text, n_lines=1)])

    def show_in_height(self, pane: Lines, rows: Sequence[TextRow], most: int) -> None:
        """Show rows in a pane as high as they and its border need; without rows the pane is hidden.

        Parameters
        ----------
        most
            How high it may be.
        """
        pane.show(rows)
        width = pane.room.width or self.side.size.width - 2
        n_lines = sum(len(lines_of(paragraph, width, self.console)) for paragraph in rows)
        self._make_high(pane, min(n_lines + 1, most) if rows else 0)

    def _make_high(self, pane: Lines, height: int) -> None:
        if height != self._heights.get(pane):  # it has everything laid out anew
            self._heights[pane] = height
            pane.styles.height = height
            pane.display = height > 0

    def document(self, load: Callable[[str], Document], item: str) -> Document:
        """Return a document; in place of one that cannot be read, what is wrong."""
        try:
            return load(item)
        except OpsatlasError as error:
            return Document(item, item, f"**The document cannot be read.** {error}")

    def read(self, what: object, above: Iterable[TextRow], text: str) -> None:
        """Show a document from its beginning, unless it is the one that is shown."""
        if self._read != what:
            self._read = what
            self.reading.read(above, text)

    def action_go_on(self) -> None:
        """Go on to the next variable or document."""
        self.do(self.asking.go_on)

    def action_none(self) -> None:
        """Say that no code applies."""
        self.decide(self.asking.choose_none)

    def action_turn(self, step: int) -> None:
        """Ask another variable."""
        self.decide(lambda: self.asking.turn(step))

    def action_take_back(self) -> None:
        """Undo."""
        self.do(self.asking.take_back)

    def action_do_again(self) -> None:
        """Redo."""
        self.do(self.asking.do_again)

    def action_step(self, by: int) -> None:
        """Show the document before or after; the last one where none is in sight."""
        by = 0 if self.asking.is_over else by
        self.do(lambda: self.asking.step(by))

    def action_scroll(self, by: int) -> None:
        """Scroll the document by lines."""
        self.reading.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll the document by screens, with a line in common."""
        step = max(self.reading.room.height - 1, 1)
        self.reading.scroll_relative(y=by * step, animate=False)

    def action_to_start(self) -> None:
        """Scroll the document to its beginning."""
        self.reading.scroll_home(animate=False)

    def action_to_end(self) -> None:
        """Scroll the document to its end."""
        self.reading.read_all()
        self.reading.scroll_end(animate=False)

    def action_scroll_book(self, by: int) -> None:
        """Scroll the codes by half a pane."""
        pane = self.book
        pane.scroll_relative(y=by * max(pane.room.height // 2, 1), animate=False)

    def action_help(self) -> None:
        """Show all keys."""
        # Here and below: the fields of Textual take long to import, and are not needed to begin.
        from labels.annotator.screens import Page

        self.push_screen(Page("Keys", self._help_rows()))

    def action_details(self) -> None:
        """Show all that the codebook says of the codes to choose from."""
        from labels.annotator.screens import Page

        if not self.asking.is_over:
            tags = {key: code_tag(code) for key, code in self.asking.keys().items()}
            rows = details_rows(self.asking.codes())
            self.push_screen(Page(self.asking.asked.name, rows, tags=tags))

    def action_search(self) -> None:
        """Search the codes."""
        from labels.annotator.screens import Picker

        if not self.asking.is_over:
            self.push_screen(Picker("Search the codes", self._codes_found), self._take_code)

    def action_examples(self) -> None:
        """Show examples of the code that is chosen, or of the first; a key shows its code's."""
        from labels.annotator.screens import Leaves

        asking = self.asking
        if asking.is_over or not asking.codes():
            self.do(lambda: self.OVER if asking.is_over else "There is no code yet.")
            return
        key_of = {code: key for key, code in asking.keys().items()}
        coded_so, titles = asking.coded_so(), asking.work.labels.titles()
        leaves = {}
        for code in asking.codes():
            own = [titles[item] for item in coded_so.get(code.id, ())]
            rows = example_rows(code, key_of.get(code.id, "/"), own, own=self.OWN)
            leaves[code.id] = list(rows)
        self.push_screen(Leaves("Examples", leaves, keys=asking.keys(), first=asking.chosen))

    async def action_quit(self) -> None:
        """Leave; out of a page, a form or a memo, which is kept, back to the board first."""
        if self.is_covered:
            await self.run_action("leave", self.screen)
        else:
            await super().action_quit()

    def write(self, title: str, text: str, keep: Callable[[str], str]) -> None:
        """Let people write a text; what could not be kept is there to be kept again."""
        from labels.annotator.screens import Memo

        def kept(written: str | None) -> None:
            if written is not None and not self.do(lambda: keep(written)):
                self.write(title, written, keep)

        self.push_screen(Memo(title, text), kept)

    def _codes_found(self, query: str) -> Sequence[tuple[str, TextRow]]:
        key_of = {code: key for key, code in self.asking.keys().items()}
        return [
            (
                code.id,
                row(
                    f"{code.name}: {code.definition}",
                    first=f" {key_of.get(code.id, ' ')}  ",
                    n_lines=1,
                ),
            )
            for code in matching(self.asking.codes(), query)
        ]

    def _take_code(self, code: str | None) -> None:
        if code is not None:
            self.decide(lambda: self.asking.choose(code))

    def _hints(self, width: int) -> str:
        """Return the keys that there is room for; the last two are always told."""
        hints = [f"{key.shown} {key.hint}" for key in self.WORK if key.hint]
        while len("  ".join(hints)) > width and len(hints) > ALWAYS_TOLD:
            del hints[-ALWAYS_TOLD - 1]
        return "  ".join(hints)

    def _help_rows(self) -> list[TextRow]:
        keys = [("0–9 a–z A–Z", "the code of that key, small or capital")]
        keys += [(shortcut.shown, shortcut.says) for shortcut in (*self.WORK, *READING)]
        return [row(says, first=f" {shown:<12}", rest=" " * 13) for shown, says in keys]

    def _say_error(self, error: OpsatlasError) -> None:
        message = f"{error.what} {'' if error.fix is None else _sentence(error.fix)}"
        if isinstance(error, InputError):
            self.look_anew()
        else:
            message = f"Nothing was written: {message} Then press the key again."
        self.notice = Text(f"! {safe(message).strip()}", "bold")
        self.paint()


def run(board: Board) -> None:
    """Show a board until people leave it."""
    # What was read from the log stays until the end: looking through all of it for garbage, again
    # and again, would be felt between two keys.
    gc.freeze()
    try:
        board.run()
    finally:
        gc.unfreeze()


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
