"""`mine --check`: a little of everything is asked for, told in a table, and nothing is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artifacts.checks import CheckResult, CheckState
from mining.github.http import Account
from mining.github.run import check_scope
from opsatlas.pipeline import scope_of
from opsatlas.study import Study
from tests.github import NOW, TOKEN, FakeClock, Fault, Faults, Limits, World, make_world, serve
from tests.heard import Heard
from tests.mining_worlds import SMALL, TOPICS, study

EXPIRED, LACKING = "expired-token-0000", "lacking-token-0000"
WORKS, LOOK, FAILS = CheckState.WORKS, CheckState.LOOK, CheckState.FAILS


@pytest.fixture(scope="module")
def world() -> World:
    """Return a small world whose repositories can all be looked into."""
    made = make_world(1, 12, TOPICS, SMALL, 30)
    plain = {n: replace(r, blocked=False, huge=False) for n, r in made.repositories.items()}
    return World(made.now, plain)


def checked(
    world: World, of: Study | None = None, *, token: str | None = TOKEN, **how: Any
) -> tuple[dict[str, CheckResult], int]:
    """Return what a check finds, by what was asked, and how many requests it took."""
    kept = how.pop("account", {})
    with serve(world, clock=FakeClock(NOW), expired=[EXPIRED], lacking=[LACKING], **how) as github:
        account = Account(github.url, f"{github.url}/graphql", token, **kept)
        found = check_scope(
            scope_of(of or study(), Path("study.toml")),
            Heard(),
            account=account,
            clock=github.clock,
        )
        assert github.violations == []
        return {each.what: each for each in found}, len(github.requests)


def states(found: dict[str, CheckResult]) -> dict[str, CheckState]:
    """Return the state of each."""
    return {what: each.state for what, each in found.items()}


def test_where_all_works_it_is_said_of_each(world: World) -> None:
    """The way, the token and its variable, the limits, one of each kind, every framework."""
    found, n_requests = checked(world, study((SMALL[1],)), account={"token_name": "GH_TOKEN"})
    framework = f"framework {SMALL[1]}"
    assert states(found) == {
        **dict.fromkeys(("way to GitHub", "token", "limit of core"), WORKS),
        **dict.fromkeys(("limit of search", "limit of graphql"), WORKS),
        **dict.fromkeys((f"search for topic {TOPICS[0]}", "facts", "README"), WORKS),
        framework: WORKS,
    }
    assert "GH_TOKEN is accepted" in found["token"].said
    assert "of 5 of 5 repositories" in found["facts"].said
    assert f"{SMALL[1]}, by 'enhancement'" in found[framework].said
    assert n_requests <= 6


@pytest.mark.parametrize("token", [EXPIRED, "unknown-token-0000"])
def test_a_bad_token_is_all_that_is_said(world: World, token: str) -> None:
    """Which variable it is from, and what to do; nothing else is asked."""
    found, n_requests = checked(world, token=token, account={"unused": "GH_TOKEN"})
    (only,) = found.values()
    assert only.state is FAILS
    assert "does not accept the token" in only.said
    assert "GITHUB_TOKEN" in only.said
    assert "GH_TOKEN is set as well" in str(only.fix)
    assert n_requests == 1


def test_a_token_that_may_not_is_told_for_each(world: World) -> None:
    """A token is accepted and refused everything: each failure has a reason."""
    found, _ = checked(world, token=LACKING)
    assert found["token"].state is WORKS
    assert found[f"search for topic {TOPICS[0]}"].state is FAILS
    assert "Resource not accessible" in found[f"search for topic {TOPICS[0]}"].said
    assert found[f"framework {SMALL[0]}"].state is FAILS


def test_without_a_token_what_is_left_is_asked(world: World) -> None:
    """No facts and READMEs, which is said; search and frameworks by REST."""
    found, _ = checked(world, token=None, limits=Limits(anonymous_core=99))
    assert found["token"].state is LOOK
    assert "set GITHUB_TOKEN" in str(found["token"].fix)
    assert found[f"search for topic {TOPICS[0]}"].state is WORKS
    assert "facts" not in found
    assert FAILS not in states(found).values()


def test_what_is_misspelt_is_told(world: World) -> None:
    """A topic without repositories, a framework that is not there."""
    plain = study((SMALL[0],)).model_dump()
    plain["ecosystem"]["topics"] = ("mlopz",)
    plain["frameworks"][0]["repository"] = "nobody/nothing"
    found, _ = checked(world, Study.model_validate(plain))
    assert found["search for topic mlopz"].state is FAILS
    assert "spelling" in str(found["search for topic mlopz"].fix)
    assert found[f"framework {SMALL[0]}"].state is FAILS
    assert "no such public repository" in found[f"framework {SMALL[0]}"].said


def test_trouble_is_told_and_not_waited_out(world: World) -> None:
    """A limit that is used up or an outage would be waited for by mining; here it is told."""
    clock_limits = Faults(Fault("primary_403", resource="search", wait_s=1_800), in_a_row=99)
    found, _ = checked(world, faults=clock_limits)
    assert found[f"search for topic {TOPICS[0]}"].state is FAILS
    assert "30 min" in found[f"search for topic {TOPICS[0]}"].said
    assert found[f"framework {SMALL[0]}"].state is not FAILS
    outage = Faults(Fault("502", resource="graphql"), in_a_row=99)
    found, n_requests = checked(world, faults=outage)
    assert found["facts"].state is FAILS
    assert n_requests < 40


def test_types_and_old_servers_are_told(world: World) -> None:
    """A study that names issue types where the server knows of none cannot be mined from it."""
    plain = study((SMALL[0],)).model_dump()
    plain["frameworks"][0]["request_types"] = ("Feature",)
    found, _ = checked(world, Study.model_validate(plain), issue_types=False)
    assert found[f"framework {SMALL[0]}"].state is FAILS
    assert "knows no issue types" in found[f"framework {SMALL[0]}"].said
