"""Work that is many: spread over processes of this machine, or over a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from artifacts.errors import InputError, OpsatlasError
from artifacts.manifest import Manifest
from artifacts.processes import computing_on, cores, spread
from artifacts.step import Content, Step, make
from tests.dask_cluster import cluster, wait_for, worker
from tests.spread_work import Sent, killed_always, killed_once, process_of, tenfold

TENFOLD = [(item, 30 * item) for item in range(20)]


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the file of a scheduler that has two workers."""
    with cluster(tmp_path_factory.mktemp("cluster")) as told:
        yield told


def spread_tenfold(workers: int) -> list[tuple[int, int]]:
    """Return what many make of twenty items."""
    return sorted(spread(tenfold, range(20), shared=3, workers=workers, what="a test"))


@pytest.mark.parametrize("workers", [1, 2])
def test_what_comes_out_does_not_depend_on_the_number_of_processes(workers: int) -> None:
    """One process or two: each item comes once, with what the work makes of it."""
    assert spread_tenfold(workers) == TENFOLD


def test_items_are_taken_as_they_are_needed() -> None:
    """Of a thousand million items one is taken, and one is worked at."""
    taken = []
    found = spread(tenfold, map(taken.append, range(10**9)), shared=1, workers=1, what="a test")
    with pytest.raises(TypeError):
        next(found)  # None times ten
    assert len(taken) == 1


def test_what_a_killed_process_had_is_done_again(tmp_path: Path) -> None:
    """After `kill -9` of a process new ones do what it had, and nothing is lost."""
    found = spread(killed_once, range(8), shared=tmp_path, workers=2, what="a test")
    assert sorted(found) == [(item, item**2) for item in range(8)]


def test_work_that_kills_whoever_does_it_is_given_up() -> None:
    """An item that three pools in a row died of ends the work, with advice."""
    with pytest.raises(OpsatlasError, match="again and again") as error:
        list(spread(killed_always, range(8), shared=None, workers=2, what="squares"))
    assert error.value.where == "squares"


def test_a_cluster_does_the_same_work(scheduler: Path) -> None:
    """In the block the workers of the cluster count, and do the work."""
    with computing_on(scheduler):
        assert cores() == 2
        assert spread_tenfold(cores()) == TENFOLD


def test_what_all_share_is_not_sent_with_each_item(scheduler: Path, tmp_path: Path) -> None:
    """Of forty items, what they share arrives no more than twice at a worker."""
    shared = Sent(tmp_path)
    with computing_on(scheduler):
        found = spread(process_of, range(40), shared=shared, workers=2, what="a test")
        assert len({process for _, process in found}) == 2
    assert len(list(tmp_path.iterdir())) <= 2 * 2  # to one, and from one to the other


def test_what_a_killed_worker_had_is_done_by_the_others(scheduler: Path, tmp_path: Path) -> None:
    """After `kill -9` of a worker the other does what it had, or its successor."""
    with computing_on(scheduler):
        found = spread(killed_once, range(8), shared=tmp_path, workers=2, what="a test")
        assert sorted(found) == [(item, item**2) for item in range(8)]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("tcp://127.0.0.1:9", "No scheduler with workers answers there"),
        ("nowhere.json", "neither the address of a scheduler nor a file"),
        ("carrier-pigeon://here", "No scheduler with workers answers there"),
    ],
)
def test_a_scheduler_that_is_not_there_is_told(
    address: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that nobody answers at is told when there is work for it."""
    monkeypatch.setattr("artifacts.cluster.ANSWER_S", 0.5)
    with computing_on(address), pytest.raises(InputError, match=told):
        cores()


def test_unlike_workers_are_refused_or_told_of(scheduler: Path, tmp_path: Path) -> None:
    """A worker with other instructions is refused; allowed, the manifest tells of it."""

    def found(_key: str) -> Content:
        assert spread_tenfold(2) == TENFOLD
        return Content(write=lambda _folder: None)

    with worker(scheduler, ONEDNN_MAX_CPU_ISA="SSE41"):
        wait_for(scheduler, 3)
        with computing_on(scheduler), pytest.raises(InputError, match="1 is unlike") as error:
            spread_tenfold(2)
        assert "ONEDNN_MAX_CPU_ISA: SSE41 there, nothing here" in str(error.value)
        assert "--allow-unlike" in str(error.value)
        with computing_on(scheduler, allow_unlike=True):
            make(Step(kind="x", version=1, depends_on={}, inputs={}, find=found), tmp_path / "made")
    assert "unlike this machine" in Manifest.read(tmp_path / "made").notes[0]
