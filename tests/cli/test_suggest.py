"""``igan suggest`` says which direction to look at first."""

from PIL import Image


def test_directions_are_told_in_order_with_a_picture(run, faces, igan):
    done = igan("suggest", run, faces, "--also", run, "--out", "directions.png")
    assert done.code == 0, done.err
    header, first, second, *_ = done.out.splitlines()
    assert "again" in header
    assert {first.split()[0], second.split()[0]} == {"d00", "d01"}
    assert float(first.split()[1]) >= float(second.split()[1])
    assert "Look at d0" in done.out
    with Image.open("directions.png") as sheet:
        assert sheet.width > 500
    alone = igan("suggest", run, faces, "--json")
    assert alone.json["candidates"][0]["again"] == []
    refused = igan("suggest", run, faces, "--out", "directions.png")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
