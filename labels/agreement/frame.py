"""How far coders agree, from a data frame of their codes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any, get_args

from artifacts.errors import InputError, check_choice
from artifacts.notebook import as_html, is_missing
from configs.codebook import Level
from labels.agreement.coded import Coded, coded_variables
from labels.agreement.coefficients import RESAMPLES, Coefficient
from labels.agreement.report import NAMED, Report, Result, Settings, measure
from labels.label_set import LabelSet
from labels.settings import CoefficientName
from labels.waves import closed_waves

if TYPE_CHECKING:
    from pandas import DataFrame

LONG = ("document", "coder", "code")
"""Columns of a long frame: a row for each code that a coder gave."""
SEVERAL = (tuple, list, set, frozenset)
"""Types that hold the codes of a document where it may have several."""

Values = Mapping[tuple[str, str], Any]
"""The code, or the codes, by document and coder."""


@dataclass(frozen=True, repr=False)
class CoderAgreement:
    """How far coders agree: one coefficient that was asked for, and all others beside it.

    Attributes
    ----------
    report
        Everything that was measured.
    asked
        The coefficient that was asked for.
    """

    report: Report
    asked: Coefficient

    @property
    def value(self) -> float | None:
        """Return the coefficient, at most 1; None: undefined, see `reason`."""
        return self.asked.value

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return its 95 % interval over resampled documents; None: there is none, see `reason`."""
        low, high = self.asked.low, self.asked.high
        return None if low is None or high is None else (low, high)

    @property
    def n(self) -> int:
        """Return how many documents two coders or more coded: the basis of the figures."""
        return self.asked.n_pairable

    @property
    def reason(self) -> str | None:
        """Return why there is no value or no interval; None where there are both."""
        return self.asked.reason

    @property
    def coefficients(self) -> DataFrame:
        """Return a row for each coefficient, by key: name, value, low, high, reason.

        An undefined figure is NaN, and the reason says why.
        """
        return _frame([(each.key, each) for each in self._whole.coefficients.values()])

    @property
    def codes(self) -> DataFrame:
        """Return a row for each code against all others: how often each coder gave it, and α."""
        results = self.report.of("code")
        frame = _frame([(str(r.scope.part), r.coefficients["alpha"]) for r in results])
        for place, coder in enumerate(self.report.coders):
            frame.insert(place, coder, [result.given[coder] for result in results])
        return frame.drop(columns="name").rename_axis("code").rename(columns={"value": "alpha"})

    @property
    def _whole(self) -> Result:
        return self.report.of("variable")[0]

    @property
    def summary(self) -> str:
        """Return the agreement in one line."""
        asked, n_coders = self.asked, len(self.report.coders)
        figure = "undefined" if asked.value is None else f"{asked.value:.3f}"
        known = f"95 % interval {asked.low:.2f} to {asked.high:.2f}" if self.interval else ""
        documents = f"{self.n:,} document{'s' * (self.n != 1)} coded by two or more"
        return f"{asked.name}: {figure} ({known or asked.reason}); {n_coders} coders, {documents}"

    def __repr__(self) -> str:
        return f"<{self.summary}>"

    def _repr_html_(self) -> str:
        rows = []
        for each in self._whole.coefficients.values():
            value = "undefined" if each.value is None else f"{each.value:.3f}"
            has_interval = each.low is not None and each.high is not None
            interval = f"{each.low:.2f} to {each.high:.2f}" if has_interval else ""
            rows.append((each.name, value, interval, each.reason or ""))
        notes = self.report.warnings("variable")
        return as_html(
            self.summary, ("coefficient", "value", "95 % interval", ""), rows, notes=notes
        )


def agreement(
    frame: DataFrame,
    coefficient: CoefficientName = "alpha",
    *,
    level: Level = "nominal",
    codes: Sequence[Any] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> CoderAgreement:
    """Measure how far coders agree on the codes of documents.

    Parameters
    ----------
    frame
        Long, with the columns ``document``, ``coder`` and ``code``: a row for each code that a
        coder gave. Or wide: a row for each document, a column for each coder; a column
        ``document`` names the documents, else the index does. None and NaN: not coded. A tuple,
        list or set holds the codes of a document that may have several, or none.
    coefficient
        ``"alpha"`` (Krippendorff's α), ``"cohen"`` (κ, of two coders), ``"fleiss"`` (κ),
        ``"percent"`` (share of pairs that agree), ``"ac1"`` (Gwet); with weights for codes that
        have an order ``"cohen-linear"``, ``"cohen-quadratic"``, ``"ac2-linear"``,
        ``"ac2-quadratic"``, ``"ac2-ordinal"``.
    level
        Of measurement: ``"nominal"``; ``"ordinal"``, codes in an order; ``"interval"``, codes that
        are numbers.
    codes
        All codes that could be given, lowest first where they have an order. None: those that were
        given, in the order of their numbers, of a categorical column, or of the alphabet (nominal
        only). Gwet's coefficients depend on how many there are.
    resamples, seed
        How often, and from which seed, documents are resampled for the 95 % interval.

    Raises
    ------
    InputError
        If the frame is neither long nor wide, a coder coded a document twice, or the codes do not
        fit the level; or there is no such coefficient or level.

    Examples
    --------
    >>> import opsatlas, pandas
    >>> frame = pandas.DataFrame({"Ann": ["tool", "tool", "paper", "tool", "paper", None],
    ...                           "Ben": ["tool", "tool", "paper", "paper", "paper", "tool"]})
    >>> found = opsatlas.agreement(frame)
    >>> round(found.value, 3), found.n
    (0.64, 5)
    >>> opsatlas.agreement(frame.assign(Cem="tool"), "cohen").reason
    "Cohen's κ is for two coders, not 3: see the pairs"
    """
    check_choice(coefficient, NAMED, "coefficient")
    check_choice(level, get_args(Level), "level")
    family, weights = NAMED[coefficient]
    if weights is not None and level == "nominal":
        raise InputError(
            f"{coefficient} weighs codes by their order, and nominal codes have none.",
            fix="say which level they have: level='ordinal' or level='interval'",
        )
    said, in_order = _said(frame)
    coded = _coded(said, in_order if codes is None else list(codes), level)
    settings = Settings(seed=seed, named=coefficient, resamples=resamples)
    report = measure([coded], settings=settings)
    return CoderAgreement(report, report.of("variable")[0].coefficients[family])


def coded_frame(labels: LabelSet) -> DataFrame:
    """Return the codes in a set of labels as a long frame, which `agreement` takes.

    Raises
    ------
    InputError
        If coding is still blind: a wave is open.
    """
    from pandas import DataFrame

    titles = labels.titles()
    rows = [
        (item, titles[item], coder, each.variable, code)
        for each in coded_variables(labels, closed_waves(labels, None))
        for (item, coder), codes in each.values.items()
        for code in ([tuple(sorted(codes))] if each.multiple else codes)
    ]
    return DataFrame(rows, columns=["document", "title", "coder", "variable", "code"])


def _said(frame: Any) -> tuple[Values, list[Any] | None]:
    """Return the codes in a frame, and their order where a categorical column has one."""
    from pandas import CategoricalDtype, DataFrame

    if not isinstance(frame, DataFrame):
        raise InputError(
            f"A {type(frame).__name__} is no DataFrame.",
            fix=f"give a pandas DataFrame with {', '.join(LONG)}, or with a column a coder",
        )
    documents = frame["document"] if "document" in frame.columns else frame.index
    rows: Iterator[tuple[Any, Any, Any]]
    if {"coder", "code"} <= set(frame.columns):
        columns = frame[["code"]]
        rows = zip(documents, frame["coder"], frame["code"], strict=True)
    else:
        columns = _of_coders(frame)
        rows = (
            (document, coder, code)
            for coder, given in columns.items()
            for document, code in zip(documents, given, strict=True)
        )
    said: dict[tuple[str, str], Any] = {}
    for document, coder, code in rows:
        if is_missing(code):
            continue
        if is_missing(document) or is_missing(coder):
            raise InputError("A code has no document or no coder.", where=f"the code {code!r}")
        key = (str(document), str(coder))
        if key in said:
            raise InputError(
                f"{coder} coded {document} twice.",
                fix="keep one row of each; of several variables, measure each by itself: "
                "frame[frame['variable'] == '…']",
            )
        said[key] = code
    ordered = [d for d in columns.dtypes if isinstance(d, CategoricalDtype) and d.ordered]
    return said, list(ordered[0].categories) if ordered else None


def _of_coders(frame: DataFrame) -> DataFrame:
    """Return the columns of the coders of a wide frame."""
    columns = frame.drop(columns="document", errors="ignore")
    if columns.shape[1] < 2:
        raise InputError(
            "A comparison needs two coders or more.",
            where=f"the columns: {', '.join(map(str, frame.columns))}",
            fix=f"give the columns {', '.join(LONG)}, or a column a coder",
        )
    return columns


def _coded(said: Values, codes: list[Any] | None, level: Level) -> Coded:
    """Return codes in the form in which agreement is measured; they become texts."""
    if not said:
        raise InputError("Nobody coded anything.", fix="check the column of codes")
    several = [isinstance(value, SEVERAL) for value in said.values()]
    if any(several) and not all(several):
        raise InputError(
            "Some documents have one code, others a tuple or list of codes.",
            fix="write all as tuples, or none",
        )
    given = {_named(code): code for value in said.values() for code in _codes(value)}
    if codes is None:
        codes = _sorted(list(given.values()), level)
    names = [_named(code) for code in codes]
    if unknown := sorted(given.keys() - set(names)):
        raise InputError(
            f"{unknown[0]!r} is none of the codes.", where=f"codes: {', '.join(names)}"
        )
    coders = dict.fromkeys(coder for _, coder in said)
    points = dict(zip(names, map(_number, codes), strict=True)) if level == "interval" else {}
    return Coded(
        variable="code",
        level=level,
        multiple=any(several),
        codes=tuple(names),
        points=points,
        coders=tuple(coders),
        items=tuple(dict.fromkeys(document for document, _ in said)),
        values={key: frozenset(map(_named, _codes(value))) for key, value in said.items()},
        wave_of={},
        version_of={},
    )


def _codes(value: Any) -> Collection[Any]:
    return value if isinstance(value, SEVERAL) else (value,)


def _named(code: Any) -> str:
    """Return a code as text; a column that holds NaN has turned whole numbers into floats."""
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)


def _sorted(given: list[Any], level: Level) -> list[Any]:
    """Return codes in the order of their numbers, or of the alphabet if nominal codes have none."""
    try:
        return sorted(given, key=_number)
    except InputError:
        if level != "nominal":
            raise
    return sorted(given, key=_named)


def _number(code: Any) -> float:
    try:
        return float(code)
    except (TypeError, ValueError):
        raise InputError(
            f"The code {code!r} is no number, and has no order by itself.",
            fix="give all codes, lowest first: codes=['low', 'middle', 'high'] (level='ordinal')",
        ) from None


def _frame(rows: Sequence[tuple[str, Coefficient]]) -> DataFrame:
    from pandas import DataFrame

    def figures(each: Coefficient) -> dict[str, Any]:
        numbers = {"value": each.value, "low": each.low, "high": each.high}
        known = {name: nan if value is None else value for name, value in numbers.items()}
        return {"name": each.name, **known, "reason": each.reason}

    made = DataFrame([figures(each) for _, each in rows], index=[key for key, _ in rows])
    return made.rename_axis("coefficient")
