"""What authors of issues wrote, without templates, code and logs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.text.issue_text import issue_text, issue_title, template_lines

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
    "line",
    [
        "docker build takes twenty minutes for every small change, which is too slow for us.",
        "docker compose support would be nice",
        "git clone over ssh should be allowed for private projects.",
        "git history would be lost when we squash",
        "pip install of the client should not need a compiler.",
        "npm install takes forever on Windows",
        "kubectl apply should wait for the webhook",
        "ERROR messages should say which step failed.",
        "INFO logs are too noisy for production",
        "import times should be shown per step.",
        "$5 a month would be fine.",
        "$HOME should be respected",
        "at startup (see below) it hangs",
        "at 10:30 the job stops",
        "docker build dauert zwanzig Minuten bei jeder Änderung.",
        "* helm install with custom values is hard",
        "> make build steps optional for us",
    ],
)
def test_sentences_that_begin_like_commands_are_kept(line: str) -> None:
    """The name of a command or a level begins a sentence too."""
    assert issue_text(f"It stops.\n\n{line}\n\nPlease help.").text.split("\n") == [
        "It stops.",
        line.lstrip("*> "),
        "Please help.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "docker build -t hidden .",
        "$ hidden run",
        "pip install hidden other more",
        "sudo apt-get install the-hidden",
        "git clone https://hidden.example.org/a",
        "kubectl apply -f hidden.yaml",
        "ERROR: hidden is not there",
        "ERROR Failed to hide",
        "[INFO] hidden is here.",
        "    at hidden.Main.run(Main.java:3)",
        "    at async hidden (file:///x.js:1:2)",
        "   at Hidden.IO.File.Open(String path) in C:\\x.cs:line 12",
        "goroutine 1 [running]: hidden",
        "thread 'hidden' panicked at src/main.rs:4:5:",
        "   0: hidden::panicking::begin",
        "#0 /hidden/file.php(12): foo()",
        "from /hidden.rb:12:in `foo'",
        "hidden.c:12:5: error: bad",
        "npm ERR! hidden",
        "error[E0382]: hidden",
        "(hidden 1.12.0) lib/x.ex:12: Foo.bar/2",
        "... 12 more",
        "at hidden.pl line 12.",
    ],
)
def test_commands_and_traces_of_many_languages_go(line: str) -> None:
    """What shells and programs wrote is left out, in a quotation too."""
    for written in (line, f"> {line.strip()}"):
        body = f"It stops.\n\n{written}\n\nPlease help."
        assert issue_text(body).text == "It stops.\nPlease help."


@pytest.mark.parametrize(
    "part",
    [
        "- [x] hidden: I searched\n  the whole tracker",
        "[X] hidden agreement",
        "☑ hidden agreement",
        "<details>\n<summary>Relevant log output</summary>\n\nhidden log is here.\n</details>",
        "<details><summary>Version</summary>\n\n```\nhidden </details>\n```\nhidden.\n</details>",
        "On Mon, 1 Jan 2024 at 10:00, Ann Lee <a@x.org> wrote:\n\n> hidden words\n> of another",
        "On Mon, Jan 1, 2024 at 10:00 AM Ann Lee <\na@x.org> wrote:\n> hidden words",
        "Am 01.01.2024 um 10:00 schrieb Ann Lee:\n> hidden words",
        "diff --git a/x b/x\nindex 12..34\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-hidden\n+hidden",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n hidden",
        "$$\nhidden_i\n$$",
        "![hidden](data:image/svg+xml;base64,aGlkZGVuaGlkZGVuaGlkZGVu)",
        "### Priority\n\nHigh",
        "### Which version?\n\n_No response_",
    ],
)
def test_what_forms_mails_and_diffs_add_goes(part: str) -> None:
    """Boxes, folded logs, quoted mails, diffs and pictures go; what stands around them stays."""
    text = issue_text(f"It stops.\n\n{part}\n\n### Proposal\n\nPlease help.").text
    assert text == "It stops.\nPlease help."


def test_what_authors_fold_quote_or_warn_of_stays() -> None:
    """Details of prose, quotations and alerts are the author's words."""
    body = (
        "> [!IMPORTANT]\n> This concerns the scheduler only.\n\n"
        "<details><summary>Design</summary>\n\nEach stage has a queue.\n\n</details>\n\n"
        "> Stages may run twice\n\nThat should be a choice.[^1]\n\n[^1]: As before.\n"
    )
    assert issue_text(body).text.split("\n") == [
        "This concerns the scheduler only.",
        "Design",
        "Each stage has a queue.",
        "Stages may run twice",
        "That should be a choice.",
        "As before.",
    ]


def test_what_follows_a_forwarded_mail_or_a_signature_is_another_text() -> None:
    """Below such a line nothing is the author's."""
    for line in ("-----Original Message-----", "-- "):
        assert issue_text(f"It stops.\n\n{line}\nhidden\n\nhidden").text == "It stops."


def test_details_that_never_end_hide_nothing() -> None:
    """A tag without its end takes no prose with it."""
    body = "<details><summary>Logs</summary>\n\nIt stops at night."
    assert "It stops at night." in issue_text(body).text


@pytest.mark.parametrize(
    "body",
    [
        "-" * 100_000 + "x",
        "** " + " " * 100_000 + "x",
        "1.1" * 50_000,
        "<details><summary>logs</summary>\n" * 4_000,
        "On a\n" * 20_000,
        "at " * 50_000,
        f"![x](data:image/png;base64,{'QUJD' * 1_250_000})\n\nIt stops.",
    ],
    ids=["dashes", "bold", "version", "details", "mail", "trace", "picture"],
)
def test_hostile_bodies_take_time_in_proportion(body: str) -> None:
    """Long runs of what the rules look for are read in seconds."""
    started = time.process_time()
    issue_text(body)
    assert time.process_time() - started < 8


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
