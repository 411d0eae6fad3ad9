"""Examples for the help of each command, by its words after `opsatlas`.

Each is one command line as a shell takes it, or several of one example, of 76 characters at most,
so that none is wrapped at 80 columns. A line that goes on ends in a backslash or a pipe.
"""

from __future__ import annotations

_OF_NODES: dict[str, tuple[str, ...]] = {
    "build": ("opsatlas GROUP build", "opsatlas GROUP build --categories 8"),
    "show": (
        "opsatlas GROUP show",
        "opsatlas GROUP show 3                    # one topic; c1: one category",
        "opsatlas GROUP show -1                   # what is in no topic",
        "opsatlas GROUP show --unguided           # without the codebook",
    ),
    "evaluate": ("opsatlas GROUP evaluate --gold lists.csv",),
    "names": (
        "opsatlas GROUP names",
        "opsatlas GROUP names 8                   # of one topic",
        "opsatlas GROUP names --endpoint http://localhost:11434/v1 --model qwen3",
    ),
    "rename": ('opsatlas GROUP rename 3 "Model serving" --because "what they do"',),
    "note": ('opsatlas GROUP note c1 "Two of these are no longer maintained."',),
    "hide": ('opsatlas GROUP hide 12 --because "a language, not a purpose"',),
    "unhide": ("opsatlas GROUP unhide 12",),
    "merge": ('opsatlas GROUP merge 2 6 --name "PyTorch" --because "one thing"',),
    "undo": ("opsatlas GROUP undo", "opsatlas GROUP undo 4"),
    "decisions": ("opsatlas GROUP decisions",),
    "audit": (
        "opsatlas GROUP audit                     # on a terminal: one by one",
        'opsatlas GROUP audit 3 --reject --because "two purposes"',
    ),
}
_OF_TOOLS: dict[str, tuple[str, ...]] = {
    "": ("opsatlas taxonomy build", "opsatlas taxonomy show"),
    "crosswalk": ("opsatlas taxonomy crosswalk mlops-tools",),
    "place": (
        "opsatlas taxonomy place new.csv --column description=about",
        'echo \'{"full_name": "a/b", "description": "serves models"}\' |\n'
        "  opsatlas taxonomy place -",
    ),
    "move": (
        "opsatlas taxonomy move bentoml/BentoML kserve/kserve --to 3",
        'opsatlas taxonomy move 3 8 --to new --name "Serving and monitoring"',
    ),
    "split": (
        "opsatlas taxonomy split 3 --into 2",
        'opsatlas taxonomy split 3 --documents bentoml/BentoML --name "Rest" \\\n'
        '  --name "Serving"',
    ),
}
_OF_THEMES: dict[str, tuple[str, ...]] = {
    "": ("opsatlas themes build", "opsatlas themes show"),
    "crosswalk": ("opsatlas themes crosswalk request-themes",),
    "place": ("opsatlas themes place issues.jsonl --column body=text",),
    "move": (
        'opsatlas themes move "mlflow/mlflow: #1013" --to 3',
        'opsatlas themes move 3 8 --to new --name "Registry and serving"',
    ),
    "split": ("opsatlas themes split 3 --into 2",),
}
_OF_LABELS: dict[str, tuple[str, ...]] = {
    "": (
        "opsatlas label sample kinds --codebook repository-kinds --size 60 \\\n"
        "  --coder ann --coder ben",
        "opsatlas label annotate kinds --coder ann",
        "opsatlas label agree kinds",
    ),
    "sample": (
        "opsatlas label sample kinds --codebook repository-kinds --plan",
        "opsatlas label sample kinds --codebook repository-kinds --size 60 \\\n"
        "  --stratify topic --coder ann --coder ben",
    ),
    "annotate": (
        "opsatlas label annotate kinds --coder ann",
        'echo \'{"item": "org/name", "variable": "kind", "codes": ["tool"]}\' |\n'
        "  opsatlas label annotate kinds --coder ann --stdin",
    ),
    "agree": ("opsatlas label agree kinds --codes --confusion",),
    "adjudicate": (
        "opsatlas label adjudicate kinds --by ann --by ben",
        'echo \'{"item": "name:org/name", "variable": "kind", "codes": ["tool"]}\' |\n'
        "  opsatlas label adjudicate kinds --by ann --by ben --stdin",
    ),
    "validate": ("opsatlas label validate kinds --crosswalk",),
    "saturation": ("opsatlas label saturation kinds --coder ann",),
    "import": ("opsatlas label import kinds export.json --coder ann@example.org=ann",),
    "export": (
        "opsatlas label export kinds kinds.csv",
        "opsatlas label export kinds kinds.qdpx --wave w1",
    ),
    "merge": ("opsatlas label merge kinds kinds-of-ben.sqlite",),
    "copy": ("opsatlas label copy kinds kinds-for-ben.sqlite",),
    "check": ("opsatlas label check kinds",),
    "list": ("opsatlas label list",),
    "show": ("opsatlas label show kinds",),
    "log": ("opsatlas label log kinds --coder ann > ann.jsonl",),
    "wave": ("opsatlas label wave list kinds",),
    "wave list": ("opsatlas label wave list kinds",),
    "wave close": ("opsatlas label wave close kinds w1",),
    "codebook": (
        "opsatlas label codebook show repository-kinds",
        "opsatlas label codebook check mine.toml",
    ),
    "codebook check": ("opsatlas label codebook check mine.toml",),
    "codebook show": (
        "opsatlas label codebook show mlops-tools",
        "opsatlas label codebook show kinds       # that of a set of labels",
    ),
    "codebook diff": ("opsatlas label codebook diff mlops-tools mine.toml",),
    "codebook history": ("opsatlas label codebook history kinds",),
    "codebook create": (
        'opsatlas label codebook create kinds "Feature store" --variable category \\\n'
        '  --definition "Keeps features for training and serving." \\\n'
        '  --because "nothing fits Feast"',
    ),
    "codebook rename": (
        'opsatlas label codebook rename kinds tool "Tool or library" \\\n'
        '  --because "libraries were left out"',
    ),
    "codebook merge": (
        "opsatlas label codebook merge kinds template example-project \\\n"
        '  --into learning --because "coders could not tell them apart"',
    ),
    "codebook split": (
        "opsatlas label codebook split kinds learning --into list --into template \\\n"
        '  --because "too wide"',
    ),
    "codebook retire": (
        'opsatlas label codebook retire kinds template --because "nobody used it"',
    ),
    "codebook update": (
        'opsatlas label codebook update kinds mine.toml --because "after the pilot"',
    ),
    "codebook save": ("opsatlas label codebook save interviews.qdpx interviews.toml",),
}
_OF_USAGE: dict[str, tuple[str, ...]] = {
    "": (
        "opsatlas usage scan --code clones        # owner/name below it",
        "opsatlas usage show mlflow",
    ),
    "find": ("opsatlas usage find --plan", "opsatlas usage find"),
    "fetch": (
        "opsatlas usage fetch --plan",
        "opsatlas usage fetch --plan --projects 50000",
        "opsatlas usage fetch",
    ),
    "scan": (
        "opsatlas usage scan",
        "opsatlas usage scan --code clones        # owner/name below it",
    ),
    "surface": (
        "opsatlas usage surface mlflow-3.4.0-py3-none-any.whl > mlflow.toml",
        "opsatlas usage surface mlflow==3.4.0     # as it is installed here",
    ),
    "show": (
        "opsatlas usage show                      # all frameworks",
        "opsatlas usage show mlflow",
        "opsatlas usage show mlflow --feature model-registry --channel api",
    ),
    "together": ("opsatlas usage together",),
    "gap": ("opsatlas usage gap", "opsatlas usage gap --json > gap.json"),
    "evaluate": (
        "opsatlas usage evaluate --truth uses.csv",
        "opsatlas usage evaluate --truth uses.csv --map features.csv",
    ),
}
_OF_INSIGHTS: dict[str, tuple[str, ...]] = {
    "": ("opsatlas insights build", "opsatlas insights show"),
    "build": ("opsatlas insights build",),
    "show": (
        "opsatlas insights show",
        "opsatlas insights show --stage growing",
        "opsatlas insights show -s 2026-08-23.curated --json",
    ),
    "growth": ("opsatlas insights growth -s 2023-01-18.topics",),
    "survival": ("opsatlas insights survival --json > survival.json",),
    "shares": ("opsatlas insights shares",),
    "together": ("opsatlas insights together",),
    "stack": ("opsatlas insights stack --have dvc,mlflow",),
}
_OF_ALL: dict[str, tuple[str, ...]] = {
    "": (
        "opsatlas run mlops                       # the atlas of MLOps, shipped",
        "opsatlas taxonomy show -w atlas-mlops",
    ),
    "init": (
        "opsatlas init serving --topic model-serving",
        "opsatlas init tools/study.toml --from tools.csv",
    ),
    "status": ("opsatlas status", "opsatlas status -w atlas-mlops --json"),
    "run": ("opsatlas run mlops -w atlas-mlops", "opsatlas run study.toml"),
    "mine": (
        "opsatlas mine study.toml --check",
        "opsatlas mine --plan",
        "opsatlas mine --since 2026-11-24.topics",
    ),
    "tool": (
        "opsatlas tool feast-dev/feast",
        "opsatlas tool evidently --svg life.svg",
    ),
    "export": (
        "opsatlas export",
        "opsatlas export map icicle --format pdf --width 6.9 --out paper/figures",
    ),
    "compare": (
        "opsatlas compare 2023-01-18.curated 2026-08-23.curated",
        "opsatlas compare --of themes --layer categories --format csv",
    ),
    "search": (
        'opsatlas search "serve llm" -w atlas-mlops',
        'opsatlas search "alternatives to mlflow" -n 5',
    ),
    "bundle verify": ("opsatlas bundle verify mlops-2026-12-01.crate.zip",),
    "replay": (
        "opsatlas replay mlops-2026-12-01.crate.zip",
        "opsatlas replay mlops-2026-12-01.crate.zip -w replayed --json",
    ),
    "doctor": ("opsatlas doctor", "opsatlas doctor --network -w atlas-mlops"),
    "codebook": ("opsatlas codebook from-list awesome.md --out mine.toml",),
    "codebook from-list": (
        "opsatlas codebook from-list awesome.md --out mine.toml",
        "opsatlas codebook from-list awesome.md --depth 1 --licence CC0-1.0 \\\n"
        "  --source https://github.com/acme/awesome",
    ),
    "codebook fit": (
        "opsatlas codebook fit mlops-tools-fine",
        "opsatlas codebook fit mine.toml --of themes",
    ),
    "import": ("opsatlas import repositories tools.csv -s 2026-11-21.tools --seal",),
    "import github-search": ("opsatlas import github-search pages/*.json.gz -s 2026-11-21.topics",),
    "import repositories": (
        "opsatlas import repositories tools.csv -s 2026-11-21.tools \\\n"
        "  --column full_name=repo --column description=about",
        "opsatlas import repositories awesome.md -s 2026-11-21.list --gold-out g.csv",
    ),
    "import issues": (
        "opsatlas import issues issues.jsonl -s 2026-11-21.issues \\\n"
        "  --column body=summary --constant full_name=mlflow/mlflow",
    ),
    "import readmes": ("opsatlas import readmes readmes/ -s 2026-11-21.tools --seal",),
    "import git": (
        "opsatlas import git clones/ -s 2026-11-21.tools",
        "opsatlas import git mlflow/ -s 2026-11-21.tools --observed-at 2026-11-20",
    ),
    "import histories": ("opsatlas import histories observed.csv -s 2026-11-21.tools",),
    "bundle": (
        "opsatlas bundle -w atlas-mlops",
        "opsatlas bundle --private -o for-ben.crate.zip",
    ),
    "snapshot": ("opsatlas snapshot list",),
    "snapshot list": ("opsatlas snapshot list -w atlas-mlops",),
    "snapshot show": ("opsatlas snapshot show 2026-08-23.curated",),
    "snapshot extend": ("opsatlas snapshot extend 2026-11-21.topics --into 2026-11-29.readmes",),
    "snapshot seal": ("opsatlas snapshot seal 2026-11-21.tools",),
    "snapshot verify": ("opsatlas snapshot verify 2026-08-23.curated",),
    "kinds": ("opsatlas kinds build", "opsatlas kinds list learning"),
    "kinds build": ("opsatlas kinds build --snapshot 2023-01-18.topics",),
    "kinds show": ("opsatlas kinds show --snapshot 2023-01-18.topics",),
    "kinds list": ("opsatlas kinds list tool --json",),
    "kinds issues": ("opsatlas kinds issues", "opsatlas kinds issues feature"),
    "kinds evaluate": ("opsatlas kinds evaluate --gold ann.csv --gold ben.csv --column kind",),
}


def _below(group: str, examples: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        f"{group} {name}".strip(): tuple(each.replace("GROUP", group) for each in every)
        for name, every in examples.items()
    }


EXAMPLES: dict[str, tuple[str, ...]] = {
    **_OF_ALL,
    **_below("taxonomy", _OF_NODES | _OF_TOOLS),
    **_below("themes", _OF_NODES | _OF_THEMES),
    **_below("label", _OF_LABELS),
    **_below("usage", _OF_USAGE),
    **_below("insights", _OF_INSIGHTS),
}
"""By a command's words after `opsatlas`; "": of the whole."""
