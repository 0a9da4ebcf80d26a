"""``igan train`` of images with a target, and what the commands then say of a reader."""

import json

import pytest

from interpretable_gan.cli.main import run


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with drawn portraits and a reader of them."""
    folder = tmp_path_factory.mktemp("reader")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("IGAN_CACHE", str(folder / "cache"))
        assert run(["data", "portraits", "--out", "faces", "--n", "120", "--size", "32"]) == 0
        settings = ["--set=size=32", "--set=passes=1", "--set=width=4", "--set=threads=1"]
        assert run(["train", "faces", "--target", "hat", "--out", "reader", *settings]) == 0
    return folder


@pytest.fixture
def inside(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setenv("IGAN_CACHE", str(place / "cache"))
    return next(iter(sorted((place / "faces" / "images").iterdir())))


def test_it_says_how_well_it_reads_and_what_the_target_rests_on(inside, capsys):
    assert run(["info", "reader"]) == 0
    told = capsys.readouterr().out
    assert "hat (target): accuracy" in told
    assert "hat rests most on" in told


def test_it_explains_a_target_as_a_sum(inside, capsys, tmp_path):
    picture = tmp_path / "why.png"
    assert run(["explain", "target", "reader", str(inside), "--out", str(picture), "-q"]) == 0
    assert "uncalibrated probability" in capsys.readouterr().out
    assert picture.stat().st_size > 0
    assert run(["explain", "target", "reader", "--data", "faces", "-q"]) == 0
    capsys.readouterr()
    assert run(["explain", "target", "reader", str(inside), "--json", "-q"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["calibrated"]
    assert found["sum_error"] < 1e-4


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["train", "faces", "--target", "hatt", "--set=size=32"], "Did you mean 'hat'?"),
        (["train", "faces", "--target", "hat", "--out", "reader"], "holds a run"),
        (["train", "faces", "--target", "hat", "--preset", "tiny"], "fitted at once"),
        (["train", "--target", "hat", "--resume", "reader"], "name the data too"),
        (["explain", "target", "reader", "--smooth"], "a reader has one target"),
        (["explain", "target", "reader", "--out", "why.png"], "name it"),
        (["sample", "reader"], "draws nothing"),
        (["audit", "reader"], "draws nothing"),
        (["report", "reader"], "draws nothing"),
        (["explore", "reader", "--no-browser"], "draws nothing"),
        (["export", "reader"], "draws nothing"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_what_cannot_be_done_is_one_sentence(inside, command, said, capsys):
    assert run(command) != 0
    told = capsys.readouterr().err
    assert said in " ".join(told.split())
    assert "Traceback" not in told
