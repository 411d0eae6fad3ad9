"""GitHub's ways to code: tarballs by codeload, trees and blobs by REST."""

from __future__ import annotations

import base64
import gzip
import io
import re
import tarfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.github.git import FOLDER, SYMLINK, Blob, Commit, Entry, Tree, folder
from tests.github.replies import RefusedError, Reply, not_found, reply
from tests.github.world import Repository, World

if TYPE_CHECKING:
    from tests.github.rest import Question

CODELOAD = "/codeload/"
_DOWNLOAD = re.compile(r"/codeload/([^/]+/[^/]+)/legacy\.tar\.gz/([0-9a-f]{40})")
_ABOUT = re.compile(r"/(tarball|git/trees|git/blobs)/([0-9a-f]{40})")
_EMPTY = "Git Repository is empty."


def tree_of(files: dict[str, bytes]) -> Tree:
    """Return a folder of files, by their paths."""
    own: dict[str, bytes] = {}
    below: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        head, slash, rest = path.partition("/")
        if slash:
            below.setdefault(head, {})[rest] = content
        else:
            own[head] = content
    return folder(
        *(Entry(name, 0o100644, Blob(content)) for name, content in own.items()),
        *(Entry(name, FOLDER, tree_of(inside)) for name, inside in below.items()),
    )


def about_code(question: Question, each: Repository, rest: str) -> Reply | None:
    """Return what GitHub says of a project's code; None if something else is asked."""
    match = _ABOUT.fullmatch(rest)
    if match is None:
        return None
    kind, oid = match.groups()
    if each.is_empty:
        raise RefusedError(409, _EMPTY)
    if kind == "tarball":
        # As GitHub does, whether the commit is there or not: codeload tells that.
        url = f"{question.base_url}{CODELOAD}{each.full_name}/legacy.tar.gz/{oid}"
        return Reply(302, headers={"location": url})
    found = each.objects.get(oid)
    if kind == "git/trees":
        tree = found.tree if isinstance(found, Commit) else found
        if not isinstance(tree, Tree):
            raise not_found()
        return reply(200, _tree(tree, question))
    if not isinstance(found, Blob):
        raise not_found()
    content = base64.encodebytes(found.content).decode()
    told = {"sha": oid, "size": len(found.content), "encoding": "base64", "content": content}
    return reply(200, told)


def _tree(tree: Tree, question: Question) -> dict[str, Any]:
    listed = _below(tree) if question.params.get("recursive") else _entries(tree, "")
    rows = [
        {
            "path": path,
            "mode": f"{entry.mode:06o}",
            "type": entry.type,
            "sha": entry.target.oid,
            **({"size": len(entry.target.content)} if isinstance(entry.target, Blob) else {}),
        }
        for path, entry in listed
    ]
    most = question.tree_entries
    return {"sha": tree.oid, "tree": rows[:most], "truncated": len(rows) > most}


def _entries(tree: Tree, above: str) -> Iterator[tuple[str, Entry]]:
    yield from ((above + entry.name, entry) for entry in tree.entries)


def _below(tree: Tree, above: str = "") -> Iterator[tuple[str, Entry]]:
    for path, entry in _entries(tree, above):
        yield path, entry
        if isinstance(entry.target, Tree):
            yield from _below(entry.target, f"{path}/")


def download(world: World, path: str) -> Reply:
    """Return what codeload gives: a tarball, or an error in plain words."""
    match = _DOWNLOAD.fullmatch(path)
    found = world.find(match[1]) if match else None
    if match is None or found is None or found.is_gone or found.is_private:
        return Reply(404, b"404: Not Found", {"content-type": "text/plain; charset=utf-8"})
    commit = next((each for each in found.commits if each.oid == match[2]), None)
    if commit is None:
        return Reply(404, b"404: Not Found", {"content-type": "text/plain; charset=utf-8"})
    return Reply(200, tarball(found.full_name, commit), {"content-type": "application/x-gzip"})


def tarball(full_name: str, commit: Commit) -> bytes:
    """Return the tarball of a commit, as `git archive` packs it."""
    root = f"{full_name.replace('/', '-')}-{commit.oid[:7]}"
    left_out = _left_out(commit.tree)
    file = io.BytesIO()
    headers = {"comment": commit.oid}
    with tarfile.open(
        fileobj=file, mode="w", format=tarfile.PAX_FORMAT, pax_headers=headers
    ) as tar:
        tar.addfile(_member(root, None))
        for path, entry in _below(commit.tree):
            if path.startswith(left_out):
                continue
            member = _member(f"{root}/{path}", entry)
            content = entry.target.content if isinstance(entry.target, Blob) else b""
            tar.addfile(member, io.BytesIO(content[: member.size]))
    return gzip.compress(file.getvalue(), 1, mtime=0)


def _left_out(tree: Tree) -> tuple[str, ...]:
    """Return where paths begin that no tarball has, as attributes at the top, or below, say."""
    return tuple(
        path.removesuffix(".gitattributes") + line.split()[0].strip("/")
        for path, entry in _below(tree)
        if path.endswith(".gitattributes") and isinstance(entry.target, Blob)
        for line in entry.target.content.decode().splitlines()
        if line.endswith(" export-ignore")
    )


def _member(name: str, entry: Entry | None) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    if entry is None or isinstance(entry.target, Tree):
        member.type = tarfile.DIRTYPE
    elif entry.mode == SYMLINK:
        member.type = tarfile.SYMTYPE
        member.linkname = entry.target.content.decode()
    else:
        member.size = len(entry.target.content)
    return member
