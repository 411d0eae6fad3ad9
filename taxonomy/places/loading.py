"""The taxonomy's `model/`, opened with BERTopic, and given what BERTopic's own `load` cannot give.

BERTopic reads no representative documents, and knows an encoder by a path or by a name on a hub
alone. A path holds on one machine, and the bytes of a taxonomy would depend on it; a name makes
every `load` ask the network, for a minute or more where there is none. So the folder tells both in
a file and a column of its own, which `load_bertopic` reads.

This module is imported late, because BERTopic takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from pydantic import ValidationError
from safetensors import SafetensorError

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError, InputError
from artifacts.explaining import first_fault
from embeddings.encoder import Encoder, plan_encoder
from embeddings.settings import VectorSettings
from taxonomy.places.model import ENCODER, EXEMPLARS, FOLDER
from taxonomy.store import unreadable

FILES = ("config.json", "topics.json", "topic_embeddings.safetensors")
"""What BERTopic reads first; where one is missing it would look for the model on a hub, or fail."""
AGAIN = f"build the taxonomy again, or restore its {FOLDER}/ from a copy"


class EncoderBackend(BaseEmbedder):  # type: ignore[misc]
    """The encoder of a taxonomy's vectors, as BERTopic asks for it; loaded at the first text."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.embedding_model = encoder

    def embed(self, documents: Sequence[str], verbose: bool = False) -> Floats:
        """Return n_documents × n_dims vectors of unit length; never says how far it is."""
        return self.embedding_model.encode(list(documents))


def load_bertopic(folder: str | Path, *, encoder: Encoder | None = None) -> BERTopic:
    """Open a taxonomy's `model/` as a BERTopic model; nothing is asked of a network.

    Beside what BERTopic's own `load` gives, `find_topics`, `transform` and whatever else encodes
    texts use the encoder of the taxonomy's vectors, and `get_representative_docs` and
    `get_topic_info` give the exemplars of each topic.

    Parameters
    ----------
    folder
        The `model/` in a taxonomy's folder, or a copy of it.
    encoder
        That of the taxonomy's vectors, where they were not made by one of the package's own.

    Raises
    ------
    InputError
        If there is no model, or its encoder is not known, not there, or another one by now.
    ArtifactError
        If a file is damaged.
    """
    folder = Path(folder)
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise InputError(
            f"There is no model here; missing: {', '.join(missing)}.",
            where=str(folder),
            fix=f"give the {FOLDER}/ in a taxonomy's folder; without topics there is none",
        )
    backend = EncoderBackend(_recorded_encoder(folder) if encoder is None else encoder)
    with unreadable("The model", folder, fix=AGAIN):
        try:
            model = BERTopic.load(folder, embedding_model=backend)
        except SafetensorError as error:
            raise ValueError(error) from error
        exemplars = model.topic_aspects_.pop(EXEMPLARS, {})
        model.representative_docs_ = {
            topic: [text for text, _ in told] for topic, told in exemplars.items()
        }
    return model


def _recorded_encoder(folder: Path) -> Encoder:
    path = folder / ENCODER
    if not path.is_file():
        raise InputError(
            "The model does not say by which encoder its vectors are.",
            where=str(folder),
            fix="give encoder=…, or build the taxonomy again with this version of opsatlas",
        )
    try:
        return plan_encoder(VectorSettings.model_validate_json(path.read_bytes()))
    except ValidationError as error:
        what = f"The file cannot be read: {first_fault(error)}."
        raise ArtifactError(what, where=str(path), fix=AGAIN) from None
