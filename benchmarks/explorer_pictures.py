"""Screenshots of every view of the explorer, to be looked at.

python benchmarks/explorer_pictures.py RUN [--photo FILE] [--out runs/explorer-pictures] [--docs]

Desktop and phone, light and dark, and two in Chinese. ``--docs`` also makes those of
docs/explorer.md from them; it needs a photo. Needs Chromium and
python -m pip install -c constraints.txt -e '.[webtest]'
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from interpretable_gan.explorer.page import export_page
from interpretable_gan.training.run import Run

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
DOCS = Path(__file__).parents[1] / "docs" / "results"
DESKTOP = ("draw", "place", "grid", "compare", "photo", "knows")
PHONE = ("draw-phone-dark", "place-phone-dark", "draw-phone-light", "knows-phone-light")
SCALE, TALLEST, GAP = 0.75, 1820, 10
"""Of a documented picture: size against the screen, most rows, pixels between two."""

PANEL = 480
"""Where the panel begins on a desktop; the picture beside it is left out of the longest view."""

PLACE = (0.55, 0.5)
"""Where on the picture the pointer is under Why?, in shares of its sides."""


def views(page: Page, photo: Path | None) -> Iterator[str]:
    """Bring each view into a state worth a picture, and say its name."""
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Keep this picture as A").click()
    page.get_by_role("tab", name="Draw").click()
    page.get_by_role("switch").first.click()
    page.locator("button.icon[aria-expanded]").first.click()
    page.wait_for_timeout(1500)
    yield "draw"
    page.get_by_role("tab", name="Why?").click()
    page.wait_for_selector(".bars .row")
    page.wait_for_timeout(800)
    yield "why"
    frame = page.locator(".frame").first.bounding_box()
    assert frame is not None
    across, down = (
        frame[at] + share * frame[side]
        for share, at, side in zip(PLACE, ("x", "y"), ("width", "height"), strict=True)
    )
    page.mouse.move(across, down)
    page.wait_for_timeout(500)
    yield "place"
    page.get_by_role("tab", name="Grid").click()
    page.wait_for_selector(".grid .thumb:nth-child(24):not([disabled])")
    page.wait_for_timeout(500)
    yield "grid"
    page.get_by_role("tab", name="Compare").click()
    page.wait_for_selector(".changes")
    page.wait_for_timeout(500)
    yield "compare"
    page.get_by_role("tab", name="What does it know?").click()
    page.locator(".heat td button").nth(3).click()
    page.get_by_role("button", name="Measure on").click()
    page.wait_for_selector(".measured", timeout=120_000)
    yield "knows"
    page.get_by_role("tab", name="My picture").click()
    if photo is None:
        yield "photo"
        return
    page.set_input_files("#photo-file", photo)
    page.wait_for_timeout(1500)
    yield "align"
    page.get_by_role("button", name="Use this part").click()
    page.wait_for_selector(".readings")
    page.wait_for_timeout(500)
    yield "photo"


def documented(folder: Path) -> None:
    """Make the pictures of docs/explorer.md: smaller, and in 256 colours."""
    for view in DESKTOP:
        left = PANEL if view == "knows" else 0
        _save(_small(folder / f"{view}-desktop-light.png", left), f"explorer-{view}.png")
    phones = [_small(folder / f"{name}.png") for name in PHONE]
    width, height = phones[0].size
    height = min(height, SCREENS["phone"][1])
    beside = Image.new("RGB", (len(phones) * (width + GAP) - GAP, height), "white")
    for number, each in enumerate(phones):
        beside.paste(each.crop((0, 0, width, height)), (number * (width + GAP), 0))
    _save(beside, "explorer-phone.png")


def _small(path: Path, left: int = 0) -> Image.Image:
    with Image.open(path) as image:
        width, height = (round(SCALE * side) for side in image.size)
        small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    return small.crop((round(SCALE * left), 0, width, min(height, TALLEST)))


def _save(image: Image.Image, name: str) -> None:
    image.quantize(256, Image.Quantize.FASTOCTREE).save(DOCS / name, optimize=True)
    print(DOCS / name)


def main() -> None:
    """Write one PNG per view, screen and scheme."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/explorer-pictures"))
    parser.add_argument("--docs", action="store_true")
    arguments = parser.parse_args()
    if arguments.docs and arguments.photo is None:
        parser.error("--docs needs --photo FILE.")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as driver:
        file = Path(temporary) / "page.html"
        export_page(Run.open(arguments.run), file)
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for screen, (width, height) in SCREENS.items():
            for scheme in ("light", "dark"):
                viewport = {"width": width, "height": height}
                page = browser.new_page(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
                page.goto(file.as_uri())
                page.wait_for_selector("#picture")
                for view in views(page, arguments.photo):
                    path = arguments.out / f"{view}-{screen}-{scheme}.png"
                    page.screenshot(path=path, full_page=view == "knows")
                    print(path)
                page.close()
        page = browser.new_page(locale="zh-CN")
        page.goto(file.as_uri())
        page.wait_for_selector("#picture")
        page.click("#tab-why")
        page.wait_for_selector(".bars .row")
        page.wait_for_timeout(500)
        page.screenshot(path=arguments.out / "why-chinese.png")
        page.click("#tab-knows")
        page.screenshot(path=arguments.out / "knows-chinese.png", full_page=True)
        browser.close()
    if arguments.docs:
        documented(arguments.out)


if __name__ == "__main__":
    main()
