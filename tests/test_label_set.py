"""A set of labels is one file: nothing in it is changed or lost, and no bad file is touched."""

from __future__ import annotations

import itertools
import os
import random
import resource
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from coding_people import kinds_book, some_documents
from label_sets import (
    Ticks,
    again,
    altered,
    change,
    close,
    copied,
    finished,
    give,
    in_child,
    key,
    kinds_set,
    refused,
)

from artifacts.errors import ArtifactError, InputError, StorageError
from artifacts.hashing import hash_text
from labels.history import store
from labels.history.events import EventDraft, event_of
from labels.history.store import BehindError, EventStore, text_hash
from labels.label_set import BUILDING, Criterion, LabelSet, label_path, new_label_set
from labels.records import MAX_CHARS, check_coder, nearest_name
from labels.session import Session
from labels.waves import WaveDocument, close_wave, closed_waves, open_wave, unfinished_in


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the file of a set of labels with six documents, closed."""
    kinds_set(tmp_path / "kinds.sqlite").close()
    return tmp_path / "kinds.sqlite"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """Return what SQLite itself says of a file."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def there(path: Path) -> list[str]:
    """Return the names of the files in a file's folder."""
    return sorted(each.name for each in path.parent.iterdir())


# The log


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events",
        "DELETE FROM events WHERE kind = 'code'",
        "UPDATE events SET coder = 'ben'",
        "UPDATE events SET body = '{}' WHERE kind = 'code'",
    ],
)
def test_the_file_itself_refuses_to_change_or_drop_an_event(path: Path, statement: str) -> None:
    """Whoever opens it with SQLite, however many events are meant, is stopped by a trigger."""
    with LabelSet.open(path) as labels:
        give(labels, "ada", {0: "tool"})
    before = rows(path, "SELECT * FROM events")
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="events are never"):
        connection.execute(statement)
    connection.close()
    assert rows(path, "SELECT * FROM events") == before


def test_a_text_is_kept_once_under_its_hash(path: Path) -> None:
    """Documents go by the hash of all that a coder reads, and read back as they were."""
    with LabelSet.open(path) as labels:
        for document in some_documents(6):
            assert labels.document(document.key) == document
        same = [WaveDocument(each, "all") for each in some_documents(7)[6:]]
        open_wave(labels, "w2", same, coder="ada", coders={}, design={}, seed=1)
    kept = rows(path, "SELECT hash, body FROM documents")
    assert {name for name, _ in kept} == {text_hash(each) for each in some_documents(7)}
    assert all(name == hash_text(str(body)) for name, body in kept)


def test_events_read_back_as_they_were_written(path: Path) -> None:
    """Times, parents and bodies of any text survive the file."""
    memo = 'ünï \u2028 "q" \\ \0 \U0001f600'
    with LabelSet.open(path, clock=Ticks()) as labels:
        Session(labels, "ada").memo(key(0), memo, seconds=1.25)
        written = labels.store.all_events()[-1]
    with LabelSet.open(path) as labels:
        read = labels.store.all_events()[-1]
        assert read == written
        assert dict(read.body) == {"value": memo, "seconds": 1.25}
        assert read.at == "2026-01-01T00:00:01.000+00:00"
        assert Session(labels, "ada").card(key(0)).memo == memo


def test_half_a_character_is_refused_and_nothing_is_written(path: Path) -> None:
    """What UTF-8 cannot hold is told, not a traceback, and coding goes on."""
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        refused(lambda: session.memo(key(0), "a\ud800"), "half a character", kind=InputError)
        session.memo(key(0), "a")
        assert session.card(key(0)).memo == "a"
        assert len(labels.store.all_events()) == 3


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE events SET coder = 'ben' WHERE kind = 'code'", "is not as it was written"),
        ("UPDATE events SET at = '2000-01-01' WHERE kind = 'code'", "is not as it was written"),
        ("UPDATE events SET lamport = 9 WHERE kind = 'code'", "is not as it was written"),
        ("UPDATE events SET item = NULL WHERE kind = 'memo'", "is not as it was written"),
        ("UPDATE events SET body = replace(body, 'tool', 'list')", "is not as it was written"),
        ("DELETE FROM events WHERE kind = 'code'", "is missing"),
        ("UPDATE documents SET body = replace(body, 'Repo', 'Rope')", "is not as it was written"),
        ("DELETE FROM documents", "is missing"),
    ],
)
def test_what_was_altered_or_taken_away_is_found(path: Path, statement: str, said: str) -> None:
    """A change of any part, and anything missing that something else names, is damage."""
    with LabelSet.open(path) as labels:
        give(labels, "ada", {0: "tool"})
        Session(labels, "ada").memo(key(0), "so")
        assert labels.store.damage() == []
    altered(path, statement)
    damaged = EventStore.open(path, read_only=True)
    assert any(said in problem for problem in damaged.damage())
    damaged.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events WHERE kind = 'wave'",
        "UPDATE events SET body = '{}' WHERE kind IN ('begin', 'wave', 'code')",
        "UPDATE events SET body = 'x' WHERE kind = 'code'",
    ],
)
def test_a_log_that_cannot_be_replayed_is_told_as_damaged(path: Path, statement: str) -> None:
    """No traceback: the first thing that is wrong, and what to do."""
    with LabelSet.open(path) as labels:
        give(labels, "ada", {0: "tool", 1: "list"})
    altered(path, statement)
    for read_only in (True, False):
        refused(
            lambda ro=read_only: LabelSet.open(path, read_only=ro),  # type: ignore[misc]
            "The labels are damaged: event",
            "backup",
            kind=ArtifactError,
        )
        assert there(path) == [path.name]


def test_the_file_alone_is_whole_after_it_was_closed(path: Path, tmp_path: Path) -> None:
    """Nothing stands beside it, and moved elsewhere it says the same."""
    with LabelSet.open(path) as labels:
        give(labels, "ada", {0: "tool", 1: "list"})
        labels.close()  # twice does no harm
    assert there(path) == [path.name]
    with again(tmp_path / "elsewhere.sqlite", path) as moved:
        assert set(moved.state.desk("ada").fields) == {key(0), key(1)}


def test_what_is_closed_while_another_reads_is_whole_too(path: Path, tmp_path: Path) -> None:
    """A reader who goes last cannot fold the journal, so the writer does before."""
    reader = LabelSet.open(path, read_only=True)
    with LabelSet.open(path) as labels:
        give(labels, "ada", {0: "tool"})
    with again(tmp_path / "elsewhere.sqlite", path) as moved:
        assert set(moved.state.desk("ada").fields) == {key(0)}
    reader.sync()
    assert set(reader.state.desk("ada").fields) == {key(0)}
    reader.close()


# Several at work


def test_two_who_write_in_turn_lose_nothing_and_know_of_each_other(path: Path) -> None:
    """Each event names as its parent the one before it, whoever wrote that."""
    with LabelSet.open(path) as one, LabelSet.open(path) as two:
        sessions = [Session(one, "ada"), Session(two, "ben")]
        for number in range(6):
            for session in sessions:
                session.code(key(number), "kind", ["list"])
        events = one.store.all_events()
        one.restart()
        two.sync()
        assert one.state.causality.is_one_chain
        assert two.state.desk("ada") == one.state.desk("ada")
    assert [event.coder for event in events[2:]] == ["ada", "ben"] * 6
    for before, event in itertools.pairwise(events):
        assert event.parents == (before.uid,)
        assert event.lamport == before.lamport + 1


def test_two_processes_at_once_lose_nothing(path: Path) -> None:
    """Each waits for the other, and the log is one chain in the end."""

    def work(coder: str) -> Callable[[int], object]:
        def code(_: int) -> None:
            with LabelSet.open(path) as labels:
                for number in range(60):
                    Session(labels, coder).memo(key(number % 6), f"{number}")

        return code

    assert finished([in_child(work("ada")), in_child(work("ben"))]) == ["", ""]
    with LabelSet.open(path) as labels:
        events = labels.store.all_events()
        assert labels.store.damage() == []
        assert labels.state.causality.is_one_chain
    for coder in ("ada", "ben"):
        memos = [e.body["value"] for e in events if e.coder == coder and e.kind == "memo"]
        assert memos == [str(number) for number in range(60)]


def test_who_is_behind_reads_on_and_tries_again(path: Path) -> None:
    """The store refuses; the set asks what to write once more, seeing what came in between."""
    with LabelSet.open(path) as one, LabelSet.open(path) as two:
        give(two, "ben", {0: "tool"})
        draft = EventDraft("memo", "ada", key(0), {"value": "late"})
        state = one.state
        event = event_of(
            draft, lamport=state.lamport + 1, parents=state.causality.heads, at=one.clock()
        )
        with pytest.raises(BehindError):
            one.store.add([event])
        seen: list[int] = []

        def drafts() -> list[EventDraft]:
            seen.append(len(one.state.desk("ben").fields))
            if len(seen) == 1:
                give(two, "ben", {1: "tool"})
            return [draft]

        one.write(drafts)
        assert seen == [1, 2]
        assert one.n_read == 2 + 2  # its own beginning was read, too
        assert len(one.store.all_events()) == 2 + 2 + 1


def test_nothing_is_written_where_nothing_is_to_be(path: Path) -> None:
    """No drafts, no event; a refusal, no event either; and what was written is read once."""
    with LabelSet.open(path) as labels:
        assert labels.write(list) == []
        with pytest.raises(InputError):
            Session(labels, "ada").code(key(0), "kind", ["nonsense"])
        assert len(labels.store.all_events()) == 2
        give(labels, "ada", {0: "tool", 1: "list"})
        assert labels.sync() == []  # what was written here is not read again
        assert labels.n_read == 2


def test_a_kill_loses_nothing_that_was_acknowledged(path: Path) -> None:
    """Killed at random moments while coding, the log holds each decision once, in order."""
    rng = random.Random(3)

    def work(writing: int) -> None:
        with LabelSet.open(path) as labels:
            session = Session(labels, "ada")
            number = len(labels.store.all_events())
            while True:
                session.memo(key(number % 6), f"{number}")
                os.write(writing, b"%d\n" % number)
                number += 1

    n_acknowledged = 0
    for _ in range(8):
        pid, reading = in_child(work)
        with os.fdopen(reading) as file:
            said = [file.readline()]  # it is at work
            time.sleep(rng.uniform(0, 0.06))
            os.kill(pid, signal.SIGKILL)
            said += file.readlines()
        os.waitpid(pid, 0)
        acknowledged = [int(line) for line in said if line.endswith("\n")]
        n_acknowledged += len(acknowledged)
        with LabelSet.open(path) as labels:
            assert labels.store.damage() == []
            numbers = [int(e.body["value"]) for e in labels.store.all_events()[2:]]
            assert numbers == list(range(2, 2 + len(numbers)))
            assert numbers[-1] - acknowledged[-1] in (0, 1)
        assert there(path) == [path.name]
    assert n_acknowledged > 12


def test_a_set_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    """Killed or failing while it is made, there is none, and it can be made anew."""
    path = tmp_path / "kinds.sqlite"

    def work(writing: int) -> None:
        with new_label_set(path, kinds_book(), coder="ada") as labels:
            drawn = [WaveDocument(each, "all") for each in some_documents(3)]
            open_wave(labels, "w1", drawn, coder="ada", coders={}, design={}, seed=1)
            os.write(writing, b"made\n")
            time.sleep(60)

    pid, reading = in_child(work)
    with os.fdopen(reading) as file:
        assert file.readline() == "made\n"
        assert not path.exists()
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    refused(lambda: LabelSet.open(path), "no labels called 'kinds'", kind=InputError)
    leftovers = there(path)
    assert leftovers
    assert all(BUILDING in name for name in leftovers if name != f".{path.name}.lock")
    with pytest.raises(ZeroDivisionError), new_label_set(path, kinds_book(), coder="ada"):
        raise ZeroDivisionError
    assert there(path) == []
    kinds_set(path).close()
    assert there(path) == ["kinds.sqlite"]


def test_a_set_takes_no_place_that_is_taken(path: Path, tmp_path: Path) -> None:
    """Neither before it is made, nor where another was made meanwhile."""
    before = path.read_bytes()
    with pytest.raises(InputError, match="labels called 'kinds' already"):
        kinds_set(path)
    other = tmp_path / "other.sqlite"
    with (
        pytest.raises(InputError, match="labels called 'other' already"),
        new_label_set(other, kinds_book(), coder="ada"),
    ):
        shutil.copy(path, other)
    assert path.read_bytes() == other.read_bytes() == before
    assert there(path) == ["kinds.sqlite", "other.sqlite"]


def test_a_set_says_what_was_named_beforehand(tmp_path: Path) -> None:
    """The coefficient, its threshold and the facts are in the first event."""
    path = tmp_path / "a.sqlite"
    named = Criterion("alpha", 0.8)
    facts = {"layer": "tools"}
    with new_label_set(path, kinds_book(), coder="ada", facts=facts, named=named):
        pass
    with LabelSet.open(path) as labels:
        assert (labels.name, labels.named) == ("a", named)
        assert labels.state.begin["facts"] == facts
        assert labels.book.codebook().codes == labels.book.codes
        assert [code.id for code in labels.book.codes_of("use")] == ["serving", "tracking", "data"]
        assert labels.coders() == []


def test_a_disk_that_is_full_loses_nothing_and_stops_nothing(path: Path) -> None:
    """What cannot be written is told; once there is space, coding goes on from there."""

    def work(writing: int) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with LabelSet.open(path) as labels:
            session = Session(labels, "ada")
            session.memo(key(0), "before")
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
            with pytest.raises(StorageError, match="The disk refuses to write"):
                session.memo(key(1), "x" * 500_000)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            assert session.card(key(1)).memo == ""
            session.memo(key(1), "after")
            os.write(writing, f"{len(labels.store.all_events())}".encode())

    assert finished([in_child(work)]) == ["4"]
    with LabelSet.open(path) as labels:
        assert [e.body["value"] for e in labels.store.all_events()[2:]] == ["before", "after"]
        assert labels.store.damage() == []


# Files that cannot be used


def not_sqlite(path: Path) -> None:
    """Make it a text."""
    path.write_text("This is a text of some length, and so no database at all.\n" * 40)


def empty(path: Path) -> None:
    """Make it empty."""
    path.write_bytes(b"")


def anothers(path: Path) -> None:
    """Make it a database of another program."""
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE events (seq)")
    connection.commit()
    connection.close()


def newer(path: Path) -> None:
    """Make it a set of labels of a newer version."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()


def cut(path: Path) -> None:
    """Cut off its second half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scratched(path: Path) -> None:
    """Overwrite its middle."""
    data = bytearray(path.read_bytes())
    data[4096 : len(data) - 4096] = b"\xa5" * (len(data) - 8192)
    path.write_bytes(data)


def never_begun(path: Path) -> None:
    """Make it a log without a first event."""
    path.unlink()
    EventStore.create(path).close()


@pytest.mark.parametrize(
    ("spoil", "kind", "said"),
    [
        (not_sqlite, ArtifactError, "not a database of labels, or is damaged"),
        (empty, InputError, "holds no labels"),
        (anothers, InputError, "is a database, but holds no labels"),
        (newer, ArtifactError, "of version 2; this opsatlas knows version 1"),
        (cut, ArtifactError, "is damaged"),
        (scratched, ArtifactError, "is damaged"),
        (never_begun, ArtifactError, "never begun"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_left_as_it_is(
    path: Path, spoil: Callable[[Path], None], kind: type[ArtifactError], said: str
) -> None:
    """Whether it is opened to read or to write, one clear error, and no content is other."""
    spoil(path)
    before = path.read_bytes()
    for read_only in (True, False):
        error = refused(
            lambda ro=read_only: LabelSet.open(path, read_only=ro),  # type: ignore[misc]
            said,
            kind=kind,
        )
        assert error.where == str(path)
        assert error.fix
        assert there(path) == [path.name]
        # The first 100 bytes tell how often a database was opened.
        assert path.read_bytes()[100:] == before[100:]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A missing file and a folder are no set of labels."""
    refused(lambda: LabelSet.open(tmp_path / "a.sqlite"), "called 'a'", kind=InputError)
    refused(lambda: LabelSet.open(tmp_path), "There are no labels", kind=InputError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["a?b.sqlite", "a#b %20.sqlite", "über.sqlite", "a&mode=ro.sqlite"]
)
def test_a_file_may_be_called_anything(tmp_path: Path, name: str) -> None:
    """What means something in an address of a file is taken as it stands."""
    with kinds_set(tmp_path / name) as labels:
        give(labels, "ada", {0: "tool"})
    assert there(tmp_path / name) == [name]


def test_a_file_that_another_program_holds_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening and deciding wait, then say so; afterwards the decision can be made again."""
    monkeypatch.setattr(store, "BUSY_S", 0.05)
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        said = "has held the file for more than 0.05 seconds"
        refused(lambda: session.code(key(0), "kind", ["tool"]), said, kind=StorageError)
        refused(lambda: LabelSet.open(path), said, kind=StorageError)
        assert session.tally().done == 0
        LabelSet.open(path, read_only=True).close()
        other.execute("ROLLBACK")
        other.close()
        session.code(key(0), "kind", ["list"])
        assert session.tally().done == 1
        assert len(labels.store.all_events()) == 3


def test_a_set_that_is_opened_to_read_is_not_written(path: Path) -> None:
    """It shows everything, and refuses a decision."""
    before = path.read_bytes()
    with LabelSet.open(path, read_only=True) as labels:
        session = Session(labels, "ada")
        refused(lambda: session.flag(key(0), True), "cannot be written", kind=StorageError)
        assert session.tally().flagged == 0
    assert path.read_bytes() == before
    assert there(path) == [path.name]


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "reads", "said"),
    [
        (0o444, 0o777, True, "StorageError: The file cannot be written."),
        (0o444, 0o555, True, "StorageError: The file cannot be written."),
        (0o666, 0o555, True, "StorageError: The file cannot be"),
        (0o000, 0o755, False, "StorageError: The file cannot be opened."),
        (0o666, 0o600, False, "StorageError: Permission denied."),
    ],
)
def test_who_may_not_write_is_told_before_deciding_anything(
    open_folder: Path, file_mode: int, folder_mode: int, reads: bool, said: str
) -> None:
    """A file or a folder of somebody else can be read, if that is allowed, and stays as it is."""
    path = open_folder / "kinds.sqlite"
    kinds_set(path).close()
    before = path.read_bytes()
    path.chmod(file_mode)
    open_folder.chmod(folder_mode)

    def read(writing: int) -> None:
        with LabelSet.open(path, read_only=True) as labels:
            os.write(writing, labels.name.encode())

    def write(_: int) -> None:
        LabelSet.open(path).close()

    read_said, write_said = finished([in_child(read, nobody=True), in_child(write, nobody=True)])
    assert write_said.startswith(said)
    assert "check the owner and the mode" in write_said
    assert read_said == "kinds" if reads else read_said.startswith(said)
    open_folder.chmod(0o755)
    path.chmod(0o644)
    assert path.read_bytes() == before
    assert there(path) == [path.name]


def test_a_set_cannot_be_made_in_a_folder_of_somebody_else(open_folder: Path) -> None:
    """The operating system's refusal is told."""
    open_folder.chmod(0o555)

    def make(_: int) -> None:
        kinds_set(open_folder / "labels" / "kinds.sqlite")

    def make_there(_: int) -> None:
        kinds_set(open_folder / "kinds.sqlite")

    for said in finished([in_child(make, nobody=True), in_child(make_there, nobody=True)]):
        assert said.startswith("StorageError: ")
        assert "check the owner and the mode" in said
    assert list(open_folder.iterdir()) == []


# Copies, waves, names


def test_a_copy_is_whole_also_while_the_set_is_written(path: Path, tmp_path: Path) -> None:
    """It says the same, stands alone, and takes no place that is taken."""
    with LabelSet.open(path) as labels:
        give(labels, "ada", {0: "tool"})
        with copied(labels, tmp_path / "copy.sqlite") as copy:
            assert copy.store.all_events() == labels.store.all_events()
            assert copy.store.damage() == []
        with pytest.raises(InputError, match="there already"):
            labels.store.copy(tmp_path / "copy.sqlite")
    assert there(path) == ["copy.sqlite", "kinds.sqlite"]


def test_what_a_wave_refuses(path: Path) -> None:
    """A name or a document that is taken or stands twice, no document, a share of what is none."""
    first, second, *_ = (WaveDocument(each, "all") for each in some_documents(20)[10:])

    def opened(
        name: str, *drawn: WaveDocument, coders: dict[str, frozenset[str] | None] | None = None
    ) -> Callable[[], None]:
        return lambda: open_wave(
            labels, name, drawn, coder="ada", coders=coders or {}, design={}, seed=1
        )

    with LabelSet.open(path) as labels:
        old = WaveDocument(some_documents(1)[0], "all")
        strange: dict[str, frozenset[str] | None] = {"ben": frozenset({"gh:1"})}
        refused(opened("w1", first), "a wave 'w1' already", kind=InputError)
        refused(opened("w2"), "has no documents", kind=InputError)
        refused(opened("w2", old), "in the wave 'w1' already", key(0), kind=InputError)
        refused(opened("w2", first, second, first), "stands twice", key(10), kind=InputError)
        refused(opened("w2", first, coders=strange), "'ben'", "gh:1", kind=InputError)
        refused(opened("w2", first, coders={"adjudicated": None}), "is kept for", kind=InputError)
        assert len(labels.store.all_events()) == 2
        opened("w2", first, second, coders={"ben": None})()
        assert labels.state.waves["w2"].items == (key(10), key(11))


def test_a_wave_is_closed_once_and_only_when_it_is_done(path: Path) -> None:
    """Who has how many left is told; only what is closed can be looked at."""
    with LabelSet.open(path) as labels:
        refused(lambda: closed_waves(labels, None), "'w1' is open", kind=InputError)
        refused(lambda: closed_waves(labels, ["w9"]), "no wave 'w9'", "w1", kind=InputError)
        give(labels, "ada", dict.fromkeys(range(6), "list"))
        give(labels, "ben", {0: "tool", 1: "list"}, (0, "data"))
        assert unfinished_in(labels, labels.state.waves["w1"]) == {"ada": 0, "ben": 4}
        refused(lambda: close_wave(labels, "w1", coder="ada"), "ben has 4 left", kind=InputError)
        close(labels)
        refused(lambda: close(labels), "closed already", kind=InputError)
        assert [wave.name for wave in closed_waves(labels, None)] == ["w1"]


def test_who_may_be_called_what(tmp_path: Path) -> None:
    """Coders are called as people are, in any script; sets of labels have plain names."""
    called = ("ada", "A.B-c_9", "-a", "Ann  Lee", "a/b", "é", "李雷", "ا\u200cب", "o'n@example.org")
    for name in (*called, "x" * MAX_CHARS):
        assert check_coder(name) == name
    assert check_coder("Zoe\u0308") == "Zoë"
    unseen = ("a\n", "\x1b[1ma", "a\u202eb", "a\u200fb", "\ufeffa", "a\u200bb", "\ud800")
    for name in ("", " ", "\u0301", " a", "x" * (MAX_CHARS + 1), "Adjudicated", *unseen):
        with pytest.raises(InputError) as caught:
            check_coder(name)
        assert str(caught.value).replace("\n", "").isprintable()
    assert [nearest_name(text) for text in ("Ann Lee ", "a\x1b", "\u202e")] == [
        "Ann Lee",
        "a",
        "user",
    ]
    assert label_path("kinds-2", lambda: tmp_path) == tmp_path / "labels" / "kinds-2.sqlite"
    assert label_path("../x/y.sqlite", lambda: tmp_path) == Path("../x/y.sqlite")
    for name in ("Kinds", "a/b", "", "../a", "a\n", "con", "lpt1"):
        with pytest.raises(InputError, match="is no name for labels"):
            label_path(name, lambda: tmp_path)


# How quick it is


def test_a_large_set_opens_and_is_coded_without_waiting(tmp_path: Path) -> None:
    """20,000 documents and 5,000 decisions open in 2 s; a decision and the next card take 50 ms."""
    path = tmp_path / "large.sqlite"
    with kinds_set(path, n=20_000) as labels:
        session = Session(labels, "ada")

        def drafts() -> list[EventDraft]:
            body = {"variable": "kind", "value": ["list"], "seconds": 1.0}
            return [EventDraft("code", "ada", item, body) for item in session.items[:5_000]]

        labels.write(drafts)
    begun = time.perf_counter()
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        item = session.next_item()
        assert item is not None
        session.card(item)
        assert time.perf_counter() - begun < 2
        assert session.tally().done == 5_000
        change(labels, "rename", "list", name="Listing")
        session.refresh()
        begun = time.perf_counter()
        for _ in range(200):
            session.code(item, "kind", ["course"], seconds=2.0)
            session.tally()
            item = session.next_item(after=item) or ""
            session.card(item)
        assert (time.perf_counter() - begun) / 200 < 0.05
        assert session.tally().done == 5_200
