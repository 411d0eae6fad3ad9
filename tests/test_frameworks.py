"""The framework files that are shipped, what they answer, and what a bad file is told."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import ConfigError, InputError
from configs.framework import Feature, Framework, read_frameworks
from usage.catalog import Catalog
from usage.features import read_feature_map
from usage.patterns import Patterns, dotted
from usage.scan import scan
from usage.uses import Kind, SourceFile, Use

CODES = frozenset(
    [
        *("tracking", "integrations", "artifacts-and-data", "model-registry", "serving"),
        *("pipelines", "scheduling-and-deployments", "compute", "data-validation"),
        *("drift-and-monitoring", "evaluation", "reports-and-ui", "tracing", "query-and-client"),
        *("configuration-and-projects", "access-and-secrets", "developer-experience", "ci-cd"),
        "other",
    ]
)
KINDS = sorted(Feature.model_fields.keys() - {"code"})
SHIP = """\
modules = ["ship"]
distributions = ["ship"]
scripts = ["ship"]

[framework]
name = "ship"
title = "Ship"
repository = "harbour/ship"

[[features]]
code = "tracking"
symbols = ["ship.log"]
"""
NAMES = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4)


@pytest.fixture(scope="session")
def paths(root: Path) -> list[Path]:
    """Return the paths of the shipped framework files."""
    return sorted((root / "configs" / "frameworks").glob("*.toml"))


@pytest.fixture(scope="session")
def catalog(paths: list[Path]) -> Catalog:
    """Return the shipped frameworks."""
    return Catalog(tuple(read_frameworks(paths)))


def use(framework: str, kind: Kind, symbol: str, path: str = "a.py") -> Use:
    """Return a use of a symbol."""
    return Use(
        framework=framework,
        channel="api",
        kind=kind,
        path=path,
        line="1",
        symbol=symbol,
        how="direct",
    )


def test_the_eight_frameworks_are_shipped(catalog: Catalog) -> None:
    """Each file reads, and is called as its framework."""
    assert [each.name for each in catalog.frameworks] == sorted(
        ["bentoml", "deepchecks", "evidently", "kedro", "metaflow", "mlflow", "prefect", "wandb"]
    )


def test_every_code_is_one_of_the_codebook(catalog: Catalog, root: Path) -> None:
    """Features, ways through other libraries and shapes of files have codes of features."""
    book = root / "configs" / "codebooks" / "framework-features.toml"
    codes = CODES
    if book.exists():
        listed = tomllib.loads(book.read_text(encoding="utf-8"))["codes"]
        codes = frozenset(each["id"] for each in listed if each.get("variable") == "feature")
        assert codes == CODES
    for each in catalog.frameworks:
        used = [*each.features, *each.indirect, *each.shapes]
        assert {one.code for one in used} <= codes, each.name


@pytest.mark.parametrize("kind", KINDS)
def test_no_pattern_stands_twice(catalog: Catalog, kind: str) -> None:
    """A pattern is told once, so that whoever changes it changes it all."""
    for each in catalog.frameworks:
        told = Counter(p for feature in each.features for p in getattr(feature, kind))
        assert [pattern for pattern, n in told.items() if n > 1] == [], each.name


def test_patterns_are_of_their_own_framework(catalog: Catalog) -> None:
    """Symbols, types and surfaces begin with a root, commands with a script, of the framework."""
    for each in catalog.frameworks:
        symbols = [symbol for feature in each.features for symbol in feature.symbols]
        types = [given.strip("[]") for given in each.returns.values()]
        dotted_names = [*symbols, *each.surfaces, *(t for t in types if t not in ("", "self"))]
        strange = [name for name in dotted_names if name.partition(".")[0] not in each.modules]
        commands = [command for feature in each.features for command in feature.commands]
        heads = {*each.scripts, "python"}
        strange += [command for command in commands if command.split()[0] not in heads]
        assert strange == [], each.name


def test_what_is_told_to_give_a_type_is_of_the_framework(catalog: Catalog) -> None:
    """The names in the tables of results begin with a root; a ``*`` may end it."""
    for each in catalog.frameworks:
        heads = {name.partition(".")[0] for name in each.returns}
        plain = {head for head in heads if "*" not in head}
        assert plain <= set(each.modules), each.name
        assert all(head.rstrip("*").startswith(f"{each.name}_") for head in heads - plain)


@pytest.mark.parametrize(
    ("framework", "kind", "symbol", "code"),
    [
        ("mlflow", "call", "mlflow.log_metric", "tracking"),
        ("mlflow", "call", "mlflow.xgboost.log_model", "model-registry"),
        ("mlflow", "call", "mlflow.xgboost.autolog", "integrations"),
        ("mlflow", "call", "mlflow.MlflowClient.search_runs", "query-and-client"),
        ("mlflow", "call", "mlflow.MlflowClient.log_artifact", "artifacts-and-data"),
        ("mlflow", "import", "mlflow.tracking.MlflowClient", "query-and-client"),
        ("mlflow", "command", "mlflow models serve", "serving"),
        ("mlflow", "env", "MLFLOW_TRACKING_URI", "configuration-and-projects"),
        ("mlflow", "image", "ghcr.io/mlflow/mlflow:v3.14.0", "compute"),
        ("mlflow", "artifact-dir", "mlruns/", "tracking"),
        ("mlflow", "indirect", "transformers.TrainingArguments.report_to", "integrations"),
        ("mlflow", "indirect", "zenml flavor mlflow", "integrations"),
        ("mlflow", "config-key", "entry-point mlflow.tracking_store", "tracking"),
        ("mlflow", "import", "mlflow.entities.assessment_source.AssessmentSource", "evaluation"),
        ("mlflow", "call", "mlflow.utils.uri.is_databricks_uri", "other"),
        ("wandb", "call", "wandb.Run.log", "tracking"),
        ("wandb", "call", "wandb.run.log_artifact", "artifacts-and-data"),
        ("wandb", "command", "wb sweep", "evaluation"),
        ("prefect", "decorator", "prefect.flow", "pipelines"),
        ("prefect", "call", "prefect.engine.executors.DaskExecutor", "compute"),
        ("prefect", "call", "prefect_aws.ecs.ECSTask", "compute"),
        ("prefect", "call", "prefect_aws.S3Bucket", "integrations"),
        ("prefect", "env", "PREFECT__CLOUD__AUTH_TOKEN", "configuration-and-projects"),
        ("prefect", "image", "docker.io/prefecthq/prefect:2-python3.9", "compute"),
        ("bentoml", "call", "bentoml.sklearn.save_model", "model-registry"),
        ("bentoml", "call", "bentoml.bentos.get", "serving"),
        ("bentoml", "action", "BentoML/setup-bentoml-action@v1", "ci-cd"),
        ("kedro", "config-key", "entry-point kedro.hooks", "developer-experience"),
        ("kedro", "config-ref", "pandas.CSVDataset", "artifacts-and-data"),
        ("metaflow", "flow-command", "python FLOW run", "pipelines"),
        ("metaflow", "reference", "metaflow.current.card.append", "reports-and-ui"),
        ("metaflow", "call", "metaflow.Checkpoint.save", "model-registry"),
        ("metaflow", "call", "metaflow.current.run.add_tags", "tracking"),
        ("evidently", "call", "evidently.tabs.DataDriftTab", "drift-and-monitoring"),
        ("evidently", "call", "evidently.metrics.RegressionErrorPlot", "evaluation"),
        ("deepchecks", "call", "deepchecks.vision.checks.LabelDrift.run", "drift-and-monitoring"),
        ("deepchecks", "import", "deepchecks.tabular.checks.*", "evaluation"),
        ("prefect", "call", "prefect.backend.set_key_value", "configuration-and-projects"),
        ("prefect", "set", "prefect.Flow.run_config", "compute"),
        ("bentoml", "call", "bentoml.depends().to_async.embed", "serving"),
    ],
)
def test_a_use_has_its_feature(
    catalog: Catalog, framework: str, kind: Kind, symbol: str, code: str
) -> None:
    """The longest pattern that covers what is used says its code."""
    assert catalog.feature_of(use(framework, kind, symbol)) == code


@pytest.mark.parametrize(
    ("kind", "symbol"),
    [
        ("import", "mlflow"),
        ("dynamic", "mlflow"),
        ("import", "mlflow.sklearn"),
        ("declared", "mlflow"),
        ("pip-install", "mlflow"),
        ("env", "MLFLOW_OF_MY_OWN"),
        ("call", "mlflow.never_heard_of"),
    ],
)
def test_a_bare_root_and_a_requirement_have_no_feature(
    catalog: Catalog, kind: Kind, symbol: str
) -> None:
    """They say that the framework is there, not what of it is used."""
    assert catalog.feature_of(use("mlflow", kind, symbol)) is None


def test_files_have_features_by_path_and_by_name(catalog: Catalog) -> None:
    """A file is known by the end of its path, or by what it is called in the table of uses."""
    one = use("kedro", "config-file", "catalog.yml", "conf/base/catalog.yml")
    assert catalog.feature_of(one) == "artifacts-and-data"
    assert catalog.feature_of(replace(one, path="elsewhere")) == "artifacts-and-data"
    other = use("prefect", "config-file", "prefect.yaml", "deploy/prefect.yaml")
    assert catalog.feature_of(other) == "scheduling-and-deployments"


@pytest.mark.parametrize(
    ("framework", "kind", "symbol", "era"),
    [
        ("evidently", "call", "evidently.dashboard.Dashboard", "0.1"),
        ("evidently", "call", "evidently.report.Report.run", "0.2-0.6"),
        ("evidently", "call", "evidently.Report.run", "0.7"),
        ("evidently", "call", "evidently.metrics.ColumnDriftMetric", "0.2-0.6"),
        ("prefect", "call", "prefect.Flow.register", "0-1"),
        ("prefect", "decorator", "prefect.flow", "2-3"),
        ("prefect", "command", "prefect orion start", "2"),
        ("prefect", "env", "PREFECT__SERVER__HOST", "0-1"),
        ("bentoml", "base", "bentoml.BentoService", "0.13"),
        ("bentoml", "call", "bentoml.Service", "1.0-1.1"),
        ("bentoml", "decorator", "bentoml.service", "1.2"),
        ("kedro", "config-file", ".kedro.yml", "0.15-0.16"),
        ("mlflow", "call", "mlflow.log_metric", None),
    ],
)
def test_a_use_has_its_era(
    catalog: Catalog, framework: str, kind: Kind, symbol: str, era: str | None
) -> None:
    """What only some versions have tells which version a repository is written for."""
    assert catalog.era_of(use(framework, kind, symbol, symbol)) == era


@pytest.mark.parametrize(
    ("name", "gives"),
    [
        ("mlflow.start_run", "mlflow.ActiveRun"),
        ("mlflow.search_experiments", "[mlflow.entities.Experiment]"),
        ("mlflow.tracking.client.MlflowClient", "mlflow.MlflowClient"),
        ("mlflow.sklearn.load_model", ""),
        ("mlflow.pyfunc.load_model", "mlflow.pyfunc.PyFuncModel"),
        (
            "deepchecks.tabular.checks.LabelDrift.add_condition_x",
            "deepchecks.tabular.checks.LabelDrift",
        ),
        ("prefect_gcp.cloud_storage.GcsBucket.load", "prefect_gcp.cloud_storage.GcsBucket"),
        ("mlflow.never_heard_of", None),
    ],
)
def test_tables_say_what_calls_give(catalog: Catalog, name: str, gives: str | None) -> None:
    """Exact names go before those with a ``*``; ``self`` is the type that is called on."""
    assert catalog.result_of(name) == gives


@given(st.dictionaries(NAMES.map(tuple), st.sampled_from("xyz")), NAMES)
def test_the_longest_pattern_wins(of: dict[tuple[str, ...], str], names: list[str]) -> None:
    """What is found stands for the longest beginning of the names that is a pattern."""
    ends = range(len(names), 0, -1)
    longest = next((of[tuple(names[:end])] for end in ends if tuple(names[:end]) in of), None)
    assert Patterns(of).find(names) == longest


def test_a_star_is_one_whole_name() -> None:
    """It stands for no two names and for no part of one; a pattern without it goes before."""
    patterns = dotted([("a.*.c", "star"), ("a.b", "plain"), ("a.x.c", "named")])
    assert patterns.find(["a", "b", "c"]) == "star"
    assert patterns.find(["a", "x", "c", "d"]) == "named"
    assert patterns.find(["a", "b", "b", "c"]) == "plain"
    assert patterns.find(["a", "y", "z"]) is None


MAP = """\
framework,kind,pattern,feature
ship,symbol,ship.log,logs
ship,symbol,ship.metrics,numbers
ship,symbol,ship.metrics.Regression,models
ship,config-ref,catalog-type,data
ship,command,ship sail,runs
"""


def test_a_map_of_features_stands_in_place_of_the_files() -> None:
    """Its longest match wins, the last name may be a beginning, and kinds have defaults."""
    features = read_feature_map(MAP, where="map.csv", otherwise={"env": "settings"})
    assert features.find(use("ship", "call", "ship.log")) == "logs"
    assert features.find(use("ship", "call", "ship.log_all")) == "logs"
    assert features.find(use("ship", "call", "ship.metrics.RegressionError")) == "models"
    assert features.find(use("ship", "call", "ship.metrics.Other")) == "numbers"
    assert features.find(use("ship", "config-ref", "pandas.CSVDataset")) == "data"
    assert features.find(use("ship", "command", "ship sail north")) == "runs"
    assert features.find(use("ship", "env", "SHIP_HOME")) == "settings"
    assert features.find(use("ship", "import", "ship")) is None


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("framework,kind,pattern\n", "no column feature", "map.csv, line 1"),
        (MAP + "ship,symbol,,logs\n", "nothing in pattern", "map.csv, line 7"),
        (MAP + "ship,method,ship.x,logs\n", "no kind 'method'", "map.csv, line 7, kind"),
        (MAP + "ship,symbol,ship.log,other\n", "two features", "map.csv, line 7, feature"),
    ],
)
def test_errors_of_a_map_name_the_row_and_the_field(text: str, what: str, where: str) -> None:
    """Nothing is taken of a map that cannot be relied on."""
    with pytest.raises(InputError, match=what) as raised:
        read_feature_map(text, where="map.csv")
    assert raised.value.where == where


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (SHIP.replace("scripts =", "script ="), "script"),
        (SHIP.replace('code = "tracking"', 'code = "No Code"'), "code"),
        (SHIP + '[[features]]\ncode = "tracking"\n', "tracking stands twice"),
        (SHIP + '[[features]]\ncode = "other"\nsymbols = ["ship.log"]\n', "'ship.log' stands in"),
        (SHIP.replace('"harbour/ship"', '"ship"'), "repository"),
        ('indirect = [{ code = "other" }]\n' + SHIP, "give one of symbol and command"),
    ],
)
def test_a_bad_file_is_told_what_is_wrong(tmp_path: Path, text: str, what: str) -> None:
    """An unknown key, a bad code, a code or pattern that stands twice: each is named."""
    path = tmp_path / "ship.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=what) as raised:
        read_frameworks([path])
    assert str(path) in str(raised.value.where)


@pytest.mark.parametrize("what", ["module", "script", "distribution"])
def test_no_two_frameworks_share_a_name(tmp_path: Path, what: str) -> None:
    """A root, script or distribution is of one framework."""
    other = SHIP.replace('"ship"', '"boat"').replace(f'{what}s = ["boat"]', f'{what}s = ["ship"]')
    for name, text in (("ship", SHIP), ("boat", other)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=f"The {what} 'ship' is said to be of ship and of boat"):
        read_frameworks([tmp_path / "ship.toml", tmp_path / "boat.toml"])


def test_a_framework_is_described_once(tmp_path: Path) -> None:
    """Two files of one name are refused."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(SHIP, encoding="utf-8")
    with pytest.raises(ConfigError, match="described twice"):
        read_frameworks(sorted(tmp_path.glob("*.toml")))


def test_a_framework_is_added_without_code(tmp_path: Path, paths: list[Path]) -> None:
    """A file of a user's own stands beside the shipped ones."""
    (tmp_path / "ship.toml").write_text(SHIP, encoding="utf-8")
    found: list[Framework] = read_frameworks([*paths, tmp_path / "ship.toml"])
    catalog = Catalog(tuple(found))
    assert catalog.feature_of(use("ship", "call", "ship.log.line")) == "tracking"
    assert catalog.framework_of("ship.log") == "ship"


def test_results_of_decorated_functions_and_loggers_are_nobodys(catalog: Catalog) -> None:
    """In Prefect 2 and 3 a call gives what the function returns; in 0 and 1, in a flow, a task."""
    code = (
        b"import prefect\nfrom prefect import Flow, task\n"
        b"@task\ndef load(): ...\n"
        b'logger = prefect.context["logger"]\nlogger.info(1)\n'
        b'prefect.context.get("logger").info(1)\n'
        b"load.submit()\nrows = load()\nrows.total\n"
        b'with Flow("etl") as flow:\n    first = load()\n    load().set_upstream(first)\n'
        b"flow.run().is_successful()\n"
    )
    found = scan([SourceFile("etl.py", code)], catalog).uses
    assert [(each.line, each.symbol) for each in found if each.how == "instance"] == [
        ("8", "prefect.Task.submit"),
        ("13", "prefect.Task.set_upstream"),
        ("14", "prefect.Flow.run"),
        ("14", "prefect.engine.state.State.is_successful"),
    ]


def test_one_line_may_use_two_frameworks_through_a_third(catalog: Catalog) -> None:
    """Uses of one line and symbol are told apart by their frameworks."""
    code = (
        b"from transformers import TrainingArguments\n"
        b'arguments = TrainingArguments("out", report_to=["wandb", "mlflow"])\n'
    )
    found = scan([SourceFile("train.py", code)], catalog).uses
    assert [(each.framework, each.line, each.kind) for each in found] == [
        ("mlflow", "2", "indirect"),
        ("wandb", "2", "indirect"),
    ]


def test_what_a_flow_reads_of_a_parameter_is_its_value(catalog: Catalog) -> None:
    """The class makes the parameter; the flow's attribute is no object of the framework."""
    source = "from metaflow import FlowSpec, Parameter\nclass Train(FlowSpec):\n"
    source += (
        "    names = Parameter('names')\n    def start(self):\n        self.names.split(',')\n"
    )
    uses = scan([SourceFile("train.py", source.encode())], catalog).uses
    assert [use.line for use in uses if use.kind != "import"] == ["2", "3"]
