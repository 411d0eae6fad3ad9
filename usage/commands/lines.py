"""Commands and variables in files that are read line by line: INI, Procfile, .env, Jenkinsfile."""

from __future__ import annotations

import re
from typing import Final

from usage.catalog import Catalog
from usage.commands.shell import argument_uses, on_line, shell_uses
from usage.commands.variables import record_variables, record_variables_on_line
from usage.commands.words import record_image
from usage.documents.ini import read_ini
from usage.recorder import Recorder
from usage.surroundings import Surroundings
from usage.uses import Found, LineLabel, Place

_COMMAND_KEYS: Final = re.compile(
    r"^(?:commands(?:_pre|_post)?|command|execstart(?:pre|post)?|execstop|execreload|script|run"
    r"|user-service-command|exec|web)$",
    re.IGNORECASE,
)
_PROSE_KEYS: Final = re.compile(r"^(?:long_)?description$|^keywords$|^after$|^requires$", re.I)
_PROCESS: Final = re.compile(r"^(?P<name>[A-Za-z0-9_-]+):\s*(?P<command>.+)$")
_SETTING: Final = re.compile(r"^\s*(?:export\s+|set\s+|setenv\s+)?(?P<name>\w+)\s*[=:\s]")
_GROOVY: Final = re.compile(
    r"\b(?:sh|bat|powershell)\s*\(?\s*(?:(?:label|returnStdout|returnStatus)\s*:\s*[^,]+,\s*)*"
    r"(?:script\s*:\s*)?(?P<quote>'''|\"\"\"|'|\")(?P<text>.{0,8000}?)(?<!\\)(?P=quote)",
    re.DOTALL,
)
_COMMENT: Final = re.compile(r"(?m)^\s*(?://|\*|/\*|#).*$|(?<=\s)//[^\n'\"]*$")


def ini_uses(
    text: str, *, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what the commands and variables of an INI file use: tox, supervisor, systemd."""
    recorder = Recorder(place)
    for setting in read_ini(text):

        def label(line: int, row: int = setting.row) -> str:
            return at(row + line - 1)

        body = "\n".join(setting.lines)
        if _COMMAND_KEYS.match(setting.key):
            shell = "\n".join(line.lstrip("-@!+") for line in setting.lines)
            recorder.join(shell_uses(shell, at=label, place=place, catalog=catalog, around=around))
        elif not _PROSE_KEYS.match(setting.key):
            record_variables(f"{setting.key} = {body}", label, recorder, catalog)
            record_image(body, label(1), recorder, catalog)
    return recorder.found


def procfile_uses(
    text: str, *, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what the processes of a Procfile use."""
    lines = []
    for line in text.split("\n"):
        match = _PROCESS.match(line)
        lines.append(match.group("command") if match is not None else "")
    return shell_uses("\n".join(lines), at=at, place=place, catalog=catalog, around=around)


def settings_uses(text: str, *, at: LineLabel, place: Place, catalog: Catalog) -> Found:
    """Return the variables that a file of ``NAME=value`` lines sets or refers to."""
    recorder = Recorder(place)
    for row, line in enumerate(text.split("\n"), 1):
        bare = re.split(r"(?:^|\s)[#;]", line)[0]
        named = _SETTING.match(bare)
        rest = bare[named.end() :] if named is not None else ""
        refers = " ".join(re.findall(r"\$\{?\w+", rest))
        name = named.group("name") if named is not None else ""
        record_variables_on_line(f"{name} {refers}", at(row), recorder, catalog)
    return recorder.found


def groovy_uses(
    text: str, *, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what the shell steps, variables and images of a Jenkinsfile use."""
    recorder = Recorder(place)
    text = _COMMENT.sub(lambda match: " " * len(match.group()) if match else "", text)
    for match in _GROOVY.finditer(text):
        first = text.count("\n", 0, match.start("text")) + 1

        def label(line: int, first: int = first) -> str:
            return at(first + line - 1)

        body = match.group("text").replace("\\$", "$")
        recorder.join(shell_uses(body, at=label, place=place, catalog=catalog, around=around))
    rest = _GROOVY.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for row, line in enumerate(rest.split("\n"), 1):
        if not re.match(r"\s*(?:echo|println|stage)\b", line):
            record_variables_on_line(line, at(row), recorder, catalog)
            for image in re.findall(r"image\s*\(?\s*['\"]([^'\"]+)['\"]", line):
                record_image(image, at(row), recorder, catalog)
    return recorder.found


_HCL_LIST: Final = re.compile(
    r"(?i)\"?(?P<key>command|entry_?point|args|cmd)\"?\s*[=:]\s*\[(?P<items>[^\]]{0,4000})\]"
)
_HCL_COMMENT: Final = re.compile(r"(?m)^[ \t]*(?:#|//)[^\n]*$|/\*(?s:.{0,500}?)\*/")


def hcl_uses(
    text: str, *, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what containers and variables use that Terraform or Nomad describes."""
    recorder = Recorder(place)
    text = _HCL_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for match in _HCL_LIST.finditer(text):
        first = match.start("items")
        words = [
            (word.group(1), on_line(at(text.count("\n", 0, first + word.start()) + 1)))
            for word in re.finditer(r'"((?:[^"\\]|\\.)*)"', match.group("items"))
        ]
        if words and " " in words[0][0]:
            words = [("bash", words[0][1]), ("-c", words[0][1]), *words]
        recorder.join(argument_uses(words, place=place, catalog=catalog, how="text", around=around))
    for row, line in enumerate(text.split("\n"), 1):
        if not re.match(r"\s*\"?description\"?\s*[=:]", line):
            record_variables_on_line(line, at(row), recorder, catalog)
            for image in re.findall(r'"([^"\s]+/[^"\s]+)"', line):
                record_image(image, at(row), recorder, catalog)
    return recorder.found
