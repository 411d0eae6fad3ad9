"""Lists that people keep: names, one a line, and Markdown with headings (awesome lists)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_studies import opsatlas
from small_study import SNAPSHOT

from mining.snapshots import load_table
from mining.sources.lists import (
    ASIDE,
    ELSEWHERE,
    GIST,
    NO_LINK,
    NO_REPOSITORY,
    ListEntry,
    linked_repository,
    list_entries,
    markdown_entries,
    placements,
)
from mining.sources.tabular import import_repositories
from taxonomy.evaluation import read_gold

AWESOME = """\
# Awesome forges [![Awesome](https://awesome.re/badge.svg)](https://github.com/sindresorhus/awesome)

Inspired by [another](https://github.com/a/another).

- [Awesome forges](#awesome-forges)
    - [Serving](#serving)
- [Contributing](#contributing)

Serving
-------

*Servers of models.*

* [Forge](https://github.com/acme/forge) - Serves models. [Paper](https://arxiv.org/abs/1).
* **[Kiln](https://github.com/acme/kiln/tree/main/docs#top)**: fires *them*.
* [Oven](https://oven.io) – Bakes. ([Source Code](https://github.com/acme/Oven.git), [Demo](https://x.y))
* [Closed](https://closed.io) - Sells.

### On one machine

1. [![stars](https://img.shields.io/acme/pan)](https://github.com/acme/pan/) [pan](https://pan.io)
2. [Forge](https://github.com/ACME/forge/) - Again, on one machine.
3. [The people](https://github.com/acme) - An organisation.
4. [Snippet](https://gist.github.com/acme/12) - A gist.
5. Nothing to follow.

## Tracking

- Experiments
    - [Log](https://github.com/acme/log)
- [Board][board] - Shows
  them all.

| tool | about | code |
| --- | --- | --- |
| Ledger | Keeps them. | [GitHub](https://github.com/acme/ledger) |

<table>
  <tr><td><a href="https://github.com/acme/chart"><img src="x.png"></a></td><td>Draws.</td></tr>
</table>

- https://github.com/acme/bare

[board]: https://github.com/acme/board?tab=readme
"""

Row = tuple[str | None, str, str | None, str | None]


def told(entries: list[ListEntry]) -> list[Row]:
    """Return repository, name, description and category of those that have a repository."""
    return [(e.repository, e.name, e.description, e.category) for e in entries if e.repository]


def test_a_list_is_read_with_its_headings_as_categories() -> None:
    """Items and rows are entries; the title, prose, badges and the table of contents are none."""
    one = "Serving > On one machine"
    assert told(markdown_entries(AWESOME)) == [
        ("acme/forge", "Forge", "Serves models.", "Serving"),
        ("acme/kiln", "Kiln", "fires them.", "Serving"),
        ("acme/Oven", "Oven", "Bakes.", "Serving"),
        ("acme/pan", "pan", None, one),
        ("ACME/forge", "Forge", "Again, on one machine.", one),
        ("acme/log", "Log", None, "Tracking > Experiments"),
        ("acme/board", "Board", "Shows them all.", "Tracking"),
        ("acme/ledger", "Ledger", "Keeps them.", "Tracking"),
        ("acme/chart", "acme/chart", "Draws.", "Tracking"),
        ("acme/bare", "acme/bare", None, "Tracking"),
    ]


LINES = """\
# Awesome ovens

[Ovens](https://github.com/acme/ovens) are for baking.

## Contents
[Serving](#serving)

## ⚙️ Serving

> **[Forge](https://github.com/acme/forge)** <kbd>★ 3.8k</kbd> 🟢<br>Serves models.

<p>
&nbsp; <a href="https://github.com/acme/kiln"><b>Kiln</b></a> - Fires. [TOC]<br>
&nbsp; <a href="https://oven.io"><b>Oven</b></a> - Bakes.<br>
</p>

We like [Pan](https://github.com/acme/pan).

<details><summary><b>Small</b> <kbd>2 tools</kbd></summary>

> [Spoon](https://github.com/acme/spoon)

#### Smallest

- [Pin](https://github.com/acme/pin) - :information_source: Pins. `MIT` `Go`

</details>
<details><summary>Show 1 hidden project...</summary>

- <b><a href="https://github.com/acme/hid">Hid</a></b> (🥉14 · ⭐ 14) - Hides. <code><a href="http://x.y">MIT</a></code>
</details>
<details><summary><a href="https://github.com/acme/big">Big</a> (🥇56) - Is big.</summary>

- [GitHub](https://github.com/acme/big) (👨 5K):
- [Docker Hub](https://hub.docker.com/r/acme/big)
</details>

* 熔炉：
    * 地址：https://github.com/acme/ronglu
    * 简介：一个熔炉。

<dl><dt><a href="https://github.com/acme/urn">Urn</a></dt><dd>Holds ashes</dd></dl>

- Cup, [paper](https://arxiv.org/abs/2): Holds. [[code](https://github.com/acme/cup)]
- [Jug](https://github.com/acme/jug) | [[crates](https://crates.io/jug)] - Pours. https://jug.io

## Related lists

- [Awesome forges](https://github.com/acme/awesome-forges)
"""


def test_lists_of_other_styles_are_read() -> None:
    """Lines that begin with a link, parts that fold, terms, and items told of by their own."""
    assert told(markdown_entries(LINES)) == [
        ("acme/forge", "Forge", "Serves models.", "Serving"),
        ("acme/kiln", "Kiln", "Fires. [TOC]", "Serving"),
        ("acme/spoon", "Spoon", None, "Serving > Small"),
        ("acme/pin", "Pin", "Pins.", "Serving > Small > Smallest"),
        ("acme/hid", "Hid", "Hides.", "Serving"),
        ("acme/big", "Big", "Is big.", "Serving"),
        ("acme/ronglu", "熔炉", "一个熔炉。", "Serving"),
        ("acme/urn", "Urn", "Holds ashes", "Serving"),
        ("acme/cup", "Cup", "Holds.", "Serving"),
        ("acme/jug", "Jug", "Pours.", "Serving"),
    ]
    others = [(e.name, e.line, e.reason) for e in markdown_entries(LINES) if e.reason]
    assert others == [("Oven", 14, ELSEWHERE), ("Awesome forges", 49, ASIDE)]


def test_an_entry_without_a_repository_says_why() -> None:
    """Other addresses, organisations, gists and items without a link are told apart."""
    others = [(e.name, e.reason) for e in markdown_entries(AWESOME) if e.repository is None]
    assert others == [
        ("Closed", ELSEWHERE),
        ("The people", NO_REPOSITORY),
        ("Snippet", GIST),
        ("Nothing to follow.", NO_LINK),
    ]


def test_every_entry_has_its_line() -> None:
    """The line is that on which the item or row begins, in HTML as well."""
    lines = AWESOME.splitlines()
    for entry in markdown_entries(AWESOME):
        assert entry.name.split("/")[-1] in lines[entry.line - 1], entry


def test_a_list_is_the_same_in_every_form_of_text() -> None:
    """Windows' line ends, a byte order mark and UTF-16 change nothing."""
    plain = list_entries(AWESOME.encode())
    windows = AWESOME.replace("\n", "\r\n")
    for data in (windows.encode(), windows.encode("utf-8-sig"), AWESOME.encode("utf-16")):
        assert list_entries(data) == plain


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("# Serving\n- x/a\n# Tracking\n- x/b", ["Serving", "Tracking"]),
        ("# Tools\n- x/a", ["Tools"]),
        ("# Tools\n## Serving\n- x/a", ["Serving"]),
        ("# Awesome tools\n## Serving\n- x/a\n# Talks\n- x/b", ["Serving", "Talks"]),
        ("# Serving\n## CPU\n- x/a\n# Tracking\n- x/b", ["Serving > CPU", "Tracking"]),
        ("## CI/CD\n#### Deep\n- x/a\n### Less\n- x/b", ["Deep", "Less"]),
        ("<h2>Serving</h2>\n\n- x/a", ["Serving"]),
        ("## Serving\n- ### [a](x/a)\n- [b](x/b)", ["Serving", "Serving"]),
        ("- x/a", [None]),
    ],
)
def test_the_title_is_no_category(text: str, categories: list[str | None]) -> None:
    """A first heading that stands over all others, or says awesome, is the list's title."""
    entries = markdown_entries(text.replace("x/", "https://github.com/x/"))
    assert [entry.category for entry in entries] == categories


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/forge", "acme/forge"),
        ("http://www.GitHub.com/acme/forge.git/", "acme/forge"),
        ("https://github.com/acme/forge/tree/main/a/b#readme", "acme/forge"),
        ("https://github.com/acme/forge?tab=readme-ov-file", "acme/forge"),
        ("git@github.com:acme/forge.git", "acme/forge"),
        ("https://github.com/acme", None),
        ("https://github.com/orgs/acme/repositories", None),
        ("https://github.com/topics/mlops", None),
        ("https://gist.github.com/acme/1", None),
        ("https://gitlab.com/acme/forge", None),
        ("https://raw.githubusercontent.com/acme/forge/main/x.png", None),
        ("https://acme.github.io/forge", None),
        ("docs/forge", None),
        ("", None),
    ],
)
def test_an_address_leads_to_a_repository_or_not(url: str, name: str | None) -> None:
    """Whatever stands behind the name is passed over; other pages of GitHub are none."""
    assert linked_repository(url) == name


NAME = st.from_regex(r"[a-z][a-z0-9]{0,5}/[a-z][a-z0-9._-]{0,5}", fullmatch=True)
HEADING = st.from_regex(r"[A-Z][a-z]{1,6}( [a-z]{2,5})?", fullmatch=True)
WORDS = st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,8}){1,4}", fullmatch=True)
BULLET = st.sampled_from(["- ", "* ", "+ ", "1. ", "  - "])
LINK = st.sampled_from(["[{0}]({1})", "**[{0}]({1})**", '<a href="{1}">{0}</a>', "🔥 [{0}]({1})"])
DASH = st.sampled_from([" - ", " – ", ": ", " ![](https://x.y/b.svg) — "])
TAIL = st.sampled_from(["", "/", ".git", "#readme", "/tree/main/docs", "?tab=readme"])
SECTIONS = st.lists(
    st.tuples(HEADING, st.lists(st.tuples(NAME, WORDS, BULLET, LINK, DASH, TAIL), max_size=4)),
    max_size=4,
)


@settings(max_examples=12)
@given(SECTIONS, st.sampled_from(["\n", "\r\n"]))
def test_what_a_list_is_written_of_is_read_from_it(
    sections: list[tuple[str, list[tuple[str, ...]]]], end: str
) -> None:
    """However its entries are written, each comes back with all it says, on its line."""
    lines, expected = ["# Awesome things", ""], []
    for heading, items in sections:
        lines += ["", f"## {heading}", ""]
        for name, words, bullet, link, dash, tail in items:
            if name.endswith((".git", ".")):
                continue
            address = f"https://github.com/{name}{tail}"
            tool = f"The {name.split('/')[1].strip('._-')} tool"
            lines += [f"{bullet}{link.format(tool, address)}{dash}{words}.", ""]
            expected.append((len(lines) - 1, name, tool, f"{words}.", (heading,)))
    found = list_entries(end.join(lines).encode())
    assert [(e.line, e.repository, e.name, e.description, e.headings) for e in found] == expected


@given(st.text(alphabet=st.sampled_from('-*#[]()<>|`\n ahtrli/="github.com:1&!'), max_size=80))
def test_no_text_is_too_odd_for_the_reader(text: str) -> None:
    """Whatever stands in a file, each entry has a line of it, and a repository or a reason."""
    for entry in list_entries(text.encode()):
        assert 1 <= entry.line <= text.count("\n") + 1
        assert (entry.repository is None) == bool(entry.reason)


def test_the_first_of_several_headings_counts() -> None:
    """A repository that stands under several headings has one category, and is counted."""
    placed = placements(markdown_entries(AWESOME))
    assert placed.categories["acme/forge"] == "Serving"
    assert (len(placed.categories), placed.n_several) == (9, 1)


# Imports


def test_lists_become_repositories(tmp_path: Path) -> None:
    """Markdown and names are imported alike: rows say that a list has them, and what it tells."""
    (tmp_path / "awesome.md").write_text(AWESOME)
    (tmp_path / "names.txt").write_bytes(
        b"\xef\xbb\xbf# mine\r\nacme/mine  # the best\r\ngithub.com/acme/log#x\r\nno name\r\n"
    )
    files = [tmp_path / "awesome.md", tmp_path / "names.txt"]
    summary = import_repositories(files, tmp_path / SNAPSHOT)
    rows = {
        row["full_name"]: row for row in load_table(tmp_path / SNAPSHOT, "repositories").to_pylist()
    }
    assert len(rows) == 10
    assert rows["acme/forge"]["description"] == "Serves models."
    assert (rows["acme/mine"]["description"], rows["acme/mine"]["source"]) == (None, "list")
    counts = summary.source.counts["repositories"]
    assert (counts.read, counts.kept) == (17, 10)
    assert {drop.reason: drop.count for drop in counts.dropped} == {
        "the same repository again": 2,
        NO_LINK: 1,
        ELSEWHERE: 1,
        GIST: 1,
        NO_REPOSITORY: 1,
        "could not be read (rejects.jsonl)": 1,
    }
    assert "Descriptions by the list awesome.md, not by GitHub: 6." in summary.source.notes


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("full_name\tstars\nacme/a\t1\nacme/b\t2\n", 2),
        ("repository\nacme/a\n", 1),
        ("acme/a\nacme/b\n\nacme/c\n", 3),
    ],
)
def test_a_text_is_a_table_or_a_list_by_its_lines(tmp_path: Path, text: str, n: int) -> None:
    """A text whose first line heads columns is a table still; one of names is a list."""
    (tmp_path / "x.txt").write_text(text)
    assert import_repositories([tmp_path / "x.txt"], tmp_path / "d").rows_now["repositories"] == n


def test_categories_are_written_as_a_list_to_judge_by(tmp_path: Path) -> None:
    """--gold-out writes what `taxonomy evaluate --gold` reads; the Markdown itself is read, too."""
    (tmp_path / "awesome.md").write_text(AWESOME)
    gold = tmp_path / "gold.csv"
    command = ("import", "repositories", tmp_path / "*.md", "-s", SNAPSHOT, "-w", tmp_path / "ws")
    done = opsatlas(*command, "--gold-out", gold)
    assert done.code == 0, done.err
    assert "awesome: 9 repositories in 4 categories; of 1 under several" in done.out
    assert read_gold(gold) == read_gold(tmp_path / "awesome.md")
    with gold.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"list": "awesome", "full_name": "acme/forge", "category": "Serving"}
    again = opsatlas(*command, "--gold-out", gold)
    assert (again.code, "there already" in again.err) == (2, True)


def test_a_list_without_categories_is_no_gold(tmp_path: Path) -> None:
    """Nothing is imported where the categories that are asked for are not there."""
    (tmp_path / "names.txt").write_text("acme/a\n")
    done = opsatlas(
        *("import", "repositories", tmp_path / "names.txt", "-s", SNAPSHOT),
        *("-w", tmp_path / "ws", "--gold-out", tmp_path / "gold.csv"),
    )
    assert (done.code, "list with categories" in done.err) == (2, True)
    assert not (tmp_path / "ws" / "snapshots").exists()


def test_a_pattern_that_no_shell_expanded_is_expanded(tmp_path: Path) -> None:
    """Patterns in quotes are meant from where one is; one that fits nothing is told."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(f"acme/{name}\n")
    command = ("import", "repositories", "-s", SNAPSHOT, "-w", tmp_path / "ws")
    done = opsatlas(*command, str(tmp_path / "*.txt"))
    assert "now holds: repositories 2" in done.out, done.err
    none = opsatlas(*command, str(tmp_path / "*.csv"))
    assert (none.code, "No file matches" in none.err) == (2, True)
