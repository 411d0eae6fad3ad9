"""What is measured on a repository to tell a tool from a course, a template or a list.

Facts as numbers, and cue words in its name, description and topics. The cues are common words of
the field, chosen by hand; no vocabulary is learnt from anybody's texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from embeddings.documents import name_words
from embeddings.text.readme_blocks import words
from embeddings.text.sections import squeeze
from mining.tables import TableRow

UNKNOWN = math.nan
"""Value of a feature whose fact the snapshot does not have; it takes no side."""

_ANYWHERE = {
    "awesome": r"awesome|curated|landscape|compar(?:e|es|ing|ison)|lists?|directory",
    "resources": r"resources?|recommendations?|papers|articles|links|bookmarks|"
    r"collection of|case stud(?:y|ies)|reading list|materials?",
    "course": r"courses?|coursera|udacity|udemy|nanodegree|speciali[sz]ation|"
    r"certificat\w+|boot ?camp|lectures?|lessons?|class|school|university|curriculum|"
    r"modules?|labs?|workshops?|exercises?|training program",
    "teaching": r"tutorials?|learn|guides?|guided|guidance|booklet|books?|handbook|hands on|"
    r"how to|introduction|intro|interview|notes|roadmap|overview|best practices?|cheat ?sheets?|"
    r"explained|teach\w*|beginners?|students?|step by step|getting started|get started|101|"
    r"concepts|journey|study",
    "samples": r"samples|examples|notebooks|snippets|codes|demos|recipes|experiments with",
    "template": r"templates?|boilerplate|cookie ?cutter|starter|skeleton|scaffold\w*|blueprints?|"
    r"accelerators?|structure|seed|reference (?:architecture|implementation)|archetype|quickstart",
    "deployment": r"helm|charts?|terraform|docker compose|installer|ansible|cloudformation|pulumi|"
    r"infrastructure as code|iac|dockerfiles?|bicep|manifests|modules? for|docker image",
    "demo": r"demo|demonstrat\w+|example|sample|poc|proof of concept|prototype|showcase|toy|"
    r"simple|basic|minimal\w*|test|tests|playground|usage of|experiment|simulation",
    "project": r"projects?|use ?case|assignment|capstone|internship|hackathon|challenge|"
    r"competition|kaggle|"
    r"end ?(?:to|2) ?end|e2e|pipeline (?:for|with|using)|research|"
    r"final project|side project",
    "applied": r"prediction|predict\w*|detection|detect\w*|classif\w+|recogni\w+|recommend(?:er|"
    r"ation)|"
    r"recommendation system|sentiment|segmentation|forecast\w*|churn|fraud|spam|covid\w*|disease|"
    r"health|medical|credit|house|prices?|sales|taxi|weather|mnist|iris|"
    r"titanic|bert|gan|cnn|lstm|chat ?bot|anomal\w+|regression|customers?|bank|insurance|stock|"
    r"trading|images?|plants?|food|music|movies?|news|tweets?|traffic|energy",
    "first_person": r"i|my|we|our|me|in this (?:repo|repository|project)|this (?:repo|repository|"
    r"project) (?:is|contains|holds|aims|shows|guides|offers)|the goal of this|"
    r"the project aims|i have|we have",
    "plugin": r"plugins?|extension|github actions?|action|provider|connectors?|adapters?|"
    r"integrations?|integrates?|integrating|wrapper|client|bindings|operator|hooks?|logger|"
    r"callback|interface|exporter|driver|bridge|add ?on|sdk|on (?:kubernetes|airflow|ray|spark)",
    "software": r"platform|framework|library|package|toolkit|toolbox|engine|cli|command line|tool|"
    r"software|application|app|system|server|service|module|orchestrat\w+|sdk|api|dashboard|"
    r"infrastructure|assistant|backend|frontend|solution|workspace",
    "promise": r"open source|open sourced|easy|easily|easiest|scalable|scale|production grade|"
    r"high performance|lightweight|fast|flexible|extensible|modular|cloud native|enterprise|"
    r"powerful|performant|robust|seamless\w*|standardi[sz]ed|reproducib\w+|anywhere|any|"
    r"automat\w+|everyone|developer friendly",
    "your": r"you|your|teams?|data scientists|engineers|developers|organi[sz]ations?|"
    r"practitioners|researchers",
    "function": r"tracking|tracker|track|versioning|registry|feature store|serving|serve|monitor|"
    r"monitoring|labell?ing|annotation|orchestration|deploy|deploying|deployment|validation|"
    r"observability|explain\w*|drift|lineage|catalogu?e?|metadata|management|manage|package",
    "writing": r"blogs?|documentation|docs|websites?|web ?site|portfolio|personal|profile|thesis|"
    r"papers?|specification|spec|literature|review|survey|support|user documentation|dissertation|"
    r"about me|slides|presentation|talks?|conference|cv|dataset|news ?letter|podcast",
}
_IN_NAME = {
    "awesome": r"awesome|list|resources?|landscape|comparison",
    "course": r"course|coursera|udacity|speciali[sz]ation|bootcamp|workshop|labs?|"
    r"learning path|lecture|class|tutorials?|guide|book|notes|learn|training|exercises?|"
    r"hands on|interview|101|study|certification",
    "samples": r"samples|examples|best practices|practices|data science|machine learning|notebooks",
    "template": r"template|boilerplate|cookiecutter|starter|skeleton|structure|blueprint|sample|"
    r"quickstart|accelerator|charts?|helm|terraform|docker|infra|installer|chart",
    "demo": r"demos?|example|poc|project|pipeline|app|test|use ?case|mlops|system|e2e|end to end|"
    r"end2end|cicd|ci cd|deploy|deployment|model|api",
    "applied": r"prediction|predict\w*|detection|classif\w+|recogni\w+|recommend\w+|sentiment|"
    r"forecast\w*|churn|fraud|spam|covid\w*|disease|price|mnist|analysis|"
    r"bert|gan|cnn|nlp|anomaly|benchmark|inference|research",
    "plugin": r"plugin|action|provider|connector|adapter|integration|wrapper|client|sdk|operator|"
    r"kedro|airflow|mlflow|kubeflow|sagemaker|azure|aml|lightning|extension|kfp|vscode|jupyter",
    "writing": r"blog|docs|documentation|website|github io|support|thesis|paper|spec|"
    r"specification|profile",
    "software": r"cli|server|core|engine|studio|hub|store|platform|lib|kit|ml|ops|py|flow|backend|"
    r"ui|web|service|framework",
}
_IN_TOPICS = {
    "awesome": r"awesome|awesome list|lists?|resources?|curated list",
    "teaching": r"tutorials?|course|coursera|education|guides?|learning|workshop|book|notes|"
    r"examples?|samples?|best practices|interview|training|udacity|teaching|labs?",
    "template": r"templates?|cookiecutter|cookiecutter template|boilerplate|helm|helm charts?|"
    r"terraform|terraform module|starter|project structure|project template",
    "plugin": r"[\w ]*plugin|actions?|github action|extension|integration|operator|connector|"
    r"wrapper|sdk|client|terraform provider",
    "writing": r"blog|docs|documentation|user documentation|paper|thesis|website|portfolio|"
    r"specification|personal website",
    "software": r"[\w ]*(?:platform|framework|tool|tools|library|engine|store|tracking|tracker|"
    r"versioning|serving|version control|monitoring|observability|orchestration|registry|"
    r"management|lineage|labeling|annotation|quality|profiling|automl)|developer tools|devtools|"
    r"hacktoberfest|open source|cli",
    "stack": r"flask|fastapi|streamlit|docker|docker compose|mlflow|dvc|scikit learn|sklearn|"
    r"pandas|numpy|heroku|aws|gcp|azure|sagemaker|github actions|prometheus|grafana|prefect|"
    r"airflow|tensorflow|keras|pytorch|xgboost|lightgbm|html5?|css|postgresql|mongodb|cml|"
    r"evidently|bentoml|jupyter notebook|ci cd|cicd|app engine|lambda|wandb|optuna|pycaret|"
    r"terraform|poetry|pytest|redis|kafka|minio|gradio",
    "applied": r"[\w ]*(?:prediction|detection|classification|recognition|segmentation|analysis|"
    r"forecasting|regression)|nlp|bert|cnn|recommender systems?|covid ?19|neural network|"
    r"deep learning|time series|computer vision|sentiment analysis|transformers?",
}


def _compiled(groups: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(rf"\b(?:{pattern})\b") for name, pattern in groups.items()}


_ANYWHERE_CUES, _NAME_CUES = _compiled(_ANYWHERE), _compiled(_IN_NAME)
_TOPIC_CUES = _compiled(_IN_TOPICS)
_LANGUAGES = {
    "notebook": {"Jupyter Notebook"},
    "python": {"Python"},
    "compiled": {"C", "C#", "C++", "Go", "Java", "Kotlin", "Rust", "Scala", "Swift"},
    "web_code": {"JavaScript", "TypeScript", "Vue", "Svelte"},
    "page": {"CSS", "HTML", "SCSS", "TeX", "MDX", "Ruby"},
    "setup": {
        "Bicep",
        "Dockerfile",
        "HCL",
        "Makefile",
        "Mustache",
        "PowerShell",
        "Shell",
        "Smarty",
    },
}
_ARTICLE = re.compile(r"medium\.com|youtu|towardsdatascience|dev\.to|/blog|blog\.|/\d{4}/\d{2}/")
_OPENING = re.compile(r"^(?:an?|the)\b|^[\w.-]+ (?:is|helps|aims|provides|turns|makes)\b")
_DAY_S = 86_400.0


def known_columns(rows: Iterable[TableRow]) -> frozenset[str]:
    """Return the columns in which any of the rows has a value."""
    return frozenset(
        column for row in rows for column, value in row.items() if value not in (None, [], "")
    )


def repository_features(row: TableRow, known: frozenset[str]) -> dict[str, float]:
    """Return the features of one repository, the same names in the same order for each.

    Parameters
    ----------
    row
        A row of the snapshot's repositories.
    known
        Columns that the snapshot has values in. What it knows of no repository is `UNKNOWN`, while
        a gap in a column that others fill says something of this one.
    """
    full_name = str(row["full_name"])
    owner, _, name = full_name.partition("/")
    spoken = name_words(name).lower()
    description = str(row.get("description") or "").lower()
    topics = [str(topic).replace("-", " ").lower() for topic in row.get("topics") or ()]
    return {
        **_cue_features(spoken, description, topics),
        **_name_features(owner, name, description, topics),
        **_description_features(str(row.get("description") or ""), topics, known),
        **_number_features(row, known),
        **_class_features(row, known),
        **_homepage_features(row, owner, name, known),
    }


def _cue_features(name: str, description: str, topics: list[str]) -> dict[str, float]:
    features = {f"says_{cue}": _strength(p, description) for cue, p in _ANYWHERE_CUES.items()}
    features |= {f"name_{cue}": _strength(p, name) for cue, p in _NAME_CUES.items()}
    for cue, pattern in _TOPIC_CUES.items():
        n_hits = sum(bool(pattern.fullmatch(topic)) for topic in topics)
        features[f"topic_{cue}"] = math.log1p(n_hits)
    return features


def _strength(pattern: re.Pattern[str], text: str) -> float:
    """Return how often a cue is met: 0, 1, and a little more for more."""
    n_hits = sum(1 for _ in pattern.finditer(text))
    return math.log2(1 + n_hits)


def _name_features(owner: str, name: str, description: str, topics: list[str]) -> dict[str, float]:
    bare, owning = squeeze(name), squeeze(owner)
    parts = words(name_words(name))
    return {
        "name_words": math.log1p(len(parts)),
        "name_is_one_word": float(len(parts) == 1),
        "name_has_capitals": float(name != name.lower()),
        "name_has_underscore": float("_" in name),
        "name_has_digit": float(any(character.isdigit() for character in name)),
        "name_is_owner": float(bare == owning),
        "name_like_owner": float(len(bare) > 3 and (bare in owning or owning in bare)),
        "name_is_topic": float(any(squeeze(topic) == bare for topic in topics)),
        "name_in_description": float(len(bare) > 3 and bare in squeeze(description)),
        "owner_in_description": float(len(owning) > 3 and owning in squeeze(description)),
        "owner_has_capitals": float(owner != owner.lower()),
        "owner_has_digit": float(any(character.isdigit() for character in owner)),
    }


def _description_features(
    description: str, topics: list[str], known: frozenset[str]
) -> dict[str, float]:
    if "description" not in known:
        return dict.fromkeys(("said_words", "said_nothing", "says_it_is", "says_much"), UNKNOWN)
    n_words = len(words(description))
    return {
        "said_words": math.log1p(n_words),
        "said_nothing": float(n_words == 0),
        "says_it_is": float(bool(_OPENING.search(description.strip().lower()))),
        "says_much": float(n_words > 25),
    }


def _number_features(row: TableRow, known: frozenset[str]) -> dict[str, float]:
    counts = ("stars", "forks", "open_issues", "size_kb")
    features = {f"log_{fact}": _log(row.get(fact)) for fact in counts}
    created, pushed = row.get("created_at"), row.get("pushed_at")
    alive = UNKNOWN
    if isinstance(created, datetime) and isinstance(pushed, datetime):
        alive = math.log1p(max(0.0, (pushed - created).total_seconds() / _DAY_S))
    n_topics = math.log1p(len(row.get("topics") or ())) if "topics" in known else UNKNOWN
    return {**features, "log_days_alive": alive, "log_topics": n_topics}


def _log(value: object) -> float:
    return math.log1p(value) if isinstance(value, int | float) and value >= 0 else UNKNOWN


def _class_features(row: TableRow, known: frozenset[str]) -> dict[str, float]:
    language, licence = row.get("language"), str(row.get("license_spdx") or "")
    features = {
        f"language_{group}": float(language in members) if "language" in known else UNKNOWN
        for group, members in _LANGUAGES.items()
    }
    has_licences = "license_spdx" in known
    features |= {
        "language_none": float(language is None) if "language" in known else UNKNOWN,
        "licence_none": float(not licence) if has_licences else UNKNOWN,
        "licence_apache": float(licence.startswith("Apache")) if has_licences else UNKNOWN,
        "licence_creative": float(licence.startswith("CC")) if has_licences else UNKNOWN,
    }
    for fact in ("archived", "is_template"):
        value = row.get(fact)
        features[fact] = UNKNOWN if value is None else float(value)
    return features


def _homepage_features(
    row: TableRow, owner: str, name: str, known: frozenset[str]
) -> dict[str, float]:
    names = ("homepage", "homepage_own", "homepage_article")
    if "homepage" not in known:
        return dict.fromkeys(names, UNKNOWN)
    page = str(row.get("homepage") or "").lower()
    host = squeeze(page)
    own = any(len(squeeze(word)) > 3 and squeeze(word) in host for word in (owner, name))
    values = (bool(page), bool(page) and own, bool(_ARTICLE.search(page)))
    return {key: float(value) for key, value in zip(names, values, strict=True)}
