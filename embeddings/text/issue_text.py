"""What the author of an issue wrote, without what the template, the shell and the tracker wrote.

Lines of shells, programs, mailers and diffs are told from sentences. People begin sentences with
the names of commands, levels and errors too: what only begins like a machine's line is one only
where it does not read like a sentence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from embeddings.text.readme import (
    MAX_PARSED_CHARS,
    Readme,
    ReadmeSection,
    parse_readme,
    without_inline_data,
)
from embeddings.text.readme_blocks import tidy, words
from embeddings.text.readme_markdown import FENCE

MIN_SHARED, MIN_SHARE = 5, 0.05
_NO_ANSWER = re.compile(
    r"\W*(?:no response|n/?a|none|nil|yes|no|bug|feature|feature request|question|"
    r"unknown|every time|sometimes|often|not applicable|high|medium|low|critical|minor|major|"
    r"p[0-4]|see above|as above|\.+|-+)\W*",
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
    r"submit a pr|are you willing|a/b experiments|pip freeze|package list|system setup|browsers?\b",
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


@dataclass
class LineCounts:
    """How many issues of a repository there are, and how many of them hold each line."""

    n_issues: int = 0
    holders: Counter[str] = field(default_factory=Counter)

    def add(self, other: LineCounts) -> None:
        """Count other issues of the repository too."""
        self.n_issues += other.n_issues
        self.holders.update(other.holders)

    def template(self) -> frozenset[str]:
        """Return the lines that so many issues share that a template wrote them.

        A line counts when at least 5 issues, and at least one in twenty, hold it.
        """
        enough = max(MIN_SHARED, MIN_SHARE * self.n_issues)
        return frozenset(line for line, n in self.holders.items() if n >= enough)


def count_lines(bodies: Iterable[tuple[str, str]]) -> dict[str, LineCounts]:
    """Return the counts of each repository's lines, from pairs of its key and an issue's body."""
    counts: defaultdict[str, LineCounts] = defaultdict(LineCounts)
    for repository, body in bodies:
        lines = {key for section in _parse(body).sections for key in _line_keys(section)}
        counts[repository].add(LineCounts(1, Counter(lines)))
    return dict(counts)


def template_lines(bodies: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the lines that templates wrote, by what issues of one repository share.

    Parameters
    ----------
    bodies
        Pairs of a repository's key and an issue's body.
    """
    return frozenset().union(*(counts.template() for counts in count_lines(bodies).values()))


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


def _section_lines(section: ReadmeSection, template: frozenset[str]) -> list[str]:
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


def _line_keys(section: ReadmeSection) -> set[str]:
    lines = [section.heading, *section.prose.split("\n")]
    return {key for line in lines if (key := line_key(line))}


_CHECKBOX = re.compile(r"\s*(?:(?:[-*+]|\d+[.)])\s*\[[ xX]?\]|\[[ xX]\]\s|[☐☑☒])")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_QUOTED = re.compile(r"(?:\s*>\s?)+")
_MAIL_QUOTED = re.compile(
    r"\s*(?:(?:On|Am|Le|El|Em|Il|Op|Den|Dnia|W dniu)\s.{5,160}\s)?"
    r"(?:<\S+>\s)?(?:wrote|schrieb(?:\s.{1,60})?|a écrit|escribió|escreveu|ha scritto|schreef|"
    r"skrev|napisał\(?a?\)?)\s?:\s*"
)
_MAIL_BEGINS = re.compile(r"\s*On .{5,160}(?:<\S*|,|\d|[AP]M)\s*")
_MAIL_ENDS = re.compile(
    r"\s*-{2,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|"
    r"Message d'origine)\b.*",
    re.IGNORECASE,
)
_SIGNATURE = "-- "
_MAIL_FOOT = re.compile(
    r"\s*(?:Sent from my \w+|Reply to this email directly|You are receiving this because|"
    r"Get Outlook for|—$)",
    re.IGNORECASE,
)
_DIFF = re.compile(r"diff --git |@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@|Index: \S+$")
_DIFF_LINE = re.compile(r"[-+@ \\]|(?:index|new file|deleted file|similarity|rename|copy|Index:) ")
_BOLD_LABEL = re.compile(r"\s*\*\*\s*([^*\n]{2,160}?)\s*\*\*\s*:?\s*")
_DETAILS, _DETAILS_END = re.compile(r"<details\b", re.IGNORECASE), "</details"
_TAG = re.compile(r"<[^<>]{0,200}>")
_SUMMARY_LINES = 4


def prepared(body: str, *, is_left_out: re.Pattern[str]) -> str:
    """Return the body as Markdown of what its author wrote.

    Checkboxes, traces, commands, diffs and quoted mails become blank lines, which end the
    paragraph, so that what follows is no part of them. Labels in bold on lines of their own become
    headings, and line breaks stay, so that each line can be judged by itself.

    Parameters
    ----------
    body
        Markdown as the tracker keeps it.
    is_left_out
        What the summary of a ``<details>`` matches that is left out with all it holds.
    """
    text = without_inline_data(body.replace("\r\n", "\n").replace("\r", "\n"))
    lines = text[: MAX_PARSED_CHARS + 1].split("\n")
    walk = _Walk(lines, is_left_out)
    return "\n".join(walk.step(i, line) for i, line in enumerate(lines))


@dataclass
class _Walk:
    """Where in a body the walk over its lines is."""

    lines: list[str]
    is_left_out: re.Pattern[str]
    fence: str = ""
    unwritten: str = ""
    """What the lines belong to that nobody wrote here: ``diff``, ``mail``, ``box``, ``rest``."""
    n_details: int = 0
    """How deep the line stands in details that are left out."""

    def __post_init__(self) -> None:
        closing = (i for i in range(len(self.lines) - 1, -1, -1) if self._closes(self.lines[i]))
        self.last_details_end = next(closing, -1)

    @staticmethod
    def _closes(line: str) -> bool:
        return _DETAILS_END in line.lower()

    def step(self, i: int, line: str) -> str:
        """Return what stands for one line."""
        mark = FENCE.match(line)
        if self.fence:
            if mark and mark[1].startswith(self.fence):
                self.fence = ""
            return "" if self.n_details else line
        if mark:
            self.fence, self.unwritten = mark[1], ""
            return "" if self.n_details else line
        if self._in_details(i, line) or self._is_unwritten(i, line):
            return ""
        plain = line[_quote_end(line) :]
        if is_machines(plain):
            return ""
        if len(line) <= MAX_LINE_CHARS and (label := _BOLD_LABEL.fullmatch(line)):
            return f"\n###### {label[1]}\n"
        if line and not line.startswith((" ", "\t", "|", ">", "#", "<", "$$")):
            return f"{line}  "
        return line

    def _in_details(self, i: int, line: str) -> bool:
        was_in = self.n_details > 0
        opens = len(_DETAILS.findall(line))
        if opens and (was_in or (i < self.last_details_end and self._is_left_out(i))):
            self.n_details += opens
        if self.n_details and self._closes(line):
            self.n_details = max(0, self.n_details - line.lower().count(_DETAILS_END))
            return True
        return self.n_details > 0

    def _is_left_out(self, i: int) -> bool:
        head = " ".join(line[:MAX_LINE_CHARS] for line in self.lines[i : i + _SUMMARY_LINES])
        summary = head[_start(_DETAILS, head) :].partition("</summary")[0]
        return self.is_left_out.search(_TAG.sub(" ", summary)) is not None

    def _is_unwritten(self, i: int, line: str) -> bool:
        """Return whether a line is of a diff, a quoted mail or a checkbox, and remember which."""
        match self.unwritten:
            case "rest":
                return True
            case "diff" if _DIFF_LINE.match(line) or _DIFF.match(line):
                return True
            case "mail" if not line.strip() or line.lstrip().startswith(">"):
                return True
            case "mail" if _MAIL_QUOTED.fullmatch(f"{self.lines[i - 1]} {line}"[:MAX_LINE_CHARS]):
                return True
            case "box" if line.startswith((" ", "\t")) and not _ITEM.match(line):
                return True
        self.unwritten = self._begins(i, line[:MAX_LINE_CHARS])
        return bool(self.unwritten)

    def _begins(self, i: int, line: str) -> str:
        following = self.lines[i + 1][:MAX_LINE_CHARS] if i + 1 < len(self.lines) else ""
        if _CHECKBOX.match(line):
            return "box"
        if _DIFF.match(line) or (line.startswith("--- ") and following.startswith("+++ ")):
            return "diff"
        if _MAIL_QUOTED.fullmatch(line) or (
            _MAIL_BEGINS.fullmatch(line) and _MAIL_QUOTED.fullmatch(f"{line} {following}")
        ):
            return "mail"
        if _MAIL_ENDS.fullmatch(line) or line == _SIGNATURE:
            return "rest"
        return "foot" if _MAIL_FOOT.match(line) else ""


def _quote_end(line: str) -> int:
    match = _QUOTED.match(line)
    return match.end() if match and not line.startswith(">>>") else 0


def _start(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return match.start() if match else 0


MAX_LINE_CHARS = 400
"""As much of a line is looked at; nobody is made to wait for what a pattern tries on more."""

# Written by programs whatever follows.
_MACHINE = re.compile(
    r"""\s*(?:
    at\s+(?:async\s+|new\s+)?[\w.$<>\[\]/@#-]+(?:\s\[as\ \w+\])?\s?\((?:[^()]*:\d+|native\b|
        <anonymous>|Unknown\ Source|Native\ Method)[^()]*\)|
    at\s+(?:async\s+)?[\w$<>`]+(?:\.[\w$<>`]+)+\s?\(|at\s+\S*[A-Za-z/]\S*:\d+|at\s+\S+\ line\s\d+|
    from\s+\S+:\d+:in\b|\S+\.\w{1,4}:\d+:in\b|
    File\s+"[^"]*",\s+line\s+\d+|Traceback\ \(most|\.{3}\ \d+\ more\b|[~^]{3,}\s*$|
    (?:Caused\ by|Exception\ in\ thread|goroutine\ \d+\ \[|panic:|thread\ '[^']*'\ panicked|
        fatal\ error:|CallStack\ \(|PHP\ (?:Fatal|Warning|Notice|Parse)|npm\ ERR!|
        Segmentation\ fault)|
    (?:[a-z_][\w.$]*[.$])?(?:[A-Z]\w*)?(?:Error|Exception|Warning):\s|
    (?:error|warning)(?:\[\w+\])?:\s|
    \S+:\d+:\d+:\s|\S+\.(?:go|rs|c|cc|cpp|py|js|ts|java|rb|php):\d+(?:\s|$)|
    \d+:\s+(?:0x[0-9a-f]+\s+-\s+)?[\w<>]+(?:::[\w<>{}]+)+|
    \[?\d{4}-\d\d-\d\d[T\ ]\d\d:\d\d|\[?\d\d:\d\d:\d\d|\#\d+\s+(?:0x|\S+\s\(|/|\w+\.)|
    0x[0-9a-f]{6,}|\d+\s{2,}\S+\s+0x[0-9a-f]+|\([a-z_]+\ \d+\.[\d.]+\)\ \S+:\d+|
    [\[(](?:INFO|DEBUG|WARN(?:ING)?|ERROR|TRACE|FATAL|[EWID])[\])]|(?:INFO|DEBUG|WARN(?:ING)?|ERROR|TRACE|
        FATAL)\s*[:|]|[EWIF]\d{4}\ \d\d:|
    (?:import\s+\w+(?:\.\w+)*(?:\s+as\s+\w+)?|from\s+[\w.]+\s+import\s+.+)\s*$)""",
    re.VERBOSE,
)
# Written by programs, or the first words of a sentence.
_PERHAPS = re.compile(
    r"""\s*(?:(?:INFO|DEBUG|WARN(?:ING)?|ERROR|TRACE|FATAL)\s|
    \$(?=\s*[\w(./~-])(?!\d)|(?:>>>|PS>|PS\ C:\\|C:\\)\s*\S|
    sudo\s+\w|(?:pip3?|conda|mamba|uv|npm|npx|pnpm|yarn|docker(?:-compose|\ compose)?|podman|
        kubectl|helm|git|apt(?:-get)?|brew|cargo|go|make|cmake|curl|wget|python3?|bash|poetry|terraform|gradle|mvn)
    \s+(?:-|install|uninstall|run|build|get|clone|apply|create|start|add|push|pull|commit|checkout|exec|
        up|down|compose|update|upgrade|delete|remove|test|init|https?:|[\w./-]+\.(?:py|sh|ya?ml|json)\b))""",
    re.VERBOSE,
)
# What sentences do not hold, but commands do: options, pipes, paths, assignments, versions.
_SHELL = re.compile(
    r"(?:^|\s)(?:--?[a-zA-Z][\w-]*|[|>&]{1,2}|\$\(|\\|\.{1,2}/\S*|~?/\w\S*/\S*|\w+=\S*)(?=\s|$)|"
    r"\S(?:==|>=|<=|&&|;)|[;\\]\s*$|://|`\s*$"
)
_SAID = re.compile(
    r"(?<![\w-])(?:a|an|the|this|that|these|it|its|is|are|was|were|be|been|has|have|had|does|do|did|should|would|"
    r"could|can|cannot|can't|will|won't|must|may|might|needs?|takes?|fails?|works?|when|while|which|who|because|"
    r"but|if|so|too|very|not|don't|doesn't|isn't|we|i|you|they|my|our|your|their|us|me|of|for|with|than)(?![\w-])",
    re.IGNORECASE,
)
_ENDED = re.compile(r"\w[.?!…。？！][)\"'’”]?\s*$")
_MIN_WORDS, _MANY_WORDS = 4, 5


def is_machines(line: str) -> bool:
    """Return whether a program wrote ``line``: a trace, a log, a command."""
    line = line[:MAX_LINE_CHARS]
    if _MACHINE.match(line):
        return True
    return _PERHAPS.match(line) is not None and not _is_said(line)


def _is_said(line: str) -> bool:
    """Return whether ``line``, which begins like a command or a log, goes on like a sentence.

    Two of these hold: small words (two count twice), five words or more, a sentence's end.
    """
    n_words = len(words(line))
    if n_words < _MIN_WORDS or _SHELL.search(line):
        return False
    n_said = len(_SAID.findall(line))
    return min(n_said, 2) + (n_words >= _MANY_WORDS) + bool(_ENDED.search(line)) >= 2
