"""The index of a search as values that a page can hold: numbers in few bytes, these as base64.

Whole numbers take seven bits a byte, the lowest first; the highest bit says that more follow.
Words are sorted, and each begins with as many letters of the one before as its first sign says.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from insights.search.words import STOP_WORDS

if TYPE_CHECKING:
    from insights.search.index import Postings, SearchIndex

SCHEMA: Final = 1
"""Raised whenever the values are read in another way."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_MORE, _LOW = 0x80, 0x7F


def pack(index: SearchIndex) -> dict[str, Any]:
    """Return all of an index but its keys as JSON-compatible values."""
    known = np.packbits(index.meant >= 0, bitorder="little")
    return {
        "schema": SCHEMA,
        "n_documents": len(index.keys),
        "n_dims": index.documents.shape[1],
        "names": "\n".join(" ".join(names) for names in index.names),
        "words": _front_coded(index.words),
        "pairs": _text(_bytes_of(index.pairs.ravel().tolist())),
        "rarity": _text(index.rarity.tobytes()),
        "postings": _packed(index.postings),
        "grouped": _packed(index.grouped),
        "members": [_text(_bytes_of(_steps(each.tolist()))) for each in index.members],
        "documents": _text(index.documents.tobytes()),
        "known": _text(known.tobytes()),
        "meanings": _text(_halves(index.meanings)),
        "scales": index.scales.tolist(),
        "abbreviations": dict(sorted(index.abbreviations.items())),
        "told": dict(sorted(index.told.items())),
        "stop_words": " ".join(sorted(STOP_WORDS)),
        "weights": asdict(index.weights),
    }


def unpack(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of an index that `pack` gave the values of, by name."""
    from insights.search.index import Postings

    rarity = np.frombuffer(_raw(values["rarity"]), dtype=np.uint8)
    n_entries, n_dims = len(rarity), values["n_dims"]
    meant = np.full(n_entries, -1, dtype=np.int32)
    bits = np.frombuffer(_raw(values["known"]), dtype=np.uint8)
    known = np.unpackbits(bits, bitorder="little")[:n_entries].astype(bool)
    meant[known] = np.arange(known.sum())
    documents = np.frombuffer(_raw(values["documents"]), dtype=np.int8)
    names = values["names"].split("\n") if values["n_documents"] else []
    return {
        "names": tuple(tuple(each.split()) for each in names),
        "words": tuple(_words(values["words"])),
        "pairs": np.array(list(_numbers(_raw(values["pairs"]))), dtype=np.int32).reshape(-1, 2),
        "rarity": rarity,
        "postings": Postings(*_unpacked(values["postings"])),
        "grouped": Postings(*_unpacked(values["grouped"])),
        "members": tuple(
            np.cumsum(list(_numbers(_raw(each))), dtype=np.int32) for each in values["members"]
        ),
        "documents": documents.reshape(values["n_documents"], n_dims),
        "meant": meant,
        # An odd number of halves was filled up with one that means nothing.
        "meanings": _whole_bytes(_raw(values["meanings"]))[: known.sum() * n_dims].reshape(
            int(known.sum()), n_dims
        ),
        "scales": np.array(values["scales"], dtype=np.float64),
        "abbreviations": dict(values["abbreviations"]),
        "told": dict(values["told"]),
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _raw(text: str) -> bytes:
    return base64.b64decode(text)


def _bytes_of(numbers: Iterable[int]) -> bytes:
    found = bytearray()
    for number in numbers:
        while number > _LOW:
            found.append(number & _LOW | _MORE)
            number >>= 7
        found.append(number)
    return bytes(found)


def _numbers(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & _LOW) << shift
        shift += 7
        if byte < _MORE:
            yield number
            number = shift = 0


def _steps(ascending: list[int]) -> list[int]:
    """Return the first of ascending numbers, and how much larger each of the others is."""
    return [*ascending[:1], *(after - before for before, after in pairwise(ascending))]


def _packed(postings: Postings) -> dict[str, str]:
    lengths = np.diff(postings.starts).tolist()
    steps: list[int] = []
    for start, end in pairwise(postings.starts.tolist()):
        steps += _steps(postings.places[start:end].tolist())
    return {
        "lengths": _text(_bytes_of(lengths)),
        "places": _text(_bytes_of(steps)),
        "counts": _text(postings.counts.tobytes()),
    }


def _unpacked(
    values: Mapping[str, str],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
    lengths = np.array(list(_numbers(_raw(values["lengths"]))), dtype=np.int64)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    steps = np.array(list(_numbers(_raw(values["places"]))), dtype=np.int64)
    running = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(steps)])
    places = running[1:] - np.repeat(running[starts[:-1]], lengths)
    return starts, places.astype(np.int32), np.frombuffer(_raw(values["counts"]), dtype=np.uint8)


def _front_coded(words: Iterable[str]) -> str:
    coded, before = [], ""
    for word in words:
        same = 0
        for one, other in zip(before, word, strict=False):
            if one != other or same + 1 == len(_DIGITS):
                break
            same += 1
        coded.append(_DIGITS[same] + word[same:])
        before = word
    return " ".join(coded)


def _words(coded: str) -> Iterator[str]:
    before = ""
    for each in coded.split(" ") if coded else ():
        before = before[: _DIGITS.index(each[0])] + each[1:]
        yield before


def _halves(steps: NDArray[np.int8]) -> bytes:
    """Return numbers from -7 to 7 two a byte, the first in the lower half."""
    flat = (steps.ravel() + 8).astype(np.uint8)
    if len(flat) % 2:
        flat = np.append(flat, np.uint8(8))
    return bytes((flat[0::2] | (flat[1::2] << 4)).astype(np.uint8).tobytes())


def _whole_bytes(data: bytes) -> NDArray[np.int8]:
    halves = np.frombuffer(data, dtype=np.uint8)
    return np.stack([halves & 15, halves >> 4], axis=1).ravel().astype(np.int8) - np.int8(8)
