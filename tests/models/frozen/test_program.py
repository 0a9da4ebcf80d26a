"""Generators come in as files, and one that cannot be explained is refused in one sentence."""

import copy

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from halves import SIDE, WIDTH, Halves, onnx, scripted
from interpretable_gan.errors import DataError
from interpretable_gan.models.frozen.program import freeze, open_program


def drawn_by(program, z):
    with torch.no_grad():
        return program(z)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(lambda path: scripted(Halves(), path / "halves.pt"), id="TorchScript"),
        pytest.param(lambda path: freeze(Halves(), path / "halves.pt2", WIDTH), id="export"),
        pytest.param(lambda path: onnx(path / "halves.onnx"), id="ONNX"),
    ],
)
def test_a_file_draws_what_the_module_draws(written, tmp_path):
    program = open_program(written(tmp_path))
    assert (program.width, program.size, program.channels) == (WIDTH, SIDE, 3)
    for count in (1, 5):
        z = torch.randn(count, WIDTH)
        assert_close(drawn_by(program, z), Halves()(z).detach(), rtol=0, atol=1e-5)
    assert copy.deepcopy(program) is program  # however often a model is copied, one generator


def test_gradients_pass_where_the_file_says_so(tmp_path):
    program = open_program(freeze(Halves(), tmp_path / "halves.pt2", WIDTH))
    z = torch.randn(2, WIDTH, requires_grad=True)
    program(z).sum().backward()
    assert program.slopes
    assert z.grad[:, :2].abs().min() > 0


def test_a_level_is_asked_for_beside_z(tmp_path):
    program = open_program(
        freeze(Halves(levels=2), tmp_path / "red.pt2", WIDTH, levels=2), levels=2
    )
    z = torch.randn(4, WIDTH)
    with torch.no_grad():
        off, on = (program(z, torch.full((4,), each)) for each in (0, 1))
    assert_close(on - off, torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand_as(on))


def test_the_first_layer_is_known(tmp_path):
    program = open_program(scripted(Halves(), tmp_path / "halves.pt"))
    assert_close(program.first, Halves().enter.weight.detach())


class Wrapped(nn.Module):
    """`Halves` with something done to what it draws."""

    def __init__(self, change):
        super().__init__()
        self.inner, self.change = Halves(), change

    def forward(self, z):
        return self.change(self.inner(z))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: 3 * x, r"values from -\S+ to \S+: wrap it so that black is -1"),
        (lambda x: (x + 1) / 2, "black seems to be 0"),
        (lambda x: 0 * x - 0.5, "the same image whatever z is"),
        (lambda x: x / 0, "NaN or infinite"),
        (
            lambda x: 0.9 * x + torch.randn_like(x).clamp(-1, 1) * 0.02,
            "another image of the same z",
        ),
        (lambda x: x.clamp(-1, 1) - x.mean(dim=0) * 0.1, "another image of the same z"),
        (lambda x: x[:, :2], r"draws \(8, 2, 16, 16\).*images are"),
        (lambda x: x[:, :, :, :8], r"draws \(8, 3, 16, 8\)"),
        (lambda x: x[:, :, :12, :12], "side 12: wrap it to draw one of 16, 32"),
    ],
)
def test_what_cannot_be_explained_is_refused(change, said, tmp_path):
    with pytest.raises(DataError, match=said):
        open_program(scripted(Wrapped(change), tmp_path / "odd.pt"))


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    module = Halves()
    module.enter.weight.data[0, 0] = float("nan")
    with pytest.raises(
        DataError, match=r"weights that are NaN or infinite, first in enter\.weight"
    ):
        open_program(scripted(module, tmp_path / "nan.pt"))


def test_other_files_are_refused(tmp_path):
    torch.save(Halves(), pickled := tmp_path / "pickled.pt")
    with pytest.raises(DataError, match="a pickled module is never loaded"):
        open_program(pickled)
    (bare := tmp_path / "bare.pt2").write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"no file of torch\.export"):
        open_program(bare)
    with pytest.raises(DataError, match="is not there"):
        open_program(tmp_path / "none.pt")
    (text := tmp_path / "text.txt").write_text("z")
    with pytest.raises(DataError, match="is no generator: give TorchScript"):
        open_program(text)
    red = freeze(Halves(levels=2), tmp_path / "red.pt2", WIDTH, levels=2)
    with pytest.raises(DataError, match=r"takes 2 inputs, not 1.*--label"):
        open_program(red)


@pytest.mark.parametrize(
    ("shape", "said"),
    [({"batch": 4}, "4 images at a time: export it with a dynamic"), ({"width": "w"}, "not fixed")],
)
def test_onnx_files_whose_inputs_do_not_fit_are_refused(shape, said, tmp_path):
    with pytest.raises(DataError, match=said):
        open_program(onnx(tmp_path / "odd.onnx", **shape))
