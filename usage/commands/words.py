"""What the words of one command say: which framework it runs, installs or starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from usage.catalog import Catalog
from usage.commands.installs import installed
from usage.commands.wrappers import (
    entrypoint_of,
    is_python,
    options,
    program,
    skip_options,
    skip_python_options,
    skip_wrappers,
)
from usage.recorder import Recorder
from usage.surroundings import Surroundings
from usage.uses import LineLabel

SHELLS: Final = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh"})
_SUBCOMMAND: Final = re.compile(r"^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$")
_CONTAINERS: Final = options(
    "docker podman nerdctl docker-compose podman-compose kubectl oc helm skopeo buildah kind crane"
    " minikube singularity apptainer"
)
_TEXT_AFTER: Final = options("ssh eval tmux screen trap concurrently watch parallel")
_TEXT_OPTIONS: Final = options("-i -p -l -o -F -L -R -t -S -s -n")
_FLOW: Final = ("python", "FLOW")
_GIVEN: Final = options(
    "--profile --env-file --config --config-file --context --datastore --metadata --environment"
    " --with --log-level --logger"
)
"""Options before a sub-command whose value may look like one."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command, without its quotes, and the line of its text that it begins on."""

    text: str
    row: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What is needed to read a command.

    Attributes
    ----------
    at
        Labels of the lines that words stand on.
    how
        Of the uses that are commands.
    shell
        Reads a text of shell that is an argument: its text, and labels of its lines.
    local
        Names that stand for something of the text's own: functions, aliases.
    """

    recorder: Recorder
    catalog: Catalog
    around: Surroundings
    at: LineLabel
    how: str
    shell: Callable[[str, LineLabel], None]
    local: frozenset[str] = frozenset()


def record_command(words: Sequence[Word], reading: CommandContext) -> None:
    """Record what a command uses."""
    if not words:
        return
    texts = [word.text for word in words]
    _read_images(words, reading)
    _read_extras(words, reading)
    start = skip_wrappers(texts)
    named = entrypoint_of(texts)
    if named is not None:
        _read_program([words[named], *words[start:]], reading)
        return
    if start < len(words) and not (start == 0 and texts[0] in reading.local):
        _read_program(words[start:], reading)


def _read_program(words: Sequence[Word], reading: CommandContext) -> None:
    name = program(words[0].text)
    if is_python(words[0].text):
        _read_python(words, reading)
    elif name in SHELLS or name in ("su", "busybox", "sbatch", "nix-shell"):
        _read_shell_text(words, reading)
    elif name in _TEXT_AFTER:
        _read_text_after(words, reading)
    elif name in reading.catalog.scripts:
        _record_command(name, words, reading)
    elif words[0].text.endswith(".py"):
        _read_flow(words, reading)
    else:
        _read_installs(words, reading)
        _read_indirect(name, words, reading)


def _record_command(name: str, words: Sequence[Word], reading: CommandContext) -> None:
    found = _subcommands((name,), words[1:], reading.catalog)
    if reading.how == "argument-list" and not _is_known(found, reading.catalog):
        # A list of words in code may as well list distributions or trackers.
        return
    symbol = " ".join(found)
    if symbol == name and [word.text for word in words[1:2]] == ["--version"]:
        symbol = f"{name} --version"
    framework = reading.catalog.scripts[name]
    reading.recorder.add(framework, "command", reading.at(words[0].row), symbol, reading.how)


def _is_known(command: tuple[str, ...], catalog: Catalog) -> bool:
    return len(command) > 1 and command[1] in catalog.first_words.get(command[0], frozenset())


def _subcommands(
    script: tuple[str, ...], words: Sequence[Word], catalog: Catalog
) -> tuple[str, ...]:
    """Return a script and its sub-command; what may be an argument is none."""
    known = catalog.first_words.get(" ".join(script), frozenset())
    found = script
    for at, word in enumerate(words):
        if word.text.startswith("-"):
            if found != script:
                break
            continue
        before = words[at - 1].text if at else ""
        if found == script and (
            before in _GIVEN
            or (
                before[:1] == "-"
                and "=" not in before
                and word.text not in known
                and _known_follows(words[at + 1 :], known)
            )
        ):
            continue
        if word.quoted or not _SUBCOMMAND.match(word.text):
            break
        found = (*found, word.text)
        if found not in catalog.groups:
            break
    return found


def _known_follows(words: Sequence[Word], known: frozenset[str]) -> bool:
    return any(word.text in known for word in words[:12])


def _read_python(words: Sequence[Word], reading: CommandContext) -> None:
    at = skip_python_options([word.text for word in words])
    if at >= len(words):
        return
    option, rest = words[at].text, words[at + 1 :]
    if option == "-c" and rest:
        _read_python_text(rest[0], reading)
    elif option == "-m" and rest:
        # A module without a dot is a program: what runs it was passed over.
        path = f"{rest[0].text.replace('.', '/')}.py"
        _read_flow([Word(path, rest[0].row), *rest[1:]], reading)
    elif not option.startswith("-"):
        _read_flow(words[at:], reading)


def _read_python_text(word: Word, reading: CommandContext) -> None:
    place = reading.recorder.place
    found = reading.around.python(
        word.text, lambda line: reading.at(word.row + line - 1), place, "heredoc:"
    )
    reading.recorder.join(found)


def _read_flow(words: Sequence[Word], reading: CommandContext) -> None:
    framework = _flow_framework(words[0].text, reading)
    if framework is None:
        return
    symbol = _subcommands(_FLOW, words[1:], reading.catalog)
    if len(symbol) > len(_FLOW):
        line = reading.at(words[0].row)
        reading.recorder.add(framework, "flow-command", line, " ".join(symbol), reading.how)


def _flow_framework(file: str, reading: CommandContext) -> str | None:
    name = file.removeprefix("./")
    while name.startswith("../"):
        name = name[3:]
    if not name.endswith(".py"):
        return None
    folder = PurePosixPath(reading.recorder.place.path).parent
    flows = reading.around.flows
    for path in (str(folder / name), name):
        if path in flows:
            return flows[path]
    fitting = sorted(path for path in flows if path.endswith("/" + name.lstrip("/")))
    return flows[fitting[0]] if fitting else None


def _read_shell_text(words: Sequence[Word], reading: CommandContext) -> None:
    for at, word in enumerate(words[1:], 1):
        is_command = re.fullmatch(r"-[a-z]*c|--command|--run|--wrap", word.text)
        if is_command and at + 1 < len(words):
            following = words[at + 1]
            if following.text in ("-o", "--") and at + 2 < len(words):
                following = words[at + 2]
            _read_nested(following, reading)
            return
        if (given := re.match(r"(?:--wrap|--command|--run)=", word.text)) is not None:
            _read_nested(Word(word.text[given.end() :], word.row), reading)
            return


def _read_text_after(words: Sequence[Word], reading: CommandContext) -> None:
    """Record a command that stands as one text, or as words, after the options of another."""
    at = skip_options([word.text for word in words], 1, _TEXT_OPTIONS)
    at += program(words[0].text) == "ssh"  # Its first word is the host.
    quoted = [word for word in words[at:] if word.quoted and " " in word.text]
    for word in quoted:
        _read_nested(word, reading)
    if not quoted and at < len(words):
        name = program(words[at].text)
        if name in reading.catalog.scripts:
            _record_command(name, words[at:], reading)


def _read_nested(word: Word, reading: CommandContext) -> None:
    reading.shell(word.text, lambda line: reading.at(word.row + line - 1))


def _read_installs(words: Sequence[Word], reading: CommandContext) -> None:
    for at, name in installed([word.text for word in words]):
        _record_install(name, words[at].row, reading)


def _read_extras(words: Sequence[Word], reading: CommandContext) -> None:
    """Record distributions that are brought in for one run: ``uv run --with mlflow``."""
    if program(words[0].text) not in ("uv", "uvx", "pipx"):
        return
    for at, word in enumerate(words[:-1]):
        option, _, value = word.text.partition("=")
        if option in ("--with", "--from", "--spec"):
            given = value or words[at + 1].text
            for each in given.split(","):
                for _, name in installed(["pip", "install", each]):
                    _record_install(name, word.row, reading)


def _record_install(name: str, row: int, reading: CommandContext) -> None:
    catalog = reading.catalog
    name = catalog.repositories.get(name, name)
    if (framework := catalog.distributions.get(name)) is not None:
        reading.recorder.add(framework, "pip-install", reading.at(row), name)


def _read_images(words: Sequence[Word], reading: CommandContext) -> None:
    if not any(program(word.text) in _CONTAINERS for word in words):
        return
    for word in words:
        text = word.text.rpartition("=")[2] if word.text.startswith("-") else word.text
        record_image(text, reading.at(word.row), reading.recorder, reading.catalog)


def record_image(text: str, line: str, recorder: Recorder, catalog: Catalog) -> None:
    """Record a container image, if the text is one of a framework's, with its tag."""
    text = text.strip()
    name = text.partition("@")[0]
    head, slash, last = name.rpartition("/")
    name = f"{head}{slash}{last.partition(':')[0]}".lower()
    for prefix in ("docker://", "docker.io/", "index.docker.io/", "registry.hub.docker.com/"):
        name = name.removeprefix(prefix)
    if (framework := catalog.images.get(name)) is not None:
        recorder.add(framework, "image", line, text.removeprefix("docker://"))


def _read_indirect(name: str, words: Sequence[Word], reading: CommandContext) -> None:
    """Record what another library's command brings in: ``zenml integration install mlflow``."""
    for pattern, framework in reading.catalog.indirect_commands.get(name, ()):
        row = _row_of_argument(words, pattern[-1], pattern[1])
        if row is not None:
            symbol = f"{name} flavor {pattern[-1]}" if "*" in pattern else " ".join(pattern)
            reading.recorder.add(framework, "indirect", reading.at(row), symbol, "indirect")


def _row_of_argument(words: Sequence[Word], value: str, option: str) -> int | None:
    """Return the row of a command that installs ``value`` or is given it as ``option``."""
    texts = [word.text for word in words]
    if "install" in texts and value in texts[texts.index("install") :]:
        return words[0].row
    flavor = "flavor" if option == "*" else option
    names = (f"--{flavor}", f"-{flavor[0]}")
    for at, text in enumerate(texts):
        if text in names and texts[at + 1 : at + 2] == [value]:
            return words[0].row
        if any(text == f"{name}={value}" for name in names):
            return words[0].row
    return None
