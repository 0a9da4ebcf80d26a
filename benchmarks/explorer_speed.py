"""The explorer's page: how long after a slider moves its picture is painted.

python benchmarks/explorer_speed.py [--moves 100] [--out benchmarks/results/explorer_speed.json]

An untrained model of preset ``small`` at 64×64 with 40 named and 60 discovered attributes: speed
does not depend on what was learned. Milliseconds, in headless Chromium, served and from a file,
under Draw and under Why?, from the slider's event until the canvas holds the ``picture``, until the
next ``frame`` of the screen begins, and until the ``bars`` of the new decision are on the page.
``bare`` is the runtime alone, in the same page, on the same graphs: the one that draws, and both.
Needs Chromium and
python -m pip install -c constraints.txt -e '.[webtest]'
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import threading
from datetime import date
from pathlib import Path
from typing import Any

import torch
from playwright.sync_api import Page, sync_playwright

from interpretable_gan.explorer.page import export_page
from interpretable_gan.explorer.server import Explorer
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.gan.networks import build
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.run import Run, save_model
from machine import machine

NAMED, DISCOVERED, CODES = 40, 60, 512
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

MOVE = """async (moves) => {
  const slider = document.querySelector("input[type=range]");
  const why = document.querySelector("[aria-labelledby=tab-why]");
  const paint = CanvasRenderingContext2D.prototype.putImageData;
  const times = why ? { picture: [], frame: [], bars: [] } : { picture: [], frame: [] };
  for (let n = 0; n < moves; n++) {
    const begun = performance.now();
    const barred = why && new Promise((told) => {
      const seen = new MutationObserver(() => {
        seen.disconnect();
        requestAnimationFrame(() => told());
      });
      const sum = document.getElementById("sum-check");
      seen.observe(sum, { characterData: true, subtree: true, childList: true });
    });
    await new Promise((painted) => {
      CanvasRenderingContext2D.prototype.putImageData = function (...given) {
        paint.apply(this, given);
        if (this.canvas.id !== "picture" || times.picture.length > n) return;
        times.picture.push(performance.now() - begun);
        requestAnimationFrame(() => painted());
      };
      if (why) document.querySelector(".stage button:nth-child(2)").click();
      else {
        slider.value = String(((n * 37) % 200) / 100 - 1);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    times.frame.push(performance.now() - begun);
    if (why) {
      await barred;
      times.bars.push(performance.now() - begun);
    }
    await new Promise((rest) => setTimeout(rest, 60));
  }
  CanvasRenderingContext2D.prototype.putImageData = paint;
  return times;
}"""
"""Under Why? there is no slider on the page: there a new style is asked for."""

BARE = """async (moves) => {
  const bytes = (name) => {
    const text = atob(document.getElementById("part-" + name).textContent);
    return Uint8Array.from(text, (each) => each.charCodeAt(0));
  };
  const unpacked = (name) =>
    new Response(new Blob([bytes(name)]).stream().pipeThrough(new DecompressionStream("gzip")))
      .arrayBuffer();
  const source = new Blob([bytes("runtime")], { type: "text/javascript" });
  const ort = await import(URL.createObjectURL(source));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = await unpacked("wasm");
  const start = async (name) =>
    ort.InferenceSession.create(new Uint8Array(await unpacked(name)));
  const [draw, read] = [await start("draw"), await start("read")];
  const about = JSON.parse(document.getElementById("data").textContent).about;
  const zeros = (width) => new ort.Tensor("float32", new Float32Array(width), [1, width]);
  const [code, style] = [zeros(about.columns), zeros(about.style)];
  const times = { draw: [], both: [] };
  for (let n = 0; n < moves; n++) {
    const begun = performance.now();
    const { image } = await draw.run({ code, style });
    times.draw.push(performance.now() - begun);
    await read.run({ image, code });
    times.both.push(performance.now() - begun);
    await new Promise((rest) => setTimeout(rest, 60));
  }
  return times;
}"""
"""The runtime alone on the same graphs."""


def untrained(folder: Path) -> Run:
    """A run of the stated size."""
    torch.manual_seed(0)
    config = GANConfig.of("small", discovered=DISCOVERED)
    named = tuple(Attribute(name=f"a{n:02d}") for n in range(NAMED))
    schema = Schema(name="random", attributes=named).with_discovered(DISCOVERED)
    usual = torch.rand(CODES, schema.columns) * 2 - 1
    networks = build(schema, config, 3)
    model = InterpretableGAN(schema, config, networks, usual, torch.full((NAMED,), 0.5))
    return save_model(model, folder)


def summary(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile in ms, without the first tenth, when code is still compiled."""
    kept = sorted(times[len(times) // 10 :])
    return {
        "p50": round(statistics.median(kept), 1),
        "p95": round(kept[int(0.95 * (len(kept) - 1))], 1),
    }


def measured(page: Page, address: str, moves: int) -> dict[str, Any]:
    """Latency under Draw and under Why?, and the time from navigation to the first picture."""
    page.goto(address)
    page.wait_for_selector("#picture")
    first = page.evaluate("() => performance.now()")
    page.wait_for_selector("#picture[aria-busy=false]")
    found: dict[str, Any] = {"first picture": round(first)}
    found["Draw"] = {name: summary(times) for name, times in page.evaluate(MOVE, moves).items()}
    page.click("#tab-why")
    page.wait_for_selector(".bars .row")
    page.wait_for_selector("#picture[aria-busy=false]")
    found["Why?"] = {name: summary(times) for name, times in page.evaluate(MOVE, moves).items()}
    return found


def main() -> None:
    """Measure in both homes and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as driver:
        run = untrained(Path(temporary) / "run")
        model = run.model("cpu")
        networks = (model.networks.average, model.networks.discriminator)
        parameters = [sum(p.numel() for p in each.parameters()) for each in networks]
        exported = export_page(run, Path(temporary) / "page.html")
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(bypass_csp=True).new_page()
        found: dict[str, Any] = {
            "file": measured(page, (Path(temporary) / "page.html").as_uri(), arguments.moves)
        }
        bare = page.evaluate(BARE, arguments.moves)
        found["bare"] = {name: summary(times) for name, times in bare.items()}
        with Explorer(run, model) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            found["served"] = measured(page, server.address, arguments.moves)
            server.shutdown()
        report = {
            "date": date.today().isoformat(),
            "machine": machine(),
            "load when it began": round(os.getloadavg()[0], 1),
            "browser": browser.version,
            "parameters": {"generator": parameters[0], "discriminator": parameters[1]},
            "MB": {name: round(size / 1e6, 2) for name, size in exported.parts.items()},
            "ms": found,
        }
        browser.close()
    text = json.dumps(report, indent=1)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
