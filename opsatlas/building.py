"""From what a notebook holds, a list or a data frame, to a taxonomy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from artifacts.arrays import Floats
from artifacts.errors import InputError
from artifacts.explaining import first_fault, suggestion
from artifacts.notebook import is_missing
from artifacts.progress import Progress
from embeddings.encoder import Encoder, plan_encoder
from embeddings.given import EncoderLike, as_encoder, unit_vectors
from embeddings.settings import VectorSettings
from opsatlas.bars import shown
from taxonomy.engine import check_documents, check_texts, listed, refuse_few
from taxonomy.over_time import Dates, dates_by_key
from taxonomy.settings import TopicSettings
from taxonomy.taxonomy import Taxonomy

if TYPE_CHECKING:
    from pandas import DataFrame, Series

CHUNK = 256
"""Texts that are encoded between two steps of the bar."""


def build(
    texts: Sequence[str] | Series[Any] | DataFrame,
    *,
    text: str = "text",
    keys: Sequence[Any] | str | None = None,
    titles: Sequence[Any] | str | None = None,
    dates: Dates | str | None = None,
    vectors: Any = None,
    encoder: EncoderLike | None = None,
    settings: TopicSettings | Mapping[str, Any] | None = None,
    vocabulary: Sequence[str] = (),
    stop_words: Set[str] | Sequence[str] = frozenset(),
    progress: bool | Progress | None = None,
) -> Taxonomy:
    """Derive a named, measured taxonomy from texts.

    Parameters
    ----------
    texts
        n_docs texts, 10 at least: a sequence, a pandas Series, or a DataFrame with a column of
        texts. Each must have a word.
    text
        Of a DataFrame: the name of that column.
    keys, titles, dates
        What the documents are called in the result, how people know them, and when they were made
        (`Taxonomy.over_time`): n_docs values, or of a DataFrame the name of a column. None: of a
        DataFrame its columns ``key``, ``title`` and ``date`` where it has them. Without keys, the
        index of a Series or a DataFrame names the documents, else their places, ``"0"`` first;
        without titles, the keys do.
    vectors
        n_docs rows of numbers, by ``encoder``; they are brought to unit length. None: the texts
        are encoded.
    encoder
        Anything with ``encode(texts)``, such as a ``SentenceTransformer``; a function from a list
        of texts to rows of numbers; ``"hashed-words"`` (which words, not what they mean: needs no
        model); or the name or folder of a model. None: all-MiniLM-L6-v2, which is installed with
        opsatlas.
    settings
        A `TopicSettings`, or what it is made of: ``{"runs": 50}``.
    vocabulary
        Terms that may be names although no document says them.
    stop_words
        Words in lower case that may be in no name, nor be a keyword.
    progress
        None: a bar in a terminal or a notebook; True or False: always, or never.

    Raises
    ------
    TooFewDocumentsError
        Below 10 documents.
    InputError
        If the texts, or what is given with them, are not what they should be; says which.

    Examples
    --------
    >>> import opsatlas
    >>> texts = [f"{verb} models {how}" for verb in ("serve", "deploy", "host", "scale")
    ...          for how in ("online", "in batches", "at the edge", "in the cloud")]
    >>> texts += [f"{verb} experiments {when}" for verb in ("track", "log", "compare", "share")
    ...           for when in ("daily", "nightly", "locally", "remotely")]
    >>> taxonomy = opsatlas.build(texts, encoder="hashed-words", settings={"runs": 8})
    >>> taxonomy
    <Taxonomy of 32 documents: 2 topics in 2 categories, 0 unplaced>
    >>> taxonomy.topics[["name", "size"]]
                  name  size
    topic
    0           Models    16
    1      Experiments    16
    """
    given = _documents(texts, text, keys, titles, dates)
    topic_settings = _settings(settings)
    for name, words in (("vocabulary", vocabulary), ("stop_words", stop_words)):
        if isinstance(words, str):
            raise InputError(f"{name} is one text, not several words.", fix=f"{name}=[{words!r}]")
    refuse_few(len(given.texts))
    check_documents(len(given.texts), keys=given.keys, titles=given.titles or given.keys)
    moments = None if given.dates is None else dates_by_key(given.dates, given.keys)
    with shown(progress) as bar:
        by = plan_encoder(VectorSettings()) if encoder is None else as_encoder(encoder)
        rows = _encoded(given.texts, by, bar) if vectors is None else _given(vectors, given, by)
        return Taxonomy.build(
            given.texts,
            keys=given.keys,
            titles=given.titles,
            dates=moments,
            vectors=rows,
            encoder=by,
            settings=topic_settings,
            vocabulary=vocabulary,
            stop_words=frozenset(stop_words),
            progress=bar,
        )


@dataclass(frozen=True)
class _Given:
    """Documents as they were given; titles and dates only where they were."""

    texts: list[str]
    keys: list[str]
    titles: list[str] | None
    dates: Dates | None


def _documents(texts: Any, text: str, keys: Any, titles: Any, dates: Any) -> _Given:
    from pandas import DataFrame, Series

    frame = texts if isinstance(texts, DataFrame) else None
    if frame is not None:
        texts = _column(frame, text, "texts")
    index = texts.index if isinstance(texts, Series) else None
    found = _texts(listed(texts))
    keys = _beside(frame, keys, "key")
    if keys is None and index is not None and not index.is_unique:
        raise InputError(
            "The index names the documents, and a name is in it twice.",
            where=str(index[index.duplicated()][0]),
            fix="give keys, or number the rows: reset_index(drop=True)",
        )
    named = _names(keys, "keys") or _names(index, "index") or list(map(str, range(len(found))))
    titles = _names(_beside(frame, titles, "title"), "titles", instead=named)
    return _Given(found, named, titles, _beside(frame, dates, "date"))


def _texts(texts: list[Any]) -> list[str]:
    """Return texts as they are; raise `InputError` if one is none, or has no word."""
    for place, text in enumerate(texts):
        empty = isinstance(text, str) and not text.strip()
        if empty or is_missing(text):
            raise InputError(
                f"A text is {'empty' if empty else 'missing'}.",
                where=f"text {place}, counted from 0",
                fix="leave such documents out: frame[frame['text'].fillna('').str.strip() != '']",
            )
    check_texts(texts)
    return texts


def _column(frame: DataFrame, name: str, what: str) -> Series[Any]:
    """Return the column of a name; raise `InputError` if there is none, or more than one."""
    columns = list(map(str, frame.columns))
    if columns.count(name) == 1:
        return frame.iloc[:, columns.index(name)]
    number = "several columns" if name in columns else "no column"
    raise InputError(
        f"The DataFrame has {number} {name!r}.",
        where=f"its columns: {', '.join(columns)}",
        fix=f"name the column of {what}: {'text' if what == 'texts' else what}='…'",
    )


def _beside(frame: DataFrame | None, given: Any, name: str) -> Any:
    """Return what is given with the texts: itself, or of a DataFrame the column that it names."""
    if frame is not None and (isinstance(given, str) or (given is None and name in frame.columns)):
        return _column(frame, given or name, f"{name}s")
    if isinstance(given, str):
        raise InputError(f"{name}s={given!r} names a column, and the texts are no DataFrame.")
    return given


def _names(values: Any, what: str, *, instead: Sequence[str] = ()) -> list[str] | None:
    """Return names as texts; for one that is missing, what stands in the same place instead."""
    if values is None:
        return None
    names = list(values)
    missing = [place for place, name in enumerate(names) if is_missing(name)]
    if missing and not instead:
        raise InputError(f"The {what} lack a name.", where=f"place {missing[0]}", fix="name each")
    for place in missing:
        names[place] = instead[place] if place < len(instead) else ""
    return list(map(str, names))


def _settings(given: TopicSettings | Mapping[str, Any] | None) -> TopicSettings:
    if isinstance(given, TopicSettings):
        return given
    if not isinstance(given, Mapping | None):
        raise InputError(
            f"A {type(given).__name__} is no settings.",
            fix='give names and values, such as settings={"min_topic_size": 8}',
        )
    try:
        return TopicSettings.model_validate(dict(given or {}))
    except ValidationError as error:
        fault = first_fault(error)
        if fault.is_unknown_key:
            fix = suggestion(fault.field, TopicSettings.model_fields)
            what = f"There is no setting {fault.field!r}."
            raise InputError(what, where="settings", fix=fix) from None
        raise InputError(f"{fault}, not {fault.given!r}.", where="settings") from None


def _encoded(texts: Sequence[str], encoder: Encoder, progress: Progress) -> Floats:
    import numpy as np

    rows = []
    with progress.task("texts encoded", len(texts), unit="texts") as task:
        for start in range(0, len(texts), CHUNK):
            rows.append(encoder.encode(texts[start : start + CHUNK]))
            task.advance(len(texts[start : start + CHUNK]))
    return np.concatenate(rows)


def _given(vectors: Any, given: _Given, encoder: Encoder) -> Floats:
    """Return the user's own vectors, which must be of the encoder that names are encoded with."""
    rows = unit_vectors(vectors, given.texts, what="The vectors are")
    width = encoder.encode(given.texts[:1]).shape[1]
    if rows.shape[1] != width:
        raise InputError(
            f"The vectors have {rows.shape[1]:,} dimensions, those of the encoder {width:,}.",
            fix="give the encoder that the vectors are of: encoder=…",
        )
    return rows
