"""Captions are never boxes: a font that has the letters, or another way to write them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from interpretable_gan.errors import InterpretableGANWarning
from interpretable_gan.modalities import lettering as module
from interpretable_gan.modalities.lettering import installed_fonts, lettering, missing
from interpretable_gan.modalities.pictures import Row, compose


@pytest.fixture
def fonts(monkeypatch):
    """Sets the fonts of the machine."""

    def these(*paths):
        monkeypatch.setattr(module, "installed_fonts", lambda: paths)

    lettering.cache_clear()
    module._tell.cache_clear()
    yield these
    lettering.cache_clear()
    module._tell.cache_clear()


@pytest.fixture
def dejavu():
    """A font with Cyrillic and without Chinese, which comes with matplotlib."""
    matplotlib = pytest.importorskip("matplotlib")
    return f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf"


def test_plain_names_are_written_in_the_usual_font(fonts):
    fonts()
    text, font = lettering("hair color = blond", 15)
    assert text == "hair color = blond"
    assert font.getname() == ImageFont.load_default(15).getname()


def test_a_font_that_has_the_letters_is_found(fonts, dejavu, tmp_path):
    (tmp_path / "damaged.ttf").write_bytes(b"no font")
    fonts(tmp_path / "damaged.ttf", dejavu)
    text, font = lettering("улыбка", 15)
    assert text == "улыбка"
    assert font.getname() == ("DejaVu Sans", "Book")


def test_without_such_a_font_names_are_escaped_and_that_is_said_once(fonts, dejavu):
    fonts(dejavu)
    with pytest.warns(InterpretableGANWarning, match="install a font of their script"):
        written, _ = lettering("微笑 b", 15)
    assert written == r"\u5fae\u7b11 b"
    assert lettering("年齢", 15)[0] == r"\u5e74\u9f62"  # where a second warning were an error


def test_letters_with_accents_lose_them_where_no_font_has_them(fonts):
    fonts()
    with pytest.warns(InterpretableGANWarning):
        assert lettering("Sourire é Ａ", 15)[0] == "Sourire e A"


def test_captions_and_labels_show_no_boxes(fonts):
    fonts()
    image = np.full((1, 16, 16, 3), 255, np.uint8)
    with pytest.warns(InterpretableGANWarning):
        found = compose([Row(image, "微", ["笑"])], scale=8)
    expected = compose([Row(image, r"\u5fae", [r"\u7b11"])], scale=8)
    assert np.array_equal(found, expected)


def test_shortened_labels_have_letters_that_the_font_has(fonts):
    fonts()

    def labelled(text):
        return np.asarray(compose([Row(np.full((1, 8, 8, 3), 255, np.uint8), labels=[text])]))

    shortened = [f"{'a very long label'[:length]}..." for length in range(1, 9)]
    assert not missing("...", ImageFont.load_default(12))
    assert any(np.array_equal(labelled("a very long label"), labelled(each)) for each in shortened)


def test_installed_fonts_begin_with_plain_ones(monkeypatch, tmp_path):
    for name in ("NotoSansCJK-Bold.ttc", "FreeMono.otf", "NotoSansCJK-Regular.ttc", "read.me"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setattr(module, "FOLDERS", {module.sys.platform: (str(tmp_path), "/nowhere")})
    installed_fonts.cache_clear()
    names = [path.name for path in installed_fonts()]
    installed_fonts.cache_clear()
    assert names == ["NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "FreeMono.otf"]
