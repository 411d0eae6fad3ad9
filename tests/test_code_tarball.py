"""Tarballs of code: read as they come, and hostile until they are read."""

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mining.code.projects import UnreadFile
from mining.code.tarball import Tarball, TarballError, TarballLimits

SHA = "0123456789abcdef0123456789abcdef01234567"
ROOT = f"acme-forge-{SHA[:7]}"
Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, content: bytes = b"", **about: object) -> Member:
    """Return a member of an archive, in the top folder unless the name says otherwise."""
    info = tarfile.TarInfo(name if name.startswith("//") else f"{ROOT}/{name}")
    info.name = info.name.removeprefix("//")
    info.size = len(content)
    for field, value in about.items():
        setattr(info, field, value)
    return info, content


def tar_of(members: Iterable[Member], *, of: str | None = SHA) -> bytes:
    """Return a tar archive such as `git archive` makes."""
    file = io.BytesIO()
    headers = {} if of is None else {"comment": of}
    with tarfile.open(
        fileobj=file, mode="w", format=tarfile.PAX_FORMAT, pax_headers=headers
    ) as tar:
        tar.addfile(*_folder(ROOT))
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def _folder(name: str) -> tuple[tarfile.TarInfo]:
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE
    return (info,)


def packed(*members: Member, of: str | None = SHA) -> bytes:
    """Return a tarball."""
    return gzip.compress(tar_of(members, of=of), 1)


def pieces(data: bytes, size: int = 1_000) -> Iterator[bytes]:
    """Yield data as it may come over a network."""
    for at in range(0, len(data), size):
        yield data[at : at + size]


def python(path: str, size: int) -> bool:
    """Want Python, up to 100,000 bytes."""
    return path.endswith(".py") and size <= 100_000


def opened(data: bytes, limits: TarballLimits | None = None) -> Tarball:
    """Return a tarball to be gone through."""
    return Tarball(pieces(data), SHA, python, limits or TarballLimits())


def read(data: bytes) -> tuple[dict[str, bytes], list[UnreadFile]]:
    """Return the wanted files, and which are unread."""
    tarball = opened(data)
    return dict(tarball.files()), tarball.unread


GOOD = member("good.py", b"import mlflow\n")


def test_wanted_files_are_read_and_all_paths_noted() -> None:
    """The top folder is left out; what is not wanted is counted and not held."""
    members = [GOOD, member("docs/a.png", b"\x89PNG" * 9), member("a/b/c.py", b"")]
    tarball = opened(packed(*members))
    assert dict(tarball.files()) == {"good.py": b"import mlflow\n", "a/b/c.py": b""}
    assert tarball.paths == ["good.py", "docs/a.png", "a/b/c.py"]
    assert (tarball.n_bytes, tarball.unread) == (14 + 36, [])


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=150)
        .filter(lambda name: name not in (".", ".."))
        .map("{}.py".format),
        st.binary(max_size=2_000),
        max_size=8,
    ),
    st.integers(1, 3_000),
)
def test_whatever_was_packed_is_read(files: dict[str, bytes], size: int) -> None:
    """However long the names are, and in whatever pieces it comes."""
    data = packed(*(member(name, content) for name, content in files.items()))
    tarball = Tarball(pieces(data, size), SHA, python)
    assert dict(tarball.files()) == files
    assert tarball.unread == []


# Archives of which single members are no good: they are named, and the others read

SKIPPED: dict[str, tuple[Member, str, str]] = {
    "an absolute path": (member("///etc/a.py", b"x"), "//etc/a.py", "its path is absolute"),
    "a way out": (member("../../a.py", b"x"), "../../a.py", "its path leads elsewhere"),
    "a way round": (member("a/./b.py", b"x"), "a/./b.py", "its path leads elsewhere"),
    "another top folder": (member("//b/c.py", b"x"), "/b/c.py", "its path is absolute"),
    "a symbolic link": (
        member("s.py", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        "s.py",
        "it is a link, and links are not followed",
    ),
    "a hard link": (
        member("h.py", type=tarfile.LNKTYPE, linkname=f"{ROOT}/good.py"),
        "h.py",
        "it is a link, and links are not followed",
    ),
    "a device": (member("d.py", type=tarfile.CHRTYPE), "d.py", "it is no regular file"),
    "a block device": (member("e.py", type=tarfile.BLKTYPE), "e.py", "it is no regular file"),
    "a pipe": (member("p.py", type=tarfile.FIFOTYPE), "p.py", "it is no regular file"),
    "a file twice": (
        member("good.py", b"import evil\n"),
        "good.py",
        "there is another file of this path",
    ),
    "a long path": (
        member("a/" * 2_100 + "b.py", b"x"),
        "a/" * 2_100 + "b.py",
        "its path has more than 4,096 characters",
    ),
    "a NUL in a path": (
        member("n.py", b"x", pax_headers={"path": f"{ROOT}/a\0b.py"}),
        "a\0b.py",
        "its path has a NUL",
    ),
    "a large file": (
        member("big.py", b"#" * 100_001),
        "big.py",
        "it is too large (100,001 bytes)",
    ),
}


@pytest.mark.parametrize("kind", SKIPPED)
def test_a_member_that_is_no_good_is_named(kind: str) -> None:
    """All others are read; what nobody wants is not even named."""
    bad, path, why = SKIPPED[kind]
    files, unread = read(packed(GOOD, bad, member("z.py", b"z")))
    assert files == {"good.py": b"import mlflow\n", "z.py": b"z"}
    assert unread == [UnreadFile(path, why)]


def test_names_that_are_not_utf_8_are_written_out() -> None:
    """They are files like others."""
    raw = tarfile.TarInfo(f"{ROOT}/caf\udce9.py")
    raw.size = 1
    file = io.BytesIO()
    with tarfile.open(
        fileobj=file, mode="w", format=tarfile.USTAR_FORMAT, errors="surrogateescape"
    ) as tar:
        tar.addfile(raw, io.BytesIO(b"x"))
    assert read(gzip.compress(file.getvalue())) == ({"caf\\udce9.py": b"x"}, [])


# Archives that are refused


def header(**about: object) -> bytes:
    """Return the header of a member alone, whatever it claims."""
    info, _ = member("x.py", **about)
    return info.tobuf(tarfile.GNU_FORMAT)


def body(*parts: bytes) -> bytes:
    """Return a tarball of a good file and raw parts behind it."""
    good = tar_of([GOOD])
    end = good.rstrip(b"\0")
    blocks = end + b"\0" * (-len(end) % 512)
    return gzip.compress(blocks + b"".join(parts) + b"\0" * 1_024, 1)


def bomb(n: int) -> bytes:
    """Return a tarball with a file of so many zero bytes, without making them all at once."""
    packing = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    parts = [packing.compress(tar_of([GOOD]).rstrip(b"\0"))]
    info, _ = member("zeros.bin", size=n)
    start = len(tar_of([GOOD]).rstrip(b"\0"))
    parts.append(packing.compress(b"\0" * (-start % 512) + info.tobuf(tarfile.GNU_FORMAT)))
    parts += [packing.compress(bytes(1 << 20)) for _ in range(n >> 20)]
    return b"".join([*parts, packing.flush()])


def nested(n: int) -> bytes:
    """Return a tarball with headers that extend each other."""
    record = b"13 path=a.py\n"
    one = header(type=tarfile.XHDTYPE, size=len(record)) + record.ljust(512, b"\0")
    return body(one * n, header())


def damaged(data: bytes) -> bytes:
    """Return data with a byte changed near the end."""
    return data[:-6] + bytes([data[-6] ^ 1]) + data[-5:]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (lambda: bomb(100 << 20), "more than 200 times its size"),
    "another top folder first": (
        lambda: gzip.compress(_only(tarfile.TarInfo("evil/a.py"))),
        "its top folder is 'evil'",
    ),
    "the folder of another commit": (
        lambda: gzip.compress(_only(tarfile.TarInfo("acme-forge-fffffff/a.py"))),
        "its top folder is",
    ),
    "another commit": (lambda: packed(GOOD, of="f" * 40), "it is of another commit"),
    "a sparse file (GNU)": (lambda: body(header(type=tarfile.GNUTYPE_SPARSE)), "a sparse file"),
    "a sparse file (PAX)": (
        lambda: packed(
            member(
                "s.py",
                b"0\n".ljust(512, b"\0"),
                pax_headers={
                    "GNU.sparse.major": "1",
                    "GNU.sparse.minor": "0",
                    "GNU.sparse.name": "s.py",
                    "GNU.sparse.realsize": "1000000000000",
                },
            )
        ),
        "a sparse file",
    ),
    "a map of holes without end": (
        lambda: packed(
            member(
                "s.py",
                b"99999999\n" + b"1\n" * 900_000,
                pax_headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
            )
        ),
        "its headers are longer",
    ),
    "a size below nothing": (lambda: body(header(size=-512)), "longer than any path"),
    "a size below nothing (PAX)": (
        lambda: packed(member("x.py", pax_headers={"size": "-1024"})),
        "refused",
    ),
    "a header of a gigabyte": (
        lambda: body(header(type=tarfile.XHDTYPE, size=1 << 30)),
        "longer than any path",
    ),
    "a name of a gigabyte": (
        lambda: body(header(type=tarfile.GNUTYPE_LONGNAME, size=1 << 30)),
        "longer than any path",
    ),
    "headers in headers": (lambda: nested(5_000), "refused"),
    "a header with a wrong checksum": (lambda: body(b"x" * 512), "a broken header"),
    "something behind it": (lambda: packed(GOOD) + b"more", "something follows"),
    "a second archive behind it": (lambda: packed(GOOD) * 2, "something follows"),
    "a second archive in it": (
        lambda: gzip.compress(tar_of([GOOD]) + tar_of([GOOD])),
        "something follows",
    ),
}


def _only(info: tarfile.TarInfo) -> bytes:
    return info.tobuf() + b"\0" * 1_024


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_tarball_is_refused(kind: str) -> None:
    """In little memory and time, with the reason, and for good."""
    make, words = REFUSED[kind]
    data = make()
    started_s = time.monotonic()
    tracemalloc.start()
    with pytest.raises(TarballError, match=words) as told:
        for _ in opened(data).files():
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told.value.is_final
    assert peak < 10_000_000
    assert time.monotonic() - started_s < 20


BROKEN: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no gzip": lambda: b"<html><body>Unicorn!</body></html>",
    "half of it": lambda: (data := packed(GOOD, noise()))[: len(data) // 2],
    "all but the last byte": lambda: packed(GOOD, noise())[:-1],
    "a wrong checksum": lambda: damaged(packed(GOOD, noise())),
}


def noise() -> Member:
    """Return a file that cannot be packed."""
    return member("noise.bin", random.Random(0).randbytes(50_000))


@pytest.mark.parametrize("kind", BROKEN)
def test_a_tarball_that_breaks_off_may_be_asked_for_again(kind: str) -> None:
    """That is no fault of the project's."""
    with pytest.raises(TarballError) as told:
        dict(opened(BROKEN[kind]()).files())
    assert not told.value.is_final


def test_limits_are_kept() -> None:
    """Of members, and of bytes in all."""
    data = packed(*(member(f"{n}.py", b"x" * 600) for n in range(50)))
    for limits in (
        replace(TarballLimits(), members=20),
        replace(TarballLimits(), bytes=20_000),
        replace(TarballLimits(), ratio=2, free_bytes=1_000),
    ):
        with pytest.raises(TarballError, match=r"refused: it (has|unpacks to) more than"):
            dict(opened(data, limits).files())


def test_memory_stays_flat() -> None:
    """Of a hundred files of noise one is held at a time, and of none that nobody wants."""
    data = packed(
        *(member(f"{n}.py", os.urandom(90_000)) for n in range(100)),
        member("model.bin", os.urandom(5_000_000)),
    )
    tracemalloc.start()
    n = sum(len(content) for _, content in opened(data).files())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n == 9_000_000
    assert peak < 2_000_000


@settings(max_examples=60)
@given(st.binary(max_size=3_000), st.integers(0, 20), st.integers(0, 511))
def test_noise_is_refused_in_words(noise: bytes, at: int, byte: int) -> None:
    """Whatever comes, alone or inside an archive, there is an answer or an error of ours."""
    whole = bytearray(tar_of([GOOD, member("b.py", b"b" * 700)]))
    place = min(at * 512 + byte, len(whole))
    whole[place : place + len(noise)] = noise
    for data in (noise, gzip.compress(noise), gzip.compress(bytes(whole))):
        try:
            dict(opened(data).files())
        except TarballError as error:
            assert str(error)
