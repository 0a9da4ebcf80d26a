"""Talk where it helps, silence where it was asked for."""

import pytest
from interpretable_gan.training.status import Status

from interpretable_gan.cli import progress as told


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves."""
    times = {"now": 0.0}
    monkeypatch.setattr(told.time, "monotonic", lambda: times["now"])
    return times


def test_without_a_terminal_there_is_a_line_every_ten_seconds(clock, capsys):
    with told.progress("training") as report:
        for second in range(26):
            clock["now"] = second
            report(100 * second, 5000, "well")
    assert capsys.readouterr().err.splitlines() == [
        "training: 1,000 of 5,000 · 40 s left · well",
        "training: 2,000 of 5,000 · 30 s left · well",
    ]


def test_time_left_counts_from_where_a_resumed_run_began(clock, capsys):
    with told.progress("training") as report:
        report(4000, 5000)
        clock["now"] = 10
        report(4100, 5000)
    assert capsys.readouterr().err == "training: 4,100 of 5,000 · 1 min 30 s left\n"


def test_time_left_counts_from_where_each_of_several_equal_pieces_began(clock, capsys):
    with told.progress("directions") as report:
        for piece in range(3):
            for done in (10, 20, 100):
                clock["now"] += 10
                report(done, 100, f"reader {piece + 1} of 3")
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "20 of 100" in line] == [
        f"directions: 20 of 100 · 1 min 20 s left · reader {piece} of 3" for piece in (1, 2, 3)
    ]


def test_the_end_is_always_said(clock, capsys):
    with told.progress("reading faces") as report:
        report(7, 7)
    assert capsys.readouterr().err == "reading faces: 7 of 7\n"


def test_quiet_says_nothing(capsys):
    with told.progress("training", quiet=True) as report:
        report(1, 1)
    told.say("hello", quiet=True)
    assert capsys.readouterr() == ("", "")


def test_losses_are_told_in_words():
    status = Status(10, 20, 512.3, {"reading": 0.251, "paired_accuracy": 0.78, "level": 0.1})
    assert told.describe(status) == (
        "512 images/s · reading error 0.25 · real told from generated 78%"
    )
