"""A set of labels, open: its log, what holds after it, and how anything is added to it."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from artifacts.errors import ArtifactError, InputError
from artifacts.files import clear_leftovers, storage_errors
from artifacts.locks import writing
from configs.codebook import Codebook
from labels.history.book import Book
from labels.history.events import EventDraft, LogEvent, event_of, in_order
from labels.history.replay import LabelState, replay
from labels.history.store import SUFFIX, BehindError, EventStore, damaged
from labels.records import ADJUDICATED, Document, check_coder

FOLDER = "labels"
BUILDING = ".building"
# Not what Windows keeps for devices: there no file can be called so.
_NAME = re.compile(r"(?!(con|prn|aux|nul|(com|lpt)[0-9])$)[a-z0-9][a-z0-9_-]{0,62}")

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Criterion:
    """The coefficient and threshold that were named before anybody coded."""

    coefficient: str
    threshold: float


class LabelSet:
    """A set of labels that is open.

    Attributes
    ----------
    n_read
        How many events were read that this one did not write; whoever counts on what it wrote
        itself looks again when it grows.
    """

    def __init__(self, store: EventStore, *, clock: Clock = now) -> None:
        self.store = store
        self.clock = clock
        self.state = LabelState()
        self.n_read = 0
        self.sync()

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, clock: Clock = now) -> LabelSet:
        """Open a set of labels.

        Raises
        ------
        ArtifactError
            If it was never begun, or its log is damaged so that it cannot be replayed.
        OpsatlasError
            As `EventStore.open`.
        """
        store = EventStore.open(path, read_only=read_only)
        try:
            opened = cls(store, clock=clock)
            if not opened.state.begin:
                raise ArtifactError(
                    "The set of labels was never begun.",
                    where=str(path),
                    fix="delete the file, and make the set again",
                )
        except (LookupError, TypeError, ValueError) as error:
            with closing(store):
                refuse_damaged(store)
            raise error
        except BaseException:
            store.close()
            raise
        return opened

    def __enter__(self) -> LabelSet:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, which then holds everything by itself."""
        self.store.close()

    @property
    def name(self) -> str:
        """Return what the set is called."""
        return str(self.state.begin["name"])

    @property
    def book(self) -> Book:
        """Return the codebook as it is now."""
        return self.state.known_book()

    @property
    def named(self) -> Criterion | None:
        """Return the coefficient and threshold that were named beforehand, if any were."""
        values = self.state.begin.get("named")
        return None if values is None else Criterion(values["coefficient"], values["threshold"])

    def sync(self) -> list[LogEvent]:
        """Read what others wrote, and return it."""
        with _no_collection():
            new = in_order(self.store.new_events())
            self.n_read += len(new)
            if new and new[0].lamport <= self.state.lamport:
                # A copy was joined: its events stand among those that are known.
                self.restart()
            else:
                for event in new:
                    self.state.apply(event)
        return new

    def restart(self) -> None:
        """Replay the whole log anew."""
        self.state = replay(self.store.all_events())

    def write(
        self, drafts: Callable[[], Sequence[EventDraft]], documents: Iterable[Document] = ()
    ) -> list[LogEvent]:
        """Add what ``drafts`` returns, on disk when this returns.

        ``drafts`` sees the set as it is then, and refuses by raising; it is asked again if others
        wrote in between.
        """
        kept = tuple(documents)
        while True:
            self.sync()
            events = self._as_events(drafts())
            if not events:
                return []
            try:
                self.store.add(events, kept)
            except BehindError:
                continue
            for event in events:
                self.state.apply(event)
            return events

    def document(self, item: str) -> Document:
        """Return a document as coders read it."""
        wave = self.state.waves[self.state.wave_of[item]]
        return self.store.document(wave.texts[item])

    def titles(self) -> dict[str, str]:
        """Return the title of every document, by key; its key, where its text is lost."""
        titles = self.store.titles()
        return {
            item: titles.get(self.state.waves[wave].texts[item], item)
            for item, wave in self.state.wave_of.items()
        }

    def coders(self) -> list[str]:
        """Return everybody who was named for a wave or decided something, but the adjudicated."""
        named = {coder for wave in self.state.waves.values() for coder in wave.coders}
        active = {coder for coder, desk in self.state.desks.items() if desk.fields}
        return sorted((named | active) - {ADJUDICATED})

    def _as_events(self, drafts: Sequence[EventDraft]) -> list[LogEvent]:
        """Return drafts as events, each knowing of all before it."""
        events: list[LogEvent] = []
        parents: Iterable[str] = self.state.causality.heads
        for number, draft in enumerate(drafts, start=1):
            event = event_of(
                draft, lamport=self.state.lamport + number, parents=parents, at=self.clock()
            )
            events.append(event)
            parents = (event.uid,)
        return events


@contextmanager
def new_label_set(
    path: Path,
    codebook: Codebook,
    *,
    coder: str,
    facts: Mapping[str, Any] | None = None,
    named: Criterion | None = None,
    clock: Clock = now,
) -> Iterator[LabelSet]:
    """Make a set of labels, which is there when the block succeeds, and not before.

    Parameters
    ----------
    coder
        Who makes it.
    facts
        What its documents are, for those who read it later; JSON-compatible.

    Raises
    ------
    InputError
        If there is one already.
    """
    refuse_taken(path)
    body: dict[str, Any] = {
        "name": path.stem,
        "codebook": codebook.model_dump(mode="json", exclude_defaults=True),
        "facts": dict(facts or {}),
    }
    if named is not None:
        body["named"] = {"coefficient": named.coefficient, "threshold": named.threshold}
    with writing(path):
        refuse_taken(path)
        clear_leftovers(path)
        building = path.with_name(f".{path.name}{BUILDING}")
        try:
            with closing(LabelSet(EventStore.create(building), clock=clock)) as labels:
                labels.write(lambda: [EventDraft("begin", check_coder(coder), None, body)])
                yield labels
            refuse_taken(path)
            with storage_errors(path):
                building.rename(path)
        finally:
            clear_leftovers(path)


def refuse_damaged(store: EventStore) -> None:
    """Raise `ArtifactError` if events or texts of a log are altered or missing."""
    if damage := store.damage():
        raise damaged(store.path, damage)


def refuse_taken(path: Path) -> None:
    """Raise `InputError` if there is a set of labels already."""
    if path.exists():
        raise InputError(
            f"There are labels called '{path.stem}' already.",
            where=str(path),
            fix="choose another name",
        )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the garbage collection while a log is read: nothing in it is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def label_path(name: str, workspace: Callable[[], Path]) -> Path:
    """Return the file of a set of labels: a path as given, or a name in the workspace."""
    if name.endswith(SUFFIX):
        return Path(name)
    if not _NAME.fullmatch(name):
        raise InputError(
            f"'{name}' is no name for labels.",
            fix=f"take small letters, digits and hyphens (but not con, nul, com1 …, which Windows "
            f"keeps for devices), or the path of a {SUFFIX} file",
        )
    return workspace() / FOLDER / f"{name}{SUFFIX}"
