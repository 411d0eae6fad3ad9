"""Commands, variables, images and actions in YAML, TOML and JSON, whatever tool they are for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from usage.catalog import Catalog
from usage.commands.shell import argument_uses, shell_uses
from usage.commands.variables import record_variables_on_line
from usage.commands.words import record_image
from usage.documents.tree import Items, Node, Pairs, Path, Text
from usage.recorder import Recorder
from usage.surroundings import Surroundings
from usage.uses import LineLabel

_COMMANDS: Final = frozenset(
    {
        *("run", "cmd", "cmds", "commands", "script", "scripts", "before_script", "after_script"),
        *("bash", "sh", "exec", "inlinescript", "entry", "setup", "install", "before_install"),
        *("startcommand", "buildcommand", "initcommand", "postcreatecommand", "poststartcommand"),
        *("postattachcommand", "oncreatecommand", "updatecontentcommand", "predeploycommand"),
        *("bash_command", "shell_command", "shell_commands", "shell", "test", "init_commands"),
        *("sequence", "install_commands", "build_commands", "pre_build", "post_build", "prestart"),
        *("post_install", "pre_install", "before", "steps", "start_command", "build_command"),
        *("test_script", "build_script", "deploy_script", "after_success", "runcmd", "bootcmd"),
        *("setup_commands", "initialization_commands", "head_start_ray_commands"),
        *("worker_start_ray_commands", "head_setup_commands", "worker_setup_commands"),
    }
)
_NEEDED: Final = re.compile(r"requirement|dependenc|extras|packages", re.IGNORECASE)
"""Tables of what is needed: a key in them names a set of it, such as ``test``."""
_PROCESS: Final = ("entrypoint", "command", "args")
"""Keys that tell one process together, in the order in which their words come."""
_PROSE: Final = frozenset(
    {
        *("description", "desc", "title", "summary", "help", "label", "placeholder", "message"),
        *("displayname", "comment", "comments", "notes", "note", "doc", "docs", "documentation"),
        *("readme", "usage", "abstract", "keywords", "authors", "author", "tooltip", "hint"),
        *("extra_description", "long_description", "site_name", "nav", "changelog"),
    }
)
_NO_IMAGE: Final = frozenset({"uses", "repo", "name", "id", "url"})
_TASKS: Final[tuple[Path, ...]] = (
    ("tool", "poe", "tasks"),
    ("tool", "poe", "env"),
    ("tool", "pdm", "scripts"),
    ("tool", "rye", "scripts"),
    ("tool", "taskipy", "tasks"),
    ("tool", "pixi", "tasks"),
    ("tool", "thx", "jobs"),
    ("tool", "hatch", "envs", "*", "scripts"),
    ("tool", "pixi", "feature", "*", "tasks"),
    ("tool", "pixi", "target", "*", "tasks"),
    ("feature", "*", "tasks"),
    ("envs", "*", "scripts"),
    ("tasks",),
    ("processes",),
    ("run",),
    ("scripts",),
)
"""Tables whose every value is a command: scripts of package.json, tasks of pixi and poe."""


class StructuredReader:
    """Reads one document.

    Parameters
    ----------
    recorder
        Of the file's place.
    """

    def __init__(
        self, at: LineLabel, recorder: Recorder, catalog: Catalog, around: Surroundings
    ) -> None:
        self.at = at
        self.recorder, self.catalog, self.around = recorder, catalog, around
        self.is_workflow = re.search(
            r"(?:^|/)\.github/workflows/|(?:^|/)action\.ya?ml$", recorder.place.path
        )

    def read(self, root: Node) -> None:
        """Record what the document uses."""
        waiting: list[tuple[Path, Node]] = [((), root)]
        while waiting:
            path, node = waiting.pop()
            if isinstance(node, Text):
                self._read_text(node, path)
            elif isinstance(node, Items):
                waiting.extend((path, item) for item in reversed(node.items))
            else:
                waiting.extend(reversed(self._read_pairs(node, path)))

    def _read_pairs(self, node: Pairs, path: Path) -> list[tuple[Path, Node]]:
        """Record a table; return those of its values that hold more to be read."""
        rest: list[tuple[Path, Node]] = []
        process = {key.text.lower(): value for key, value in node.pairs}
        self._read_process([process[key] for key in _PROCESS if key in process], path)
        python = isinstance(shell := process.get("shell"), Text) and "python" in shell.text
        for key, value in node.pairs:
            self._read_key(key)
            lowered, below = key.text.lower(), (*path, key.text)
            if lowered in _PROCESS:
                if isinstance(value, Pairs):
                    rest.append((below, value))
            elif lowered == "uses" and self.is_workflow and isinstance(value, Text):
                self._read_action(value)
            elif python and lowered == "run" and isinstance(value, Text):
                self._read_python(value)
            elif self._is_command(lowered, below) and not isinstance(value, Pairs):
                self._read_commands(value, below, rest)
            else:
                rest.append((below, value))
        return rest

    def _is_command(self, key: str, path: Path) -> bool:
        if any(_NEEDED.search(above) for above in path[:-1]):
            return False
        return key in _COMMANDS or any(_fits(path[:-1], tasks) for tasks in _TASKS)

    def _read_key(self, key: Text) -> None:
        if self.catalog.framework_of_variable(key.text) is not None:
            record_variables_on_line(key.text, self.at(key.row), self.recorder, self.catalog)

    def _read_text(self, text: Text, path: Path) -> None:
        key = path[-1].lower() if path else ""
        if any(each.lower() in _PROSE for each in path[-2:]):
            return
        for line, piece in enumerate(text.text.split("\n"), 1):
            label = self.at(text.row_of(line))
            if key not in _NO_IMAGE:
                # A build argument names one after its sign of equality.
                record_image(piece.rpartition("=")[2], label, self.recorder, self.catalog)
            record_variables_on_line(piece, label, self.recorder, self.catalog, may_be_prose=True)

    def _read_action(self, text: Text) -> None:
        name = text.text.partition("@")[0].strip().lower()
        framework = self.catalog.actions.get(name)
        if framework is None:
            owner_and_name = "/".join(name.split("/")[:2])
            framework = self.catalog.actions.get(owner_and_name)
        if framework is not None:
            self.recorder.add(framework, "action", self.at(text.row), text.text.strip())
        elif name.startswith("docker://"):
            record_image(text.text, self.at(text.row), self.recorder, self.catalog)

    def _read_python(self, text: Text) -> None:
        found = self.around.python(text.text, self._lines(text), self.recorder.place, "heredoc:")
        self.recorder.join(found)

    def _read_commands(self, value: Node, path: Path, rest: list[tuple[Path, Node]]) -> None:
        if isinstance(value, Text):
            self._read_shell(value)
            return
        if isinstance(value, Items):
            texts = value.texts
            if texts and texts[0].text in ("CMD", "CMD-SHELL"):
                words = texts[1:]
                self._read_words(words) if texts[0].text == "CMD" else self._read_each(words)
            elif len(texts) > 1 and not any(" " in text.text.strip() for text in texts):
                self._read_words(texts)
            else:
                self._read_each(texts)
            rest.extend((path, item) for item in value.items if not isinstance(item, Text))

    def _read_each(self, texts: Sequence[Text]) -> None:
        for text in texts:
            self._read_shell(text)

    def _read_shell(self, text: Text) -> None:
        if text.text.strip() in self.catalog.scripts:
            return  # A name alone: as likely of a tool to install, or of a task.
        self.recorder.join(
            shell_uses(
                text.text,
                at=self._lines(text),
                place=self.recorder.place,
                catalog=self.catalog,
                around=self.around,
            )
        )

    def _lines(self, text: Text) -> LineLabel:
        return lambda line: self.at(text.row_of(line))

    def _read_words(self, words: Sequence[Text]) -> None:
        if len(words) > 1:
            self.recorder.join(
                argument_uses(
                    [(word.text, self._lines(word)) for word in words],
                    place=self.recorder.place,
                    catalog=self.catalog,
                    how="text",
                    around=self.around,
                )
            )

    def _read_process(self, parts: Sequence[Node], path: Path) -> None:
        """Record the process that an entry point, a command and arguments tell together."""
        words: list[Text] = []
        alone: list[Text] = []
        for at, part in enumerate(parts):
            texts = part.texts if isinstance(part, Items) else []
            if isinstance(part, Text):
                is_last = not words and at == len(parts) - 1
                if is_last or _runs_shell(words) or "\n" in part.text.strip():
                    self._read_shell(part)
                else:
                    alone = [Text(word, part.row) for word in part.text.split()]
                    words += alone
            elif texts and texts[0].text in ("CMD", "CMD-SHELL"):
                self._read_each(texts[1:])
            elif texts and (_runs_shell(words) or " " in texts[0].text.strip()):
                self._read_each(texts)
            else:
                alone = texts
                words += texts
        self._read_words(words)
        if alone != words:
            # An entry point of one's own mostly runs what it is given.
            self._read_words(alone)


def _runs_shell(words: Sequence[Text]) -> bool:
    return bool(words) and re.fullmatch(r"-[a-z]*c", words[-1].text) is not None


def _fits(path: Path, pattern: Path) -> bool:
    return len(path) == len(pattern) and all(
        theirs in ("*", mine) for mine, theirs in zip(path, pattern, strict=True)
    )
