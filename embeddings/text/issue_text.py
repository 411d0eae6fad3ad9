"""What the author of an issue wrote, without what the template, the shell and the tracker wrote."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from embeddings.text.issue_body import prepared
from embeddings.text.issue_lines import MAX_LINE_CHARS, is_machines
from embeddings.text.readme import Readme, Section, parse_readme
from embeddings.text.readme_blocks import tidy, words

MIN_SHARED, MIN_SHARE = 5, 0.05
_NO_ANSWER = re.compile(
    r"\W*(?:no response|n/?a|none|nil|yes|no|bug|feature|feature request|question|"
    r"unknown|every time|sometimes|often|not applicable|high|medium|low|critical|minor|major|"
    r"p[0-4]|"
    r"see above|as above|\.+|-+)\W*",
    re.IGNORECASE,
)
# Sections that only describe a machine, a log or the formalities; dropped with all they hold.
_DROPPED = re.compile(
    r"environment|versions?\b|system info|operating system|platform and distribution|platform\b|"
    r"\bos\b|hardware|machine spec|\bgpu\b|\bcuda\b|compiler|bazel|mobile device|custom code|"
    r"\(automated\)|call stack|stack ?trace|traceback|\blogs?\b|log output|console output|"
    r"checklist|check list|code of conduct|before (?:submitting|you)|issue type|\bsource\b$|"
    r"reproduced the bug with|existing issue|searched|how (?:often|did you (?:obtain|install))|"
    r"website or app|what components|which area|willingness|willing to|contribution|"
    r"submit a pr|are you willing|a/b experiments|pip freeze|package list|system setup|"
    r"browsers?\b",
    re.IGNORECASE,
)
_TEMPLATE_HEADING = re.compile(
    r"\W*(?:\d+\W+)?(?:\(?optional\)?\W*)?(?:"
    r"(?:please )?(?:describe|descripe|provide|explain|list|leave|tell us|add)\b.*|"
    r"(?:is|does|has|have|are|do|did|can|could|would|will|what|why|how|which|where|who)\b.*\??|"
    r"(?:the )?(?:current|expected|actual|desired|observed) (?:behaviou?r|results?|output)\W*|"
    r"(?:steps|code|script|how)?\s*to reproduce.*|repro(?:duction)?(?: steps| code)?|"
    r"(?:standalone )?code.*|(?:additional|more|other|any other|extra|further) .*|"
    r"(?:feature|bug|enhancement|proposal) ?(?:request|report|description|summary)?s?|"
    r"(?:problem|feature|detailed|bug|issue|short|brief|full|general)? ?"
    r"(?:summary|description|motivation|overview|background|context|details?|rationale)|"
    r"(?:use|user) (?:cases?|stor(?:y|ies))|(?:proposed |possible |suggested |fix )?"
    r"(?:solutions?|suggestions?|fix|implementation|alternatives?|changes?|approach)|"
    r"alternatives? .*|expectation|tasks?|output|example|impact|goals?|references?|pitch|value|"
    r"failure after conversion|screenshots?|related (?:issues?|work)|acceptance criteria|notes?"
    r")\W*",
    re.IGNORECASE,
)
_TITLE_TAG = re.compile(
    r"\A\s*(?:[\[(]\s*(?:[\w/&.-]+\s+){0,2}(?:bugs?|feature|features|fr|feat|request|question|"
    r"enhancement|rfc|proposal|docs?|documentation|issue|idea|suggestion|improvement|wip|task|"
    r"epic|discussion|help|q)\s*[\])]\s*[:\-–]*|(?:bug|feature request|feature|fr|feat|question|"
    r"enhancement|rfc|proposal|docs|issue|suggestion)(?:\([^)]*\))?\s*:)\s*",
    re.IGNORECASE,
)
_VERSION_LINE = re.compile(
    r"\W*[\w ./()-]{1,45}?(?:\s*[:=]\s*|\s+)v?\d+(?:\.\d+)+[\w.+-]*\W*|"
    r"\W*(?:[\w-]+ ){0,2}(?:os|platform|python|version|browser|cuda|gpu|gcc|node|npm|pip|kernel|"
    r"architecture|memory|cpu)s?(?: version| info)?\W*:.{0,80}|\W*type:\W*(?:bug|feature).{0,20}",
    re.IGNORECASE,
)
_MIN_WORDS_KEPT = 1
# Authors write on below the last field of a form; sentences this long are theirs.
_MIN_SENTENCE_WORDS = 15
_SENTENCE_END = re.compile(r"[.?!…)\"'’”]\s*$")
_NEVER_PROSE = re.compile(
    r"automated|stack|trace|\blogs?\b|check ?list|code of conduct", re.IGNORECASE
)


@dataclass(frozen=True)
class IssueText:
    """The prose of an issue's body, and what was met on the way."""

    text: str
    truncated: bool = False
    replaced_bytes: bool = False
    unparsed: bool = False


def issue_title(title: str) -> str:
    """Return the title without tags such as ``[Feature request]`` that say nothing of its theme."""
    plain = tidy(title.replace("`", ""))
    shorter = _TITLE_TAG.sub("", plain, count=1)
    return shorter if words(shorter) else plain


def issue_text(body: str, *, template: frozenset[str] = frozenset()) -> IssueText:
    """Return the prose of an issue's body.

    Parameters
    ----------
    body
        Markdown as the tracker keeps it.
    template
        Lines, as `template_lines` gives them, that the tracker's templates wrote.
    """
    parsed = _parse(body)
    lines: list[str] = []
    dropped_below = 0
    for section in parsed.sections:
        if dropped_below and section.level > dropped_below:
            continue
        dropped_below = 0
        if section.heading and _DROPPED.search(section.heading):
            dropped_below = section.level
            if not _NEVER_PROSE.search(section.heading):
                lines.extend(filter(_is_sentence, _section_lines(section, template)))
            continue
        lines.extend(_section_lines(section, template))
    return IssueText("\n".join(lines), parsed.truncated, parsed.replaced_bytes, parsed.unparsed)


def template_lines(bodies: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the lines that so many issues of one repository share that a template wrote them.

    A line counts when at least 5 issues of a repository, and at least one in twenty, hold it.

    Parameters
    ----------
    bodies
        Pairs of a repository's key and an issue's body.
    """
    n_issues: Counter[str] = Counter()
    holders: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for repository, body in bodies:
        n_issues[repository] += 1
        lines = {key for section in _parse(body).sections for key in _line_keys(section)}
        holders[repository].update(lines)
    return frozenset(
        line
        for repository, counts in holders.items()
        for line, n in counts.items()
        if n >= MIN_SHARED and n >= MIN_SHARE * n_issues[repository]
    )


def line_key(line: str) -> str:
    """Return the form in which lines are compared: lower case, words only."""
    return " ".join(words(line.lower()))


def _parse(body: str) -> Readme:
    return parse_readme(prepared(body, is_left_out=_DROPPED), "issue.md")


def _is_answer(line: str) -> bool:
    """Return whether a line only fills in a form: a choice, a version, nothing."""
    if len(line) > MAX_LINE_CHARS:
        return False
    return bool(_NO_ANSWER.fullmatch(line) or _VERSION_LINE.fullmatch(line))


def _is_sentence(line: str) -> bool:
    return len(words(line)) >= _MIN_SENTENCE_WORDS and bool(_SENTENCE_END.search(line))


def _section_lines(section: Section, template: frozenset[str]) -> list[str]:
    lines = [
        line
        for line in section.prose.split("\n")
        if len(words(line)) >= _MIN_WORDS_KEPT
        and line_key(line) not in template
        and not is_machines(line)
        and not _is_answer(line)
    ]
    heading = section.heading
    own = heading and line_key(heading) not in template
    if own and lines and not _TEMPLATE_HEADING.fullmatch(heading):
        return [heading, *lines]
    return lines


def _line_keys(section: Section) -> set[str]:
    lines = [section.heading, *section.prose.split("\n")]
    return {key for line in lines if (key := line_key(line))}
