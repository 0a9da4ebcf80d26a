"""Everything that a person can do with the page, in both of its homes, in a real browser."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.explorer.page import export_page

homes = pytest.mark.parametrize("home", ["file", "served"])
pytestmark = pytest.mark.slow

CLAIM = "Attributes appear when they are asked for."
VIEWS = ("draw", "why", "photo", "grid", "compare", "knows")


COPY = """() => {
  const shown = document.getElementById("picture");
  const copy = new OffscreenCanvas(shown.width, shown.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(shown, 0, 0);
  return [...context.getImageData(0, 0, copy.width, copy.height).data];
}"""


SETTLED = """() => new Promise((settled) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(settled, 30))))"""


def pixels(page):
    """The picture that is shown once all that was asked for is drawn."""
    page.evaluate(SETTLED)
    page.wait_for_selector("#picture[aria-busy=false]")
    return page.evaluate(COPY)


def number(text):
    return float(text.replace("−", "-").replace("+", ""))


def open_view(page, name):
    page.click(f"#tab-{name}")
    page.wait_for_selector(f"[aria-labelledby=tab-{name}]")


@homes
def test_the_picture_follows_sliders_switches_and_menus(opened, home):
    page = opened(home)
    before = pixels(page)
    slider = page.get_by_role("slider", name="smiling")
    slider.fill("1")
    smiling = pixels(page)
    assert smiling != before
    page.get_by_role("switch", name="smiling: in full").click()
    assert slider.input_value() == "-1"
    assert pixels(page) != smiling
    menu = page.get_by_role("combobox", name="hair color")
    menu.select_option("red")
    red = pixels(page)
    menu.select_option("black")
    assert pixels(page) != red
    slider.focus()
    page.keyboard.press("End")
    assert slider.input_value() == "1"


@homes
def test_undo_redo_shuffle_and_keep(opened, home):
    page = opened(home)
    first = pixels(page)
    page.get_by_role("button", name="New style").click()
    second = pixels(page)
    assert second != first
    page.get_by_role("button", name="Undo").click()
    assert pixels(page) == first
    page.get_by_role("button", name="Redo").click()
    assert pixels(page) == second
    page.get_by_role("slider", name="smiling").fill("0.37")
    page.get_by_role("button", name="Keep smiling in new samples").click()
    for _ in range(3):
        page.get_by_role("button", name="New sample", exact=True).click()
    assert page.get_by_role("slider", name="smiling").input_value() == "0.37"
    page.locator(".frame").first.focus()
    before = pixels(page)
    page.keyboard.press("n")
    assert pixels(page) != before


def test_attributes_can_be_found_and_looked_at(opened):
    page = opened()
    page.get_by_role("searchbox").fill("hat")
    assert page.locator(".control").count() == 1
    page.get_by_role("searchbox").fill("nonsense")
    page.get_by_text("No attribute is called that.").wait_for()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Show hat at five values").click()
    thumbs = page.locator(".strip .thumb")
    assert thumbs.count() == 5
    thumbs.last.click()
    assert page.get_by_role("slider", name="hat").input_value() == "1"
    page.get_by_role("button", name="What else does it change?").click()
    page.get_by_text("What hat does").wait_for()


@homes
def test_bars_sum_to_the_score_and_maps_lie_over_the_picture(opened, home):
    page = opened(home)
    open_view(page, "why")
    page.wait_for_selector(".bars .row")
    verdict = page.locator(".why .verdict").inner_text()
    said = r"finds this picture (more|less) real than \d+ % of 256 others"
    assert re.search(said, verdict)
    assert re.search(r"pulls it down", verdict)
    page.get_by_text(re.compile("Compare with the mean")).click()
    page.get_by_text("By itself it says nothing").wait_for()  # the headline is of this sum, too
    page.get_by_role("button", name=re.compile(r"^Show all \d+ attributes$")).click()
    bars = [number(text) for text in page.locator(".bars .value").all_inner_texts()]
    said = page.locator("#sum-check").inner_text()
    total, logit = (number(each) for each in re.findall(r"[−+]\d+\.\d+", said))
    assert total == pytest.approx(logit, abs=1.5e-4)
    assert sum(bars) == pytest.approx(logit, abs=0.005 * len(bars))
    cover = "() => document.querySelector('.cover').toDataURL()"
    whole = page.evaluate(cover)
    page.get_by_role("button", name=re.compile("^smiling asked: ")).hover()
    page.evaluate(SETTLED)
    assert page.evaluate(cover) != whole


def test_levels_of_evidence_are_told_apart_and_add_up(browser, published, tmp_path):
    export_page(published, tmp_path / "page.html")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri() + "#")
    open_view(page, "why")
    page.wait_for_selector(".levels .row")

    def levels():
        return [number(text) for text in page.locator(".levels .value").all_inner_texts()]

    bar = page.get_by_role("button", name=re.compile("^smiling asked: "))
    whole = levels()
    bar.focus()
    page.get_by_text("smiling, by level").wait_for()
    assert len(levels()) == 3
    assert sum(levels()) == pytest.approx(number(bar.locator(".value").inner_text()), abs=0.02)
    assert levels() != whole
    said = page.locator(".levels .name").all_inner_texts()
    assert ["by place" in each for each in said] == [True, False, False]
    page.get_by_role("button", name=re.compile("^young asked: ")).focus()  # claims no place
    page.get_by_text("young, by level").wait_for()
    assert "by place" not in page.locator(".levels").inner_text()
    page.close()


@homes
def test_a_place_says_what_it_adds_by_mouse_and_by_keyboard(opened, home):
    page = opened(home)
    open_view(page, "why")
    page.wait_for_selector(".bars .row")
    frame = page.locator(".frame").first
    box = frame.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.56, box["y"] + box["height"] * 0.31)
    page.get_by_text("Place 3, 5").wait_for()
    frame.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_text("Place 4, 5").wait_for()
    assert page.locator(".marks .patch").count() == 1
    page.keyboard.press("Escape")
    page.get_by_text("Point at a bar to see where it acts").wait_for()
    assert not page.get_by_text("Place 4, 5").is_visible()


@pytest.fixture
def photo(world, tmp_path):
    """A test image, four times as large."""
    image = Image.fromarray(np.asarray(world.data.images[world.data.rows("test")[0]]))
    path = tmp_path / "photo.png"
    image.resize((64, 64), Image.Resampling.NEAREST).save(path)
    return path


@homes
def test_a_picture_of_ones_own_is_read_moved_and_taken_home(opened, home, photo):
    page = opened(home)
    open_view(page, "photo")
    page.set_input_files("#photo-file", photo)
    page.get_by_role("slider", name="Turn").fill("90")
    page.get_by_role("slider", name="Turn").fill("0")
    page.get_by_role("button", name="Use this part").click()
    page.get_by_text("What the model reads in it").wait_for()
    assert page.locator(".readings dt").count() == 15
    shown = np.array(pixels(page)).reshape(16, 16, 4)[..., :3]
    with Image.open(photo) as image:
        mine = np.asarray(image.resize((16, 16), Image.Resampling.BOX))
    assert np.abs(shown - mine).mean() < 12  # the picture itself, whatever the model can draw
    if home == "served":
        page.get_by_role("button", name="Draw it more closely").click()
        page.get_by_role("button", name="Draw it more closely").wait_for()
    before = pixels(page)
    page.locator("#panel").get_by_role("button", name="Draw", exact=True).click()
    page.get_by_role("switch", name="hat: in full").click()
    assert pixels(page) != before
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture").click()
    with Image.open(caught.value.path()) as saved:
        assert saved.size == (512, 512)


def test_a_picture_unlike_the_data_is_said_to_be_so_on_every_view_of_it(opened, photo, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    page = opened("file")
    for path, unlike in ((photo, False), (tmp_path / "noise.png", True)):
        open_view(page, "photo")
        if page.get_by_role("button", name="Leave the photo").is_visible():
            page.get_by_role("button", name="Leave the photo").click()
        page.set_input_files("#photo-file", path)
        page.get_by_role("button", name="Use this part").click()
        page.get_by_text("What the model reads in it").wait_for()
        for view in ("draw", "why", "compare", "photo"):
            open_view(page, view)
            assert page.get_by_text("unlike the training images").is_visible() == unlike
        assert page.get_by_text("What the model reads in it").is_visible()  # still there


def test_a_picture_is_aligned_by_two_points(opened, photo):
    page = opened()
    open_view(page, "photo")
    page.set_input_files("#photo-file", photo)
    page.get_by_role("button", name="Align by two points").click()
    frames = page.locator(".align .frame")
    frames.first.click(position={"x": 100, "y": 100})
    frames.first.click(position={"x": 200, "y": 100})
    frames.nth(1).click(position={"x": 100, "y": 150})
    frames.nth(1).click(position={"x": 250, "y": 150})
    zoom = float(page.get_by_role("slider", name="Zoom").input_value())
    assert zoom == pytest.approx(1.5, abs=0.03)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.png", b"no picture at all", "notes.png is no picture"),
        (
            "bomb.png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (20_000).to_bytes(4, "big") * 2,
            "too large: 400 MP",
        ),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused_and_the_page_lives(opened, name, content, said):
    page = opened()
    open_view(page, "photo")
    page.set_input_files("#photo-file", {"name": name, "mimeType": "image/png", "buffer": content})
    page.get_by_text(said).wait_for()
    before = pixels(page)
    page.get_by_role("button", name="New sample", exact=True).click()
    assert pixels(page) != before


@homes
def test_a_sample_of_the_grid_is_gone_on_with(opened, home):
    page = opened(home)
    open_view(page, "grid")
    page.wait_for_selector(".grid .thumb:nth-child(24):not([disabled])")
    before = pixels(page)
    page.get_by_role("button", name="Sample 7", exact=True).click()
    chosen = pixels(page)
    assert chosen != before
    page.get_by_label("Vary everything not kept").check()
    page.wait_for_selector(".grid .thumb:nth-child(24):not([disabled])")
    assert pixels(page) == chosen


@homes
def test_what_was_asked_for_is_told_from_what_changed_besides(opened, home):
    page = opened(home)
    open_view(page, "compare")
    page.get_by_role("button", name="Keep this picture as A").click()
    open_view(page, "draw")
    page.get_by_role("switch", name="hat: in full").click()
    open_view(page, "compare")
    wanted = page.locator(".changes").first.locator("li")
    wanted.first.wait_for()
    assert wanted.count() == 1
    assert wanted.first.inner_text().startswith("hat ")
    after = pixels(page)
    page.get_by_role("button", name="Swap A and B").click()
    assert pixels(page) != after


def test_the_card_says_what_the_model_cannot_do(opened):
    page = opened("served")
    open_view(page, "knows")
    first = page.locator(".claims > li").first
    assert first.locator(".says").inner_text() == CLAIM
    assert first.locator(".headline").inner_text() == "mean success 40 % (wanted: at least 90 %)"
    figures = page.get_by_text("mean success 40 %, wanted at least 90 %")
    assert not figures.is_visible()  # folded
    first.locator("summary").click()
    figures.wait_for()
    assert page.locator(".heat .above").inner_text() == "20"
    rows = page.locator(".heat tbody th")
    page.locator(".heat thead button").first.click()  # what flips smiling most
    assert rows.first.inner_text() == "hat *"
    rows.first.get_by_role("button").click()
    page.get_by_text("What hat does").wait_for()


def test_a_number_of_the_matrix_says_what_it_is_a_share_of(opened):
    page = opened("served")
    open_view(page, "knows")
    page.get_by_text("Choose a number to read what it is a share of").wait_for()
    page.get_by_role("button", name="20 smiling → hat").click()
    said = page.locator(".pair-says")
    assert "20 % [20 %, 20 %] of 40 edits of smiling that worked also flipped hat" in (
        said.inner_text()
    )
    assert "That is more often than in the data" in said.inner_text()
    page.keyboard.press("ArrowDown")  # past the diagonal there is no number
    page.keyboard.press("ArrowLeft")
    assert "smiling → hat" in said.inner_text()
    page.get_by_text("* Only judge reads these reliably").wait_for()
    assert page.locator(".heat tbody th").all_inner_texts() == ["smiling", "hat *"]
    page.get_by_text("Not in the matrix, since judge does not read them reliably: beard").wait_for()


def test_of_two_readers_that_differ_the_page_says_whom_to_believe(opened):
    page = opened("served")
    open_view(page, "knows")
    page.get_by_text("Where that says otherwise, believe this matrix").wait_for()
    page.locator("#attribute-page select").select_option("smiling")
    page.get_by_text("saw it in 40 edits of smiling that worked").wait_for()  # before any measuring
    page.get_by_role("button", name="Measure on 64 samples").click()
    page.get_by_text("it saw 40 edits of smiling that worked").wait_for()
    first = page.locator(".flips tbody tr").first
    assert first.locator("th").inner_text() == "hat"
    assert first.locator("td").nth(1).inner_text() == "20 % [20 %, 20 %]"  # by the card's judge
    page.locator("#attribute-page select").select_option("beard")
    page.get_by_role("button", name="Measure on 64 samples").click()
    page.get_by_text("The card says nothing of what else beard changes").wait_for()


@homes
def test_an_attribute_is_measured_on_the_spot(opened, home):
    page = opened(home)
    open_view(page, "knows")
    page.locator("#attribute-page select").select_option("hat")
    page.get_by_role("button", name="Measure on 64 samples").click()
    page.get_by_text("Where it acts").wait_for()
    assert page.locator(".measured li").count() == 2
    assert page.locator(".flips tbody tr").count() == 8
    assert page.get_by_text("basis").count() == 0  # layers go by their side
    curve = page.locator(".curves figure").filter(has_text="Error of reading attributes")
    assert "lower is better" in curve.inner_text()
    curve.get_by_text("real images seen").wait_for()


@homes
def test_a_discovered_attribute_gets_a_name_after_a_test(opened, home, served):
    page = opened(home)
    open_view(page, "knows")
    page.get_by_role("button", name="Start the test").click()
    for n in range(10):
        page.get_by_text(f"Which has more of it? {n + 1} of 10").wait_for()
        page.get_by_role("button", name="The right one").click()
    page.get_by_text(re.compile(r"of 10 pairs right")).wait_for()
    page.get_by_label("Your name for it").fill("warm light")
    if home == "file":
        with page.expect_download() as caught:
            page.get_by_role("button", name="Save the name").click()
        saved = json.loads(caught.value.path().read_text())
        assert (saved["name"], saved["alias"], saved["test"]["trials"]) == ("d00", "warm light", 10)
    else:
        page.get_by_role("button", name="Save the name").click()
        page.get_by_text("Saved to the run").wait_for()
        assert served.run.open(served.run.path).schema["d00"].alias == "warm light"
    open_view(page, "draw")
    page.get_by_text("Discovered by training").click()
    page.get_by_role("slider", name="warm light").wait_for()


@homes
def test_a_link_brings_back_the_same_picture_and_view(opened, home):
    page = opened(home)
    page.get_by_role("slider", name="smiling").fill("0.5")
    open_view(page, "why")
    picture = pixels(page)
    page.wait_for_timeout(500)  # the fragment follows after a moment
    fragment = "#" + page.url.partition("#")[2]
    again = opened(home, fragment)
    again.wait_for_selector("[aria-labelledby=tab-why]")
    assert np.abs(np.subtract(pixels(again), picture)).max() <= 1


def test_a_link_keeps_picture_a(opened):
    page = opened()
    open_view(page, "compare")
    page.get_by_role("button", name="Keep this picture as A").click()
    page.get_by_role("button", name="New sample", exact=True).click()
    page.wait_for_timeout(600)  # the fragment follows after a moment
    again = opened("file", "#" + page.url.partition("#")[2])
    again.wait_for_selector("[aria-labelledby=tab-compare] .pair")
    again.evaluate(SETTLED)
    shown = "() => [...document.querySelectorAll('.pair canvas')].map((each) => each.toDataURL())"
    page.wait_for_function(f"({shown})().length === 3")
    assert len(set(again.evaluate(shown))) == 3  # A is not B
    assert again.url.partition("#")[2].count(".") == 5


@pytest.mark.parametrize("fragment", ["#nonsense", "#1.draw.AAAA.AAAA", "#2.draw", "#1.draw.%%.!"])
def test_a_damaged_link_is_told_and_a_fresh_picture_shown(opened, fragment):
    page = opened("file", fragment)
    page.get_by_text("This link is damaged").wait_for()
    assert any(pixels(page))


@homes
def test_an_explanation_is_saved_with_names_and_its_sum(opened, home):
    page = opened(home)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save explanation").click()
    told = json.loads(caught.value.path().read_text())
    total = told["bias"] + told["residual"] + sum(term["total"] for term in told["terms"])
    assert total == pytest.approx(told["logit"], abs=1e-4)
    assert {term["attribute"] for term in told["terms"]} >= {"smiling", "hair_color", "d00"}


def test_the_file_asks_for_nothing(opened, exported):
    page = opened("file")
    for view in VIEWS:
        open_view(page, view)
        page.wait_for_timeout(200)
    loaded = [url for url in opened.asked if not url.startswith(("data:", "blob:"))]
    assert loaded == [exported.as_uri()]


def test_a_truncated_file_says_so(browser, exported, tmp_path):
    whole = exported.read_text()
    cut = tmp_path / "cut.html"
    block = whole.index('id="part-read"') + 2000
    cut.write_text(whole[:block] + whole[whole.index("</script>", block) :])
    page = browser.new_page()
    page.goto(cut.as_uri())
    page.get_by_role("alert").filter(has_text="could not be started").wait_for()
    page.close()


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.999])
def test_a_file_that_was_cut_off_says_so(browser, exported, tmp_path, kept):
    whole = exported.read_bytes()
    cut = tmp_path / "cut.html"
    cut.write_bytes(whole[: int(kept * len(whole))])
    page = browser.new_page()
    page.goto(cut.as_uri())
    page.get_by_text("the file is not complete").wait_for()
    page.close()


def test_values_beyond_the_end_of_a_slider_are_cut(opened):
    page = opened()
    slider = page.get_by_role("slider", name="smiling")
    slider.fill("1")
    most = pixels(page)
    slider.evaluate("""slider => {
      slider.value = "1e30";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    }""")
    assert slider.input_value() == "1"
    assert pixels(page) == most


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_is_wider_than_the_screen(opened, width):
    page = opened("file", viewport={"width": width, "height": 800})
    for view in VIEWS:
        open_view(page, view)
        page.wait_for_timeout(100)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, view


def test_it_speaks_chinese(opened):
    page = opened("file", locale="zh-CN")
    assert page.get_by_role("tab").first.inner_text() == "绘制"
    assert page.evaluate("() => document.documentElement.lang") == "zh-CN"
    page.get_by_label("语言").select_option("en")
    assert page.get_by_role("tab").first.inner_text() == "Draw"


AXE = Path(__file__).parents[2] / "explorer" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious(browser, served, view, scheme):
    if not AXE.is_file():
        pytest.skip("not on this machine: axe-core (cd explorer && npm ci)")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # axe is no part of it
    page = context.new_page()
    page.goto(served.address)
    page.wait_for_selector("#picture")
    open_view(page, view)
    page.wait_for_timeout(500)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run()")["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    told = [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in serious]
    context.close()
    assert not told
