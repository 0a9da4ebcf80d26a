"""Talk where it helps, silence where it was asked for."""

import io

import pytest

from interpretable_gan.cli import progress as told
from interpretable_gan.progress import Status


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves."""
    times = {"now": 0.0}
    monkeypatch.setattr(told.time, "monotonic", lambda: times["now"])
    return times


def test_without_a_terminal_there_is_a_line_soon_and_then_every_ten_seconds(clock, capsys):
    with told.progress("training") as show:
        for second in range(26):
            clock["now"] = second
            show(Status(100 * second, 5000))
    assert capsys.readouterr().err.splitlines() == [
        "training: 0 of 5,000",
        "training: 200 of 5,000 · 48 s left",
        "training: 1,200 of 5,000 · 38 s left",
        "training: 2,200 of 5,000 · 28 s left",
    ]


def test_every_stage_is_said_when_it_begins(clock, capsys):
    with told.progress("auditing") as show:
        show(Status(0, 2, "measuring 'valid'"))
        show(Status(0, 300, "drawing samples"))
        show(Status(300, 300, "drawing samples"))
        clock["now"] = 8
        show(Status(1, 2, "measuring 'steerable'"))
    assert capsys.readouterr().err.splitlines() == [
        "auditing, measuring 'valid': 0 of 2",
        "auditing, drawing samples: 0 of 300",
        "auditing, drawing samples: 300 of 300",
        "auditing, measuring 'steerable': 1 of 2 · 8 s left",  # since its own beginning
    ]


def test_time_left_counts_from_where_a_resumed_run_began(clock, capsys):
    with told.progress("training") as show:
        show(Status(4000, 5000))
        clock["now"] = 10
        show(Status(4100, 5000))
    assert capsys.readouterr().err.endswith("training: 4,100 of 5,000 · 1 min 30 s left\n")


def test_time_left_counts_from_where_each_of_several_equal_pieces_began(clock, capsys):
    with told.progress("auditing") as show:
        for piece in range(3):
            for done in (10, 20, 100):
                clock["now"] += 10
                show(Status(done, 100, f"evaluator {piece + 1}"))
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "20 of 100" in line] == [
        f"auditing, evaluator {piece}: 20 of 100 · 1 min 20 s left" for piece in (1, 2, 3)
    ]


def test_what_has_not_changed_is_not_said_again(clock, capsys):
    with told.progress("editing") as show:
        for second in range(30):
            clock["now"] = second
            show(Status(0, 1, "refining images"))
        show(Status(1, 1, "refining images"))
    assert capsys.readouterr().err.splitlines() == [
        "editing, refining images: 0 of 1",
        "editing, refining images: 1 of 1",
    ]


def test_the_end_is_always_said(clock, capsys):
    with told.progress("reading faces") as show:
        show(Status(7, 7))
    assert capsys.readouterr().err == "reading faces: 7 of 7\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_there_is_a_bar_for_the_stage_under_way(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("COLUMNS", "100")
    with told.progress("auditing") as show:
        for done in (0, 128, 256):
            show(Status(0, 14, "measuring 'valid'"))
            show(Status(done, 300, "drawing samples"))
    last = [line for line in screen.getvalue().splitlines() if "auditing" in line][-1]
    assert "auditing, drawing samples" in last
    assert "256/300" in last
    assert "measuring" not in last


def test_quiet_says_nothing(capsys):
    with told.progress("training", quiet=True) as show:
        show(Status(1, 1))
    told.say("hello", quiet=True)
    assert capsys.readouterr() == ("", "")


def test_losses_are_told_in_words():
    losses = {"images_per_second": 512.3, "reading": 0.251, "paired_accuracy": 0.78, "level": 0.1}
    assert told.describe(Status(10, 20, losses=losses)) == (
        "512 images/s · reading error 0.25 · real told from generated 78%"
    )
