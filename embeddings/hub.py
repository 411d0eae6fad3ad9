"""Models by their names on Hugging Face's hub: out of its local cache, or fetched into it once.

Whatever is in the cache is used without asking the network. The rest of the package never asks it:
only a study that names such a model has it fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artifacts.errors import InputError
from artifacts.progress import Progress

MODULES = "modules.json"
WEIGHTS = "model.safetensors"
"""What a model of sentence-transformers has at least."""
WAIT_S = 10.0
"""Seconds for the hub's first answer; whoever is offline shall not wait through its retries."""
WANTED = ("*.json", "*.txt", "*.model", "*.safetensors")
"""Weights, settings and words: no pickles, which may run code, and no code."""
UNWANTED = ("onnx/*", "openvino/*")
"""The same model in forms that are not read."""


def is_hub_name(name: str) -> bool:
    """Tell whether a model could be called so on the hub: OWNER/NAME."""
    return re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name, re.ASCII) is not None


def cached_model(name: str, revision: str) -> Path | None:
    """Return where the local cache has a model at a commit; None where it is not, or not whole."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                name,
                revision=revision,
                local_files_only=True,
                allow_patterns=list(WANTED),
                ignore_patterns=list(UNWANTED),
            )
        )
    except LocalEntryNotFoundError:
        return None


def fetch_model(name: str, revision: str, progress: Progress) -> None:
    """Have a model at a commit in the local cache; the hub is asked only where it is not there.

    Raises
    ------
    InputError
        If it is no name on the hub, the hub has no such model or commit, or cannot be reached.
    """
    refuse_no_hub_name(name)
    cached = cached_model(name, revision)
    if cached is not None and all((cached / each).is_file() for each in (MODULES, WEIGHTS)):
        return
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.utils.logging import set_verbosity_error
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    set_verbosity_error()  # type: ignore[no-untyped-call]
    progress.say(f"fetching {name} from Hugging Face's hub")
    try:
        HfApi().model_info(name, revision=revision, timeout=WAIT_S)
        snapshot_download(
            name,
            revision=revision,
            allow_patterns=list(WANTED),
            ignore_patterns=list(UNWANTED),
        )
    except Exception as error:  # also what the client of the hub's client raises, which changes
        raise _not_fetched(name, revision, error) from error


def refuse_no_hub_name(name: str) -> None:
    """Raise `InputError` if no model on the hub can be called so."""
    if not is_hub_name(name):
        raise InputError(
            f"A revision is of a model on Hugging Face's hub, and '{name}' is no name on it.",
            where="[vectors] revision",
            fix="leave revision out, or name the model as the hub does: OWNER/NAME",
        )


def unpinned(name: str) -> InputError:
    """Return the error for a name on the hub without a commit: what it means changes."""
    return InputError(
        f"The model '{name}' is no folder here, and as a name on Hugging Face's hub it lacks a "
        "revision.",
        where="[vectors] model",
        fix='add revision = "COMMIT" under [vectors], the 40 hex digits of a commit that '
        f"https://huggingface.co/{name}/commits/main lists; or correct the path",
    )


def not_cached(name: str, revision: str) -> InputError:
    """Return the error for a model that the local cache has not, where none is fetched."""
    return InputError(
        f"The model {name} is not in the local cache of Hugging Face's hub.",
        where=f"revision {revision}",
        fix=f"`hf download {name} --revision {revision}`, or `opsatlas run` with a study that "
        "names it",
    )


def _not_fetched(name: str, revision: str, error: Exception) -> InputError:
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    where = f"https://huggingface.co/{name}, revision {revision}"
    if isinstance(error, RevisionNotFoundError):
        what, fix = f"The hub has no such commit of {name}.", "correct revision under [vectors]"
    elif isinstance(error, RepositoryNotFoundError):
        what = f"The hub has no model {name}, or none that is open to you."
        fix = "correct model under [vectors], or log in: `hf auth login`"
    else:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        what = (
            f"The model {name} is not in the local cache of Hugging Face's hub, and cannot be "
            f"fetched: {reason}"
        )
        fix = "try again with a network; a cache from another machine (HF_HOME) does as well"
    return InputError(what, where=where, fix=fix)


@contextmanager
def closed_hub() -> Iterator[None]:
    """Let nothing in the block ask the hub, whatever the libraries that load a model try."""
    from huggingface_hub import constants

    was = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = was
