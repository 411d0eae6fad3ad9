"""`opsatlas mine` as people use it: what it prints, what it refuses, what it keeps."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import opsatlas
from warm import Done

from artifacts.progress import SilentProgress
from embeddings.settings import HASHED_WORDS, VectorSettings
from opsatlas.doctor import check_machine
from tests.github import TOKEN, FakeGitHub, World, make_world, serve
from tests.github.world import Label
from tests.mining_worlds import SMALL, TOPICS

EXPIRED, LACKING = "expired-token-0000", "lacking-token-0000"
STUDY = f"""\
[study]
name = "made-up"
title = "A made-up ecosystem"

[ecosystem]
topics = {list(TOPICS)}

[[frameworks]]
name = "BentoML"
repository = "{SMALL[0]}"
request_labels = ["enhancement", "new-feature"]

[[frameworks]]
name = "Weights & Biases"
repository = "{SMALL[1]}"
request_labels = ["ty:feature"]
"""


class RealClock:
    """The machine's clock, for a server that a real command asks."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


Run = Callable[..., Done]


@pytest.fixture(scope="module")
def world() -> World:
    """Return a world as of today."""
    return make_world(1, 30, TOPICS, SMALL, 60, now=int(time.time()))


@pytest.fixture
def github(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """Serve the world, and set the environment that a user would set."""
    with serve(world, clock=RealClock(), expired=[EXPIRED], lacking=[LACKING]) as found:
        monkeypatch.setenv("GITHUB_API_URL", found.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield found


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs `opsatlas mine` on a study in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mining.github.limits.SystemClock.sleep", lambda self, seconds: None)
    Path("study.toml").write_text(STUDY, encoding="utf-8")

    def ran(*arguments: str, study: str = "study.toml") -> Done:
        return opsatlas("mine", study, "-w", "ws", *arguments)

    return ran


def refused(done: Done) -> str:
    """Return the one error of a command that ended with 2."""
    assert done.code == 2, done.out
    assert done.out == ""
    assert done.err.count("error: ") == 1
    return done.err


def edited(old: str, new: str) -> str:
    """Write the study with something changed; return its name."""
    assert STUDY.count(old) == 1
    Path("edited.toml").write_text(STUDY.replace(old, new), encoding="utf-8")
    return "edited.toml"


def test_a_study_becomes_a_sealed_snapshot(github: FakeGitHub, run: Run) -> None:
    """It says what was found, what a label is called now, what it cost, and how to go on."""
    done = run()
    assert done.code == 0, done.err
    assert re.search(r"topic:mlops: \d+ repositories in 1 part", done.out)
    assert "has no label 'new-feature' today; is 'new feature' meant?" in done.out
    assert re.search(r"requests: GraphQL \d+, search 2", done.out)
    assert re.search(r"✓ \d{4}-\d\d-\d\d\.topics \(sealed\) holds: repositories \d+", done.out)
    assert 'set snapshot = "' in done.out
    again = run()
    assert "sealed already" in again.out
    replayed = run("--replay")
    assert "to the byte" in replayed.out
    assert github.violations == []


def test_labels_are_printed_as_they_are(github: FakeGitHub, run: Run) -> None:
    """Who copies a label from the terminal has the label: no emoji for its name, no markup."""
    odd = (":sparkles: feature request", "[bold]idea[/]", "[/] wish", "type:x: feature")
    each = github.world.find(SMALL[0])
    assert each is not None
    labelled = replace(each, labels=tuple(Label(name) for name in odd))
    github.world = World(
        github.world.now, {**github.world.repositories, each.database_id: labelled}
    )
    done = run()
    assert done.code == 0, done.err
    for name in odd:
        assert repr(name) in done.out


def test_the_plan_tells_what_is_asked_before_it_is(github: FakeGitHub, run: Run) -> None:
    """Requests by resource and the time by the limits; close to what mining then asks."""
    plan = run("--plan")
    assert plan.code == 0, plan.err
    told = re.search(r"(\d+) requests with a token: about", plan.out)
    assert told is not None
    assert "the limits alone take:" in plan.out
    assert json.loads(run("--plan", "--json").out)["requests"] == int(told[1])
    assert not Path("ws/raw").exists()
    n_before = len(github.requests)
    assert run().code == 0
    n_asked = len(github.requests) - n_before
    assert 0.5 * n_asked <= int(told[1]) <= 2 * n_asked
    n_before = len(github.requests)
    assert "as many as in" in run("--plan", "--snapshot", "2020-01-01.other").out
    assert {asked.path for asked in list(github.requests)[n_before:]} == {"/rate_limit"}


def test_a_check_writes_nothing(
    github: FakeGitHub, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with 0 where all works, with 2 where something that mining needs does not."""
    done = run("--check")
    assert done.code == 0, done.err
    assert "GITHUB_TOKEN is accepted" in done.out
    assert "✓ all that mining needs works from here" in done.out
    checks = json.loads(run("--check", "--json").out)
    assert {each["state"] for each in checks} <= {"works", "look at it"}
    monkeypatch.setenv("GITHUB_TOKEN", EXPIRED)
    done = run("--check")
    assert done.code == 2
    assert "does not accept the token" in done.out
    assert not Path("ws").exists()


def test_the_doctor_asks_github_only_if_told_to(github: FakeGitHub, tmp_path: Path) -> None:
    """Then it says whether GitHub answers, takes the token, and what is left of the limits."""
    settings = VectorSettings(model=HASHED_WORDS)
    for network in (False, True):
        checks = check_machine(tmp_path, settings, progress=SilentProgress(), network=network)
        found = {check.what: check.state.value for check in checks}
        assert ("way to GitHub" in found) == network
        assert (len(github.requests.by_resource()) > 0) == network
    assert found["way to GitHub"] == found["limit of core"] == "works"


def test_a_past_day_says_what_is_known_of_it(github: FakeGitHub, run: Run) -> None:
    """Each table's columns are told: as of then, today's, or unknown."""
    done = run("--as-of", "2024-06-01")
    assert done.code == 0, done.err
    assert "repositories, as of then: " in done.out
    assert "issues, unknown: updated_at, comments" in done.out
    assert "✓ 2024-06-01.as-of (sealed)" in done.out


def test_what_changed_since_is_mined_by_name(github: FakeGitHub, run: Run) -> None:
    """The next snapshot says how much was as before."""
    assert run("--snapshot", "2026-01-01.topics").code == 0
    done = run("--since", "2026-01-01.topics")
    assert done.code == 0, done.err
    assert re.search(r"as in 2026-01-01\.topics: \d+ repositories, \d+ issues", done.out)


def test_lists_are_mined_without_topics(github: FakeGitHub, world: World, run: Run) -> None:
    """A list of names and an awesome list do as well; what is not there is told."""
    there = [e for e in world.repositories.values() if not (e.is_gone or e.blocked)][:3]
    Path("names.txt").write_text(f"{there[0].full_name}\nnobody/nothing\n", encoding="utf-8")
    Path("awesome.md").write_text(
        "".join(f"- [{e.name}](https://github.com/{e.full_name}) does things\n" for e in there[1:]),
        encoding="utf-8",
    )
    done = run(study=edited(f"topics = {list(TOPICS)}", 'lists = ["names.txt", "awesome.md"]'))
    assert done.code == 0, done.err
    assert "nobody/nothing, which a list names, is not there" in done.out
    assert "repositories 5" in done.out  # with the two frameworks


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("unknown-token-0000", "does not accept the token"),
        (EXPIRED, "does not accept the token"),
        (LACKING, "does not allow this"),
        ("two words", "characters that no token has"),
    ],
)
def test_a_token_that_is_no_good(
    github: FakeGitHub, run: Run, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    """Wrong, expired, without the permission: one sentence, and the token is not repeated."""
    monkeypatch.setenv("GITHUB_TOKEN", token)
    error = refused(run())
    assert said in error
    assert token not in error
    assert not Path("ws/snapshots").exists()


def test_a_bad_token_is_told_by_its_variable(
    github: FakeGitHub, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the token came from is said, and that a second variable is set and was not used."""
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_TOKEN", EXPIRED)
    error = refused(run())
    assert "where: GITHUB_TOKEN" in error
    assert "GH_TOKEN is set as well and is used only where GITHUB_TOKEN is not" in error
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setenv("GH_TOKEN", EXPIRED)
    error = refused(run())
    assert "where: GH_TOKEN" in error
    assert "GITHUB_TOKEN" not in error


def test_a_misspelt_topic_is_told_and_what_came_is_kept(github: FakeGitHub, run: Run) -> None:
    """What was mined before is kept and said; with the topic corrected, mining goes on."""
    error = refused(run(study=edited("'mlops'", "'mlopz'")))
    assert "no repository under the topic 'mlopz'" in error
    kept = re.search(r"(\d+) answers are kept in ws/raw/", error)
    assert kept is not None
    done = run()
    assert done.code == 0
    assert (
        f"going on with {time.strftime('%Y-%m-%d', time.gmtime())}.topics: {kept[1]} " in done.err
    )
    repeated = [
        params for _, path, params, _ in github.requests.repeated() if path != "/rate_limit"
    ]
    assert all("topic:mlopz" in dict(params)["q"] for params in repeated)  # nothing is no answer


def test_a_misspelt_framework_is_told_before_anything_long(github: FakeGitHub, run: Run) -> None:
    """Frameworks are looked for first."""
    error = refused(run(study=edited(SMALL[0], "bentoml/BentoMl2")))
    assert "There is no public repository bentoml/BentoMl2 (framework BentoML)" in error
    assert github.requests.by_resource()["search"] == 0


def test_no_network_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers, or a proxy is not there, it is said after a few attempts."""
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    assert "GitHub cannot be reached" in refused(run())
    monkeypatch.setenv("GITHUB_API_URL", "https://git.acme.invalid")
    monkeypatch.setenv("HTTP_PROXY", "nonsense://proxy")
    assert "The proxy that the environment names cannot be used" in refused(run())
    assert not Path("ws/snapshots").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as-of", "2999-01-01"], "not over yet"),
        (["--since", "2001-01-01.topics"], "no snapshot 2001-01-01.topics"),
        (["--since", "2001-01-01.topics", "--as-of", "2020-01-01"], "give one of them"),
        (["--snapshot", "yesterday"], "not a snapshot id"),
        (["--replay"], "no raw answers"),
    ],
)
def test_what_makes_no_sense_is_refused(
    github: FakeGitHub, run: Run, arguments: list[str], said: str
) -> None:
    """Each with one clear error, and nothing is half-written."""
    assert said in refused(run(*arguments))
    assert not Path("ws/snapshots").exists()


def test_a_token_taken_away_in_the_middle_is_noticed(
    github: FakeGitHub, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun with a token is not finished without one, as it would be another thing."""
    refused(run(study=edited("'mlops'", "'mlopz'")))
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "was begun with a token" in refused(run())
