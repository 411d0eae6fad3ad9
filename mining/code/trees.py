"""A large project's code: its tree by REST, and the wanted files alone, many at once by GraphQL.

Each content is held against its name in git, so it is the file's bytes or none: where GraphQL gives
a text that is another, which is cut or binary, REST is asked for the bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from artifacts.visible import storable
from mining.code.objects import LINK, GitFile
from mining.code.projects import (
    LINKED,
    MOST_FILES,
    TOO_MANY,
    UNLISTED,
    Content,
    Keep,
    UnreadFile,
    fault_of_path,
    why_unread,
)
from mining.github.api import Api
from mining.github.batches import Batching, ask_if_told
from mining.github.errors import GoneError, ServerTroubleError, TooLargeError
from mining.github.queries import blobs_query
from mining.github.shapes import (
    Each,
    JsonShape,
    Maybe,
    fitted,
    is_flag,
    is_number,
    is_plain,
    is_text,
    is_word,
)
from mining.github.unknown import NOT_TOLD, unknown_of_one

SIZE: Final = 40
"""Files that are asked for at once, at most."""
MOST_LISTINGS: Final = 1_000
"""Folders of one project that are asked for one by one."""
_MODE_OF_LINK: Final = LINK.decode()
_ENTRY: Mapping[str, JsonShape] = {
    "path": is_text,
    "mode": is_word,
    "type": is_word,
    "sha": is_word,
}
_TREE: JsonShape = {
    "tree": Each(_ENTRY, frozenset(_ENTRY), with_more=True),
    "truncated": is_flag,
}
_BLOB: JsonShape = {"oid": is_word, "isTruncated": is_flag, "text": Maybe(is_text)}
_REST_BLOB: JsonShape = {"content": is_plain, "encoding": is_word}


@dataclass
class RemoteTree:
    """The files of a project at a commit, as GitHub lists them, and those that are wanted.

    Attributes
    ----------
    path
        Of the repository in the API, ``/repos/owner/name``.
    node_id
        Its id for GraphQL.
    n_untold
        Files that GitHub did not give now, and may give later.
    """

    api: Api
    path: str
    node_id: str
    keep: Keep
    paths: list[str] = field(default_factory=list)
    wanted: dict[str, GitFile] = field(default_factory=dict)
    unread: list[UnreadFile] = field(default_factory=list)
    n_bytes: int = 0
    n_untold: int = 0

    def list_files(self, commit: str) -> None:
        """List the files of a commit: all at once, or folder by folder where that is too much.

        Raises
        ------
        GitHubError
            If nothing can be listed.
        """
        waiting, n_asked = [(commit, "")], 0
        while waiting:
            oid, above = waiting.pop()
            n_asked += 1
            if len(self.paths) > MOST_FILES or n_asked > MOST_LISTINGS:
                raise TooLargeError(TOO_MANY, where=self.path, is_final=True)
            try:
                tree = self._tree(oid, whole=True)
                if tree["truncated"]:
                    tree = self._tree(oid, whole=False)
                    if tree["truncated"]:
                        why = "it holds more files than GitHub lists"
                        self.unread.append(UnreadFile(above or UNLISTED, why))
                    folders = [each for each in tree["tree"] if each["type"] == "tree"]
                    waiting += [(each["sha"], f"{above}{each['path']}/") for each in folders]
            except (GoneError, *NOT_TOLD) as error:
                if not above:
                    raise
                why = f"this folder cannot be listed: {unknown_of_one(error)}"
                self.unread.append(UnreadFile(above, why))
                continue
            for each in tree["tree"]:
                if each["type"] == "blob":
                    self._add(above + storable(each["path"]), each)

    def contents(self, known: Sequence[str]) -> Iterator[Content]:
        """Yield the wanted files, those at paths that are ``known`` left out."""
        there = set(known)
        by_oid: dict[str, list[str]] = {}
        for path, file in sorted(self.wanted.items()):
            if path not in there:
                by_oid.setdefault(file.id, []).append(path)
        batching = Batching[str](
            query=blobs_query,
            variables=lambda oids: {
                "id": self.node_id,
                **{f"oid{number}": oid for number, oid in enumerate(oids)},
            },
            place=lambda number: ("node", f"b{number}"),
            shape=lambda _: _BLOB,
        )
        for answered in ask_if_told(self.api, list(by_oid), batching, size=SIZE):
            content = _told(answered.value, answered.item)
            found = self._bytes(answered.item) if content is None else content
            for path in by_oid[answered.item]:
                yield UnreadFile(path, found) if isinstance(found, str) else (path, found)

    def _tree(self, oid: str, *, whole: bool) -> Any:
        params = {"recursive": "1"} if whole else {}
        answer = self.api.get(f"{self.path}/git/trees/{oid}", params, shape=_TREE)
        tree, holes = fitted(answer.json(), _TREE)
        if holes:
            raise ServerTroubleError("GitHub left out a part of the tree.", where=self.path)
        return tree

    def _add(self, path: str, about: Any) -> None:
        size = about.get("size")
        known = size if is_number(size) else 0
        is_link = about["mode"] == _MODE_OF_LINK
        is_wanted = self.keep(path, 0 if is_link else known)
        if not is_link:
            self.paths.append(path)
            self.n_bytes += known
        why = fault_of_path(path) or (LINKED if is_link else None)
        if why is None and path in self.wanted:
            why = "there is another file of this path"
        if why is None or not is_wanted:
            why = None if is_link else why_unread(path, known, self.keep)
        if why is not None:
            self.unread.append(UnreadFile(path, why))
        elif is_wanted:
            self.wanted[path] = GitFile(path, known, about["sha"])

    def _bytes(self, oid: str) -> bytes | str:
        """Return the content of a file by REST, or why it cannot be had."""
        try:
            answer = self.api.get(f"{self.path}/git/blobs/{oid}", shape=_REST_BLOB).json()
            content = base64.b64decode(answer["content"])
        except GoneError:
            return "GitHub does not have its content"
        except NOT_TOLD as error:
            self.n_untold += 1
            return f"GitHub did not give its content: {unknown_of_one(error)}"
        except (binascii.Error, ValueError):
            return "GitHub's answer does not hold its content"
        return content if is_named(content, oid) else "GitHub gave another content than the tree's"


def is_named(content: bytes, oid: str) -> bool:
    """Tell whether git gives a file of this content this name."""
    hashing = hashlib.sha1 if len(oid) == 40 else hashlib.sha256
    named = hashing(b"blob %d\0" % len(content), usedforsecurity=False)
    named.update(content)
    return named.hexdigest() == oid


def _told(value: Any, oid: str) -> bytes | None:
    """Return the content that GraphQL gave, if it is the file's, byte for byte."""
    if value is None or value["isTruncated"] is not False or value["text"] is None:
        return None
    content: bytes = value["text"].encode("utf-8", "surrogatepass")
    return content if is_named(content, oid) else None
