"""Histories read from clones: months, people, bots and agents, and up to when they are known."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Hashable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mining.histories.authors import author_kind
from mining.histories.clones import open_clone
from mining.histories.factors import FileWork, absence_factor, degree_of_authorship, truck_factor
from mining.histories.people import one_person
from mining.histories.reading import HistoryOptions, HistorySource, ReadHistory, read_history
from mining.histories.tags import is_nightly
from tests.clones import MADE_AT, damage, git, lose, unpack
from tests.made_histories import BEN, DEPENDABOT, Made, history_of

DAY = datetime(2024, 1, 1, tzinfo=UTC)
READ_AT = datetime(2026, 1, 1, tzinfo=UTC)
AGENT = "Copilot <198982749+Copilot@users.noreply.github.com>"
TWO_YEARS = (
    Made("2022-03-01", files={"a.py": "1"}),
    Made("2022-03-31", BEN, files={"b.py": "2"}, message="Add b (#7)"),
    Made("2022-05-01", DEPENDABOT, files={"c.py": "3"}),
    Made("2023-12-01", AGENT, files={"a.py": "4"}),
    Made("2023-12-02", files={"a.py": "5"}),
)


def read(place: Path, observed_at: datetime | None = DAY, *, truck: bool = False) -> ReadHistory:
    """Read a clone that is known until a day."""
    options = HistoryOptions(READ_AT, truck)
    return read_history(options, HistorySource("acme/tool", place, observed_at))


def by_month(read: ReadHistory) -> dict[str, dict[str, Any]]:
    """Return what happened in each month."""
    return {row["month"]: row for row in read.months}


# Who


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Travis Addair", "tgaddair@gmail.com"),
        ("Travis", "travis.e.cook@gmail.com"),
        ("T. J. Smith", "tj@smith.io"),
        ("Bocci", "bocci@example.it"),
        ("Wrightsman", "w@x.org"),
        ("Manuel Ciosici", "manuel@x.org"),
        ("Daniel Feldman", "d@x.com"),
        ("Ciges", "ciges@x.es"),
        ("David Talbot", "17692467+dctalbot@users.noreply.github.com"),
        ("François Bobot", "francois.bobot@cea.fr"),
        ("Devin Robison", "drobison@nvidia.com"),
        ("Claude", "claude.martin@x.fr"),
        ("Jules", "jules@x.fr"),
        ("J", "Agent007@users.noreply.github.com"),
    ],
)
def test_people_stay_people(name: str, email: str) -> None:
    """Names that hold the letters of bot, ci or an agent's are people's all the same."""
    assert author_kind(name, email) == "human"


@pytest.mark.parametrize(
    ("name", "email", "kind"),
    [
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "bot"),
        ("Prefect", "41086007+marvin-robot@users.noreply.github.com", "bot"),
        ("marvin-robot", "m@prefect.io", "bot"),
        ("renovate", "x@y.org", "bot"),
        ("GitHub Actions", "actions@github.com", "bot"),
        ("pre-commit-ci[bot]", "66853113+pre-commit-ci[bot]@users.noreply.github.com", "bot"),
        ("FishtownBuildBot", "77737458+x@users.noreply.github.com", "bot"),
        ("Travis CI", "builds@travis-ci.org", "bot"),
        ("Haystack Bot", "h@deepset.ai", "bot"),
        ("fa-assistant", "bots+fa@x.com", "bot"),
        ("Copilot", "198982749+Copilot@users.noreply.github.com", "agent"),
        ("copilot-swe-agent[bot]", "1+copilot-swe-agent[bot]@users.noreply.github.com", "agent"),
        ("Devin AI", "158243242+devin-ai-integration[bot]@users.noreply.github.com", "agent"),
        ("Claude", "noreply@anthropic.com", "agent"),
        ("claude[bot]", "209825114+claude[bot]@users.noreply.github.com", "agent"),
        ("Cursor Agent", "cursoragent@cursor.com", "agent"),
        ("Codex", "codex@openai.com", "agent"),
    ],
)
def test_bots_and_agents_are_told_by_whole_names(name: str, email: str, kind: str) -> None:
    """Rules and lists of whole names and addresses tell them."""
    assert author_kind(name, email) == kind


def test_one_person_may_have_many_addresses() -> None:
    """An address, an account of GitHub, or a full name joins; a first name alone does not."""
    numbers = one_person(
        [
            ("Ada Long", "ada@acme.org"),
            ("ada", "ADA@acme.org"),
            ("Ada Long", "7+ada@users.noreply.github.com"),
            ("adalong", "ada@users.noreply.github.com"),
            ("Ada", "other@x.org"),
            ("Wei Wang", "1+wei@users.noreply.github.com"),
            ("Wei Wang", "2+wang@users.noreply.github.com"),
            ("root", "root@localhost"),
            ("Ben Short", "root@localhost"),
            ("Your Name", "you@x.org"),
            ("Your Name", "me@y.org"),
        ]
    )
    assert numbers == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]


@given(
    st.lists(st.tuples(st.sampled_from(["A B", "Al Bo", "x"]), st.sampled_from("abc")), max_size=8)
)
def test_equal_authors_are_one_person_in_any_order(authors: list[tuple[str, str]]) -> None:
    """Who is one person does not depend on the order in which they come."""
    numbers = one_person(authors)
    backwards = one_person(authors[::-1])[::-1]
    pairs = [(i, j) for i in range(len(authors)) for j in range(i)]
    assert all((numbers[i] == numbers[j]) == (backwards[i] == backwards[j]) for i, j in pairs)
    assert all(numbers[i] == numbers[j] for i, j in pairs if authors[i] == authors[j])


# Factors


def test_absence_factor_is_that_of_chaoss() -> None:
    """CHAOSS' example gives 2; without contributions there is none."""
    assert absence_factor([1000, 202, 90, 33, 332, 343, 42, 433]) == 2
    assert absence_factor([5, 5]) == 1
    assert absence_factor([]) is None
    assert absence_factor([0]) is None


def test_authorship_and_truck_factor_are_those_of_avelino() -> None:
    """Degrees follow the formula; who has most files leaves first, until half are orphans."""
    assert degree_of_authorship(is_first=True, deliveries=2, by_others=0) == pytest.approx(4.719)
    assert degree_of_authorship(is_first=False, deliveries=10, by_others=9) == pytest.approx(
        4.1939, abs=1e-4
    )
    assert FileWork("ada", Counter({"ben": 1})).authors() == {"ada", "ben"}
    assert FileWork("ada", Counter({"ben": 30})).authors() == {"ben"}
    files: dict[str, set[Hashable]] = {"1": {"a"}, "2": {"a"}, "3": {"a", "b"}, "4": {"b"}}
    assert truck_factor(files) == 2
    assert truck_factor({"1": {"a"}, "2": {"b"}, "3": {"a"}}) == 1
    assert truck_factor({"1": set()}) is None


def test_truck_factor_is_of_own_source_code(tmp_path: Path) -> None:
    """Ada and Ben must leave; third parties' code and documents are no matter."""
    others: dict[str, str | None] = {f"vendor/{n}.c": f"{n}" for n in range(9)}
    docs: dict[str, str | None] = {f"docs/{n}.md": f"{n}" for n in range(9)}
    commits = (
        Made("2023-01-01", files={"a.py": "1", "b.py": "2", **others}),
        Made("2023-01-02", BEN, files={"c.py": "3", "d.py": "4"}),
        Made("2023-01-03", DEPENDABOT, files={"f.py": "6", **docs}),
        Made("2023-01-04", "Cy Tall <cy@acme.org>", files={"g.py": "7", "a.py": "8"}),
    )
    place = history_of(tmp_path / "acme/tool", commits)
    assert read(place, truck=True).history["truck_factor"] == 2
    assert read(place).history.get("truck_factor") is None


# Months


def test_months_tell_people_bots_and_agents_apart(tmp_path: Path) -> None:
    """Each commit is a person's, a bot's or an agent's; newcomers count once."""
    repository = history_of(tmp_path / "acme/tool", TWO_YEARS, tags={"v1": 2, "nightly-2022": 1})
    told = read(repository)
    months = by_month(told)
    assert list(months) == ["2022-03", "2022-05", "2023-12"]
    first = {"month": "2022-03", "commits": 2, "human": 2, "bot": 0, "agent": 0}
    assert months["2022-03"] == {**first, "people": 2, "newcomers": 2, "tags": 0}
    assert (months["2022-05"]["bot"], months["2022-05"]["tags"]) == (1, 1)
    last = months["2023-12"]
    assert (last["human"], last["agent"], last["people"], last["newcomers"]) == (1, 1, 1, 0)
    history = told.history
    assert history["observed_at"] == DAY
    assert history["first_commit_at"] == datetime(2022, 3, 1, tzinfo=UTC)
    assert history["last_human_at"] == datetime(2023, 12, 2, tzinfo=UTC)
    assert (history["commits"], history["roots"], history["merges"]) == (5, 1, 0)
    assert (history["identities"], history["absence_factor"]) == (2, 1)
    assert history["squash_share"] == 0.2
    assert history["flags"] == ["nightly tags"]
    assert history["reason"] is None


def test_who_left_long_ago_is_no_risk_any_more(tmp_path: Path) -> None:
    """The absence factor is of the last year; where nobody committed then, it is not known."""
    place = history_of(tmp_path / "acme/tool", TWO_YEARS)
    told = read(place, datetime(2025, 6, 1, tzinfo=UTC)).history
    assert told["absence_factor"] is None
    assert "no person committed" in told["reason"]


def test_a_mailmap_joins_names(tmp_path: Path) -> None:
    """The mailmap of the head counts; without its content, names are what they are."""
    commits = (
        Made("2023-01-01", "ad <ad@home.org>"),
        Made("2023-01-02", files={".mailmap": "Ada Long <ada@acme.org> <ad@home.org>\n"}),
    )
    place = history_of(tmp_path / "acme/tool", commits)
    assert read(place).history["identities"] == 1
    unpack(place)
    lose(place, git(place, "rev-parse", "main:.mailmap"))
    assert read(place).history["identities"] == 2


def test_a_mailmap_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A partial clone left it out, so that one person counts twice; once fetched, it counts."""
    mailmap = {".mailmap": "Ada Long <ada@acme.org> <q@example.net>\n"}
    commits = (Made("2023-01-01", files=mailmap), Made("2023-02-01", "Q <q@example.net>"))
    origin = history_of(tmp_path / "origin", commits)
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{origin}", "acme/tool")
    place = tmp_path / "acme/tool"
    told, state = read(place).history, open_clone(place).state_hash()
    assert told["identities"] == 2
    assert "people may count more than once" in told["reason"]
    git(place, "show", "refs/heads/main:.mailmap")
    told = read(place).history
    assert (told["identities"], told["reason"]) == (1, None)
    assert open_clone(place).state_hash() != state


def test_tags_that_were_never_fetched_are_unknown(tmp_path: Path) -> None:
    """A clone that was told to fetch none does not show that there are none."""
    origin = history_of(tmp_path / "origin", TWO_YEARS, tags={"v1": 1})
    git(tmp_path, "clone", "-q", "--no-tags", str(origin), "acme/tool")
    told = read(tmp_path / "acme/tool")
    assert {row["tags"] for row in told.months} == {None}
    assert "tags are not known" in told.history["reason"]


def test_months_are_those_of_the_committer(tmp_path: Path) -> None:
    """A patch counts when it came in; a history that was rewritten at one stroke is flagged."""
    files: dict[str, str | None] = {f"{n}.py": "" for n in range(6)}
    commits = [Made("2023-06-01", written="2021-01-01", files=files) for _ in range(100)]
    told = read(history_of(tmp_path / "acme/tool", commits))
    assert list(by_month(told)) == ["2023-06"]
    assert told.history["flags"] == ["rewritten"]


@pytest.mark.parametrize("tag", ["nightly", "v1.2.dev3", "1.0-SNAPSHOT", "nightly2024", "daily/1"])
def test_nightly_tags_are_none_of_releases(tag: str) -> None:
    """A whole word tells them."""
    assert is_nightly(tag)
    assert not is_nightly(f"x{tag}y" if tag.isalpha() else "v2.0.0")


# The day of observation


def test_git_records_when_a_clone_was_made(tmp_path: Path) -> None:
    """The reflog of a clone says when it was made, also in a copy."""
    origin = history_of(tmp_path / "origin", TWO_YEARS)
    git(tmp_path, "clone", "-q", str(origin), "acme/tool")
    place = tmp_path / "acme" / "tool"
    shutil.copytree(place, tmp_path / "acme" / "copy")
    for each in (place, tmp_path / "acme" / "copy"):
        assert read(each, None).history["observed_at"] == datetime.fromtimestamp(MADE_AT, UTC)


def test_the_branch_of_the_origin_is_read(tmp_path: Path) -> None:
    """What was fetched counts, though it was not merged, and what is committed here does not."""
    origin = history_of(tmp_path / "origin", TWO_YEARS)
    git(tmp_path, "clone", "-q", str(origin), "acme/tool")
    place = tmp_path / "acme" / "tool"
    git(place, "commit", "-q", "--allow-empty", "-m", "here only")
    assert read(place).history["commits"] == 5
    git(origin, "update-ref", "refs/heads/main", git(origin, "rev-parse", "main~2"))
    git(place, "fetch", "-q", "origin")
    assert read(place).history["commits"] == 3


def test_a_fetch_that_brought_nothing_counts_where_times_of_files_are_right(
    tmp_path: Path,
) -> None:
    """FETCH_HEAD's time counts if reflogs' files are as old as they say; not in copies."""
    origin = history_of(tmp_path / "origin", TWO_YEARS)
    git(tmp_path, "clone", "-q", str(origin), "acme/tool")
    place = tmp_path / "acme" / "tool"
    git(place, "fetch", "-q", "origin")
    later = MADE_AT + 40 * 86_400
    os.utime(place / ".git/FETCH_HEAD", (later, later))
    for log in (place / ".git/logs").rglob("HEAD"):
        os.utime(log, (MADE_AT, MADE_AT))
    assert read(place, None).history["observed_at"] == datetime.fromtimestamp(later, UTC)
    for log in (place / ".git/logs").rglob("*"):
        os.utime(log, (later, later))
    assert read(place, None).history["observed_at"] == datetime.fromtimestamp(MADE_AT, UTC)


def test_a_reflog_of_a_day_to_come_is_not_believed(tmp_path: Path) -> None:
    """By a clock that was ahead, every month until then would be a silent one."""
    origin = history_of(tmp_path / "origin", TWO_YEARS)
    git(tmp_path, "clone", "-q", str(origin), "acme/tool")
    for log in (tmp_path / "acme/tool/.git/logs").rglob("*"):
        if log.is_file():
            log.write_text(log.read_text().replace(str(MADE_AT), "7000000000"))
    assert read(tmp_path / "acme/tool", None).history["observed_at"] is None


def test_a_fetch_of_something_else_is_no_observation(tmp_path: Path) -> None:
    """Another branch of the origin, or a fork, may stand still where this branch has gone on."""
    origin = history_of(tmp_path / "origin", TWO_YEARS)
    git(origin, "branch", "stable", "main")
    git(tmp_path, "clone", "-q", "--mirror", str(origin), "fork.git")
    git(tmp_path, "clone", "-q", str(origin), "acme/tool")
    place = tmp_path / "acme" / "tool"
    later = MADE_AT + 40 * 86_400
    for which, at_s in (
        (("origin", "stable"), MADE_AT),
        ((str(tmp_path / "fork"), "main"), MADE_AT),
        (("origin", "main"), later),
    ):
        git(place, "fetch", "-q", *which)
        os.utime(place / ".git/FETCH_HEAD", (later, later))
        for log in (place / ".git/logs").rglob("HEAD"):
            os.utime(log, (MADE_AT, MADE_AT))
        assert read(place, None).history["observed_at"] == datetime.fromtimestamp(at_s, UTC)


@pytest.mark.parametrize("which", ["stable", "v1"])
def test_another_branch_or_tag_says_nothing_of_the_day(tmp_path: Path, which: str) -> None:
    """A clone of an old branch alone looks dead on the day on which it was made, and is not."""
    origin = history_of(tmp_path / "origin", TWO_YEARS, tags={"v1": 1})
    git(origin, "branch", "stable", "main~3")
    git(tmp_path, "clone", "-q", "--single-branch", "-b", which, f"file://{origin}", "acme/tool")
    told = read(tmp_path / "acme" / "tool", None).history
    assert told["commits"] == 2
    assert told["observed_at"] is None
    assert "may not be the default branch" in told["reason"]


def test_what_git_did_not_record_is_unknown(tmp_path: Path) -> None:
    """A mirror has no reflog: its day is null, and the absence factor with it."""
    told = read(history_of(tmp_path / "acme/tool", TWO_YEARS), None).history
    assert told["observed_at"] is None
    assert told["absence_factor"] is None
    assert "git recorded no clone or fetch" in told["reason"]


# Odd clones


def test_odd_dates_are_in_no_month(tmp_path: Path) -> None:
    """Dates of 1970 and 2100 are flagged and counted in no month."""
    odd = (Made(0), Made("2023-01-01"), Made("2100-01-01"), Made("2023-02-01"))
    told = read(history_of(tmp_path / "acme/tool", odd))
    assert list(by_month(told)) == ["2023-01", "2023-02"]
    assert told.history["flags"] == ["ancient dates", "future dates"]
    assert told.history["commits"] == 4
    assert told.history["last_commit_at"] == datetime(2023, 2, 1, tzinfo=UTC)
    assert "dated after observed_at" in told.history["reason"]


def test_many_roots_are_one_history(tmp_path: Path) -> None:
    """Twenty roots are flagged, and nothing else is the matter."""
    roots = [Made("2023-01-01", parents=(), message=f"{n}") for n in range(20)]
    merge = Made("2023-02-01", parents=tuple(range(20)))
    told = read(history_of(tmp_path / "acme/tool", [*roots, merge])).history
    assert (told["roots"], told["merges"]) == (20, 1)
    assert told["flags"] == ["several roots"]


def test_code_that_came_or_went_at_once_is_flagged(tmp_path: Path) -> None:
    """A hundred files in the first commit, and five left at the end."""
    files: dict[str, str | None] = {f"f{n}.py": f"{n}" for n in range(100)}
    commits = [Made("2023-01-01", files=files)]
    commits += [Made("2023-01-02") for _ in range(50)]
    commits += [Made("2023-01-03", files=dict.fromkeys(list(files)[5:]))]
    told = read(history_of(tmp_path / "acme/tool", commits)).history
    assert told["flags"] == ["emptied", "squashed import"]


def test_a_shallow_clone_tells_what_came_after_its_cut(tmp_path: Path) -> None:
    """How it began is null, with the reason; months after the cut are told."""
    origin = history_of(tmp_path / "origin", TWO_YEARS)
    git(tmp_path, "clone", "-q", "--depth=3", f"file://{origin}", "acme/tool")
    told = read(tmp_path / "acme" / "tool")
    months = [(row["month"], row["newcomers"]) for row in told.months]
    assert months == [("2022-06", None), ("2023-12", None)]
    assert told.history["first_commit_at"] is None
    assert told.history["identities"] is None
    assert told.history["flags"] == ["older commits not counted", "shallow"]
    assert "is shallow" in told.history["reason"]


def test_a_shallow_clone_tells_since_when_it_counts(tmp_path: Path) -> None:
    """A row marks the first month that is known, though nothing happened in it or thereafter."""
    origin = history_of(tmp_path / "origin", (Made("2023-06-01"), Made("2023-08-02", BEN)))
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{origin}", "acme/tool")
    (month,) = read(tmp_path / "acme" / "tool").months
    assert (month["month"], month["commits"], month["people"]) == ("2023-09", 0, 0)


def test_a_cut_without_a_date_leaves_no_month(tmp_path: Path) -> None:
    """Where a clone is cut off at a commit of 1970 or 2100, nobody knows which months are whole."""
    for odd in (0, "2100-01-01"):
        commits = (Made("2023-01-01"), Made(odd), Made("2023-06-01"))
        origin = history_of(tmp_path / f"{odd}", commits)
        git(tmp_path, "clone", "-q", "--depth=2", f"file://{origin}", f"acme/{odd}")
        assert read(tmp_path / f"acme/{odd}").months == ()


def test_a_partial_clone_tells_the_same(tmp_path: Path) -> None:
    """Missing contents change nothing, the truck factor neither."""
    commits = (*TWO_YEARS, Made("2023-12-03", BEN, files={"a.py": None, "moved.py": "5"}))
    origin = history_of(tmp_path / "origin", commits)
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{origin}", "acme/tool")
    whole, partial = read(origin, truck=True), read(tmp_path / "acme" / "tool", truck=True)
    assert partial.months == whole.months
    assert partial.history == {**whole.history, "flags": ["partial"]}
    assert whole.history["truck_factor"] == 1


def test_a_broken_history_tells_nothing_but_that(tmp_path: Path) -> None:
    """Where a commit cannot be read, no figure is of the half that can."""
    place = history_of(tmp_path / "acme/tool", TWO_YEARS)
    unpack(place)
    damage(place, git(place, "rev-parse", "main~2"))
    told = read(place)
    assert told.months == ()
    assert told.history["flags"] == ["broken"]
    assert "commits" not in told.history
    assert told.history["reason"].startswith("its history breaks off: ")


def test_no_reason_says_where_a_clone_lies(tmp_path: Path) -> None:
    """Git names folders in full: what lies above the clone is the reader's, and differs."""
    place = history_of(tmp_path / "acme/tool", TWO_YEARS)
    unpack(place)
    damage(place, git(place, "rev-parse", "main~2"))
    (tmp_path / "none/.git").mkdir(parents=True)
    reasons = [read(each).history["reason"] for each in (place, tmp_path / "none")]
    assert [str(tmp_path) in reason for reason in reasons] == [False, False]
    assert "stored in objects/" in reasons[0]
    shutil.copytree(place, tmp_path / "copy")
    assert read(tmp_path / "copy").history["reason"] == reasons[0]


def test_what_has_no_history_says_so(tmp_path: Path) -> None:
    """A folder without git, and a clone without commits."""
    (tmp_path / "none").mkdir()
    assert read(tmp_path / "none").history["reason"] == "it is no git repository"
    git(tmp_path, "init", "-q", "--bare", "empty")
    told = read(tmp_path / "empty").history
    assert (told["commits"], told["flags"]) == (0, ["empty"])
    assert told["reason"] == "nothing was ever committed"


def test_a_clone_that_lost_its_refs_is_not_empty(tmp_path: Path) -> None:
    """A copy without its refs holds commits: that there are none is no fact."""
    place = history_of(tmp_path / "acme/tool", TWO_YEARS)
    shutil.rmtree(place / "refs/heads")
    (place / "packed-refs").unlink(missing_ok=True)
    assert git(place, "for-each-ref") == ""
    told = read(place).history
    assert (told["flags"], told.get("commits")) == (["unreadable"], None)


def test_the_head_is_not_guessed(tmp_path: Path) -> None:
    """What is called like the origin's head is none, nor what the origin has of that name."""
    place = history_of(tmp_path / "acme/tool", TWO_YEARS)
    git(place, "update-ref", "refs/heads/refs/remotes/origin/HEAD", "main~3")
    git(place, "update-ref", "refs/tags/HEAD", "main~3")
    git(place, "update-ref", "refs/remotes/origin/HEAD", "main~3")
    assert read(place).history["commits"] == 5
    git(place, "symbolic-ref", "HEAD", "refs/heads/none")
    assert read(place).history["reason"] == "its HEAD leads to no commit that is there"


def test_odd_names_are_read_as_they_are(tmp_path: Path) -> None:
    """Huge names, bytes that are no UTF-8, and control characters end no reading."""
    odd = (
        Made("2023-01-01", f"{'A' * 100_000} B <a@x.org>"),
        Made("2023-01-02", "\udcff\udcfe \x01 \x1b <b@x.org>"),
        Made("2023-01-03", " <>", message="\x01\x02(#)"),
        Made("2023-01-04", "\udcff\udcfd <c@x.org>"),
    )
    told = read(history_of(tmp_path / "acme/tool", odd), truck=True)
    assert told.history["identities"] == 4
    assert by_month(told)["2023-01"]["people"] == 4


def test_nothing_of_a_clone_is_obeyed(tmp_path: Path) -> None:
    """Neither its configuration nor the folder that git is started in changes a figure."""
    place = history_of(tmp_path / "acme/tool", TWO_YEARS)
    mark = tmp_path / "mark"
    git(place, "config", "core.pager", f"touch {mark}")
    git(place, "config", "log.showSignature", "true")
    git(place, "config", "gpg.program", f"touch {mark}")
    git(place, "config", "core.fsmonitor", f"touch {mark}")
    mailmap = tmp_path / "map"
    mailmap.write_text("Ada Long <ada@acme.org> <ben@acme.org>\n")
    git(place, "config", "mailmap.file", str(mailmap))
    git(place, "replace", "-f", "main~1", "main~3")
    assert read(place).history["commits"] == 5
    assert read(place).history["identities"] == 2
    assert read(place).history["flags"] == ["replaced objects"]
    assert not mark.exists()
