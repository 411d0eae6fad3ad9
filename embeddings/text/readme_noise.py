"""What in a README does not say what the project is: rows, pointers, news and adverts.

Rules over one block of prose, precise rather than complete: a row must look like a row, a pointer
must lead somewhere. Text is as `embeddings.text.readme_draft` gathers it: its links are marked, and
its lines are as they were written.
"""

from __future__ import annotations

import re

from embeddings.text.readme_blocks import (
    ADDRESS,
    LINK_CLOSE,
    LINK_OPEN,
    SHORTCODE,
    has_address,
    word_set,
    words,
)

_MAX_POINTER_CHARS, _MAX_POINTER_WORDS, _MAX_SHORT_WORDS = 400, 30, 8
_MARKS = re.compile(f"[{LINK_OPEN}{LINK_CLOSE}]")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_NEWS = re.compile(
    rf"[^\w(]*[(]?(?:(?:19|20)\d\d[-/.年]\s?\d{{1,2}}(?:[-/.月]\s?\d{{1,2}})?日?|"
    rf"{_DAY}[-/.]\d{{1,2}}[-/.](?:19|20)\d\d|{_MONTH}(?: {_DAY})?,? (?:19|20)\d\d|"
    rf"{_DAY} {_MONTH},? (?:19|20)\d\d|(?:19|20)\d\d,? {_MONTH})(?:\W|\Z)|"
    r"\W*(?:breaking |latest |hot |big )?(?:news|new|updates?|announcements?|announcing|hot|"
    r"what'?s new|just released)\b(?: \([^)]{1,20}\))?\s*[\]):!*]",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"\A\W*(?:\w+,? )?we(?:'ve|’ve|'re|’re)?(?: have| are| just| now| recently| officially|"
    r" also)* (?:released|launched|announced?|published|open-?sourced|excited|happy|thrilled|proud|"
    r"pleased|delighted|hiring|presented|won)\b|"
    r"\A\W*(?:\S+ ){0,5}?(?:v|version )?\d+(?:\.\d+)+\S* (?:is |are |was |has been )?(?:now |"
    r"finally )?(?:out|available|released|live|here)\b|"
    r"\b(?:is|are) (?:now|finally) (?:generally )?(?:available|live|released|out|in (?:beta|"
    r"preview))\b|"
    r"\bhas been (?:accepted|published|presented) (?:to|at|by|in)\b",
    re.IGNORECASE,
)
_TARGET = (
    r"(?:docs?|documentation|web ?site|home ?page|web ?page|site|wiki|guides?|tutorials?|manual|"
    r"handbook|"
    r"blog(?: ?posts?)?|post|papers?|preprint|articles?|readme|page|faqs?|changelog|change log|"
    r"(?:release )?notes|roadmap|examples?|samples?|demos?|videos?|talks?|slides|reference|"
    r"notebooks?|slack|discord|gitter|forum|discussions?|issues?|community|channel|mailing list|"
    r"newsletter|twitter|licen[cs]e|section|instructions|folder|directory|repo(?:sitory)?|list|"
    r"announcement|quick ?start|getting started|below|above|here|link|file|table)"
)
_LEAD = (
    r"\A\W*(?:(?:and|also|then|please|or|you (?:can|may|might) (?:also )?|just|feel free to|"
    r"to [^,]{1,60},|if "
    r"[^,]{1,80},|for [^,]{1,80},|in [^,]{1,40},|we (?:encourage|recommend|suggest|invite) you to|"
    r"want [^?]{1,60}\?|looking for [^?]{1,60}\?)\s*)*"
)
_POINTS = re.compile(
    _LEAD + r"(?:see|read|visit|check(?: it| this)?(?: out)?|refer|take a look|have a look|look at|"
    r"head(?: over)? to|consult|go to|learn more|find (?:out )?more|follow|join|watch|click|"
    r"get started|browse|chat|star|subscribe|sign up|meet the|come say|say hi|reach out|contact|"
    r"view|"
    rf"try (?:it|out)|run the|explore (?:the|our|more))\b.*\b{_TARGET}\b",
    re.IGNORECASE,
)
_POINTS_SHORTLY = re.compile(
    _LEAD + r"(?:see|check(?: out)?|visit|refer to|follow|join us|get started|click|learn)\b",
    re.IGNORECASE,
)
_FOR_THAT = re.compile(
    r"\A\W*for .{1,80}\b(?:see|visit|check out|refer to|read|check)\b", re.IGNORECASE
)
_MORE = re.compile(
    r"\bfor (?:more|further|full|complete|detailed|additional|in-depth|usage|installation|"
    r"specific|the (?:full|latest|complete)|any)(?: [\w-]+){0,3}? (?:information|details?|docs?|"
    r"documentation|info|"
    r"examples?|instructions?|guides?|options?|questions?|help|usage|background|reference|"
    r"tutorials?)\b.*\b(?:see|check|visit|read|refer|look|consult|go|head|contact|take|open|ask|"
    r"view)\b|"
    r"\b(?:see|check|visit|read|refer|look|consult|head|contact|view)\b.*\bfor (?:more|further|"
    r"full|complete|"
    r"detailed|additional|in-depth|usage|installation|the (?:full|latest|complete))\b|"
    r"\A\W*(?:(?:more|further|additional|detailed|full) (?:information|details?|info|"
    r"documentation|examples?|instructions?)|(?:learn|read|find out|see) more)\b",
    re.IGNORECASE,
)
_IS_AT = re.compile(
    r"\A\W*(?:[\w'’-]+ ){0,6}?(?:documentation|docs|web ?site|home ?page|manual|wiki|guides?|"
    r"tutorials?|"
    r"examples?|demos?|reference|paper|source(?: code)?|changelog|release notes|information|"
    r"details|instructions|faqs?|roadmap|slides|videos?|notebooks?|"
    r"binaries)\b(?: [^\s.]+){0,5}? (?:is|are|can be|may "
    r"be|lives?|resides?)(?: also| now| currently| all)*(?: (?:available|hosted|found|published|"
    r"located|"
    r"accessible|viewed|read|accessed|downloaded|maintained|kept|provided))?(?: online)? (?:here|"
    r"there|at|on|in (?:the|our|this)|under|from|online|via|through)\b",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"\A\W*(?:proudly )?(?:sponsored|trusted|loved|brought to you|"
    r"made possible) (?:with \S+ )?by\b|"
    r"\A\W*(?:used|supported|powered) by(?: \S+){0,5}\Z|\bconsulting services?\b|\bfor free (?:on|"
    r"at|with)\b|"
    r"\bjoin (?:us|our|the)(?: [\w-]+){0,4}? (?:on|at|slack|discord|community|forum|channel|"
    r"server|newsletter|group|mailing list)\b|\bfollow (?:us|@|me|the project)|\b(?:give|leave|"
    r"drop) (?:\w+ ){0,3}a (?:\w+ )?star\b|"
    r"\A\W*(?:please )?star (?:us|this|the)\b|\bbecom(?:e|ing) an? (?:sponsor|backer|patron)\b|"
    r"\bsponsor(?:ing)? (?:us|me|this)\b|"
    r"\A\W*(?:want to (?:know|learn|see|get|try|read|help|contribute)|need help|looking for|"
    r"new to|have (?:a )?questions?|questions|curious|interested in)\b[^?]{0,60}\?\W*\Z|"
    r"\bbuy (?:me|us) a coffee\b|\bshow your (?:love|support)\b|\b(?:book|schedule|"
    r"request) a (?:demo|call|meeting)\b|"
    r"\bfree (?:trial|tier)\b|\A\W*(?:please )?(?:sign up|subscribe|donate)\b|"
    r"\A\W*special thanks\b|\bwe(?:'re|’re| are) hiring\b|"
    r"\b(?:commercial|enterprise|professional|paid) support\b|\bwatch (?:the|our|a) (?:video|talk|"
    r"demo|webinar)\b",
    re.IGNORECASE,
)
# "Join us on", "Powered by": what it names was a picture.
_DANGLING = re.compile(
    r"\W*(?:join|follow|find|explore|powered|sponsored|supported|available|try|get|watch|chat|"
    r"talk|read|download)\b(?:\W+\w+){0,6}\W+(?:on|at|in|by|via|from|with)\s*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\W*(?:more|(?:latest |recent |breaking |more )?(?:news|updates?|announcements?)|what'?s new|"
    r"(?:our )?(?:sponsors?|backers|partners|supporters)|(?:powered|sponsored|trusted|"
    r"used) by\b.{0,40}|"
    r"special thanks(?: to)?|(?:useful |quick |external )?links|(?:more )?resources|"
    r"follow us.{0,20}|"
    r"(?:talks|blog posts|articles|videos|tutorials|papers)(?: (?:and|&) \w+)?|languages|"
    r"other languages|read (?:this|it) in other languages.{0,20})\W*",
    re.IGNORECASE,
)
_MAX_HEADING_CHARS = 120
_EDGES = re.compile(r"^[\W\d_]+|[\W_]+$")
_SENTENCE_END = re.compile(
    rf"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\betc)[.!?。！？][{LINK_CLOSE})\"'’”\]]{{0,5}}\s+(?=\W{{0,9}}[A-Z0-9])"
)


_PLENTY = (
    r"(?:\w+ (?:and|&) |our |the |all |more |recent |latest |useful |external |other |community |"
    r"related )*"
)
_ASIDE_HEADING = re.compile(
    # News, which age.
    r"(?:\w+ ){0,2}(?:news|announcements?)(?: .{0,20})?|(?:latest |recent |major |"
    r"important )*updates?|"
    r"what'?s new\b.{0,40}|(?:latest |recent )?releases?(?: notes?| history)?|change ?logs?|"
    r"(?:version |release )history|.{1,60}\b(?:is|are) (?:now |"
    r"finally )?(?:generally )?(?:available|out|live|released)!?|"
    # Comparisons, which say what others are.
    r".+\bvs\b\.?(?! code| studio).*|.*\bversus\b.*|.*\bcompar(?:ed|isons?)\b (?:to|with|of|"
    r"against|between|table|chart|matrix)\b.*|"
    r"(?:(?:feature|detailed|quick|tools?|performance) )?comparisons?|comparing (?:to|with)\b.*|"
    r".*\bhow .{0,60}\b(?:compares?|differs?|different)\b.*|"
    r".*\bdifferences? (?:from|to|between|with)\b.*|(?:\w+ ){0,2}alternatives?(?: to\b.*)?|"
    r"(?:(?:similar|related|comparable|competing)(?: \w+)?|other) (?:projects?|tools?|software|"
    r"works?|packages?|"
    r"librar(?:y|ies)|solutions?|products?|frameworks?|implementations?)|prior art|competitors|"
    # Who pays, who uses, who is thanked, and what is for sale.
    r".*\b(?:sponsors?|sponsorship|sponsoring|backers?|supporters|donat\w+|patrons?|"
    r"special thanks|testimonials?|"
    r"stargazers?|star history|hiring)\b.*|(?:our |\w+ )?(?:partners?|customers?|adopters|users|"
    r"funding|jobs|careers|contributors?|acknowledge?ments?|credits|thanks)|"
    r"(?:who(?:'?s| is| are)? us(?:es|ing)|used by|trusted by|powered by|powering|loved by|"
    r"supported by|funded by)\b.*|"
    r"(?:give (?:us|it) )?a star.*|(?:support|star) (?:us|the project|this project|our work)|"
    r"(?:projects|companies|organi[sz]ations|products|tools) (?:that use|using|built (?:with|"
    r"on))\b.*|"
    r"(?:success stories|case studies|in the wild|showcases?)|pricing|consulting|"
    r"(?:.* )?(?:commercial|enterprise|professional|paid|premium) (?:support|editions?|versions?|"
    r"services?|offerings?)|(?:\S+ ){0,2}(?:cloud|enterprise|enterprise edition)|"
    # Where it was spoken and written of.
    rf"{_PLENTY}(?:talks?|presentations?|videos?|webinars?|podcasts?|blog ?posts?|blogs?|"
    rf"articles?|press|media|"
    r"publications?|papers?|events?|meet-?ups?|conferences?|courses?|newsletters?|screencasts?|"
    r"slides|further reading|additional reading|readings?|resources|links|citations?|citing.{0,30}|"
    r"cite.{0,20}|references|bibliography|books)(?: (?:and|&|/|,).{0,40})?",
    re.IGNORECASE,
)


def is_aside(heading: str) -> bool:
    """Return whether a section of that heading is beside the point: news, rivals, sponsors, talks.

    What stands below such a heading does not say what the project is, however it is written.
    """
    bare = _EDGES.sub("", heading)
    return len(bare) <= _MAX_HEADING_CHARS and _ASIDE_HEADING.fullmatch(bare) is not None


def told(text: str) -> str:
    """Return what a block of prose tells, without what only leads elsewhere or ages."""
    plain = _MARKS.sub("", text)
    if is_row(text) or _NEWS.match(plain) or _DANGLING.fullmatch(plain):
        return ""
    lines = text.split("\n")
    if len(lines) > 1:
        text = "\n".join(line for line in lines if not is_row(line, is_line=True))
    sentences = _sentences(text)
    kept = [sentence for sentence in sentences if not _leads_elsewhere(sentence)]
    return text if len(kept) == len(sentences) else " ".join(kept)


def is_label(text: str) -> bool:
    """Return whether ``text`` only heads what follows it: news, sponsors, links."""
    return len(text) <= 80 and _LABEL.fullmatch(text) is not None


def _sentences(text: str) -> list[str]:
    sentences, place = [], 0
    for end in _SENTENCE_END.finditer(text):
        sentences.append(text[place : end.end()].rstrip())
        place = end.end()
    return [*sentences, text[place:]]


def _leads_elsewhere(sentence: str) -> bool:
    """Return whether a sentence points to a page, announces something, or asks for support."""
    plain = " ".join(_MARKS.sub("", sentence).split())
    n_words = len(words(plain))
    if len(plain) > _MAX_POINTER_CHARS or n_words > _MAX_POINTER_WORDS:
        return False
    if _ANNOUNCED.search(plain) or _ADVERT.search(plain) or _MORE.search(plain):
        return True
    if _IS_AT.match(plain):
        return True
    if LINK_OPEN not in sentence and not has_address(plain):
        return False
    is_short = n_words <= _MAX_SHORT_WORDS
    return bool(
        _POINTS.match(plain)
        or _FOR_THAT.match(plain)
        or (is_short and _POINTS_SHORTLY.match(plain))
    )


_MAX_ROW_CHARS, _MAX_LABEL_WORDS, _MAX_FREE_WORDS = 600, 5, 2
_LINK = re.compile(f"{LINK_OPEN}[^{LINK_OPEN}{LINK_CLOSE}]*{LINK_CLOSE}")
_BETWEEN = re.compile(r"[|•·∙・｜¦▪◆●⋅]|(?<=\s)[-–—/:~]+(?=\s)")
_LABEL_WORDS = word_set(
    """
    about academy announcement announcements api arxiv article benchmark benchmarks blog bluesky
    bug bugs changelog chat citation cite cloud code colab community contact contribute
    contributing contributors cookbook course demo demos developers discord discussion
    discussions doc docs documentation donate download downloads email enterprise events example
    examples facebook faq features feedback forum forums gallery getting github gitter guide
    guides handbook help home homepage hub huggingface install installation instagram issue
    issues jobs learn leaderboard license linkedin mail manual mastodon matrix medium modelscope
    models newsletter news npm overview paper papers playground podcast pricing project pypi qq
    quick quickstart readme reddit reference release releases report request research roadmap
    sdk security showcase site slack slides source space spaces sponsor sponsors stackoverflow
    start started summit support talk talks team telegram tutorial tutorials tweet twitter usage
    video videos web webpage website wechat weibo wiki x youtube zhihu zulip
    文档 主页 官网 论文 博客 教程 快速开始 微信
    """
)
_SMALL_WORDS = word_set(
    """
    a all and as at for full here in is it latest more now of official on online or our read see
    stable the this to try us user view with your join follow check out
    """
)
_LANGUAGES = word_set(
    """
    english chinese japanese korean spanish french german portuguese
    russian italian turkish arabic hindi vietnamese ukrainian polish
    dutch indonesian thai persian farsi hebrew czech swedish 中文 简体中文
    繁體中文 繁体中文 正體中文 中文版 中文文档 中文说明 英文 日本語 한국어 español castellano lengua
    española français deutsch deutsche português portugues русский
    italiano türkçe العربية हिन्दी tiếng việt українська polski
    nederlands bahasa indonesia ไทย ภาษาไทย فارسی עברית čeština
    svenska läs på ελληνικά magyar română suomi dansk norsk català
    বাংলা தமிழ் en zh cn zh-cn zh-tw ja jp ko kr es fr de pt pt-br ru
    it tr vi uk
    """
)
_LANGUAGE_EXTRAS = word_set("readme version simplified traditional brasil brazilian docs in")


def is_row(text: str, *, is_line: bool = False) -> bool:
    """Return whether ``text`` is a row of navigation, or of the languages a page is in.

    Its labels are short and stand between bars, dots or links. Of labels in links at least one in
    three must be known (docs, blog, quick start …), else all; known languages need no links. A
    line of a paragraph may by chance hold a single link, so that it needs two labels.
    """
    if len(text) > _MAX_ROW_CHARS:
        return False
    leads = has_address(text)
    text = SHORTCODE.sub(" ", ADDRESS.sub(" ", text))
    linked = [match[0] for match in _LINK.finditer(text)]
    around = _LINK.sub("|", text)
    free = [label for piece in _BETWEEN.split(around) if (label := words(piece))]
    inside = [label for link in linked for piece in _BETWEEN.split(link) if (label := words(piece))]
    labels = free + inside
    if not labels or max(map(len, labels)) > _MAX_LABEL_WORDS:
        return False
    n_languages = sum(map(_is_language, labels))
    if n_languages >= max(2, 0.6 * len(labels)) or (linked and n_languages == len(labels)):
        return True
    if len(labels) == 1 and is_line:
        return False
    if len(labels) == 1:
        return (bool(linked) or leads) and _is_known(labels[0], whole=True)
    n_known = n_languages + sum(map(_is_known, labels))
    if len(inside) >= 2 and 2 * len(free) <= len(inside) and "," not in around:
        return 3 * n_known >= len(labels)
    return n_known >= len(labels) and (bool(linked) or bool(_BETWEEN.search(text)))


def _is_language(label: list[str]) -> bool:
    lower = [word.lower() for word in label]
    return any(word in _LANGUAGES for word in lower) and all(
        word in _LANGUAGES or word in _LANGUAGE_EXTRAS for word in lower
    )


def _is_known(label: list[str], *, whole: bool = False) -> bool:
    """Return whether a label is of those that rows hold; a long one must be so word for word."""
    lower = [word.lower() for word in label]
    known = [word in _LABEL_WORDS for word in lower]
    if whole or len(label) > _MAX_FREE_WORDS:
        known_or_small = (word in _LABEL_WORDS | _SMALL_WORDS for word in lower)
        return any(known) and all(known_or_small)
    return any(known) and not _is_language(label)
