"""Rows of navigation and of languages in a README, told from lists that say something.

Text is as `embeddings.text.readme_draft` gathers it: its links are marked.
"""

from __future__ import annotations

import re

from embeddings.text.readme_blocks import (
    ADDRESS,
    LINK_CLOSE,
    LINK_OPEN,
    SHORTCODE,
    has_address,
    words,
)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAX_ROW_CHARS, _MAX_LABEL_WORDS, _MAX_FREE_WORDS = 600, 5, 2
_LINK = re.compile(f"{LINK_OPEN}[^{LINK_OPEN}{LINK_CLOSE}]*{LINK_CLOSE}")
_BETWEEN = re.compile(r"[|•·∙・｜¦▪◆●⋅]|(?<=\s)[-–—/:~]+(?=\s)")
_LABEL_WORDS = _set(
    """
    about academy announcement announcements api arxiv article benchmark benchmarks blog bluesky
    bug bugs changelog chat citation cite cloud code colab community contact contribute
    contributing contributors cookbook course demo demos developers discord discussion
    discussions doc docs documentation donate download downloads email enterprise events example
    examples facebook faq features feedback forum forums gallery getting github gitter guide
    guides handbook help home homepage hub huggingface install installation instagram issue
    issues jobs learn leaderboard license linkedin mail manual mastodon matrix medium modelscope
    models newsletter news npm overview paper papers playground podcast pricing project pypi qq
    quick quickstart readme reddit reference release releases report request research roadmap
    sdk security showcase site slack slides source space spaces sponsor sponsors stackoverflow
    start started summit support talk talks team telegram tutorial tutorials tweet twitter usage
    video videos web webpage website wechat weibo wiki x youtube zhihu zulip
    文档 主页 官网 论文 博客 教程 快速开始 微信
    """
)
_SMALL_WORDS = _set(
    """
    a all and as at for full here in is it latest more now of official on online or our read see
    stable the this to try us user view with your join follow check out
    """
)
_LANGUAGES = _set(
    """
    english chinese japanese korean spanish french german portuguese
    russian italian turkish arabic hindi vietnamese ukrainian polish
    dutch indonesian thai persian farsi hebrew czech swedish 中文 简体中文
    繁體中文 繁体中文 正體中文 中文版 中文文档 中文说明 英文 日本語 한국어 español castellano lengua
    española français deutsch deutsche português portugues русский
    italiano türkçe العربية हिन्दी tiếng việt українська polski
    nederlands bahasa indonesia ไทย ภาษาไทย فارسی עברית čeština
    svenska läs på ελληνικά magyar română suomi dansk norsk català
    বাংলা தமிழ் en zh cn zh-cn zh-tw ja jp ko kr es fr de pt pt-br ru
    it tr vi uk
    """
)
_LANGUAGE_EXTRAS = _set("readme version simplified traditional brasil brazilian docs in")


def is_row(text: str, *, is_line: bool = False) -> bool:
    """Return whether ``text`` is a row of navigation, or of the languages a page is in.

    Its labels are short and stand between bars, dots or links. Of labels in links at least one in
    three must be known (docs, blog, quick start …), else all; known languages need no links. A
    line of a paragraph may by chance hold a single link, so that it needs two labels.
    """
    if len(text) > _MAX_ROW_CHARS:
        return False
    leads = has_address(text)
    text = SHORTCODE.sub(" ", ADDRESS.sub(" ", text))
    linked = [found[0] for found in _LINK.finditer(text)]
    around = _LINK.sub("|", text)
    free = [label for part in _BETWEEN.split(around) if (label := words(part))]
    inside = [label for part in linked for piece in _BETWEEN.split(part) if (label := words(piece))]
    labels = free + inside
    if not labels or max(map(len, labels)) > _MAX_LABEL_WORDS:
        return False
    n_languages = sum(map(_is_language, labels))
    if n_languages >= max(2, 0.6 * len(labels)) or (linked and n_languages == len(labels)):
        return True
    if len(labels) == 1 and is_line:
        return False
    if len(labels) == 1:
        return (bool(linked) or leads) and _is_known(labels[0], whole=True)
    n_known = n_languages + sum(map(_is_known, labels))
    if len(inside) >= 2 and 2 * len(free) <= len(inside) and "," not in around:
        return 3 * n_known >= len(labels)
    return n_known >= len(labels) and (bool(linked) or bool(_BETWEEN.search(text)))


def _is_language(label: list[str]) -> bool:
    lower = [word.lower() for word in label]
    return any(word in _LANGUAGES for word in lower) and all(
        word in _LANGUAGES or word in _LANGUAGE_EXTRAS for word in lower
    )


def _is_known(label: list[str], *, whole: bool = False) -> bool:
    """Return whether a label is of those that rows hold; a long one must be so word for word."""
    lower = [word.lower() for word in label]
    known = [word in _LABEL_WORDS for word in lower]
    if whole or len(label) > _MAX_FREE_WORDS:
        known_or_small = (word in _LABEL_WORDS | _SMALL_WORDS for word in lower)
        return any(known) and all(known_or_small)
    return any(known) and not _is_language(label)
