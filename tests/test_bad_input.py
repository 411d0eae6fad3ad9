"""Bad input: one clear error and exit code 2, or it is processed and flagged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import opsatlas
from small_study import KINDS, N_DOCUMENTS, SNAPSHOT, planted_rows, write_study
from warm import Done, warm_opsatlas

from artifacts.manifest import Manifest, hash_files
from embeddings.build import read_texts
from taxonomy.store import read_taxonomy

README_BYTES = 5_000_000
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def run(study: Path, workspace: Path) -> Done:
    """Run a study in a process of its own; there is never a traceback."""
    done = warm_opsatlas().run("run", study, "-w", workspace)
    assert "Traceback" not in done.err, done.err
    return done


def refusal(study: Path, workspace: Path, *, late: bool = False) -> str:
    """Return the one error of a run that ends with 2; what it has made so far is whole.

    One that may come ``late``, when much has been loaded, is in a process of its own.
    """
    done = run(study, workspace) if late else opsatlas("run", study, "-w", workspace)
    assert done.code == 2, done.err
    assert done.err.count("error: ") == 1
    assert half_written(workspace) == []
    return done.err


def half_written(workspace: Path) -> list[str]:
    """Return temporary files and half-built folders, and artifacts unlike their manifests."""
    found = [str(path) for path in workspace.rglob(".*") if path.name not in {".gitignore"}]
    found = [name for name in found if not name.endswith(".runs")]
    for path in workspace.glob("*/*/manifest.json"):
        manifest = Manifest.read(path.parent)
        there = set(hash_files(path.parent))
        if manifest.kind != "vectors" and there != set(manifest.files):
            found.append(str(path.parent))
    return found


def texts_of(workspace: Path) -> list[dict[str, object]]:
    """Return the texts of a workspace as rows."""
    rows: list[dict[str, object]] = read_texts(
        workspace / "texts" / f"{SNAPSHOT}.repositories"
    ).to_pylist()
    return rows


def flags_of(workspace: Path) -> Counter[str]:
    """Return how many documents carry each flag, dropped ones included."""
    manifest = Manifest.read(workspace / "texts" / f"{SNAPSHOT}.repositories")
    return Counter(manifest.facts["flags"])


@pytest.mark.parametrize("n_docs", [1, 3, 9])
def test_too_few_documents_are_told(tmp_path: Path, n_docs: int) -> None:
    """Below ten documents a run says so and stops, before any topic is derived."""
    said = refusal(write_study(tmp_path / "s", planted_rows(n_docs)), tmp_path / "ws")
    assert f"There are {n_docs} documents; topics need at least 10" in said
    assert not (tmp_path / "ws" / "taxonomies").exists()


def test_too_few_documents_tell_of_those_left_out(tmp_path: Path) -> None:
    """A list of names alone makes no topics: what it lacks is told."""
    rows = [{"full_name": f"acme/tool-{n}"} for n in range(12)]
    said = refusal(write_study(tmp_path / "s", rows), tmp_path / "ws")
    assert "There are 0 documents" in said
    assert "Left out: 12: no words in description, topics and README" in said


def test_ten_documents_are_enough(tmp_path: Path) -> None:
    """Ten documents are processed: what can be said of them is said."""
    done = run(write_study(tmp_path / "s", planted_rows(10)), tmp_path / "ws")
    assert done.code == 0, done.err


def test_an_empty_source_is_told(tmp_path: Path) -> None:
    """A source without a byte is named, and no snapshot is made of it."""
    study = write_study(tmp_path / "s", [])
    said = refusal(study, tmp_path / "ws")
    assert "The file is empty" in said
    assert str(study.parent / "tools.jsonl") in said
    assert not (tmp_path / "ws" / "snapshots").exists()


def test_a_source_without_a_usable_row_is_told_and_can_be_mended(tmp_path: Path) -> None:
    """When every row is refused the reasons are at hand, and a better file is taken next time."""
    study = write_study(tmp_path / "s", [{"full_name": "no name", "description": "x"}] * 3)
    said = refusal(study, tmp_path / "ws")
    assert f"Snapshot {SNAPSHOT} is empty" in said
    rejects = tmp_path / "ws" / "snapshots" / SNAPSHOT / "rejects.jsonl"
    assert str(rejects) in said
    assert len(rejects.read_text(encoding="utf-8").splitlines()) == 3
    assert run(write_study(tmp_path / "s"), tmp_path / "ws").code == 0


def test_documents_without_words_are_dropped_and_counted(tmp_path: Path) -> None:
    """Where no document says anything, there are too few, and the manifest says why."""
    rows = [{"full_name": f"___/{'_' * n}", "description": "!!!"} for n in range(1, 13)]
    said = refusal(write_study(tmp_path / "s", rows), tmp_path / "ws")
    assert "There are 0 documents" in said
    assert flags_of(tmp_path / "ws")["empty"] == 12


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("all-MiniLM-L6-v3", "Unknown model 'all-MiniLM-L6-v3'"),
        ("models/none", "The model 'models/none' is no folder here"),
    ],
)
def test_an_unknown_model_is_told_first(tmp_path: Path, model: str, expected: str) -> None:
    """A model that is not there is named before any work is done."""
    said = refusal(write_study(tmp_path / "s", model=model), tmp_path / "ws")
    assert expected in said
    assert not (tmp_path / "ws" / "snapshots").exists()


def test_weights_with_another_hash_are_told(tmp_path: Path) -> None:
    """A model whose weights are not those that the study expects is not used."""
    model = f'all-MiniLM-L6-v2"\nsha256 = "{"0" * 64}'
    said = refusal(write_study(tmp_path / "s", model=model), tmp_path / "ws")
    assert "not the expected ones" in said
    assert "0" * 64 in said
    assert not (tmp_path / "ws" / "taxonomies").exists()


@pytest.mark.parametrize("place", ["folder", "missing", "fifo", "binary"])
def test_a_source_that_is_no_file_of_rows_is_told(tmp_path: Path, place: str) -> None:
    """A folder, nothing at all, a pipe or a picture in a source's place is named."""
    study = write_study(tmp_path / "s")
    source = study.parent / "tools.jsonl"
    source.unlink()
    if place == "folder":
        source.mkdir()
    elif place == "fifo":
        os.mkfifo(source)
    elif place == "binary":
        source.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert str(source) in refusal(study, tmp_path / "ws")
    assert not (tmp_path / "ws" / "snapshots").exists()


def test_a_file_in_the_workspace_s_place_is_told(tmp_path: Path) -> None:
    """A workspace must be a folder, and so must all above it."""
    study = write_study(tmp_path / "s")
    place = tmp_path / "file"
    place.write_text("mine", encoding="utf-8")
    assert "not a folder" in refusal(study, place).lower()
    assert "not a directory" in refusal(study, place / "below").lower()
    assert place.read_text(encoding="utf-8") == "mine"


def as_a_plain_user() -> list[str]:
    """Return what to put before a command so that file modes bind it even if we are root."""
    if not IS_ROOT:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may read every file, and there is no setpriv to give that up")
    return [setpriv, "--bounding-set", "-dac_override,-dac_read_search"]


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    """Permission denied is an error with the path."""
    study = write_study(tmp_path / "s")
    source = study.parent / "tools.jsonl"
    source.chmod(0)
    code = "from opsatlas.cli.main import main; main()"
    done = subprocess.run(
        [*as_a_plain_user(), sys.executable, "-c", code, "run", study, "-w", tmp_path / "ws"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Permission denied" in done.stderr
    assert str(source) in done.stderr
    assert "Traceback" not in done.stderr
    assert half_written(tmp_path / "ws") == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return where a small file system of its own is mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if not IS_ROOT or mount is None:
        pytest.skip("only root can mount a small file system to fill")
    command = [mount, "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this system lets no file system be mounted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def remount(disk: Path, options: str) -> None:
    """Mount the file system again with other options."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


def test_a_full_disk_is_told_and_a_larger_one_goes_on(disk: Path, tmp_path: Path) -> None:
    """Wherever space runs out, nothing is half-written, and with space the run is completed."""
    study = write_study(tmp_path / "s")
    reached = set()
    for kib in (4, 12, 28, 48, 64, 96, 160, 200):
        remount(disk, f"size={kib}k")
        said = refusal(study, disk / "ws", late=True)
        assert "No space is left on the disk" in said, kib
        assert "free some space" in said
        reached |= {path.name for path in (disk / "ws").iterdir()}
    assert reached >= {"snapshots", "texts", "taxonomies"}
    remount(disk, "size=64m")
    assert run(study, disk / "ws").code == 0
    assert run(study, tmp_path / "ws").code == 0
    for name in ("taxonomies/" + SNAPSHOT + ".tools", "reports/atlas"):
        here, there = (Manifest.read(at / name) for at in (disk / "ws", tmp_path / "ws"))
        assert here.content_hash == there.content_hash


def test_a_read_only_disk_is_told(disk: Path, tmp_path: Path) -> None:
    """A workspace that cannot be written to is named; one that is up to date is no error."""
    study = write_study(tmp_path / "s")
    remount(disk, "ro")
    said = refusal(study, disk / "ws", late=True)
    assert "read-only" in said
    assert "-w" in said
    remount(disk, "rw,size=64m")
    assert run(study, disk / "ws").code == 0
    remount(disk, "ro")
    assert run(study, disk / "ws").code == 0
    write_study(tmp_path / "s", seed=1)
    assert "read-only" in refusal(study, disk / "ws", late=True)


def assert_whole(workspace: Path, n_docs: int) -> None:
    """Check that every document is in the taxonomy, with a place on the map."""
    taxonomy = read_taxonomy(workspace / "taxonomies" / f"{SNAPSHOT}.tools")
    assert taxonomy.assignments.num_rows == n_docs
    coordinates = [(row["x"], row["y"]) for row in taxonomy.map.to_pylist()]
    assert all(abs(x) < float("inf") and abs(y) < float("inf") for x, y in coordinates)
    assert (workspace / "reports" / "atlas" / "index.html").is_file()


def test_identical_documents_are_processed(tmp_path: Path) -> None:
    """Sixty times the same text is one thing said sixty times: no error, and nobody is lost."""
    rows = [{"full_name": f"acme{n}/tool", "description": "Tracks runs."} for n in range(60)]
    done = run(write_study(tmp_path / "s", rows), tmp_path / "ws")
    assert done.code == 0, done.err
    assert_whole(tmp_path / "ws", 60)
    assert len({row["text"] for row in texts_of(tmp_path / "ws")}) == 1


def test_chinese_is_processed_and_flagged(tmp_path: Path) -> None:
    """Documents in Chinese are kept, their language is known, and they are flagged."""
    words = {"serving": "模型部署推理服务接口", "tracking": "实验跟踪参数指标记录面板"}
    rows = [
        {
            "full_name": f"acme/{kind}{n}",
            "description": f"{text}的开源工具,第{n}个版本,适合团队使用。",
        }
        for kind, text in words.items()
        for n in range(10)
    ]
    done = run(write_study(tmp_path / "s", planted_rows(40) + rows), tmp_path / "ws")
    assert done.code == 0, done.err
    assert_whole(tmp_path / "ws", 60)
    foreign = [row for row in texts_of(tmp_path / "ws") if row["language"] == "zh"]
    assert len(foreign) == 20
    assert flags_of(tmp_path / "ws")["not_english"] >= 20


def test_emoji_only_is_processed_and_flagged(tmp_path: Path) -> None:
    """Documents of emoji alone say nothing to group by: flagged, counted, the rest goes on."""
    rows = [{"full_name": f"acme/rocket-{n}", "description": "🚀🔥" * (n + 1)} for n in range(15)]
    done = run(write_study(tmp_path / "s", planted_rows(45) + rows), tmp_path / "ws")
    assert done.code == 0, done.err
    assert_whole(tmp_path / "ws", 45)
    assert flags_of(tmp_path / "ws")["emoji_only"] == 15
    counts = Manifest.read(tmp_path / "ws" / "texts" / f"{SNAPSHOT}.repositories").counts
    assert [drop.count for drop in counts["repositories"].dropped] == [15]


def with_readmes(folder: Path, readmes: dict[str, bytes]) -> Path:
    """Write a study with READMEs for some of its tools; return its path."""
    source = f'\n[[sources]]\nsnapshot = "{SNAPSHOT}"\nkind = "readmes"\nfiles = ["readmes"]\n'
    study = write_study(folder, more=source)
    for name, data in readmes.items():
        (folder / "readmes" / name).mkdir(parents=True)
        (folder / "readmes" / name / "README.md").write_bytes(data)
    return study


def test_a_readme_of_five_megabytes_is_processed_and_flagged(tmp_path: Path) -> None:
    """A README far longer than any that is read is cut, flagged, and costs little."""
    line = b"This tool serves models behind an endpoint. [link](http://x.y) `code` **bold**\n\n"
    huge = b"# serving\n\n" + line * (README_BYTES // len(line))
    done = run(with_readmes(tmp_path / "s", {"acme/serving-0": huge}), tmp_path / "ws")
    assert done.code == 0, done.err
    assert_whole(tmp_path / "ws", N_DOCUMENTS)
    assert flags_of(tmp_path / "ws")["readme_truncated"] == 1
    assert max(len(str(row["text"])) for row in texts_of(tmp_path / "ws")) < 10_000


def test_invalid_utf_8_is_processed_and_flagged(tmp_path: Path) -> None:
    """Bytes that are no text are replaced, in sources and READMEs, and that is said."""
    study = with_readmes(
        tmp_path / "s", {"acme/serving-0": b"# serving\n\nServes \xff\xfe models.\n"}
    )
    source = study.parent / "tools.jsonl"
    word = KINDS["tracking"].split()[1].encode()
    source.write_bytes(source.read_bytes().replace(word, word + b"\xff", 1))
    done = run(study, tmp_path / "ws")
    assert done.code == 0, done.err
    assert "not UTF-8" in done.err
    assert_whole(tmp_path / "ws", N_DOCUMENTS)
    assert flags_of(tmp_path / "ws")["replaced_bytes"] == 2
    assert not any("\ufffd" in str(row["text"]) for row in texts_of(tmp_path / "ws"))


def test_odd_rows_are_rejected_and_never_stop_the_rest(tmp_path: Path) -> None:
    """Broken JSON, wrong types and missing names are listed with file and row."""
    study = write_study(tmp_path / "s")
    source = study.parent / "tools.jsonl"
    odd = '{"full_name": "acme/half", "desc\n[1]\n{"description": "no name"}\n{"full_name": 7}\n'
    source.write_text(odd + source.read_text(encoding="utf-8"), encoding="utf-8")
    done = run(study, tmp_path / "ws")
    assert done.code == 0, done.err
    assert_whole(tmp_path / "ws", N_DOCUMENTS)
    rejects = (tmp_path / "ws" / "snapshots" / SNAPSHOT / "rejects.jsonl").read_text("utf-8")
    assert [f'"row": {row}' in rejects for row in (1, 2, 3, 4, 5)] == [True] * 4 + [False]
