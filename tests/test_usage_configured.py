"""Files, keys, references and folders that configure a framework, or that its runs leave."""

from __future__ import annotations

import pytest

from tests.usage_reading import read, rows, shipped
from usage.configured.files import folder_uses


@pytest.mark.parametrize(
    ("path", "symbol"),
    [
        ("bentofile.yaml", "bentofile.yaml"),
        ("a/b/.bentoignore", ".bentoignore"),
        ("deploy/prefect.yaml", "prefect.yaml"),
        (".prefectignore", ".prefectignore"),
        ("ml/MLproject", "MLproject"),
        ("x/conf/base/catalog.yml", "catalog.yml"),
        (".deepchecks/.conf.yml", ".deepchecks/.conf.yml"),
    ],
)
def test_a_file_configures_by_its_name(path: str, symbol: str) -> None:
    """It counts once, on its first line, however little it says."""
    found = read(path, "a: 1\n").uses
    assert [(use.line, use.symbol, use.kind, use.how) for use in found] == [
        ("1", symbol, "config-file", "file")
    ]


def test_other_files_of_like_names_configure_nothing() -> None:
    """A catalog elsewhere is anybody's."""
    assert rows("docs/catalog.yml", "a: {type: pandas.CSVDataset}\n") == []
    assert rows("bentofile.yaml.md", "service: x\n") == []


def test_a_sweep_is_known_by_what_it_holds() -> None:
    """It never says whose it is: its keys and its method do."""
    text = "program: train.py\nmethod: bayes\nparameters:\n  lr: {values: [1]}\n"
    assert rows("conf/search.yaml", text) == ["1 config-file search.yaml"]
    assert rows("conf/api.yaml", text.replace("bayes", "POST")) == []


def test_a_written_deployment_is_known_by_what_it_holds() -> None:
    """Its author names it; nothing else lists a flow's entry point and the schema of parameters."""
    text = "name: daily\nflow_name: etl\nentrypoint: etl.py:etl\nparameter_openapi_schema: {a: 1}\n"
    assert rows("deploy/daily.yaml", text) == ["1 config-file daily.yaml"]
    assert rows("deploy/daily.yaml", text.replace("flow_name", "flow")) == []


def test_a_catalog_refers_to_the_data_sets_of_the_framework() -> None:
    """Short names, whole ones, and those in another; not the project's own, nor in comments."""
    text = """\
a:
  type: pandas.CSVDataset
# b: {type: pandas.CSVDataset}
c:
  type: our_project.io.OurDataset
d:
  type: partitions.PartitionedDataset
  dataset:
    type: kedro_datasets.pickle.PickleDataset
  filepath: pandas.csv
"""
    assert rows("conf/base/catalog.yml", text) == [
        "1 config-file catalog.yml",
        "2 config-ref pandas.CSVDataset",
        "7 config-ref partitions.PartitionedDataset",
        "9 config-ref kedro_datasets.pickle.PickleDataset",
    ]


def test_steps_of_a_deployment_are_references_and_their_scripts_run() -> None:
    """A step is a key; what it is given is read as in any other file."""
    text = """\
pull:
- prefect.deployments.steps.git_clone:
    repository: https://github.com/PrefectHQ/prefect
- prefect.deployments.steps.run_shell_script:
    script: pip install prefect-aws
triggers:
- match: {prefect.resource.id: "*"}
"""
    assert rows("prefect.yaml", text) == [
        "1 config-file prefect.yaml",
        "2 config-ref prefect.deployments.steps.git_clone",
        "4 config-ref prefect.deployments.steps.run_shell_script",
        "5 pip-install prefect-aws",
    ]


def test_labels_of_events_are_no_references() -> None:
    """They look like names of code."""
    text = "deployments:\n- triggers:\n  - match:\n      prefect.resource.id: prefect.flow-run.*\n"
    assert rows("prefect.yaml", text) == ["1 config-file prefect.yaml"]


def test_a_manifest_configures_no_framework_by_its_name() -> None:
    """What runs the framework is often called as what configures it."""
    manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: prefect}\n"
    assert rows("k8s/prefect.yaml", manifest) == []


def test_tables_and_entry_points_are_keys() -> None:
    """In pyproject, setup.cfg and setup.py."""
    toml = '[tool.kedro]\npackage_name = "x"\n[project.entry-points."kedro.hooks"]\na = "b:c"\n'
    assert rows("pyproject.toml", toml) == [
        "1 config-key tool.kedro",
        "3 config-key entry-point kedro.hooks",
    ]
    poetry = '[tool.poetry.plugins."kedro.project_commands"]\na = "b:c"\n'
    assert rows("pyproject.toml", poetry) == ["1 config-key entry-point kedro.project_commands"]
    plugin = '[project.entry-points."mlflow.tracking_store"]\na = "b:c"\n'
    assert rows("pyproject.toml", plugin) == ["1 config-key entry-point mlflow.tracking_store"]
    ini = (
        "[options.entry_points]\nkedro.hooks =\n    a = b:c\nconsole_scripts =\n    mlflow = a:b\n"
    )
    assert rows("setup.cfg", ini) == ["2 config-key entry-point kedro.hooks"]
    script = 'setup(\n    entry_points={\n        "kedro.hooks": ["a = b:c"],\n    },\n)\n'
    assert rows("setup.py", script) == ["3 config-key entry-point kedro.hooks"]


def test_folders_of_runs_are_told_once_each_and_outermost() -> None:
    """By all paths of a repository; a package of that name is none."""
    paths = [
        "mlruns/0/meta.yaml",
        "reports/mlruns/1/abc/params/lr",
        "reports/mlruns/1/abc/mlruns/x",
        "wandb/run-20240101_000000-abc/config.yaml",
        "src/wandb/__init__.py",
        "mlruns.py",
    ]
    assert [
        (use.path, use.line, use.symbol, use.kind) for use in folder_uses(paths, shipped())
    ] == [
        ("mlruns", "0", "mlruns/", "artifact-dir"),
        ("reports/mlruns", "0", "mlruns/", "artifact-dir"),
        ("wandb", "0", "wandb/", "artifact-dir"),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.env", "WANDB_MODE=x\n"),
        (".env.example", "export WANDB_MODE=\n"),
        ("agent.env_template", "WANDB_MODE=\n"),
        ("a.yaml", "env:\n  - {name: WANDB_MODE, value: x}\n"),
        ("a.yaml", "env: [WANDB_MODE=x]\n"),
        ("a.yaml", "env: {WANDB_MODE: x}\n"),
        ("a.json", '{"env": {"WANDB_MODE": "x"}}'),
        ("a.json", '[{"Name": "k", "valueFrom": "arn:parameter/WANDB_MODE"}]'),
        ("a.toml", '[env]\nWANDB_MODE = "x"\n'),
        ("Dockerfile", "ENV A=b \\\n  WANDB_MODE=x\n"),
        ("Dockerfile", "ARG WANDB_MODE\n"),
        ("Makefile", "export WANDB_MODE := x\n"),
        ("a.tf", 'environment = [{ name = "WANDB_MODE" }]\n'),
        ("a.service", '[Service]\nEnvironment="WANDB_MODE=x"\n'),
        ("tox.ini", "[testenv]\nsetenv = WANDB_MODE = x\n"),
    ],
)
def test_a_variable_is_found_in_each_way_to_set_it(path: str, text: str) -> None:
    """Official names only."""
    assert [row.split(" ", 1)[1] for row in rows(path, text)] == ["env WANDB_MODE"]
    assert rows(path, text.replace("WANDB_MODE", "OUR_WANDB_MODE")) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", "description: set WANDB_MODE first\n"),
        ("a.yaml", "name: Check WANDB_MODE is set\n"),
        ("a.yaml", "# WANDB_MODE: x\na: b  # WANDB_MODE\n"),
        ("a.env", "# WANDB_MODE=x\n"),
        ("a.toml", 'help = "set WANDB_MODE"\n# WANDB_MODE\n'),
        ("Dockerfile", "# ENV WANDB_MODE=x\nRUN echo 'WANDB_MODE is wanted'\n"),
        ("a.tf", '# WANDB_MODE\ndescription = "WANDB_MODE"\n'),
    ],
)
def test_a_variable_in_a_comment_or_in_prose_is_no_use(path: str, text: str) -> None:
    """To speak of it is not to set it."""
    assert rows(path, text) == []
