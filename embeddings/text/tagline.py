"""The tagline of a README: the line near its top that says in few words what the project is.

People put it behind the name (``# Flower: A Friendly Federated AI Framework``), in a heading below
the name, or in a line set apart by bold, slanted, quoted or centred letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from embeddings.text.readme import Readme, ReadmeSection
from embeddings.text.readme_blocks import DENSE, words
from embeddings.text.readme_noise import is_aside, is_label, told
from embeddings.text.sections import squeeze

_MAX_WORDS, _MAX_CHARS = 30, 240
_MIN_WORDS_BEHIND_NAME, _MIN_WORDS, _MIN_HEADING_WORDS = 2, 3, 4
_MAX_PLAIN_WORDS = 20
_MAX_HERO_SECTIONS = 7
_BEHIND_NAME = re.compile(
    r"(?P<name>[^:|–—]{1,60}?)(?:\s*[:|–—]\s*|\s+-{1,3}\s+|(?P<comma>,\s+)(?=an?\s|the\s)|"
    r"\s*~\s+)(?P<said>\S.*)"
)
_EXPANDED = re.compile(r"(?P<name>[^()]{1,60}?)\s*\((?P<said>[^()]{10,})\)\W*")
# What a project is not, but a page, a version, a part or a state of it.
_NO_TAGLINE = re.compile(
    r"\W*(?:welcome|hello|hi\b|table of|contents|notice|compatible with|supports?\b|works with|"
    r"read ?me|documentation|official|the official|"
    r"copyright|licen[cs]ed?\b|dual-licensed|version|v?\d+[.\d]*\W*\Z|release|news|new\b|update|"
    r"note|warning|"
    r"important|attention|deprecat|archived|moved|unmaintained|work in progress|wip\b|coming soon|"
    r"todo|usage|use\b|using|install|setup|set up|getting|get started|quick|how to|how do|why\b|"
    r"what'?s|what is|what are|"
    r"when\b|who\b|where\b|running|run (?:it|the|tests?|this|with|from)\b|building\b|build status|"
    r"develop(?:ment|ing)\b|contribut|example|demo|"
    r"screenshot|features?\b|requirements?|prerequisites|changelog|faq|sponsor|trusted|"
    r"used by|powered|"
    r"click|check|see\b|visit|join|follow|star\b|please|try\b|watch|read\b|thanks|made with|"
    r"built with|author|by\s|"
    r"maintained|this (?:repo(?:sitory)?|page|document|file|branch) (?:has|is no|was|"
    r"is (?:deprecated|archived))|"
    r"if you|we are|we're|looking for|need help|part \d|step \d|chapter \d)",
    re.IGNORECASE,
)
_NO_SENTENCE = re.compile(
    r".*(?:\s[|·•]\s|\b(?:discord|slack|wechat|twitter|telegram)\b)|.*\b(?:on|at|in|by|with|for|"
    r"our)\W*\Z",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z])")


def tagline(readme: Readme, name: str) -> str | None:
    """Return the tagline of a README, or None where it has none.

    Parameters
    ----------
    readme
        The parsed README.
    name
        The repository's name without its owner.
    """
    for candidate in _candidates(readme.sections, name):
        plain = candidate.strip(' -–—:|,;*_~"“”')
        n_words = _n_words(plain)
        if _MIN_WORDS_BEHIND_NAME <= n_words <= _MAX_WORDS and len(plain) <= _MAX_CHARS:
            return plain
    return None


def _candidates(sections: tuple[ReadmeSection, ...], name: str) -> Iterator[str]:
    """Yield what may be the tagline, the likeliest first."""
    hero = list(_hero(sections))
    headed = [section for section in hero if section.heading]
    if headed and (behind := _behind_name(headed[0].heading, name)):
        yield behind
    top = [section for section in hero if not section.heading] + headed[:1]
    yield from (section.lead for section in top if _may_be_tagline(section.lead, _MIN_WORDS))
    if not any(section.told for section in headed[:1]):
        yield from (s.heading for s in headed[1:] if _is_hero_heading(s.heading))
    for section in top:
        first = section.opening
        is_short = _n_words(first) <= _MAX_PLAIN_WORDS and not _SENTENCE_END.search(first)
        if is_short and not first.endswith(":") and _may_be_tagline(first, _MIN_HEADING_WORDS):
            yield first


def _hero(sections: tuple[ReadmeSection, ...]) -> Iterator[ReadmeSection]:
    """Yield the sections at the top: the title's, and those below it that only hold its lines."""
    seen_title = False
    for section in sections[:_MAX_HERO_SECTIONS]:
        is_headed = bool(words(section.heading))
        is_ordinary = is_headed and section.told and not _is_hero_heading(section.heading)
        if seen_title and (section.n_code or is_ordinary):
            return
        is_section = bool(section.told) or section.n_code > 0
        if not seen_title and is_section and _NO_TAGLINE.match(section.heading):
            return
        yield section
        seen_title = seen_title or is_headed


def _is_hero_heading(heading: str) -> bool:
    is_step = heading[:1].isdigit() and not heading[:3].strip("0123456789+").strip().isalpha()
    return not (is_step or is_aside(heading)) and _may_be_tagline(heading, _MIN_HEADING_WORDS)


def _behind_name(heading: str, name: str) -> str | None:
    """Return what a title says behind the project's name, or as a sentence about it."""
    bare = squeeze(name)
    for pattern in (_BEHIND_NAME, _EXPANDED):
        match = pattern.fullmatch(heading)
        if match is None:
            continue
        head, sentence = squeeze(match["name"]), match["said"]
        is_named = bool(head) and (head in bare or bare in head)
        if not is_named and match.groupdict().get("comma"):
            continue
        if _may_be_tagline(sentence, _MIN_WORDS_BEHIND_NAME if is_named else _MIN_WORDS):
            return sentence
    is_named = bare in squeeze(heading)
    goes_on = squeeze(heading).startswith(bare) or not is_named
    is_long = _n_words(heading) >= _MIN_HEADING_WORDS + is_named
    return heading if is_long and goes_on and _may_be_tagline(heading, _MIN_HEADING_WORDS) else None


def _may_be_tagline(text: str, min_words: int) -> bool:
    """Return whether ``text`` may say what a project is, as far as its own words tell."""
    if _n_words(text) < min_words or is_label(text) or text.endswith("?"):
        return False
    if _NO_TAGLINE.match(text) or _NO_SENTENCE.match(text):
        return False
    return told(text) == text


def _n_words(text: str) -> int:
    return len(words(text)) + len(DENSE.findall(text)) // 2
