"""Writing a bundle: one ZIP, whole or not at all, and of one workspace always the same bytes."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from artifacts.errors import ArtifactError, InputError
from artifacts.files import new_file
from artifacts.progress import Progress
from opsatlas.bundling.citing import BundleAbout, about_bundle, citation_cff, version, zenodo_json
from opsatlas.bundling.contents import Contents, contents_of
from opsatlas.bundling.crate import CRATE, crate_text
from opsatlas.bundling.environment import environment_of, environment_text
from opsatlas.bundling.licences import TextRule
from opsatlas.bundling.readme import readme_text
from opsatlas.bundling.views import add_views
from opsatlas.bundling.withholding import BundleMember, SharedFiles, shared_files
from opsatlas.pipeline import Pipeline

FORMAT: Final = 1
INDEX: Final = "bundle.json"
SUFFIX: Final = ".crate.zip"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can tell: members have no clocks of their own."""
MODE: Final = 0o100644
UNIX: Final = 3
LEVEL: Final = 6
CHUNK: Final = 1 << 20

Sums = dict[str, tuple[str, int]]
"""The SHA-256 and the size of files, by path."""


@dataclass(frozen=True)
class WrittenBundle:
    """A bundle that was written.

    Attributes
    ----------
    sha256, n_bytes
        Of the file.
    n_files
        In it, its index among them.
    n_people
        Who go by pseudonyms in it.
    """

    path: Path
    sha256: str
    n_bytes: int
    n_files: int
    about: BundleAbout
    withheld: tuple[str, ...]
    left_out: tuple[str, ...]
    n_people: int


def bundle_name(pipeline: Pipeline, contents: Contents) -> str:
    """Return what a bundle is called unless somebody says otherwise."""
    return f"{pipeline.study.study.name}-{contents.made_at:%Y-%m-%d}{SUFFIX}"


def write_bundle(
    pipeline: Pipeline, target: Path | None = None, *, private: bool = False
) -> WrittenBundle:
    """Write all of a study that may be passed on into one file.

    Parameters
    ----------
    target
        The file, whose name ends in ``.zip``, or a folder to write it into; None: the current one.
        An earlier bundle of the study is replaced, nothing else is.
    private
        Whether words of others, people's names and their memos are in it, too.

    Raises
    ------
    ArtifactError
        If something that the study asks for is not made yet, is out of date, or was changed.
    InputError
        If the study names what is not there, or another file is in the way.
    StorageError
        If the file cannot be written.
    """
    with pipeline.working(), TemporaryDirectory(prefix="opsatlas-") as scratch:
        contents = contents_of(pipeline)
        path = target or Path()
        if path.suffix != ".zip":
            path = path / bundle_name(pipeline, contents)
        refuse_other_file(path, pipeline.study.study.name)
        rule = TextRule(frozenset(pipeline.study.bundle.redistribute), private)
        shared = shared_files(contents, pipeline.workspace, rule, Path(scratch))
        add_views(shared, contents, pipeline, Path(scratch))
        day = f"{contents.made_at:%Y-%m-%d}"
        about = about_bundle(pipeline, day, private=private, n_withheld=len(shared.withheld))
        members, sums = _members(contents, shared, about, pipeline.progress)
        with new_file(path) as file:
            _write_zip(file, members, sums, pipeline.progress)
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return WrittenBundle(
        path=path,
        sha256=sha256,
        n_bytes=path.stat().st_size,
        n_files=len(members),
        about=about,
        withheld=tuple(file.path for file in shared.withheld),
        left_out=contents.left_out,
        n_people=shared.n_people,
    )


def refuse_other_file(path: Path, study: str) -> None:
    """Raise `InputError` if a file would be lost that is no bundle of the study."""
    if not path.exists():
        return
    try:
        with zipfile.ZipFile(path) as there:
            index = json.loads(there.read(INDEX))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        index = {}
    if not isinstance(index, dict) or index.get("study") != study:
        raise InputError(
            f"The file is there already, and is no bundle of the study '{study}'.",
            where=str(path),
            fix="name another: opsatlas bundle -o FILE",
        )


def _members(
    contents: Contents, shared: SharedFiles, about: BundleAbout, progress: Progress
) -> tuple[list[BundleMember], Sums]:
    """Return all files of a bundle by path, and their sums: those that describe it come last."""
    environment = environment_of(each.manifest for each in contents.artifacts)
    shared.add("README.md", readme_text(about, contents, shared).encode())
    shared.add("CITATION.cff", citation_cff(about))
    shared.add(".zenodo.json", zenodo_json(about))
    shared.add("environment.txt", environment_text(environment).encode())
    members = sorted(shared.members, key=lambda member: member.path)
    _refuse_names(members, contents)
    sums: Sums = {}
    with progress.task("hashing files", len(members), unit="files") as task:
        for member in members:
            sums[member.path] = _sum_of(member)
            task.advance()
    crate = crate_text(contents, about, sums, shared.withheld)
    sums[CRATE] = _sum_of(BundleMember(CRATE, crate))
    index = _index(contents, shared, about, environment, sums)
    text = (json.dumps(index, indent=2, ensure_ascii=False) + "\n").encode()
    members += [BundleMember(CRATE, crate), BundleMember(INDEX, text)]
    sums[INDEX] = _sum_of(members[-1])
    return sorted(members, key=lambda member: member.path), sums


def _refuse_names(members: list[BundleMember], contents: Contents) -> None:
    """Raise `InputError` if a file could not be unpacked on every system."""
    from opsatlas.bundling.reading import fault_of_path

    seen: dict[str, str] = {}
    for member in members:
        fault = fault_of_path(member.path)
        other = seen.setdefault(member.path.casefold(), member.path)
        if other != member.path:
            fault = f"only capitals tell it from {other}"
        if fault is not None:
            named = contents.named.files.get(member.path)
            raise InputError(
                f"{member.path!r} cannot be in a bundle: {fault}.",
                where=str(member.path if named is None else named.file),
                fix="give the file another name, and name it so in the study",
            )


def _index(
    contents: Contents,
    shared: SharedFiles,
    about: BundleAbout,
    environment: Mapping[str, Any],
    sums: Sums,
) -> dict[str, Any]:
    """Return what a bundle holds and what not, for programs."""
    withheld = []
    for file in sorted(shared.withheld, key=lambda file: file.path):
        told = {**asdict(file), "bytes": file.n_bytes, "instead": list(file.instead)}
        del told["n_bytes"]
        withheld.append({name: value for name, value in told.items() if value is not None})
    return {
        "format": FORMAT,
        "opsatlas": version(),
        "study": about.name,
        "private": about.private,
        "day": about.day,
        "files": {
            path: {"sha256": sha256, "bytes": size} for path, (sha256, size) in sorted(sums.items())
        },
        "withheld": withheld,
        "left_out": list(contents.left_out),
        "artifacts": [
            {
                "path": f"workspace/{each.path}",
                "kind": each.manifest.kind,
                "key": each.manifest.key,
                "content_hash": each.manifest.content_hash,
            }
            for each in contents.artifacts
        ],
        "inputs": {
            path: {"named": file.named, "shipped": file.shipped}
            for path, file in sorted(contents.named.files.items())
        },
        "environment": environment,
    }


def _pieces(member: BundleMember) -> Iterator[bytes]:
    if isinstance(member.source, bytes):
        yield member.source
        return
    with member.source.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _sum_of(member: BundleMember) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(member):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _write_zip(
    file: IO[bytes], members: list[BundleMember], sums: Sums, progress: Progress
) -> None:
    """Write the members, in their order, each as it was when it was hashed."""
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive,
        progress.task("writing the bundle", len(members), unit="files") as task,
    ):
        for member in members:
            info = zipfile.ZipInfo(member.path, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = UNIX, MODE << 16
            sha256, size = sums[member.path]
            info.file_size = size
            digest = hashlib.sha256()
            with archive.open(info, "w") as entry:
                for piece in _pieces(member):
                    digest.update(piece)
                    entry.write(piece)
            if digest.hexdigest() != sha256:
                raise ArtifactError(
                    f"{member.path} was changed while it was bundled.",
                    where=str(member.source),
                    fix="wait for whoever writes there, and bundle again",
                )
            task.advance()
