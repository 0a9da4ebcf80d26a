"""In a second: the page opens from disk, draws, and its bars sum. `test_browser` has the rest."""

import re


def test_the_page_draws_and_explains(opened):
    page = opened()
    page.get_by_role("slider", name="smiling").fill("1")
    page.click("#tab-why")
    page.wait_for_selector(".bars .row")
    said = page.locator("#sum-check").inner_text()
    total, logit = (float(each.replace("−", "-")) for each in re.findall(r"[−+]\d+\.\d+", said))
    assert abs(total - logit) < 2e-4
