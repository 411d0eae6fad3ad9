"""What is expected of every command: help with examples, --version, -q, -v, Tab, `doctor`."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from label_studies import opsatlas
from small_study import SNAPSHOT, planted_rows, write_study
from typer.main import get_command

from opsatlas.cli import console, start
from opsatlas.cli.examples import EXAMPLES
from opsatlas.cli.logs import write_log
from opsatlas.cli.main import app
from opsatlas.cli.root import every_command

COMMANDS = dict(every_command(get_command(app)))
ESCAPE = "\x1b"
PASSWORD = "opensesame"
SECRET = "ghp_nobodyshallseethis0000"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace with a study of hashed words, not run, and names to be completed."""
    ws = tmp_path / "ws"
    for folder in ("labels", f"snapshots/{SNAPSHOT}", "taxonomies/other"):
        (ws / folder).mkdir(parents=True)
    (ws / "taxonomies" / "other.overrides.toml").touch()
    (ws / "labels" / "kinds.sqlite").touch()
    (ws / "labels" / ".kinds.sqlite.lock").touch()
    (ws / "study.toml").write_bytes(write_study(tmp_path / "s").read_bytes())
    return ws


@pytest.fixture
def fresh_consoles() -> Iterator[None]:
    """Let the consoles look at the environment anew, before and after."""
    for each in (console.out, console.err):
        each.cache_clear()
    yield
    for each in (console.out, console.err):
        each.cache_clear()


def test_every_command_has_examples() -> None:
    """Groups, too; and there is none of a command that is gone."""
    assert set(EXAMPLES) == set(COMMANDS)
    for name, examples in EXAMPLES.items():
        assert all(f"opsatlas {name}".strip() in example for example in examples)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_can_be_typed(name: str) -> None:
    """Each fits into 80 columns and is a command line of opsatlas, its options and values right."""
    for example in EXAMPLES[name]:
        assert max(map(len, example.splitlines())) <= 76
        line = example.replace("\\\n", " ").split("|\n")[-1].split(" > ")[0]
        program, *words = shlex.split(line, comments=True)
        assert program == "opsatlas"
        command, context = COMMANDS[""], None
        while True:
            with command.make_context(command.name, words, parent=context) as context:
                below = getattr(command, "commands", None)
                rest = [*context._protected_args, *context.args]
                if below is None or not rest:  # a group may do something itself
                    break
            command, words = below[rest[0]], rest[1:]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_into_80_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is longer, nothing is coloured, and examples stand in it."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = opsatlas(*name.split(), "--help")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert ESCAPE not in done.out
    assert "Examples:\n    " in done.out
    # Values have names or are listed; types of Python and braces are no words of a user's.
    assert not re.search(r"<[^|>]*>|list\[|^Usage.*[{}]", done.out, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in COMMANDS if hasattr(COMMANDS[name], "commands")])
def test_each_command_is_listed_in_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns a whole sentence stands beside each name."""
    monkeypatch.setenv("COLUMNS", "80")
    said = opsatlas(*name.split(), "--help").out
    for below, command in COMMANDS[name].commands.items():  # type: ignore[attr-defined]
        line = re.search(rf"^  {below} +(.+)$", said, re.MULTILINE)
        assert line is not None
        assert line[1] == command.get_short_help_str(1000)
        assert line[1].endswith(".")


def test_the_commands_are_listed_by_section() -> None:
    """A newcomer sees where to begin."""
    said = opsatlas("--help").out
    heads = re.findall(r"^(\w+):$", said, re.MULTILINE)
    assert heads == ["Options", "Study", "Data", "Topics", "Labels"]


def test_the_version_is_told() -> None:
    """By its long and by its short option."""
    told = f"opsatlas {metadata.version('opsatlas')}\n"
    assert opsatlas("--version").out == opsatlas("-V").out == told


def imported(workspace: Path, *options: str, before: tuple[str, ...] = ()) -> tuple[str, str]:
    """Import two repositories into a draft of their own; return what was printed."""
    rows = "".join(json.dumps(row) + "\n" for row in planted_rows()[:2])
    (workspace / "two.jsonl").write_text(rows, encoding="utf-8")
    arguments = ("import", "repositories", workspace / "two.jsonl", "-s", "2024-02-02.two")
    done = opsatlas(*before, *arguments, "-w", workspace, *options)
    assert done.code == 0, done.err
    return done.out, done.err


def test_more_is_said_when_asked_before_or_after_the_command(
    workspace: Path, fresh_consoles: None
) -> None:
    """With times, on stderr alone; and the next command says no more than usual."""
    usual = imported(workspace)
    ways = (((), ("-vv",)), (("-v", "-v"), ()), (("-v",), ("-v",)))
    told = [imported(workspace, *after, before=before) for before, after in ways]
    assert [out for out, _ in told] == [usual[0]] * 3
    form = re.compile(r"^\d\d:\d\d:\d\d\.\d{3} artifacts\.locks: holding ", re.MULTILINE)
    n_lines = [len(form.findall(err)) for _, err in told]
    assert n_lines[0] > 0
    assert n_lines == [n_lines[0]] * 3
    assert imported(workspace) == usual


def test_quiet_leaves_results_and_errors(workspace: Path, fresh_consoles: None) -> None:
    """Progress and notes go, before or after the command."""
    out, err = imported(workspace)
    assert err == "Reading rows\n"
    assert imported(workspace, "-q") == (out, "")
    assert imported(workspace, before=("--quiet",)) == (out, "")
    refused = opsatlas("-q", "snapshot", "show", "2020-01-01.none", "-w", workspace)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("error: ")


def test_a_log_file_holds_all_and_no_token(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, fresh_consoles: None
) -> None:
    """The command, what it did, and its error; the screen is as usual; a token is hidden."""
    log = workspace / "log.txt"
    monkeypatch.setenv("OPSATLAS_LOG", str(log))
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    done = opsatlas("snapshot", "show", SECRET, "-w", workspace)
    assert "artifacts.locks" not in done.err
    opsatlas("taxonomy", "names", "--endpoint", f"https://me:{PASSWORD}@host/v1", "-w", workspace)
    imported(workspace)
    told = log.read_text(encoding="utf-8")
    assert "begins: opsatlas snapshot show (token)" in told
    assert "error: " in told
    assert "Z DEBUG artifacts.locks: holding the lock" in told
    assert "Z INFO opsatlas.cli.console: Reading rows" in told
    assert "https://(user)@host/v1" in told
    assert SECRET not in told
    assert PASSWORD not in told
    monkeypatch.setenv("OPSATLAS_LOG", str(workspace))
    assert opsatlas("snapshot", "list", "-w", workspace).code == 2


@pytest.mark.skipif(sys.platform != "linux", reason="it needs /dev/full")
def test_a_log_that_cannot_be_written_is_told_once(
    capsys: pytest.CaptureFixture[str], fresh_consoles: None
) -> None:
    """The disk is full: the work goes on."""
    import logging

    undo = write_log(Path("/dev/full"))
    logging.getLogger("artifacts.step").warning("one more")
    undo()
    said = "The log is not written any more: No space left on device (/dev/full).\n"
    assert capsys.readouterr().err == said


def test_closed_streams_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is started without stdin or stdout finds None there."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    console.open_closed_streams()
    with sys.stdin, sys.stdout, sys.stderr:
        assert sys.stdin.read() == ""
        print("nobody reads it")


def test_an_interrupt_before_a_command_begins_leaves_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The program ends as it does whenever Control-C is pressed."""

    def pressed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("opsatlas.cli.main.main", pressed)
    with pytest.raises(SystemExit) as end:
        start()
    assert end.value.code == 130


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("taxonomy split 3 --into two", "'two' is not a whole number."),
        ("taxonomy names --timeout soon", "'soon' is not a number."),
        ("taxonomy names --timeout 0", "'0' should be greater than or equal to 1."),
        ("compare --of things", "'things' is not one of 'tools', 'themes'.\n"),
        ("import readmes x -s 1 --fetched-at 5pm", "'5pm' is not a time"),
        ("taxonomy show --jsn", "There is no option --jsn."),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(words: str, said: str) -> None:
    """What was given, and what should have been; nothing of the library that looked at it."""
    done = opsatlas(*words.split())
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Value error" not in done.err


def test_a_log_is_let_go(tmp_path: Path) -> None:
    """What is logged once a command has ended goes nowhere."""
    import logging

    write_log(tmp_path / "log")()
    logging.getLogger("artifacts.step").warning("too late")
    assert "too late" not in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_colours_are_as_the_environment_says(
    variables: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fresh_consoles: None,
) -> None:
    """NO_COLOR, FORCE_COLOR and TERM=dumb are obeyed; no colour makes a terminal of a pipe."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    console.out().print(console.styled(("✓", "green")))
    with console.TerminalProgress().task("rows", 2) as task:
        task.advance()
    captured = capsys.readouterr()
    assert (f"{ESCAPE}[32m" in captured.out) == coloured
    assert captured.err == "rows (2 steps)\n"


def completed(line: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what Tab offers in bash after a line."""
    words = line.split(" ")
    monkeypatch.setenv("_OPSATLAS_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    done = opsatlas()
    assert (done.code, done.err) == (0, "")
    return done.out.split()


def test_names_are_completed(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands, labels, snapshots, studies, codebooks; of a workspace found or given, or none."""
    monkeypatch.chdir(workspace)
    assert completed("opsatlas sna", monkeypatch) == ["snapshot"]
    assert completed("opsatlas label agree ", monkeypatch) == ["kinds"]
    assert completed("opsatlas snapshot show 20", monkeypatch) == [SNAPSHOT]
    assert completed("opsatlas compare ", monkeypatch) == [SNAPSHOT, "other"]
    assert completed("opsatlas run ml", monkeypatch) == ["mlops"]
    assert "mlops-tools" in completed("opsatlas label codebook show ", monkeypatch)
    monkeypatch.chdir(tmp_path)
    assert completed("opsatlas label agree ", monkeypatch) == []
    assert completed(f"opsatlas label agree -w {workspace} ", monkeypatch) == ["kinds"]
    assert completed("opsatlas label agree -w /nowhere ", monkeypatch) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_the_shell_that_is_named(shell: str) -> None:
    """Whatever shell this is."""
    said = opsatlas("--show-completion", shell).out
    assert f"_OPSATLAS_COMPLETE=complete_{shell}" in said


def test_tab_loads_nothing_heavy(workspace: Path) -> None:
    """A shell waits for it."""
    code = (
        "import atexit, sys; sys.argv = ['opsatlas']\n"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'torch', 'rich', 'httpx'}\n"
        "atexit.register(lambda: print(*heavy & {*sys.modules}, file=sys.stderr))\n"
        "from opsatlas.cli.main import main; main()"
    )
    variables = {
        "_OPSATLAS_COMPLETE": "complete_bash",
        "COMP_WORDS": "opsatlas label show ",
        "COMP_CWORD": "3",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=workspace,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.split(), done.stderr.split()) == (["kinds"], [])


def checks(*arguments: object) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit code of `doctor`, and what came of each check."""
    done = opsatlas("doctor", "--json", *arguments)
    assert SECRET not in done.out + done.err
    return done.code, {check["what"]: check for check in json.loads(done.out)["checks"]}


def test_the_doctor_tells_what_works(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part of the machine has a line; a token is told by its variable alone."""
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    code, found = checks("-w", workspace)
    assert code == 0
    wanted = "workspace Python packages encoder disk writing locks token git terminal"
    assert list(found) == wanted.split()
    assert found["token"] == {
        "what": "token", "state": "works", "said": "GITHUB_TOKEN is set", "fix": None
    }  # fmt: skip
    assert found["locks"]["state"] == found["writing"]["state"] == "works"
    assert list(workspace.glob(".*lock*")) == []


def test_the_doctor_tells_what_would_fail(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of no form, a model with other weights: each has its line, and the exit code is 2."""
    monkeypatch.setenv("GITHUB_TOKEN", "no token")
    study = workspace / "study.toml"
    text = study.read_text(encoding="utf-8")
    other = f'[vectors]\nsha256 = "{"0" * 64}"\nmodel = "all-MiniLM-L6-v2"'
    study.write_text(re.sub(r"\[vectors\]\nmodel = .*", other, text), encoding="utf-8")
    code, found = checks("-w", workspace)
    assert code == 2
    assert "not the expected ones" in found["encoder"]["said"]
    assert found["encoder"]["fix"]
    assert found["token"]["state"] == "does not work"
    assert found["disk"]["state"] == "works"
    assert opsatlas("doctor", "-w", workspace / "nowhere").code == 2
