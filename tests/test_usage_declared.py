"""What a project says that it needs is found in every way to say it, by distribution and line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.usage_reading import read, rows
from usage.commands.installs import distribution


def test_a_requirements_file_names_one_distribution_a_line() -> None:
    """Extras, versions, markers, hashes, addresses and editable sources are told by their name."""
    text = (
        "--index-url https://example.invalid/mlflow\n"
        "-r mlflow.txt\n"
        "MLflow[extras]>=2 ; python_version > '3.8' \\\n"
        "    --hash=sha256:aa\n"
        "prefect_aws\n"
        "# wandb\n"
        "kedro @ git+https://github.com/kedro-org/kedro@main  # wandb\n"
        "-e git+https://example.invalid/x/y.git#egg=evidently\n"
        "git+https://github.com/wandb/wandb.git@v1\n"
        "./mlflow\n"
        "mlflow-export-import\n"
    )
    assert rows("requirements/dev.in", text) == [
        "3 declared mlflow",
        "5 declared prefect-aws",
        "7 declared kedro",
        "8 declared evidently",
        "9 declared wandb",
    ]


def test_requirements_that_windows_wrote_are_read() -> None:
    """Redirected output of PowerShell is UTF-16."""
    assert rows("requirements.txt", "mlflow==2.1\r\nwandb\r\n".encode("utf-16")) == [
        "1 declared mlflow",
        "2 declared wandb",
    ]


def test_pyproject_declares_in_lists_and_tables() -> None:
    """The standard's keys, and those of poetry, PDM, uv, hatch and pixi."""
    text = """\
[project]
name = "mlflow"
keywords = ["wandb"]
dependencies = [
  "mlflow>=2",  # kedro
]
[project.optional-dependencies]
tracking = ["wandb"]
[dependency-groups]
dev = ["prefect", {include-group = "x"}]
[tool.poetry.dependencies]
bentoml = { version = "1", extras = ["x"] }
[tool.poetry.group.dev.dependencies]
kedro-viz = "*"
[tool.pdm.dev-dependencies]
test = ["evidently"]
[tool.uv]
dev-dependencies = ["deepchecks"]
[tool.uv.sources]
mlflow = { git = "x" }
[tool.hatch.envs.test]
extra-dependencies = ["metaflow"]
[tool.pixi.pypi-dependencies]
prefect-gcp = "*"
[tool.mypy]
packages = ["mlflow"]
"""
    assert rows("pyproject.toml", text) == [
        "5 declared mlflow",
        "8 declared wandb",
        "10 declared prefect",
        "12 declared bentoml",
        "14 declared kedro-viz",
        "16 declared evidently",
        "18 declared deepchecks",
        "22 declared metaflow",
        "24 declared prefect-gcp",
    ]


def test_a_setup_script_declares_by_literal_lists_and_texts() -> None:
    """Lists, tables of extras, and lines of a text; keywords, packages and arguments are none."""
    text = '''\
"""mlflow"""
from setuptools import setup
REQUIRES = """
mlflow>=2
# wandb
"""
extras = {"wandb": ["pandas"], "all": "prefect"}
extras["x"] = ["kedro[pandas]"] + need("bentoml")
setup(
    name="mlflow",
    keywords=["mlflow"],
    packages=["wandb"],
    install_requires=REQUIRES.split(),
    tests_require=["evidently"],
)
'''
    assert rows("setup.py", text) == [
        "4 declared mlflow",
        "7 declared prefect",
        "8 declared kedro",
        "14 declared evidently",
    ]
    assert read("setup.py", "setup(\nmlflow\n").unread


def test_setup_cfg_and_tox_declare_in_their_values() -> None:
    """One line or many, with the factors of tox before them."""
    text = (
        "[metadata]\nkeywords = mlflow\n[options]\ninstall_requires =\n    mlflow\n    # wandb\n"
        "    prefect; python_version > '3'\n[options.extras_require]\nx = kedro\n"
    )
    assert rows("setup.cfg", text) == [
        "5 declared mlflow",
        "7 declared prefect",
        "9 declared kedro",
    ]
    assert rows("tox.ini", "[testenv]\ndeps =\n  pytest\n  py311: wandb\n") == ["4 declared wandb"]


def test_conda_pipenv_and_bento_declare_in_theirs() -> None:
    """With channels, versions by one sign, and a section for pip."""
    text = "name: mlflow\ndependencies:\n- conda-forge::mlflow=2.1\n- pip:\n  - wandb==0.1\n"
    assert rows("environment.yml", text) == ["3 declared mlflow", "5 declared wandb"]
    assert rows("Pipfile", '[packages]\nmlflow = "*"\n[dev-packages]\nkedro = "*"\n') == [
        "2 declared mlflow",
        "4 declared kedro",
    ]
    assert rows("bento.yaml", "python:\n  packages:\n  - bentoml[x]==1\n") == ["3 declared bentoml"]


@pytest.mark.parametrize(
    "path",
    [
        "poetry.lock",
        "uv.lock",
        "Pipfile.lock",
        "conda-lock.yml",
        "mlruns/0/a/artifacts/model/requirements.txt",
        "wandb/run-20240101_000000-abc/files/requirements.txt",
        "constraints.txt",
        "notes.txt",
    ],
)
def test_locks_and_what_runs_left_behind_declare_nothing(path: str) -> None:
    """They tell what was there, not what a person asked for."""
    assert rows(path, "mlflow==2.1\n") == []


@given(st.text())
def test_any_text_asks_for_at_most_one_distribution(text: str) -> None:
    """Its name is normalised, or the owner and name of a source."""
    name = distribution(text)
    assert name is None or name == name.lower()
