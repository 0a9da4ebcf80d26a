"""The page in a browser, from disk: no error, no request, no sideways scrolling."""

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_it_opens_without_an_error_or_a_request(browser, html, tmp_path, width):
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800})
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri(), wait_until="networkidle")
    assert not said
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    broken = "[...document.images].filter(image => !image.naturalWidth).map(image => image.alt)"
    assert page.evaluate(broken) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()
