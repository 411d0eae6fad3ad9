"""The mining of a study: what its file wants of GitHub."""

from __future__ import annotations

from pathlib import Path

from artifacts.progress import Progress
from mining.github.job import FrameworkJob
from mining.github.limits import SystemClock, WallClock
from mining.github.named import read_names
from mining.github.run import Mining, MiningScope
from opsatlas.study import Study, resolve_all


def scope_of(study: Study, study_path: Path) -> MiningScope:
    """Return what a study wants mined; the paths of its lists are meant from ``study_path``."""
    return MiningScope(
        topics=study.ecosystem.topics,
        read_names=lambda: read_names(resolve_all(study.ecosystem.lists, study_path)),
        frameworks=tuple(
            FrameworkJob(
                name=framework.name,
                repository=framework.repository,
                labels=framework.request_labels,
                types=framework.request_types,
            )
            for framework in study.frameworks
        ),
        settings=study.mining,
    )


def mining_of(
    workspace: Path,
    study: Study,
    study_path: Path,
    progress: Progress,
    clock: WallClock | None = None,
) -> Mining:
    """Return the mining of a study; by this machine's clock where none is given."""
    scope = scope_of(study, study_path)
    return Mining(workspace, scope, progress, clock or SystemClock())
