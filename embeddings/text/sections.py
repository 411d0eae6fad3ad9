"""Which sections of a README say what the project is, or why one would want it.

A logistic regression over what is measured on each section (`section_features`); its coefficients
stand in ``sections.json``, made and evaluated by ``benchmarks/readme_sections.py``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from artifacts.hashing import hash_bytes
from embeddings.text.readme import Readme, ReadmeSection
from embeddings.text.readme_blocks import words
from embeddings.text.readme_noise import is_aside

WEIGHTS_FILE = Path(__file__).with_name("sections.json")

# Groups of words that headings are made of. English: the sections that people coded are English.
_HEADING_GROUPS = {
    "about": r"about|over-?view|introduction|intro|description|summary|what is|what'?s|background|"
    r"synopsis|abstract|purpose|goals?|objectives?|concepts?|basics|idea",
    "why": r"why|motivation|rationale|benefits?|advantages?|philosophy|compar\w+|vs|differen\w+|"
    r"reasons?|principles",
    "features": r"features?|highlights?|capabilit\w+|functionalit\w+|what (?:it|does)|includ\w+|"
    r"contents?|specs|specifications?|components?|architecture|structure|modules?|packages",
    "works": r"how (?:it|does|do)\b.*\bworks?|how it|internals?|design|implementation|algorithms?",
    "install": r"install\w*|set-?up|download\w*|deploy\w*|upgrad\w*|updat\w*|prerequisites?|"
    r"requirements?|depend\w+|compatib\w+|supported|platforms?|environment|docker|npm|pip|"
    r"linux|ubuntu|windows|mac|os ?x|bower|composer|maven|gradle|cocoapods|carthage",
    "usage": r"us(?:age|e|ing|es)|how to|examples?|quick ?-?start|get\w* started|started|"
    r"tutorial\w*|guides?|walk-?through|run\w*|start\w*|demos?|samples?|instructions?|steps?|exercises?|"
    r"commands?|cli|first|simple|basic|advanced|adding|creat\w+|generat\w+|recipes?|workflow",
    "config": r"config\w*|options?|settings?|parameters?|arguments?|variables?|customi\w+|"
    r"defaults?|flags?|properties|props|attributes?|permissions?|files?|format|data",
    "api": r"api|methods?|functions?|class(?:es)?|events?|endpoints?|routes?|interface|callbacks?|"
    r"references?|docs?|documentation|manual|wiki|params?|returns?|types?|objects?",
    "legal": r"licen[cs]\w*|copyright|legal|disclaimer|warranty|trademark",
    "contribute": r"contribut\w+|pull requests?|code of conduct|hacking|patches|coding|style",
    "people": r"authors?|maintainers?|credits?|team|contacts?|acknowledge?ments?|thanks|sponsors?|"
    r"who|contributors?|people|staff|donat\w+|copyright",
    "history": r"change-?log|changes|versions?|releases?|history|news|road-?map|to-?do|status|"
    r"milestones?|deprecat\w+|notes?|v?\d+\.\d+[\w.]*|known|limitations?|future|plans?|"
    r"what'?s new|upcoming|current",
    "develop": r"build\w*|test\w*|develop\w*|compil\w+|debug\w*|travis|ci|continuous|lint\w*|"
    r"source",
    "support": r"support|help|communit\w+|faqs?|questions?|troubleshoot\w*|issues?|bugs?|"
    r"problems?|chat|mailing|discuss\w*|feedback|reporting|tips|security",
    "links": r"links?|resources?|see also|related|further|reading|more|articles?|papers?|blog|"
    r"citation|citing|bibliography|other|similar|projects|showcase|plugins|alternatives|"
    r"tools|screenshots?|screencasts?|videos?|examples?",
}
_HEADINGS = {
    name: re.compile(rf"(?:^|[^\w])(?:{pattern})(?:$|[^\w])", re.IGNORECASE)
    for name, pattern in _HEADING_GROUPS.items()
}
_START = r"(?:^|[.!:]\s+|\n)\s*"
_KIND = (
    r"(?:project|repositor\w+|repo|package|library|module|plugin|tool|app\w*|framework|"
    r"extension|script\w*|program|gem|software|code|component|service|collection|implementation|"
    r"wrapper|client|server|website|site|system|platform|toolkit|api|bot|game|engine|fork|"
    r"template|theme|sdk|utility|bundle|boilerplate|driver|parser|generator|set|list)"
)
_CUES = {
    "is_a": r"\b(?:is|are|was) (?:an?|the|our|my)\b",
    "is_a_kind": rf"\b(?:is|are|provides?|an?) (?:\S+ ){{0,6}}{_KIND}\b",
    "this_kind": rf"\bth(?:is|ese) {_KIND}\b",
    "lets_you": r"\b(?:lets?|allow(?:s|ing)?|enabl(?:es?|ing)|help(?:s|ing)?|mak(?:es?|ing)) "
    r"(?:\S+ ){0,3}\w+",
    "provides": r"\b(?:provid|support|offer|implement|includ|contain|featur|creat|perform|handl)"
    r"(?:es|s|e)\b",
    "aims": r"\b(?:aims?|goals?|purpose|intended|designed|meant|created|written|built|developed|"
    r"based|inspired|motivat\w+)\b",
    "contrast": r"\b(?:unlike|instead of|rather than|compared|alternative|better|problem|because|"
    r"however|without|why|advantages?|benefits?|no longer|avoid\w*|hard|difficult|tedious)\b",
    "praise": r"\b(?:easy|easily|easier|fast|faster|simple|simply|lightweight|light|powerful|"
    r"flexible|modern|robust|efficient|small|tiny|minimal\w*|clean|elegant|beautiful|extensible)\b",
    "instruct": rf"{_START}(?:please|then|now|next|first|finally|run|install|click|open|download|"
    r"clone|add|create|set|make sure|execute|copy|go to|edit|use|include|import|type|"
    r"navigate|start|call|check|replace|select|enter|change|put|build|configure|modify|"
    r"ensure|note|see|if|once|after|when|to)\b",
    "you_need": r"\b(?:you(?:'ll| will| must| should| have to)? (?:need|must|should|have to|want)|"
    r"requires?|required|following|below|above)\b",
    "you_can": r"\byou can\b",
    "contribute": r"\b(?:pull requests?|contribut\w+|fork(?:ed)? (?:it|the)|bug reports?|"
    r"issues?)\b",
    "legal": r"\b(?:licen[cs]ed?|copyright|apache|gpl|bsd|mit)\b",
    "refer": r"\b(?:see|refer|documentation|docs|read|wiki|website|here|link|more information)\b",
    "people": r"\b(?:thanks|author|twitter|e-?mail|contact|maintain\w+|created by|developed by)\b",
    "version": r"\bv?\d+\.\d+(?:\.\d+)?\b",
    "default": r"\b(?:default|returns?|values?|parameters?|options?|optional|true|false|null|"
    r"string|object|function|method|boolean|array|argument)\b",
    "we": r"\b(?:we|our|us|i|my)\b",
}
_CUE_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _CUES.items()}
_CODE_LIKE = re.compile(r"[(){}<>=/$]|\w[._]\w|\b[a-z]+[A-Z]\w|--?\w+")
_LEADING_NUMBER = re.compile(r"\W*(?:\d|step\b|part\b)", re.IGNORECASE)
_HIGHEST, _NO_LEVEL = 1, 0
_ANCESTOR_GROUPS = ("about", "why", "features", "install", "usage", "config", "api", "history")
_WORD_EDGES = (1, 8, 20, 50, 120)
_MAX_CUE_CHARS = 3000


class SectionModel(BaseModel):
    """Coefficients over named features, and the probability from which a section is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str
    weights: dict[str, float]
    intercept: float
    threshold: float
    training: dict[str, Any]

    def probability(self, features: dict[str, float]) -> float:
        """Return the probability, in [0, 1], that a section with ``features`` says what or why."""
        total = self.intercept + math.fsum(
            weight * features[name] for name, weight in self.weights.items()
        )
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


@lru_cache(maxsize=1)
def section_model() -> SectionModel:
    """Return the coefficients that this package carries."""
    return SectionModel.model_validate(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))


def section_model_hash() -> str:
    """Return the SHA-256 of the coefficients, for the keys of what depends on them."""
    return hash_bytes(WEIGHTS_FILE.read_bytes())


def section_probabilities(readme: Readme, name: str) -> list[float]:
    """Return for each section of ``readme`` the probability that it says what or why.

    Parameters
    ----------
    readme
        The parsed README.
    name
        The repository's name without its owner.
    """
    model = section_model()
    return [model.probability(row) for row in section_features(readme.sections, name)]


def informative_sections(readme: Readme, name: str) -> list[ReadmeSection]:
    """Return the sections that say what the project is or why one would want it, in reading order.

    What stands before the first heading is the introduction and always belongs to them; what
    stands below a heading such as "News" or "X vs Y" never does. Where no section that tells
    something is likely enough, the likeliest one is returned.
    """
    probabilities = section_probabilities(readme, name)
    asides = _asides(readme.sections)
    telling = [i for i, s in enumerate(readme.sections) if words(s.told) and i not in asides]
    threshold = section_model().threshold
    chosen = [i for i in telling if readme.sections[i].level == 0 or probabilities[i] >= threshold]
    if not chosen and telling:
        chosen = [max(telling, key=lambda i: (probabilities[i], -i))]
    return [readme.sections[i] for i in chosen]


def _asides(sections: Sequence[ReadmeSection]) -> set[int]:
    """Return the places of the sections below headings that are beside the point.

    The first heading is the title, whatever it says.
    """
    places: set[int] = set()
    level, seen_title = 0, False
    for i, section in enumerate(sections):
        if level and (section.level > level or not section.level):
            places.add(i)
            continue
        level = section.level if seen_title and is_aside(section.heading) else 0
        seen_title = seen_title or bool(section.heading)
        if level:
            places.add(i)
    return places


def readme_text(readme: Readme, name: str, *, max_chars: int) -> tuple[str, bool]:
    """Return the informative prose of ``readme``, introduction first, and whether it was cut.

    Parameters
    ----------
    readme
        The parsed README.
    name
        The repository's name without its owner.
    max_chars
        What is longer is cut at the end of a word.
    """
    seen: set[str] = set()
    lines: list[str] = []
    for section in informative_sections(readme, name):
        for line in section.told.split("\n"):
            if line not in seen:
                seen.add(line)
                lines.append(line)
    return cut("\n".join(lines), max_chars)


def cut(text: str, max_chars: int) -> tuple[str, bool]:
    """Return ``text`` cut to ``max_chars`` characters at a word, and whether any were lost."""
    if len(text) <= max_chars:
        return text, False
    head = text[: max_chars + 1]
    spaces = max(head.rfind(" "), head.rfind("\n"))
    return (head[:spaces] if spaces > max_chars // 2 else head[:max_chars]).rstrip(), True


def squeeze(text: str) -> str:
    """Return the letters and digits of ``text`` in lower case, nothing between them."""
    return "".join(character for character in text.lower() if character.isalnum())


def heading_groups(heading: str) -> dict[str, float]:
    """Return for each group of heading words whether ``heading`` has one of them (1 or 0)."""
    return {name: float(bool(pattern.search(heading))) for name, pattern in _HEADINGS.items()}


def section_features(sections: Sequence[ReadmeSection], name: str) -> list[dict[str, float]]:
    """Return the features of each section of one README, the same names in the same order.

    Parameters
    ----------
    sections
        All sections of the README, in reading order.
    name
        The repository's name without its owner.
    """
    groups = [heading_groups(section.heading) for section in sections]
    places = _place_features(sections)
    ancestors: list[int] = []
    features = []
    for i, section in enumerate(sections):
        while ancestors and sections[ancestors[-1]].level >= max(section.level, _HIGHEST):
            ancestors.pop()
        row = _heading_features(section, groups[i], name)
        row |= places[i]
        row |= _ancestor_features(groups, ancestors)
        row |= _body_features(section)
        row |= _cue_features(section, name)
        row |= _joint_features(row)
        features.append(row)
        if section.level != _NO_LEVEL:
            ancestors.append(i)
    return features


def _heading_features(
    section: ReadmeSection, groups: dict[str, float], name: str
) -> dict[str, float]:
    heading = section.heading
    n_words = len(words(heading))
    whole, bare = squeeze(heading), squeeze(name)
    named = bool(bare) and bare in whole
    return {
        **{f"heading_{group}": value for group, value in groups.items()},
        "heading_unknown": float(not any(groups.values())),
        "heading_is_name": float(named and len(whole) <= len(bare) + 3),
        "heading_has_name": float(named),
        "heading_in_name": float(len(whole) > 3 and whole in bare),
        "heading_one_word": float(n_words <= 1),
        "heading_long": float(n_words >= 5),
        "heading_question": float(heading.rstrip().endswith("?")),
        "heading_code": float(bool(_CODE_LIKE.search(heading))),
        "heading_number": float(bool(_LEADING_NUMBER.match(heading))),
        "heading_capitals": float(heading.isupper() and n_words > 1),
    }


def _place_features(sections: Sequence[ReadmeSection]) -> list[dict[str, float]]:
    levels = [section.level for section in sections if section.level]
    top = min(levels, default=1)
    is_only_top = levels.count(top) == 1
    features, n_headed = [], 0
    for i, section in enumerate(sections):
        rank = n_headed if section.level else 0
        n_headed += section.level > 0
        row = {
            "place_first": float(rank == 0),
            "place_second": float(rank == 1),
            "place_third": float(rank == 2),
            "place_log": math.log1p(rank),
            "place_relative": rank / max(1, len(levels) - 1),
            "place_last": float(i == len(sections) - 1),
            "place_many": math.log1p(len(levels)),
            "place_alone": float(len(levels) <= 1),
            "level_top": float(section.level == top),
            "level_below": float(max(0, section.level - top)),
            "level_deep": float(section.level >= 4),
            "has_children": float(any(s.level > section.level for s in sections[i + 1 : i + 2])),
            "only_top": float(section.level == top and is_only_top),
        }
        features.append(row)
    return features


def _ancestor_features(groups: list[dict[str, float]], ancestors: list[int]) -> dict[str, float]:
    return {
        f"under_{group}": float(any(groups[j][group] for j in ancestors[-2:]))
        for group in _ANCESTOR_GROUPS
    }


def _body_features(section: ReadmeSection) -> dict[str, float]:
    n = section.n_words
    return {
        **{f"words_{edge}": float(n >= edge) for edge in _WORD_EDGES},
        "items_share": section.n_item_words / n if n else 0.0,
        "has_items": float(section.n_items >= 3),
        "has_code": float(section.n_code > 0),
        "code_share": section.n_code * 20 / (section.n_code * 20 + n) if section.n_code else 0.0,
        "links_share": min(1.0, section.n_links * 5 / n) if n else float(section.n_links > 0),
        "has_image": float(section.n_images > section.n_badges),
        "has_badge": float(section.n_badges > 0),
        "has_table": float(section.n_tables > 0),
    }


def _cue_features(section: ReadmeSection, name: str) -> dict[str, float]:
    prose = section.prose[:_MAX_CUE_CHARS]
    scale = math.log1p(max(section.n_words, 1))
    row = {}
    for cue, pattern in _CUE_PATTERNS.items():
        row[f"cue_{cue}"] = min(1.0, math.log1p(len(pattern.findall(prose))) / scale)
    opening = prose[:160]
    bare = squeeze(name)
    return {
        **row,
        "opens_is_a": float(bool(_CUE_PATTERNS["is_a"].search(opening))),
        "opens_this": float(bool(_CUE_PATTERNS["this_kind"].search(opening))),
        "opens_with_article": float(bool(re.match(r"\W*(?:an?|the)\s", opening, re.IGNORECASE))),
        "opens_instruct": float(bool(_CUE_PATTERNS["instruct"].match(opening))),
        "opens_with_name": float(len(bare) > 2 and squeeze(opening[:60]).startswith(bare)),
        "says_name": float(len(bare) > 2 and bare in squeeze(prose)),
    }


def _joint_features(row: dict[str, float]) -> dict[str, float]:
    """Return products that a linear model cannot make by itself."""
    wordy, first = row["words_8"], row["place_first"]
    early = 1.0 - row["place_relative"]
    return {
        "first_and_words": first * wordy,
        "first_and_code": first * row["has_code"],
        "first_and_is_a": first * row["opens_is_a"],
        "first_and_unknown": first * row["heading_unknown"],
        "unknown_and_items": row["heading_unknown"] * row["has_items"],
        "unknown_and_early": row["heading_unknown"] * early,
        "unknown_and_below": row["heading_unknown"] * row["level_below"],
        "unknown_no_code": row["heading_unknown"] * wordy * (1.0 - row["has_code"]),
        "second_and_words": row["place_second"] * wordy,
        "second_and_unknown": row["place_second"] * row["heading_unknown"] * wordy,
        "empty_with_children": row["has_children"] * (1.0 - row["words_1"]),
        "features_and_items": row["heading_features"] * row["has_items"],
        "about_and_words": row["heading_about"] * wordy,
        "top_and_early": row["level_top"] * early,
    }
