"""Maps an open-source tool ecosystem, and any other collection of short texts.

    taxonomy = opsatlas.build(texts)              # topics in categories, named and measured
    taxonomy.topics                               # data frames; so .categories, .documents
    taxonomy.find("model serving")
    workspace = opsatlas.open("atlas-mlops")      # what `opsatlas run` made
    opsatlas.agreement(frame)                     # how far coders agree

Everything is loaded when it is first used: importing this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artifacts.errors import (
        ArtifactError,
        BusyError,
        ConfigError,
        InputError,
        OpsatlasError,
        StorageError,
        TooFewDocumentsError,
    )
    from artifacts.processes import computing_on
    from artifacts.words import NOISE
    from labels.agreement.frame import CoderAgreement, agreement
    from opsatlas.building import build
    from opsatlas.workspace import Workspace, open, run
    from reports.comparison.frames import WorkspaceComparison
    from taxonomy.places.loading import load_bertopic
    from taxonomy.settings import TopicSettings
    from taxonomy.taxonomy import Taxonomy

    __version__: str

__all__ = [
    "NOISE",
    "ArtifactError",
    "BusyError",
    "CoderAgreement",
    "ConfigError",
    "InputError",
    "OpsatlasError",
    "StorageError",
    "Taxonomy",
    "TooFewDocumentsError",
    "TopicSettings",
    "Workspace",
    "WorkspaceComparison",
    "__version__",
    "agreement",
    "build",
    "computing_on",
    "load_bertopic",
    "open",
    "run",
]

if not TYPE_CHECKING:  # a checker of types is to find names that are not there

    def __getattr__(name: str) -> object:
        """Load a name of `__all__` with the module that has it."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name == "__version__":
            from importlib.metadata import version

            return version("opsatlas")
        if name == "NOISE":
            from artifacts import words as home
        elif name.endswith("Error"):
            from artifacts import errors as home
        elif name in ("CoderAgreement", "agreement"):
            from labels.agreement import frame as home
        elif name == "build":
            from opsatlas import building as home
        elif name == "computing_on":
            from artifacts import processes as home
        elif name == "load_bertopic":
            from taxonomy.places import loading as home
        elif name == "TopicSettings":
            from taxonomy import settings as home
        elif name == "Taxonomy":
            from taxonomy import taxonomy as home
        elif name == "WorkspaceComparison":
            from reports.comparison import frames as home
        else:
            from opsatlas import workspace as home
        return getattr(home, name)

    def __dir__() -> list[str]:
        """Return the names of the public API, for completion."""
        return __all__
