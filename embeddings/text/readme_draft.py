"""A block while it is gathered from the pieces that a parser gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from embeddings.text.readme_blocks import (
    LINK_CLOSE,
    LINK_OPEN,
    Block,
    BlockKind,
    Manner,
    is_badge,
    tidy,
    words,
)
from embeddings.text.readme_noise import told

_TASK = re.compile(r"\A\s*\[[ xX]\]\s")
# GitHub's alerts, and the footnotes of Markdown: their marks are no words, their prose is.
_MARK = re.compile(r"\A\s*\[!\w{2,20}\][+-]?|\[\^[^\]\s]{1,40}\]:?")
_STRESSED_SHARE = 0.9


@dataclass
class BlockDraft:
    """The pieces of one block, and what was seen among them.

    Parameters
    ----------
    kind, level, manner
        As of `Block`; what is all in bold or italics is set apart too.
    """

    kind: BlockKind = "prose"
    level: int = 0
    manner: Manner = "plain"
    parts: list[str] = field(default_factory=list)
    n_links: int = 0
    n_images: int = 0
    n_badges: int = 0
    n_stressed: int = 0

    def add(self, text: str, *, stressed: bool = False) -> None:
        """Add words; a line break in them ends a line as it was written."""
        self.parts.append(text)
        self.n_stressed += len(text.strip()) if stressed else 0

    def open_link(self) -> None:
        """Begin the words of a link."""
        self.n_links += 1
        self.parts.append(LINK_OPEN)

    def close_link(self) -> None:
        """End the words of a link."""
        self.parts.append(LINK_CLOSE)

    def add_image(self, address: str) -> None:
        """Count an image."""
        self.n_images += 1
        self.n_badges += is_badge(address)

    def is_empty(self) -> bool:
        """Return whether nothing has been added that a block would show or count."""
        seen = "".join(self.parts).strip(f" \n{LINK_OPEN}{LINK_CLOSE}")
        return not (self.n_links or self.n_images or seen)

    def block(self) -> Block:
        """Return the block; prose without words keeps only its images and links."""
        marked = _MARK.sub("", _TASK.sub("", "".join(self.parts)))
        text = tidy(marked.replace(LINK_OPEN, "").replace(LINK_CLOSE, ""))
        kind: BlockKind = self.kind
        if kind in ("prose", "item") and not words(text):
            kind = "figures"
        is_stressed = self.n_stressed >= _STRESSED_SHARE * len(text) > 0
        is_prose = kind in ("prose", "item")
        kept = told(marked) if is_prose else ""
        return Block(
            kind,
            "" if kind in ("contents", "figures") else text,
            self.level,
            self.n_links,
            self.n_images,
            self.n_badges,
            tidy(kept.replace(LINK_OPEN, "").replace(LINK_CLOSE, "")) if kept != marked else text,
            "apart" if is_stressed and self.manner == "plain" else self.manner,
        )
