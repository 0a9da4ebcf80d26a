"""``igan name`` gives a discovered attribute a name that can be said, and typed."""

import pytest

from interpretable_gan.training.run import Run


def test_a_name_is_given_used_and_not_replaced_unasked(run, igan):
    assert igan("name", run, "d01", "warm light").err == "d01 is now called 'warm light'.\n"
    refused = igan("name", run, "d01", "cold light")
    assert refused.code == 2
    assert "'warm light' already" in refused.err
    assert Run.open(run).schema["d01"].label == "warm light"
    assert igan("name", run, "d01", "", "--force").code == 0
    assert Run.open(run).schema["d01"].alias == ""


@pytest.mark.parametrize(
    ("name", "alias", "code", "says"),
    [
        ("d77", "light", 2, "no attribute 'd77'"),
        ("smiling", "grin", 1, "only discovered attributes"),
        ("d01", "warm\nlight", 1, "printable text on one line"),
        ("d01", "warm=light", 1, "without '='"),
    ],
)
def test_what_is_no_name_is_refused_in_one_line(run, igan, name, alias, code, says):
    done = igan("name", run, name, alias)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert done.err.count("\n") == 1
    assert Run.open(run).schema["d01"].alias == ""
