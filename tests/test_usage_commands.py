"""Commands of frameworks are found where they run, and nowhere else."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.usage_reading import read, rows, shipped
from usage.commands.shell import shell_uses, words_uses
from usage.commands.wrappers import program, skip_wrappers
from usage.uses import Place


def commands(text: str) -> list[str]:
    """Return the commands in a text of shell."""
    found = shell_uses(text, at=str, place=Place("run.sh"), catalog=shipped())
    return [use.symbol for use in found.uses if use.kind == "command"]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("mlflow server --host 0.0.0.0 --port 5000", "mlflow server"),
        ("prefect deployment build flows/a.py:main -n x", "prefect deployment build"),
        ("prefect --profile staging work-pool create pool", "prefect work-pool create"),
        ("mlflow run examples --env-manager local", "mlflow run"),
        ("kedro viz --env local", "kedro viz"),
        ("wandb agent me/project/abc123", "wandb agent"),
        ("wb sync run-1", "wb sync"),
        ("bentoml models list", "bentoml models list"),
        ("mlflow --version", "mlflow --version"),
    ],
)
def test_a_command_is_its_script_and_sub_commands_without_arguments(
    line: str, command: str
) -> None:
    """Options, their values and what is worked on are no part of a symbol."""
    assert commands(line) == [command]


@pytest.mark.parametrize(
    "line",
    [
        "sudo -u ml -E mlflow server",
        "env A=1 B=2 mlflow server",
        "A=1 B=2 mlflow server",
        "time nohup mlflow server &",
        "timeout -k 5 60 mlflow server",
        "poetry run mlflow server",
        "uv run --with boto3 --extra s3 mlflow server",
        "uvx --from mlflow-skinny mlflow server",
        "pipenv run mlflow server",
        "pdm run mlflow server",
        "conda run -n env --no-capture-output mlflow server",
        "python -m mlflow server",
        "python3.11 -u -m mlflow server",
        "$PYTHON -m mlflow server",
        "echo x | xargs -I{} mlflow server {}",
        "cd x && mlflow server; true",
        "x=$(mlflow server)",
        'bash -lc "cd x && mlflow server"',
        "su - ml -c 'mlflow server'",
        "docker run -it --rm -e A=1 image mlflow server",
        "docker compose run --rm app mlflow server",
        "docker-compose exec -T app mlflow server",
        "docker run --entrypoint mlflow image server",
        "kubectl exec -it pod -- mlflow server",
        ".venv/bin/mlflow server",
        '"$(which mlflow)" server',
        "CMD='mlflow server'; $CMD --port 1",
        'CMD=(mlflow server --port 1); exec "${CMD[@]}"',
        "$WITH_ENV mlflow server",
        "if true; then mlflow server; fi",
        "while sleep 1; do mlflow server; done",
        "f() { mlflow server; }",
        "ssh host 'cd x; mlflow server'",
        "tmux new-session -d -s x 'mlflow server'",
    ],
)
def test_a_command_is_found_behind_what_runs_it(line: str) -> None:
    """Wrappers, containers, variables and texts in texts are looked through."""
    assert commands(line) == ["mlflow server"]


@pytest.mark.parametrize(
    "line",
    [
        "# mlflow server",
        "true  # mlflow server",
        "echo mlflow server",
        'printf "%s" "mlflow server"',
        "docker-compose run mlflow server",
        "docker exec mlflow server",
        "docker build -t mlflow server",
        "git commit -m 'mlflow server'",
        "grep -r 'mlflow server' .",
        "command -v mlflow server",
        "./mlflow server",
        "python mlflow server",
        "pkill -f 'mlflow server'",
        "cat <<EOF\nmlflow server\nEOF",
        "mlflow() { true; }; mlflow server",
        "make mlflow server",
        "$(MAKE) mlflow server",
        "cd mlflow",
        "mlflow_server run",
        "[ $x = mlflow ]",
        "case $1 in mlflow) true;; esac",
    ],
)
def test_what_only_names_a_framework_is_no_command(line: str) -> None:
    """Comments, messages, services, folders, functions and files of that name are none."""
    assert commands(line) == []


def test_lines_hold_through_continuations_and_texts_in_texts() -> None:
    """A use stands on the line of its own script."""
    text = 'true \\\n  && uv run \\\n  mlflow server\nbash -c "\n  wandb sync x\n"\n'
    found = shell_uses(text, at=str, place=Place("run.sh"), catalog=shipped())
    assert [(use.line, use.symbol) for use in found.uses] == [
        ("3", "mlflow server"),
        ("5", "wandb sync"),
    ]


def test_python_in_a_heredoc_is_handed_on_with_its_lines() -> None:
    """Whether a file is written or Python reads it at once."""
    text = "cat > a.py <<EOF\nx = $NAME\nimport mlflow\nEOF\npython - <<'E'\n  import wandb\nE\n"
    assert rows("run.sh", text) == ["3 import mlflow", "6 import wandb"]


def test_a_file_that_a_heredoc_writes_is_read_as_such() -> None:
    """By the name that it is written to."""
    text = (
        "cat > Dockerfile <<EOF\nFROM prefecthq/prefect:2\nEOF\ncat <<E > .env\nWANDB_MODE=x\nE\n"
    )
    assert rows("run.sh", text) == ["2 image prefecthq/prefect:2", "5 env WANDB_MODE"]


def test_a_file_that_a_text_is_printed_into_is_read_as_such() -> None:
    """What is printed on the screen is only spoken of."""
    unit = 'echo "[Service]\nExecStart=/usr/bin/prefect agent start\n" {} /etc/a.service\n'
    assert rows("run.sh", unit.format(">>")) == ["2 command prefect agent start"]
    assert rows("run.sh", unit.format("# >")) == []


def test_a_long_script_is_read_in_pieces_that_keep_their_lines() -> None:
    """A command, a variable and a here-document far down are as those at the top."""
    filler = "step() {\n  echo one\n}\n\n" * 1000
    text = f"{filler}tool=mlflow\n$tool ui\ncat > .env <<E\nWANDB_MODE=x\nE\n"
    assert rows("a.sh", text) == ["4002 command mlflow ui", "4004 env WANDB_MODE"]
    found = read("a.sh", f"mlflow ui\n# {'x' * 5000}\nwandb login\n")
    assert [use.symbol for use in found.uses] == ["mlflow ui", "wandb login"]
    assert [each.reason for each in found.unread] == ["shell: line 2 is too long"]


@pytest.mark.parametrize(
    "hostile", ["a=(" * 150 + ")" * 150, "f() " * 500, "a|" * 800, "a@(" * 300]
)
def test_hostile_shell_is_left_out_from_where_it_tangles(hostile: str) -> None:
    """How much is read hangs on the text, not on the time that it takes."""
    text = "mlflow ui\n" + f"{hostile}\n" * 100
    found = read("a.sh", text)
    assert ("1", "mlflow ui") in [(use.line, use.symbol) for use in found.uses]
    assert re.fullmatch("shell: too tangled to be read after line [0-9]+", found.unread[0].reason)


def test_a_flow_is_run_by_its_file_if_that_defines_one() -> None:
    """Options before the command are passed over; other files are no flows."""
    text = (
        "python flows/train.py --datastore s3 run --x 1\n"
        "python other.py run\n"
        "./flows/train.py step-functions create\n"
        "python -m flows.train show\n"
        "python flows/train.py --help\n"
    )
    assert rows("run.sh", text) == [
        "1 flow-command python FLOW run",
        "3 flow-command python FLOW step-functions create",
        "4 flow-command python FLOW show",
    ]


def test_an_install_names_distributions_and_no_options() -> None:
    """Values of options, paths, extras of one's own and what is removed are none."""
    text = (
        "pip install -U -r mlflow.txt 'mlflow[x]>=2,<3' ./wandb prefect==$V -t kedro\n"
        "conda install -n wandb -c conda-forge kedro=0.18\n"
        "pip install git+https://github.com/mlflow/mlflow.git@v2 mlflow-of-ours '.[wandb]'\n"
        "pip uninstall -y wandb\n"
    )
    assert rows("run.sh", text) == [
        "1 pip-install mlflow",
        "1 pip-install prefect",
        "2 pip-install kedro",
        "3 pip-install mlflow",
    ]


def test_variables_count_where_they_are_set_or_used_and_not_where_they_are_spoken_of() -> None:
    """A message may name a variable; one that goes to a file sets it."""
    text = (
        "export WANDB_MODE=offline\n"
        "# WANDB_MODE\n"
        'echo "set WANDB_MODE"\n'
        'echo "WANDB_MODE=offline" >> .env\n'
        "MY_WANDB_MODE=1 WANDB_MODEL=2\n"
        'echo "key: $WANDB_API_KEY"\n'
    )
    assert rows("run.sh", text) == [
        "1 env WANDB_MODE",
        "4 env WANDB_MODE",
        "6 env WANDB_API_KEY",
    ]


def test_a_library_that_brings_a_framework_in_is_an_indirect_use() -> None:
    """ZenML installs and registers others by its own commands."""
    text = "zenml integration install mlflow -y\nzenml model-deployer register m --flavor=bentoml\n"
    assert rows("run.sh", text) == [
        "1 indirect zenml flavor mlflow",
        "2 indirect zenml flavor bentoml",
    ]


def test_words_one_by_one_are_a_command() -> None:
    """As code gives them to a process, on the line of a cell."""
    found = words_uses(
        ["sudo", "wandb", "sync", "x"], line="3:7", place=Place("a.ipynb"), catalog=shipped()
    )
    assert [(use.line, use.symbol, use.how, use.channel) for use in found.uses] == [
        ("3:7", "wandb sync", "argument-list", "cli")
    ]


def test_a_list_of_names_is_no_command() -> None:
    """A list in code that begins with a script need not be run: its command must be known."""
    for words in (["wandb", "tensorboard"], ["mlflow"], []):
        found = words_uses(words, line="1", place=Place("a.py"), catalog=shipped())
        assert found.uses == []


def test_everything_in_a_workflow_is_of_its_channel() -> None:
    """Images, variables, installs, commands and actions alike."""
    text = (
        "jobs:\n  a:\n    container: ghcr.io/mlflow/mlflow\n    env: {WANDB_MODE: x}\n"
        "    steps:\n"
        "      - run: |\n          pip install kedro\n          kedro run\n"
        "      - uses: bentoml/build-bento-action@v1\n"
    )
    found = read(".github/workflows/ci.yml", text).uses
    assert {use.channel for use in found} == {"workflow"}
    assert rows(".github/workflows/ci.yml", text) == [
        "3 image ghcr.io/mlflow/mlflow",
        "4 env WANDB_MODE",
        "7 pip-install kedro",
        "8 command kedro run",
        "9 action bentoml/build-bento-action@v1",
    ]


def test_folded_and_quoted_yaml_keeps_its_lines() -> None:
    """However YAML joins lines, a use stands where a person reads it."""
    text = 'script: >\n  time\n  mlflow ui\n\n  wandb sync x\nrun: "true &&\n  kedro run"\n'
    assert rows("ci.yml", text) == [
        "3 command mlflow ui",
        "5 command wandb sync",
        "7 command kedro run",
    ]


def test_an_entry_point_a_command_and_arguments_are_one_process() -> None:
    """As compose, Kubernetes and task definitions part them."""
    text = (
        "a: {entrypoint: [prefect], command: [worker, start]}\n"
        "b: {command: [/bin/sh, -c], args: ['mlflow ui; wandb login']}\n"
        "c: {entrypoint: /start.sh, command: mlflow server}\n"
        "d: {entrypoint: [tini, --], command: [kedro, run]}\n"
    )
    assert rows("compose.yaml", text) == [
        "1 command prefect worker start",
        "2 command mlflow ui",
        "2 command wandb login",
        "3 command mlflow server",
        "4 command kedro run",
    ]


def test_a_template_is_read_and_its_expressions_are_told_as_they_stand() -> None:
    """Helm and Jinja are no YAML before they are rendered."""
    text = '{{- if .Values.on }}\nimage: "prefecthq/prefect:{{ .Values.tag }}"\n{{- end }}\n'
    assert rows("templates/d.yaml", text) == ["2 image prefecthq/prefect:{{ .Values.tag }}"]
    for name in ("agent.json.tpl", "agent.json.tftpl"):
        task = '{"image": "prefecthq/prefect:${version}"}\n'
        assert rows(name, task) == ["1 image prefecthq/prefect:${version}"]


def test_what_cannot_be_read_is_said_and_the_rest_is_found() -> None:
    """A broken file is told with its reason, and read line by line."""
    text = "a: [\nrun: |\n  mlflow ui\nenv:\n  WANDB_MODE: x\n  image: prefecthq/prefect:2\n"
    found = read("ci.yml", text)
    assert [each.reason.split(":")[0] for each in found.unread] == ["not YAML"]
    assert rows("ci.yml", text) == [
        "3 command mlflow ui",
        "5 env WANDB_MODE",
        "6 image prefecthq/prefect:2",
    ]
    assert read("a.toml", 'x = \n[env]\nWANDB_MODE = "a"\n').unread
    assert rows("a.toml", 'x = \n[env]\nWANDB_MODE = "a"\n') == ["3 env WANDB_MODE"]
    assert read("a.json", '{"WANDB_MODE": ').unread
    assert read("a.sh", b"mlflow ui \xff\xfe\n").unread
    assert rows("a.sh", b"mlflow ui \xff\xfe\n") == ["1 command mlflow ui"]


@pytest.mark.parametrize(
    "hostile",
    [
        "mlflow: " + "[" * 50_000,
        "mlflow: " + "{" * 50_000,
        "- mlflow\n" + "- " * 20_000,
        "a: &a [mlflow, mlflow]\n"
        + "".join(
            f"{c}: &{c} [{', '.join(['*' + p] * 9)}]\n"
            for p, c in zip("abcdefg", "bcdefgh", strict=True)
        ),
        "!!python/object/apply:os.system ['mlflow ui']\n",
    ],
    ids=["lists", "tables", "items", "aliases", "tags"],
)
def test_hostile_yaml_neither_hangs_nor_runs(hostile: str) -> None:
    """Depth, aliases and tags cost no time and construct nothing."""
    start = time.perf_counter()
    read("a.yaml", hostile)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("hostile", ['{"mlflow":' * 5000, "[" * 50_000 + '"mlflow"'])
def test_hostile_json_is_refused(hostile: str) -> None:
    """Depth is bounded."""
    assert "deep" in read("a.json", hostile).unread[0].reason


def test_programs_are_known_by_their_names_wherever_they_are_installed() -> None:
    """A file of the project with that name is none."""
    assert [
        program(word) for word in ("mlflow", "/opt/x/bin/mlflow", "v\\Scripts\\mlflow.exe")
    ] == [
        "mlflow",
        "mlflow",
        "mlflow",
    ]
    assert program("./mlflow") == program("tools/mlflow") == ""


@given(
    st.lists(st.sampled_from(["sudo", "env", "-u", "A=1", "--", "docker", "run", "x", "mlflow"]))
)
def test_skipping_wrappers_ends_within_the_words(words: list[str]) -> None:
    """Whatever the words are."""
    assert 0 <= skip_wrappers(words) <= len(words)


_PIECES = st.sampled_from(
    [
        *(
            "mlflow ",
            "server",
            "wandb sync",
            "\n",
            "\n  ",
            "'",
            '"',
            "$(",
            ")",
            "`",
            "<<EOF",
            "EOF\n",
        ),
        *(
            "#",
            "\\\n",
            "{{",
            "}}",
            "${{ ",
            "WANDB_MODE",
            "=",
            ": ",
            "- ",
            "|\n",
            ">\n",
            "run: ",
            "[",
        ),
        *("]", "{", "}", ",", "RUN ", "CMD ", "FROM ", "\t", "pip install ", "é", "\x00", "\ud7ff"),
        *("[tool.x]\n", '"""', "'''", "command: ", "python -c ", "import mlflow", "docker run "),
    ]
)
_NAMES = st.sampled_from(
    [
        *(
            "a.sh",
            "Dockerfile",
            "Makefile",
            "justfile",
            "a.yml",
            ".github/workflows/a.yml",
            "a.toml",
        ),
        *(
            "a.json",
            "tox.ini",
            "Procfile",
            ".env",
            "Jenkinsfile",
            "a.tf",
            "requirements.txt",
            "a.bat",
        ),
        *("setup.py", "setup.cfg", "Pipfile", "conf/base/catalog.yml", "prefect.yaml", "a.yaml.j2"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(_NAMES, st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=30).map("".join))
def test_any_text_is_read_and_its_lines_lie_within_it(name: str, text: str) -> None:
    """No text of any kind of file ends in an error."""
    content = text.encode("utf-8", "replace")
    try:
        found = read(name, content)
    except SyntaxError:
        return  # of the stand-in for the reader of Python
    lines = content.decode().count("\n") + content.decode().count("\r") + 1
    assert all(1 <= int(use.line) <= lines for use in found.uses)
