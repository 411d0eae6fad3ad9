"""One project's tarball, asked for within GitHub's limits, as often as it makes sense.

The API sends us on to codeload, which has limits of its own: it answers 429 for about half an hour
to who asks too quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from mining.code.projects import ELSEWHERE, Keep, UnreadFile, is_pointer
from mining.code.store import CodeFile, CodeListing
from mining.code.tarball import Tarball, TarballError
from mining.github.api import MOST_HOPS, Connection
from mining.github.errors import (
    BlockedError,
    GitHubError,
    GoneError,
    NotAllowedError,
    RenamedError,
    SecondaryLimitError,
    ServerTroubleError,
)
from mining.github.http import BrokenOffError, Response
from mining.github.limits import decide
from mining.github.requests import REDIRECTS, ApiRequest, HttpAnswer, path_of, problem

CODELOAD: Final = "codeload"


class LacksFilesError(Exception):
    """The tarball may lack files of its commit, as attributes of the project tell git."""


@dataclass
class TarballSource:
    """The way to tarballs.

    Attributes
    ----------
    put
        Keeps the content of a file; returns its hash.
    asked
        Requests to the API so far.
    n_bytes
        That have come so far, packed.
    """

    line: Connection
    keep: Keep
    put: Callable[[bytes], str]
    asked: int = 0
    n_bytes: int = 0
    n_tarballs: int = 0

    def fetch(self, project: str, commit: str) -> CodeListing:
        """Return what is in the tarball of a commit, its wanted files kept.

        Raises
        ------
        TarballError
            If it is refused for what it is.
        LacksFilesError
            If it may lack files of the commit.
        GitHubError
            If it cannot be had, after as many attempts as make sense.
        """
        attempt = 1
        while True:
            try:
                return self._tried(f"/repos/{project}/tarball/{commit}", commit, attempt)
            except GitHubError as error:
                decision = decide(error, attempt)
                if not decision.retry:
                    raise
                why = f"GitHub to give code ({error.what.removesuffix('.')})"
                self.line.limits.wait(decision.after_s, why, CODELOAD)
                attempt += 1

    def _tried(self, path: str, commit: str, attempt: int) -> CodeListing:
        request = ApiRequest(path)
        for _ in range(MOST_HOPS):
            self.line.limits.spend("core")
            self.asked += 1
            answer = self.line.ask(request, attempt)
            location = answer.headers.get("location", "")
            if answer.status in REDIRECTS and self.line.client.is_download(location):
                return self._downloaded(request, location, commit)
            error = problem(request, answer)
            if not isinstance(error, RenamedError):
                trouble = ServerTroubleError("GitHub gives no tarball.", where=path)
                raise error or trouble
            request = ApiRequest(path_of(urlsplit(error.location).path))
        raise ServerTroubleError("GitHub sends us round in circles.", where=path)

    def _downloaded(self, request: ApiRequest, location: str, commit: str) -> CodeListing:
        self.n_tarballs += 1
        with self.line.client.download(location) as (response, chunks):
            error = self._problem(request, response)
            if error is not None:
                raise error
            tarball = Tarball(self._counted(chunks), commit, self.keep)
            try:
                files = self._kept(tarball)
            except BrokenOffError as broken:
                raise self._no_answer(request, broken.failure) from broken
            except TarballError as bad:
                if bad.is_final:
                    raise
                raise ServerTroubleError(bad.what, where=request.path) from bad
        if tarball.has_exports:
            raise LacksFilesError
        unread = sorted((each.path, each.reason) for each in tarball.unread)
        return CodeListing(
            files=tuple(sorted(files, key=lambda file: file.path)),
            unread=tuple(unread),
            paths=tuple(sorted(tarball.paths)),
            n_bytes=tarball.n_bytes,
        )

    def _kept(self, tarball: Tarball) -> list[CodeFile]:
        files = []
        for path, content in tarball.files():
            if is_pointer(content):
                tarball.unread.append(UnreadFile(path, ELSEWHERE))
            else:
                files.append(CodeFile(path=path, size=len(content), sha256=self.put(content)))
        return files

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.n_bytes += len(chunk)
            yield chunk

    def _problem(self, request: ApiRequest, response: Response) -> GitHubError | None:
        """Return what is wrong with codeload's answer, which is no JSON as the API's is."""
        where = request.path
        if response.failure is not None:
            return self._no_answer(request, response.failure)
        match response.status:
            case 200:
                return None
            case 404 | 410:
                return GoneError("There is nothing here, or nothing public.", where=where)
            case 451:
                return BlockedError("GitHub has blocked it.", where=where)
            case 429:
                wait_s = response.headers.get("retry-after", "")
                return SecondaryLimitError(
                    "codeload asks to go slower",
                    wait_s=float(wait_s) if wait_s.isdecimal() else None,
                )
            case 401 | 403:
                return NotAllowedError("GitHub does not allow this download.", where=where)
            case status:
                return ServerTroubleError(f"codeload answers with status {status}.", where=where)

    def _no_answer(self, request: ApiRequest, failure: str) -> GitHubError:
        now_s = self.line.limits.now()
        error = problem(request, HttpAnswer(0, {}, "", now_s, failure=failure))
        return error or ServerTroubleError(f"The download failed: {failure}.", where=request.path)
