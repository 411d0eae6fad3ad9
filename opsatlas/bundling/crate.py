"""The description of a bundle as an RO-Crate 1.3: which files it holds, and how each was made.

The specification: https://w3id.org/ro/crate/1.3. A file that is withheld is a `File` whose id
begins with ``#``, with the path where it would be (``localPath``): files that are deliberately not
present are described so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from opsatlas.bundling.citing import BundleAbout, version
from opsatlas.bundling.contents import BundledArtifact, Contents
from opsatlas.bundling.named import WORKSPACE
from opsatlas.bundling.withholding import WithheldFile
from opsatlas.study import Creator

CRATE: Final = "ro-crate-metadata.json"
SPECIFICATION: Final = "https://w3id.org/ro/crate/1.3"
SOFTWARE: Final = "#opsatlas"
MEDIA_TYPES: Final = {
    "cff": "application/yaml",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "md": "text/markdown",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "sqlite": "application/vnd.sqlite3",
    "svg": "image/svg+xml",
    "tex": "application/x-tex",
    "toml": "application/toml",
    "txt": "text/plain",
}
OTHER_MEDIA: Final = "application/octet-stream"
TOLD: Final = {
    "bundle.json": "Index of this bundle for programs: every file with its hash, and what is not "
    "here.",
    "README.md": "What this is, how to check and replay it, and what is not here.",
    "CITATION.cff": "How to cite it.",
    ".zenodo.json": "What Zenodo is told when it is deposited.",
    "environment.txt": "Versions of all packages that it was made with.",
    "ATTRIBUTION.csv": "Whose READMEs are in it, and under which licences.",
}
# Characters that no path in a URI may hold as they are; letters of any script may stay.
_ESCAPED = re.compile(r'[\x00-\x20"#%<>?\[\\\]^`{|}\x7f]')

Entity = dict[str, Any]


def path_as_uri(path: str) -> str:
    """Return a path within a crate as the id of its entity."""
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", path)


def crate_text(
    contents: Contents,
    about: BundleAbout,
    files: Mapping[str, tuple[str, int]],
    withheld: Iterable[WithheldFile],
) -> bytes:
    """Return the text of the crate's description.

    Parameters
    ----------
    files
        The SHA-256 and the size in bytes of each file of the bundle, by path, but of the index
        (which names the hash of this text) and of this text itself.
    withheld
        Files that are not in it.
    """
    missing = list(withheld)
    present = {**files, "bundle.json": ("", 0)}
    folders = {f"{WORKSPACE}/{each.path}/": each for each in contents.artifacts}
    parts: dict[str, list[str]] = {folder: [] for folder in folders}
    loose: list[str] = []
    for path in sorted(present):
        home = next((folder for folder in folders if path.startswith(folder)), None)
        (loose if home is None else parts[home]).append(path)
    people = [_person(creator, n) for n, creator in enumerate(about.authors, start=1)]
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title,
        "description": about.description,
        "datePublished": about.day,
        "license": _licence_of(about),
        "keywords": ", ".join(about.keywords),
        "author": [_to(person["@id"]) for person in people],
        "hasPart": [_to(path_as_uri(path)) for path in sorted([*loose, *folders])],
        "mentions": [_to(_action_id(each)) for each in contents.artifacts]
        + [_to(_absent_id(each)) for each in missing],
    }
    graph: list[Entity] = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": _to("./"),
            "conformsTo": _to(SPECIFICATION),
        },
        root,
        *people,
        *_licence(about),
        _software(),
        *(_file(path, *present[path]) for path in sorted(present)),
        *(_folder(folders[name], name, parts[name]) for name in sorted(folders)),
        *_actions(contents, files, missing),
        *map(_absent, missing),
    ]
    document = {"@context": f"{SPECIFICATION}/context", "@graph": graph}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _to(name: str) -> dict[str, str]:
    return {"@id": name}


def _person(creator: Creator, number: int) -> Entity:
    name = f"#author-{number}" if creator.orcid is None else f"https://orcid.org/{creator.orcid}"
    is_person = "," in creator.name
    told: Entity = {
        "@id": name,
        "@type": "Person" if is_person else "Organization",
        "name": creator.name,
    }
    if creator.affiliation is not None:
        told["affiliation"] = creator.affiliation
    return told


def _licence_of(about: BundleAbout) -> str | dict[str, str]:
    if about.licence is None:
        return "No licence is named: ask the authors before you pass it on."
    return _to(f"https://spdx.org/licenses/{about.licence}")


def _licence(about: BundleAbout) -> Iterator[Entity]:
    if about.licence is not None:
        yield {
            "@id": f"https://spdx.org/licenses/{about.licence}",
            "@type": "CreativeWork",
            "name": about.licence,
            "description": "The licence of what the study made. What others wrote keeps theirs: "
            "see README.md.",
        }


def _software() -> Entity:
    return {
        "@id": SOFTWARE,
        "@type": "SoftwareApplication",
        "name": "opsatlas",
        "description": "Maps an open-source tool ecosystem and what its users want.",
        "version": version(),
        "softwareVersion": version(),
    }


def _file(path: str, sha256: str, size: int) -> Entity:
    told: Entity = {
        "@id": path_as_uri(path),
        "@type": "File",
        "name": path.rsplit("/", 1)[-1],
        "encodingFormat": media_type(path),
    }
    if path in TOLD:
        told["description"] = TOLD[path]
    if sha256:
        told |= {"contentSize": str(size), "sha256": sha256}
    return told


def media_type(path: str) -> str:
    """Return the media type of a file, by the end of its name."""
    if path == ".zenodo.json":
        return MEDIA_TYPES["json"]
    return MEDIA_TYPES.get(path.rsplit(".", 1)[-1].lower(), OTHER_MEDIA)


def _folder(artifact: BundledArtifact, path: str, parts: Iterable[str]) -> Entity:
    manifest = artifact.manifest
    return {
        "@id": path_as_uri(path),
        "@type": "Dataset",
        "name": f"{manifest.kind} {manifest.name}",
        "description": f"Artifact of the kind '{manifest.kind}'; its manifest.json says how it was "
        "made.",
        "identifier": f"sha256:{manifest.content_hash}",
        "hasPart": [_to(path_as_uri(part)) for part in parts],
    }


def _actions(
    contents: Contents, files: Mapping[str, tuple[str, int]], withheld: Iterable[WithheldFile]
) -> Iterator[Entity]:
    """Yield how each artifact was made: with what, of what; first what it was made of."""
    places = {file.sha256: _absent_id(file) for file in withheld}
    places |= {sha256: path_as_uri(path) for path, (sha256, _) in files.items()}
    places |= {
        each.manifest.content_hash: path_as_uri(f"{WORKSPACE}/{each.path}/")
        for each in contents.artifacts
    }
    for artifact in contents.artifacts:
        for name, content in artifact.manifest.inputs.items():
            if content not in places:
                places[content] = f"#input-{content[:16]}"
                yield {
                    "@id": places[content],
                    "@type": "CreativeWork",
                    "name": name,
                    "sha256": content,
                    "description": "It went in, and is not in this bundle.",
                }
    for artifact in contents.artifacts:
        manifest = artifact.manifest
        action: Entity = {
            "@id": _action_id(artifact),
            "@type": "CreateAction",
            "name": f"make {manifest.kind} {manifest.name}",
            "instrument": _to(SOFTWARE),
            "endTime": manifest.created_at.isoformat(),
            "actionStatus": _to("http://schema.org/CompletedActionStatus"),
            "result": _to(path_as_uri(f"{WORKSPACE}/{artifact.path}/")),
        }
        made_of = dict.fromkeys(places[content] for content in manifest.inputs.values())
        if made_of:
            action["object"] = [*map(_to, made_of)]
        yield action


def _action_id(artifact: BundledArtifact) -> str:
    return f"#make-{path_as_uri(artifact.path)}"


def _absent_id(file: WithheldFile) -> str:
    return f"#withheld-{path_as_uri(file.path)}"


def _absent(file: WithheldFile) -> Entity:
    told: Entity = {
        "@id": _absent_id(file),
        "@type": "File",
        "name": file.path.rsplit("/", 1)[-1],
        "description": f"Not in this bundle: it {file.reason}.",
        "localPath": file.path,
        "contentSize": str(file.n_bytes),
        "sha256": file.sha256,
        "encodingFormat": media_type(file.path),
    }
    if file.instead:
        told["mentions"] = [_to(path_as_uri(path)) for path in file.instead]
    return told
