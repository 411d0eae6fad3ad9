"""What GitHub's answers mean, and whether and when to ask again."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mining.github.errors import (
    BadCredentialsError,
    BlockedError,
    GitHubError,
    GoneError,
    NoAnswerError,
    NotAllowedError,
    NotGitHubError,
    NotStoredError,
    PrimaryLimitError,
    RefusedError,
    RenamedError,
    SecondaryLimitError,
    ServerTroubleError,
    TooLargeError,
)
from mining.github.limits import MOST_ATTEMPTS, MOST_FOR_A_LIMIT, RetryDecision, decide
from mining.github.requests import ApiRequest, HttpAnswer, problem

NOW_S = 1_700_000_000.0
REST = ApiRequest("/repos/acme/forge")
SPLITTABLE = ApiRequest("/graphql", resource="graphql", query="query { viewer }", splittable=True)
GRAPHQL = ApiRequest("/graphql", resource="graphql", query="query { viewer }")

SPENT = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": str(int(NOW_S) + 720),
    "x-ratelimit-resource": "core",
}
LEFT = {**SPENT, "x-ratelimit-remaining": "4321"}
EXCEEDED = "API rate limit exceeded for user ID 1."
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes."
OLD_ABUSE = "You have triggered an abuse detection mechanism."
MAY_BE_A_TIMEOUT = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it "
    "could be a GitHub bug."
)
CUT = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}
RENAMED = "https://api.github.com/repositories/1"


def answered(status: int, body: Any = None, headers: dict[str, str] | None = None) -> HttpAnswer:
    """Return an answer with this status and content (a text stays as it is)."""
    text = body if isinstance(body, str) else json.dumps(body)
    return HttpAnswer(status, headers or {}, text, NOW_S)


def message(text: str, **more: Any) -> dict[str, Any]:
    """Return the body of a refusal."""
    return {"message": text, "documentation_url": "https://docs.github.com/rest", **more}


def errors(*each: dict[str, Any], data: Any = None) -> dict[str, Any]:
    """Return the body of a GraphQL answer with errors."""
    return {"data": data, "errors": list(each)}


def told(request: ApiRequest, answer: HttpAnswer) -> type[GitHubError] | None:
    """Return the kind of problem with an answer."""
    error = problem(request, answer)
    return None if error is None else type(error)


def waits(error: GitHubError) -> list[float]:
    """Return the seconds before each further attempt, until it is given up."""
    seconds: list[float] = []
    while (decision := decide(error, len(seconds) + 1)).retry:
        seconds.append(decision.after_s)
        assert len(seconds) < 1_000
    return seconds


# Whether to ask again


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (NoAnswerError("", kind="timeout"), [2, 4, 8, 16, 32]),
        (NoAnswerError("", kind="dropped"), [2, 4, 8, 16, 32]),
        (NoAnswerError("", kind="unreachable"), [2, 4]),
        (ServerTroubleError(""), [2, 4, 8, 16, 32]),
        (SecondaryLimitError("", wait_s=None), [60, 120, 240, 480, 960]),
        (SecondaryLimitError("", wait_s=7), [7] * 5),
        (SecondaryLimitError("", wait_s=0), [0] * 5),
        (SecondaryLimitError("", wait_s=-3), [0] * 5),
        (PrimaryLimitError("", wait_s=721), [721] * 39),
        (PrimaryLimitError("", wait_s=-9), [0] * 39),
        (TooLargeError(""), []),
        (BadCredentialsError(""), []),
        (NotAllowedError(""), []),
        (BlockedError(""), []),
        (RenamedError("", location=RENAMED), []),
        (GoneError(""), []),
        (RefusedError(""), []),
        (NotStoredError(""), []),
    ],
)
def test_each_problem_has_its_patience(error: GitHubError, seconds: list[float]) -> None:
    """Trouble is met with ever longer waits, limits with GitHub's own, a plain answer with none."""
    assert waits(error) == seconds


WAITS = st.floats(allow_nan=False, allow_infinity=False)
ERRORS = st.one_of(
    st.sampled_from(["timeout", "dropped", "unreachable"]).map(lambda k: NoAnswerError("", kind=k)),
    WAITS.map(lambda s: PrimaryLimitError("", wait_s=s)),
    (st.none() | WAITS).map(lambda s: SecondaryLimitError("", wait_s=s)),
    st.sampled_from([ServerTroubleError, TooLargeError, GoneError, RefusedError]).map(
        lambda kind: kind("")
    ),
)


@given(ERRORS, st.integers(1, 10_000))
def test_no_wait_is_negative_and_every_request_ends(error: GitHubError, attempt: int) -> None:
    """No decision waits less than nothing, and none asks a 41st time."""
    decision = decide(error, attempt)
    assert decision.after_s >= 0
    assert math.isfinite(decision.after_s)
    assert decide(error, attempt) == decision
    if attempt >= MOST_FOR_A_LIMIT:
        assert decision == RetryDecision(False)


@given(ERRORS)
def test_what_is_given_up_stays_given_up(error: GitHubError) -> None:
    """After the attempt at which a request is given up, there is no later one that is not."""
    retried = [decide(error, attempt).retry for attempt in range(1, MOST_FOR_A_LIMIT + 5)]
    assert retried == sorted(retried, reverse=True)


def test_a_limit_outlasts_trouble() -> None:
    """A budget that others empty again and again is waited for longer than a broken server."""
    trouble = waits(ServerTroubleError(""))
    assert len(waits(PrimaryLimitError("", wait_s=10))) > len(trouble)
    assert sum(waits(SecondaryLimitError("", wait_s=None))) > sum(trouble)
    assert len(trouble) == MOST_ATTEMPTS - 1


def test_no_way_to_github_is_told_soon() -> None:
    """Who has no network waits seconds, not a minute."""
    assert sum(waits(NoAnswerError("", kind="unreachable"))) <= 10


# What an answer means


@pytest.mark.parametrize(
    ("what", "answer", "kind"),
    [
        ("a repository", answered(200, {"id": 1}), None),
        ("an empty list", answered(200, []), None),
        ("no contributors", answered(204, ""), None),
        ("primary, 403", answered(403, message(EXCEEDED), SPENT), PrimaryLimitError),
        ("primary, 429", answered(429, message(EXCEEDED), SPENT), PrimaryLimitError),
        ("primary, no JSON", answered(403, "<html>", SPENT), PrimaryLimitError),
        ("asked to wait", answered(403, message("x"), {"retry-after": "7"}), SecondaryLimitError),
        (
            "asked to wait, though spent",
            answered(403, message(SECONDARY), {**SPENT, "retry-after": "7"}),
            SecondaryLimitError,
        ),
        ("secondary by message", answered(403, message(SECONDARY), LEFT), SecondaryLimitError),
        ("secondary, in capitals", answered(403, message(SECONDARY.upper())), SecondaryLimitError),
        ("secondary, as it was", answered(403, message(OLD_ABUSE), LEFT), SecondaryLimitError),
        ("secondary, 429", answered(429, message("Slow down."), LEFT), SecondaryLimitError),
        ("secondary, 429 bare", answered(429, ""), SecondaryLimitError),
        ("bad token", answered(401, message("Bad credentials"), LEFT), BadCredentialsError),
        (
            "bad token, last one",
            answered(401, message("Bad credentials"), SPENT),
            BadCredentialsError,
        ),
        (
            "no permission",
            answered(403, message("Resource not accessible by personal access token"), LEFT),
            NotAllowedError,
        ),
        ("no permission, no words", answered(403, ""), NotAllowedError),
        (
            "against the terms",
            answered(403, message("Repository access blocked", block={"reason": "tos"}), LEFT),
            BlockedError,
        ),
        (
            "blocked for abuse",
            answered(403, message("Disabled due to abuse", block={"reason": "tos"}), LEFT),
            BlockedError,
        ),
        (
            "blocked by law",
            answered(451, message("Repository access blocked", block={"reason": "dmca"})),
            BlockedError,
        ),
        ("blocked, no words", answered(451, ""), BlockedError),
        ("gone", answered(404, message("Not Found")), GoneError),
        ("gone, last one", answered(404, message("Not Found"), SPENT), GoneError),
        ("no issues", answered(410, message("Issues are disabled for this repo")), GoneError),
        ("empty", answered(409, message("Git Repository is empty.")), GoneError),
        ("moved", answered(301, message("Moved"), {"location": RENAMED}), RenamedError),
        ("elsewhere for now", answered(302, "", {"location": RENAMED}), RenamedError),
        ("elsewhere, same method", answered(307, "", {"location": RENAMED}), RenamedError),
        ("moved, same method", answered(308, "", {"location": RENAMED}), RenamedError),
        ("invalid", answered(422, message("Validation Failed")), RefusedError),
        ("malformed", answered(400, message("Problems parsing JSON")), RefusedError),
        (
            "history too large",
            answered(403, message("The history or contributor list is too large to list."), LEFT),
            TooLargeError,
        ),
        ("500", answered(500, message("Server Error")), ServerTroubleError),
        ("502", answered(502, "<html>Bad Gateway</html>"), ServerTroubleError),
        ("503", answered(503, ""), ServerTroubleError),
        ("504", answered(504, message("Timeout")), ServerTroubleError),
        ("408", answered(408, ""), ServerTroubleError),
        ("cut off", answered(200, '{"id": 1, "na'), ServerTroubleError),
        ("nothing", answered(200, ""), ServerTroubleError),
        ("another page", answered(200, "<html>Log in to the network</html>"), NotGitHubError),
        ("another page, spaced", answered(200, "\n <!DOCTYPE html><p>Log in"), NotGitHubError),
        ("the site beside the API", answered(404, "<html>Not found</html>"), NotGitHubError),
        ("a proxy forbids", answered(403, "<html>Category: games</html>", LEFT), NotGitHubError),
        ("a proxy wants a login", answered(407, ""), NotGitHubError),
        ("a proxy's words", answered(401, "Access denied"), NotGitHubError),
        ("a login", answered(302, "", {"location": "https://sso.acme.org/login"}), NotGitHubError),
        ("nowhere", answered(302, "", {"location": "http://["}), NotGitHubError),
        ("a limit, 200", answered(200, message(SECONDARY)), SecondaryLimitError),
        ("words alone, 200", answered(200, message("Server Error")), ServerTroubleError),
        ("nested beyond measure", answered(200, "[" * 100_000), ServerTroubleError),
    ],
)
def test_an_answer_is_read_by_status_headers_and_body(
    what: str, answer: HttpAnswer, kind: type[GitHubError] | None
) -> None:
    """GitHub's ways to answer a REST request each mean one thing."""
    assert told(REST, answer) is kind


@pytest.mark.parametrize(
    ("what", "answer", "kind"),
    [
        ("data", answered(200, {"data": {"nodes": []}}), None),
        (
            "a part is missing",
            answered(200, errors({"type": "NOT_FOUND", "path": ["r0"]}, data={"r0": None})),
            None,
        ),
        ("a part took too long", answered(200, errors(CUT, data={"nodes": [None]})), None),
        ("all took too long", answered(200, errors(CUT)), TooLargeError),
        (
            "primary, 200",
            answered(200, errors({"type": "RATE_LIMITED", "message": EXCEEDED}), SPENT),
            PrimaryLimitError,
        ),
        (
            "primary, 200, with data",
            answered(200, errors({"type": "RATE_LIMITED", "message": EXCEEDED}, data={}), SPENT),
            PrimaryLimitError,
        ),
        ("secondary, 200", answered(200, errors({"message": SECONDARY})), SecondaryLimitError),
        ("secondary, 403", answered(403, message(SECONDARY), LEFT), SecondaryLimitError),
        ("its fault", answered(200, errors({"message": MAY_BE_A_TIMEOUT})), ServerTroubleError),
        (
            "its fault, by type",
            answered(200, errors({"type": "INTERNAL", "message": "Something went wrong."})),
            ServerTroubleError,
        ),
        (
            "our fault",
            answered(200, errors({"type": "undefinedField", "message": "Field 'x' is wrong"})),
            RefusedError,
        ),
        ("our fault, no data", answered(200, errors({"message": "Parse error"})), RefusedError),
        ("no data", answered(200, {}), ServerTroubleError),
        ("data is null", answered(200, {"data": None}), ServerTroubleError),
        ("errors of no kind", answered(200, {"data": None, "errors": "x"}), ServerTroubleError),
        ("no object", answered(200, []), ServerTroubleError),
        ("a limit without errors", answered(200, message(SECONDARY)), SecondaryLimitError),
        ("a login", answered(302, "", {"location": "/login"}), NotGitHubError),
        ("moved", answered(307, "", {"location": RENAMED}), NotGitHubError),
        ("HTML", answered(200, "<html>Log in to the network</html>"), NotGitHubError),
        (
            "forbidden",
            answered(200, errors({"type": "FORBIDDEN", "message": "an IP allow list"})),
            RefusedError,
        ),
        ("bad token", answered(401, message("Bad credentials")), BadCredentialsError),
        ("502", answered(502, "<html>"), ServerTroubleError),
    ],
)
def test_a_graphql_answer_is_read_by_its_errors(
    what: str, answer: HttpAnswer, kind: type[GitHubError] | None
) -> None:
    """A 200 of GraphQL may be anything; errors of parts are left to who asked."""
    assert told(GRAPHQL, answer) is kind


@pytest.mark.parametrize(
    ("answer", "alone"),
    [
        (answered(502, "<html>"), ServerTroubleError),
        (answered(504, ""), ServerTroubleError),
        (answered(499, ""), ServerTroubleError),
        (answered(200, errors({"message": MAY_BE_A_TIMEOUT})), ServerTroubleError),
        (HttpAnswer(0, {}, "", NOW_S, failure="timeout: no answer in time"), NoAnswerError),
    ],
)
def test_a_timeout_is_no_reason_to_ask_the_same_again(
    answer: HttpAnswer, alone: type[GitHubError]
) -> None:
    """Where less can be asked, a time-out asks for less; else it is trouble that may pass."""
    assert told(SPLITTABLE, answer) is TooLargeError
    assert told(GRAPHQL, answer) is alone


@pytest.mark.parametrize("status", [500, 503])
def test_trouble_is_no_timeout(status: int) -> None:
    """A server that fails otherwise is asked the same again, even if less could be asked."""
    assert told(SPLITTABLE, answered(status, "")) is ServerTroubleError


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (SPENT, 721.0),
        ({**SPENT, "x-ratelimit-reset": str(int(NOW_S) - 100)}, 1.0),
        ({"x-ratelimit-remaining": "0"}, 60.0),
        ({**SPENT, "x-ratelimit-reset": "soon"}, 60.0),
        ({**SPENT, "x-ratelimit-reset": "inf"}, 60.0),
    ],
)
def test_a_spent_budget_is_waited_for_until_its_reset(
    headers: dict[str, str], seconds: float
) -> None:
    """By GitHub's clock, a second longer as it counts whole ones; a minute if it does not say."""
    for request, answer in [
        (REST, answered(403, message(EXCEEDED), headers)),
        (GRAPHQL, answered(200, errors({"type": "RATE_LIMITED"}), headers)),
    ]:
        error = problem(request, answer)
        assert isinstance(error, PrimaryLimitError)
        assert error.wait_s == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("inf", None),
        ("nan", None),
        ("", None),
    ],
)
def test_how_long_to_go_slower_is_as_github_says(header: str, seconds: float | None) -> None:
    """A number of seconds is taken; anything else is as if it had not been said."""
    for request, answer in [
        (REST, answered(429, message(SECONDARY), {"retry-after": header})),
        (GRAPHQL, answered(200, errors({"message": SECONDARY}), {"retry-after": header})),
    ]:
        error = problem(request, answer)
        assert isinstance(error, SecondaryLimitError)
        assert error.wait_s == seconds


def test_a_block_says_why() -> None:
    """The reason that GitHub gives is in the error."""
    words = "Repository access blocked"
    with_reason = message(words, block={"reason": "dmca", "html_url": None})
    assert "(dmca)" in str(problem(REST, answered(451, with_reason)))
    assert f"({words})" in str(problem(REST, answered(451, message(words))))


def test_a_bad_token_says_what_to_do() -> None:
    """Who has a wrong token is told which variable it is in, and where to get another."""
    error = problem(REST, answered(401, message("Bad credentials")))
    assert isinstance(error, BadCredentialsError)
    assert error.where == "GITHUB_TOKEN"
    assert "github.com/settings/tokens" in str(error)


def test_where_something_moved_is_kept() -> None:
    """A move says where to, as GitHub said it."""
    error = problem(REST, answered(301, "", {"location": RENAMED}))
    assert isinstance(error, RenamedError)
    assert error.location == RENAMED


@pytest.mark.parametrize(
    ("failure", "kind", "says"),
    [
        ("timeout: no answer in time", "timeout", "no answer in time"),
        ("dropped: peer closed", "dropped", "broke off"),
        ("unreachable: Connection refused", "unreachable", "cannot be reached: Connection refused"),
    ],
)
def test_no_answer_says_what_happened(failure: str, kind: str, says: str) -> None:
    """No answer is told as what it was, with what to look at."""
    error = problem(REST, HttpAnswer(0, {}, "", NOW_S, failure=failure))
    assert isinstance(error, NoAnswerError)
    assert error.kind == kind
    assert says in error.what
    assert "HTTPS_PROXY" in str(error)


def test_a_long_message_is_cut() -> None:
    """A refusal of any length makes an error of a few lines."""
    assert len(str(problem(REST, answered(422, message("x" * 100_000))))) < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "errors", "data", "type", "block", "reason", "path"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
NUMBERS = st.sampled_from(["0", "1", "-5", "1e400", "nan", "١", "²", "x", ""])
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "location", "x-ratelimit-remaining", "x-ratelimit-reset"]),
    NUMBERS,
)


@given(
    st.sampled_from([200, 202, 301, 304, 400, 401, 403, 404, 409, 418, 422, 429, 451, 500, 502]),
    JSON.map(json.dumps) | st.text(max_size=20),
    HEADERS,
    st.sampled_from([REST, GRAPHQL, SPLITTABLE]),
    st.integers(1, 50),
)
def test_whatever_comes_back_is_understood_somehow(
    status: int, body: str, headers: dict[str, str], request: ApiRequest, attempt: int
) -> None:
    """Any answer is usable or has a problem with a sentence, and each problem a decision."""
    error = problem(request, answered(status, body, headers))
    if error is None:
        assert status < 300
        assert request is REST or isinstance(json.loads(body)["data"], dict)
        return
    assert error.what
    decision = decide(error, attempt)
    assert decision.after_s >= 0
    assert math.isfinite(decision.after_s)
