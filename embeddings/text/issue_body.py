"""An issue's body made ready to be parsed: what a form, a mailer or a diff added is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from embeddings.text.inline_data import without_inline_data
from embeddings.text.issue_lines import MAX_LINE_CHARS, is_machines
from embeddings.text.readme import MAX_PARSED_CHARS
from embeddings.text.readme_lines import FENCE

_CHECKBOX = re.compile(r"\s*(?:(?:[-*+]|\d+[.)])\s*\[[ xX]?\]|\[[ xX]\]\s|[☐☑☒])")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_QUOTED = re.compile(r"(?:\s*>\s?)+")
_MAIL_QUOTED = re.compile(
    r"\s*(?:(?:On|Am|Le|El|Em|Il|Op|Den|Dnia|W dniu)\s.{5,160}\s)?"
    r"(?:<\S+>\s)?(?:wrote|schrieb(?:\s.{1,60})?|a écrit|escribió|escreveu|ha scritto|schreef|"
    r"skrev|"
    r"napisał\(?a?\)?)\s?:\s*"
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
    found = _QUOTED.match(line)
    return found.end() if found and not line.startswith(">>>") else 0


def _start(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return found.start() if found else 0
