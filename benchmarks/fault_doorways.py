"""Every way into the package, with valid inputs to begin from: what fault_doors.py mutates."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault_victims import TINY

PATIENCE = 30
"""Seconds that a client waits for an answer."""


@dataclass(frozen=True)
class Door:
    """A way in.

    Args:
        seeds: valid inputs.
        enter: hands one in; whatever it raises is looked at.
        share: of 100 inputs.
        structured: whether inputs are JSON or YAML, so that values may be exchanged.
    """

    seeds: list[bytes]
    enter: Callable[[bytes], object]
    share: int
    structured: bool = False


def prepare(folder: Path) -> int:
    """A run of the smallest networks on portraits."""
    from interpretable_gan.cli.data_write import write_image_folder
    from interpretable_gan.data import open_dataset, portraits
    from interpretable_gan.models.gan.config import GANConfig
    from interpretable_gan.training.loop import train

    write_image_folder(portraits.dataset(size=16, count=60, seed=0), folder / "faces")
    data = open_dataset(folder / "faces", size=16)
    train(data, GANConfig.of("tiny", **TINY | {"images": 16}), run=folder / "run")
    return 0


def _written(path: Path, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """Read bytes as a file of that name."""

    def enter(content: bytes) -> object:
        path.write_bytes(content)
        return read(path)

    return enter


def _images(folder: Path) -> Door:
    import numpy as np
    from PIL import Image

    from interpretable_gan.data.decoding import Framing, frame, open_picture

    pixels = np.random.default_rng(0).integers(0, 255, (24, 20, 3), np.uint8)
    seeds = []
    for form in ("png", "jpeg", "gif", "bmp", "tiff", "webp", "ppm", "tga", "ico", "jpeg2000"):
        kept = io.BytesIO()
        Image.fromarray(pixels).save(kept, form)
        seeds.append(kept.getvalue())
    framing = Framing(16)
    return Door(seeds, lambda raw: frame(open_picture(raw, framing).image, framing), 25)


def _tables(folder: Path) -> Door:
    from interpretable_gan.data.tables import open_table

    rows = ["age,income,town,risk"]
    rows += [
        f"{20 + n},{n * 1000.5},{'abc'[n % 3]},{'good' if n % 2 else 'bad'}" for n in range(30)
    ]
    text = "\n".join(rows) + "\n"
    semicolons = text.replace(".", ",,").replace(",,", "\0").replace(",", ";").replace("\0", ",")
    return Door(
        [text.encode(), semicolons.encode(), text.replace(",", "\t").encode("utf-8-sig")],
        _written(folder / "place" / "rows.csv", open_table),
        15,
    )


def _other_tables(folder: Path) -> Door:
    import pyarrow
    import pyarrow.parquet

    from interpretable_gan.schema.table import read_table

    columns = {"file": [f"{n}.png" for n in range(20)], "age": list(range(20))}
    kept = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), kept)
    pairs = list(zip(*columns.values(), strict=True))
    lines = "\n".join(json.dumps({"file": file, "age": age}) for file, age in pairs)
    text = "\n".join(["file,age", *(f"{file},{age}" for file, age in pairs)])
    names = {b"P": "rows.parquet", b"{": "rows.jsonl", b"\x1f": "rows.csv.gz"}

    def enter(content: bytes) -> object:
        path = folder / "place" / names.get(content[:1], "rows.parquet")
        path.write_bytes(content)
        return read_table(path)

    return Door([kept.getvalue(), lines.encode(), gzip.compress(text.encode())], enter, 10)


def _schemas(folder: Path) -> Door:
    from interpretable_gan.schema.schema import Schema

    path = folder / "place" / "schema.yaml"
    as_json = json.dumps(Schema.load(folder / "run" / "schema.yaml").to_dict()).encode()
    return Door(
        [(folder / "run" / "schema.yaml").read_bytes(), as_json],
        _written(path, Schema.load),
        12,
        structured=True,
    )


def _configs(folder: Path) -> Door:
    """config.json, source.json, log.jsonl and card.json of a run."""
    from interpretable_gan.audit.card import Card
    from interpretable_gan.training.run import Run
    from interpretable_gan.training.source import source_of

    run, card = folder / "place" / "run", Path(__file__).parents[1] / "docs/results/demo-card.json"
    shutil.copytree(folder / "run", run)
    opened = Run.open(run)
    first = (run / "log.jsonl").read_bytes()
    by_field = {"family": "config.json", "source": "source.json", "claims": "card.json"}
    seeds = [(run / name).read_bytes() for name in ("config.json", "source.json")]

    def enter(content: bytes) -> object:
        name = next((n for f, n in by_field.items() if f'"{f}"'.encode() in content), "log.jsonl")
        (run / name).write_bytes(content)
        if name == "config.json":
            return Run.open(run).model("cpu")
        if name == "source.json":
            return source_of(opened)
        return Card.load(run) if name == "card.json" else opened.notes()

    return Door([*seeds, card.read_bytes(), first], enter, 12, structured=True)


def _npz(folder: Path) -> Door:
    import numpy as np

    from interpretable_gan.data import open_dataset

    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (12, 16, 16, 3), np.uint8)
    seeds = []
    for save in (np.savez, np.savez_compressed):
        kept = io.BytesIO()
        save(kept, images=images, tall=np.arange(12) % 2, age=np.arange(12))
        seeds.append(kept.getvalue())
    path = folder / "place" / "data.npz"
    return Door(seeds, _written(path, lambda each: open_dataset(each, size=16).batch([0])), 6)


def _checkpoints(folder: Path) -> Door:
    """Weights and state without a checksum, as another program would write them."""
    from safetensors.torch import load_file, save

    from interpretable_gan.training.checkpoint import load_state, load_weights

    run = folder / "run"
    weights = save(dict(list(load_file(run / "weights.safetensors").items())[:6]))
    moment = {"moment": json.dumps({"step": 1, "seconds": 1.0, "world": 1, "data": {}})}
    state = save(dict(list(load_file(run / "state.safetensors").items())[:6]), moment)
    path = folder / "place" / "weights.safetensors"

    def read(each: Path) -> object:
        return load_state(each) if b"moment" in each.read_bytes() else load_weights(each)

    return Door([weights, state], _written(path, read), 10)


def _runs(folder: Path) -> Door:
    """Any file of a run that belongs to another, is none, or is changed on purpose."""
    from interpretable_gan.models.base import sample
    from interpretable_gan.training.run import Run

    run = folder / "place" / "run"
    shutil.copytree(folder / "run", run)
    names = ("config.json", "schema.yaml", "weights.safetensors", "log.jsonl")
    whole = {name: (run / name).read_bytes() for name in names}

    def enter(content: bytes) -> object:
        name = names[content[0] % len(names)]
        for each, kept in whole.items():
            (run / each).write_bytes(kept)
        (run / name).write_bytes(content[1:] if len(content) > 1 else b"")
        opened = Run.open(run)
        opened.unfinished()
        return sample(opened.model("cpu"), 1)

    return Door([bytes([n]) + whole[name] for n, name in enumerate(names)], enter, 5)


def _requests(folder: Path) -> Door:
    """HTTP requests to the server of igan explore, byte by byte."""
    import numpy as np

    from interpretable_gan.explorer.server import Explorer
    from interpretable_gan.training.run import Run

    broken: list[str] = []

    class Watched(Explorer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            broken.append(traceback.format_exc())

    run = Run.open(folder / "run")
    server = Watched(run, run.model("cpu"), token="t")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    head = f"HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: igan_token=t\r\n"
    code = np.zeros(run.schema.columns + run.config.style, np.float32).tobytes()
    name = json.dumps({"name": "d00", "alias": "glow"}).encode()
    seeds = [f"GET {path} {head}\r\n".encode() for path in ("/", "/page.js", "/?token=t")]
    seeds += [
        f"POST {path} {head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        for path, body in (("/draw", code), ("/name", name), ("/refine", b"no picture"))
    ]

    def enter(content: bytes) -> object:
        client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        with client, suppress(ConnectionError):
            client.sendall(content)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):
                pass
        if broken:
            raise RuntimeError(broken.pop())
        return None

    return Door(seeds, enter, 5)


DOORS: dict[str, Callable[[Path], Door]] = {
    "images": _images,
    "tables of rows": _tables,
    "Parquet, JSON lines, gzip": _other_tables,
    "schemas": _schemas,
    "config, source, card, log": _configs,
    "npz": _npz,
    "checkpoints without a checksum": _checkpoints,
    "run folders": _runs,
    "HTTP requests": _requests,
}
