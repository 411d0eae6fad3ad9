"""What authors of issues wrote, without templates, code and logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.issue_text import issue_text, issue_title, template_lines

FORM = """### Is your feature request related to a problem? Please describe.

I cannot resume a run after the scheduler stops.

### Describe the solution you'd like

A command that resumes it.
Keep the finished stages.

### Partial results per stage

Each stage should keep its own.

### Environment

hidden laptop with much memory

#### Package versions

hidden versions

### Relevant log output

```shell
hidden log
```

### Anything else

_No response_

- [x] hidden: I searched the tracker
"""


def test_forms_lose_questions_machines_and_logs() -> None:
    """Answers stay, headings that an author wrote stay, the template and the machine go."""
    assert issue_text(FORM).text.split("\n") == [
        "I cannot resume a run after the scheduler stops.",
        "A command that resumes it. Keep the finished stages.",
        "Partial results per stage",
        "Each stage should keep its own.",
    ]


def test_bold_labels_are_headings_too() -> None:
    """Templates of the older kind label their parts in bold."""
    body = "**Describe the bug**\nIt stops.\n\n**Desktop environment:**\nhidden\n"
    assert issue_text(body).text == "It stops."


def test_prose_below_the_last_field_of_a_form_is_kept() -> None:
    """A short answer about the machine goes; a long sentence that follows it stays."""
    prose = "It would help all of us a lot if the scheduler could tell why it stopped a run."
    assert issue_text(f"### Python version\n\n3.10 hidden\n\n{prose}").text == prose
    assert issue_text(f"### Relevant log output\n\n{prose}").text == ""


@pytest.mark.parametrize(
    "line",
    [
        '  File "/hidden/x.py", line 3, in main',
        "Traceback (most recent call last):",
        "    at hidden.Main.run(Main.java:3)",
        "ValueError: hidden",
        "2024-01-01 10:00:00 hidden",
        "Python version: 3.11.4",
        "TensorFlow 2.13.0",
        "$ hidden run",
        "- [ ] hidden",
    ],
)
def test_traces_versions_and_boxes_go(line: str) -> None:
    """Lines that a machine or a form wrote are left out wherever they stand."""
    assert issue_text(f"It stops.\n\n{line}\n\nPlease help.").text == "It stops.\nPlease help."


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("[Feature Request] Resume runs", "Resume runs"),
        ("[DevTools Bug]: Resume runs", "Resume runs"),
        ("FR: Resume `runs`", "Resume runs"),
        ("[kubernetes] Resume runs", "[kubernetes] Resume runs"),
        ("[BUG]", "[BUG]"),
    ],
)
def test_titles_lose_tags_that_say_nothing(title: str, expected: str) -> None:
    """Tags for the kind of issue go, tags for a subject stay."""
    assert issue_title(title) == expected


def test_lines_that_issues_share_are_the_templates() -> None:
    """What five issues of one repository share is boilerplate; what few share is not."""
    bodies = [("gh:1", f"Tell us of your day\n\nRun {i} stops at stage {i}.") for i in range(5)]
    bodies += [("gh:2", "Only here")] * 4
    template = template_lines(bodies)
    assert template == {"tell us of your day"}
    assert issue_text(bodies[3][1], template=template).text == "Run 3 stops at stage 3."


def test_facts_of_odd_bodies_are_reported() -> None:
    """Undecodable bytes and excessive length are flagged."""
    assert issue_text("It \udcff stops").replaced_bytes
    assert issue_text("It stops here.\n\n" * 30_000).truncated
    assert issue_text("").text == ""


@given(st.text())
def test_any_body_is_read_the_same_way_twice(body: str) -> None:
    """Arbitrary text never raises, and the answer does not change."""
    assert issue_text(body) == issue_text(body)
    assert issue_title(body) == issue_title(body)


@given(st.text(alphabet="ab \n#*-_<>[]().|", max_size=80))
def test_fenced_code_never_comes_out(before: str) -> None:
    """What is inside a fence of its own stays out of the text."""
    body = f"{before}\n\n```\nhiddenfence\n```\n\nafter"
    assert "hiddenfence" not in issue_text(body).text
