"""A taxonomy from what a notebook holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.errors import ConfigError, InputError
from artifacts.progress import Progress
from configs import package_path
from configs.codebook import Codebook, parents_of
from configs.finding import find_codebook
from embeddings.given import EncoderLike
from opsatlas.cli.console import shown
from taxonomy.given import documents_from, settings_from
from taxonomy.guidance.codes import CodeList
from taxonomy.over_time import Dates
from taxonomy.settings import TopicSettings
from taxonomy.taxonomy import Taxonomy

if TYPE_CHECKING:
    from pandas import DataFrame, Series


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
    guide: str | Path | Codebook | None = None,
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
    guide
        A codebook that is told to the runs, where it fits the texts: the name of a shipped one, the
        path of a file, or a `configs.codebook.Codebook`. What the runs find alone is
        `Taxonomy.unguided`.
    vocabulary
        Names of codes: a name may be one of them where the documents say its words.
    stop_words
        Words in lower case that may be in no name, nor be a keyword.
    progress
        None: a bar in a terminal or a notebook; True or False: always, or never.

    Raises
    ------
    TooFewDocumentsError
        Below 10 documents.
    InputError
        If the texts, or what is given with them, are not what they should be; says which. So of a
        codebook that is not there, asks several questions, or has fewer than two codes.
    ConfigError
        If the codebook's file cannot be used.

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
    given = documents_from(texts, text=text, keys=keys, titles=titles, dates=dates)
    topic_settings = settings_from(settings)
    codes = None if guide is None else codes_from(guide)
    for name, words in (("vocabulary", vocabulary), ("stop_words", stop_words)):
        if isinstance(words, str):
            raise InputError(f"{name} is one text, not several words.", fix=f"{name}=[{words!r}]")
    with shown(progress) as bar:
        return Taxonomy.build(
            given.texts,
            keys=given.keys,
            titles=given.titles,
            dates=given.dates,
            vectors=vectors,
            encoder=encoder,
            settings=topic_settings,
            guide=codes,
            vocabulary=vocabulary,
            stop_words=frozenset(stop_words),
            progress=bar,
        )


def codes_from(guide: str | Path | Codebook) -> CodeList:
    """Return the codebook that `build` is to be guided by; errors as it has them."""
    from labels.exchange.formats import read_codebook_file

    if isinstance(guide, Codebook):
        # It has no file that others could be beside: those that are shipped are.
        path = package_path(f"codebooks/{guide.codebook.name}.toml")
        try:
            return CodeList.of(guide, parents_of(guide, path))
        except ConfigError as error:
            raise InputError(
                f"The codebook '{guide.codebook.name}' names parents in one that is not shipped.",
                fix="give the path of its file, with the other beside it",
            ) from error
    if not isinstance(guide, (str, Path)):
        raise InputError(
            f"A guide of type {type(guide).__name__} is no codebook.",
            fix="give the name of a shipped one, the path of a file, or a Codebook",
        )
    path = find_codebook(str(guide), where="guide")
    book = read_codebook_file(path)
    return CodeList.of(book, parents_of(book, path))
