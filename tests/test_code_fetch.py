"""The code of candidates, fetched over real sockets: once, whole, told where it cannot be had."""

from __future__ import annotations

import random
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import ArtifactError, BusyError, InputError
from mining.code.fetch import checked_candidates, left_to_fetch
from mining.code.pins import CodeCandidate
from mining.code.planning import plan_fetch
from mining.code.store import CodeStore
from mining.github.errors import BadCredentialsError, OutageError
from mining.github.http import Account, Client
from tests.code_worlds import FILES, Fetched, fetched_world, many, project, python, world_of
from tests.forked import Forked
from tests.github import NOW, Fault, Faults, Limits, ScaledClock, serve
from tests.github.code import tree_of
from tests.github.git import FILE, FOLDER, SYMLINK, Blob, Entry, commit, folder
from tests.github.log import Asked
from tests.github.replies import Reply
from tests.writers import held

FORGE = "acme/forge"
GONE = "it is deleted or private, or was never there"
TARBALL = "tarball"


# What comes


def test_code_is_fetched_at_the_head(tmp_path: Path) -> None:
    """With what GitHub says of the project; only what is wanted is kept."""
    forge = project(1, FORGE, is_archived=True)
    with fetched_world(world_of(forge), tmp_path) as fetched:
        outcome = fetched.fetch()
        assert (outcome.statuses, outcome.n_fetched) == ({"there": 1}, 1)
        assert outcome.asked == {"core": 1, "graphql": 1}
        assert outcome.n_bytes > 0
        record = fetched.record(FORGE)
        assert (record.commit, record.way) == (forge.commits[0].oid, TARBALL)
        assert record.committed_at is not None
        assert record.committed_at.timestamp() == forge.commits[0].committed_at
        assert (record.stars, record.is_archived, record.is_fork) == (12, True, False)
        assert (record.description, record.topics) == ("A forge", ("mlops",))
        assert (record.n_files, record.n_bytes) == (1, 14)
        code = fetched.store.code(record)
        assert dict(code.files()) == {"app/main.py": b"import mlflow\n"}
        assert code.paths == ("README.md", "app/main.py", "logo.png")
        assert (code.n_files, code.n_bytes) == (3, sum(map(len, FILES.values())))
        assert (code.status, code.commit, code.unread) == ("there", record.commit, [])


def test_nothing_is_fetched_twice(tmp_path: Path) -> None:
    """A second run asks for nothing; a new candidate alone is asked for."""
    with fetched_world(many(12), tmp_path) as fetched:
        fetched.fetch(*(f"acme/p{n:02}" for n in range(1, 12)))
        before = len(fetched.github.requests)
        outcome = fetched.fetch("acme/P03", *(f"acme/p{n:02}" for n in range(1, 12)))
        assert {each.path for each in fetched.github.requests[before:]} == {"/rate_limit"}
        assert (outcome.n_fetched, outcome.asked) == (0, {"core": 0})
        assert outcome.statuses == {"there": 11}
        assert fetched.fetch().n_fetched == 1
        assert fetched.github.requests.repeated().keys() <= {("GET", "/rate_limit", (), None)}
        assert len(fetched.downloads()) == 12


def test_equal_contents_are_kept_once(tmp_path: Path) -> None:
    """The file that all have is one object."""
    with fetched_world(many(5), tmp_path) as fetched:
        fetched.fetch()
        objects = list((tmp_path / "objects").glob("*/*.zst"))
        assert len(objects) == 1 + 5 + 5  # it, their own, their listings
        assert fetched.files("acme/p03") == {"same.py": b"import wandb\n", "own.py": b"3"}


def test_a_named_commit_is_fetched_beside_the_head(tmp_path: Path) -> None:
    """Each of the two has a record of its own."""
    older, newer = tree_of({"a.py": b"old"}), tree_of({"a.py": b"new"})
    commits = (commit(older, NOW - 900, "1"), commit(newer, NOW - 800, "2"))
    with fetched_world(world_of(project(1, FORGE, commits=commits)), tmp_path) as fetched:
        named = CodeCandidate(FORGE, commits[0].oid)
        assert fetched.fetch(FORGE, named).statuses == {"there": 2}
        assert fetched.files(FORGE) == {"a.py": b"new"}
        assert fetched.files(FORGE, commits[0].oid) == {"a.py": b"old"}


def test_a_pinned_project_stays_at_its_commit(tmp_path: Path) -> None:
    """What is pushed between pinning and fetching waits for another store."""
    forge = project(1, FORGE)
    pushed = commit(tree_of({"new.py": b""}), NOW, "2")
    with fetched_world(world_of(forge), tmp_path) as fetched:

        def push(asked: Asked, answered: Reply) -> Reply:
            if asked.resource == "graphql":
                later = replace(forge, commits=(*forge.commits, pushed))
                fetched.github.world = world_of(later)
            return answered

        fetched.github.spoil = push
        fetched.fetch()
        assert fetched.record(FORGE).commit == forge.commits[0].oid
        assert fetched.files(FORGE) == {"app/main.py": b"import mlflow\n"}


# What cannot be had is told


UNKNOWN: dict[str, tuple[dict[str, Any], str, str]] = {
    "deleted": ({"gone_at": NOW - 60}, "unknown", GONE),
    "private": ({"is_private": True}, "unknown", "it is private, and shown to this token alone"),
    "blocked": ({"blocked": True}, "unknown", "Repository access blocked"),
    "nothing pushed": ({"commits": ()}, "empty", "nothing was ever pushed"),
    "no files": ({"files": {}}, "empty", "its commit has no files"),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_a_project_without_code_says_why(tmp_path: Path, kind: str) -> None:
    """None is a project with no files that use anything; the others are fetched."""
    about, status, reason = UNKNOWN[kind]
    world = world_of(project(1, "acme/other"), project(2, FORGE, **about))
    with fetched_world(world, tmp_path) as fetched:
        outcome = fetched.fetch()
        assert outcome.statuses == {status: 1, "there": 1}
        assert outcome.reasons == {reason: 1}
        code = fetched.store.code(fetched.record(FORGE))
        assert (code.status, code.reason) == (status, reason)
        assert list(code.files()) == []
        before = len(fetched.github.requests)
        assert fetched.fetch().reasons == {reason: 1}
        assert len(fetched.github.requests) == before + 1


def test_what_github_does_not_tell_for_now_is_asked_again(tmp_path: Path) -> None:
    """By the next run; the others are fetched all the same."""
    with fetched_world(many(3), tmp_path) as fetched:

        def fail(asked: Asked, answered: Reply) -> Reply:
            content = answered.json()
            if asked.resource != "graphql":
                return answered
            for place, part in list(content["data"].items()):
                if part and part.get("nameWithOwner") == "acme/p02":
                    content["data"][place] = None
                    told = {"type": "INTERNAL", "path": [place], "message": "Something broke"}
                    content["errors"] = [told]
            return answered.with_json(content)

        fetched.github.spoil = fail
        assert fetched.fetch().statuses == {"there": 2, "unknown": 1}
        record = fetched.record("acme/p02")
        assert (record.reason, record.is_final) == ("Something broke", False)
        fetched.github.spoil = None
        assert fetched.fetch().statuses == {"there": 3}
        assert len(fetched.downloads()) == 3


def test_a_name_that_nobody_has_is_unknown(tmp_path: Path) -> None:
    """It may have been there once."""
    with fetched_world(many(1), tmp_path) as fetched:
        assert fetched.fetch("no/body").reasons == {GONE: 1}


def test_a_renamed_project_is_fetched_once(tmp_path: Path) -> None:
    """Under whichever of its names it is asked for."""
    forge = project(1, FORGE, names=((NOW - 900, "old/forge"), (NOW - 800, FORGE)))
    with fetched_world(world_of(forge), tmp_path) as fetched:
        assert fetched.fetch("old/forge", FORGE).statuses == {"there": 2}
        assert fetched.record("old/forge").project == FORGE
        assert fetched.files("old/forge") == fetched.files(FORGE) != {}
        assert len(fetched.downloads()) == 1


def test_a_project_renamed_after_it_was_pinned_is_followed(tmp_path: Path) -> None:
    """The way leads by its number to where it is now."""
    forge = project(1, FORGE)
    moved = replace(forge, names=(*forge.names, (NOW, "new/forge")))
    with fetched_world(world_of(forge), tmp_path) as fetched:
        fetched.github.spoil = after_pins(fetched, world_of(moved))
        assert fetched.fetch(FORGE).statuses == {"there": 1}


def after_pins(fetched: Fetched, world: Any) -> Any:
    """Let the world be another as soon as the commits are told."""

    def change(asked: Asked, answered: Reply) -> Reply:
        if asked.resource == "graphql":
            fetched.github.world = world
        return answered

    return change


@pytest.mark.parametrize("way", [TARBALL, "trees"])
def test_what_vanishes_after_it_was_pinned_is_told_apart(tmp_path: Path, way: str) -> None:
    """The whole project, its commit alone (a rewritten history), or the access to it."""
    pushed = (commit(tree_of({"new.py": b""}), NOW, "2"),)
    gone, rewritten = project(1, "acme/gone"), project(2, "acme/rewritten")
    blocked = project(3, "acme/blocked")
    later = world_of(
        replace(gone, gone_at=NOW),
        replace(rewritten, commits=pushed),
        replace(blocked, blocked=True),
    )
    with fetched_world(world_of(gone, rewritten, blocked), tmp_path) as fetched:
        fetched.github.spoil = after_pins(fetched, later)
        above = 200_000 if way == TARBALL else 0
        assert fetched.fetch(trees_above_kb=above).statuses == {"unknown": 3}
        assert fetched.record("acme/gone").reason == GONE
        assert fetched.record("acme/blocked").reason == "GitHub has blocked it (dmca)"
        oid = rewritten.commits[0].oid
        reason = f"commit {oid} is not there any more, or never was"
        assert fetched.record("acme/rewritten").reason == reason


def test_a_named_commit_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Before anything is downloaded."""
    with fetched_world(many(1), tmp_path) as fetched:
        fetched.fetch(CodeCandidate("acme/p01", "f" * 40))
        reason = fetched.record("acme/p01", "f" * 40).reason
        assert reason == f"commit {'f' * 40} is not there any more, or never was"
        assert fetched.downloads() == []


def test_a_hostile_tarball_leaves_its_project_unknown(tmp_path: Path) -> None:
    """It is refused for good, with the reason; the others come."""
    with fetched_world(many(3), tmp_path) as fetched:
        whole: list[Reply] = []

        def swap(asked: Asked, answered: Reply) -> Reply:
            if asked.resource == "codeload":
                whole.append(answered)
                return whole[0]  # the second project gets the first one's, too
            return answered

        fetched.github.spoil = swap
        assert fetched.fetch("acme/p01", "acme/p02").statuses == {"there": 1, "unknown": 1}
        record = fetched.record("acme/p02")
        assert record.is_final
        assert str(record.reason).startswith("The tarball is refused: ")


def test_large_files_and_pointers_are_named(tmp_path: Path) -> None:
    """They would be wanted, so they are unread; the listing keeps the reasons."""
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    files = {"big.py": b"#" * 1_000_001, "lfs.ipynb": pointer, "a.py": b"1"}
    for above in (200_000, 0):
        with fetched_world(world_of(project(1, FORGE, files)), tmp_path / str(above)) as fetched:
            fetched.fetch(trees_above_kb=above)
            code = fetched.store.code(fetched.record(FORGE))
            assert dict(code.files()) == {"a.py": b"1"}
            assert {each.path: each.reason for each in code.unread} == {
                "big.py": "it is too large (1,000,001 bytes)",
                "lfs.ipynb": "its content is kept elsewhere (Git LFS or git-annex)",
            }


# Large projects, file by file

ODD = {
    "a/b/c.py": b"import mlflow\n",
    "a/b/d.py": b"import mlflow\n",
    "a/latin.py": "# caf\u00e9\n".encode("latin-1"),
    "a/nul.py": b"\0\1\2",
    "bom.py": b"\xef\xbb\xbfimport wandb\n",
    "empty.py": b"",
    "line ends.py": b"a = 1\r\nb = 2\r",
    "long.py": b"# 0123456789\n" * 60_000,
    "notes.txt": b"nothing",
    "\u00fc.ipynb": b"{}",
}


@pytest.mark.parametrize(("place", "hidden"), [("", True), ("", False), ("app/", False)])
def test_what_tarballs_leave_out_is_fetched_all_the_same(
    tmp_path: Path, place: str, hidden: bool
) -> None:
    """Git is told by attributes to leave files out of archives: then the tree counts.

    At the top even where the attributes leave themselves out; below, where they can be seen.
    """
    attributes = b"# tests export-ignore\n/tests export-ignore\n"
    attributes += b".gitattributes export-ignore\n" if hidden else b""
    files = {f"{place}.gitattributes": attributes, f"{place}tests/a.py": b"1", "b.py": b"2"}
    with fetched_world(world_of(project(1, FORGE, files)), tmp_path) as fetched:
        fetched.fetch()
        assert fetched.files(FORGE) == {f"{place}tests/a.py": b"1", "b.py": b"2"}
        assert fetched.record(FORGE).way == "trees"
        assert bool(fetched.downloads()) == bool(place)


@pytest.mark.parametrize("most", [100_000, 8])
def test_a_large_project_is_fetched_file_by_file(tmp_path: Path, most: int) -> None:
    """Byte for byte what its tarball has, whatever GraphQL makes of it; by folders if need be.

    So with binary files, such as are not UTF-8, and texts that GraphQL cuts; a link is no file.
    """
    tree = tree_of(ODD)
    link = Entry("link.py", SYMLINK, Blob(b"bom.py"))
    forge = project(1, FORGE, folder(*tree.entries, link))
    limits = Limits(tree_entries=most)
    listings = []
    for above in (200_000, 0):
        place = tmp_path / str(above)
        with fetched_world(world_of(forge), place, limits=limits) as fetched:
            fetched.fetch(trees_above_kb=above)
            record = fetched.record(FORGE)
            wanted = {path: ODD[path] for path in ODD if path != "notes.txt"}
            assert fetched.files(FORGE) == wanted
            listings.append(fetched.store.listing(str(record.listing)))
            assert bool(fetched.downloads()) == (above > 0)
            assert not list(place.glob("unfinished/*"))
    assert listings[0] == listings[1]
    assert listings[0].unread == (("link.py", "it is a link, and links are not followed"),)


def test_a_folder_too_large_to_be_listed_is_named(tmp_path: Path) -> None:
    """What GitHub lists of it is read; that there is more is told."""
    files = {f"many/{n}.py": b"%d" % n for n in range(9)}
    forge = project(1, FORGE, {**files, "a.py": b"a"})
    with fetched_world(world_of(forge), tmp_path, limits=Limits(tree_entries=5)) as fetched:
        fetched.fetch(trees_above_kb=0)
        code = fetched.store.code(fetched.record(FORGE))
        assert dict(code.files()).keys() == {"a.py", *(f"many/{n}.py" for n in range(5))}
        (unread,) = code.unread
        assert (unread.path, unread.reason) == ("many/", "it holds more files than GitHub lists")


def test_folders_that_hold_each_other_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would be listed for ever, one request after another."""
    monkeypatch.setattr("mining.code.trees.MOST_LISTINGS", 20)
    tree = tree_of({"a.py": b"x"})
    for _ in range(4):
        tree = folder(*(Entry(f"{n}", FOLDER, tree) for n in range(4)))
    limits = Limits(tree_entries=9)
    with fetched_world(world_of(project(1, FORGE, tree)), tmp_path, limits=limits) as fetched:
        fetched.fetch(trees_above_kb=0)
        record = fetched.record(FORGE)
        assert (record.status, record.is_final) == ("unknown", True)
        assert record.reason == "it lists more files than any project has"


def test_a_tree_with_ways_out_is_no_danger(tmp_path: Path) -> None:
    """Names that no honest git has are unread, as in a tarball."""
    bad = Entry("..", FOLDER, folder(Entry("a.py", FILE, Blob(b"bad"))))
    forge = project(1, FORGE, folder(bad, Entry("b.py", FILE, Blob(b"good"))))
    for above in (200_000, 0):
        with fetched_world(world_of(forge), tmp_path / str(above)) as fetched:
            fetched.fetch(trees_above_kb=above)
            code = fetched.store.code(fetched.record(FORGE))
            assert dict(code.files()) == {"b.py": b"good"}
            assert [each.path for each in code.unread] == ["../a.py"]


# Limits and failures


@pytest.mark.parametrize(
    "fault",
    [
        Fault("secondary_429", "codeload"),
        Fault("secondary_403_message", "core"),
        Fault("primary_403", "core"),
        Fault("502", "codeload"),
        Fault("503", "core"),
        Fault("dropped", "codeload"),
        Fault("dropped_midway", "codeload"),
        Fault("cut_short", "codeload"),
        Fault("cut_short", "graphql"),
        Fault("resource_limits", "graphql"),
    ],
    ids=lambda fault: f"{fault.kind} of {fault.resource}",
)
@pytest.mark.parametrize("way", [TARBALL, "trees"])
def test_failures_that_pass_change_nothing(tmp_path: Path, fault: Fault, way: str) -> None:
    """Each project's code comes whole after two failures in a row; no wait is cut short."""
    above = 200_000 if way == TARBALL else 0
    with fetched_world(many(4), tmp_path, faults=Faults(fault, in_a_row=2)) as fetched:
        assert fetched.fetch(trees_above_kb=above).statuses == {"there": 4}
        for n in range(1, 5):
            found = fetched.files(f"acme/p{n:02}")
            assert found == {"same.py": b"import wandb\n", "own.py": b"%d" % n}
        assert fetched.github.violations == []
        assert fetched.github.hasty == []
        assert not any(
            each.with_token for each in fetched.github.requests if each.path[:9] == "/codeload"
        )


def test_the_limit_of_an_hour_is_waited_for(tmp_path: Path) -> None:
    """It is told, and never overdrawn."""
    with fetched_world(many(25), tmp_path, limits=Limits(core=20)) as fetched:
        outcome = fetched.fetch()
        assert outcome.statuses == {"there": 25}
        assert 1_000 < outcome.waited_s < 4_000
        assert fetched.github.violations == []
        assert any("core limit (20 an hour) to reset" in said for said in fetched.heard.said)


def test_a_slow_codeload_is_waited_for_half_an_hour(tmp_path: Path) -> None:
    """It answers 429 without saying how long; six attempts take that much."""
    faults = Faults(Fault("secondary_403_message", "codeload"), in_a_row=5)
    with fetched_world(many(1), tmp_path, faults=faults) as fetched:

        def too_many(asked: Asked, answered: Reply) -> Reply:
            return replace(answered, status=429) if answered.status == 403 else answered

        fetched.github.spoil = too_many
        outcome = fetched.fetch()
        assert outcome.statuses == {"there": 1}
        assert 1_800 <= outcome.waited_s <= 2_400


def test_an_outage_ends_the_run_and_loses_nothing(tmp_path: Path) -> None:
    """What could not be had for now is asked for by the next run, at the same commit."""
    faults = Faults(Fault("503", "codeload", nth=range(3, 100)), in_a_row=100)
    with fetched_world(many(8), tmp_path, faults=faults) as fetched:
        with pytest.raises(OutageError, match="could not be had") as told:
            fetched.fetch()
        assert told.value.fix
        assert Counter(each.status for each in fetched.store.records()) == {
            "there": 2,
            "unknown": 2,
            "pinned": 4,
        }
        fetched.github.faults = Faults()
        n_pins = fetched.github.requests.by_resource()["graphql"]
        assert fetched.fetch().statuses == {"there": 8}
        assert fetched.github.requests.by_resource()["graphql"] == n_pins


def test_a_redirect_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """Neither is the token sent there, nor anything asked."""
    with fetched_world(many(1), tmp_path) as fetched:

        def elsewhere(asked: Asked, answered: Reply) -> Reply:
            location = answered.headers.get("location", "").replace("127.0.0.1", "127.0.0.2")
            return (
                answered.with_headers({})
                if not location
                else replace(answered, headers={"location": location})
            )

        fetched.github.spoil = elsewhere
        assert fetched.fetch().statuses == {"unknown": 1}
        record = fetched.record("acme/p01")
        assert "leads elsewhere" in str(record.reason)
        assert not record.is_final
        assert fetched.downloads() == []


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://codeload.github.com/acme/forge/legacy.tar.gz/0123", True),
        ("https://api.github.com/codeload/acme/forge", True),
        ("https://api.github.com/repositories/1/tarball/0123", False),
        ("http://codeload.github.com/acme/forge/legacy.tar.gz/0123", False),
        ("https://codeload.github.com.evil.org/acme", False),
        ("https://codeload.github.com:444/acme", False),
        ("https://me@codeload.github.com/acme", False),
        ("file:///etc/passwd", False),
        ("/codeload/acme", False),
        ("https://[", False),
    ],
)
def test_archives_come_from_github_alone(url: str, is_one: bool) -> None:
    """From codeload, over https, and from nobody whose name looks like it."""
    with Client(Account()) as client:
        assert client.is_download(url) is is_one


# Interruptions and damage


def content(folder: Path) -> dict[str, Any]:
    """Return all that a store holds, but for the times."""
    store = CodeStore(folder)
    times = {"observed_at", "fetched_at"}
    return {
        record.asked: (record.model_dump(exclude=times), dict(store.code(record).files()))
        for record in store.records()
    }


@pytest.mark.parametrize("above", [200_000, 0], ids=["tarballs", "trees"])
def test_kills_lose_and_repeat_nothing(tmp_path: Path, above: int) -> None:
    """Killed at random moments, then left alone, fetching gives the same, asked for once."""
    world = many(12)
    with fetched_world(world, tmp_path / "quiet") as fetched:
        fetched.fetch(trees_above_kb=above)
    clock = ScaledClock(60.0, NOW)
    with serve(world, clock=clock, latency_s=1.0) as github:
        what = {
            "folder": str(tmp_path / "killed"),
            "url": github.url,
            "names": [each.full_name for each in world.repositories.values()],
            "clock": [clock.factor, clock.start_s, clock.epoch_s],
            "settings": {"trees_above_kb": above},
        }
        rng, n_hit = random.Random(0), 0
        found = Forked("tests.code_worlds:fetching", what)
        for _ in range(5):
            n_hit += found.run(kill_after_s=rng.uniform(0.0, 0.4)) == -signal.SIGKILL
        assert found.run() == 0
        assert n_hit >= 1  # however quick the machine is
        assert github.violations == []
        asked = Counter(
            each.identity
            for each in github.requests
            if each.status == 200 and each.path != "/rate_limit"
        )
    assert content(tmp_path / "killed") == content(tmp_path / "quiet")
    assert sum(asked.values()) - len(asked) <= 2 * n_hit  # what was under way when it was killed
    killed = tmp_path / "killed"
    assert not [path for name in ("incoming", "unfinished") for path in killed.glob(f"{name}/*")]


def test_an_interruption_leaves_the_store_whole(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a tarball: the next run fetches that one, and the rest."""
    with fetched_world(many(4), tmp_path) as fetched:

        def interrupt(asked: Asked, answered: Reply) -> Reply:
            if asked.resource == "codeload" and asked.nth == 3:
                raise_soon.append(asked)
            return answered

        raise_soon: list[Asked] = []
        fetched.github.spoil = interrupt
        write = CodeStore.put

        def put(self: CodeStore, data: bytes) -> str:
            if raise_soon:
                raise KeyboardInterrupt
            return write(self, data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CodeStore, "put", put)
            with pytest.raises(KeyboardInterrupt):
                fetched.fetch()
        assert Counter(each.status for each in fetched.store.records()) == {"there": 2, "pinned": 2}
        fetched.github.spoil = None
        assert fetched.fetch().n_fetched == 2


def test_a_second_fetch_into_a_store_is_refused(tmp_path: Path) -> None:
    """While one is at it."""
    with (
        fetched_world(many(1), tmp_path) as fetched,
        held(tmp_path / "answers.jsonl.zst"),
        pytest.raises(BusyError, match="Another opsatlas is at work"),
    ):
        fetched.fetch()


@given(st.binary(max_size=2_000), st.integers(0), st.integers(1, 255))
def test_damage_anywhere_in_an_object_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int, change: int
) -> None:
    """Whichever byte is another: the content of a hash is that content, or an error."""
    folder = tmp_path_factory.getbasetemp() / "objects"
    store = CodeStore(folder)
    name = store.put(data)
    assert store.get(name) == data
    (place,) = folder.glob("objects/*/*.zst")
    packed = bytearray(place.read_bytes())
    packed[at % len(packed)] ^= change
    place.write_bytes(packed)
    try:
        assert store.get(name) == data
    except ArtifactError as error:
        assert error.fix
    place.unlink()


@pytest.mark.parametrize("kind", ["damaged", "missing", "listing", "half"])
def test_damage_is_found_and_fetched_again(tmp_path: Path, kind: str) -> None:
    """A file that is damaged is unread when it is read, and mended by a fetch that verifies."""
    with fetched_world(many(3), tmp_path) as fetched:
        fetched.fetch()
        record = fetched.record("acme/p02")
        (own,) = (
            file
            for file in fetched.store.listing(str(record.listing)).files
            if file.path == "own.py"
        )
        name = str(record.listing) if kind == "listing" else own.sha256
        place = tmp_path / "objects" / name[:2] / f"{name[2:]}.zst"
        if kind == "missing":
            place.unlink()
        else:
            place.write_bytes(place.read_bytes()[: -1 if kind == "damaged" else 9])
        if kind != "listing":
            code = fetched.store.code(record)
            assert dict(code.files()) == {"same.py": b"import wandb\n"}
            assert [each.path for each in code.unread] == ["own.py"]
        assert fetched.fetch().n_fetched == 0
        assert fetched.fetch(verify=True).n_fetched == 1
        assert fetched.files("acme/p02") == {"same.py": b"import wandb\n", "own.py": b"2"}
        assert fetched.record("acme/p02").commit == record.commit


def test_what_is_wanted_by_now_is_fetched_as_well(tmp_path: Path) -> None:
    """Where it is asked whether all that is wanted was kept."""
    with fetched_world(world_of(project(1, FORGE)), tmp_path) as fetched:
        fetched.fetch()
        record = fetched.record(FORGE)
        assert fetched.store.faults(record, python) == []
        assert fetched.store.faults(record, lambda path, size: True) == ["README.md", "logo.png"]


def test_code_that_was_not_fetched_is_unknown(tmp_path: Path) -> None:
    """As what was pinned only, and what is damaged, it is never a project without files."""
    with fetched_world(many(3), tmp_path) as fetched:
        names = [CodeCandidate(f"acme/p{n:02}") for n in (1, 2, 3)]
        assert left_to_fetch(tmp_path, names) == (3, 0)
        assert fetched.store.read("acme/p01").reason == "it is not fetched yet"
        fetched.github.faults = Faults(Fault("503", "codeload"), in_a_row=100)
        with pytest.raises(OutageError):
            fetched.fetch()
        assert left_to_fetch(tmp_path, names) == (3, 3)
        assert fetched.store.read("acme/p03").reason == "it is not fetched yet"
        fetched.github.faults = Faults()
        fetched.fetch()
        assert left_to_fetch(tmp_path, names) == (0, 0)
        assert dict(fetched.store.read("acme/p03").files())["own.py"] == b"3"
        listing = str(fetched.record("acme/p03").listing)
        (tmp_path / "objects" / listing[:2] / f"{listing[2:]}.zst").unlink()
        code = fetched.store.read("acme/p03")
        assert (code.status, code.reason) == ("unknown", "A file of fetched code is missing")


def test_a_damaged_record_is_made_again(tmp_path: Path) -> None:
    """It says nothing any more, so its project is asked for like a new one."""
    with fetched_world(many(2), tmp_path) as fetched:
        fetched.fetch()
        (tmp_path / "records" / "acme" / "p01.json").write_text("{")
        assert fetched.fetch().n_fetched == 1
        assert fetched.record("acme/p01").status == "there"


# Who may ask for what


def test_without_a_token_nothing_is_begun(tmp_path: Path) -> None:
    """It says where to get one; one that is not accepted is told as well."""
    with fetched_world(many(1), tmp_path) as fetched:
        with pytest.raises(InputError, match="Without a token"):
            fetched.fetch(token=None)
        with pytest.raises(BadCredentialsError, match="does not accept the token"):
            fetched.fetch(token="a-token-that-expired")


@pytest.mark.parametrize(
    "candidate",
    [
        CodeCandidate("forge"),
        CodeCandidate("acme/forge/more"),
        CodeCandidate("../forge"),
        CodeCandidate("acme/.."),
        CodeCandidate("acme/a b"),
        CodeCandidate(FORGE, "main"),
        CodeCandidate(FORGE, "../../x"),
    ],
    ids=str,
)
def test_what_names_no_project_is_refused(candidate: CodeCandidate) -> None:
    """Before anything is asked or written."""
    with pytest.raises(InputError, match="This is no candidate"):
        checked_candidates([candidate])


def test_candidates_count_once() -> None:
    """Capitals make no difference, as on GitHub; names may begin with a dot."""
    found = checked_candidates(map(CodeCandidate, ["b/.github", "A/x", "a/X"]))
    assert [each.project for each in found] == ["A/x", "b/.github"]
    named = [CodeCandidate(FORGE, "F" * 40), CodeCandidate(FORGE, "f" * 40)]
    assert checked_candidates(named) == [CodeCandidate(FORGE, "f" * 40)]


# Plans


def test_fifty_thousand_projects_are_planned_at_once() -> None:
    """By what was measured: 280 GB that come, 17 GB that stay, ten hours of GitHub's limits."""
    plan = plan_fetch(50_000)
    assert (plan.bytes_down / 1e9, plan.bytes_kept / 1e9) == (280, 17.5)
    assert 9 <= plan.quota_hours <= 12
    assert plan.hours == max(plan.quota_hours, plan.transfer_hours)
    small = plan_fetch(969)
    assert small.quota_hours == 0
    assert 969 <= small.requests < 1_400
    assert plan_fetch(969, pinned=969).requests < small.requests
    assert plan_fetch(0).requests == plan_fetch(0).hours == 0
