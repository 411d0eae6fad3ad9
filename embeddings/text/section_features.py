"""What is measured on a README's section to tell whether it says what the project is, or why."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from embeddings.text.readme import Section
from embeddings.text.readme_blocks import words

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


def squeeze(text: str) -> str:
    """Return the letters and digits of ``text`` in lower case, nothing between them."""
    return "".join(character for character in text.lower() if character.isalnum())


def heading_groups(heading: str) -> dict[str, float]:
    """Return for each group of heading words whether ``heading`` has one of them (1 or 0)."""
    return {name: float(bool(found.search(heading))) for name, found in _HEADINGS.items()}


def section_features(sections: Sequence[Section], name: str) -> list[dict[str, float]]:
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
    found = []
    for i, section in enumerate(sections):
        while ancestors and sections[ancestors[-1]].level >= max(section.level, _HIGHEST):
            ancestors.pop()
        row = _heading_features(section, groups[i], name)
        row |= places[i]
        row |= _ancestor_features(groups, ancestors)
        row |= _body_features(section)
        row |= _cue_features(section, name)
        row |= _joint_features(row)
        found.append(row)
        if section.level != _NO_LEVEL:
            ancestors.append(i)
    return found


def _heading_features(section: Section, groups: dict[str, float], name: str) -> dict[str, float]:
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


def _place_features(sections: Sequence[Section]) -> list[dict[str, float]]:
    levels = [section.level for section in sections if section.level]
    top = min(levels, default=1)
    is_only_top = levels.count(top) == 1
    found, n_headed = [], 0
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
        found.append(row)
    return found


def _ancestor_features(groups: list[dict[str, float]], ancestors: list[int]) -> dict[str, float]:
    return {
        f"under_{group}": float(any(groups[j][group] for j in ancestors[-2:]))
        for group in _ANCESTOR_GROUPS
    }


def _body_features(section: Section) -> dict[str, float]:
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


def _cue_features(section: Section, name: str) -> dict[str, float]:
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
