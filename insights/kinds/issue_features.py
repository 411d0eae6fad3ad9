"""What is measured on an issue to tell a feature request from a bug and a question.

The raw title and body, not the prose that is embedded: a form's headings, code, traces and version
lines say much about the kind of an issue. The cues are common English phrases, chosen by hand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from embeddings.text.readme_blocks import words

MAX_BODY_CHARS = 12_000
"""What stands further down is log output, as a rule."""

_QUESTION = r"how|why|what|where|which|who|when|is|are|does|do|did|can|could|should|would|has|will"
_TITLE_CUES = {
    "asks": rf"^\W*(?:\[[^\]]*\]\W*)?(?:{_QUESTION})\b",
    "how": r"\bhow (?:to|do|does|can|should|is|are|would)\b|^how\b",
    "why": r"\bwhy\b",
    "mark": r"\?",
    "help": r"\b(?:help|question|confus\w+|understand\w*|explain|explanation|clarif\w+|"
    r"difference)\b",
    "requests": r"feature request|\bfeature\b|\brequest\b|\bproposal\b|\brfc\b|\bidea\b|\bwish\w*|"
    r"\bsuggest\w*|\benhancement\b|\bfr\b",
    "imperative": r"^\W*(?:\[[^\]]*\]\W*)?(?:[\w./ ]{1,24}:\s*)?(?:please )?(?:add|support|allow|"
    r"make|"
    r"provide|implement|enable|improve|remove|consider|expose|introduce|create|let|use|replace|"
    r"show|include|extend|move|rename|change|drop|deprecate|update|offer|optimi[sz]e|refactor|"
    r"document|have)\b",
    "support_for": r"\bsupport(?:ing|s)?\b|\ballow\w*\b|\bability to\b|\boption(?:al)? to\b|"
    r"\bcustomi[sz]\w+",
    "repairs": r"^\W*(?:[\w./ ]{1,24}:\s*)?(?:fix(?:ed|es|ing)?|resolve[sd]?|revert)\b",
    "says_bug": r"\bbug\b|\bregression\b|\bflaky\b|\bintermittent\w*",
    "breaks": r"crash\w*|\bfail\w*|\bbroken?\b|\bbreaks?\b|segfault|segmentation|\bleak\w*|"
    r"\bhang\w*|"
    r"\bfreez\w+|\bassert\w*|\boverflow\b|deadlock|\brace\b|\bstuck\b|\bflicker\w*",
    "wrong": r"\bincorrect\w*|\bwrong\w*|\bunexpected\w*|\binvalid\w*|\bmissing\b|\binconsisten\w+|"
    r"\bmismatch\w*|\bbad\b|\bduplicate[ds]?\b|\blost\b|\bignore[ds]?\b|\bdisappear\w*|\bbogus\b",
    "not": r"\b(?:not|no|never|nothing|without|unable|cannot|isn'?t|doesn'?t|don'?t|can'?t|won'?t|"
    r"didn'?t|shouldn'?t)\b",
    "error": r"\berrors?\b|\bexception\b|\bwarnings?\b|\bundefined\b|\bundeclared\b|\w+error\b",
    "builds": r"\b(?:compil\w+|build\w*|install\w*|make|cmake|link\w*|download\w*|import\w*)\b",
    "mine": r"\b(?:i|my|me|i'm|we|our)\b",
    "when": r"\b(?:when|while|after|since|on|if)\b",
    "should": r"\bshould(?:n'?t)?\b",
    "tests": r"\btests?\b|\bci\b|\bdocs?\b|\bdocumentation\b|\bfuzz\w*",
    "code": r"`|\w\(\)|::|\w\.\w|_",
    "tag": r"^\s*[\[(]|^[\w./ -]{2,20}:",
}
_BODY_CUES = {
    "wishes": r"would (?:be|like|love)|would(?: also)? (?:help|make|allow)|it'?d be|be (?:nice|"
    r"great|"
    r"useful|helpful|good|cool|awesome)|\bwish\b|i'?d (?:like|love|suggest|propose)|i want\b",
    "proposes": r"\bpropos\w+|\bsuggest\w*|\bmotivation\b|\buse[- ]?cases?\b|\brfc\b|"
    r"\balternativ\w+|"
    r"\benhancement\b|\bconsider\w*|\bworkaround\b|\bbenefit\w*|\bideally\b|\bperhaps\b",
    "requests": r"feature request|new feature|feature[- ]parity|request a feature|this feature",
    "adds": r"\badd(?:ing|ed|s)?\b|\bsupport(?:ing|ed|s)? (?:for|of|to)\b|\ballow(?:s|ing|ed)?\b|"
    r"\bprovide\b|\bimplement\w*|\bintroduc\w+|\benabl\w+|\bextend\w*",
    "currently": r"\bcurrently\b|\bright now\b|\bat the moment\b|\btoday\b|\bas of now\b|"
    r"\bno way\b",
    "users": r"\busers?\b|\bdevelopers?\b|\bpeople\b|\beveryone\b|\bexperience\b",
    "could": r"\b(?:could|might|may)\b",
    "should": r"\bshould\b",
    "asks_how": r"how (?:to|do|does|can|could|should|would)\b|what (?:is|are|should|does|am)\b|"
    r"\bwhy\b|"
    r"is there (?:a|any|some)|is it (?:possible|a bug|normal|correct|ok)|can (?:i|we|someone|"
    r"anyone|you)\b|could (?:someone|anyone|you)\b|any (?:idea|help|suggestion|advice)\w*",
    "tries": r"i(?:'m| am|'ve| have|'d)?(?: been| was| also| just| have)? (?:try|tried|trying)\b|"
    r"\bi want to\b|\bi need\b|\bi have (?:a|an|the)\b|\bi am\b|\bi'm\b|\bi got\b|\bi get\b",
    "mine": r"\b(?:i|my|me)\b",
    "ours": r"\b(?:we|our|us)\b",
    "polite": r"\b(?:thanks?|thank you|please|pls|plz|sorry|hi|hello|hey|dear|regards|"
    r"appreciate\w*|"
    r"grateful|guys)\b",
    "lost": r"\bhelp(?: me)?\b|\bnewbie\b|\bbeginner\b|\bnew to\b|\bconfus\w+|\bunderstand\w*|"
    r"\bwondering\b|\bdon'?t know\b|\bnot sure\b|\bsolve\b|\bsolution\?|\bdoubt\b|\bquestions?\b",
    "forum": r"stack ?overflow|\bforums?\b|\bmailing list\b|\bdiscord\b|\bgoogled?\b|"
    r"\btutorials?\b|"
    r"\bdocumentation\b|\bexample\b",
    "crashes": r"\bcrash\w*|\bsegfault\w*|\bsegmentation fault|\bhangs?\b|\bfreez\w+|\bdeadlock\w*|"
    r"\bleaks?\b|\bassert\w*|\baborted\b|\bcore dumped|\bcorrupt\w*",
    "fails": r"\bfail(?:s|ed|ing|ure|ures)?\b|\bbroken?\b|\bbreaks?\b|\bnot work\w*|n'?t work\w*|"
    r"\bincorrect\w*|\bwrong\w*|\bunexpected\w*|\binvalid\b|\bmissing\b",
    "bug": r"\bbugs?\b|\bregress\w+|\bused to\b|\bflaky\b|\bintermittent\w*|\bno longer\b|"
    r"\bafter updat\w+",
    "reproduces": r"\brepro(?:duc\w*)?\b|\bsteps\b|\bminimal\b|\bconsistently\b|\balways\b|"
    r"\bsometimes\b",
    "notices": r"\bhappens?\b|\bobserve\w*|\bnotice\w*|\bsee(?:ms|ing)?\b|\bresults? in\b|"
    r"\bcauses?\b|"
    r"\bdue to\b|\bbecause\b",
    "expects": r"\bexpect\w*|\bactual\b|\binstead\b",
    "error": r"\berrors?\b|\bexceptions?\b|\bwarnings?\b|\bundefined reference\b|\bfatal\b",
    "mends": r"\bfix(?:es|ed|ing)?\b|\bresolv\w+|\bcloses?\b|\bpatch\b|\bpull request\b|"
    r"\bcommit\b|\bpr\b",
    "versions": r"\bversions?\b|\bv?\d+\.\d+\.\d+\b",
    "systems": r"\b(?:windows|linux|ubuntu|mac ?os|debian|fedora|android|ios|docker|raspberry|"
    r"x64|arm64)\b",
    "tests": r"\btests?\b|\btesting\b|\bci\b|\bverif\w+",
    "inspects": r"\binternal\w*|\bundocumented\b|\bdeprecat\w+|\bmaster\b|\bupstream\b|"
    r"\bmain branch\b",
}
_FORM_CUES = {
    "feature_form": r"describe the (?:solution|feature)|solution you'?d like|feature you'?d like|"
    r"is your feature request|describe alternatives|feature and motivation|will this change",
    "bug_form": r"steps? to reproduce|repro(?:duction)? steps|expected (?:behaviou?r|results?)|"
    r"(?:actual|current|observed) (?:behaviou?r|results?)|describe the bug|to reproduce",
    "system_form": r"system info\w*|operating system|os version|environment|detailed description|"
    r"os platform|version:|platform:",
    "log_form": r"log output|stack ?trace|console|call stack|relevant log",
    "feature_type": r"(?:type|report)\W{0,12}(?:documentation )?(?:feature|enhancement)",
    "bug_type": r"(?:issue )?type\W{0,12}(?:<b>)?bug\b|\(bug\)",
    "support_type": r"type\W{0,12}(?:support|question|help|others?)\b|type\W{0,12}(?:build|"
    r"performance)",
    "answers_feature": r"report a \W*bug\W{0,8}\?\W{0,12}(?:a |request a )?\W*feature|"
    r"request a \W*feature\W*$",
    "answers_bug": r"report a \W*bug\W{0,8}\?\W{0,12}(?:report a |a )?\W*bug",
    "answers_question": r"report a \W*bug\W{0,8}\?\W{0,12}(?:a |ask )?\W*(?:question|neither|no|"
    r"not)",
    "readiness": r"readiness checklist|i agree to contribute|checklist",
    "posted": r"originally posted|_originally",
    "no_answer": r"_no response_|no response",
    "doc_form": r"doc(?:umentation)? issue|documentation",
    "ticked": r"\[x\]",
    "unticked": r"\[ \]",
    "comment": r"<!--",
    "image": r"!\[|<img|\.(?:png|jpe?g|gif|mp4)\b",
    "code_block": r"```|~~~",
    "permalink": r"github\.com/[\w.-]+/[\w.-]+/blob/",
    "issue_link": r"github\.com/[\w.-]+/[\w.-]+/(?:issues|pull)/\d+|(?<!\w)#\d{2,}",
    "sandbox": r"codesandbox|jsfiddle|codepen|colab|gist\.github|stackblitz|playground",
    "link": r"https?://",
    "trace": r'traceback \(most|file ".*", line \d+|\bat [\w.$<>]+ \(|#\d+ 0x|stack trace|^\s+at ',
    "shell": r"^\s*(?:\$|>>>|#|c:\\|sudo|pip|npm|cmake|git|docker|bitcoin\w*)\s",
    "compiler": r"\bg\+\+|\bgcc\b|\bclang\b|\bcmake\b|\bmakefile\b|\bundefined reference|"
    r"\.cpp:\d+|\.h:\d+",
    "code_line": r"^\s*(?:import|from|const|let|var|def|class|for|if|return|int|void|#include|"
    r"print)\b",
    "list_item": r"^\s*(?:[-*+]|\d+[.)])\s",
    "heading": r"^\s*(?:#{1,6}\s|\*\*)",
    "quote": r"^\s*>",
    "mention": r"(?<!\w)@[\w-]+|/?cc @",
}
_FLAGS = re.IGNORECASE | re.MULTILINE


def _compiled(cues: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern, _FLAGS) for name, pattern in cues.items()}


_TITLE, _BODY, _FORM = _compiled(_TITLE_CUES), _compiled(_BODY_CUES), _compiled(_FORM_CUES)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"(?:```|~~~).*?(?:```|~~~|\Z)", re.DOTALL)
_LINK = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"\d+")
_CODE_KEPT = 300
_NORMAL_CHARS = 4000


def issue_features(title: str, body: str) -> dict[str, float]:
    """Return the features of one issue, the same names in the same order for each.

    Parameters
    ----------
    title, body
        As the tracker keeps them.
    """
    body = body.replace("\r\n", "\n")[:MAX_BODY_CHARS]
    written = _COMMENT.sub(" ", body)
    prose = _LINK.sub(" ", _FENCE.sub(" ", written))
    opening = prose.strip()[:400]
    features = {f"title_{cue}": float(bool(p.search(title))) for cue, p in _TITLE.items()}
    features |= {f"body_{cue}": _often(p, prose) for cue, p in _BODY.items()}
    features |= {f"open_{cue}": float(bool(p.search(opening))) for cue, p in _BODY.items()}
    features |= {f"form_{cue}": _often(p, body) for cue, p in _FORM.items()}
    return features | _shape(title, body, prose)


def _often(pattern: re.Pattern[str], text: str) -> float:
    return math.log1p(sum(1 for _ in pattern.finditer(text)))


def _shape(title: str, body: str, prose: str) -> dict[str, float]:
    n_title, n_prose = len(words(title)), len(words(prose))
    return {
        "title_words": math.log1p(n_title),
        "title_lower": float(title[:1].islower()),
        "title_stop": float(title.rstrip().endswith((".", "!"))),
        "body_chars": math.log1p(len(body)),
        "body_words": math.log1p(n_prose),
        "body_empty": float(n_prose < 4),
        "prose_share": min(1.0, 6 * n_prose / (1 + len(body))),
        "question_marks": math.log1p(prose.count("?")),
        "exclamations": math.log1p(prose.count("!")),
        "ends_asking": float(prose.rstrip().endswith("?")),
        "small_i": math.log1p(len(re.findall(r"(?:^|\s)i(?:\s|'m|')", prose))),
        "ticks": math.log1p(prose.count("`")),
        "small_starts": float(bool(re.match(r"\s*[a-z]", prose))),
        "lines": math.log1p(prose.count("\n")),
    }


def plain_words(title: str, body: str) -> str:
    """Return title and body as the words to hash: no comments, addresses, digits or long code.

    Words of the title are given twice, once marked, for they weigh more.
    """
    text = _COMMENT.sub(" htmlcomment ", body.replace("\r\n", "\n")[:MAX_BODY_CHARS])
    text = _FENCE.sub(lambda block: f" codeblock {block[0][:_CODE_KEPT]}", text)
    text = _NUMBER.sub("0", _LINK.sub(" url ", text))[:_NORMAL_CHARS]
    marked = " ".join(f"ttl_{word}" for word in title.lower().split())
    return f"{marked}\n{title}\n{text}"
