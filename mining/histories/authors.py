"""Who made a commit: a person, a bot, or an agent that writes code; told by the author alone.

Rules look at whole names and whole addresses, never at parts of words, since names such as Bocci,
Travis or Wrightsman hold what rules for bots look for. Who is named in a trailer (Co-authored-by)
changes nothing: a commit that a person made with an agent's help is that person's, and an agent's
commit that names a person is the agent's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

AuthorKind = Literal["human", "bot", "agent"]

_NOREPLY: Final = re.compile(
    r"(?:(?P<id>[0-9]+)\+)?(?P<login>[^@+\s]+)@users\.noreply\.github\.com", re.IGNORECASE
)
_BOT_NAME: Final = re.compile(
    r".*\[bot\]"
    r"|(?:git)?(?:ro)?bot"
    # The last word says it; as a single word that ends in "bot" a name may be Talbot's.
    r"|.*[-_. ](?:ro)?bots?"
    r"|bot[-_].*"
    r"|[\w.-]+[-_](?:automation|automator|autobot|autoroll|releaser)",
)
_CAMEL_BOT: Final = re.compile(r"[A-Z]?[a-z0-9]+(?:[A-Z][a-z0-9]+)*B(?:ot|OT)|[A-Z][a-z0-9]+CI")
"""A single word such as ``MergeBot`` or ``CircleCI``."""


def _listed(names: str) -> frozenset[str]:
    return frozenset(" ".join(names.split()).split("; "))


BOTS: Final = _listed(
    """
    actions-user; allcontributors; appveyor; asf-ci; asf-gitbox; autopep8; azure pipelines;
    azure-pipelines; bors; buildbot; ci; ci user; cibuild; circle ci; circleci; code factor;
    codecov; codecov-io; codefactor; codefactor-io; codetriage; copybara; copybara-service;
    crowdin; deepsource; deepsource-autofix; deepsourcebot; dependabot; dependabot support;
    dependabot-preview; drone ci; fossabot; gerrit code review; gh-pages; gitbook; gitbook-com;
    gitee; github; github action; github actions; github merge queue; github-actions;
    github-classroom; github-merge-queue; gitlab; gitlab ci; gitlab-ci; gitter badger;
    gitter-badger; google-oss-prow; goreleaserbot; greenkeeper; greenkeeperio; h2o-ops; imgbot;
    imgbotapp; jenkins; jenkins ci; kodiakhq; lgtm; lgtm-com; lint-action; lyft-metaservice-2;
    lyft-metaservice-3; mergify; mergifyio; microsoft github policy service;
    microsoft-github-policy-service; mlflow-automation; netlify; nightly; oss-fuzz; pre-commit;
    pre-commit ci; pre-commit-ci; prow; pyup; pyup.io; read the docs; readthedocs;
    release-please; renovate; renovateapp; restyled; restyled-io; restyled.io; scala steward;
    scala-steward; semantic release; semantic-release; sentry-io; sonarcloud; sourcery ai;
    sourcery-ai; step security; step-security; stepsecurity app; stickler-ci; tensorflow
    jenkins; tensorflower gardener; tensorflower-gardener; the gitter badger; transifex; travis
    ci; travis ci user; travis-ci; travisci; trellixvulnteam; uber-oss-release; vercel;
    web-flow; weblate; whitesource; whitesource-renovate
    """
)
"""Names and logins of bots that no rule tells."""
_BOT_LOCAL_PART: Final = re.compile(r"(?:(?:ro)?bots?|buildbot|ci|automation)(?:\+.*)?")
"""What stands before the @ of an address that is nobody's."""
_BOT_ADDRESSES: Final = frozenset(
    {
        "action@github.com",
        "actions@github.com",
        "builds@travis-ci.org",
        "bot@renovateapp.com",
        "support@dependabot.com",
        "support@greenkeeper.io",
        "badger@gitter.im",
        "hosted@weblate.org",
        "noreply@weblate.org",
        "gardener@tensorflow.org",
    }
)
AGENTS: Final = _listed(
    """
    aider; amazon q developer; amazon-q-developer; chatgpt-codex-connector; claude code;
    claude-code; codegen-sh; copilot; copilot autofix; copilot coding agent; copilot-autofix;
    copilot-swe-agent; cosine-genie; cursor agent; cursoragent; devin ai; devin-ai;
    devin-ai-integration; factory-droid; gemini cli; gemini code assist; gemini-cli;
    gemini-code-assist; github copilot; github-copilot; google labs jules; google-labs-jules;
    jules-agent; openai codex; openai-codex; opencode; opencode-agent; openhands; openhands
    agent; openhands-agent; roomote; roomote-agent; sweep ai; sweep-ai; windsurf; windsurf agent
    """
)
"""Names and logins of agents. People are called Claude, Devin and Jules, and of those their
address tells."""
_AGENT_ADDRESSES: Final = frozenset(
    {
        "noreply@anthropic.com",
        "codex@openai.com",
        "cursoragent@cursor.com",
        "noreply@aider.chat",
        "openhands@all-hands.dev",
        "copilot@github.com",
        "noreply@opencode.ai",
    }
)
_APP: Final = "[bot]"
_AGENT_APPS: Final = frozenset({"claude", "codex", "cursor", "devin", "gemini", "jules", "sweep"})
"""What agents are called that are apps of GitHub, whose names end in [bot]: nobody else's do."""


@lru_cache(maxsize=1 << 14)
def author_kind(name: str, email: str) -> AuthorKind:
    """Return what the author of a commit is, by the name and the e-mail that it was made with.

    Parameters
    ----------
    name, email
        As git tells them, after the repository's own mailmap.
    """
    login, _ = github_account(email)
    address = email.strip().lower()
    told = {_plain(name), _plain(login or "")} - {""}
    bare = {each.removesuffix(_APP).strip() for each in told}
    apps = {each.removesuffix(_APP) for each in told if each.endswith(_APP)}
    if address in _AGENT_ADDRESSES or bare & AGENTS or apps & _AGENT_APPS:
        return "agent"
    is_nobodys = _BOT_LOCAL_PART.fullmatch(address.partition("@")[0]) is not None
    if (
        is_nobodys
        or address in _BOT_ADDRESSES
        or bare & BOTS
        or any(map(_BOT_NAME.fullmatch, told))
    ):
        return "bot"
    return "bot" if _CAMEL_BOT.fullmatch(name.strip()) else "human"


def github_account(email: str) -> tuple[str | None, int | None]:
    """Return the login and the numeric id that one of GitHub's noreply addresses holds.

    Examples
    --------
    >>> github_account("12345+ada@users.noreply.github.com")
    ('ada', 12345)
    """
    match = _NOREPLY.fullmatch(email.strip())
    if match is None:
        return None, None
    number = match["id"]
    return match["login"].lower(), int(number) if number and len(number) < 19 else None


def _plain(name: str) -> str:
    return " ".join(name.lower().split())
