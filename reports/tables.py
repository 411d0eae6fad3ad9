"""One table, made once of a result and shown wherever it is wanted: terminal, JSON, CSV, LaTeX.

`Table` says which columns there are and what is in them; `terminal`, `as_json` and `as_csv` show
it, and so does `reports.latex.as_latex`. People read terminals and papers (`Column.in_print`),
programs JSON and CSV (`Column.in_data`): these have what a person would not look at, unrounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

from artifacts.delimited import csv_text
from artifacts.visible import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from artifacts.intervals import Estimate, Interval

WIDEST = 6
"""Most names that a table has room for above its columns."""
SHORT, ROOM = 24, 60
"""Characters: texts so short are not wrapped in a terminal, unless all of them take more room."""
_PRECISION = 6


@dataclass(frozen=True)
class Marked:
    """A number that carries a dagger in print; in data it is the number."""

    value: float


Cell = Any
"""Text, a number, a bool, `Marked`, None (not known), or what `Column.form` puts into words."""


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    key
        Where rows hold its cells; also its name in data, unless ``csv_name`` says otherwise.
    heading
        Its name in print.
    is_number
        Aligned to the right, with ``decimals``, after multiplying by ``scale``.
    unit
        After each number in a terminal; a paper has it in the heading.
    form
        How a cell reads in a terminal, where it is more than a text or a number.
    width
        In a paper, the share of the line that its text is wrapped to; None: as wide as it is.
    in_data, in_print
        Where it appears.
    """

    key: str
    heading: str = ""
    csv_name: str | None = None
    is_number: bool = False
    decimals: int = 0
    scale: float = 1
    unit: str = ""
    form: Callable[[Any], str] | None = None
    width: float | None = None
    in_data: bool = True
    in_print: bool = True

    @property
    def name(self) -> str:
        """Return its name in data."""
        return self.csv_name or self.key


@dataclass(frozen=True)
class Row:
    """A row: its cells by the columns' keys.

    In print, a group's head is bold, in a paper with space above, and its members are indented.
    """

    cells: Mapping[str, Cell]
    is_group: bool = False
    is_member: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table; ``name`` is that of its file and, after ``tab:``, its label.

    Attributes
    ----------
    caption
        Above it.
    notes
        Below it, in a terminal: what it says as a whole, and what is to be known to read it.
    """

    name: str = ""
    caption: str = ""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        columns: Iterable[Column],
        rows: Iterable[Row | Mapping[str, Cell]],
        *,
        name: str = "",
        caption: str = "",
        notes: Iterable[str] = (),
    ) -> Table:
        """Return a table of columns and of rows, or of their cells alone."""
        made = tuple(row if isinstance(row, Row) else Row(row) for row in rows)
        shown = tuple(note for note in notes if note)
        return cls(name=name, caption=caption, columns=(*columns,), rows=made, notes=shown)


def texts(*keys: str) -> list[Column]:
    """Return columns of texts, called as their keys are."""
    return [Column(key, key) for key in keys]


def numbers(*keys: str) -> list[Column]:
    """Return columns of whole numbers, called as their keys are."""
    return [Column(key, key, is_number=True) for key in keys]


def for_data(*keys: str) -> list[Column]:
    """Return columns that nobody reads in print."""
    return [Column(key, in_print=False) for key in keys]


def number(key: str, heading: str, decimals: int = 0, *, in_data: bool = True) -> Column:
    """Return a column of numbers."""
    return Column(key, heading, is_number=True, decimals=decimals, in_data=in_data)


def percent(key: str, heading: str, decimals: int = 0, *, in_data: bool = True) -> Column:
    """Return a column of shares, in [0, 1] in data and per cent in print."""
    return Column(key, heading, None, True, decimals, 100, "%", in_data=in_data)


def bounded(
    key: str, heading: str, decimals: int = 2, bounds: int = 2, *, scale: float = 1
) -> Column:
    """Return a column of figures with their intervals: ``0.912 (0.88–0.95)``."""

    def form(figure: Estimate | Interval | None) -> str:
        return with_bounds(figure, decimals, bounds, scale=scale)

    return Column(key, heading, is_number=True, form=form)


def with_bounds(
    figure: Estimate | Interval | None, decimals: int = 2, bounds: int = 2, scale: float = 1
) -> str:
    """Return a figure with its interval: ``0.912 (0.88–0.95)``; in per cent: ``91% (88%–95%)``.

    Parameters
    ----------
    figure
        None, or without a value: ``undefined``, with the reason if it has one.
    decimals, bounds
        Decimals of the figure and of its bounds.
    scale
        100 for per cent.
    """
    unit = "%" if scale != 1 else ""
    if figure is None or figure.value is None:
        reason = getattr(figure, "reason", None)
        return f"undefined: {reason}" if reason else "undefined"
    value = f"{figure.value * scale:,.{decimals}f}{unit}"
    if figure.low is None or figure.high is None:
        return value
    low, high = (f"{bound * scale:,.{bounds}f}{unit}" for bound in (figure.low, figure.high))
    return f"{value} ({low}–{high})"


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Mapping[tuple[str, str], int],
    *,
    heading: str = "",
    caption: str = "",
) -> Table:
    """Return how many have which two names, one a row, the other a column.

    Columns of more than `WIDEST` names are called by their numbers, which stand before the rows.

    Parameters
    ----------
    counts
        By row and column; what is absent is 0.
    """
    numbered = len(columns) > WIDEST
    places = {name: f"{place} " if numbered else "" for place, name in enumerate(columns, start=1)}
    heads = [
        Column(name, places[name].strip() or name, is_number=True, form=lambda n: f"{n or '·'}")
        for name in columns
    ]
    cells = [
        {heading: places.get(row, "") + row}
        | {column: counts.get((row, column), 0) for column in columns}
        for row in rows
    ]
    rest = [f"{places[name]}is {name}" for name in columns if numbered and name not in rows]
    return Table.of([Column(heading, heading), *heads], cells, caption=caption, notes=rest)


def spaced(parts: Iterable[Table | str]) -> Iterator[Table | str]:
    """Yield what is shown with an empty line between any two."""
    for place, part in enumerate(parts):
        yield from ("", part) if place else (part,)


def as_json(table: Table) -> list[dict[str, Any]]:
    """Return a table as JSON-compatible records; numbers are not rounded."""
    columns = [column for column in table.columns if column.in_data]
    return [{column.name: plain(row.cells[column.key]) for column in columns} for row in table.rows]


def plain(value: Any) -> Any:
    """Return a value as JSON has it: results as records, moments in ISO 8601."""
    if isinstance(value, Marked):
        return value.value
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def as_csv(table: Table) -> str:
    """Return a table as CSV with a header; what is not known is empty, numbers to six decimals."""
    columns = [column for column in table.columns if column.in_data]
    return csv_text(
        [column.name for column in columns],
        ([_csv_cell(row.cells[column.key]) for column in columns] for row in table.rows),
    )


def _csv_cell(cell: Cell) -> Any:
    value = plain(cell)
    if value is None:
        return ""
    return round(value, _PRECISION) if isinstance(value, float) else value


def terminal(table: Table) -> RenderableType:
    """Return a table for rich to print: the caption, the rows, the notes."""
    from rich.console import Group
    from rich.table import Table as Grid
    from rich.text import Text

    columns = [column for column in table.columns if column.in_print]
    # Written out before it is laid out: what is longer then would be cut off at its column's end.
    rows = [
        [visible(printed(row.cells[column.key], column)) for column in columns]
        for row in table.rows
    ]
    gap = 1 if len(columns) > WIDEST else 2
    named = any(column.heading for column in columns)
    grid = Grid(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=named)
    for column, whole in zip(columns, _whole(columns, rows), strict=True):
        justify: Literal["left", "right"] = "right" if column.is_number else "left"
        grid.add_column(Text(column.heading), justify=justify, no_wrap=whole, overflow="fold")
    for place, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
        if row.is_member:
            is_last = not any(other.is_member for other in table.rows[place + 1 : place + 2])
            cells[0] = ("└─ " if is_last else "├─ ") + cells[0]
        shown = (
            Text.assemble(first, (more, "not bold dim")) for first, more in map(_first_line, cells)
        )
        grid.add_row(*shown, style="bold" if row.is_group else "")
    caption = [Text(table.caption, style="bold")] if table.caption else []
    return Group(*caption, *([grid] if table.rows else []), *map(Text, table.notes))


def _whole(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[bool]:
    """Tell which columns are not to be wrapped: numbers, and short texts while they have room."""
    widths = [
        max(map(len, (column.heading, *(row[place] for row in rows))))
        for place, column in enumerate(columns)
    ]
    short = [width <= SHORT for width in widths]
    if sum(width for width, fits in zip(widths, short, strict=True) if fits) > ROOM:
        return [column.is_number for column in columns]
    return [column.is_number or fits for column, fits in zip(columns, short, strict=True)]


def _first_line(text: str) -> tuple[str, str]:
    first, end, more = text.partition("\n")
    return first, end + more


def printed(cell: Cell, column: Column) -> str:
    """Return a cell as a terminal shows it."""
    if isinstance(cell, str) and not cell:
        return ""
    if column.form is not None:
        return column.form(cell)
    if cell is None:
        return "–" if column.is_number else ""
    if isinstance(cell, Marked):
        return f"{_figure(cell.value, column)}†"
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _figure(cell, column)
    return {True: "yes", False: ""}[cell] if isinstance(cell, bool) else str(cell)


def _figure(value: float, column: Column) -> str:
    return f"{value * column.scale:,.{column.decimals}f}{column.unit}"
