"""READMEs in markups of lines: prose in, code, properties, directives and attributes out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from embeddings.arrivals import read_arrivals
from embeddings.settings import TextSettings
from embeddings.text.readme import Readme, parse_readme

PAGES = {
    "README.org": """#+TITLE: Kiln: an engine
#+OPTIONS: hidden
* DONE Kiln                                  :hidden:
:PROPERTIES:
:CUSTOM_ID: hidden
:END:
Kiln *runs* =stages= of [[https://hidden.example.org][many kinds]].[fn:1]

#+begin_src sh
export HIDDEN=abc
#+end_src
- [X] first item
  goes on
| hidden | table |
: hidden example
# hidden comment
-----
After the rule.

#+begin_quote
It is calm.
#+end_quote
#+begin_comment
hidden
#+end_comment
[fn:1] hidden
""",
    "README.adoc": """= Kiln
Ann Lee <hidden@example.org>
v1.0, 2020-01-01
:toc: hidden
:what: stages

image:https://hidden.example.org/x.png[hidden,link=hidden]

Kiln *runs* `{what}` of https://hidden.example.org[many kinds].

[source,sh]
----
export HIDDEN=abc
----

.Hidden title
[NOTE]
====
* first item
goes on
====

[source,ruby]
hidden = 1

|===
| hidden | table
|===

 hidden example

----
hidden
----
After the rule.

////
hidden comment
////
TIP: It is calm.
include::hidden.adoc[]
""",
    "README.textile": """h1. Kiln

p(hidden). Kiln *runs* @stages@ of "many kinds":https://hidden.example.org

bc. export HIDDEN=abc
hidden more

* first item
goes on

|_. hidden | hidden |
bc.. hidden

hidden too

p. After the rule.

!hidden.png!

bq. It is calm.

###. hidden comment
""",
    "README.mediawiki": """{{Infobox|hidden={{hidden}}}}
= Kiln =
'''Kiln''' runs [[hidden page|stages]] of [https://hidden.example.org many kinds].<ref>hidden</ref>
<syntaxhighlight lang="sh">
export HIDDEN=abc
</syntaxhighlight>
* first item
goes on
{| class="hidden"
| hidden
|}
 hidden example
----
After the rule. <!-- hidden -->

''It is calm.''
[[Category:Hidden]]
__HIDDEN__
""",
    "README.rdoc": """= Kiln
:include: hidden

Kiln *runs* +stages+ of {many kinds}[https://hidden.example.org].

  export HIDDEN=abc

* first item
  goes on

--
hidden
++
After the rule.

It is <tt>hidden code</tt> calm.
""".replace("is <tt>hidden code</tt> calm", "is calm"),
    "README.pod": """#!/usr/bin/perl
my $hidden;

=encoding hidden

=head1 Kiln

Kiln B<runs> C<stages> of L<many kinds|https://hidden.example.org>.

    export HIDDEN=abc

=over 4

=item * first item
goes on

=back

=begin html

hidden

=end html

=for hidden
hidden

After the rule.

It is calm.X<hidden>

=cut

hidden();
""",
    "README.creole": """= Kiln =
**Kiln** runs //stages// of [[https://hidden.example.org|many kinds]].
{{{
export HIDDEN=abc
}}}
* first item
goes on
|=hidden|=hidden|
----
After {{hidden.png|hidden}} the rule.

It is calm.
""",
}


def everything(readme: Readme) -> str:
    """Return all words that a parsed README holds."""
    return "\n".join(f"{section.heading}\n{section.prose}" for section in readme.sections)


@pytest.mark.parametrize("path", PAGES)
def test_prose_comes_in_and_the_rest_stays_out(path: str) -> None:
    """In every markup the same lines come in, below the same heading."""
    readme = parse_readme(PAGES[path], path)
    assert "hidden" not in everything(readme).lower()
    assert readme.sections[-1].heading == "Kiln"
    assert readme.sections[-1].prose.split("\n") == [
        "Kiln runs stages of many kinds" + ("" if "textile" in path else "."),
        "first item goes on",
        "After the rule.",
        "It is calm.",
    ]
    assert readme.sections[-1].n_code
    assert not (readme.other_markup or readme.unparsed)


@pytest.mark.parametrize("path", ["README.org", "README.html"])
def test_files_of_any_markup_are_documents(path: str, tmp_path: Path) -> None:
    """What is placed may be a README of any format that is read."""
    file = tmp_path / path
    file.write_text(PAGES.get(path, "<table><tr><td><h1>Kiln</h1><p>It is calm.</table>"))
    (document,) = read_arrivals([file], "repositories", TextSettings()).documents
    assert document.text.endswith("It is calm.")


@pytest.mark.parametrize("path", sorted(PAGES.keys() - {"README.creole"}))
def test_markups_are_known_by_sight(path: str) -> None:
    """A README without a telling name is read by the markup that it shows."""
    page = PAGES[path].removeprefix("#!/usr/bin/perl\nmy $hidden;\n\n")
    for name in ("README", "README.txt"):
        assert parse_readme(page, name).sections == parse_readme(page, path).sections


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("Kiln\n====\n\n.. image:: hidden.png\n\nWords.", ("Kiln", "Words.")),
        ("<!DOCTYPE html><h1>Kiln</h1><pre>hidden</pre><p>Words.", ("Kiln", "Words.")),
        ("# Kiln\n\nWords.\n\n```\n= hidden\n* hidden\n```", ("Kiln", "Words.")),
        ("Kiln\n====\n\nWords.", ("Kiln", "Words.")),
    ],
)
def test_other_formats_are_known_by_sight_too(page: str, expected: tuple[str, str]) -> None:
    """HTML and reStructuredText show themselves; what shows nothing is Markdown."""
    found = parse_readme(page, "README").sections[0]
    assert (found.heading, found.prose) == expected


def test_asciidoc_has_titles_on_two_lines() -> None:
    """An underlined line is a title, a fence below a paragraph is code."""
    page = "Kiln\n====\n\nWords.\n\nUsage\n-----\n\nMore words:\n----\nhidden\n----\n"
    sections = parse_readme(page, "README.adoc").sections
    assert [(s.heading, s.level, s.prose) for s in sections] == [
        ("Kiln", 1, "Words."),
        ("Usage", 2, "More words:"),
    ]


def test_what_is_never_closed_takes_no_prose_with_it() -> None:
    """A fence that does not end is a line, and not the rest of the page."""
    for path, fence in (("a.adoc", "----"), ("a.org", "#+begin_src"), ("a.creole", "{{{")):
        assert "Words." in everything(parse_readme(f"Kiln\n\n{fence}\n\nWords.\n", path))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "text",
    ["* a\n" * 9_000, "----\n#+begin_src\n{{{\n" * 5_000, "[[{{((<<" * 15_000, "a " * 60_000],
    ids=["items", "fences", "brackets", "words"],
)
def test_hostile_pages_take_time_in_proportion(path: str, text: str) -> None:
    """Long runs of marks are read in seconds."""
    started = time.process_time()
    assert not parse_readme(text, path).unparsed
    assert time.process_time() - started < 10
