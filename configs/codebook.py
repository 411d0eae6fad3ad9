"""Codebooks: the codes that people, and crosswalks, sort documents by.

A codebook asks for one or more *variables* (kind, category, …); each has codes of its own. A file
that names no variable has one, whose id is ``code``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from artifacts.errors import ConfigError
from artifacts.explaining import read_model
from artifacts.notation import toml_text

_ID = r"[a-z0-9][a-z0-9-]*"
_KEY = r"[a-z0-9]"
ONLY_VARIABLE = "code"
"""The id of the variable of a codebook that names none."""

Level = Literal["nominal", "ordinal", "interval"]


class Variable(BaseModel):
    """One question that a codebook asks of a document.

    Attributes
    ----------
    id
        How files and commands call it, in lower case.
    name
        How people call it.
    question
        What the coder is asked.
    multiple
        Several codes may apply at once, or none.
    open
        Coders may add codes while they code.
    level
        What the codes are: names (``nominal``), an order that the file gives (``ordinal``), or
        points on a scale (``interval``, each code with its ``value``).
    only_if
        Codes by another variable: asked only where the answers to all of these are among them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=rf"^{_ID}$")
    name: str = Field(min_length=1)
    question: str | None = Field(None, min_length=1)
    multiple: bool = False
    open: bool = False
    level: Level = "nominal"
    only_if: dict[str, tuple[str, ...]] = {}

    def applies(self, answers: Mapping[str, tuple[str, ...]]) -> bool:
        """Tell whether the variable is asked of a document with these answers so far."""
        return all(
            any(code in codes for code in answers.get(variable, ()))
            for variable, codes in self.only_if.items()
        )


class Code(BaseModel):
    """One code: its id, which never changes, its name, and what it means.

    Attributes
    ----------
    id
        How files and commands call it, in lower case.
    name
        How people call it.
    definition
        What it means: coders and the machine go by it.
    variable
        The id of the variable that it is a code of; None: the first.
    when
        When to use it.
    not_when
        When to use another one.
    examples
        Short phrases of what it covers.
    parent
        The broader code that it is a part of: ``CODE`` of this variable, or ``CODEBOOK/CODE`` of a
        codebook whose file stands beside this one.
    aliases
        What others call it: the categories of coders, or of lists. Codes may share one, where
        others tell less apart.
    key
        The key that a coder presses for it: a small letter or a digit. None: one is found.
    value
        Its point on the scale of an interval variable.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=rf"^{_ID}$")
    variable: str | None = Field(None, pattern=rf"^{_ID}$")
    name: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    when: str | None = Field(None, min_length=1)
    not_when: str | None = Field(None, min_length=1)
    examples: tuple[str, ...] = ()
    parent: str | None = Field(None, pattern=rf"^({_ID}/)?{_ID}$")
    aliases: tuple[str, ...] = ()
    key: str | None = Field(None, pattern=rf"^{_KEY}$")
    value: float | None = Field(None, allow_inf_nan=False)


class CodebookHead(BaseModel):
    """What the codebook is called, which version of it this is, and what it is for.

    Attributes
    ----------
    name
        How files and commands call it, in lower case.
    title
        How people call it.
    version
        From 1; raised by whoever changes the file.
    layer
        The documents that it sorts: tools, or themes of requests; None: either.
    none
        Words that say that a document has no code here. With any, coders may answer so, too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=rf"^{_ID}$")
    title: str = Field(min_length=1)
    version: int = Field(ge=1)
    layer: Literal["tools", "themes"] | None = None
    none: tuple[str, ...] = ()

    def takes_none(self, variable: Variable) -> bool:
        """Tell whether it is an answer to a variable that no code applies.

        It is where several may; where one must, if the codebook has words for none of them, and
        the codes are names: none is no place on a scale.
        """
        return variable.multiple or bool(self.none and variable.level == "nominal")


class BookSource(BaseModel):
    """The list that a codebook was made from.

    Agreement with that list says nothing of what the codebook guides: it is refused as a judge.

    Attributes
    ----------
    list
        Name of its file.
    sha256
        SHA-256 of its bytes.
    url
        Where it is from.
    licence
        Under which licence, as SPDX writes it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    list: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    url: str | None = Field(None, min_length=1)
    licence: str | None = Field(None, min_length=1)


class Codebook(BaseModel):
    """A codebook: its variables and their codes, each id, name and key once in its variable."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codebook: CodebookHead
    source: BookSource | None = None
    variables: tuple[Variable, ...] = ()
    codes: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _refuse_what_contradicts(self) -> Codebook:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        asked = self.asked()
        ids = [variable.id for variable in asked]
        if repeated := _repeated(ids):
            yield f"the variable '{repeated}' stands twice"
        for code in self.codes:
            if self.variable_of(code) not in ids:
                yield f"the code '{code.id}' is of '{code.variable}', which is no variable"
        for number, variable in enumerate(asked):
            yield from self._problems_of(variable)
            yield from self._unmet(variable, ids[:number])
        yield from contradictions_of_none(self.codebook, self.codes)

    def _problems_of(self, variable: Variable) -> Iterator[str]:
        codes = self.codes_of(variable.id)
        if len(codes) < 2 and not variable.open:
            yield f"'{variable.id}' has fewer than two codes, and is not open"
        for what in ("id", "name", "key"):
            values = [value for code in codes if (value := getattr(code, what)) is not None]
            if repeated := _repeated(values):
                yield f"the {what} '{repeated}' stands twice"
        if variable.level != "nominal" and variable.multiple:
            yield f"'{variable.id}' is {variable.level}, and so takes one code, not several"
        if variable.level == "interval":
            points = [code.value for code in codes]
            if None in points or len(set(points)) < len(points):
                yield f"'{variable.id}' is interval, and so each of its codes needs its own value"

    def _unmet(self, variable: Variable, before: list[str]) -> Iterator[str]:
        for other, wanted in variable.only_if.items():
            if other not in before:
                yield f"'{variable.id}' hangs on '{other}', which is no variable before it"
            known = {code.id for code in self.codes_of(other)}
            for code in wanted:
                if code not in known:
                    yield f"'{variable.id}' hangs on '{code}', which is no code of '{other}'"

    def asked(self) -> tuple[Variable, ...]:
        """Return the variables, in the order in which they are asked."""
        return self.variables or (Variable(id=ONLY_VARIABLE, name=self.codebook.title),)

    def variable_of(self, code: Code) -> str:
        """Return the id of the variable that a code belongs to."""
        return code.variable or self.asked()[0].id

    def codes_of(self, variable: str) -> tuple[Code, ...]:
        """Return the codes of a variable, in the file's order."""
        return tuple(code for code in self.codes if self.variable_of(code) == variable)

    def code(self, code_id: str) -> Code | None:
        """Return the first code of that id, or None."""
        return next((code for code in self.codes if code.id == code_id), None)

    def word_for_none(self, variable: Variable) -> str | None:
        """Return the word that is written where no code applies, or None: there is none.

        Of the words under ``none`` it is the first that means no code, and that a list can hold.
        """
        if not self.codebook.takes_none(variable):
            return None
        called = self.codes_called()
        words = (word.strip() for word in self.codebook.none)
        return next((w for w in words if w and ";" not in w and not called.get(w.lower())), None)

    def codes_called(self) -> dict[str, frozenset[str]]:
        """Return the ids of the codes by each id, name and alias of theirs, in lower case.

        What `CodebookHead.none` lists is there with no code.
        """
        called: dict[str, frozenset[str]] = {
            word.lower(): frozenset() for word in self.codebook.none
        }
        for code in self.codes:
            for word in {code.id, code.name.lower(), *(alias.lower() for alias in code.aliases)}:
                called[word] = called.get(word, frozenset()) | {code.id}
        return called


def contradictions_of_none(head: CodebookHead, codes: Iterable[Code]) -> Iterator[str]:
    """Yield what is wrong with the words for no code: they may be called as no code is."""
    called = Counter(word.lower() for code in codes for word in (code.id, code.name, *code.aliases))
    for word in head.none:
        if called[word.lower()]:
            yield f"'{word}' stands for no code, and for a code"


def as_tree(codes: Sequence[Code]) -> list[tuple[int, Code]]:
    """Return codes with their depths, each below its parent, else in the order given.

    Codes that are each other's ancestors, as two copies can make them, stand at the top.
    """
    ids = {code.id for code in codes}
    below: dict[str | None, list[Code]] = {}
    for code in codes:
        below.setdefault(code.parent if code.parent in ids else None, []).append(code)

    def walk(parent: str | None, depth: int) -> Iterator[tuple[int, Code]]:
        for code in below.get(parent, ()):
            yield depth, code
            yield from walk(code.id, depth + 1)

    placed = list(walk(None, 0))
    reached = {code.id for _, code in placed}
    return [*placed, *((0, code) for code in codes if code.id not in reached)]


def read_codebook(path: Path) -> Codebook:
    """Read and check a codebook, and that the parents of its codes are there.

    Raises
    ------
    ConfigError
        If it cannot be read, a key, type or value is not allowed, a parent is not there, or a code
        is its own ancestor.
    """
    book = _read(path)
    seen = {book.codebook.name: book}
    for number, code in enumerate(book.codes):
        _climb(book, code, seen, path, where=f"{path}, codes.{number}.parent (of '{code.id}')")
    return book


def parents_of(book: Codebook, path: Path) -> dict[str, Code]:
    """Return the codes that the codes of a codebook name as their parents, by how they name them.

    Parameters
    ----------
    path
        The file that `read_codebook` read it from.
    """
    seen = {book.codebook.name: book}
    found = {}
    for address in dict.fromkeys(code.parent for code in book.codes if code.parent):
        name, _, code_id = address.rpartition("/")
        if name and name not in seen:
            seen[name] = _beside(path, name, str(path))
        above = (seen[name] if name else book).code(code_id)
        if above is not None:
            found[address] = above
    return found


def codebook_text(book: Codebook) -> str:
    """Return a codebook as the TOML that `read_codebook` reads."""
    return toml_text(book.model_dump(mode="json", exclude_defaults=True, exclude_none=True))


def _repeated(values: list[str]) -> str | None:
    return next((value for value, count in Counter(values).items() if count > 1), None)


def _read(path: Path) -> Codebook:
    return read_model(path, Codebook, what="The codebook")


def _climb(
    book: Codebook, code: Code, seen: dict[str, Codebook], path: Path, *, where: str
) -> None:
    """Go from parent to parent; refuse one that is not there, and a code met again."""
    met = [_address(book, code)]
    while code.parent is not None:
        name, _, code_id = code.parent.rpartition("/")
        if name and name not in seen:
            seen[name] = _beside(path, name, where)
        candidates = seen[name].codes if name else book.codes_of(book.variable_of(code))
        book = seen[name] if name else book
        parent = next((candidate for candidate in candidates if candidate.id == code_id), None)
        if parent is None:
            raise ConfigError(
                f"The parent '{code.parent}' is no code of '{book.codebook.name}'.",
                where=where,
                fix=f"it has {', '.join(candidate.id for candidate in candidates)}",
            )
        code = parent
        address = _address(book, code)
        if address in met:
            raise ConfigError(
                f"The code is its own ancestor: {' → '.join([*met, address])}.",
                where=where,
                fix="take one of these parents out",
            )
        met.append(address)


def _address(book: Codebook, code: Code) -> str:
    parts = [book.codebook.name, *([code.variable] if code.variable else []), code.id]
    return "/".join(parts)


def _beside(path: Path, name: str, where: str) -> Codebook:
    other = path.with_name(f"{name}.toml")
    if not other.is_file():
        raise ConfigError(
            f"There is no codebook '{name}' beside this one.", where=where, fix=f"add {other}"
        )
    return _read(other)
