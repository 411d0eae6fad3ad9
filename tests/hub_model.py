"""A cache of Hugging Face's hub with one tiny model in it, laid out as its own client does."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

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


@contextmanager
def serve_hub(files: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the model as the hub does; yield the address, and the paths that were asked for."""
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            asked.append(path)
            file = files / path.removeprefix(f"/{NAME}/resolve/{COMMIT}/")
            if path == f"/api/models/{NAME}/revision/{COMMIT}":
                self._answer(json.dumps({"id": NAME, "sha": COMMIT, "siblings": []}).encode())
            elif path == f"/api/models/{NAME}/tree/{COMMIT}":
                self._answer(json.dumps(_tree(files)).encode())
            elif f"/{NAME}/resolve/" in path and file.is_file():
                self._answer(file.read_bytes())
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", _fault(path))
                self.send_header("Content-Length", "0")
                self.end_headers()

        def do_HEAD(self) -> None:
            self.do_GET()

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _tree(files: Path) -> list[dict[str, object]]:
    found = [path for path in sorted(files.rglob("*")) if path.is_file()]
    return [
        {
            "type": "file",
            "path": path.relative_to(files).as_posix(),
            "size": path.stat().st_size,
            "oid": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in found
    ]


def _fault(path: str) -> str:
    return "RevisionNotFound" if f"/models/{NAME}/revision/" in path else "RepoNotFound"
