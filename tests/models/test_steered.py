"""A steered model is a model like any other, whose shifts do not depend on the image."""

import copy
from dataclasses import replace

import promises
import pytest
import torch
from safetensors.torch import save_file
from toys import ImageGAN

import linear
from interpretable_gan.errors import RunError, SchemaError, UnknownAttributeError
from interpretable_gan.models.base import Model, codes, sample
from interpretable_gan.models.steered import Shifts, Steered, load_shifts, save_shifts

SMILING, AGE = (linear.SCHEMA.slices[name].start for name in ("smiling", "age"))
COLUMNS = linear.SCHEMA.columns


@pytest.fixture
def shifts():
    chance = torch.Generator().manual_seed(3)
    on, off = torch.randn(2, linear.SCHEMA.named_columns, linear.Z, generator=chance)
    return Shifts(on, off, 0.5, 1.0, "ab12", ("smiling", "hair"))


@pytest.fixture
def steered(shifts):
    return Steered(linear.model(), shifts)


@pytest.fixture
def z(steered):
    """Codes as weak as labels make them, and styles."""
    return steered.codes(8), steered.styles(8)


def asked(code, value, column=SMILING):
    code = code.clone()
    code[:, column] = value
    return code


@pytest.mark.parametrize("how", ["draw", "render"])
@pytest.mark.parametrize(
    ("value", "share", "side"),
    [(1, 1, "on"), (0.75, 0.5, "on"), (0.5, 0, "on"), (-0.75, 0.5, "off"), (-1, 1, "off")],
)
def test_it_draws_what_the_inner_model_draws_at_z_and_the_shift(
    how, value, share, side, steered, shifts, z
):
    code, style = asked(z[0], value), z[1]
    shift = share * getattr(shifts, side)[SMILING]
    expected = getattr(steered.model, how)(code + shift[:COLUMNS], style + shift[COLUMNS:])
    torch.testing.assert_close(getattr(steered, how)(code, style), expected)


def test_the_shift_is_the_same_for_every_image_and_adds_over_attributes(steered, shifts, z):
    code, style = linear.SCHEMA.replace(z[0], {"smiling": 1, "hair": "blond"}), z[1]
    moved, restyled = steered.shifted(code, style)
    shift = torch.cat([moved - code, restyled - style], dim=1)
    hair = linear.SCHEMA.slices["hair"].start
    expected = shifts.on[SMILING] + shifts.off[hair] + shifts.on[hair + 1] + shifts.off[hair + 2]
    torch.testing.assert_close(shift, expected.expand(8, -1))


def test_codes_of_real_images_and_continuous_values_shift_nothing(steered, z):
    for code in (z[0], asked(z[0], 1, AGE), asked(z[0], -1, AGE)):
        assert torch.equal(steered.draw(code, z[1]), steered.model.draw(code, z[1]))


def test_nothing_shifts_where_labels_say_all(shifts):
    model = linear.model(typical=1.0)
    steered = Steered(model, replace(shifts, typical=1.0))
    code, style = asked(steered.codes(8), 1), steered.styles(8)
    assert torch.equal(steered.draw(code, style), model.draw(code, style))
    own = torch.eye(linear.Z)[:1]
    assert torch.equal(steered.z_moves(slice(0, 1)), torch.cat([own, -own]))


@pytest.mark.parametrize("name", ["smiling", "hair", "age", "d00"])
def test_footprints_include_the_shift(name, steered):
    """`z_moves` is what z does when a column goes from 0 to ±1 and nothing else is asked."""
    columns = linear.SCHEMA.slices[name]
    moves = []
    for value in (1, -1):
        for column in range(COLUMNS)[columns]:
            code = torch.zeros(1, COLUMNS)
            code[0, column] = value
            moves.append(torch.cat(steered.shifted(code, torch.zeros(1, linear.STYLE)), dim=1))
    torch.testing.assert_close(steered.z_moves(columns), torch.cat(moves))


def test_it_is_a_model_and_passes_on_what_else_the_inner_one_offers(steered):
    assert isinstance(steered, Model)
    assert steered.name == "toy, steered"
    images = sample(steered, 4, {"smiling": True})
    assert images.shape == (4, 1, 1, linear.Z)
    code, style = codes(steered, 4, {"smiling": True}), steered.styles(4)
    assert torch.equal(images, steered.draw(code, style))
    assert not torch.equal(images, steered.model.draw(code, style))
    assert torch.equal(steered.read(images), steered.model.read(images))
    assert torch.equal(steered.encode(images)[0], steered.model.encode(images)[0])
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'redraw'"):
        steered.redraw  # noqa: B018
    with pytest.raises(UnknownAttributeError):
        sample(steered, 1, {"smilling": True})


class Obeying(ImageGAN):
    """An image GAN that labels enter at half strength."""

    typical = 0.5

    def render(self, code, style):
        return self._draw(code, style)


@pytest.mark.parametrize("promise", promises.OF_MODELS, ids=lambda promise: promise.__name__)
def test_it_keeps_what_every_model_promises(promise, steered):
    promise(steered)


@pytest.mark.parametrize("promise", promises.OF_EXPLANATIONS, ids=lambda each: each.__name__)
def test_it_explains_itself_as_the_inner_model_does(promise):
    inner = Obeying()
    named, z = inner.schema.named_columns, inner.schema.columns + inner.style
    promise(Steered(inner, Shifts(*torch.ones(2, named, z), 0.5, 1.0, "ab12", ("smiling",))))


def test_gradients_pass_through_what_it_renders(steered, z):
    code = asked(z[0], 1).requires_grad_()
    steered.render(code, z[1]).sum().backward()
    assert code.grad[:, SMILING].abs().min() > 0


def test_it_can_be_copied(steered, z):
    assert torch.equal(copy.deepcopy(steered).draw(*z), steered.draw(*z))


def test_it_moves_to_another_device_whole(steered):
    moved = steered.to("meta")
    assert {moved.device.type, moved.shifts.on.device.type} == {"meta"}
    code, style = torch.zeros(2, COLUMNS), torch.zeros(2, linear.STYLE)  # on any device
    assert moved.draw(code, style).is_meta
    assert moved.z_moves(slice(0, 1)).is_meta


@pytest.mark.parametrize("widths", [(COLUMNS - 1, 6), (COLUMNS, 5)], ids=str)
def test_codes_and_styles_of_another_shape_are_refused(widths, steered):
    with pytest.raises(SchemaError, match=rf"give \(batch, {COLUMNS}\) and \(batch, 6\)"):
        steered.draw(*(torch.zeros(8, width) for width in widths))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"typical": 0.4}, id="another typical"),
        pytest.param({"on": torch.zeros(6, 9), "off": torch.zeros(6, 9)}, id="another z"),
    ],
)
def test_shifts_of_another_run_are_refused(change, shifts):
    with pytest.raises(RunError, match="belong to another run"):
        Steered(linear.model(), replace(shifts, **change))


def test_saved_shifts_come_back(shifts, tmp_path):
    save_shifts(tmp_path / "shifts.safetensors", shifts)
    back = load_shifts(tmp_path / "shifts.safetensors")
    assert torch.equal(back.on, shifts.on)
    assert torch.equal(back.off, shifts.off)
    assert (back.typical, back.budget, back.readers) == (0.5, 1.0, "ab12")
    assert back.steered == ("smiling", "hair")


def test_shifts_that_are_no_numbers_do_not_replace_good_ones(shifts, tmp_path):
    path = tmp_path / "shifts.safetensors"
    save_shifts(path, shifts)
    with pytest.raises(RunError, match="NaN or infinite"):
        save_shifts(path, replace(shifts, on=shifts.on / 0))
    assert torch.equal(load_shifts(path).on, shifts.on)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        pytest.param(lambda path, _: path.unlink(), "is not steered: igan steer", id="not there"),
        pytest.param(lambda path, _: path.write_bytes(b"x"), "cannot be read", id="no safetensors"),
        pytest.param(
            lambda path, s: save_file(s.tensors(), path, metadata=s.metadata() | {"format": "2"}),
            "format 2, but this version reads format 1",
            id="a later format",
        ),
        pytest.param(lambda path, s: save_file(s.tensors(), path), "format None", id="weights"),
        pytest.param(
            lambda path, s: save_file({"on": s.on}, path, metadata=s.metadata()),
            "damaged",
            id="half of it",
        ),
        pytest.param(
            lambda path, s: save_file(
                {"on": s.on * float("nan"), "off": s.off}, path, metadata=s.metadata()
            ),
            "NaN or infinite",
            id="not finite",
        ),
    ],
)
def test_damaged_files_are_refused_in_one_sentence(damage, told, shifts, tmp_path):
    path = tmp_path / "shifts.safetensors"
    save_shifts(path, shifts)
    damage(path, shifts)
    with pytest.raises(RunError, match=told) as refused:
        load_shifts(path)
    assert "\n" not in str(refused.value)
    assert str(tmp_path) in str(refused.value)
