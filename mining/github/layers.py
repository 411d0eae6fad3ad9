"""What costs a request of its own for each repository: who contributes, and when stars came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mining.github.api import Api, next_page
from mining.github.errors import ServerTroubleError
from mining.github.links import links
from mining.github.shapes import JsonShape, fits, is_number
from mining.tables import Row

WEEKS_A_PAGE, MOST_PAGES = 30, 100
DAYS_A_WEEK = 7
MOST_DIGITS = 12
LAST_SECOND = 250_000_000_000
"""Of the times that a date can tell."""
_WEEK: JsonShape = {"week": is_number, "total": is_number, "days": [is_number]}


@dataclass(frozen=True)
class StarHistory:
    """Stars by the day on which they were given, as far as they are still given today."""

    by_day: dict[date, int]

    def until(self, moment: datetime) -> int:
        """Return how many there were at the end of a day, of those still given today."""
        return sum(n for day, n in self.by_day.items() if day <= moment.date())

    def by_month(self) -> dict[str, int]:
        """Return how many came in each month in which some came."""
        months: Counter[str] = Counter()
        for day, n in self.by_day.items():
            months[f"{day:%Y-%m}"] += n
        return {month: n for month, n in sorted(months.items()) if n}


def count_contributors(api: Api, full_name: str) -> int:
    """Return how many people contributed to a repository, those without an account included.

    With one a page, the number of the last page is the number of people.

    Raises
    ------
    GitHubError
        If it is gone or blocked, or its history too large for GitHub to list them.
    """
    path = f"/repos/{full_name}/contributors"
    params = {"anon": "true", "per_page": "1", "page": "1"}
    for anew in (False, True):
        answer = api.get(path, params, shape=_are_people, anew=anew)
        if answer.status == 204:
            return 0
        pages = links(answer.headers.get("link", ""))
        if "next" not in pages and "last" not in pages:
            return len(answer.json())
        number = pages["last"][1].get("page", "") if "last" in pages else ""
        if number.isdecimal() and len(number) <= MOST_DIGITS:
            return int(number)
    raise ServerTroubleError("GitHub does not say how many there are.", where=full_name)


def star_history(api: Api, full_name: str) -> StarHistory:
    """Return when the stars of a repository came, by GitHub's days.

    Raises
    ------
    GitHubError
        If it is gone or blocked, or the answer is not as GitHub describes it.
    """
    by_day: Counter[date] = Counter()
    seen = set()
    for weeks in _pages_of_weeks(api, full_name):
        for week in weeks:
            start, days = week["week"], week["days"]
            if start in seen:  # a new week began between two pages
                continue
            seen.add(start)
            first = datetime.fromtimestamp(start, UTC).date()
            for number, n in enumerate(days):
                if n:
                    by_day[first + timedelta(days=number)] += n
    return StarHistory(dict(by_day))


def _pages_of_weeks(api: Api, full_name: str) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the weeks of a repository, the newest first; links may be left out of the answers."""
    for number in range(1, MOST_PAGES + 1):
        params = {"per_page": str(WEEKS_A_PAGE), "page": str(number)}
        path = f"/repos/{full_name}/stargazers/history"
        answer = api.get(path, params, shape=_are_weeks)
        weeks: list[Mapping[str, Any]] = answer.json()
        yield weeks
        has_links = "link" in answer.headers
        if next_page(answer) is None and (has_links or len(weeks) < WEEKS_A_PAGE):
            return


def _are_people(content: Any) -> bool:
    if content is None:  # of a repository that is empty
        return True
    return isinstance(content, list) and all(isinstance(each, dict) for each in content)


def _are_weeks(content: Any) -> bool:
    """Tell whether these are weeks of stars, each of which adds up."""
    return isinstance(content, list) and all(
        fits(each, _WEEK)
        and len(each["days"]) == DAYS_A_WEEK
        and sum(each["days"]) == each["total"]
        and each["week"] < LAST_SECOND
        for each in content
    )


def activity_rows(
    key: str, history: StarHistory | None, releases: list[Row] | None, *, until: datetime
) -> Iterator[Row]:
    """Yield a row for each month in which stars came or a release was made, as far as is known."""
    stars = history.by_month() if history is not None else {}
    made: Counter[str] = Counter(
        f"{row['published_at']:%Y-%m}"
        for row in releases or ()
        if row["published_at"] is not None and row["published_at"] <= until
    )
    for month in sorted({*stars, *made}):
        if month <= f"{until:%Y-%m}":
            gained = None if history is None else stars.get(month, 0)
            yield {
                "repo_key": key,
                "month": month,
                "stars_gained": gained,
                "releases": None if releases is None else made.get(month, 0),
            }
