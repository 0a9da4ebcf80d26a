"""A model for others: what is written where, and what is refused."""

import pytest


def test_a_page_is_written_and_never_replaced_unasked(run, igan):
    done = igan("export", run)
    assert (done.code, done.out) == (0, f"{run / 'explorer.html'}\n")
    assert " MB (draw " in done.err
    assert "of 255 at most" in done.err
    written = (run / "explorer.html").read_bytes()
    assert written.startswith(b"<!DOCTYPE html>")
    refused = igan("export", run)
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert igan("export", run, "mine.html", "-q").out == "mine.html\n"


def test_onnx_files_are_written(run, igan, tmp_path):
    done = igan("export", run, "--to", "onnx", "-q")
    assert done.out == f"{run / 'onnx/draw.onnx'}\n{run / 'onnx/read.onnx'}\n"
    assert igan("export", run, "graphs").code == 0  # by the name of a folder
    assert (tmp_path / "graphs/read.onnx").stat().st_size > 10_000
    assert igan("export", run, "graphs").code == 2


@pytest.mark.parametrize("to", ["html", "onnx"])
def test_what_is_no_run_is_named_in_one_line(igan, to):
    done = igan("export", "nowhere", "--to", to)
    assert done.code == 1
    assert "is no run" in done.err
    assert done.err.count("\n") == 1
