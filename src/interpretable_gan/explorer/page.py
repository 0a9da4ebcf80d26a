"""The explorer's page: one HTML file that carries the model, or the same page for a server."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import torch

from interpretable_gan.atomic import write_text
from interpretable_gan.explorer.built import asset
from interpretable_gan.explorer.knowledge import Explained, page_data
from interpretable_gan.explorer.onnx_files import gan_of, graphs
from interpretable_gan.training.run import Run

PICTURES = 64
"""Pictures on which the cost of 16 bits is measured."""

POLICY = {
    "default-src": "'none'",
    "img-src": "data: blob:",
    "worker-src": "blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
}
"""What both pages may load; `policy` adds scripts and styles."""


WAITING = """<p>The page is loading. If this stays, the file is not complete: get it again.</p>
<p lang="zh-CN">页面正在加载。一直停留在此说明文件不完整。请重新获取。</p>"""
"""What stands on a page until its script, at the end of the file, begins."""


@dataclass(frozen=True)
class Exported:
    """A page that was written.

    parts: what its bytes are for, in bytes
    gap: how far a pixel is from the model's in float32 at most, in steps of 1/255
    """

    parts: dict[str, int]
    gap: float


def export_page(run: Run, path: Path) -> Exported:
    """Write one HTML file that opens from a disk, asks the network for nothing, and holds all of
    the model. Weights are stored in 16 bits.

    Raises:
        ConfigError: a model of another family.
        RunError: weights, log or card are missing or damaged.
    """
    model = run.model("cpu", taught=False)
    content = parts(model, half=True)
    data = _json(page_data(run, model, served=False))
    script, style = asset("page.js").decode(), asset("page.css").decode()
    allowed = policy(f"'{_hash(script)}'", f"'{_hash(style)}'", connect="'none'")
    text = {name: base64.b64encode(each).decode() for name, each in content.items()}
    blocks = "\n".join(
        f'<script type="text/plain" id="part-{name}">{each}</script>' for name, each in text.items()
    )
    html = _page(
        data,
        head=f'<meta http-equiv="Content-Security-Policy" content="{escape(allowed)}">\n'
        f"<style>{style}</style>",
        tail=f"{blocks}\n<script>{script}</script>",
    )
    write_text(path, html)
    sizes = {name: len(each) for name, each in text.items()}
    page = len(html.encode()) - sum(sizes.values())
    return Exported(sizes | {"page": page}, half_gap(model))


def served_page(data: dict[str, Any]) -> str:
    """The same page for `Explorer`, which has its parts beside it."""
    return _page(
        _json(data),
        head='<link rel="stylesheet" href="page.css">',
        tail='<script src="page.js"></script>',
    )


def parts(model: Explained, *, half: bool) -> dict[str, bytes]:
    """The large parts of a page: both graphs and the runtime packed by gzip, the scripts as they
    are."""
    packed = {name: gzip.compress(each, mtime=0) for name, each in graphs(model, half=half).items()}
    return packed | {
        "worker": asset("worker.js"),
        "runtime": asset("runtime.mjs"),
        "wasm": asset("runtime.wasm.gz"),
    }


def policy(script: str, style: str, *, connect: str) -> str:
    """The content security policy: nothing but what the page itself carries."""
    rules = POLICY | {
        "script-src": f"{script} blob: 'wasm-unsafe-eval'",
        "style-src": style,
        "connect-src": connect,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@torch.no_grad()
def half_gap(model: Explained) -> float:
    """What 16 bits cost: the largest gap of a pixel, in steps of 1/255, on `PICTURES` samples."""
    code, style = model.codes(PICTURES), model.styles(PICTURES)
    copied = model.to("cpu")
    for parameter in gan_of(copied).networks.average.parameters():
        parameter.copy_(parameter.half())
    return float((copied.draw(code, style) - model.draw(code, style)).abs().max()) * 255 / 2


def _page(data: str, *, head: str, tail: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Explorer</title>
{head}
</head>
<body>
<div id="app">{WAITING}<noscript>This page needs JavaScript.</noscript></div>
<script type="application/json" id="data">{data}</script>
{tail}
</body>
</html>
"""


def _json(data: dict[str, Any]) -> str:
    """JSON that cannot end the element which holds it."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
