"""Blocks: the flat form to which Markdown, reStructuredText and HTML are brought."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from artifacts.visible import SURROGATES
from embeddings.text.words import normal

BlockKind = Literal["heading", "prose", "item", "code", "table", "contents", "figures"]
Manner = Literal["plain", "apart", "alert"]

LINK_OPEN, LINK_CLOSE = "\x0e", "\x0f"
"""What stands around the words of a link while a block is gathered."""

ADDRESS = re.compile(
    r"(?:https?://|ftp://|file://|www\.)[^\s<>\"'`\x0e\x0f]+|data:,|[\w.+-]{1,64}@[\w-]{1,64}\.\w{2,}",
    re.IGNORECASE,
)
# Base64, digests and minified code; no chain of words (a-b_c) that people write.
_NO_WORDS = re.compile(
    r"[A-Za-z0-9+/_=-]{120,}|[!-~]{400,}|(?<![\w-])[0-9a-f]{32,}(?![\w-])|"
    r"(?<![\w+/=-])(?=[A-Z0-9+/=]{0,99}[a-z])(?=[a-z0-9+/=]{0,99}[A-Z])(?=[A-Za-z+/=]{0,99}\d)"
    r"[A-Za-z0-9+/=]{48,}(?![\w-])"
)
SHORTCODE = re.compile(r"(?<![\w:]):(?=[a-z0-9_+-]{0,40}[a-z])[a-z0-9_+-]{2,40}:(?![\w:])")
_PICTURES = (
    "\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff"
    "\u20e3\ufe0e\ufe0f\U000e0020-\U000e007f"
)
_EMOJI = re.compile(f"[{_PICTURES}][{_PICTURES}\u200d]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b]")
DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
"""Signs of scripts without spaces: two of them say about as much as a word."""
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+(?:['’.+#-][^\W_]+)*")
_BADGE = re.compile(
    r"shields\.io|badge|travis-ci|codecov|coveralls|circleci|appveyor|readthedocs\.org/projects|"
    r"actions/workflows|img\.io|david-dm|codeclimate|pepy\.tech|gitter\.im|zenodo\.org",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Block:
    """One heading, paragraph, list item, code block or table of a page, in reading order.

    Parameters
    ----------
    kind
        What it is; ``contents`` is an entry of a table of contents, ``figures`` only carries
        the images of a paragraph that has no words.
    text
        Its words; always empty for code, tables, contents and figures, so that none can leak.
    told
        Of prose and items: the text without what only leads elsewhere or ages.
    manner
        How it is set: ``apart`` is all bold, slanted, quoted or centred; ``alert`` is a note, a tip
        or a warning as GitHub frames them.
    level
        Of a heading: 1 (highest) to 6.
    n_links, n_images, n_badges
        How many of these it holds; a badge is an image too.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    n_links: int = 0
    n_images: int = 0
    n_badges: int = 0
    told: str = ""
    manner: Manner = "plain"


def replace_undecodable(text: str) -> tuple[str, bool]:
    """Return ``text`` with lone surrogates as U+FFFD, and whether it holds any U+FFFD."""
    text = SURROGATES.sub("\ufffd", text)
    return text, "\ufffd" in text


def tidy(text: str) -> str:
    """Return ``text`` on one line: no addresses, encoded data, emoji, or control characters."""
    text = normal(_CONTROL.sub(" ", text)).replace("\ufffd", " ")
    text = _NO_WORDS.sub(" ", ADDRESS.sub(" ", text))
    text = _EMOJI.sub(" ", SHORTCODE.sub(" ", text))
    return _SPACE.sub(" ", text).strip()


def has_address(text: str) -> bool:
    """Return whether ``text`` holds the address of a page or of a mailbox."""
    return ADDRESS.search(text) is not None


def words(text: str) -> list[str]:
    """Return the words of ``text`` as written."""
    return _WORD.findall(text)


def word_set(text: str) -> frozenset[str]:
    """Return what stands between the spaces of ``text``."""
    return frozenset(text.split())


def is_badge(address: str) -> bool:
    """Return whether an image's address looks like that of a badge."""
    return _BADGE.search(address) is not None
