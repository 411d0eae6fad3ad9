"""Whether a bundle is as it was written: every file, and all that its descriptions say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from artifacts.errors import ArtifactError
from artifacts.explaining import first_fault
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.notation import json_value
from artifacts.progress import Progress
from opsatlas.bundling.contents import EXPORT
from opsatlas.bundling.crate import CRATE, path_as_uri
from opsatlas.bundling.reading import (
    AGAIN,
    BundleIndex,
    IndexedArtifact,
    OpenBundle,
    open_bundle,
)
from opsatlas.bundling.writing import INDEX

PROFILE: Final = "https://w3id.org/ro/crate/1."
"""What the specification is called that a crate conforms to, without its minor version."""
ROOT: Final = "./"
OF_ROOT: Final = ("name", "description", "datePublished", "license")
"""What RO-Crate wants to be told of the whole."""
FEW: Final = 3

Entity = dict[str, Any]


@dataclass(frozen=True)
class BundleCheck:
    """What a check of a bundle found.

    Attributes
    ----------
    index
        What it says that it holds.
    n_files, n_bytes
        Of what was checked, the index among it.
    problems
        A sentence for each thing that is not as it was written.
    """

    index: BundleIndex
    n_files: int
    n_bytes: int
    problems: tuple[str, ...]

    def refuse_problems(self, path: Path) -> None:
        """Raise `ArtifactError` if there are any."""
        if not self.problems:
            return
        more = len(self.problems) - FEW
        told = "; ".join(self.problems[:FEW]) + (f"; and {more:,} more" if more > 0 else "")
        raise ArtifactError(
            f"The bundle is not as it was written: {told}.", where=str(path), fix=AGAIN
        )


def verify_bundle(path: Path, progress: Progress) -> BundleCheck:
    """Check every file of a bundle, and what its index, its crate and its manifests say of them.

    Raises
    ------
    InputError
        If the file cannot be read, is no bundle, or holds what could do harm.
    ArtifactError
        If it is of another format, or lacks a file, or has one more than its index names.
    """
    with open_bundle(path) as bundle:
        return check_bundle(bundle, progress)


def check_bundle(bundle: OpenBundle, progress: Progress) -> BundleCheck:
    """Check a bundle that is open, as `verify_bundle`."""
    index = bundle.index
    problems = list(_changed(bundle, progress))
    if not problems:  # else what they say is not theirs
        problems = [*_faults_of_index(bundle), *_faults_of_crate(bundle)]
    n_bytes = index.n_bytes + len(bundle.index_text)
    return BundleCheck(index, len(index.files) + 1, n_bytes, tuple(problems))


def _changed(bundle: OpenBundle, progress: Progress) -> Iterator[str]:
    """Yield a sentence for each file whose bytes are not those of the index."""
    with progress.task("checking files", len(bundle.index.files), unit="files") as task:
        for name in bundle.index.files:
            try:
                for _ in bundle.pieces(name):
                    pass
            except ArtifactError as error:
                yield error.what.removesuffix(".")
            task.advance()


def _faults_of_index(bundle: OpenBundle) -> Iterator[str]:
    index = bundle.index
    for file in index.withheld:
        if file.path in index.files:
            yield f"{file.path} is said to be withheld, and is there"
        for path in file.instead:
            if path not in index.files:
                yield f"{path} should be there in place of {file.path}"
    absent = {file.path: file.sha256 for file in index.withheld}
    known = absent | {name: file.sha256 for name, file in index.files.items()}
    for artifact in index.artifacts:
        if f"{artifact.path}/{FILE_NAME}" not in index.files:
            yield f"{artifact.path} has no manifest"
        else:
            yield from _faults_of_artifact(bundle, artifact, known)


def _faults_of_artifact(
    bundle: OpenBundle, artifact: IndexedArtifact, known: dict[str, str]
) -> Iterator[str]:
    """Yield in what an artifact's manifest differs from the files and from the index."""
    at = artifact.path
    try:
        manifest = read_manifest(bundle, artifact)
    except ArtifactError as error:
        yield error.what.removesuffix(".")
        return
    said = (manifest.kind, manifest.key, manifest.content_hash)
    if said != (artifact.kind, artifact.key, artifact.content_hash):
        yield f"the manifest of {at} is of something else than the index says"
    for name, sha256 in manifest.files.items():
        found = known.get(f"{at}/{name}")
        if found != sha256:
            yield f"{at}/{name} is {'missing' if found is None else 'not as its manifest says'}"
    if at.endswith(EXPORT):  # which shares its folder
        return
    own = {f"{at}/{name}" for name in [*manifest.files, FILE_NAME]}
    for name in bundle.index.files:
        if name.startswith(f"{at}/") and name not in own:
            yield f"{name} was added to {at}"


def read_manifest(bundle: OpenBundle, artifact: IndexedArtifact) -> Manifest:
    """Return the manifest of an artifact in a bundle; raise `ArtifactError` if it is damaged."""
    name = f"{artifact.path}/{FILE_NAME}"
    try:
        return Manifest.model_validate(json_value(bundle.read(name)))
    except ValidationError as error:
        raise ArtifactError(
            f"{name} is damaged: {first_fault(error)}.", where=str(bundle.path), fix=AGAIN
        ) from error
    except ValueError as error:
        raise ArtifactError(
            f"{name} cannot be read: {error}.", where=str(bundle.path), fix=AGAIN
        ) from error


def _faults_of_crate(bundle: OpenBundle) -> Iterator[str]:
    """Yield in what the crate's description is none, or differs from the index."""
    if CRATE not in bundle.index.files:
        yield f"{CRATE} is not there"
        return
    try:
        document = json_value(bundle.read(CRATE))
        graph = document["@graph"]
        entities: dict[str, Entity] = {entity["@id"]: entity for entity in graph}
        kinds = {name: _types(entity) for name, entity in entities.items()}
    except (ValueError, KeyError, TypeError):
        yield f"{CRATE} is no RO-Crate: it has no @graph of entities with @id and @type"
        return
    if len(entities) < len(graph):
        yield f"{CRATE} describes something twice"
    if PROFILE not in str(document.get("@context")):
        yield f"{CRATE} names no context of RO-Crate 1"
    yield from _faults_of_whole(entities, kinds)
    yield from _faults_of_files(bundle.index, entities, kinds)
    lost = sorted(set(_references(graph)) - entities.keys())
    yield from (f"{CRATE} refers to {name}, and does not describe it" for name in lost)


def _types(entity: Entity) -> set[str]:
    told = entity["@type"]
    return {told} if isinstance(told, str) else set(told)


def _faults_of_whole(entities: dict[str, Entity], kinds: dict[str, set[str]]) -> Iterator[str]:
    """Yield what RO-Crate wants to be told of itself and of the whole, and is not."""
    about = entities.get(CRATE, {})
    conforms = about.get("conformsTo")
    named = conforms if isinstance(conforms, list) else [conforms]
    if about.get("about") != {"@id": ROOT} or "CreativeWork" not in kinds.get(CRATE, set()):
        yield f"{CRATE} does not say that it is about the whole"
    if not any(isinstance(each, dict) and PROFILE in str(each.get("@id")) for each in named):
        yield f"{CRATE} does not say to which specification it conforms"
    if "Dataset" not in kinds.get(ROOT, set()):
        yield f"{CRATE} does not describe the whole as a Dataset"
        return
    for name in OF_ROOT:
        if not entities[ROOT].get(name):
            yield f"{CRATE} says no {name} of the whole"
    try:
        date.fromisoformat(str(entities[ROOT].get("datePublished"))[:10])
    except ValueError:
        yield f"{CRATE}: datePublished is no date"


def _faults_of_files(
    index: BundleIndex, entities: dict[str, Entity], kinds: dict[str, set[str]]
) -> Iterator[str]:
    """Yield which files the crate does not describe as the index does, and the other way round."""
    paths = {path_as_uri(path): path for path in index.files if path != CRATE}
    parts, waiting = set[str](), [ROOT]
    while waiting:
        part = waiting.pop()
        if part not in parts:
            parts.add(part)
            waiting += _references(entities.get(part, {}).get("hasPart", []))
    for name, path in paths.items():
        told, file = entities.get(name, {}), index.files[path]
        if "File" not in kinds.get(name, set()) or name not in parts:
            yield f"{CRATE} does not describe {path} as a part of the whole"
        elif (told.get("sha256"), str(told.get("contentSize"))) != (file.sha256, str(file.bytes)):
            yield f"{CRATE} says another hash or size of {path} than the index"
    for name in sorted(parts):
        if "File" in kinds.get(name, set()) and name not in paths and name != INDEX:
            yield f"{CRATE} describes {name}, which is not there"


def _references(value: Any) -> Iterator[str]:
    """Yield the entities of this crate that values refer to."""
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        name = value.get("@id")
        if set(value) == {"@id"} and isinstance(name, str):
            if "://" not in name:
                yield name
        else:
            yield from _references(list(value.values()))
