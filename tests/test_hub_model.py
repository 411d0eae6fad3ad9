"""A model by its name on Hugging Face's hub: pinned, told, and out of the local cache."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from command_line import opsatlas
from hub_model import COMMIT, N_DIMS, NAME, serve_hub, write_cache
from small_study import N_DOCUMENTS, SNAPSHOT, planted_rows, write_study

from artifacts.errors import InputError
from artifacts.manifest import Manifest
from artifacts.progress import SilentProgress
from embeddings.encoder import plan_again, plan_encoder
from embeddings.models import KNOWN_MODELS, find_model
from embeddings.settings import FEW_TEXTS, HASHED_WORDS, VectorSettings
from opsatlas.cli.session import open_study
from opsatlas.pipeline import Pipeline, remember
from opsatlas.steps import make_snapshots
from opsatlas.topics import plan_topics
from taxonomy.places.loading import load_bertopic
from taxonomy.taxonomy import Taxonomy

PINNED = VectorSettings(model=NAME, revision=COMMIT, device="cpu")
OTHER_COMMIT = "f" * 40


@pytest.fixture(scope="module", autouse=True)
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the files of the model that is in the local cache, for as long as the module runs."""
    cache = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
        yield write_cache(cache)


@pytest.fixture
def damaged(files: Path) -> Iterator[Path]:
    """Return the model's files, which a test may change: they are put back."""
    kept = shutil.copytree(files, files.parent.parent / "kept")
    yield files
    shutil.rmtree(files)
    kept.rename(files)


@pytest.fixture(scope="module")
def workspace(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace of a study that names the model."""
    assert files.is_dir()
    folder = tmp_path_factory.mktemp("study")
    study = write_study(folder, model=f'{NAME}"\nrevision = "{COMMIT}')
    done = opsatlas("taxonomy", "build", "-w", remembered(study, folder / "ws"))
    assert done.code == 0, done.err
    return folder / "ws"


def remembered(study: Path, workspace: Path) -> Path:
    """Return the workspace with its snapshot in it, and the study."""
    workspace.mkdir()
    remember(study, workspace)
    make_snapshots(open_study(None, workspace, progress=SilentProgress()))
    return workspace


def refused(*arguments: object) -> str:
    """Return the one error of a command that ends with 2."""
    done = opsatlas(*arguments)
    assert done.code == 2, done.out + done.err
    assert done.err.count("error: ") == 1
    assert "Traceback" not in done.err
    return done.err


def test_what_is_in_the_cache_is_used_without_a_network() -> None:
    """The name, the commit and the hash of the files tell which encoder it is."""
    plan = plan_encoder(PINNED)
    told = plan.identity.as_dict()
    assert (told["model"], told["commit"]) == (NAME, COMMIT)
    assert told["revision"] == find_model(NAME, revision=COMMIT).sha256
    vectors = plan.encode(["Track experiments.", "Serve models."])
    assert vectors.shape == (2, N_DIMS)
    assert np.array_equal(plan_again(told).encode(["Serve models."])[0], vectors[1])


def test_two_encoders_of_a_process_are_loaded_once_each() -> None:
    """Whoever needs two by turns, for topics and for codes, waits for neither again."""
    plans = [plan_encoder(PINNED), plan_encoder(VectorSettings(model=HASHED_WORDS))]
    first = [plan.load() for plan in plans]
    assert all(plan.load() is loaded for plan, loaded in zip(plans, first, strict=True))
    assert all(plan.load() is loaded for plan, loaded in zip(plans, first, strict=True))


def test_a_study_is_carried_out_with_it(workspace: Path, tmp_path: Path) -> None:
    """The manifest tells name, commit and hash; placing, searching and BERTopic find it again."""
    folder = workspace / "taxonomies" / f"{SNAPSHOT}.tools"
    made = Manifest.read(folder)
    assert (made.model["model"], made.model["commit"]) == (NAME, COMMIT)
    assert made.dtype == made.model["dtype"] == "float32"
    (tmp_path / "new.jsonl").write_text(json.dumps(planted_rows()[0]) + "\n", encoding="utf-8")
    done = opsatlas("taxonomy", "place", tmp_path / "new.jsonl", "-w", workspace)
    assert done.code == 0, done.err
    shown = Taxonomy.open(folder)
    assert len(shown.find("drift", n=1)) == 1
    told = json.loads((folder / "model" / "encoder.json").read_text(encoding="utf-8"))
    assert (told["model"], told["revision"], told["dtype"]) == (NAME, COMMIT, "float32")
    assert load_bertopic(folder / "model").embedding_model.embed(["drift"]).shape == (1, N_DIMS)


def test_more_documents_than_few_are_another_taxonomy(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is on the documents of the corpus: beyond it the taxonomy has another key."""
    pipeline = open_study(None, workspace, progress=SilentProgress())
    folder, texts = pipeline.taxonomy_folder("tools"), pipeline.texts_folder("tools")
    keys = []
    for few in (FEW_TEXTS, N_DOCUMENTS, N_DOCUMENTS - 1):
        monkeypatch.setattr("embeddings.settings.FEW_TEXTS", few)
        keys.append(plan_topics(pipeline, "tools", texts, folder, only=None).key)
    assert keys[0] == keys[1] == Manifest.read(folder).key
    assert keys[2] != keys[1]


def test_the_doctor_tells_which_commit_it_is(workspace: Path) -> None:
    """Its line has the name, the commit, and the hash of its files."""
    done = opsatlas("doctor", "-w", workspace, "--json")
    (line,) = [each for each in json.loads(done.out)["checks"] if each["what"] == "encoder"]
    assert line["said"].startswith(f"{NAME}, commit {COMMIT[:12]}…; SHA-256 ")


def test_the_doctor_fetches_nothing(tmp_path: Path) -> None:
    """A model that is not here is said, with what fetches it."""
    (tmp_path / "ws").mkdir()
    write_study(tmp_path / "ws", model=f'{NAME}"\nrevision = "{OTHER_COMMIT}')
    done = opsatlas("doctor", "-w", tmp_path / "ws", "--json")
    assert done.code == 2, done.err
    (line,) = [each for each in json.loads(done.out)["checks"] if each["what"] == "study"]
    assert "not in the local cache" in line["said"]
    assert f"hf download {NAME} --revision {OTHER_COMMIT}" in line["fix"]


@pytest.mark.parametrize("name", [NAME, "models/misspelt"])
def test_a_name_without_a_revision_is_refused(name: str, tmp_path: Path) -> None:
    """What a name on the hub means may change, so a commit is asked for; or a path is wrong."""
    said = refused("run", write_study(tmp_path, model=name), "-w", tmp_path / "ws")
    assert "lacks a revision" in said
    assert 'add revision = "COMMIT" under [vectors]' in said


def test_a_branch_is_no_revision(tmp_path: Path) -> None:
    """A branch moves: the line of the study is named."""
    study = write_study(tmp_path, model=f'{NAME}"\nrevision = "main')
    said = refused("run", study, "-w", tmp_path / "ws")
    assert "vectors.revision" in said


@pytest.mark.parametrize("model", ["all-MiniLM-L6-v2", HASHED_WORDS, "/some/folder"])
def test_only_a_name_on_the_hub_has_a_revision(model: str, tmp_path: Path) -> None:
    """Whatever is not from the hub has no commit to be pinned by."""
    study = write_study(tmp_path, model=f'{model}"\nrevision = "{COMMIT}')
    assert "is no name on it" in refused("run", study, "-w", tmp_path / "ws")


@pytest.mark.parametrize("offline", [True, False], ids=["asked not to", "no network"])
def test_offline_what_is_not_in_the_cache_is_said_at_once(
    offline: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message, within seconds, whether the network is down or the user wants none."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", offline)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    study = write_study(tmp_path, model=f'{NAME}"\nrevision = "{OTHER_COMMIT}')
    started = time.perf_counter()
    said = refused("run", study, "-w", tmp_path / "ws")
    assert "is not in the local cache of Hugging Face's hub, and cannot be fetched" in said
    assert time.perf_counter() - started < 20
    assert not (tmp_path / "ws" / "taxonomies").exists()


@pytest.fixture
def hub(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Put a hub within reach and empty the local cache; return what is asked of the hub."""
    (files / "pytorch_model.bin").write_bytes(b"a pickle")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with serve_hub(files) as (address, asked):
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield asked
    (files / "pytorch_model.bin").unlink()


def named(folder: Path, model: str, revision: str) -> Pipeline:
    """Return a study that names a model on the hub."""
    study = write_study(folder, model=f'{model}"\nrevision = "{revision}')
    return open_study(str(study), folder / "ws", progress=SilentProgress())


def test_what_a_study_names_is_fetched_once(hub: list[str], files: Path, tmp_path: Path) -> None:
    """All that a vector depends on and no pickle; from then on the hub is not asked again."""
    found = named(tmp_path, NAME, COMMIT).vectors()
    assert found.sha256 == find_model(NAME, revision=COMMIT).sha256
    kept = {path.name for path in (tmp_path / "cache").rglob("snapshots/*/**/*") if path.is_file()}
    there = {path.name for path in files.rglob("*") if path.is_file()}
    assert kept == there - {"pytorch_model.bin"}
    n_asked = len(hub)
    assert named(tmp_path, NAME, COMMIT).vectors() == found
    assert plan_encoder(found).encode(["drift"]).shape == (1, N_DIMS)
    assert len(hub) == n_asked


@pytest.mark.parametrize(
    ("model", "revision", "said"),
    [
        (NAME, OTHER_COMMIT, f"no such commit of {NAME}"),
        ("acme/none", COMMIT, "no model acme/none"),
    ],
    ids=["no commit", "no model"],
)
def test_what_the_hub_has_not_is_said(
    hub: list[str], model: str, revision: str, said: str, tmp_path: Path
) -> None:
    """The hub is asked once, and says whether the model or its commit is wrong."""
    with pytest.raises(InputError, match=said) as raised:
        named(tmp_path, model, revision).vectors()
    assert raised.value.fix
    assert len(hub) == 1


def test_what_is_not_named_by_a_study_is_not_fetched() -> None:
    """An encoder that a manifest or a model's folder names is read from the cache, or refused."""
    with pytest.raises(InputError, match="not in the local cache") as raised:
        plan_encoder(PINNED.model_copy(update={"revision": OTHER_COMMIT}))
    assert f"hf download {NAME} --revision {OTHER_COMMIT}" in str(raised.value)


@pytest.mark.parametrize("name", ["tokenizer.json", "1_Pooling/config.json", "model.safetensors"])
def test_a_changed_file_is_another_encoder(name: str, damaged: Path) -> None:
    """Whatever changes a vector is in the revision, and in what a manifest asks for."""
    before = plan_encoder(PINNED).identity
    with (damaged / name).open("ab") as file:
        file.write(b"\n")
    assert plan_encoder(PINNED).identity.revision != before.revision
    with pytest.raises(InputError, match="not the expected ones"):
        plan_again(before.as_dict())


def test_the_hash_of_the_weights_alone_may_be_asked_for(files: Path) -> None:
    """That is what a study's ``sha256`` has always been."""
    from artifacts.hashing import hash_file

    weights = hash_file(files / "model.safetensors")
    found = find_model(NAME, revision=COMMIT, expected_sha256=weights)
    assert found.sha256 != weights


def test_a_model_that_is_none_of_sentence_transformers_is_refused(damaged: Path) -> None:
    """Without its list of modules nobody knows how texts become vectors."""
    (damaged / "modules.json").unlink()
    with pytest.raises(InputError, match=r"no modules\.json"):
        plan_encoder(PINNED)


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json", "modules.json", "vocab.txt"])
def test_a_changed_file_of_the_default_model_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file that changes a vector is checked, as the weights are; the file is named."""
    known = KNOWN_MODELS["all-MiniLM-L6-v2"]
    real = find_model("all-MiniLM-L6-v2")
    assert real.sha256 == known.sha256
    package = tmp_path / known.package
    package.mkdir()
    (package / "__init__.py").touch()
    ours = package / known.folder
    shutil.copytree(real.folder, ours, ignore=shutil.ignore_patterns("*.safetensors"))
    (ours / "model.safetensors").symlink_to(real.folder / "model.safetensors")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_model("all-MiniLM-L6-v2").sha256 == known.sha256
    with (ours / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(InputError, match=f"not the expected ones: {name}") as raised:
        plan_encoder(VectorSettings())
    assert raised.value.where == str(ours)
