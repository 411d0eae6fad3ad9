"""Importing saved pages of GitHub's repository search."""

from __future__ import annotations

import gzip
import itertools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from artifacts.errors import InputError
from artifacts.manifest import Manifest
from mining.snapshots import load_table
from mining.sources.github_search import import_github_search, query_name


def item(repo_id: int, name: str = "", **changes: Any) -> dict[str, Any]:
    """Return a repository as the search answers it."""
    full_name = name or f"owner{repo_id}/tool{repo_id}"
    return {
        "id": repo_id,
        "node_id": f"R_{repo_id}",
        "name": full_name.split("/")[1],
        "full_name": full_name,
        "owner": {"login": full_name.split("/")[0], "id": 1},
        "description": f"Tool {repo_id}.",
        "homepage": "",
        "topics": ["mlops"],
        "language": "Python",
        "license": {"key": "mit", "spdx_id": "MIT"},
        "stargazers_count": repo_id,
        "watchers_count": repo_id,
        "watchers": repo_id,
        "forks_count": 0,
        "open_issues_count": 2,
        "size": 10,
        "created_at": "2020-01-02T03:04:05Z",
        "updated_at": "2023-01-18T10:00:00Z",
        "pushed_at": "2023-01-17T10:00:00Z",
        "archived": False,
        "fork": False,
        "is_template": False,
        "default_branch": "main",
        "score": 1.0,
        **changes,
    }


def page(*items: Any, total: int = 0) -> str:
    """Return a page of search results."""
    answer = {"total_count": total or len(items), "incomplete_results": False, "items": items}
    return json.dumps(answer, indent=1)


def rejects(folder: Path) -> list[dict[str, Any]]:
    """Return the rejects that the draft lists."""
    lines = (folder / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_page_becomes_typed_rows(tmp_path: Path) -> None:
    """Every column is filled from its key; what search does not tell, such as watchers, is null."""
    (tmp_path / "mlops_1.json").write_text(page(item(7, description=None, license=None)))
    import_github_search([tmp_path / "mlops_1.json"], tmp_path / "d")
    (row,) = load_table(tmp_path / "d", "repositories").to_pylist()
    assert row["repo_key"] == "gh:7"
    assert row["owner"] == "owner7"
    assert (row["stars"], row["forks"], row["open_issues"], row["size_kb"]) == (7, 0, 2, 10)
    assert (row["description"], row["license_spdx"], row["homepage"]) == (None, None, None)
    assert row["watchers"] is None
    assert row["commits"] is None
    assert row["created_at"] == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert row["archived"] is False
    assert row["source"] == "github-search"


@pytest.mark.parametrize(
    ("owner", "owner_type"),
    [
        ({"login": "acme", "type": "Organization"}, "Organization"),
        ({"login": "acme"}, None),
        ("acme", None),
    ],
)
def test_whose_a_repository_is_comes_with_its_owner(
    tmp_path: Path, owner: object, owner_type: str | None
) -> None:
    """A person's or an organisation's; where the page does not say, it is not known."""
    (tmp_path / "q.json").write_text(page(item(7, "acme/kiln", owner=owner)), encoding="utf-8")
    import_github_search([tmp_path / "q.json"], tmp_path / "2026-01-01.q")
    (row,) = load_table(tmp_path / "2026-01-01.q", "repositories").to_pylist()
    assert (row["owner"], row["owner_type"]) == ("acme", owner_type)


def test_repeats_and_what_the_cap_left_out_are_reported(tmp_path: Path) -> None:
    """Repeated rows are counted, and the reported total is held against the rows of its query."""
    (tmp_path / "topic_mlops_pg_1.json").write_text(page(item(1), item(2), total=9))
    with gzip.open(tmp_path / "topic_mlops_pg_10.json.gz", "wt") as file:
        file.write(page(item(2), item(3), total=9))
    (tmp_path / "topic_other_pg_1.json").write_text(page(item(3), item(4)))
    summary = import_github_search(sorted(tmp_path.glob("topic*")), tmp_path / "d")
    counts = Manifest.read(tmp_path / "d").counts["repositories"]
    assert (counts.read, counts.kept, counts.dropped[0].count) == (6, 4, 2)
    mlops, other = summary.source.facts["queries"]
    assert mlops == {
        "query": "topic_mlops",
        "reported_total": 9,
        "rows": 4,
        "repositories": 3,
        "left_out_at_least": 5,
        "incomplete_results": False,
    }
    assert other["left_out_at_least"] == 0
    assert any("at least 5 out" in note for note in Manifest.read(tmp_path / "d").notes)


def test_of_contradicting_rows_the_later_updated_is_kept_in_any_order(tmp_path: Path) -> None:
    """The bytes of the table do not depend on the order of files or of rows within them."""
    old = item(1, "acme/old", stargazers_count=5, description="Was here.")
    new = item(1, "acme/new", stargazers_count=4, description=None)
    new["updated_at"] = "2023-01-18T11:00:00Z"
    tied = item(2, stargazers_count=8), item(2, stargazers_count=9)
    tables = set()
    for n, rows in enumerate(itertools.permutations([old, new, *tied])):
        (tmp_path / f"a{n}.json").write_text(page(*rows[:2]))
        (tmp_path / f"b{n}.json").write_text(page(*rows[2:]))
        files = [tmp_path / f"a{n}.json", tmp_path / f"b{n}.json"]
        summary = import_github_search(files if n % 2 else files[::-1], tmp_path / f"d{n}")
        assert summary.source.facts["contradicting_duplicates"] == 2
        tables.add((tmp_path / f"d{n}" / "repositories.parquet").read_bytes())
    assert len(tables) == 1
    first = load_table(tmp_path / "d0", "repositories").to_pylist()[0]
    assert (first["full_name"], first["aliases"]) == ("acme/new", ["acme/old"])
    assert (first["stars"], first["description"]) == (4, None)


def test_slurped_and_concatenated_pages_are_read(tmp_path: Path) -> None:
    """A list of pages, pages one after the other, and bare rows all give the same rows."""
    first, second = page(item(1), total=2), page(item(2), total=2)
    (tmp_path / "slurped.json").write_text(f"[{first},{second}]")
    (tmp_path / "paginated.json").write_text(first + second)
    (tmp_path / "rows.jsonl").write_text(json.dumps(item(1)) + "\n" + json.dumps(item(2)) + "\n")
    tables = set()
    for file in ("slurped.json", "paginated.json", "rows.jsonl"):
        import_github_search([tmp_path / file], tmp_path / f"d-{file}")
        tables.add((tmp_path / f"d-{file}" / "repositories.parquet").read_bytes())
    assert len(tables) == 1


def test_rows_that_cannot_be_read_are_listed_and_do_not_stop_the_rest(tmp_path: Path) -> None:
    """A missing key, a wrong type and a row that is none are rejects with file, row and field."""
    nameless = item(2)
    del nameless["full_name"]
    rows = [item(1), nameless, item(3, stargazers_count="many"), 17, item(5)]
    (tmp_path / "p.json").write_text(page(*rows))
    (tmp_path / "q.json").write_text('{"message": "API rate limit exceeded"}')
    summary = import_github_search([tmp_path / "q.json", tmp_path / "p.json"], tmp_path / "d")
    assert summary.rows_now == {"repositories": 2}
    found = [(r["file"], r["row"], r["field"]) for r in rejects(tmp_path / "d")]
    assert found == [
        ("p.json", 2, "full_name"),
        ("p.json", 3, "stargazers_count"),
        ("p.json", 4, None),
        ("q.json", None, "items"),
    ]
    counts = summary.source.counts["repositories"]
    assert counts.read == counts.kept + sum(drop.count for drop in counts.dropped)


@pytest.mark.parametrize("packed", [False, True])
def test_what_precedes_a_break_is_used(tmp_path: Path, packed: bool) -> None:
    """Of a page cut off in the middle, plain or gzip, the whole rows are kept."""
    rows = [item(n, description=f"{n * 7919 % 1009} " * 40) for n in range(1, 80)]
    whole = page(*rows, total=500).encode()
    data = gzip.compress(whole) if packed else whole
    (tmp_path / "p_1.json").write_bytes(data[: len(data) * 2 // 3])
    (tmp_path / "p_2.json").write_text(page(item(1000), total=500))
    summary = import_github_search([tmp_path / "p_1.json", tmp_path / "p_2.json"], tmp_path / "d")
    n_kept = summary.rows_now["repositories"]
    assert 20 < n_kept < 80
    assert summary.source.facts["queries"][0]["reported_total"] == 500
    listed = rejects(tmp_path / "d")
    assert {r["file"] for r in listed} == {"p_1.json"}
    assert max(r["row"] or 0 for r in listed) == n_kept


def test_the_first_pages_of_a_broken_list_are_used(tmp_path: Path) -> None:
    """A slurped list cut off in its second page gives the first page and what precedes the cut."""
    text = f"[{page(item(1), item(2))},{page(item(3), item(4))}]"
    (tmp_path / "all.json").write_text(text[: text.index("tool4")])
    summary = import_github_search([tmp_path / "all.json"], tmp_path / "d")
    assert summary.rows_now == {"repositories": 3}


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"", b"hello", b"  \n "])
def test_a_file_that_is_no_page_is_an_error(tmp_path: Path, content: bytes) -> None:
    """An image, an empty file and a text name the file, and the draft is not begun."""
    (tmp_path / "p.json").write_text(page(item(1)))
    (tmp_path / "odd.json").write_bytes(content)
    with pytest.raises(InputError) as refused:
        import_github_search([tmp_path / "p.json", tmp_path / "odd.json"], tmp_path / "d")
    assert refused.value.where == str(tmp_path / "odd.json")
    assert not (tmp_path / "d").exists()


def test_a_folder_and_a_missing_file_are_errors(tmp_path: Path) -> None:
    """Neither a folder nor a file that is not there can be imported."""
    for path in (tmp_path, tmp_path / "gone.json"):
        with pytest.raises(InputError):
            import_github_search([path], tmp_path / "d")


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("topic_mlops_pg_10.json.gz", "topic_mlops"),
        ("mlops-page-3.json", "mlops"),
        ("mlops.json", "mlops"),
        ("mlops2.json", "mlops2"),
        ("mlops-2023-01-18.json", "mlops-2023-01-18"),
        ("12.json", "folder"),
    ],
)
def test_the_query_is_the_file_name_without_its_page(name: str, query: str) -> None:
    """Only a page number set apart at the end is taken off."""
    assert query_name(Path("/folder") / name) == query


def test_texts_survive_as_they_are(tmp_path: Path) -> None:
    """Chinese and emoji come through, a lone surrogate becomes U+FFFD."""
    text = page(item(1, description="机器学习 🚀"), item(2)).replace("Tool 2.", "\\ud83d broken")
    (tmp_path / "p.json").write_text(text, encoding="utf-8")
    import_github_search([tmp_path / "p.json"], tmp_path / "d")
    found = load_table(tmp_path / "d", "repositories")["description"].to_pylist()
    assert found == ["机器学习 🚀", "\ufffd broken"]
