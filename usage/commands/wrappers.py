"""Commands that run another command: ``sudo``, ``poetry run``, ``docker compose run SERVICE``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

Words = tuple[str, ...]
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=")
_WHICH: Final = re.compile(r"^(?:\$\(|`)\s*(?:which|command -v|type -p)\s+([\w.-]+)\s*(?:\)|`)$")
_PYTHON: Final = re.compile(r"^(?:python|pypy|py)(?:\d+(?:\.\d+)*)?$|^ipython3?$")
_PYTHON_NAME: Final = re.compile(r"^\$[{(]?PY(?:THON)?\d?(?:_?(?:BIN|EXE|CMD|EXECUTABLE|PATH))?\b")
_PYTHON_VALUES: Final = frozenset({"-W", "-X", "--check-hash-based-pycs", "-Q"})
_MOST_WRAPPERS: Final = 50
_EXPANSION: Final = re.compile(r"^\$(?:\w+|\{[^}]*\}|\([\w.-]+\))$")
_NAMED_AFTER: Final = re.compile(
    r"^\$[({]?(?P<name>MAKE|DOCKER(?:_COMPOSE)?|COMPOSE|PODMAN|KUBECTL|PIP3?|PY(?:THON)?3?|UV|POETRY"
    r"|CONDA|GIT|ECHO|NPM|HELM)[)}]?$"
)


@dataclass(frozen=True)
class Wrapper:
    """How to get past a wrapper to the command that it runs.

    Attributes
    ----------
    values
        Its options whose value is the next word.
    skip
        How many words of its own, such as an image or a service, stand before the command.
    dashes
        Whether the command stands after ``--`` only.
    entrypoint
        Whether an option ``--entrypoint`` names the command itself.
    """

    values: frozenset[str] = frozenset()
    skip: int = 0
    dashes: bool = False
    entrypoint: bool = False


def options(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


_CONTAINER: Final = options(
    "-a --add-host -c --cpus --cpuset-cpus --cap-add --cap-drop --cidfile --context --device"
    " --dns -e --env --env-file --expose --gpus -h --hostname -H --host --health-cmd --ip --ipc -l"
    " --label --link --log-driver --log-opt -m --memory --memory-swap --mount --name --net"
    " --network --network-alias --pid --platform -p --publish --pull --restart --runtime"
    " --security-opt --shm-size --stop-timeout --tmpfs -u --user --ulimit -v --volume"
    " --volumes-from -w --workdir -f --file --project-name --profile --project-directory --index"
    " --entrypoint -B --bind --pwd"
)
_CLUSTER: Final = options(
    "-n --namespace --context --kubeconfig -c --container -f --filename --image --cluster"
    " --overrides --env --labels -l --restart --serviceaccount"
)
_SOURCES: Final = options(
    "--with --with-requirements --with-editable --from --extra --group --only-group --no-group"
    " --package --python -p --directory --project --env-file --index --index-url"
    " --extra-index-url --spec -C -P -f --find-links --no-binary -e --environment --manifest-path"
    " --preinstall --pip-args"
)
_CONDA: Final = options("-n --name -p --prefix --cwd -v")
_PLAIN: Final = Wrapper()
_IMAGE: Final = Wrapper(_CONTAINER, skip=1, entrypoint=True)
_CONTAINER_NAME: Final = Wrapper(_CONTAINER, skip=1)

WRAPPERS: Final[dict[Words, Wrapper]] = {
    **{
        (name,): _PLAIN
        for name in options(
            "nohup exec command builtin setsid unbuffer catchsegv winpty caffeinate dumb-init"
            " with-contenv ddtrace-run opentelemetry-instrument memray then do else ! {"
        )
    },
    ("sudo",): Wrapper(options("-u --user -g --group -h --host -p --prompt -C -r -t -T -U -D")),
    ("doas",): Wrapper(options("-u -C")),
    ("env",): Wrapper(options("-u --unset -C --chdir -S --split-string")),
    ("time",): Wrapper(options("-f --format -o --output")),
    ("nice",): Wrapper(options("-n --adjustment")),
    ("ionice",): Wrapper(options("-c --class -n --classdata")),
    ("chrt",): Wrapper(skip=1),
    ("taskset",): Wrapper(options("-c --cpu-list"), skip=0),
    ("numactl",): _PLAIN,
    ("stdbuf",): Wrapper(options("-i -o -e --input --output --error")),
    ("timeout",): Wrapper(options("-k --kill-after -s --signal"), skip=1),
    ("gtimeout",): Wrapper(options("-k --kill-after -s --signal"), skip=1),
    ("retry",): Wrapper(options("-t --tries -s --sleep -m --max -d --delay")),
    ("flock",): Wrapper(options("-w --wait --timeout -E"), skip=1),
    ("chroot",): Wrapper(skip=1),
    ("gosu",): Wrapper(skip=1),
    ("su-exec",): Wrapper(skip=1),
    ("setpriv",): _PLAIN,
    ("runuser",): Wrapper(options("-u --user -g --group")),
    ("tini",): Wrapper(options("-e -p")),
    ("xargs",): Wrapper(
        options("-I -i -n -P -L -d -E -s -a --max-args --max-procs --delimiter --replace")
    ),
    ("strace",): Wrapper(options("-o -e -p -s")),
    ("srun",): _PLAIN,
    ("mpirun",): Wrapper(options("-n -np -N --host --hostfile -x")),
    ("poetry", "run"): Wrapper(_SOURCES),
    ("uv", "run"): Wrapper(_SOURCES),
    ("uv", "tool", "run"): Wrapper(_SOURCES),
    ("uvx",): Wrapper(_SOURCES),
    ("pipx", "run"): Wrapper(_SOURCES),
    ("pipenv", "run"): _PLAIN,
    ("pdm", "run"): Wrapper(_SOURCES),
    ("rye", "run"): _PLAIN,
    ("hatch", "run"): _PLAIN,
    ("hatch", "-e", "run"): Wrapper(_SOURCES),
    ("pixi", "run"): Wrapper(_SOURCES),
    ("conda", "run"): Wrapper(_CONDA),
    ("mamba", "run"): Wrapper(_CONDA),
    ("micromamba", "run"): Wrapper(_CONDA),
    ("mise", "exec"): Wrapper(dashes=True),
    ("mise", "x"): Wrapper(dashes=True),
    ("direnv", "exec"): Wrapper(skip=1),
    ("dotenv", "run"): Wrapper(options("-f --file")),
    ("dotenv",): Wrapper(options("-f --file -e")),
    ("dotenvx", "run"): Wrapper(dashes=True),
    ("doppler", "run"): Wrapper(dashes=True),
    ("op", "run"): Wrapper(dashes=True),
    ("infisical", "run"): Wrapper(dashes=True),
    ("chamber", "exec"): Wrapper(dashes=True),
    ("aws-vault", "exec"): Wrapper(dashes=True),
    ("honcho", "run"): _PLAIN,
    ("heroku", "run"): Wrapper(options("-a --app")),
    ("nix", "develop", "-c"): _PLAIN,
    ("wait-for-it",): Wrapper(dashes=True),
    ("wait-for-it.sh",): Wrapper(dashes=True),
    ("dockerize",): Wrapper(options("-wait -timeout -template -wait-retry-interval")),
    ("concurrently",): _PLAIN,
    ("singularity", "exec"): _IMAGE,
    ("singularity", "run"): _IMAGE,
    ("apptainer", "exec"): _IMAGE,
    ("apptainer", "run"): _IMAGE,
    ("kubectl", "exec"): Wrapper(_CLUSTER, dashes=True),
    ("kubectl", "run"): Wrapper(_CLUSTER, dashes=True),
    ("oc", "exec"): Wrapper(_CLUSTER, dashes=True),
    **{
        words: wrapper
        for tool in ("docker", "podman", "nerdctl")
        for words, wrapper in {
            (tool, "run"): _IMAGE,
            (tool, "create"): _IMAGE,
            (tool, "container", "run"): _IMAGE,
            (tool, "exec"): _CONTAINER_NAME,
            (tool, "container", "exec"): _CONTAINER_NAME,
            (tool, "compose", "run"): _IMAGE,
            (tool, "compose", "exec"): _CONTAINER_NAME,
            (f"{tool}-compose", "run"): _IMAGE,
            (f"{tool}-compose", "exec"): _CONTAINER_NAME,
        }.items()
    },
}
_BY_PROGRAM: Final[dict[str, list[Words]]] = {}
for _words in sorted(WRAPPERS, key=lambda words: (-len(words), words)):
    _BY_PROGRAM.setdefault(_words[0], []).append(_words)


@lru_cache(maxsize=4096)
def program(word: str) -> str:
    """Return the name of the program that a first word of a command runs; empty for a local one.

    ``.venv/bin/mlflow`` and ``$(which mlflow)`` run mlflow; ``./mlflow`` is a file of the project.
    """
    if (asked := _WHICH.match(word)) is not None:
        return asked.group(1)
    if (named := _NAMED_AFTER.match(word)) is not None:
        name = named.group("name").lower().replace("_", "-")
        return {"py": "python", "py3": "python3", "compose": "docker-compose"}.get(name, name)
    word = word.replace("\\", "/")
    path = PurePosixPath(word)
    name, folder = path.name.removesuffix(".exe").removesuffix(".cmd"), path.parent.name
    if "/" not in word or folder in ("bin", "sbin", "Scripts") or "BIN" in folder:
        return name
    return name if word.startswith("/") and name.startswith(("python", "pip")) else ""


def skip_options(words: Sequence[str], start: int, values: frozenset[str]) -> int:
    """Return where the first word that is no option stands, from ``start`` on."""
    at = start
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        if words[at] == "--":
            return at + 1
        at += 2 if words[at] in values else 1
    return min(at, len(words))


def is_python(word: str) -> bool:
    """Tell whether a first word of a command runs Python, by its name or by a variable's."""
    return _PYTHON.match(program(word)) is not None or _PYTHON_NAME.match(word) is not None


def skip_python_options(words: Sequence[str], start: int = 0) -> int:
    """Return where ``-c``, ``-m``, ``-`` or the file of a Python command stands."""
    at = start + 1
    while at < len(words) and words[at].startswith("-"):
        if words[at] in ("-c", "-m", "-"):
            break
        at += 2 if words[at] in _PYTHON_VALUES else 1
    return at


def skip_wrappers(words: Sequence[str]) -> int:
    """Return where the command stands that a command of words runs in the end."""
    start = 0
    for _ in range(_MOST_WRAPPERS):
        while start < len(words) and _ASSIGNMENT.match(words[start]):
            start += 1
        past = _past_one(words, start)
        if past is None:
            break
        start = past
    return start


def entrypoint_of(words: Sequence[str]) -> int | None:
    """Return where the command stands that an option ``--entrypoint`` of a container names."""
    for key in _BY_PROGRAM.get(program(words[0]), ()) if words else ():
        wrapper = WRAPPERS[key]
        if wrapper.entrypoint and (start := _after(words, 0, key, wrapper)) is not None:
            end = skip_options(words, start, wrapper.values)
            for at in range(start, end - 1):
                if words[at] == "--entrypoint":
                    return at + 1
    return None


def _past_one(words: Sequence[str], start: int) -> int | None:
    if start >= len(words):
        return None
    first = words[start]
    if is_python(first):
        option = skip_python_options(words, start)
        module = "".join(words[option + 1 : option + 2])
        is_program = words[option : option + 1] == ["-m"] and module and "." not in module
        return option + 1 if is_program else None
    if _EXPANSION.match(first) and program(first) == first and start + 1 < len(words):
        # What a variable stands for is unknown here: often it is a wrapper.
        return None if words[start + 1].startswith("-") else start + 1
    for key in _BY_PROGRAM.get(program(first), ()):
        wrapper = WRAPPERS[key]
        at = _after(words, start, key, wrapper)
        if at is None:
            continue
        if wrapper.dashes:
            return words.index("--", at) + 1 if "--" in words[at:] else None
        at = skip_options(words, at, wrapper.values)
        while at < len(words) and _ASSIGNMENT.match(words[at]):
            at += 1
        at = min(at + wrapper.skip, len(words))
        return at + 1 if at < len(words) and words[at] == "--" else at
    return None


def _after(words: Sequence[str], start: int, key: Words, wrapper: Wrapper) -> int | None:
    """Return where the words after a wrapper's own stand, if those after the first are its."""
    if key == ("command",) and words[start + 1 : start + 2] in (["-v"], ["-V"]):
        return None
    at = start + 1
    for name in key[1:]:
        at = at if name.startswith("-") else skip_options(words, at, wrapper.values)
        if at >= len(words) or words[at] != name:
            return None
        at += 1
    return at
