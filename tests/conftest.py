"""What every test stands on: no network, no secrets, no deadline on a slow machine."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings
from warm import ONE_THREAD, SHARED, end_warm, start_warm

from artifacts.network import CA_NAMES
from artifacts.processes import cores

# Before any test imports a library that reads them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# There is a process for each core already: their threads would only wait for each other.
os.environ.update(ONE_THREAD)
# Only a power failure loses what is not synced, and no test has one.
os.fsync = lambda _: None
# The certificates of the network here, which no test reaches, and which take time to read.
for variable in CA_NAMES:
    os.environ.pop(variable, None)

# The same examples every time, so that a change is judged by what it changes; to look further:
# HYPOTHESIS_PROFILE=search make test.
COMMON: dict[str, Any] = {"deadline": None, "print_blob": True}
settings.register_profile("opsatlas", max_examples=40, derandomize=True, **COMMON)
settings.register_profile("search", max_examples=600, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "opsatlas"))

WARM = pytest.StashKey[subprocess.Popen[bytes]]()
ROOT = Path(__file__).resolve().parent.parent
SECRETS = ("GITHUB_TOKEN", "GH_TOKEN", "HF_TOKEN")
LOOPBACK = ("127.", "::1", "localhost")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are cores: tests often wait, for a program or a clock."""
    return cores() + 1


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start one warm process for all who share out the tests, before they ask for it."""
    if session.config.getoption("numprocesses", None):
        folder = tempfile.mkdtemp()
        os.environ[SHARED] = str(Path(folder) / "socket")
        session.config.stash[WARM] = start_warm(os.environ[SHARED])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the warm process that all shared."""
    if process := session.config.stash.get(WARM, None):
        end_warm(process)
        shutil.rmtree(Path(os.environ.pop(SHARED)).parent)


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage: it saves time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def mined_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace of the study of `mined_study`, made once for all who share the tests."""
    from mined_study import make_mined_study

    shares = os.environ.get("PYTEST_XDIST_WORKER") is not None
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if shares else base) / "mined"
    with FileLock(f"{place}.lock"):
        return place / "workspace" if place.exists() else make_mined_study(place)


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        inet = self.family in (socket.AF_INET, socket.AF_INET6)
        if inet and not str(address[0]).startswith(LOOPBACK):
            raise OSError(f"A test tried to reach {address}: tests run without a network.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
    yield
