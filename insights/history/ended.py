"""Whether a README announces the end of its project: that it is no longer maintained.

An end is announced where a README says near its top, or under a heading about its state, that the
project itself is deprecated, archived, abandoned, moved, or no longer maintained: in a sentence
whose subject is the project, in a label such as ``[DEPRECATED]``, or by a badge. English only. What
a README says of a part, a version, or another project is none of that, nor is what it quotes or
shows as code. The rules are rather silent than wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from embeddings.text.readme import Readme, parse_readme
from embeddings.text.readme_blocks import words

MAX_CHARS: Final = 120
"""Of the words that are returned."""
_READ_CHARS: Final = 30_000
_TOP_WORDS, _STATE_WORDS = 250, 60
_BADGE_CHARS: Final = 4_000
_TOP_LINES: Final = 3

_HINT = re.compile(
    r"deprecat|no\W+longer|un-?maintained|n[o't]+\W+(?:being )?(?:actively )?maintain|archived?\b|"
    r"discontinu|abandon|obsolete|(?:re)?moved\b|migrated|relocated|"
    r"transferred|merged|retired|sunset|supersed|end[- ]of|\beol\b|defunct|decommission|\bdead\b|"
    r"stop(?:ped)?\b|ceased?\b|\bended\b|halted|repostatus|maintenance/no|maintain\w+(?:%3F|\?)?-no",
    re.IGNORECASE,
)

# The badges of repostatus.org, of unmaintained.tech, of R's lifecycle, and those people make at
# shields.io: what stands in their addresses.
_BADGE = re.compile(
    r"repostatus\.org/badges/[\w.]+/(abandoned|unsupported|moved)\b|"
    r"(unmaintained)\.tech/badge|"
    r"(?:shields\.io|badgen\.net)/badge/(?:[\w%?]{0,40}(?:-|/))?"
    r"(deprecated|archived|unmaintained|abandoned|discontinued|retired|end[_ -]of[_ -]life|"
    r"no(?:_|-|%20)longer(?:_|-|%20)maintained|not(?:_|-|%20)maintained)\b|"
    r"shields\.io/badge/(?:maintained|maintenance)(?:%3f|\?)?-(no|none|deprecated)\b|"
    r"shields\.io/maintenance/(no)\b|"
    r"lifecycle-(retired|archived|superseded|defunct)\b",
    re.IGNORECASE,
)
_FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?^ {0,3}\1", re.MULTILINE | re.DOTALL)

_WHAT = (
    r"(?:projects?|repo(?:sitor(?:y|ies))?|packages?|librar(?:y|ies)|lib|tool(?:kit|box|s)?|"
    r"plug-?in|add-?on|module|code ?base|code|software|app(?:lication)?|program|framework|"
    r"extension|gem|crate|sdk|client|fork|action|operator|chart|component|example|sample|script|"
    r"service|server|product|platform|image|bot|driver|template|theme|role|wrapper|bindings?|"
    r"integration|connector|implementation|work|provider|utility|demo|cookbook|buildpack|guide|"
    r"list|collection)"
)
# What "the" tells of the whole; "the module" or "the image" may be a part.
_WHOLE = (
    r"(?:project|repo(?:sitory)?|package|library|tool|plug-?in|framework|software|app(?:lication)?|"
    r"code ?base)"
)
_ADJECTIVE = (
    r"(?:github|git|gitlab|npm|python|pypi|java|javascript|node|ruby|go|rust|php|docker|"
    r"open[- ]source|entire|whole|old|sample|experimental|research|source|code|helm|terraform|"
    r"vs ?code|small|little)"
)
_WELL = (
    r"(?:now|currently|officially|actively|effectively|hereby|already|also|already been|been|being|"
    r"formally|permanently|essentially|considered|completely|fully|at this time|unfortunately|"
    r"regularly|finally|as of [\w ,/.-]{4,24}?|since [\w ,/.-]{4,20}?|marked as|mostly|largely|"
    r"in the process of being|going to be|soon(?: be)?|therefore|thus)"
)
_ENDED = (
    r"(?:deprecated|archived|discontinued|abandoned|un-?maintained|abandonware|retired|obsoleted?|"
    r"sunset(?:ted)?|superseded|end[- ]of[- ]life|eol|decommissioned|dead|defunct|"
    r"in deprecation mode)"
)
# What is no longer developed may still be maintained.
_KEPT = (
    r"(?:maintained|supported(?! (?:on|for|in|with)\b)|updated|(?:an? )?active(?! develop)|"
    r"(?:under|in) (?:active )?maintenance|worked on|being worked on)"
)
_ENDS = (
    rf"(?:(?:,? ?(?:is|are|has|have|was|will be|['’]s)) (?:{_WELL},? )*"
    rf"(?:{_ENDED}|no longer (?:being )?(?:{_WELL} )*{_KEPT}|"
    rf"not (?:being )?(?:actively )?maintained|"
    r"an? (?:archived|deprecated|unmaintained|abandoned|discontinued)\b|"
    r"(?:reached|at) (?:its )?end[- ]of[- ]life)\b)"
)
_NO_PLACE = (
    r"(?:git(?:hub)?\b(?!\.com)|python|typescript|javascript|kotlin|swift|java\b|rust\b|go\b|es6|"
    r"using|versions?\b|v?\d|gradle|maven|semver|semantic|stable|beta|alpha|maintenance|production|"
    r"main\b|master|the (?:main|master|dev\w*|next)\b|a new (?:maintainer|owner|version|major)|"
    r"\S+ branch|support|actions?\b|travis|circleci|discord|slack|docker)"
)
_MOVED = (
    rf"(?:(?: ?(?:has|have|is|was|['’]s)) (?:{_WELL} )*(?:(?:moved|relocated|transferred|migrated)"
    rf"(?! (?:from|over from|away)\b)(?! (?:over )?(?:to|onto|on|into) {_NO_PLACE})|"
    r"merged (?:into|with))\b)"
)
_QUIT = (
    r"(?:(?:no longer|not|['’]t|stop(?:ped)?|ceas(?:ed?|ing)|discontinu(?:ed?|ing)|"
    r"deprecat(?:ed?|ing)|archiv(?:ed?|ing)|abandon(?:ed|ing)|sunset(?:ting)?|quit)"
    r"(?: (?:actively|be|the|active|to|any|going|plan\w*|able|intend\w*|have time|longer|"
    r"spend\w*))*"
    r"(?: (?:maintain\w*|support\w*|develop\w*|work\w*|updat\w+|maintenance|development|and|or|"
    r"of|on|for))+?)"
)
_NOT_OF_IT = (
    r"(?<!\bin )(?<!\bof )(?<!\bfor )(?<!\bfrom )(?<!\bwith )(?<!\bby )(?<!\bto )(?<!\bon )"
)
_NOT_WHY = r"(?<!\bsince )(?<!\bbecause )(?<!\bas )(?<!\blike )(?<!\bif )(?<!\bwhile )"

_LABELLED = (
    r"(?:deprecated|archived|un-?maintained|discontinued|abandoned|abandonware|obsolete|retired|"
    r"sunset|eol|end[- ]of[- ]life|no longer (?:being )?(?:actively )?(?:maintained|supported)|"
    r"not (?:being )?(?:actively )?maintained|deprecation (?:notice|warning|announcement)|"
    r"archive notice|sunset notice|end of (?:support|maintenance))"
)
_LABEL = re.compile(
    r"\A\W*(?:(?:(?:project|repo(?:sitory)?|development|maintenance|package|library)\W+)?(?:status|"
    r"state|note|notice|warning|important|attention|update|caution|project|repo(?:sitory)?|package|"
    rf"library|currently|officially|now)\W+){{0,3}}(?P<said>{_LABELLED})(?P<behind>.*)",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(
    r"\W*\Z|\W*[:.!,;–—|\])*-]|\s+(?:in favou?r|projects?\b|repo|please|use\b|see\b|by\b|since\b|"
    r"as of|and\b|librar|package|tool|plugin|software|code\b|this\b|on\b|with\b|due\b|\W)",
    re.IGNORECASE,
)
_TITLE_END = re.compile(rf"(?:[\[({{:–—|⚠*-]\s*|- now )(?P<said>{_LABELLED})\W*\Z", re.IGNORECASE)
_MOVED_LABEL = re.compile(
    rf"\A\W*(?:project |repo(?:sitory)? |package )?(?:has |was )?(?:been )?moved\b"
    rf"(?:\W*\Z|\W*[:!]| to (?!{_NO_PLACE}))",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\A\W*(?:features?|methods?|options?|apis?|functions?|class(?:es)?|parameters?|versions?|flags?|"
    r"usage|syntax|commands?)\b",
    re.IGNORECASE,
)

_STATE = re.compile(
    r"status|maintenance|maintained|deprecat|archiv|discontinu|abandon|end of life|sunset|moved|"
    r"notice|warning|attention|important|disclaimer",
    re.IGNORECASE,
)
_OTHER_HEADING = re.compile(
    r"\W*(?:change ?-?log|changes|history|releases?|release notes|what'?s new|news|versions?|"
    r"upgrad\w*|migrat\w*|road ?map|faq|alternatives?|similar|related|see also|credits?|"
    r"acknowledge?ments?|"
    r"compatib\w*|requirements?|prerequisites|platforms?|browsers?|depend\w+|comparison|compared|"
    r"inspir\w*|background|why|motivation|breaking|known|deprecat(?:ed|ions?) \w+|licen[cs]e|"
    r"contribut\w*|supported|table of contents)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])[\"”')*_]*\s+(?=\W*[A-Z0-9])|\n")
_NOT_SO = re.compile(
    r"\b(?:if|when|once|until|unless|whether|in case|should|would|could|might|may)\b[^,]*\Z",
    re.IGNORECASE,
)
_OPENING = re.compile(r"\W*|.*[:–—-]\W*|\W*(?:please )?(?:note|notice|be advised) (?:that )?", re.I)
_TAKEN_BACK = re.compile(
    r"\b(?:reviv\w+|resurrect\w*|un-?archived|alive again|back to life|zenodo|figshare|software "
    r"heritage|(?:taken|took) over|now maintained|not (?:yet )?(?:dead|deprecated|abandoned))\b",
    re.IGNORECASE,
)


def ended_by_readme(text: str) -> str | None:
    """Return the README's own words that announce the end of its project; None: none do.

    Parameters
    ----------
    text
        The README, in Markdown, reStructuredText, HTML, or another markup that it shows.

    Returns
    -------
    str or None
        The sentence, the label or ``badge: abandoned``, at most `MAX_CHARS` characters long.
    """
    text = text[:_READ_CHARS]
    if _HINT.search(text) is None:
        return None
    badge = _BADGE.search(_FENCED.sub(" ", text)[:_BADGE_CHARS])
    readme = parse_readme(text, "README")
    patterns = _patterns(readme)
    for place, line in _lines(readme):
        for sentence in _SENTENCE.split(line):
            if _announces(sentence, patterns):
                return _cut(sentence)
        if place < _TOP_LINES and _labels(line):
            return _cut(line)
    if badge is not None:
        said = next(group for group in badge.groups() if group is not None)
        plain = re.sub(r"%20|[_-]", " ", said.lower())
        return f"badge: {'not maintained' if plain in ('no', 'none') else plain}"
    return None


def _lines(readme: Readme) -> Iterator[tuple[int, str]]:
    """Yield the lines that may announce an end: their place among them, and their words."""
    n_words = place = 0
    for section in readme.sections:
        if section.heading and _OTHER_HEADING.match(section.heading):
            n_words += section.n_words
            continue
        left = _TOP_WORDS - n_words
        if left <= 0:
            if not _STATE.search(section.heading):
                continue
            left = _STATE_WORDS
        for line in (section.heading, *section.prose.split("\n")):
            if left > 0 and words(line):
                yield place, line
                place += 1
                left -= len(words(line))
        n_words += section.n_words


def _patterns(readme: Readme) -> tuple[re.Pattern[str], ...]:
    """Return what announces an end in a sentence, given what the README calls its project."""
    heading = next((section.heading for section in readme.sections if section.heading), "")
    title = re.sub(r"\Awelcome to (?:the )?", "", heading, flags=re.IGNORECASE)
    name = re.split(r"\s*[:|(\[–—]\s*|\s+-\s+", title)[0].strip()
    is_name = 0 < len(words(name)) <= 4 and _STATE.search(name) is None
    named = rf"|(?:\bthe )?\b{re.escape(name)}(?: {_WHAT})?" if is_name else ""
    behind = r"(?:,? \([^()]{1,60}\)|, [^,]{1,40},| [\"'“]?(?-i:[A-Z])[\w.-]*[\"'”]?)?"
    subject = (
        rf"{_NOT_OF_IT}{_NOT_WHY}(?:\b(?:(?:this|our|these)(?: {_ADJECTIVE}){{0,2}} {_WHAT}|"
        rf"(?P<whole>the (?:entire |whole )?{_WHOLE})){behind}{named})"
    )
    object_ = (
        rf"(?:(?:this|the)(?: {_ADJECTIVE}){{0,2}} {_WHAT}\b|"
        r"this(?: since| because|\W*\Z|[,.;]))"
    )
    stopped = "(?:stopped|ceased|ended|halted|discontinued|over|finished)"
    return tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            subject + _ENDS,
            subject + _MOVED,
            # "This is no longer maintained" can be said of anything, but where a sentence begins.
            rf"\A\W*(?:\w+\W+)?this{_ENDS}",
            rf"\b(?:we|i|team)\b(?:['’](?:ve|m|re|ll))?(?: (?:\w+)){{0,4}}? {_QUIT} {object_}",
            rf"\b(?:development|maintenance|support|work)(?: and \w+)? (?:of|for|on) (?:this|the) "
            rf"{_WHAT} (?:has|have|is|was)(?: {_WELL})* {stopped}\b",
            rf"\A\W*(?:\w+\W+)?(?:all |active |future |further )*development (?:has|is|was)"
            rf"(?: {_WELL})* (?:moved|stopped|ceased|discontinued|continued (?:in|at))\b"
            rf"(?! (?:over )?(?:to|onto|on) {_NO_PLACE})",
        )
    )


def _announces(sentence: str, patterns: tuple[re.Pattern[str], ...]) -> bool:
    if _HINT.search(sentence) is None or sentence.rstrip().endswith("?"):
        return False
    if _TAKEN_BACK.search(sentence):
        return False
    return any(
        _is_said(sentence, match)
        for pattern in patterns
        if (match := pattern.search(sentence)) is not None
    )


def _is_said(sentence: str, match: re.Match[str]) -> bool:
    """Return whether what matches is said: not quoted, on no condition, and not of another."""
    before = sentence[: match.start()]
    if before.count('"') % 2 or before.count("“") > before.count("”"):
        return False
    # In the middle of a sentence "the library" may be any that was named before.
    is_whole = match.groupdict().get("whole") is not None
    is_other = is_whole and _OPENING.fullmatch(before) is None
    return not is_other and _NOT_SO.search(before) is None


def _labels(line: str) -> bool:
    """Return whether a line at the top is, begins or ends with a label that says so."""
    if _MOVED_LABEL.match(line):
        return True
    match = _LABEL.match(line)
    if match is not None:
        behind = match["behind"]
        return _AFTER_LABEL.match(behind) is not None and _PART.match(behind) is None
    return len(words(line)) <= 12 and _TITLE_END.search(line) is not None


def _cut(sentence: str) -> str:
    plain = " ".join(sentence.split())
    return plain if len(plain) <= MAX_CHARS else plain[: MAX_CHARS - 1].rstrip() + "…"
