"""The raw store keeps every answer as it came, whatever happens to the process that writes it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from artifacts.errors import ArtifactError, BusyError, StorageError
from mining.github.http import HIDDEN, Account
from mining.github.raw import FILE, open_raw, read_raw
from mining.github.requests import ApiRequest, HttpAnswer

TOKEN = "ghp_sentinel0123456789"


def asked(number: int) -> ApiRequest:
    """Return one of many requests."""
    return ApiRequest("/repos/acme/forge/issues", {"page": str(number)})


def answered(text: str, attempt: int = 1, status: int = 200) -> HttpAnswer:
    """Return an answer with this text."""
    return HttpAnswer(status, {"etag": 'W/"1"', "x-ratelimit-remaining": "9"}, text, 1.5, attempt)


def lines(path: Path) -> list[str]:
    """Return what decompressing the whole file gives, as `zstd -dc` does."""
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        text = reader.read().decode("utf-8")
    assert text == "" or text.endswith("\n")
    return text.split("\n")[:-1]


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for one example."""
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


TEXTS = st.text(alphabet=st.characters(), max_size=60)


@given(st.lists(TEXTS, min_size=1, max_size=4), st.dictionaries(TEXTS, TEXTS, max_size=2))
@settings(max_examples=40)
def test_any_text_comes_back_as_it_was(bodies: list[str], variables: dict[str, str]) -> None:
    """Texts of all scripts come back by the process that wrote them and by the next."""
    requests = [
        ApiRequest("/graphql", resource="graphql", query="q", variables={**variables, "n": number})
        for number in range(len(bodies))
    ]
    expected = [body.encode("utf-8", "replace").decode() for body in bodies]
    with folder() as place:
        with open_raw(place) as store:
            for request, body in zip(requests, bodies, strict=True):
                store.append(request, answered(body))
            found = [store.last(request.key) for request in requests]
        again = read_raw(place)
        assert [answer.text for answer in found if answer is not None] == expected
        assert [again.last(request.key) for request in requests] == found
        assert len(lines(place / FILE)) == len(bodies)


def test_an_answer_comes_back_with_all_that_was_known_of_it(tmp_path: Path) -> None:
    """Status, headers, time, attempt and failure are kept as they were."""
    answers = [
        HttpAnswer(200, {"etag": 'W/"1"', "link": "<x>"}, "{}\r\n\u2028", 1_700_000_000.123, 3),
        HttpAnswer(204, {}, "", 0.0),
        HttpAnswer(0, {}, "", 12.0, 2, failure="timeout: no answer in time"),
    ]
    with open_raw(tmp_path) as store:
        for number, answer in enumerate(answers):
            store.append(asked(number), answer)
    store = read_raw(tmp_path)
    assert [store.last(asked(number).key) for number in range(3)] == answers
    assert store.last("no such request") is None


def test_the_last_answer_to_a_request_counts(tmp_path: Path) -> None:
    """A later attempt takes the place of an earlier one; the earlier stays in the file."""
    with open_raw(tmp_path) as store:
        store.append(asked(0), answered("", attempt=1, status=502))
        store.append(asked(1), answered("other"))
        store.append(asked(0), answered("good", attempt=2))
        assert (len(store), store.n_requests) == (2, 3)
    store = read_raw(tmp_path)
    assert (len(store), store.n_requests) == (2, 3)
    last = store.last(asked(0).key)
    assert last is not None
    assert (last.text, last.attempt, last.status) == ("good", 2, 200)
    assert [kept.attempt for kept in store.latest()] == [2, 1]
    assert len(lines(tmp_path / FILE)) == 3


def test_what_was_asked_stands_beside_what_came(tmp_path: Path) -> None:
    """Each line says method, path, parameters or query, and names the request."""
    get = ApiRequest("/repos/acme/forge", {"per_page": "100"})
    post = ApiRequest("/graphql", resource="graphql", query="query { a }", variables={"n": 1})
    with open_raw(tmp_path) as store:
        store.append(get, answered('{"id": 1}'))
        store.append(post, answered("{}"))
    first, second = map(json.loads, lines(tmp_path / FILE))
    assert first["request"] == {
        "method": "GET",
        "path": "/repos/acme/forge",
        "params": {"per_page": "100"},
    }
    assert first["body"] == '{"id": 1}'
    assert (first["key"], first["resource"]) == (get.key, "core")
    assert second["request"]["query"] == "query { a }"
    assert second["request"]["variables"] == {"n": 1}
    assert (second["request"]["method"], second["resource"]) == ("POST", "graphql")


def test_a_store_goes_on_where_it_was_left(tmp_path: Path) -> None:
    """Opened ten times, it has ten answers."""
    for number in range(10):
        with open_raw(tmp_path / "deep" / "down") as store:
            assert len(store) == number
            store.append(asked(number), answered(f"the {number}th"))
    store = read_raw(tmp_path / "deep" / "down")
    last = store.last(asked(4).key)
    assert last is not None
    assert last.text == "the 4th"


def test_large_answers_span_what_is_read_at_a_time(tmp_path: Path) -> None:
    """Answers far larger than the pieces in which the file is read are found again."""
    noise = random.Random(7)
    bodies = ["".join(chr(noise.randrange(32, 0xD000)) for _ in range(n)) for n in (9, 90_000, 7)]
    bodies.append("a" * 3_000_000)
    with open_raw(tmp_path) as store:
        for number, body in enumerate(bodies):
            store.append(asked(number), answered(body))
    assert (tmp_path / FILE).stat().st_size > 3 << 16
    store = read_raw(tmp_path)
    found = [store.last(asked(number).key) for number in range(len(bodies))]
    assert [answer.text for answer in found if answer is not None] == bodies


# What goes wrong


def written(place: Path, n: int) -> list[int]:
    """Write `n` answers; return where each ends."""
    ends = []
    with open_raw(place) as store:
        for number in range(n):
            store.append(asked(number), answered(f"answer {number} " * (number + 1)))
            ends.append((place / FILE).stat().st_size)
    return ends


def test_a_file_that_is_cut_anywhere_loses_the_torn_answer_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every byte: all whole answers are there, and others can be added and found."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # it is cut here, not by a power failure
    ends = written(tmp_path / "whole", 2)
    data = (tmp_path / "whole" / FILE).read_bytes()
    place = tmp_path / "cut"
    place.mkdir()
    for cut in range(len(data) + 1):
        (place / FILE).write_bytes(data[:cut])
        n_whole = sum(end <= cut for end in ends)
        assert len(read_raw(place)) == n_whole
        assert (place / FILE).stat().st_size == cut
        with open_raw(place) as store:
            assert len(store) == n_whole
            assert (place / FILE).stat().st_size == ([0, *ends])[n_whole]
            store.append(asked(99), answered("added"))
        store = read_raw(place)
        found = [store.last(asked(number).key) for number in (*range(2), 99)]
        assert [answer is not None for answer in found] == [n < n_whole for n in range(2)] + [True]
        assert found[-1] is not None
        assert found[-1].text == "added"


HEADER_BYTES = 12
"""Of a frame, at most; after them comes what the checksum is of."""


@given(st.integers(0, 1), st.integers(0, 10_000), st.binary(min_size=8, max_size=40))
@settings(max_examples=40)
def test_damage_in_the_middle_is_told(number: int, at: int, noise: bytes) -> None:
    """Bytes that were overwritten before the last answer make an error that says where."""
    with folder() as place:
        ends = written(place, 4)
        path = place / FILE
        data = bytearray(path.read_bytes())
        start, end = [0, *ends][number] + HEADER_BYTES, ends[number]
        at = start + at % (end - start)
        if data[at : at + len(noise)] == noise:
            return
        data[at : at + len(noise)] = noise
        path.write_bytes(data)
        for open_it in (read_raw, open_raw):
            with pytest.raises(ArtifactError) as caught:
                open_it(place)
            assert str(path) in str(caught.value)
            assert "mine the snapshot again" in str(caught.value)
        assert path.read_bytes() == data


def test_what_is_no_store_is_told(tmp_path: Path) -> None:
    """A file of something else is damaged, never emptied."""
    (tmp_path / FILE).write_text("This was never a store of answers.\n")
    with pytest.raises(ArtifactError, match="damaged"):
        open_raw(tmp_path)
    assert (tmp_path / FILE).read_text().startswith("This")


def test_there_is_one_writer(tmp_path: Path) -> None:
    """A second writer is refused until the first is done; readers are not."""
    with open_raw(tmp_path) as store:
        store.append(asked(0), answered("x"))
        with ThreadPoolExecutor(1) as other, pytest.raises(BusyError, match="Another opsatlas"):
            other.submit(open_raw, tmp_path).result()
        assert store.path.stat().st_mode & 0o777 == 0o600
        assert len(read_raw(tmp_path)) == 1
        store.append(asked(1), answered("y"))
    with open_raw(tmp_path) as store:
        assert len(store) == 2


def test_a_store_for_reading_is_not_written_to(tmp_path: Path) -> None:
    """A replay cannot add answers, and a closed store neither."""
    with open_raw(tmp_path) as store:
        store.append(asked(0), answered("x"))
    for each in (store, read_raw(tmp_path)):
        with pytest.raises(ArtifactError, match="reading only"):
            each.append(asked(1), answered("y"))
    assert len(lines(tmp_path / FILE)) == 1


def test_nothing_to_replay_is_told(tmp_path: Path) -> None:
    """Where no raw answers are, reading says so and makes nothing."""
    with pytest.raises(ArtifactError, match="no raw answers"):
        read_raw(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_store_has_no_answers(tmp_path: Path) -> None:
    """A process that died before the first answer left a store like any other."""
    open_raw(tmp_path).close()
    assert len(read_raw(tmp_path)) == 0
    assert lines(tmp_path / FILE) == []


def test_the_secret_never_reaches_the_disk(tmp_path: Path) -> None:
    """Wherever a token turns up, in what was asked or what came, it is taken out before writing."""
    account = Account(token=TOKEN)
    request = ApiRequest("/graphql", resource="graphql", query=f"# {TOKEN}", variables={"a": TOKEN})
    headers = {"location": f"https://api.github.com/?access_token={TOKEN}"}
    with open_raw(tmp_path, clean=account.clean) as store:
        store.append(request, HttpAnswer(200, headers, f'{{"you": "{TOKEN}"}}', 1.0))
        store.append(asked(1), HttpAnswer(0, {}, "", 1.0, failure=f"dropped: {TOKEN}"))
        assert TOKEN not in repr(store)
    for path in tmp_path.rglob("*"):
        assert TOKEN.encode() not in path.read_bytes()
    assert not any(TOKEN in line for line in lines(tmp_path / FILE))
    last = read_raw(tmp_path).last(request.key)
    assert last is not None
    assert last.text == f'{{"you": "{HIDDEN}"}}'


WRITER = """
import sys
from pathlib import Path
from mining.github.raw import open_raw
from mining.github.requests import ApiRequest, HttpAnswer
with open_raw(Path(sys.argv[1])) as store:
    for number in range(100_000):
        request = ApiRequest("/x", {"page": str(number)})
        store.append(request, HttpAnswer(200, {}, "text " * 2_000, 1.0))
        print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_that_it_has_noted(root: Path, tmp_path: Path) -> None:
    """After SIGKILL the store opens at once, and has all answers that were written."""
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        noted = [int(process.stdout.readline()) for _ in range(50)]
        process.send_signal(signal.SIGKILL)
        noted += [int(line) for line in process.stdout.read().splitlines()]
    assert process.returncode == -signal.SIGKILL
    with open_raw(tmp_path) as store:
        assert len(store) >= len(noted)
        for number in noted:
            assert store.last(ApiRequest("/x", {"page": str(number)}).key) is not None
        store.append(asked(0), answered("goes on"))
    assert len(read_raw(tmp_path)) == len(lines(tmp_path / FILE))


FILLER = """
import resource, sys
from pathlib import Path
from artifacts.errors import StorageError
from mining.github.raw import open_raw
from mining.github.requests import ApiRequest, HttpAnswer
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
try:
    with open_raw(Path(sys.argv[1])) as store:
        for number in range(100):
            request = ApiRequest("/x", {"page": str(number)})
            store.append(request, HttpAnswer(200, {}, str(number), 1.0))
            print(number, flush=True)
except StorageError as error:
    print(error.what, file=sys.stderr)
"""


def test_a_full_disk_is_told_in_a_sentence(root: Path, tmp_path: Path) -> None:
    """Where no more can be written, one error says so, and what was written before is there."""
    command = [sys.executable, "-c", FILLER, str(tmp_path)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "File too large.\n")
    n_noted = len(run.stdout.splitlines())
    assert n_noted > 0
    with open_raw(tmp_path) as store:
        assert len(store) == n_noted
        store.append(asked(0), answered("goes on"))
    assert len(read_raw(tmp_path)) == n_noted + 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_someone_else_is_told(tmp_path: Path) -> None:
    """Where nothing may be written, the error names the place."""
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="Permission denied"):
        open_raw(tmp_path / "raw")
