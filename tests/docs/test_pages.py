"""The pages keep their word: their code runs, their links lead somewhere, their sentences are
short, and their pictures show nobody."""

from __future__ import annotations

import re
import shlex

import pytest
from doc_pages import PAGES, ROOT, blocks, read

from interpretable_gan.cli.main import run

SMALLER = {
    "--n 300": "--n 60",
    "applicants.csv --n 6000": "applicants.csv --n 600",
    "risk=good --out runs/credit": "risk=good --out runs/credit --set refits=2 --set pairs=2 "
    "--set hidden=3 --set threads=1",
    "data library --out library": "data library --out library --readers 120 --books 60",
    "books.csv --out runs/library": "books.csv --out runs/library --set tastes=4 --set rounds=5",
    "--out runs/first --images 640": "--out runs/first --images 64 --no-check",
    "train_evaluator(data)": "train_evaluator(data, images=64, members=1)",
    "count=10_000": "count=60",
    "train_points=1000, test_points=500": "train_points=60, test_points=40, batch=8",
    "audit(model, data)": "audit(model, data, sizes=SMALL)",
    'open_dataset("portraits", size=32)': 'open_dataset("faces", size=32)',
    "images=10_000": "images=64, batch=16, generator_widths=(16, 16, 12, 8)",
}
"""What a page says → what the test runs in its place: the same on fewer images, without a card."""

LEAVES = {
    "docs/tutorial.md": ("smiling.png", "sweep-age.png"),
    "docs/recommend.md": (
        *("why.png", "lists.csv", "runs/library/card.json", "runs/library/report.html"),
    ),
    "docs/tables.md": (
        *("reasons.csv", "why.png", "young.csv", "older.csv"),
        *("runs/credit/card.json", "runs/credit/report.html"),
    ),
}
"""Page → files that its commands leave behind."""

GENERATED = {
    "blood_cells-why.png",
    "celeba64-edits.png",
    "celeba64-samples.png",
    "celeba64-why.png",
    "celeba32-edits.png",
    "celeba32-samples.png",
    "demo-strips.png",
    "demo.png",
    "demo-why.png",
} | {
    f"explorer-{view}.png"
    for view in ("compare", "draw", "grid", "knows", "phone", "photo", "place")
}
"""Pictures of generated and drawn faces, and of a blood cell under CC BY. CelebA's photographs must
not be passed on."""

LONGEST = 35
"""Words of a sentence."""


@pytest.fixture
def folder(page, request):
    """Where a page's code runs: in an empty folder, if it makes what it needs by commands."""
    commands = any(block.kind == "console" for block in blocks(page))
    given = not commands and any("faces" in smaller(block.text) for block in blocks(page))
    return request.getfixturevalue("workplace" if given else "empty")


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)])
def test_its_code_runs_in_order(page, folder, capsys):
    names = {"SMALL": small()}
    for block in blocks(page):
        if block.reason:
            continue
        if block.kind == "python":
            here = "\n" * (block.line - 1) + smaller(block.text)  # errors tell the page's line
            exec(compile(here, page, "exec"), names)
            for test in [name for name in names if name.startswith("test_")]:
                names.pop(test)()
            continue
        for line in smaller(block.text).splitlines():
            prompt, command, arguments = line.split(" ", 2)
            assert (prompt, command) == ("$", "igan"), f"{page}: {line}"
            assert run(shlex.split(arguments)) == 0, f"{line}\n{capsys.readouterr().err}"
    for name in LEAVES.get(page, ()):
        assert (folder / name).is_file()


def test_what_is_made_smaller_stands_on_a_page():
    text = "".join(block.text for page in PAGES for block in blocks(page))
    for whole in SMALLER:
        assert whole in text, f"no page says {whole} any more"


@pytest.mark.parametrize("page", PAGES)
def test_python_code_is_fenced_so_that_it_runs(page):
    text = re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^    (?:from \w+ import|import|model|data|evaluate)\b.*", text, re.M)
    assert not indented, f"{page}: fence this as python"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", read(page), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert ((ROOT / page).parent / link).exists(), f"{page}: {link}"


@pytest.mark.parametrize("page", PAGES)
def test_sentences_are_short(page):
    long = [said for said in sentences(read(page)) if len(said.split()) > LONGEST]
    assert not long, f"{page}: " + "\n".join(long)


def test_pictures_show_no_photographs():
    pictures = {path.name for path in (ROOT / "docs" / "results").glob("*.png")}
    assert pictures <= GENERATED, "if the new ones show nobody real, add them to GENERATED"


def small():
    """The smallest audit that still measures everything."""
    from interpretable_gan.audit.sizes import Sizes

    return Sizes(
        samples=30, edits=5, pictures=30, places=1, curves=4, codes=50, evaluator=64, resamples=50
    )


def smaller(text):
    """The code of a page on fewer images."""
    for whole, part in SMALLER.items():
        text = text.replace(whole, part)
    return text


def sentences(text):
    """The sentences of a page, those in the cells of its tables included."""
    text = re.sub(r"^```.*?^```$|<!--.*?-->|^    [^\n]*$", "\n", text, flags=re.M | re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)  # links without their targets
    text = re.sub(r"^\s*(?:[-*]|\d+\.) |^#.*$", "\n\n", text, flags=re.M)  # items, headings
    for paragraph in re.split(r"\n\s*\n|\||^-+$", text, flags=re.M):
        yield from re.split(r"(?<=[.!?])[*)]*\s+", " ".join(paragraph.split()))
