"""Small repositories to scan, and a catalog of two frameworks that is small enough to read."""

from __future__ import annotations

from textwrap import dedent

from configs.framework import Feature, Framework, FrameworkHead, Indirect
from usage.catalog import Catalog
from usage.scan import Scan, scan
from usage.uses import SourceFile, Use

MLFLOW = Framework(
    framework=FrameworkHead(name="mlflow", title="MLflow", repository="mlflow/mlflow"),
    modules=("mlflow",),
    distributions=("mlflow",),
    scripts=("mlflow",),
    features=(
        Feature(
            code="tracking",
            symbols=("mlflow.start_run",),
            commands=("mlflow ui", "mlflow models serve"),
            environment=("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID"),
        ),
    ),
    groups=("mlflow models",),
    returns={
        "mlflow.tracking.MlflowClient": "mlflow.MlflowClient",
        "mlflow.start_run": "mlflow.ActiveRun",
        "mlflow.search_experiments": "[mlflow.entities.Experiment]",
        "mlflow.MlflowClient.search_runs": "[mlflow.entities.Run]",
        "mlflow.MlflowClient.get_run": "mlflow.entities.Run",
        "mlflow.get_tracking_uri": "",
        "mlflow.entities.Run.data.metrics": "",
        "mlflow.checks.*.add_*": "self",
        "mlflow.Runner.*": "mlflow.Runner.<method>",
        "mlflow.Runner.*()": "",
        "mlflow.step": "mlflow.Step",
        "mlflow.Step.named": "self",
        "mlflow.Plan.__with__.mlflow.Step.__call__": "mlflow.Step",
    },
    surfaces={"mlflow.checks": ("Drift", "Leakage")},
    parameters={"mlflow_run": "mlflow.ActiveRun"},
    indirect=(
        Indirect(code="integrations", symbol="ray.air.MLflowLoggerCallback"),
        Indirect(
            code="integrations",
            symbol="transformers.TrainingArguments",
            argument="report_to",
            value="mlflow",
        ),
        Indirect(code="integrations", symbol="dagshub.init", argument="mlflow", value=True),
    ),
)
METAFLOW = Framework(
    framework=FrameworkHead(name="metaflow", title="Metaflow", repository="Netflix/metaflow"),
    modules=("metaflow",),
    distributions=("metaflow",),
    scripts=("metaflow",),
    copies=("metaflow/flowspec.py",),
    flows=("metaflow.FlowSpec",),
    features=(Feature(code="pipelines", commands=("python FLOW run",)),),
)
CATALOG = Catalog((METAFLOW, MLFLOW))


def scanned(files: dict[str, str | bytes]) -> Scan:
    """Return the scan of a repository of these files."""
    return scan(
        [
            SourceFile(
                path,
                content if isinstance(content, bytes) else dedent(content).encode(),
            )
            for path, content in files.items()
        ],
        CATALOG,
    )


def used(source: str, path: str = "app.py") -> list[tuple[str, str, str]]:
    """Return line, kind and symbol of each use in a file of its own repository."""
    return [told(use) for use in scanned({path: source}).uses]


def told(use: Use) -> tuple[str, str, str]:
    """Return line, kind and symbol of a use."""
    return use.line, use.kind, use.symbol


def symbols(source: str, path: str = "app.py") -> list[str]:
    """Return the symbols that a file uses, imports left out."""
    return [use.symbol for use in scanned({path: source}).uses if use.kind != "import"]
