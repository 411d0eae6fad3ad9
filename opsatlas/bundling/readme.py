"""The README of a bundle: what it is, how to check and replay it, and what is not in it."""

from __future__ import annotations

from collections import Counter

from opsatlas.bundling.citing import BundleAbout, version
from opsatlas.bundling.contents import Contents
from opsatlas.bundling.withholding import ATTRIBUTION, INSTEAD, SharedFiles

TEXT = """\
# {title}

{description}

| folder or file | what |
| --- | --- |
| `workspace/` | the workspace of the study: snapshots, taxonomies, labels, figures |
| `inputs/` | files that the study names: lists, codebooks, sources; `inputs/package/` are \
opsatlas's own |
| `bundle.json`, `ro-crate-metadata.json` | every file with its SHA-256, for programs; how each \
artifact was made |
| `CITATION.cff`, `.zenodo.json` | how to cite and deposit it |
| `environment.txt` | versions of all packages |

## Check and replay it

    pip install opsatlas=={version}
    opsatlas bundle verify FILE
    opsatlas replay FILE

`replay` makes everything again that can be made of what is here, without a network, and compares
it. Unpacked, `workspace/` is a workspace like any other: `opsatlas status -w workspace`.

## Licence

{licence}
"""
PEOPLE = """
## People

{n} who coded or decided go by pseudonyms. Their memos are left out; their codes, and the reasons
that they gave for decisions and changes of codebooks, are here.
"""


def readme_text(about: BundleAbout, contents: Contents, shared: SharedFiles) -> str:
    """Return the text of README.md."""
    licence = (
        f"{about.licence}, for what the study made."
        if about.licence is not None
        else "None is named: ask the authors before you pass it on."
    )
    if shared.readmes:
        licence += f" READMEs keep theirs: see `{ATTRIBUTION}`."
    text = TEXT.format(
        title=about.title, description=about.description, version=version(), licence=licence
    )
    if about.private:
        text += "\nThis bundle is private: it holds texts of others, which may not be passed on.\n"
    if shared.n_people:
        text += PEOPLE.format(n=f"{shared.n_people:,}")
    return text + _absent(contents, shared)


def _absent(contents: Contents, shared: SharedFiles) -> str:
    lines = []
    reasons = Counter((file.reason, file.mine_again) for file in shared.withheld)
    for (reason, again), n in sorted(reasons.items()):
        files = f"{n:,} file{'s' if n != 1 else ''}"
        lines.append(f"- {files}: each {reason}." + (f" To make it: `{again}`." if again else ""))
    if any(file.instead for file in shared.withheld):
        lines.append(f"- In their place, `{INSTEAD}/` has the tables without the texts.")
    lines += [f"- {sentence}." for sentence in contents.left_out]
    lines.append("- Raw answers, drafts, code of dependents, and vectors that are kept for speed.")
    return "\n## What is not here\n\n" + "\n".join(lines) + "\n"
