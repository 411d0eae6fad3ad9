"""A cache of Hugging Face's hub with one tiny model in it, laid out as its own client does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from embeddings.models import find_model

NAME = "acme/tiny-encoder"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
N_DIMS = 32
WORDS = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


def write_cache(folder: Path) -> Path:
    """Write the cache into ``folder`` and return where the model's files are."""
    import torch
    from transformers import BertConfig, BertModel

    repository = folder / f"models--{NAME.replace('/', '--')}"
    files = repository / "snapshots" / COMMIT
    files.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    torch.manual_seed(0)
    small = BertConfig(
        hidden_size=N_DIMS, num_hidden_layers=1, num_attention_heads=2, intermediate_size=N_DIMS
    )
    BertModel(small).save_pretrained(files)
    real = find_model("all-MiniLM-L6-v2").folder
    for name in (*WORDS, "modules.json", "sentence_bert_config.json"):
        shutil.copy(real / name, files / name)
    pooling = json.loads((real / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
    pooling["word_embedding_dimension"] = N_DIMS
    (files / "1_Pooling").mkdir()
    (files / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")
    return files
