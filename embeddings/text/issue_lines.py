"""Lines of an issue that a shell, a program, a mailer or a diff wrote, told from sentences.

People begin sentences with the names of commands, levels and errors too. So what only begins like
a machine's line is one only where it does not read like a sentence.
"""

from __future__ import annotations

import re

from embeddings.text.readme_blocks import words

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
