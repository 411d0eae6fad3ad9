"""Labels for and from Label Studio: its JSON of annotated tasks.

A task is a document, an annotation what one coder holds of it. Each variable is a ``choices``
result whose ``from_name`` is the variable's id and whose choices are ids of codes (as aliases where
a project shows their names). What is not the codebook's has names that no variable can have:
``_memo`` (a ``textarea``), ``_confidence`` and ``_flagged`` (``choices``). Where no code applies,
the choice is the codebook's word for that. Skipped is ``was_cancelled``, the seconds are
``lead_time``, the time is ``created_at``. Coders stand in ``completed_by`` as e-mail addresses:
Label Studio takes in the file where they are its members.

Labels and facts of documents are written, and not read: the set has them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.files import write_text
from artifacts.notation import JsonObject
from labels.exchange.bundle import Bundle, ImportedBundle, utc
from labels.exchange.reading import Into, Reading, json_of, read_text
from labels.records import CONFIDENCES, CodedItem, Codes, Confidence, Document

TEXT = "text"
MEMO, CONFIDENCE, FLAGGED = "_memo", "_confidence", "_flagged"
PASSAGES = "labels"
"""How the kinds of controls end that label passages."""
SHOWN = 3
_NO_TASKS = "give what Label Studio exports as JSON (not JSON-MIN); for doccano's: --format doccano"


def write_label_studio(bundle: Bundle, path: Path) -> None:
    """Write the labels as annotated tasks."""
    items: dict[str, list[CodedItem]] = {document.key: [] for document in bundle.documents}
    for item in bundle.items:
        items[item.key].append(item)
    none = {v.id: bundle.codebook.word_for_none(v) for v in bundle.codebook.asked()}
    tasks = [
        {
            "data": _data(document),
            "annotations": [_annotation(item, none) for item in items[document.key]],
        }
        for document in bundle.documents
    ]
    write_text(path, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")


def _data(document: Document) -> dict[str, Any]:
    about = {"key": document.key, "title": document.title, "url": document.url}
    also = {"labels": list(document.labels), "facts": dict(document.facts)}
    return {**about, TEXT: document.text, **also}


def _annotation(item: CodedItem, none: Mapping[str, str | None]) -> dict[str, Any]:
    results = [
        _choices(variable, codes or tuple(filter(None, [none[variable]])))
        for variable, codes in item.values.items()
    ]
    if item.confidence:
        results.append(_choices(CONFIDENCE, (item.confidence,)))
    if item.flagged:
        results.append(_choices(FLAGGED, ("flagged",)))
    if item.memo:
        value = {"text": [item.memo]}
        results.append({"from_name": MEMO, "to_name": TEXT, "type": "textarea", "value": value})
    written: dict[str, Any] = {"completed_by": {"email": item.coder}, "result": results}
    written["was_cancelled"] = item.skipped
    if item.seconds is not None:
        written["lead_time"] = item.seconds
    if item.coded_at is not None:
        written["created_at"] = item.coded_at.isoformat()
    return written


def _choices(name: str, codes: Codes) -> dict[str, Any]:
    value = {"choices": list(codes)}
    return {"from_name": name, "to_name": TEXT, "type": "choices", "value": value}


def read_label_studio(path: Path, into: Into) -> ImportedBundle:
    """Read annotated tasks, ours or those of a project that sorts texts by choices.

    The task's data name the document as a table's columns do, or hold its text. A control answers
    the variable of its name, or the one that ``into.columns`` gives it to; of a taxonomy the ends
    of the paths count, of labelled passages the labels. A coder is the e-mail address, user name or
    number of ``completed_by``. Of several annotations of one person the newest counts that was not
    cancelled, by the newer of its two times. What is left out is told: annotations that do not
    count, what hangs on no control that is known, drafts and predictions. A variable without a
    result is not answered: Label Studio does not tell that from an answer that no code applies.

    Raises
    ------
    InputError
        If the file holds no such tasks, or any of its annotations cannot be used.
    """
    try:
        tasks = json_of(read_text(path))
    except ValueError as error:
        raise InputError(f"The file is {error}.", where=str(path), fix=_NO_TASKS) from None
    if not isinstance(tasks, list) or not all(_is_task(task) for task in tasks):
        raise InputError("The file is no list of annotated tasks.", where=str(path), fix=_NO_TASKS)
    controls = {control: variable for variable, control in into.answered_by().items()}
    reader = _Tasks(controls, Reading(path, into))
    for number, task in enumerate(tasks, start=1):
        reader.take(task, f"task {task.get('id', number)}")
    return reader.reading.imported(reader.left_out())


def _is_task(task: Any) -> bool:
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        return False
    annotations = task.get("annotations")
    return isinstance(annotations, list) and all(
        isinstance(annotation, dict) and isinstance(annotation.get("result"), list)
        for annotation in annotations
    )


@dataclass
class _Tasks:
    """Turns tasks into items.

    Attributes
    ----------
    besides
        How often what else the tasks hold is there.
    passed_over
        Annotations that do not count, by why.
    """

    controls: Mapping[str, str]
    reading: Reading
    besides: Counter[str] = field(default_factory=Counter)
    passed_over: dict[str, list[str]] = field(default_factory=dict)

    def left_out(self) -> Iterator[str]:
        """Yield what was left out, and why."""
        for why, places in sorted(self.passed_over.items()):
            more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
            yield f"Passed over, {why}: {len(places)} ({'; '.join(places[:SHOWN])}{more})."
        yield from (f"{what}: {count}." for what, count in sorted(self.besides.items()))

    def take(self, task: JsonObject, place: str) -> None:
        """Take what each person holds of a task's document."""
        for what in ("Predictions", "Drafts"):
            if isinstance(given := task.get(what.lower()), list) and given:
                self.besides[what] += len(given)
        if not task["annotations"]:
            return
        try:
            key = self.reading.documents.key_of(task["data"])
        except ValueError as error:
            self.reading.fault(place, str(error))
            return
        of_coder: dict[str, list[JsonObject]] = {}
        for annotation in task["annotations"]:
            of_coder.setdefault(_coder(annotation.get("completed_by")), []).append(annotation)
        for coder, theirs in of_coder.items():
            where = f"{place}, by '{coder}'" if coder else place
            try:
                self._annotation(self._newest(theirs, where), key, coder, where)
            except (TypeError, ValueError) as error:
                self.reading.fault(where, f"{error}")

    def _newest(self, theirs: list[JsonObject], place: str) -> JsonObject:
        """Return the annotation of a person that counts."""

        def counts(annotation: JsonObject) -> tuple[bool, float]:
            at = _time_of(annotation)
            return not annotation.get("was_cancelled"), at.timestamp() if at else 0.0

        newest = max(reversed(theirs), key=counts)
        for annotation in theirs:
            if annotation is not newest:
                why = "cancelled" if annotation.get("was_cancelled") else "older"
                about = f"{why}, beside another annotation of the same person"
                self.passed_over.setdefault(about, []).append(place)
        return newest

    def _annotation(self, annotation: JsonObject, key: str, coder: str, place: str) -> None:
        given: dict[str, list[str]] = {}
        memo: list[str] = []
        for name, kind, words in map(_result, annotation["result"]):
            known = self.controls.get(name, name if name in (CONFIDENCE, FLAGGED) else None)
            is_answer = kind in ("choices", "taxonomy") or kind.endswith(PASSAGES)
            if kind == "textarea":
                memo += words
            elif known and is_answer:
                given.setdefault(known, []).extend(words)
                if kind.endswith(PASSAGES):
                    self.besides["Labels of passages, taken as labels of the document"] += 1
            else:
                why = "answers no variable" if is_answer else "is not understood"
                self.besides[f"Results of the control '{name}' ({kind}), which {why}"] += 1
        confidence, flagged = given.pop(CONFIDENCE, []), given.pop(FLAGGED, [])
        seconds = annotation.get("lead_time")
        item = CodedItem(
            key,
            coder,
            self.reading.values(given),
            "\n".join(memo),
            _confidence(confidence),
            bool(flagged),
            bool(annotation.get("was_cancelled")),
            None if seconds is None else float(seconds),
            _time_of(annotation),
        )
        self.reading.add(item, place=place)


def _result(result: Any) -> tuple[str, str, list[str]]:
    """Return control, kind and words of a result."""
    result = result if isinstance(result, dict) else {}
    value = result["value"] if isinstance(result.get("value"), dict) else {}
    kind = str(result.get("type"))
    words = value.get({"textarea": "text"}.get(kind, kind))
    words = [words] if isinstance(words, str) else words if isinstance(words, list) else []
    ends = [word[-1] if isinstance(word, list) and word else word for word in words]
    return str(result.get("from_name", "?")), kind, [str(word) for word in ends]


def _coder(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        names = (completed_by.get(field) for field in ("email", "username", "id"))
        completed_by = next((name for name in names if name), None)
    return "" if completed_by is None else str(completed_by).strip()


def _confidence(words: list[str]) -> Confidence | None:
    if not words:
        return None
    for confidence in CONFIDENCES:
        if words == [confidence]:
            return confidence
    raise ValueError(f"the confidence is {', '.join(words)}, not one of {', '.join(CONFIDENCES)}")


def _time_of(annotation: JsonObject) -> datetime | None:
    times = [utc(str(annotation[n])) for n in ("created_at", "updated_at") if annotation.get(n)]
    return max(times, default=None)
